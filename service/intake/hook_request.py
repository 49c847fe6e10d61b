"""From a CDS Hooks request to the resources of its patient: its prefetch and its draft orders together.

While orders are being selected, the drafts that the selections name are what the request is about. The
other drafts of the session are not signed either: they stand beside the record as what is about to be
given, so that a selected order is judged against them, and they are nobody's focus.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from service.intake.collecting import names_of
from service.intake.entries import Part, Resource
from service.intake.notices import MENDED, Notice
from service.intake.references import plain, tail
from service.intake.strictness import Mode
from service.intake.unpack import MAX_ENTRIES, PatientResources, unpack_parts
from service.prefetch.states import Prefetch
from service.problems import PatientMismatch

DRAFTS, SELECTIONS = "context.draftOrders", "context.selections"


def unpack(
    document: object, prefetch: Prefetch, *, max_entries: int = MAX_ENTRIES, mode: Mode = "lenient"
) -> tuple[PatientResources, ...]:
    """The one patient of a request whose shape the door has checked.

    Raises PatientMismatch when any resource, sent or read, is about somebody else, and what
    ``unpack_parts`` raises.
    """
    assert isinstance(document, Mapping)
    context = document["context"]
    patient = f"Patient/{context['patientId'].removeprefix('Patient/')}"
    parts, notices = list(prefetch.parts), [*prefetch.notices]
    if "draftOrders" in context:
        chosen = _chosen(context, notices)
        parts.append(Part(document=context["draftOrders"], place=DRAFTS, in_request=True, chosen=chosen))
    patients = unpack_parts(parts, patient=patient, max_entries=max_entries, mode=mode)
    for resources in patients:
        if resources.patient != patient:
            raise PatientMismatch(expression=_place(resources, resources.patient))
        for notice in resources.notices:
            if notice.code == "left-out":
                raise PatientMismatch(expression=_place(resources, notice.reference))
    return tuple(
        replace(each, incomplete=prefetch.incomplete, notices=tuple(sorted({*each.notices, *notices})))
        for each in patients
    )


def _chosen(context: Mapping[str, object], notices: list[Notice]) -> frozenset[str] | None:
    """The names of the drafts that are being selected; None for all of them, as when they are signed.

    Selections that name no draft at all choose nothing, so that all drafts are taken for chosen.
    """
    selections = context.get("selections")
    if not isinstance(selections, list):
        return None
    wanted = [{plain(each), tail(each)} - {""} for each in selections if isinstance(each, str)]
    there = {name for draft in drafts_in(context["draftOrders"]) for name in names_of(*draft)}
    if any(names.isdisjoint(there) for names in wanted):
        text = "A selection names no order of draftOrders"
        left = any(not names.isdisjoint(there) for names in wanted)
        notices.append(_mended(f"{text}." if left else f"{text}; all drafts were taken for selected.", SELECTIONS))
        if not left:
            return None
    return frozenset().union(*wanted)


def drafts_in(bundle: object) -> Iterator[tuple[Resource, str]]:
    """The resources of a bundle of drafts with their full URLs."""
    listed = bundle.get("entry") if isinstance(bundle, Mapping) else None
    for entry in listed if isinstance(listed, list) else ():
        resource = entry.get("resource") if isinstance(entry, Mapping) else None
        if isinstance(resource, Mapping) and isinstance(resource.get("resourceType"), str):
            url = entry.get("fullUrl")
            yield resource, url if isinstance(url, str) else ""


def _mended(text: str, place: str) -> Notice:
    return Notice(code=MENDED, text=text, reference=place)


def _place(resources: PatientResources, reference: str) -> str:
    found = resources.index.find({"reference": reference})
    return found.place if found is not None else ""
