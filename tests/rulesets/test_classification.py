"""The patterns: what each is made of, and what leaves it unknown."""

from __future__ import annotations

import itertools

import pytest

from rulesets.classification import DEFINITION_STAGES, RULES
from rulesets.language import Interval, Truth, Value, facts_in
from rulesets.thresholds import effective
from tests.rulesets.judging import Lesions, derived, rule_called, truth

ORGANS = ("liver", "lung", "brain", "other_visceral", "distant_nodes", "soft_tissue")


def patterns(lesions: Lesions = None, /, **facts: Value | None) -> dict[str, Value]:
    """Derived facts; names are given with ``__`` for the dot, and None is unknown."""
    return derived(DEFINITION_STAGES, named(**facts), lesions)


def named(**facts: Value | None) -> dict[str, Value]:
    return {name.replace("__", "."): value for name, value in facts.items() if value is not None}


def organs(bone: str | None = "present", /, **others: str | None) -> dict[str, str | None]:
    """Bone involved and every other organ free, unless said; None is an organ nobody looked at."""
    states = {"bone": bone, **dict.fromkeys(ORGANS, "absent"), **others}
    return {f"mets__organ__{organ}": state for organ, state in states.items()}


# --- burden --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("count", "burden"),
    [
        (1, "oligometastatic"),
        (4, "oligometastatic"),
        (5, "plurimetastatic"),
        (Interval(lo=2, hi=4), "oligometastatic"),
        (Interval(lo=5), "plurimetastatic"),
        (Interval(lo=4, hi=5), None),
        (Interval(hi=4), None),
        (0, None),
        (None, None),
    ],
)
def test_burden_turns_at_five_lesions_and_stays_unknown_across_the_limit(
    count: Value | None, burden: str | None
) -> None:
    assert patterns(mets__status="confirmed", mets__lesion_count=count).get("pattern.burden") == burden


def test_a_hospital_that_counts_five_as_few_gets_oligometastatic_at_five_and_not_at_six() -> None:
    policy = effective({"oligo_max_lesions": 5})

    burdens = [
        derived(DEFINITION_STAGES, named(mets__status="confirmed", mets__lesion_count=count), thresholds=policy)
        for count in (5, 6)
    ]

    assert [each["pattern.burden"] for each in burdens] == ["oligometastatic", "plurimetastatic"]


@pytest.mark.parametrize("status", ["none", "suspected"])
def test_burden_does_not_apply_before_metastases_are_confirmed(status: str) -> None:
    assert patterns(mets__status=status, mets__lesion_count=3)["pattern.burden"] == "not_applicable"


def test_burden_is_unknown_while_the_status_is() -> None:
    assert "pattern.burden" not in patterns(mets__lesion_count=3)


# --- extent --------------------------------------------------------------------------------------


def test_bone_only_asks_that_every_other_organ_is_free() -> None:
    assert patterns(mets__status="confirmed", **organs())["pattern.extent"] == "bone_only"


@pytest.mark.parametrize("organ", ORGANS)
def test_one_organ_nobody_looked_at_leaves_the_extent_unknown(organ: str) -> None:
    assert "pattern.extent" not in patterns(mets__status="confirmed", **organs(**{organ: None}))


@pytest.mark.parametrize("organ", ["liver", "lung", "brain", "other_visceral"])
def test_any_viscus_makes_it_visceral_whatever_else_is_unknown(organ: str) -> None:
    nothing_else_known = dict.fromkeys(ORGANS, None)

    extent = patterns(mets__status="confirmed", **organs(**{**nothing_else_known, organ: "present"}))

    assert extent["pattern.extent"] == "bone_plus_visceral"


@pytest.mark.parametrize("tissue", ["distant_nodes", "soft_tissue"])
def test_nodes_or_soft_tissue_beside_bone_are_neither_bone_only_nor_visceral(tissue: str) -> None:
    extent = patterns(mets__status="confirmed", **organs(**{tissue: "present"}))

    assert extent["pattern.extent"] == "bone_plus_nonvisceral"


