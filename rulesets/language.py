"""The words rules are written in: facts that have a type, and conditions over them.

A condition is data, not code. The same condition is compiled for the rule engine, judged by a
plain evaluator in the tests, explained clause by clause in a trace, and printed as English.
A word that no fact can ever hold is refused when the rule is written, with a sentence.

Logic is strong Kleene: a comparison with an unknown fact is unknown, never false.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Literal

from rulesets.thresholds import Threshold

Number = int | float


@dataclass(frozen=True, kw_only=True)
class Interval:
    """A number known only to lie in [lo, hi]; an open end is None."""

    lo: Number | None = None
    hi: Number | None = None


Value = bool | str | Number | Interval | tuple[str, ...]
Element = Literal["lesion", "drug", "course", "order"]
Operator = Literal["==", "!=", "in", "not in", ">=", "<=", ">", "<", "known", "unknown"]
Operand = bool | str | Number | Threshold | tuple[str, ...] | None


class Truth(Enum):
    TRUE = "true"
    FALSE = "false"
    UNKNOWN = "unknown"


class LanguageError(ValueError):
    """A rule says something that no fact can ever be; raised while the rulebook is imported."""


# --- conditions ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Compare:
    """One claim about one fact."""

    fact: FactType
    operator: Operator
    operand: Operand = None


@dataclass(frozen=True)
class AllOf:
    parts: tuple[Condition, ...]


@dataclass(frozen=True)
class AnyOf:
    parts: tuple[Condition, ...]


@dataclass(frozen=True)
class Some:
    """At least one element of a list answers to a condition (negated: none of them does).

    An absent list is unknown; an empty list, and no course or order at all, is false.
    """

    element: Element
    condition: Condition
    negated: bool = False


Condition = Compare | AllOf | AnyOf | Some


def all_of(*parts: Condition) -> AllOf:
    """Every part is true."""
    if len(parts) < 2:
        raise LanguageError("all_of joins two conditions or more; say a single one by itself.")
    return AllOf(parts)


def any_of(*parts: Condition) -> AnyOf:
    """At least one part is true."""
    if len(parts) < 2:
        raise LanguageError("any_of joins two conditions or more; say a single one by itself.")
    return AnyOf(parts)


def some_lesion(condition: Condition) -> Some:
    return _some("lesion", condition)


def some_drug(condition: Condition) -> Some:
    return _some("drug", condition)


def some_course(condition: Condition) -> Some:
    return _some("course", condition)


def some_order(condition: Condition) -> Some:
    return _some("order", condition)


def _some(element: Element, condition: Condition) -> Some:
    if not any(fact.element == element for fact in facts_in(condition)):
        raise LanguageError(f"some_{element} must speak of a fact of the {element}.")
    return Some(element, condition)


_OPPOSITE: Mapping[Operator, Operator] = {
    "==": "!=", "!=": "==", "in": "not in", "not in": "in", ">=": "<", "<": ">=",
    ">": "<=", "<=": ">", "known": "unknown", "unknown": "known",
}  # fmt: skip


def none_of(condition: Condition) -> Condition:
    """The opposite of a condition, with the negation moved down to the comparisons."""
    match condition:
        case Compare(fact, operator, operand):
            if fact.type == "truth" and operator == "==":
                return Compare(fact, operator, not operand)
            return Compare(fact, _OPPOSITE[operator], operand)
        case AllOf(parts):
            return AnyOf(tuple(none_of(part) for part in parts))
        case AnyOf(parts):
            return AllOf(tuple(none_of(part) for part in parts))
        case Some(element, inner, negated):
            return Some(element, inner, not negated)


def clauses_of(condition: Condition) -> tuple[Condition, ...]:
    """The conditions that must all hold: the parts of the outermost all_of."""
    return condition.parts if isinstance(condition, AllOf) else (condition,)


def comparisons_in(condition: Condition) -> Iterator[Compare]:
    match condition:
        case Compare():
            yield condition
        case AllOf(parts) | AnyOf(parts):
            for part in parts:
                yield from comparisons_in(part)
        case Some(_, inner):
            yield from comparisons_in(inner)


def facts_in(condition: Condition) -> tuple[FactType, ...]:
    """The facts a condition speaks of, each once, in the order they are said."""
    return tuple(dict.fromkeys(comparison.fact for comparison in comparisons_in(condition)))


def with_thresholds(condition: Condition, values: Mapping[str, bool | str | Number]) -> Condition:
    """The condition with every threshold replaced by the value in force."""

    def settled(claim: Compare) -> Compare:
        match claim.operand:
            case Threshold(key=key):
                return Compare(claim.fact, claim.operator, values[key])
            case _:
                return claim

    return _with_claims(condition, settled)


def with_facts(condition: Condition, facts: Mapping[FactType, FactType]) -> Condition:
    """The condition with some facts read in the place of others."""
    return _with_claims(
        condition, lambda claim: Compare(facts.get(claim.fact, claim.fact), claim.operator, claim.operand)
    )


def _with_claims(condition: Condition, changed: Callable[[Compare], Compare]) -> Condition:
    match condition:
        case Compare():
            return changed(condition)
        case AllOf(parts):
            return AllOf(tuple(_with_claims(part, changed) for part in parts))
        case AnyOf(parts):
            return AnyOf(tuple(_with_claims(part, changed) for part in parts))
        case Some(element, inner, negated):
            return Some(element, _with_claims(inner, changed), negated)


# --- facts that have a type --------------------------------------------------------------------


@dataclass(frozen=True)
class FactType:
    """Something that may be known of a patient: its name, its type and what it means.

    ``world`` is *open* (absent means unknown), *closed* (absent means not in this request) or
    *derived* (computed here, never accepted from outside). ``element`` names the list the fact
    belongs to, or is None for a fact of the patient; ``per_course`` marks a fact of the pair of
    a drug and a radiotherapy course.
    """

    meaning: str
    unit: str = ""
    world: Literal["open", "closed", "derived"] = "open"
    per_course: bool = False
    name: str = ""
    element: Element | None = None
    type: Literal["truth", "choice", "text", "number", "whole", "interval", "names"] = "truth"

    def __set_name__(self, owner: object, attribute: str) -> None:
        prefix = getattr(owner, "prefix", None) or getattr(owner, "__name__", "")
        object.__setattr__(self, "name", f"{prefix}.{attribute}")
        object.__setattr__(self, "element", getattr(owner, "element", None))

    @property
    def is_known(self) -> Compare:
        return Compare(self, "known")

    @property
    def is_unknown(self) -> Compare:
        return Compare(self, "unknown")

    def problem_with(self, value: Value) -> str | None:
        """What is wrong with a value for this fact, as a sentence without the value, or None."""
        raise NotImplementedError


@dataclass(frozen=True)
class TruthFact(FactType):
    type: Literal["truth"] = "truth"

    @property
    def is_true(self) -> Compare:
        return Compare(self, "==", True)

    @property
    def is_false(self) -> Compare:
        return Compare(self, "==", False)

    def problem_with(self, value: Value) -> str | None:
        return None if isinstance(value, bool) else f"{self.name} must be true or false."


@dataclass(frozen=True)
class ChoiceFact(FactType):
    type: Literal["choice"] = "choice"
    allowed: tuple[str, ...] = ()

    def is_(self, value: str) -> Compare:
        return Compare(self, "==", self._checked(value))

    def is_not(self, value: str) -> Compare:
        return Compare(self, "!=", self._checked(value))

    def is_one_of(self, *values: str) -> Compare:
        return Compare(self, "in", tuple(self._checked(value) for value in values))

    def is_none_of(self, *values: str) -> Compare:
        return Compare(self, "not in", tuple(self._checked(value) for value in values))

    def _checked(self, value: str) -> str:
        if value not in self.allowed:
            raise LanguageError(f"{self.name} is never {value!r}; it is one of {', '.join(self.allowed)}.")
        return value

    def problem_with(self, value: Value) -> str | None:
        if isinstance(value, str) and value in self.allowed:
            return None
        return f"{self.name} must be one of {', '.join(self.allowed)}."


@dataclass(frozen=True)
class TextFact(FactType):
    """A word from an open list, such as the generic name of a drug."""

    type: Literal["text"] = "text"

    def is_(self, value: str) -> Compare:
        return Compare(self, "==", value)

    def is_not(self, value: str) -> Compare:
        return Compare(self, "!=", value)

    def is_one_of(self, *values: str) -> Compare:
        return Compare(self, "in", values)

    def is_none_of(self, *values: str) -> Compare:
        return Compare(self, "not in", values)

    def problem_with(self, value: Value) -> str | None:
        if isinstance(value, str) and 0 < len(value) <= 200:
            return None
        return f"{self.name} must be a text of 1 to 200 characters."


@dataclass(frozen=True)
class NumberFact(FactType):
    """A number in ``unit``; *whole* for counts and scores, *interval* where only bounds may be known."""

    type: Literal["number", "whole", "interval"] = "number"
    least: Number = -1_000_000
    most: Number = 1_000_000
    whole: bool = False
    exclusive: bool = False

    def is_(self, value: Number | Threshold) -> Compare:
        return Compare(self, "==", value)

    def at_least(self, value: Number | Threshold) -> Compare:
        return Compare(self, ">=", value)

    def at_most(self, value: Number | Threshold) -> Compare:
        return Compare(self, "<=", value)

    def above(self, value: Number | Threshold) -> Compare:
        return Compare(self, ">", value)

    def below(self, value: Number | Threshold) -> Compare:
        return Compare(self, "<", value)

    def problem_with(self, value: Value) -> str | None:
        if isinstance(value, Interval):
            if self.type != "interval":
                return f"{self.name} must be a single number, not an interval."
            ends = [end for end in (value.lo, value.hi) if end is not None]
            if not ends:
                return f"{self.name} must have a lower or an upper bound; leave it out when unknown."
            if value.lo is not None and value.hi is not None and value.lo > value.hi:
                return f"{self.name} must have a lower bound that does not exceed its upper bound."
            return next((problem for end in ends if (problem := self.problem_with(end))), None)
        if isinstance(value, bool) or not isinstance(value, int | float):
            return f"{self.name} must be a number{f' in {self.unit}' if self.unit else ''}."
        if not self.least <= value <= self.most or (self.exclusive and value in (self.least, self.most)):
            ends_said = "exclusive" if self.exclusive else "inclusive"
            return f"{self.name} must lie between {self.least} and {self.most}, {ends_said}."
        if self.whole and value != int(value):
            return f"{self.name} must be a whole number."
        return None


@dataclass(frozen=True)
class NamesFact(FactType):
    """A list of names, shown in cards and traces; no rule compares it."""

    type: Literal["names"] = "names"

    def problem_with(self, value: Value) -> str | None:
        if isinstance(value, tuple) and all(isinstance(name, str) for name in value):
            return None
        return f"{self.name} must be a list of names."


# --- judging -----------------------------------------------------------------------------------

Lookup = Callable[[FactType], Value | None]
"""The value of a fact, or None when it is unknown."""

SomeTruth = Callable[[Some], Truth]
"""The truth of a claim about a whole list."""


def judge(condition: Condition, value_of: Lookup, some: SomeTruth) -> Truth:
    """The truth of a condition, part by part: used to explain what the engine concluded."""
    match condition:
        case Compare():
            return compare(condition, value_of(condition.fact))
        case Some():
            return some(condition)
        case AllOf(parts):
            return _first(Truth.FALSE, Truth.TRUE, parts, value_of, some)
        case AnyOf(parts):
            return _first(Truth.TRUE, Truth.FALSE, parts, value_of, some)


def _first(decisive: Truth, otherwise: Truth, parts: tuple[Condition, ...], value_of: Lookup, some: SomeTruth) -> Truth:
    """The truth that decides as soon as one part has it; unknown when it might."""
    for part in parts:
        truth = judge(part, value_of, some)
        if truth is decisive:
            return decisive
        if truth is Truth.UNKNOWN:
            otherwise = Truth.UNKNOWN
    return otherwise


def bounds(value: Number | Interval) -> tuple[Number | None, Number | None]:
    return (value.lo, value.hi) if isinstance(value, Interval) else (value, value)


def compare(claim: Compare, value: Value | None) -> Truth:
    """The truth of one claim; ``operand`` must already be a plain value, not a threshold."""
    operator, operand = claim.operator, claim.operand
    if operator in ("known", "unknown"):
        return Truth.TRUE if (value is not None) == (operator == "known") else Truth.FALSE
    if value is None:
        return Truth.UNKNOWN
    if isinstance(claim.fact, NumberFact):
        assert isinstance(value, int | float | Interval) and isinstance(operand, int | float)
        return _compare_number(operator, *bounds(value), operand)
    match operator:
        case "==":
            outcome = value == operand
        case "!=":
            outcome = value != operand
        case "in":
            outcome = isinstance(operand, tuple) and value in operand
        case "not in":
            outcome = isinstance(operand, tuple) and value not in operand
        case _:
            raise LanguageError(f"{claim.fact.name} is no number; it has no order to compare it by.")
    return Truth.TRUE if outcome else Truth.FALSE


def _compare_number(operator: Operator, lo: Number | None, hi: Number | None, than: Number) -> Truth:
    match operator:
        case ">=":
            yes, no = lo is not None and lo >= than, hi is not None and hi < than
        case ">":
            yes, no = lo is not None and lo > than, hi is not None and hi <= than
        case "<=" | "<" | "!=":
            return _OPPOSITE_TRUTH[_compare_number(_OPPOSITE[operator], lo, hi, than)]
        case _:
            yes = lo is not None and hi is not None and lo >= than >= hi
            no = (lo is not None and lo > than) or (hi is not None and hi < than)
    return Truth.TRUE if yes else Truth.FALSE if no else Truth.UNKNOWN


_OPPOSITE_TRUTH = {Truth.TRUE: Truth.FALSE, Truth.FALSE: Truth.TRUE, Truth.UNKNOWN: Truth.UNKNOWN}
