"""Surgery of bone metastases: both sides of each rule, of each limit, and of what is unknown."""

from __future__ import annotations

import pytest

from rulesets.language import Interval, Truth, Value, facts_in
from rulesets.rule import ORDER_HOOKS
from rulesets.surgery import RULES
from rulesets.thresholds import effective
from tests.rulesets import cases
from tests.rulesets.cases import Case, every_case
from tests.rulesets.judging import rule_called, truth

CASES: dict[str, Case] = {
    "surgery.excisional-candidate": {
        "pattern.burden": ("oligometastatic", "plurimetastatic"),
        "pattern.extent": ("bone_only", "bone_plus_nonvisceral"),
        "prognosis.group": ("intermediate", "poor"),
    },
    "surgery.solitary-good": {
        "pattern.solitary_bone": (True, False),
        "prognosis.group": ("good", "intermediate"),
    },
    "surgery.wide-resection": {
        "surgery.planned": (True, False),
        "surgery.type": ("wide_resection", "internal_fixation"),
    },
    "surgery.multiple-impending": {
        "mets.bone_lesion_count": (2, 1),
        "lesion.fracture": ("impending", "fractured"),
        "lesion.surgically_stabilised": (False, True),
        "patient.surgical_condition": ("acceptable", "unacceptable"),
    },
    "surgery.palliative-indication": {
        "lesion.fracture": ("fractured", "none"),
        "lesion.surgically_stabilised": (False, True),
        "lesion.spinal": False,
        "patient.life_expectancy_weeks": (6, 5),
    },
    "surgery.prognosis-too-short": {
        "surgery.planned": (True, False),
        "patient.life_expectancy_weeks": (5, 6),
    },
    "surgery.systemic-hold": {
        "surgery.planned": (True, False),
        "drug.drug_class": ("anti_vegf", "endocrine"),
        "drug.on_board": (True, False),
    },
    "surgery.excisional-not-confined": {
        "surgery.planned": (True, False),
        "surgery.type": ("prosthesis", "external_fixation"),
        "pattern.extent": "bone_only",
        "prognosis.group": "good",
        "pattern.burden": ("plurimetastatic", "oligometastatic"),
    },
    "surgery.systemic-delay": {
        "surgery.planned": (True, False),
        "pattern.burden": ("oligometastatic", "plurimetastatic"),
        "systemic.ongoing": (True, False),
    },
    "surgery.postop-rt": {
        "lesion.surgically_stabilised": (True, False),
        "lesion.postop_rt": ("none", "planned"),
    },
}
TRUE_WITHOUT = {
    ("surgery.multiple-impending", "lesion.surgically_stabilised"),  # nobody says that it has been operated on
    ("surgery.palliative-indication", "lesion.surgically_stabilised"),
}
NEEDS_A_HOLD = (
    "cytotoxic", "cdk46_inhibitor", "parp_inhibitor", "mtor_inhibitor", "pi3k_inhibitor", "akt_inhibitor",
    "anti_her2_adc", "trop2_adc", "anti_her2_tki", "anti_vegf",
)  # fmt: skip
NEEDS_NONE = ("endocrine", "anti_her2_mab", "checkpoint_inhibitor", "antiresorptive", "non_anticancer", "other")


def verdict(id: str, facts: dict[str, Value], **thresholds: object) -> Truth:
    return cases.verdict(RULES, id, facts, effective(thresholds))


def test_the_cases_cover_every_rule() -> None:
    assert list(CASES) == [rule.id for rule in RULES]


@pytest.mark.parametrize(("id", "facts", "expected"), every_case(CASES, TRUE_WITHOUT))
def test_a_rule_is_true_false_or_open_as_its_facts_say(id: str, facts: dict[str, Value], expected: Truth) -> None:
    assert verdict(id, facts) is expected


