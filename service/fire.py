"""The rules fired on one record, stage by stage: derived facts, patterns, prognosis, then the rules.

No rule reads a fact that a rule of its own stage makes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from rulesets.book import Rulebook
from rulesets.derive import derived
from rulesets.language import Truth, Value
from rulesets.record import Fact, Member, Record
from rulesets.rule import Definition, Scope
from rulesets.rulebook import RULEBOOK
from rulesets.thresholds import Thresholds
from service.reasoning.clauses import Clauses, Remembered, clauses_in
from service.reasoning.engine import Engine, Situated, Verdict
from service.reasoning.explanation import Explanation, Outline, Outlines
from service.reasoning.findings import Prognosis
from service.reasoning.prognosis import Stratifier
from service.reasoning.situations import Situations, members_of


@dataclass(frozen=True, kw_only=True)
class Fired:
    """A record with all its derived facts, its prognosis, and every rule that is true or open."""

    record: Record
    prognosis: Prognosis
    verdicts: tuple[Verdict, ...]
    situations: Situations = field(compare=False, repr=False)
    """Every situation the rules were judged in."""
    clauses: tuple[Clauses, ...] = field(compare=False, repr=False)
    """The rules that were judged, clause by clause."""
    remembered: Remembered = field(default_factory=Outlines, compare=False, repr=False)
    """What their clauses came to in situations before."""
    outlines: Outlines[Outline] = field(default_factory=Outlines, compare=False, repr=False)
    """What was worked out before about verdicts of the same engine."""
    rulebook: Rulebook = RULEBOOK
    """The rulebook that was fired."""


class Reasoner:
    """A rulebook compiled with one set of thresholds. Safe between threads."""

    def __init__(self, thresholds: Thresholds, rulebook: Rulebook = RULEBOOK) -> None:
        """Compile the rulebook; raises EngineFailure when the engine cannot hold it."""
        self.thresholds, self.rulebook = thresholds, rulebook
        rules = [rule for rule in rulebook.rules if rule.enabled_by is None or thresholds.on(rule.enabled_by)]
        self.switched_off = tuple(rule.id for rule in rulebook.rules if rule not in rules)
        self._engine = Engine(
            {
                **{f"definitions {number}": stage for number, stage in enumerate(rulebook.stages)},
                **{f"prognosis {dimension.name}": dimension.definitions for dimension in rulebook.criteria},
                "prognosis criteria": [each for dimension in rulebook.criteria for each in dimension.definitions],
                "prognosis overrides": [override.definition for override in rulebook.overrides],
                "prognosis groups": (*rulebook.groups, *rulebook.leans),
                "rules": rules,
            },
            thresholds,
        )
        self._outlines: Outlines[Outline] = Outlines()
        self._clauses = clauses_in(self._engine.layout_of("rules"))
        self._remembered: Remembered = Outlines()
        self.stratifier = Stratifier(self._engine, rulebook)

    @property
    def situations(self) -> Situated:
        """How many situations were judged since the start, and how many of them from memory."""
        return self._engine.situations

    def fire(self, record: Record) -> Fired:
        """Everything that is true of a record, or open."""
        record = derived(record, self.thresholds)
        for number, stage in enumerate(self.rulebook.stages):
            explained = Explanation(record, self._outlines)
            record = _with_definitions(record, stage, self._engine.run(f"definitions {number}", record), explained)
        prognosis = self.stratifier.prognosis_of(record)
        record = _with_prognosis(record, prognosis, self.rulebook)
        situations = self._engine.situations_of("rules", record)
        verdicts = self._engine.run_within("rules", situations)
        return Fired(
            record=record,
            prognosis=prognosis,
            verdicts=verdicts,
            situations=situations,
            clauses=self._clauses,
            remembered=self._remembered,
            outlines=self._outlines,
            rulebook=self.rulebook,
        )


def _with_definitions(
    record: Record, stage: Sequence[Definition], verdicts: Sequence[Verdict], explained: Explanation
) -> Record:
    """The record with the facts a stage of definitions gives a value to."""
    given = _Given(record)
    settled: set[tuple[str, str]] = set()
    for verdict in verdicts:
        definition = verdict.judged
        assert isinstance(definition, Definition)
        key = verdict.elements[0].key if verdict.elements else ""
        if verdict.truth is Truth.TRUE:
            given.give(
                definition, key, definition.value, explained.because(definition, verdict.elements, verdict.situation)
            )
        if verdict.truth is Truth.TRUE or definition.otherwise is None:
            settled.add((definition.fact.name, key))
    for definition in stage:
        for key in given.keys(definition.for_each):
            if (definition.fact.name, key) not in settled:
                if definition.otherwise is not None:
                    given.give(definition, key, definition.otherwise, ())
                elif definition.fact.type == "truth":
                    given.give(definition, key, not definition.value, ())
    return given.record()


class _Given:
    """A record being added to."""

    def __init__(self, record: Record) -> None:
        self._record = record
        self._facts = dict(record.facts)
        self._of_members: dict[tuple[str, str], dict[str, Fact]] = {}

    def keys(self, scope: Scope) -> list[str]:
        return [""] if not scope else [member.key for member in members_of(self._record, scope[0])]

    def give(self, definition: Definition, key: str, value: bool | str, because: tuple[Fact, ...]) -> None:
        fact = Fact(
            name=definition.fact.name,
            value=value,
            sources=tuple(dict.fromkeys(source for reason in because for source in reason.sources)),
            because=tuple(reason.name for reason in because),
        )
        if not definition.for_each:
            self._facts[fact.name] = fact
        elif key:
            self._of_members.setdefault((definition.for_each[0], key), {})[fact.name] = fact

    def record(self) -> Record:
        def added(element: str, members: tuple[Member, ...]) -> tuple[Member, ...]:
            return tuple(
                replace(member, facts={**member.facts, **more})
                if (more := self._of_members.get((element, member.key)))
                else member
                for member in members
            )

        record = self._record
        return replace(
            record,
            facts=self._facts,
            lesions=None if record.lesions is None else added("lesion", record.lesions),
            drugs=None if record.drugs is None else added("drug", record.drugs),
            courses=added("course", record.courses),
            orders=added("order", record.orders),
        )


def _with_prognosis(record: Record, prognosis: Prognosis, rulebook: Rulebook) -> Record:
    """The record with what was found of the prognosis, as facts the rules read."""
    read = ("mets.status", "mets.organ.bone", *(fact.name for each in rulebook.criteria for fact in each.facts))
    reasons = tuple(name for name in read if name in record.facts)
    sources = tuple(dict.fromkeys(source for name in reasons for source in record.facts[name].sources))

    def fact(name: str, value: Value) -> Fact:
        return Fact(name=name, value=value, sources=sources, because=reasons)

    facts = [
        fact("prognosis.group", prognosis.group),
        fact("dq.prognosis_conflict", bool(prognosis.conflict_facts)),
        fact("prognosis.possible_groups", prognosis.possible),
        fact("prognosis.missing_facts", prognosis.missing),
        fact("prognosis.conflict_facts", prognosis.conflict_facts),
    ]
    if prognosis.lean is not None:
        facts.append(fact("prognosis.lean", prognosis.lean))
    return replace(record, facts={**record.facts, **{each.name: each for each in facts}})
