"""What is measured of the patient herself: performance status, haemoglobin, pain of bone, body weight."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal

from rulesets.facts import lesion, patient
from rulesets.record import Source
from service.intake.chart import Chart, Statement
from service.intake.elements import objects
from service.intake.quantities import converted, plain
from service.intake.readers import about_lesions
from service.intake.readers.results import Result, coded, has_value, measured, not_understood, source_of, state

OF_ONE_HAEM_FROM = Decimal(4)
"""mmol/L from which a haemoglobin counts haems, which is usual: 4 are 6.4 g/dL, and 25.8 if molecules were meant."""


def _ecog(chart: Chart, result: Result) -> None:
    given = measured(result)
    if given is not None and given.unit == "" and not given.comparator:
        state(chart, result, "patient.ecog", plain(given.value), source_of(chart, result, value=given.lexical))
        return
    matches = coded(chart, result, "ecog-values")
    element = "value"
    if not matches and not has_value(result):
        element = "interpretation"
        for concept in objects(result.holder, "interpretation"):
            matches = matches or chart.matches("ecog-values", concept, result.entry, result.element(element))
    if len(matches) == 1:
        state(
            chart, result, "patient.ecog", int(matches[0].target), source_of(chart, result, element, match=matches[0])
        )
    else:
        not_understood(chart, result)


def _karnofsky(chart: Chart, result: Result) -> None:
    text = "A Karnofsky status is not converted to ECOG; send the ECOG status."
    chart.say("not-converted", text, result.entry, result.element("value"))


def _haemoglobin(chart: Chart, result: Result) -> None:
    given = measured(result)
    if given is None:
        not_understood(chart, result)
        return
    if given.comparator:
        chart.say(
            "imprecise", "A haemoglobin with a comparator is not a number; it was left out.", result.entry, "value"
        )
        return
    source = source_of(chart, result, value=given.lexical)
    value = chart.fact("obs.hemoglobin_value", plain(given.value), source, result.at)
    if value is None:
        return
    facts = [value]
    in_grams = {"g/dL": Decimal(1), "g/L": Decimal("0.1")}.get(given.unit or "")
    if given.unit == "mmol/L" and given.value < OF_ONE_HAEM_FROM:
        text = "So few mmol/L may count molecules of four haems instead of one, and are of no use."
        chart.say("unit", text, result.entry, result.element("valueQuantity.code"))
    elif given.unit in ("g/dL", "g/L", "mmol/L"):
        unit = chart.fact("obs.hemoglobin_unit", given.unit, source, result.at)
        facts += [unit] if unit is not None else []
    else:
        text = "Its haemoglobin has no unit this service knows (g/dL, g/L, mmol/L) and is of no use."
        chart.say("unit", text, result.entry, result.element("valueQuantity.code"))
    chart.statements.append(
        Statement(
            topic="obs.hemoglobin_value",
            facts=tuple(facts),
            when=result.at,
            preliminary=result.preliminary,
            sense=plain(given.value * in_grams) if in_grams is not None else (given.unit, plain(given.value)),
        )
    )


def pain(chart: Chart, found: list[Result]) -> None:
    """Pain of a bone by its latest score there; how a lesion hurts is said of the lesion as well.

    A score of nothing at one bone does not tell that no other one hurts.
    """
    by_place: dict[str, list[Result]] = {}
    for result in found:
        if result.meaning == "pain" and _pain(result) is not None:
            if about_lesions.is_in_bone(chart, result.entry):
                by_place.setdefault(about_lesions.lesion_key(chart, result.entry), []).append(result)
            else:
                chart.say("imprecise", "It does not say that a bone hurts.", result.entry, "bodySite")
    for place, scores in by_place.items():
        for result in scores:
            if any(other.at and result.at and result.at.is_before(other.at) for other in scores):
                continue
            hurts, source = bool(_pain(result)), source_of(chart, result, value=str(_pain(result)))
            if hurts:
                state(chart, result, patient.bone_pain.name, True, source)
            fact = chart.fact(lesion.painful.name, hurts, source, result.at)
            if fact is not None and "/" in place and not place.startswith("bodySite"):
                about_lesions.add_to_known(chart, place, Statement(topic=fact.name, facts=(fact,), when=result.at))


def _pain(result: Result) -> Decimal | None:
    """A score, on whatever scale: only whether it is nothing counts."""
    given = measured(result)
    usable = given is not None and not given.comparator and given.unit in ("", "cm", "mm") and given.value >= 0
    return given.value if given is not None and usable else None


def weight_kg(chart: Chart, found: list[Result], within_days: int = 14) -> tuple[Decimal, Source] | None:
    """The latest body weight that is recent enough to reckon a dose by."""
    recent = []
    for result in found:
        given = measured(result) if result.meaning == "body_weight" else None
        weight = converted(given, "kg") if given is not None and not given.comparator else None
        age = None if (day := chart.day(result.at)) is None else -day
        if weight is not None and weight[0] > 0 and given is not None and age is not None and 0 <= age <= within_days:
            recent.append((age, result.entry.reference, weight[0], source_of(chart, result, value=given.lexical)))
    if not recent:
        return None
    _, _, value, source = min(recent, key=lambda each: each[:2])
    return value, source


READERS: Mapping[str, Callable[[Chart, Result], None]] = {
    "ecog": _ecog,
    "karnofsky": _karnofsky,
    "haemoglobin": _haemoglobin,
}
