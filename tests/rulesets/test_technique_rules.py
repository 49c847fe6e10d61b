"""The rules on technique: each on both sides, how grave a missing MRI is, and which lesions the limit counts."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from rulesets.language import Interval, Truth, Value
from rulesets.technique import RULES
from rulesets.thresholds import effective
from tests.rulesets import cases
from tests.rulesets.building import course, record
from tests.rulesets.cases import Case, every_case
from tests.rulesets.judging import rule_called, truth
from tests.support.reasoners import reasoner

FOR_BONE: Case = {
    "rt.planned": (True, False),
    "rt.target": ("bone", "brain"),
    "rt.dose_implausible": (False, True),
}
RADICAL: Case = FOR_BONE | {"rt.intent": ("radical", "palliative")}
PALLIATIVE: Case = FOR_BONE | {"rt.intent": ("palliative", "radical")}

CASES: dict[str, Case] = {
    "technique.sbrt-mri-mandatory": FOR_BONE
    | {"rt.technique": ("SBRT", "VMAT"), "rt.mri_coregistration": (False, True)},
    "technique.sbrt-immobilisation": FOR_BONE | {"rt.technique": ("SRS", "IMRT"), "rt.immobilisation": (False, True)},
    "technique.radical-conformal": RADICAL | {"rt.technique": ("3DCRT", "IMRT")},
    "technique.radical-mri-useful": RADICAL | {"rt.technique": ("SIB", "SBRT"), "rt.mri_coregistration": (False, True)},
    "technique.palliative-volume": PALLIATIVE
    | {
        "rt.setting": ("definitive", "postoperative"),
        "rt.volume": ("lesion_mm_margin", "bone_compartment"),
    },
    "technique.palliative-soft-tissue": PALLIATIVE
    | {
        "rt.volume": ("bone_compartment", "bone_compartment_plus_soft_tissue"),
        "lesion.soft_tissue_extension": (True, False),
    },
    "technique.ct-coregistration": PALLIATIVE
    | {
        "lesion.bulky": (True, False),
        "lesion.soft_tissue_extension": False,
        "rt.ct_contrast_coregistration": (False, True),
    },
    "technique.radical-volume": RADICAL | {"rt.volume": ("bone_compartment", "whole_vertebra_sib")},
    "technique.whole-lesion": RADICAL | {"rt.volume": ("partial_lesion", "lesion_mm_margin")},
    "technique.retreatment-imrt-vmat": FOR_BONE | {"rt.technique": ("3DCRT", "VMAT"), "rt.retreatment": (True, False)},
    "technique.srs-lesion-count": FOR_BONE
    | {
        "rt.single_fraction_stereotactic": (True, False),
        "mets.lesion_count": (4, 3),
        "rt.technique": "SRS",
    },
    "technique.srs-canal": FOR_BONE
    | {
        "rt.single_fraction_stereotactic": (True, False),
        "rt.near_spinal_canal": (True, False),
        "rt.spinal": (True, False),
        "rt.technique": "SBRT",
    },
    "technique.sib-alternative": RADICAL
    | {
        "rt.spinal": (True, False),
        "mets.lesion_count": 3,
        "rt.near_spinal_canal": (True, False),
        "rt.single_fraction_stereotactic": (True, False),
    },
    "technique.radical-all-sites": RADICAL | {"rt.all_sites_covered": (False, True)},
    "technique.pet-contouring": FOR_BONE | {"rt.contouring_modality": ("PET", "CT_MRI")},
}
# These rules allow for what is not known; and "is known" is false of what is not known.
TRUE_WITHOUT = {
    ("technique.sbrt-mri-mandatory", "rt.mri_coregistration"),
    ("technique.srs-canal", "rt.spinal"),
}
FALSE_WITHOUT = "technique.retreatment-imrt-vmat without rt.technique"


def verdict(id: str, facts: Mapping[str, Value], **overrides: object) -> Truth:
    """The truth of a rule with the values in force, the facts that a setting chooses among them."""
    thresholds = effective(overrides)
    return cases.verdict([rule.in_force(thresholds) for rule in RULES], id, facts, thresholds)


def changed(id: str, **changes: Value | None) -> dict[str, Value]:
    """The facts of a case with some changed, ``__`` standing for the dot, and those that are None unknown."""
    named = {name.replace("__", "."): value for name, value in changes.items()}
    facts = {**cases.true_facts(CASES[id]), **named}
    return {name: value for name, value in facts.items() if value is not None}


def test_the_cases_cover_every_rule() -> None:
    assert list(CASES) == [rule.id for rule in RULES]


@pytest.mark.parametrize(
    ("id", "facts", "expected"),
    [case for case in every_case(CASES, TRUE_WITHOUT) if case.id != FALSE_WITHOUT],
)
def test_a_rule_is_true_false_or_open_as_its_facts_say(id: str, facts: dict[str, Value], expected: Truth) -> None:
    assert verdict(id, facts) is expected


def test_an_unknown_technique_is_not_asked_about_in_retreatment() -> None:
    assert verdict(
        "technique.retreatment-imrt-vmat", changed("technique.retreatment-imrt-vmat", rt__technique=None)
    ) is (Truth.FALSE)


# --- MRI for stereotactic courses --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("mri", "spinal", "status", "expected"),
    [
        (None, True, "planned", "info"),
        (False, False, "planned", "warning"),
        (False, None, "planned", "warning"),
        (False, True, "draft", "warning"),
        (False, True, "on_hold", "warning"),
        (False, True, None, "warning"),
        (False, True, "planned", "critical"),
        (False, True, "in_progress", "critical"),
    ],
)
def test_a_missing_mri_is_graver_when_stated_and_gravest_for_a_spine_about_to_be_treated(
    mri: bool | None, spinal: bool | None, status: str | None, expected: str
) -> None:
    rule = rule_called("technique.sbrt-mri-mandatory", RULES)
    stated = {"rt.mri_coregistration": mri, "rt.spinal": spinal, "rt.status": status}
    known = {name: value for name, value in stated.items() if value is not None}

    indicator = rule.indicator
    for step in rule.escalations():
        if truth(step.when, known) is Truth.TRUE:
            indicator = step.to

    assert indicator == expected


def test_only_the_mri_rule_becomes_graver() -> None:
    assert [rule.id for rule in RULES if rule.escalation] == ["technique.sbrt-mri-mandatory"]


# --- volumes ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("bulky", "extension", "expected"),
    [
        (True, None, Truth.TRUE),
        (None, True, Truth.TRUE),
        (False, False, Truth.FALSE),
        (False, None, Truth.UNKNOWN),
        (None, None, Truth.UNKNOWN),
    ],
)
def test_a_contrast_ct_is_worth_it_for_bulk_or_for_growth_into_soft_tissue(
    bulky: bool | None, extension: bool | None, expected: Truth
) -> None:
    facts = changed("technique.ct-coregistration")
    seen = {"lesion.bulky": bulky, "lesion.soft_tissue_extension": extension}
    lesion = {name: value for name, value in seen.items() if value is not None}

    assert truth(rule_called("technique.ct-coregistration", RULES).when, facts_of_course(facts), [lesion]) is expected


@pytest.mark.parametrize("id", ["technique.palliative-soft-tissue", "technique.ct-coregistration"])
def test_without_any_lesion_nothing_grows_into_soft_tissue_and_without_a_list_it_is_unknown(id: str) -> None:
    facts = facts_of_course(changed(id))

    assert truth(rule_called(id, RULES).when, facts, []) is Truth.FALSE
    assert truth(rule_called(id, RULES).when, facts, None) is Truth.UNKNOWN


def facts_of_course(facts: Mapping[str, Value]) -> dict[str, Value]:
    return {name: value for name, value in facts.items() if not name.startswith("lesion.")}


# --- radiosurgery ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("count", "limit", "expected"),
    [
        (3, 3, Truth.FALSE),
        (4, 3, Truth.TRUE),
        (4, 4, Truth.FALSE),
        (5, 4, Truth.TRUE),
        (Interval(lo=2), 3, Truth.UNKNOWN),
        (Interval(lo=4), 3, Truth.TRUE),
        (Interval(lo=1, hi=3), 3, Truth.FALSE),
    ],
)
@pytest.mark.parametrize("id", ["technique.srs-lesion-count", "technique.sib-alternative"])
def test_more_lesions_than_the_limit_speak_against_radiosurgery(
    id: str, count: Value, limit: int, expected: Truth
) -> None:
    facts = changed(id, mets__lesion_count=count, rt__near_spinal_canal=False)

    assert verdict(id, facts, srs_max_lesions=limit) is expected


@pytest.mark.parametrize("id", ["technique.srs-lesion-count", "technique.sib-alternative"])
def test_a_setting_makes_the_limit_count_spinal_lesions(id: str) -> None:
    many_few = changed(id, mets__lesion_count=9, mets__spinal_lesion_count=3, rt__near_spinal_canal=False)
    few_many = changed(id, mets__lesion_count=3, mets__spinal_lesion_count=4, rt__near_spinal_canal=False)
    spinal_unknown = changed(id, mets__lesion_count=9, rt__near_spinal_canal=False)

    for scope, expected in (
        ("all_lesions", (Truth.TRUE, Truth.FALSE, Truth.TRUE)),
        ("spinal_lesions", (Truth.FALSE, Truth.TRUE, Truth.UNKNOWN)),
    ):
        found = [verdict(id, facts, srs_count_scope=scope) for facts in (many_few, few_many, spinal_unknown)]
        assert tuple(found) == expected


def test_the_count_asked_for_is_the_one_that_the_limit_counts() -> None:
    rule = rule_called("technique.srs-lesion-count", RULES)

    assert [fact.name for fact in rule.in_force(effective()).ask] == ["mets.lesion_count"]
    spinal = rule.in_force(effective({"srs_count_scope": "spinal_lesions"}))
    assert [fact.name for fact in spinal.ask] == ["mets.spinal_lesion_count"]


@pytest.mark.parametrize("id", ["technique.srs-lesion-count", "technique.srs-canal"])
@pytest.mark.parametrize(
    ("technique", "intent", "expected"),
    [("SRS", None, Truth.TRUE), (None, "radical", Truth.TRUE), (None, "palliative", Truth.FALSE)],
)
def test_radiosurgery_by_name_is_enough_and_so_is_radical_intent(
    id: str, technique: str | None, intent: str | None, expected: Truth
) -> None:
    assert verdict(id, changed(id, rt__technique=technique, rt__intent=intent)) is expected


# --- in the real engine ------------------------------------------------------------------------------------

SINGLE = {"status": "draft", "target": "bone", "region": "spine", "intent": "radical", "technique": "SBRT"}


@pytest.mark.parametrize(
    ("scope", "fractions", "expected"),
    [
        ("all_lesions", 1, {"technique.srs-lesion-count", "technique.sib-alternative"}),
        ("all_lesions", 3, set()),
        ("spinal_lesions", 1, set()),
    ],
)
def test_sbrt_in_one_fraction_counts_as_radiosurgery_and_the_setting_reaches_the_engine(
    scope: str, fractions: int, expected: set[str]
) -> None:
    treated = course(**SINGLE, total_dose_gy=20, fractions=fractions, near_spinal_canal=False)
    patient = record({"mets.lesion_count": 5, "mets.spinal_lesion_count": 1}, courses=(treated,))

    verdicts = reasoner(srs_count_scope=scope).fire(patient).verdicts

    fired = {each.judged.id for each in verdicts if each.truth is Truth.TRUE}
    assert fired & {"technique.srs-lesion-count", "technique.sib-alternative"} == expected


@pytest.mark.parametrize(
    ("id", "changes", "expected"),
    [
        ("technique.srs-canal", {"rt__spinal": False}, Truth.FALSE),
        ("technique.sib-alternative", {"rt__near_spinal_canal": False, "mets__lesion_count": None}, Truth.UNKNOWN),
        ("technique.sib-alternative", {"rt__spinal": None}, Truth.UNKNOWN),
    ],
)
def test_a_boost_is_for_the_spine(id: str, changes: dict[str, Value | None], expected: Truth) -> None:
    assert verdict(id, changed(id, **changes)) is expected
