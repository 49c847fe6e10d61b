"""Criteria, points and features of one complete patient, and the group and lean they come to."""

from __future__ import annotations

import itertools

import pytest

from rulesets.language import Interval, Truth, TruthFact, Value, facts_in
from rulesets.prognosis import CONTEXT, CRITERIA, GROUPS, LEANS, OVERRIDES, RULES
from rulesets.rule import Definition
from rulesets.thresholds import effective
from tests.rulesets.judging import derived, rule_called, truth

ORGANS = ("liver", "lung", "brain", "other_visceral", "distant_nodes", "soft_tissue")

FIT: dict[str, Value] = {
    "mets.lesion_count": 2,
    **{f"mets.organ.{organ}": "absent" for organ in ORGANS},
    "tumour.er": "positive",
    "tumour.pr": "positive",
    "tumour.her2": "negative",
    "patient.age_years": 50,
    "patient.ecog": 0,
    "patient.comorbidities": "none",
    "systemic.prior_lines_metastatic": 0,
    "pattern.skeletal_event": False,
}
"""A patient of the good group."""

TRIPLE_NEGATIVE: dict[str, Value] = {
    "tumour.er": "negative",
    "tumour.pr": "negative",
    "tumour.her2": "negative",
}


def judged(**changes: Value | None) -> dict[str, Value]:
    """Criteria of the fit patient with changes; None takes a fact away. ``__`` stands for the dot."""
    named = {name.replace("__", "."): value for name, value in changes.items()}
    facts = {name: value for name, value in {**FIT, **named}.items() if value is not None}
    return derived((dimension.definitions for dimension in CRITERIA), facts)


def tallied(**changes: Value | None) -> dict[str, Value]:
    """What is counted with default switches: no point for age, no criterion of a single lesion."""
    seen = judged(**changes)

    def count(prefix: str, value: bool, left_out: str = "") -> int:
        return sum(seen[name] is value for name in seen if name.startswith(prefix) and name != left_out)

    return {
        "prognosis.tally.adverse_points": count("prognosis.point.", True, "prognosis.point.age"),
        "prognosis.tally.criteria_unmet": count("prognosis.criterion.", False, "prognosis.criterion.single_lesion"),
        "prognosis.tally.unfavourable_features": count("prognosis.feature.", True),
        "prognosis.tally.compromised": seen["prognosis.compromised"],
    }


def outcome(**changes: Value | None) -> tuple[Value, Value, Value]:
    """Group, lean and adverse points of a complete patient."""
    counted = tallied(**changes)
    group = derived((GROUPS,), counted)["prognosis.group"]
    lean = derived((LEANS,), counted)["prognosis.lean"]
    return group, lean, counted["prognosis.tally.adverse_points"]


# --- both sides of each cut ------------------------------------------------------------------------

CUTS: list[tuple[str, str, Value, Value]] = [
    # criterion or point, fact, highest value that is false, lowest value that is true
    ("prognosis.point.plurimetastatic", "mets.lesion_count", 4, 5),
    ("prognosis.point.ecog", "patient.ecog", 1, 2),
    ("prognosis.feature.ecog", "patient.ecog", 1, 2),
    ("prognosis.compromised", "patient.ecog", 2, 3),
    ("prognosis.point.lines", "systemic.prior_lines_metastatic", 1, 2),
    ("prognosis.point.age", "patient.age_years", 60, 61),
    ("prognosis.feature.age", "patient.age_years", 60, 61),
    ("prognosis.point.comorbidities", "patient.comorbidities", "not_limiting", "significant"),
    ("prognosis.point.er_negative", "tumour.er", "positive", "negative"),
    ("prognosis.feature.er_negative", "tumour.er", "positive", "negative"),
]

LIMITS: list[tuple[str, str, Value, Value]] = [
    # criterion of the good group, fact, last value that meets it, first that fails it
    ("prognosis.criterion.oligometastatic", "mets.lesion_count", 4, 5),
    ("prognosis.criterion.oligometastatic", "mets.lesion_count", 1, 0),
    ("prognosis.criterion.single_lesion", "mets.lesion_count", 1, 2),
    ("prognosis.criterion.ecog", "patient.ecog", 1, 2),
    ("prognosis.criterion.lines", "systemic.prior_lines_metastatic", 1, 2),
    ("prognosis.criterion.comorbidities", "patient.comorbidities", "none", "significant"),
    ("prognosis.criterion.comorbidities", "patient.comorbidities", "not_limiting", "significant"),
    ("prognosis.criterion.luminal", "tumour.er", "positive", "negative"),
]


