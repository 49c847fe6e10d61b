"""When a biopsy is advised, and what a fracture is taken for: both sides of each rule."""

from __future__ import annotations

import pytest

from rulesets.biopsy import RULES
from rulesets.language import Truth, Value
from tests.rulesets import cases
from tests.rulesets.building import lesion, record
from tests.rulesets.cases import Case, every_case
from tests.rulesets.judging import rule_called
from tests.support.reasoners import reasoner

FRACTURE: Case = {
    "lesion.fracture": ("fractured", "impending"),
    "mets.status": ("suspected", "confirmed"),
    "lesion.cortex": ("destroyed", "preserved"),
}
CASES: dict[str, Case] = {
    "biopsy.relapse": {
        "pattern.onset": ("recurrent", "de_novo"),
        "tumour.first_event": "distant",
        "mets.status": ("confirmed", "none"),
        "pattern.extent": ("bone_plus_visceral", "bone_only"),
        "mets.biopsy": ("non_diagnostic", "confirmed"),
    },
    "biopsy.relapse-isolated-bone": {
        "pattern.onset": ("recurrent", "de_novo"),
        "pattern.extent": ("bone_only", "bone_plus_nonvisceral"),
        "mets.status": ("suspected", "none"),
        "mets.biopsy": ("not_done", "confirmed"),
        "order.kind": ("drug", "radiopharmaceutical"),
    },
    "biopsy.denovo-tissue": {
        "pattern.onset": ("de_novo", "recurrent"),
        "mets.status": ("confirmed", "none"),
        "mets.biopsy": ("not_done", "confirmed"),
        "tumour.primary_pathology_available": (False, True),
    },
    "biopsy.differential": {
        "lesion.differential_raised": (True, False),
        "lesion.prior_rt": False,
        "lesion.biopsy": ("non_diagnostic", "confirmed"),
    },
    "biopsy.fracture-cortex": {
        "lesion.fracture": ("fractured", "none"),
        "mets.status": ("none", "confirmed"),
        "lesion.cortex": "preserved",
    },
    "biopsy.fracture-metastatic-pattern": FRACTURE,
    "biopsy.fracture-review-cortex": {
        "lesion.fracture": ("fractured", "impending"),
        "mets.status": ("none", "confirmed"),
    },
    "biopsy.sarcoidosis": {
        "patient.sarcoidosis": (True, False),
        "mets.status": ("confirmed", "none"),
        "mets.biopsy": ("not_done", "confirmed"),
    },
}
TRUE_WITHOUT = {
    ("biopsy.relapse", "pattern.onset"),  # a first event that is distant tells the relapse
    ("biopsy.relapse", "pattern.extent"),
    ("biopsy.denovo-tissue", "mets.biopsy"),
    ("biopsy.differential", "lesion.biopsy"),
}


def verdict(id: str, facts: dict[str, Value]) -> Truth:
    return cases.verdict(RULES, id, facts)


def test_the_cases_cover_every_rule() -> None:
    assert list(CASES) == [rule.id for rule in RULES]


@pytest.mark.parametrize(("id", "facts", "expected"), every_case(CASES, TRUE_WITHOUT))
def test_a_rule_is_true_false_or_open_as_its_facts_say(id: str, facts: dict[str, Value], expected: Truth) -> None:
    assert verdict(id, facts) is expected


@pytest.mark.parametrize(
    ("onset", "event", "expected"),
    [
        ("recurrent", None, Truth.TRUE),
        ("recurrent", "none", Truth.TRUE),
        ("de_novo", "distant", Truth.FALSE),
        (None, "distant", Truth.TRUE),
        (None, "local", Truth.UNKNOWN),
        (None, None, Truth.UNKNOWN),
    ],
)
def test_a_relapse_is_told_by_the_onset_or_by_a_distant_first_event(
    onset: str | None, event: str | None, expected: Truth
) -> None:
    facts: dict[str, Value] = {"mets.status": "confirmed", "mets.biopsy": "not_done"}
    facts |= {"pattern.onset": onset} if onset else {}
    facts |= {"tumour.first_event": event} if event else {}

    assert verdict("biopsy.relapse", facts) is expected