def test_nodes_beside_bone_stay_unknown_while_a_viscus_was_not_looked_at() -> None:
    extent = patterns(mets__status="confirmed", **organs(distant_nodes="present", liver=None))

    assert "pattern.extent" not in extent


def test_extent_without_bone_or_without_metastases() -> None:
    assert patterns(mets__status="confirmed", mets__organ__bone="absent")["pattern.extent"] == "no_bone"
    assert patterns(mets__status="none", **organs())["pattern.extent"] == "not_applicable"


def test_extent_speaks_of_organs_also_when_no_status_is_recorded() -> None:
    assert patterns(**organs())["pattern.extent"] == "bone_only"


def test_no_record_of_organs_has_two_extents() -> None:
    states = ("present", "absent", None)

    for status in ("none", "suspected", "confirmed", None):
        for bone, liver, nodes, others in itertools.product(states, repeat=4):
            facts = organs(bone, liver=liver, distant_nodes=nodes, lung=others)
            patterns(mets__status=status, **facts)  # asserts at most one


# --- onset ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("days", "onset", "grey"),
    [
        (90, "de_novo", False),
        (91, None, True),
        (183, None, True),
        (184, "recurrent", False),
    ],
)
def test_onset_from_dates_has_a_grey_zone_between_ninety_and_a_hundred_and_eighty_three_days(
    days: int, onset: str | None, grey: bool
) -> None:
    seen = patterns(mets__days_from_primary=days)

    assert seen.get("pattern.onset") == onset
    assert seen["dq.onset_grey_zone"] is grey
    assert seen["dq.onset_conflict"] is False


@pytest.mark.parametrize("asserted", ["de_novo", "recurrent"])
def test_an_assertion_decides_in_the_grey_zone_and_without_dates(asserted: str) -> None:
    in_the_zone = patterns(mets__onset_assertion=asserted, mets__days_from_primary=120)
    undated = patterns(mets__onset_assertion=asserted)

    assert in_the_zone["pattern.onset"] == undated["pattern.onset"] == asserted
    assert in_the_zone["dq.onset_grey_zone"] is False


def test_stage_four_means_de_novo_without_dates_and_in_the_grey_zone() -> None:
    undated = patterns(tumour__stage="IV")
    in_the_zone = patterns(tumour__stage="IV", mets__days_from_primary=120)

    assert undated["pattern.onset"] == in_the_zone["pattern.onset"] == "de_novo"
    assert in_the_zone["dq.onset_grey_zone"] is False


@pytest.mark.parametrize("stage", ["0", "I", "II", "IIIA", "IIIB", "IIIC"])
def test_an_earlier_stage_alone_says_nothing_of_onset_and_does_not_close_the_grey_zone(stage: str) -> None:
    assert "pattern.onset" not in patterns(tumour__stage=stage)
    assert patterns(tumour__stage=stage, mets__days_from_primary=120)["dq.onset_grey_zone"] is True


CONTRADICTIONS: list[dict[str, Value]] = [
    {"mets__onset_assertion": "de_novo", "mets__days_from_primary": 184},
    {"mets__onset_assertion": "recurrent", "mets__days_from_primary": 90},
    {"mets__onset_assertion": "recurrent", "tumour__stage": "IV"},
    {"mets__onset_assertion": "de_novo", "tumour__stage": "IIIC"},
    {"mets__days_from_primary": 184, "tumour__stage": "IV"},
    {"mets__days_from_primary": 90, "tumour__stage": "II"},
]


@pytest.mark.parametrize("facts", CONTRADICTIONS)
def test_a_contradiction_is_flagged_and_leaves_the_onset_unknown(facts: dict[str, Value]) -> None:
    seen = patterns(**facts)

    assert seen["dq.onset_conflict"] is True
    assert "pattern.onset" not in seen


