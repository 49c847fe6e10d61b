"""A decision made once more from its trace."""

from __future__ import annotations

import copy
import hashlib
import json
import zlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from rulesets.rulebook import RULEBOOK, Revision, rules_content
from rulesets.thresholds import Thresholds, effective
from service.assess import Request, assess
from service.fire import Reasoner
from service.house import House, Reasoners
from service.reasoning.engine import EngineFailure
from service.replay import replay, replay_of
from service.replay.rebuilt import rulebook_from
from service.traces.rulebooks import Rulebook, activate
from service.traces.stored import StoredTrace
from tests.support.house import house_in
from tests.traces.tampering import as_owner

FACTS = {
    "evaluationDate": "2026-11-01",
    "facts": {"mets.status": "confirmed", "mets.organ.bone": "present", "mets.lesion_count": {"lo": 2, "hi": None}},
    "drugs": [{"name": "palbociclib", "status": "active"}],
    "courses": [{"status": "draft", "target": "bone", "region": "pelvis"}],
    "config": {"oligo_max_lesions": 5},
}


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> House:
    return house_in(Path(tmp_path_factory.mktemp("replay")))


@pytest.fixture(scope="module")
def decided(house: House) -> tuple[str, str, dict[str, Any]]:
    """A stored decision: its id, its rulebook and its body."""
    [result] = assess(house, Request(kind="facts", document=FACTS, digest="0" * 64)).results
    stored = house.store.get(result["trace"])
    assert stored is not None and stored.body is not None
    return result["trace"], str(stored.header["rulebook"]), stored.body


def test_a_decision_with_thresholds_of_its_own_replays_identical(
    house: House, decided: tuple[str, str, dict[str, Any]]
) -> None:
    assert replay(house, *decided).verdict == "identical"


def test_an_answer_that_was_changed_is_named(house: House, decided: tuple[str, str, dict[str, Any]]) -> None:
    trace, rulebook, body = decided
    changed = copy.deepcopy(body)
    changed["result"]["cards"][0]["summary"] = "Something else"

    assert (replay(house, trace, rulebook, changed).verdict, replay(house, trace, rulebook, changed).differences) == (
        "differs",
        ("cards",),
    )


def test_a_fact_that_was_changed_changes_what_follows(house: House, decided: tuple[str, str, dict[str, Any]]) -> None:
    trace, rulebook, body = decided
    changed = copy.deepcopy(body)
    changed["record"]["drugs"][0]["facts"]["drug.name"]["value"] = "olaparib"

    assert set(replay(house, trace, rulebook, changed).differences) >= {"cards", "rules", "exposure"}


def test_thresholds_that_were_changed_are_another_rulebook(
    house: House, decided: tuple[str, str, dict[str, Any]]
) -> None:
    trace, rulebook, body = decided
    changed = copy.deepcopy(body)
    changed["thresholds"]["oligo_max_lesions"] = 4

    assert replay(house, trace, rulebook, changed).verdict == "rulebook missing"


def test_an_erased_decision_says_so(house: House, decided: tuple[str, str, dict[str, Any]]) -> None:
    assert replay(house, decided[0], decided[1], None).verdict == "erased"


def test_what_differs_is_told_place_by_place(house: House, decided: tuple[str, str, dict[str, Any]]) -> None:
    trace, rulebook, body = decided
    changed = copy.deepcopy(body)
    changed["result"]["rules"]["fired"][0]["indicator"] = "never"

    [place] = replay(house, trace, rulebook, changed).changes

    assert (place.path, place.before) == ("/rules/fired/0/indicator", '"never"')
    assert place.after in ('"info"', '"warning"', '"critical"')