# --- life expectancy -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("weeks", "limit", "operate", "too_short"),
    [
        (6, 6, Truth.TRUE, Truth.FALSE),
        (5.9, 6, Truth.FALSE, Truth.TRUE),
        (Interval(lo=6, hi=8), 6, Truth.TRUE, Truth.FALSE),
        (Interval(lo=4, hi=8), 6, Truth.UNKNOWN, Truth.UNKNOWN),
        (Interval(hi=5), 6, Truth.FALSE, Truth.TRUE),
        (None, 6, Truth.UNKNOWN, Truth.UNKNOWN),
        (9, 10, Truth.FALSE, Truth.TRUE),
        (10, 10, Truth.TRUE, Truth.FALSE),
    ],
)
def test_palliative_surgery_asks_for_a_life_expectancy(
    weeks: Value | None, limit: int, operate: Truth, too_short: Truth
) -> None:
    fractured: dict[str, Value] = {"lesion.fracture": "fractured", "lesion.spinal": False, "surgery.planned": True}
    facts = fractured if weeks is None else {**fractured, "patient.life_expectancy_weeks": weeks}

    assert verdict("surgery.palliative-indication", facts, surgery_min_weeks=limit) is operate
    assert verdict("surgery.prognosis-too-short", facts, surgery_min_weeks=limit) is too_short


@pytest.mark.parametrize(
    ("lesion", "deficit", "expected"),
    [
        ({"lesion.fracture": "impending", "lesion.spinal": False}, False, Truth.TRUE),
        ({"lesion.fracture": "none", "lesion.spinal": True}, True, Truth.TRUE),
        ({"lesion.fracture": "none", "lesion.spinal": True}, False, Truth.FALSE),
        ({"lesion.fracture": "none", "lesion.spinal": False}, True, Truth.FALSE),
        ({"lesion.fracture": "none", "lesion.spinal": True}, None, Truth.UNKNOWN),
        (
            {"lesion.fracture": "fractured", "lesion.surgically_stabilised": True, "lesion.spinal": False},
            True,
            Truth.FALSE,
        ),
        (
            {"lesion.fracture": "fractured", "lesion.surgically_stabilised": True, "lesion.spinal": True},
            True,
            Truth.TRUE,
        ),
    ],
)
def test_a_fracture_or_a_spinal_deficit_is_an_indication(
    lesion: dict[str, Value], deficit: bool | None, expected: Truth
) -> None:
    facts: dict[str, Value] = {**lesion, "patient.life_expectancy_weeks": 20}
    facts |= {} if deficit is None else {"patient.neuro_symptoms": deficit}

    assert verdict("surgery.palliative-indication", facts) is expected


def test_a_fracture_of_one_lesion_does_not_borrow_the_stabilisation_of_another() -> None:
    stabilised = {"lesion.fracture": "fractured", "lesion.surgically_stabilised": True, "lesion.spinal": False}
    open_one = {"lesion.fracture": "impending", "lesion.surgically_stabilised": False, "lesion.spinal": False}
    when = rule_called("surgery.palliative-indication", RULES).when
    facts: dict[str, Value] = {"patient.life_expectancy_weeks": 20, "patient.neuro_symptoms": False}

    assert truth(when, facts, [stabilised]) is Truth.FALSE
    assert truth(when, facts, [stabilised, open_one]) is Truth.TRUE
    assert truth(when, facts, None) is Truth.UNKNOWN


@pytest.mark.parametrize(
    ("count", "expected"),
    [
        (1, Truth.FALSE),
        (2, Truth.TRUE),
        (Interval(lo=2), Truth.TRUE),
        (Interval(lo=1), Truth.UNKNOWN),
        (None, Truth.UNKNOWN),
    ],
)
def test_multiple_metastases_are_more_than_one_in_bone(count: Value | None, expected: Truth) -> None:
    facts = {**cases.true_facts(CASES["surgery.multiple-impending"])}
    del facts["mets.bone_lesion_count"]

    assert (
        verdict("surgery.multiple-impending", facts if count is None else {**facts, "mets.bone_lesion_count": count})
        is expected
    )


# --- what an operation means for other treatment ---------------------------------------------------


