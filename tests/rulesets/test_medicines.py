"""Drugs one by one: name, class, whether they still act, whether their dose is high."""

from __future__ import annotations

import pytest

from rulesets.derive import derived
from rulesets.language import Value
from rulesets.record import Member
from tests.rulesets.building import DEFAULTS, course, drug, record, values_of


def derived_drugs(*drugs: Member, courses: int = 0) -> dict[str, dict[str, Value]]:
    """The facts of each drug by its key."""
    listed = tuple(course(f"courses/{number}", status="planned") for number in range(courses))
    after = derived(record(drugs=drugs, courses=listed), DEFAULTS)
    assert after.drugs is not None
    return {each.key: values_of(each.facts) for each in after.drugs}


def derived_drug(**values: Value) -> dict[str, Value]:
    return derived_drugs(drug(**values))["drugs/0"]


def test_a_drug_carries_its_generic_name_and_class() -> None:
    known = derived_drug(name="T-DM1")
    assert (known["drug.name"], known["drug.drug_class"]) == ("trastuzumab emtansine", "anti_her2_adc")
    assert known["drug.anticancer"] is True


def test_a_fixed_combination_becomes_a_drug_per_ingredient() -> None:
    found = derived_drugs(drug(name="Kisqali Femara Co-Pack", status="active", start_day=-9))
    assert {key: (known["drug.name"], known["drug.start_day"]) for key, known in found.items()} == {
        "drugs/0": ("ribociclib", -9),
        "drugs/0#2": ("letrozole", -9),
    }


def test_each_ingredient_has_an_exposure_of_its_own() -> None:
    after = derived(
        record(drugs=(drug(name="phesgo", status="active"),), courses=(course(status="planned"),)), DEFAULTS
    )
    assert set(after.exposures) == {("courses/0", "drugs/0"), ("courses/0", "drugs/0#2")}


def test_an_antiresorptive_is_not_said_to_treat_cancer() -> None:
    assert "drug.anticancer" not in derived_drug(name="denosumab")


def test_a_drug_without_a_name_has_no_class_unless_its_code_says_it_is_no_cancer_drug() -> None:
    assert "drug.drug_class" not in derived_drug(status="active")
    assert "drug.drug_class" not in derived_drug(anticancer=True)
    assert derived_drug(anticancer=False)["drug.drug_class"] == "non_anticancer"


def test_the_start_of_a_draft_is_assumed_when_it_says_none() -> None:
    assert derived_drug(status="draft")["drug.start_assumed"] is True
    assert derived_drug(status="draft", start_day=0)["drug.start_assumed"] is False
    assert derived_drug(status="active")["drug.start_assumed"] is False
    assert "drug.start_assumed" not in derived_drug(name="olaparib")


@pytest.mark.parametrize(("courses", "assumed"), [(0, True), (1, False), (2, True)])
def test_days_after_the_only_course_say_when_a_draft_starts(courses: int, assumed: bool) -> None:
    draft = drug(status="draft", days_rt_end_to_first_dose=10)
    assert derived_drugs(draft, courses=courses)["drugs/0"]["drug.start_assumed"] is assumed


@pytest.mark.parametrize("status", ["active", "draft"])
def test_a_drug_that_is_taken_is_on_board(status: str) -> None:
    assert derived_drug(name="letrozole", status=status, last_dose_day=-300)["drug.on_board"] is True


@pytest.mark.parametrize(
    ("name", "days"),
    [("capecitabine", 21), ("palbociclib", 14), ("strontium-89 chloride", 84), ("radium-223", 28)],
)
@pytest.mark.parametrize("status", ["stopped", "on_hold"])
def test_a_drug_no_longer_taken_acts_until_its_window_is_over(status: str, name: str, days: int) -> None:
    assert derived_drug(name=name, status=status, last_dose_day=1 - days)["drug.on_board"] is True
    assert derived_drug(name=name, status=status, last_dose_day=-days)["drug.on_board"] is False
    assert derived_drug(name=name, status=status, last_dose_day=-days, stop_day=-1)["drug.on_board"] is True


def test_without_a_date_a_hold_counts_as_on_board_and_a_stop_as_unknown() -> None:
    assert derived_drug(name="olaparib", status="on_hold")["drug.on_board"] is True
    assert "drug.on_board" not in derived_drug(name="olaparib", status="stopped")
    assert derived_drug(name="letrozole", status="on_hold")["drug.on_board"] is False
    assert derived_drug(name="letrozole", status="stopped")["drug.on_board"] is False
    assert derived_drug(name="radium-223", status="on_hold")["drug.on_board"] is True


@pytest.mark.parametrize("values", [{"status": "planned"}, {}])
def test_a_drug_not_begun_or_of_unknown_status_may_or_may_not_be_on_board(values: dict[str, Value]) -> None:
    assert "drug.on_board" not in derived_drug(name="olaparib", **values)


@pytest.mark.parametrize(("dose", "above"), [(1530, False), (1530.5, True)])
def test_lapatinib_is_above_standard_beyond_the_rounding_tolerance(dose: float, above: bool) -> None:
    assert derived_drug(name="lapatinib", dose_mg_per_day=dose)["drug.dose_above_standard"] is above


@pytest.mark.parametrize(
    ("dose", "interval", "above"),
    [
        (3.672, 21, False), (3.673, 21, True), (3.6, 20, True),
        (3.673, None, True), (None, 20, True), (3.6, None, None), (None, 21, None), (None, None, None),
    ],
)  # fmt: skip
def test_t_dm1_is_above_standard_by_dose_or_by_interval(
    dose: float | None, interval: int | None, above: bool | None
) -> None:
    stated = {"dose_mg_per_kg": dose, "interval_days": interval}
    known = derived_drug(name="t-dm1", **{name: value for name, value in stated.items() if value is not None})
    assert known.get("drug.dose_above_standard") is above


def test_no_other_drug_has_a_standard_dose() -> None:
    assert "drug.dose_above_standard" not in derived_drug(name="trastuzumab deruxtecan", dose_mg_per_kg=5.4)
