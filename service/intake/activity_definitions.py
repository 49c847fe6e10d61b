"""What suggestions order, read from ActivityDefinitions: ours, or a site's own in the place of one of ours.

A definition that could not become a complete draft is refused when the service starts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, cast, get_args

from rulesets.rule import Action
from service.intake.elements import extensions, objects, word
from service.intake.terminology_resources import TerminologyError, text
from service.intake.validation import faults_of_ours
from service.record_json import Json
from service.suggestions.activities import LISTS, Activity, Anchor, Dose, Kind, Setting, Window

URL = "urn:osteon:activitydefinition:"
ACTION_TYPE = "urn:osteon:extension:action-type"
SETS = "urn:osteon:extension:sets"
COUNTED_FROM = "urn:osteon:extension:counted-from"
UNLESS_SAID = "urn:osteon:extension:unless-said"
DOSE, TECHNIQUE = "radiotherapy-dose-planned-to-volume", "radiotherapy-modality-and-technique"
IMAGING_SYSTEM = "urn:osteon:codesystem:imaging"

_MAY_SET: Mapping[tuple[str, str], frozenset[str]] = {
    ("ServiceRequest", "create"): frozenset({"category", "orderDetail", "patientInstruction"}),
    ("MedicationRequest", "create"): frozenset({"category"}),
    ("CarePlan", "create"): frozenset({"category"}),
    ("Task", "create"): frozenset(),
    ("ServiceRequest", "update"): frozenset({"category", "orderDetail", "patientInstruction"}),
    ("MedicationRequest", "update"): frozenset({"status", "statusReason"}),
}
"""The elements that have no place in an ActivityDefinition of their own, and that may be set all the same."""

_DEFINING = frozenset({
    "code", "productCodeableConcept", "productReference", "dosage", "quantity", "bodySite", "participant", "priority",
    "intent", "doNotPerform", "timingRange", "timingTiming", "timingDateTime", "timingAge", "timingPeriod",
    "timingDuration", "location", "profile", "specimenRequirement", "observationRequirement",
    "observationResultRequirement", "transform", "dynamicValue", "library", "modifierExtension",
})  # fmt: skip
"""The elements that say what is done. One that we do not use would promise what does not happen."""

_USED: Mapping[str, frozenset[str]] = {
    "create": frozenset({
        "code", "productCodeableConcept", "dosage", "bodySite", "participant", "priority", "intent", "timingRange",
        SETS, COUNTED_FROM,
    }),
    "update": frozenset({SETS, UNLESS_SAID}),
}  # fmt: skip

_DAYS = {"d": 1, "wk": 7}


def activities(ours: Mapping[str, Json], additions: Mapping[str, Json]) -> dict[Action, Activity]:
    """An activity for every action; the definitions by their places. Raises TerminologyError."""
    found = dict(_named(ours))
    for action in get_args(Action):
        if action not in found:
            raise TerminologyError(f"There is no ActivityDefinition {URL}{action}.")
    for action, (place, resource) in _named(additions):
        kind, action_type = found[action][1]["kind"], _action_type(found[action][1])
        if (resource.get("kind"), _action_type(resource)) != (kind, action_type):
            raise TerminologyError(f"{place} must have the kind {kind} and the action type {action_type}, as ours has.")
        found[action] = place, resource
    return {action: _activity(resource, place) for action, (place, resource) in found.items()}


def _named(definitions: Mapping[str, Json]) -> Iterator[tuple[Action, tuple[str, Json]]]:
    seen: set[str] = set()
    for place, resource in definitions.items():
        action = text(resource, "url", place).removeprefix(URL)
        if action not in get_args(Action):
            raise TerminologyError(f"{place} must have the url of a definition of ours, {URL} with a known action.")
        if action in seen:
            raise TerminologyError(f"{place} is a second definition of {action}.")
        seen.add(action)
        yield cast(Action, action), (place, resource)


def _activity(resource: Json, place: str) -> Activity:
    for fault in faults_of_ours(resource):
        raise TerminologyError(f"{place} is not valid FHIR R4 at {fault.element}.")
    action_type = _action_type(resource)
    if (resource.get("kind"), action_type) not in _MAY_SET:
        raise TerminologyError(f"{place} has a kind and an action type that no suggestion has.")
    _refuse_what_is_not_used(resource, action_type, place)
    kind = cast(Kind, resource["kind"])
    settings = tuple(_setting(extension, kind, action_type, place) for extension in extensions(resource, SETS))
    canonical = f"{resource['url']}|{text(resource, 'version', place)}"
    if action_type == "update":
        change = Activity(
            kind=kind, canonical=canonical, settings=settings, doses=tuple(_doses(resource, place)),
            technique=_technique(resource), unless_said=_unless_said(resource, place),
        )  # fmt: skip
        if not (change.settings or change.doses or change.technique):
            raise TerminologyError(f"{place} must say what it changes.")
        return change
    if resource.get("intent") != "proposal":
        raise TerminologyError(f"{place} must have the intent proposal: a suggestion orders nothing.")
    topics = (coding for topic in objects(resource, "topic") for coding in objects(topic, "coding"))
    return Activity(
        kind=kind,
        canonical=canonical,
        template=_template(resource, kind, canonical, settings, place),
        window=_window(resource, place),
        means=frozenset(str(coding.get("code")) for coding in topics if coding.get("system") == IMAGING_SYSTEM),
        refers="participant" in resource,
    )


def _refuse_what_is_not_used(resource: Json, action_type: str, place: str) -> None:
    own = {word(extension, "url") for extension in objects(resource, "extension")}
    said = (_DEFINING & resource.keys()) | {url for url in own - {ACTION_TYPE} if url.startswith("urn:osteon:")}
    for element in sorted(said - _USED[action_type]):
        raise TerminologyError(f"{place} has {element}, which a suggestion of its kind does not use; leave it out.")


def _action_type(resource: Mapping[str, Any]) -> str:
    return "".join(str(one.get("valueCode", "")) for one in extensions(resource, ACTION_TYPE))


# --- new drafts ----------------------------------------------------------------------------------


def _template(resource: Json, kind: Kind, canonical: str, settings: tuple[Setting, ...], place: str) -> Json:
    """The draft without its patient, each element taken over as the operation $apply of FHIR does."""
    subject = "productCodeableConcept" if kind == "MedicationRequest" else "code"
    if subject not in resource:
        raise TerminologyError(f"{place} must have a {subject}, with a code or a text.")
    draft: Json = {"resourceType": kind, "status": "draft", "intent": "proposal"}
    for setting in settings:
        if setting.element in LISTS:
            draft[setting.element] = [*draft.get(setting.element, ()), setting.value]
        else:
            draft[setting.element] = setting.value
    concept = resource[subject]
    if kind == "CarePlan":
        detail = {"code": concept, "status": "not-started", "description": text(resource, "description", place)}
        return draft | {
            "instantiatesCanonical": [canonical],
            "title": text(resource, "title", place),
            "description": detail["description"],
            "activity": [{"detail": detail}],
        }
    draft["priority"] = resource.get("priority", "routine")
    if kind == "Task":
        described = {"code": concept, "description": text(resource, "description", place)}
        return draft | {"instantiatesCanonical": canonical} | described
    draft["instantiatesCanonical"] = [canonical]
    if kind == "MedicationRequest":
        dosage = {"dosageInstruction": resource["dosage"]} if "dosage" in resource else {}
        return draft | {"medicationCodeableConcept": concept} | dosage
    performers = [role for one in objects(resource, "participant") for role in objects(one, "role")]
    sites = {"bodySite": resource["bodySite"]} if "bodySite" in resource else {}
    return draft | {"code": concept} | sites | ({"performerType": performers[0]} if performers else {})


def _window(resource: Json, place: str) -> Window | None:
    ends = resource.get("timingRange")
    anchor = "".join(str(one.get("valueCode", "")) for one in extensions(resource, COUNTED_FROM))
    if ends is None and not anchor:
        if resource["kind"] == "Task":
            raise TerminologyError(f"{place} must have a timingRange: a task without a time is never found again.")
        return None
    if not isinstance(ends, dict) or anchor not in get_args(Anchor):
        raise TerminologyError(
            f"{place} must say with a timingRange how far, and with {COUNTED_FROM} from which of "
            f"{', '.join(get_args(Anchor))}, its time is counted."
        )
    low, high = (_days(ends.get(end), place) for end in ("low", "high"))
    return Window(counted_from=cast(Anchor, anchor), earliest=low, latest=high)


def _days(given: object, place: str) -> int | None:
    if given is None:
        return None
    value, unit = (given.get("value"), given.get("code")) if isinstance(given, dict) else (None, None)
    if unit not in _DAYS or not isinstance(value, int):
        raise TerminologyError(f"{place} timingRange must be whole numbers of days (d) or weeks (wk).")
    return value * _DAYS[unit]


# --- changes ---------------------------------------------------------------------------------------


def _setting(extension: Mapping[str, Any], kind: str, action_type: str, place: str) -> Setting:
    element = ""
    values: dict[str, list[Any]] = {"value": [], "instead-of": []}
    for part in objects(extension, "extension"):
        given = [value for key, value in part.items() if key.startswith("value")]
        if part.get("url") == "element":
            element = str(given[0]) if given else ""
        elif part.get("url") in values:
            values[part["url"]] += given
    allowed = _MAY_SET[kind, action_type]
    if element not in allowed or len(values["value"]) != 1:
        told = ", ".join(sorted(allowed)) or "none"
        raise TerminologyError(f"{place} may set, each with one value, these elements of a {kind}: {told}.")
    if element == "status" and values["value"] != ["on-hold"]:
        raise TerminologyError(f"{place} may put a prescription on hold and give it no other status.")
    return Setting(element=element, value=values["value"][0], instead_of=tuple(values["instead-of"]))


def _doses(resource: Json, place: str) -> Iterator[Dose]:
    for extension in extensions(resource, DOSE):
        parts = {str(part.get("url")): part for part in objects(extension, "extension")}
        total = parts.get("totalDose", {}).get("valueQuantity", {})
        fractions = parts.get("fractions", {}).get("valuePositiveInt")
        if total.get("code") != "Gy" or "value" not in total or not isinstance(fractions, int):
            raise TerminologyError(f"{place} must give a totalDose in Gy and a number of fractions.")
        volume = parts.get("volume", {}).get("valueReference", {}).get("display", "")
        yield Dose(total_gy=Decimal(str(total["value"])), fractions=fractions, volume=volume)


def _technique(resource: Json) -> Json | None:
    for extension in extensions(resource, TECHNIQUE):
        for inner in extensions(extension, "radiotherapy-technique"):
            concept = inner.get("valueCodeableConcept")
            return concept if isinstance(concept, dict) else None
    return None


def _unless_said(resource: Json, place: str) -> re.Pattern[str] | None:
    for extension in extensions(resource, UNLESS_SAID):
        try:
            return re.compile(str(extension.get("valueString", "")), re.IGNORECASE)
        except re.error as error:
            raise TerminologyError(f"{place} {UNLESS_SAID} is not a regular expression.") from error
    return None
