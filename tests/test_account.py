"""The account of a decision: every rule, what it came to, and the facts that decided it."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import replace as with_changed
from datetime import date
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given

from rulesets.english import condition_in_words
from rulesets.facts import FACTS
from rulesets.language import AllOf, Condition
from rulesets.record import Member, Record
from rulesets.rule import Rule
from rulesets.rulebook import RULES
from service.account import account_of
from service.assess import Request, assess
from service.canonical import dumps
from service.cards.models import Malformed
from service.conclude import conclude
from service.house import House
from service.problems import MalformedAnswer, RuleFailure
from service.reasoning.engine import EngineFailure
from service.reasoning.explanation import ExplanationFailure, Outlines
from service.record_json import value_as_json
from service.replay import replay
from service.results import result_of
from service.settings import settings_with
from service.web import openapi
from tests.intake import made
from tests.support import obvious
from tests.support.house import house_in
from tests.support.patients import Recipe, recipes, records_told
from tests.support.reasoners import reasoner
from tests.support.stories import Story, answered, stories

Json = dict[str, Any]
STORIES = stories()
TRUTHS = {obvious.YES: "true", obvious.NO: "false", obvious.OPEN: "unknown"}
LISTS = {"lesion": "lesions", "drug": "drugs", "course": "courses", "order": "orders"}
FACTS_SENT = {
    "evaluationDate": "2026-11-01",
    "facts": {"mets.status": "confirmed", "mets.organ.bone": "present"},
    "drugs": [{"name": "palbociclib", "status": "active"}, {"name": "letrozole", "status": "active"}],
    "courses": [{"status": "planned", "start_day": 0, "target": "bone", "region": "pelvis"}],
}


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> House:
    return house_in(Path(tmp_path_factory.mktemp("account")))


@pytest.mark.parametrize("name", sorted(records_told()))
def test_the_account_of_a_story_is_what_the_obvious_evaluator_finds(name: str) -> None:
    assert_true_account(records_told()[name])


@given(recipes())
def test_the_account_of_any_patient_is_what_the_obvious_evaluator_finds(patient: Recipe) -> None:
    assert_true_account(patient.record)


@pytest.mark.parametrize("name", sorted(records_told())[::4])
def test_what_was_worked_out_before_is_told_like_what_is_worked_out_now(name: str) -> None:
    fired = reasoner().fire(records_told()[name])
    conclusion = conclude(fired, reasoner().thresholds)

    first = dumps(account_of(fired, conclusion))
    fired.remembered._known.clear()

    assert dumps(account_of(fired, conclusion)) == first


# --- agreement -------------------------------------------------------------------------------------


def assert_true_account(record: Record) -> None:
    """The account says of every rule and situation what the obvious evaluator says, clause by clause and fact by fact."""
    fired = reasoner().fire(record)
    conclusion = conclude(fired, reasoner().thresholds)
    account = account_of(fired, conclusion)["rules"]
    result = result_of(conclusion, (), (), patient="", trace="", rulebook="")

    assert [entry["id"] for entry in account] == [rule.id for rule in RULES]
    in_force = {rule.id: rule.in_force(reasoner().thresholds) for rule in RULES}
    for entry in account:
        rule = in_force[entry["id"]]
        if entry["outcome"] == "switched off":
            assert rule.id in reasoner().switched_off and entry["situations"] == []
            continue
        assert entry["outcome"] == outcome_in(result, rule.id)
        judged = obvious.verdicts(fired.record, rule.for_each, rule.when, {})
        told = dict(situations_in(entry))
        assert {tuple(key for key in keys if key) for keys in judged} == set(told)
        for keys, verdict in judged.items():
            situation = told[tuple(key for key in keys if key)]
            expected = {obvious.YES: "fired", obvious.OPEN: "undetermined", obvious.NO: "not fired"}[verdict]
            if entry["outcome"] == "suppressed" and expected != "not fired":
                expected = "suppressed"
            assert situation["outcome"] == expected
            assert_true_clauses(fired.record, rule, keys, situation, result)


def assert_true_clauses(record: Record, rule: Rule, keys: tuple[str, ...], situation: Json, result: Json) -> None:
    members = {element: obvious.members(record, element) for element in rule.for_each}
    chosen = {
        element: next(member for member in members[element] if member.key == key)
        for element, key in zip(rule.for_each, keys, strict=True)
    }
    expected = {
        condition_in_words(clause): TRUTHS[obvious.answer(record, chosen, clause, {})] for clause in flat(rule.when)
    }
    if situation["outcome"] == "not fired":
        expected = {says: truth for says, truth in expected.items() if truth == "false"}
    assert {clause["says"]: clause["truth"] for clause in situation["clauses"]} == expected
    for clause in situation["clauses"]:
        assert clause["facts"], clause
        for told in clause["facts"]:
            assert_true_fact(record, chosen, told)


def assert_true_fact(record: Record, chosen: dict[str, Member], told: Json) -> None:
    """What the account says of a fact is what the record says of it, for the element it names or that was judged."""
    if told["fact"] in LISTS.values():
        assert told["value"] == (None if getattr(record, told["fact"]) is None else [])
        return
    fact = FACTS[told["fact"]]
    elements = dict(chosen)
    kinds = ("course", "drug") if fact.per_course else (fact.element,) if fact.element else ()
    of = iter(told.get("of", ()))
    if "of" in told:
        for kind in kinds:
            candidates = obvious.members(record, kind)
            if candidates != (obvious.ABSENT,):
                key = next(of)
                elements[kind] = next(member for member in candidates if member.key == key)
            else:
                elements[kind] = obvious.ABSENT
    known = obvious._value(record, elements, fact)
    assert told["value"] == (None if known is None else value_as_json(known))


def flat(condition: Condition) -> Iterator[Condition]:
    if isinstance(condition, AllOf):
        for part in condition.parts:
            yield from flat(part)
    else:
        yield condition


def situations_in(entry: Json) -> Iterator[tuple[tuple[str, ...], Json]]:
    """Every situation of a rule by its elements; what is told of several at once is told of each."""
    for situation in entry["situations"]:
        for elements in (situation["elements"], *situation.get("alike", ())):
            yield tuple(elements), {**situation, "elements": elements}


def outcome_in(result: Json, id: str) -> str:
    rules = result["rules"]
    if id in rules["suppressed"]:
        return "suppressed"
    if any(each["id"] == id for each in rules["fired"]):
        return "fired"
    return "undetermined" if any(each["id"] == id for each in rules["undetermined"]) else "not fired"


# --- single points -----------------------------------------------------------------------------------


def test_situations_alike_are_told_once_and_their_facts_say_whose_they_are(house: House) -> None:
    entry = entry_of(kept(house, FACTS_SENT), "imbrication.parp-rt")

    [situation] = entry["situations"]
    assert situation == {
        "elements": ["courses/0", "drugs/0"],
        "outcome": "not fired",
        "clauses": [
            {
                "says": "drug class is PARP inhibitor",
                "truth": "false",
                "facts": [
                    {"fact": "drug.drug_class", "value": "cdk46_inhibitor", "of": ["drugs/0"]},
                    {"fact": "drug.drug_class", "value": "endocrine", "of": ["drugs/1"]},
                ],
            }
        ],
        "alike": [["courses/0", "drugs/1"]],
    }


def test_a_claim_about_a_list_names_the_elements_that_decide_it(house: House) -> None:
    entry = entry_of(kept(house, FACTS_SENT), "pathway.chemo-bone-pain")

    [clause] = [each for each in entry["situations"][0]["clauses"] if each["says"].startswith("some drug has")]
    assert [(fact["of"], fact["value"]) for fact in clause["facts"]] == [
        (["drugs/0"], "cdk46_inhibitor"),
        (["drugs/1"], "endocrine"),
    ]


@pytest.mark.parametrize(("drugs", "truth", "value"), [([], "false", []), (None, "unknown", None)])
def test_an_empty_list_and_one_nobody_has_sent_are_told_apart(
    house: House, drugs: object, truth: str, value: object
) -> None:
    """Unknown is never no, nor is it in the account."""
    sent = {**FACTS_SENT, "facts": {**FACTS_SENT["facts"], "patient.bone_pain": True}, "drugs": drugs}

    entry = entry_of(kept(house, sent), "pathway.chemo-bone-pain")

    [clause] = [each for each in entry["situations"][0]["clauses"] if each["says"].startswith("some drug has")]
    assert (clause["truth"], clause["facts"]) == (truth, [{"fact": "drugs", "value": value}])


def test_a_fact_that_is_read_names_its_source_and_a_derived_fact_what_it_was_made_of(house: House) -> None:
    body = kept(house, FACTS_SENT)

    facts = {
        fact["fact"]: fact
        for entry in body["rules"]
        for situation in entry["situations"]
        for clause in situation["clauses"]
        for fact in clause["facts"]
    }
    assert facts["mets.status"] == {"fact": "mets.status", "value": "confirmed", "source": "facts"}
    assert "source" not in facts["prognosis.group"]
    assert "mets.status" in body["derived"]["facts"]["prognosis.group"]["because"]
    assert [pair["drug"] for pair in body["derived"]["exposures"]] == ["drugs/0", "drugs/1"]


def test_the_raw_value_the_unit_and_the_conversion_are_in_the_body(house: House) -> None:
    dose = made.dose(3000, "cGy", 10, kind="planned")
    bundle = made.bundle(made.radiotherapy("ServiceRequest", "rt", "draft", dose, occurrenceDateTime="2026-11-03"))

    [result] = answered(house, bundle, date(2026, 11, 1))

    [course] = body_of(house, result["trace"])["record"]["courses"]
    told = course["facts"]["rt.total_dose_gy"]
    assert told["value"] == 30
    assert (told["sources"][0]["value"], told["sources"][0]["conversion"]) == ("3000 cGy", "cGy x 0.01")


def test_the_account_has_the_shape_that_is_described(house: House) -> None:
    described = copy.deepcopy(openapi.document("0", settings_with({})))
    for name, shape in described["components"]["schemas"].items():
        if name.endswith("Account"):
            shape["additionalProperties"] = False

    sent = [story for story in STORIES if story.name in ("two_courses_and_two_drugs", "good_prognosis_on_olaparib")]
    results = [result for story in sent for result in answered(house, story.bundle, story.evaluation_date)]

    shape = {**described, "type": "array", "items": {"$ref": "#/components/schemas/RuleAccount"}}
    for rules in (body_of(house, result["trace"])["rules"] for result in results):
        jsonschema.validate(rules, shape)
        assert {entry["outcome"] for entry in rules} >= {"fired", "undetermined", "not fired", "switched off"}


# --- replay and order ----------------------------------------------------------------------------------


@pytest.mark.parametrize("part", ["rules", "derived"])
def test_an_account_that_was_changed_is_named(house: House, part: str) -> None:
    [result] = assess(house, Request(kind="facts", document=FACTS_SENT, digest="0" * 64)).results
    stored = house.store.get(result["trace"])
    assert stored is not None and stored.body is not None

    changed = {**stored.body, part: stored.body[part][1:] if part == "rules" else {}}

    assert replay(house, result["trace"], str(stored.header["rulebook"]), changed).differences == ("account",)


def test_a_trace_from_before_there_were_accounts_still_replays(house: House) -> None:
    [result] = assess(house, Request(kind="facts", document=FACTS_SENT, digest="0" * 64)).results
    stored = house.store.get(result["trace"])
    assert stored is not None and stored.body is not None

    older = {name: part for name, part in stored.body.items() if name not in ("rules", "derived")}

    assert replay(house, result["trace"], str(stored.header["rulebook"]), older).verdict == "identical"


@pytest.mark.parametrize("story", STORIES[::6], ids=lambda story: story.name)
def test_the_order_of_resources_changes_nothing_in_the_account(house: House, story: Story) -> None:
    backwards = {**story.bundle, "entry": story.bundle["entry"][::-1]}

    told = [
        [{part: body_of(house, result["trace"])[part] for part in ("rules", "derived")} for result in results]
        for results in (answered(house, bundle, story.evaluation_date) for bundle in (story.bundle, backwards))
    ]

    assert dumps(told[0]) == dumps(told[1])


# --- failures --------------------------------------------------------------------------------------------


def test_a_rule_whose_explanation_fails_is_the_one_in_error(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise ExplanationFailure("imbrication.cdk46-rt", "The engine and the explanation disagree.")

    monkeypatch.setattr("service.conclude.Explanation.firing", fail)

    stored = failed(house, RuleFailure)

    outcomes = {entry["id"]: entry["outcome"] for entry in stored.body["rules"]}
    assert list(outcomes) == [rule.id for rule in RULES]
    assert outcomes.pop("imbrication.cdk46-rt") == "error"
    assert set(outcomes.values()) == {"not reached", "switched off"}
    assert ("imbrication.cdk46-rt", "error") in stored.rules


def test_a_failure_of_no_rule_alone_blames_none(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise EngineFailure("The engine stopped.")

    monkeypatch.setattr("service.fire.Reasoner.fire", fail)

    stored = failed(house, RuleFailure)

    assert {entry["outcome"] for entry in stored.body["rules"]} == {"not reached", "switched off"}


def test_clauses_that_contradict_the_engine_are_a_failure_of_their_rule(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What did not fire is checked as well as what did."""
    fired = reasoner().fire(records_told()[STORIES[0].name])
    conclusion = conclude(fired, reasoner().thresholds)
    verdicts = tuple(each for each in fired.verdicts if each.judged.id != conclusion.fired[0].rule.id)

    with pytest.raises(ExplanationFailure) as failure:
        account_of(with_changed(fired, verdicts=verdicts, remembered=Outlines()), conclusion)

    assert failure.value.judged == conclusion.fired[0].rule.id


def test_when_only_the_answer_could_not_be_written_the_account_is_whole(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise Malformed("cards.0.summary")

    usual = kept(house, FACTS_SENT)
    monkeypatch.setattr("service.assess.check_answer", fail)

    stored = failed(house, MalformedAnswer)

    assert dumps(stored.body["rules"]) == dumps(usual["rules"])


# --- what was kept ---------------------------------------------------------------------------------------


def kept(house: House, document: object) -> Json:
    [result] = assess(house, Request(kind="facts", document=document, digest="0" * 64)).results
    return body_of(house, result["trace"])


def body_of(house: House, trace: str) -> Json:
    stored = house.store.get(trace)
    assert stored is not None and stored.body is not None
    return stored.body


def failed(house: House, problem: type[Exception]) -> Any:
    """What was kept of a decision that fails."""
    with pytest.raises(problem) as failure:
        assess(house, Request(kind="facts", document=FACTS_SENT, digest="0" * 64))
    stored = house.store.get(failure.value.trace)
    assert stored is not None and stored.header["outcome"] == "failed"
    return stored


def entry_of(body: Json, id: str) -> Json:
    return next(entry for entry in body["rules"] if entry["id"] == id)
