"""The decisions of a time, one after the other in the order of the chain, however many there are."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import func, select

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
    within = [*([decided_at >= since] if since else ()), *([decided_at < until] if until else ())]
    with store.reading() as connection:
        # The clock may have gone back, so the first and the last are looked up rather than where time begins and ends.
        first, last = connection.execute(select(func.min(seq), func.max(seq)).where(*within)).one()
    after = 0 if first is None else first - 1
    while last is not None and after < last:
        with store.reading() as connection:
            found = stored_traces(
                connection, seq <= last, trace_header.c.kind.in_(DECISIONS), *within, after=after, limit=batch
            )
        yield from found
        if len(found) < batch:
            return
        after = found[-1].seq
