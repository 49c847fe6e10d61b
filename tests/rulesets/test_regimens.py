"""The regimens of Tables 1a and 1b: their doses, how a course is known to be one, and the limits drawn from them."""

from __future__ import annotations

import csv
from fractions import Fraction

import pytest

from rulesets.biological_dose import bed
from rulesets.evidence import normalised_words
from rulesets.language import Truth, Value
from rulesets.regimens import (
    BOOST,
    CONVENTIONAL,
    FIVE_FRACTIONS_ELSEWHERE,
    FIVE_FRACTIONS_SPINE,
    MOST_IN_ONE_FRACTION,
    TABLE_1A,
    TABLE_1B,
    THIRTY_IN_TEN,
    THREE_FRACTIONS,
    Regimen,
)
from rulesets.thresholds import (
    ALPHA_BETA_GY,
    ALPHA_BETA_LATE_GY,
    CORD_REFERENCE_BED10,
    CORD_REFERENCE_BED_LATE,
    HIGHEST_BONE_BED10,
    HIGHEST_BONE_BED_LATE,
    HIGHEST_SPINAL_SINGLE_GY,
    SPINAL_THREE_FRACTION_MAX_GY,
    Threshold,
)
from tests.rulesets.judging import truth
from tests.support.shared import shared_path

REGIMENS = (*TABLE_1A, *TABLE_1B)
WITH_FRACTIONS = tuple(regimen for regimen in REGIMENS if regimen.fractions is not None)
TENTH = Fraction(1, 10)


def course_of(regimen: Regimen, total: Fraction | None) -> dict[str, Value]:
    """A course of this regimen: its fractions, its place, and what else it is known by."""
    assert total is not None and regimen.fractions is not None
    facts: dict[str, Value] = {
        "rt.total_dose_gy": float(total),
        "rt.fractions": regimen.fractions,
        "rt.spinal": regimen.site == "spine",
    }
    if regimen is CONVENTIONAL:
        facts["rt.technique"] = "IMRT"
    if regimen.whole_vertebra is not None:
        facts |= {"rt.volume": "whole_vertebra_sib", "rt.elective_dose_gy": float(regimen.whole_vertebra)}
    return facts


def matched(regimen: Regimen, facts: dict[str, Value]) -> Truth:
    assert regimen.matches is not None
    return truth(regimen.matches, facts)


# --- matching ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("regimen", WITH_FRACTIONS, ids=lambda regimen: f"{regimen.series}, {regimen.dose}")
def test_a_regimen_is_known_by_its_whole_range_and_not_beyond(regimen: Regimen) -> None:
    assert regimen.least is not None and regimen.most is not None and regimen.fractions is not None
    for inside in (regimen.least, regimen.most):
        assert matched(regimen, course_of(regimen, inside)) is Truth.TRUE
    for outside in (regimen.least - TENTH, regimen.most + TENTH):
        assert matched(regimen, course_of(regimen, outside)) is Truth.FALSE
    assert matched(regimen, course_of(regimen, regimen.least) | {"rt.fractions": regimen.fractions + 1}) is Truth.FALSE


@pytest.mark.parametrize(
    ("regimen", "contrary"),
    [
        (THREE_FRACTIONS, {"rt.spinal": True}),
        (FIVE_FRACTIONS_SPINE, {"rt.spinal": False}),
        (FIVE_FRACTIONS_ELSEWHERE, {"rt.spinal": True}),
        (CONVENTIONAL, {"rt.technique": "3DCRT"}),
        (BOOST, {"rt.volume": "lesion_mm_margin"}),
        (BOOST, {"rt.elective_dose_gy": 20}),
    ],
)
def test_what_a_regimen_is_known_by_beside_its_dose_decides_and_may_be_unknown(
    regimen: Regimen, contrary: dict[str, Value]
) -> None:
    facts = course_of(regimen, regimen.least)

    assert matched(regimen, facts | contrary) is Truth.FALSE
    assert matched(regimen, {name: value for name, value in facts.items() if name not in contrary}) is Truth.UNKNOWN


def test_a_series_printed_without_fractions_matches_nothing_and_has_no_biological_dose() -> None:
    without = [regimen for regimen in REGIMENS if regimen.fractions is None]

    assert [regimen.series for regimen in without] == ["Milano 2019", "Yoo 2015"]
    for regimen in without:
        assert regimen.matches is None and regimen.beds(Fraction(10)) is None and regimen.dose == regimen.printed


