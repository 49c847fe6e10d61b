"""The change report names exactly the stories that another rulebook would answer otherwise."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from rulesets.rulebook import RULES, rules_content
from rulesets.thresholds import Thresholds, effective
from service.assess import Request, assess
from service.canonical import dumps
from service.house import House, Reasoners, revision_of
from service.problems import RuleFailure
from service.reasoning.engine import EngineFailure
from service.replay.changes import ChangeReport, Decisions, change_report
from service.replay.rulebooks import Candidate, RulebookMissing, candidate, imported
from service.replay.told import as_json, changes_as_markdown
from service.traces.erasure import erase
from service.traces.holds import Subject
from service.traces.rulebooks import Rulebook
from service.traces.walking import decisions_between
from tests.support.house import house_in
from tests.support.stories import answered, stories

Answers = dict[str, dict[str, Any]]
"""What was answered, by the id of the decision."""

ALL = stories()
EVERY = 1_000
"""More than there are stories."""

FACTS: dict[str, Any] = {
    "evaluationDate": "2026-11-01",
    "facts": {"mets.status": "confirmed", "mets.organ.bone": "present", "mets.lesion_count": 5},
    "drugs": [{"name": "olaparib", "status": "active"}],
    "courses": [{"status": "draft", "target": "bone", "region": "pelvis"}],
}


@dataclass(frozen=True)
class Decided:
    """A house, and what it answered to every story."""

    house: House
    answers: Answers


def decided(folder: Path, thresholds: Mapping[str, object]) -> Decided:
    """Every story answered and kept with some thresholds; the same story has the same id whatever they are."""
    house = replace(house_in(folder), reasoners=Reasoners(thresholds))
    answers = [
        answer for story in ALL for answer in answered(house, story.bundle, story.evaluation_date, ("order-sign",))
    ]
    return Decided(house, {answer["trace"]: answer for answer in answers})


@pytest.fixture(scope="module")
def by_default(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Decided]:
    found = decided(tmp_path_factory.mktemp("default"), {})
    yield found
    found.house.store.close()


@pytest.fixture(
    scope="module",
    params=[("oligo_max_lesions", 5), ("good_max_ecog", 2), ("bed_target", 70.0)],
    ids=lambda one: one[0],
)
def changed(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Decided]]:
    key, value = request.param
    found = decided(tmp_path_factory.mktemp("changed"), {key: value})
    yield key, found
    found.house.store.close()


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    found = house_in(tmp_path)
    yield found
    found.store.close()


def report_of(decided: House, by: Candidate, most_listed: int = EVERY) -> ChangeReport:
    return change_report(decided, by, decisions_between(decided.store), most_listed=most_listed)


def kept(house: House, facts: Mapping[str, Any] = FACTS, **config: object) -> str:
    """The id of a decision about some facts."""
    document = {**facts, "config": config} if config else dict(facts)
    [result] = assess(house, Request(kind="facts", document=document, digest="0" * 64)).results
    return str(result["trace"])


# --- exactly the stories that change -------------------------------------------------------------------


def says(answer: Mapping[str, Any]) -> bytes:
    """An answer without the names of its decision, its rulebook, its cards and suggestions."""

    def anonymous(value: object) -> object:
        if isinstance(value, dict):
            return {key: anonymous(each) for key, each in value.items() if key not in ("uuid", "rulebook", "trace")}
        return [anonymous(each) for each in value] if isinstance(value, list | tuple) else value

    return dumps(anonymous(dict(answer)))


def differing(before: Answers, after: Answers) -> set[str]:
    assert before.keys() == after.keys()
    return {id for id in before if says(before[id]) != says(after[id])}


def firings(answer: Mapping[str, Any]) -> set[tuple[str, str | None]]:
    return {(each["id"], each["element"]) for each in answer["rules"]["fired"]}


def newly_firing(before: Answers, after: Answers) -> dict[str, set[str]]:
    """By rule, the decisions in which it fires for something it did not fire for."""
    found: dict[str, set[str]] = {}
    for id in before:
        for rule, _ in firings(after[id]) - firings(before[id]):
            found.setdefault(rule, set()).add(id)
    return found


def groups_moved(before: Answers, after: Answers) -> dict[tuple[str, str], set[str]]:
    found: dict[tuple[str, str], set[str]] = {}
    for id in before:
        groups = before[id]["prognosis"]["group"], after[id]["prognosis"]["group"]
        if len(set(groups)) == 2:
            found.setdefault(groups, set()).add(id)
    return found


def is_as_computed(report: ChangeReport, before: Answers, after: Answers) -> None:
    wanted = differing(before, after)
    assert set(report.changed.ids) == wanted and report.changed.count == len(wanted)
    assert (report.looked_at, report.unchanged) == (len(before), len(before) - len(wanted))
    assert (report.erased, report.not_replayable) == (Decisions(), {})
    for kind, found in (
        ("newly firing", newly_firing(before, after)),
        ("no longer firing", newly_firing(after, before)),
    ):
        assert {each.rule: set(each.decisions.ids) for each in report.rules if each.kind == kind} == found
    assert {(each.before, each.after): set(each.decisions.ids) for each in report.groups} == groups_moved(before, after)
    assert {id for found in report.parts.values() for id in found.ids} == wanted


def test_another_threshold_changes_exactly_the_stories_it_changes(
    by_default: Decided, changed: tuple[str, Decided]
) -> None:
    key, other = changed
    value = other.house.reasoners.usual.thresholds.values[key]

    report = report_of(by_default.house, candidate(by_default.house, None, {key: value}))

    assert 0 < report.changed.count < len(ALL)
    is_as_computed(report, by_default.answers, other.answers)


def test_taking_the_threshold_back_changes_the_same_stories_back(
    by_default: Decided, changed: tuple[str, Decided]
) -> None:
    _, other = changed

    report = report_of(other.house, candidate(other.house, None, {}))

    is_as_computed(report, other.answers, by_default.answers)


def test_the_same_rulebook_changes_nothing(by_default: Decided) -> None:
    report = report_of(by_default.house, candidate(by_default.house, None, None))

    assert (report.looked_at, report.unchanged) == (len(by_default.answers), len(by_default.answers))
    assert (report.changed, report.rules, report.groups, report.cards, report.parts) == (Decisions(), (), (), (), {})


# --- another rulebook ----------------------------------------------------------------------------------


def new_rulebook(house: House, change: Any) -> Candidate:
    """Today's rulebook with its rules, as data, changed by a function."""
    content = json.loads(rules_content())
    content["rules"] = [rule for rule in map(change, content["rules"]) if rule]
    return candidate(house, imported({"content": content}, house.terminology.digest), None)


