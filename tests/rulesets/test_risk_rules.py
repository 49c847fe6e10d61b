"""Who is at risk of bone metastases: both sides of each rule, the tier, and the list of factors."""

from __future__ import annotations

import pytest

from rulesets.language import Interval, Truth, Value, facts_in
from rulesets.risk import DEFINITIONS, RULES
from rulesets.risk.profile import ADVERSE_FACTORS
from rulesets.rulebook import DEFINITION_STAGES
from rulesets.thresholds import effective
from tests.rulesets import cases
from tests.rulesets.building import derived_of, record
from tests.rulesets.cases import Case, every_case
from tests.rulesets.judging import derived, rule_called, truth
from tests.support.reasoners import reasoner

PAIN_ALONE: Case = {
    "patient.bone_pain": (True, False),
    "patient.neuro_symptoms": False,
    "mets.status": ("none", "confirmed"),
    "mets.organ.bone": "present",
    "imaging.mri": ("not_done", "negative"),
}
CASES: dict[str, Case] = {
    "risk.nodes-ge4": {"mets.status": ("none", "confirmed"), "tumour.positive_axillary_nodes": (4, 3)},
    "risk.first-event-locoregional": {
        "mets.status": ("suspected", "confirmed"),
        "tumour.first_event": ("soft_tissue", "distant"),
    },
    "risk.tailored-follow-up": {
        "mets.status": ("none", "confirmed"),
        "tumour.positive_axillary_nodes": (4, 3),
        "tumour.first_event": "none",
    },
    "risk.adverse-factor-profile": {
        "mets.status": ("none", "confirmed"),
        "tumour.size_cm": 2.0,
        "tumour.grade": (3, 2),
        "tumour.histology": "ductal_nst",
        "tumour.positive_axillary_nodes": 0,
        "patient.age_years": 50,
        "patient.hemoglobin_g_dl": 13.0,
    },
    "risk.symptomatic-investigate": PAIN_ALONE,
    "risk.subtype-tropism": {
        "tumour.subtype": ("triple_negative", "er_negative_pr_positive"),
        "mets.status": "confirmed",
    },
    "risk.cumulative-incidence": {"mets.status": ("none", "suspected"), "tumour.years_since_diagnosis": 3.0},
}
# The symptom rule does not wait for what nobody has looked at; "is known" is false of what is not known.
TRUE_WITHOUT = {("risk.symptomatic-investigate", "mets.status"), ("risk.symptomatic-investigate", "imaging.mri")}


def verdict(id: str, facts: dict[str, Value], **overrides: object) -> Truth:
    return cases.verdict(RULES, id, facts, effective(overrides))


def test_the_cases_cover_every_rule() -> None:
    assert list(CASES) == [rule.id for rule in RULES]


@pytest.mark.parametrize(
    ("id", "facts", "expected"),
    [case for case in every_case(CASES, TRUE_WITHOUT) if case.id != "risk.subtype-tropism without tumour.subtype"],
)
def test_a_rule_is_true_false_or_open_as_its_facts_say(id: str, facts: dict[str, Value], expected: Truth) -> None:
    assert verdict(id, facts) is expected


# --- the two criteria with figures -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("nodes", "limit", "expected"),
    [
        (3, 4, Truth.FALSE),
        (4, 4, Truth.TRUE),
        (Interval(lo=1, hi=3), 4, Truth.FALSE),
        (Interval(lo=4, hi=9), 4, Truth.TRUE),
        (Interval(lo=1), 4, Truth.UNKNOWN),
        (4, 5, Truth.FALSE),
        (5, 5, Truth.TRUE),
    ],
)
@pytest.mark.parametrize("id", ["risk.nodes-ge4", "risk.tailored-follow-up", "risk.adverse-factor-profile"])
def test_nodes_count_from_the_limit_on(id: str, nodes: Value, limit: int, expected: Truth) -> None:
    facts: dict[str, Value] = {
        **cases.true_facts(CASES["risk.adverse-factor-profile"]),
        "tumour.grade": 1,
        "tumour.first_event": "none",
        "tumour.positive_axillary_nodes": nodes,
    }

    assert verdict(id, facts, nodes_high_risk_min=limit) is expected


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        ("none", Truth.FALSE),
        ("local", Truth.TRUE),
        ("regional", Truth.TRUE),
        ("soft_tissue", Truth.TRUE),
        ("distant", Truth.FALSE),
    ],
)
def test_a_first_event_counts_unless_it_is_distant(event: str, expected: Truth) -> None:
    assert verdict("risk.first-event-locoregional", {"mets.status": "none", "tumour.first_event": event}) is expected


def test_one_criterion_is_enough_whatever_the_other_is() -> None:
    by_event: dict[str, Value] = {"mets.status": "none", "tumour.first_event": "local"}

    assert verdict("risk.tailored-follow-up", by_event) is Truth.TRUE
    assert verdict("risk.tailored-follow-up", {**by_event, "tumour.positive_axillary_nodes": 0}) is Truth.TRUE
    assert verdict("risk.tailored-follow-up", {"mets.status": "none", "tumour.first_event": "none"}) is Truth.UNKNOWN


