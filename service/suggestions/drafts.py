"""New drafts for a patient: the template of an activity with patient, reasons, site and time. Pure.

A draft proposes: its intent is *proposal*, its status *draft*, and nobody is asked for anything
until a clinician accepts it. One that would lack what its receiver needs is not made.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from rulesets.record import Fact, Facts, Member, Record
from rulesets.rule import Suggestion
from service.cards.relevance import elements_by_kind
from service.cards.text import choice, is_true, text_of
from service.intake.elements import objects, word
from service.reasoning.findings import Firing
from service.record_json import Json
from service.suggestions.activities import PRIORITIES, Activities, Activity

_REFERENCE = re.compile(r"(?:https?://\S+/)?([A-Z][A-Za-z]+)/[A-Za-z0-9.-]{1,64}|urn:uuid:[0-9A-Fa-f-]{36}")
_WHY = ("mets.organ.bone", "mets.status", "tumour.is_breast_primary")
"""The facts whose conditions are the reason of a draft that is about no lesion, the nearest first."""

_OPEN = frozenset({"draft", "active", "on-hold"})


@dataclass(frozen=True, kw_only=True)
class Material:
    """What drafts are made of beside the findings.

    ``patient`` is the reference of the patient, ``sources`` are resources by reference that may be
    changed, ``orders`` is what the request orders.
    """

    patient: str = ""
    sources: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    orders: tuple[Member, ...] = ()
    activities: Activities


@dataclass(frozen=True, kw_only=True)
class Occasion:
    """A rule that fired, and what it suggests there."""

    firing: Firing
    suggestion: Suggestion

    @property
    def of(self) -> Mapping[str, Member]:
        """The elements the rule fired for, by kind; one that only stands for "none" is left out."""
        of = elements_by_kind(self.firing.rule, self.firing.elements)
        return {kind: member for kind, member in of.items() if member.key}

    @property
    def note(self) -> Json:
        rule = self.firing.rule
        return {"text": f"Proposed by Osteon, rule {rule.id}: {rule.title}. {self.suggestion.description}."}


def draft_of(activity: Activity, occasions: Sequence[Occasion], record: Record, material: Material) -> Json | None:
    """The draft of an activity; None when it cannot be complete or is being ordered already."""
    if kind_of(material.patient) not in ("Patient", ""):
        return None
    period = _period(activity, occasions, record)
    if activity.kind == "Task" and period is None:
        return None
    draft = activity.template | _about(activity, occasions, record, material.patient, period)
    if any(_says_all(source, draft, activity, material) for source in material.sources.items()):
        return None
    return draft


def kind_of(reference: str) -> str | None:
    """The type a reference names; empty when it names none, None when it is not one a receiver can follow."""
    found = _REFERENCE.fullmatch(reference)
    return None if found is None else found.group(1) or ""


def _about(
    activity: Activity, occasions: Sequence[Occasion], record: Record, patient: str, period: Json | None
) -> Json:
    """What the template lacks, under the names that the kind of the draft has for it."""
    today = record.evaluation_date.isoformat()
    subject = {"reference": patient}
    causes = [{"text": title} for title in dict.fromkeys(one.firing.rule.title for one in occasions)]
    reasons = [{"reference": reference} for reference in _reasons(occasions, record)]
    note = list({one.note["text"]: one.note for one in occasions}.values())
    match activity.kind:
        case "CarePlan":
            conditions = [one for one in reasons if kind_of(one["reference"]) == "Condition"]
            return {"subject": subject, "created": today, "note": note} | _if_any("addresses", conditions)
        case "Task":
            due = {"restriction": {"period": period}}
            why = {"reasonCode": causes[0]} | ({"reasonReference": reasons[0]} if reasons else {})
            return {"for": subject, "authoredOn": today, "note": note} | due | why
    said = {"subject": subject, "authoredOn": today, "reasonCode": causes, "note": note}
    said |= _if_any("reasonReference", reasons)
    if activity.kind == "ServiceRequest":
        said |= {} if "bodySite" in activity.template else _if_any("bodySite", _sites(occasions))
        said |= {} if period is None else {"occurrencePeriod": period}
    return said


def _if_any(element: str, values: list[Json]) -> Json:
    return {element: values} if values else {}


def _reasons(occasions: Iterable[Occasion], record: Record) -> list[str]:
    """The resources of the lesions, else the conditions that tell of metastases, else of the tumour."""
    lesions = {one.of["lesion"].key.partition("#")[0] for one in occasions if "lesion" in one.of}
    found = [key for key in sorted(lesions) if kind_of(key) in ("Condition", "Observation")]
    return found or conditions_of(record)


def conditions_of(record: Record) -> list[str]:
    """The conditions that tell of bone metastases, else of any, else of the tumour."""
    found: list[str] = []
    for name in _WHY:
        found = found or sorted(_conditions(record.facts.get(name)))
    return found


def _conditions(fact: Fact | None) -> set[str]:
    sources = () if fact is None else fact.sources
    return {source.reference for source in sources if kind_of(source.reference) == "Condition"}


def _sites(occasions: Iterable[Occasion]) -> list[Json]:
    """The site, when the lesions have one in common; of several the user names the one that is meant."""
    sites = {text_of(one.of["lesion"].facts, "lesion.site") if "lesion" in one.of else "" for one in occasions}
    return [{"text": choice(site)} for site in sites if site] if len(sites) == 1 else []


# --- time ----------------------------------------------------------------------------------------


def _period(activity: Activity, occasions: Sequence[Occasion], record: Record) -> Json | None:
    """When it is due, by the window of the activity; None when that is unknown or over."""
    window, today = activity.window, record.evaluation_date
    if window is None:
        return None
    if window.counted_from == "start-of-treatment":
        anchor = min((day for one in occasions for day in _starts(one)), default=None)
    else:
        courses = [one.of["course"] for one in occasions if "course" in one.of]
        anchor = max((day for course in courses for day in _day(course.facts, "rt.end_day")), default=None)
    if anchor is None:
        return None
    try:
        first, last = (
            None if days is None else today + timedelta(days=anchor + days) for days in (window.earliest, window.latest)
        )
    except OverflowError:
        return None
    if last is not None and last < today:
        return None
    start = {"start": max(first or today, today).isoformat()}
    return start if last is None else start | {"end": last.isoformat()}


def _starts(occasion: Occasion) -> Iterator[int]:
    """The days from today on on which radiotherapy or a drug begins; an assumed start is none."""
    of = occasion.of
    if "course" in of and text_of(of["course"].facts, "rt.status") in ("draft", "planned"):
        yield from (day for day in _day(of["course"].facts, "rt.start_day") if day >= 0)
    if "drug" in of and not is_true(of["drug"].facts, "drug.start_assumed"):
        yield from (day for day in _day(of["drug"].facts, "drug.start_day") if day >= 0)


def _day(facts: Facts, name: str) -> list[int]:
    fact = facts.get(name)
    return [int(fact.value)] if fact is not None and isinstance(fact.value, int | float) else []


# --- what is being ordered already ---------------------------------------------------------------


def _says_all(source: tuple[str, Mapping[str, Any]], draft: Json, activity: Activity, material: Material) -> bool:
    """Whether an order says all that a draft would say: the same thing, there, in that way and that soon."""
    reference, order = source
    if order.get("resourceType") != draft["resourceType"] or word(order, "status") not in _OPEN:
        return False
    what = "medicationCodeableConcept" if activity.kind == "MedicationRequest" else "code"
    modality = next((text_of(one.facts, "order.modality") for one in material.orders if one.key == reference), "")
    return (
        (modality in activity.means or _alike(draft.get(what, {}), order.get(what)))
        and all(
            any(_alike(wanted, held) for held in objects(order, element))
            for element in ("bodySite", "orderDetail")
            for wanted in draft.get(element, ())
        )
        and _rank(order) >= _rank(draft)
    )


def _alike(one: Mapping[str, Any], other: object) -> bool:
    """Whether two concepts share a code, or are called the same."""
    if not isinstance(other, dict):
        return False
    codes, others = (
        {(word(coding, "system"), word(coding, "code")) for coding in objects(concept, "coding")}
        for concept in (one, other)
    )
    text = word(one, "text").casefold()
    return bool(codes & others) or bool(text and text == word(other, "text").casefold())


def _rank(order: Mapping[str, Any]) -> int:
    priority = order.get("priority", "routine")
    return PRIORITIES.index(priority) if priority in PRIORITIES else 0
