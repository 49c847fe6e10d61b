"""From a document of any FHIR shape to the resources of each patient, never mixing two patients."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from service.intake.collecting import collected
from service.intake.entries import Entry, Part
from service.intake.notices import Notice
from service.intake.owners import Owners
from service.intake.references import Index, base
from service.intake.versions import foreign_shape, telling
from service.problems import NoPatient, OtherFhirVersion, TooMany

MAX_ENTRIES = 10_000
MAX_PATIENTS = 1_000

READ = frozenset({
    "Condition", "Observation", "MedicationStatement", "MedicationRequest", "MedicationAdministration",
    "MedicationDispense", "Procedure", "ServiceRequest", "DiagnosticReport",
})  # fmt: skip
"""The kinds of resources that readers read; the others serve references only."""


@dataclass(frozen=True, kw_only=True)
class PatientResources:
    """All that a request holds of one patient.

    ``patient`` is the reference of the patient. ``index`` finds any resource of the request by a
    reference. ``empty_lists`` are the resource types known to have no resource, ``incomplete`` the
    lists of the record of which a part could not be read.
    """

    patient: str
    entries: tuple[Entry, ...]
    index: Index = field(default_factory=Index)
    empty_lists: frozenset[str] = frozenset()
    incomplete: frozenset[str] = frozenset()
    notices: tuple[Notice, ...] = ()

    def of(self, *kinds: str) -> Iterator[Entry]:
        """The resources of some kinds, in a fixed order."""
        return (entry for kind in sorted(kinds) for entry in self._of_kind.get(kind, ()))

    @cached_property
    def _of_kind(self) -> dict[str, list[Entry]]:
        found: dict[str, list[Entry]] = {}
        for entry in self.entries:
            found.setdefault(entry.kind, []).append(entry)
        return found


def unpack(
    document: object, *, in_request: bool = False, max_entries: int = MAX_ENTRIES, max_patients: int = MAX_PATIENTS
) -> tuple[PatientResources, ...]:
    """The patients of one document: a Bundle of any type, a resource, or an array of resources.

    A draft order in it is what this request orders; ``in_request`` says so of all of it.
    Raises NotFhir, NoPatient, OtherFhirVersion, TooMany or TooDeep.
    """
    part = Part(document=document, in_request=in_request, drafts_in_request=True)
    return unpack_parts([part], max_entries=max_entries, max_patients=max_patients)


def unpack_parts(
    parts: Iterable[Part], *, patient: str = "", max_entries: int = MAX_ENTRIES, max_patients: int = MAX_PATIENTS
) -> tuple[PatientResources, ...]:
    """The patients of several documents that belong together, such as the answers of a prefetch.

    ``patient`` (``Patient/123``) is the patient the request says it is about: one who is there
    even when no Patient resource came.
    """
    collection = collected(parts, max_entries=max_entries)
    _refuse_another_version(collection.entries)
    notices = list(collection.notices)
    entries = tuple(_newest(tuple(_named(entry) for entry in collection.entries), notices))
    index = Index(entries)
    owners = Owners(entries, index, patient)
    belonging: dict[str, list[Entry]] = {name: [] for name in (*owners.present, *owners.referred)}
    for entry in entries:
        if entry.kind in READ and (owner := owners.of(entry)):
            belonging.setdefault(owner, []).append(entry)
    if not belonging:
        raise NoPatient()
    if len(belonging) > max_patients:
        raise TooMany(f"There are more than {max_patients} patients in the request; send fewer at a time.")
    notices += owners.notices
    return tuple(
        PatientResources(
            patient=name,
            entries=tuple(sorted([*owners.resources_of(name), *belonging[name]], key=_order)),
            index=index,
            empty_lists=collection.empty,
            notices=tuple(sorted({*notices, *owners.notices_of(name)})),
        )
        for name in sorted(belonging)
    )


def _order(entry: Entry) -> tuple[str, str, str]:
    return entry.kind, entry.reference, entry.full_url


def _refuse_another_version(entries: tuple[Entry, ...]) -> None:
    """A single odd resource is left to validation; nothing but odd ones is another version."""
    speaking = [entry for entry in entries if telling(entry.resource)]
    for entry in speaking:
        if foreign_shape(entry.resource) is None:
            return
    if speaking:
        version, element = foreign_shape(speaking[0].resource) or ("", "")
        raise OtherFhirVersion(
            f"The resources are of FHIR {version}, as {element} shows; send FHIR R4 (4.0).",
            f"{speaking[0].place}.{element}",
        )


# --- each resource once --------------------------------------------------------------------------


def _named(entry: Entry) -> Entry:
    """An entry with the name its resource goes by, the same in whatever order it was sent."""
    name = entry.resource.get("id")
    if isinstance(name, str) and name:
        return entry.named(f"{entry.kind}/{name}")
    return entry.named(entry.full_url or f"{entry.kind}#{_digest(entry.resource)[:12]}")


def _digest(resource: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(resource, sort_keys=True, default=str).encode()).hexdigest()


def _newest(entries: tuple[Entry, ...], notices: list[Notice]) -> Iterator[Entry]:
    """Of several versions of a resource the newest; two only when nothing tells which is newer."""
    servers: dict[str, set[str]] = {}
    for entry in entries:
        if server := base(entry.full_url):
            servers.setdefault(entry.reference, set()).add(server)
    versions: dict[str, list[Entry]] = {}
    for entry in entries:
        several = len(servers.get(entry.reference, ())) > 1
        name = f"{base(entry.full_url)}/{entry.reference}" if several else entry.reference
        versions.setdefault(name, []).append(entry)
    for name, same in versions.items():
        if len(servers.get(same[0].reference, ())) > 1:
            same = [entry.named(name) for entry in same]
        yield from same if len(same) == 1 else _latest(same, notices)


def _latest(same: list[Entry], notices: list[Notice]) -> Iterator[Entry]:
    """A draft order stands for the copy in the record; else the last update counts."""
    drafts = [entry for entry in same if entry.is_draft]
    distinct = {
        _digest(entry.resource): entry for entry in sorted(drafts or same, key=lambda entry: not entry.full_url)
    }
    if len(distinct) > 1:
        updated = {digest: _updated(entry) for digest, entry in distinct.items()}
        newest = max(updated.values())
        distinct = {digest: entry for digest, entry in distinct.items() if updated[digest] == newest}
        if len(distinct) > 1:
            notices.append(
                Notice(
                    code="conflict",
                    text="It was sent in several versions and nothing tells which is newer; all were read.",
                    reference=same[0].reference,
                    element="meta.lastUpdated",
                )
            )
    yield from (distinct[digest] for digest in sorted(distinct))


def _updated(entry: Entry) -> str:
    meta = entry.resource.get("meta")
    value = meta.get("lastUpdated") if isinstance(meta, dict) else None
    return value if isinstance(value, str) else ""
