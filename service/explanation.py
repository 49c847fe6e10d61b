"""Why a verdict of the engine holds: the facts that decided it, or the facts it waits for.

The parts of the condition are judged again on the same facts, by plain Kleene logic. An
explanation that disagrees with the engine is a failure and is told.
"""

from __future__ import annotations

from collections.abc import Mapping

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
from rulesets.rule import Definition, Rule, Scope
from service.findings import Firing, Undetermined
from service.situations import WHEN_THERE_IS_NONE, members_of

Chosen = Mapping[Element, Member]
"""The element a rule is judged for, of each kind in its scope."""


class ExplanationFailure(Exception):
    """The engine and the explanation of a rule disagree; never carries the values of a patient."""


class Explanation:
    """Why a verdict holds, found by judging the parts of its condition on the same facts."""

    def __init__(self, record: Record) -> None:
        self._record = record

    def firing(self, rule: Rule, elements: tuple[Member, ...]) -> Firing:
        because = self.because(rule, elements)
        indicator = rule.indicator
        for step in rule.escalations():
            if self._truth(step.when, rule.for_each, elements) is not Truth.TRUE:
                break
            indicator = step.to
        return Firing(rule=rule, elements=elements, indicator=indicator, because=because)

    def because(self, judged: Rule | Definition, elements: tuple[Member, ...]) -> tuple[Fact, ...]:
        """The facts that make a condition true, each once, in the order they are said."""
        if self._truth(judged.when, judged.for_each, elements) is not Truth.TRUE:
            raise ExplanationFailure(f"The engine found {judged.id} true; its explanation does not.")
        found: dict[tuple[str, Value], Fact] = {}
        self._collect(judged.when, dict(zip(judged.for_each, elements, strict=True)), found)
        return tuple(found.values())

    def undetermined(self, rule: Rule, elements: tuple[Member, ...]) -> Undetermined:
        chosen = dict(zip(rule.for_each, elements, strict=True))
        truths = [(clause, self._judged(clause, chosen)) for clause in clauses_of(rule.when)]
        if {truth for _, truth in truths} & {Truth.FALSE} or Truth.UNKNOWN not in {truth for _, truth in truths}:
            raise ExplanationFailure(f"The engine left {rule.id} open; its explanation does not.")
        open_clauses = tuple(self._unknown_facts(clause, chosen) for clause, truth in truths if truth is Truth.UNKNOWN)
        return Undetermined(
            rule=rule,
            elements=elements,
            missing=tuple(dict.fromkeys(name for names in open_clauses for name in names)),
            open_clauses=open_clauses,
            true_clauses=sum(truth is Truth.TRUE for _, truth in truths),
        )

    # --- judging parts ---------------------------------------------------------------------

    def is_true(self, condition: Condition, scope: Scope, elements: tuple[Member, ...]) -> bool:
        """Whether a condition is certainly true for the elements of a scope."""
        return self._truth(condition, scope, elements) is Truth.TRUE

    def _truth(self, condition: Condition, scope: Scope, elements: tuple[Member, ...]) -> Truth:
        return self._judged(condition, dict(zip(scope, elements, strict=True)))

    def _judged(self, condition: Condition, chosen: Chosen) -> Truth:
        return judge(condition, lambda fact: self._value(fact, chosen), lambda claim: self._of_list(claim, chosen))

    def _of_list(self, claim: Some, chosen: Chosen) -> Truth:
        members = {"lesion": self._record.lesions, "drug": self._record.drugs}.get(
            claim.element, members_of(self._record, claim.element)
        )
        if members is None:
            return Truth.UNKNOWN
        truths = {self._judged(claim.condition, {**chosen, claim.element: member}) for member in members}
        truth = next((each for each in (Truth.TRUE, Truth.UNKNOWN) if each in truths), Truth.FALSE)
        opposite = {Truth.TRUE: Truth.FALSE, Truth.FALSE: Truth.TRUE, Truth.UNKNOWN: Truth.UNKNOWN}
        return opposite[truth] if claim.negated else truth

    def _fact(self, fact: FactType, chosen: Chosen) -> Fact | None:
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
        found = self._fact(fact, chosen)
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
                    if self._judged(part, chosen) is Truth.TRUE:
                        self._collect(part, chosen, found)
            case Some(element, inner, negated):
                for member in members_of(self._record, element) if not negated else ():
                    if self._judged(inner, {**chosen, element: member}) is Truth.TRUE:
                        self._collect(inner, {**chosen, element: member}, found)
            case Compare(fact):
                known = self._fact(fact, chosen)
                if known is not None:
                    found.setdefault((known.name, known.value), known)

    def _unknown_facts(self, condition: Condition, chosen: Chosen) -> tuple[str, ...]:
        """The unknown facts in the parts of a condition that are themselves unknown."""
        match condition:
            case AllOf(parts) | AnyOf(parts):
                open_parts = [part for part in parts if self._judged(part, chosen) is Truth.UNKNOWN]
                return tuple(dict.fromkeys(name for part in open_parts for name in self._unknown_facts(part, chosen)))
            case Some(element, inner):
                members = members_of(self._record, element)
                if not members:
                    return tuple(fact.name for fact in facts_in(inner) if fact.element == element)
                names: dict[str, None] = {}
                for member in members:
                    within = {**chosen, element: member}
                    if self._judged(inner, within) is Truth.UNKNOWN:
                        names.update(dict.fromkeys(self._unknown_facts(inner, within)))
                return tuple(names)
            case Compare(fact):
                return (fact.name,)
