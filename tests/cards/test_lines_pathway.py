"""What cards add on the prognostic group and its pathway, and on surgery with a short life expectancy."""

from __future__ import annotations

import pytest

from rulesets import prognosis as definitions
from rulesets.language import Interval, Truth, Value
from rulesets.rule import EACH_COURSE, Hook, Scope
from rulesets.thresholds import effective
from service.cards.deck import cards_for
from service.cards.lines_pathway import ASKED_OF_GOOD
from service.reasoning.findings import Conclusion, Prognosis
from tests.support.findings import a_course, conclusion, firing, rule, uuid

MET: dict[str, Truth] = dict.fromkeys(ASKED_OF_GOOD, Truth.TRUE)


def detail(concluded: Conclusion, hook: Hook = "patient-view") -> str:
    [card] = cards_for(concluded, hook, new_uuid=uuid)
    return str(card["detail"])


def about(id: str, prognosis: Prognosis, *, for_each: Scope = (), **known: Value) -> Conclusion:
    """A conclusion in which one rule fired, for a course when it is judged for each."""
    elements = (a_course(),) if for_each else ()
    found = conclusion(firing(rule(id, for_each=for_each, indicator="warning"), *elements), **known)
    return Conclusion(record=found.record, prognosis=prognosis, fired=found.fired, thresholds=found.thresholds)


def criteria(**truths: Truth) -> tuple[tuple[str, Truth], ...]:
    named = {f"prognosis.criterion.{name}": truth for name, truth in truths.items()}
    return tuple((f"{name}/true", truth) for name, truth in {**MET, **named}.items())


# --- the group -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("id", "group"),
    [
        ("pathway.good-radical", "good"),
        ("pathway.intermediate-systemic-first", "intermediate"),
        ("pathway.poor-qol", "poor"),
    ],
)
def test_the_pathway_of_a_group_shows_its_points_as_the_group_itself_would(id: str, group: str) -> None:
    found = detail(about(id, Prognosis(group=group, points_lo=1, points_hi=2)))

    assert "Adverse points: 1 to 2; 4 or more make the group poor." in found


def test_the_intermediate_pathway_says_what_the_lean_rests_on() -> None:
    found = Prognosis(group="intermediate", points_lo=2, points_hi=2, lean="unfavourable")

    told = detail(about("pathway.intermediate-systemic-first", found, tumour__er="negative", patient__age_years=70))

    assert "Lean within the group: unfavourable." in told
    assert "It rests on: oestrogen receptor negative, age 70 years, performance status (ECOG) unknown." in told


# --- radical intent outside the good group ---------------------------------------------------------


def test_every_criterion_of_the_good_group_has_words() -> None:
    asked = {
        each.fact.name
        for dimension in definitions.CRITERIA
        for each in dimension.definitions
        if each.fact.name.startswith("prognosis.criterion.")
    }

    assert set(ASKED_OF_GOOD) == asked


def test_radical_intent_outside_the_good_group_says_which_criteria_fail() -> None:
    failed = criteria(oligometastatic=Truth.FALSE, ecog=Truth.FALSE, lines=Truth.UNKNOWN)
    found = Prognosis(group="intermediate", points_lo=2, points_hi=3, criteria=failed)

    told = detail(about("pathway.radical-not-good", found, for_each=EACH_COURSE), "order-sign")

    assert "- Not met of what the good group asks: at most 4 lesions; ECOG 1 or better" in told
    assert "- Not known of it: fewer than 2 failed lines for metastatic disease" in told
    assert "- Adverse points: 2 to 3; 4 or more make the group poor." in told


def test_a_single_lesion_is_asked_of_the_good_group_only_where_that_is_switched_on() -> None:
    found = Prognosis(group="intermediate", criteria=criteria(single_lesion=Truth.FALSE))
    usual = about("pathway.radical-not-good", found, for_each=EACH_COURSE)
    strict = Conclusion(
        record=usual.record, prognosis=found, fired=usual.fired,
        thresholds=effective({"good_requires_single_lesion": True, "oligo_max_lesions": 5}),
    )  # fmt: skip

    assert "Not met" not in detail(usual, "order-sign")
    assert "- Not met of what the good group asks: a single lesion" in detail(strict, "order-sign")


def test_criteria_are_said_with_the_limits_in_force() -> None:
    found = Prognosis(group="intermediate", criteria=criteria(oligometastatic=Truth.FALSE))
    usual = about("pathway.radical-not-good", found, for_each=EACH_COURSE)
    own = Conclusion(
        record=usual.record, prognosis=found, fired=usual.fired, thresholds=effective({"oligo_max_lesions": 5})
    )

    assert "at most 5 lesions" in detail(own, "order-sign")


def test_a_stated_compromise_is_said_to_decide_by_itself() -> None:
    found = Prognosis(group="poor", points_lo=0, points_hi=0, criteria=criteria())

    told = detail(
        about("pathway.radical-not-good", found, for_each=EACH_COURSE, patient__systemic_condition="compromised"),
        "order-sign",
    )

    assert "A compromised general condition is recorded and decides by itself." in told


def test_radical_intent_with_an_open_group_says_what_would_settle_it() -> None:
    found = Prognosis(
        group="indeterminate", possible=("good", "intermediate"), missing=("patient.comorbidities", "mets.organ.brain")
    )

    told = detail(about("pathway.radical-indeterminate", found, for_each=EACH_COURSE), "order-sign")

    assert "Prognosis still possible: good or intermediate." in told
    assert "Missing and deciding: comorbidities limiting treatment, brain metastases." in told


def test_radical_intent_with_a_contradicted_group_says_what_contradicts_it() -> None:
    found = Prognosis(
        group="indeterminate", possible=("good", "intermediate", "poor"), conflict_facts=("mets.rapid_progression",)
    )

    told = detail(
        about("pathway.radical-indeterminate", found, for_each=EACH_COURSE, mets__rapid_progression=True), "order-sign"
    )

    assert "Against the computed group:\n\n- Rapid progression: yes" in told
    assert "Missing and deciding" not in told


# --- surgery ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("weeks", "says"),
    [
        (6, "Borderline: estimated life expectancy 6 weeks, less than 8."),
        (7.9, "Borderline: estimated life expectancy 7.9 weeks, less than 8."),
        (8, ""),
        (Interval(lo=6, hi=7), "Borderline: estimated life expectancy 6 to 7 weeks, less than 8."),
        (Interval(lo=6, hi=12), "Possibly borderline: estimated life expectancy 6 to 12 weeks, perhaps less than 8."),
        (Interval(lo=6), "Possibly borderline: estimated life expectancy at least 6 weeks, perhaps less than 8."),
        (Interval(lo=8), ""),
    ],
)
def test_a_life_expectancy_within_the_range_of_the_paper_is_borderline(weeks: Value, says: str) -> None:
    told = detail(about("surgery.palliative-indication", Prognosis(group="poor"), patient__life_expectancy_weeks=weeks))

    assert ("orderline" in told) == bool(says)
    assert says in told


def test_the_borderline_follows_the_limit_in_force() -> None:
    found = about("surgery.palliative-indication", Prognosis(group="poor"), patient__life_expectancy_weeks=8)
    own = Conclusion(
        record=found.record,
        prognosis=found.prognosis,
        fired=found.fired,
        thresholds=effective({"surgery_safe_weeks": 10}),
    )

    assert "Borderline: estimated life expectancy 8 weeks, less than 10." in detail(own)
