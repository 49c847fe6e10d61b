"""Medication resources: which drugs, since when, until when, and in what state.

The code decides which drug it is; a name alone is believed only when there is no code, or, in a draft
order, none but one of a hospital's own list. Several resources of one drug are one drug: the state that
matters most now counts, and that is told.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from rulesets.drugs import CLASSES, NON_ANTICANCER, canonical, class_of
from rulesets.record import READ_FROM_TEXT, Fact, Member, Source
from service.intake.chart import Chart, members
from service.intake.drug_text import named_in
from service.intake.elements import objects, word
from service.intake.entries import Entry
from service.intake.moments import Moment, bounds, moment, timing_bounds
from service.intake.quantities import converted, decimal, plain, quantity

KINDS = ("MedicationStatement", "MedicationRequest", "MedicationAdministration", "MedicationDispense")

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
_NEVER_TAKEN = {"not-taken", "not-done", "cancelled", "declined", "entered-in-error", "preparation"}
_NOT_ORDERED = {"option", "proposal"}
_WEIGHTS = {"draft": 4, "active": 3, "on_hold": 2, "planned": 1, "stopped": 0}
_NO_DOSE = Decimal(1_000_000)
_IRREGULAR = {"periodMax", "frequencyMax", "dayOfWeek"}
_DAYS = {"d": Decimal(1), "wk": Decimal(7), "h": Decimal(1) / Decimal(24), "mo": Decimal(30)}


@dataclass(frozen=True, kw_only=True)
class Drug:
    """A drug by the name it goes by here, and whether its code says that it treats cancer."""

    name: str
    anticancer: bool | None
    source: Source


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


def read(chart: Chart, weight: tuple[Decimal, Source] | None) -> list[Use]:
    """Adds the drugs of the chart and gives back the uses that are drafts."""
    uses = [use for entry in chart.of(*KINDS) for use in _uses(chart, entry, weight)]
    grouped: dict[tuple[str, bool, bool], list[Use]] = {}
    for use in uses:
        grouped.setdefault((use.drug.name, use.entry.is_draft, use.entry.in_request), []).append(use)
    names: dict[str, set[str]] = {}
    for use in uses:
        names.setdefault(use.entry.reference, set()).add(use.drug.name)
    shared = {reference for reference, held in names.items() if len(held) > 1}
    denials = _denials(chart)
    taken: dict[str, Member] = {}
    for (name, is_draft, in_request), same in sorted(grouped.items(), key=lambda item: item[0]):
        member = _member(chart, same, in_request, shared)
        if is_draft and name in taken:
            member = _renewal(member, taken[name])
        elif _is_active(member) and any(_contests(denied, same) for denied in denials.get(name, ())):
            text = "It is said to be taken and not to be taken, so its status is unknown."
            chart.say("several-statuses", text, min(same, key=lambda use: use.entry.reference).entry, "status")
            member = replace(member, facts={key: fact for key, fact in member.facts.items() if key != "drug.status"})
        elif _is_active(member):
            taken[name] = member
        chart.drugs.append(member)
    return [use for use in uses if use.entry.is_draft]


def _is_active(member: Member) -> bool:
    status = member.facts.get("drug.status")
    return status is not None and status.value == "active"


def _denials(chart: Chart) -> dict[str, list[Moment | None]]:
    """When it was said of a drug that the patient does not take it."""
    found: dict[str, list[Moment | None]] = {}
    for entry in chart.of("MedicationStatement"):
        if word(entry.resource, "status") != "not-taken" or entry.in_request or not chart.is_valid(entry):
            continue
        start, _, stop, _ = _times(entry)
        when = moment(entry.resource.get("dateAsserted")) or stop or start
        if not chart.is_future(when):
            for each in drugs_of(chart, entry):
                found.setdefault(each.name, []).append(when)
    return found


def _contests(denied: Moment | None, uses: list[Use]) -> bool:
    """Whether a denial may be the last word: no active use certainly began after it."""
    begun = [use.start for use in uses if use.state == "active"]
    return not any(denied is not None and start is not None and denied.is_before(start) for start in begun)


def _renewal(ordered: Member, taken: Member) -> Member:
    """An order for a drug that is taken already: it goes on since then, and does not begin with the order."""
    since = {name: fact for name, fact in taken.facts.items() if name in ("drug.status", "drug.start_day")}
    begins_anew = {name: fact for name, fact in ordered.facts.items() if name != "drug.start_day"}
    return replace(ordered, facts={**begins_anew, **since})


# --- which drug ------------------------------------------------------------------------------------


def drugs_of(chart: Chart, entry: Entry) -> tuple[Drug, ...]:
    """The drugs a medication resource is about: by its code, else by the ingredients, else by its name."""
    codeable, element, holder = entry.resource.get("medicationCodeableConcept"), "medicationCodeableConcept", entry
    if codeable is None:
        found = chart.find(entry.resource.get("medicationReference"), entry)
        if found is None or word(found.resource, "status") == "entered-in-error":
            named = objects(entry.resource, "medicationReference")
            shown = [{"text": each.get("display")} for each in named if found is None]
            if entry.is_draft and shown and (drugs := _by_text(chart, shown[0], entry, "medicationReference.display")):
                return drugs
            if named:
                text = "Its medication is not in the request and could not be told."
                chart.say("unresolved", text, entry, "medicationReference")
            return ()
        codeable, element, holder = found.resource.get("code"), "code", found
    named_drugs = _by_code(chart, codeable, holder, element)
    if not named_drugs and holder.kind == "Medication":
        for position, ingredient in enumerate(objects(holder.resource, "ingredient")):
            if ingredient.get("isActive") is False:
                continue
            there = f"ingredient[{position}].itemCodeableConcept"
            item = ingredient.get("itemCodeableConcept")
            inner = chart.find(ingredient.get("itemReference"), holder) if item is None else None
            if inner is not None:
                item = inner.resource.get("code")
            named_drugs += _by_code(chart, item, holder, there)
    if not named_drugs and entry.is_draft and chart.is_uncoded("drugs", codeable):
        named_drugs = _by_text(chart, codeable, holder, element)
    return named_drugs or _by_name(chart, codeable, holder, element)


def _by_code(chart: Chart, codeable: object, entry: Entry, element: str) -> tuple[Drug, ...]:
    matches = chart.matches("drugs", codeable, entry, element)
    return tuple(
        Drug(name=match.target, anticancer=True if CLASSES.get(match.target) != "antiresorptive" else None,
             source=chart.source(entry, element, match=match, value=match.coding.code))
        for match in matches
    )  # fmt: skip


def _by_text(chart: Chart, codeable: object, entry: Entry, element: str) -> tuple[Drug, ...]:
    """The drug that the texts of a draft name, where no code can tell: what its author reads on the screen."""
    concept = codeable if isinstance(codeable, Mapping) else {}
    texts = [concept.get("text"), *(coding.get("display") for coding in objects(concept, "coding"))]
    found: dict[tuple[str, ...], str] = {}
    for text in sorted(each for each in texts if isinstance(each, str)):
        found.setdefault(tuple(sorted(chart.shown_as("drugs", text) or named_in(text))), text)
    found.pop((), None)
    if len(found) > 1:
        chart.say("ambiguous", "Its texts name different drugs, so none of them was read.", entry, element)
        return ()
    for names, text in found.items():
        chart.say("from-text", "The drug has no code known here; its name was read from text.", entry, element)
        source = chart.source(entry, element, value=text[:200], conversion=READ_FROM_TEXT)
        return tuple(Drug(name=name, anticancer=None, source=source) for name in names)
    return ()


def _by_name(chart: Chart, codeable: object, entry: Entry, element: str) -> tuple[Drug, ...]:
    """A drug no code of the map names. The display of an unknown code is shown, never trusted."""
    concept = codeable if isinstance(codeable, Mapping) else {}
    codings = [coding for coding in objects(concept, "coding") if isinstance(coding.get("code"), str)]
    texts = (concept.get("text"), *(one.get("display") for one in codings))
    shown = next((text for text in texts if isinstance(text, str) and text.strip()), "")
    names = canonical(shown) if shown else ()
    if not codings:
        source = chart.source(entry, f"{element}.text", value=shown, conversion=READ_FROM_TEXT)
        if names:
            chart.say("from-text", "The drug has no code; its name was read from text.", entry, element)
        return tuple(Drug(name=name[:200], anticancer=None, source=source) for name in names)
    meant = {match.target: match for match in chart.matches("anticancer", codeable, entry, element)}
    anticancer = True if "anticancer" in meant else False if "not_anticancer" in meant else None
    match = next(iter(meant.values()), None)
    coding = codings[0]
    token = f"{coding.get('system', '')}|{coding['code']}"
    known = [name for name in names if name in CLASSES]
    if known or not shown:
        if known:
            chart.say("unknown-code", "Its code is not known here and its display is not trusted.", entry, element)
        name = token
    else:
        name = names[0]
        if anticancer is None and name not in NON_ANTICANCER:
            chart.say("unknown-code", "Its code is not known here; its class was not told.", entry, element)
    source = chart.source(entry, element, match=match, value=token)
    return (Drug(name=name[:200], anticancer=anticancer, source=source),)


# --- one resource ------------------------------------------------------------------------------------


def _uses(chart: Chart, entry: Entry, weight: tuple[Decimal, Source] | None) -> Iterator[Use]:
    resource = entry.resource
    status = word(resource, "status")
    if status in _NEVER_TAKEN or resource.get("doNotPerform") is True:
        return
    if word(resource, "intent") in _NOT_ORDERED and not entry.is_draft:
        return
    drugs = drugs_of(chart, entry)
    if not drugs or not chart.is_valid(entry):
        return
    start, start_element, stop, stop_element = _times(entry)
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
        stop = stop or last if state == "stopped" else None
    for drug in drugs:
        yield Use(
            drug=drug, entry=entry, state=state, start=start, start_element=start_element, stop=stop,
            stop_element=stop_element, last_dose=last, dose=_doses(chart, entry, weight),
        )  # fmt: skip


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


def _times(entry: Entry) -> tuple[Moment | None, str, Moment | None, str]:
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


def _doses(chart: Chart, entry: Entry, weight: tuple[Decimal, Source] | None) -> dict[str, tuple[float | int, Source]]:
    """Daily dose, dose per kg and interval, each only when a single dosage says it."""
    dosages = objects(entry.resource, "dosageInstruction") or objects(entry.resource, "dosage")
    if len(dosages) != 1:
        return {}
    dosage, element = dosages[0], "dosageInstruction[0]" if "dosageInstruction" in entry.resource else "dosage"
    found: dict[str, tuple[float | int, Source]] = {}
    timing = dosage.get("timing")
    repeat = timing.get("repeat") if isinstance(timing, Mapping) else None
    is_regular = dosage.get("asNeededBoolean") is not True and "asNeededCodeableConcept" not in dosage
    days = _days_between(repeat) if isinstance(repeat, Mapping) and is_regular else None
    if days is not None and days >= 1 and days == days.to_integral_value():
        found["drug.interval_days"] = int(days), chart.source(entry, f"{element}.timing.repeat", value=f"{days} d")
    rates = objects(dosage, "doseAndRate")
    dose = dosage.get("dose") if "dose" in dosage else rates[0].get("doseQuantity") if len(rates) == 1 else None
    given = quantity(dose)
    if given is None or given.comparator:
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


# --- several resources of one drug -------------------------------------------------------------------


def _member(chart: Chart, uses: list[Use], in_request: bool, shared: set[str]) -> Member:
    """One drug from all that is said of it: the state that matters most now, with its own dates.

    ``shared`` are the resources that are about several drugs.
    """
    states = {use.state for use in uses if use.state is not None}
    state = max(states, key=lambda one: _WEIGHTS[one], default=None)
    telling = [use for use in uses if use.state == state]
    if state == "stopped":
        # Of several that are over, the episode that began last is the one that may still matter.
        latest = max((use.start.first for use in telling if use.start is not None), default=None)
        telling = [use for use in telling if latest is None or (use.start is not None and use.start.first == latest)]
    if len(states) > 1:
        told = sorted(uses, key=lambda use: use.entry.reference)[0]
        text = (
            f"Resources of one drug differ in status; {str(state).replace('_', ' ')} was taken, which matters most now."
        )
        chart.say("several-statuses", text, told.entry, "status")
    first = min(uses, key=lambda use: use.entry.reference)
    key = min(use.entry.reference for use in telling)
    if key in shared:
        key = f"{key}#{first.drug.name}"
    facts: dict[str, Fact] = {}

    def add(name: str, value: Any, sources: list[Source], at: Moment | None = None) -> None:
        fact = chart.fact(name, value, sources[0], at)
        if fact is not None:
            facts[name] = Fact(name=name, value=fact.value, date=fact.date, sources=tuple(dict.fromkeys(sources)))

    add("drug.name", first.drug.name, [use.drug.source for use in sorted(uses, key=lambda use: use.entry.reference)])
    anticancer = {use.drug.anticancer for use in uses} - {None}
    if len(anticancer) == 1:
        add("drug.anticancer", anticancer.pop(), [first.drug.source])
    if state is not None:
        add(
            "drug.status",
            state,
            [_said(chart, use, "status", str(use.entry.resource.get("status"))) for use in telling],
        )
    _add_days(chart, telling, uses, state, add)
    for name in sorted({name for use in telling for name in use.dose}):
        said = {use.dose[name][0] for use in telling if name in use.dose}
        if len(said) == 1:
            add(name, said.pop(), [use.dose[name][1] for use in telling if name in use.dose])
    return Member(key=key, facts=members(facts), in_request=in_request)


def _add_days(chart: Chart, telling: list[Use], uses: list[Use], state: str | None, add: Any) -> None:
    starts = [(day, use) for use in telling if (day := chart.day(use.start)) is not None]
    if starts and len(starts) == len(telling):
        day, use = min(starts, key=lambda pair: (pair[0], pair[1].entry.reference))
        add("drug.start_day", day, [_said(chart, use, use.start_element, "", use.start)])
    stops = [(day, use) for use in telling if (day := chart.day(use.stop)) is not None]
    if stops and len(stops) == len(telling):
        day, use = max(stops, key=lambda pair: (pair[0], pair[1].entry.reference))
        add("drug.stop_day", day, [_said(chart, use, use.stop_element, "", use.stop)])
    # What was handed over is taken for some time after: it tells no last dose of a drug that is over.
    is_over = state in ("stopped", "on_hold")
    dosed = [use for use in uses if not (is_over and use.entry.kind == "MedicationDispense")]
    doses = [(day, use) for use in dosed if (day := chart.day(use.last_dose)) is not None]
    if doses:
        day, use = max(doses, key=lambda pair: (pair[0], pair[1].entry.reference))
        add("drug.last_dose_day", day, [_said(chart, use, "effective", "", use.last_dose)])


def _said(chart: Chart, use: Use, element: str, value: str, at: Moment | None = None) -> Source:
    return chart.source(use.entry, element, at=at, value=value or (at.text if at is not None else ""))


def orders(chart: Chart, uses: list[Use]) -> None:
    """The drugs that this request orders, as orders; ``uses`` are those of all drafts."""
    of_class = {use.drug.name: class_of(use.drug.name, use.drug.anticancer) for use in uses}
    is_combination = sum(drug_class == "cytotoxic" for drug_class in of_class.values()) > 1
    several = {use.entry.reference for use in uses if sum(other.entry is use.entry for other in uses) > 1}
    for use in (each for each in uses if each.entry.in_request):
        drug_class = of_class[use.drug.name]
        values: dict[str, Any] = {
            "order.kind": "radiopharmaceutical" if drug_class == "radiopharmaceutical" else "drug",
            "order.drug_class": drug_class,
            "order.agent": use.drug.name,
            "order.combination_chemo": drug_class == "cytotoxic" and is_combination,
        }
        facts = {
            name: fact
            for name, value in values.items()
            if (fact := chart.fact(name, value, use.drug.source)) is not None
        }
        key = f"{use.entry.reference}#{use.drug.name}" if use.entry.reference in several else use.entry.reference
        chart.orders.append(Member(key=key, facts=members(facts), in_request=True))
    told = {use.entry.reference for use in uses}
    for entry in chart.of("MedicationRequest"):
        is_wanted = (
            word(entry.resource, "status") not in _NEVER_TAKEN and entry.resource.get("doNotPerform") is not True
        )
        if entry.in_request and is_wanted and entry.reference not in told:
            text = "What this order is for could not be told; nothing was read of it."
            chart.say("unknown-order", text, entry, "medication")
            chart.orders.append(Member(key=entry.reference, facts={}, in_request=True))
