"""Orders that are not finished yet: what is missing or misshapen in a draft is mended, and told.

A clinician is still writing them, so that a status, an intent or a subject may be missing, and systems
send a single object where FHIR has an array. No draft is lost for that: what can be read is read. A
strict reading does without this module, and refuses.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from service.intake.entries import Entry
from service.intake.kinds import R4
from service.intake.notices import MENDED, Notice
from service.intake.unpack import PatientResources
from service.intake.validation import faults

KINDS = ("MedicationRequest", "ServiceRequest")

_ASSUMED: Mapping[str, tuple[object, str]] = {
    "status": ("draft", "This draft has no status; it was read as a draft."),
    "intent": ("order", "This draft has no intent; it was read as an order."),
}
_ARRAYS = frozenset({
    "additionalInstruction", "basedOn", "bodySite", "category", "coding", "contained", "dosageInstruction",
    "doseAndRate", "event", "extension", "identifier", "ingredient", "instantiatesCanonical", "instantiatesUri",
    "insurance", "locationCode", "note", "orderDetail", "reasonCode", "reasonReference", "replaces",
    "supportingInfo", "supportingInformation",
})  # fmt: skip
"""Elements of orders, and of what stands in them, that are arrays in FHIR R4 wherever they occur."""

_NAME = re.compile(r"_?[A-Za-z]{1,64}(?:\._?[A-Za-z]{1,64})?")
_STEPS = re.compile(r"[^.\[\]]+")
MOST_MENDED = 500
"""Drafts of one request that are mended at most; no session has so many."""
_MOST_REPAIRS = 8
"""How often a draft is looked at again; one that is wrong all over is left out as a whole."""


def mended(resources: PatientResources) -> PatientResources:
    """The resources with every draft order made valid FHIR R4 as far as that can be done."""
    drafts = [entry for entry in resources.entries if entry.is_draft and entry.kind in KINDS]
    if not drafts:
        return resources
    notices: list[Notice] = []
    whole = {id(entry): _mended(entry, resources.patient, notices) for entry in drafts[:MOST_MENDED]}
    entries = tuple(whole.get(id(entry), entry) for entry in resources.entries)
    return replace(resources, entries=entries, notices=tuple(sorted({*resources.notices, *notices})))


def _mended(entry: Entry, patient: str, notices: list[Notice]) -> Entry:
    said: list[Notice] = []

    def say(text: str, element: str) -> None:
        name = element if _NAME.fullmatch(element) else "(unknown element)"
        said.append(Notice(code=MENDED, text=text, reference=entry.reference, element=f"{entry.kind}.{name}"))

    resource: dict[str, Any] = {}
    for element, value in entry.resource.items():
        kept = _filled(value)
        if kept is None:
            say("It is empty and was left out.", element)
            continue
        resource[element], alone = _listed(element, kept)
        if alone:
            say("An object stands where FHIR R4 has an array; it was read as the only one.", element)
    for element in _left_out(resource, patient):
        say("It is not valid FHIR R4 and was left out of this draft.", element)
    for element, (_, text) in _ASSUMED.items():
        if resource[element] != entry.resource.get(element):
            say(text, element)
    notices += said
    return replace(entry, resource=resource)


def _filled(value: object) -> object:
    """A value without nulls and empty things in it; None when nothing is left."""
    match value:
        case dict():
            kept = {key: each for key, item in value.items() if (each := _filled(item)) is not None}
            return kept or None
        case list():
            return [each for item in value if (each := _filled(item)) is not None] or None
        case str():
            return value if value.strip() else None
    return value


def _listed(element: str, value: object) -> tuple[object, bool]:
    """A value with arrays where FHIR R4 has them, and whether one had to be made."""
    made = element in _ARRAYS and not isinstance(value, list)
    inner: object = value
    if isinstance(value, dict):
        pairs = {key: _listed(key, item) for key, item in value.items()}
        inner = {key: item for key, (item, _) in pairs.items()}
        made = made or any(alone for _, alone in pairs.values())
    elif isinstance(value, list):
        items = [_listed("", item) for item in value]
        inner = [item for item, _ in items]
        made = made or any(alone for _, alone in items)
    return ([inner] if element in _ARRAYS and not isinstance(inner, list) else inner), made


def _left_out(resource: dict[str, Any], patient: str) -> list[str]:
    """Takes out of a draft what is not valid, puts in what no draft may lack, and names what was taken out."""
    left_out: list[str] = []
    for _ in range(_MOST_REPAIRS):
        for element, (assumed, _text) in _ASSUMED.items():
            resource.setdefault(element, assumed)
        resource.setdefault("subject", {"reference": patient})  # whose it is has been settled, and told, before
        taken = [name for name in resource if not _NAME.fullmatch(name)]
        for name in taken:
            del resource[name]
        taken += _taken_out(resource)
        taken += _taken_out_of_contained(resource)
        if not taken:
            break
        left_out += taken
    return list(dict.fromkeys(left_out))


def _taken_out(resource: dict[str, Any]) -> list[str]:
    """Takes out the elements of a resource that a fault lies in which nobody can mend; their names.

    Never less than such an element: half of a timing would mean another timing.
    """
    taken: list[str] = []
    for fault in faults(resource):
        way = _STEPS.findall(fault.element.partition(".")[2])
        if not fault.mended and fault.code != "other-version" and way and way[0] in resource:
            del resource[way[0]]
            taken.append(way[0])
    return taken


def _taken_out_of_contained(resource: dict[str, Any]) -> list[str]:
    """The same for the resources in it, which are judged each by itself; one of a type that is none goes as a whole."""
    held = resource.get("contained")
    known = [each for each in held if isinstance(each, dict) and each.get("resourceType") in R4] if held else []
    if held and len(known) < len(held):
        resource["contained"] = known
        return ["contained"]
    return [f"contained.{name}" for each in known for name in _taken_out(each)]
