"""Finding the resource that a FHIR reference means, inside one request and nowhere else.

Nothing is ever fetched: a reference that leads out of the request stays unresolved.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Any

from service.intake.entries import Entry

Identifier = tuple[str, str]
"""The system and the value of an identifier."""


def plain(reference: str) -> str:
    """A reference without its version: ``Patient/1/_history/2`` is ``Patient/1``."""
    return reference.partition("/_history/")[0].strip()


def tail(reference: str) -> str:
    """The last two steps of a literal reference (``Patient/1``), or an empty text when it has none."""
    steps = plain(reference).rsplit("/", 2)
    if len(steps) < 2 or reference.startswith(("urn:", "#")):
        return ""
    kind, name = steps[-2], steps[-1]
    return f"{kind}/{name}" if kind[:1].isupper() and kind.isalpha() and name else ""


def base(full_url: str) -> str:
    """The server that a full URL stands on, or an empty text: ``http://a/fhir/Patient/1`` is on ``http://a/fhir``."""
    address = plain(full_url)
    if not address.startswith(("http://", "https://")):
        return ""
    ending = tail(address)
    return address[: -len(ending) - 1] if ending else ""


def literal(reference: object) -> str:
    """The text of a Reference, without version; empty when it has only an identifier or a display."""
    text = reference.get("reference") if isinstance(reference, dict) else None
    return plain(text) if isinstance(text, str) else ""


def identifiers(resource: Mapping[str, Any]) -> tuple[Identifier, ...]:
    """The identifiers of a resource that have a value."""
    given = resource.get("identifier")
    listed = given if isinstance(given, list) else [given]
    return tuple(pair for item in listed if (pair := identifier(item)))


def identifier(item: object) -> Identifier | None:
    if isinstance(item, dict) and isinstance(item.get("value"), str) and item["value"]:
        return str(item.get("system", "")), item["value"]
    return None


class Index:
    """The resources of a request by every name a reference may use for them."""

    def __init__(self, entries: Iterable[Entry] = ()) -> None:
        self._entries = tuple(entries)
        self._by_url: dict[str, Entry] = {}
        self._by_tail: dict[str, list[Entry]] = {}
        for entry in self._entries:
            if entry.full_url:
                self._by_url.setdefault(plain(entry.full_url), entry)
            if isinstance(name := entry.resource.get("id"), str):
                self._by_tail.setdefault(f"{entry.kind}/{name}", []).append(entry)

    @cached_property
    def _by_id(self) -> dict[str, list[Entry]]:
        found: dict[str, list[Entry]] = {}
        for name, entries in self._by_tail.items():
            found.setdefault(name.partition("/")[2], []).extend(entries)
        return found

    @cached_property
    def _by_identifier(self) -> dict[Identifier, list[Entry]]:
        found: dict[Identifier, list[Entry]] = {}
        for entry in self._entries:
            for name in identifiers(entry.resource):
                found.setdefault(name, []).append(entry)
        return found

    def find(self, reference: object, within: Entry | None = None) -> Entry | None:
        """The resource a Reference means, or None when it is not in the request or not certain.

        ``within`` is the resource that holds the reference: it is where contained resources
        stand, and its server is tried first for a relative reference.
        """
        text = literal(reference)
        if not text:
            return self._by_name(reference)
        if text.startswith("#"):
            return None if within is None else _contained(within, text[1:])
        if text in self._by_url:
            return self._by_url[text]
        if text.startswith("urn:uuid:"):
            return _only(self._by_id.get(text.removeprefix("urn:uuid:"), []))
        if "?identifier=" in text:
            kind, _, query = text.partition("?identifier=")
            system, _, value = query.rpartition("|")
            return _only([entry for entry in self._by_identifier.get((system, value), []) if entry.kind == kind])
        ending, server = tail(text), base(text)
        if within is not None and not server and (beside := base(within.full_url)):
            there = self._by_url.get(f"{beside}/{ending or text}")
            if there is not None:
                return there
        candidates = self._by_tail.get(ending, [])
        if server:
            candidates = [entry for entry in candidates if base(entry.full_url) in ("", server)]
        return _only(candidates)

    def _by_name(self, reference: object) -> Entry | None:
        named = identifier(reference.get("identifier")) if isinstance(reference, dict) else None
        return _only(self._by_identifier.get(named, [])) if named else None


def _contained(within: Entry, name: str) -> Entry | None:
    held = within.resource.get("contained")
    for position, resource in enumerate(held if isinstance(held, list) else []):
        if isinstance(resource, dict) and resource.get("id") == name and isinstance(resource.get("resourceType"), str):
            return Entry(
                resource=resource,
                place=f"{within.place}.contained[{position}]",
                in_request=within.in_request,
                is_draft=within.is_draft,
                reference=f"{within.reference}#{name}",
            )
    return None


def _only(entries: list[Entry]) -> Entry | None:
    return entries[0] if len(entries) == 1 else None
