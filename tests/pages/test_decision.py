"""One decision: its view model tells all the trace tells, with or without clauses, and picture and table say the same."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest

from rulesets.rulebook import rules_as_data
from rulesets.thresholds import effective
from service.pages.decision import Decision, decision_of
from service.pages.picture import MOST_FACTS, MOST_RULES, picture_of
from service.pages.rendering import rendered
from tests.pages.conftest import TOLD, Kept
from tests.pages.html import Page

RULES = rules_as_data(effective())


def decision(kept: Kept, story: str, **changed: Any) -> Decision:
    return decision_of(kept.header(story), {**kept.body(story), **changed}, RULES, is_erased=False)


def shown(found: Decision) -> Page:
    return Page(rendered("decision.html", here="Decisions", version="0", rulebook="0" * 64, decision=found, again=None))


@pytest.mark.parametrize("story", TOLD)
def test_every_rule_that_fired_or_waits_is_on_the_page_with_its_reasons(kept: Kept, story: str) -> None:
    told = kept.body(story)["result"]["rules"]

    found = decision(kept, story)

    assert {rule.id for rule in found.spoken} == {each["id"] for each in told["fired"]}
    waiting = {each["id"] for each in told["undetermined"]} - {each["id"] for each in told["fired"]}
    assert {rule.id for rule in found.open_rules} == waiting
    for each in told["undetermined"]:
        rule = next(rule for rule in found.rules if rule.id == each["id"])
        assert set(each["missing"]) <= {fact.name for fact in rule.missing}
    for each in told["fired"]:
        rule = next(rule for rule in found.spoken if rule.id == each["id"])
        assert {reason["fact"] for reason in each["because"]} <= {fact.name for fact in rule.facts}


@pytest.mark.parametrize("story", TOLD)
def test_every_link_of_the_page_leads_to_a_place_on_it_and_no_place_has_two_names(kept: Kept, story: str) -> None:
    page = shown(decision(kept, story))

    ids = page.ids()
    assert len(ids) == len(set(ids))
    inner = {
        element.attributes["href"][1:] for element in page.of("a") if element.attributes.get("href", "").startswith("#")
    }
    assert inner <= set(ids)


def test_a_fact_of_a_drug_leads_to_the_resource_of_that_drug(kept: Kept) -> None:
    found = decision(kept, "good_prognosis_on_olaparib")

    rule = next(rule for rule in found.spoken if rule.id == "imbrication.parp-rt")
    origins = {origin.reference for fact in rule.facts for origin in fact.origins}
    assert rule.situations[0].concerns == "ServiceRequest/pelvic-rt + MedicationRequest/olaparib"
    assert "MedicationRequest/olaparib" in origins


def test_clauses_of_a_trace_are_shown_with_their_truth_in_shape_and_word(kept: Kept) -> None:
    clauses = [
        {"says": "ER is positive", "truth": "true", "facts": [{"fact": "tumour.er", "value": "positive"}]},
        {"says": "age is above 70 years", "truth": "false", "facts": [{"fact": "patient.age_years", "value": 48}]},
        {"says": "HER2 is known", "truth": "unknown", "facts": [{"fact": "tumour.her2", "value": None}]},
    ]
    account = [
        {
            "id": "prognosis.good",
            "outcome": "not fired",
            "situations": [{"elements": [], "outcome": "not fired", "clauses": clauses}],
        }
    ]

    found = decision(kept, "good_prognosis_on_olaparib", rules=account)

    [rule] = found.other_rules
    assert [(each.says, each.truth.shape, each.truth.word) for each in rule.situations[0].clauses] == [
        ("ER is positive", "✓", "true"),
        ("Age is above 70 years", "✗", "false"),
        ("HER2 is known", "?", "unknown"),
    ]
    text = shown(found).text
    assert "✗" in text and "Age is above 70 years" in text


def test_a_rule_that_was_switched_off_or_not_reached_is_told_so(kept: Kept) -> None:
    account = [{"id": "a.b", "outcome": word, "situations": []} for word in ("switched off",)]
    account += [
        {"id": "c.d", "outcome": "not reached", "situations": []},
        {"id": "e.f", "outcome": "unheard of", "situations": []},
    ]

    found = decision(kept, "good_prognosis_on_olaparib", rules=account)

    assert {rule.outcome.word for rule in found.other_rules} == {"switched off", "not reached", "unheard of"}


def test_a_contradiction_is_told_with_its_values_and_sources(kept: Kept) -> None:
    found = decision(kept, "two_laboratories_disagree")

    [row] = [fact for group in found.facts for fact in group.facts if fact.state == "conflict"]
    assert row.value.startswith("sources disagree: ") and " or " in row.value and len(row.origins) >= 2


def test_an_erased_decision_says_so_and_shows_nothing_clinical(kept: Kept) -> None:
    found = decision_of(kept.header("poor_by_points"), None, RULES, is_erased=True)

    page = shown(found)
    assert "erased" in page.text and not found.facts and not found.rules and not found.can_change
    assert "Patient/" not in page.text


def test_a_decision_that_failed_says_what_failed(kept: Kept) -> None:
    rules = [
        {"id": "a.b", "outcome": "error", "situations": []},
        {"id": "c.d", "outcome": "not reached", "situations": []},
    ]
    failure = {"kind": "EngineFailure", "says": "A rule failed."}
    body = {"request": {"patient": "Patient/1"}, "failure": failure, "rules": rules}

    found = decision_of(kept.header("poor_by_points"), body, RULES, is_erased=False)

    text = shown(found).text
    assert "A rule failed." in text and not found.can_change
    assert "The rule at fault" in text and "1 rule came to nothing" in text


# --- the picture -------------------------------------------------------------------------------


@pytest.mark.parametrize("story", TOLD)
def test_the_picture_is_the_same_each_time_and_folds_what_is_large(kept: Kept, story: str) -> None:
    found = decision(kept, story)

    assert found.picture == decision(kept, story).picture
    assert found.picture is not None
    kinds = [node.kind.split()[0] for node in found.picture.nodes]
    assert kinds.count("rule") <= MOST_RULES and kinds.count("fact") <= MOST_FACTS
    as_charted = [rule for rule in found.other_rules if any(rule.id in card.rules for card in found.cards)]
    left_out = len(found.rules) + len(as_charted) - kinds.count("rule")
    told = [caption.text for caption in found.picture.captions if caption.kind == "more"]
    assert any(text.startswith(f"and {left_out} more rule") for text in told) == (left_out > 0)


@pytest.mark.parametrize("story", TOLD)
def test_boxes_of_a_column_never_overlap_and_lie_within_the_picture(kept: Kept, story: str) -> None:
    picture = decision(kept, story).picture
    assert picture is not None

    for kind in ("fact", "rule", "card"):
        column = sorted((node for node in picture.nodes if node.kind.startswith(kind)), key=lambda node: node.y)
        for above, below in pairwise(column):
            assert above.y + above.height < below.y
    assert all(
        node.x + node.width <= picture.width and node.y + node.height <= picture.height for node in picture.nodes
    )


def test_the_table_beside_the_picture_has_every_rule(kept: Kept) -> None:
    found = decision(kept, "two_courses_and_two_drugs")
    assert found.picture is not None and len(found.rules) > MOST_RULES

    html = rendered("decision.html", here="Decisions", version="0", rulebook="0" * 64, decision=found, again=None)
    table = html.partition("The picture as a table")[2].partition("</table>")[0]

    assert all(f"#{rule.anchor}" in table for rule in found.rules)


def test_nothing_is_drawn_where_no_rule_did_anything() -> None:
    assert picture_of((), ()) is None


def test_a_long_title_is_cut_in_the_picture_and_whole_in_its_title(kept: Kept) -> None:
    found = decision(kept, "good_prognosis_on_olaparib")
    long = replace(found.spoken[0], title="word " * 40)

    picture = picture_of([long], ())

    assert picture is not None
    [node] = [node for node in picture.nodes if node.kind.startswith("rule")]
    assert node.lines[0].endswith("…") and long.title in node.title
