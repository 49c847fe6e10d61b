"""Tallies: what some hundred records come to, counted once, so that questions about a year read hundreds of rows.

Records are counted in blocks of consecutive numbers, each when it is full, by whoever filled it. What
came after the last full block is counted when somebody asks. A tally is made from headers and rows
alone and can be made again at any time; an erasure takes what it erased out of the tallies, too.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import ColumnElement, Connection, delete, func, insert, select

from service.canonical import dumps, loads
from service.traces.counting import calls_in, headers_of, records_in, rules_in
from service.traces.schema import trace_header, trace_tally

BLOCK = 250
"""Records of one tally: counting them takes some milliseconds, for whoever fills it and for whoever asks before.
Tallies are kept under the number of their block: another size needs a migration that makes them again."""

About = Literal["records", "calls", "rules"]


@dataclass(frozen=True, kw_only=True)
class Tally:
    """What the records of one block and one day (UTC) come to, about one thing.

    About records: their number, and those before which the clock went back. About calls: see
    ``calls_in``. About rules: by rulebook how many decisions still have a body (``kept``), how many of
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
    def meant(seq: ColumnElement[int]) -> ColumnElement[bool]:
        return seq.in_(seqs)

    return rules_in(connection, headers_of(connection, meant), meant)


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
            yield Tally(block=block, day=day, about=each, content=content)


def _moment_before(connection: Connection, first: int) -> str:
    return str(
        connection.execute(select(trace_header.c.decided_at).where(trace_header.c.seq == first - 1)).scalar() or ""
    )


# --- verifying them ----------------------------------------------------------------------------------


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