@pytest.mark.parametrize(("point", "fact", "below", "from_here"), CUTS)
def test_a_point_or_feature_begins_at_its_cut(point: str, fact: str, below: Value, from_here: Value) -> None:
    assert judged(**{fact: below})[point] is False
    assert judged(**{fact: from_here})[point] is True


@pytest.mark.parametrize(("criterion", "fact", "meets", "fails"), LIMITS)
def test_a_criterion_of_the_good_group_ends_at_its_limit(criterion: str, fact: str, meets: Value, fails: Value) -> None:
    assert judged(**{fact: meets})[criterion] is True
    assert judged(**{fact: fails})[criterion] is False


@pytest.mark.parametrize("fact", sorted({fact for _, fact, _, _ in CUTS} - {"tumour.er"}))
def test_without_its_fact_no_criterion_is_decided(fact: str) -> None:
    gone = {name for dimension in CRITERIA if any(f.name == fact for f in dimension.facts)
            for name in (definition.fact.name for definition in dimension.definitions)}  # fmt: skip

    assert not (gone - {"prognosis.condition_open"}) & set(judged(**{fact: None}))


def test_a_count_across_the_limit_decides_neither_point_nor_criterion() -> None:
    seen = judged(mets__lesion_count=Interval(lo=3, hi=5))

    assert "prognosis.point.plurimetastatic" not in seen
    assert "prognosis.criterion.oligometastatic" not in seen
    assert seen["prognosis.criterion.single_lesion"] is False


def test_every_threshold_of_the_points_can_be_set() -> None:
    policy = effective({"oligo_max_lesions": 5, "good_max_ecog": 2, "pretreated_min_lines": 3, "age_adverse_over": 70})
    stages = [dimension.definitions for dimension in CRITERIA]
    patient = {**FIT, "mets.lesion_count": 5, "patient.ecog": 2}
    patient |= {"systemic.prior_lines_metastatic": 2, "patient.age_years": 70}

    by_default = derived(stages, patient)
    by_policy = derived(stages, patient, thresholds=policy)

    for point in ("plurimetastatic", "ecog", "lines", "age"):
        assert by_default[f"prognosis.point.{point}"] is True
        assert by_policy[f"prognosis.point.{point}"] is False


# --- organs, receptors -----------------------------------------------------------------------------


@pytest.mark.parametrize("organ", ORGANS)
def test_any_other_organ_ends_bone_only_and_only_a_viscus_is_a_point(organ: str) -> None:
    seen = judged(**{f"mets__organ__{organ}": "present"})

    assert seen["prognosis.criterion.bone_only"] is False
    assert seen["prognosis.point.visceral"] is (organ not in ("distant_nodes", "soft_tissue"))


def test_one_unseen_organ_leaves_bone_only_unknown_and_one_unseen_node_no_visceral_point() -> None:
    without_brain = judged(mets__organ__brain=None)
    without_nodes = judged(mets__organ__distant_nodes=None)

    assert "prognosis.criterion.bone_only" not in without_brain
    assert "prognosis.point.visceral" not in without_brain
    assert "prognosis.criterion.bone_only" not in without_nodes
    assert without_nodes["prognosis.point.visceral"] is False


@pytest.mark.parametrize("receptor", ["er", "pr", "her2"])
def test_triple_negative_asks_for_all_three(receptor: str) -> None:
    assert judged(**TRIPLE_NEGATIVE)["prognosis.point.triple_negative"] is True
    assert judged(**{**TRIPLE_NEGATIVE, f"tumour.{receptor}": "positive"})["prognosis.point.triple_negative"] is False
    assert "prognosis.point.triple_negative" not in judged(**{**TRIPLE_NEGATIVE, f"tumour.{receptor}": None})


# --- general condition -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asserted", "ecog", "event", "compromised", "tried_both_ways"),
    [
        ("compromised", 0, False, True, False),
        ("compromised", 4, False, True, False),
        ("compromised", 4, True, True, False),
        (None, 2, False, False, False),
        (None, 2, True, False, False),
        (None, 3, False, True, False),
        (None, 3, True, False, True),
        ("acceptable", 2, False, False, False),
        ("acceptable", 3, False, False, True),
        ("acceptable", 3, True, False, False),
    ],
)
def test_the_general_condition(
    asserted: str | None, ecog: int, event: bool, compromised: bool, tried_both_ways: bool
) -> None:
    seen = judged(patient__systemic_condition=asserted, patient__ecog=ecog, pattern__skeletal_event=event)

    assert seen["prognosis.compromised"] is compromised
    assert seen["prognosis.condition_open"] is tried_both_ways


