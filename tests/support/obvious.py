"""The obvious evaluator: strong Kleene logic spelled out, sharing no code with what it checks.

Slow and simple on purpose. It judges a condition for every element of a scope, straight from the
record, and is what the rule engine is compared with.
"""

from __future__ import annotations

import itertools
import math

from rulesets import language as lang
from rulesets.record import Member, Record

YES, NO, OPEN = "yes", "no", "open"
ABSENT = Member(key="", facts={})


def members(record: Record, element: str) -> tuple[Member, ...]:
    found = {"lesion": record.lesions, "drug": record.drugs, "course": record.courses, "order": record.orders}[element]
    if found is None or (not found and element in ("course", "order")):
        return (ABSENT,)
    return found


def verdicts(record: Record, scope: tuple[str, ...], condition: lang.Condition, values: dict) -> dict:
    """The answer (yes, no or open) for each combination of keys of the scope."""
    return {
        tuple(member.key for member in combination): answer(
            record, dict(zip(scope, combination, strict=True)), condition, values
        )
        for combination in itertools.product(*(members(record, element) for element in scope))
    }


def answer(record: Record, chosen: dict, condition: lang.Condition, values: dict) -> str:
    if isinstance(condition, lang.AllOf):
        answers = [answer(record, chosen, part, values) for part in condition.parts]
        return NO if NO in answers else OPEN if OPEN in answers else YES
    if isinstance(condition, lang.AnyOf):
        answers = [answer(record, chosen, part, values) for part in condition.parts]
        return YES if YES in answers else OPEN if OPEN in answers else NO
    if isinstance(condition, lang.Some):
        found = _some(record, chosen, condition, values)
        return {YES: NO, NO: YES, OPEN: OPEN}[found] if condition.negated else found
    known = _value(record, chosen, condition.fact)
    if condition.operator == "known":
        return NO if known is None else YES
    if condition.operator == "unknown":
        return YES if known is None else NO
    if known is None:
        return OPEN
    operand = condition.operand
    if hasattr(operand, "key"):
        operand = values[operand.key]
    if isinstance(known, lang.Interval):
        lo = -math.inf if known.lo is None else known.lo
        hi = math.inf if known.hi is None else known.hi
        # Every number the interval may stand for, as far as this comparison can tell them apart.
        samples = {lo, hi} | {
            x for x in (operand - 1, operand - 0.5, operand, operand + 0.5, operand + 1) if lo <= x <= hi
        }
        results = {_plain(x, condition.operator, operand) for x in samples}
        return OPEN if len(results) == 2 else YES if results == {True} else NO
    return YES if _plain(known, condition.operator, operand) else NO


def _some(record: Record, chosen: dict, claim: lang.Some, values: dict) -> str:
    found = {"lesion": record.lesions, "drug": record.drugs, "course": record.courses, "order": record.orders}[
        claim.element
    ]
    if found is None:
        return OPEN
    answers = [answer(record, {**chosen, claim.element: member}, claim.condition, values) for member in found]
    return YES if YES in answers else OPEN if OPEN in answers else NO


def _value(record: Record, chosen: dict, fact: lang.FactType):
    if fact.per_course:
        pair = (chosen["course"].key, chosen["drug"].key)
        found = record.exposures.get(pair, {}).get(fact.name)
    elif fact.element:
        member = chosen[fact.element]
        if member is ABSENT and fact.name in ("rt.planned", "rt.relevant"):
            return False
        if member is ABSENT and fact.name == "order.kind":
            return "none"
        found = member.facts.get(fact.name)
    else:
        found = record.facts.get(fact.name)
    return None if found is None else found.value


def _plain(known, operator: str, operand) -> bool:
    if operator == "==":
        return known == operand
    if operator == "!=":
        return known != operand
    if operator == "in":
        return known in operand
    if operator == "not in":
        return known not in operand
    if operator == ">=":
        return known >= operand
    if operator == "<=":
        return known <= operand
    return known > operand if operator == ">" else known < operand
