"""How the rules of one section are laid out for the engine: in packs that read few facts, parts first.

What the engine says of a pack depends on the facts the pack reads and on nothing else. The fewer
these are, the more patients are alike in them, and the more often the answer is known already.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from rulesets.language import AllOf, AnyOf, Condition, Element, FactType, Some, facts_in, with_thresholds
from rulesets.rule import Definition, Rule, Scope
from rulesets.thresholds import Thresholds
from service.reasoning.engine_terms import Distinctions, properties_of, property_named
from service.reasoning.lowering import ListPart, Step, lowered

Judged = Rule | Definition

MOST_STEPS = 16
"""Compiled twice, this stays below the 64 matches of one fact that the engine can hold."""
MOST_FACTS = 6
"""More make larger packs and fewer of them, which are seldom alike in two patients."""


@dataclass(frozen=True, kw_only=True)
class PackedStep:
    """A step with its place among what is judged; a part of a condition has none.

    ``can_be_unknown`` is false where only certainty counts.
    """

    step: Step
    place: int | None
    can_be_unknown: bool = True


Pack = tuple[PackedStep, ...]
"""Steps of one scope and layer that are judged at once."""


@dataclass(frozen=True, kw_only=True)
class ListClaims:
    """Claims about one kind of list that depend on the same outer elements.

    ``parts`` are the engine's names of the claims; a step of ``packs`` has its place among them.
    """

    element: Element
    outer: Scope
    parts: tuple[str, ...]
    packs: tuple[Pack, ...]

    @property
    def scope(self) -> Scope:
        """What the packs are judged for: each element of the list beside the outer ones."""
        return (*self.outer, self.element)


@dataclass(frozen=True, kw_only=True)
class Scoped:
    """The packs of one scope in the order they are judged, and the places of the list claims they speak of."""

    scope: Scope
    packs: tuple[Pack, ...]
    list_claims: tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class Layout:
    """One section: what is judged, with the numbers in force, and in which packs."""

    judged: tuple[Judged, ...]
    distinctions: Distinctions
    scopes: tuple[Scoped, ...]
    list_claims: tuple[ListClaims, ...]
    decided_by: tuple[tuple[str, ...] | None, ...]
    """By place: the properties that decide what is concluded; None for what also depends on whole lists."""


def laid_out(judged: Sequence[Judged], thresholds: Thresholds) -> Layout:
    """The layout of rules and definitions whose ids differ."""
    judged = [_in_force(each, thresholds) for each in judged]
    places = {each.id: place for place, each in enumerate(judged)}
    certain_only = {each.id for each in judged if _only_certainty_counts(each)}
    work = lowered({each.id: (each.for_each, each.when) for each in judged})
    list_claims = tuple(_list_claims(work.list_parts))
    scopes = []
    for scope in dict.fromkeys(step.scope for step in work.steps):
        here = [step for step in work.steps if step.scope == scope]
        packs = [
            tuple(
                PackedStep(step=step, place=places.get(step.name), can_be_unknown=step.name not in certain_only)
                for step in steps
            )
            for layer in sorted({step.layer for step in here})
            for steps in _packed([step for step in here if step.layer == layer])
        ]
        spoken_of = set(properties_of(facts_of(here)))
        read = (place for place, claims in enumerate(list_claims) if spoken_of.intersection(claims.parts))
        scopes.append(Scoped(scope=scope, packs=tuple(packs), list_claims=tuple(read)))
    return Layout(
        judged=tuple(judged),
        distinctions=Distinctions(
            [
                *(each.condition for each in work.steps),
                *(each.condition for each in work.list_parts),
                *(condition for each in judged for condition in _conditions(each)),
            ]
        ),
        scopes=tuple(scopes),
        list_claims=list_claims,
        decided_by=tuple(_decided_by(each) for each in judged),
    )


def _list_claims(parts: Sequence[ListPart]) -> Iterator[ListClaims]:
    for element, outer in dict.fromkeys((part.element, part.outer) for part in parts):
        alike = [part for part in parts if (part.element, part.outer) == (element, outer)]
        steps = [
            Step(name=part.name, scope=(*part.outer, part.element), condition=part.condition, layer=0) for part in alike
        ]
        places = {part.name: place for place, part in enumerate(alike)}
        packs = (tuple(PackedStep(step=step, place=places[step.name]) for step in pack) for pack in _packed(steps))
        names = tuple(property_named(part.name) for part in alike)
        yield ListClaims(element=element, outer=outer, parts=names, packs=tuple(packs))


def facts_of(steps: Sequence[Step]) -> tuple[FactType, ...]:
    """The facts that steps read, each once."""
    return tuple(dict.fromkeys(fact for step in steps for fact in facts_in(step.condition)))


def _packed(steps: Sequence[Step]) -> Iterator[list[Step]]:
    """Steps that read the same facts together; one that reads more than the most by itself is alone with its like."""
    left = [(step, {fact.name for fact in facts_of([step])}) for step in steps]
    while left:
        first, facts = left.pop(0)
        pack, most = [first], max(MOST_FACTS, len(facts))
        while left and len(pack) < MOST_STEPS:
            nearest = min(left, key=lambda other: len(other[1] - facts))
            if len(facts | nearest[1]) > most:
                break
            left.remove(nearest)
            pack.append(nearest[0])
            facts |= nearest[1]
        yield pack


def _conditions(each: Judged) -> tuple[Condition, ...]:
    """The conditions that decide what is concluded."""
    return (each.when, *(step.when for step in each.escalations())) if isinstance(each, Rule) else (each.when,)


def _speaks_of_a_list(condition: Condition) -> bool:
    if isinstance(condition, AllOf | AnyOf):
        return any(_speaks_of_a_list(part) for part in condition.parts)
    return isinstance(condition, Some)


def _decided_by(each: Judged) -> tuple[str, ...] | None:
    conditions = _conditions(each)
    if any(_speaks_of_a_list(condition) for condition in conditions):
        return None
    return properties_of(dict.fromkeys(fact for condition in conditions for fact in facts_in(condition)))


def _in_force(each: Judged, thresholds: Thresholds) -> Judged:
    """A rule or definition with the numbers in force in the place of the thresholds it names."""
    if isinstance(each, Rule):
        return each.in_force(thresholds)
    return replace(each, when=with_thresholds(each.when, thresholds.values))


def _only_certainty_counts(each: Judged) -> bool:
    """A value is given only when it is certain; only of a rule or an open truth is "unknown" told."""
    return isinstance(each, Definition) and (each.otherwise is not None or each.fact.type != "truth")
