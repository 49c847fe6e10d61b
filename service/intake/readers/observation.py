"""Observation: performance status, laboratory, tumour, stage and extent, by the code of each.

A panel is read through its components. A result that is missing, unknown or not determined
yields nothing: it is never negative.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from rulesets.language import Interval
from rulesets.record import Source
from service.intake.chart import Chart, Statement
from service.intake.elements import extensions, objects, word
from service.intake.entries import Entry
from service.intake.moments import Moment, observed
from service.intake.quantities import Quantity, bounded, converted, decimal, plain, quantity
from service.intake.readers.condition import ORGANS, state_stage
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
    for entry, meant in _known(chart, map_name):
        yield from _results_of(chart, entry, meant)


def _known(chart: Chart, map_name: str) -> Iterator[tuple[Entry, Meant]]:
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


def _results_of(chart: Chart, entry: Entry, meant: Meant) -> Iterator[Result]:
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


def read(chart: Chart) -> list[Result]:
    """States the facts of ordinary results and gives back those that other readers read together."""
    left: list[Result] = []
    series: dict[str, list[tuple[Entry, Meant]]] = {}
    for entry, meant in _known(chart, "observations"):
        if len(meant) == 1 and meant[0][2].target in LATEST_COUNTS:
            series.setdefault(meant[0][2].target, []).append((entry, meant))
        else:
            left += _read(chart, entry, meant)
    for same in series.values():
        _read_latest(chart, same)
    return left


def _read(chart: Chart, entry: Entry, meant: Meant) -> list[Result]:
    left = []
    for result in _results_of(chart, entry, meant):
        reader = _READERS.get(result.meaning)
        if reader is not None:
            reader(chart, result)
        else:
            left.append(result)
    return left


def _read_latest(chart: Chart, series: list[tuple[Entry, Meant]]) -> None:
    """Reads measurements of one thing from the newest on, until one counts that all others are older than.

    A chart may hold hundreds; to validate those that cannot count would cost more than all the rest.
    """
    dated = [(observed(entry.resource)[0], entry, meant) for entry, meant in series]
    dated.sort(key=lambda one: (one[0] is None, -one[0].last.toordinal() if one[0] else 0, one[1].reference))
    counts: Moment | None = None
    for at, entry, meant in dated:
        if counts is not None and (at is None or at.is_before(counts)):
            continue
        known = len(chart.statements)
        _read(chart, entry, meant)
        if counts is None and len(chart.statements) > known and word(entry.resource, "status") != "preliminary":
            counts = at


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


def _state(chart: Chart, result: Result, name: str, value: Any, source: Source) -> None:
    chart.state(name, value, source, result.at, preliminary=result.preliminary)


# --- readers, one per meaning ------------------------------------------------------------------------


def _ecog(chart: Chart, result: Result) -> None:
    given = measured(result)
    if given is not None and given.unit == "" and not given.comparator:
        _state(chart, result, "patient.ecog", plain(given.value), source_of(chart, result, value=given.lexical))
        return
    matches = coded(chart, result, "ecog-values")
    element = "value"
    if not matches and not has_value(result):
        element = "interpretation"
        for concept in objects(result.holder, "interpretation"):
            matches = matches or chart.matches("ecog-values", concept, result.entry, result.element(element))
    if len(matches) == 1:
        _state(
            chart, result, "patient.ecog", int(matches[0].target), source_of(chart, result, element, match=matches[0])
        )
    else:
        not_understood(chart, result)


def _karnofsky(chart: Chart, result: Result) -> None:
    text = "A Karnofsky status is not converted to ECOG; send the ECOG status."
    chart.say("not-converted", text, result.entry, result.element("value"))


def _haemoglobin(chart: Chart, result: Result) -> None:
    given = measured(result)
    if given is None:
        not_understood(chart, result)
        return
    if given.comparator:
        chart.say(
            "imprecise", "A haemoglobin with a comparator is not a number; it was left out.", result.entry, "value"
        )
        return
    source = source_of(chart, result, value=given.lexical)
    value = chart.fact("obs.hemoglobin_value", plain(given.value), source, result.at)
    if value is None:
        return
    facts = [value]
    in_grams = {"g/dL": Decimal(1), "g/L": Decimal("0.1")}.get(given.unit or "")
    if given.unit in ("g/dL", "g/L", "mmol/L"):
        unit = chart.fact("obs.hemoglobin_unit", given.unit, source, result.at)
        facts += [unit] if unit is not None else []
    else:
        text = "Its haemoglobin has no unit this service knows (g/dL, g/L, mmol/L) and is of no use."
        chart.say("unit", text, result.entry, result.element("valueQuantity.code"))
    chart.statements.append(
        Statement(
            topic="obs.hemoglobin_value",
            facts=tuple(facts),
            when=result.at,
            preliminary=result.preliminary,
            sense=plain(given.value * in_grams) if in_grams is not None else (given.unit, plain(given.value)),
        )
    )


def _tumour_size(chart: Chart, result: Result) -> None:
    given = measured(result)
    if given is None:
        not_understood(chart, result)
        return
    size = converted(given, "cm")
    if size is None or given.comparator:
        chart.say(
            "unit", "A tumour size is a number in cm or mm; it was left out.", result.entry, result.element("value")
        )
        return
    value, done = size
    fact = chart.fact(
        "tumour.size_cm", plain(value), source_of(chart, result, value=given.lexical, conversion=done), result.at
    )
    if fact is None:
        return
    # Several diameters of one observation: the largest counts.
    for position, statement in enumerate(chart.statements):
        held = statement.facts[0]
        if statement.topic == "tumour.size_cm" and held.sources[0].reference == result.entry.reference:
            if float(str(held.value)) < plain(value):
                chart.statements[position] = Statement(
                    topic=fact.name, facts=(fact,), when=result.at, preliminary=result.preliminary
                )
            return
    chart.statements.append(Statement(topic=fact.name, facts=(fact,), when=result.at, preliminary=result.preliminary))


def _grade(chart: Chart, result: Result) -> None:
    matches = coded(chart, result, "grade-values")
    if len(matches) == 1:
        _state(chart, result, "tumour.grade", int(matches[0].target), source_of(chart, result, match=matches[0]))
    elif "valueQuantity" not in result.holder and "valueInteger" not in result.holder:
        # A number under the code of the grade is a summed score as often as a grade.
        not_understood(chart, result)


def _positive_nodes(chart: Chart, result: Result) -> None:
    given = measured(result)
    if given is None or given.unit not in ("", None):
        not_understood(chart, result)
        return
    value = bounded(given.value, given.comparator, whole=True)
    if value is not None:
        _state(chart, result, "tumour.positive_axillary_nodes", value, source_of(chart, result, value=given.lexical))


def _positive_nodes_at_least(chart: Chart, result: Result) -> None:
    given = measured(result)
    if given is None or given.comparator or given.value < 1:
        return
    name = "tumour.positive_axillary_nodes"
    least = plain(given.value)
    fact = chart.fact(name, Interval(lo=least), source_of(chart, result, value=given.lexical), result.at)
    held = chart.bounds.get(name)
    if fact is not None and (held is None or not isinstance(held.value, Interval) or (held.value.lo or 0) < least):
        chart.bounds[name] = fact


def _stage(chart: Chart, result: Result) -> None:
    matches = coded(chart, result, "stage-values")
    if len(matches) == 1:
        source = source_of(chart, result, match=matches[0])
        state_stage(chart, matches[0], source, result.at, preliminary=result.preliminary)
    else:
        not_understood(chart, result)


def _m_category(chart: Chart, result: Result) -> None:
    matches = coded(chart, result, "m-values")
    if len(matches) == 1:
        status = "confirmed" if matches[0].target == "m1" else "none"
        _state(chart, result, "mets.status", status, source_of(chart, result, match=matches[0]))
    else:
        not_understood(chart, result)


def _metastasis_site(chart: Chart, result: Result) -> None:
    matches = coded(chart, result, "body-sites") or coded(chart, result, "conditions")
    for match in matches:
        source = source_of(chart, result, match=match)
        if match.target in ORGANS or match.target in ("unspecified", "other"):
            _state(chart, result, "mets.status", "confirmed", source)
        if match.target in ORGANS:
            _state(chart, result, f"mets.organ.{ORGANS[match.target]}", "present", source)
    if not matches:
        not_understood(chart, result)


def _history_of_metastases(chart: Chart, result: Result) -> None:
    """That there never was a metastasis; that there was one says nothing of the present."""
    denied = result.holder.get("valueBoolean") is False
    match = None
    for found in coded(chart, result, "presence-values"):
        denied, match = denied or found.target == "negative", found
    if not has_value(result):
        for extension in extensions(result.entry.resource, "related-condition-absent"):
            for found in chart.matches("conditions", extension.get("valueCodeableConcept"), result.entry, "extension"):
                if found.target == "unspecified":
                    denied, match = True, found
    if denied:
        _state(chart, result, "mets.status", "none", source_of(chart, result, match=match))


def _presence(name: str, positive: object, negative: object) -> Callable[[Chart, Result], None]:
    def reader(chart: Chart, result: Result) -> None:
        status = presence(chart, result)
        if status in ("positive", "negative"):
            value = positive if status == "positive" else negative
            _state(chart, result, name, value, source_of(chart, result))

    return reader


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


_READERS: Mapping[str, Callable[[Chart, Result], None]] = {
    "ecog": _ecog,
    "karnofsky": _karnofsky,
    "haemoglobin": _haemoglobin,
    "tumour_size": _tumour_size,
    "grade": _grade,
    "positive_nodes": _positive_nodes,
    "positive_nodes_at_least": _positive_nodes_at_least,
    "stage_group": _stage,
    "m_category": _m_category,
    "metastasis_site": _metastasis_site,
    "history_of_metastatic_cancer": _history_of_metastases,
    "pdl1": _presence("tumour.pdl1", "positive", "negative"),
    "brca": _presence("tumour.brca_mutated", True, False),
}


LATEST_COUNTS = frozenset({"haemoglobin", "ecog"})
"""What is measured again and again, and only the latest result counts."""


def histology(chart: Chart, found: list[Result]) -> None:
    """Histology observations, and variants that are pathogenic in a BRCA gene."""
    for result in found:
        if result.meaning == "histology":
            for match in coded(chart, result, "histology"):
                _state(chart, result, "tumour.histology", match.target, source_of(chart, result, match=match))
    _variants(chart, found)
    _brca_genes(chart, found)


def _brca_genes(chart: Chart, found: list[Result]) -> None:
    """A mutation of either gene is one; that there is none takes both of them."""
    absent: dict[str, list[Result]] = {}
    for result in found:
        if result.meaning not in ("brca1", "brca2"):
            continue
        status = presence(chart, result)
        if status == "positive":
            _state(chart, result, "tumour.brca_mutated", True, source_of(chart, result))
        elif status == "negative":
            absent.setdefault(result.meaning, []).append(result)
    for result in (one for same in absent.values() for one in same):
        if len(absent) == 2:
            _state(chart, result, "tumour.brca_mutated", False, source_of(chart, result))
        else:
            text = "One of the two genes without a mutation does not tell that there is none."
            chart.say("imprecise", text, result.entry, result.element("code"))


def _variants(chart: Chart, found: list[Result]) -> None:
    by_observation: dict[str, list[Result]] = {}
    for result in found:
        if result.meaning in ("variant", "gene", "significance"):
            by_observation.setdefault(result.entry.reference, []).append(result)
    for same in by_observation.values():
        said = {result.meaning: result for result in same}
        if set(said) != {"variant", "gene", "significance"}:
            continue
        genes = {match.target for match in coded(chart, said["gene"], "genes")}
        pathogenic = {match.target for match in coded(chart, said["significance"], "significance-values")} == {
            "pathogenic"
        }
        if genes and genes <= {"BRCA1", "BRCA2"} and pathogenic and presence(chart, said["variant"]) == "positive":
            _state(chart, said["variant"], "tumour.brca_mutated", True, source_of(chart, said["variant"]))


def weight_kg(chart: Chart, found: list[Result], within_days: int = 14) -> tuple[Decimal, Source] | None:
    """The latest body weight that is recent enough to reckon a dose by."""
    recent = []
    for result in found:
        given = measured(result) if result.meaning == "body_weight" else None
        weight = converted(given, "kg") if given is not None and not given.comparator else None
        age = None if (day := chart.day(result.at)) is None else -day
        if weight is not None and weight[0] > 0 and given is not None and age is not None and 0 <= age <= within_days:
            recent.append((age, result.entry.reference, weight[0], source_of(chart, result, value=given.lexical)))
    if not recent:
        return None
    _, _, value, source = min(recent, key=lambda each: each[:2])
    return value, source
