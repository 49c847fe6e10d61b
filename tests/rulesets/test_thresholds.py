"""Thresholds: each does something, each has its range, and nothing else can be set."""

from __future__ import annotations

from pathlib import Path

import pytest

from rulesets import thresholds
from rulesets.rulebook import thresholds_as_data
from rulesets.thresholds import THRESHOLDS, Threshold, ThresholdError, effective

ROOT = Path(__file__).parents[2]
RULEBOOK = ROOT / "rulesets" / "RULEBOOK.md"
NAMES = {name: value for name, value in vars(thresholds).items() if isinstance(value, Threshold)}


@pytest.mark.parametrize("name", NAMES)
def test_a_threshold_is_read_somewhere(name: str) -> None:
    places = [*(ROOT / "rulesets").rglob("*.py"), *(ROOT / "service").rglob("*.py")]

    assert any(name in path.read_text() for path in places if path.name != "thresholds.py")


@pytest.mark.parametrize("threshold", THRESHOLDS.values(), ids=THRESHOLDS)
def test_a_default_lies_in_its_range(threshold: Threshold) -> None:
    assert threshold.problem_with(threshold.default) is None


@pytest.mark.parametrize(
    ("key", "value", "fits"),
    [
        ("oligo_max_lesions", 1, True),
        ("oligo_max_lesions", 0, False),
        ("oligo_max_lesions", 20, True),
        ("oligo_max_lesions", 21, False),
        ("oligo_max_lesions", 4.5, False),
        ("oligo_max_lesions", "4", False),
        ("oligo_max_lesions", True, False),
        ("oligo_max_lesions", float("nan"), False),
        ("hb_adverse_below", 10.5, True),
        ("age_counts_as_point", True, True),
        ("age_counts_as_point", 1, False),
        ("oligo_maximum", 4, False),
    ],
)
def test_a_value_fits_or_stops_the_start(key: str, value: object, fits: bool) -> None:
    if fits:
        assert effective({key: value}).values[key] == value
        return
    with pytest.raises(ThresholdError) as refusal:
        effective({key: value})
    assert key in str(refusal.value)


@pytest.mark.parametrize("threshold", THRESHOLDS.values(), ids=THRESHOLDS)
def test_what_a_threshold_may_be_is_declared_with_it(threshold: Threshold) -> None:
    """A switch has two answers, a setting its words, a number its two ends: the rulebook publishes them."""
    [declared] = [each for each in thresholds_as_data(effective()) if each["key"] == threshold.key]

    if isinstance(threshold.default, bool):
        assert declared["allowed"] == [False, True]
    elif isinstance(threshold.default, str):
        assert threshold.default in threshold.allowed and declared["allowed"] == list(threshold.allowed)
    else:
        low, high = threshold.allowed
        assert threshold.problem_with(low) is None and threshold.problem_with(high) is None


def test_nothing_is_switched_on_by_default() -> None:
    """A switch shows what was overtaken, awaits a confirmation, or is the less usual reading of the paper."""
    assert not [key for key, threshold in THRESHOLDS.items() if threshold.default is True]


def test_a_text_is_filled_with_the_values_in_force_in_words() -> None:
    in_force = effective({"srs_max_lesions": 2, "srs_count_scope": "spinal_lesions", "bed_target": 72.5})

    filled = in_force.filled("{srs_max_lesions} of {srs_count_scope}, {bed_target} Gy, {enable_trials}, {drug}")

    assert filled == "2 of spinal lesions, 72.5 Gy, false, {drug}"


def test_a_share_is_filled_in_per_cent() -> None:
    assert effective({"dose_rounding_tolerance": 0.05}).filled("{dose_rounding_tolerance} more") == "5% more"


def test_the_digest_tells_values_apart_and_not_their_order() -> None:
    assert effective({"oligo_max_lesions": 5}).digest != effective().digest
    both = {"oligo_max_lesions": 5, "washout_parp_days": 28}
    assert effective(both).digest == effective(dict(reversed(both.items()))).digest


def test_a_word_that_a_setting_does_not_have_is_refused_with_those_it_has() -> None:
    with pytest.raises(ThresholdError) as refusal:
        effective({"srs_count_scope": "bone_lesions"})

    assert str(refusal.value) == "srs_count_scope must be one of all_lesions, spinal_lesions."


@pytest.mark.parametrize("threshold", THRESHOLDS.values(), ids=THRESHOLDS)
def test_the_rulebook_prints_every_threshold_with_its_range(threshold: Threshold) -> None:
    """A clinical number is changed in two places, and both are read: here and on the page."""
    rows = [line.strip("| ").split(" | ") for line in RULEBOOK.read_text(encoding="utf-8").splitlines()]
    [row] = [row for row in rows if row[0] == f"`{threshold.key}`"]

    if isinstance(threshold.default, bool):
        printed = [str(threshold.default), "True or False"]
    else:
        ends = [str(end) for end in threshold.allowed]
        printed = [str(threshold.default), (" or " if isinstance(threshold.default, str) else " to ").join(ends)]
    assert row[1:] == [*printed, threshold.unit, threshold.origin, threshold.meaning], "run python -m service.docs"
