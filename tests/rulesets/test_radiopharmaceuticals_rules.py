"""Radiopharmaceuticals: who may have one, and what they share the marrow with, in both orders of events."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rulesets.facts import DRUG_CLASSES
from rulesets.language import Interval, Truth, Value
from rulesets.radiopharmaceuticals import MYELOTOXIC_CLASSES, RULES
from rulesets.record import Fact, Member
from tests.rulesets import cases
from tests.rulesets.building import drug, record
from tests.rulesets.cases import Case, every_case
from tests.rulesets.judging import truth
from tests.support.reasoners import reasoner

ORDERED = ("radiopharmaceutical", "drug")
CASES: dict[str, Case] = {
    "radiopharm.candidate": {
        "mets.status": ("confirmed", "suspected"),
        "patient.bone_pain": (True, False),
        "mets.bone_lesion_count": (2, 1),
        "prognosis.group": ("poor", "good"),
        "lesion.spinal": True,
        "lesion.cord_compression": ("none", "suspected"),
        "lesion.fracture": ("none", "impending"),
    },
    "radiopharm.single-site": {"order.kind": ORDERED, "mets.bone_lesion_count": (1, 2)},
    "radiopharm.no-symptoms": {
        "order.kind": ORDERED,
        "patient.bone_pain": (False, True),
        "mets.status": "confirmed",
    },
    "radiopharm.myelosuppression": {
        "order.kind": ORDERED,
        "drug.drug_class": ("parp_inhibitor", "endocrine"),
        "drug.on_board": (True, False),
    },
    "radiopharm.recent-then-myelosuppressive": {
        "order.kind": ("drug", "imaging"),
        "order.drug_class": ("cytotoxic", "endocrine"),
        "drug.drug_class": ("radiopharmaceutical", "antiresorptive"),
        "drug.on_board": (True, False),
    },
    "radiopharm.not-palliative": {"order.kind": ORDERED, "prognosis.group": ("good", "poor")},
    "radiopharm.agent-evidence": {"order.kind": ORDERED},
    "radiopharm.ra223-capecitabine": {
        "order.kind": ORDERED,
        "order.agent": ("radium-223", "strontium-89"),
        "drug.name": ("capecitabine", "paclitaxel"),
        "drug.status": ("active", "stopped"),
    },
}


def verdict(id: str, facts: dict[str, Value]) -> Truth:
    return cases.verdict(RULES, id, facts)


def test_the_cases_cover_every_rule() -> None:
    assert list(CASES) == [rule.id for rule in RULES]


@pytest.mark.parametrize(("id", "facts", "expected"), every_case(CASES))
def test_a_rule_is_true_false_or_open_as_its_facts_say(id: str, facts: dict[str, Value], expected: Truth) -> None:
    assert verdict(id, facts) is expected


# --- the candidate ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("group", "expected"),
    [
        ("intermediate", Truth.TRUE),
        ("poor", Truth.TRUE),
        ("good", Truth.FALSE),
        ("indeterminate", Truth.FALSE),
        ("not_applicable", Truth.FALSE),
    ],
)
def test_a_candidate_has_an_intermediate_or_poor_prognosis(group: str, expected: Truth) -> None:
    assert verdict(
        "radiopharm.candidate", cases.true_facts(CASES["radiopharm.candidate"]) | {"prognosis.group": group}
    ) is (expected)


@pytest.mark.parametrize(
    ("count", "expected"),
    [(1, Truth.FALSE), (2, Truth.TRUE), (Interval(lo=1), Truth.UNKNOWN), (Interval(lo=2), Truth.TRUE)],
)
def test_a_candidate_has_more_than_one_bone_lesion(count: Value, expected: Truth) -> None:
    facts = cases.true_facts(CASES["radiopharm.candidate"]) | {"mets.bone_lesion_count": count}

    assert verdict("radiopharm.candidate", facts) is expected


@pytest.mark.parametrize(
    ("lesions", "expected"),
    [
        (None, Truth.UNKNOWN),
        ([], Truth.TRUE),
        ([{"lesion.spinal": False, "lesion.cord_compression": "confirmed", "lesion.fracture": "none"}], Truth.TRUE),
        ([{"lesion.spinal": True, "lesion.cord_compression": "confirmed", "lesion.fracture": "none"}], Truth.FALSE),
        ([{"lesion.spinal": True, "lesion.cord_compression": "none", "lesion.fracture": "fractured"}], Truth.TRUE),
        ([{"lesion.spinal": True, "lesion.cord_compression": "none"}, {"lesion.fracture": "impending"}], Truth.FALSE),
        ([{"lesion.spinal": True, "lesion.fracture": "none"}], Truth.UNKNOWN),
    ],
)
def test_no_candidate_while_a_cord_or_a_bone_may_be_in_danger(
    lesions: list[dict[str, Value]] | None, expected: Truth
) -> None:
    facts = {
        name: value
        for name, value in cases.true_facts(CASES["radiopharm.candidate"]).items()
        if not name.startswith("lesion.")
    }

    assert truth(RULES[0].when, facts, lesions) is expected


# --- orders ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("pain", "status", "expected"),
    [
        (False, "confirmed", Truth.TRUE),
        (False, None, Truth.TRUE),
        (True, "none", Truth.TRUE),
        (None, "none", Truth.TRUE),
        (True, "confirmed", Truth.FALSE),
        (True, None, Truth.UNKNOWN),
        (None, "confirmed", Truth.UNKNOWN),
    ],
)
def test_without_pain_or_without_metastases_no_data_support_it(
    pain: bool | None, status: str | None, expected: Truth
) -> None:
    facts: dict[str, Value] = {"order.kind": "radiopharmaceutical"}
    facts |= {} if pain is None else {"patient.bone_pain": pain}
    facts |= {} if status is None else {"mets.status": status}

    assert verdict("radiopharm.no-symptoms", facts) is expected


@pytest.mark.parametrize("drug_class", DRUG_CLASSES)
def test_five_classes_are_taken_to_harm_the_marrow(drug_class: str) -> None:
    beside: dict[str, Value] = {
        "order.kind": "radiopharmaceutical",
        "drug.drug_class": drug_class,
        "drug.on_board": True,
    }
    after: dict[str, Value] = {
        "order.kind": "drug",
        "order.drug_class": drug_class,
        "drug.drug_class": "radiopharmaceutical",
        "drug.on_board": True,
    }
    expected = Truth.TRUE if drug_class in MYELOTOXIC_CLASSES else Truth.FALSE

    assert verdict("radiopharm.myelosuppression", beside) is expected
    assert verdict("radiopharm.recent-then-myelosuppressive", after) is expected


def test_radiotherapy_ordered_after_a_radiopharmaceutical_is_warned_of_whatever_the_drug_class() -> None:
    facts: dict[str, Value] = {
        "order.kind": "rt",
        "drug.drug_class": "radiopharmaceutical",
        "drug.on_board": True,
    }

    assert verdict("radiopharm.recent-then-myelosuppressive", facts) is Truth.TRUE


# --- how long it acts, in the real engine ------------------------------------------------------------


def fired(name: str, last_dose_day: int, **overrides: object) -> set[str]:
    ordered = Member(key="orders/0", facts={"order.kind": Fact(name="order.kind", value="rt")}, in_request=True)
    given = drug(name=name, status="stopped", last_dose_day=last_dose_day)
    of = replace(record({}, drugs=(given,)), orders=(ordered,))
    return {each.judged.id for each in reasoner(**overrides).fire(of).verdicts if each.truth is Truth.TRUE}


@pytest.mark.parametrize(
    ("name", "day", "overrides", "warned"),
    [
        ("strontium-89", -83, {}, True),
        ("strontium-89", -84, {}, False),
        ("radium-223", -27, {}, True),
        ("radium-223", -28, {}, False),
        ("strontium-89", -30, {"radiopharm_lookback_sr89_days": 30}, False),
        ("samarium-153", -40, {"radiopharm_lookback_days": 41}, True),
    ],
)
def test_a_radiopharmaceutical_is_looked_back_for_as_long_as_the_limit_says(
    name: str, day: int, overrides: dict[str, object], warned: bool
) -> None:
    assert ("radiopharm.recent-then-myelosuppressive" in fired(name, day, **overrides)) == warned
