"""The rulebook against the clinical specification it was written from, and against the paper itself."""

from __future__ import annotations

import hashlib

import pytest

from rulesets.evidence import normalised_words
from rulesets.rule import Rule
from rulesets.rulebook import RULES
from rulesets.thresholds import THRESHOLDS
from tests.support.conditions import condition
from tests.support.shared import shared_path, shared_yaml

CATALOGUE = shared_yaml("clinical/catalogue.yaml") or {"rules": [], "config": {}}
SPECIFIED = {rule["id"]: rule for rule in CATALOGUE["rules"]}
PAPER = shared_path("paper/cancers-2020-12-2390.txt")

pytestmark = pytest.mark.skipif(not SPECIFIED, reason="the clinical specification is not beside this checkout")


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_a_rule_is_as_specified(rule: Rule) -> None:
    specified = SPECIFIED[rule.id]

    assert rule.when == condition(specified["when"])
    assert rule.for_each == (() if specified["scope"] == "patient" else tuple(specified["scope"].split("_")))
    assert list(rule.hooks) == specified["hooks"]
    assert rule.indicator == specified["severity"]["indicator"]
    assert rule.output == ("card" if specified["output"] == "card" else "fact")
    escalation = specified["severity"].get("escalation")
    assert (rule.escalation is None) == (escalation is None)
    if rule.escalation and escalation:
        assert rule.escalation.when == condition(escalation["when"])
        assert rule.escalation.to == escalation["to"]


def test_the_rules_stand_in_the_order_specified() -> None:
    written = {rule.id for rule in RULES}

    assert [rule.id for rule in RULES] == [id for id in SPECIFIED if id in written]


OF_READERS = {"sbrt_min_fraction_gy", "sbrt_min_bed10", "repeated_dose_days"}
"""Thresholds of what is read where no code says it, which the specification of the rules does not have."""


def test_every_threshold_has_the_value_specified() -> None:
    specified = {key: setting["default"] for key, setting in CATALOGUE["config"].items()}
    of_rules = {key: threshold.default for key, threshold in THRESHOLDS.items() if key not in OF_READERS}

    assert of_rules.items() <= specified.items()
    assert all(THRESHOLDS[key].origin == "ours" for key in OF_READERS)


def test_every_statement_is_found_in_the_paper() -> None:
    assert PAPER is not None
    words = normalised_words(PAPER.read_text())
    known: dict[int, set[str]] = {}
    for rule in RULES:
        for statement in rule.statements:
            length, _, digest = statement.fingerprint.partition(":")
            size = int(length)
            if size not in known:
                windows = (" ".join(words[start : start + size]) for start in range(len(words) - size + 1))
                known[size] = {hashlib.sha256(window.encode()).hexdigest()[:16] for window in windows}
            assert digest in known[size], f"{rule.id}: no sentence of section {statement.section} has this fingerprint"
