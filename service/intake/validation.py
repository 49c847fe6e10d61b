"""Is a resource valid FHIR R4? Asked one resource at a time and only of those that are read.

A fault names the element and the kind of fault and never the value that was sent. Asking is what
costs most in reading a patient, so it is asked once for resources that are alike in everything a
model looks at: what is written differs from one patient to the next, its shape seldom does.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from fhir.resources.R4B import get_fhir_model_class
from pydantic import ValidationError

from service import canonical
from service.intake.versions import foreign_shape

_KINDS = (
    "Patient", "Condition", "Observation", "MedicationStatement", "MedicationRequest", "MedicationAdministration",
    "MedicationDispense", "Medication", "Procedure", "ServiceRequest", "DiagnosticReport", "Specimen", "BodyStructure",
)  # fmt: skip
_WRITTEN = (
    "GuidanceResponse", "Parameters", "OperationOutcome", "RiskAssessment", "DetectedIssue", "RequestGroup", "CarePlan",
    "Task", "Provenance",
)  # fmt: skip


_NOT_READ = frozenset({
    "text", "meta", "category", "performer", "requester", "recorder", "asserter", "encounter", "note", "name",
    "telecom", "address", "contact", "communication", "photo", "generalPractitioner", "managingOrganization", "link",
    "maritalStatus", "referenceRange", "identifier", "informationSource", "location", "report", "presentedForm",
    "method", "supportingInfo",
})  # fmt: skip
"""Elements no reader reads: a fault in one of them does not cost a lenient reading the resource."""

_READ_ANYWAY = {
    "BodyStructure": frozenset({"location"}),
    "ServiceRequest": frozenset({"category"}),
    "Procedure": frozenset({"category"}),
}

_DAY = (
    rb':"(?:19|20)[0-9]{2}-(?:(?:0[1-9]|1[0-2])-(?:0[1-9]|1[0-9]|2[0-8])|(?:0[13-9]|1[0-2])-(?:29|30)|'
    rb"(?:0[13578]|1[02])-31)"
)
_TIME = rb"(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]{1,6})?(?:Z|[+-](?:0[0-9]|1[0-3]):[0-5][0-9])"
_ALIKE: tuple[tuple[re.Pattern[bytes], bytes], ...] = (
    (re.compile(rb'"id":"[A-Za-z0-9.-]{1,64}"'), b'"id":"x"'),
    (re.compile(rb'"reference":"[A-Z][A-Za-z]+/[A-Za-z0-9.-]{1,64}"'), b'"reference":"Patient/x"'),
    (re.compile(rb'"value":-?[0-9]{1,9}(?:\.[0-9]{1,6})?(?=[,}])'), b'"value":1'),
    (re.compile(rb'"valueInteger":[1-9][0-9]{0,8}(?=[,}])'), b'"valueInteger":1'),
    (re.compile(_DAY + b'"'), b':"2020-01-01"'),
    (re.compile(_DAY + b"T(?!00:00:00)" + _TIME + b'"'), b':"2020-01-01T01:02:03Z"'),
)
"""Values between which no model makes a difference: names of resources, quantities, and dates and times that exist;
of each kind one stands for all. A time of midnight is left as it is, for a date may be written so."""

_REMEMBERED: dict[bytes, tuple[Fault, ...]] = {}
_MOST_REMEMBERED = 20_000


@dataclass(frozen=True, kw_only=True)
class Fault:
    """What is wrong with an element of a resource; ``code`` is a code of our notices."""

    code: str
    element: str
    text: str


def faults(resource: Mapping[str, Any], *, whole: bool = False) -> tuple[Fault, ...]:
    """What keeps a resource from being valid FHIR R4; empty when nothing does.

    ``whole`` asks about every element, else about those that are read and those that do not exist.
    """
    kind = str(resource["resourceType"])
    foreign = foreign_shape(resource)
    if foreign is not None:
        version, element = foreign
        return (Fault(code="other-version", element=f"{kind}.{element}", text=f"This is FHIR {version}, not R4."),)
    left_out = frozenset({"text"}) if whole else _NOT_READ - _READ_ANYWAY.get(kind, frozenset())
    asked = {key: value for key, value in resource.items() if key not in left_out}
    try:
        digest = hashlib.blake2b(shape_of(asked), digest_size=20).digest()
    except (TypeError, ValueError, RecursionError):
        return _faults(kind, asked)
    known = _REMEMBERED.get(digest)
    if known is None:
        if len(_REMEMBERED) >= _MOST_REMEMBERED:
            _REMEMBERED.clear()
        known = _REMEMBERED[digest] = _faults(kind, asked)
    return known


def shape_of(resource: Mapping[str, Any]) -> bytes:
    """The canonical JSON of a resource, in which values that make no difference are the same in all resources."""
    shape = canonical.dumps(resource)
    for alike, standing in _ALIKE:
        shape = alike.sub(standing, shape)
    return shape


def _faults(kind: str, asked: dict[str, Any]) -> tuple[Fault, ...]:
    try:
        get_fhir_model_class(kind).model_validate(_without_primitive_extensions(asked))
    except ValidationError as error:
        told = error.errors(include_input=False, include_url=False, include_context=False)
        return tuple(dict.fromkeys(_fault(kind, detail) for detail in told))
    except (KeyError, RecursionError, ValueError, TypeError, AttributeError):
        return (Fault(code="invalid", element=kind, text="It is not valid FHIR R4."),)
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
    for kind in (*_KINDS, *_WRITTEN):
        known = get_fhir_model_class(kind).model_fields
        aliases = {field.alias or name for name, field in known.items()}
        faults({"resourceType": kind, **{key: value for key, value in fields.items() if key in aliases}})


def _fault(kind: str, detail: Mapping[str, Any]) -> Fault:
    element = ".".join([kind, *(_step(step) for step in detail.get("loc", ()) if step != kind)])
    reason = re.sub(r"[^a-z_]", "", str(detail.get("type", "")))
    return Fault(code="invalid", element=element.replace(".[", "["), text=f"It is not valid FHIR R4 ({reason}).")


def _step(step: object) -> str:
    if isinstance(step, int):
        return f"[{step}]"
    return str(step) if re.fullmatch(r"_?[A-Za-z]{1,64}", str(step)) else "(unknown element)"


def _without_primitive_extensions(resource: Mapping[str, Any]) -> dict[str, Any]:
    """The resource without ``_value...`` in extensions: legal, but unknown to the models."""
    if not any(_has_primitive_extension(extension) for extension in _extensions(resource, 0)):
        return dict(resource)
    stripped = _stripped(resource)
    assert isinstance(stripped, dict)
    return stripped


def _extensions(node: object, depth: int) -> Iterator[Mapping[str, Any]]:
    if depth > 60:
        raise RecursionError
    if isinstance(node, Mapping):
        for key, value in node.items():
            if key == "extension" and isinstance(value, list):
                yield from (item for item in value if isinstance(item, Mapping))
            if isinstance(value, Mapping | list):
                yield from _extensions(value, depth + 1)
    elif isinstance(node, list):
        for item in node:
            yield from _extensions(item, depth + 1)


def _has_primitive_extension(extension: Mapping[str, Any]) -> bool:
    return any(key.startswith("_value") for key in extension)


def _stripped(node: object) -> object:
    if isinstance(node, Mapping):
        is_extension = "url" in node and any(key.startswith("_value") for key in node)
        return {key: _stripped(value) for key, value in node.items() if not (is_extension and key.startswith("_value"))}
    return [_stripped(item) for item in node] if isinstance(node, list) else node
