"""Can the traces be believed, in one answer that takes no long walk: numbers, clock, signatures, and the last links.

Everything is computed again by ``verify_chain`` alone; this looks at all numbers and moments, and at
the hashes of the records that came last.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from service.traces.checkpoints import last_checkpoint
from service.traces.schema import trace_header
from service.traces.store import TraceStore
from service.traces.tallies import tallies
from service.traces.verify import Fault, verify_part

MOST_TOLD = 100
LAST_LINKS = 25


@dataclass(frozen=True, kw_only=True)
class ClockStep:
    """A record that is earlier than the one before it, and both moments."""

    seq: int
    before: str
    at: str


@dataclass(frozen=True, kw_only=True)
class Integrity:
    """What was found. Of gaps and clock steps the last hundred are told, of faults the first twenty."""

    records: int
    last_seq: int
    gaps: tuple[tuple[int, int], ...]  # first and last number that is missing
    clock_steps: tuple[ClockStep, ...]
    signed_size: int  # records under the last checkpoint, 0 when nothing was signed
    signed_at: str
    checked_from: int  # the first record whose hashes were computed again
    faults: tuple[Fault, ...]

    @property
    def holds(self) -> bool:
        """Whether nothing was found; clocks that were set are told and are no fault of the chain."""
        return not self.gaps and not self.faults and self.signed_size <= self.last_seq


def integrity(store: TraceStore, *, links: int = LAST_LINKS) -> Integrity:
    """The answer, with the hashes of so many records computed again, the last ones."""
    with store.reading() as connection:
        records, last = connection.execute(select(func.count(), func.max(trace_header.c.seq))).one()
        last = last or 0
        checkpoint = last_checkpoint(connection)
        checked_from = max(last - links + 1, 1)
        return Integrity(
            records=records,
            last_seq=last,
            gaps=() if records == last else _gaps(connection),
            clock_steps=_clock_steps(connection),
            signed_size=checkpoint.size if checkpoint else 0,
            signed_at=checkpoint.signed_at if checkpoint else "",
            checked_from=checked_from,
            faults=verify_part(connection, checked_from, last) if last else (),
        )


def _gaps(connection: Connection) -> tuple[tuple[int, int], ...]:
    before = func.coalesce(func.lag(trace_header.c.seq).over(order_by=trace_header.c.seq), 0)
    steps = select(trace_header.c.seq.label("seq"), before.label("before")).subquery()
    query = select(steps.c.before, steps.c.seq).where(steps.c.seq > steps.c.before + 1)
    rows = connection.execute(query.order_by(steps.c.seq.desc()).limit(MOST_TOLD)).all()
    return tuple((row.before + 1, row.seq - 1) for row in reversed(rows))


def _clock_steps(connection: Connection) -> tuple[ClockStep, ...]:
    seqs = sorted(seq for tally in tallies(connection, "records") for seq in tally.content["clock_steps"])[-MOST_TOLD:]
    around = {each for seq in seqs for each in (seq - 1, seq)}
    query = select(trace_header.c.seq, trace_header.c.decided_at).where(trace_header.c.seq.in_(around))
    moments = {row.seq: row.decided_at for row in connection.execute(query)}
    return tuple(ClockStep(seq=seq, before=moments.get(seq - 1, ""), at=moments.get(seq, "")) for seq in seqs)
