"""Which resources are radiotherapy, and which of them are one course.

A course has phases, plans, prescriptions, and procedures that carry it out: joined by ``partOf``,
``basedOn`` and ``replaces`` they are one course and not several.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from service.intake.chart import Chart
from service.intake.elements import extensions, objects, word
from service.intake.entries import Entry
from service.intake.moments import Moment, bounds, moment, timing_bounds
from service.intake.order_words import Text, kind, uncoded_words
from service.intake.readers.volumes import VOLUME_DOSES, volume_extensions
from service.intake.references import literal, tail
from service.intake.terminology import Match

Techniques = tuple[tuple[Match, str], ...]
"""Codes of techniques, each with the element that has it."""


@dataclass(frozen=True, kw_only=True)
class Therapy:
    """A resource of radiotherapy and what its code says it is; ``techniques`` by the element that names them.

    ``words`` is the text that tells what a draft is, where no code does.
    """

    entry: Entry
    kinds: frozenset[str]
    techniques: Techniques
    match: Match | None
    words: Text | None = None

    @property
    def bone_code(self) -> Match | None:
        """The code, when it says by itself that bone is treated."""
        return self.match if "bone_radiotherapy" in self.kinds else None

    @property
    def is_part(self) -> bool:
        return self.kinds <= {"radiotherapy_phase", "radiotherapy_plan"}


def therapy_in(chart: Chart, entry: Entry) -> Therapy | None:
    therapy = recognised(chart, entry)
    if therapy is None or not chart.is_valid(entry):
        return None
    if entry.resource.get("doNotPerform") is True:
        return None
    if entry.resource.get("intent") in ("option", "proposal") and not entry.is_draft:
        return None
    if therapy.kinds == {"radiopharmaceutical"}:
        if entry.kind == "Procedure" or not entry.is_draft:
            text = "A radiopharmaceutical is read from medication resources; this was not read as radiotherapy."
            chart.say("not-read", text, entry, "code")
        return None
    written = moment(entry.resource.get("authoredOn"))
    start, _, _ = times(entry)
    happens_later = (
        entry.kind == "Procedure" and entry.resource.get("status") != "preparation" and chart.is_future(start)
    )
    if (chart.is_future(written) and not entry.is_draft) or happens_later:
        chart.say("future", "It is dated after the evaluation date; it was left out.", entry)
        return None
    return therapy


def recognised(chart: Chart, entry: Entry) -> Therapy | None:
    """A resource as radiotherapy, by its code, its category or its technique; None if it is something else."""
    resource = entry.resource
    code = resource.get("code")
    matches = list(chart.matches("radiotherapy-procedures", code, entry, "code"))
    techniques = [(match, "code") for match in chart.matches("radiotherapy-techniques", code, entry, "code")]
    for detail in objects(resource, "orderDetail"):
        found = chart.matches("radiotherapy-techniques", detail, entry, "orderDetail")
        techniques += [(match, "orderDetail") for match in found]
    if not matches and not techniques:
        for category in objects(resource, "category"):
            matches += chart.matches("radiotherapy-procedures", category, entry, "category")
    kinds = frozenset(match.target for match in matches)
    if "extension" in resource:
        for codeable, element in technique_codes(resource):
            found = chart.matches("radiotherapy-techniques", codeable, entry, element)
            techniques += [(match, element) for match in found]
        if not kinds and extensions(resource, *VOLUME_DOSES, "strahlentherapie-bestrahlung"):
            kinds = frozenset({"radiotherapy"})
    if not kinds and techniques:
        kinds = frozenset({"radiotherapy"})
    if not kinds:
        return _recognised_by_words(chart, entry)
    return Therapy(entry=entry, kinds=kinds, techniques=tuple(techniques), match=next(iter(matches), None))


def _recognised_by_words(chart: Chart, entry: Entry) -> Therapy | None:
    """A draft as radiotherapy by the words of its code, where the code is one of a hospital's own list."""
    kinds = {"rt": "radiotherapy", "radiopharmaceutical": "radiopharmaceutical"}
    texts = uncoded_words(chart, entry, "radiotherapy-procedures", "radiotherapy-techniques")
    named = {named: text for text in sorted(texts) if (named := kind(text[0])) is not None}
    if len(named) != 1 or not kinds.keys() & named.keys():
        return None
    ((found, text),) = named.items()
    chart.say("from-text", "No code known here tells what it orders; it was read from text.", entry, text[1])
    return Therapy(entry=entry, kinds=frozenset({kinds[found]}), techniques=(), match=None, words=text)


