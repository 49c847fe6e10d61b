"""Looking into a Bundle: its resources by kind, and every reference in it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

Json = dict[str, Any]


def resources(bundle: Json, *kinds: str) -> list[Json]:
    found = [entry["resource"] for entry in bundle["entry"]]
    return [each for each in found if each["resourceType"] in kinds] if kinds else found


def one(bundle: Json, kind: str) -> Json:
    [found] = resources(bundle, kind)
    return found


def nodes(value: Any) -> Iterator[Json]:
    """Every object in a value, outermost first."""
    if isinstance(value, dict):
        yield value
        for inner in value.values():
            yield from nodes(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from nodes(inner)


def references(resource: Json) -> list[str]:
    return [node["reference"] for node in nodes(resource) if isinstance(node.get("reference"), str)]


def literal(resource: Json) -> list[str]:
    """The references of a resource, without that of a DetectedIssue to the paper."""
    return [each for each in references(resource) if each != resource.get("reference")]


def names_sent(document: Any) -> set[str]:
    """The names by which a reference may mean a resource of a request."""
    names: set[str] = set()
    for node in nodes(document):
        if "resourceType" in node and "id" in node:
            names.add(f"{node['resourceType']}/{node['id']}")
        if "fullUrl" in node:
            names.add(node["fullUrl"])
    return names
