"""Interventional radiology: both sides of each rule, and the guards that are our own."""

from __future__ import annotations

import pytest

from rulesets.interventional_radiology import RULES
from rulesets.language import Truth, Value
from tests.rulesets import cases
from tests.rulesets.cases import Case, every_case

CASES: dict[str, Case] = {
    "ir.vertebroplasty": {
        "lesion.site": ("vertebra", "sacrum"),
        "lesion.painful": (True, False),
        "lesion.cord_compression": ("none", "suspected"),
        "lesion.fracture": "none",
        "lesion.behaviour": ("lytic", "sclerotic"),
        "lesion.surgically_stabilised": (False, True),
    },
    "ir.cementoplasty": {
        "lesion.site": ("pelvis", "rib"),
        "lesion.painful": (True, False),
        "lesion.fracture": ("none", "fractured"),
        "lesion.surgically_stabilised": (False, True),
        "patient.surgical_condition": "acceptable",
    },
    "ir.ablation-proximity": {
        "order.kind": ("procedure", "imaging"),
        "order.agent": ("cryoablation", "vertebroplasty"),
        "lesion.near_nerve_or_vessel": (True, False),
    },
    "ir.endovascular-bulky": {
        "lesion.bulky": (True, False),
        "lesion.painful": (True, False),
    },
    "ir.faster-healing": {
        "surgery.planned": (True, False),
        "systemic.ongoing": (True, False),
    },
}
TRUE_WITHOUT = {
    ("ir.vertebroplasty", "lesion.surgically_stabilised"),  # nobody says that it has been operated on
    ("ir.cementoplasty", "lesion.surgically_stabilised"),
}


def verdict(id: str, facts: dict[str, Value]) -> Truth:
    return cases.verdict(RULES, id, facts)


def test_the_cases_cover_every_rule() -> None:
    assert list(CASES) == [rule.id for rule in RULES]


@pytest.mark.parametrize(("id", "facts", "expected"), every_case(CASES, TRUE_WITHOUT))
def test_a_rule_is_true_false_or_open_as_its_facts_say(id: str, facts: dict[str, Value], expected: Truth) -> None:
    assert verdict(id, facts) is expected


@pytest.mark.parametrize(
    ("fracture", "behaviour", "expected"),
    [
        ("none", "lytic", Truth.TRUE),
        ("impending", "sclerotic", Truth.TRUE),
        ("fractured", None, Truth.TRUE),
        ("none", "mixed", Truth.FALSE),
        ("none", None, Truth.UNKNOWN),
        (None, "sclerotic", Truth.UNKNOWN),
    ],
)
def test_a_vertebra_is_at_mechanical_risk_by_a_fracture_or_by_lysis(
    fracture: str | None, behaviour: str | None, expected: Truth
) -> None:
    facts = cases.true_facts(CASES["ir.vertebroplasty"]) | {"lesion.fracture": fracture, "lesion.behaviour": behaviour}

    assert verdict("ir.vertebroplasty", {name: each for name, each in facts.items() if each is not None}) is expected


@pytest.mark.parametrize(
    ("compression", "expected"),
    [("none", Truth.TRUE), ("suspected", Truth.FALSE), ("confirmed", Truth.FALSE), (None, Truth.UNKNOWN)],
)
def test_no_cement_is_named_until_cord_compression_is_excluded(compression: str | None, expected: Truth) -> None:
    facts = cases.true_facts(CASES["ir.vertebroplasty"]) | {"lesion.cord_compression": compression}

    assert verdict("ir.vertebroplasty", {name: each for name, each in facts.items() if each is not None}) is expected


@pytest.mark.parametrize(
    ("site", "fracture", "fitness", "expected"),
    [
        ("long_bone", "impending", "unacceptable", Truth.TRUE),
        ("long_bone", "impending", "acceptable", Truth.FALSE),
        ("long_bone", "impending", None, Truth.FALSE),
        ("long_bone", "none", "acceptable", Truth.TRUE),
        ("long_bone", None, "acceptable", Truth.UNKNOWN),
        ("pelvis", "impending", "acceptable", Truth.TRUE),
        ("pelvis", "fractured", "unacceptable", Truth.FALSE),
    ],
)
def test_cement_is_no_substitute_for_fixing_a_long_bone_that_can_be_operated_on(
    site: str, fracture: str | None, fitness: str | None, expected: Truth
) -> None:
    facts: dict[str, Value] = {"lesion.site": site, "lesion.painful": True}
    facts |= {"lesion.fracture": fracture} if fracture else {}
    facts |= {"patient.surgical_condition": fitness} if fitness else {}

    assert verdict("ir.cementoplasty", facts) is expected


@pytest.mark.parametrize(
    ("agent", "expected"),
    [
        ("radiofrequency", Truth.TRUE),
        ("cryoablation", Truth.TRUE),
        ("alcohol_embolization", Truth.TRUE),
        ("chemoembolization", Truth.FALSE),
        (None, Truth.UNKNOWN),
    ],
)
def test_heat_cold_and_alcohol_call_for_care(agent: str | None, expected: Truth) -> None:
    facts: dict[str, Value] = {"order.kind": "procedure", "lesion.near_nerve_or_vessel": True}

    assert verdict("ir.ablation-proximity", facts if agent is None else {**facts, "order.agent": agent}) is expected


def test_what_is_offered_fits_the_rule() -> None:
    assert {rule.id: [each.action for each in rule.suggestions] for rule in RULES if rule.suggestions} == {
        "ir.vertebroplasty": ["refer_to_interventional_radiology"],
        "ir.cementoplasty": ["refer_to_interventional_radiology"],
    }
