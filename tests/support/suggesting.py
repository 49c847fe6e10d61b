"""Suggestions for tests: a rule that offers one action, the resources it may change, and the card it makes."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from fhir.resources.R4B import get_fhir_model_class

from rulesets.record import Fact, Member, Source
from rulesets.rule import HOOKS, Action, Hook, Rule, Scope, Suggestion
from service.app import FHIR_PROFILES
from service.cards.deck import Card, cards_for
from service.intake.terminology import load
from service.reasoning.findings import Conclusion
from service.suggestions.activities import Activities
from service.suggestions.drafts import Material
from tests.support.findings import facts, rule, uuid

Resource = dict[str, Any]

TO_THE_VOLUME = (
    "http://hl7.org/fhir/us/codex-radiation-therapy/StructureDefinition/codexrt-radiotherapy-dose-planned-to-volume"
)
MCODE = "http://hl7.org/fhir/us/mcode/StructureDefinition/"
SCT = "http://snomed.info/sct"
LOINC = "http://loinc.org"
PATIENT = "Patient/p1"


@cache
def activities() -> Activities:
    return load(FHIR_PROFILES).activities


def offering(
    action: Action, *, for_each: Scope = (), id: str = "imaging.any", label: str = "Do it", hooks: tuple[Hook, ...] = HOOKS,
    when: Any = None, **others: object,
) -> Rule:  # fmt: skip
    """A rule that suggests one action."""
    offered = Suggestion(label=label, action=action, description=f"Does what {id} asks", when=when)
    return rule(id, for_each=for_each, hooks=hooks, suggestions=(offered,), **others)


def card_of(
    concluded: Conclusion,
    sources: Mapping[str, Resource] | None = None,
    *,
    patient: str = PATIENT,
    orders: tuple[Member, ...] = (),
    hook: Hook = "patient-view",
    defined: Activities | None = None,
) -> Card:
    """The one card that a conclusion makes."""
    material = Material(
        patient=patient, sources=sources or {}, orders=orders, activities=activities() if defined is None else defined
    )
    [card] = cards_for(concluded, hook, new_uuid=uuid, material=material)
    return card


def suggestions(concluded: Conclusion, sources: Mapping[str, Resource] | None = None, **others: Any) -> list[Resource]:
    found: list[Resource] = card_of(concluded, sources, **others).get("suggestions", [])
    return found


def actions(concluded: Conclusion, sources: Mapping[str, Resource] | None = None, **others: Any) -> list[Resource]:
    """The actions of the suggestions, without their descriptions."""
    found = [action for one in suggestions(concluded, sources, **others) for action in one["actions"]]
    return [{name: value for name, value in action.items() if name != "description"} for action in found]


def resources(concluded: Conclusion, sources: Mapping[str, Resource] | None = None, **others: Any) -> list[Resource]:
    return [action["resource"] for action in actions(concluded, sources, **others)]


def is_valid(resource: Resource) -> bool:
    """Whether a resource is FHIR R4, every element of it; raises ValidationError when it is not."""
    get_fhir_model_class(resource["resourceType"]).model_validate(resource)
    return True


def is_full(value: object) -> bool:
    """No null and nothing empty in it."""
    match value:
        case dict():
            return bool(value) and all(is_full(each) for each in value.values())
        case list():
            return bool(value) and all(is_full(each) for each in value)
        case _:
            return value not in (None, "")


# --- what may be changed -------------------------------------------------------------------------


def by_reference(*given: Resource) -> dict[str, Resource]:
    return {f"{one['resourceType']}/{one['id']}": one for one in given}


def prescription(id: str = "olaparib", *, status: str = "active", **more: object) -> Resource:
    return {
        "resourceType": "MedicationRequest",
        "id": id,
        "status": status,
        "intent": "order",
        "subject": {"reference": PATIENT},
        "medicationCodeableConcept": {"text": id},
        "dosageInstruction": [{"text": "300 mg twice a day", "doseAndRate": [{"doseQuantity": {"value": 300.5}}]}],
        **more,
    }


def order(id: str = "mri", **more: object) -> Resource:
    return {
        "resourceType": "ServiceRequest",
        "id": id,
        "status": "draft",
        "intent": "order",
        "subject": {"reference": PATIENT},
        "code": {"coding": [{"system": SCT, "code": "113091000"}], "text": "MRI"},
        **more,
    }


def dose(total: float, fractions: int, unit: str = "cGy", *more: Resource) -> Resource:
    """A prescribed dose as CodeX has it."""
    quantity = {"value": total, "system": "http://unitsofmeasure.org", "code": unit}
    parts: list[Resource] = [
        {"url": "volume", "valueReference": {"reference": "BodyStructure/gtv"}},
        {"url": "totalDose", "valueQuantity": quantity},
        {"url": "fractions", "valuePositiveInt": fractions},
        *more,
    ]
    return {"url": TO_THE_VOLUME, "extension": parts}


def radiotherapy(*extensions: Resource, **more: object) -> Resource:
    code = {"coding": [{"system": SCT, "code": "1217123003"}]}
    return order("rt", **({"code": code} | ({"extension": list(extensions)} if extensions else {}) | more))


def technique(code: str) -> Resource:
    concept = {"coding": [{"system": SCT, "code": code}]}
    inner = {"url": f"{MCODE}mcode-radiotherapy-technique", "valueCodeableConcept": concept}
    return {"url": f"{MCODE}mcode-radiotherapy-modality-and-technique", "extension": [inner]}


def told_by(name: str, value: str, *references: str, code: str = "") -> dict[str, Fact]:
    """A fact that certain resources tell."""
    sources = tuple(
        Source(reference=reference, element=f"{reference.partition('/')[0].partition('#')[0]}.status", code=code)
        for reference in references
    )
    return {name: Fact(name=name, value=value, sources=sources)}


def taken(name: str = "olaparib", *references: str, key: str = "", status: str = "active") -> Member:
    """A drug of the record, whose status the references tell."""
    told = references or (f"MedicationRequest/{name}",)
    known = facts(drug__name=name, drug__drug_class="parp_inhibitor")
    return Member(key=key or told[0], facts={**known, **told_by("drug.status", status, *told)})
