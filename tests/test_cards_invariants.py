"""What holds for the cards of any findings: the rulebook's own rules, in random company."""

import json
import random
from dataclasses import replace
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rulesets.record import Fact, Member, Record, Source
from rulesets.rule import HOOKS, Hook, Rule
from rulesets.rulebook import RULES
from rulesets.thresholds import effective
from service.cards import LIMITS, Card, cards_for
from service.findings import Conclusion, Firing, Prognosis, Undetermined
from service.relevance import GRAVITY, family_of
from tests.support.findings import TODAY, facts, uuid
from tests.support.shared import shared_path

REASONS = ({"code": "c", "system": "urn:x", "display": "d"},)

NAMES = ("olaparib", "capecitabine", "palbociclib", "<b>x</b>", "trastuzumab emtansine", "z" * 180)
CLASSES = ("parp_inhibitor", "cytotoxic", "cdk46_inhibitor", "endocrine", "other")


@st.composite
def elements(draw: st.DrawFn) -> dict[str, tuple[Member, ...]]:
    drugs = [
        Member(
            key=f"MedicationRequest/{place}",
            in_request=draw(st.booleans()),
            facts=facts(
                drug__name=name,
                drug__drug_class=draw(st.sampled_from(CLASSES)),
                drug__status=draw(st.sampled_from(("active", "stopped", "draft"))),
            ),
        )
        for place, name in enumerate(draw(st.lists(st.sampled_from(NAMES), min_size=1, max_size=3, unique=True)))
    ]
    morphine = facts(drug__name="morphine", drug__drug_class="non_anticancer")
    drugs.append(Member(key="MedicationRequest/m", facts=morphine))
    courses = [
        Member(
            key=f"ServiceRequest/{place}",
            in_request=draw(st.booleans()),
            facts=facts(rt__status=draw(st.sampled_from(("draft", "planned", "completed"))), rt__planned=True),
        )
        for place in range(draw(st.integers(1, 2)))
    ]  # fmt: skip
    order = Member(key="ServiceRequest/o", facts=facts(order__kind="rt"), in_request=True)
    return {"drug": tuple(drugs), "course": tuple(courses), "order": (order,), "lesion": ()}


@st.composite
def conclusions(draw: st.DrawFn) -> Conclusion:
    there = draw(elements())
    concurrent = Fact(name="drug.exposure", value="concurrent", because=("drug.status",))
    exposures = {
        (course.key, drug.key): {concurrent.name: concurrent} for course in there["course"] for drug in there["drug"]
    }
    fired, undetermined = [], []
    for rule in draw(st.lists(st.sampled_from(RULES), max_size=14, unique_by=lambda rule: rule.id)):
        for chosen in draw(st.lists(_elements_of(rule, there), min_size=1, max_size=3, unique_by=_keys)):
            if draw(st.integers(0, 3)):
                grave = rule.escalation.to if rule.escalation and draw(st.booleans()) else rule.indicator
                because = (Fact(name="patient.ecog", value=1, sources=(Source(reference="Observation/ecog"),)),)
                because += tuple(fact for element in chosen for fact in element.facts.values())
                fired.append(Firing(rule=rule, elements=chosen, indicator=grave, because=because))
            else:
                names = ("drug.exposure",) if "drug" in rule.for_each else ("patient.ecog",)
                undetermined.append(
                    Undetermined(rule=rule, elements=chosen, missing=names, open_clauses=(names,), true_clauses=1)
                )
    order = {rule.id: place for place, rule in enumerate(RULES)}
    group = draw(st.sampled_from(("good", "intermediate", "poor", "indeterminate")))
    missing = draw(st.lists(st.sampled_from(("patient.comorbidities", "mets.organ.liver", "tumour.er")), unique=True))
    return Conclusion(
        record=Record(
            evaluation_date=TODAY, drugs=there["drug"], courses=there["course"], orders=there["order"],
            exposures=exposures,
        ),
        prognosis=Prognosis(group=group, possible=("good", "poor"), missing=tuple(missing), points_lo=1, points_hi=2),
        fired=tuple(sorted(fired, key=lambda firing: order[firing.rule.id])),
        undetermined=tuple(sorted(undetermined, key=lambda item: order[item.rule.id])),
        thresholds=effective(),
    )  # fmt: skip


def _elements_of(rule: Rule, there: dict[str, tuple[Member, ...]]) -> st.SearchStrategy[tuple[Member, ...]]:
    return st.tuples(*(st.sampled_from(there[kind]) for kind in rule.for_each))


def _keys(chosen: tuple[Member, ...]) -> tuple[str, ...]:
    return tuple(element.key for element in chosen)


def cards(conclusion: Conclusion, hook: Hook) -> tuple[Card, ...]:
    return cards_for(
        conclusion, hook, new_uuid=uuid, override_reasons=REASONS, trace_url="https://osteon.example/traces/1"
    )


def schema(name: str) -> Any:
    path = shared_path(f"cds-hooks/schemas/{name}")
    return None if path is None else json.loads(path.read_text())


@given(conclusions(), st.sampled_from(HOOKS))
@settings(max_examples=80, deadline=None)
def test_every_summary_has_less_than_140_characters_and_no_placeholder(conclusion: Conclusion, hook: Hook) -> None:
    for card in cards(conclusion, hook):
        assert 0 < len(card["summary"]) < 140
        assert "{" not in card["summary"] + card["detail"]
        assert "<" not in card["summary"] + card["detail"]


