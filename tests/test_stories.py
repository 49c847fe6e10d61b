"""Each story gets the answer it should: whatever the order of its resources, and again when it is replayed."""

from __future__ import annotations

import json
import os
import random
from collections.abc import Iterator
from typing import Any

import pytest
from fhir.resources.R4B import get_fhir_model_class

from rulesets.rule import HOOKS, Hook
from service.canonical import dumps
from service.house import House
from service.replay import replay
from service.write import HOOKS_EXTENSION
from tests.stories_table import TABLE, table, verdicts_of
from tests.support.house import house_in, once_more
from tests.support.stories import Story, answered, stories
from tests.test_facts_stories import TOLD_AS_FACTS_ONLY

Results = tuple[dict[str, Any], ...]

LIMITS: dict[Hook, int] = {"patient-view": 4, "order-select": 3, "order-sign": 3}
GRAVITY = ["critical", "warning", "info"]
ALL = stories()
SEEDS = range(1, 1 + int(os.environ.get("SOAK_SHUFFLES", "1")))
each_story = pytest.mark.parametrize("story", ALL, ids=lambda story: story.name)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    built = house_in(tmp_path_factory.mktemp("stories"))
    yield built
    built.store.close()


@pytest.fixture(scope="module")
def results(house: House) -> dict[str, Results]:
    """The answer to every story, kept in the store."""
    return {story.name: answered(house, story.bundle, story.evaluation_date) for story in ALL}


def test_there_are_stories_and_each_says_its_point_in_one_sentence() -> None:
    assert len(ALL) >= 18
    for story in ALL:
        assert story.says.endswith("."), story.name
        assert "\n" not in story.says, story.name
        assert len({other.says for other in ALL}) == len(ALL)


@each_story
def test_the_answer_is_the_expected_one(story: Story, results: dict[str, Results]) -> None:
    answers = results[story.name]
    assert len(answers) == len(story.expected)
    for answer, expected in zip(answers, story.expected, strict=True):
        unknown = set(expected) - _CHECKED
        assert not unknown, f"nothing checks {unknown}"
        _has_what_is_told(answer, expected)
        _says_the_right_rules(answer, expected)


@each_story
def test_the_cards_at_each_hook_are_the_expected_ones(story: Story, house: House, results: dict[str, Results]) -> None:
    for hook in HOOKS:
        alone = answered(_again(house, results[story.name]), story.bundle, story.evaluation_date, (hook,))
        for answer, by_itself, expected in zip(results[story.name], alone, story.expected, strict=True):
            shown = by_itself["cards"]
            at_hook = [card for card in answer["cards"] if hook in card["extension"][HOOKS_EXTENSION]]
            assert sorted(_line(card) for card in at_hook) == sorted(_line(card) for card in shown)
            if hook in expected.get("cards", {}):
                _are_the_cards(shown, expected["cards"][hook], hook)


@each_story
def test_every_card_can_be_shown_as_it_is(story: Story, results: dict[str, Results]) -> None:
    for answer in results[story.name]:
        for card in answer["cards"]:
            assert 0 < len(card["summary"]) < 140
            assert "{" not in card["summary"]
            assert card["indicator"] in GRAVITY
            assert card["detail"].strip()
            assert "10.3390/cancers12092390" in card["source"]["url"]
        assert len({card["uuid"] for card in answer["cards"]}) == len(answer["cards"])


@each_story
def test_nobody_reads_more_than_a_handful_of_cards(story: Story, house: House, results: dict[str, Results]) -> None:
    for hook, limit in LIMITS.items():
        for answer in answered(_again(house, results[story.name]), story.bundle, story.evaluation_date, (hook,)):
            indicators = [card["indicator"] for card in answer["cards"]]
            assert indicators == sorted(indicators, key=GRAVITY.index)
            assert len(indicators) <= limit or indicators.count("info") <= 1


@each_story
@pytest.mark.parametrize("seed", SEEDS)
def test_the_order_of_the_resources_changes_nothing(
    story: Story, seed: int, house: House, results: dict[str, Results]
) -> None:
    entries = list(story.bundle["entry"])
    random.Random(seed).shuffle(entries)
    shuffled = {**story.bundle, "entry": entries}
    before = results[story.name]
    assert dumps(answered(_again(house, before), shuffled, story.evaluation_date)) == dumps(before)


