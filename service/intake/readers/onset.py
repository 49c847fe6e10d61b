"""When the disease spread: the days from the first diagnosis of the breast cancer to the first distant metastasis."""

from __future__ import annotations

from dataclasses import replace

from service.intake.chart import Chart
from service.intake.readers.findings import DISTANT, Finding


def read(chart: Chart, findings: list[Finding]) -> None:
    """Days from the first diagnosis of the breast cancer to the first distant metastasis."""
    primaries = [one for one in findings if "breast_primary" in one.targets and not one.tentative and one.onset]
    metastases = [one for one in findings if one.targets & DISTANT and not one.tentative and one.onset]
    if not primaries or not metastases:
        return
    primary, metastasis = (min(group, key=_first_day) for group in (primaries, metastases))
    assert primary.onset is not None and metastasis.onset is not None
    begun, spread = primary.onset.day, metastasis.onset.day
    if begun is None or spread is None:
        text = "The dates of the primary and the metastasis are not precise enough to tell the days between them."
        chart.say("imprecise", text, metastasis.entry, metastasis.onset_element)
        return
    entered = [one for one in (primary, metastasis) if one.onset_element == "recordedDate"]
    for one in entered:
        if any(key.startswith("onset") for key in one.entry.resource):
            text = "It has an onset that is no date, so the date of entry is not the date of diagnosis."
            chart.say("imprecise", text, one.entry, "onset")
            return
    if entered and begun == spread:
        text = "Both conditions have the same date of entry, which does not tell when they began."
        chart.say("imprecise", text, metastasis.entry, "recordedDate")
        return
    for one in entered:
        chart.say("recorded-date", "The date of entry was taken for the date of diagnosis.", one.entry, "recordedDate")
    if spread < begun:
        text = "The metastasis is dated before the primary; the days between them were left out."
        chart.say("value", text, metastasis.entry, metastasis.onset_element)
        return
    days = f"days from {primary.entry.reference}"
    value = metastasis.onset.text
    source = chart.source(metastasis.entry, metastasis.onset_element, at=metastasis.onset, value=value, conversion=days)
    also = chart.source(primary.entry, primary.onset_element, at=primary.onset, value=primary.onset.text)
    fact = chart.fact("mets.days_from_primary", (spread - begun).days, source)
    if fact is not None:
        chart.bounds[fact.name] = replace(fact, sources=(source, also))


def _first_day(finding: Finding) -> tuple[int, str]:
    assert finding.onset is not None
    return finding.onset.first.toordinal(), finding.entry.reference
