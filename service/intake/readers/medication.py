"""Medication resources: which drugs, since when, until when, and in what state.

Several resources of one drug are one drug: the state that matters most now counts, and that is told.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

from rulesets.drugs import class_of
from rulesets.record import Fact, Member, Source
from service.intake.chart import Chart, members
from service.intake.elements import word
from service.intake.moments import Moment, moment
from service.intake.readers.named_drugs import drugs_of
from service.intake.readers.several_uses import by_illness, going_on
from service.intake.readers.uses import NEVER_TAKEN, Use, times, uses_of

KINDS = ("MedicationStatement", "MedicationRequest", "MedicationAdministration", "MedicationDispense")

_WEIGHTS = {"draft": 4, "active": 3, "on_hold": 2, "planned": 1, "stopped": 0}


def read(chart: Chart, weight: tuple[Decimal, Source] | None) -> list[Use]:
    """Adds the drugs of the chart and gives back the uses that are drafts."""
    uses = by_illness(chart, [use for entry in chart.of(*KINDS) for use in uses_of(chart, entry, weight)])
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
        member = _member(chart, going_on(chart, same), in_request, shared)
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
        if word(entry.resource, "status") != "not-taken" or entry.is_draft or not chart.is_valid(entry):
            continue
        start, _, stop, _ = times(entry)
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
    chart.made_of[key] = frozenset(use.entry.reference for use in uses)
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
        is_wanted = word(entry.resource, "status") not in NEVER_TAKEN and entry.resource.get("doNotPerform") is not True
        if entry.in_request and is_wanted and entry.reference not in told:
            text = "What this order is for could not be told; nothing was read of it."
            chart.say("unknown-order", text, entry, "medication")
            chart.orders.append(Member(key=entry.reference, facts={}, in_request=True))
