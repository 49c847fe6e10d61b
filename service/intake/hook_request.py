"""From a CDS Hooks request to the resources of its patient: prefetch answers and draft orders together.

A prefetch key that is ``null`` or an empty search says that there is nothing of its kind; a key
that is absent, an OperationOutcome or a page with a next page says nothing of the sort.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

from service.intake.entries import Part
from service.intake.unpack import MAX_ENTRIES, PatientResources, unpack_parts
from service.problems import PatientMismatch, PrefetchMissing

PREFETCH: Mapping[str, str] = MappingProxyType({
    "patient": "Patient/{{context.patientId}}",
    "conditions": "Condition?patient={{context.patientId}}",
    "observations": "Observation?patient={{context.patientId}}&_sort=-date&_count=1000",
    "medicationRequests": "MedicationRequest?patient={{context.patientId}}",
    "medicationStatements": "MedicationStatement?patient={{context.patientId}}",
    "medicationAdministrations": (
        "MedicationAdministration?patient={{context.patientId}}&_sort=-effective-time&_count=200"
    ),
    "procedures": "Procedure?patient={{context.patientId}}",
    "serviceRequests": "ServiceRequest?patient={{context.patientId}}",
    "diagnosticReports": "DiagnosticReport?patient={{context.patientId}}",
})  # fmt: skip
"""The prefetch templates of every service, within the query subset that any client can run."""

REQUIRED = ("patient",)
"""What no answer can do without; everything else, when missing, is unknown and asked for."""

_LISTS_OF_DRUGS: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "medicationRequests": frozenset({"MedicationRequest"}),
        "medicationStatements": frozenset({"MedicationStatement"}),
        "medicationAdministrations": frozenset({"MedicationAdministration"}),
    }
)
"""Only of drugs does the absence of a resource mean something: for all else unknown is not no."""

_NOTHING_FOUND: Mapping[str, Any] = MappingProxyType({"resourceType": "Bundle", "type": "searchset"})


def unpack(document: object, *, max_entries: int = MAX_ENTRIES) -> tuple[PatientResources, ...]:
    """The one patient of a request whose shape the door has checked.

    Raises PrefetchMissing when a required key is absent or failed, PatientMismatch when any
    resource is about somebody else, and what ``unpack_parts`` raises.
    """
    assert isinstance(document, Mapping)
    context, prefetch = document["context"], document.get("prefetch") or {}
    _refuse_what_is_missing(prefetch)
    patient = f"Patient/{context['patientId'].removeprefix('Patient/')}"
    patients = unpack_parts(_parts(context, prefetch), patient=patient, max_entries=max_entries)
    for resources in patients:
        if resources.patient != patient:
            raise PatientMismatch(expression=_place(resources, resources.patient))
        for notice in resources.notices:
            if notice.code == "left-out":
                raise PatientMismatch(expression=_place(resources, notice.reference))
    return patients


def _refuse_what_is_missing(prefetch: Mapping[str, Any]) -> None:
    given = {_kind(value) for value in prefetch.values()}
    for key in REQUIRED:
        # null: the client has none, and asking again would not help
        came = key in prefetch and _kind(prefetch[key]) != "OperationOutcome"
        if came or PREFETCH[key].partition("/")[0] in given:
            continue
        reason = "it came as an OperationOutcome" if key in prefetch else "it is absent"
        raise PrefetchMissing(f"The prefetch key {key} ({PREFETCH[key]}) is required, and {reason}.", f"prefetch.{key}")


def _kind(value: object) -> object:
    return value.get("resourceType") if isinstance(value, Mapping) else None


def _parts(context: Mapping[str, Any], prefetch: Mapping[str, Any]) -> Iterator[Part]:
    for key in sorted(prefetch):
        document = _NOTHING_FOUND if prefetch[key] is None else prefetch[key]
        yield Part(document=document, place=f"prefetch.{key}", kinds=_LISTS_OF_DRUGS.get(key, frozenset()))
    if "draftOrders" in context:
        yield Part(document=context["draftOrders"], place="context.draftOrders", in_request=True)


def _place(resources: PatientResources, reference: str) -> str:
    found = resources.index.find({"reference": reference})
    return found.place if found is not None else ""
