"""The radiotherapy dose of a course: rounded, checked for slips of units, and as biological dose.

BED is the biologically effective dose, D (1 + d / (alpha/beta)) for a total of D Gy in fractions of
d Gy; EQD2 is the total that does the same in fractions of 2 Gy, BED / (1 + 2 / (alpha/beta)).
Everything is computed on exact fractions and rounded once, half up, to 0.1 Gy: regimens lie
right on the cuts (50 Gy in 10 is 75.0), where binary rounding would decide by accident.
"""

from __future__ import annotations

import math
from dataclasses import replace
from fractions import Fraction
from functools import lru_cache

from rulesets.facts import rt
from rulesets.known import as_written, exact, made, parts, whole
from rulesets.record import Fact, Facts
from rulesets.thresholds import (
    ALPHA_BETA_GY,
    ALPHA_BETA_LATE_GY,
    MAX_PLAUSIBLE_FRACTION_GY,
    MAX_PLAUSIBLE_FRACTIONS,
    MAX_PLAUSIBLE_TOTAL_GY,
    MIN_PLAUSIBLE_FRACTION_GY,
    Threshold,
    Thresholds,
)


def dose_facts(course: Facts, thresholds: Thresholds) -> list[Fact]:
    """What follows from the total dose and the number of fractions of a course.

    An implausible dose has no biological dose, so nothing can be concluded from it.
    """
    total, fractions = exact(course, rt.total_dose_gy), whole(course, rt.fractions)
    out_of = parts(course, rt.total_dose_gy, rt.fractions)
    if total is None:
        return [made(rt.dose_implausible, False)]
    total = rounded(total)
    implausible = is_implausible(total, fractions, thresholds)
    facts = [
        replace(course[rt.total_dose_gy.name], value=float(total)),
        made(rt.dose_implausible, implausible, out_of=out_of),
    ]
    if fractions is None or implausible:
        return facts

    def bed_at(alpha_beta: Threshold) -> float:
        return float(bed(total, fractions, as_written(thresholds.number(alpha_beta))))

    return [
        *facts,
        made(rt.dose_per_fraction_gy, float(total / fractions), out_of=out_of),
        made(rt.bed10, bed_at(ALPHA_BETA_GY), out_of=out_of),
        made(rt.bed_late, bed_at(ALPHA_BETA_LATE_GY), out_of=out_of),
    ]


def rounded(gray: Fraction) -> Fraction:
    """To 0.1 Gy, half up.

    >>> rounded(Fraction("29.99")), rounded(Fraction("22.45"))
    (Fraction(30, 1), Fraction(45, 2))
    """
    return Fraction(math.floor(gray * 10 + Fraction(1, 2)), 10)


@lru_cache(maxsize=4096)
def bed(total: Fraction, fractions: int, alpha_beta: Fraction) -> Fraction:
    """The biologically effective dose in Gy, rounded to 0.1.

    >>> bed(Fraction(50), 10, Fraction(10))
    Fraction(75, 1)
    """
    return rounded(_bed(total, fractions, alpha_beta))


@lru_cache(maxsize=4096)
def eqd2(total: Fraction, fractions: int, alpha_beta: Fraction) -> Fraction:
    """The dose in fractions of 2 Gy with the same effect, in Gy, rounded to 0.1.

    >>> eqd2(Fraction(30), 10, Fraction(10)), eqd2(Fraction(40), 20, Fraction(3))
    (Fraction(65, 2), Fraction(40, 1))
    """
    return rounded(_bed(total, fractions, alpha_beta) / (1 + 2 / alpha_beta))


@lru_cache(maxsize=4096)
def least_total(target: Fraction, fractions: int, alpha_beta: Fraction) -> Fraction:
    """The least total in tenths of a Gy whose biologically effective dose reaches ``target`` in that many fractions.

    >>> least_total(Fraction(75), 10, Fraction(10)), least_total(Fraction(75), 5, Fraction(10))
    (Fraction(50, 1), Fraction(206, 5))
    """
    # The BED is never less than the total, so the target itself is enough.
    too_little, enough = 0, math.ceil(target * 10)
    while enough - too_little > 1:
        tenths = (too_little + enough) // 2
        if bed(Fraction(tenths, 10), fractions, alpha_beta) >= target:
            enough = tenths
        else:
            too_little = tenths
    return Fraction(enough, 10)


def _bed(total: Fraction, fractions: int, alpha_beta: Fraction) -> Fraction:
    return total * (1 + total / fractions / alpha_beta)


def is_implausible(total: Fraction, fractions: int | None, thresholds: Thresholds) -> bool:
    """Whether a dose looks like a slip of units; without a number of fractions the total alone is looked at."""

    def limit(threshold: Threshold) -> Fraction:
        return as_written(thresholds.number(threshold))

    if total > limit(MAX_PLAUSIBLE_TOTAL_GY):
        return True
    if fractions is None:
        return total < limit(MIN_PLAUSIBLE_FRACTION_GY)
    if not 1 <= fractions <= limit(MAX_PLAUSIBLE_FRACTIONS):
        return True
    return not limit(MIN_PLAUSIBLE_FRACTION_GY) <= total / fractions <= limit(MAX_PLAUSIBLE_FRACTION_GY)
