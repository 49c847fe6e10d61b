"""Receptor results: oestrogen, progesterone and HER2, of the primary and of a metastasis apart.

A receptor that was looked at in a metastasis shows that a biopsy has confirmed metastatic disease.
"""

from __future__ import annotations

from decimal import Decimal

from rulesets.facts import mets, tumour
from rulesets.record import Fact, Source
from service.intake.chart import Chart
from service.intake.quantities import quantity
from service.intake.readers import her2
from service.intake.readers.origins import is_of_metastasis, origin
from service.intake.readers.results import (
    Result,
    coded,
    in_words,
    interpreted,
    not_understood,
    said_in_words,
    say_in_words,
    source_of,
    state,
)
from service.intake.readers.wordings import Amount, share_in, summed_score, words_and_share

POSITIVE_FROM_PERCENT = Decimal(1)
"""Share of stained nuclei from which a hormone receptor is positive (ASCO/CAP)."""


def read(chart: Chart, found: list[Result]) -> None:
    told = [result for result in found if result.meaning in ("er", "pr") and _reads(chart, result)]
    for result in (*told, *her2.read(chart, found)):
        if is_of_metastasis(chart, result.entry):
            state(chart, result, mets.biopsy.name, "confirmed", source_of(chart, result))
    _read_pathology(chart)


def _read_pathology(chart: Chart) -> None:
    """That pathology of the primary is at hand: its histology and all its receptors are."""
    found: dict[str, Source] = {}
    for statement in chart.statements:
        source = statement.facts[0].sources[0]
        if statement.topic == tumour.histology.name or source.element.startswith("Observation."):
            found.setdefault(statement.topic, source)
    parts = [tumour.histology.name, *(f"tumour.{each}_primary" for each in ("er", "pr", "her2"))]
    if found.keys() >= set(parts):
        sources = tuple(found[name] for name in parts)
        name = tumour.primary_pathology_available.name
        chart.bounds[name] = Fact(name=name, value=True, sources=sources)


def _reads(chart: Chart, result: Result) -> bool:
    """States a hormone receptor; whether the result tells one."""
    status, method = _status(chart, result)
    if status in ("positive", "negative"):
        name = f"tumour.{result.meaning}_{origin(chart, result.entry)}"
        source = source_of(chart, result, conversion=method)
        state(chart, result, name, status, source)
    elif not status:
        not_understood(chart, result)
    return status in ("positive", "negative", "equivocal")


def _status(chart: Chart, result: Result) -> tuple[str, str]:
    """The status of a hormone receptor and how it was read; empty when it is not said."""
    matches = coded(chart, result, "presence-values")
    if matches:
        return matches[0].target if len(matches) == 1 else "", "read from text" if in_words(result) else ""
    if (given := quantity(result.holder.get("valueQuantity"))) is not None and given.unit == "%":
        status = _by_share(Amount(low=given.value, high=given.value, comparator=given.comparator))
        return status, f"{POSITIVE_FROM_PERCENT} % or more is positive"
    if (text := in_words(result)) and (status := _in_words(chart, result, text)):
        say_in_words(chart, result)
        return status, "read from text"
    return interpreted(chart, result), ""


def _in_words(chart: Chart, result: Result, text: str) -> str:
    """A word, a share, both when they agree, or a score that sums them up."""
    status = said_in_words(chart, result, "presence-values", text)
    if status or (status := summed_score(text)):
        return status
    if (share := share_in(text)) is not None:
        return _by_share(share)
    if (both := words_and_share(text)) is not None:
        word = said_in_words(chart, result, "presence-values", both[0])
        return word if word == _by_share(both[1]) else ""
    return ""


def _by_share(share: Amount) -> str:
    """Whether a share is one of a positive receptor; empty when it may be either or cannot be."""
    if not 0 <= share.low <= share.high <= 100:
        return ""
    if share.low >= POSITIVE_FROM_PERCENT and not share.comparator.startswith("<"):
        return "positive"
    if share.high < POSITIVE_FROM_PERCENT and not share.comparator.startswith(">"):
        return "negative"
    return "negative" if share.comparator == "<" and share.high <= POSITIVE_FROM_PERCENT else ""
