"""Facts that no standard code can say, sent as observations coded with the names of the facts.

A fact of the patient stands by itself. Facts of one lesion share an observation as components, or
a focus, or a body site. Facts of a course, a drug or an order have it as their focus.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal

from rulesets.facts import FACTS
from rulesets.language import FactType, Interval, NumberFact, Value
from rulesets.record import Fact, Member
from service.intake.chart import FACT_SYSTEM, Chart, Statement, members
from service.intake.elements import objects, word
from service.intake.entries import Entry
from service.intake.notices import Notice
from service.intake.quantities import Quantity, bounded, converted, plain, quantity
from service.intake.readers.observation import Result, coded, has_value, measured, results, source_of
from service.intake.references import literal
from service.intake.settling import settled

_CONTAINERS = frozenset({"lesion", "course", "drug", "order"})
"""Codes of observations that only hold the facts of one element together."""

_TRUTHS = {"true": True, "present": True, "false": False, "absent": False}


def read(chart: Chart) -> None:
    of_lesions: dict[str, list[Statement]] = defaultdict(list)
    for result in results(chart, "facts"):
        fact_type = FACTS.get(result.meaning)
        if fact_type is None or fact_type.world == "derived":
            chart.say("not-a-fact", "This fact is computed and cannot be sent.", result.entry, result.element("code"))
            continue
        for statement in _statements(chart, result, fact_type):
            if fact_type.element is None:
                chart.statements.append(statement)
            elif fact_type.element == "lesion":
                of_lesions[_lesion_key(chart, result)].append(statement)
            elif focus := _focus(chart, result.entry):
                chart.attached.setdefault(focus, []).append(statement)
            else:
                text = f"It does not say which {fact_type.element} it is about; give it a focus."
                chart.say("no-focus", text, result.entry, "focus")
    _tell_unknown_names(chart)
    for key in sorted(of_lesions):
        _add_lesion(chart, key, of_lesions[key])


def settle_member(chart: Chart, key: str, facts: dict[str, Fact], statements: list[Statement]) -> dict[str, Fact]:
    """The facts of a member with what was stated about it; a disagreement leaves a fact unknown, and is told."""
    stated, conflicts = settled(statements)
    held = {**facts, **stated}
    for conflict in conflicts:
        held.pop(conflict.name, None)
        text = f"Sources disagree on {conflict.name}, so it is unknown."
        chart.notices.append(Notice(code="conflict", text=text, reference=key))
    return members(held)


def _add_lesion(chart: Chart, key: str, statements: list[Statement]) -> None:
    """A stated lesion; a condition that speaks of it, or of the same site, is the same lesion."""
    facts = settle_member(chart, key, {}, statements)
    site = facts.get("lesion.site")
    same = [
        lesion
        for lesion in chart.lesions
        if lesion.key == key or (site is not None and _site(lesion) == site.value and "Condition/" in lesion.key)
    ]
    for lesion in same:
        chart.lesions.remove(lesion)
        facts = {**lesion.facts, **facts}
    chart.lesions.append(Member(key=key, facts=members(facts)))


def _site(lesion: Member) -> Value | None:
    fact = lesion.facts.get("lesion.site")
    return None if fact is None else fact.value


def _lesion_key(chart: Chart, result: Result) -> str:
    if focus := _focus(chart, result.entry):
        return focus
    if not result.path:
        for coding in objects(result.entry.resource.get("bodySite"), "coding"):
            if isinstance(coding.get("code"), str):
                return f"bodySite {coding.get('system', '')}|{coding['code']}"
    return result.entry.reference


def _focus(chart: Chart, entry: Entry) -> str:
    for reference in objects(entry.resource, "focus"):
        found = chart.find(reference, entry)
        if found is not None and found.kind != "Patient":
            return found.reference
        if found is None and literal(reference):
            return literal(reference)
    return ""


def _tell_unknown_names(chart: Chart) -> None:
    """A code of our own system that is no fact, or one that is computed, is a mistake worth telling."""
    for entry in chart.of("Observation"):
        holders = [(entry.resource, "code"), *((one, "component.code") for one in objects(entry.resource, "component"))]
        for holder, element in holders:
            for coding in objects(holder.get("code"), "coding"):
                if coding.get("system") != FACT_SYSTEM or word(coding, "code") in _CONTAINERS:
                    continue
                fact_type = FACTS.get(word(coding, "code"))
                if fact_type is None:
                    chart.say("not-a-fact", "There is no fact of this name.", entry, element)
                elif fact_type.world == "derived":
                    chart.say("not-a-fact", f"{fact_type.name} is computed, it cannot be sent.", entry, element)


# --- values --------------------------------------------------------------------------------------


def _statements(chart: Chart, result: Result, fact_type: FactType) -> Iterator[Statement]:
    read = _value(chart, result, fact_type)
    if read is None:
        if has_value(result):
            chart.say("value", f"{_wanted(fact_type)} It was left out.", result.entry, result.element("value"))
        return
    value, lexical, conversion = read
    source = source_of(chart, result, value=lexical, conversion=conversion)
    fact = chart.fact(fact_type.name, value, source, result.at)
    if fact is None:
        return
    facts: tuple[Fact, ...] = (fact,)
    if fact.name == "obs.hemoglobin_value" and (given := measured(result)) is not None and given.unit:
        unit = chart.fact("obs.hemoglobin_unit", given.unit, source, result.at)
        facts = (fact, unit) if unit is not None else facts
    yield Statement(topic=fact.name, facts=facts, when=result.at, preliminary=result.preliminary)


def _wanted(fact_type: FactType) -> str:
    return fact_type.problem_with(()) or f"{fact_type.name} has a value of a form it cannot have."


def _value(chart: Chart, result: Result, fact_type: FactType) -> tuple[Value, str, str] | None:
    """The value of a fact, as it was written, and what was done to it."""
    if isinstance(fact_type, NumberFact):
        return _number(result, fact_type)
    holder = result.holder
    text = holder.get("valueString", holder.get("valueCode"))
    if fact_type.type == "truth":
        if isinstance(holder.get("valueBoolean"), bool):
            return holder["valueBoolean"], str(holder["valueBoolean"]).lower(), ""
        truths = {_TRUTHS[match.target] for match in coded(chart, result, "fact-values") if match.target in _TRUTHS}
        return (said := truths.pop(), str(said).lower(), "") if len(truths) == 1 else None
    if fact_type.type == "choice":
        allowed = getattr(fact_type, "allowed", ())
        targets = {match.target for match in coded(chart, result, "fact-values")} & set(allowed)
        if not targets and isinstance(text, str) and text in allowed:
            targets = {text}
        return (choice := targets.pop(), choice, "") if len(targets) == 1 else None
    if fact_type.type == "names":
        names = tuple(name.strip() for name in text.split(",") if name.strip()) if isinstance(text, str) else ()
        return (names, ", ".join(names), "") if names else None
    concept = holder.get("valueCodeableConcept")
    if text is None and isinstance(concept, dict):
        text = concept.get("text")
    return (text, text, "") if isinstance(text, str) else None


def _number(result: Result, fact_type: NumberFact) -> tuple[Value, str, str] | None:
    if isinstance(sent := result.holder.get("valueRange"), dict):
        low, high = quantity(sent.get("low")), quantity(sent.get("high"))
        ends = [None if end is None else _in_unit(end, fact_type) for end in (low, high)]
        if (low is not None and ends[0] is None) or (high is not None and ends[1] is None) or ends == [None, None]:
            return None
        lo, hi = (None if end is None else plain(end[0]) for end in ends)
        lexical = f"{low.lexical if low else ''}..{high.lexical if high else ''}"
        value_read = lo if lo is not None and lo == hi else Interval(lo=lo, hi=hi)
        return value_read, lexical, next((end[1] for end in ends if end), "")
    if "valueInteger" in result.holder and (whole := measured(result)) is not None:
        return plain(whole.value), whole.lexical, ""  # A bare integer is in the unit of the fact.
    given = measured(result)
    if given is None or (said := _in_unit(given, fact_type)) is None:
        return None
    value = bounded(said[0], given.comparator, whole=fact_type.whole)
    return None if value is None else (value, given.lexical, said[1])


def _in_unit(given: Quantity, fact_type: NumberFact) -> tuple[Decimal, str] | None:
    """The number in the unit of the fact; haemoglobin stays as it was reported."""
    if fact_type.name == "obs.hemoglobin_value":
        return given.value, ""
    return converted(given, fact_type.unit)
