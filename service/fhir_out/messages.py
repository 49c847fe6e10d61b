"""What the intake had to say about the request, and what could not be written: an OperationOutcome. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from service.fhir_out.decision import ABOUT
from service.fhir_out.references import reference_to
from service.record_json import Json

_PLACE = re.compile(r"(?!facts)(?:\.?[A-Za-z]+|\[\d+\])+")
"""A place in the request, such as ``Bundle.entry[3].resource``: what could not be read has no other name."""
_PATH = re.compile(r"[A-Z][A-Za-z]+((?:\.[A-Za-z]+|\[\d+\])*)")
"""An element of a resource, such as ``Condition.code``."""

_ISSUE_CODES: Mapping[str, str] = {
    "invalid": "invalid", "structure": "structure", "other-version": "structure", "value": "value", "unit": "value",
    "conflict": "conflict", "ambiguous": "multiple-matches", "several-primaries": "multiple-matches",
    "unknown-code": "code-invalid", "unknown-order": "code-invalid", "display": "code-invalid",
    "not-understood": "code-invalid", "unresolved": "not-found", "unresolved-subject": "not-found",
    "no-patient-resource": "not-found", "no-focus": "required", "incomplete": "incomplete", "outcome": "incomplete",
    "left-out": "processing",
}  # fmt: skip
"""The issue type of FHIR for a notice; for all others it is informational."""


def messages_of(warnings: Sequence[Json], unwritten: Sequence[str]) -> Json | None:
    """The OperationOutcome that a GuidanceResponse contains; None when there is nothing to say."""
    issues = [_issue(warning) for warning in warnings]
    issues += [
        {
            "severity": "warning",
            "code": "processing",
            "diagnostics": f"What this would change is not valid FHIR R4 throughout, so it was left out: {label}.",
        }
        for label in unwritten
    ]
    return {"resourceType": "OperationOutcome", "id": "messages", "issue": issues} if issues else None


def _issue(warning: Json) -> Json:
    name, element = warning.get("reference", ""), warning.get("element", "")
    told: Json = {
        "severity": "warning",
        "code": _ISSUE_CODES.get(warning["code"], "informational"),
        "diagnostics": warning["text"],
    }
    path = _PATH.fullmatch(element)
    if _PLACE.fullmatch(name):
        return told | {"expression": [name + (path.group(1) if path else "")]}
    if path:
        told["expression"] = [element]
    elif element:
        told["diagnostics"] += f" ({element})"
    if "/" in name or "#" in name or ":" in name:
        told["extension"] = [{"url": ABOUT, "valueReference": reference_to(name)}]
    return told