@pytest.mark.parametrize(
    "facts",
    [
        {"mets__onset_assertion": "de_novo", "mets__days_from_primary": 183},
        {"mets__onset_assertion": "recurrent", "mets__days_from_primary": 91},
        {"mets__onset_assertion": "recurrent", "tumour__stage": "IIIC"},
        {"mets__onset_assertion": "de_novo", "tumour__stage": "IV"},
    ],
)
def test_what_agrees_with_the_assertion_is_no_contradiction(facts: dict[str, Value]) -> None:
    seen = patterns(**facts)

    assert seen["dq.onset_conflict"] is False
    assert seen["pattern.onset"] == facts["mets__onset_assertion"]


def test_nothing_known_is_no_contradiction_and_no_onset() -> None:
    seen = patterns()

    assert seen["dq.onset_conflict"] is False
    assert seen["dq.onset_grey_zone"] is False
    assert "pattern.onset" not in seen


# --- receptors -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("er", "pr", "her2", "subtype"),
    [
        ("positive", None, "negative", "luminal_her2_negative"),
        ("positive", None, "positive", "luminal_her2_positive"),
        ("negative", None, "positive", "her2_enriched"),
        ("negative", "negative", "negative", "triple_negative"),
        ("negative", "positive", "negative", "er_negative_pr_positive"),
        ("negative", None, "negative", None),
        ("positive", "positive", None, None),
        (None, "negative", "negative", None),
    ],
)
def test_subtype_from_receptors(er: str | None, pr: str | None, her2: str | None, subtype: str | None) -> None:
    seen = patterns(tumour__er=er, tumour__pr=pr, tumour__her2=her2)

    assert seen.get("tumour.subtype") == subtype


def test_luminal_asks_for_the_oestrogen_receptor_alone() -> None:
    assert patterns(tumour__er="positive", tumour__her2="positive")["tumour.luminal"] is True
    assert patterns(tumour__er="negative", tumour__pr="positive")["tumour.luminal"] is False
    assert "tumour.luminal" not in patterns(tumour__pr="positive")


def test_one_positive_hormone_receptor_is_enough_and_two_negatives_are_needed() -> None:
    assert patterns(tumour__pr="positive")["tumour.hr_positive"] is True
    assert patterns(tumour__er="negative", tumour__pr="negative")["tumour.hr_positive"] is False
    assert "tumour.hr_positive" not in patterns(tumour__er="negative")


@pytest.mark.parametrize("receptor", ["er", "pr", "her2"])
def test_receptors_are_discordant_only_when_both_results_are_clear_and_differ(receptor: str) -> None:
    def discordant(primary: str, metastasis: str | None) -> Value:
        found = {f"tumour__{receptor}_primary": primary, f"tumour__{receptor}_metastasis": metastasis}
        return patterns(**found)["dq.receptor_discordance"]

    assert discordant("positive", "negative") is True
    assert discordant("negative", "positive") is True
    assert discordant("positive", "positive") is False
    assert discordant("positive", None) is False


def test_an_equivocal_her2_is_not_discordant() -> None:
    seen = patterns(tumour__her2_primary="equivocal", tumour__her2_metastasis="positive")

    assert seen["dq.receptor_discordance"] is False


# --- condition, events, flags ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lesion", "event"),
    [
        ({"lesion.fracture": "impending"}, True),
        ({"lesion.fracture": "fractured"}, True),
        ({"lesion.fracture": "none"}, False),
        ({"lesion.cord_compression": "suspected"}, True),
        ({"lesion.cord_compression": "confirmed"}, True),
        ({"lesion.cord_compression": "none"}, False),
        ({}, False),
    ],
)
def test_a_skeletal_event_is_one_that_is_known(lesion: dict[str, Value], event: bool) -> None:
    assert patterns([{"lesion.site": "rib"}, lesion])["pattern.skeletal_event"] is event


def test_spinal_symptoms_are_a_skeletal_event_also_without_a_lesion_list() -> None:
    assert patterns(patient__neuro_symptoms=True)["pattern.skeletal_event"] is True
    assert patterns(patient__neuro_symptoms=False)["pattern.skeletal_event"] is False
    assert patterns()["pattern.skeletal_event"] is False


