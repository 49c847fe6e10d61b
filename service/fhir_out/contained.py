"""A resource as a contained copy: under another name, without what may not be contained. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from service.intake.elements import objects, word
from service.record_json import Json

_NOT_IN_CONTAINED = frozenset({"versionId", "lastUpdated", "security"})
"""Elements of meta that a contained resource may not have (dom-4, dom-5)."""


def contained_copies(resource: Mapping[str, Any], name: str) -> list[Json]:
    """The resource under a new name, and beside it what it contained itself: nothing is nested (dom-2)."""
    held = objects(resource, "contained")
    names = {"#": f"#{name}"} | {f"#{word(one, 'id')}": f"#{name}-{place}" for place, one in enumerate(held)}
    return [_copy(resource, name, names)] + [_copy(one, f"{name}-{place}", names) for place, one in enumerate(held)]


def security_labels(resource: Mapping[str, Any]) -> list[Json]:
    """The labels a resource carries, which go to whatever contains it."""
    return [dict(label) for meta in objects(resource, "meta") for label in objects(meta, "security")]


def _copy(resource: Mapping[str, Any], name: str, names: Mapping[str, str]) -> Json:
    kept = {key: _renamed(value, names) for key, value in resource.items() if key not in ("contained", "meta")}
    meta = {key: value for one in objects(resource, "meta") for key, value in one.items()}
    meta = {key: value for key, value in meta.items() if key not in _NOT_IN_CONTAINED}
    return kept | {"id": name} | ({"meta": meta} if meta else {})


def _renamed(value: Any, names: Mapping[str, str]) -> Any:
    """The same, with every reference to a contained resource by its new name."""
    if isinstance(value, dict):
        return {
            key: names.get(inner, inner) if key == "reference" and isinstance(inner, str) else _renamed(inner, names)
            for key, inner in value.items()
        }
    return [_renamed(inner, names) for inner in value] if isinstance(value, list) else value
