"""Imaging of this work-up: what was done, and what it found in the skeleton.

That an image was taken does not tell what it shows. Found in bone is positive. Nothing found is negative
only where bone was the question: on a bone scan, or in a result about a bone. Not done is only what a
procedure says was not done, as long as no other one of its kind was.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from rulesets.facts import imaging
from rulesets.thresholds import MAX_AGE_DAYS_IMAGING
from service.intake.chart import Chart
from service.intake.elements import as_sent, objects, word
from service.intake.entries import Entry
from service.intake.moments import Moment, bounds, moment, observed
from service.intake.readers.about_lesions import is_in_bone
from service.intake.readers.results import USED, as_coded, observed_at
from service.intake.terminology import Match

_FACTS: Mapping[str, str] = {
    "bone_scan": imaging.bone_scan.name, "CT": imaging.ct.name, "MRI": imaging.mri.name, "WB-MRI": imaging.mri.name,
    "FDG-PET": imaging.fdg_pet.name, "NaF-PET": imaging.naf_pet.name,
}  # fmt: skip
"""The fact each modality gives its result to; a PET of an unknown tracer gives it to none."""

_DONE: Mapping[str, frozenset[str]] = {
    "DiagnosticReport": USED | {"appended", "partial"}, "Observation": USED, "Procedure": frozenset({"completed"}),
}  # fmt: skip
_UNFINISHED = frozenset({"preliminary", "partial"})
_OF_BONE = frozenset({"bone_scan", "FDG-PET", "NaF-PET"})
"""Exams that look at the skeleton wherever they look; one that was not done is missed."""
_MORPHOLOGIC = frozenset({"CT", "MRI", "WB-MRI"})


@dataclass(frozen=True, kw_only=True)
class Image:
    """One exam: its modality, what it covers, whether it was done, and what it found in bone if that is told.

    ``said`` is what tells that, as it was sent at ``element``.
    """

    entry: Entry
    match: Match
    details: frozenset[str]
    at: Moment | None
    done: bool
    found: str
    element: str
    said: str
    preliminary: bool

    @property
    def modality(self) -> str:
        return self.match.target


def read(chart: Chart) -> None:
    images = [image for image in _images(chart) if _is_of_this_work_up(chart, image)]
    _read_results(chart, images)
    _read_spine(chart, images)
    done = [image for image in images if image.done]
    for image in done:
        if image.modality in _MORPHOLOGIC and "whole_body" in image.details:
            _state(chart, image, imaging.morphologic_done.name, True)
        if image.modality == "WB-MRI" or "pet_ct" in image.details:
            _state(chart, image, imaging.high_resolution_staging_done.name, True)


def _is_of_this_work_up(chart: Chart, image: Image) -> bool:
    if image.at is None:
        chart.say("imprecise", "It has no date, so it is not known to be of this work-up.", image.entry, "code")
        return False
    if (chart.evaluation_date - image.at.first).days > chart.thresholds.number(MAX_AGE_DAYS_IMAGING):
        chart.say("not-recent", "It is too old to be of this work-up.", image.entry, "code")
        return False
    return True


# --- exams -----------------------------------------------------------------------------------------------


def _images(chart: Chart) -> Iterator[Image]:
    for entry in chart.of(*_DONE):
        code = entry.resource.get("code")
        matches = chart.matches("imaging", code, entry, "code")
        if len(matches) != 1 or not chart.is_valid(entry):
            continue
        at = _when(chart, entry)
        if chart.is_future(at):
            chart.say("future", "It is dated after the evaluation date; it was left out.", entry, "code")
            continue
        details = chart.targets("imaging-details", code, entry, "code")
        status = word(entry.resource, "status")
        if status in _DONE[entry.kind]:
            found, element, said = _found(chart, entry, matches[0].target)
        elif entry.kind == "Procedure" and status == "not-done" and _is_missed(chart, entry, matches[0], details):
            found, element, said = "not_done", "status", status
        else:
            continue
        yield Image(
            entry=entry, match=matches[0], details=details, at=at, done=status != "not-done", found=found,
            element=element, said=said, preliminary=status in _UNFINISHED,
        )  # fmt: skip


def _is_missed(chart: Chart, entry: Entry, match: Match, details: frozenset[str]) -> bool:
    """Whether an exam that was not done would have looked at the skeleton."""
    return match.target in _OF_BONE or bool(details & {"spine", "whole_body"}) or is_in_bone(chart, entry)


def _when(chart: Chart, entry: Entry) -> Moment | None:
    if entry.kind == "Procedure":
        resource = entry.resource
        start, end = bounds(resource.get("performedPeriod"))
        return moment(resource.get("performedDateTime")) or end or start
    return observed_at(chart, entry)[0] if entry.kind == "Observation" else observed(entry.resource)[0]


def _found(chart: Chart, entry: Entry, modality: str) -> tuple[str, str, str]:
    """What an exam found in bone, the element that says so, and how; empty when it does not."""
    if entry.kind == "Procedure":
        return "", "", ""
    said: dict[str, tuple[str, str]] = {}
    of_bone = modality == "bone_scan" or is_in_bone(chart, entry)
    for codeable, element in _conclusions(entry):
        if "bone" in chart.targets("conditions", codeable, entry, element):
            said.setdefault("positive", (element, as_sent(codeable)))
        elif of_bone:
            map_name = "interpretations" if element.startswith("interpretation") else "presence-values"
            for target in chart.targets(map_name, codeable, entry, element) - {"unknown"}:
                said.setdefault(target, (element, as_sent(codeable)))
    if len(said) != 1:
        return "", "", ""
    ((found, (element, sent)),) = said.items()
    return found, element, sent


def _conclusions(entry: Entry) -> Iterator[tuple[object, str]]:
    resource = entry.resource
    if entry.kind == "DiagnosticReport":
        for position, codeable in enumerate(objects(resource, "conclusionCode")):
            yield codeable, f"conclusionCode[{position}]"
    elif "valueCodeableConcept" in resource or "valueString" in resource:
        yield resource.get("valueCodeableConcept", {"text": resource.get("valueString")}), "value"
    elif "dataAbsentReason" not in resource:
        for position, codeable in enumerate(objects(resource, "interpretation")):
            yield codeable, f"interpretation[{position}]"


# --- facts -----------------------------------------------------------------------------------------------


def _read_results(chart: Chart, images: list[Image]) -> None:
    for image in images:
        name = _FACTS.get(image.modality)
        if name is None or not image.found:
            continue
        if not image.done and _is_done_otherwise(image, images):
            continue
        _state(chart, image, name, image.found)


def _is_done_otherwise(denied: Image, images: list[Image]) -> bool:
    """Whether an exam of the same kind was done, and not certainly before it was said not to be."""
    return any(
        image.done
        and _FACTS.get(image.modality) == _FACTS.get(denied.modality)
        and not (image.at is not None and denied.at is not None and image.at.is_before(denied.at))
        for image in images
    )


def _read_spine(chart: Chart, images: list[Image]) -> None:
    """MRI of the spine: with contrast when any was; of one without a word on contrast nothing is told."""
    spinal = [image for image in images if image.modality in ("MRI", "WB-MRI") and "spine" in image.details]
    done = [image for image in spinal if image.done]
    with_contrast = [image for image in done if "contrast" in image.details]
    without = [image for image in done if "no_contrast" in image.details]
    if with_contrast:
        for image in with_contrast:
            _state(chart, image, imaging.spine_mri.name, "done_contrast")
    elif len(without) == len(done):
        for image in without:
            _state(chart, image, imaging.spine_mri.name, "done_no_contrast")
    if not done:
        for image in spinal:
            if not _is_done_otherwise(image, images):
                _state(chart, image, imaging.spine_mri.name, "not_done")


def _state(chart: Chart, image: Image, name: str, value: str | bool) -> None:
    says_result = image.found and value == image.found
    element, said = (image.element, image.said) if says_result else ("code", as_coded(image.match.coding))
    source = chart.source(image.entry, element, match=image.match, at=image.at, value=said)
    chart.state(name, value, source, image.at, preliminary=image.preliminary)