@pytest.mark.parametrize(
    ("condition", "ecog", "event", "conflict"),
    [
        ("acceptable", 3, False, True),
        ("acceptable", 2, False, False),
        ("acceptable", 3, True, False),
        ("compromised", 1, False, True),
        ("compromised", 2, False, False),
        ("compromised", 1, True, True),
        (None, 4, False, False),
        ("acceptable", None, False, False),
    ],
)
def test_the_stated_condition_contradicts_the_ecog(
    condition: str | None, ecog: int | None, event: bool, conflict: bool
) -> None:
    seen = patterns(patient__systemic_condition=condition, patient__ecog=ecog, patient__neuro_symptoms=event)

    assert seen["dq.condition_conflict"] is conflict


@pytest.mark.parametrize(
    ("ecog", "event", "condition", "ambiguous"),
    [
        (3, True, None, True),
        (2, True, None, False),
        (3, False, None, False),
        (3, True, "acceptable", False),
        (None, True, None, False),
    ],
)
def test_a_poor_ecog_beside_a_skeletal_event_is_ambiguous_until_the_condition_is_stated(
    ecog: int | None, event: bool, condition: str | None, ambiguous: bool
) -> None:
    seen = patterns(patient__systemic_condition=condition, patient__ecog=ecog, patient__neuro_symptoms=event)

    assert seen["pattern.ecog_sre_ambiguous"] is ambiguous


@pytest.mark.parametrize("organ", ["bone", *ORGANS])
def test_status_none_is_contradicted_by_any_involved_organ(organ: str) -> None:
    assert patterns(mets__status="none", **{f"mets__organ__{organ}": "present"})["dq.status_conflict"] is True
    assert patterns(mets__status="none", **{f"mets__organ__{organ}": "absent"})["dq.status_conflict"] is False
    assert patterns(mets__status="confirmed", **{f"mets__organ__{organ}": "present"})["dq.status_conflict"] is False


def test_status_none_is_contradicted_by_a_count_above_zero() -> None:
    assert patterns(mets__status="none", mets__lesion_count=1)["dq.status_conflict"] is True
    assert patterns(mets__status="none", mets__lesion_count=0)["dq.status_conflict"] is False
    assert patterns(mets__status="none", mets__lesion_count=Interval(lo=0, hi=2))["dq.status_conflict"] is False


def test_a_stated_extent_is_contradicted_by_the_organs() -> None:
    bone_only_with_nodes = patterns(mets__extent_assertion="bone_only", mets__organ__distant_nodes="present")
    bone_only_unseen = patterns(mets__extent_assertion="bone_only")
    visceral_with_none = patterns(mets__extent_assertion="visceral", **organs(distant_nodes="present"))
    visceral_one_unseen = patterns(mets__extent_assertion="visceral", **organs(brain=None))

    assert bone_only_with_nodes["dq.extent_conflict"] is True
    assert bone_only_unseen["dq.extent_conflict"] is False
    assert visceral_with_none["dq.extent_conflict"] is True
    assert visceral_one_unseen["dq.extent_conflict"] is False


@pytest.mark.parametrize(("count", "solitary"), [(1, True), (2, False), (Interval(lo=1, hi=2), None)])
def test_a_solitary_bone_metastasis_is_exactly_one_and_bone_only(count: Value, solitary: bool | None) -> None:
    seen = patterns(mets__status="confirmed", mets__lesion_count=count, **organs())

    assert seen.get("pattern.solitary_bone") is solitary


def test_one_lesion_is_not_solitary_while_suspected_or_outside_bone() -> None:
    assert patterns(mets__status="suspected", mets__lesion_count=1, **organs())["pattern.solitary_bone"] is False
    with_liver = patterns(mets__status="confirmed", mets__lesion_count=1, **organs(liver="present"))
    assert with_liver["pattern.solitary_bone"] is False


@pytest.mark.parametrize("asserted", ["none", "oligoprogressive", "widespread"])
def test_progression_is_passed_on_as_asserted(asserted: str) -> None:
    assert patterns(mets__progression_pattern=asserted)["pattern.progression"] == asserted
    assert "pattern.progression" not in patterns()


