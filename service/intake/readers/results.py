"""Results of observations: which count, what their code asks, and their values by type.

A panel is read through its components, and what a result does not say of its time its report says.
A result that is missing, unknown or not determined yields nothing: it is never negative.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from rulesets.record import Source
from service.intake.chart import Chart
from service.intake.elements import as_sent, objects, word
from service.intake.entries import Entry
from service.intake.moments import Moment, observed
from service.intake.quantities import Quantity, decimal, quantity
from service.intake.terminology import TEXT, Coding, Match, is_in_words

USED = frozenset({"final", "amended", "corrected", "preliminary"})
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
        if status and status not in USED:
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
    at, element = observed_at(chart, entry)
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
        if "dataAbsentReason" in holder and _holds_value(holder):
            text = "It has a value and a reason why it has none; it was left out."
            chart.say("not-understood", text, entry, f"{path}dataAbsentReason")
            continue
        yield Result(
            entry=entry, holder=holder, path=path, meaning=match.target, code=match, at=at, preliminary=preliminary
        )


def observed_at(chart: Chart, entry: Entry) -> tuple[Moment | None, str]:
    """When an observation was true; one without a time has that of the report or panel it belongs to."""
    at, element = observed(entry.resource)
    if at is None:
        for holder in chart.holders_of(entry):
            at, element = observed(holder.resource)
            if at is not None:
                break
    return at, element


def _holders(resource: Mapping[str, Any]) -> Iterator[tuple[Mapping[str, Any], str]]:
    yield resource, ""
    if "component" in resource:
        for position, component in enumerate(objects(resource, "component")):
            if component.get("modifierExtension"):
                continue  # It may mean the opposite.
            yield component, f"component[{position}]."


def _is_of_another_cancer(chart: Chart, entry: Entry) -> bool:
    for reference in objects(entry.resource, "focus"):
        focus = chart.find(reference, entry)
        if focus is not None and focus.kind == "Condition":
            if focus.reference in chart.other_primaries:
                return True  # Another cancer of the breast than the one that has spread.
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
    return _holds_value(result.holder)


def _holds_value(holder: Mapping[str, Any]) -> bool:
    return any(key.startswith("value") for key in holder)


def coded(chart: Chart, result: Result, map_name: str) -> tuple[Match, ...]:
    """What the value stands for in a map: a concept, or a text that is a listed phrase."""
    value = result.holder.get("valueCodeableConcept", {"text": result.holder.get("valueString")})
    return chart.matches(map_name, value, result.entry, result.element("value"))


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
    """The source of a result: the code that asks, and the answer as it was sent.

    ``match`` is the code of the answer that was understood, where one answer has several.
    """
    said = value or (as_coded(match.coding) if match is not None else answer(result))
    return chart.source(
        result.entry, result.element(element), match=result.code, at=result.at, value=said, conversion=conversion
    )


def as_coded(coding: Coding) -> str:
    return coding.code if coding.system == TEXT else f"{coding.system}|{coding.code}"


def answer(result: Result) -> str:
    """What was answered, as it was sent; of a result without a value what its interpretation says."""
    holder = result.holder
    if (given := quantity(holder.get("valueQuantity"))) is not None:
        return given.lexical
    if isinstance(ratio := holder.get("valueRatio"), dict):
        ends = [quantity(ratio.get(end)) for end in ("numerator", "denominator")]
        return ":".join(end.lexical if end is not None else "" for end in ends)
    for element in ("valueBoolean", "valueInteger"):
        if element in holder:
            return str(holder[element]).lower()
    said = as_sent(holder.get("valueCodeableConcept")) or in_words(result) or word(holder, "valueCode")
    interpretations = objects(holder, "interpretation")
    return said or (as_sent(interpretations[0]) if interpretations and not has_value(result) else "")


def not_understood(chart: Chart, result: Result) -> None:
    if has_value(result):
        chart.say(
            "not-understood", "Its value has no known meaning; it was left out.", result.entry, result.element("value")
        )


def presence(chart: Chart, result: Result) -> str:
    """positive, negative, equivocal, unknown (said to be so), or empty when nothing understandable is said."""
    matches = coded(chart, result, "presence-values")
    return matches[0].target if len(matches) == 1 else "" if matches else interpreted(chart, result)


def interpreted(chart: Chart, result: Result) -> str:
    """What its interpretation says of a result without a value, or with one that says nothing by itself."""
    if "dataAbsentReason" in result.holder:
        return ""
    said = {
        match.target
        for concept in objects(result.holder, "interpretation")
        for match in chart.matches("interpretations", concept, result.entry, result.element("interpretation"))
    }
    return said.pop() if len(said) == 1 else ""


def said_in_words(chart: Chart, result: Result, map_name: str, text: str) -> str:
    """What a phrase stands for in a map, with or without the name of the test before it; empty when it is not one."""
    element = result.element("value")
    found = chart.targets(map_name, {"text": text}, result.entry, element)
    words = text.replace(":", " ").split()
    for length in range(1, len(words)):
        if found:
            break
        name = {"text": " ".join(words[:length])}
        if result.meaning in chart.targets("observations", name, result.entry, element):
            found = chart.targets(map_name, {"text": " ".join(words[length:])}, result.entry, element)
    return next(iter(found)) if len(found) == 1 else ""


def in_words(result: Result) -> str:
    """The text of a result whose value has no code, else empty."""
    value = result.holder.get("valueCodeableConcept")
    text = value["text"] if is_in_words(value) else result.holder.get("valueString")
    return text if isinstance(text, str) else ""


def say_in_words(chart: Chart, result: Result) -> None:
    text = "Its value has no code; what it says was read from text."
    chart.say("from-text", text, result.entry, result.element("value"))


def state(chart: Chart, result: Result, name: str, value: Any, source: Source) -> None:
    """States a fact of the patient by a result."""
    chart.state(name, value, source, result.at, preliminary=result.preliminary)
