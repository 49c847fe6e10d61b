"""A rulebook made again from its content is the same rulebook, and gives the same bytes."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from rulesets.language import LanguageError
from rulesets.rulebook import DEFINITIONS, RULEBOOK, RULES, rules_content
from rulesets.thresholds import effective
from service.canonical import dumps
from service.fire import Reasoner
from service.house import House
from service.replay.rebuilt import rulebook_from
from tests.support.house import house_in, once_more
from tests.support.stories import answered, stories

Content = dict[str, Any]
CONTENT: Content = json.loads(rules_content())


def written(content: Content) -> bytes:
    return json.dumps(content, sort_keys=True, ensure_ascii=True).encode()


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> House:
    return house_in(Path(tmp_path_factory.mktemp("rebuilt")))


def test_every_rule_and_definition_comes_back_as_it_was() -> None:
    book = rulebook_from(rules_content())

    assert len(book.rules) == 187
    assert book.rules == RULES
    assert book.definitions == DEFINITIONS
    assert book.topics == RULEBOOK.topics
    assert (book.stages, book.criteria, book.overrides) == (RULEBOOK.stages, RULEBOOK.criteria, RULEBOOK.overrides)
    assert (book.groups, book.leans, book.context) == (RULEBOOK.groups, RULEBOOK.leans, RULEBOOK.context)
    assert book.said_out_of_scope == RULEBOOK.said_out_of_scope


def test_its_content_is_the_same_bytes() -> None:
    assert rules_content(rulebook_from(rules_content())) == rules_content()


def test_it_answers_every_story_with_the_same_bytes(house: House) -> None:
    rebuilt = replace(house, reasoners=copy.copy(house.reasoners))
    rebuilt.reasoners.usual = Reasoner(effective(), rulebook_from(rules_content()))

    for story in stories():
        before = answered(house, story.bundle, story.evaluation_date, ("order-sign",))
        again = once_more(rebuilt, [answer["trace"] for answer in before])
        after = answered(again, story.bundle, story.evaluation_date, ("order-sign",))

        assert dumps(after) == dumps(before), story.name


# --- what it may not be ----------------------------------------------------------------------------


def with_rule(change: Callable[[Content], object]) -> bytes:
    """The content with the first rule that compares a fact with a word changed."""
    content = copy.deepcopy(CONTENT)
    change(content["rules"][0])
    return written(content)


def claim(fact: str, operator: str, value: object) -> Callable[[Content], object]:
    return lambda rule: rule.update(when={"fact": fact, "is": operator, "value": value})


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (claim("tumour.colour", "==", "red"), "'tumour.colour', a fact this release does not know"),
        (claim("patient.ecog", ">=", {"threshold": "most_stars"}), "'most_stars', a threshold this release"),
        (claim("patient.ecog", ">=", "2"), "compares patient.ecog with what it can never be"),
        (claim("patient.ecog", ">=", {"threshold": "srs_count_scope"}), "compares patient.ecog with what"),
        (claim("tumour.er", "==", "purple"), "compares tumour.er with what it can never be"),
        (claim("tumour.er", ">=", "positive"), "compares tumour.er with what it can never be"),
        (claim("tumour.er", "in", "positive"), "compares tumour.er with what it can never be"),
        (claim("tumour.er", "known", "positive"), "compares tumour.er with what it can never be"),
        (claim("tumour.er", "~", "positive"), "says '~' where this release knows ==, !="),
        (lambda rule: rule.update(when={"xor": []}), "a condition of a kind this release does not know"),
        (lambda rule: rule.update(indicator="grave"), "says 'grave' where this release knows info, warning"),
        (lambda rule: rule.update(hooks=["order-dispatch"]), "says 'order-dispatch' where this release knows"),
        (lambda rule: rule.update(forEach=["organ"]), "says 'organ' where this release knows lesion"),
        (lambda rule: rule.update(summary="{most_stars}"), "leaves {most_stars} to be filled"),
        (lambda rule: rule.update(ask=None), "not that of a rulebook, or of one this release cannot read"),
        (lambda rule: rule.pop("evidence"), "lacks 'evidence'"),
    ],
)
def test_what_this_release_cannot_run_is_refused_with_what_it_lacks(
    change: Callable[[Content], object], sentence: str
) -> None:
    with pytest.raises(LanguageError) as refusal:
        rulebook_from(with_rule(change))

    assert sentence in str(refusal.value)


def test_a_definition_gives_its_fact_only_what_the_fact_may_be() -> None:
    content = copy.deepcopy(CONTENT)
    content["definitions"][0]["value"] = "purple"

    with pytest.raises(LanguageError, match="gives a fact a value it cannot have"):
        rulebook_from(written(content))


def test_a_rule_stands_in_it_once() -> None:
    with pytest.raises(LanguageError, match="is used more than once"):
        rulebook_from(written({**CONTENT, "rules": [*CONTENT["rules"], CONTENT["rules"][0]]}))


def test_a_content_without_the_parts_of_its_definitions_is_refused() -> None:
    with pytest.raises(LanguageError, match="lacks 'parts'"):
        rulebook_from(written({name: part for name, part in CONTENT.items() if name != "parts"}))


@pytest.mark.parametrize("content", [b"", b"[]", b"{", b"null", b"\xff"])
def test_what_is_no_content_at_all_is_refused(content: bytes) -> None:
    with pytest.raises(LanguageError):
        rulebook_from(content)
