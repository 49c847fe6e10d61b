"""HER2: a staining score, an in situ hybridisation, and which of them decides.

A staining of 2+ is equivocal until an in situ hybridisation of tissue of the same origin decides. A
staining of 3+ and a negative hybridisation contradict each other, and nobody here chooses.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from service.intake.chart import Chart
from service.intake.elements import objects
from service.intake.moments import Moment
from service.intake.quantities import quantity
from service.intake.readers.origins import origin
from service.intake.readers.results import (
    Result,
    coded,
    in_words,
    measured,
    not_understood,
    presence,
    said_in_words,
    say_in_words,
    source_of,
    state,
)
from service.intake.readers.wordings import Amount, ratio_in

RATIO, COPIES = Decimal(2), Decimal(4)
"""HER2/CEP17 ratio and HER2 copies per cell that decide an in situ hybridisation (ASCO/CAP)."""

_BY_SCORE: Mapping[str, str] = {"0": "negative", "1+": "negative", "2+": "equivocal", "3+": "positive"}
_STATUSES = ("positive", "negative", "equivocal")


@dataclass(frozen=True, kw_only=True)
class _Told:
    result: Result
    status: str
    method: str


def read(chart: Chart, found: list[Result]) -> list[Result]:
    """States HER2 and gives back the results that tell it."""
    by_origin: dict[str, list[_Told]] = {"primary": [], "metastasis": []}
    for result in found:
        if result.meaning in _READERS:
            status, method = _READERS[result.meaning](chart, result)
            if status in _STATUSES:
                by_origin[origin(chart, result.entry)].append(_Told(result=result, status=status, method=method))
            elif not status:
                not_understood(chart, result)
    for where, told in by_origin.items():
        for each in told:
            if not (each.status == "equivocal" and _is_resolved(each, told)):
                source = source_of(chart, each.result, conversion=each.method)
                state(chart, each.result, f"tumour.her2_{where}", each.status, source)
    return [each.result for told in by_origin.values() for each in told]


def _of_staining(chart: Chart, result: Result) -> tuple[str, str]:
    """By its score, whichever way it is sent; a bare number is a score as well."""
    scores = {match.target for match in coded(chart, result, "her2-ihc-values")}
    if text := in_words(result):
        scores |= {score} if (score := said_in_words(chart, result, "her2-ihc-values", text)) else set()
    given = measured(result)
    if given is not None and given.unit == "" and not given.comparator and given.value in (0, 1, 2, 3):
        scores.add(f"{given.value}+" if given.value else "0")
    if len(scores) == 1:
        (score,) = scores
        return _BY_SCORE[score], f"IHC {score}"
    return presence(chart, result), "IHC"


def _of_hybridisation(chart: Chart, result: Result) -> tuple[str, str]:
    """By what it says; by a ratio only where it is written as one, for a bare number may count copies."""
    status = presence(chart, result)
    return _of_ratio(chart, result) if not status and measured(result) is None else (status, "ISH")


def _of_either(chart: Chart, result: Result) -> tuple[str, str]:
    status, method = _of_staining(chart, result)
    return status, method if method != "IHC" else ""


def _of_ratio(chart: Chart, result: Result) -> tuple[str, str]:
    """A ratio decides alone when it is clear; copies of the same observation may make it unclear."""
    ratio = _ratio(result)
    if ratio is None:
        return presence(chart, result), "ISH"
    if in_words(result):
        say_in_words(chart, result)
    is_high = ratio.low >= RATIO and not ratio.comparator.startswith("<")
    is_low = (ratio.high < RATIO and not ratio.comparator.startswith(">")) or (
        ratio.comparator == "<" and ratio.high <= RATIO
    )
    if not is_high and not is_low:
        return "", "ISH ratio"
    return _with_copies(chart, result, is_high), "ISH ratio"


def _with_copies(chart: Chart, result: Result, is_high: bool) -> str:
    copies = None
    for component in objects(result.entry.resource, "component"):
        if "her2_copy_number" in chart.targets("observations", component.get("code"), result.entry, "component.code"):
            copies = quantity(component.get("valueQuantity"))
    if copies is None or copies.comparator:
        return "positive" if is_high else "negative"
    if is_high:
        return "positive" if copies.value >= COPIES else "equivocal"
    return "negative" if copies.value < COPIES else "equivocal"


def _ratio(result: Result) -> Amount | None:
    """A ratio as a number, as a numerator and a denominator, or in words."""
    given = measured(result)
    if given is not None:
        unitless = given.unit == ""
        return Amount(low=given.value, high=given.value, comparator=given.comparator) if unitless else None
    if isinstance(sent := result.holder.get("valueRatio"), dict):
        above, below = quantity(sent.get("numerator")), quantity(sent.get("denominator"))
        if above is None or below is None or below.comparator or below.value <= 0:
            return None
        value = above.value / below.value
        return Amount(low=value, high=value, comparator=above.comparator)
    return ratio_in(in_words(result))


_READERS = {
    "her2": _of_either,
    "her2_ihc": _of_staining,
    "her2_ish": _of_hybridisation,
    "her2_ish_ratio": _of_ratio,
}


def _is_resolved(equivocal: _Told, told: list[_Told]) -> bool:
    """Whether an in situ hybridisation of the same origin, not an earlier one, has decided."""
    return any(
        other.method.startswith("ISH")
        and other.status in ("positive", "negative")
        and not _is_before(other.result.at, equivocal.result.at)
        for other in told
    )


def _is_before(one: Moment | None, other: Moment | None) -> bool:
    return one is not None and other is not None and one.is_before(other)
