"""The prognostic group by trying every completion: the algorithm spelled out once more, slowly."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from typing import Any

from rulesets.language import Interval

VISCERAL = ("mets.organ.liver", "mets.organ.lung", "mets.organ.brain", "mets.organ.other_visceral")
ELSEWHERE = ("mets.organ.distant_nodes", "mets.organ.soft_tissue")
ORDER = ("good", "intermediate", "poor")
CHOICES = {
    **{name: ("present", "absent") for name in (*VISCERAL, *ELSEWHERE)},
    **{name: ("positive", "negative") for name in ("tumour.er", "tumour.pr", "tumour.her2")},
    "patient.comorbidities": ("none", "significant"),
}
RANGES = {
    "mets.lesion_count": (0, 8),
    "patient.age_years": (59, 62),
    "patient.ecog": (0, 4),
    "systemic.prior_lines_metastatic": (0, 3),
}
ATOMS = (*CHOICES, *RANGES)

Facts = Mapping[str, Any]


def completions(facts: Facts) -> Iterator[dict[str, Any]]:
    """Every way the unknown facts may turn out, with both readings of an open general condition."""
    options = []
    for name in ATOMS:
        known = facts.get(name)
        if name in CHOICES:
            options.append((known,) if known is not None else CHOICES[name])
            continue
        lowest, highest = RANGES[name]
        if isinstance(known, Interval):
            lo = lowest if known.lo is None else known.lo
            hi = max(highest, lo + 1) if known.hi is None else known.hi
            options.append(tuple(range(int(lo), int(hi) + 1)))
        else:
            options.append((known,) if known is not None else tuple(range(lowest, highest + 1)))
    for values in itertools.product(*options):
        complete = dict(zip(ATOMS, values, strict=True))
        for reading in (False, True):
            yield {**complete, "reading": reading, "compromised": compromised(facts, complete["patient.ecog"], reading)}


def compromised(facts: Facts, ecog: int, reading: bool) -> bool:
    """Whether the general condition is compromised; ``reading`` decides where the record leaves it open."""
    asserted = facts.get("patient.systemic_condition")
    event = facts.get("pattern.skeletal_event", False)
    if asserted == "compromised":
        return True
    if ecog < 3:
        return False
    if asserted == "acceptable":
        return False if event else reading
    return reading if event else True


def points_of(complete: Facts) -> int:
    negative = complete["tumour.er"] == "negative"
    triple = negative and complete["tumour.pr"] == "negative" and complete["tumour.her2"] == "negative"
    return sum((
        complete["mets.lesion_count"] > 4,
        any(complete[organ] == "present" for organ in VISCERAL),
        negative,
        triple,
        complete["patient.ecog"] > 1,
        complete["patient.comorbidities"] == "significant",
        complete["systemic.prior_lines_metastatic"] >= 2,
    ))  # fmt: skip


def group_of(complete: Facts) -> str:
    if complete["compromised"] or points_of(complete) >= 4:
        return "poor"
    good = (
        1 <= complete["mets.lesion_count"] <= 4
        and all(complete[organ] == "absent" for organ in (*VISCERAL, *ELSEWHERE))
        and complete["tumour.er"] == "positive"
        and complete["patient.ecog"] <= 1
        and complete["patient.comorbidities"] in ("none", "not_limiting")
        and complete["systemic.prior_lines_metastatic"] < 2
    )
    return "good" if good else "intermediate"


def lean_of(complete: Facts) -> str:
    features = sum((
        complete["tumour.er"] == "negative", complete["patient.age_years"] > 60, complete["patient.ecog"] >= 2,
    ))  # fmt: skip
    if features == 0 and points_of(complete) <= 1:
        return "favourable"
    return "unfavourable" if features >= 2 else "mixed"


def answer(facts: Facts) -> dict[str, Any]:
    """Possible groups (before any override), missing facts, points and lean, by enumeration."""
    by_completion = {}
    for complete in completions(facts):
        by_completion[tuple(sorted(complete.items()))] = (group_of(complete), points_of(complete), lean_of(complete))
    groups = {group for group, _, _ in by_completion.values()}
    leans = {lean for group, _, lean in by_completion.values() if group == "intermediate"}
    missing = set()
    if len(groups) > 1:
        for name in (*ATOMS, "reading"):
            seen: dict[tuple, str] = {}
            for complete, (group, _, _) in by_completion.items():
                rest = tuple(item for item in complete if item[0] not in (name, "compromised"))
                if seen.setdefault(rest, group) != group:
                    missing.add("patient.systemic_condition" if name == "reading" else name)
    points = [points for _, points, _ in by_completion.values()]
    return {
        "groups": groups,
        "missing": missing,
        "points": (min(points), max(points)),
        "lean": (leans.pop() if len(leans) == 1 else None) if leans else "not_applicable",
    }
