"""Rulebooks that were in force: from when to when, and what was decided under each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, select

from service.traces.queries.calls import decisions_by_rulebook
from service.traces.queries.decisions import Wanted, page_of
from service.traces.schema import trace_header
from service.traces.store import TraceStore
from service.traces.stored import Page, StoredHeader, stored_header


@dataclass(frozen=True, kw_only=True)
class Period:
    """A time a rulebook was in force, by the records that put it in force and the next one; "" and 0: it still is."""

    activated_at: str
    activated_by: str
    activated_seq: int
    withdrawn_at: str = ""
    withdrawn_seq: int = 0


@dataclass(frozen=True, kw_only=True)
class InForce:
    """A rulebook with its digests. One no record put in force served requests that brought their own thresholds."""

    rulebook: str
    digests: Mapping[str, str]  # of rules, thresholds and terminology; empty when no record tells them
    periods: tuple[Period, ...]
    decisions: int


def rulebooks(store: TraceStore) -> tuple[InForce, ...]:
    """All rulebooks: those that were put in force, in their order, then others decisions were made under."""
    with store.reading() as connection:
        return _rulebooks(connection)


def recall(
    store: TraceStore, rulebook: str, *, after: int | None = None, limit: int = 50
) -> tuple[InForce, Page] | None:
    """A rulebook with a page of what was decided under it, newest first; None when nobody knows it."""
    with store.reading() as connection:
        known = next((each for each in _rulebooks(connection) if each.rulebook == rulebook), None)
        if known is None:
            return None
        return known, page_of(connection, Wanted(rulebook=rulebook), after=after, limit=limit)


def _rulebooks(connection: Connection) -> tuple[InForce, ...]:
    decisions, activations = decisions_by_rulebook(connection), _activations(connection)
    periods: dict[str, list[Period]] = {}
    digests: dict[str, Mapping[str, str]] = {}
    for activation, following in zip(activations, (*activations[1:], None), strict=False):
        digest = str(activation.columns["rulebook"])
        periods.setdefault(digest, []).append(_period(activation, following))
        digests[digest] = {str(name): str(value) for name, value in activation.says.items()}
    return tuple(
        InForce(
            rulebook=each,
            digests=digests.get(each, {}),
            periods=tuple(periods.get(each, ())),
            decisions=decisions.get(each, 0),
        )
        for each in dict.fromkeys((*periods, *decisions))
    )


def _activations(connection: Connection) -> Sequence[StoredHeader]:
    query = select(trace_header).where(trace_header.c.kind == "activation").order_by(trace_header.c.seq)
    return [stored_header(row) for row in connection.execute(query)]


def _period(activation: StoredHeader, following: StoredHeader | None) -> Period:
    return Period(
        activated_at=str(activation.columns["decided_at"]),
        activated_by=str(activation.columns["client"]),
        activated_seq=activation.seq,
        withdrawn_at=str(following.columns["decided_at"]) if following else "",
        withdrawn_seq=following.seq if following else 0,
    )
