"""Rules about the data themselves: each fires when it is seen to be so, and not a step before."""

from __future__ import annotations

import pytest

from rulesets.data_quality import RULES
from rulesets.language import Interval, Truth, Value
from tests.rulesets.judging import rule_called, truth

FLAGS = {
    "dq.hb-unit": "dq.hb_unusable",
    "dq.count-inconsistent": "dq.count_inconsistent",
    "dq.conflicting-sources": "dq.any_conflict",
    "dq.extent-conflict": "dq.extent_conflict",
    "dq.onset-conflict": "dq.onset_conflict",
    "dq.onset-grey-zone": "dq.onset_grey_zone",
    "dq.receptor-discordance": "dq.receptor_discordance",
    "dq.her2-equivocal": "tumour.her2_equivocal_unresolved",
    "dq.condition-conflict": "dq.condition_conflict",
    "dq.stale-data": "dq.any_stale",
}

FIVE_LESIONS: dict[str, Value] = {
    "mets.status": "confirmed",
    "mets.organ.bone": "present",
    "mets.lesion_count": 5,
    "order.kind": "none",
}

INDETERMINATE: dict[str, Value] = {
    "prognosis.group": "indeterminate",
    "mets.status": "confirmed",
    "mets.organ.bone": "present",
    "dq.prognosis_conflict": False,
}

TO_BONE: dict[str, Value] = {"rt.planned": True, "rt.target": "bone"}
UNMAPPED: dict[str, Value] = {"rt.planned": True, "drug.drug_class": "other", "drug.status": "active"}


def verdict(id: str, facts: dict[str, Value], **changes: Value | None) -> Truth:
    """The truth of a rule; ``__`` stands for the dot, None takes a fact away."""
    named = {name.replace("__", "."): value for name, value in changes.items()}
    known = {name: value for name, value in {**facts, **named}.items() if value is not None}
    return truth(rule_called(id, RULES).when, known)


# --- flags shown at a glance -----------------------------------------------------------------------


@pytest.mark.parametrize(("id", "flag"), FLAGS.items())
def test_a_flag_is_told_when_it_is_set_and_not_when_it_is_clear_or_unknown(id: str, flag: str) -> None:
    assert verdict(id, {"order.kind": "none", flag: True}) is Truth.TRUE
    assert verdict(id, {"order.kind": "none", flag: False}) is Truth.FALSE
    assert verdict(id, {"order.kind": "none"}) is Truth.UNKNOWN


@pytest.mark.parametrize(("id", "flag"), FLAGS.items())
@pytest.mark.parametrize(
    ("kind", "told"),
    [
        ("none", Truth.TRUE),
        ("rt", Truth.TRUE),
        ("procedure", Truth.TRUE),
        ("imaging", Truth.FALSE),
        ("drug", Truth.FALSE),
        ("radiopharmaceutical", Truth.FALSE),
    ],
)
def test_a_lasting_flag_stays_quiet_while_drugs_or_imaging_are_ordered(
    id: str, flag: str, kind: str, told: Truth
) -> None:
    assert verdict(id, {"order.kind": kind, flag: True}) is told


# --- the disputed number ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("count", "told"),
    [
        (4, Truth.FALSE),
        (5, Truth.TRUE),
        (6, Truth.FALSE),
        (Interval(lo=5), Truth.UNKNOWN),
        (Interval(lo=6), Truth.FALSE),
        (None, Truth.UNKNOWN),
    ],
)
def test_the_disputed_number_is_exactly_five(count: Value | None, told: Truth) -> None:
    assert verdict("dq.oligo-boundary", FIVE_LESIONS, mets__lesion_count=count) is told


def test_five_lesions_are_told_only_with_confirmed_bone_disease_and_no_drug_ordered() -> None:
    assert verdict("dq.oligo-boundary", FIVE_LESIONS, mets__status="suspected") is Truth.FALSE
    assert verdict("dq.oligo-boundary", FIVE_LESIONS, mets__organ__bone="absent") is Truth.FALSE
    assert verdict("dq.oligo-boundary", FIVE_LESIONS, order__kind="drug") is Truth.FALSE
    assert verdict("dq.oligo-boundary", FIVE_LESIONS, order__kind="rt") is Truth.TRUE


# --- prognosis -------------------------------------------------------------------------------------


def test_missing_data_are_asked_for_when_the_group_is_indeterminate() -> None:
    assert verdict("dq.missing-deciding-facts", INDETERMINATE) is Truth.TRUE
    assert verdict("dq.missing-deciding-facts", INDETERMINATE, prognosis__group="good") is Truth.FALSE


def test_missing_data_are_asked_for_also_when_nobody_knows_of_bone_disease() -> None:
    assert verdict("dq.missing-deciding-facts", INDETERMINATE, mets__organ__bone=None) is Truth.TRUE
    assert verdict("dq.missing-deciding-facts", INDETERMINATE, mets__organ__bone="absent") is Truth.FALSE


