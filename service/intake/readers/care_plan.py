"""CarePlan: a tumour board that has discussed the patient, and the treatment it planned.

A board counts when it met with the metastases known: one that spoke of the primary alone has not discussed
what is decided now. What a plan recommends is planned until something is ordered or given for it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from rulesets.facts import drug as drug_facts
from rulesets.facts import mdt, mets, rt, surgery
from rulesets.language import Value
from rulesets.record import Fact, Member, Source
from service.intake.chart import Chart, members
from service.intake.elements import objects, word
from service.intake.entries import Entry
from service.intake.moments import Moment, bounds, moment, timing_bounds
from service.intake.readers.findings import DISTANT
from service.intake.readers.named_drugs import drugs_in
from service.intake.readers.volumes import of_reasons
from service.intake.references import literal
from service.intake.terminology import Match

_HELD = frozenset({"active", "on-hold", "completed"})
_DECIDED = frozenset({"plan", "order", "filler-order"})
_TO_COME = frozenset({"not-started", "scheduled"})
_STATES: Mapping[str, str] = {
    "not-started": "planned", "scheduled": "planned", "in-progress": "in_progress", "on-hold": "on_hold",
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Activity:
    """One thing a plan means to be done."""

    plan: Entry
    detail: Mapping[str, Any]
    element: str
    key: str

    @property
    def status(self) -> str:
        return word(self.detail, "status")


def read(chart: Chart) -> None:
    """Reads boards, and plans of radiotherapy, drugs and operations; what is there already comes first."""
    _read_boards(chart)
    for plan in chart.of("CarePlan"):
        for activity in _activities(chart, plan):
            _read_radiotherapy(chart, activity)
            _read_drugs(chart, activity)
            _read_operation(chart, activity)


# --- boards ----------------------------------------------------------------------------------------------


def _read_boards(chart: Chart) -> None:
    known_since = [one.when for one in chart.statements if one.topic == mets.status.name and one.value != "none"]
    for entry, match, at, element in _boards(chart):
        if chart.is_future(at):
            chart.say("future", "It is dated after the evaluation date; it was left out.", entry, element)
        elif _is_about_metastases(chart, entry) or _is_since(at, known_since):
            source = chart.source(entry, element, match=match, at=at, value=match.coding.code)
            chart.state(mdt.discussed.name, True, source, at)
        else:
            text = "This board did not certainly meet after the metastases were known; it was left out."
            chart.say("imprecise", text, entry, element)


def _boards(chart: Chart) -> Iterator[tuple[Entry, Match, Moment | None, str]]:
    for entry in chart.of("CarePlan", "Procedure"):
        element = "category" if entry.kind == "CarePlan" else "code"
        for concept in objects(entry.resource, element):
            for match in chart.matches("care-plans", concept, entry, element):
                if _was_held(entry) and chart.is_valid(entry):
                    yield entry, match, _when(entry), element


def _was_held(entry: Entry) -> bool:
    status = word(entry.resource, "status")
    if entry.kind == "Procedure":
        return status == "completed"
    return status in _HELD and word(entry.resource, "intent") in _DECIDED


def _when(entry: Entry) -> Moment | None:
    resource = entry.resource
    if entry.kind == "Procedure":
        start, end = bounds(resource.get("performedPeriod"))
        return moment(resource.get("performedDateTime")) or end or start
    return moment(resource.get("created")) or bounds(resource.get("period"))[0]


def _is_about_metastases(chart: Chart, entry: Entry) -> bool:
    references = objects(entry.resource, "addresses") + objects(entry.resource, "reasonReference")
    found = [chart.find(reference, entry) for reference in references]
    return any(
        each is not None
        and each.kind == "Condition"
        and bool(chart.targets("conditions", each.resource.get("code"), each, "code") & DISTANT)
        for each in found
    )


def _is_since(at: Moment | None, known_since: list[Moment | None]) -> bool:
    """Whether something was certainly not before metastases were known; when there are none it always was."""
    if not known_since:
        return True
    first = min((since.first for since in known_since if since is not None), default=None)
    return at is not None and first is not None and at.first >= first


# --- what is planned -------------------------------------------------------------------------------------


def _activities(chart: Chart, plan: Entry) -> Iterator[Activity]:
    """What an active plan means to be done and no resource of its own tells."""
    resource = plan.resource
    if word(resource, "status") != "active" or word(resource, "intent") not in _DECIDED or _is_replaced(chart, plan):
        return
    for position, activity in enumerate(objects(resource, "activity")):
        details = objects(activity, "detail")
        if not details or "reference" in activity or details[0].get("doNotPerform") is True:
            continue
        element = f"activity[{position}].detail"
        yield Activity(plan=plan, detail=details[0], element=element, key=f"{plan.reference}#activity{position}")


def _is_replaced(chart: Chart, plan: Entry) -> bool:
    return any(
        literal(reference) == plan.reference
        for other in chart.of("CarePlan")
        if other is not plan
        for reference in objects(other.resource, "replaces")
    )


def _read_radiotherapy(chart: Chart, activity: Activity) -> None:
    code, element = activity.detail.get("code"), f"{activity.element}.code"
    state = _STATES.get(activity.status)
    matches = chart.matches("radiotherapy-procedures", code, activity.plan, element)
    kinds = {match.target for match in matches}
    if not matches or state is None or kinds <= {"radiopharmaceutical"} or not chart.is_valid(activity.plan):
        return
    if any(_may_carry_out(chart, course, activity) for course in chart.courses):
        return
    plan = activity.plan
    facts: dict[str, Fact] = {}
    status = chart.source(plan, f"{activity.element}.status", match=matches[0], value=activity.status)
    told: list[tuple[str, Value, Source]] = [(rt.status.name, state, status)]
    start, _ = bounds(activity.detail.get("scheduledPeriod"))
    start = start or timing_bounds(activity.detail.get("scheduledTiming"))[0]
    if start is not None and (day := chart.day(start)) is not None:
        when = chart.source(plan, f"{activity.element}.scheduled", at=start, value=start.text)
        told.append((rt.start_day.name, day, when))
    targets = of_reasons(chart, activity.detail, plan, f"{activity.element}.")
    if "bone_radiotherapy" in kinds:
        targets += (("bone", chart.source(plan, element, match=matches[0])),)
    if len({target for target, _ in targets}) == 1:
        told.append((rt.target.name, *targets[0]))
    for name, value, source in told:
        if (fact := chart.fact(name, value, source)) is not None:
            facts[name] = fact
    chart.courses.append(Member(key=activity.key, facts=members(facts)))


def _may_carry_out(chart: Chart, course: Member, activity: Activity) -> bool:
    """Whether a course may be the one a plan means: any that does not certainly lie before the plan."""
    planned = chart.day(_when(activity.plan))
    end, status = course.facts.get(rt.end_day.name), course.facts.get(rt.status.name)
    is_over = status is not None and status.value in ("completed", "cancelled")
    before = isinstance(planned, int) and end is not None and isinstance(end.value, int) and end.value < planned
    return not (is_over and before)


def _read_drugs(chart: Chart, activity: Activity) -> None:
    if activity.status not in _TO_COME or not chart.is_valid(activity.plan):
        return
    known = {fact.value for held in chart.drugs if (fact := held.facts.get(drug_facts.name.name)) is not None}
    codeable = activity.detail.get("productCodeableConcept")
    reference = activity.detail.get("productReference")
    if codeable is None and reference is None:
        return
    for named in drugs_in(chart, activity.plan, codeable, reference, f"{activity.element}.product"):
        if named.name in known:
            continue
        status = chart.source(activity.plan, f"{activity.element}.status", value=activity.status)
        told: list[tuple[str, Value | None, Source]] = [
            (drug_facts.name.name, named.name, named.source),
            (drug_facts.anticancer.name, named.anticancer, named.source),
            (drug_facts.status.name, "planned", status),
        ]
        made = [chart.fact(name, value, source) for name, value, source in told if value is not None]
        facts = {fact.name: fact for fact in made if fact is not None}
        chart.drugs.append(Member(key=f"{activity.key}-{named.name}", facts=members(facts)))


def _read_operation(chart: Chart, activity: Activity) -> None:
    element = f"{activity.element}.code"
    for match in chart.matches("procedures", activity.detail.get("code"), activity.plan, element):
        if match.target not in surgery.type.allowed or activity.status not in _TO_COME:
            continue
        if chart.is_valid(activity.plan):
            source = chart.source(activity.plan, element, match=match, value=match.coding.code)
            chart.state(surgery.planned.name, True, source)
            chart.state(surgery.type.name, match.target, source)
