"""Where tissue comes from: the primary or a metastasis.

The specimen knows best, then the body site, then what the result is about. What a result does not
say, its panel or its report says.
"""

from __future__ import annotations

from collections.abc import Iterator

from service.intake.chart import Chart
from service.intake.elements import objects
from service.intake.entries import Entry
from service.intake.readers.findings import BREAST, DISTANT

_PRIMARY, _METASTASIS = "primary", "metastasis"
_MOST_PARENTS = 4
"""A specimen of a specimen of a block: as far as a chain of them is followed."""


def is_of_metastasis(chart: Chart, entry: Entry) -> bool:
    """Whether a result is about a metastasis; it is about the primary when nothing says otherwise."""
    for each in (entry, *chart.holders_of(entry)):
        for told in _ways(chart, each):
            if told:
                return _METASTASIS in told
    return False


def origin(chart: Chart, entry: Entry) -> str:
    """primary or metastasis, as facts about receptors are named."""
    return _METASTASIS if is_of_metastasis(chart, entry) else _PRIMARY


def _ways(chart: Chart, entry: Entry) -> Iterator[frozenset[str]]:
    """What specimen, body site and focus say, the best of them first."""
    specimens = [chart.find(reference, entry) for reference in objects(entry.resource, "specimen")]
    if None in specimens:
        text = "Its specimen is not in the request; unless something else tells, it was read as of the primary."
        chart.say("no-specimen", text, entry, "specimen")
    yield frozenset().union(*(_of_specimen(chart, each) for each in specimens if each is not None))
    yield chart.targets("specimen-origins", entry.resource.get("bodySite"), entry, "bodySite")
    foci = [chart.find(reference, entry) for reference in objects(entry.resource, "focus")]
    yield frozenset().union(*(_of_focus(chart, each) for each in foci if each is not None))


def _of_specimen(chart: Chart, specimen: Entry, steps: int = 0) -> frozenset[str]:
    told = chart.targets("specimen-origins", specimen.resource.get("type"), specimen, "type")
    for collection in objects(specimen.resource, "collection"):
        told |= chart.targets("specimen-origins", collection.get("bodySite"), specimen, "collection.bodySite")
    if not told and steps < _MOST_PARENTS:
        for reference in objects(specimen.resource, "parent"):
            parent = chart.find(reference, specimen)
            told |= _of_specimen(chart, parent, steps + 1) if parent is not None else frozenset()
    return told


def _of_focus(chart: Chart, focus: Entry) -> frozenset[str]:
    if focus.kind == "BodyStructure":
        told = chart.targets("specimen-origins", focus.resource.get("morphology"), focus, "morphology")
        return told or chart.targets("specimen-origins", focus.resource.get("location"), focus, "location")
    if focus.kind == "Condition":
        targets = chart.targets("conditions", focus.resource.get("code"), focus, "code")
        if targets & BREAST:
            return frozenset({_PRIMARY})
        return frozenset({_METASTASIS} if targets & DISTANT else ())
    return frozenset()
