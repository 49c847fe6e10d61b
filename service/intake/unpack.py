"""From a document of any FHIR shape to the resources of each patient, never mixing two patients."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property

from service.intake.accounts import LeftOut, left_out
from service.intake.collecting import collected
from service.intake.entries import Entry, Part, digest
from service.intake.notices import Notice
from service.intake.owners import Owners
from service.intake.references import Index, base
from service.intake.strictness import Mode, refuse_faults
from service.intake.versions import foreign_shape, telling
from service.problems import NoPatient, OtherFhirVersion, TooMany

MAX_ENTRIES = 10_000
MAX_PATIENTS = 1_000
MOST_SHARED = 50
"""Notices that are no patient's own; of more, among several patients, each is told only how many there are."""

READ = frozenset({
    "Condition", "Observation", "MedicationStatement", "MedicationRequest", "MedicationAdministration",
    "MedicationDispense", "Procedure", "ServiceRequest", "DiagnosticReport", "CarePlan",
})  # fmt: skip
"""The kinds of resources that readers read; the others serve references only."""


@dataclass(frozen=True, kw_only=True)
class Contents:
    """All of a request, for telling what became of it: what was kept, and what was left out unread."""

    entries: tuple[Entry, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    owners: Owners | None = None
    patients: tuple[str, ...] = ()

    @cached_property
    def unread(self) -> dict[str, list[Entry]]:
        """The resources of types that are not read by themselves, by the patient they name."""
        found: dict[str, list[Entry]] = {}
        for entry in self.entries:
            if entry.kind not in READ and entry.kind != "Patient":
                found.setdefault(self._owner(entry), []).append(entry)
        return found

    @cached_property
    def unused(self) -> dict[str, list[LeftOut]]:
        """What was left out, by the patient it names."""
        found: dict[str, list[LeftOut]] = {}
        for left in self.left_out:
            found.setdefault(self._owner(left.entry), []).append(left)
        return found

    def _owner(self, entry: Entry | None) -> str:
        """The patient a resource names; one that names nobody is told with the only patient there is."""
        if len(self.patients) == 1:
            return self.patients[0]
        return "" if entry is None or self.owners is None else self.owners.meant_by(entry)


@dataclass(frozen=True, kw_only=True)
class PatientResources:
    """All that a request holds of one patient.

    ``patient`` is the reference of the patient. ``index`` finds any resource of the request by a
    reference. ``empty_lists`` are the resource types known to have no resource, ``incomplete`` the
    lists of the record of which a part could not be read. ``contents`` is the whole request, the same
    for all of its patients. Of a strict request nothing is mended.
    """

    patient: str
    entries: tuple[Entry, ...]
    index: Index = field(default_factory=Index)
    empty_lists: frozenset[str] = frozenset()
    incomplete: frozenset[str] = frozenset()
    notices: tuple[Notice, ...] = ()
    contents: Contents = field(default_factory=Contents)
    is_strict: bool = False

    def of(self, *kinds: str) -> Iterator[Entry]:
        """The resources of some kinds, in a fixed order."""
        return (entry for kind in sorted(kinds) for entry in self._of_kind.get(kind, ()))

    def is_of_patient(self, entry: Entry) -> bool:
        """Whether a resource of the request is this patient's, or nobody's, such as a medication."""
        if ".contained[" in entry.place:
            return True  # It stands in a resource of hers.
        if entry.kind in READ:
            return entry.place in self._places
        owners = self.contents.owners
        return owners is None or owners.meant_by(entry) in ("", self.patient)

    @cached_property
    def _places(self) -> frozenset[str]:
        return frozenset(entry.place for entry in self.entries)

    @cached_property
    def _of_kind(self) -> dict[str, list[Entry]]:
        found: dict[str, list[Entry]] = {}
        for entry in self.entries:
            found.setdefault(entry.kind, []).append(entry)
        return found


def unpack(
    document: object,
    *,
    in_request: bool = False,
    max_entries: int = MAX_ENTRIES,
    max_patients: int = MAX_PATIENTS,
    mode: Mode = "lenient",
) -> tuple[PatientResources, ...]:
    """The patients of one document: a Bundle of any type, a resource, or an array of resources.

    A draft order in it is what this request orders; ``in_request`` says so of all of it.
    Raises NotFhir, NoPatient, OtherFhirVersion, TooMany or TooDeep, and when it is to be strict
    InvalidResources.
    """
    part = Part(document=document, in_request=in_request, drafts_in_request=True)
    return unpack_parts([part], max_entries=max_entries, max_patients=max_patients, mode=mode)


def unpack_parts(
    parts: Iterable[Part],
    *,
    patient: str = "",
    max_entries: int = MAX_ENTRIES,
    max_patients: int = MAX_PATIENTS,
    mode: Mode = "lenient",
) -> tuple[PatientResources, ...]:
    """The patients of several documents that belong together, such as the answers of a prefetch.

    ``patient`` (``Patient/123``) is the patient the request says it is about: one who is there
    even when no Patient resource came.
    """
    collection = collected(parts, max_entries=max_entries)
    _refuse_another_version(collection.entries)
    if mode == "strict":
        refuse_faults(collection)
    notices, left = list(collection.notices), list(collection.left_out)
    entries = tuple(_newest(collection.entries, notices, left))
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
    shared = _shared([*notices, *owners.notices], len(belonging))
    contents = Contents(
        entries=entries, left_out=(*left, *owners.left_out), owners=owners, patients=tuple(sorted(belonging))
    )
    return tuple(
        PatientResources(
            patient=name,
            entries=tuple(sorted([*owners.resources_of(name), *belonging[name]], key=_order)),
            index=index,
            empty_lists=collection.empty,
            notices=tuple(sorted({*shared, *owners.notices_of(name)})),
            contents=contents,
            is_strict=mode == "strict",
        )
        for name in sorted(belonging)
    )


def _shared(notices: list[Notice], patients: int) -> list[Notice]:
    """The notices every patient of the request gets, few enough to be told to each of many."""
    told = sorted(set(notices))
    if patients == 1 or len(told) <= MOST_SHARED:
        return told
    more = len(told) - MOST_SHARED
    text = f"There are {more} more notices about resources that belong to no single patient."
    return [*told[:MOST_SHARED], Notice(code="more", text=text)]


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


def _newest(entries: tuple[Entry, ...], notices: list[Notice], left: list[LeftOut]) -> Iterator[Entry]:
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
        yield from same if len(same) == 1 else _latest(same, notices, left)


def _latest(same: list[Entry], notices: list[Notice], left: list[LeftOut]) -> Iterator[Entry]:
    """A draft order stands for the copy in the record; else the last update counts."""
    drafts = [entry for entry in same if entry.is_draft]
    ordered = sorted(drafts or same, key=lambda entry: not entry.full_url)
    distinct = {digest(entry.resource): entry for entry in ordered}
    if len(distinct) > 1:
        updated = {version: _updated(entry) for version, entry in distinct.items()}
        newest = max(updated.values())
        distinct = {version: entry for version, entry in distinct.items() if updated[version] == newest}
        if len(distinct) > 1:
            notices.append(
                Notice(
                    code="conflict",
                    text="It was sent in several versions and nothing tells which is newer; all were read.",
                    reference=same[0].reference,
                    element="meta.lastUpdated",
                )
            )
    kept = {id(entry) for entry in distinct.values()}
    for entry in same:
        if id(entry) in kept:
            continue
        if digest(entry.resource) in distinct:
            left.append(left_out(entry, "duplicate", "The same resource was sent twice."))
        else:
            text = "A draft of this request stands for it." if drafts and not entry.in_request else ""
            left.append(left_out(entry, "superseded", text or "A newer version of it was sent.", "meta.lastUpdated"))
    yield from (distinct[version] for version in sorted(distinct))


def _updated(entry: Entry) -> str:
    meta = entry.resource.get("meta")
    value = meta.get("lastUpdated") if isinstance(meta, dict) else None
    return value if isinstance(value, str) else ""
