"""The decisions of a time, one after the other in the order of the chain, however many there are."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import ColumnElement, func, select

from service.trace import DECISIONS
from service.traces.schema import trace_header
from service.traces.store import TraceStore
from service.traces.stored import StoredTrace, stored_traces


def decisions_between(
    store: TraceStore, since: str | None = None, until: str | None = None, batch: int = 50
) -> Iterator[StoredTrace]:
    """Decisions made from ``since`` (included) to ``until`` (excluded), written as headers write a moment.

    One batch is in memory at a time, and each is a short read of its own, so that nobody waits.
    """
    seq, decided_at = trace_header.c.seq, trace_header.c.decided_at
    with store.reading() as connection:
        # The clock may have gone back: so the first and the last are looked up, and each between them is looked at.
        first, last = connection.execute(
            select(func.min(seq), func.max(seq)).where(*_within(decided_at, since, until))
        ).one()
    if first is None:
        return
    # As expressions, which no index answers: else SQLite collects all decisions in order to sort them.
    wanted = [seq <= last, trace_header.c.kind.concat("").in_(DECISIONS), *_within(decided_at.concat(""), since, until)]
    after = first - 1
    while True:
        with store.reading() as connection:
            found = stored_traces(connection, *wanted, after=after, limit=batch)
        yield from found
        if len(found) < batch:
            return
        after = found[-1].seq


def _within(moment: ColumnElement[str], since: str | None, until: str | None) -> list[ColumnElement[bool]]:
    return [*([moment >= since] if since else ()), *([moment < until] if until else ())]
