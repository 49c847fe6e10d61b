"""Doses: rounding, plausibility, and the biological dose of the regimens of the paper."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rulesets.biological_dose import bed, dose_facts, eqd2, least_total, rounded
from rulesets.language import Value
from rulesets.thresholds import effective
from tests.rulesets.building import DEFAULTS, course, values_of
from tests.support.shared import shared_path


def dose(total: float | None = None, fractions: int | None = None, **overrides: object) -> dict[str, Value]:
    stated = {"total_dose_gy": total, "fractions": fractions}
    known = course(**{name: value for name, value in stated.items() if value is not None})
    return values_of({fact.name: fact for fact in dose_facts(known.facts, effective(overrides))})


# total Gy, fractions, BED at alpha/beta 10, BED at alpha/beta 3; computed by hand to two decimals elsewhere
REGIMENS = [
    (8, 1, 14.4, 29.3), (20, 5, 28.0, 46.7), (30, 10, 39.0, 60.0), (30, 3, 60.0, 130.0), (45, 3, 112.5, 270.0),
    (60, 25, 74.4, 108.0), (17, 3, 26.6, 49.1), (15, 1, 37.5, 90.0), (19, 1, 55.1, 139.3), (22.5, 1, 73.1, 191.3),
    (35, 5, 59.5, 116.7), (50, 5, 100.0, 216.7), (40, 10, 56.0, 93.3), (18, 1, 50.4, 126.0), (27, 3, 51.3, 108.0),
    (57, 6, 111.2, 237.5), (57, 10, 89.5, 165.3), (97.5, 10, 192.6, 414.4), (50, 10, 75.0, 133.3), (24, 1, 81.6, 216.0),
]  # fmt: skip


@pytest.mark.parametrize(("total", "fractions", "bed10", "bed_late"), REGIMENS)
def test_regimens_have_the_biological_dose_worked_out_by_hand(
    total: float, fractions: int, bed10: float, bed_late: float
) -> None:
    known = dose(total, fractions)
    assert known["rt.bed10"] == bed10
    assert known["rt.bed_late"] == bed_late
    assert known["rt.dose_per_fraction_gy"] == pytest.approx(total / fractions)


# --- the regimens worked out in the clinical specification -------------------------------------------


def worked_out() -> list[Mapping[str, str]]:
    path = shared_path("clinical/arithmetic.csv")
    if path is None:
        return []
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


@pytest.mark.parametrize("alpha_beta", [10, 4, 3])
@pytest.mark.parametrize("row", worked_out(), ids=lambda row: row["id"])
def test_every_regimen_has_the_bed_and_eqd2_of_the_specification(row: Mapping[str, str], alpha_beta: int) -> None:
    total, fractions, ratio = Fraction(row["D"]), int(row["n"]), Fraction(alpha_beta)

    biological, equivalent = bed(total, fractions, ratio), eqd2(total, fractions, ratio)

    # Two decimals there, one here.
    assert biological == rounded(Fraction(row[f"bed{alpha_beta}"]))
    assert equivalent == rounded(Fraction(row[f"eqd2_{alpha_beta}"]))
    for limit in (75, 60, 50):
        assert str(biological >= limit) == row[f"ge{limit}_ab{alpha_beta}"]


@given(st.integers(min_value=10, max_value=1000), st.integers(min_value=1, max_value=40), st.sampled_from([10, 4, 3]))
def test_the_eqd2_given_in_fractions_of_two_gray_has_the_same_biological_dose(
    tenths: int, fractions: int, alpha_beta: int
) -> None:
    total, ratio = Fraction(tenths, 10), Fraction(alpha_beta)
    equivalent = eqd2(total, fractions, ratio)

    again = equivalent * (1 + 2 / ratio)

    assert abs(again - (total + total * total / fractions / ratio)) <= Fraction(1, 20) * (1 + 2 / ratio)


@given(st.integers(min_value=1, max_value=3000), st.integers(min_value=1, max_value=40), st.sampled_from([10, 4, 3]))
def test_the_least_total_reaches_the_target_and_a_tenth_less_does_not(
    tenths: int, fractions: int, alpha_beta: int
) -> None:
    target, ratio = Fraction(tenths, 10), Fraction(alpha_beta)

    total = least_total(target, fractions, ratio)

    assert bed(total, fractions, ratio) >= target
    assert bed(total - Fraction(1, 10), fractions, ratio) < target


def test_the_least_total_may_be_a_single_tenth() -> None:
    assert least_total(Fraction(2, 10), 1, Fraction(1, 10)) == Fraction(1, 10)


def test_fifty_gray_in_ten_reaches_exactly_seventy_five() -> None:
    assert dose(50, 10)["rt.bed10"] == 75.0
    assert dose(49.9, 10)["rt.bed10"] == 74.8


def test_a_total_is_rounded_to_a_tenth_before_anything_is_made_of_it() -> None:
    assert dose(29.99, 10)["rt.total_dose_gy"] == 30.0
    assert dose(29.99, 10)["rt.bed10"] == 39.0
    assert dose(30.04, 10)["rt.total_dose_gy"] == 30.0


@pytest.mark.parametrize(("gray", "tenth"), [("29.95", "30"), ("29.94", "29.9"), ("0.25", "0.3"), ("2.675", "2.7")])
def test_halves_are_rounded_up_not_to_even_nor_by_their_binary_neighbour(gray: str, tenth: str) -> None:
    assert rounded(Fraction(gray)) == Fraction(tenth)


def test_alpha_beta_is_a_threshold() -> None:
    assert dose(30, 10, alpha_beta_gy=4)["rt.bed10"] == 52.5
    assert dose(30, 10, alpha_beta_late_gy=2)["rt.bed_late"] == 75.0


@pytest.mark.parametrize(
    ("total", "fractions", "implausible"),
    [
        (40, 40, False), (41, 41, True),  # fractions
        (10, 10, False), (9.9, 10, True),  # least per fraction
        (30, 1, False), (30.1, 1, True),  # most per fraction
        (100, 10, False), (100.1, 10, True),  # total
        (3000, 10, True), (0.3, 10, True),  # the slips these limits are for
    ],
)  # fmt: skip
def test_a_slip_of_units_is_implausible_on_the_far_side_of_each_limit(
    total: float, fractions: int, implausible: bool
) -> None:
    assert dose(total, fractions)["rt.dose_implausible"] is implausible


def test_without_fractions_only_the_total_is_looked_at() -> None:
    assert dose(100)["rt.dose_implausible"] is False
    assert dose(100.1)["rt.dose_implausible"] is True
    assert dose(1)["rt.dose_implausible"] is False
    assert dose(0.9)["rt.dose_implausible"] is True
    assert "rt.bed10" not in dose(30)


def test_an_unknown_dose_is_not_implausible() -> None:
    assert dose(None, 400) == {"rt.dose_implausible": False}


def test_an_implausible_dose_has_no_biological_dose() -> None:
    assert set(dose(3000, 10)) == {"rt.total_dose_gy", "rt.dose_implausible"}


@pytest.mark.parametrize("name", ["rt.bed10", "rt.bed_late", "rt.dose_per_fraction_gy", "rt.dose_implausible"])
def test_what_is_made_of_a_dose_leads_back_to_total_and_fractions(name: str) -> None:
    facts = {fact.name: fact for fact in dose_facts(course(total_dose_gy=30, fractions=10).facts, DEFAULTS)}
    assert facts[name].because == ("rt.fractions", "rt.total_dose_gy")
    assert [source.reference for source in facts[name].sources] == [
        "Observation/rt.fractions",
        "Observation/rt.total_dose_gy",
    ]


@given(st.integers(min_value=10, max_value=1000), st.integers(min_value=1, max_value=40))
def test_biological_dose_is_the_nearest_tenth(tenths: int, fractions: int) -> None:
    total = Fraction(tenths, 10)
    exact = total + total * total / fractions / 10
    assert abs(bed(total, fractions, Fraction(10)) - exact) <= Fraction(1, 20)
    assert (bed(total, fractions, Fraction(10)) * 10).denominator == 1