@pytest.mark.parametrize("extent", ["bone_only", "bone_plus_visceral", "bone_plus_nonvisceral", "no_bone", None])
def test_only_one_of_the_two_relapse_rules_speaks(extent: str | None) -> None:
    facts = cases.true_facts(CASES["biopsy.relapse-isolated-bone"])
    facts = {**facts, "pattern.extent": extent} if extent else {k: v for k, v in facts.items() if k != "pattern.extent"}

    truths = [verdict(id, facts) for id in ("biopsy.relapse", "biopsy.relapse-isolated-bone")]

    assert truths.count(Truth.TRUE) == 1


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("none", Truth.TRUE),
        ("rt", Truth.TRUE),
        ("drug", Truth.TRUE),
        ("procedure", Truth.TRUE),
        ("imaging", Truth.FALSE),
        ("radiopharmaceutical", Truth.FALSE),
    ],
)
def test_the_bone_relapse_is_silent_while_imaging_or_a_radiopharmaceutical_is_ordered(
    kind: str, expected: Truth
) -> None:
    facts = {**cases.true_facts(CASES["biopsy.relapse-isolated-bone"]), "order.kind": kind}

    assert verdict("biopsy.relapse-isolated-bone", facts) is expected


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"lesion.prior_rt": True, "lesion.status": "suspected"}, Truth.TRUE),
        ({"lesion.prior_rt": True, "lesion.status": "confirmed"}, Truth.UNKNOWN),
        ({"lesion.differential_raised": False, "lesion.prior_rt": True, "lesion.status": "confirmed"}, Truth.FALSE),
        ({"lesion.differential_raised": False, "lesion.prior_rt": True}, Truth.UNKNOWN),
        ({"lesion.differential_raised": True, "mets.biopsy": "confirmed"}, Truth.TRUE),
        ({"lesion.differential_raised": True, "lesion.biopsy": "confirmed"}, Truth.FALSE),
    ],
)
def test_a_lesion_is_settled_only_by_its_own_histology(facts: dict[str, Value], expected: Truth) -> None:
    assert verdict("biopsy.differential", facts) is expected


@pytest.mark.parametrize(
    ("cortex", "rules", "pattern"),
    [
        ("preserved", {"biopsy.fracture-cortex"}, "osteoporotic_pattern"),
        ("destroyed", {"biopsy.fracture-cortex", "biopsy.fracture-metastatic-pattern"}, "metastatic_pattern"),
        (None, {"biopsy.fracture-review-cortex"}, None),
    ],
)
def test_the_cortex_decides_what_a_fracture_is_taken_for(
    cortex: str | None, rules: set[str], pattern: str | None
) -> None:
    broken = lesion(fracture="fractured", **({"cortex": cortex} if cortex else {}))

    fired = reasoner().fire(record({"mets.status": "suspected"}, lesions=(broken,)))

    assert {
        each.judged.id for each in fired.verdicts if each.truth is Truth.TRUE and each.judged.id.startswith("biopsy.")
    } == rules
    [member] = fired.record.lesions or ()
    found = member.facts.get("lesion.fracture_pattern")
    assert (found.value if found else None) == pattern


def test_with_confirmed_metastases_no_fracture_is_called_osteoporotic() -> None:
    broken = lesion(fracture="fractured", cortex="preserved")

    fired = reasoner().fire(record({"mets.status": "confirmed"}, lesions=(broken,)))

    [member] = fired.record.lesions or ()
    assert "lesion.fracture_pattern" not in member.facts


def test_what_is_asked_is_the_fact_that_decides() -> None:
    asked = {rule.id: [fact.name for fact in rule.ask] for rule in RULES if rule.when_unknown == "ask"}

    assert asked == {
        "biopsy.relapse": ["mets.biopsy"],
        "biopsy.relapse-isolated-bone": ["mets.biopsy"],
        "biopsy.denovo-tissue": ["tumour.primary_pathology_available"],
        "biopsy.sarcoidosis": ["mets.biopsy"],
    }


def test_all_but_the_two_rules_that_read_the_cortex_offer_a_biopsy() -> None:
    offered = {rule.id: [each.action for each in rule.suggestions] for rule in RULES if rule.suggestions}

    assert set(offered) == {rule.id for rule in RULES} - {"biopsy.fracture-cortex", "biopsy.fracture-review-cortex"}
    assert all("order_biopsy" in actions for actions in offered.values())
    assert offered["biopsy.fracture-metastatic-pattern"] == ["order_mri", "order_biopsy"]
    assert rule_called("biopsy.fracture-cortex", RULES).output == "fact"
