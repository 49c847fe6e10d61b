"""Where a drug stands around a radiotherapy course: together, before it or after it, near or far.

A course runs from its first to its last fraction, a drug from its first to its last dose. A day
that is not recorded may be any day its status allows. Every value that some choice of the missing
days gives is possible; a value is stated only when it is the only possible one. Nothing here looks
at which of the two is being ordered.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import inf
from typing import Literal

from rulesets.facts import DRUG_CLASSES, drug, rt
from rulesets.known import made, parts, whole, word
from rulesets.language import FactType
from rulesets.record import Facts, Record
from rulesets.thresholds import (
    POST_RT_GAP_ADC_DAYS,
    POST_RT_GAP_CYTOTOXIC_DAYS,
    POST_RT_GAP_OTHER_DAYS,
    POST_RT_GAP_PARP_DAYS,
    WASHOUT_ADC_DAYS,
    WASHOUT_CDK46_DAYS,
    WASHOUT_CYTOTOXIC_DAYS,
    WASHOUT_NOT_IN_PAPER_DAYS,
    WASHOUT_OTHER_DAYS,
    WASHOUT_PARP_DAYS,
    Thresholds,
)

Exposure = Literal["concurrent", "recent", "clear", "after_rt_early", "after_rt"]

WASHOUTS = {
    "cytotoxic": WASHOUT_CYTOTOXIC_DAYS,
    "trop2_adc": WASHOUT_CYTOTOXIC_DAYS,
    "parp_inhibitor": WASHOUT_PARP_DAYS,
    "cdk46_inhibitor": WASHOUT_CDK46_DAYS,
    "anti_her2_adc": WASHOUT_ADC_DAYS,
    "akt_inhibitor": WASHOUT_NOT_IN_PAPER_DAYS,
    "anti_vegf": WASHOUT_NOT_IN_PAPER_DAYS,
}
POST_RT_GAPS = {
    "cytotoxic": POST_RT_GAP_CYTOTOXIC_DAYS,
    "trop2_adc": POST_RT_GAP_CYTOTOXIC_DAYS,
    "parp_inhibitor": POST_RT_GAP_PARP_DAYS,
    "anti_her2_adc": POST_RT_GAP_ADC_DAYS,
}

READ_OF_COURSE = (rt.status, rt.start_day, rt.end_day)
READ_OF_DRUG: dict[str | None, tuple[FactType, ...]] = {
    "draft": (drug.start_day, drug.stop_day, drug.days_rt_end_to_first_dose),
    "planned": (drug.start_day, drug.stop_day, drug.days_rt_end_to_first_dose),
    "active": (drug.start_day, drug.stop_day),
    "stopped": (drug.start_day, drug.last_dose_day, drug.stop_day, drug.days_last_dose_to_rt_start),
    "on_hold": (drug.start_day, drug.last_dose_day, drug.stop_day, drug.days_last_dose_to_rt_start),
    None: (drug.start_day, drug.last_dose_day),
}
"""The days that are read of a drug, by its status."""

OPEN = ("draft", "planned", "in_progress", "on_hold")
"""The statuses of a course that is still to be given or finished."""


def washout_days(drug_class: str, thresholds: Thresholds) -> int:
    """How long before radiotherapy a last dose still counts as recent."""
    return int(thresholds.number(WASHOUTS.get(drug_class, WASHOUT_OTHER_DAYS)))


def post_rt_gap_days(drug_class: str, thresholds: Thresholds) -> int:
    """How long after radiotherapy a first dose still counts as early."""
    return int(thresholds.number(POST_RT_GAPS.get(drug_class, POST_RT_GAP_OTHER_DAYS)))


def exposures(record: Record, thresholds: Thresholds) -> dict[tuple[str, str], Facts]:
    """The exposure of every pair of a course and a drug by their keys, empty where it is unknown.

    Courses and drugs carry their derived facts. A cancelled course has no entry.
    """
    is_only_course = len(record.courses) == 1
    found: dict[tuple[str, str], Facts] = {}
    for course in record.courses:
        if word(course.facts, rt.status) == "cancelled":
            continue
        for each in record.drugs or ():
            possible = possible_exposures(course.facts, each.facts, thresholds, is_only_course=is_only_course)
            found[course.key, each.key] = _stated(possible, course.facts, each.facts)
    return found


def _stated(possible: frozenset[Exposure], course: Facts, of_drug: Facts) -> Facts:
    if len(possible) != 1:
        return {}
    (exposure,) = possible
    days = READ_OF_DRUG[word(of_drug, drug.status)]
    out_of = [*parts(course, *READ_OF_COURSE), *parts(of_drug, drug.status, drug.drug_class, *days)]
    return {drug.exposure.name: made(drug.exposure, exposure, out_of=out_of)}


def possible_exposures(
    course: Facts, of_drug: Facts, thresholds: Thresholds, *, is_only_course: bool
) -> frozenset[Exposure]:
    """Every exposure that some choice of the missing days gives; none when the days contradict one another.

    A drug whose class is unknown may have the windows of any class.
    """
    drug_class = word(of_drug, drug.drug_class)
    return frozenset(
        exposure
        for each in (DRUG_CLASSES if drug_class is None else (drug_class,))
        for exposure in _possible(
            course,
            of_drug,
            washout=washout_days(each, thresholds),
            gap=post_rt_gap_days(each, thresholds),
            is_only_course=is_only_course,
        )
    )


# --- days ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Days:
    """Every whole day from ``first`` to ``last``, relative to the evaluation date; an open end is infinite."""

    first: float
    last: float


@dataclass(frozen=True)
class Stretch:
    """Something that begins on one of some days and ends on one of some days, not before it begins."""

    begins: Days
    ends: Days

    @property
    def tightened(self) -> Stretch:
        """Without the days on which it cannot begin or end, because it begins before it ends."""
        return Stretch(
            Days(self.begins.first, min(self.begins.last, self.ends.last)),
            Days(max(self.ends.first, self.begins.first), self.ends.last),
        )

    @property
    def is_impossible(self) -> bool:
        """Of a tightened one: that every day on which it may end comes before those on which it may begin."""
        return self.begins.first > self.begins.last


ANY_DAY = Days(-inf, inf)
PAST = Days(-inf, 0)
FUTURE = Days(0, inf)
NEVER = Days(inf, inf)


def on(day: int) -> Days:
    return Days(day, day)


def course_days(course: Facts) -> Stretch:
    """From the first to the last fraction: the days recorded or estimated, else those the status allows.

    A course that is still open although its last day has passed may end on any day since, and so
    may one whose status is unknown.
    """
    status, start, end = word(course, rt.status), whole(course, rt.start_day), whole(course, rt.end_day)
    begins, ends = {
        "draft": (FUTURE, FUTURE),
        "planned": (FUTURE, FUTURE),
        "in_progress": (PAST, FUTURE),
        "on_hold": (ANY_DAY, FUTURE),
        "completed": (PAST, PAST),
    }.get(status or "", (ANY_DAY, ANY_DAY))
    if end is not None:
        may_still_run = status in ("in_progress", "on_hold", None)
        ends = Days(end, inf) if may_still_run and end < 0 else on(end)
    return Stretch(begins if start is None else on(start), ends)


def drug_days(of_drug: Facts) -> Stretch:
    """From the first to the last dose: the days recorded, else those the status allows.

    An active drug is being taken whatever its last recorded dose; it has no end but a documented
    stop, and none that is certain when that stop has passed and the drug is active still.
    """
    status, start = word(of_drug, drug.status), whole(of_drug, drug.start_day)
    stop, last_dose = whole(of_drug, drug.stop_day), whole(of_drug, drug.last_dose_day)
    match status:
        case "draft":
            begins, ends = on(0), NEVER if stop is None else on(stop)
        case "planned":
            begins, ends = FUTURE, NEVER if stop is None else on(stop)
        case "active" if stop is not None and stop < 0:
            begins, ends = PAST, Days(stop, inf)
        case "active":
            begins, ends = PAST, NEVER if stop is None else on(stop)
        case "stopped" | "on_hold":
            end = day_of_last_dose(of_drug)
            begins, ends = ANY_DAY, PAST if end is None else on(end)
        case _:
            begins, ends = ANY_DAY, ANY_DAY if last_dose is None else Days(last_dose, inf)
    return Stretch(begins if start is None else on(start), ends)


def day_of_last_dose(of_drug: Facts) -> int | None:
    """The later of the last administration and the stop or hold, of a drug no longer taken."""
    days = (whole(of_drug, drug.last_dose_day), whole(of_drug, drug.stop_day))
    return max((day for day in days if day is not None), default=None)


# --- what is possible ----------------------------------------------------------------------------


def _possible(course: Facts, of_drug: Facts, *, washout: int, gap: int, is_only_course: bool) -> Iterator[Exposure]:
    status, drug_status = word(course, rt.status), word(of_drug, drug.status)
    around, taken = course_days(course), drug_days(of_drug)

    if drug_status in ("stopped", "on_hold") and day_of_last_dose(of_drug) is None:
        days_before = whole(of_drug, drug.days_last_dose_to_rt_start) if is_only_course else None
        start = whole(course, rt.start_day)
        if days_before is not None and days_before > 0:
            yield "recent" if days_before < washout else "clear"
            return
        if days_before is not None and status in OPEN:
            yield "concurrent"
            return
        if days_before is not None and start is not None:
            taken = Stretch(taken.begins, on(start - days_before))
        elif drug_status == "on_hold" and status in ("draft", "planned"):
            # Held now, and the course has not begun: held before it, only the day is not recorded.
            yield "recent"
            return

    if drug_status in ("draft", "planned") and is_only_course and whole(of_drug, drug.start_day) is None:
        days_after = whole(of_drug, drug.days_rt_end_to_first_dose)
        if days_after is not None:
            yield "concurrent" if days_after <= 0 else "after_rt_early" if days_after < gap else "after_rt"
            return

    yield from _relations(taken.tightened, around.tightened, washout, gap)


def _relations(taken: Stretch, around: Stretch, washout: int, gap: int) -> Iterator[Exposure]:
    """The possible relations of two tightened stretches.

    Whether the drug ends before the course concerns only the drug's last and the course's first day,
    and the other way round; each day of the one then goes with each day of the other. So the days
    between them take every whole number from the fewest to the most.
    """
    if taken.is_impossible or around.is_impossible:
        return
    if taken.begins.first <= around.ends.last and around.begins.first <= taken.ends.last:
        yield "concurrent"
    fewest, most = _days_between(taken.ends, around.begins)
    if max(fewest, 1) <= min(most, washout - 1):
        yield "recent"
    if max(1, washout) <= most:
        yield "clear"
    fewest, most = _days_between(around.ends, taken.begins)
    if max(fewest, 1) <= min(most, gap - 1):
        yield "after_rt_early"
    if max(1, gap) <= most:
        yield "after_rt"


def _days_between(earlier: Days, later: Days) -> tuple[float, float]:
    """The fewest and the most days from a day of ``earlier`` to a day of ``later``.

    Nothing comes after a day that never comes.
    """
    if earlier == NEVER:
        return -inf, -inf
    return later.first - earlier.last, later.last - earlier.first
