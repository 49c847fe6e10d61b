"""Observations that say their value twice, as one value: the coded one, or none when there is no coded one.

FHIR allows one ``value[x]``. A coded value beside a text or a number is the same result said twice; of a
text and a number nothing tells which is meant.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from service.intake.entries import Entry
from service.intake.notices import Notice

CODED = "valueCodeableConcept"


def with_one_value(entry: Entry) -> tuple[Entry, tuple[Notice, ...]]:
    """The observation as it is to be read, and what was said about its values."""
    resource, notices = entry.resource, []
    if _is_said_twice(resource):
        resource = _once(resource)
        notices.append(_notice(entry, resource, "Observation.value"))
    components = resource.get("component")
    if isinstance(components, list) and any(isinstance(one, dict) and _is_said_twice(one) for one in components):
        mended = list(components)
        for at, component in enumerate(components):
            if isinstance(component, dict) and _is_said_twice(component):
                mended[at] = _once(component)
                notices.append(_notice(entry, mended[at], f"Observation.component[{at}].value"))
        resource = {**resource, "component": mended}
    return (replace(entry, resource=resource), tuple(notices)) if notices else (entry, ())


def _is_said_twice(holder: Mapping[str, Any]) -> bool:
    said = 0
    for name in holder:
        said += name.startswith("value")
    return said > 1


def _once(holder: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in holder.items() if name == CODED or not name.startswith("value")}


def _notice(entry: Entry, holder: Mapping[str, Any], element: str) -> Notice:
    done = "The coded one was taken." if CODED in holder else "None was taken."
    text = f"Only one form of value[x] may be there. {done}"
    return Notice(code="mended", text=text, reference=entry.place, element=element)
