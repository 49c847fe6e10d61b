"""Why a verdict of the engine holds: the facts that decided it, or the facts it waits for.

The parts of the condition are judged again on the same facts, by plain Kleene logic. An
explanation that disagrees with the engine is a failure and is told. Like a verdict it follows from the
situation alone: it is worked out once in terms of which facts decide, and filled with those of the record.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from rulesets.language import (
    AllOf,
    AnyOf,
    Compare,
    Condition,
    Element,
    FactType,
    Some,
    Truth,
    Value,
    clauses_of,
    facts_in,
    judge,
)
from rulesets.record import Fact, Member, Record
from rulesets.rule import Definition, Indicator, Rule, Scope
from service.reasoning.findings import Firing, Undetermined
from service.reasoning.situations import WHEN_THERE_IS_NONE, members_of

Chosen = Mapping[Element, Member]
"""The element a rule is judged for, of each kind in its scope."""
Worked = TypeVar("Worked")
Situation = tuple[object, ...]
"""All that decides a verdict and its explanation, as the engine is told it."""


OPPOSITE = {Truth.TRUE: Truth.FALSE, Truth.FALSE: Truth.TRUE, Truth.UNKNOWN: Truth.UNKNOWN}


class ExplanationFailure(Exception):
    """The engine and the explanation of a rule disagree; never carries the values of a patient.

    ``judged`` is the id of the rule or definition.
    """

    def __init__(self, judged: str, says: str) -> None:
        super().__init__(says)
        self.judged = judged


@dataclass(frozen=True, kw_only=True)
class Outline:
    """An explanation before it is filled with the facts of a record; which parts there are depends on the verdict."""

    decided_by: tuple[FactType, ...] = ()
    indicator: Indicator = "info"
    missing: tuple[str, ...] = ()
    open_clauses: tuple[tuple[str, ...], ...] = ()
    true_clauses: int = 0


class Outlines(Generic[Worked]):
    """What was worked out before, by rule and situation: of one engine, and never more than some."""

    def __init__(self, most: int = 20_000) -> None:
        self._most = most
        self._known: dict[tuple[str, Situation], Worked] = {}

    def of(self, id: str, situation: Situation, work_out: Callable[[], Worked]) -> Worked:
        outline = self._known.get((id, situation))
        if outline is None:
            if len(self._known) >= self._most:
                self._known.clear()
            outline = self._known[id, situation] = work_out()
        return outline


class Explanation:
    """Why a verdict holds, found by judging the parts of its condition on the same facts.

    A ``situation`` must be all that decides; without one, as when whole lists decide, nothing is remembered.
    """

    def __init__(self, record: Record, outlines: Outlines[Outline] | None = None) -> None:
        """``outlines`` are those of the engine that judged the record."""
        self._record = record
        self._outlines = Outlines() if outlines is None else outlines

    def firing(self, rule: Rule, elements: tuple[Member, ...], situation: Situation | None = None) -> Firing:
        chosen = dict(zip(rule.for_each, elements, strict=True))
        if situation is None:
            because, indicator = self._because(rule, chosen), self._indicator(rule, chosen)
        else:
            outline = self._outlines.of(rule.id, situation, lambda: self._outline_of_truth(rule, chosen))
            because, indicator = self._facts(outline.decided_by, chosen), outline.indicator
        return Firing(rule=rule, elements=elements, indicator=indicator, because=because)

    def because(
        self, judged: Rule | Definition, elements: tuple[Member, ...], situation: Situation | None = None
    ) -> tuple[Fact, ...]:
        """The facts that make a condition true, each once, in the order they are said."""
        chosen = dict(zip(judged.for_each, elements, strict=True))
        if situation is None:
            return self._because(judged, chosen)
        outline = self._outlines.of(judged.id, situation, lambda: self._outline_of_truth(judged, chosen))
        return self._facts(outline.decided_by, chosen)

    def undetermined(
        self, rule: Rule, elements: tuple[Member, ...], situation: Situation | None = None
    ) -> Undetermined:
        chosen = dict(zip(rule.for_each, elements, strict=True))

        def worked_out() -> Outline:
            return self._outline_of_doubt(rule, chosen)

        outline = worked_out() if situation is None else self._outlines.of(rule.id, situation, worked_out)
        return Undetermined(
            rule=rule,
            elements=elements,
            missing=outline.missing,
            open_clauses=outline.open_clauses,
            true_clauses=outline.true_clauses,
        )

    # --- working out -----------------------------------------------------------------------

    def _outline_of_truth(self, judged: Rule | Definition, chosen: Chosen) -> Outline:
        because = self._because(judged, chosen)
        names = {fact.name: fact for fact in facts_in(judged.when)}
        indicator = self._indicator(judged, chosen) if isinstance(judged, Rule) else "info"
        return Outline(decided_by=tuple(names[fact.name] for fact in because), indicator=indicator)

    def _outline_of_doubt(self, rule: Rule, chosen: Chosen) -> Outline:
        truths = [(clause, self.truth_of(clause, chosen)) for clause in clauses_of(rule.when)]
        if any(truth is Truth.FALSE for _, truth in truths) or all(truth is Truth.TRUE for _, truth in truths):
            raise ExplanationFailure(rule.id, f"The engine left {rule.id} open; its explanation does not.")
        open_clauses = tuple(self._unknown_facts(clause, chosen) for clause, truth in truths if truth is Truth.UNKNOWN)
        return Outline(
            missing=tuple(dict.fromkeys(name for names in open_clauses for name in names)),
            open_clauses=open_clauses,
            true_clauses=sum(truth is Truth.TRUE for _, truth in truths),
        )

    def _because(self, judged: Rule | Definition, chosen: Chosen) -> tuple[Fact, ...]:
        if self.truth_of(judged.when, chosen) is not Truth.TRUE:
            raise ExplanationFailure(judged.id, f"The engine found {judged.id} true; its explanation does not.")
        found: dict[tuple[str, Value], Fact] = {}
        self._collect(judged.when, chosen, found)
        return tuple(found.values())

    def _indicator(self, rule: Rule, chosen: Chosen) -> Indicator:
        indicator = rule.indicator
        for step in rule.escalations():
            if self.truth_of(step.when, chosen) is not Truth.TRUE:
                break
            indicator = step.to
        return indicator

    def _facts(self, decided_by: tuple[FactType, ...], chosen: Chosen) -> tuple[Fact, ...]:
        return tuple(found for fact in decided_by if (found := self.fact(fact, chosen)) is not None)

    # --- judging parts ---------------------------------------------------------------------

    def members(self, element: Element) -> tuple[Member, ...] | None:
        """The elements of a list; None when nobody has sent it."""
        unsent = {"lesion": self._record.lesions is None, "drug": self._record.drugs is None}
        return None if unsent.get(element, False) else members_of(self._record, element)

    def is_true(self, condition: Condition, scope: Scope, elements: tuple[Member, ...]) -> bool:
        """Whether a condition is certainly true for the elements of a scope."""
        return self.truth_of(condition, dict(zip(scope, elements, strict=True))) is Truth.TRUE

    def truth_of(self, condition: Condition, chosen: Chosen) -> Truth:
        """The truth of a condition, or of a part of one, for some elements."""
        return judge(condition, lambda fact: self._value(fact, chosen), lambda claim: self._of_list(claim, chosen))

    def _of_list(self, claim: Some, chosen: Chosen) -> Truth:
        members = self.members(claim.element)
        if members is None:
            return Truth.UNKNOWN
        truths = {self.truth_of(claim.condition, {**chosen, claim.element: member}) for member in members}
        truth = next((each for each in (Truth.TRUE, Truth.UNKNOWN) if each in truths), Truth.FALSE)
        return OPPOSITE[truth] if claim.negated else truth

    def fact(self, fact: FactType, chosen: Chosen) -> Fact | None:
        """What is known of a fact, for some elements."""
        if fact.per_course:
            pair = (chosen["course"].key, chosen["drug"].key)
            return self._record.exposures.get(pair, {}).get(fact.name)
        if fact.element is None:
            return self._record.facts.get(fact.name)
        member = chosen[fact.element]
        if not member.key and (closed := WHEN_THERE_IS_NONE.get(fact.element, {}).get(fact.name)) is not None:
            return Fact(name=fact.name, value=closed)
        return member.facts.get(fact.name)

    def _value(self, fact: FactType, chosen: Chosen) -> Value | None:
        found = self.fact(fact, chosen)
        return None if found is None else found.value

    # --- collecting reasons ----------------------------------------------------------------

    def _collect(self, condition: Condition, chosen: Chosen, found: dict[tuple[str, Value], Fact]) -> None:
        """Adds the facts that make a condition true which is known to be true."""
        match condition:
            case AllOf(parts):
                for part in parts:
                    self._collect(part, chosen, found)
            case AnyOf(parts):
                for part in parts:
                    if self.truth_of(part, chosen) is Truth.TRUE:
                        self._collect(part, chosen, found)
            case Some(element, inner, negated):
                for member in members_of(self._record, element) if not negated else ():
                    if self.truth_of(inner, {**chosen, element: member}) is Truth.TRUE:
                        self._collect(inner, {**chosen, element: member}, found)
            case Compare(fact):
                known = self.fact(fact, chosen)
                if known is not None:
                    found.setdefault((known.name, known.value), known)

    def _unknown_facts(self, condition: Condition, chosen: Chosen) -> tuple[str, ...]:
        """The unknown facts in the parts of a condition that are themselves unknown."""
        match condition:
            case AllOf(parts) | AnyOf(parts):
                open_parts = [part for part in parts if self.truth_of(part, chosen) is Truth.UNKNOWN]
                return tuple(dict.fromkeys(name for part in open_parts for name in self._unknown_facts(part, chosen)))
            case Some(element, inner):
                members = members_of(self._record, element)
                if not members:
                    return tuple(fact.name for fact in facts_in(inner) if fact.element == element)
                names: dict[str, None] = {}
                for member in members:
                    within = {**chosen, element: member}
                    if self.truth_of(inner, within) is Truth.UNKNOWN:
                        names.update(dict.fromkeys(self._unknown_facts(inner, within)))
                return tuple(names)
            case Compare(fact):
                return (fact.name,)
