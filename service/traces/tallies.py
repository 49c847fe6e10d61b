"""Tallies: what some hundred records come to, counted once, so that questions about a year read hundreds of rows.

Records are counted in blocks of consecutive numbers, each when it is full, by whoever filled it. What
came after the last full block is counted when somebody asks. A tally is made from headers and rows
alone and can be made again at any time; an erasure takes what it erased out of the tallies, too.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import ColumnElement, Connection, Row, delete, func, insert, select

from service.canonical import dumps, loads
from service.trace import DECISIONS
from service.traces.schema import trace_body, trace_header, trace_rule, trace_tally

BLOCK = 250
"""Records of one tally: counting them takes some milliseconds, for whoever fills it and for whoever asks before."""
CLOCK_STEP_SECONDS = 5  # workers take their time before they wait for each other

Meant = Callable[[ColumnElement[int]], ColumnElement[bool]]
"""Which records, by their number in whatever table."""
About = Literal["records", "calls", "rules"]
GRAVEST_FIRST = ("fired", "error", "undetermined", "suppressed", "switched off")
"""A rule that was judged for several elements counts once in a decision, with the first of these."""


@dataclass(frozen=True, kw_only=True)
class Tally:
    """What the records of one block and one day (UTC) come to, about one thing.

    About records: their number, and those before which the clock went back. About calls: see
    ``_calls``. About rules: by rulebook how many decisions still have a body (``kept``), how many of
    them came to an answer (``judged``), and by outcome how many of these each rule had it in.
    """

    block: int
    day: str  # 2026-01-31
    about: About
    content: Any


# --- keeping them ------------------------------------------------------------------------------------


def blocks_due(connection: Connection) -> range:
    """The full blocks that were not counted yet."""
    first, last = open_end(connection)
    return range(block_of(first), last // BLOCK + 1)


def fills_a_block(before: int, after: int) -> bool:
    """Whether a block is full since there were only ``before`` records."""
    return after // BLOCK > before // BLOCK


def keep_tally(connection: Connection, block: int) -> None:
    """Counts a full block. The chain must be locked: else an erasure might come between."""
    first, last = span_of_block(block)
    rows = [_as_row(each) for each in counted(connection, block, first, last)]
    connection.execute(insert(trace_tally), rows)


def take_out_of_tallies(connection: Connection, seqs: Sequence[int]) -> None:
    """Forgets what the rules of some records came to, before their rows go. The chain must be locked."""
    less: dict[tuple[int, str], Any] = {}
    last = _last_block(connection)
    for block, some in _by_block(seqs):
        if block <= last:
            for day, content in _rules_of(connection, some).items():
                less[block, day] = content
    for (block, day), content in less.items():
        this = (trace_tally.c.block == block, trace_tally.c.about == "rules", trace_tally.c.day == day)
        kept = connection.execute(select(trace_tally.c.content).where(*this)).scalar_one()
        left = _minus(loads(kept), content)
        connection.execute(delete(trace_tally).where(*this))
        if left:
            rest = Tally(block=block, day=day, about="rules", content=left)
            connection.execute(insert(trace_tally), _as_row(rest))


def _rules_of(connection: Connection, seqs: Sequence[int]) -> Mapping[str, object]:
    headers = connection.execute(_HEADERS.where(trace_header.c.seq.in_(seqs))).all()
    return _rules(connection, headers, lambda seq: seq.in_(seqs))


def _by_block(seqs: Sequence[int]) -> Iterator[tuple[int, list[int]]]:
    found: dict[int, list[int]] = defaultdict(list)
    for seq in seqs:
        found[block_of(seq)].append(seq)
    yield from sorted(found.items())


def _minus(kept: Any, less: Any) -> Any:
    """A document of numbers less another, without what is nothing then."""
    if isinstance(kept, dict):
        rest = {name: _minus(value, less[name]) if name in less else value for name, value in kept.items()}
        return {name: value for name, value in rest.items() if value}
    return kept - less


def _as_row(tally: Tally) -> dict[str, object]:
    return {
        "block": tally.block,
        "about": tally.about,
        "day": tally.day,
        "content": dumps(tally.content).decode(),
    }


# --- reading them ------------------------------------------------------------------------------------


def tallies(connection: Connection, about: About, since: str = "", until: str = "") -> Iterator[Tally]:
    """All there is about one thing from a day on (included) until another (excluded); "" for no bound."""
    query = select(trace_tally.c.block, trace_tally.c.day, trace_tally.c.content).where(trace_tally.c.about == about)
    if since:
        query = query.where(trace_tally.c.day >= since)
    if until:
        query = query.where(trace_tally.c.day < until)
    for row in connection.execute(query):
        yield Tally(block=row.block, day=row.day, about=about, content=loads(row.content))
    first, last = open_end(connection)
    for tally in counted(connection, block_of(first), first, last, about):
        if (not since or tally.day >= since) and (not until or tally.day < until):
            yield tally


def kept_tallies(connection: Connection, block: int) -> Sequence[Tally]:
    """What was kept about one block."""
    query = select(trace_tally).where(trace_tally.c.block == block).order_by(trace_tally.c.about, trace_tally.c.day)
    return tuple(
        Tally(block=row.block, day=row.day, about=row.about, content=loads(row.content))
        for row in connection.execute(query)
    )


def open_end(connection: Connection) -> tuple[int, int]:
    """First and last number of the records that are in no full block yet; the first is greater when there are none."""
    head = connection.execute(select(func.max(trace_header.c.seq))).scalar() or 0
    return _last_block(connection) * BLOCK + 1, int(head)


def block_of(seq: int) -> int:
    """The block a record is in; the first is number 1."""
    return (seq - 1) // BLOCK + 1


def span_of_block(block: int) -> tuple[int, int]:
    return (block - 1) * BLOCK + 1, block * BLOCK


def _last_block(connection: Connection) -> int:
    return int(connection.execute(select(func.max(trace_tally.c.block))).scalar() or 0)


# --- counting ----------------------------------------------------------------------------------------


def counted(connection: Connection, block: int, first: int, last: int, about: About | None = None) -> Iterator[Tally]:
    """The tallies of the records from one number to another, about one thing or all of them."""
    if first > last:
        return

    def meant(seq: ColumnElement[int]) -> ColumnElement[bool]:
        return seq.between(first, last)

    headers = connection.execute(_HEADERS.where(meant(trace_header.c.seq))).all()
    made: dict[About, Mapping[str, object]] = {}
    if about in (None, "rules"):
        made["rules"] = _rules(connection, headers, meant)
    if about in (None, "calls"):
        made["calls"] = _calls(headers)
    if about in (None, "records"):
        made["records"] = _records(headers, _moment_before(connection, first))
    for each, by_day in sorted(made.items()):
        for day, content in sorted(by_day.items()):
            yield Tally(block=block, day=day, about=each, content=content)


_HEADERS = select(
    *(
        trace_header.c[name]
        for name in (
            "seq", "kind", "decided_at", "rulebook", "client", "tenant", "service", "outcome", "degraded", "duration_ns"
        )
    )
).order_by(trace_header.c.seq)  # fmt: skip


def _moment_before(connection: Connection, first: int) -> str:
    return str(
        connection.execute(select(trace_header.c.decided_at).where(trace_header.c.seq == first - 1)).scalar() or ""
    )


def _records(headers: Sequence[Row[Any]], before: str) -> Mapping[str, object]:
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


def _calls(headers: Sequence[Row[Any]]) -> Mapping[str, object]:
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
    return {day: [[*names, told] for names, told in sorted(calls.items())] for day, calls in by_day.items()}


def rounded_up(duration_ns: int) -> int:
    """Microseconds, the first two digits exact: a percentile that is told is never too small, nor a tenth too large.

    >>> [rounded_up(ns) for ns in (1, 99_000, 100_001, 12_345_678)]
    [1, 99, 110, 13000]
    """
    microseconds = max(-(-duration_ns // 1000), 0)
    unit: int = 10 ** max(len(str(microseconds)) - 2, 0)
    return -(-microseconds // unit) * unit


def _rules(connection: Connection, headers: Sequence[Row[Any]], meant: Meant) -> Mapping[str, object]:
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


def faults_in_tallies(connection: Connection) -> Iterator[tuple[int, str]]:
    """What was counted and is not so, each with the first record it is about."""
    head = connection.execute(select(func.max(trace_header.c.seq))).scalar() or 0
    for block in range(1, _last_block(connection) + 1):
        first, last = span_of_block(block)
        if last > head or not _same(counted(connection, block, first, last), kept_tallies(connection, block)):
            yield first, f"the tallies of the records {first} to {last} are not what these come to"


def _same(these: Iterable[Tally], those: Iterable[Tally]) -> bool:
    def written(each: Tally) -> bytes:
        return dumps([each.block, each.about, each.day, each.content])

    return sorted(map(written, these)) == sorted(map(written, those))
