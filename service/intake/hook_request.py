"""From a CDS Hooks request to the resources of its patient: its prefetch and its draft orders together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from service.intake.entries import Part
from service.intake.unpack import MAX_ENTRIES, PatientResources, unpack_parts
from service.prefetch import Prefetch
from service.problems import PatientMismatch


def unpack(document: object, prefetch: Prefetch, *, max_entries: int = MAX_ENTRIES) -> tuple[PatientResources, ...]:
    """The one patient of a request whose shape the door has checked.

    Raises PatientMismatch when any resource, sent or read, is about somebody else, and what
    ``unpack_parts`` raises.
    """
    assert isinstance(document, Mapping)
    context = document["context"]
    patient = f"Patient/{context['patientId'].removeprefix('Patient/')}"
    parts = list(prefetch.parts)
    if "draftOrders" in context:
        parts.append(Part(document=context["draftOrders"], place="context.draftOrders", in_request=True))
    patients = unpack_parts(parts, patient=patient, max_entries=max_entries)
    for resources in patients:
        if resources.patient != patient:
            raise PatientMismatch(expression=_place(resources, resources.patient))
        for notice in resources.notices:
            if notice.code == "left-out":
                raise PatientMismatch(expression=_place(resources, notice.reference))
    return tuple(
        replace(each, incomplete=prefetch.incomplete, notices=tuple(sorted({*each.notices, *prefetch.notices})))
        for each in patients
    )


def _place(resources: PatientResources, reference: str) -> str:
    found = resources.index.find({"reference": reference})
    return found.place if found is not None else ""