def test_a_contradicted_group_is_told_as_such_and_not_as_missing_data() -> None:
    assert verdict("dq.missing-deciding-facts", INDETERMINATE, dq__prognosis_conflict=True) is Truth.FALSE
    assert verdict("dq.prognosis-conflict", {"dq.prognosis_conflict": True}) is Truth.TRUE
    assert verdict("dq.prognosis-conflict", {"dq.prognosis_conflict": False}) is Truth.FALSE


def test_a_contradicted_status_is_told_whatever_is_ordered() -> None:
    assert verdict("dq.status-conflict", {"dq.status_conflict": True, "order.kind": "drug"}) is Truth.TRUE
    assert verdict("dq.status-conflict", {"dq.status_conflict": False}) is Truth.FALSE


# --- confirmation ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "told"),
    [
        ("none", Truth.TRUE),
        ("suspected", Truth.TRUE),
        ("confirmed", Truth.FALSE),
        (None, Truth.UNKNOWN),
    ],
)
def test_radiotherapy_to_bone_is_questioned_without_a_confirmed_metastasis(status: str | None, told: Truth) -> None:
    assert verdict("dq.rt-unconfirmed", TO_BONE, mets__status=status) is told


def test_radiotherapy_elsewhere_or_closed_is_not_questioned() -> None:
    assert verdict("dq.rt-unconfirmed", TO_BONE, mets__status="none", rt__target="brain") is Truth.FALSE
    assert verdict("dq.rt-unconfirmed", TO_BONE, mets__status="none", rt__planned=False) is Truth.FALSE


def test_suspected_metastases_are_told_and_confirmed_or_absent_ones_are_not() -> None:
    told = {
        status: verdict("dq.mets-unconfirmed", {"mets.status": status}) for status in ("suspected", "confirmed", "none")
    }

    assert told == {"suspected": Truth.TRUE, "confirmed": Truth.FALSE, "none": Truth.FALSE}


# --- dose, scope, subtype --------------------------------------------------------------------------


def test_an_implausible_dose_is_critical_on_an_open_course_only() -> None:
    implausible: dict[str, Value] = {"rt.planned": True, "rt.dose_implausible": True}

    assert verdict("dq.dose-implausible", implausible) is Truth.TRUE
    assert verdict("dq.dose-implausible", implausible, rt__dose_implausible=False) is Truth.FALSE
    assert verdict("dq.dose-implausible", implausible, rt__planned=False) is Truth.FALSE
    assert rule_called("dq.dose-implausible", RULES).indicator == "critical"


@pytest.mark.parametrize(
    ("facts", "told"),
    [
        ({"tumour.is_breast_primary": False}, Truth.TRUE),
        ({"tumour.histology": "angiosarcoma"}, Truth.TRUE),
        ({"tumour.is_breast_primary": True, "tumour.histology": "angiosarcoma"}, Truth.TRUE),
        ({"tumour.is_breast_primary": True, "tumour.histology": "lobular"}, Truth.FALSE),
        ({"tumour.is_breast_primary": True}, Truth.UNKNOWN),
        ({}, Truth.UNKNOWN),
    ],
)
def test_another_primary_or_an_angiosarcoma_is_out_of_scope(facts: dict[str, Value], told: Truth) -> None:
    assert verdict("dq.out-of-scope", facts) is told


def test_only_the_subtype_the_paper_leaves_out_is_told() -> None:
    assert verdict("dq.subtype-outside-paper", {"order.kind": "none"}, tumour__subtype="er_negative_pr_positive") is (
        Truth.TRUE
    )
    assert verdict("dq.subtype-outside-paper", {"order.kind": "none"}, tumour__subtype="triple_negative") is Truth.FALSE
    assert verdict("dq.subtype-outside-paper", {"order.kind": "none"}) is Truth.UNKNOWN


# --- drugs without a class -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({}, Truth.TRUE),
        ({"drug.anticancer": True}, Truth.TRUE),
        ({"drug.anticancer": False}, Truth.FALSE),
        ({"drug.status": None}, Truth.TRUE),
        ({"drug.status": "planned"}, Truth.TRUE),
        ({"drug.status": "stopped"}, Truth.FALSE),
        ({"drug.drug_class": "endocrine"}, Truth.FALSE),
        ({"rt.planned": False}, Truth.FALSE),
        ({"rt.planned": None}, Truth.UNKNOWN),
    ],
)
def test_a_drug_of_unknown_class_is_told_unless_it_is_stopped_or_treats_no_cancer(
    changes: dict[str, Value | None], told: Truth
) -> None:
    assert verdict("dq.drug-unmapped", UNMAPPED, **changes) is told


def test_a_drug_of_unknown_class_is_a_warning_once_it_is_known_to_treat_cancer() -> None:
    rule = rule_called("dq.drug-unmapped", RULES)

    assert rule.escalation is not None
    assert (rule.indicator, rule.escalation.to) == ("info", "warning")
    assert truth(rule.escalation.when, {"drug.anticancer": True}) is Truth.TRUE
    assert truth(rule.escalation.when, {}) is Truth.UNKNOWN
