"""Which resources a decision rests on: enough to tell, years later, which version of each was read."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from service.canonical import fingerprint
from service.intake.entries import Entry


@dataclass(frozen=True, kw_only=True, order=True)
class Input:
    """One resource that was read; ``version`` and ``updated`` are its meta elements, empty when it had none."""

    reference: str
    version: str
    updated: str
    sha256: str

    def as_json(self) -> dict[str, str]:
        return {
            "reference": self.reference,
            "version": self.version,
            "updated": self.updated,
            "sha256": self.sha256,
        }


def inputs_of(entries: Iterable[Entry], *, as_sent: Iterable[Entry]) -> tuple[Input, ...]:
    """The entries as inputs, each once, in order: whole resources, and as they were sent before any was mended."""
    sent = {entry.place: entry for entry in as_sent}
    return tuple(sorted({_input(sent.get(_whole(entry.place), entry)) for entry in entries}))


def _whole(place: str) -> str:
    """The place of a resource, or of the one that contains it."""
    return place.partition(".contained[")[0]


def _input(entry: Entry) -> Input:
    meta = entry.resource.get("meta")
    said = meta if isinstance(meta, dict) else {}
    version, updated = said.get("versionId"), said.get("lastUpdated")
    return Input(
        reference=entry.reference,
        version=version if isinstance(version, str) else "",
        updated=updated if isinstance(updated, str) else "",
        sha256=fingerprint(entry.resource),
    )
