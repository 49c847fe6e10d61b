"""Whether a resource conforms to a profile of ours: what their differentials use, and nothing more.

Cardinality, types of ``value[x]`` and of references, a pattern, and bindings to our value sets.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from tests.intake.made import terminology

PROFILES = Path(__file__).parents[2] / "fhir_profiles" / "profiles"
VALUE_SET = "urn:osteon:valueset:"

Node = dict[str, Any]


@cache
def profile(name: str) -> Node:
    found: Node = json.loads((PROFILES / f"{name}.json").read_text(encoding="utf-8"))
    return found


def faults(resource: Node, name: str) -> list[str]:
    """What is wrong with a resource by a profile, as paths with a word; empty when it conforms."""
    structure = profile(name)
    if resource.get("resourceType") != structure["type"]:
        return [f"{resource.get('resourceType')}: type"]
    return [fault for element in structure["differential"]["element"] for fault in _faults_of(resource, element)]


def _faults_of(resource: Node, element: Node) -> Iterator[str]:
    _, *parents = element["path"].split(".")
    if not parents:
        return
    *above, last = parents
    holders: list[Any] = [resource]
    for part in above:
        holders = [child for holder in holders for _, child in _children(holder, part)]
    for holder in holders:
        found = list(_children(holder, last))
        if len(found) < element.get("min", 0):
            yield f"{element['path']}: missing"
        for key, value in found:
            yield from (f"{element['path']}: {what}" for what in _wrong(key, value, last, element))


def _children(holder: Any, name: str) -> list[tuple[str, Any]]:
    """The values of an element, each with the name it goes by: that of a choice tells its type."""
    if not isinstance(holder, dict):
        return []
    stem = name.removesuffix("[x]")
    keys = [key for key in holder if key == name or (name != stem and key.startswith(stem) and key != stem)]
    return [(key, each) for key in keys for each in (holder[key] if isinstance(holder[key], list) else [holder[key]])]


def _wrong(key: str, value: Any, name: str, element: Node) -> Iterator[str]:
    kinds = [kind["code"] for kind in element.get("type", ())]
    if kinds and name.endswith("[x]") and key.removeprefix(name[:-3]).lower() not in [kind.lower() for kind in kinds]:
        yield "type"
    targets = [url.rpartition("/")[2] for kind in element.get("type", ()) for url in kind.get("targetProfile", ())]
    _, _, tail = value.get("reference", "").rpartition("/") if targets else ("", "", "")
    if tail and value["reference"].split("/")[-2] not in targets:
        yield "target"
    pattern = element.get("patternCodeableConcept")
    if pattern and not all(coding in value.get("coding", ()) for coding in pattern["coding"]):
        yield "pattern"
    binding = element.get("binding")
    if binding and binding["strength"] == "required" and not _is_bound(value, binding["valueSet"]):
        yield "binding"


def _is_bound(value: Any, value_set: str) -> bool:
    name = value_set.removeprefix(VALUE_SET)
    if isinstance(value, str):
        listed = json.loads((PROFILES.parent / "valuesets" / f"{name}.json").read_text(encoding="utf-8"))
        return any(value == each["code"] for include in listed["compose"]["include"] for each in include["concept"])
    return terminology().contains(name, value) is not None
