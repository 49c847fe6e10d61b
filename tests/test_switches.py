"""Rules that are off by default: neither true, nor open, nor asked about, until their switch is on."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from rulesets.language import Truth, Value
from rulesets.record import Record
from rulesets.rulebook import RULES
from rulesets.thresholds import ENABLE_POPULATION_RISK, ENABLE_SUPERSEDED, ENABLE_TRIALS, Threshold, effective
from service.assess import Request, assess
from service.fire import Reasoner
from tests.rulesets.building import record
from tests.support.house import house_in

SWITCHES = (ENABLE_POPULATION_RISK, ENABLE_SUPERSEDED, ENABLE_TRIALS)
BEHIND = {switch.key: {rule.id for rule in RULES if rule.enabled_by is switch} for switch in SWITCHES}

FOLLOW_UP: dict[str, Value] = {"mets.status": "none", "tumour.years_since_diagnosis": 3}
LUMINAL: dict[str, Value] = {
    "mets.status": "confirmed",
    "mets.organ.bone": "present",
    "mets.lesion_count": 2,
    "mets.onset_assertion": "recurrent",
    "mets.recurrence_interval_months": 30,
    "systemic.prior_lines_metastatic": 0,
    "tumour.er_primary": "positive",
    "tumour.her2_primary": "negative",
    "tumour.stage": "IIIB",
}
DE_NOVO: dict[str, Value] = LUMINAL | {"mets.onset_assertion": "de_novo", "tumour.stage": "IV"}
TRIPLE_NEGATIVE: dict[str, Value] = {
    "mets.status": "confirmed",
    "mets.progression_pattern": "oligoprogressive",
    "tumour.er_primary": "negative",
    "tumour.pr_primary": "negative",
    "tumour.her2_primary": "negative",
    "tumour.pdl1": "positive",
}
PATIENTS = (FOLLOW_UP, LUMINAL, DE_NOVO, TRIPLE_NEGATIVE)


@dataclass(frozen=True)
class Told:
    """What an engine says of some patients together."""

    true: set[str]
    open: set[str]


def told(reasoner: Reasoner, *patients: Record) -> Told:
    verdicts = [verdict for patient in patients for verdict in reasoner.fire(patient).verdicts]
    return Told(
        true={each.judged.id for each in verdicts if each.truth is Truth.TRUE},
        open={each.judged.id for each in verdicts if each.truth is Truth.UNKNOWN},
    )


def test_every_switch_is_off_by_default_and_has_rules_behind_it() -> None:
    assert all(switch.default is False for switch in SWITCHES)
    assert {rule.enabled_by for rule in RULES if rule.enabled_by} == set(SWITCHES)


def test_with_every_switch_off_none_of_their_rules_is_true_or_open() -> None:
    reasoner = Reasoner(effective())

    said = told(reasoner, *(record(facts) for facts in PATIENTS), record({}))

    behind = set().union(*BEHIND.values())
    assert not behind & (said.true | said.open)
    assert set(reasoner.switched_off) == behind


@pytest.mark.parametrize("switch", SWITCHES, ids=lambda switch: switch.key)
def test_a_switch_turns_on_its_own_rules_and_no_others(switch: Threshold) -> None:
    reasoner = Reasoner(effective({switch.key: True}))

    said = told(reasoner, *(record(facts) for facts in PATIENTS))

    others = set().union(*(ids for key, ids in BEHIND.items() if key != switch.key))
    assert BEHIND[switch.key] <= said.true
    assert not others & (said.true | said.open)
    assert set(reasoner.switched_off) == others


def test_a_trial_that_is_on_is_open_for_a_record_that_says_nothing() -> None:
    said = told(Reasoner(effective({ENABLE_TRIALS.key: True})), record({}))

    assert said.open & BEHIND[ENABLE_TRIALS.key]
    assert not said.true & BEHIND[ENABLE_TRIALS.key]


# --- through the door ------------------------------------------------------------------------------


def decided(folder: Path, config: dict[str, object]) -> tuple[dict[str, Any], dict[str, str]]:
    """The answer about a patient, and what the trace says became of the rules."""
    house = house_in(folder)
    document = {"evaluationDate": "2026-11-01", "facts": LUMINAL, "config": config}
    [result] = assess(house, Request(kind="facts", document=document, digest="0" * 64)).results
    stored = house.store.get(result["trace"])
    assert stored is not None
    return result, dict(stored.rules)


def test_a_request_may_turn_a_switch_on_for_itself_and_the_trace_tells(tmp_path: Path) -> None:
    result, rules = decided(tmp_path, {ENABLE_TRIALS.key: True})

    assert {each["id"] for each in result["rules"]["fired"]} & BEHIND[ENABLE_TRIALS.key]
    assert any("Possible match" in card["summary"] for card in result["cards"])
    assert "switched off" not in {rules.get(id) for id in BEHIND[ENABLE_TRIALS.key]}


def test_without_it_nothing_is_said_of_a_trial_and_the_trace_tells(tmp_path: Path) -> None:
    result, rules = decided(tmp_path, {})

    assert not {each["id"] for each in result["rules"]["fired"]} & BEHIND[ENABLE_TRIALS.key]
    assert not any("trial." in str(card) for card in result["cards"])
    assert {rules[id] for id in BEHIND[ENABLE_TRIALS.key]} == {"switched off"}
