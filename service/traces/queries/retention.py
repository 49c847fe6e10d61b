"""What is old enough to be erased, and what is on hold and must not be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, Select, select

from service.trace import DECISIONS
from service.traces.holds import Hold, holds_in, is_held
from service.traces.queries.spans import span_of
from service.traces.schema import trace_body, trace_header
from service.traces.store import MOST_PER_PAGE, TraceStore
from service.traces.stored import Page, stored_header
from service.traces.tallies import tallies


@dataclass(frozen=True, kw_only=True)
class HoldInForce:
    """A hold with when and by whom it was placed, and how many decisions still have a body because of it."""

    hold: Hold
    placed_at: str
    placed_by: str
    decisions: int


@dataclass(frozen=True, kw_only=True)
class Retention:
    """Decisions from before a day whose body is still there: those that are due, and those that are held."""

    due: int
    held: int


def retention(store: TraceStore, before: str) -> Retention:
    """How many decisions from before a day (UTC, 2026-01-31) are due for erasure, and how many are held."""
    with store.reading() as connection:
        kept = sum(
            told.get("kept", 0)
            for tally in tallies(connection, "rules", until=before)
            for told in tally.content.values()
        )
        old = trace_header.c.decided_at.concat("") < before
        held = {seq for hold in holds_in(connection) for seq in _held_by(connection, hold, old)}
    return Retention(due=kept - len(held), held=len(held))


def due(store: TraceStore, before: str, *, after: int | None = None, limit: int = 50) -> Page:
    """Headers from before a moment whose body is there and not held, oldest first, those newer than ``after``.

    Events whose body is due, such as feedback with a comment, are among them.
    """
    if not 1 <= limit <= MOST_PER_PAGE:
        raise ValueError(f"A page holds 1 to {MOST_PER_PAGE} traces.")
    with store.reading() as connection:
        rows = connection.execute(_due(connection, before, after).limit(limit + 1)).all()
    headers = tuple(stored_header(row) for row in rows[:limit])
    return Page(headers=headers, next_after=headers[-1].seq if len(rows) > limit else None)


def _due(connection: Connection, before: str, after: int | None) -> Select[tuple[object, ...]]:
    span, seq = span_of(connection, None, before), trace_body.c.seq
    query = select(trace_header).join(trace_body, seq == trace_header.c.seq)
    query = query.where(trace_header.c.decided_at.concat("") < before, ~is_held())
    if span is not None:
        query = query.where(span.holds(seq))
    if after is not None:
        query = query.where(seq > after)
    return query.order_by(seq)


def holds_in_force(store: TraceStore) -> Sequence[HoldInForce]:
    """All holds, in the order they were placed."""
    with store.reading() as connection:
        return [_in_force(connection, hold) for hold in holds_in(connection)]


def _in_force(connection: Connection, hold: Hold) -> HoldInForce:
    placed = connection.execute(
        select(trace_header.c.decided_at, trace_header.c.client).where(trace_header.c.seq == hold.seq)
    ).first()
    return HoldInForce(
        hold=hold,
        placed_at=placed.decided_at if placed else "",
        placed_by=placed.client if placed else "",
        decisions=len(_held_by(connection, hold)),
    )


def _held_by(connection: Connection, hold: Hold, *conditions: ColumnElement[bool]) -> Sequence[int]:
    named = trace_header.c.id if hold.about == "decision" else trace_header.c.patient_key
    query = select(trace_body.c.seq).join(trace_header, trace_header.c.seq == trace_body.c.seq)
    query = query.where(named == hold.name, trace_header.c.kind.concat("").in_(DECISIONS), *conditions)
    return connection.execute(query).scalars().all()
