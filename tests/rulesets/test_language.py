"""The language of rules: words no fact can hold are refused where the rule is written."""

from __future__ import annotations

import pytest

from rulesets.facts import FACTS, drug, mets, patient, rt, tumour
from rulesets.language import (
    AnyOf,
    Compare,
    FactType,
    Interval,
    LanguageError,
    NumberFact,
    Truth,
    all_of,
    any_of,
    compare,
    none_of,
    some_drug,
    some_lesion,
)
from rulesets.rule import EACH_COURSE, EACH_COURSE_AND_DRUG, PATIENT, Definition, Rule, Scope


def rule(when, for_each: Scope = PATIENT) -> Rule:  # type: ignore[no-untyped-def]
    return Rule(id="x.y", title="t", when=when, for_each=for_each, summary="s", hooks=("patient-view",), evidence="e")


def test_a_word_that_is_never_so_is_refused_with_those_that_are() -> None:
    with pytest.raises(LanguageError, match=r"drug\.status is never 'activ'; it is one of draft, planned, active"):
        drug.status.is_("activ")
    with pytest.raises(LanguageError):
        drug.status.is_none_of("active", "gone")


def test_joining_fewer_than_two_conditions_is_refused() -> None:
    with pytest.raises(LanguageError):
        all_of(rt.planned.is_true)
    with pytest.raises(LanguageError):
        any_of()


def test_a_claim_about_a_list_must_speak_of_it() -> None:
    with pytest.raises(LanguageError):
        some_lesion(rt.planned.is_true)


def test_a_rule_speaks_only_of_what_it_is_judged_for() -> None:
    with pytest.raises(LanguageError, match="some_drug"):
        rule(drug.status.is_("active"))
    with pytest.raises(LanguageError, match="course"):
        rule(some_drug(drug.exposure.is_("recent")))

    assert rule(some_drug(drug.exposure.is_("recent")), EACH_COURSE)
    assert rule(drug.exposure.is_("recent"), EACH_COURSE_AND_DRUG)


def test_a_definition_does_not_read_what_it_defines() -> None:
    with pytest.raises(LanguageError):
        Definition(id="x/true", fact=tumour.luminal, value=True, when=tumour.luminal.is_true)


@pytest.mark.parametrize(
    ("condition", "opposite"),
    [
        (rt.planned.is_true, rt.planned.is_false),
        (drug.status.is_("active"), drug.status.is_not("active")),
        (patient.ecog.at_least(2), patient.ecog.below(2)),
        (patient.ecog.above(2), patient.ecog.at_most(2)),
        (drug.status.is_known, drug.status.is_unknown),
        (all_of(rt.planned.is_true, patient.ecog.at_least(2)), AnyOf((rt.planned.is_false, patient.ecog.below(2)))),
    ],
)
def test_the_opposite_of_the_opposite_is_the_same(condition: Compare, opposite: Compare) -> None:
    assert none_of(condition) == opposite
    assert none_of(opposite) == condition


COUNT = mets.lesion_count


@pytest.mark.parametrize(
    ("claim", "value", "truth"),
    [
        (COUNT.at_least(5), Interval(lo=5), Truth.TRUE),
        (COUNT.at_least(5), Interval(lo=4), Truth.UNKNOWN),
        (COUNT.at_least(5), Interval(lo=1, hi=4), Truth.FALSE),
        (COUNT.above(5), Interval(lo=5), Truth.UNKNOWN),
        (COUNT.above(5), Interval(hi=5), Truth.FALSE),
        (COUNT.at_most(5), Interval(hi=5), Truth.TRUE),
        (COUNT.below(5), Interval(lo=5), Truth.FALSE),
        (COUNT.is_(5), 5, Truth.TRUE),
        (COUNT.is_(5), Interval(lo=5), Truth.UNKNOWN),
        (COUNT.is_(5), Interval(lo=6), Truth.FALSE),
        (COUNT.is_(5), None, Truth.UNKNOWN),
        (COUNT.is_known, None, Truth.FALSE),
    ],
)
def test_a_range_is_compared_by_its_ends(claim: Compare, value: object, truth: Truth) -> None:
    assert compare(claim, value) is truth  # type: ignore[arg-type]


@pytest.mark.parametrize("fact", FACTS.values(), ids=FACTS)
def test_no_fact_takes_what_it_cannot_be(fact: FactType) -> None:
    for wrong in (None, b"x", {}, [], float("nan"), float("inf"), Interval(), Interval(lo=2, hi=1)):
        assert fact.problem_with(wrong), wrong  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "fact", [fact for fact in FACTS.values() if isinstance(fact, NumberFact)], ids=lambda fact: fact.name
)
def test_a_number_keeps_to_its_range(fact: NumberFact) -> None:
    inside = fact.least + 1 if fact.whole or fact.most - fact.least > 1 else (fact.least + fact.most) / 2

    assert fact.problem_with(inside) is None
    assert fact.problem_with(fact.least - 1) and fact.problem_with(fact.most + 1)
    assert fact.problem_with(True) and fact.problem_with("1")
    assert bool(fact.problem_with(fact.least)) == fact.exclusive
    assert bool(fact.problem_with(inside + 0.25)) == fact.whole
