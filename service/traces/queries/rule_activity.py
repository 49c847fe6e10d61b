"""What became of each rule, over whole days: those that never fire, always fire, or mostly cannot be decided."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import Connection, select

from service.canonical import loads
from service.traces.rulebooks import content_in
from service.traces.schema import trace_header
from service.traces.store import TraceStore
from service.traces.stored import stored_header
from service.traces.tallies import tallies

Habit = Literal["never judged", "never fires", "always fires", "mostly undetermined", "varies"]


@dataclass(frozen=True, kw_only=True)
class RuleActivity:
    """A rule in the decisions whose body is still there; each counts once, by the gravest situation of the rule.

    ``judged`` are those in which it was not switched off.
    """

    rule: str
    judged: int
    outcomes: Mapping[str, int]  # "not fired" included

    @property
    def habit(self) -> Habit:
        """A rule that is mostly undetermined may also never fire: that it lacks data explains the other."""
        if not self.judged:
            return "never judged"
        if self.outcomes.get("undetermined", 0) * 2 > self.judged:
            return "mostly undetermined"
        fired = self.outcomes.get("fired", 0)
        if not fired:
            return "never fires"
        return "always fires" if fired == self.judged else "varies"


@dataclass(frozen=True, kw_only=True)
class Activity:
    """``unknown`` are rulebooks whose rules were never kept: of these only rules that did something are known."""

    decisions: int
    rules: tuple[RuleActivity, ...]  # by id
    unknown: tuple[str, ...]


def rule_activity(store: TraceStore, *, since: str = "", until: str = "", rulebook: str | None = None) -> Activity:
    """Every rule of the rulebooks that were used from one day (included) to another; "" for no bound."""
    judged: Counter[str] = Counter()  # by rulebook
    outcomes: dict[str, dict[str, Counter[str]]] = {}  # by rulebook and outcome
    with store.reading() as connection:
        for tally in tallies(connection, "rules", since, until):
            for under, told in tally.content.items():
                if rulebook in (None, under):
                    judged[under] += told.get("judged", 0)
                    mine = outcomes.setdefault(under, {})
                    for outcome, rules in told.get("outcomes", {}).items():
                        mine.setdefault(outcome, Counter()).update(rules)
        ids = {under: rule_ids(connection, under) for under in outcomes}
    return Activity(
        decisions=sum(judged.values()),
        rules=_together(judged, outcomes, ids),
        unknown=tuple(sorted(under for under, known in ids.items() if known is None)),
    )


def _together(
    judged: Mapping[str, int],
    outcomes: Mapping[str, Mapping[str, Counter[str]]],
    ids: Mapping[str, frozenset[str] | None],
) -> tuple[RuleActivity, ...]:
    decisions: Counter[str] = Counter()  # by rule
    found: dict[str, Counter[str]] = {}
    for under, by_outcome in outcomes.items():
        for rule in (ids[under] or frozenset()).union(*by_outcome.values()):
            decisions[rule] += judged[under]
            mine = found.setdefault(rule, Counter())
            for outcome, rules in by_outcome.items():
                mine[outcome] += rules.get(rule, 0)
    return tuple(_activity(rule, decisions[rule], +found[rule]) for rule in sorted(found))


def _activity(rule: str, decisions: int, outcomes: Counter[str]) -> RuleActivity:
    told = {**outcomes, "not fired": decisions - sum(outcomes.values()) + outcomes["not fired"]}
    return RuleActivity(
        rule=rule,
        judged=decisions - outcomes["switched off"],
        outcomes={outcome: number for outcome, number in sorted(told.items()) if number},
    )


def rule_ids(connection: Connection, rulebook: str) -> frozenset[str] | None:
    """The ids of the rules of a rulebook, by the newest decision made under it; None when they were not kept."""
    newest = select(trace_header).where(trace_header.c.rulebook == rulebook)
    row = connection.execute(newest.order_by(trace_header.c.seq.desc()).limit(1)).first()
    if row is None:
        return None
    header = stored_header(row)
    digest = str(header.header.get("rules") or header.says.get("rules"))
    if digest not in _READ:
        kept = content_in(connection, digest)
        document = loads(kept) if kept is not None else None
        if not isinstance(document, dict):
            return None
        _READ[digest] = frozenset(str(rule["id"]) for rule in document["rules"])
    return _READ[digest]


_READ: dict[str, frozenset[str]] = {}
"""The rules of contents that were read before; a digest names one content for ever."""
