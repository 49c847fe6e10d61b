"""The rules that tell the prognosis: each with all it asks, with one fact to the contrary, and with one unknown."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from rulesets.language import Truth, Value
from rulesets.prognosis import RULES
from tests.rulesets import cases
from tests.rulesets.cases import Case, every_case

BONE_DISEASE: Case = {"mets.status": ("confirmed", "suspected"), "mets.organ.bone": ("present", "absent")}
CASES: Mapping[str, Case] = {
    "prognosis.stratify": BONE_DISEASE,
    "prognosis.good": {"prognosis.group": ("good", "intermediate")},
    "prognosis.intermediate": {"prognosis.group": ("intermediate", "poor")},
    "prognosis.poor": {"prognosis.group": ("poor", "intermediate")},
    "prognosis.indeterminate": {"prognosis.group": ("indeterminate", "good"), **BONE_DISEASE},
    "prognosis.secondary-factors": {**BONE_DISEASE, "tumour.histology": "lobular"},
    "prognosis.oligoprogressive-outcome": {
        "mets.status": ("confirmed", "none"),
        "pattern.progression": ("oligoprogressive", "widespread"),
        "rt.planned": (True, False),
        "rt.target": ("bone", "brain"),
        "rt.intent": ("radical", "palliative"),
    },
}
NOT_FACTORS: Mapping[str, Value] = {
    "patient.hemoglobin_g_dl": 11.0,
    "tumour.size_cm": 5.0,
    "tumour.grade": 2,
    "tumour.histology": "ductal_nst",
    "tumour.positive_axillary_nodes": 3,
    "pattern.solitary_bone": False,
    "bone_agent.active": False,
    "pattern.progression": "widespread",
}
FACTORS: Mapping[str, Value] = {
    "patient.hemoglobin_g_dl": 10.9,
    "tumour.size_cm": 5.1,
    "tumour.grade": 3,
    "tumour.histology": "lobular",
    "tumour.positive_axillary_nodes": 4,
    "pattern.solitary_bone": True,
    "bone_agent.active": True,
    "patient.bone_symptom_duration_months": 0,
    "pattern.progression": "oligoprogressive",
}
"""Each factor on the far side of its limit; of symptoms any duration is told, as no limit is given."""


def test_there_is_a_case_for_every_rule() -> None:
    assert list(CASES) == [rule.id for rule in RULES]


@pytest.mark.parametrize(("id", "facts", "expected"), every_case(CASES, {("prognosis.indeterminate", "mets.organ.bone")}))
def test_a_rule_is_true_with_all_it_asks_and_waits_for_what_is_unknown(
    id: str, facts: dict[str, Value], expected: Truth
) -> None:
    assert cases.verdict(RULES, id, facts) is expected


@pytest.mark.parametrize("name", FACTORS)
def test_each_secondary_factor_is_told_by_itself(name: str) -> None:
    facts = {"mets.status": "confirmed", "mets.organ.bone": "present", **NOT_FACTORS}

    assert cases.verdict(RULES, "prognosis.secondary-factors", facts) is Truth.FALSE
    assert cases.verdict(RULES, "prognosis.secondary-factors", facts | {name: FACTORS[name]}) is Truth.TRUE
