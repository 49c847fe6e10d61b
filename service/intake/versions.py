"""Telling the versions of FHIR apart by shapes that only one of them has.

R5 and DSTU2 resources are often half valid as R4, and would then be half read: no drug, no
clinical status. So they are recognised before anything is read.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

OLDER, NEWER = "DSTU2 or STU3", "R5"

_OLDER_KINDS = {"MedicationOrder", "DiagnosticOrder", "ProcedureRequest", "BodySite", "ReferralRequest", "DataElement"}
_NEWER_KINDS = {"MedicationUsage", "GenomicStudy", "Transport", "ArtifactAssessment", "DeviceAssociation"}
_MEDICATION_KINDS = {"MedicationRequest", "MedicationStatement", "MedicationAdministration", "MedicationDispense"}


def telling(resource: Mapping[str, Any]) -> bool:
    """Whether a resource of this kind would show that it is of another version."""
    kind = resource["resourceType"]
    return (
        kind in ("Condition", "Procedure", "ServiceRequest")
        or kind in _MEDICATION_KINDS
        or bool(kind in _OLDER_KINDS or kind in _NEWER_KINDS)
    )


def foreign_shape(resource: Mapping[str, Any]) -> tuple[str, str] | None:
    """The version of FHIR a resource belongs to and the element that shows it, or None for R4."""
    kind = resource["resourceType"]
    if kind in _OLDER_KINDS:
        return OLDER, "resourceType"
    if kind in _NEWER_KINDS:
        return NEWER, "resourceType"
    if kind == "Condition":
        return _condition(resource)
    if kind in _MEDICATION_KINDS:
        return _medication(resource)
    if kind == "Procedure":
        for element in ("occurrenceDateTime", "occurrencePeriod", "reason", "reportedBoolean"):
            if element in resource and (element != "reason" or isinstance(resource[element], list)):
                return NEWER, element
        for element in ("notDone", "notPerformed", "reasonNotPerformed"):
            if element in resource:
                return OLDER, element
    if kind == "ServiceRequest":
        code = resource.get("code")
        if isinstance(code, Mapping) and ("concept" in code or "reference" in code):
            return NEWER, "code"
    return None


def _condition(resource: Mapping[str, Any]) -> tuple[str, str] | None:
    if "patient" in resource and "subject" not in resource:
        return OLDER, "patient"
    for element in ("clinicalStatus", "verificationStatus"):
        # An object that was sent as a JSON text is a fault of R4, not another version.
        if isinstance(resource.get(element), str) and not resource[element].lstrip().startswith("{"):
            return OLDER, element
    for element in ("dateRecorded", "assertedDate"):
        if element in resource:
            return OLDER, element
    return (NEWER, "participant") if "participant" in resource else None


def _medication(resource: Mapping[str, Any]) -> tuple[str, str] | None:
    if isinstance(resource.get("medication"), Mapping):
        return NEWER, "medication"
    if isinstance(resource.get("reason"), list):
        return NEWER, "reason"
    for element in ("patient", "taken", "dateWritten", "wasNotTaken", "wasNotGiven", "notGiven"):
        if element in resource and not (element == "patient" and "subject" in resource):
            return OLDER, element
    return None