@pytest.mark.parametrize(("site", "spinal"), [("vertebra", True), ("sacrum", True), ("pelvis", False), ("rib", False)])
def test_vertebra_and_sacrum_are_spinal(site: str, spinal: bool) -> None:
    assert patterns(lesion__site=site)["lesion.spinal"] is spinal
    assert "lesion.spinal" not in patterns()


@pytest.mark.parametrize(
    ("technique", "fractions", "single"),
    [
        ("SRS", 5, True),
        ("SRS", None, True),
        ("SBRT", 1, True),
        ("SBRT", 2, False),
        ("SBRT", None, None),
        ("VMAT", 1, False),
        (None, 2, None),
    ],
)
def test_radiosurgery_and_sbrt_in_one_fraction_are_single_fraction_stereotactic(
    technique: str | None, fractions: int | None, single: bool | None
) -> None:
    seen = patterns(rt__technique=technique, rt__fractions=fractions)

    assert seen.get("rt.single_fraction_stereotactic") is single


def test_a_stage_reads_only_what_earlier_stages_define() -> None:
    defined_now_or_later = {definition.fact for stage in DEFINITION_STAGES for definition in stage}

    for stage in DEFINITION_STAGES:
        for definition in stage:
            assert not defined_now_or_later.intersection(facts_in(definition.when)), definition.id
        defined_now_or_later -= {definition.fact for definition in stage}


# --- rules ---------------------------------------------------------------------------------------

SRE = rule_called("classify.sre", RULES).when
WITH_BONE: dict[str, Value] = {"mets.status": "confirmed", "mets.organ.bone": "present"}
PALLIATIVE_TO_BONE: dict[str, Value] = {"rt.planned": True, "rt.target": "bone", "rt.intent": "palliative"}
NO_EVENT: dict[str, Value] = {**WITH_BONE, "rt.planned": False, "surgery.planned": False}


@pytest.mark.parametrize(
    ("facts", "lesions", "so"),
    [
        ({**NO_EVENT}, [{"lesion.fracture": "fractured"}], Truth.TRUE),
        ({**NO_EVENT}, [{"lesion.fracture": "impending", "lesion.cord_compression": "none"}], Truth.FALSE),
        ({**NO_EVENT}, [{"lesion.cord_compression": "confirmed"}], Truth.TRUE),
        ({**NO_EVENT}, [{"lesion.cord_compression": "suspected", "lesion.fracture": "none"}], Truth.FALSE),
        ({**NO_EVENT}, [], Truth.FALSE),
        ({**NO_EVENT}, None, Truth.UNKNOWN),
        ({**NO_EVENT, **PALLIATIVE_TO_BONE}, [], Truth.TRUE),
        ({**NO_EVENT, **PALLIATIVE_TO_BONE, "rt.intent": "radical"}, [], Truth.FALSE),
        ({**NO_EVENT, "surgery.planned": True}, None, Truth.TRUE),
        ({**NO_EVENT, "surgery.planned": True, "mets.status": "none"}, None, Truth.FALSE),
        ({**NO_EVENT, "surgery.planned": True, "mets.organ.bone": "absent"}, None, Truth.FALSE),
    ],
)
def test_a_skeletal_related_event_has_four_parts(facts: dict[str, Value], lesions: Lesions, so: Truth) -> None:
    assert truth(SRE, facts, lesions) is so


def test_every_classification_is_a_fact_and_no_card() -> None:
    assert {rule.output for rule in RULES} == {"fact"}


def test_burden_is_told_only_when_confirmed_and_extent_already_when_suspected() -> None:
    burden, extent = (rule_called(id, RULES).when for id in ("classify.burden", "classify.extent"))

    suspected = named(mets__status="suspected", pattern__burden="not_applicable", pattern__extent="bone_only")

    assert truth(burden, suspected) is Truth.FALSE
    assert truth(extent, suspected) is Truth.TRUE
    assert truth(burden, {**suspected, "mets.status": "confirmed"}) is Truth.TRUE
    assert truth(extent, {**suspected, "mets.status": "none"}) is Truth.FALSE
