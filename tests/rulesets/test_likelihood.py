"""What a result makes of a probability: the ratios the paper's figures give, and what cannot be said."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rulesets.derive import derived
from rulesets.facts import FACTS
from rulesets.language import Interval, Value
from rulesets.likelihood import (
    BONE_SCAN_ACCURACY,
    EXAMS,
    Accuracy,
    Bounds,
    Exam,
    Result,
    likelihood_ratio,
    probability_after,
    result_of,
)
from tests.rulesets.building import DEFAULTS, derived_of, record

BY_NAME: Mapping[str, Exam] = {exam.result.name.removeprefix("imaging."): exam for exam in EXAMS}
POST_TEST = tuple(exam.after.name for exam in EXAMS)
TAKES_UP_FDG: Mapping[str, Value] = {"tumour.er_primary": "negative", "tumour.histology": "ductal_nst"}

probabilities = st.fractions(min_value=Fraction(1, 1000), max_value=Fraction(999, 1000))
accuracies = st.builds(
    Accuracy,
    sensitivity=st.integers(min_value=1, max_value=99),
    specificity=st.integers(min_value=1, max_value=99),
    statement=st.just(BONE_SCAN_ACCURACY),
)


def exact(numerator: int, denominator: int) -> Bounds:
    return Bounds(lo=Fraction(numerator, denominator), hi=Fraction(numerator, denominator))


# --- ratios --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("exam", "positive", "negative"),
    [
        ("bone_scan", exact(78, 52), exact(22, 48)),
        ("fdg_pet", exact(98, 44), exact(2, 56)),
        ("naf_pet", exact(100, 3), None),
        ("mri", Bounds(lo=None, hi=Fraction(10)), None),
    ],
)
def test_the_ratios_follow_from_the_accuracies_quoted(exam: str, positive: Bounds, negative: Bounds | None) -> None:
    accuracy = BY_NAME[exam].accuracy

    assert likelihood_ratio(accuracy, "positive") == positive
    assert likelihood_ratio(accuracy, "negative") == negative


def test_the_exams_with_a_quoted_accuracy_are_these_four() -> None:
    assert list(BY_NAME) == ["bone_scan", "mri", "fdg_pet", "naf_pet"]


@pytest.mark.parametrize(
    ("sensitivity", "specificity", "positive", "negative"),
    [
        (100, 90, True, False),
        (99, 90, True, True),
        (90, 100, False, True),
        (90, 99, True, True),
        (100, 100, False, False),
    ],
)
def test_an_accuracy_of_a_hundred_per_cent_gives_no_ratio(
    sensitivity: int, specificity: int, positive: bool, negative: bool
) -> None:
    accuracy = Accuracy(sensitivity=sensitivity, specificity=specificity, statement=BONE_SCAN_ACCURACY)

    assert (likelihood_ratio(accuracy, "positive") is not None) is positive
    assert (likelihood_ratio(accuracy, "negative") is not None) is negative


def test_an_accuracy_at_its_best_bounds_a_positive_result_from_above_and_a_negative_one_from_below() -> None:
    accuracy = Accuracy(sensitivity=98, specificity=56, at_best=True, statement=BONE_SCAN_ACCURACY)

    assert likelihood_ratio(accuracy, "positive") == Bounds(lo=None, hi=Fraction(98, 44))
    assert likelihood_ratio(accuracy, "negative") == Bounds(lo=Fraction(2, 56), hi=None)


@given(accuracies, probabilities, st.sampled_from(["positive", "negative"]))
def test_the_probability_is_that_of_bayes_theorem(accuracy: Accuracy, before: Fraction, result: Result) -> None:
    in_disease, in_health = Fraction(accuracy.sensitivity, 100), Fraction(100 - accuracy.specificity, 100)
    if result == "negative":
        in_disease, in_health = 1 - in_disease, 1 - in_health

    ratio = likelihood_ratio(accuracy, result)

    assert ratio is not None
    bayes = in_disease * before / (in_disease * before + in_health * (1 - before))
    assert probability_after(before, ratio) == Bounds(lo=bayes, hi=bayes)


def test_even_odds_become_the_ratio_itself() -> None:
    assert probability_after(Fraction(1, 2), exact(3, 2)) == exact(3, 5)


# --- facts ---------------------------------------------------------------------------------------


def after(exam: str, result: str, before: float | None = 0.5, **others: Value) -> Value | None:
    """The probability derived after one exam; further facts as ``patient__sarcoidosis=True``."""
    stated: dict[str, Value] = {f"imaging.{exam}": result}
    stated |= {name.replace("__", "."): value for name, value in others.items()}
    if before is not None:
        stated["imaging.pretest_probability"] = before
    return derived_of(record(stated)).get(f"imaging.post_test_{exam}")


@pytest.mark.parametrize(
    ("exam", "result", "probability"),
    [
        ("bone_scan", "positive", 0.6),
        ("bone_scan", "negative", float(Fraction(22, 70))),
        ("naf_pet", "positive", float(Fraction(100, 103))),
        ("naf_pet", "negative", None),
        ("mri", "positive", Interval(lo=None, hi=float(Fraction(10, 11)))),
        ("mri", "negative", None),
    ],
)
def test_an_exam_changes_the_stated_probability(exam: str, result: str, probability: object) -> None:
    assert after(exam, result) == probability


@pytest.mark.parametrize("result", ["equivocal", "not_done"])
@pytest.mark.parametrize("exam", BY_NAME)
def test_an_exam_without_a_clear_result_changes_nothing(exam: str, result: str) -> None:
    assert after(exam, result) is None


@pytest.mark.parametrize("exam", BY_NAME)
def test_nothing_is_computed_without_a_stated_probability(exam: str) -> None:
    assert after(exam, "positive", before=None) is None


def test_a_stated_probability_alone_gives_none_after() -> None:
    assert not set(POST_TEST) & set(derived_of(record({"imaging.pretest_probability": 0.3})))


def test_statements_that_disagree_on_the_probability_are_no_statement() -> None:
    disputed = record({"imaging.bone_scan": "positive"}, conflicts=("imaging.pretest_probability",))

    assert "imaging.post_test_bone_scan" not in derived_of(disputed)


def test_results_are_not_chained() -> None:
    both = derived_of(
        record({"imaging.pretest_probability": 0.5, "imaging.bone_scan": "positive", "imaging.naf_pet": "positive"})
    )

    assert both["imaging.post_test_bone_scan"] == after("bone_scan", "positive")
    assert both["imaging.post_test_naf_pet"] == after("naf_pet", "positive")


def test_fdg_counts_as_quoted_only_in_a_tumour_known_to_be_neither_luminal_nor_lobular() -> None:
    positive, negative = float(Fraction(98, 142)), float(Fraction(2, 58))

    assert after("fdg_pet", "positive", **named(TAKES_UP_FDG)) == positive
    assert after("fdg_pet", "negative", **named(TAKES_UP_FDG)) == negative
    for other in (
        {},
        {"tumour.er_primary": "positive", "tumour.histology": "ductal_nst"},
        {"tumour.er_primary": "negative", "tumour.histology": "lobular"},
        {"tumour.er_primary": "negative"},
        {"tumour.histology": "ductal_nst"},
    ):
        assert after("fdg_pet", "positive", **named(other)) == Interval(lo=None, hi=positive)
        assert after("fdg_pet", "negative", **named(other)) == Interval(lo=negative, hi=None)


def test_sarcoidosis_makes_a_bound_of_what_fdg_says_and_its_absence_does_not() -> None:
    tumour = named(TAKES_UP_FDG)

    assert after("fdg_pet", "positive", patient__sarcoidosis=True, **tumour) == Interval(
        lo=None, hi=float(Fraction(98, 142))
    )
    assert after("fdg_pet", "positive", patient__sarcoidosis=False, **tumour) == float(Fraction(98, 142))


def test_the_type_of_the_tumour_does_not_touch_the_other_exams() -> None:
    for exam in ("bone_scan", "naf_pet", "mri"):
        assert after(exam, "positive") == after(
            exam, "positive", tumour__er_primary="positive", patient__sarcoidosis=True
        )


@given(
    st.floats(min_value=0, max_value=1, exclude_min=True, exclude_max=True),
    st.sampled_from(sorted(BY_NAME)),
    st.sampled_from(["positive", "negative"]),
)
def test_whatever_is_derived_is_a_probability(before: float, exam: str, result: str) -> None:
    value = after(exam, result, before)

    assert value is None or FACTS[f"imaging.post_test_{exam}"].problem_with(value) is None


def test_a_derived_probability_leads_back_to_all_it_was_made_of() -> None:
    known = derived(
        record({"imaging.pretest_probability": 0.3, "imaging.fdg_pet": "negative", "tumour.er_primary": "negative"}),
        DEFAULTS,
    ).facts

    assert known["imaging.post_test_fdg_pet"].because == ("imaging.fdg_pet", "imaging.pretest_probability", "tumour.er")
    assert {source.reference for source in known["imaging.post_test_fdg_pet"].sources} == {
        "Observation/imaging.fdg_pet", "Observation/imaging.pretest_probability", "Observation/tumour.er_primary",
    }  # fmt: skip


def named(facts: Mapping[str, Value]) -> dict[str, Value]:
    return {name.replace(".", "__"): value for name, value in facts.items()}


@pytest.mark.parametrize(
    ("result", "expected"),
    [("positive", "positive"), ("negative", "negative"), ("equivocal", None), ("not_done", None), (None, None)],
)
def test_only_a_clear_result_is_one(result: str | None, expected: str | None) -> None:
    facts = record({} if result is None else {"imaging.mri": result}).facts

    assert result_of(BY_NAME["mri"], facts) == expected
