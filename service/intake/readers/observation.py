"""Observation: which reader a result goes to, by what its code asks."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from service.intake.chart import Chart
from service.intake.elements import word
from service.intake.entries import Entry
from service.intake.moments import Moment
from service.intake.readers import measurements, tumour
from service.intake.readers.results import Meant, Result, known, observed_at, results_of

_READERS: Mapping[str, Callable[[Chart, Result], None]] = {**measurements.READERS, **tumour.READERS}

LATEST_COUNTS = frozenset({"haemoglobin", "ecog"})
"""What is measured again and again, and only the latest result counts."""

READ_AGAIN = frozenset({"m_category"})
"""What other readers read as well."""


def read(chart: Chart) -> list[Result]:
    """States the facts of ordinary results and gives back those that other readers read together."""
    left: list[Result] = []
    series: dict[str, list[tuple[Entry, Meant]]] = {}
    for entry, meant in known(chart, "observations"):
        if len(meant) == 1 and meant[0][2].target in LATEST_COUNTS:
            series.setdefault(meant[0][2].target, []).append((entry, meant))
        else:
            left += _read(chart, entry, meant)
    for same in series.values():
        _read_latest(chart, same)
    return left


def _read(chart: Chart, entry: Entry, meant: Meant) -> list[Result]:
    left = []
    for result in results_of(chart, entry, meant):
        reader = _READERS.get(result.meaning)
        if reader is not None:
            reader(chart, result)
        if reader is None or result.meaning in READ_AGAIN:
            left.append(result)
    return left


def _read_latest(chart: Chart, series: list[tuple[Entry, Meant]]) -> None:
    """Reads measurements of one thing from the newest on, until one counts that all others are older than.

    A chart may hold hundreds; to validate those that cannot count would cost more than all the rest.
    """
    dated = [(observed_at(chart, entry)[0], entry, meant) for entry, meant in series]
    dated.sort(key=lambda one: (one[0] is None, -one[0].last.toordinal() if one[0] else 0, one[1].reference))
    counts: Moment | None = None
    for at, entry, meant in dated:
        if counts is not None and (at is None or at.is_before(counts)):
            continue
        before = len(chart.statements)
        _read(chart, entry, meant)
        if counts is None and len(chart.statements) > before and word(entry.resource, "status") != "preliminary":
            counts = at
