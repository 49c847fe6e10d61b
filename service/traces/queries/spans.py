"""Which numbers the records of some days can have, so that a search for an old week does not pass what is newer.

Numbers follow the chain and moments follow clocks, which can be set back: a span holds every record of
the days, and perhaps some of other days. Whoever uses it still compares the moments.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, func, select, true

from service.traces.schema import trace_header, trace_tally
from service.traces.tallies import DAYS, open_end, span_of_block


@dataclass(frozen=True, kw_only=True)
class Span:
    """Numbers from ``first`` to ``last``; none when the first is greater."""

    first: int
    last: int

    def holds(self, seq: ColumnElement[int]) -> ColumnElement[bool]:
        return seq.between(self.first, self.last)


def span_of(connection: Connection, since: str | None, until: str | None) -> Span | None:
    """The numbers of what was decided from one moment (included) to another; None when there is no bound."""
    if not since and not until:
        return None
    days = (
        trace_tally.c.period >= since[:10] if since else true(),
        trace_tally.c.period <= until[:10] if until else true(),
    )
    blocks = connection.execute(
        select(func.min(trace_tally.c.block), func.max(trace_tally.c.block)).where(
            trace_tally.c.level == DAYS, trace_tally.c.about == "records", *days
        )
    ).one()
    spans = [] if blocks[0] is None else [(span_of_block(blocks[0])[0], span_of_block(blocks[1])[1])]
    first, last = open_end(connection)
    if first <= last and _may_hold(connection, first, since, until):
        spans.append((first, last))
    return _around(spans)


def span_of_rulebook(connection: Connection, rulebook: str) -> Span:
    """The numbers of what a rulebook was used for."""
    under = trace_header.c.rulebook == rulebook
    bounds = (select(which(trace_header.c.seq)).where(under).scalar_subquery() for which in (func.min, func.max))
    first, last = connection.execute(select(*bounds)).one()
    return _around([] if first is None else [(first, last)])


def _around(spans: list[tuple[int, int]]) -> Span:
    return Span(first=min((first for first, _ in spans), default=1), last=max((last for _, last in spans), default=0))


def _may_hold(connection: Connection, first: int, since: str | None, until: str | None) -> bool:
    """Whether a record that is in no full block is of that time."""
    moment = trace_header.c.decided_at.concat("")
    earliest, latest = connection.execute(
        # As an expression: else PostgreSQL looks for the latest of these records along the index of all moments.
        select(func.min(moment), func.max(moment)).where(trace_header.c.seq >= first)
    ).one()
    return (not since or latest >= since) and (not until or earliest < until)
