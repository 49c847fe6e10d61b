"""What pages ask of the store beyond a page of traces: decisions by more conditions, and rules counted.

Counts look at the newest records only, so that they cost the same in a large store; they say how many those are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, select

from service.trace import DECISIONS
from service.traces.schema import trace_header, trace_rule
from service.traces.store import TraceStore
from service.traces.stored import Page, StoredHeader, stored_header

MOST_COUNTED = 10_000
"""Records that are looked at for counts of all rules."""
MOST_COUNTED_OF_ONE = 100_000
"""Records that are looked at for counts of a single rule."""


@dataclass(frozen=True, kw_only=True)
class Asked:
    """Conditions on decisions; empty ones ask nothing. Moments are written like ``decided_at`` or its first part."""

    rule: str = ""
    rule_outcome: str = "fired"
    outcome: str = ""
    hook: str = ""
    client: str = ""
    since: str = ""
    until: str = ""
    patients: tuple[str, ...] = ()  # keys, any of them


def decisions(store: TraceStore, asked: Asked, *, after: int | None = None, limit: int = 50) -> Page:
    """Headers of decisions that meet every condition, newest first, those older than ``after``."""
    query, seq = select(trace_header).where(_is_decision()), trace_header.c.seq
    if asked.rule:
        query, seq = query.join(trace_rule, trace_rule.c.seq == trace_header.c.seq), trace_rule.c.seq
        query = query.where(trace_rule.c.rule_id == asked.rule, trace_rule.c.outcome == asked.rule_outcome)
    for name in ("outcome", "hook", "client"):
        if value := getattr(asked, name):
            query = query.where(trace_header.c[name] == value)
    if asked.patients:
        query = query.where(trace_header.c.patient_key.in_(asked.patients))
    if asked.since:
        query = query.where(trace_header.c.decided_at >= asked.since)
    if asked.until:
        query = query.where(trace_header.c.decided_at < asked.until)
    if after is not None:
        query = query.where(seq < after)
    with store.reading() as connection:
        rows = connection.execute(query.order_by(seq.desc()).limit(limit + 1)).all()
    headers = tuple(stored_header(row) for row in rows[:limit])
    return Page(headers=headers, next_after=headers[-1].seq if len(rows) > limit else None)


@dataclass(frozen=True, kw_only=True)
class Tally:
    """How often a rule came to each outcome in ``decisions`` decisions."""

    decisions: int
    outcomes: dict[str, dict[str, int]]  # by rule, then by outcome

    def of(self, rule: str, outcome: str) -> int:
        return self.outcomes.get(rule, {}).get(outcome, 0)


def tally(store: TraceStore, rule: str = "") -> Tally:
    """Outcomes of every rule, or of one, among the newest records."""
    most = MOST_COUNTED_OF_ONE if rule else MOST_COUNTED
    with store.reading() as connection:
        head = connection.execute(select(func.max(trace_header.c.seq))).scalar() or 0
        made = (
            select(func.count())
            .select_from(trace_header)
            .where(_is_decision(), trace_header.c.outcome == "success", trace_header.c.seq > head - most)
        )
        query = select(trace_rule.c.rule_id, trace_rule.c.outcome, func.count()).where(trace_rule.c.seq > head - most)
        if rule:
            query = query.where(trace_rule.c.rule_id == rule)
        found: dict[str, dict[str, int]] = {}
        for id, outcome, number in connection.execute(query.group_by(trace_rule.c.rule_id, trace_rule.c.outcome)):
            found.setdefault(id, {})[outcome] = number
        return Tally(decisions=connection.execute(made).scalar() or 0, outcomes=found)


@dataclass(frozen=True, kw_only=True)
class Month:
    """A calendar month as ``2026-11``, and how often a rule fired and stayed undetermined in it."""

    month: str
    fired: int
    undetermined: int


def months_of(store: TraceStore, rule: str) -> tuple[Month, ...]:
    """The months in which a rule did anything, the newest twelve, oldest first."""
    month = func.substr(trace_header.c.decided_at, 1, 7)
    with store.reading() as connection:
        head = connection.execute(select(func.max(trace_header.c.seq))).scalar() or 0
        query = (
            select(month, trace_rule.c.outcome, func.count())
            .join(trace_header, trace_header.c.seq == trace_rule.c.seq)
            .where(trace_rule.c.rule_id == rule, trace_rule.c.outcome.in_(("fired", "undetermined")))
            .where(trace_rule.c.seq > head - MOST_COUNTED_OF_ONE)
            .group_by(month, trace_rule.c.outcome)
        )
        found: dict[str, dict[str, int]] = {}
        for name, outcome, number in connection.execute(query):
            found.setdefault(name, {})[outcome] = number
    return tuple(
        Month(month=name, fired=counts.get("fired", 0), undetermined=counts.get("undetermined", 0))
        for name, counts in sorted(found.items())[-12:]
    )


def activations(store: TraceStore) -> tuple[StoredHeader, ...]:
    """The events that put a rulebook in force, newest first."""
    query = select(trace_header).where(trace_header.c.kind == "activation").order_by(trace_header.c.seq.desc())
    with store.reading() as connection:
        return tuple(stored_header(row) for row in connection.execute(query.limit(200)))


def events(
    store: TraceStore,
    *,
    kinds: Sequence[str],
    client: str = "",
    subject: str = "",
    since: str = "",
    until: str = "",
    after: int | None = None,
    limit: int = 50,
) -> Page:
    """Headers of events of some kinds, newest first: all of them, or those of a client or about a decision."""
    query = select(trace_header).where(trace_header.c.kind.in_(kinds))
    for name, value in (("client", client), ("subject", subject)):
        if value:
            query = query.where(trace_header.c[name] == value)
    if since:
        query = query.where(trace_header.c.decided_at >= since)
    if until:
        query = query.where(trace_header.c.decided_at < until)
    if after is not None:
        query = query.where(trace_header.c.seq < after)
    with store.reading() as connection:
        rows = connection.execute(query.order_by(trace_header.c.seq.desc()).limit(limit + 1)).all()
    headers = tuple(stored_header(row) for row in rows[:limit])
    return Page(headers=headers, next_after=headers[-1].seq if len(rows) > limit else None)


def events_counted(store: TraceStore, kinds: Sequence[str]) -> dict[str, int]:
    """How many events there are of each of some kinds: kinds of which there are few."""
    query = select(trace_header.c.kind, func.count()).where(trace_header.c.kind.in_(kinds))
    with store.reading() as connection:
        found = {kind: number for kind, number in connection.execute(query.group_by(trace_header.c.kind))}
    return {kind: found.get(kind, 0) for kind in kinds}


def number_of_records(store: TraceStore) -> int:
    """How many records the chain has: the number of its last one."""
    with store.reading() as connection:
        return connection.execute(select(func.max(trace_header.c.seq))).scalar() or 0


def _is_decision(kinds: Sequence[str] = DECISIONS) -> ColumnElement[bool]:
    # As an expression, which no index answers: nearly all headers are decisions, read newest first.
    return trace_header.c.kind.concat("").in_(kinds)