# --- the tier --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("facts", "tier"),
    [
        ({"mets.status": "confirmed"}, "not_applicable"),
        ({"mets.status": "confirmed", "tumour.positive_axillary_nodes": 9}, "not_applicable"),
        ({"mets.status": "none", "tumour.positive_axillary_nodes": 4}, "high"),
        ({"mets.status": "suspected", "tumour.first_event": "regional"}, "high"),
        ({"mets.status": "none", "tumour.positive_axillary_nodes": 3, "tumour.first_event": "none"}, "not_high"),
        ({"mets.status": "none", "tumour.positive_axillary_nodes": 3}, None),
        ({"mets.status": "none", "tumour.first_event": "none"}, None),
        ({"tumour.positive_axillary_nodes": 4}, None),
        ({"tumour.positive_axillary_nodes": 0, "tumour.first_event": "distant"}, "not_high"),
        ({}, None),
    ],
)
def test_the_tier_says_whether_one_of_the_two_criteria_holds(facts: dict[str, Value], tier: str | None) -> None:
    assert derived([DEFINITIONS], facts).get("risk.surveillance_tier") == tier


@pytest.mark.parametrize(
    "facts",
    [
        {"mets.status": "none", "tumour.positive_axillary_nodes": 4},
        {"mets.status": "none", "tumour.positive_axillary_nodes": 0, "tumour.first_event": "none"},
        {"mets.status": "suspected", "tumour.positive_axillary_nodes": Interval(lo=1)},
        {"tumour.positive_axillary_nodes": 0, "tumour.first_event": "none"},
        {"tumour.first_event": "local"},
    ],
)
def test_the_tier_is_the_truth_of_the_rule_until_metastases_are_confirmed(facts: dict[str, Value]) -> None:
    tier = derived([DEFINITIONS], facts).get("risk.surveillance_tier")

    assert {"high": Truth.TRUE, "not_high": Truth.FALSE, None: Truth.UNKNOWN}[tier] is (  # type: ignore[index]
        verdict("risk.tailored-follow-up", facts)
    )


@pytest.mark.parametrize("receptor", ["positive", "negative", None])
def test_a_positive_receptor_never_lowers_the_risk(receptor: str | None) -> None:
    facts: dict[str, Value] = {"mets.status": "none", "tumour.positive_axillary_nodes": 4}
    if receptor:
        facts["tumour.er_primary"] = receptor

    fired = reasoner().fire(record(facts))

    assert fired.record.value("risk.surveillance_tier") == "high"


def test_the_tier_is_given_in_the_first_stage_and_no_stage_of_the_rulebook_reads_what_it_makes() -> None:
    assert set(DEFINITIONS) <= set(DEFINITION_STAGES[0])
    made_now_or_later = {definition.fact for stage in DEFINITION_STAGES for definition in stage}
    for stage in DEFINITION_STAGES:
        for definition in stage:
            assert not made_now_or_later.intersection(facts_in(definition.when)), definition.id
        made_now_or_later -= {definition.fact for definition in stage}


# --- the factors -----------------------------------------------------------------------------------

BELOW: dict[str, Value] = {
    "tumour.size_cm": 5.0,
    "tumour.grade": 2,
    "tumour.histology": "ductal_nst",
    "tumour.positive_axillary_nodes": 3,
    "patient.age_years": 60,
    "obs.hemoglobin_value": 11.0,
    "obs.hemoglobin_unit": "g/dL",
}
ABOVE: dict[str, tuple[str, Value]] = {
    "size_gt_5cm": ("tumour.size_cm", 5.1),
    "grade_3": ("tumour.grade", 3),
    "lobular": ("tumour.histology", "lobular"),
    "nodes_ge_4": ("tumour.positive_axillary_nodes", 4),
    "age_gt_60": ("patient.age_years", 61),
    "hb_lt_11": ("obs.hemoglobin_value", 10.9),
}


def factors(facts: dict[str, Value], **overrides: object) -> tuple[Value | None, Value | None]:
    found = derived_of(record({"mets.status": "none", **facts}), **overrides)
    return found.get("risk.adverse_factors"), found.get("risk.adverse_factors_unknown")


def test_at_their_limits_no_factor_is_present() -> None:
    assert factors(BELOW) == ((), ())


@pytest.mark.parametrize("name", ABOVE)
def test_a_factor_is_present_beyond_its_limit_and_makes_the_profile(name: str) -> None:
    fact, value = ABOVE[name]

    assert factors({**BELOW, fact: value}) == ((name,), ())
    known = derived_of(record({"mets.status": "none", **BELOW, fact: value}))
    assert verdict("risk.adverse-factor-profile", known) is Truth.TRUE


