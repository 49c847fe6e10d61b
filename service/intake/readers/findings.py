"""What a condition means here: what its code stands for, how certain it is, whether it is so now and since when.

A condition that is unconfirmed is suspected; one that is refuted is nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import chain

from rulesets.record import Source
from service.intake.chart import Chart
from service.intake.elements import extensions, objects
from service.intake.entries import Entry
from service.intake.moments import Moment, bounds, moment
from service.intake.readers.places import side_of
from service.intake.terminology import Coding, Match

BREAST = frozenset({"breast_primary", "breast_recurrence", "breast_history"})
ORGANS: Mapping[str, str] = {
    "bone": "bone", "bone_marrow": "bone", "liver": "liver", "lung": "lung", "brain": "brain",
    "other_visceral": "other_visceral", "distant_nodes": "distant_nodes", "soft_tissue": "soft_tissue",
}  # fmt: skip
"""Sites of a distant metastasis by the organ they are counted under; marrow is skeletal disease."""

_NOT_DISTANT = frozenset({"regional_nodes", "lymph_nodes", "breast"})
DISTANT = frozenset(ORGANS) | {"unspecified"}
_OVER = frozenset({"resolved", "inactive", "remission"})
_TENTATIVE = frozenset({"unconfirmed", "provisional", "differential"})
_RECURS = frozenset({"recurrence", "relapse"})
_CLINICAL = frozenset({"active"}) | _RECURS | _OVER
_VERIFICATION = frozenset({"confirmed", "refuted", "entered-in-error"}) | _TENTATIVE
_CERTAINTIES: Mapping[str, str] = {"A": "refuted", "V": "unconfirmed"}
"""The German mark of how certain a diagnosis is, on its coding: excluded and suspected (Z is: after it)."""
_CAUSES = ("condition-related", "related-primary-cancer-condition", "occurredFollowing", "condition-dueTo")
"""Extensions by which a metastasis names the cancer it comes from."""


@dataclass(frozen=True, kw_only=True)
class Finding:
    """A condition that means something here: what its code stands for, and whether it is so now.

    ``sited`` are the codings of its body site that say more than its code does. ``recurs`` says that it has
    come back, ``causes`` are the conditions it comes from, ``side`` is left, right or unknown.
    """

    entry: Entry
    matches: tuple[Match, ...]
    sited: frozenset[Coding]
    tentative: bool
    over: bool
    recurs: bool
    causes: tuple[Entry, ...]
    side: str
    onset: Moment | None
    onset_element: str

    @property
    def targets(self) -> frozenset[str]:
        return frozenset(match.target for match in self.matches)

    def match(self, *targets: str) -> Match | None:
        return next((match for match in self.matches if match.target in targets), None)


def finding_in(chart: Chart, entry: Entry) -> Finding | None:
    resource = entry.resource
    code = resource.get("code")
    matches = _of_one_cancer(chart, entry, chart.matches("conditions", code, entry, "code"))
    matches = _of_one_organ(chart, entry, matches)
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
    is_said = bool(objects(resource, "verificationStatus"))
    if not verification:
        taken = "unconfirmed: what it says is not understood" if is_said else "confirmed: it has none"
        chart.say("unverified", f"Its verification status was taken as {taken}.", entry, "verificationStatus")
    onset, element = _onset(entry)
    if chart.is_future(onset):
        chart.say("future", "It is dated after the evaluation date; it was left out.", entry, element)
        return None
    ended = moment(resource.get("abatementDateTime")) or bounds(resource.get("abatementPeriod"))[1]
    abated = any(key.startswith("abatement") for key in resource) and not chart.is_future(ended)
    clinical = _status(resource, "clinicalStatus", _CLINICAL)
    refined = _with_site(chart, entry, matches)
    causes = tuple(_causes(chart, entry))
    return Finding(
        entry=entry,
        matches=_of_its_cancer(chart, entry, refined, causes),
        sited=frozenset(match.coding for match in refined) - {match.coding for match in matches},
        tentative=verification in _TENTATIVE or (is_said and not verification),
        over=clinical in _OVER or (not clinical and (abated or certainty == "Z")),
        recurs=clinical in _RECURS,
        causes=causes,
        side=_side(chart, entry),
        onset=onset,
        onset_element=element,
    )


def _status(resource: Mapping[str, object], element: str, allowed: frozenset[str]) -> str:
    """A status by any of its codings, for a hospital's own often comes first; else by its words."""
    for concept in objects(resource, element):
        codings = objects(concept, "coding")
        codes = [coding.get("code") for coding in codings]
        for word in (*codes, *(coding.get("display") for coding in codings), concept.get("text")):
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


def _of_one_cancer(chart: Chart, entry: Entry, matches: tuple[Match, ...]) -> tuple[Match, ...]:
    """The meanings, without the primary when one code of the concept names the breast and another a different organ."""
    primaries = BREAST | {"other_primary"}
    if not {"other_primary"} < {match.target for match in matches} & primaries:
        return matches
    chart.say("codes-disagree", "Its codes name different primary cancers; neither was read.", entry, "code")
    return tuple(match for match in matches if match.target not in primaries)


def _of_one_organ(chart: Chart, entry: Entry, matches: tuple[Match, ...]) -> tuple[Match, ...]:
    """The meanings, without an organ when two codes of the one concept name different ones."""
    organs: dict[Coding, set[str]] = {}
    for match in matches:
        if match.target in ORGANS:
            organs.setdefault(match.coding, set()).add(ORGANS[match.target])
    if len(organs) < 2 or set.intersection(*organs.values()):
        return matches
    text = "Its codes name different organs, so where the metastasis is is unknown."
    chart.say("codes-disagree", text, entry, "code")
    first = next(match for match in matches if match.target in ORGANS)
    return (*(match for match in matches if match.target not in ORGANS), replace(first, target="unspecified"))


def _causes(chart: Chart, entry: Entry) -> Iterator[Entry]:
    for extension in extensions(entry.resource, *_CAUSES):
        cause = chart.find(extension.get("valueReference"), entry)
        if cause is not None and cause.kind == "Condition":
            yield cause


def _side(chart: Chart, entry: Entry) -> str:
    """The side that its code or its body sites name; empty unless it is one."""
    named = {side_of(chart, entry.resource.get("code"), entry, "code")}
    named |= {side_of(chart, site, entry, "bodySite") for site in objects(entry.resource, "bodySite")}
    named -= {""}
    return named.pop() if len(named) == 1 else ""


def _of_its_cancer(
    chart: Chart, entry: Entry, matches: tuple[Match, ...], causes: tuple[Entry, ...]
) -> tuple[Match, ...]:
    """The meanings without the metastasis when the condition says that it comes from another cancer."""
    targets = [chart.targets("conditions", cause.resource.get("code"), cause, "code") for cause in causes]
    if not any(one == {"other_primary"} for one in targets) or any(one & BREAST for one in targets):
        return matches
    kept = tuple(match for match in matches if match.target not in DISTANT)
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


def source_of(chart: Chart, finding: Finding, match: Match | None, element: str = "", conversion: str = "") -> Source:
    said = "bodySite" if match is not None and match.coding in finding.sited else "code"
    return chart.source(finding.entry, element or said, match=match, at=finding.onset, conversion=conversion)
