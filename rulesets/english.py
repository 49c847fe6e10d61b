"""Conditions and facts in English, for the clinician who reads the rulebook."""

from __future__ import annotations

from rulesets.facts import FACTS
from rulesets.language import AllOf, AnyOf, Compare, Condition, FactType, Number, Operand, Some
from rulesets.rule import Scope
from rulesets.thresholds import Threshold
from rulesets.words import CHOICES, label

_COMPARISONS = {
    "==": "is", "!=": "is not", "in": "is", "not in": "is none of", ">=": "is at least", "<=": "is at most",
    ">": "is above", "<": "is below",
}  # fmt: skip

_SCOPES: dict[str, str] = {"lesion": "lesion", "drug": "drug", "course": "radiotherapy course", "order": "order"}


def _value_in_words(name: str, value: bool | str | Number) -> str:
    """A value a fact is compared with, and its unit, in words."""
    fact = FACTS.get(name)
    unit = (
        f" {fact.unit}"
        if fact is not None and fact.unit and fact.unit not in ("score", "grade", "fractions", "UCUM")
        else ""
    )
    match value:
        case bool():
            return "yes" if value else "no"
        case int() | float():
            return f"{value:g}{unit}"
        case str():
            return CHOICES.get(value, value.replace("_", " "))


def condition_in_words(condition: Condition) -> str:
    """A condition on one line, whose thresholds have been replaced by the values in force."""
    match condition:
        case AllOf(parts):
            return " and ".join(_within(part) for part in parts)
        case AnyOf(parts):
            return " or ".join(_within(part) for part in parts)
        case Some(element, inner, negated):
            return f"{'no' if negated else 'some'} {_SCOPES[element]} has: {_within(inner)}"
        case Compare():
            return _claim(condition)


def scope_in_words(scope: Scope) -> str:
    return "once for the patient" if not scope else "for each " + " and ".join(_SCOPES[element] for element in scope)


def _within(condition: Condition) -> str:
    said = condition_in_words(condition)
    return f"({said})" if isinstance(condition, AllOf | AnyOf) else said


def _claim(claim: Compare) -> str:
    fact: FactType = claim.fact
    said = label(fact.name)
    if claim.operator in ("known", "unknown"):
        return f"{said} is {claim.operator}"
    if fact.type == "truth":
        return said if claim.operand is True else f"not: {said}"
    return f"{said} {_COMPARISONS[claim.operator]} {_operand(fact, claim.operand)}"


def _operand(fact: FactType, operand: Operand) -> str:
    if isinstance(operand, tuple):
        words = [_value_in_words(fact.name, word) for word in operand]
        return words[0] if len(words) == 1 else ", ".join(words[:-1]) + " or " + words[-1]
    assert operand is not None, f"{fact.name} is compared with nothing"
    assert not isinstance(operand, Threshold), f"{operand.key} has no value yet"
    return _value_in_words(fact.name, operand)
