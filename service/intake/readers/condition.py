"""Condition: the primary cancer, its metastases and where they are, and what they lead to.

A condition that is unconfirmed is suspected; one that is refuted is nothing. A metastasis that is
resolved was treated: it is history and no longer counted, while a primary in remission is still
the primary.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import chain

from rulesets.language import Interval
from rulesets.record import Fact, Member, Source
from service.intake.chart import Chart, members
from service.intake.elements import extensions, objects
from service.intake.entries import Entry
from service.intake.moments import Moment, bounds, moment, observed
from service.intake.terminology import Match

BREAST = frozenset({"breast_primary", "breast_recurrence", "breast_history"})
ORGANS: Mapping[str, str] = {
    "bone": "bone", "bone_marrow": "bone", "liver": "liver", "lung": "lung", "brain": "brain",
    "other_visceral": "other_visceral", "distant_nodes": "distant_nodes", "soft_tissue": "soft_tissue",
}  # fmt: skip
"""Sites of a distant metastasis by the organ they are counted under; marrow is skeletal disease."""

_NOT_DISTANT = frozenset({"regional_nodes", "lymph_nodes", "breast"})
_DISTANT = frozenset(ORGANS) | {"unspecified"}
_OVER = frozenset({"resolved", "inactive", "remission"})
_TENTATIVE = frozenset({"unconfirmed", "provisional", "differential"})
_CLINICAL = frozenset({"active", "recurrence", "relapse"}) | _OVER
_VERIFICATION = frozenset({"confirmed", "refuted", "entered-in-error"}) | _TENTATIVE
_CERTAINTIES: Mapping[str, str] = {"A": "refuted", "V": "unconfirmed"}
"""The German mark of how certain a diagnosis is, on its coding: excluded and suspected (Z is: after it)."""
_CAUSES = ("condition-related", "related-primary-cancer-condition", "occurredFollowing", "condition-dueTo")
"""Extensions by which a metastasis names the cancer it comes from."""


@dataclass(frozen=True, kw_only=True)
class Finding:
    """A condition that means something here: what its code stands for, and whether it is so now."""

    entry: Entry
    matches: tuple[Match, ...]
    tentative: bool
    over: bool
    onset: Moment | None
    onset_element: str

    @property
    def targets(self) -> frozenset[str]:
        return frozenset(match.target for match in self.matches)

    def match(self, *targets: str) -> Match | None:
        return next((match for match in self.matches if match.target in targets), None)


def read(chart: Chart) -> None:
    findings = [finding for entry in chart.of("Condition") if (finding := _finding(chart, entry)) is not None]
    _read_primary(chart, findings)
    lesions: list[Member] = []
    for finding in findings:
        _read_metastasis(chart, finding)
        _read_consequences(chart, finding)
        lesions += _lesions(chart, finding)
    chart.lesions += one_per_site(lesions)
    _read_counts(chart, findings)
    _read_interval(chart, findings)


def _finding(chart: Chart, entry: Entry) -> Finding | None:
    resource = entry.resource
    code = resource.get("code")
    matches = chart.matches("conditions", code, entry, "code")
    others = (
        chart.matches("condition-receptors", code, entry, "code"),
        chart.matches("histology", code, entry, "code"),
        chart.matches("bone-sites", code, entry, "code"),
    )
    if not matches and not any(others):
        return None
    if not chart.is_valid(entry):
        return None
    certainty = _certainty(resource)
    verification = _CERTAINTIES.get(certainty, _status(resource, "verificationStatus", _VERIFICATION))
    if verification in ("refuted", "entered-in-error"):
        return None
    if not verification:
        text = "It has no verification status that is understood and was taken as confirmed."
        chart.say("unverified", text, entry, "verificationStatus")
    onset, element = _onset(entry)
    if chart.is_future(onset):
        chart.say("future", "It is dated after the evaluation date; it was left out.", entry, element)
        return None
    ended = moment(resource.get("abatementDateTime")) or bounds(resource.get("abatementPeriod"))[1]
    abated = any(key.startswith("abatement") for key in resource) and not chart.is_future(ended)
    clinical = _status(resource, "clinicalStatus", _CLINICAL)
    finding = Finding(
        entry=entry,
        matches=_of_its_cancer(chart, entry, _with_site(chart, entry, matches)),
        tentative=verification in _TENTATIVE,
        over=clinical in _OVER or (not clinical and (abated or certainty == "Z")),
        onset=onset,
        onset_element=element,
    )
    _read_pathology(chart, finding)
    return finding


def _status(resource: Mapping[str, object], element: str, allowed: frozenset[str]) -> str:
    """A status by any of its codings, for a hospital's own often comes first; its text only when it has no coding."""
    for concept in objects(resource, element):
        codings = objects(concept, "coding")
        said = [coding.get("code") for coding in codings] or [concept.get("text")]
        for word in said:
            if isinstance(word, str) and (folded := word.strip().lower()) in allowed:
                return folded
    return ""


