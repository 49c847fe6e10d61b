"""Looking into resources as they were sent, where any element may be absent or of another shape."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def word(resource: Mapping[str, Any], element: str) -> str:
    """A code such as a status; empty when it is absent or not a text."""
    value = resource.get(element)
    return value if isinstance(value, str) else ""


def objects(resource: object, element: str) -> list[Mapping[str, Any]]:
    """The objects of an element that may be absent, one, or several."""
    value = resource.get(element) if isinstance(resource, dict) else None
    listed = value if isinstance(value, list) else [value]
    return [item for item in listed if isinstance(item, dict)]


def code_of(resource: Mapping[str, Any], element: str) -> str:
    """The first code of a concept that FHIR itself defines, such as a clinical status."""
    for concept in objects(resource, element):
        for coding in objects(concept, "coding"):
            if isinstance(coding.get("code"), str):
                return str(coding["code"])
    return ""


def as_sent(concept: object) -> str:
    """What a concept says, as it was sent: its first code with the system, else its text.

    >>> as_sent({"coding": [{"system": "urn:example", "code": "pos"}], "text": "Positive"})
    'urn:example|pos'
    """
    for coding in objects(concept, "coding"):
        if isinstance(coding.get("code"), str):
            return f"{word(coding, 'system')}|{coding['code']}"
    return word(concept, "text") if isinstance(concept, dict) else ""


def extensions(node: Mapping[str, Any], *endings: str) -> list[Mapping[str, Any]]:
    """The extensions whose URL ends in one of some words: versions of a guide differ in the rest."""
    return [
        extension
        for extension in objects(node, "extension")
        if isinstance(extension.get("url"), str) and any(_ends_in(extension["url"], ending) for ending in endings)
    ]


def _ends_in(url: str, ending: str) -> bool:
    """Whether a URL ends in whole words: what stands before them is the rest of a name, or of the address."""
    return url.endswith(ending) and url[: -len(ending)][-1:] in ("", "-", "/", ":", "#")
