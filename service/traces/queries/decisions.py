"""Which decisions, or events: by what they are called, whom they are about, what they used and what they came to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, exists, literal, select

from service.trace import DECISIONS
from service.traces.queries.spans import span_of, span_of_rulebook
from service.traces.schema import trace_card, trace_header, trace_resource, trace_rule
from service.traces.store import MOST_PER_PAGE, TraceStore
from service.traces.stored import Page, StoredHeader, stored_header


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Every condition that is given must be met; None is no condition.

    ``rule`` finds decisions in which that rule had ``rule_outcome``, ``resource`` those that used a
    resource (by its key) in ``version`` ("" is a resource without one; None is any). ``since``
    (included) and ``until`` (excluded) are compared with ``decided_at`` and written like it, or like
    its first part. ``degraded`` is a code, or "" for any.
    """

    hook_instance: str | None = None
    card: str | None = None
    subject: str | None = None  # of events: the decision they are about
    patient_key: str | None = None
    resource: str | None = None
    version: str | None = None
    degraded: str | None = None
    rule: str | None = None
    rule_outcome: str = "fired"
    rulebook: str | None = None
    client: str | None = None
    tenant: str | None = None
    outcome: str | None = None
    since: str | None = None
    until: str | None = None
    kinds: tuple[str, ...] = DECISIONS


def found(store: TraceStore, wanted: Wanted, *, after: int | None = None, limit: int = 50) -> Page:
    """The headers that are wanted, newest first, those older than ``after``."""
    if not 1 <= limit <= MOST_PER_PAGE:
        raise ValueError(f"A page holds 1 to {MOST_PER_PAGE} traces.")
    with store.reading() as connection:
        return page_of(connection, wanted, after=after, limit=limit)


def page_of(connection: Connection, wanted: Wanted, *, after: int | None = None, limit: int = 50) -> Page:
    """The same within a connection that reads."""
    headers = _headers(connection, wanted, after, limit + 1)
    there, more = tuple(headers[:limit]), len(headers) > limit
    return Page(headers=there, next_after=there[-1].seq if more else None)


def _headers(connection: Connection, wanted: Wanted, after: int | None, limit: int) -> list[StoredHeader]:
    lead = next((each for each in _LEADS if getattr(wanted, each) not in (None, _USUAL)), None)
    if lead is None and set(wanted.kinds).isdisjoint(DECISIONS):
        # Each kind of event lies together in an index: the newest of each, and of these the newest.
        each_kind = [_of_one_kind(connection, wanted, kind, after, limit) for kind in wanted.kinds]
        return sorted((header for some in each_kind for header in some), key=lambda one: -one.seq)[:limit]
    return _rows(connection, _led_by(connection, wanted, lead, after), limit)


def _rows(connection: Connection, led: tuple[Select[Any], ColumnElement[int]], limit: int) -> list[StoredHeader]:
    query, seq = led
    return [stored_header(row) for row in connection.execute(query.order_by(seq.desc()).limit(limit))]


def _of_one_kind(
    connection: Connection, wanted: Wanted, kind: str, after: int | None, limit: int
) -> list[StoredHeader]:
    query = select(trace_header).where(trace_header.c.kind == kind, *_conditions(wanted, lead="kinds"))
    return _rows(connection, _within(connection, query, trace_header.c.seq, wanted, after), limit)


# One condition leads: its index is read in the order of the chain, so that a page costs a page. The
# others are asked of each header it finds. They come from what finds least to what finds most.
_LEADS = (
    "card", "hook_instance", "subject", "patient_key", "resource", "outcome", "degraded", "rule", "rulebook", "client"
)  # fmt: skip
_USUAL = "success"
"""An outcome that nearly all have; the others are few."""


