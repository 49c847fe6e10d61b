"""What differs between two rulebooks."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from rulesets.rulebook import Revision, rules_content
from rulesets.thresholds import Thresholds, effective
from service.replay.difference import Difference, PartDifference, RuleDifference, ValueDifference, difference
from service.replay.told import difference_as_markdown
from service.traces.rulebooks import Rulebook

Content = dict[str, Any]


def rulebook(
    change: Callable[[Content], object] = lambda _: None, terminology: str = "t", **values: object
) -> Rulebook:
    content = json.loads(rules_content())
    change(content)
    thresholds = Thresholds({**effective().values, **values})  # type: ignore[dict-item]
    return Rulebook(
        revision=Revision(rules="r", thresholds=thresholds.digest, terminology=terminology),
        rules=json.dumps(content).encode(),
        thresholds=thresholds.content,
    )


def with_rule(**parts: object) -> Rulebook:
    return rulebook(lambda content: rule_in(content, "prognosis.good").update(parts))


def rule_in(content: Content, id: str) -> Content:
    return next(rule for rule in content["rules"] if rule["id"] == id)


def test_a_rulebook_does_not_differ_from_itself() -> None:
    found = difference(rulebook(), rulebook())

    assert found == Difference(rules=(), definitions=(), thresholds=(), beside=())
    assert found.is_none


def test_a_rule_that_is_not_in_both_was_added_or_removed() -> None:
    without = rulebook(lambda content: content["rules"].remove(rule_in(content, "prognosis.good")))

    assert difference(without, rulebook()).rules == (RuleDifference(id="prognosis.good", what="added"),)
    assert difference(rulebook(), without).rules == (RuleDifference(id="prognosis.good", what="removed"),)
    assert difference(rulebook(), without).beside == ()


@pytest.mark.parametrize(
    ("field", "value", "part", "told"),
    [
        ("indicator", "warning", "indicator", ("info", "warning")),
        ("hooks", ["order-sign"], "hooks", ('["patient-view"]', '["order-sign"]')),
        ("enabledBy", "enable_trials", "switch", ("null", "enable_trials")),
        (
            "summary",
            "Good",
            "summary",
            ("Good prognosis: luminal tumour, few lesions, bone only, in a fit patient", "Good"),
        ),
    ],
)
def test_a_rule_that_changed_names_the_part_that_did(
    field: str, value: object, part: str, told: tuple[str, str]
) -> None:
    [found] = difference(rulebook(), with_rule(**{field: value})).rules

    assert (found.id, found.what) == ("prognosis.good", "changed")
    assert found.parts == (PartDifference(part=part, before=told[0], after=told[1]),)


def test_a_condition_is_told_in_english_once() -> None:
    poor = {"fact": "prognosis.group", "is": "==", "value": "poor"}

    [found] = difference(rulebook(), with_rule(when=poor, whenInEnglish="the group is poor")).rules

    [part] = found.parts
    assert (part.part, part.after) == ("condition", "the group is poor")
    assert part.before != part.after


def test_values_in_force_are_told_with_what_there_was() -> None:
    found = difference(rulebook(retired=1), rulebook(oligo_max_lesions=5))

    assert found.thresholds == (
        ValueDifference(key="oligo_max_lesions", before=4, after=5),
        ValueDifference(key="retired", before=1, after=None),
    )


def test_a_definition_that_changed_is_told() -> None:
    found = difference(rulebook(), rulebook(lambda content: content["definitions"][0].update(otherwise=True)))

    [changed] = found.definitions
    assert [part.part for part in changed.parts] == ["otherwise"]


@pytest.mark.parametrize(
    ("other", "beside"),
    [
        (rulebook(lambda content: content["rules"].reverse()), "the order of the rules"),
        (rulebook(lambda content: content["drugs"]["synonyms"].clear()), "the drug map"),
        (rulebook(lambda content: content["tables"].clear()), "the tables of exams and regimens"),
        (rulebook(lambda content: content["parts"]["stages"].reverse()), "the parts in which definitions are run"),
        (rulebook(terminology="another"), "the terminology"),
    ],
)
def test_what_is_no_rule_is_told_beside_them(other: Rulebook, beside: str) -> None:
    found = difference(rulebook(), other)

    assert (found.rules, found.definitions, found.thresholds, found.beside) == ((), (), (), (beside,))
    assert f"- {beside}" in difference_as_markdown(found)
