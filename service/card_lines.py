"""Lines that some rules add to their point of a card: the group and its points, conflicts, goals."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from rulesets.facts import mets, patient, tumour
from rulesets.record import Record
from rulesets.thresholds import AGE_ADVERSE_OVER, AGE_COUNTS_AS_POINT, POOR_MIN_POINTS
from rulesets.words import GOALS, label
from service.card_facts import date_of, origin_of, place_of, position_of
from service.card_text import capitalised, escaped, in_words
from service.findings import Conclusion


def _group_lines(conclusion: Conclusion) -> list[str]:
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
    age, counted_age = record.value(patient.age_years.name), conclusion.thresholds.on(AGE_COUNTS_AS_POINT)
    if isinstance(age, int | float) and age > conclusion.thresholds.number(AGE_ADVERSE_OVER) and not counted_age:
        only = ", only towards the lean" if found.group == "intermediate" else ""
        lines.append(
            f"Age above {conclusion.thresholds.number(AGE_ADVERSE_OVER)} does not count towards the group{only}."
        )
    if found.group == "good" and record.value(mets.lesion_count.name) == 1:
        lines.append("This patient has a single lesion, as in the paper's example.")
    return [" ".join(lines)] if lines else []


def _conflict_lines(conclusion: Conclusion) -> list[str]:
    lines = []
    for conflict in sorted(
        conclusion.record.conflicts, key=lambda conflict: (position_of(conflict.name), conflict.name)
    ):
        values = sorted(in_words(conflict.name, value, conclusion.record.evaluation_date) for value in conflict.values)
        where = sorted({place_of(source) for source in conflict.sources})
        said = f"- {capitalised(label(conflict.name))}: {' against '.join(values)}"
        lines.append(f"{said} ({'; '.join(where)})" if where else said)
    return lines


def _stale_lines(conclusion: Conclusion) -> list[str]:
    lines = []
    for name in _names(conclusion.record, "dq.stale_facts"):
        fact = conclusion.record.facts.get(name)
        dated = date_of(fact) if fact else ""
        lines.append(f"- {capitalised(label(name))}" + (f": recorded {dated}" if dated else ""))
    return lines


def _against_lines(conclusion: Conclusion) -> list[str]:
    lines = []
    for name in conclusion.prognosis.conflict_facts:
        fact = conclusion.record.facts.get(name)
        value = f": {in_words(name, fact.value, conclusion.record.evaluation_date)}" if fact else ""
        notes = [note for note in (date_of(fact), origin_of(fact)) if note] if fact else []
        lines.append(f"- {capitalised(label(name))}{value}" + (f" ({'; '.join(notes)})" if notes else ""))
    return ["Against the computed group:", "", *lines] if lines else []


def _goal_lines(conclusion: Conclusion) -> list[str]:
    now, open_ = (_names(conclusion.record, f"imbrication.{name}") for name in ("priorities", "priorities_unknown"))
    lines = [f"Goals that apply now: {_goals(now) or 'none is recorded'}."]
    if open_:
        lines.append(f"Cannot be judged, as facts are missing: {_goals(open_)}.")
    return [" ".join(lines)]


def _goals(names: Iterable[str]) -> str:
    return ", ".join(GOALS.get(name) or escaped(name) for name in names)


def _receptor_lines(conclusion: Conclusion) -> list[str]:
    lines = []
    pairs = (
        (tumour.er_primary, tumour.er_metastasis), (tumour.pr_primary, tumour.pr_metastasis),
        (tumour.her2_primary, tumour.her2_metastasis),
    )  # fmt: skip
    for primary, metastasis in pairs:
        before, after = conclusion.record.value(primary.name), conclusion.record.value(metastasis.name)
        if before is not None and after is not None and before != after:
            receptor = capitalised(label(primary.name).partition(",")[0])
            lines.append(f"- {receptor}: {before} in the primary, {after} in the metastasis")
    return lines


EXTRA_LINES: Mapping[str, Callable[[Conclusion], list[str]]] = {
    "prognosis.good": _group_lines,
    "prognosis.intermediate": _group_lines,
    "prognosis.poor": _group_lines,
    "imbrication.sequence-priority": _goal_lines,
    "dq.conflicting-sources": _conflict_lines,
    "dq.stale-data": _stale_lines,
    "dq.prognosis-conflict": _against_lines,
    "dq.receptor-discordance": _receptor_lines,
}


def _names(record: Record, name: str) -> tuple[str, ...]:
    value = record.value(name)
    return value if isinstance(value, tuple) else ()
