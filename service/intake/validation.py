"""Is a resource valid FHIR R4? Asked one resource at a time and only of those that are read.

A fault names the element and the kind of fault and never the value that was sent. Asking the models is
what costs most in reading a patient, so they are asked once about each form of a resource: the results
of a laboratory differ in their numbers, and the models do not judge by those.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from typing import Any

from fhir.resources.R4B import get_fhir_model_class
from pydantic import ValidationError

from service.intake.element_types import is_modelled
from service.intake.shapes import Examined, Fault, examined
from service.intake.versions import foreign_shape

__all__ = ["JUDGED", "Fault", "all_faults", "faults", "faults_of_ours", "forget", "warm_up"]

JUDGED = (
    "Patient", "Condition", "Observation", "MedicationStatement", "MedicationRequest", "MedicationAdministration",
    "MedicationDispense", "Medication", "Procedure", "ServiceRequest", "DiagnosticReport", "Specimen", "BodyStructure",
    "CarePlan",
)  # fmt: skip
"""The kinds of resources that are read, or looked up by those that are."""

_WRITTEN = (
    "GuidanceResponse", "Parameters", "OperationOutcome", "RiskAssessment", "DetectedIssue", "RequestGroup", "CarePlan",
    "Task", "Provenance",
)  # fmt: skip

_NOT_READ = frozenset({
    "text", "meta", "category", "performer", "requester", "recorder", "asserter", "encounter", "note", "name",
    "telecom", "address", "contact", "communication", "photo", "generalPractitioner", "managingOrganization", "link",
    "maritalStatus", "referenceRange", "identifier", "informationSource", "location", "report", "presentedForm",
    "method", "supportingInfo", "contained",
})  # fmt: skip
"""Elements no reader reads: a fault in one of them does not cost a lenient reading the resource.

