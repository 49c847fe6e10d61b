"""References as FHIR writes them, to the resources of a request by the names they go by there. Pure.

A name that no receiver could follow, as of a resource without an id, becomes a display: it still
says what is meant and promises nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from service.cards.text import plain
from service.record_json import Json

_RELATIVE = re.compile(r"([A-Z][A-Za-z]{1,63})/[A-Za-z0-9._-]{1,64}")
_ABSOLUTE = re.compile(r"https?://[^\s<>\"#]+|urn:(?:uuid|oid):[0-9A-Za-z.-]+")
_BY_IDENTIFIER = re.compile(r"([A-Z][A-Za-z]+)\?identifier=([^\s|]*)\|(\S(?:.*\S)?)")
_KIND = re.compile(r"([A-Z][A-Za-z]+)[/#?]")
_VERSION = re.compile(r"[A-Za-z0-9.-]{1,64}")

NOBODY = "The patient of the facts, who is not named"


def local(id: str) -> Json:
    """A reference to a resource of the same Bundle."""
    return {"reference": f"urn:uuid:{id}"}


def reference_to(name: str, *, version: str = "", display: str = "") -> Json:
    """A Reference to what goes by a name in the request, of one version when that is known."""
    shown = {"display": display} if display else {}
    literal = _followed(name)
    if literal:
        can_say = _VERSION.fullmatch(version) and not literal.startswith("urn:")
        return {"reference": f"{literal}/_history/{version}" if can_say else literal} | shown
    kind = _KIND.match(name)
    typed = {"type": kind.group(1)} if kind else {}
    if named := _BY_IDENTIFIER.fullmatch(name):
        system = {"system": named.group(2)} if named.group(2) else {}
        return typed | {"identifier": system | {"value": named.group(3)}} | shown
    return typed | {"display": display or plain(name) or "without a name"}


def references_to(names: Iterable[str]) -> list[Json]:
    """A Reference for each name, each once."""
    return once(reference_to(name) for name in names)


def once(listed: Iterable[Json]) -> list[Json]:
    """The same, each once."""
    found = list(listed)
    return [each for place, each in enumerate(found) if each not in found[:place]]


def subject_of(patient: str) -> Json:
    """The patient a decision is about; a facts document may name nobody, or somebody in its own words."""
    if not patient:
        return {"display": NOBODY}
    found = reference_to(patient)
    relative = _RELATIVE.fullmatch(found.get("reference", ""))
    if relative and relative.group(1) != "Patient":
        return {"type": "Patient", "display": plain(patient)}
    return found


def _followed(name: str) -> str:
    """The literal reference in a name; of a part of a resource, the whole of it. Empty when there is none."""
    if _ABSOLUTE.fullmatch(name):
        return name
    whole = name.partition("#")[0]
    return whole if _RELATIVE.fullmatch(whole) or (whole != name and _ABSOLUTE.fullmatch(whole)) else ""
