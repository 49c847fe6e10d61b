"""The engine's own terms: how it is told conditions, and how it is told what is known of a patient.

Only what conditions can tell apart is told. Of a word: which of those that conditions name, or that it
is another one. Of a number: where it lies among the numbers it is compared with, by one number that
stands for all that lie there. So neither the engine nor what is remembered of its answers ever holds a
value of a patient, and patients who differ in nothing that matters are one situation.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import pairwise

from rulesets.language import (
    AllOf,
    AnyOf,
    Compare,
    Condition,
    FactType,
    Interval,
    Number,
    NumberFact,
    Some,
    Value,
    bounds,
    comparisons_in,
)
from rulesets.record import Facts

Expression = dict[str, object]
Told = bool | str | Number
"""A value as the engine is told it."""

ANOTHER_WORD = "~"
"""What the engine is told of a word that no condition speaks of."""


class EngineFailure(Exception):
    """The engine refused a rule or a situation. Never carries the values of a patient.

    ``judged`` is the id of the rule or definition, where one alone is at fault.
    """

    def __init__(self, says: str, judged: str = "") -> None:
        super().__init__(says)
        self.judged = judged


# --- names ---------------------------------------------------------------------------------------

LOWER, UPPER = "_lo", "_hi"
"""What ends the names of the two bounds of an interval."""


def property_named(name: str) -> str:
    """The engine's name of a fact; it reads a dot as a step into an object."""
    return name.replace(".", "_")


def properties_of(facts: Iterable[FactType]) -> tuple[str, ...]:
    """The engine's names for all that may be told of some facts."""
    names: list[str] = []
    for fact in facts:
        name = property_named(fact.name)
        names += [name + LOWER, name + UPPER] if fact.type == "interval" else [name]
    return tuple(names)


# --- values ------------------------------------------------------------------------------------


class Distinctions:
    """What some conditions can tell apart in the facts they speak of."""

    def __init__(self, conditions: Iterable[Condition]) -> None:
        """Thresholds must have been replaced by their numbers."""
        claims: dict[FactType, list[Compare]] = {}
        for condition in conditions:
            for claim in comparisons_in(condition):
                claims.setdefault(claim.fact, []).append(claim)
        self._told = {fact.name: _teller(fact, about) for fact, about in claims.items()}

    def in_facts(self, facts: Facts) -> dict[str, Told]:
        """Facts in the engine's terms, by its names for them, without those that no condition speaks of.

        Raises EngineFailure for a value of another type than its fact has.
        """
        told: dict[str, Told] = {}
        for name, fact in facts.items():
            teller = self._told.get(name)
            if teller is not None:
                teller(fact.value, told)
        return told

    def in_values(self, values: Mapping[str, Value]) -> dict[str, Told]:
        told: dict[str, Told] = {}
        for name, value in values.items():
            if (teller := self._told.get(name)) is not None:
                teller(value, told)
        return told


Teller = Callable[[Value, dict[str, Told]], None]
"""Adds a value of its fact, in the engine's terms, to what is told."""


def _teller(fact: FactType, claims: Sequence[Compare]) -> Teller:
    if isinstance(fact, NumberFact):
        return _teller_of_number(fact, claims)
    name = property_named(fact.name)
    words = {word: word for claim in claims for word in _words(claim)}

    def truth(value: Value, told: dict[str, Told]) -> None:
        if not isinstance(value, bool):
            raise EngineFailure(f"{fact.name} reached the engine as something else than true or false.")
        told[name] = value

    def word(value: Value, told: dict[str, Told]) -> None:
        if not isinstance(value, str):
            raise EngineFailure(f"{fact.name} reached the engine as something else than a word.")
        told[name] = words.get(value, ANOTHER_WORD)

    return truth if fact.type == "truth" else word


def _words(claim: Compare) -> Sequence[str]:
    operand = claim.operand
    return operand if isinstance(operand, tuple) else [operand] if isinstance(operand, str) else []