def technique_codes(resource: Mapping[str, Any]) -> Iterator[tuple[object, str]]:
    for extension in extensions(resource, "radiotherapy-modality-and-technique"):
        for inner in extensions(extension, "radiotherapy-technique"):
            yield inner.get("valueCodeableConcept"), "extension.extension.valueCodeableConcept"
    for extension in extensions(resource, "radiotherapy-technique"):
        yield extension.get("valueCodeableConcept"), "extension.valueCodeableConcept"
    for extension in extensions(resource, "strahlentherapie-bestrahlung"):
        for inner in extensions(extension, "Applikationsart", "Boost"):
            yield inner.get("valueCodeableConcept"), "extension.extension.valueCodeableConcept"


def times(entry: Entry) -> tuple[Moment | None, Moment | None, str]:
    resource = entry.resource
    for element in ("performedPeriod", "occurrencePeriod"):
        if element in resource:
            return *bounds(resource[element]), element
    if "occurrenceTiming" in resource:
        return *timing_bounds(resource["occurrenceTiming"]), "occurrenceTiming"
    for element in ("performedDateTime", "occurrenceDateTime"):
        if (at := moment(resource.get(element))) is not None:
            return at, None, element
    return None, None, ""


# --- which resources are one course --------------------------------------------------------------------


def courses(chart: Chart, therapies: list[Therapy]) -> list[list[Therapy]]:
    """Resources joined by partOf and basedOn, each group one course."""
    by_reference = {therapy.entry.reference: therapy for therapy in therapies}
    parent: dict[str, str] = {reference: reference for reference in by_reference}

    def root(name: str) -> str:
        while (above := parent.setdefault(name, name)) != name:
            name = parent[name] = parent.setdefault(above, above)  # halfway up for whoever comes next
        return name

    for reference, therapy in by_reference.items():
        for element in ("partOf", "basedOn", "replaces"):
            for link in objects(therapy.entry.resource, element):
                found = chart.find(link, therapy.entry)
                if found is not None and found.reference not in by_reference:
                    continue  # Joined by what is not radiotherapy, such as a care plan: not one course.
                if found is not None and found.is_draft != therapy.entry.is_draft:
                    continue  # What is being ordered stands beside what the record has.
                if found is None and (therapy.entry.is_draft or not _may_be_course(link)):
                    continue  # Two drafts of one referral are two, and so are two courses of one care plan.
                name = found.reference if found is not None else literal(link)
                if name:
                    parent[root(reference)] = root(name)
    groups: dict[str, list[Therapy]] = {}
    for reference in sorted(by_reference):
        groups.setdefault(root(reference), []).append(by_reference[reference])
    return [groups[name] for name in sorted(groups, key=lambda name: groups[name][0].entry.reference)]


def _may_be_course(link: Mapping[str, Any]) -> bool:
    """Whether a reference to what is not here may mean radiotherapy; one that names no type may."""
    kind = tail(literal(link)).partition("/")[0] or word(link, "type")
    return kind in ("", "Procedure", "ServiceRequest")


def leading(group: list[Therapy]) -> tuple[list[Therapy], Therapy | None]:
    """The resources that speak for a course, and the request that planned it.

    A draft of this request comes first, then procedures, then requests; whole courses before phases.
    """
    procedures = [one for one in group if one.entry.kind == "Procedure"]
    requests = [one for one in group if one.entry.kind == "ServiceRequest"]
    whole = [one for one in requests if not one.is_part] or requests
    planned = max(whole, key=lambda one: (bool(volume_extensions(one.entry)), one.entry.reference), default=None)
    if procedures:
        names = frozenset(one.entry.reference for one in procedures)
        courses = [one for one in procedures if not one.is_part and not _is_within(one, names)] or procedures
        return _without_earlier_reports(courses), planned
    drafts = sorted((one for one in whole if one.entry.is_draft), key=lambda one: not one.entry.in_request)
    if drafts:
        return drafts[:1], None
    return ([planned] if planned is not None and not planned.is_part else whole), None


def _without_earlier_reports(procedures: list[Therapy]) -> list[Therapy]:
    """A course reported while it ran and again when it was over is one course: the later report counts."""
    over = {times(one.entry)[0] for one in procedures if one.entry.resource.get("status") == "completed"} - {None}
    return [
        one
        for one in procedures
        if one.entry.resource.get("status") != "in-progress" or times(one.entry)[0] not in over
    ]


def _is_within(therapy: Therapy, names: frozenset[str]) -> bool:
    """Whether it is a part of another one of some procedures."""
    wholes = {literal(link) for link in objects(therapy.entry.resource, "partOf")}
    return not names.isdisjoint(wholes - {therapy.entry.reference})
