"""The shape of terminology resources: reads what look-ups need, and says what is wrong at which place.

A place is the path of the file and the way inside it, such as ``conceptmaps/drugs.json group[0] element[3]``.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from service import canonical

YIELDS_TO = "yields-to"

# The source is the target or lies within it. Anything looser is no mapping a rule may rest on.
_MAPPED = frozenset({"equal", "equivalent", "wider", "subsumes"})
_NOT_MAPPED = frozenset({"relatedto", "narrower", "specializes", "inexact", "unmatched", "disjoint"})


class TerminologyError(Exception):
    """A terminology resource that cannot be used; the message says which, where and why."""


def resources(folder: Path, *resource_types: str) -> dict[str, dict[str, object]]:
    """Every resource of a folder, of one of some types, by its place. Raises TerminologyError for any other file."""
    if not folder.is_dir():
        raise TerminologyError(f"There is no terminology folder {folder}.")
    found: dict[str, dict[str, object]] = {}
    for path in sorted(folder.rglob("*.json")):
        try:
            resource = canonical.loads(path.read_bytes())
        except (OSError, ValueError) as error:
            raise TerminologyError(f"{path} is not readable as JSON.") from error
        if not isinstance(resource, dict) or resource.get("resourceType") not in resource_types:
            raise TerminologyError(f"{path} is not a {' or '.join(resource_types)}.")
        found[str(path)] = resource
    return found


def named(maps: Mapping[str, dict[str, object]], name: str) -> dict[str, dict[str, object]]:
    """The map of that file name."""
    found = {place: resource for place, resource in maps.items() if Path(place).stem == name}
    if not found:
        raise TerminologyError(f"There is no ConceptMap {name}.json.")
    return found


def concepts(resource: Mapping[str, object], place: str) -> dict[str, frozenset[str]]:
    """The codes of a CodeSystem, each with the finer codes it yields to."""
    found: dict[str, frozenset[str]] = {}
    for at, concept in objects(resource, "concept", place):
        code = text(concept, "code", at)
        properties = objects(concept, "property", at) if "property" in concept else []
        finer = frozenset(text(each, "valueCode", here) for here, each in properties if each.get("code") == YIELDS_TO)
        if code in found:
            raise TerminologyError(f"{at} repeats the code {code!r}.")
        found[code] = finer
    for code, finer in found.items():
        for other in finer - found.keys():
            raise TerminologyError(f"{place}: {code!r} yields to {other!r}, which is not a code of this system.")
    return found


def mapped_targets(element: Mapping[str, object], place: str) -> list[str]:
    """The targets of a ConceptMap element that may be used; none for an element listed as unmatched."""
    found: list[str] = []
    for at, target in objects(element, "target", place):
        equivalence = text(target, "equivalence", at)
        if equivalence in _MAPPED:
            found.append(text(target, "code", at))
        elif equivalence not in _NOT_MAPPED:
            raise TerminologyError(f"{at} has the unknown equivalence {equivalence!r}.")
    return found


def objects(parent: Mapping[str, object], name: str, place: str) -> list[tuple[str, dict[str, object]]]:
    """The objects of a list that must be there, each with its place."""
    values = parent.get(name)
    if not isinstance(values, list) or not values:
        raise TerminologyError(f"{place} has no {name}.")
    found: list[tuple[str, dict[str, object]]] = []
    for number, value in enumerate(values):
        if not isinstance(value, dict):
            raise TerminologyError(f"{place} {name}[{number}] is not an object.")
        found.append((f"{place} {name}[{number}]", value))
    return found


def text(parent: Mapping[str, object], name: str, place: str) -> str:
    """A text that must be there."""
    value = parent.get(name)
    if not isinstance(value, str) or not value.strip():
        raise TerminologyError(f"{place} has no {name}.")
    return value


def extension(element: Mapping[str, object], url: str) -> str:
    """The code of an extension, empty when there is none."""
    extensions = element.get("extension")
    for extension in extensions if isinstance(extensions, list) else ():
        if isinstance(extension, dict) and extension.get("url") == url:
            return str(extension.get("valueCode", ""))
    return ""
