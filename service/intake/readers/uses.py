"""What one medication resource says of a drug: in what state, since when, until when, and in what dose."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from rulesets.drugs import class_of
from rulesets.facts import meds
from rulesets.record import Source
from service.intake.chart import Chart
from service.intake.elements import objects, word
from service.intake.entries import Entry
from service.intake.moments import Moment, bounds, moment, timing_bounds
from service.intake.quantities import Quantity, converted, decimal, plain, quantity
from service.intake.readers.named_drugs import Drug, drugs_of

_STATES: Mapping[tuple[str, str], str] = {
    ("MedicationStatement", "active"): "active",
    ("MedicationStatement", "completed"): "stopped",
    ("MedicationStatement", "stopped"): "stopped",
    ("MedicationStatement", "on-hold"): "on_hold",
    ("MedicationStatement", "intended"): "planned",
    ("MedicationRequest", "active"): "active",
    ("MedicationRequest", "draft"): "planned",
    ("MedicationRequest", "completed"): "stopped",
    ("MedicationRequest", "stopped"): "stopped",
    ("MedicationRequest", "on-hold"): "on_hold",
    ("MedicationAdministration", "in-progress"): "active",
    ("MedicationAdministration", "on-hold"): "on_hold",
    ("MedicationAdministration", "stopped"): "stopped",
}
NEVER_TAKEN = {"not-taken", "not-done", "cancelled", "declined", "entered-in-error", "preparation"}
_NOT_ORDERED = {"option", "proposal"}
_NO_DOSE = Decimal(1_000_000)
_IRREGULAR = {"periodMax", "frequencyMax", "dayOfWeek"}
_DAYS = {"d": Decimal(1), "wk": Decimal(7), "h": Decimal(1) / Decimal(24), "mo": Decimal(30)}


@dataclass(frozen=True, kw_only=True)
class Use:
    """What one resource says of one drug."""

    drug: Drug
    entry: Entry
    state: str | None
    start: Moment | None
    start_element: str
    stop: Moment | None
    stop_element: str
    last_dose: Moment | None
    dose: dict[str, tuple[float | int, Source]]
    each_mg: Decimal | None


def uses_of(chart: Chart, entry: Entry, weight: tuple[Decimal, Source] | None) -> Iterator[Use]:
    resource = entry.resource
    status = word(resource, "status")
    if status in NEVER_TAKEN or resource.get("doNotPerform") is True:
        return
    if word(resource, "intent") in _NOT_ORDERED and not entry.is_draft:
        return
    drugs = drugs_of(chart, entry)
    if not drugs:
        _tell_incomplete(chart, entry)
    if not drugs or not chart.is_valid(entry):
        return
    start, start_element, stop, stop_element = times(entry)
    recorded = moment(resource.get("authoredOn", resource.get("dateAsserted")))
    if chart.is_future(recorded) and not entry.is_draft:
        chart.say("future", "It was written after the evaluation date; it was left out.", entry)
        return
    last = None
    if entry.kind in ("MedicationAdministration", "MedicationDispense"):
        if chart.is_future(start):
            chart.say("future", "It is dated after the evaluation date; it was left out.", entry)
            return
        if status in ("completed", "in-progress", "stopped"):
            last = stop if stop is not None and not chart.is_future(stop) else start
    state = _state(chart, entry, start, stop)
    if state == "stopped" and chart.is_future(stop):
        stop = None
    if entry.kind in ("MedicationAdministration", "MedicationDispense"):
        start = None if state != "active" else start
        stop, stop_element = (stop or last, stop_element or start_element) if state == "stopped" else (None, "")
    for drug in drugs:
        use = Use(
            drug=drug, entry=entry, state=state, start=start, start_element=start_element, stop=stop,
            stop_element=stop_element, last_dose=last, dose=_doses(chart, entry, weight), each_mg=_each_mg(entry),
        )  # fmt: skip
        yield _given_once(chart, use) if _is_given_once(use) else use


def _is_given_once(use: Use) -> bool:
    """Whether a dose that was given is a treatment by itself, as each of a radiopharmaceutical is."""
    is_given = use.entry.kind == "MedicationAdministration" and use.entry.resource.get("status") == "completed"
    return is_given and class_of(use.drug.name, use.drug.anticancer) == "radiopharmaceutical"


def _given_once(chart: Chart, use: Use) -> Use:
    text = "Each dose of a radiopharmaceutical was read as a treatment of its own, which is over when it was given."
    chart.say("single-dose", text, use.entry, "status")
    return replace(use, state="stopped", stop=use.last_dose, stop_element=use.start_element)


def _tell_incomplete(chart: Chart, entry: Entry) -> None:
    """A drug that is taken and that nobody can name leaves the list of drugs incomplete."""
    is_taken = _STATES.get((entry.kind, word(entry.resource, "status"))) in ("active", "on_hold")
    if not is_taken or entry.is_draft or not objects(entry.resource, "medicationReference"):
        return
    if chart.is_valid(entry):
        source = chart.source(entry, "medicationReference")
        fact = chart.fact(meds.list_available.name, False, source)
        if fact is not None:
            chart.bounds.setdefault(fact.name, fact)


def _state(chart: Chart, entry: Entry, start: Moment | None, stop: Moment | None) -> str | None:
    if entry.is_draft:
        return "draft"
    status = entry.resource.get("status")
    state = _STATES.get((entry.kind, str(status)))
    if state == "active" and chart.is_future(start):
        return "planned"
    if (
        state == "active"
        and entry.kind == "MedicationStatement"
        and stop is not None
        and stop.last < chart.evaluation_date
    ):
        return "stopped"
    taken = entry.kind != "MedicationRequest"  # The period of a request is a plan, that of a use is a fact.
    if state == "stopped" and taken and stop is not None and chart.is_future(stop) and not chart.is_future(start):
        return "active"
    if state is None and status not in ("completed", "unknown"):
        chart.say("status", "Its status is not one that tells whether the drug is taken.", entry, "status")
    return state


def times(entry: Entry) -> tuple[Moment | None, str, Moment | None, str]:
    """Start and stop of the use of a drug, each with the element that says so."""
    resource = entry.resource
    for element in ("effectivePeriod", "effectiveDateTime", "whenHandedOver"):
        if element.endswith("Period") and element in resource:
            start, stop = bounds(resource[element])
            return start, f"{element}.start", stop, f"{element}.end"
        if (at := moment(resource.get(element))) is not None:
            return at, element, None, ""
    for position, dosage in enumerate(objects(resource, "dosageInstruction")):
        start, stop = timing_bounds(dosage.get("timing"))
        if start is not None or stop is not None:
            element = f"dosageInstruction[{position}].timing"
            written = moment(resource.get("authoredOn")) if start is None and not entry.is_draft else None
            return start or written, element if start else "authoredOn", stop, element
    for request in objects(resource, "dispenseRequest"):
        start, _ = bounds(request.get("validityPeriod"))
        if start is not None:
            return start, "dispenseRequest.validityPeriod.start", None, ""
    if entry.kind == "MedicationRequest" and not entry.is_draft:
        return moment(resource.get("authoredOn")), "authoredOn", None, ""
    return None, "", None, ""


# --- doses -----------------------------------------------------------------------------------------------


def _dosage(entry: Entry) -> tuple[Mapping[str, Any], str] | None:
    """The one dosage, and where it stands; of several nothing tells which is meant."""
    dosages = objects(entry.resource, "dosageInstruction") or objects(entry.resource, "dosage")
    if len(dosages) != 1:
        return None
    return dosages[0], "dosageInstruction[0]" if "dosageInstruction" in entry.resource else "dosage"


def _given(dosage: Mapping[str, Any]) -> Quantity | None:
    """What is given each time."""
    rates = objects(dosage, "doseAndRate")
    dose = dosage.get("dose") if "dose" in dosage else rates[0].get("doseQuantity") if len(rates) == 1 else None
    given = quantity(dose)
    return None if given is None or given.comparator else given


def _each_mg(entry: Entry) -> Decimal | None:
    found = _dosage(entry)
    given = _given(found[0]) if found is not None else None
    milligrams = converted(given, "mg") if given is not None else None
    return milligrams[0] if milligrams is not None else None


def _doses(chart: Chart, entry: Entry, weight: tuple[Decimal, Source] | None) -> dict[str, tuple[float | int, Source]]:
    """Daily dose, dose per kg and interval, each only when a single dosage says it."""
    only = _dosage(entry)
    if only is None:
        return {}
    dosage, element = only
    found: dict[str, tuple[float | int, Source]] = {}
    timing = dosage.get("timing")
    repeat = timing.get("repeat") if isinstance(timing, Mapping) else None
    is_regular = dosage.get("asNeededBoolean") is not True and "asNeededCodeableConcept" not in dosage
    days = _days_between(repeat) if isinstance(repeat, Mapping) and is_regular else None
    if days is not None and days >= 1 and days == days.to_integral_value():
        found["drug.interval_days"] = int(days), chart.source(entry, f"{element}.timing.repeat", value=f"{days} d")
    given = _given(dosage)
    if given is None:
        return found
    if not 0 < given.value < _NO_DOSE:
        chart.say("value", "Its dose is not one that can be given; it was left out.", entry, element)
        return found
    there = f"{element}.dose"
    per_kg, milligrams = converted(given, "mg/kg"), converted(given, "mg")
    if per_kg is not None:
        found["drug.dose_mg_per_kg"] = plain(per_kg[0]), chart.source(entry, there, value=given.lexical)
    elif milligrams is not None:
        if weight is not None:
            done = f"mg / {plain(weight[0])} kg of {weight[1].reference}"
            source = chart.source(entry, there, value=given.lexical, conversion=done)
            found["drug.dose_mg_per_kg"] = float(round(milligrams[0] / weight[0], 3)), source
        if days is not None:
            source = chart.source(entry, there, value=given.lexical, conversion=f"mg in {plain(days)} d")
            found["drug.dose_mg_per_day"] = plain(round(milligrams[0] / days, 6)), source
    return found


def _days_between(repeat: Mapping[str, Any]) -> Decimal | None:
    period, unit = decimal(repeat.get("period")), _DAYS.get(str(repeat.get("periodUnit")))
    frequency = decimal(repeat.get("frequency", 1))
    if period is None or unit is None or not frequency or _IRREGULAR & repeat.keys():
        return None
    return period * unit / frequency if period > 0 else None
