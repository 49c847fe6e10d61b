"""Receptor results: oestrogen, progesterone and HER2, of the primary and of a metastasis apart.

A result is of a metastasis when its specimen, else its body site, else its focus says so; otherwise
it is of the primary. HER2 2+ is equivocal until an in situ hybridisation of the same tissue decides.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from rulesets.language import bounds as ends_of
from service.intake.chart import Chart
from service.intake.elements import objects
from service.intake.entries import Entry
from service.intake.moments import Moment
from service.intake.quantities import Quantity, bounded, quantity
from service.intake.readers.observation import Result, coded, in_words, not_understood, presence, source_of
from service.intake.terminology import Match

POSITIVE_FROM_PERCENT = 1
"""Share of stained nuclei from which a hormone receptor is positive (ASCO/CAP)."""

HER2_RATIO, HER2_COPIES_LOW, HER2_COPIES_HIGH = Decimal(2), Decimal(4), Decimal(6)
"""HER2/CEP17 ratio and HER2 copies per cell that decide an in situ hybridisation (ASCO/CAP)."""


@dataclass(frozen=True, kw_only=True)
class _Her2:
    result: Result
    status: str
    method: str


def read(chart: Chart, found: list[Result]) -> None:
    her2: dict[str, list[_Her2]] = {"primary": [], "metastasis": []}
    for result in found:
        if result.meaning in ("er", "pr"):
            _hormone_receptor(chart, result)
        elif result.meaning.startswith("her2"):
            status, method = _her2(chart, result)
            if status:
                her2[origin(chart, result.entry)].append(_Her2(result=result, status=status, method=method))
    for where, results in her2.items():
        for each in results:
            if each.status == "equivocal" and _is_resolved(each, results):
                continue
            chart.state(
                f"tumour.her2_{where}",
                each.status,
                source_of(chart, each.result, conversion=each.method),
                each.result.at,
                preliminary=each.result.preliminary,
            )


def origin(chart: Chart, entry: Entry) -> str:
    """Whether tissue is of the primary or of a metastasis: the specimen knows best."""
    specimen = chart.find(entry.resource.get("specimen"), entry) if "specimen" in entry.resource else None
    told: list[tuple[Match, ...]] = []
    if specimen is not None:
        told.append(chart.matches("specimen-origins", specimen.resource.get("type"), specimen, "type"))
        for collection in objects(specimen.resource, "collection"):
            told.append(chart.matches("specimen-origins", collection.get("bodySite"), specimen, "collection.bodySite"))
    if not any(told):
        told = [chart.matches("specimen-origins", entry.resource.get("bodySite"), entry, "bodySite")]
    if not any(told):
        told = [_of_focus(chart, reference, entry) for reference in objects(entry.resource, "focus")]
    origins = {match.target for matches in told for match in matches}
    return "metastasis" if "metastasis" in origins else "primary"


def _of_focus(chart: Chart, reference: object, entry: Entry) -> tuple[Match, ...]:
    focus = chart.find(reference, entry)
    if focus is None:
        return ()
    if focus.kind == "BodyStructure":
        return chart.matches("specimen-origins", focus.resource.get("location"), focus, "location")
    return chart.matches("specimen-origins", focus.resource.get("code"), focus, "code")


def _hormone_receptor(chart: Chart, result: Result) -> None:
    status, method = _status(chart, result)
    if not status:
        return
    if status in ("positive", "negative"):
        name = f"tumour.{result.meaning}_{origin(chart, result.entry)}"
        source = source_of(chart, result, value=_lexical(result), conversion=method)
        chart.state(name, status, source, result.at, preliminary=result.preliminary)


def _status(chart: Chart, result: Result) -> tuple[str, str]:
    """The status of a hormone receptor and how it was read; empty when it is not said."""
    if status := presence(chart, result):
        return status, "read from text" if in_words(result) is not None else ""
    given = _percent(result)
    if given is not None and 0 <= given.value <= 100:
        share = bounded(given.value, given.comparator, whole=False)
        low, high = (None, None) if share is None else ends_of(share)
        if low is not None and low >= POSITIVE_FROM_PERCENT:
            return "positive", f"{POSITIVE_FROM_PERCENT} % or more"
        is_below = high is not None and high < POSITIVE_FROM_PERCENT
        if is_below or (given.comparator == "<" and high == POSITIVE_FROM_PERCENT):
            return "negative", f"less than {POSITIVE_FROM_PERCENT} %"
    not_understood(chart, result)
    return "", ""


def _percent(result: Result) -> Quantity | None:
    if (given := quantity(result.holder.get("valueQuantity"))) is not None:
        return given if given.unit == "%" else None
    text = result.holder.get("valueString")
    if isinstance(text, str) and (match := re.fullmatch(r"\s*(<|>|<=|>=)?\s*(\d{1,3}(?:\.\d+)?)\s*%\s*", text)):
        value, comparator = Decimal(match.group(2)), match.group(1) or ""
        return Quantity(value=value, unit="%", comparator=comparator, lexical=text.strip())
    return None


def _lexical(result: Result) -> str:
    given = _percent(result)
    if given is not None:
        return given.lexical
    for coding in objects(result.holder.get("valueCodeableConcept"), "coding"):
        if isinstance(coding.get("code"), str):
            return f"{coding.get('system', '')}|{coding['code']}"
    return ""


# --- HER2 --------------------------------------------------------------------------------------------


def _her2(chart: Chart, result: Result) -> tuple[str, str]:
    """positive, negative or equivocal, and the method; empty when it is not said."""
    match result.meaning:
        case "her2_ihc":
            scores = coded(chart, result, "her2-ihc-values")
            score = scores[0].target if len(scores) == 1 else _score_in_text(result)
            if score:
                return {"0": "negative", "1+": "negative", "2+": "equivocal", "3+": "positive"}[score], f"IHC {score}"
            return _said(chart, result, "IHC")
        case "her2_ish":
            return _said(chart, result, "ISH")
        case "her2_ish_ratio":
            return _by_ratio(chart, result), "ISH ratio"
        case "her2":
            scores = coded(chart, result, "her2-ihc-values")
            if len(scores) == 1:
                score = scores[0].target
                return {"0": "negative", "1+": "negative", "2+": "equivocal", "3+": "positive"}[score], f"IHC {score}"
            return _said(chart, result, "")
    return "", ""


def _said(chart: Chart, result: Result, method: str) -> tuple[str, str]:
    status = presence(chart, result)
    if not status:
        not_understood(chart, result)
    return (status, method) if status in ("positive", "negative", "equivocal") else ("", "")


def _score_in_text(result: Result) -> str:
    text = result.holder.get("valueString")
    match = re.fullmatch(r"\s*(0|1\+|2\+|3\+)\s*", text) if isinstance(text, str) else None
    return match.group(1) if match else ""


def _by_ratio(chart: Chart, result: Result) -> str:
    """A ratio decides alone when it is clear; copies of the same observation may make it unclear."""
    given = quantity(result.holder.get("valueQuantity"))
    if given is None or given.comparator or given.unit != "":
        not_understood(chart, result)
        return ""
    copies = None
    for component in objects(result.entry.resource, "component"):
        for match in chart.matches("observations", component.get("code"), result.entry, "component.code"):
            if match.target == "her2_copy_number":
                copies = quantity(component.get("valueQuantity"))
    if copies is None:
        return "positive" if given.value >= HER2_RATIO else "negative"
    if given.value >= HER2_RATIO:
        return "positive" if copies.value >= HER2_COPIES_LOW else "equivocal"
    if copies.value >= HER2_COPIES_HIGH:
        return "equivocal"
    return "negative" if copies.value < HER2_COPIES_LOW else "equivocal"


def _is_resolved(equivocal: _Her2, results: list[_Her2]) -> bool:
    """Whether an in situ hybridisation of the same origin, not an earlier one, has decided."""
    return any(
        other.method.startswith("ISH")
        and other.status in ("positive", "negative")
        and not _is_before(other.result.at, equivocal.result.at)
        for other in results
    )


def _is_before(one: Moment | None, other: Moment | None) -> bool:
    return one is not None and other is not None and one.is_before(other)
