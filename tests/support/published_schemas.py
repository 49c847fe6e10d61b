"""The JSON schemas of CDS Hooks 2.0 and 3.0, which everything that leaves must satisfy, both of them.

What 3.0 adds is left out before 2.0 is asked: versions in discovery, which a site may switch off, and the
choice among actions, which only a client is sent that says it knows it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, Literal

from jsonschema import Draft202012Validator

from tests.support.shared import shared_path

VERSIONS: tuple[Literal["2.0", "3.0"], ...] = ("2.0", "3.0")
NEW_IN_3 = {"version", "hookVersion", "actionSelectionBehavior"}


@cache
def validator(name: str) -> Draft202012Validator | None:
    """The schema of that name; None where the reference material is not at hand."""
    path = shared_path(f"cds-hooks/schemas/{name}.schema.json")
    return None if path is None else Draft202012Validator(json.loads(path.read_text()))


def faults_of(kind: Literal["response", "discovery"], document: Any) -> list[str]:
    """What the schemas of both versions object to in a document; it may hold numbers that are Decimal."""
    plain = json.loads(json.dumps(document, default=float))
    return [
        f"{version}, {fault.json_path}: {fault.message}"
        for version in VERSIONS
        if (schema := validator(f"{kind}-{version}")) is not None
        for fault in schema.iter_errors(_as_2(kind, plain) if version == "2.0" else plain)
    ]


def holding(check: Callable[[object], None], kind: Literal["response", "discovery"]) -> Callable[[object], None]:
    """The check of the service, and after it the published schemas: what it lets out, they must take."""

    def checked(document: object) -> None:
        check(document)
        faults = faults_of(kind, document)
        assert not faults, faults

    return checked


def _as_2(kind: str, document: Any) -> Any:
    parts = document["services"] if kind == "discovery" else _suggestions(document)
    for part in parts:
        for name in NEW_IN_3 & part.keys():
            del part[name]
    return document


def _suggestions(answer: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [suggestion for card in answer["cards"] for suggestion in card.get("suggestions", [])]