def _teller_of_number(fact: NumberFact, claims: Sequence[Compare]) -> Teller:
    name = property_named(fact.name)
    cuts: list[Number] = sorted({cut for claim in claims if isinstance(cut := claim.operand, int | float)})
    between = [(low + high) / 2 for low, high in pairwise(cuts)]
    below_at_above: list[Number] = [cuts[0] - 1 if cuts else 0]
    for cut, above in zip(cuts, [*between, cuts[-1] + 1 if cuts else 0], strict=False):
        below_at_above += [cut, above]

    def standing(number: Value) -> Number:
        """The number that stands for all that lie where this one lies."""
        if isinstance(number, bool) or not isinstance(number, int | float) or not abs(number) < 1e9:
            raise EngineFailure(f"{fact.name} reached the engine as something else than a number it can hold.")
        place = bisect_left(cuts, number)
        return below_at_above[2 * place + (place < len(cuts) and cuts[place] == number)]

    def one(value: Value, told: dict[str, Told]) -> None:
        told[name] = standing(value)

    def of_interval(value: Value, told: dict[str, Told]) -> None:
        lo, hi = bounds(value) if isinstance(value, Interval) else (value, value)
        if lo is not None:
            told[name + LOWER] = standing(lo)
        if hi is not None:
            told[name + UPPER] = standing(hi)

    return of_interval if fact.type == "interval" else one


# --- conditions ----------------------------------------------------------------------------------


def joined(connective: str, expressions: Sequence[Expression]) -> Expression:
    """One level of ``$and`` or ``$or``: the engine refuses one directly inside itself."""
    flat: list[Expression] = []
    for expression in expressions:
        inner = expression.get(connective)
        flat.extend(inner if isinstance(inner, list) else [expression])
    return {connective: flat}


def expression(condition: Condition, certainly: bool) -> Expression:
    """The pattern a condition becomes: it matches when the condition is true, or else when it may be."""
    match condition:
        case AllOf(parts):
            return joined("$and", [expression(part, certainly) for part in parts])
        case AnyOf(parts):
            return joined("$or", [expression(part, certainly) for part in parts])
        case Compare():
            return _claim(condition, certainly)
        case Some():
            raise AssertionError("claims about lists are judged before")


_SIGNS = {">=": "$gte", "<=": "$lte", ">": "$gt", "<": "$lt"}


def _claim(claim: Compare, certainly: bool) -> Expression:
    name = property_named(claim.fact.name)
    if claim.operator in ("known", "unknown"):
        if claim.fact.type == "interval":
            raise EngineFailure(f"{claim.fact.name} has bounds; ask for a bound, not whether it is known.")
        return {"$ex" if claim.operator == "known" else "$nex": {name: 1}}
    if isinstance(claim.fact, NumberFact) and claim.fact.type == "interval":
        return _claim_about_bounds(claim, name, certainly)
    operand = claim.operand
    match claim.operator:
        case "==":
            plain: Expression = {name: operand}
        case "!=":
            plain = {"$neq": {name: operand}}
        case "in":
            assert isinstance(operand, tuple)
            plain = {"$or": [{name: word} for word in operand]}
        case "not in":
            assert isinstance(operand, tuple)
            plain = {"$and": [{"$neq": {name: word}} for word in operand]}
        case sign:
            plain = {_SIGNS[sign]: {name: operand}}
    return plain if certainly else _or_absent(plain, name)


def _claim_about_bounds(claim: Compare, name: str, certainly: bool) -> Expression:
    """x >= 5 is certain when the lower bound is, and possible when the upper bound is or is open."""

    def bound(sign: str, of: str) -> Expression:
        plain: Expression = {_SIGNS[sign]: {name + of: claim.operand}}
        return plain if certainly else _or_absent(plain, name + of)

    low, high = (LOWER, UPPER) if certainly else (UPPER, LOWER)
    match claim.operator:
        case ">=" | ">":
            return bound(claim.operator, low)
        case "<=" | "<":
            return bound(claim.operator, high)
        case "==":
            return joined("$and", [bound(">=", low), bound("<=", high)])
        case "!=":
            return joined("$or", [bound(">", low), bound("<", high)])
        case _:
            raise EngineFailure(f"{claim.fact.name} has bounds and cannot be one of a list.")


def _or_absent(plain: Expression, name: str) -> Expression:
    return joined("$or", [plain, {"$nex": {name: 1}}])