def _certainty(resource: Mapping[str, object]) -> str:
    for coding in objects(resource.get("code"), "coding"):
        for extension in extensions(coding, "diagnosesicherheit"):
            value = extension.get("valueCoding")
            if isinstance(value, Mapping) and isinstance(value.get("code"), str):
                return str(value["code"])
    return ""


def _of_its_cancer(chart: Chart, entry: Entry, matches: tuple[Match, ...]) -> tuple[Match, ...]:
    """The meanings without the metastasis when the condition says that it comes from another cancer."""
    causes = [
        cause
        for extension in extensions(entry.resource, *_CAUSES)
        if (cause := chart.find(extension.get("valueReference"), entry)) is not None and cause.kind == "Condition"
    ]
    targets = [chart.targets("conditions", cause.resource.get("code"), cause, "code") for cause in causes]
    if not any(one == {"other_primary"} for one in targets) or any(one & BREAST for one in targets):
        return matches
    kept = tuple(match for match in matches if match.target not in _DISTANT)
    if kept != matches:
        chart.say("other-cancer", "It comes from another cancer; it was left out.", entry, "extension")
    return kept


def _with_site(chart: Chart, entry: Entry, matches: tuple[Match, ...]) -> tuple[Match, ...]:
    """The meaning of a code that leaves the site open, with the site its bodySite names."""
    targets = {match.target for match in matches}
    if not targets & {"unspecified", "malignancy_unspecified"}:
        return matches
    places = objects(entry.resource, "bodySite")
    sites = list(chain.from_iterable(chart.matches("body-sites", place, entry, "bodySite") for place in places))
    if "unspecified" in targets:
        refined = tuple(site for site in sites if site.target in ORGANS or site.target in _NOT_DISTANT)
    else:
        refined = tuple(replace(site, target="breast_primary") for site in sites if site.target == "breast")
        if sites and not refined:
            # A cancer of another place, or a spread of some cancer: nothing it carries is of the breast cancer.
            text = "It is a malignancy elsewhere than in the breast; it was left out."
            chart.say("imprecise", text, entry, "bodySite")
            return tuple(match for match in matches if match.target != "malignancy_unspecified")
    if not refined:
        return matches
    return (*(match for match in matches if match.target not in ("unspecified", "malignancy_unspecified")), *refined)


def _onset(entry: Entry) -> tuple[Moment | None, str]:
    resource = entry.resource
    if (at := moment(resource.get("onsetDateTime"))) is not None:
        return at, "onsetDateTime"
    if (at := bounds(resource.get("onsetPeriod"))[0]) is not None:
        return at, "onsetPeriod.start"
    for extension in extensions(resource, "condition-assertedDate"):
        if (at := moment(extension.get("valueDateTime"))) is not None:
            return at, "extension.valueDateTime"
    return moment(resource.get("recordedDate")), "recordedDate"


def _source(chart: Chart, finding: Finding, match: Match | None, element: str = "code", conversion: str = "") -> Source:
    return chart.source(finding.entry, element, match=match, at=finding.onset, conversion=conversion)


# --- the primary ---------------------------------------------------------------------------------


