"""Which records an export holds, and the walk over them: in the order of the chain, a short read at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, exists, select

from service.traces.database import StoreError
from service.traces.schema import trace_header, trace_rule
from service.traces.store import TraceStore
from service.traces.stored import StoredHeader, stored_header, stored_traces

AT_ONCE = 50
"""Records of one read: with their bodies some megabytes."""
WINDOW = 5_000
"""Numbers one read looks at, so that it is short however few of them are wanted."""


@dataclass(frozen=True, kw_only=True)
class Selection:
    """Every condition given must hold; without any all records are meant, events among them.

    ``since`` (included) and ``until`` (excluded) are compared with ``decided_at`` and written like
    it, or like its first part. ``rule`` finds the decisions in which it fired, as long as they are
    not erased. Without ``bodies`` the clinical part stays where it is.
    """

    since: str = ""
    until: str = ""
    patient_key: str = ""
    rule: str = ""
    rulebook: str = ""
    bodies: bool = True

    @property
    def told(self) -> dict[str, object]:
        """The selection as the manifest and the event tell it; it names nobody."""
        return {name: value for name, value in vars(self).items() if value != ""}

    @property
    def conditions(self) -> Sequence[ColumnElement[bool]]:
        columns = trace_header.c
        # As expressions, which no index answers: a read is bounded by numbers already, and sorts nothing.
        conditions = [columns.decided_at.concat("") >= self.since] if self.since else []
        conditions += [columns.decided_at.concat("") < self.until] if self.until else []
        conditions += [columns.patient_key.concat("") == self.patient_key] if self.patient_key else []
        conditions += [columns.rulebook.concat("") == self.rulebook] if self.rulebook else []
        if self.rule:
            fired = (trace_rule.c.rule_id == self.rule) & (trace_rule.c.outcome == "fired")
            conditions.append(exists().where(trace_rule.c.seq == columns.seq, fired))
        return conditions


def selected(store: TraceStore, selection: Selection, size: int) -> Iterator[StoredHeader]:
    """The records that are meant among the first ``size``: with their bodies as StoredTrace, else headers alone."""
    after = 0
    while after < size:
        end = min(after + WINDOW, size)
        conditions = (trace_header.c.seq <= end, *selection.conditions)
        found: Sequence[StoredHeader]
        with store.reading() as connection:
            if selection.bodies:
                found = stored_traces(connection, *conditions, after=after, limit=AT_ONCE)
            else:
                query = select(trace_header).where(trace_header.c.seq > after, *conditions)
                rows = connection.execute(query.order_by(trace_header.c.seq).limit(AT_ONCE)).all()
                found = tuple(stored_header(row) for row in rows)
        yield from found
        after = found[-1].seq if len(found) == AT_ONCE else end


def leaves(store: TraceStore, size: int) -> Iterator[bytes]:
    """The leaf hashes of the first ``size`` records. Raises StoreError when one is missing."""
    after = 0
    while after < size:
        end = min(after + WINDOW, size)
        seq = trace_header.c.seq
        query = select(trace_header.c.leaf_hash).where(seq > after, seq <= end).order_by(seq)
        with store.reading() as connection:
            found = connection.execute(query).scalars().all()
        if len(found) != end - after:
            raise StoreError("Records are missing from the chain; nothing is exported. See `osteon traces verify`.")
        for leaf in found:
            yield bytes.fromhex(leaf)
        after = end