@given(conclusions(), st.sampled_from(HOOKS))
@settings(max_examples=80, deadline=None)
def test_the_indicator_of_a_card_is_the_gravest_of_its_rules(conclusion: Conclusion, hook: Hook) -> None:
    gravest: dict[str, int] = {}
    for firing in conclusion.fired:
        gravest[firing.rule.id] = min(GRAVITY[firing.indicator], gravest.get(firing.rule.id, 2))

    for card in cards(conclusion, hook):
        ids = [id for id in card["extension"]["org.osteon.rules"] if f"Rule `{id}`" in card["detail"]]
        words = {"Critical": 0, "Warning": 1, "Information": 2}
        lines = [line for line in card["detail"].splitlines() if line.startswith("**") and ":" in line]
        said = [words[line[2:].partition(":")[0]] for line in lines]
        assert GRAVITY[card["indicator"]] == min(said)
        assert GRAVITY[card["indicator"]] >= min((gravest[id] for id in ids), default=2)


@given(conclusions(), st.sampled_from(HOOKS))
@settings(max_examples=80, deadline=None)
def test_only_what_must_not_be_hidden_exceeds_the_limit(conclusion: Conclusion, hook: Hook) -> None:
    found = cards(conclusion, hook)
    rules = {rule.id: rule for rule in RULES}

    def must_stay(card: Card) -> bool:
        ids = card["extension"]["org.osteon.rules"]
        return card["indicator"] != "info" or any(family_of(rules[id], hook) == "safety" for id in ids)

    if len(found) > LIMITS[hook]:
        assert all(must_stay(card) for card in found[:-1])
        assert must_stay(found[-1]) or found[-1]["summary"].startswith("Also: ")
    folded = [card for card in found if card["summary"].startswith("Also: ")]
    assert len(folded) <= 1
    assert all(card["indicator"] == "info" and not must_stay(card) for card in folded)


@given(conclusions(), st.sampled_from(HOOKS))
@settings(max_examples=80, deadline=None)
def test_safety_rules_stay_alone(conclusion: Conclusion, hook: Hook) -> None:
    safety = {rule.id for rule in RULES if family_of(rule, hook) == "safety"}

    for card in cards(conclusion, hook):
        ids = card["extension"]["org.osteon.rules"]
        assert len(ids) == 1 or not safety.intersection(ids)


@given(conclusions(), st.sampled_from(HOOKS))
@settings(max_examples=80, deadline=None)
def test_every_warning_that_may_show_is_on_some_card(conclusion: Conclusion, hook: Hook) -> None:
    shown = {id for card in cards(conclusion, hook) for id in card["extension"]["org.osteon.rules"]}

    for firing in conclusion.fired:
        in_request = any(element.in_request for element in firing.elements) or hook == "patient-view"
        named = all(element.key != "MedicationRequest/m" for element in firing.elements)
        if firing.rule.output == "card" and hook in firing.rule.hooks and firing.indicator != "info" and named:
            assert firing.rule.id in shown or not in_request


@given(conclusions(), st.sampled_from(HOOKS))
@settings(max_examples=80, deadline=None)
def test_no_card_names_a_drug_that_is_no_cancer_drug(conclusion: Conclusion, hook: Hook) -> None:
    assert "morphine" not in json.dumps(cards(conclusion, hook))


@given(conclusions(), st.sampled_from(HOOKS), st.randoms(use_true_random=False))
@settings(max_examples=80, deadline=None)
def test_the_order_of_lists_changes_nothing(conclusion: Conclusion, hook: Hook, chance: random.Random) -> None:
    order = {rule.id: place for place, rule in enumerate(RULES)}
    assert conclusion.record.drugs is not None

    def shuffled(items: tuple[Any, ...]) -> tuple[Any, ...]:
        return tuple(chance.sample(items, len(items)))

    other = replace(
        conclusion,
        fired=tuple(sorted(shuffled(conclusion.fired), key=lambda firing: order[firing.rule.id])),
        undetermined=tuple(sorted(shuffled(conclusion.undetermined), key=lambda item: order[item.rule.id])),
        record=replace(
            conclusion.record, drugs=shuffled(conclusion.record.drugs), courses=shuffled(conclusion.record.courses)
        ),
    )

    assert json.dumps(cards(other, hook)) == json.dumps(cards(conclusion, hook))


@pytest.mark.parametrize("version", ["2.0", "3.0"])
@given(conclusion=conclusions(), hook=st.sampled_from(HOOKS))
@settings(max_examples=60, deadline=None)
def test_cards_are_valid_cds_hooks(version: str, conclusion: Conclusion, hook: Hook) -> None:
    response = json.loads(json.dumps({"cards": cards(conclusion, hook)}))
    known = schema(f"response-{version}.schema.json")

    if known is not None:
        jsonschema.Draft202012Validator(known).validate(response)
    assert _is_full(response["cards"])


def _is_full(value: object) -> bool:
    """No null and nothing empty in it, but for an answer without cards."""
    match value:
        case dict():
            return bool(value) and all(_is_full(each) for each in value.values())
        case list():
            return all(each and _is_full(each) for each in value)
        case _:
            return value not in (None, "")
