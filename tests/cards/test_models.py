"""What may leave as CDS Hooks, and each way in which a document may not."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import jsonschema
import pytest

from rulesets.rule import HOOKS
from rulesets.rulebook import RULES
from service.cards.models import Malformed, check_answer, check_discovery
from service.cards.relevance import family_of
from service.cards.sheets import TOPICS
from service.web.hooks import discovery
from tests.support.made_cards import action, card, identity, suggestion
from tests.support.shared import shared_path

Document = dict[str, Any]

REASON = {"code": "patient-refuses", "system": "http://terminology.example.org/reasons", "display": "Patient refuses"}
LINK = {"label": "Why", "url": "https://osteon.example.org/traces/1", "type": "absolute"}


def whole() -> Document:
    """An answer with one of everything."""
    full = card(
        suggestion(isRecommended=True),
        suggestion("Start later", action(type="create", resource={"resourceType": "ServiceRequest"}), number=11),
        behaviour="at-most-one",
        overrideReasons=[dict(REASON)],
        links=[dict(LINK), {**LINK, "type": "smart", "appContext": "x", "autolaunchable": False}],
        extension={"org.osteon.rules": ["imbrication.cytotoxic-rt"]},
    )
    delete = {"type": "delete", "description": "Remove the draft", "resourceId": "MedicationRequest/c"}
    other = card(suggestion("Remove", delete, number=12), number=2)
    return {"cards": [full, other, card(number=3)], "extension": {"org.osteon.notices": [{"code": "mended"}]}}


def schema(name: str) -> Any:
    path = shared_path(f"cds-hooks/schemas/{name}")
    if path is None:
        pytest.skip("the reference material is not beside this checkout")
    return json.loads(path.read_text())


@pytest.mark.parametrize("version", ["2.0", "3.0"])
@pytest.mark.parametrize("document", [whole(), {"cards": []}])
def test_what_is_let_out_is_valid_under_both_versions(document: Document, version: str) -> None:
    check_answer(document)
    jsonschema.Draft202012Validator(schema(f"response-{version}.schema.json")).validate(document)


def test_actions_to_choose_among_are_let_out_for_a_client_that_knows_them() -> None:
    document = {"cards": [card(suggestion(actionSelectionBehavior="any"))]}
    check_answer(document)
    jsonschema.Draft202012Validator(schema("response-3.0.schema.json")).validate(document)


def changed(*path: str | int, to: Any = ..., drop: bool = False) -> Document:
    """The whole answer with one thing changed."""
    document = whole()
    *way, last = path
    place: Any = document
    for step in way:
        place = place[step]
    if drop:
        del place[last]
    else:
        place[last] = to
    return document


CARD = ("cards", 0)
CHOICE = (*CARD, "suggestions", 0)
ACTION = (*CHOICE, "actions", 0)
REMOVAL = ("cards", 1, "suggestions", 0, "actions", 0)


@pytest.mark.parametrize(
    "document",
    [
        [], None, {}, {"cards": None}, {"cards": {}}, {"cards": [], "more": 1}, {"cards": [], "systemActions": []},
        {"cards": [], "extension": {}}, {"cards": [], "extension": None}, {"cards": [], "extension": [1]},
        changed("extension", "x", to=None), changed("extension", "x", to=[{"y": ""}]), changed("extension", "x", to=[]),
        changed(*CARD, "uuid", drop=True), changed(*CARD, "uuid", to="urn:uuid:1"), changed(*CARD, "uuid", to=identity(2)),
        changed(*CARD, "summary", drop=True), changed(*CARD, "summary", to=""), changed(*CARD, "summary", to=" "),
        changed(*CARD, "summary", to="x" * 140), changed(*CARD, "summary", to=1),
        changed(*CARD, "detail", to=""), changed(*CARD, "detail", to=None),
        changed(*CARD, "indicator", to="hard-stop"), changed(*CARD, "indicator", drop=True),
        changed(*CARD, "source", drop=True), changed(*CARD, "source", "label", to=""),
        changed(*CARD, "source", "url", to="/paper"), changed(*CARD, "source", "url", to="javascript:alert(1)"),
        changed(*CARD, "source", "icon", to="icon.png"),
        changed(*CARD, "source", "topic", drop=True), changed(*CARD, "source", "topic", "code", to="a-b"),
        changed(*CARD, "source", "topic", "code", to="x" * 101), changed(*CARD, "source", "topic", "system", to=""),
        changed(*CARD, "source", "topic", "display", to=""),
        changed(*CARD, "selectionBehavior", drop=True), changed(*CARD, "selectionBehavior", to="all"),
        changed(*CARD, "suggestions", to=[]), changed(*CARD, "suggestions", drop=True),
        changed(*CARD, "suggestions", 1, "isRecommended", to=True),
        changed(*CHOICE, "label", to=""), changed(*CHOICE, "uuid", drop=True), changed(*CHOICE, "uuid", to=identity(11)),
        changed(*CHOICE, "isRecommended", to=1), changed(*CHOICE, "actions", to=[]), changed(*CHOICE, "more", to=1),
        changed(*CHOICE, "actionSelectionBehavior", to="some"),
        changed(*ACTION, "type", to="replace"), changed(*ACTION, "description", drop=True),
        changed(*ACTION, "resource", drop=True), changed(*ACTION, "resource", to=None), changed(*ACTION, "resource", "id", drop=True),
        changed(*ACTION, "resource", "resourceType", drop=True), changed(*ACTION, "resource", "note", to=[{"text": ""}]),
        changed(*ACTION, "resourceId", to="MedicationRequest/c"),
        changed(*REMOVAL, "resourceId", drop=True), changed(*REMOVAL, "resourceId", to="c"),
        changed(*REMOVAL, "resource", to={"resourceType": "MedicationRequest"}),
        changed(*CARD, "overrideReasons", to=[]), changed(*CARD, "overrideReasons", 0, "display", drop=True),
        changed(*CARD, "overrideReasons", 0, "system", to=None),
        changed(*CARD, "links", to=[]), changed(*CARD, "links", 0, "appContext", to="x"),
        changed(*CARD, "links", 0, "url", to="/traces/1"), changed(*CARD, "links", 0, "type", to="relative"),
        changed(*CARD, "links", 1, "appContext", to=""),
        changed(*CARD, "extension", to={}), changed(*CARD, "more", to=1),
    ],
)  # fmt: skip
def test_a_malformed_answer_never_leaves(document: object) -> None:
    with pytest.raises(Malformed):
        check_answer(document)


def test_the_summary_may_have_139_characters() -> None:
    check_answer(changed(*CARD, "summary", to="x" * 139))


def test_a_fault_names_its_place_and_nothing_of_what_stands_there() -> None:
    with pytest.raises(Malformed) as told:
        check_answer(changed(*CARD, "indicator", to="Testcase"))

    assert "cards.0.indicator" in str(told.value) and "Testcase" not in str(told.value)


# --- discovery ---------------------------------------------------------------------------------------------


def test_our_discovery_may_leave() -> None:
    check_discovery(discovery())
    check_discovery(discovery(with_versions=False))
    check_discovery({"services": []})


def without(name: str) -> Callable[[Document], object]:
    return lambda document: document["services"][0].pop(name)


def with_(name: str, value: Any) -> Callable[[Document], object]:
    return lambda document: document["services"][0].__setitem__(name, value)


@pytest.mark.parametrize(
    "spoil",
    [
        without("hook"), without("id"), without("description"), without("prefetch"), with_("hook", "Patient View"),
        with_("id", "a/b"), with_("id", "bone-metastases-order-sign"), with_("title", ""), with_("prefetch", {}),
        with_("prefetch", {"patient": None}), with_("version", "2"), with_("hookVersion", None), with_("more", 1),
    ],
)  # fmt: skip
def test_a_malformed_discovery_never_leaves(spoil: Callable[[Document], object]) -> None:
    document: Document = discovery()
    spoil(document)

    with pytest.raises(Malformed):
        check_discovery(document)


# --- topics ------------------------------------------------------------------------------------------------


def test_every_topic_is_letters_and_digits_and_no_two_kinds_of_card_share_one() -> None:
    safety = {
        "".join(letter for letter in rule.id if letter.isalnum())
        for rule in RULES
        for hook in HOOKS
        if family_of(rule, hook) == "safety"
    }
    families = [code for family, (code, _) in TOPICS.items() if family != "safety"]
    topics = [*safety, *families, *(f"{code}critical" for code in families), "also"]

    assert len(set(topics)) == len(topics)
    assert all(topic.isalnum() and topic.isascii() and len(topic) <= 100 for topic in topics)