@pytest.mark.parametrize(
    ("override", "facts", "name"),
    [
        ({"size_adverse_over_cm": 3.0}, {"tumour.size_cm": 4.0}, "size_gt_5cm"),
        ({"grade_adverse_min": 2}, {"tumour.grade": 2}, "grade_3"),
        ({"nodes_high_risk_min": 2}, {"tumour.positive_axillary_nodes": 2}, "nodes_ge_4"),
        ({"age_adverse_over": 50}, {"patient.age_years": 55}, "age_gt_60"),
        ({"hb_adverse_below": 12.0}, {"obs.hemoglobin_value": 11.5}, "hb_lt_11"),
    ],
)
def test_a_hospital_may_move_a_limit(override: dict[str, object], facts: dict[str, Value], name: str) -> None:
    known = {**BELOW, **facts}

    assert factors(known) == ((), ())
    assert name in (factors(known, **override)[0] or ())  # type: ignore[operator]


def test_a_factor_nobody_knows_is_listed_as_unknown() -> None:
    assert factors({"tumour.grade": 3}) == (
        ("grade_3",),
        ("size_gt_5cm", "lobular", "nodes_ge_4", "age_gt_60", "hb_lt_11"),
    )
    assert factors({**BELOW, "tumour.positive_axillary_nodes": Interval(lo=1)}) == ((), ("nodes_ge_4",))


@pytest.mark.parametrize("status", ["confirmed", None])
def test_no_factors_are_listed_unless_metastases_are_known_not_to_be_confirmed(status: str | None) -> None:
    facts: dict[str, Value] = {"tumour.grade": 3} | ({"mets.status": status} if status else {})

    assert "risk.adverse_factors" not in derived_of(record(facts))


def test_the_rule_looks_at_the_factors_that_are_listed() -> None:
    profile = rule_called("risk.adverse-factor-profile", RULES)

    for factor in ADVERSE_FACTORS:
        assert factor.says in profile.detail


# --- symptoms --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"patient.bone_pain": True}, Truth.TRUE),
        ({"patient.neuro_symptoms": True}, Truth.TRUE),
        ({"patient.bone_pain": False, "patient.neuro_symptoms": False}, Truth.FALSE),
        ({"patient.bone_pain": False}, Truth.UNKNOWN),
        ({"patient.bone_pain": True, "mets.status": "suspected"}, Truth.TRUE),
        ({"patient.bone_pain": True, "mets.status": "confirmed"}, Truth.TRUE),
        ({"patient.bone_pain": True, "mets.status": "confirmed", "mets.organ.bone": "absent"}, Truth.TRUE),
        ({"patient.bone_pain": True, "mets.status": "confirmed", "mets.organ.bone": "present"}, Truth.FALSE),
        ({"patient.bone_pain": True, "imaging.mri": "equivocal"}, Truth.TRUE),
        ({"patient.bone_pain": True, "imaging.mri": "negative"}, Truth.FALSE),
        ({"patient.bone_pain": True, "imaging.mri": "positive"}, Truth.FALSE),
    ],
)
def test_a_symptom_is_followed_up_until_bone_disease_or_a_clear_mri_is_known(
    facts: dict[str, Value], expected: Truth
) -> None:
    assert verdict("risk.symptomatic-investigate", facts) is expected


@pytest.mark.parametrize(
    ("facts", "offered"),
    [
        ({"patient.neuro_symptoms": True}, ["order_urgent_spine_mri"]),
        ({"patient.bone_pain": True, "patient.neuro_symptoms": True}, ["order_urgent_spine_mri"]),
        ({"patient.bone_pain": True, "patient.neuro_symptoms": False}, ["order_mri", "order_bone_scan"]),
        ({"patient.bone_pain": True}, ["order_mri"]),
    ],
)
def test_scintigraphy_is_offered_only_when_neurological_symptoms_are_ruled_out(
    facts: dict[str, Value], offered: list[str]
) -> None:
    rule = rule_called("risk.symptomatic-investigate", RULES)

    assert [
        each.action for each in rule.suggestions if each.when is None or truth(each.when, facts) is Truth.TRUE
    ] == offered


# --- published figures -----------------------------------------------------------------------------


@pytest.mark.parametrize("status", ["none", "suspected", "confirmed"])
def test_tropism_is_told_of_a_known_subtype_whatever_the_status(status: str) -> None:
    assert verdict("risk.subtype-tropism", {"tumour.subtype": "her2_enriched", "mets.status": status}) is Truth.TRUE
    assert verdict("risk.subtype-tropism", {"mets.status": status}) is Truth.FALSE


def test_tropism_waits_for_a_status() -> None:
    assert verdict("risk.subtype-tropism", {"tumour.subtype": "her2_enriched"}) is Truth.UNKNOWN


def test_incidence_needs_the_time_since_diagnosis() -> None:
    assert verdict("risk.cumulative-incidence", {"mets.status": "none"}) is Truth.FALSE
