"""What became of the cards that were shown: how many were answered, and how, by rule, hook, service, client or user.

Counts and nothing else: whether a handful of answers means anything is for whoever reads them. What was
erased is not counted any more, neither as shown nor as answered.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from statistics import median
from typing import Any, Literal, get_args

from sqlalchemy import ColumnElement, Connection, Select, func, literal, select

from service.trace import Kind
from service.traces.schema import trace_card, trace_feedback, trace_header
from service.traces.store import TraceStore

Dimension = Literal["rule", "hook", "service", "client", "tenant", "user"]
DIMENSIONS: tuple[Dimension, ...] = get_args(Dimension)

_decision, _card, _told = trace_header.c, trace_card.c, trace_feedback.c
_telling = trace_header.alias("telling")  # the event that told of a card

_COLUMN: Mapping[Dimension, ColumnElement[str]] = {
    "rule": _card.rules,  # all rules of a card, with a space between
    "hook": _decision.hook,
    "service": _decision.service,
    "client": _decision.client,
    "tenant": _decision.tenant,
    "user": _decision.user_key,
}


@dataclass(frozen=True, kw_only=True)
class Window:
    """Which cards are counted: those of decisions made from ``since`` on and before ``until``.

    Both are written like ``decided_at`` or like its first part; "" is no limit. ``only`` holds the value
    each dimension must have.
    """

    since: str = ""
    until: str = ""
    kind: Kind = "hook"
    only: Mapping[Dimension, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Tally:
    """Cards: shown, and by the last answer there was. ``reasons`` are of overrides, "" when none was coded.

    ``median_seconds`` is the time from the decision to the first answer, by the clock of the client,
    over the cards of which it is known; None when it is of none.
    """

    shown: int
    accepted: int
    overridden: int
    reasons: Mapping[str, int]
    median_seconds: float | None

    @property
    def answered(self) -> int:
        return self.accepted + self.overridden

    @property
    def unanswered(self) -> int:
        """Shown and never spoken of: clients do not tell that a card was ignored."""
        return self.shown - self.answered


@dataclass(frozen=True, kw_only=True)
class Stats:
    """``groups`` by the value of one dimension, the most shown first; a card of several rules is in each of theirs.

    ``unknown`` is how often something was told about a card that nobody knows.
    """

    total: Tally
    groups: Mapping[str, Tally]
    unknown: int


@dataclass(frozen=True, kw_only=True)
class _Answer:
    """The last word on a card, and when the first was spoken."""

    value: str
    outcome: str
    reason: str
    seconds: float | None


def stats(store: TraceStore, window: Window, by: Dimension = "rule") -> Stats:
    with store.reading() as connection:
        shown = _shown(connection, window, by)
        first = _first_seq(connection, window)
        answers = list(_answers(connection.execute(_answers_query(window, by, first))))
        unknown = connection.execute(_unknown_query(window, first)).scalar_one()
    values = _split if by == "rule" else _whole
    shown_as: Counter[str] = Counter()
    for value, count in shown.items():
        for part in values(value):
            shown_as[part] += count
    answers_as: defaultdict[str, list[_Answer]] = defaultdict(list)
    for answer in answers:
        for part in values(answer.value):
            answers_as[part].append(answer)
    ranked = sorted(shown_as, key=lambda value: (-shown_as[value], value))
    return Stats(
        total=_tally(shown.total(), answers),
        groups={value: _tally(shown_as[value], answers_as[value]) for value in ranked if _is_wanted(value, window, by)},
        unknown=unknown,
    )


def _split(rules: str) -> list[str]:
    return rules.split() or [""]


def _whole(value: str) -> list[str]:
    return [value]


def _is_wanted(value: str, window: Window, by: Dimension) -> bool:
    """False of the other rules of a card that was counted for one of its rules."""
    return by not in window.only or value == window.only[by]


def _tally(shown: int, answers: Iterable[_Answer]) -> Tally:
    given = list(answers)
    overridden = [answer for answer in given if answer.outcome == "overridden"]
    seconds = [answer.seconds for answer in given if answer.seconds is not None]
    return Tally(
        shown=shown,
        accepted=len(given) - len(overridden),
        overridden=len(overridden),
        reasons=dict(sorted(Counter(answer.reason for answer in overridden).items(), key=lambda of: (-of[1], of[0]))),
        median_seconds=median(seconds) if seconds else None,
    )


# --- what is asked of the database -----------------------------------------------------------------


def _shown(connection: Connection, window: Window, by: Dimension) -> Counter[str]:
    of = _COLUMN[by].concat("")  # an expression: else SQLite goes along the index of clients, past the window
    query = (
        select(of, func.count())
        .select_from(trace_header.join(trace_card, _card.seq == _decision.seq))
        .where(*_bounds(_decision.decided_at, window), *_conditions(window))
        .group_by(of)
    )
    return Counter({value: count for value, count in connection.execute(query)})


def _first_seq(connection: Connection, window: Window) -> int:
    """No feedback about the cards of a window is older than the first record of the window."""
    if not window.since:
        return 0
    # Of an expression: else SQLite looks for the least number by reading all that are smaller.
    query = select(func.min(_decision.seq + 0)).where(_decision.decided_at >= window.since)
    return connection.execute(query).scalar_one() or 0


def _answers_query(window: Window, by: Dimension, first: int) -> Select[Any]:
    """All that was told of the cards of a window, in the order it was told.

    Feedback is less than cards: it is read first, so the window must not tempt an index of its own.
    """
    told_of = (
        trace_feedback.join(_telling, _telling.c.seq == _told.seq)
        .join(trace_card, _card.uuid == _told.card)
        .join(trace_header, _decision.seq == _card.seq)
    )
    return (
        select(_told.card, _COLUMN[by], _told.outcome, _told.reason, _told.given_at, _decision.decided_at)
        .select_from(told_of)
        .where(_told.seq >= first, _telling.c.subject == _decision.id)
        .where(*_bounds(_decision.decided_at.concat(""), window), *_conditions(window))
        .order_by(_told.seq)
    )


def _unknown_query(window: Window, first: int) -> Select[Any]:
    told = _telling.c
    query = select(func.count()).where(told.kind == "feedback", told.seq >= first, told.subject.concat("") == "")
    client = window.only.get("client")
    bounds = _bounds(told.decided_at.concat(""), window)
    return query.where(*bounds, *(() if client is None else (told.client.concat("") == client,)))


def _bounds(moment: ColumnElement[str], window: Window) -> Iterator[ColumnElement[bool]]:
    yield moment >= window.since  # even of "": it is what leads SQLite to the index of moments
    if window.until:
        yield moment < window.until


def _conditions(window: Window) -> Iterator[ColumnElement[bool]]:
    # As an expression, which no index answers: else SQLite collects all decisions of the kind.
    yield _decision.kind.concat("") == window.kind
    for dimension, value in window.only.items():
        if dimension == "rule":
            yield (literal(" ") + _card.rules + " ").contains(f" {value} ", autoescape=True)
        else:
            yield _COLUMN[dimension].concat("") == value


def _answers(rows: Iterable[Any]) -> Iterator[_Answer]:
    """One answer for each card: what was said last counts, by the clock of whoever said it."""
    told: defaultdict[str, list[Any]] = defaultdict(list)
    for row in rows:
        told[row.card].append(row)
    for of_card in told.values():
        of_card.sort(key=lambda row: row.given_at)  # and, at the same moment, as it was told
        first, last = of_card[0], of_card[-1]
        yield _Answer(
            value=last[1], outcome=last.outcome, reason=last.reason, seconds=_seconds(first.decided_at, first.given_at)
        )


def _seconds(since: str, until: str) -> float | None:
    """From one moment to another as headers write them; None when one is not known or the clocks disagree."""
    if not until or until < since:
        return None
    return (datetime.fromisoformat(until) - datetime.fromisoformat(since)).total_seconds()
