"""The rulebook against the clinical specification it was written from, and against the paper itself."""

from __future__ import annotations

import fnmatch
import re

import pytest

from rulesets.coverage import PASSAGES
from rulesets.evidence import fingerprint_of, normalised_words, passages_found
from rulesets.rule import Rule
from rulesets.rulebook import RULES
from rulesets.thresholds import THRESHOLDS
from tests.support.conditions import condition, switch_and_condition
from tests.support.shared import shared_path, shared_yaml

CATALOGUE = shared_yaml("clinical/catalogue.yaml") or {"rules": [], "config": {}}
SPECIFIED = {rule["id"]: rule for rule in CATALOGUE["rules"]}
LONGEST_RUN = 10
PAPER = shared_path("paper/cancers-2020-12-2390.txt")

pytestmark = pytest.mark.skipif(not SPECIFIED, reason="the clinical specification is not beside this checkout")


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_a_rule_is_as_specified(rule: Rule) -> None:
    specified = SPECIFIED[rule.id]

    assert (rule.enabled_by, rule.when) == switch_and_condition(specified["when"])
    assert (rule.enabled_by is None) == specified["enabled_by_default"]
    assert rule.for_each == (() if specified["scope"] == "patient" else tuple(specified["scope"].split("_")))
    assert list(rule.hooks) == specified["hooks"]
    assert rule.indicator == specified["severity"]["indicator"]
    assert rule.output == ("card" if specified["output"] == "card" else "fact")
    escalations = specified["severity"].get("escalation", [])
    steps = [escalations] if isinstance(escalations, dict) else escalations
    assert [(each.when, each.to) for each in rule.escalations()] == [(condition(s["when"]), s["to"]) for s in steps]


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
    cited = [(rule.id, statement.fingerprint) for rule in RULES for statement in rule.statements]

    found = passages_found(PAPER.read_text(encoding="utf-8"), (fingerprint for _, fingerprint in cited))

    assert [(id, fingerprint) for id, fingerprint in cited if fingerprint not in found] == []


def test_every_quotation_of_the_specification_has_its_statement() -> None:
    for rule in RULES:
        cited = {statement.fingerprint for statement in rule.statements}
        quoted = {fingerprint_of(quote["quote"]) for quote in SPECIFIED[rule.id]["statements"]}
        assert cited >= quoted, f"{rule.id} leaves a passage of the paper out"


def test_no_passage_of_the_paper_or_of_the_specification_is_copied() -> None:
    """Ten words in a row are a quotation, wherever they stand; figures and names in a row are not so long."""
    assert PAPER is not None
    runs = set(_runs(PAPER.read_text(encoding="utf-8")))
    for specified in SPECIFIED.values():
        texts = [specified["title"], *specified["conclusion"].values(), *specified.get("ambiguities", ())]
        runs |= {run for text in texts if isinstance(text, str) for run in _runs(text)}
    for rule in RULES:
        ours = [statement.says for statement in rule.statements]
        ours += [rule.title, rule.summary, rule.detail, rule.indicator_because, *rule.ambiguities]
        for text in ours:
            assert not [run for run in _runs(text) if run in runs], f"{rule.id} quotes: {text}"


def _runs(text: str) -> list[tuple[str, ...]]:
    words = normalised_words(text)
    return [tuple(words[start : start + LONGEST_RUN]) for start in range(len(words) - LONGEST_RUN + 1)]


def test_the_whole_catalogue_is_covered() -> None:
    carried = {id for passage in PASSAGES for id in passage.rules}

    assert carried == set(SPECIFIED)
    assert all(bool(passage.rules) != bool(passage.why_no_rule) for passage in PASSAGES)


def test_each_passage_is_carried_by_the_rules_specified() -> None:
    ids = set(SPECIFIED)
    for entry in CATALOGUE["coverage_ledger"]:
        patterns = re.findall(r"[a-z-]+\.[a-z0-9*-]+", entry["handled_by"])
        named = {id for pattern in patterns for id in fnmatch.filter(ids, pattern)}
        ours = [set(passage.rules) for passage in PASSAGES]
        assert not named or any(named <= rules for rules in ours), entry["statement"]
