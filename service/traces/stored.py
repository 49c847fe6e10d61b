"""Headers and traces as they lie in the store, and how rows become them."""

from __future__ import annotations

import zlib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Table, select

from service.canonical import loads
from service.traces.database import StoreError
from service.traces.entry import COLUMNS, SideRows
from service.traces.schema import trace_body, trace_card, trace_feedback, trace_header, trace_resource, trace_rule


@dataclass(frozen=True, kw_only=True)
class StoredHeader:
    """A header as it lies in the store; ``columns`` are the values it is searched by."""

    seq: int
    id: str
    header_text: str
    leaf_hash: str
    columns: Mapping[str, object]

    @cached_property
    def header(self) -> dict[str, object]:
        """The header's fields, with seq, prev_hash and the commitments."""
        return _object(self.header_text.encode())

    @property
    def kind(self) -> str:
        return str(self.columns["kind"])

    @property
    def says(self) -> dict[str, Any]:
        """What an event tells; a decision tells nothing."""
        says = self.header.get("says")
        return says if isinstance(says, dict) else {}

    @property
    def has_body(self) -> bool:
        """Whether a body was kept with it, erased or not."""
        return "body_commitment" in self.header


@dataclass(frozen=True, kw_only=True)
class StoredTrace(StoredHeader):
    """A decision or event as it lies in the store; an erased one has neither salt nor body nor rows."""

    salt: bytes | None
    packed: bytes | None
    side: SideRows

    @property
    def rules(self) -> tuple[tuple[str, str], ...]:
        """Rules and outcomes, each pair once, in order."""
        return tuple((rule, outcome) for rule, outcome in self.side.rules)

    @property
    def is_erased(self) -> bool:
        return self.packed is None and self.has_body

    @cached_property
    def body_bytes(self) -> bytes | None:
        """The canonical JSON that was kept, byte for byte; None when there is none or it is damaged."""
        try:
            return None if self.packed is None else zlib.decompress(self.packed)
        except (zlib.error, TypeError):  # SQLite lets a text stand in the place of bytes
            return None

    @property
    def body(self) -> dict[str, object] | None:
        """The body, None when there is none; raises StoreError when it is damaged."""
        if self.packed is None:
            return None
        if self.body_bytes is None:
            raise StoreError(f"The body of trace {self.id} is damaged.")
        return _object(self.body_bytes)


@dataclass(frozen=True, kw_only=True)
class Page:
    """Headers, newest first; ``next_after`` asks for the page that follows, None on the last."""

    headers: tuple[StoredHeader, ...]
    next_after: int | None


def stored_header(row: Row[Any]) -> StoredHeader:
    return StoredHeader(**_header_fields(row))


def stored_traces(
    connection: Connection, *conditions: ColumnElement[bool], after: int = 0, limit: int | None = None
) -> Sequence[StoredTrace]:
    """The first traces after a number that meet the conditions, in the order of the chain."""
    query = (
        select(trace_header, trace_body.c.salt, trace_body.c.packed)
        .outerjoin(trace_body, trace_body.c.seq == trace_header.c.seq)
        .where(trace_header.c.seq > after, *conditions)
        .order_by(trace_header.c.seq)
        .limit(limit)
    )
    rows = connection.execute(query).all()
    if not rows:
        return ()
    side = _side_rows(connection, [row.seq for row in rows])
    return tuple(
        StoredTrace(
            **_header_fields(row),
            salt=row.salt,
            packed=row.packed,
            side=SideRows(**{name: tuple(found.get(row.seq, ())) for name, found in side.items()}),
        )
        for row in rows
    )


def _side_rows(connection: Connection, seqs: Sequence[int]) -> dict[str, dict[int, list[tuple[Any, ...]]]]:
    """By the names of SideRows, what hangs on each of some headers, which come in order."""
    return {name: _rows(connection, table, columns, seqs) for name, (table, columns) in SIDE_TABLES.items()}


def _rows(
    connection: Connection, table: Table, columns: tuple[str, ...], seqs: Sequence[int]
) -> dict[int, list[tuple[Any, ...]]]:
    # A range is read at once; of a few records far apart, not all that lies between them.
    is_a_range = seqs[-1] - seqs[0] < 2 * len(seqs)
    query = (
        select(table.c.seq, *(table.c[name] for name in columns))
        .where(table.c.seq.between(seqs[0], seqs[-1]) if is_a_range else table.c.seq.in_(seqs))
        .order_by(*table.primary_key.columns)
    )
    found: dict[int, list[tuple[Any, ...]]] = defaultdict(list)
    for row in connection.execute(query).all():
        found[row[0]].append(tuple(row[1:]))
    return found


SIDE_TABLES: Mapping[str, tuple[Table, tuple[str, ...]]] = {
    "rules": (trace_rule, ("rule_id", "outcome")),
    "cards": (trace_card, ("place", "uuid", "rules")),
    "resources": (trace_resource, ("resource_key", "version")),
    "feedback": (trace_feedback, ("card", "outcome", "reason", "given_at", "digest")),
}
"""Where the rows of each kind lie, and the columns they are made of."""


def _header_fields(row: Row[Any]) -> dict[str, Any]:
    return {
        "seq": row.seq,
        "id": row.id,
        "header_text": row.header,
        "leaf_hash": row.leaf_hash,
        "columns": {name: row._mapping[name] for name in COLUMNS},
    }


def _object(text: bytes) -> dict[str, object]:
    """A stored document; raises StoreError when it is damaged."""
    try:
        document = loads(text)
    except ValueError:
        document = None
    if not isinstance(document, dict):
        raise StoreError("A stored document is not a JSON object any more.")
    return document