def _read_primary(chart: Chart, findings: list[Finding]) -> None:
    breast = [finding for finding in findings if finding.targets & BREAST]
    certain = [finding for finding in breast if not finding.tentative]
    others = [finding for finding in findings if "other_primary" in finding.targets and not finding.tentative]
    for finding in certain:
        chart.state("tumour.is_breast_primary", True, _source(chart, finding, finding.match(*BREAST)), finding.onset)
    if not breast:
        for finding in others:
            source = _source(chart, finding, finding.match("other_primary"))
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
            chart.state("tumour.brca_mutated", True, _source(chart, finding, match), at)
        elif receptor in ("er", "pr", "her2"):
            chart.state(f"tumour.{receptor}_primary", status, _source(chart, finding, match), at)
        else:
            chart.say("imprecise", "It does not tell the oestrogen from the progesterone receptor.", entry, "code")
    if not is_breast:
        return
    sources = [(resource.get("code"), "code")]
    for extension in extensions(resource, "histology-morphology-behavior"):
        sources.append((extension.get("valueCodeableConcept"), "extension.valueCodeableConcept"))
    for codeable, element in sources:
        for match in chart.matches("histology", codeable, entry, element):
            chart.state("tumour.histology", match.target, _source(chart, finding, match, element))
    for position, stage in enumerate(objects(resource, "stage")):
        element = f"stage[{position}].summary"
        assessed = [
            observed(found.resource)[0] for one in objects(stage, "assessment") if (found := chart.find(one, entry))
        ]
        when = next((each for each in assessed if each is not None), at)
        for match in chart.matches("stage-values", stage.get("summary"), entry, element):
            state_stage(chart, match, _source(chart, finding, match, element), when)
        for match in chart.matches("m-values", stage.get("summary"), entry, element):
            status = "confirmed" if match.target == "m1" else "none"
            chart.state("mets.status", status, _source(chart, finding, match, element), when)
    if (advanced := finding.match("locally_advanced")) is not None:
        chart.state("tumour.locally_advanced", True, _source(chart, finding, advanced), at)


def state_stage(chart: Chart, match: Match, source: Source, at: Moment | None, *, preliminary: bool = False) -> None:
    """A stage group: stage III without a letter is locally advanced and no more."""
    if match.target != "III":
        chart.state("tumour.stage", match.target, source, at, preliminary=preliminary)
    if match.target.startswith("III"):
        chart.state("tumour.locally_advanced", True, source, at, preliminary=preliminary)
    if match.target == "IV":
        chart.state("mets.status", "confirmed", source, at, preliminary=preliminary)


# --- metastases ------------------------------------------------------------------------------------


def _read_metastasis(chart: Chart, finding: Finding) -> None:
    distant = [match for match in finding.matches if match.target in _DISTANT]
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
        source = _source(chart, finding, match)
        status = "suspected" if finding.tentative else "confirmed"
        chart.state("mets.status", status, source, finding.onset, standing=True)
        if match.target in ORGANS and not finding.tentative:
            chart.state(f"mets.organ.{ORGANS[match.target]}", "present", source, finding.onset, standing=True)


def _read_consequences(chart: Chart, finding: Finding) -> None:
    if (match := finding.match("sarcoidosis")) is not None:
        chart.state("patient.sarcoidosis", True, _source(chart, finding, match), finding.onset)
    if (match := finding.match("bone_pain")) is not None and not finding.over and not finding.tentative:
        chart.state("patient.bone_pain", True, _source(chart, finding, match), finding.onset)


