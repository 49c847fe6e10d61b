"""Lines that the rules on the prognostic group, and on what follows from it, add to their point of a card."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from rulesets.facts import criterion, mets, patient, tumour
from rulesets.language import Interval, Truth, bounds
from rulesets.thresholds import (
    AGE_ADVERSE_OVER,
    AGE_COUNTS_AS_POINT,
    GOOD_REQUIRES_SINGLE_LESION,
    POOR_MIN_POINTS,
    SURGERY_SAFE_WEEKS,
)
from rulesets.words import label, listed
from service.cards.facts import date_of, origin_of
from service.cards.text import capitalised, escaped, in_words
from service.reasoning.findings import Conclusion, Firing

Firings = tuple[Firing, ...]

ASKED_OF_GOOD: Mapping[str, str] = {
    criterion.oligometastatic.name: "at most {oligo_max_lesions} lesions",
    criterion.single_lesion.name: "a single lesion",
    criterion.bone_only.name: "no organ but bone involved",
    criterion.luminal.name: "a positive oestrogen receptor",
    criterion.ecog.name: "ECOG {good_max_ecog} or better",
    criterion.comorbidities.name: "no comorbidities that limit treatment",
    criterion.lines.name: "fewer than {pretreated_min_lines} failed lines for metastatic disease",
}
"""What each criterion of the good group asks."""

LEANING = (tumour.er, patient.age_years, patient.ecog)
"""What tells which way an intermediate prognosis leans."""


def _group_lines(conclusion: Conclusion, firings: Firings = ()) -> list[str]:
    """The points that were counted, and what decided beside them."""
    found, record, lines = conclusion.prognosis, conclusion.record, []
    lo, hi = found.points_lo, found.points_hi
    if lo is not None and hi is not None:
        counted = str(lo) if lo == hi else f"{lo} to {hi}"
        limit = conclusion.thresholds.number(POOR_MIN_POINTS)
        lines.append(f"Adverse points: {counted}; {limit} or more make the group poor.")
    if found.group == "poor" and record.value(patient.systemic_condition.name) == "compromised":
        lines.append("A compromised general condition is recorded and decides by itself.")
    if found.group == "intermediate":
        lines.append(f"Lean within the group: {escaped(found.lean or 'undetermined')}.")
        lines.append(f"It rests on: {', '.join(_leaning(conclusion))}.")
    age, counted_age = record.value(patient.age_years.name), conclusion.thresholds.on(AGE_COUNTS_AS_POINT)
    if isinstance(age, int | float) and age > conclusion.thresholds.number(AGE_ADVERSE_OVER) and not counted_age:
        only = ", only towards the lean" if found.group == "intermediate" else ""
        lines.append(
            f"Age above {conclusion.thresholds.number(AGE_ADVERSE_OVER)} does not count towards the group{only}."
        )
    if found.group == "good" and record.value(mets.lesion_count.name) == 1:
        lines.append("This patient has a single lesion, as in the paper's example.")
    return [" ".join(lines)] if lines else []


def _leaning(conclusion: Conclusion) -> list[str]:
    """``oestrogen receptor positive``, ``age unknown`` ..."""
    record = conclusion.record
    values = ((fact.name, record.value(fact.name)) for fact in LEANING)
    return [
        f"{label(name)} {'unknown' if value is None else in_words(name, value, record.evaluation_date)}"
        for name, value in values
    ]


def _unmet_lines(conclusion: Conclusion, firings: Firings) -> list[str]:
    """What the good group asks and this patient does not meet, then the points."""
    unmet = _asked(conclusion, Truth.FALSE)
    lines = [f"- Not met of what the good group asks: {'; '.join(unmet)}"] if unmet else []
    if unsure := _asked(conclusion, Truth.UNKNOWN):
        lines.append(f"- Not known of it: {'; '.join(unsure)}")
    return lines + [f"- {line}" for line in _group_lines(conclusion)]


def _asked(conclusion: Conclusion, truth: Truth) -> list[str]:
    switched_off = set() if conclusion.thresholds.on(GOOD_REQUIRES_SINGLE_LESION) else {criterion.single_lesion.name}
    truths = {id.partition("/")[0]: found for id, found in conclusion.prognosis.criteria}
    return [
        conclusion.thresholds.filled(asked)
        for name, asked in ASKED_OF_GOOD.items()
        if name not in switched_off and truths.get(name) is truth
    ]


def _open_lines(conclusion: Conclusion, firings: Firings) -> list[str]:
    """Why there is no group: the facts that would decide it, or those that contradict it."""
    found, against = conclusion.prognosis, _against_lines(conclusion, firings)
    lines = [f"Prognosis still possible: {listed(found.possible, 'or')}."]
    if found.missing:
        lines.append(f"Missing and deciding: {', '.join(label(name) for name in found.missing)}.")
    return [" ".join(lines), *([""] if against else []), *against]


def _against_lines(conclusion: Conclusion, firings: Firings) -> list[str]:
    """The recorded facts that withdraw the computed group."""
    lines = []
    for name in conclusion.prognosis.conflict_facts:
        fact = conclusion.record.facts.get(name)
        value = f": {in_words(name, fact.value, conclusion.record.evaluation_date)}" if fact else ""
        notes = [note for note in (date_of(fact), origin_of(fact)) if note] if fact else []
        lines.append(f"- {capitalised(label(name))}{value}" + (f" ({'; '.join(notes)})" if notes else ""))
    return ["Against the computed group:", "", *lines] if lines else []


def _borderline_lines(conclusion: Conclusion, firings: Firings) -> list[str]:
    """Whether the life expectancy lies in the range that the paper gives as its minimum."""
    name, safe = patient.life_expectancy_weeks.name, conclusion.thresholds.number(SURGERY_SAFE_WEEKS)
    weeks = conclusion.record.value(name)
    if not isinstance(weeks, int | float | Interval):
        return []
    lo, hi = bounds(weeks)
    said = in_words(name, weeks, conclusion.record.evaluation_date)
    if hi is not None and hi < safe:
        return [f"Borderline: {label(name)} {said}, less than {safe:g}."]
    if lo is None or lo < safe:
        return [f"Possibly borderline: {label(name)} {said}, perhaps less than {safe:g}."]
    return []


LINES: Mapping[str, Callable[[Conclusion, Firings], list[str]]] = {
    "prognosis.good": _group_lines,
    "prognosis.intermediate": _group_lines,
    "prognosis.poor": _group_lines,
    "pathway.good-radical": _group_lines,
    "pathway.intermediate-systemic-first": _group_lines,
    "pathway.poor-qol": _group_lines,
    "pathway.radical-not-good": _unmet_lines,
    "pathway.radical-indeterminate": _open_lines,
    "dq.prognosis-conflict": _against_lines,
    "surgery.palliative-indication": _borderline_lines,
}