@pytest.mark.parametrize(
    ("drug_class", "expected"),
    [*((each, Truth.TRUE) for each in NEEDS_A_HOLD), *((each, Truth.FALSE) for each in NEEDS_NONE)],
)
def test_drugs_that_suppress_marrow_or_healing_need_a_hold(drug_class: str, expected: Truth) -> None:
    facts: dict[str, Value] = {"surgery.planned": True, "drug.on_board": True, "drug.drug_class": drug_class}

    assert verdict("surgery.systemic-hold", facts) is expected


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"pattern.burden": "plurimetastatic"}, Truth.TRUE),
        ({"pattern.extent": "bone_plus_visceral"}, Truth.TRUE),
        ({"prognosis.group": "poor"}, Truth.TRUE),
        (
            {"pattern.burden": "oligometastatic", "pattern.extent": "bone_plus_nonvisceral", "prognosis.group": "good"},
            Truth.FALSE,
        ),
        ({"pattern.burden": "oligometastatic"}, Truth.UNKNOWN),
    ],
)
def test_disease_is_not_confined_by_burden_by_viscera_or_by_prognosis(facts: dict[str, Value], expected: Truth) -> None:
    planned: dict[str, Value] = {"surgery.planned": True, "surgery.type": "hemipelvectomy"}

    assert verdict("surgery.excisional-not-confined", {**planned, **facts}) is expected


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("wide_resection", Truth.TRUE),
        ("hemipelvectomy", Truth.TRUE),
        ("prosthesis", Truth.TRUE),
        ("curettage_cementing", Truth.TRUE),
        ("internal_fixation", Truth.FALSE),
        ("external_fixation", Truth.FALSE),
        ("decompression", Truth.FALSE),
    ],
)
def test_fixation_and_decompression_are_no_excision(kind: str, expected: Truth) -> None:
    facts = {**cases.true_facts(CASES["surgery.excisional-not-confined"]), "surgery.type": kind}

    assert verdict("surgery.excisional-not-confined", facts) is expected


def test_the_two_series_that_disagree_are_both_told() -> None:
    """A solitary lesion with a good prognosis, and a wide resection planned: neither rule quietens the other."""
    facts = {**cases.true_facts(CASES["surgery.solitary-good"]), **cases.true_facts(CASES["surgery.wide-resection"])}

    assert verdict("surgery.solitary-good", facts) is Truth.TRUE
    assert verdict("surgery.wide-resection", facts) is Truth.TRUE


# --- radiotherapy after the operation --------------------------------------------------------------

POSTOPERATIVE: dict[str, Value] = {"rt.relevant": True, "rt.target": "bone", "rt.setting": "postoperative"}


@pytest.mark.parametrize(
    ("courses", "expected"),
    [
        ([], Truth.TRUE),
        ([POSTOPERATIVE], Truth.FALSE),
        ([{**POSTOPERATIVE, "rt.relevant": False}], Truth.TRUE),
        ([{**POSTOPERATIVE, "rt.target": "brain"}], Truth.TRUE),
        ([{**POSTOPERATIVE, "rt.setting": "definitive"}], Truth.TRUE),
        ([{"rt.relevant": True, "rt.target": "bone"}], Truth.UNKNOWN),
        ([{**POSTOPERATIVE, "rt.setting": "definitive"}, POSTOPERATIVE], Truth.FALSE),
    ],
)
def test_radiotherapy_after_surgery_is_missed_until_a_course_of_it_is_there(
    courses: list[dict[str, Value]], expected: Truth
) -> None:
    facts: dict[str, Value] = {"lesion.surgically_stabilised": True, "lesion.postop_rt": "none"}

    assert truth(rule_called("surgery.postop-rt", RULES).when, facts, courses=courses) is expected


# --- how the rules are written ---------------------------------------------------------------------


def test_what_depends_on_a_planned_operation_is_said_where_it_is_ordered() -> None:
    planned = [rule for rule in RULES if "surgery.planned" in {fact.name for fact in facts_in(rule.when)}]

    assert len(planned) == 5 and {rule.hooks for rule in planned} == {ORDER_HOOKS}


def test_what_is_offered_fits_the_rule() -> None:
    assert {rule.id: [each.action for each in rule.suggestions] for rule in RULES if rule.suggestions} == {
        "surgery.multiple-impending": ["refer_to_orthopaedics"],
        "surgery.palliative-indication": ["refer_to_orthopaedics"],
        "surgery.systemic-hold": ["hold_drug"],
        "surgery.postop-rt": ["refer_to_radiation_oncology"],
    }
