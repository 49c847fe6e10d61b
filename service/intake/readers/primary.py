"""The primary: that it is one of the breast, since when, and what its conditions carry of pathology and stage."""

from __future__ import annotations

from rulesets.facts import tumour
from rulesets.record import Fact
from service.intake.chart import Chart
from service.intake.elements import extensions, objects
from service.intake.moments import Moment, observed
from service.intake.readers.findings import BREAST, DISTANT, Finding, source_of
from service.intake.readers.staging import state_m_category, state_stage

_DAYS_OF_A_YEAR = 365.25
_HISTOLOGY = ("histology-morphology-behavior", "histology-morphology-behavior-icdo3")
"""The extension for the histology of a cancer, of mCODE and of the German profile."""


def read(chart: Chart, findings: list[Finding]) -> Finding | None:
    """States the primary, and gives back the breast cancer whose diagnosis counts, when it is one."""
    breast = [finding for finding in findings if finding.targets & BREAST]
    certain = [finding for finding in breast if not finding.tentative]
    others = [finding for finding in findings if "other_primary" in finding.targets and not finding.tentative]
    for finding in certain:
        chart.state("tumour.is_breast_primary", True, source_of(chart, finding, finding.match(*BREAST)), finding.onset)
    if not breast:
        for finding in others:
            source = source_of(chart, finding, finding.match("other_primary"))
            chart.state("tumour.is_breast_primary", False, source, finding.onset)
    if certain and others:
        text = "Another primary cancer is recorded too; metastases were taken to be of the breast cancer."
        chart.say("several-primaries", text, others[0].entry, "code")
    primary = _that_counts(chart, certain, findings)
    if primary is not None:
        chart.diagnosed = primary.onset
        _read_years(chart, primary)
    return primary


def read_pathology(chart: Chart, finding: Finding) -> None:
    """Histology, stage and receptors that a condition itself carries."""
    if finding.tentative or finding.entry.reference in chart.other_primaries:
        return
    _read_receptors(chart, finding)
    if not finding.targets & BREAST and "malignancy_unspecified" not in finding.targets:
        return
    entry, at = finding.entry, finding.onset
    sources = [(entry.resource.get("code"), "code")]
    for extension in extensions(entry.resource, *_HISTOLOGY):
        sources.append((extension.get("valueCodeableConcept"), "extension.valueCodeableConcept"))
    for codeable, element in sources:
        for match in chart.matches("histology", codeable, entry, element):
            chart.state("tumour.histology", match.target, source_of(chart, finding, match, element))
    for position, stage in enumerate(objects(entry.resource, "stage")):
        element = f"stage[{position}].summary"
        assessed = [
            observed(found.resource)[0] for one in objects(stage, "assessment") if (found := chart.find(one, entry))
        ]
        when = next((each for each in assessed if each is not None), at)
        for match in chart.matches("stage-values", stage.get("summary"), entry, element):
            state_stage(chart, match, source_of(chart, finding, match, element), when)
        for match in chart.matches("m-values", stage.get("summary"), entry, element):
            state_m_category(chart, match, source_of(chart, finding, match, element), when)
    if (advanced := finding.match("locally_advanced")) is not None:
        chart.state("tumour.locally_advanced", True, source_of(chart, finding, advanced), at)


def _read_receptors(chart: Chart, finding: Finding) -> None:
    entry, at = finding.entry, finding.onset
    for match in chart.matches("condition-receptors", entry.resource.get("code"), entry, "code"):
        receptor, _, status = match.target.rpartition("_")
        if match.target == "brca_mutated":
            chart.state("tumour.brca_mutated", True, source_of(chart, finding, match), at)
        elif receptor in ("er", "pr", "her2"):
            chart.state(f"tumour.{receptor}_primary", status, source_of(chart, finding, match), at)
        else:
            chart.say("imprecise", "It does not tell the oestrogen from the progesterone receptor.", entry, "code")


# --- which primary -------------------------------------------------------------------------------------


def _that_counts(chart: Chart, certain: list[Finding], findings: list[Finding]) -> Finding | None:
    """The breast cancer diagnosed first, or the one that metastases say they come from.

    Two of different breasts, of which metastases name neither, leave open when the one that spread began.
    """
    primaries = [one for one in certain if "breast_primary" in one.targets]
    named = {cause.reference for one in findings if one.targets & DISTANT for cause in one.causes}
    linked = [one for one in primaries if one.entry.reference in named]
    if linked:
        chart.other_primaries = frozenset(one.entry.reference for one in primaries if one not in linked)
        primaries = linked
    dated = [one for one in primaries if one.onset is not None and not one.recurs] or [
        one for one in primaries if one.onset is not None
    ]
    told = [one for one in dated if one.onset_element != "recordedDate"] or dated
    if len({one.side for one in told} - {""}) > 1 and len({one.onset for one in told}) > 1:
        if any(one.targets & DISTANT for one in findings):
            text = "Both breasts had a cancer, and the metastases do not say which they come from."
            chart.say("several-primaries", text, told[0].entry, "bodySite")
        return None
    return min(told, key=first_day, default=None)


def first_day(finding: Finding) -> tuple[int, str]:
    assert finding.onset is not None
    return finding.onset.first.toordinal(), finding.entry.reference


def _read_years(chart: Chart, primary: Finding) -> None:
    """The years since a diagnosis of which the day is told; a date of entry tells none."""
    day = chart.day(primary.onset)
    if day is None or day > 0 or primary.onset_element == "recordedDate":
        return
    source = chart.source(
        primary.entry, primary.onset_element, at=primary.onset, value=_text(primary.onset), conversion="days / 365.25"
    )
    fact = Fact(name=tumour.years_since_diagnosis.name, value=round(-day / _DAYS_OF_A_YEAR, 2), sources=(source,))
    chart.bounds[fact.name] = fact


def _text(at: Moment | None) -> str:
    return "" if at is None else at.text