def test_an_asserted_compromise_decides_without_an_ecog() -> None:
    assert judged(patient__systemic_condition="compromised", patient__ecog=None)["prognosis.compromised"] is True


# --- groups and leans ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("case", "changes", "expected"),
    [
        ("fit", {}, ("good", "favourable", 0)),
        ("age alone", {"patient.age_years": 66, "tumour.her2": "positive"}, ("good", "mixed", 0)),
        ("ER negative", {"tumour.er": "negative", "tumour.her2": "positive"}, ("intermediate", "mixed", 1)),
        ("nodes", {"mets.organ.distant_nodes": "present"}, ("intermediate", "favourable", 0)),
        (
            "many lesions, triple negative",
            {**TRIPLE_NEGATIVE, "mets.lesion_count": 6, "patient.ecog": 1},
            ("intermediate", "mixed", 3),
        ),
        (
            "the same, older",
            {**TRIPLE_NEGATIVE, "mets.lesion_count": 6, "patient.ecog": 1, "patient.age_years": 64},
            ("intermediate", "unfavourable", 3),
        ),
        ("liver", {"mets.lesion_count": 3, "mets.organ.liver": "present"}, ("intermediate", "favourable", 1)),
        (
            "many lesions and liver",
            {"mets.lesion_count": 5, "mets.organ.liver": "present"},
            ("intermediate", "mixed", 2),
        ),
        (
            "HER2-enriched, many lesions, lung, older",
            {
                "tumour.er": "negative",
                "tumour.her2": "positive",
                "mets.lesion_count": 7,
                "mets.organ.lung": "present",
                "patient.age_years": 62,
            },
            ("intermediate", "unfavourable", 3),
        ),
        (
            "triple negative, old, bone only, ECOG 2",
            {**TRIPLE_NEGATIVE, "patient.age_years": 75, "patient.ecog": 2},
            ("intermediate", "unfavourable", 3),
        ),
        (
            "many lesions, visceral, triple negative",
            {**TRIPLE_NEGATIVE, "mets.lesion_count": 5, "mets.organ.lung": "present"},
            ("poor", "mixed", 4),
        ),
        ("asserted compromised", {"patient.systemic_condition": "compromised"}, ("poor", "favourable", 0)),
    ],
)
def test_a_complete_patient_has_one_group(case: str, changes: dict[str, Value], expected: tuple[str, str, int]) -> None:
    assert outcome(**changes) == expected, case


def test_every_tally_has_exactly_one_group_and_one_lean() -> None:
    for points, unmet, features, compromised in itertools.product(range(9), range(8), range(4), (False, True)):
        counted = {
            "prognosis.tally.adverse_points": points,
            "prognosis.tally.criteria_unmet": unmet,
            "prognosis.tally.unfavourable_features": features,
            "prognosis.tally.compromised": compromised,
        }
        for definitions in (GROUPS, LEANS):
            assert sum(truth(each.when, counted) is Truth.TRUE for each in definitions) == 1


@pytest.mark.parametrize(("points", "group"), [(3, "intermediate"), (4, "poor")])
def test_poor_begins_at_four_points(points: int, group: str) -> None:
    counted = {
        "prognosis.tally.adverse_points": points,
        "prognosis.tally.criteria_unmet": 1,
        "prognosis.tally.compromised": False,
    }

    assert derived((GROUPS,), counted)["prognosis.group"] == group


@pytest.mark.parametrize(
    ("features", "points", "lean"),
    [(0, 1, "favourable"), (0, 2, "mixed"), (1, 0, "mixed"), (1, 1, "mixed"), (2, 0, "unfavourable")],
)
def test_the_lean_turns_at_one_point_and_at_two_features(features: int, points: int, lean: str) -> None:
    counted = {"prognosis.tally.unfavourable_features": features, "prognosis.tally.adverse_points": points}

    assert derived((LEANS,), counted)["prognosis.lean"] == lean