@each_story
def test_resources_sent_twice_change_nothing(story: Story, house: House, results: dict[str, Results]) -> None:
    doubled = {**story.bundle, "entry": [*story.bundle["entry"], *json.loads(json.dumps(story.bundle["entry"]))]}
    before = results[story.name]
    assert dumps(answered(_again(house, before), doubled, story.evaluation_date)) == dumps(before)


@each_story
def test_the_trace_replays_to_the_same_answer(story: Story, house: House, results: dict[str, Results]) -> None:
    for answer in results[story.name]:
        stored = house.store.get(answer["trace"])
        assert stored is not None
        assert stored.body is not None
        assert stored.body["result"] == json.loads(dumps(answer))
        again = replay(house, stored.id, str(stored.header["rulebook"]), stored.body)
        assert (again.verdict, again.differences) == ("identical", ())


@each_story
def test_every_resource_is_valid_fhir(story: Story) -> None:
    for resource in (story.bundle, *(entry["resource"] for entry in story.bundle["entry"])):
        get_fhir_model_class(resource["resourceType"]).model_validate(resource)


def test_every_rule_that_is_on_fires_somewhere_and_is_false_somewhere(results: dict[str, Results]) -> None:
    verdicts = verdicts_of([answer for answers in results.values() for answer in answers])

    told_otherwise = set(TOLD_AS_FACTS_ONLY)
    assert {id for id, (fires, _, _) in verdicts.items() if not fires} <= told_otherwise
    assert [id for id, (_, _, false) in verdicts.items() if not false] == []


def test_the_page_of_stories_is_up_to_date(results: dict[str, Results]) -> None:
    assert TABLE.read_text(encoding="utf-8") == table(ALL, results), "run python -m tests.stories_table"


# --- what an expectation may say -------------------------------------------------------------------------

_SUBSETS = ("prognosis", "pattern", "derived")
_CHECKED = {
    *_SUBSETS, "patient", "exposure", "fired", "silent", "undetermined", "suppressed", "warnings", "cards",
}  # fmt: skip


def _again(house: House, answers: Results) -> House:
    return once_more(house, [answer["trace"] for answer in answers])


def _has_what_is_told(answer: dict[str, Any], expected: dict[str, Any]) -> None:
    for part in _SUBSETS:
        told = expected.get(part, {})
        assert {name: answer[part].get(name, "not there") for name in told} == told, part
    for part in ("patient", "exposure"):
        if part in expected:
            assert answer[part] == expected[part], part
    assert {notice["code"] for notice in answer["warnings"]} >= set(expected.get("warnings", ()))


def _says_the_right_rules(answer: dict[str, Any], expected: dict[str, Any]) -> None:
    rules = answer["rules"]
    fired = {firing["id"] for firing in rules["fired"]} - set(rules["suppressed"])
    for wanted in expected.get("fired", ()):
        wanted = {"id": wanted} if isinstance(wanted, str) else wanted
        found = [firing for firing in rules["fired"] if firing["id"] == wanted["id"]]
        assert any(wanted.items() <= firing.items() for firing in found), (wanted, found)
        assert wanted["id"] in fired, f"{wanted['id']} is suppressed"
    assert fired & set(expected.get("silent", ())) == set()
    assert {each["id"] for each in rules["undetermined"]} >= set(expected.get("undetermined", ()))
    assert set(rules["suppressed"]) >= set(expected.get("suppressed", ()))


def _are_the_cards(cards: list[dict[str, Any]], expected: list[dict[str, Any]], hook: Hook) -> None:
    told = [(card["indicator"], card["extension"].get("org.osteon.rules", []), card["summary"]) for card in cards]
    assert len(cards) == len(expected), (hook, told)
    for card, wanted in zip(cards, expected, strict=True):
        assert card["indicator"] == wanted["indicator"], (hook, told)
        assert set(wanted["rules"]) == set(card["extension"].get("org.osteon.rules", [])), (hook, told)
        assert wanted.get("summary", "") in card["summary"]


def _line(card: dict[str, Any]) -> tuple[str, str, str]:
    return card["indicator"], card["summary"], card["detail"]