def test_a_rule_that_is_taken_out_no_longer_fires_and_its_card_goes(house: House) -> None:
    id = kept(house)
    without = new_rulebook(house, lambda rule: None if rule["id"].startswith("imbrication.") else rule)

    report = report_of(house, without)

    gone = {each.rule for each in report.rules if each.kind == "no longer firing"}
    assert "imbrication.parp-rt" in gone and all(rule.startswith("imbrication.") for rule in gone)
    assert {"disappears"} == {each.kind for each in report.cards if "imbrication.parp-rt" in each.rules}
    assert report.changed == Decisions(count=1, ids=(id,))
    assert any("the lines of cards, is that of this version" in note for note in report.notes)


def test_a_rule_that_is_graver_is_told_with_both_indicators(house: House) -> None:
    id = kept(house)

    milder = new_rulebook(
        house,
        lambda rule: {**rule, "indicator": "info", "escalations": []} if rule["id"] == "imbrication.parp-rt" else rule,
    )

    [change] = report_of(house, milder).rules
    assert (change.rule, change.kind, change.detail) == ("imbrication.parp-rt", "indicator", "critical → info")
    assert change.decisions == Decisions(count=1, ids=(id,))


def test_a_rule_this_version_has_never_seen_fires(house: House) -> None:
    kept(house)

    def and_one_more(rule: dict[str, Any]) -> dict[str, Any]:
        return {**rule, "id": "pathway.never-seen"} if rule["id"] == "pathway.good-radical" else rule

    by = new_rulebook(
        house,
        lambda rule: (
            {**and_one_more(rule), "when": {"fact": "mets.status", "is": "==", "value": "confirmed"}}
            if rule["id"] == "pathway.good-radical"
            else rule
        ),
    )
    report = report_of(house, by)

    assert ("pathway.never-seen", "newly firing") in {(each.rule, each.kind) for each in report.rules}
    assert any("pathway.never-seen" in each.rules and each.kind == "appears" for each in report.cards)


def test_a_rule_that_asks_for_more_becomes_undetermined(house: House) -> None:
    id = kept(house)

    def stricter(rule: dict[str, Any]) -> dict[str, Any]:
        asks = {"fact": "patient.ecog", "is": "<=", "value": 1}
        return {**rule, "when": {"all": [rule["when"], asks]}} if rule["id"] == "imbrication.parp-rt" else rule

    found = {
        (each.rule, each.kind): each.decisions.ids for each in report_of(house, new_rulebook(house, stricter)).rules
    }
    assert found == {
        ("imbrication.parp-rt", "no longer firing"): (id,),
        ("imbrication.parp-rt", "newly undetermined"): (id,),
    }


def test_a_text_that_is_changed_is_a_card_reworded_and_no_rule_changed(house: House) -> None:
    kept(house)

    reworded = new_rulebook(
        house,
        lambda rule: {**rule, "detail": f"{rule['detail']} Mind this."} if rule["indicator"] == "critical" else rule,
    )

    report = report_of(house, reworded)
    assert report.rules == () and set(report.parts) == {"cards"}
    assert {each.kind for each in report.cards} == {"reworded"}