# --- overrides -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("facts", "withdraws"),
    [
        ({"mets.visceral_crisis": True}, {"good", "intermediate"}),
        ({"patient.life_expectancy_weeks": 11}, {"good", "intermediate"}),
        ({"patient.life_expectancy_weeks": Interval(hi=11)}, {"good", "intermediate"}),
        ({"mets.rapid_progression": True}, {"good"}),
        ({"mets.progression_pattern": "widespread"}, {"good"}),
        ({"mets.visceral_crisis": False}, set()),
        ({"patient.life_expectancy_weeks": 12}, set()),
        ({"patient.life_expectancy_weeks": Interval(lo=8, hi=12)}, set()),
        ({"mets.rapid_progression": False}, set()),
        ({"mets.progression_pattern": "oligoprogressive"}, set()),
        ({}, set()),
    ],
)
def test_a_crisis_or_short_life_withdraws_two_groups_and_fast_progression_only_the_good(
    facts: dict[str, Value], withdraws: set[str]
) -> None:
    in_force = [each for each in OVERRIDES if truth(each.definition.when, facts) is Truth.TRUE]

    assert {group for each in in_force for group in each.withdraws} == withdraws
    assert [each.fact.name for each in in_force] == (list(facts) if withdraws else [])


# --- shape -----------------------------------------------------------------------------------------


def test_dimensions_share_no_fact_and_define_each_criterion_once() -> None:
    facts = [fact for dimension in CRITERIA for fact in dimension.facts]
    defined: list[Definition] = [each for dimension in CRITERIA for each in dimension.definitions]

    assert len(facts) == len(set(facts))
    assert len(defined) == len({each.fact for each in defined})
    assert all(isinstance(each.fact, TruthFact) for each in defined)


def test_a_dimension_reads_its_own_facts_and_what_is_never_completed() -> None:
    for dimension in CRITERIA:
        own = {fact.name for fact in dimension.facts}
        read = {fact.name for each in dimension.definitions for fact in facts_in(each.when)}
        assert own <= read
        assert read - own <= (set(CONTEXT) if dimension.name == "performance" else set())


# --- rules -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("group", ["good", "intermediate", "poor"])
def test_a_stated_group_makes_its_card_and_no_other(group: str) -> None:
    fired = [
        rule.id
        for rule in RULES
        if rule.output == "card" and truth(rule.when, {"prognosis.group": group}) is Truth.TRUE
    ]

    assert fired == [f"prognosis.{group}"]


SECONDARY = rule_called("prognosis.secondary-factors", RULES).when
NO_SECONDARY: dict[str, Value] = {
    "mets.status": "confirmed",
    "mets.organ.bone": "present",
    "patient.hemoglobin_g_dl": 11.0,
    "tumour.size_cm": 5.0,
    "tumour.grade": 2,
    "tumour.histology": "ductal_nst",
    "tumour.positive_axillary_nodes": 3,
    "pattern.solitary_bone": False,
    "bone_agent.active": False,
    "pattern.progression": "none",
}


@pytest.mark.parametrize(
    ("fact", "value"),
    [
        ("patient.hemoglobin_g_dl", 10.9),
        ("tumour.size_cm", 5.1),
        ("tumour.grade", 3),
        ("tumour.histology", "lobular"),
        ("tumour.positive_axillary_nodes", 4),
        ("pattern.solitary_bone", True),
        ("bone_agent.active", True),
        ("patient.bone_symptom_duration_months", 0),
        ("pattern.progression", "oligoprogressive"),
    ],
)
def test_each_secondary_factor_is_told_from_its_cut_on(fact: str, value: Value) -> None:
    assert truth(SECONDARY, NO_SECONDARY) is Truth.FALSE
    assert truth(SECONDARY, {**NO_SECONDARY, fact: value}) is Truth.TRUE
    assert truth(SECONDARY, {**NO_SECONDARY, fact: value, "mets.status": "suspected"}) is Truth.FALSE


def test_the_outcome_of_oligoprogression_is_told_for_radical_radiotherapy_to_bone() -> None:
    rule = rule_called("prognosis.oligoprogressive-outcome", RULES).when
    radical: dict[str, Value] = {
        "mets.status": "confirmed",
        "pattern.progression": "oligoprogressive",
        "rt.planned": True,
        "rt.target": "bone",
        "rt.intent": "radical",
    }

    assert truth(rule, radical) is Truth.TRUE
    assert truth(rule, {**radical, "rt.intent": "palliative"}) is Truth.FALSE
    assert truth(rule, {**radical, "pattern.progression": "widespread"}) is Truth.FALSE
    assert truth(rule, {name: value for name, value in radical.items() if name != "rt.intent"}) is Truth.UNKNOWN


def test_every_criterion_group_and_override_leads_back_to_the_paper() -> None:
    criteria = [definition for dimension in CRITERIA for definition in dimension.definitions]

    for definition in (*criteria, *GROUPS, *LEANS, *(each.definition for each in OVERRIDES)):
        assert definition.statements, definition.id
