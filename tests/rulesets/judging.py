"""Conditions and definitions judged over plain facts, without the engine.

Facts are given by full name. Facts of a lesion, course, drug or order are those of the one element
judged; ``lesions`` and ``drugs`` are the lists that claims about some element look through, None when
nobody has sent the list; ``courses`` and ``orders`` are empty when there is none.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from rulesets.language import (
    AllOf,
    AnyOf,
    Compare,
    Condition,
    FactType,
    Lookup,
    Some,
    Truth,
    TruthFact,
    Value,
    judge,
)
from rulesets.rule import Definition, Rule
from rulesets.thresholds import Threshold, Thresholds, effective

Facts = Mapping[str, Value]
Lesions = Sequence[Facts] | None
Drugs = Sequence[Facts] | None

_OPPOSITE = {Truth.TRUE: Truth.FALSE, Truth.FALSE: Truth.TRUE, Truth.UNKNOWN: Truth.UNKNOWN}


def truth(
    condition: Condition,
    facts: Facts,
    lesions: Lesions = None,
    thresholds: Thresholds | None = None,
    *,
    drugs: Drugs = None,
    courses: Sequence[Facts] = (),
    orders: Sequence[Facts] = (),
) -> Truth:
    """The truth of a condition for one patient."""
    lists = {"lesion": lesions, "drug": drugs, "course": courses, "order": orders}

    def some(claim: Some) -> Truth:
        elements = lists[claim.element]
        if elements is None:
            return Truth.UNKNOWN
        truths = [judge(claim.condition, _lookup({**facts, **element}), some) for element in elements]
        found = next((decisive for decisive in (Truth.TRUE, Truth.UNKNOWN) if decisive in truths), Truth.FALSE)
        return _OPPOSITE[found] if claim.negated else found

    return judge(_settled(condition, thresholds or effective()), _lookup(facts), some)


def derived(
    stages: Iterable[Sequence[Definition]],
    facts: Facts,
    lesions: Lesions = None,
    thresholds: Thresholds | None = None,
) -> dict[str, Value]:
    """The values that definitions give, stage by stage; a fact without an entry stays unknown."""
    given: dict[str, Value] = {}
    for stage in stages:
        known = {**facts, **given}
        by_fact: dict[FactType, list[tuple[Definition, Truth]]] = {}
        for definition in stage:
            verdict = truth(definition.when, known, lesions, thresholds)
            by_fact.setdefault(definition.fact, []).append((definition, verdict))
        for fact, verdicts in by_fact.items():
            value = _value_of(fact, verdicts)
            if value is not None:
                given[fact.name] = value
    return given


def rule_called(id: str, rules: Iterable[Rule]) -> Rule:
    return next(rule for rule in rules if rule.id == id)


def _value_of(fact: FactType, verdicts: Sequence[tuple[Definition, Truth]]) -> bool | str | None:
    values = [definition.value for definition, verdict in verdicts if verdict is Truth.TRUE]
    assert len(values) <= 1, f"{fact.name} has more than one value"
    if values:
        return values[0]
    (first, verdict) = verdicts[0]
    if isinstance(fact, TruthFact) and len(verdicts) == 1 and verdict is Truth.FALSE:
        return False
    return first.otherwise


def _lookup(facts: Facts) -> Lookup:
    return lambda fact: facts.get(fact.name)


def _settled(condition: Condition, thresholds: Thresholds) -> Condition:
    """The condition with the numbers in force in place of the thresholds."""
    match condition:
        case Compare(fact, operator, Threshold() as threshold):
            return Compare(fact, operator, thresholds.values[threshold.key])
        case Compare():
            return condition
        case AllOf(parts):
            return AllOf(tuple(_settled(part, thresholds) for part in parts))
        case AnyOf(parts):
            return AnyOf(tuple(_settled(part, thresholds) for part in parts))
        case Some(element, inner, negated):
            return Some(element, _settled(inner, thresholds), negated)
