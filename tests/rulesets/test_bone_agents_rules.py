"""Antiresorptive drugs: advised only where it is known that none is taken."""

from __future__ import annotations

import pytest

from rulesets.bone_agents import RULES
from rulesets.language import Interval, Truth, Value
from rulesets.record import Record
from rulesets.thresholds import effective
from service.cards.questions import questions_at
from service.conclude import conclude
from tests.rulesets import cases
from tests.rulesets.building import drug, record
from tests.rulesets.cases import Case, every_case
from tests.support.reasoners import reasoner

CASES: dict[str, Case] = {
    "bone-agents.consider": {
        "mets.status": ("confirmed", "suspected"),
        "mets.organ.bone": ("present", "absent"),
        "bone_agent.active": (False, True),
    },
    "bone-agents.adjuvant": {
        "mets.status": ("none", "suspected"),
        "tumour.positive_axillary_nodes": (4, 3),
        "tumour.first_event": ("none", "local"),
        "bone_agent.active": (False, True),
    },
}


def test_the_cases_cover_every_rule() -> None:
    assert list(CASES) == [rule.id for rule in RULES]


@pytest.mark.parametrize(("id", "facts", "expected"), every_case(CASES))
def test_a_rule_is_true_false_or_open_as_its_facts_say(id: str, facts: dict[str, Value], expected: Truth) -> None:
    assert cases.verdict(RULES, id, facts) is expected


@pytest.mark.parametrize(
    ("nodes", "limit", "expected"),
    [
        (3, 4, Truth.FALSE),
        (4, 4, Truth.TRUE),
        (Interval(lo=1), 4, Truth.UNKNOWN),
        (1, 2, Truth.FALSE),
        (2, 2, Truth.TRUE),
    ],
)
def test_the_adjuvant_gate_is_the_limit_of_nodes(nodes: Value, limit: int, expected: Truth) -> None:
    facts = {**cases.true_facts(CASES["bone-agents.adjuvant"]), "tumour.positive_axillary_nodes": nodes}

    assert cases.verdict(RULES, "bone-agents.adjuvant", facts, effective({"nodes_high_risk_min": limit})) is expected


# --- what is asked ---------------------------------------------------------------------------------

BONE_DISEASE: dict[str, Value] = {"mets.status": "confirmed", "mets.organ.bone": "present"}


def asked(of: Record) -> set[str]:
    conclusion = conclude(reasoner().fire(of), effective())
    return {question.fact for question in questions_at(conclusion, "patient-view", group_is_open=False)}


def fired(of: Record) -> set[str]:
    return {each.judged.id for each in reasoner().fire(of).verdicts if each.truth is Truth.TRUE}


def test_with_a_list_that_leaves_it_open_the_drug_is_asked_for() -> None:
    unknown_drug = drug(name="a trial drug", status="active")

    assert "bone_agent.active" in asked(record(BONE_DISEASE, drugs=(unknown_drug,)))


@pytest.mark.parametrize("list_available", [None, False])
def test_without_a_complete_list_nothing_is_asked(list_available: bool | None) -> None:
    stated = {} if list_available is None else {"meds.list_available": list_available}
    drugs = None if list_available is None else (drug(name="a trial drug", status="active"),)

    assert "bone_agent.active" not in asked(record({**BONE_DISEASE, **stated}, drugs=drugs))


def test_a_settled_list_answers_by_itself() -> None:
    on_denosumab = record(BONE_DISEASE, drugs=(drug(name="denosumab", status="active"),))
    on_letrozole = record(BONE_DISEASE, drugs=(drug(name="letrozole", status="active"),))

    assert "bone_agent.active" not in asked(on_denosumab) | asked(on_letrozole)
    assert "bone-agents.consider" not in fired(on_denosumab)
    assert "bone-agents.consider" in fired(on_letrozole)
