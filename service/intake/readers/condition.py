"""Condition: the primary cancer, its metastases and where they are, and what they lead to.

A metastasis that is resolved was treated: it is history and no longer counted, while a primary in
remission is still the primary.
"""

from __future__ import annotations

from dataclasses import dataclass

from rulesets.record import Member
from service.intake.chart import Chart
from service.intake.readers import primary
from service.intake.readers.findings import DISTANT, ORGANS, Finding, finding_in, source_of
from service.intake.readers.lesions import bound_counts, lesions_of, one_per_place


@dataclass(frozen=True, kw_only=True)
class Conditions:
    """The conditions that mean something, and the breast cancer whose diagnosis counts."""

    findings: tuple[Finding, ...]
    primary: Finding | None


def read(chart: Chart) -> Conditions:
    findings = [finding for entry in chart.of("Condition") if (finding := finding_in(chart, entry)) is not None]
    found = primary.read(chart, findings)
    lesions: list[Member] = []
    for finding in findings:
        primary.read_pathology(chart, finding)
        _read_metastasis(chart, finding)
        _read_consequences(chart, finding)
        lesions += lesions_of(chart, finding)
    chart.lesions += one_per_place(chart, lesions)
    bound_counts(chart)
    return Conditions(findings=tuple(findings), primary=found)


def _read_metastasis(chart: Chart, finding: Finding) -> None:
    distant = [match for match in finding.matches if match.target in DISTANT]
    if not distant:
        if "lymph_nodes" in finding.targets:
            text = "It does not say whether the nodes are regional or distant; it was not counted as distant."
            chart.say("imprecise", text, finding.entry, "code")
        return
    if finding.over:
        text = "This metastasis is no longer active; it was kept out of the present extent."
        chart.say("not-active", text, finding.entry, "clinicalStatus")
        return
    for match in distant:
        source = source_of(chart, finding, match)
        status = "suspected" if finding.tentative else "confirmed"
        chart.state("mets.status", status, source, finding.onset, standing=True)
        if match.target in ORGANS and not finding.tentative:
            chart.state(f"mets.organ.{ORGANS[match.target]}", "present", source, finding.onset, standing=True)


def _read_consequences(chart: Chart, finding: Finding) -> None:
    if (match := finding.match("sarcoidosis")) is not None:
        chart.state("patient.sarcoidosis", True, source_of(chart, finding, match), finding.onset)
    if (match := finding.match("bone_pain")) is not None and not finding.over and not finding.tentative:
        chart.state("patient.bone_pain", True, source_of(chart, finding, match), finding.onset)