def _led_by(
    connection: Connection, wanted: Wanted, lead: str | None, after: int | None
) -> tuple[Select[Any], ColumnElement[int]]:
    query, seq = select(trace_header), _SEQ
    if lead == "card":
        query, seq = query.join(trace_card, trace_card.c.seq == _SEQ), trace_card.c.seq
        query = query.where(trace_card.c.uuid == wanted.card)
    elif lead == "resource" and wanted.version is None:
        # Several versions of one resource may have been used at once; a decision is found once.
        used = select(trace_resource.c.seq).where(trace_resource.c.resource_key == wanted.resource)
        query = query.where(_SEQ.in_(used))
    elif lead == "resource":
        query, seq = query.join(trace_resource, trace_resource.c.seq == _SEQ), trace_resource.c.seq
        query = query.where(trace_resource.c.resource_key == wanted.resource, *_of_version(wanted))
    elif lead == "rule":
        query, seq = query.join(trace_rule, trace_rule.c.seq == _SEQ), trace_rule.c.seq
        query = query.where(trace_rule.c.rule_id == wanted.rule, trace_rule.c.outcome == wanted.rule_outcome)
    elif lead == "degraded":
        query = query.where(trace_header.c.degraded != "")
    elif lead is not None:
        query = query.where(trace_header.c[lead] == getattr(wanted, lead))
        if lead in ("hook_instance", "subject"):
            query = query.where(trace_header.c[lead] != "")  # as the index says
    query = query.where(_is_one_of(wanted.kinds), *_conditions(wanted, lead))
    return _within(connection, query, seq, wanted, after)


_SEQ = trace_header.c.seq


def _conditions(wanted: Wanted, lead: str | None) -> Iterator[ColumnElement[bool]]:
    """What is asked of each header that the leading condition finds."""
    for name in ("hook_instance", "subject", "patient_key", "rulebook", "client", "tenant", "outcome"):
        value = getattr(wanted, name)
        if value is not None and name != lead:
            yield _plain(trace_header.c[name]) == value
    if wanted.degraded:
        yield literal(" ").concat(trace_header.c.degraded).concat(" ").contains(f" {wanted.degraded} ", autoescape=True)
    elif wanted.degraded == "" and lead != "degraded":
        yield _plain(trace_header.c.degraded) != ""
    if wanted.rule is not None and lead != "rule":
        yield _has(trace_rule, rule_id=wanted.rule, outcome=wanted.rule_outcome)
    if wanted.resource is not None and lead != "resource":
        yield exists().where(
            trace_resource.c.seq == _SEQ, trace_resource.c.resource_key == wanted.resource, *_of_version(wanted)
        )
    if wanted.since:
        yield _plain(trace_header.c.decided_at) >= wanted.since
    if wanted.until:
        yield _plain(trace_header.c.decided_at) < wanted.until


def _of_version(wanted: Wanted) -> tuple[ColumnElement[bool], ...]:
    return () if wanted.version is None else (trace_resource.c.version == wanted.version,)


def _has(table: Any, **columns: str) -> ColumnElement[bool]:
    return exists().where(table.c.seq == _SEQ, and_(*(table.c[name] == value for name, value in columns.items())))


def _is_one_of(kinds: tuple[str, ...]) -> ColumnElement[bool]:
    return _plain(trace_header.c.kind).in_(kinds)


def _plain(column: ColumnElement[Any]) -> ColumnElement[Any]:
    """The same text as an expression, which no index answers, so that the one we mean is read."""
    return column.concat("")


def _within(
    connection: Connection, query: Select[Any], seq: ColumnElement[int], wanted: Wanted, after: int | None
) -> tuple[Select[Any], ColumnElement[int]]:
    """Only the numbers that can be meant, whatever leads."""
    spans = [span_of(connection, wanted.since, wanted.until)]
    if wanted.rulebook is not None and wanted.rule is not None:
        spans.append(span_of_rulebook(connection, wanted.rulebook))
    query = query.where(*(span.holds(seq) for span in spans if span is not None))
    return query if after is None else query.where(seq < after), seq