# --- doses against the specification -----------------------------------------------------------------


def test_every_regimen_of_the_two_tables_is_here_and_has_the_biological_dose_worked_out() -> None:
    path = shared_path("clinical/arithmetic.csv")
    if path is None:
        pytest.skip("the clinical specification is not beside this checkout")
    with path.open(encoding="utf-8", newline="") as lines:
        rows = [row for row in csv.DictReader(lines) if row["source"].startswith("Table 1") or "IMRT" in row["source"]]
    ours = {
        (total, regimen.fractions)
        for regimen in WITH_FRACTIONS
        for total in (regimen.least, regimen.most, regimen.whole_vertebra)
        if total is not None
    }

    assert ours == {(Fraction(row["D"]), int(row["n"])) for row in rows}
    for row in rows:
        for ratio in (10, 4, 3):
            found = bed(Fraction(row["D"]), int(row["n"]), Fraction(ratio))
            assert abs(found - Fraction(row[f"bed{ratio}"])) <= Fraction(1, 20)


def test_a_boost_has_the_biological_dose_of_each_of_its_volumes() -> None:
    assert BOOST.beds(Fraction(10)) == (56, 56)
    assert BOOST.bed_around(Fraction(10)) == 39
    assert THIRTY_IN_TEN.bed_around(Fraction(10)) is None


@pytest.mark.parametrize(
    ("threshold", "regimen", "at"),
    [
        (CORD_REFERENCE_BED10, THIRTY_IN_TEN, ALPHA_BETA_GY),
        (CORD_REFERENCE_BED_LATE, THIRTY_IN_TEN, ALPHA_BETA_LATE_GY),
        (HIGHEST_BONE_BED10, THREE_FRACTIONS, ALPHA_BETA_GY),
        (HIGHEST_BONE_BED_LATE, THREE_FRACTIONS, ALPHA_BETA_LATE_GY),
    ],
    ids=lambda value: getattr(value, "key", ""),
)
def test_a_limit_is_the_biological_dose_of_its_regimen(threshold: Threshold, regimen: Regimen, at: Threshold) -> None:
    beds = regimen.beds(Fraction(str(at.default)))

    assert beds is not None and beds[1] == Fraction(str(threshold.default))


@pytest.mark.parametrize("at", [ALPHA_BETA_GY, ALPHA_BETA_LATE_GY], ids=lambda value: value.key)
def test_no_regimen_exceeds_the_highest(at: Threshold) -> None:
    highest = THREE_FRACTIONS.beds(Fraction(str(at.default)))

    assert highest is not None
    assert all(beds[1] <= highest[1] for each in REGIMENS if (beds := each.beds(Fraction(str(at.default)))))


def test_the_limits_of_single_and_of_three_fractions_are_those_of_the_series() -> None:
    assert Fraction(str(HIGHEST_SPINAL_SINGLE_GY.default)) == MOST_IN_ONE_FRACTION
    assert Fraction(str(SPINAL_THREE_FRACTION_MAX_GY.default)) == THREE_FRACTIONS.least


# --- words ---------------------------------------------------------------------------------------------


def test_doses_are_written_as_they_are_read_aloud() -> None:
    assert [regimen.dose for regimen in REGIMENS] == [
        "8 Gy in 1 fraction",
        "20 Gy in 5 fractions",
        "30 Gy in 10 fractions",
        "a median EQD2 of 57.3 Gy (38.3 to 70)",
        "a BED above 50 Gy",
        "30 to 45 Gy in 3 fractions",
        "60 Gy in 25 fractions",
        "15 to 22.5 Gy in 1 fraction",
        "35 Gy in 5 fractions",
        "50 Gy in 5 fractions",
        "40 Gy (30 Gy to the whole vertebra) in 10 fractions",
    ]


def test_no_passage_of_the_paper_is_copied() -> None:
    path = shared_path("paper/cancers-2020-12-2390.txt")
    if path is None:
        pytest.skip("the paper is not beside this checkout")
    printed = normalised_words(path.read_text(encoding="utf-8"))
    runs = {tuple(printed[start : start + 6]) for start in range(len(printed))}
    for regimen in REGIMENS:
        words = normalised_words(f"{regimen.volume} {regimen.reported}")
        assert not [run for start in range(len(words) - 5) if (run := tuple(words[start : start + 6])) in runs]