def _lesions(chart: Chart, finding: Finding) -> list[Member]:
    """The lesions a condition speaks of: one per skeletal site it names."""
    entry, at = finding.entry, finding.onset
    if finding.over:
        return []
    shared: dict[str, Fact] = {}
    if (match := finding.match("bone")) is not None:
        status = "suspected" if finding.tentative else "confirmed"
        _add(chart, shared, "lesion.status", status, _source(chart, finding, match), at)
    if (match := finding.match("pathological_fracture")) is not None and not finding.tentative:
        _add(chart, shared, "lesion.fracture", "fractured", _source(chart, finding, match), at)
    if (match := finding.match("cord_compression", "myelopathy")) is not None:
        certain = match.target == "cord_compression" and not finding.tentative
        state = "confirmed" if certain else "suspected"
        _add(chart, shared, "lesion.cord_compression", state, _source(chart, finding, match), at)
    if not shared:
        return []
    sites: dict[str, Source] = {}
    for match in chart.matches("bone-sites", entry.resource.get("code"), entry, "code"):
        sites.setdefault(match.target, _source(chart, finding, match))
    for position, place in enumerate(objects(entry.resource, "bodySite")):
        for match in chart.matches("bone-sites", place, entry, f"bodySite[{position}]"):
            sites.setdefault(match.target, _source(chart, finding, match, f"bodySite[{position}]"))
    if not sites:
        # Bone without a place is no lesion of its own: it may be any of those that have one.
        return [] if set(shared) == {"lesion.status"} else [Member(key=entry.reference, facts=members(shared))]
    found = []
    for site, source in sorted(sites.items()):
        facts = dict(shared)
        _add(chart, facts, "lesion.site", site, source, at)
        key = entry.reference if len(sites) == 1 else f"{entry.reference}#{site}"
        found.append(Member(key=key, facts=members(facts)))
    return found


def _add(chart: Chart, facts: dict[str, Fact], name: str, value: str, source: Source, at: Moment | None) -> None:
    if (fact := chart.fact(name, value, source, at)) is not None:
        facts[name] = fact


_MOST_GRAVE = {"confirmed": 2, "fractured": 2, "suspected": 1, "impending": 1}


def one_per_site(lesions: list[Member]) -> list[Member]:
    """One lesion per skeletal site, for two codes of one site may be one lesion; the graver word counts."""
    by_site: dict[str, list[Member]] = {}
    for lesion in sorted(lesions, key=lambda member: member.key):
        site = lesion.facts.get("lesion.site")
        by_site.setdefault(f"site {site.value}" if site is not None else lesion.key, []).append(lesion)
    found = []
    for same in by_site.values():
        facts: dict[str, Fact] = {}
        for lesion in same:
            for name, fact in lesion.facts.items():
                held = facts.get(name)
                if held is None:
                    facts[name] = fact
                elif held.value == fact.value:
                    facts[name] = replace(held, sources=(*held.sources, *fact.sources))
                elif _MOST_GRAVE.get(str(fact.value), 0) > _MOST_GRAVE.get(str(held.value), 0):
                    facts[name] = fact
        found.append(Member(key=same[0].key, facts=members(facts)))
    return sorted(found, key=lambda member: member.key)


def _read_counts(chart: Chart, findings: list[Finding]) -> None:
    """Lower bounds of the number of bone lesions: sites that cannot be the same place."""
    sites: dict[str, Source] = {}
    for lesion in chart.lesions:
        site, status = lesion.facts.get("lesion.site"), lesion.facts.get("lesion.status")
        if site is not None and status is not None and status.value == "confirmed":
            sites.setdefault(str(site.value), site.sources[0])
    # The sacrum is part of spine and pelvis, and other_bone may be any bone.
    apart = set(sites) - {"other_bone"}
    if apart & {"vertebra", "pelvis"}:
        apart -= {"sacrum"}
    if len(apart) > 1:
        _state_bound(chart, "mets.bone_lesion_count", len(apart), [sites[site] for site in sorted(apart)])
    spinal = [sites[site] for site in ("sacrum", "vertebra") if site in sites]
    if spinal:
        _state_bound(chart, "mets.spinal_lesion_count", 1, spinal)


def _state_bound(chart: Chart, name: str, least: int, sources: list[Source]) -> None:
    chart.bounds[name] = Fact(name=name, value=Interval(lo=least), sources=tuple(sources))


def _read_interval(chart: Chart, findings: list[Finding]) -> None:
    """Days from the first diagnosis of the breast cancer to the first distant metastasis."""
    primaries = [one for one in findings if "breast_primary" in one.targets and not one.tentative and one.onset]
    metastases = [one for one in findings if one.targets & _DISTANT and not one.tentative and one.onset]
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
