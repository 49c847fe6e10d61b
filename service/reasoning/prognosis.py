"""The prognostic group, sound over everything that is unknown.

However the unknown facts turn out, the stated group must hold; else none is stated. Each criterion, adverse
point and group is a definition that the engine runs, on every completion of the facts it reads;
here they are only counted: how many points, whether a criterion of the good group is unmet, how
many unfavourable features. Completions never seen before are run once and remembered, so that a
sparse record does not cost a thousand runs of the engine.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import reduce
from typing import NamedTuple

from rulesets.book import Rulebook
from rulesets.facts import FACTS
from rulesets.language import ChoiceFact, FactType, Interval, Number, NumberFact, Truth, Value, comparisons_in
from rulesets.prognosis import Dimension
from rulesets.record import Fact, Record
from rulesets.rule import Definition
from rulesets.rulebook import RULEBOOK
from rulesets.thresholds import AGE_COUNTS_AS_POINT, GOOD_REQUIRES_SINGLE_LESION, Threshold
from service.reasoning.engine import Engine, EngineFailure
from service.reasoning.findings import Prognosis

GROUPS = ("good", "intermediate", "poor")
"""From best to worst."""
MOST_REMEMBERED = 4096
"""Ages and counts differ without end; what was remembered is then found out anew."""
STATUS, BONE = "mets.status", "mets.organ.bone"
CONDITION = "patient.systemic_condition"

NO_DATE = date.min
"""Criteria do not depend on the evaluation date."""

Name = str
Completion = tuple[Value | None, ...]


class Tally(NamedTuple):
    """What was counted over one completion of some or all dimensions."""

    adverse_points: int = 0
    unmet: bool = False
    unfavourable_features: int = 0
    compromised: bool = False

    def plus(self, other: Tally) -> Tally:
        return Tally(
            self.adverse_points + other.adverse_points,
            self.unmet or other.unmet,
            self.unfavourable_features + other.unfavourable_features,
            self.compromised or other.compromised,
        )


NOTHING = frozenset({Tally()})


@dataclass(frozen=True, eq=False)
class Options:
    """The tallies a dimension may come to, and the pairs that a single unknown fact decides between."""

    tallies: frozenset[Tally]
    decided_by: Mapping[Name, frozenset[tuple[Tally, Tally]]]


class Stratifier:
    """Prognosis with one engine; remembers what the engine said of each completion and tally."""

    def __init__(self, engine: Engine, rulebook: Rulebook = RULEBOOK) -> None:
        """``rulebook`` is the one the engine was compiled from."""
        self._engine, self._rulebook = engine, rulebook
        self._counted: dict[tuple[str, Completion], tuple[Tally, ...]] = {}
        self._known_sums: dict[tuple[Options, ...], tuple[frozenset[Tally], tuple[str, ...]]] = {}
        self._known_options: dict[tuple[object, ...], Options] = {}
        self._judged: dict[Tally, tuple[str, str]] = {}
        self._cuts = {dimension.name: _cuts(dimension, engine) for dimension in rulebook.criteria}

    def prognosis_of(self, record: Record) -> Prognosis:
        """The prognosis for a record that has its patterns."""
        status, bone = record.value(STATUS), record.value(BONE)
        if status in ("none", "suspected") or bone == "absent":
            return Prognosis(group="not_applicable", lean="not_applicable")
        undecided = tuple(name for name, value in ((STATUS, status), (BONE, bone)) if value is None)
        options = tuple(self._options(dimension, record) for dimension in self._rulebook.criteria)
        tallies, missing = self._combined(options)
        by_facts = {self._group(tally) for tally in tallies}
        possible, conflicts = self._with_overrides(by_facts, record)
        if undecided:
            possible = GROUPS  # not even whether there is a bone metastasis is known
        is_stated_by_facts = len(by_facts) == 1 and not undecided
        group = possible[0] if len(possible) == 1 else "indeterminate"
        points = [tally.adverse_points for tally in tallies]
        return Prognosis(
            group=group,
            possible=possible,
            missing=undecided or missing,
            points_lo=min(points),
            points_hi=max(points),
            lean=self._lean(tallies),
            conflict_facts=conflicts if is_stated_by_facts else (),
            criteria=self._criteria(record),
        )

    # --- the groups ------------------------------------------------------------------------

    def _group(self, tally: Tally) -> str:
        return self._group_and_lean(tally)[0]

    def _lean(self, tallies: frozenset[Tally]) -> str | None:
        """The lean of every intermediate completion, when they all have the same one."""
        leans = {lean for group, lean in map(self._group_and_lean, tallies) if group == "intermediate"}
        if not leans:
            return "not_applicable"
        return leans.pop() if len(leans) == 1 else None

    def _group_and_lean(self, tally: Tally) -> tuple[str, str]:
        judged = self._judged.get(tally)
        if judged is None:
            known = {
                "prognosis.tally.adverse_points": tally.adverse_points,
                "prognosis.tally.criteria_unmet": int(tally.unmet),
                "prognosis.tally.unfavourable_features": tally.unfavourable_features,
                "prognosis.tally.compromised": tally.compromised,
            }
            verdicts = self._engine.run("prognosis groups", _record_of(known))
            values = {
                verdict.judged.fact.name: verdict.judged.value
                for verdict in verdicts
                if verdict.truth is Truth.TRUE and isinstance(verdict.judged, Definition)
            }
            if not {"prognosis.group", "prognosis.lean"} <= values.keys():
                raise EngineFailure("The rulebook leaves a completion of the criteria without a group or a lean.")
            judged = self._judged[tally] = str(values["prognosis.group"]), str(values["prognosis.lean"])
        return judged

    def _with_overrides(self, groups: set[str], record: Record) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Crisis, progression and a short life expectancy withdraw a group; they never give one."""
        verdicts = self._engine.run("prognosis overrides", record)
        in_force = {verdict.judged.id for verdict in verdicts if verdict.truth is Truth.TRUE}
        possible = set(groups)
        conflicts: set[str] = set()
        for override in self._rulebook.overrides:
            if override.definition.id not in in_force:
                continue
            for group in groups & set(override.withdraws):
                possible.update(GROUPS[GROUPS.index(group) :])
                conflicts.add(override.fact.name)
        return tuple(group for group in GROUPS if group in possible), tuple(sorted(conflicts))

    # --- completions -----------------------------------------------------------------------

    def _combined(self, options: tuple[Options, ...]) -> tuple[frozenset[Tally], tuple[str, ...]]:
        """The tallies of all dimensions together, and the facts that decide between groups."""
        known = self._known_sums.get(options)
        if known is None:
            if len(self._known_sums) >= MOST_REMEMBERED:
                self._known_sums.clear()
            tallies = reduce(_each_sum, (each.tallies for each in options))
            known = self._known_sums[options] = tallies, self._missing(options)
        return known

    def _missing(self, options: Sequence[Options]) -> tuple[str, ...]:
        """The unknown facts for which two completions that differ in nothing else give two groups."""
        missing = []
        before = list(itertools.accumulate((each.tallies for each in options), _each_sum, initial=NOTHING))
        after = list(itertools.accumulate((each.tallies for each in reversed(options)), _each_sum, initial=NOTHING))
        for place, here in enumerate(options):
            if not here.decided_by:
                continue
            elsewhere = _each_sum(before[place], after[len(options) - place - 1])
            for name, pairs in here.decided_by.items():
                if any(
                    self._group(rest.plus(one)) != self._group(rest.plus(another))
                    for one, another in pairs
                    for rest in elsewhere
                ):
                    missing.append(name)
        order = list(FACTS)
        return tuple(sorted(missing, key=lambda name: (name != CONDITION, order.index(name))))

    def _options(self, dimension: Dimension, record: Record) -> Options:
        choices = tuple(self._choices(dimension, fact, record.value(fact.name)) for fact in dimension.facts)
        context = {name: record.value(name) for name in self._rulebook.context}
        key = (dimension.name, choices, tuple(context.values()))
        known = self._known_options.get(key)
        if known is None:
            if len(self._known_options) >= MOST_REMEMBERED:
                self._forget()
            known = self._known_options[key] = self._found_options(dimension, choices, context)
        return known

    def _forget(self) -> None:
        self._known_sums.clear()
        self._known_options.clear()
        self._counted.clear()

    def _found_options(
        self, dimension: Dimension, choices: Sequence[tuple[Value, ...]], context: Mapping[Name, Value | None]
    ) -> Options:
        counted = {
            completion: self._tallies(dimension, completion, context) for completion in itertools.product(*choices)
        }
        decided_by: dict[Name, set[tuple[Tally, Tally]]] = {}
        for completion, tallies in counted.items():
            if len(tallies) > 1:
                decided_by.setdefault(CONDITION, set()).add((tallies[0], tallies[1]))
            for place, fact in enumerate(dimension.facts):
                for value in choices[place]:
                    other = counted[(*completion[:place], value, *completion[place + 1 :])]
                    pairs = {(one, another) for one in tallies for another in other if one != another}
                    if pairs and value != completion[place]:
                        decided_by.setdefault(fact.name, set()).update(pairs)
        return Options(
            frozenset(itertools.chain.from_iterable(counted.values())),
            {name: frozenset(pairs) for name, pairs in decided_by.items()},
        )

    def _tallies(
        self, dimension: Dimension, completion: Completion, context: Mapping[Name, Value | None]
    ) -> tuple[Tally, ...]:
        """What a completion counts to: one tally, or two while the general condition is open."""
        key = (dimension.name, (*completion, *context.values()))
        counted = self._counted.get(key)
        if counted is None:
            known = {fact.name: value for fact, value in zip(dimension.facts, completion, strict=True)}
            verdicts = self._engine.run(f"prognosis {dimension.name}", _record_of({**context, **known}))
            holds = {verdict.judged.id for verdict in verdicts if verdict.truth is Truth.TRUE}
            counted = self._counted[key] = self._count(dimension, holds)
        return counted

    def _count(self, dimension: Dimension, holds: set[str]) -> tuple[Tally, ...]:
        names = {definition.fact.name: definition.id in holds for definition in dimension.definitions}
        thresholds = self._engine.thresholds
        if not thresholds.on(AGE_COUNTS_AS_POINT):
            names.pop("prognosis.point.age", None)
        if not thresholds.on(GOOD_REQUIRES_SINGLE_LESION):
            names.pop("prognosis.criterion.single_lesion", None)
        tally = Tally(
            adverse_points=sum(held for name, held in names.items() if name.startswith("prognosis.point.")),
            unmet=not all(held for name, held in names.items() if name.startswith("prognosis.criterion.")),
            unfavourable_features=sum(held for name, held in names.items() if name.startswith("prognosis.feature.")),
            compromised=names.get("prognosis.compromised", False),
        )
        if names.get("prognosis.condition_open"):
            return tally, tally.plus(Tally(compromised=True))
        return (tally,)

    def _choices(self, dimension: Dimension, fact: FactType, value: Value | None) -> tuple[Value, ...]:
        """The value known, or one value for every answer that the definitions can tell apart."""
        if value is not None and not isinstance(value, Interval):
            return (value,)
        if isinstance(fact, ChoiceFact):
            return fact.allowed
        assert isinstance(fact, NumberFact)
        lo, hi = (None, None) if value is None else (value.lo, value.hi)
        lo = fact.least if lo is None else max(fact.least, lo)
        hi = fact.most if hi is None else min(fact.most, hi)
        return tuple(sorted(least for least in {lo, *self._cuts[dimension.name][fact.name]} if lo <= least <= hi))

    def _criteria(self, record: Record) -> tuple[tuple[str, Truth], ...]:
        """Every criterion and point on the record as it stands: true, false or unknown."""
        verdicts = self._engine.run("prognosis criteria", record)
        truths = {verdict.judged.id: verdict.truth for verdict in verdicts}
        ids = [definition.id for dimension in self._rulebook.criteria for definition in dimension.definitions]
        return tuple((id, truths.get(id, Truth.FALSE)) for id in ids)


def _each_sum(some: frozenset[Tally], others: frozenset[Tally]) -> frozenset[Tally]:
    """Every sum of one tally from each set."""
    return frozenset(one.plus(other) for one in some for other in others)


def _cuts(dimension: Dimension, engine: Engine) -> Mapping[Name, set[Number]]:
    """For each number a dimension reads: the least value of every stretch that its definitions cannot tell apart.

    A stretch begins at a cut (at least, below, equal) or just after one (above, at most, equal).
    """
    cuts: dict[Name, set[Number]] = {fact.name: set() for fact in dimension.facts}
    for definition in dimension.definitions:
        for claim in comparisons_in(definition.when):
            operand = claim.operand
            if isinstance(operand, Threshold):
                operand = engine.thresholds.number(operand)
            if isinstance(claim.fact, NumberFact):
                assert isinstance(operand, int)
                cuts[claim.fact.name] |= {operand, operand + 1}
    return cuts


def _record_of(values: Mapping[Name, Value | None]) -> Record:
    facts = {name: Fact(name=name, value=value) for name, value in values.items() if value is not None}
    return Record(evaluation_date=NO_DATE, facts=facts)
