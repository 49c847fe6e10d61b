"""The trials of Table 2: each criterion the paper prints, on both sides, and never more than a possible match."""

from __future__ import annotations

import pytest

from rulesets.language import Interval, Truth, Value
from rulesets.thresholds import ENABLE_TRIALS
from rulesets.trials import RULES
from tests.rulesets import cases
from tests.rulesets.cases import Case, every_case

CLEAR, NRG, STEREO_SEIN, PROMISE, NCI, CIMER, CURB = (rule.id for rule in RULES)
CASES: dict[str, Case] = {
    CLEAR: {
        "tumour.er": ("positive", "negative"),
        "tumour.her2": ("negative", "positive"),
        "pattern.onset": ("recurrent", "de_novo"),
        "mets.recurrence_interval_months": (12.5, 12),
        "pattern.burden": ("oligometastatic", "plurimetastatic"),
        "systemic.prior_lines_metastatic": (0, 1),
    },
    NRG: {
        "mets.status": ("confirmed", "suspected"),
        "pattern.burden": ("oligometastatic", "plurimetastatic"),
    },
    STEREO_SEIN: {
        "pattern.onset": ("de_novo", "recurrent"),
        "pattern.burden": ("oligometastatic", "plurimetastatic"),
        "tumour.subtype": "her2_enriched",
    },
    PROMISE: {
        "mets.status": ("confirmed", "none"),
        "tumour.subtype": ("triple_negative", "luminal_her2_negative"),
    },
    NCI: {"tumour.stage": ("IIIB", "IIIA")},
    CIMER: {
        "pattern.burden": ("oligometastatic", "plurimetastatic"),
        "tumour.luminal": (True, False),
        "tumour.her2": ("negative", "positive"),
        "systemic.prior_lines_metastatic": (0, 1),
    },
    CURB: {
        "mets.status": ("confirmed", "suspected"),
        "pattern.progression": ("oligoprogressive", "widespread"),
        "tumour.subtype": ("triple_negative", "her2_enriched"),
    },
}


def verdict(id: str, facts: dict[str, Value]) -> Truth:
    return cases.verdict(RULES, id, facts)


def test_the_cases_cover_every_rule() -> None:
    assert list(CASES) == [rule.id for rule in RULES]


@pytest.mark.parametrize(("id", "facts", "expected"), every_case(CASES))
def test_a_trial_matches_possibly_or_not_as_its_facts_say(id: str, facts: dict[str, Value], expected: Truth) -> None:
    assert verdict(id, facts) is expected


@pytest.mark.parametrize(
    ("subtype", "expected"),
    [
        ("luminal_her2_negative", Truth.TRUE),
        ("er_negative_pr_positive", Truth.TRUE),
        ("triple_negative", Truth.FALSE),
        (None, Truth.FALSE),
    ],
)
def test_stereo_sein_takes_any_known_subtype_but_triple_negative(subtype: str | None, expected: Truth) -> None:
    facts: dict[str, Value] = {"pattern.onset": "de_novo", "pattern.burden": "oligometastatic"}
    facts |= {"tumour.subtype": subtype} if subtype else {}

    assert verdict(STEREO_SEIN, facts) is expected


@pytest.mark.parametrize(
    ("stage", "expected"),
    [
        ("0", Truth.FALSE),
        ("II", Truth.FALSE),
        ("IIIA", Truth.FALSE),
        ("IIIB", Truth.TRUE),
        ("IIIC", Truth.TRUE),
        ("IV", Truth.TRUE),
    ],
)
def test_the_transplantation_trial_takes_stages_from_iiib_on(stage: str, expected: Truth) -> None:
    assert verdict(NCI, {"tumour.stage": stage}) is expected


@pytest.mark.parametrize(
    ("lines", "expected"),
    [(0, Truth.TRUE), (1, Truth.FALSE), (Interval(lo=0, hi=1), Truth.UNKNOWN), (Interval(lo=1), Truth.FALSE)],
)
@pytest.mark.parametrize("id", [CLEAR, CIMER])
def test_first_line_means_that_no_line_has_failed(id: str, lines: Value, expected: Truth) -> None:
    assert verdict(id, cases.true_facts(CASES[id]) | {"systemic.prior_lines_metastatic": lines}) is expected


def test_every_trial_is_behind_one_switch_and_asks_for_nothing() -> None:
    for rule in RULES:
        assert rule.enabled_by is ENABLE_TRIALS
        assert rule.when_unknown == "silent" and not rule.suggestions
        assert rule.indicator == "info" and rule.hooks == ("patient-view",)


def test_no_trial_is_said_to_accept_anybody() -> None:
    for rule in RULES:
        texts = (rule.title, rule.summary, rule.detail, *rule.ambiguities, *(each.says for each in rule.statements))
        assert not any("eligib" in text.lower() for text in texts)
        assert rule.summary.startswith("Possible match")


def test_a_trial_that_has_ended_says_so() -> None:
    assert {rule.id for rule in RULES if rule.since} == {NRG, CURB}
