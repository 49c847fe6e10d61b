"""Facts that no standard code can say, sent as observations coded with the names of the facts.

A fact of the patient stands by itself. Facts of one lesion share an observation as components, or
a focus, or a body site, which also tell the bone. Facts of a course, a drug or an order have it as
their focus; a volume of a course is a second focus.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from rulesets.facts import FACTS
from rulesets.language import FactType, Interval, NumberFact, Value
from rulesets.record import Fact
from service.fact_resources import ELEMENTS, FACT_SYSTEM, shape_of
from service.intake.chart import Chart, Statement
from service.intake.elements import objects, word
from service.intake.moments import moment
from service.intake.quantities import Quantity, bounded, converted, plain, quantity
from service.intake.readers import about_lesions
from service.intake.readers.about_lesions import foci
from service.intake.readers.results import Result, answer, coded, has_value, in_words, measured, results, source_of
from service.intake.readers.wordings import count_in

_TRUTHS = {"true": True, "present": True, "false": False, "absent": False}


def read(chart: Chart) -> None:
    for result in results(chart, "facts"):
        if result.meaning == "lesion":
            about_lesions.place(chart, result)
        if result.meaning in ELEMENTS:  # It only holds the facts of one element together.
            continue
        fact_type = FACTS[result.meaning]
        for statement in _statements(chart, result, fact_type):
            if fact_type.element is None:
                chart.statements.append(statement)
            elif fact_type.element == "lesion":
                about_lesions.add(chart, result, statement)
            elif focus := "#".join(foci(chart, result.entry)[:2]):
                chart.attached.setdefault(focus, []).append(statement)
            else:
                text = f"It does not say which {fact_type.element} it is about; give it a focus."
                chart.say("no-focus", text, result.entry, "focus")
    _tell_unknown_names(chart)


def _tell_unknown_names(chart: Chart) -> None:
    """A code of our own system that is no fact, or one that is computed, is a mistake worth telling."""
    for entry in chart.of("Observation"):
        holders = [(entry.resource, "code"), *((one, "component.code") for one in objects(entry.resource, "component"))]
        for holder, element in holders:
            for coding in objects(holder.get("code"), "coding"):
                if coding.get("system") != FACT_SYSTEM or word(coding, "code") in ELEMENTS:
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
        return _day(chart, result) if shape_of(fact_type) == "day" else _number(result, fact_type)
    holder = result.holder
    text = holder.get("valueString", holder.get("valueCode"))
    if fact_type.type == "truth":
        if isinstance(holder.get("valueBoolean"), bool):
            return holder["valueBoolean"], answer(result), ""
        truths = {_TRUTHS[match.target] for match in coded(chart, result, "fact-values") if match.target in _TRUTHS}
        return (truths.pop(), answer(result), "") if len(truths) == 1 else None
    if fact_type.type == "choice":
        allowed = getattr(fact_type, "allowed", ())
        targets = {match.target for match in coded(chart, result, "fact-values")} & set(allowed)
        if not targets and isinstance(text, str) and text in allowed:
            targets = {text}
        return (targets.pop(), answer(result), "") if len(targets) == 1 else None
    if fact_type.type == "names":
        names = tuple(name.strip() for name in text.split(",") if name.strip()) if isinstance(text, str) else ()
        return (names, ", ".join(names), "") if names else None
    concept = holder.get("valueCodeableConcept")
    if text is None and isinstance(concept, dict):
        text = concept.get("text")
    return (text, text, "") if isinstance(text, str) else None


def _day(chart: Chart, result: Result) -> tuple[Value, str, str] | None:
    """A day, from the evaluation date: a date, or a number of days from when it was observed."""
    if "valueDateTime" in result.holder:
        at = moment(result.holder["valueDateTime"])
        day = chart.day(at)
        return None if at is None or day is None else (day, at.text, "days from the evaluation date")
    given = measured(result)
    days = converted(given, "days") if given is not None and "valueQuantity" in result.holder else None
    number = days[0] if days is not None else given.value if given is not None and not given.unit else None
    since = 0 if result.at is None else chart.day(result.at)
    if given is None or given.comparator or number is None or since is None:
        return None
    return plain(number + since), given.lexical, "days from the observation" if since else ""


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
    if fact_type.type == "interval" and (text := in_words(result)):
        said_in_words = count_in(text)
        if said_in_words is None:
            return None
        value = bounded(said_in_words.low, said_in_words.comparator, whole=fact_type.whole)
        return None if value is None else (value, text, "read from text")
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
