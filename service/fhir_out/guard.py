"""Nothing leaves that is not FHIR R4: every resource is checked once more, and nothing in it is empty."""

from __future__ import annotations

from collections.abc import Iterable

from service.intake.validation import faults_of_ours
from service.record_json import Json


class NotFhirR4(Exception):
    """A resource of an answer would not be valid; names the element and never what stands there."""


def guarded(resources: Iterable[Json]) -> tuple[Json, ...]:
    """The same resources. Raises NotFhirR4 for the first that is not valid."""
    checked = tuple(resources)
    for resource in checked:
        if element := fault_in(resource):
            raise NotFhirR4(f"{element} of the answer would not be valid FHIR R4.")
    return checked


def fault_in(resource: Json) -> str:
    """The first element that keeps a resource from being valid R4; empty when it is valid."""
    if not _is_full(resource):
        return str(resource["resourceType"])
    return next((fault.element for fault in faults_of_ours(resource)), "")


def _is_full(value: object) -> bool:
    """No null, and nothing empty."""
    match value:
        case dict():
            return bool(value) and all(map(_is_full, value.values()))
        case list() | tuple():
            return bool(value) and all(map(_is_full, value))
        case _:
            return value is not None and value != ""
