"""Results of observations: which count, what their code asks, and their values by type.

A panel is read through its components. A result that is missing, unknown or not determined
yields nothing: it is never negative.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from rulesets.record import Source
from service.intake.chart import Chart, objects, word
from service.intake.entries import Entry
from service.intake.moments import Moment, observed
from service.intake.quantities import Quantity, decimal, quantity
from service.intake.terminology import Match

_USED = frozenset({"final", "amended", "corrected", "preliminary"})
_NO_RESULT = frozenset({"registered", "cancelled", "unknown"})


@dataclass(frozen=True, kw_only=True)
class Result:
    """One coded result: an observation, or a component of one (``holder``), and what its code means."""

    entry: Entry
    holder: Mapping[str, Any]
    path: str
    meaning: str
    code: Match
    at: Moment | None
    preliminary: bool

    def element(self, name: str) -> str:
        return f"{self.path}{name}"


Meant = list[tuple[Mapping[str, Any], str, Match]]
"""The parts of an observation that a map knows: the part, its path, and what its code stands for."""


def results(chart: Chart, map_name: str = "observations") -> Iterator[Result]:
    """The results that a map knows: of observations that are of use, valid, and not of another cancer."""
    for entry, meant in known(chart, map_name):
        yield from results_of(chart, entry, meant)


def known(chart: Chart, map_name: str) -> Iterator[tuple[Entry, Meant]]:
    for entry in chart.of("Observation"):
        status = word(entry.resource, "status")
        if status and status not in _USED:
            if status not in _NO_RESULT:
                chart.say("status", "Its status is not one of an observation; it was left out.", entry, "status")
            continue
        meant = [
            (holder, path, match)
            for holder, path in _holders(entry.resource)
            for match in chart.matches(map_name, holder.get("code"), entry, f"{path}code")
        ]
        if meant:
            yield entry, meant


def results_of(chart: Chart, entry: Entry, meant: Meant) -> Iterator[Result]:
    if not chart.is_valid(entry):
        return
    at, element = observed(entry.resource)
    if chart.is_future(at):
        chart.say("future", "It is dated after the evaluation date; it was left out.", entry, element)
        return
    if _is_of_another_cancer(chart, entry):
        chart.say("other-cancer", "It is about another cancer; it was left out.", entry, "focus")
        return
    preliminary = word(entry.resource, "status") == "preliminary"
    if preliminary:
        chart.say("preliminary", "It is preliminary; it counts until a final one comes.", entry, "status")
    for holder, path, match in meant:
        yield Result(
            entry=entry, holder=holder, path=path, meaning=match.target, code=match, at=at, preliminary=preliminary
        )


def _holders(resource: Mapping[str, Any]) -> Iterator[tuple[Mapping[str, Any], str]]:
    yield resource, ""
    if "component" in resource:
        for position, component in enumerate(objects(resource, "component")):
            yield component, f"component[{position}]."


def _is_of_another_cancer(chart: Chart, entry: Entry) -> bool:
    for reference in objects(entry.resource, "focus"):
        focus = chart.find(reference, entry)
        if focus is not None and focus.kind == "Condition":
            targets = chart.targets("conditions", focus.resource.get("code"), focus, "code")
            if targets == {"other_primary"}:
                return True
            if targets == {"malignancy_unspecified"}:
                sites = [
                    chart.targets("body-sites", site, focus, "bodySite") for site in objects(focus.resource, "bodySite")
                ]
                if any(sites) and not any("breast" in site for site in sites):
                    return True
    return False


# --- values ----------------------------------------------------------------------------------------


def has_value(result: Result) -> bool:
    return any(key.startswith("value") for key in result.holder)


def coded(chart: Chart, result: Result, map_name: str) -> tuple[Match, ...]:
    return chart.matches(map_name, result.holder.get("valueCodeableConcept"), result.entry, result.element("value"))


def measured(result: Result) -> Quantity | None:
    """The number of a result, whichever type it was sent as."""
    if "valueQuantity" in result.holder:
        return quantity(result.holder["valueQuantity"])
    whole = decimal(result.holder.get("valueInteger"))
    return None if whole is None else Quantity(value=whole, unit="", lexical=str(whole))


def source_of(
    chart: Chart, result: Result, element: str = "value", *, value: str = "", match: Match | None = None,
    conversion: str = "",
) -> Source:  # fmt: skip
    """The source of a result: its own code, or the code of its value when that is what was read."""
    said = value or (f"{match.coding.system}|{match.coding.code}" if match is not None else "")
    return chart.source(
        result.entry, result.element(element), match=result.code, at=result.at, value=said, conversion=conversion
    )


def not_understood(chart: Chart, result: Result) -> None:
    if has_value(result):
        chart.say(
            "not-understood", "Its value has no known meaning; it was left out.", result.entry, result.element("value")
        )


def presence(chart: Chart, result: Result) -> str:
    """positive, negative, equivocal, unknown (said to be so), or empty when nothing understandable is said."""
    if not has_value(result) and "dataAbsentReason" in result.holder:
        return ""
    matches = coded(chart, result, "presence-values")
    if not matches and not has_value(result):
        for concept in objects(result.holder, "interpretation"):
            matches = matches or chart.matches(
                "interpretations", concept, result.entry, result.element("interpretation")
            )
    if len(matches) == 1:
        return matches[0].target
    text = in_words(result)
    if isinstance(text, str) and (word := re.fullmatch(r"\s*(positive|negative|equivocal)\s*", text, re.IGNORECASE)):
        return word.group(1).lower()
    return ""


def in_words(result: Result) -> object:
    """The text of a result that has no code."""
    concept = result.holder.get("valueCodeableConcept")
    if isinstance(concept, Mapping) and not objects(concept, "coding"):
        return concept.get("text")
    return result.holder.get("valueString")


def state(chart: Chart, result: Result, name: str, value: Any, source: Source) -> None:
    """States a fact of the patient by a result."""
    chart.state(name, value, source, result.at, preliminary=result.preliminary)
