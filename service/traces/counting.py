"""What records come to: by day how many there were, who called and how it went, what became of the rules."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, func, select

from service.trace import DECISIONS
from service.traces.schema import trace_body, trace_header, trace_rule

CLOCK_STEP_SECONDS = 5  # workers take their time before they wait for each other
GRAVEST_FIRST = ("fired", "error", "undetermined", "suppressed", "switched off")
"""A rule that was judged for several elements counts once in a decision, with the first of these."""

Meant = Callable[[ColumnElement[int]], ColumnElement[bool]]
"""Which records, by their number in whatever table."""


def headers_of(connection: Connection, meant: Meant) -> Sequence[Row[Any]]:
    """What is counted of headers, in the order of the chain."""
    return connection.execute(_HEADERS.where(meant(trace_header.c.seq))).all()


_HEADERS = select(
    *(
        trace_header.c[name]
        for name in (
            "seq", "kind", "decided_at", "rulebook", "client", "tenant", "service", "outcome", "degraded", "duration_ns"
        )
    )
).order_by(trace_header.c.seq)  # fmt: skip


def records_in(headers: Sequence[Row[Any]], before: str) -> Mapping[str, object]:
    """By day how many there are, and those before which the clock went back; ``before`` is when the last one was."""
    by_day: dict[str, dict[str, Any]] = {}
    for row in headers:
        content = by_day.setdefault(_day(row), {"records": 0, "clock_steps": []})
        content["records"] += 1
        if clock_went_back(before, row.decided_at):
            content["clock_steps"].append(row.seq)
        before = row.decided_at
    return by_day


def clock_went_back(before: str, after: str) -> bool:
    """Whether a record is that much earlier than the one before it ("" for none) that a clock was set."""
    # Moments are written in one way: nearly always the texts tell.
    return bool(before) and after < before and _seconds(after) < _seconds(before) - CLOCK_STEP_SECONDS


def _seconds(moment: str) -> float:
    try:
        return datetime.fromisoformat(moment).timestamp()
    except ValueError:
        return 0.0


def calls_in(headers: Sequence[Row[Any]]) -> Mapping[str, object]:
    """By day: for each rulebook, client, tenant, service and outcome how many decisions, durations and faults."""
    by_day: dict[str, dict[tuple[str, ...], dict[str, Any]]] = defaultdict(dict)
    for row in headers:
        if row.kind not in DECISIONS:
            continue
        names = (row.rulebook, row.client, row.tenant, row.service, row.outcome)
        call = by_day[_day(row)].setdefault(
            names, {"calls": 0, "degraded": 0, "codes": Counter(), "durations": Counter()}
        )
        call["calls"] += 1
        if row.degraded:
            call["degraded"] += 1
            call["codes"].update(set(row.degraded.split()))
        if row.duration_ns is not None:
            call["durations"][str(rounded_up(row.duration_ns))] += 1
    return {day: _by_name(calls) for day, calls in by_day.items()}


def _by_name(calls: Mapping[tuple[str, ...], object]) -> dict[str, Any]:
    nested: dict[str, Any] = {}
    for (*names, last), told in calls.items():
        place = nested
        for name in names:
            place = place.setdefault(name, {})
        place[last] = told
    return nested


def calls_told(content: Mapping[str, Any]) -> Iterator[tuple[str, str, str, str, str, Mapping[str, Any]]]:
    """The same one after the other: rulebook, client, tenant, service, outcome, and what there was of it."""
    for rulebook, by_client in content.items():
        for client, by_tenant in by_client.items():
            for tenant, by_service in by_tenant.items():
                for service, by_outcome in by_service.items():
                    for outcome, told in by_outcome.items():
                        yield rulebook, client, tenant, service, outcome, told


def rounded_up(duration_ns: int) -> int:
    """Microseconds, the first two digits exact: a percentile that is told is never too small, nor a tenth too large.

    >>> [rounded_up(ns) for ns in (1, 99_000, 100_001, 12_345_678)]
    [1, 99, 110, 13000]
    """
    microseconds = max(-(-duration_ns // 1000), 0)
    unit: int = 10 ** max(len(str(microseconds)) - 2, 0)
    return -(-microseconds // unit) * unit


def rules_in(connection: Connection, headers: Sequence[Row[Any]], meant: Meant) -> Mapping[str, object]:
    """By day and rulebook what became of the rules; of records whose body was erased nothing is known."""
    with_body = set(connection.execute(select(trace_body.c.seq).where(meant(trace_body.c.seq))).scalars())
    kept: Counter[tuple[str, str]] = Counter()
    judged: dict[int, tuple[str, str]] = {}
    for row in headers:
        if row.kind in DECISIONS and row.seq in with_body:
            kept[_day(row), row.rulebook] += 1
            if row.outcome == "success":
                judged[row.seq] = _day(row), row.rulebook
    outcomes: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for seq, told in connection.execute(_ROWS_TOGETHER.where(meant(trace_rule.c.seq))):
        if seq in judged:
            outcomes[judged[seq]].update(told.split(_BETWEEN))
    for seq, told in connection.execute(_SEVERAL_OF_A_RULE.where(meant(trace_rule.c.seq))):
        if seq in judged:
            outcomes[judged[seq]].subtract(sorted(told.split(_BETWEEN), key=_gravity)[1:])
    by_day: dict[str, dict[str, Any]] = defaultdict(dict)
    decisions = Counter(judged.values())
    for under, number in kept.items():
        day, rulebook = under
        by_day[day][rulebook] = {"kept": number, "judged": decisions[under], "outcomes": _nested(outcomes[under])}
    return by_day


# The rows of a decision as one text: fifty rows take the database longer to hand over than to put together.
_WITHIN, _BETWEEN = ":", ","  # in no outcome, and in no id of a rule
_TOLD = func.aggregate_strings(trace_rule.c.outcome.concat(_WITHIN).concat(trace_rule.c.rule_id), _BETWEEN)
_ROWS_TOGETHER = select(trace_rule.c.seq, _TOLD).group_by(trace_rule.c.seq)
_SEVERAL_OF_A_RULE = (
    select(trace_rule.c.seq, _TOLD).group_by(trace_rule.c.seq, trace_rule.c.rule_id).having(func.count() > 1)
)


def _gravity(told: str) -> tuple[int, str]:
    outcome = told.partition(_WITHIN)[0]
    return GRAVEST_FIRST.index(outcome) if outcome in GRAVEST_FIRST else len(GRAVEST_FIRST), outcome


def _nested(outcomes: Counter[str]) -> dict[str, dict[str, int]]:
    """By outcome and rule."""
    nested: dict[str, dict[str, int]] = defaultdict(dict)
    for told, decisions in outcomes.items():
        outcome, _, rule = told.partition(_WITHIN)
        if decisions:
            nested[outcome][rule] = decisions
    return dict(nested)


def _day(row: Row[Any]) -> str:
    return str(row.decided_at)[:10]


# --- adding up ---------------------------------------------------------------------------------------


def plus(one: Any, other: Any) -> Any:
    """Two documents added up, name by name: numbers, and lists in order; in whatever order they come."""
    if isinstance(one, dict):
        both = {name: plus(one[name], value) if name in one else value for name, value in other.items()}
        return {**one, **both}
    return sorted(one + other) if isinstance(one, list) else one + other


def minus(whole: Any, part: Any) -> Any:
    """A document of numbers less another, without what is nothing then."""
    if isinstance(whole, dict):
        rest = {name: minus(value, part[name]) if name in part else value for name, value in whole.items()}
        return {name: value for name, value in rest.items() if value}
    return whole - part
