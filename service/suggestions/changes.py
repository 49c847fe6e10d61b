"""Changes of what is there: the whole resource again, with the one thing changed that the advice is about. Pure.

A prescription that is active goes on hold. A draft cannot: in FHIR only an active request can be
halted and taken up again, and a draft that says *do not perform* would forbid the drug for good.
So a draft is taken out of the request, and ordered again when its time has come.

No change is offered that would leave a resource saying two things: of a resource sent in part, of
a product of two drugs, of an order whose texts speak of the old dose.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from rulesets.record import Member, Record
from service.cards.text import drug_name, text_of
from service.intake.elements import extensions, objects, word
from service.intake.quantities import decimal, plain, quantity
from service.intake.readers.volumes import FRACTIONS, VOLUME_DOSES
from service.record_json import Json
from service.suggestions.activities import LISTS, Activity, Dose
from service.suggestions.drafts import Material, Occasion

_ID = re.compile(r"[A-Za-z0-9.-]{1,64}")
_PARTIAL = "SUBSETTED"  # how a server marks a resource it sends without some of its elements
_TECHNIQUE = "radiotherapy-technique"
_GERMAN = "strahlentherapie-bestrahlung"
_UNSAID = frozenset({"extension", "contained", "meta", "text"})
_PER_UNIT = {"Gy": Decimal(1), "cGy": Decimal(100)}


def changes_of(activity: Activity, occasion: Occasion, record: Record, material: Material) -> list[Json] | None:
    """The CDS Hooks actions that make a change, without descriptions; None when it cannot be made whole."""
    if activity.kind == "MedicationRequest":
        drug = occasion.of.get("drug")
        return None if drug is None else _hold(activity, occasion, drug, record, material)
    target = occasion.of.get("course") or occasion.of.get("order")
    if target is None or not target.in_request:
        return None
    order = _whole(target.key, "ServiceRequest", material)
    changed = None if order is None else _changed(activity, order, target)
    return None if changed is None or changed == order else [_update(changed, occasion)]


def _update(resource: Json, occasion: Occasion) -> Json:
    notes = resource.get("note", [])
    return {"type": "update", "resource": {**resource, "note": [*notes, occasion.note]}}


def _whole(reference: str, kind: str, material: Material) -> Json | None:
    """A copy of a resource that came complete and has a name, without its narrative: that would no longer be true."""
    resource = material.sources.get(reference, {})
    if not _ID.fullmatch(name := word(resource, "id")) or reference != f"{kind}/{name}":
        return None
    tags = {word(tag, "code") for meta in objects(resource, "meta") for tag in objects(meta, "tag")}
    narratives = {word(narrative, "status") for narrative in objects(resource, "text")}
    if _PARTIAL in tags or "additional" in narratives or not isinstance(resource.get("note", []), list):
        return None
    return {key: value for key, value in resource.items() if key != "text"}


# --- drugs ---------------------------------------------------------------------------------------


def _hold(
    activity: Activity, occasion: Occasion, drug: Member, record: Record, material: Material
) -> list[Json] | None:
    """A drug held everywhere: drafts of it taken out, prescriptions put on hold. All of them or none."""
    same = [one for one in record.drugs or () if _is_same(one, drug)]
    others = {each for one in record.drugs or () if not _is_same(one, drug) for each in _prescriptions(one)}
    actions: list[Json] = []
    for member in sorted(same, key=lambda one: (not one.in_request, one.key)):
        status = text_of(member.facts, "drug.status")
        if not member.in_request and status in ("stopped", "on_hold"):
            continue
        prescriptions = [_whole(one, "MedicationRequest", material) for one in sorted(_prescriptions(member))]
        if not prescriptions or others & _prescriptions(member):
            return None
        for prescription in prescriptions:
            if prescription is None:
                return None
            if member.in_request:
                actions.append({"type": "delete", "resourceId": f"MedicationRequest/{prescription['id']}"})
            elif word(prescription, "status") == "active":
                actions.append(_update(_set(activity, prescription), occasion))
            else:
                return None
    return actions or None


def _is_same(one: Member, drug: Member) -> bool:
    return one.key == drug.key or ("drug.name" in drug.facts and drug_name(one) == drug_name(drug))


def _prescriptions(drug: Member) -> set[str]:
    """The requests a drug is known by. A draft speaks for itself: its status may be that of what it renews."""
    status = drug.facts.get("drug.status")
    if drug.in_request or status is None:
        return {drug.key}
    told = {one.reference for one in status.sources if one.element.startswith("MedicationRequest.")}
    return told | {drug.key} if "#" in drug.key else told


# --- orders --------------------------------------------------------------------------------------


def _changed(activity: Activity, order: Json, target: Member) -> Json | None:
    changed: Json | None = _set(activity, order)
    if activity.technique is not None:
        changed = changed and _with_technique(changed, activity.technique, target)
    if activity.doses:
        changed = changed and _with_doses(changed, activity.doses)
    if changed is not None and activity.unless_said is not None:
        ours = (activity.technique, *(setting.value for setting in activity.settings))
        said = {key: value for key, value in changed.items() if key not in _UNSAID}
        if any(activity.unless_said.search(text) for text in _texts(said, ours)):
            return None
    return changed


def _set(activity: Activity, resource: Json) -> Json:
    """The resource with the elements that the activity sets, each said once."""
    for setting in activity.settings:
        value: object = setting.value
        if setting.element in LISTS:
            held = [one for one in objects(resource, setting.element) if one not in setting.instead_of]
            value = held if setting.value in held else [*held, setting.value]
        resource = {**resource, setting.element: value}
    return resource


def _texts(node: object, ours: tuple[object, ...]) -> Iterator[str]:
    """Every text in an order but those that the change itself has put there."""
    if node in ours:
        return
    if isinstance(node, str):
        yield node
    for inner in node.values() if isinstance(node, Mapping) else node if isinstance(node, list) else ():
        yield from _texts(inner, ours)


def _with_technique(order: Json, technique: Json, target: Member) -> Json | None:
    """The technique where the order says it: in its code, in an extension, or in both."""
    told = target.facts.get("rt.technique")
    tokens = {source.code for source in told.sources} if told is not None else set()
    codings = {f"{word(coding, 'system')}|{word(coding, 'code')}" for coding in objects(order.get("code"), "coding")}
    changed = {**order, "code": technique} if tokens & codings else order
    if _tells_technique(changed):
        rewritten = [_rewritten(extension, technique) for extension in objects(changed, "extension")]
        return {**changed, "extension": rewritten}
    return changed if changed is not order else None


def _tells_technique(node: Mapping[str, Any]) -> bool:
    inner = objects(node, "extension")
    return bool(extensions(node, _TECHNIQUE)) or any(_tells_technique(extension) for extension in inner)


def _rewritten(extension: Mapping[str, Any], technique: Json) -> Json:
    if word(extension, "url").endswith(_TECHNIQUE) and "valueCodeableConcept" in extension:
        return {**extension, "valueCodeableConcept": technique}
    inner = [_rewritten(one, technique) for one in objects(extension, "extension")]
    return {**extension, "extension": inner} if inner else dict(extension)


# --- dose ----------------------------------------------------------------------------------------


def _with_doses(order: Json, doses: tuple[Dose, ...]) -> Json | None:
    """An order of one volume with other doses; its days and counts follow, or nothing is changed."""
    prescribed = extensions(order, *VOLUME_DOSES)
    counted = any(key.startswith("quantity") for key in order)  # an amount of what, nobody can tell
    if len(prescribed) != 1 or counted or extensions(order, _GERMAN):
        return None
    own, *further = (_volume_dose(prescribed[0], dose) for dose in doses)
    listed: list[Json | None] = []
    for extension in objects(order, "extension"):
        if extension is prescribed[0]:
            listed += [own, *further]
        elif word(extension, "url").endswith(FRACTIONS):
            listed.append(_counting(extension, doses[0].fractions))
        else:
            listed.append(dict(extension))
    scheduled = _without_end(order)
    return None if scheduled is None or None in listed else {**scheduled, "extension": listed}


def _volume_dose(prescribed: Mapping[str, Any], dose: Dose) -> Json | None:
    """A dose to a volume in the form and the unit of another; to the same volume unless it names its own."""
    parts = objects(prescribed, "extension")
    by_url = {word(part, "url"): part for part in parts}
    total = by_url.get("totalDose") or by_url.get("totalDoseDelivered")
    count = by_url.get("fractions") or by_url.get("fractionsDelivered")
    given = quantity(total.get("valueQuantity")) if total is not None else None
    if total is None or count is None or given is None or given.unit not in _PER_UNIT:
        return None
    gray = {id(total): dose.total_gy}
    if (single := by_url.get("fractionDose") or by_url.get("fractionDoseDelivered")) is not None:
        gray[id(single)] = dose.total_gy / dose.fractions
    rewritten: list[Json | None] = []
    for part in parts:
        if id(part) in gray:
            unit = quantity(part.get("valueQuantity"))
            if unit is None or unit.unit not in _PER_UNIT or unit.comparator:
                return None
            value = plain(gray[id(part)] * _PER_UNIT[unit.unit])
            rewritten.append({**part, "valueQuantity": {**part["valueQuantity"], "value": value}})
        elif part is count:
            rewritten.append(_counting(part, dose.fractions))
        elif word(part, "url") != "volume" or not dose.volume:
            rewritten.append(dict(part))
    own = [{"url": "volume", "valueReference": {"display": dose.volume}}] if dose.volume else []
    return None if None in rewritten else {**prescribed, "extension": [*own, *rewritten]}


def _counting(extension: Mapping[str, Any], fractions: int) -> Json | None:
    """An extension that holds a number of fractions, with another number; None when it holds none."""
    numbers = {key for key, value in extension.items() if key.startswith("value") and decimal(value) is not None}
    return {**extension, **dict.fromkeys(numbers, fractions)} if numbers else None


def _without_end(order: Json) -> Json | None:
    """An order whose last day, which belonged to the old fractions, is left open; None when it lists its days."""
    if "occurrenceTiming" in order:
        return None
    if not isinstance(period := order.get("occurrencePeriod"), dict):
        return order
    start = {key: value for key, value in period.items() if key != "end"}
    kept = {key: value for key, value in order.items() if key != "occurrencePeriod"}
    return {**kept, "occurrencePeriod": start} if start else kept
