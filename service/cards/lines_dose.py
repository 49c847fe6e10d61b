"""Lines of cards on a dose: what it comes to biologically, what was reported of such doses, and what to expect when.

Several rules may speak of one course on a card. Its dose is told once, by the gravest of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date, timedelta
from fractions import Fraction

from rulesets import dose
from rulesets.biological_dose import bed, eqd2, least_total
from rulesets.dose.checks import RELIEF_WEEKS, REOSSIFICATION_WEEKS, REOSSIFIED_WEEKS
from rulesets.facts import rt
from rulesets.known import as_written, exact, truth, whole, word
from rulesets.language import FactType, Truth, Value, judge
from rulesets.record import Member
from rulesets.regimens import MOST_IN_ONE_FRACTION, TABLE_1A, TABLE_1B, Regimen
from rulesets.thresholds import ALPHA_BETA_GY, ALPHA_BETA_LATE_GY, BED_FLOOR, BED_TARGET, Thresholds
from rulesets.words import listed
from service.cards.relevance import GRAVITY, shown
from service.cards.text import authored, capitalised, course_in_short
from service.reasoning.findings import Conclusion, Firing

Firings = tuple[Firing, ...]
Lines = Callable[[Conclusion, Firings], list[str]]

FOLLOW_UP = "dose.follow-up-schedule"
ALWAYS_SHOWN = (Fraction(4), Fraction(3))
"""Ratios of alpha to beta, in Gy, shown beside those that decide."""
FRACTIONS_TOLD = (1, 3, 5, 10)


# --- once for each course ------------------------------------------------------------------------


def _with_dose(own: Lines | None) -> Lines:
    """The lines of a rule, and what is told once of each course it leads for."""

    def lines(conclusion: Conclusion, firings: Firings) -> list[str]:
        blocks = [own(conclusion, firings)] if own else []
        for firing in _leading(conclusion, firings):
            course = firing.elements[0]
            blocks += [_dose_table(course, conclusion), _reported(course, TABLE_1A)]
            if firing.indicator == "info":  # a dose that is in doubt is put right first
                blocks.append(_expected_times(course, conclusion))
        return _separated(blocks)

    return lines


def _leading(conclusion: Conclusion, firings: Firings) -> list[Firing]:
    """Those of the firings that are the gravest of all that is said of the dose of their course."""
    leaders: dict[str, Firing] = {}
    for firing in shown(conclusion, "order-sign"):
        if firing.rule.group == "dose":
            known = leaders.setdefault(firing.elements[0].key, firing)
            if GRAVITY[firing.indicator] < GRAVITY[known.indicator]:
                leaders[firing.elements[0].key] = firing
    return [firing for firing in firings if leaders.get(firing.elements[0].key) is firing]


def _separated(blocks: Iterable[list[str]]) -> list[str]:
    lines: list[str] = []
    for block in blocks:
        if block:
            lines += [*([""] if lines else []), *block]
    return lines


# --- biological dose -----------------------------------------------------------------------------


def _dose_table(course: Member, conclusion: Conclusion) -> list[str]:
    """BED and EQD2 at each alpha/beta, with the doses of the paper that they are held against."""
    total, fractions = exact(course.facts, rt.total_dose_gy), whole(course.facts, rt.fractions)
    if total is None or fractions is None:
        return []
    around = exact(course.facts, rt.elective_dose_gy)
    tumour, late = (as_written(conclusion.thresholds.number(each)) for each in (ALPHA_BETA_GY, ALPHA_BETA_LATE_GY))
    lines = [
        f"{capitalised(_named(course, conclusion))}:",
        "",
        "| alpha/beta | BED | EQD2 | held against |",
        "| --- | --- | --- | --- |",
    ]
    for ratio in sorted({tumour, late, *ALWAYS_SHOWN}, reverse=True):
        beside = [*(_enough(course) if ratio == tumour else ()), *(_too_much(course) if ratio == late else ())]
        doses = [
            _gray(of(total, fractions, ratio))
            + (f" (whole vertebra {_gray(of(around, fractions, ratio))})" if around is not None else "")
            for of in (bed, eqd2)
        ]
        lines.append(f"| {_number(ratio)} | {' | '.join(doses)} | {conclusion.thresholds.filled('; '.join(beside))} |")
    return lines


def _enough(course: Member) -> list[str]:
    """What the doses at the alpha/beta of tumour are held against; in the spine nothing asks for more."""
    marks = ["decides whether it is enough"]
    if word(course.facts, rt.intent) == "radical":
        asked = "asked from {bed_target} Gy on, low below {bed_floor} Gy"
        marks.append(asked if truth(course.facts, rt.spinal) is False else "cord limits come first")
    if word(course.facts, rt.target_cord_compression) == "confirmed":
        marks.append("reference in cord compression {cord_reference_bed10} Gy")
    return [*marks, *_warned_of(course, "highest_bone_bed10")]


def _too_much(course: Member) -> list[str]:
    marks = ["decides whether it is too much"]
    if word(course.facts, rt.target_cord_compression) == "confirmed":
        marks.append("reference in cord compression {cord_reference_bed_late} Gy")
    return [*marks, *_warned_of(course, "highest_bone_bed_late")]


def _warned_of(course: Member, limit: str) -> list[str]:
    """The highest doses, which nobody has in mind with a palliative course."""
    return [] if word(course.facts, rt.intent) == "palliative" else [f"warning above {{{limit}}} Gy"]


def _gap_lines(conclusion: Conclusion, firings: Firings) -> list[str]:
    """How far a dose outside the spine is from what is asked, what would reach it, and who stayed below as well."""
    in_force = conclusion.thresholds
    target, ratio = (as_written(in_force.number(each)) for each in (BED_TARGET, ALPHA_BETA_GY))
    lines = []
    for course in (firing.elements[0] for firing in firings):
        found = exact(course.facts, rt.bed10)
        if found is not None:
            lines.append(f"- {capitalised(_named(course, conclusion))}: BED {_gray(target - found)} short of it")
    totals = [_least_total_in_words(target, fractions, ratio) for fractions in FRACTIONS_TOLD]
    arithmetic = f"arithmetic at alpha/beta {_number(ratio)}, not advice"
    lines.append(f"- A BED of {_gray(target)} takes {listed(totals, 'or')}: {arithmetic}")
    if below := [said for regimen in TABLE_1B if (said := _reported_below(regimen, ratio, in_force))]:
        lines.append(f"- Reported with less: {'; '.join(below)}")
    return lines


def _least_total_in_words(target: Fraction, fractions: int, ratio: Fraction) -> str:
    total = least_total(target, fractions, ratio)
    is_unheard_of = fractions == 1 and total > MOST_IN_ONE_FRACTION
    counted = "1 fraction" if fractions == 1 else str(fractions)
    return f"{_gray(total)} in {counted}" + (" (more than any single dose of the paper)" if is_unheard_of else "")


def _reported_below(regimen: Regimen, ratio: Fraction, thresholds: Thresholds) -> str:
    """``60 Gy in 25 fractions (BED 74.4 Gy, Trovò 2017, IMRT)``, of a regimen whose BED may lie between the limits."""
    floor, target = (as_written(thresholds.number(each)) for each in (BED_FLOOR, BED_TARGET))
    beds = regimen.beds(ratio)
    if beds is None or regimen.site == "spine" or beds[1] < floor or beds[0] >= target:
        return ""
    least, most = beds
    span = _gray(most) if least == most else f"{_number(least)} to {_gray(most)}"
    return f"{regimen.dose} (BED {span}, {authored(regimen.series)})"


# --- what was reported -----------------------------------------------------------------------------


def _series_lines(conclusion: Conclusion, firings: Firings) -> list[str]:
    blocks = []
    for course in (firing.elements[0] for firing in firings):
        heading = [f"{capitalised(_named(course, conclusion))}:", ""] if len(firings) > 1 else []
        blocks.append([*heading, *_reported(course, TABLE_1B)])
    return _separated(blocks)


def _reported(course: Member, table: tuple[Regimen, ...]) -> list[str]:
    """The regimens of a table that a course is one of, each with what was reported."""
    return [f"- {_regimen_in_words(regimen)}" for regimen in table if _is_of(regimen, course)]


def _regimen_in_words(regimen: Regimen) -> str:
    numbers = ", ".join(str(number) for number in regimen.references)
    site = f", {regimen.site}" if regimen.site else ""
    where = f"{regimen.place}, {regimen.series} [{numbers}]"
    return authored(f"{capitalised(where)}: {regimen.dose}{site} ({regimen.volume}). Reported: {regimen.reported}.")


def _is_of(regimen: Regimen, course: Member) -> bool:
    def value_of(fact: FactType) -> Value | None:
        known = course.facts.get(fact.name)
        return None if known is None else known.value

    return regimen.matches is not None and judge(regimen.matches, value_of, lambda _: Truth.UNKNOWN) is Truth.TRUE


# --- target and times --------------------------------------------------------------------------------


def _supposed_target_lines(conclusion: Conclusion, firings: Firings) -> list[str]:
    """Which courses name no lesion, so that the compressed level is only taken for their target."""
    supposed = [firing.elements[0] for firing in firings if truth(firing.elements[0].facts, rt.target_link_assumed)]
    return [
        f"- {capitalised(_named(course, conclusion))}: no lesion is named as its target; this holds if the "
        "compressed level is what it treats"
        for course in supposed
    ]


def _expected_times(course: Member, conclusion: Conclusion) -> list[str]:
    """When pain should ease and bone form again: as dates where the end of the course is known, else in weeks."""
    if not any(each.rule.id == FOLLOW_UP and each.elements[0].key == course.key for each in conclusion.fired):
        return []
    end, several = whole(course.facts, rt.end_day), len(conclusion.record.courses) > 1
    whose = f" ({course_in_short(course)})" if several else ""
    weeks = (*RELIEF_WEEKS, *REOSSIFICATION_WEEKS, REOSSIFIED_WEEKS)
    dates = [] if end is None else _dates(conclusion.record.evaluation_date, [end + 7 * week for week in weeks])
    if not dates:
        relief, bone = ("{} to {} weeks".format(*each) for each in (RELIEF_WEEKS, REOSSIFICATION_WEEKS))
        return [
            f"To be expected{whose}, counted from the end of RT, which is not known: relief of pain at {relief}; "
            f"new bone begins to form after {bone}, most by {REOSSIFIED_WEEKS} weeks."
        ]
    eased, eased_by, begins, begins_by, most = dates
    estimated = ", the end of RT being estimated" if truth(course.facts, rt.end_estimated) else ""
    return [
        f"To be expected{whose}{estimated}: relief of pain from {eased} to {eased_by}; new bone begins to form from "
        f"{begins} to {begins_by}, most by {most}."
    ]


def _dates(today: date, days: Iterable[int]) -> list[str]:
    """Days from today in ISO form; none when one lies outside the calendar."""
    try:
        return [(today + timedelta(days=day)).isoformat() for day in days]
    except OverflowError:
        return []


# --- words -------------------------------------------------------------------------------------------


def _named(course: Member, conclusion: Conclusion) -> str:
    """``35 Gy in 5 fractions``, and which course that is where there are several."""
    total, fractions = exact(course.facts, rt.total_dose_gy), whole(course.facts, rt.fractions)
    parts = [course_in_short(course)] if len(conclusion.record.courses) > 1 or total is None else []
    if total is not None:
        counted = f" in {fractions} fraction{'' if fractions == 1 else 's'}" if fractions is not None else ""
        parts.append(_gray(total) + counted)
    return ", ".join(parts)


def _gray(dose: Fraction) -> str:
    return f"{_number(dose)} Gy"


def _number(number: Fraction) -> str:
    return f"{float(number):g}"


_OWN: Mapping[str, Lines] = {
    "dose.radical-bed-below-75": _gap_lines,
    "dose.table1b-match": _series_lines,
    "dose.cord-30-10": _supposed_target_lines,
    "dose.cord-no-escalation": _supposed_target_lines,
}
LINES: Mapping[str, Lines] = {rule.id: _with_dose(_OWN.get(rule.id)) for rule in dose.RULES if rule.output == "card"}
"""Every rule on a dose that makes a card; the facts of the others are told there."""
