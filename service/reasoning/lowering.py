"""Conditions brought into the form the engine can hold: small, and without claims about lists.

A claim about a whole list ("some drug ...") and a part that is too large are taken out and judged
first; what remains speaks of them as truths of their own. Kleene logic allows it: the truth of a
condition depends only on the truths of its parts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from rulesets.language import (
    AllOf,
    AnyOf,
    Compare,
    Condition,
    Element,
    LanguageError,
    NumberFact,
    Some,
    TruthFact,
    facts_in,
)
from rulesets.rule import Scope

MOST_EXPRESSIONS = 29
"""durable-rules refuses a pattern of 32; one asks for the situation and two hold it together."""
SIZE_OF_A_TRUTH = 4


@dataclass(frozen=True, kw_only=True)
class Step:
    """A condition to be judged under a name: a rule's own, or a part other steps speak of."""

    name: str
    scope: Scope
    condition: Condition
    layer: int


@dataclass(frozen=True, kw_only=True)
class ListPart:
    """A claim about a whole list, judged for each element and folded: some true, or all false.

    ``outer`` are the elements outside the list that the claim also depends on: the course, when
    it speaks of a drug's exposure around radiotherapy.
    """

    name: str
    element: Element
    outer: Scope
    condition: Condition


@dataclass(kw_only=True)
class Lowered:
    """The steps of a section, parts before what speaks of them, and its list parts."""

    steps: list[Step] = field(default_factory=list)
    list_parts: list[ListPart] = field(default_factory=list)


def lowered(conditions: Mapping[str, tuple[Scope, Condition]]) -> Lowered:
    """Steps and list parts for named conditions; names of parts are ``part.1``, ``part.2`` ..."""
    work = Lowered()
    for name, (scope, condition) in conditions.items():
        small, layer = _small(_without_lists(condition, work), scope, work)
        work.steps.append(Step(name=name, scope=scope, condition=small, layer=layer))
    return work


def _part(work: Lowered) -> TruthFact:
    """A truth of its own for a part, under the next free name."""
    number = len(work.list_parts) + sum(step.name.startswith("part.") for step in work.steps) + 1
    return TruthFact("a part of a condition, judged first", world="derived", name=f"part.{number}")


def _without_lists(condition: Condition, work: Lowered) -> Condition:
    match condition:
        case Compare():
            return condition
        case AllOf(parts):
            return AllOf(tuple(_without_lists(part, work) for part in parts))
        case AnyOf(parts):
            return AnyOf(tuple(_without_lists(part, work) for part in parts))
        case Some(element, inner, negated):
            part = _list_part(element, inner, work)
            return part.is_false if negated else part.is_true


def _list_part(element: Element, inner: Condition, work: Lowered) -> TruthFact:
    for known in work.list_parts:
        if known.element == element and known.condition == inner:
            return TruthFact("a part of a condition, judged first", world="derived", name=known.name)
    facts = facts_in(inner)
    outer = {fact.element for fact in facts if fact.element not in (None, element)}
    if any(fact.per_course for fact in facts):
        outer.add("course")
    part = _part(work)
    order: Scope = ("course", "order", "lesion", "drug")
    work.list_parts.append(
        ListPart(name=part.name, element=element, outer=tuple(e for e in order if e in outer), condition=inner)
    )
    return part


def _small(condition: Condition, scope: Scope, work: Lowered) -> tuple[Condition, int]:
    """The condition, its largest parts taken out until it fits, and the layer it belongs to."""
    if size(condition) <= MOST_EXPRESSIONS:
        return condition, 0
    if not isinstance(condition, AllOf | AnyOf):
        raise LanguageError("One comparison names more words than the engine can hold; split it with any_of.")
    fitted = [_small(part, scope, work) for part in condition.parts]
    layer = max(part_layer for _, part_layer in fitted)
    whole = replace(condition, parts=tuple(part for part, _ in fitted))
    while size(whole) > MOST_EXPRESSIONS:
        whole = replace(whole, parts=tuple(_held(pack, whole, scope, layer, work) for pack in _packs(whole.parts)))
        layer += 1
    return whole, layer


def _held(pack: tuple[Condition, ...], whole: AllOf | AnyOf, scope: Scope, layer: int, work: Lowered) -> Condition:
    """A truth of its own for some parts of a condition; what is no larger than one stands for itself."""
    if len(pack) == 1 and size(pack[0]) <= SIZE_OF_A_TRUTH:
        return pack[0]
    fact = _part(work)
    condition = pack[0] if len(pack) == 1 else replace(whole, parts=pack)
    work.steps.append(Step(name=fact.name, scope=scope, condition=condition, layer=layer))
    return fact.is_true


def _packs(parts: Sequence[Condition]) -> list[tuple[Condition, ...]]:
    """The parts in order, packed into groups that each fit."""
    packs: list[tuple[Condition, ...]] = [()]
    for part in parts:
        if packs[-1] and 2 + sum(size(other) for other in (*packs[-1], part)) > MOST_EXPRESSIONS:
            packs.append(())
        packs[-1] = (*packs[-1], part)
    return packs


def size(condition: Condition) -> int:
    """How many expressions the engine needs for the larger of the two compiled forms, at most."""
    match condition:
        case AllOf(parts) | AnyOf(parts):
            return 2 + sum(size(part) for part in parts)
        case Compare(fact, operator, operand):
            if operator in ("known", "unknown"):
                return 1
            if isinstance(fact, NumberFact) and fact.type == "interval" and operator in ("==", "!="):
                return 10
            return 3 + (2 + len(operand) if isinstance(operand, tuple) else 1)
        case Some():
            raise AssertionError("claims about lists are taken out before sizes are counted")
