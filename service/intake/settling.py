"""From what all sources say to what is so: the latest statement counts, and disagreement is told.

Two statements that cannot be put in order and differ are a conflict: the fact is then unknown,
with a reason. A statement without a date counts only when none has one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import timedelta

from rulesets.language import Interval, Value
from rulesets.record import Conflict, Fact, Source
from service.intake.chart import Statement
from service.intake.moments import Moment

LASTING = frozenset({
    "tumour.er_primary", "tumour.pr_primary", "tumour.her2_primary", "tumour.histology", "tumour.is_breast_primary",
    "tumour.brca_mutated", "patient.age_years",
})  # fmt: skip
"""What does not change with time: every source counts, and they must agree."""

AT_DIAGNOSIS = frozenset({"tumour.stage", "tumour.locally_advanced"})
"""What was so at diagnosis: the latest word within a year of the first."""

ONE_EPISODE = timedelta(days=365)

_GRAVER = {"mets.status": ("none", "suspected", "confirmed")}
"""Values from the least to the most: a condition only moves up this ladder."""


def settled(statements: Iterable[Statement]) -> tuple[dict[str, Fact], tuple[Conflict, ...]]:
    """The facts that are so and the conflicts, by topic and in a fixed order."""
    by_topic: dict[str, list[Statement]] = defaultdict(list)
    for statement in statements:
        by_topic[statement.topic].append(statement)
    facts: dict[str, Fact] = {}
    conflicts: list[Conflict] = []
    for topic in sorted(by_topic):
        current = _current(topic, by_topic[topic])
        if len({repr(statement.says) for statement in current}) > 1:
            conflicts += _conflicts(current)
        else:
            for fact in _agreed(current):
                facts[fact.name] = fact
    return {name: facts[name] for name in sorted(facts)}, tuple(sorted(conflicts, key=lambda conflict: conflict.name))


def _current(topic: str, statements: list[Statement]) -> list[Statement]:
    if topic.startswith("mets.organ.") or topic in _GRAVER:
        return _standing(topic, statements)
    if topic in LASTING:
        return [statement for statement in statements if not statement.preliminary] or statements
    if topic in AT_DIAGNOSIS:
        dated = [statement for statement in statements if statement.when is not None]
        first = min((statement.when.first for statement in dated if statement.when is not None), default=None)
        if first is not None:
            statements = [
                one for one in dated if one.when is not None and one.when.last <= first + ONE_EPISODE
            ] or dated
    return latest(statements)


def latest(statements: Sequence[Statement]) -> list[Statement]:
    """The statements that no other one is certainly later than; final ones before preliminary ones."""
    dated = [statement for statement in statements if statement.when is not None]
    horizon = _Horizon(statement.when for statement in dated)
    kept = [statement for statement in dated if not horizon.is_beyond(statement.when)] or list(statements)
    return [statement for statement in kept if not statement.preliminary] or kept


def _standing(topic: str, statements: list[Statement]) -> list[Statement]:
    """What is so of something that goes on: an active condition counts until a later word denies it.

    Metastatic disease that was confirmed does not become absent; a later denial is a conflict.
    """
    standing = [statement for statement in statements if statement.standing]
    others = latest([statement for statement in statements if not statement.standing])
    ladder = _GRAVER.get(topic, ("absent", "present"))
    ranks = {value: rank for rank, value in enumerate(ladder)}
    if topic in _GRAVER and not standing and others and any(one.value == ladder[0] for one in others):
        # The last word is "none": whatever was confirmed before contradicts it.
        held = {id(one) for one in others}
        others += [one for one in statements if one.value == ladder[-1] and id(one) not in held]
    claims = [*standing, *others]
    highest = max(ranks[str(claim.value)] for claim in claims)
    top = [claim for claim in claims if ranks[str(claim.value)] == highest]
    if highest == 0:
        return top
    if any(claim.when is None for claim in top):
        return top
    horizon = _Horizon(claim.when for claim in top)
    denials = [claim for claim in claims if ranks[str(claim.value)] == 0 and claim.when is not None]
    return [*top, *(denial for denial in denials if not horizon.is_beyond(denial.when))]


class _Horizon:
    """The latest of several moments, by which it is told at once whether any is certainly later than another.

    Asking each of them would take hours for the thousands of results of a long stay.
    """

    def __init__(self, moments: Iterable[Moment | None]) -> None:
        known = [moment for moment in moments if moment is not None]
        self._instant = max((moment.instant for moment in known if moment.instant is not None), default=None)
        self._day = max((moment.first for moment in known), default=None)
        self._day_alone = max((moment.first for moment in known if moment.instant is None), default=None)

    def is_beyond(self, moment: Moment | None) -> bool:
        """Whether a moment is before any of them; see Moment.is_before."""
        if moment is None:
            return False
        if moment.instant is None:
            return self._day is not None and moment.last < self._day
        if self._instant is not None and moment.instant < self._instant:
            return True
        return self._day_alone is not None and moment.last < self._day_alone


def _agreed(statements: list[Statement]) -> list[Fact]:
    """The facts of statements that agree, of the latest of them, with the sources of all."""
    ordered = sorted(statements, key=_order)
    sources: dict[str, dict[Source, None]] = defaultdict(dict)
    for statement in ordered:
        for fact in statement.facts:
            sources[fact.name].update(dict.fromkeys(fact.sources))
    return [replace(fact, sources=tuple(sources[fact.name])) for fact in ordered[0].facts]


def _order(statement: Statement) -> tuple[bool, int, str, str]:
    when, source = statement.when, statement.facts[0].sources[0]
    return when is None, -when.last.toordinal() if when is not None else 0, source.reference, source.element


def _conflicts(statements: list[Statement]) -> list[Conflict]:
    ordered = sorted(statements, key=_order)
    found = []
    for name in sorted({fact.name for statement in ordered for fact in statement.facts}):
        said = [fact for statement in ordered for fact in statement.facts if fact.name == name]
        values = sorted({fact.value for fact in said}, key=_sortable)
        if len(values) > 1:
            sources = tuple(
                sorted({fact.sources[0] for fact in said}, key=lambda source: (source.reference, source.element))
            )
            found.append(Conflict(name=name, values=tuple(values), sources=sources))
    return found


def _sortable(value: Value) -> tuple[str, float, str]:
    if isinstance(value, Interval):
        return "interval", float(value.lo if value.lo is not None else -1e9), str(value.hi)
    if isinstance(value, bool | int | float):
        return "number", float(value), ""
    return "text", 0.0, str(value)