def test_a_rule_that_fails_in_the_replay_is_a_difference(
    house: House, decided: tuple[str, str, dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> None:
        raise EngineFailure("nothing goes")

    monkeypatch.setattr("service.fire.Reasoner.fire", fails)

    again = replay(house, *decided)

    assert (again.verdict, again.differences, again.notes) == ("differs", ("failure",), ("nothing goes",))


# --- rulebooks of another time ---------------------------------------------------------------------------

Change = Callable[[dict[str, Any]], object]
OWN_THRESHOLDS = {key: value for key, value in effective().values.items() if key != "bed_target"} | {"retired": 1}


@pytest.fixture
def at_work(tmp_path: Path) -> House:
    """A house of its own, for what is done to its store."""
    return house_in(tmp_path)


def milder(content: dict[str, Any]) -> None:
    """CDK4/6 inhibitors, PARP inhibitors and the rest around radiotherapy only inform."""
    for rule in content["rules"]:
        if rule["id"].startswith("imbrication."):
            rule.update(indicator="info", escalations=[])


def without_parts(content: dict[str, Any]) -> None:
    del content["parts"]


def as_it_was(house: House, change: Change, terminology: str = "") -> tuple[House, StoredTrace]:
    """A house as of today, and a decision it made when its rules were others and in force."""
    content = json.loads(rules_content())
    change(content)
    rules = json.dumps(content, sort_keys=True, ensure_ascii=True).encode()
    digest, thresholds = hashlib.sha256(rules).hexdigest(), effective()
    of_then = terminology or house.terminology.digest
    revision = Revision(rules=digest, thresholds=thresholds.digest, terminology=of_then)
    activate(
        house.store,
        Rulebook(revision=revision, rules=rules, thresholds=thresholds.content),
        id="then",
        at="2026-01-01T00:00:00.000000Z",
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("service.house.RULES_DIGEST", digest)
        reasoners = Reasoners({})
        reasoners.usual = Reasoner(thresholds, rulebook_from(rules) if "parts" in content else RULEBOOK)
        then = replace(
            house, reasoners=reasoners, terminology=replace(house.terminology, digest=of_then), version="0.0.9"
        )
        facts = {name: told for name, told in FACTS.items() if name != "config"}
        [result] = assess(then, Request(kind="facts", document=facts, digest="0" * 64)).results
    stored = house.store.get(result["trace"])
    assert stored is not None
    assert stored.header["rulebook"] == revision.digest
    return house, stored


def test_a_decision_made_with_other_rules_is_replayed_with_them(at_work: House) -> None:
    house, stored = as_it_was(at_work, milder)

    again = replay_of(house, stored)

    assert again.verdict == "identical"
    assert [note.partition(" ")[0] for note in again.notes] == ["The", "The"]
    assert "The rules are those with the digest" in again.notes[0]
    assert again.notes[1] == "The decision was made by version 0.0.9, and again by 0."
    assert stored.body is not None
    drugs = [each for each in stored.body["result"]["rules"]["fired"] if each["id"].startswith("imbrication.")]  # type: ignore[index]
    assert drugs and {each["indicator"] for each in drugs} == {"info"}


def test_a_decision_made_with_another_drug_map_says_that_todays_was_used(at_work: House) -> None:
    house, stored = as_it_was(at_work, lambda content: content["drugs"]["synonyms"].update(nothing="palbociclib"))

    notes = replay_of(house, stored).notes

    assert "Not those of the rulebook, but of this version: the drug map." in notes


def test_a_decision_made_with_another_terminology_counts_facts_as_they_were_read(at_work: House) -> None:
    house, stored = as_it_was(at_work, lambda content: None, terminology="7" * 64)

    again = replay_of(house, stored)

    assert again.verdict == "identical"
    assert again.notes[0].startswith("The terminology was another: facts count as they were read")


def test_rules_that_this_release_cannot_run_are_missing_with_what_they_lack(at_work: House) -> None:
    house, stored = as_it_was(at_work, without_parts)

    again = replay_of(house, stored)

    assert again.verdict == "rulebook missing"
    assert again.lacks == "The content of the rulebook lacks 'parts', which this release needs."


def test_rules_that_were_changed_in_the_store_are_not_believed(at_work: House) -> None:
    house, stored = as_it_was(at_work, milder)
    with as_owner(house.store) as connection:
        packed = {"packed": zlib.compress(rules_content()), "digest": stored.header["rules"]}
        connection.execute(text("UPDATE trace_content SET packed = :packed WHERE digest = :digest"), packed)

    again = replay_of(house, stored)

    assert again.verdict == "rulebook missing"
    assert again.lacks == "The rules kept under this digest were changed since; they cannot be believed."


def test_rules_that_were_never_kept_are_missing(at_work: House) -> None:
    house, stored = as_it_was(at_work, milder)
    with as_owner(house.store) as connection:
        connection.execute(text("DELETE FROM trace_rulebook"))

    again = replay_of(house, stored)

    assert again.verdict == "rulebook missing"
    assert again.lacks.startswith("No rules that were in force here make this rulebook")


def test_thresholds_that_came_or_went_since_are_told(at_work: House) -> None:
    house, stored = as_it_was(at_work, lambda content: None)
    body = copy.deepcopy(stored.body)
    assert body is not None
    body["thresholds"] = OWN_THRESHOLDS
    revision = house.revision(Thresholds(OWN_THRESHOLDS))
    body["result"]["rulebook"] = revision.digest  # type: ignore[index]

    again = replay(house, stored.id, revision.digest, body)

    assert again.verdict == "identical"
    assert again.notes == (
        "It did not know these thresholds, which are at their defaults: bed_target.",
        "This release does not know these thresholds of it: retired.",
    )


def test_another_engine_and_other_settings_are_told(at_work: House) -> None:
    then = replace(at_work, engine="durable-rules 1", config="1" * 64)
    [result] = assess(then, Request(kind="facts", document=FACTS, digest="0" * 64)).results
    stored = then.store.get(result["trace"])
    assert stored is not None

    again = replay_of(replace(at_work, engine="durable-rules 2", config="2" * 64), stored)

    assert again.verdict == "identical"
    assert again.notes == (
        "The decision was made by engine durable-rules 1, and again by durable-rules 2.",
        "Settings have changed since; links and override reasons on cards follow them.",
    )


def test_rulebooks_at_hand_do_not_become_more_and_more(at_work: House) -> None:
    house, stored = as_it_was(at_work, milder)
    for days in range(1, 12):
        house.reasoners.with_thresholds({"rt_lookback_days": days})

    assert replay_of(house, stored).verdict == "identical"
    assert len(house.reasoners._others) == 8
