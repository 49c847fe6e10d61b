"""What holds for the cards of any patient, at each hook."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from functools import cache
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rulesets.drugs import NON_ANTICANCER
from rulesets.record import Record
from rulesets.rule import HOOKS, Hook
from rulesets.rulebook import RULES
from service.cards.deck import LIMITS, Card, cards_for
from service.cards.relevance import GRAVITY, family_of, shown
from service.cards.text import authored, in_words
from service.conclude import conclude
from service.reasoning.findings import Conclusion
from service.suggestions.drafts import Material
from tests.invariants.judging import reasoner
from tests.support.aims import applied, changes_towards
from tests.support.findings import uuid
from tests.support.patients import Recipe, made_up, recipes, sources_told, terminology
from tests.support.shared import shared_path
from tests.support.suggesting import is_valid

BY_ID = {rule.id: rule for rule in RULES}
SAFETY = "safety"
SAID = {"Critical": 0, "Warning": 1, "Information": 2}
REASONS = ({"code": "c", "system": "urn:x", "display": "d"},)
PATIENT = "Patient/p1"
hooks = st.sampled_from(HOOKS)
crowded = recipes(aims=6)
"""Patients of whom there is much to be said."""


def concluded(record: Record) -> Conclusion:
    return conclude(reasoner().fire(record), reasoner().thresholds)


def cards(conclusion: Conclusion, hook: Hook) -> tuple[Card, ...]:
    material = Material(
        patient=PATIENT,
        sources=sources_told(),
        orders=conclusion.record.orders,
        activities=terminology().activities,
    )
    return cards_for(
        conclusion,
        hook,
        new_uuid=uuid,
        override_reasons=REASONS,
        trace_url="https://osteon.example/traces/1",
        material=material,
    )


def rules_on(card: Card) -> list[str]:
    """The rules that speak on a card; those that only ask a question are named on it as well."""
    return [id for id in card["extension"].get("org.osteon.rules", []) if f"Rule `{id}`" in card["detail"]]


# --- what a card says ------------------------------------------------------------------------------


@given(recipes(), hooks)
def test_a_summary_has_less_than_140_characters_and_nothing_to_be_filled(patient: Recipe, hook: Hook) -> None:
    """Invariant 20: after whatever is filled in, and with what is behind it."""
    for card in cards(concluded(patient.record), hook):
        assert 0 < len(card["summary"]) < 140
        assert "{" not in card["summary"] + card["detail"]


@given(recipes(course=1), hooks, st.sampled_from(("<b>bold</b>", "{rt}", "z" * 170, "[a](javascript:b)", "**x**\n# y")))
def test_the_names_of_drugs_are_never_markup(patient: Recipe, hook: Hook, name: str) -> None:
    """Invariant 20: nor too long for a summary, one or several of them."""
    record = applied(patient.record, changes_towards("dq.drug-unmapped", 0))
    named = [{"drug.name": f"{name}{place}", "drug.status": "active"} for place in range(3)]
    record = replace(record, drugs=tuple(made_up("drug", f"drugs/{place}", facts) for place, facts in enumerate(named)))

    found = cards(concluded(record), hook)

    assert hook != "order-sign" or any("dq.drug-unmapped" in rules_on(card) for card in found)
    for card in found:
        text = card["summary"] + card["detail"]
        assert len(card["summary"]) < 140
        assert "{" not in card["summary"]
        assert not [markup for markup in ("<b>", "](javascript", "**x**", "\n# ") if markup in text]


@given(recipes(), hooks)
def test_a_card_names_statement_strength_and_the_values_it_rests_on(patient: Recipe, hook: Hook) -> None:
    """Invariant 12: each rule on it, and at least one value of what made each rule true."""
    conclusion = concluded(patient.record)
    fired = shown(conclusion, hook)

    for card in cards(conclusion, hook):
        detail = card["detail"]
        for id in rules_on(card):
            rule = BY_ID[id]
            places = [f"Paper, {authored(statement.place)}: " for statement in rule.statements]
            assert all(place in detail for place in places or ["Not from the paper"])
            assert f"Strength of evidence: {authored(rule.evidence)}" in detail or not rule.statements
            because = [fact for firing in fired if firing.rule.id == id for fact in firing.because]
            assert because
            assert "| fact | value | date | from |" in detail or not _is_shown(because, conclusion)


def _is_shown(because: Iterable[Any], conclusion: Conclusion) -> bool:
    """Whether a value is one that a clinician is told: neither a step of our own nor that nothing is ordered."""
    return any(
        not fact.name.startswith(("dq.", "prognosis.")) and (fact.name, fact.value) != ("order.kind", "none") and in_words(
            fact.name, fact.value, conclusion.record.evaluation_date
        )
        for fact in because
    )  # fmt: skip


@given(recipes(drug=1), hooks, st.sampled_from(sorted(NON_ANTICANCER)))
def test_no_card_names_a_drug_that_is_no_cancer_drug(patient: Recipe, hook: Hook, name: str) -> None:
    """Invariant 16: whatever is asked of it, and whatever it is near."""
    record = applied(patient.record, {"drug.name": name})

    assert name not in json.dumps(cards(concluded(record), hook)).lower()


# --- how grave, how many ---------------------------------------------------------------------------


@given(crowded, hooks)
def test_a_card_is_as_grave_as_the_gravest_of_its_points(patient: Recipe, hook: Hook) -> None:
    """Invariant 20: and no point is graver than its rule was when it fired."""
    conclusion = concluded(patient.record)
    gravest: dict[str, int] = {}
    for firing in conclusion.fired:
        gravest[firing.rule.id] = min(GRAVITY[firing.indicator], gravest.get(firing.rule.id, 2))

    for card in cards(conclusion, hook):
        points = [line for line in card["detail"].splitlines() if line.startswith("**") and ":" in line]
        said = [SAID[line[2:].partition(":")[0]] for line in points]
        assert GRAVITY[card["indicator"]] == min(said)
        assert GRAVITY[card["indicator"]] == min((gravest[id] for id in rules_on(card)), default=2)


@given(crowded, hooks)
def test_only_what_must_not_be_hidden_exceeds_the_limit(patient: Recipe, hook: Hook) -> None:
    """Invariant 20: at most one card of what is folded together, and nothing but information in it."""
    found = cards(concluded(patient.record), hook)
    folded = [card for card in found if card["summary"].startswith("Also: ")]

    assert len(folded) <= 1
    assert all(card["indicator"] == "info" and not _must_stay(card, hook) for card in folded)
    if len(found) > LIMITS[hook]:
        assert all(_must_stay(card, hook) for card in found if card not in folded)
        assert not folded or found[-1] == folded[0]


def _must_stay(card: Card, hook: Hook) -> bool:
    return card["indicator"] != "info" or any(family_of(BY_ID[id], hook) == SAFETY for id in rules_on(card))


@given(crowded, hooks)
def test_safety_cards_stay_alone(patient: Recipe, hook: Hook) -> None:
    """Invariant 20: what must not be overlooked shares its card with nothing."""
    for card in cards(concluded(patient.record), hook):
        ids = rules_on(card)
        assert len(ids) == 1 or not any(family_of(BY_ID[id], hook) == SAFETY for id in ids)


@given(crowded, hooks)
def test_everything_to_be_said_is_on_some_card(patient: Recipe, hook: Hook) -> None:
    """Invariant 20: neither a warning nor an information is lost when cards are merged and folded."""
    conclusion = concluded(patient.record)

    found = {id for card in cards(conclusion, hook) for id in rules_on(card)}

    assert found == {firing.rule.id for firing in shown(conclusion, hook)}


# --- what a client can use -------------------------------------------------------------------------


@given(recipes(), hooks)
def test_every_resource_that_is_suggested_is_valid_and_of_the_patient(patient: Recipe, hook: Hook) -> None:
    suggested = [each for card in cards(concluded(patient.record), hook) for each in card.get("suggestions", ())]

    for resource in [action["resource"] for each in suggested for action in each["actions"] if "resource" in action]:
        assert is_valid(resource)
        subject = resource.get("subject", resource.get("for"))
        assert subject == {"reference": PATIENT} or subject in _subjects_told()


@cache
def _subjects_told() -> list[Any]:
    """Of whom the resources speak that a suggestion may change."""
    return [source["subject"] for source in sources_told().values() if "subject" in source]


@pytest.mark.parametrize("version", ["2.0", "3.0"])
@given(patient=recipes(), hook=hooks)
def test_cards_are_valid_cds_hooks(version: str, patient: Recipe, hook: Hook) -> None:
    response = json.loads(json.dumps({"cards": cards(concluded(patient.record), hook)}))
    validator = schema(version)

    if validator is not None:
        validator.validate(response)
    assert _is_full(response["cards"])


@cache
def schema(version: str) -> jsonschema.Draft202012Validator | None:
    path = shared_path(f"cds-hooks/schemas/response-{version}.schema.json")
    return None if path is None else jsonschema.Draft202012Validator(json.loads(path.read_text()))


def _is_full(value: object) -> bool:
    """No null and nothing empty in it, but for an answer without cards."""
    match value:
        case dict():
            return bool(value) and all(_is_full(each) for each in value.values())
        case list():
            return all(each and _is_full(each) for each in value)
        case _:
            return value not in (None, "")
