"""Tallies: what some hundred records come to, counted once, so that questions about many days read few rows.

Records are counted in blocks of consecutive numbers, each when it is full, by whoever filled it. What
came after the last full block is counted when somebody asks. A tally is made from headers and rows
alone and can be made again at any time; an erasure takes what it erased out of the tallies, too. Forty
blocks are summed up by month, so that a question about a year reads dozens of rows.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from sqlalchemy import ColumnElement, Connection, delete, func, insert, or_, select

from service.canonical import dumps, loads
from service.traces.counting import calls_in, headers_of, minus, plus, records_in, rules_in
from service.traces.schema import trace_header, trace_tally

BLOCK = 250
"""Records of one tally: counting them takes some milliseconds, for whoever fills it and for whoever asks before.
Tallies are kept under the number of their block: another size needs a migration that makes them again."""
MANY = 40
"""Blocks that are summed up by month; what is said of the size of a block holds of this number, too."""
DAYS, MONTHS = 1, 2
"""The levels of tallies: of a block by day, and of many blocks by month under the number of the last one."""

About = Literal["records", "calls", "rules"]


@dataclass(frozen=True, kw_only=True)
class Tally:
    """What the records of one block and one day (UTC), or of many blocks and one month, come to, about one thing.

    About records: their number, and those before which the clock went back. About calls: see
    ``calls_in``. About rules: by rulebook how many decisions still have a body (``kept``), how many of
    them came to an answer (``judged``), and by outcome how many of these each rule had it in.
    """

    level: int = DAYS
    block: int
    period: str  # 2026-01-31, of a sum 2026-01
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
    _insert(connection, counted(connection, block, *span_of_block(block)))
    if block % MANY == 0:
        _insert(connection, summed(connection, block))


def summed(connection: Connection, block: int) -> Iterator[Tally]:
    """What a block and those before it, forty in all, come to by month."""
    sums: dict[tuple[About, str], Any] = {}
    for tally in _read(connection, trace_tally.c.level == DAYS, trace_tally.c.block.between(block - MANY + 1, block)):
        name = tally.about, tally.period[:7]
        sums[name] = plus(sums[name], tally.content) if name in sums else tally.content
    for (about, month), content in sums.items():
        yield Tally(level=MONTHS, block=block, period=month, about=about, content=content)


def take_out_of_tallies(connection: Connection, seqs: Sequence[int]) -> None:
    """Forgets what the rules of some records came to, before their rows go. The chain must be locked."""
    less: dict[tuple[int, int, str], Any] = {}
    last = _last_block(connection)
    for block, some in _by_block(seqs):
        if block > last:
            continue  # not counted yet
        of_many = -(-block // MANY) * MANY
        for day, content in _rules_of(connection, some).items():
            less[DAYS, block, day] = content
            if of_many <= last:
                month = MONTHS, of_many, day[:7]
                less[month] = plus(less[month], content) if month in less else content
    for name, content in less.items():
        _take_out(connection, *name, content)


def _take_out(connection: Connection, level: int, block: int, period: str, content: Any) -> None:
    columns = {"level": level, "block": block, "about": "rules", "period": period}
    this = [trace_tally.c[name] == value for name, value in columns.items()]
    for kept in list(_read(connection, *this)):
        connection.execute(delete(trace_tally).where(*this))
        if left := minus(kept.content, content):
            _insert(connection, [replace(kept, content=left)])


def _rules_of(connection: Connection, seqs: Sequence[int]) -> Mapping[str, object]:
    def meant(seq: ColumnElement[int]) -> ColumnElement[bool]:
        return seq.in_(seqs)

    return rules_in(connection, headers_of(connection, meant), meant)


def _by_block(seqs: Sequence[int]) -> Iterator[tuple[int, list[int]]]:
    found: dict[int, list[int]] = defaultdict(list)
    for seq in seqs:
        found[block_of(seq)].append(seq)
    yield from sorted(found.items())


def _insert(connection: Connection, made: Iterable[Tally]) -> None:
    rows = [{**vars(each), "content": dumps(each.content).decode()} for each in made]
    if rows:
        connection.execute(insert(trace_tally), rows)


# --- reading them ------------------------------------------------------------------------------------


def tallies(connection: Connection, about: About, since: str = "", until: str = "") -> Iterator[Tally]:
    """All there is about one thing from a day on (included) until another (excluded); "" for no bound."""
    first_month, month_after = _whole_months(since, until)
    month, day, block = trace_tally.c.level == MONTHS, trace_tally.c.level == DAYS, trace_tally.c.block
    period, this = trace_tally.c.period, trace_tally.c.about == about
    yield from _read(connection, month, this, period >= first_month, period < month_after)
    not_in_a_sum = or_(block > _last_block(connection) // MANY * MANY, period < first_month, period >= month_after)
    yield from _read(connection, day, this, not_in_a_sum, period >= since, period < (until or _NEVER))
    first, last = open_end(connection)
    for tally in counted(connection, block_of(first), first, last, about):
        if since <= tally.period < (until or _NEVER):
            yield tally


_NEVER = "9999-99"


def _whole_months(since: str, until: str) -> tuple[str, str]:
    """The first month that is wholly between two days, and the one after the last; "" for no bound.

    >>> _whole_months("2026-01-31", "2026-04-02"), _whole_months("2025-12-02", "2026-01-01")
    (('2026-02', '2026-04'), ('2026-01', '2026-01'))
    """
    first = since[:7]
    if since and since[8:] != "01":
        year, month = divmod(int(since[:4]) * 12 + int(since[5:7]), 12)
        first = f"{year:04}-{month + 1:02}"
    return first, until[:7] if until else _NEVER


def kept_tallies(connection: Connection, block: int, level: int = DAYS) -> Sequence[Tally]:
    """What was kept about one block, or about the many that end with it."""
    return tuple(_read(connection, trace_tally.c.block == block, trace_tally.c.level == level))


def _read(connection: Connection, *conditions: ColumnElement[bool]) -> Iterator[Tally]:
    for row in connection.execute(select(trace_tally).where(*conditions)):
        yield Tally(**{**row._mapping, "content": loads(row.content)})


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
    return int(
        connection.execute(select(func.max(trace_tally.c.block)).where(trace_tally.c.level == DAYS)).scalar() or 0
    )


# --- counting ----------------------------------------------------------------------------------------


def counted(connection: Connection, block: int, first: int, last: int, about: About | None = None) -> Iterator[Tally]:
    """The tallies of the records from one number to another, about one thing or all of them."""
    if first > last:
        return

    def meant(seq: ColumnElement[int]) -> ColumnElement[bool]:
        return seq.between(first, last)

    headers = headers_of(connection, meant)
    made: dict[About, Mapping[str, object]] = {}
    if about in (None, "rules"):
        made["rules"] = rules_in(connection, headers, meant)
    if about in (None, "calls"):
        made["calls"] = calls_in(headers)
    if about in (None, "records"):
        made["records"] = records_in(headers, _moment_before(connection, first))
    for each, by_day in sorted(made.items()):
        for day, content in sorted(by_day.items()):
            yield Tally(block=block, period=day, about=each, content=content)


def _moment_before(connection: Connection, first: int) -> str:
    return str(
        connection.execute(select(trace_header.c.decided_at).where(trace_header.c.seq == first - 1)).scalar() or ""
    )


# --- verifying them ----------------------------------------------------------------------------------


def faults_in_tallies(connection: Connection) -> Iterator[tuple[int, str]]:
    """What was counted and is not so, each with the first record it is about."""
    head = connection.execute(select(func.max(trace_header.c.seq))).scalar() or 0
    last_block = _last_block(connection)
    for block in range(1, last_block + 1):
        first, last = span_of_block(block)
        if last > head or not _same(counted(connection, block, first, last), kept_tallies(connection, block)):
            yield first, f"the tallies of the records {first} to {last} are not what these come to"
    of_many = trace_tally.c.level == MONTHS
    kept = set(connection.execute(select(trace_tally.c.block).where(of_many)).scalars())
    for block in sorted(kept.union(range(MANY, last_block + 1, MANY))):
        first, last = span_of_block(block - MANY + 1)[0], span_of_block(block)[1]
        if not _same(summed(connection, block), kept_tallies(connection, block, MONTHS)):
            yield first, f"the tallies of the records {first} to {last} are not the sum of those by day"


def _same(these: Iterable[Tally], those: Iterable[Tally]) -> bool:
    return sorted(dumps(vars(each)) for each in these) == sorted(dumps(vars(each)) for each in those)
