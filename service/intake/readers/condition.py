"""Condition: the primary cancer, its metastases and where they are, and what they lead to.

A metastasis that is resolved was treated: it is history and no longer counted, while a primary in
remission is still the primary.
"""

from __future__ import annotations

from rulesets.record import Member
from service.intake.chart import Chart, extensions, objects
from service.intake.moments import observed
from service.intake.readers import onset
from service.intake.readers.findings import BREAST, DISTANT, ORGANS, Finding, finding_in, source_of
from service.intake.readers.lesions import bound_counts, lesions_of, one_per_site
from service.intake.readers.staging import state_stage


def read(chart: Chart) -> None:
    findings = [finding for entry in chart.of("Condition") if (finding := finding_in(chart, entry)) is not None]
    _read_primary(chart, findings)
    lesions: list[Member] = []
    for finding in findings:
        _read_pathology(chart, finding)
        _read_metastasis(chart, finding)
        _read_consequences(chart, finding)
        lesions += lesions_of(chart, finding)
    chart.lesions += one_per_site(lesions)
    bound_counts(chart)
    onset.read(chart, findings)


def _read_primary(chart: Chart, findings: list[Finding]) -> None:
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


def _read_pathology(chart: Chart, finding: Finding) -> None:
    """Histology, stage and receptors that a condition itself carries."""
    if finding.tentative:
        return
    entry, at = finding.entry, finding.onset
    resource = entry.resource
    is_breast = bool(finding.targets & BREAST) or "malignancy_unspecified" in finding.targets
    for match in chart.matches("condition-receptors", resource.get("code"), entry, "code"):
        receptor, _, status = match.target.rpartition("_")
        if match.target == "brca_mutated":
            chart.state("tumour.brca_mutated", True, source_of(chart, finding, match), at)
        elif receptor in ("er", "pr", "her2"):
            chart.state(f"tumour.{receptor}_primary", status, source_of(chart, finding, match), at)
        else:
            chart.say("imprecise", "It does not tell the oestrogen from the progesterone receptor.", entry, "code")
    if not is_breast:
        return
    sources = [(resource.get("code"), "code")]
    for extension in extensions(resource, "histology-morphology-behavior"):
        sources.append((extension.get("valueCodeableConcept"), "extension.valueCodeableConcept"))
    for codeable, element in sources:
        for match in chart.matches("histology", codeable, entry, element):
            chart.state("tumour.histology", match.target, source_of(chart, finding, match, element))
    for position, stage in enumerate(objects(resource, "stage")):
        element = f"stage[{position}].summary"
        assessed = [
            observed(found.resource)[0] for one in objects(stage, "assessment") if (found := chart.find(one, entry))
        ]
        when = next((each for each in assessed if each is not None), at)
        for match in chart.matches("stage-values", stage.get("summary"), entry, element):
            state_stage(chart, match, source_of(chart, finding, match, element), when)
        for match in chart.matches("m-values", stage.get("summary"), entry, element):
            status = "confirmed" if match.target == "m1" else "none"
            chart.state("mets.status", status, source_of(chart, finding, match, element), when)
    if (advanced := finding.match("locally_advanced")) is not None:
        chart.state("tumour.locally_advanced", True, source_of(chart, finding, advanced), at)


# --- metastases ------------------------------------------------------------------------------------


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