A contained resource is judged by itself, when something refers to it.
"""

_READ_ANYWAY = {
    "BodyStructure": frozenset({"location"}),
    "ServiceRequest": frozenset({"category"}),
    "Procedure": frozenset({"category"}),
    "CarePlan": frozenset({"category"}),
}

_SENTENCES: Mapping[str, str] = {
    "missing": "It is required and not there.",
    "model_field_validation.missing": "It is required and not there.",
    "extra_forbidden": "FHIR R4 has no such element here.",
    "string_pattern_mismatch": "It is not written as FHIR R4 wants it.",
    "value_error": "It is not what FHIR R4 allows here.",
}

_JUDGED_FORMS: dict[bytes, tuple[Fault, ...]] = {}
_MOST_FORMS = 20_000


def faults(resource: Mapping[str, Any]) -> tuple[Fault, ...]:
    """What is wrong with a resource in the elements that are read, and elements that do not exist."""
    kind = str(resource["resourceType"])
    left_out = _NOT_READ - _READ_ANYWAY.get(kind, frozenset())
    return _faults_of(kind, resource, {key: value for key, value in resource.items() if key not in left_out})


def all_faults(resource: Mapping[str, Any]) -> tuple[Fault, ...]:
    """What is wrong with a resource in any of its elements.

    Of a type that is not of R4, or that has another form in the models, nothing can be said.
    """
    kind = str(resource["resourceType"])
    if not is_modelled(kind):
        return ()
    return _faults_of(kind, resource, dict(resource))


def faults_of_ours(resource: Mapping[str, Any]) -> tuple[Fault, ...]:
    """What is wrong with a resource that is written here, or for here, in the form the models have."""
    return _faults_of(str(resource["resourceType"]), resource, {k: v for k, v in resource.items() if k != "text"})


def _faults_of(kind: str, resource: Mapping[str, Any], asked: dict[str, Any]) -> tuple[Fault, ...]:
    foreign = foreign_shape(resource)
    if foreign is not None:
        version, element = foreign
        return (Fault(code="other-version", element=f"{kind}.{element}", text=f"This is FHIR {version}, not R4."),)
    try:
        seen = examined(kind, asked)
    except RecursionError:
        return (Fault(element=kind, text="It is nested too deep."),)
    known = {fault.element for fault in seen.faults}
    known |= {element.rpartition(".")[0] for element in known if element.endswith("[x]")}
    told = (fault for fault in _of_models(kind, seen) if fault.element not in known)
    return tuple(dict.fromkeys((*seen.faults, *told)))


def forget() -> None:
    """Forgets what the models said, for measuring."""
    _JUDGED_FORMS.clear()


def _of_models(kind: str, seen: Examined) -> tuple[Fault, ...]:
    """What the models say of a resource, which they are asked once for all of its form."""
    form = hashlib.blake2b(f"{kind}\0{seen.form}".encode("utf-8", "surrogatepass"), digest_size=20).digest()
    said = _JUDGED_FORMS.get(form)
    if said is None:
        if len(_JUDGED_FORMS) >= _MOST_FORMS:
            _JUDGED_FORMS.clear()
        said = _JUDGED_FORMS[form] = _judged(kind, seen.resource)
    return said


def _judged(kind: str, resource: dict[str, Any]) -> tuple[Fault, ...]:
    try:
        get_fhir_model_class(kind).model_validate(resource)
    except ValidationError as error:
        told = error.errors(include_input=False, include_url=False, include_context=False)
        return tuple(_fault(kind, detail) for detail in told)
    except (KeyError, RecursionError, ValueError, TypeError, AttributeError):
        return (Fault(element=kind, text="It is not valid FHIR R4."),)
    return ()


def warm_up() -> None:
    """Builds the models of all kinds that are read or written, which are otherwise built when first needed."""
    code = {"coding": [{"system": "urn:x", "code": "x"}]}
    period, size = {"start": "2020-01-01", "end": "2020-01-02"}, {"value": 1, "code": "x"}
    extension = [{"url": "urn:x", "extension": [{"url": "x", "valueQuantity": size}]}]
    reference = {"reference": "Patient/x", "identifier": {"system": "urn:x", "value": "x"}}
    repeat = {"boundsPeriod": period, "frequency": 1, "period": 1, "periodUnit": "d"}
    timing = {"event": ["2020-01-01"], "repeat": repeat}
    dosage = {"timing": timing, "route": code, "doseAndRate": [{"doseQuantity": size}]}
    fields: dict[str, Any] = {
        "extension": extension, "subject": reference, "code": code, "bodySite": code, "stage": [{"summary": code}],
        "component": [{"code": code, "valueQuantity": size}], "valueRange": {"low": size}, "dosage": dosage,
        "dosageInstruction": [dosage], "dispenseRequest": {"validityPeriod": period}, "location": code,
        "ingredient": [{"itemCodeableConcept": code}], "collection": {"bodySite": code}, "performedPeriod": period,
        "occurrenceTiming": timing, "conclusionCode": [code], "effectivePeriod": period, "onsetPeriod": period,
        "reasonReference": [reference], "medicationReference": reference,
    }  # fmt: skip
    for kind in (*JUDGED, *_WRITTEN):
        known = get_fhir_model_class(kind).model_fields
        aliases = {field.alias or name for name, field in known.items()}
        faults({"resourceType": kind, **{key: value for key, value in fields.items() if key in aliases}})


def _fault(kind: str, detail: Mapping[str, Any]) -> Fault:
    element = ".".join([kind, *(_step(step) for step in detail.get("loc", ()) if step not in (kind, "root"))])
    said = str(detail.get("type", ""))
    reason = re.sub(r"[^a-z_]", "", said)
    text = _SENTENCES.get(said, f"It is not valid FHIR R4 ({reason}).")
    return Fault(element=element.replace(".[", "["), text=text)


def _step(step: object) -> str:
    if isinstance(step, int):
        return f"[{step}]"
    return str(step) if re.fullmatch(r"_?[A-Za-z]{1,64}", str(step)) else "(unknown element)"