# --- thresholds of a request, and what cannot be compared ------------------------------------------------


def test_what_a_request_asked_for_itself_stays_as_it_asked(house: House) -> None:
    kept(house, oligo_max_lesions=4)
    other = kept(house)

    report = report_of(house, candidate(house, None, {"oligo_max_lesions": 5}))

    assert (report.looked_at, report.changed) == (2, Decisions(count=1, ids=(other,)))


def test_an_erased_decision_is_counted_as_erased(house: House) -> None:
    gone, still = kept(house), kept(house)
    erase(house.store, Subject(about="decision", name=gone), ground="patient-request", id="erasure", at="2026-11-02")

    report = report_of(house, candidate(house, None, None))

    assert (report.looked_at, report.unchanged, report.erased) == (2, 1, Decisions(count=1, ids=(gone,)))
    assert still not in report.erased.ids


def test_a_decision_that_failed_is_told_with_the_reason(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object) -> None:
        raise EngineFailure("nothing goes")

    with monkeypatch.context() as patch:
        patch.setattr("service.fire.Reasoner.fire", fails)
        with pytest.raises(RuleFailure):
            kept(house)

    report = report_of(house, candidate(house, None, None))

    assert {reason: each.count for reason, each in report.not_replayable.items()} == {
        "no answer could be given at the time": 1
    }


def test_a_candidate_that_fails_on_a_decision_is_told_so(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    id = kept(house)

    def fails(*_: object) -> None:
        raise EngineFailure("nothing goes")

    monkeypatch.setattr("service.fire.Reasoner.fire", fails)

    assert report_of(house, candidate(house, None, None)).not_replayable == {
        "the candidate failed on it": Decisions(count=1, ids=(id,))
    }


def test_decisions_beyond_the_most_that_are_named_are_counted(house: House) -> None:
    ids = [kept(house) for _ in range(5)]

    report = report_of(house, candidate(house, None, {"oligo_max_lesions": 5}), most_listed=2)

    assert report.changed == Decisions(count=5, ids=tuple(ids[:2]))
    assert f"{ids[0]} {ids[1]} and 3 more" in changes_as_markdown(report)


def test_decisions_of_another_version_are_pointed_out(house: House) -> None:
    kept(replace(house, version="0.0.9"))

    [note] = report_of(house, candidate(house, None, None)).notes

    assert "1 were made by another version" in note


def test_thresholds_the_candidate_lacks_are_told_and_at_their_defaults(house: House) -> None:
    values = {key: value for key, value in effective({"oligo_max_lesions": 5}).values.items() if key != "bed_target"}
    thresholds = Thresholds({**values, "retired": 1})
    older = Rulebook(
        revision=revision_of(thresholds, house.terminology.digest), rules=rules_content(), thresholds=thresholds.content
    )

    found = candidate(house, older, None)

    assert found.thresholds == effective({"oligo_max_lesions": 5})
    assert found.notes == (
        "It did not know these thresholds, which are at their defaults: bed_target.",
        "This release does not know these thresholds of it: retired.",
    )


# --- the report, told ------------------------------------------------------------------------------------


def test_the_report_says_the_same_in_both_forms(house: House) -> None:
    id = kept(house)
    report = report_of(house, candidate(house, None, {"oligo_max_lesions": 5}))

    printed, data = changes_as_markdown(report), json.loads(dumps(as_json(report)))

    assert "| looked at | 1 |" in printed and "| changed | 1 |" in printed
    assert (data["lookedAt"], data["changed"]) == (1, {"count": 1, "ids": [id]})
    assert data["notReplayable"] == {} and data["candidate"]["thresholds"] == report.candidate.thresholds
    assert report.rules
    for change in data["rules"]:
        assert f"| `{change['rule']}` | {change['kind']} | 1 | {id} |" in printed


def test_rules_stand_in_the_order_of_the_rulebook(house: House) -> None:
    places = {rule.id: place for place, rule in enumerate(RULES)}
    kept(house)
    never = {"fact": "mets.status", "is": "unknown", "value": None}

    report = report_of(house, new_rulebook(house, lambda rule: {**rule, "when": never}))

    found = [places[each.rule] for each in report.rules]
    assert len(set(found)) > 2 and found == sorted(found)


# --- rulebooks in files ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "document",
    [
        None,
        [],
        {},
        {"content": []},
        {"content": {}, "thresholds": []},
        {"content": {}, "thresholds": {"bed_target": []}},
    ],
)
def test_what_is_no_rulebook_is_refused(house: House, document: object) -> None:
    with pytest.raises(RulebookMissing):
        candidate(house, imported(document, house.terminology.digest), None)
