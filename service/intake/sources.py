"""The resources a suggestion may change, as they were sent.

They are what this request orders and the prescriptions of the drugs that are listed. Everything
else of a request is known by its facts alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rulesets.record import Fact, Record
from service import canonical
from service.intake.entries import Entry, holder_of
from service.intake.unpack import PatientResources

ORDERS = ("MedicationRequest", "ServiceRequest")


def sources_of(resources: PatientResources, record: Record) -> dict[str, Mapping[str, Any]]:
    """Resources by their references.

    One that came in several versions is left out, for nobody can tell which to change, and so is
    one that could not be given back as it came.
    """
    prescribed = {
        reference
        for drug in record.drugs or ()
        for reference in (holder_of(drug.key), *_told_by(drug.facts.get("drug.status")))
    }
    versions: dict[str, list[Entry]] = {}
    for entry in resources.of(*ORDERS):
        if entry.in_request or (entry.kind == "MedicationRequest" and entry.reference in prescribed):
            versions.setdefault(entry.reference, []).append(entry)
    alone = {reference: same[0].resource for reference, same in sorted(versions.items()) if len(same) == 1}
    return {reference: resource for reference, resource in alone.items() if _is_writable(resource)}


def _is_writable(resource: Mapping[str, Any]) -> bool:
    """Whether every number in it can be written: JSON knows longer ones than we can write."""
    try:
        canonical.dumps(resource)
    except TypeError:
        return False
    return True


def _told_by(status: Fact | None) -> tuple[str, ...]:
    return () if status is None else tuple(source.reference for source in status.sources)
