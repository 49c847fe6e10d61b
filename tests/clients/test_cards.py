"""Cards as each kind of client can show them: nothing half done, nothing lost."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from rulesets.rule import HOOKS
from service.cards.models import check_answer
from service.clients.cards import ELSEWHERE, hooks_offered, shaped
from service.clients.profiles import ANYBODY, Client, Profile
from tests.support.made_cards import action, card, identity, suggestion

ONE_ACTION = Client(name="one", issuer="https://one.example.org", profile="one-action")
VIEW_ONLY = Client(name="view", issuer="https://view.example.org", profile="patient-view-only")
CHOOSING = Client(name="full", issuer="https://full.example.org", capabilities=("action-selection-behavior",))

HOLD, COUNT = action("Hold capecitabine"), action("Order a blood count", type="create")
BOTH = suggestion("Hold and check", HOLD, COUNT)


def shaped_one(made: dict[str, Any], client: Client) -> dict[str, Any]:
    (one,) = shaped([made], client)
    check_answer({"cards": [one]})
    return one


def labels(made: dict[str, Any]) -> list[str]:
    return [one["label"] for one in made.get("suggestions", [])]


# --- every client ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("client", [ANYBODY, ONE_ACTION, VIEW_ONLY, CHOOSING])
def test_a_card_without_suggestions_stays_as_it_is(client: Client) -> None:
    assert shaped([card()], client) == [card()]


@pytest.mark.parametrize("client", [ANYBODY, VIEW_ONLY, CHOOSING])
def test_a_suggestion_whose_actions_belong_together_stays_whole(client: Client) -> None:
    made = card(BOTH, suggestion("Wait", number=11), behaviour="at-most-one")
    assert shaped_one(made, client) == made


def test_only_a_patient_view_client_is_offered_less_than_every_hook() -> None:
    assert hooks_offered(VIEW_ONLY) == ("patient-view",)
    assert {hooks_offered(client) for client in (ANYBODY, ONE_ACTION, CHOOSING)} == {HOOKS}


# --- actions to choose among -------------------------------------------------------------------------------


def test_actions_to_choose_among_are_left_to_a_client_that_knows_them() -> None:
    made = card({**BOTH, "actionSelectionBehavior": "any"})
    assert shaped_one(made, CHOOSING) == made


def test_actions_to_choose_among_become_suggestions_for_any_other() -> None:
    found = shaped_one(card({**BOTH, "actionSelectionBehavior": "any"}), ANYBODY)

    assert labels(found) == ["Hold capecitabine", "Order a blood count"] and found["selectionBehavior"] == "any"
    assert [one["actions"] for one in found["suggestions"]] == [[HOLD], [COUNT]]
    assert "actionSelectionBehavior" not in str(found)


def test_actions_that_exclude_each_other_become_suggestions_that_do() -> None:
    made = card({**BOTH, "actionSelectionBehavior": "at-most-one", "isRecommended": True})
    found = shaped_one(made, ANYBODY)

    assert found["selectionBehavior"] == "at-most-one"
    assert [one.get("isRecommended") for one in found["suggestions"]] == [True, None]


def test_actions_that_must_all_be_done_lose_only_the_word_for_it() -> None:
    found = shaped_one(card({**BOTH, "actionSelectionBehavior": "all"}), ANYBODY)
    assert found["suggestions"] == [BOTH]


def test_the_same_decision_is_shaped_to_the_same_identities() -> None:
    made = card({**BOTH, "actionSelectionBehavior": "any"})
    assert shaped([made], ANYBODY) == shaped([made], ANYBODY)
    assert len({one["uuid"] for one in shaped_one(made, ANYBODY)["suggestions"]} | {BOTH["uuid"]}) == 3


# --- one action for each suggestion ------------------------------------------------------------------------


def test_suggestions_of_one_action_are_all_offered_and_any_may_be_taken() -> None:
    found = shaped_one(card(suggestion("A", number=11), suggestion("B", number=12)), ONE_ACTION)
    assert labels(found) == ["A", "B"] and found["selectionBehavior"] == "any" and ELSEWHERE not in found["detail"]


def test_the_text_of_an_action_says_what_the_label_says() -> None:
    found = shaped_one(card(suggestion("Hold", action("Hold it now"), number=11), suggestion("Wait", action("Start later"), number=12)), ONE_ACTION)  # fmt: skip
    assert [one["actions"][0]["description"] for one in found["suggestions"]] == ["Hold it now", "Wait: Start later"]


def test_actions_that_belong_together_are_told_in_words_and_never_offered_in_part() -> None:
    found = shaped_one(card(BOTH), ONE_ACTION)

    assert not labels(found) and "selectionBehavior" not in found
    assert found["detail"] == (
        "Consider a gap.\n\n**Other changes to consider**\n\n- Hold and check: Hold capecitabine; Order a blood count"
    )


def test_of_suggestions_that_exclude_each_other_the_recommended_one_is_offered_and_the_others_told() -> None:
    made = card(
        suggestion("30 Gy in 10", number=11),
        suggestion("8 Gy in 1", number=12, isRecommended=True),
        behaviour="at-most-one",
    )
    found = shaped_one(made, ONE_ACTION)

    assert labels(found) == ["8 Gy in 1"] and found["suggestions"][0]["isRecommended"] is True
    assert found["detail"].endswith("- 30 Gy in 10")


def test_of_actions_that_exclude_each_other_the_first_is_offered_and_the_others_told() -> None:
    found = shaped_one(card({**BOTH, "actionSelectionBehavior": "at-most-one"}), ONE_ACTION)
    assert labels(found) == ["Hold capecitabine"] and found["detail"].endswith("- Order a blood count")


def test_actions_that_are_independent_are_offered_one_by_one() -> None:
    found = shaped_one(card({**BOTH, "actionSelectionBehavior": "any"}), ONE_ACTION)
    assert labels(found) == ["Hold capecitabine", "Order a blood count"]


def test_what_is_told_in_words_cannot_act_in_them() -> None:
    hostile = suggestion("<b>x</b> [a](javascript:1)", action("one"), action("two"))
    detail = shaped_one(card(hostile), ONE_ACTION)["detail"]
    assert "<b>" not in detail and "](" not in detail


# --- whatever is suggested ---------------------------------------------------------------------------------

CHOICES = ("all", "any", "at-most-one", None)
PROFILES: tuple[Profile, ...] = ("generic", "one-action", "patient-view-only")


@st.composite
def made_cards(draw: st.DrawFn) -> dict[str, Any]:
    exclusive, found, left = draw(st.booleans()), [], True
    for number in range(draw(st.integers(1, 4))):
        actions = [action(f"Step {number}.{place}") for place in range(draw(st.integers(1, 3)))]
        one = suggestion(f"Choice {number}", *actions, number=100 + number)
        choice = draw(st.sampled_from(CHOICES))
        recommended = draw(st.booleans()) and (left or not exclusive)
        left = left and not recommended
        found.append(
            one
            | ({"actionSelectionBehavior": choice} if choice else {})
            | ({"isRecommended": True} if recommended else {})
        )
    return card(*found, behaviour="at-most-one" if exclusive else "any")


@given(made_cards(), st.sampled_from(PROFILES), st.booleans())
@examples(max_examples=150, deadline=None)
def test_every_shape_may_leave_and_says_everything(made: dict[str, Any], profile: Profile, chooses: bool) -> None:
    client = Client(
        name="c", issuer="", profile=profile, capabilities=("action-selection-behavior",) if chooses else ()
    )
    found = shaped_one(made, client)

    said = found["detail"] + str(found.get("suggestions", []))
    assert all(step["description"] in said for one in made["suggestions"] for step in one["actions"])
    if profile == "one-action":
        assert all(len(one["actions"]) == 1 for one in found.get("suggestions", []))
        assert found.get("selectionBehavior", "any") == "any"
        assert made["selectionBehavior"] == "any" or len(found.get("suggestions", [])) <= 1
    elif not chooses:
        assert "actionSelectionBehavior" not in str(found)
    assert found["uuid"] == made["uuid"] == identity(1)
