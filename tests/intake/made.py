"""Small FHIR resources made by hand, for one patient called p1 unless a test says otherwise."""

from __future__ import annotations

from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from rulesets.language import Value
from rulesets.record import Member
from service.intake.reading import Reading, read
from service.intake.strictness import Mode
from service.intake.terminology import Terminology, load
from service.intake.unpack import unpack

TODAY = date(2026, 11, 1)
SCT = "http://snomed.info/sct"
LOINC = "http://loinc.org"
RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
ATC = "http://www.whocc.no/atc"
FACT = "urn:osteon:codesystem:fact"
FACT_VALUE = "urn:osteon:codesystem:fact-value"
MCODE = "http://hl7.org/fhir/us/mcode/StructureDefinition/"
CODEX = "http://hl7.org/fhir/us/codex-radiation-therapy/StructureDefinition/"

BREAST, BONE_METASTASIS, VERTEBRA_METASTASIS = "254837009", "94222008", "94602001"
LIVER_METASTASIS, PELVIS_METASTASIS, CORD_COMPRESSION = "94381002", "94478006", "71286001"

Resource = dict[str, Any]


@cache
def terminology() -> Terminology:
    return load(Path(__file__).parents[2] / "fhir_profiles")


def concept(system: str, code: str, **more: object) -> Resource:
    return {"coding": [{"system": system, "code": code, **more}]}


def patient(name: str = "p1", **more: object) -> Resource:
    return {"resourceType": "Patient", "id": name, "birthDate": "1966-11-01", **more}


def condition(
    name: str, code: str | Resource, *, verification: str = "confirmed", clinical: str = "active", **more: object
) -> Resource:
    status = "http://terminology.hl7.org/CodeSystem/condition-"
    return {
        "resourceType": "Condition",
        "id": name,
        "subject": {"reference": "Patient/p1"},
        "code": concept(SCT, code) if isinstance(code, str) else code,
        "verificationStatus": concept(f"{status}ver-status", verification),
        "clinicalStatus": concept(f"{status}clinical", clinical),
        **more,
    }


def observation(name: str, code: Resource, **more: object) -> Resource:
    return {
        "resourceType": "Observation",
        "id": name,
        "status": "final",
        "subject": {"reference": "Patient/p1"},
        "code": code,
        "effectiveDateTime": "2026-10-20",
        **more,
    }


def fact(name: str, fact_name: str, **more: object) -> Resource:
    return observation(name, concept(FACT, fact_name), **more)


def drug(kind: str, name: str, code: str, status: str, **more: object) -> Resource:
    extra: Resource = {"intent": "order", "authoredOn": "2026-08-03"} if kind == "MedicationRequest" else {}
    return {
        "resourceType": kind,
        "id": name,
        "status": status,
        "subject": {"reference": "Patient/p1"},
        "medicationCodeableConcept": concept(RXNORM, code),
        **extra,
        **more,
    }


def radiotherapy(kind: str, name: str, status: str, *extensions: Resource, **more: object) -> Resource:
    extra: Resource = {"intent": "order"} if kind == "ServiceRequest" else {}
    return {
        "resourceType": kind,
        "id": name,
        "status": status,
        "subject": {"reference": "Patient/p1"},
        "code": concept(SCT, "1217123003"),
        **({"extension": list(extensions)} if extensions else {}),
        **extra,
        **more,
    }


def dose(value: object, unit: str, fractions: int, volume: str = "", kind: str = "delivered") -> Resource:
    delivered = kind == "delivered"
    url = (
        f"{MCODE}mcode-radiotherapy-dose-delivered-to-volume"
        if delivered
        else f"{CODEX}codexrt-radiotherapy-dose-planned-to-volume"
    )
    total, count = ("totalDoseDelivered", "fractionsDelivered") if delivered else ("totalDose", "fractions")
    number = {"valueUnsignedInt": fractions} if delivered else {"valuePositiveInt": fractions}
    parts: list[Resource] = [
        {"url": total, "valueQuantity": {"value": value, "system": "http://unitsofmeasure.org", "code": unit}},
        {"url": count, **number},
    ]
    if volume:
        parts.append({"url": "volume", "valueReference": {"reference": volume}})
    return {"url": url, "extension": parts}


def bundle(*resources: Resource, type: str = "collection") -> Resource:
    return {"resourceType": "Bundle", "type": type, "entry": [{"resource": resource} for resource in resources]}


def reading(*resources: Resource, on: date = TODAY, mode: Mode = "lenient", with_patient: bool = True) -> Reading:
    """What is read of the one patient of some resources."""
    given = (patient(), *resources) if with_patient else resources
    (one,) = unpack(bundle(*given), mode=mode)
    return read(one, terminology(), on)


def values(result: Reading) -> dict[str, Value]:
    return {name: fact.value for name, fact in result.record.facts.items()}


def plain(member: Member) -> dict[str, Value]:
    return {name: fact.value for name, fact in member.facts.items()}


def codes(result: Reading) -> set[str]:
    """The kinds of notices a reading has."""
    return {notice.code for notice in result.notices}
