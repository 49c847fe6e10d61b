"""What CDS Hooks asks of a service, looked at in real answers about many patients, as a client gets them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from flask.testing import FlaskClient

from rulesets.rule import HOOKS
from service.app import app_of, house_of
from service.settings import Settings
from service.traces.migrate import migrate
from tests.bench_patients import bundle
from tests.support.chart import Chart
from tests.support.tokens import PUBLIC_URL
from tests.web.conftest import settings_with_database
from tests.web.requests_made import NO_ORDERS, hook_request, searchset

PATIENTS = 8
KEYS = {
    "Condition": "conditions",
    "Observation": "observations",
    "MedicationRequest": "medicationRequests",
    "MedicationStatement": "medicationStatements",
    "MedicationAdministration": "medicationAdministrations",
    "Procedure": "procedures",
    "ServiceRequest": "serviceRequests",
    "DiagnosticReport": "diagnosticReports",
    "Specimen": "specimens",
    "BodyStructure": "bodyStructures",
    "CarePlan": "carePlans",
}


@pytest.fixture(scope="module")
def public(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    database = f"sqlite:///{tmp_path_factory.mktemp('conformance')}/traces.db"
    migrate(database)
    return settings_with_database(database, public_url=PUBLIC_URL, body_limit_hook=1_000_000)


@pytest.fixture(scope="module")
def doors(public: Settings) -> FlaskClient:
    return app_of(house_of(public), public).test_client()


def called(doors: FlaskClient, request: dict[str, Any]) -> Any:
    service = f"/cds-services/bone-metastases-{request['hook']}"
    answer = doors.post(service, json=request, base_url=PUBLIC_URL)
    assert answer.status_code == 200 and answer.mimetype == "application/json"
    return answer.json


def requests_about(number: int) -> Iterator[dict[str, Any]]:
    """An invented patient at each hook; what is a draft is an order of the session."""
    resources = [entry["resource"] for entry in bundle(number)["entry"]]
    drafts = [one for one in resources if one.get("status") == "draft"]
    [patient] = [one for one in resources if one["resourceType"] == "Patient"]
    chart = {
        key: searchset(*(one for one in resources if one["resourceType"] == kind and one not in drafts))
        for kind, key in KEYS.items()
    }
    for hook in HOOKS:
        request = hook_request(hook, prefetch={"patient": patient, **chart})
        request["context"]["patientId"] = patient["id"]
        if hook != "patient-view":
            request["context"]["draftOrders"] = searchset(*drafts)
        if hook == "order-select":
            request["context"]["selections"] = [f"{one['resourceType']}/{one['id']}" for one in drafts]
        yield request


def of_the_story(hook: str) -> dict[str, Any]:
    """A patient who takes olaparib while radiotherapy is being ordered."""
    chart = Chart()
    return chart.request(hook, prefetch=chart.prefetch())


@pytest.fixture(scope="module")
def answers(doors: FlaskClient) -> list[Any]:
    asked = [request for number in range(PATIENTS) for request in requests_about(number)]
    asked += [of_the_story(hook) for hook in HOOKS if hook != "order-select"]
    return [called(doors, request) for request in asked]


@pytest.fixture(scope="module")
def cards(answers: list[Any]) -> list[dict[str, Any]]:
    found = [card for answer in answers for card in answer["cards"]]
    assert {card["indicator"] for card in found} == {"info", "warning", "critical"}
    return found


@pytest.fixture(scope="module")
def suggestions(cards: list[dict[str, Any]]) -> list[dict[str, Any]]:
    found = [suggestion for card in cards for suggestion in card.get("suggestions", [])]
    assert {action["type"] for one in found for action in one["actions"]} >= {"create", "update"}
    return found


def is_said(text: Any) -> bool:
    return isinstance(text, str) and bool(text.strip())


def is_uuid(text: Any) -> bool:
    return isinstance(text, str) and str(UUID(text)) == text


def empty_places(value: Any, place: str = "answer") -> Iterator[str]:
    if value is None or value in ("", [], {}):
        yield place
    for name, each in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield from empty_places(each, f"{place}.{name}")


# --- the answer ----------------------------------------------------------------------------------


def test_nothing_is_null_or_empty_but_the_cards_of_somebody_else(answers: list[Any]) -> None:
    assert {place for answer in answers for place in empty_places(answer)} <= {"answer.cards"}


def test_where_there_is_nothing_to_say_the_cards_are_an_empty_array(doors: FlaskClient) -> None:
    nobody = {key: searchset() for key in KEYS.values()}
    request = hook_request("order-sign", prefetch={"patient": {"resourceType": "Patient", "id": "1"}, **nobody})
    request["context"]["draftOrders"] = NO_ORDERS

    assert called(doors, request) == {"cards": []}


def test_no_system_action_is_ever_taken(answers: list[Any]) -> None:
    assert all(answer.keys() <= {"cards", "extension"} for answer in answers)


def test_every_call_makes_new_identities_of_cards_and_suggestions(
    cards: list[dict[str, Any]], suggestions: list[dict[str, Any]]
) -> None:
    found = [one["uuid"] for one in (*cards, *suggestions)]
    assert all(map(is_uuid, found)) and len(set(found)) == len(found)


def test_extensions_are_objects_with_names_of_our_own(answers: list[Any], cards: list[dict[str, Any]]) -> None:
    found = [one["extension"] for one in (*answers, *cards) if "extension" in one]
    assert found
    for extension in found:
        assert isinstance(extension, dict) and all(name.startswith("org.osteon.") for name in extension)


# --- cards ---------------------------------------------------------------------------------------


def test_a_card_says_in_one_line_and_in_markdown_what_it_is_about(cards: list[dict[str, Any]]) -> None:
    for card in cards:
        assert is_said(card["summary"]) and len(card["summary"]) < 140 and "\n" not in card["summary"]
        assert is_said(card["detail"]) and not re.search(r"<[a-z/!]", card["detail"])
        assert card["indicator"] in ("info", "warning", "critical")


def test_a_source_is_named_with_an_absolute_address_that_is_the_same_for_everybody(cards: list[dict[str, Any]]) -> None:
    sources = [card["source"] for card in cards]

    assert all(is_said(source["label"]) for source in sources)
    assert len({(source["label"], source["url"]) for source in sources}) == 1 and "icon" not in sources[0]
    assert sources[0]["url"].startswith("https://")
    for source in sources:
        topic = source["topic"]
        assert is_said(topic["system"]) and re.fullmatch("[A-Za-z0-9]{1,100}", topic["code"])


def test_the_topic_of_a_kind_of_advice_is_the_same_in_every_answer(cards: list[dict[str, Any]]) -> None:
    shown_as = {card["source"]["topic"]["code"]: card["source"]["topic"] for card in cards}
    assert all(card["source"]["topic"] == shown_as[card["source"]["topic"]["code"]] for card in cards)


def test_suggestions_come_with_the_way_to_choose_among_them(cards: list[dict[str, Any]]) -> None:
    for card in cards:
        assert ("suggestions" in card) == ("selectionBehavior" in card)
        assert card.get("selectionBehavior", "any") in ("any", "at-most-one")
    assert {card.get("selectionBehavior") for card in cards} >= {"any", None}


def test_reasons_to_override_are_codes_with_words(cards: list[dict[str, Any]]) -> None:
    found = [reason for card in cards for reason in card.get("overrideReasons", [])]
    assert found and all(is_said(reason[name]) for reason in found for name in ("code", "system", "display"))


def test_a_link_leads_to_the_page_of_the_trace_and_needs_no_context(doors: FlaskClient) -> None:
    answer = called(doors, of_the_story("order-sign"))

    [newest] = doors.get("/traces?limit=1", base_url=PUBLIC_URL).json["traces"]
    links = [link for card in answer["cards"] for link in card["links"]]
    assert links and all(
        link == {"label": link["label"], "type": "absolute", "url": f"{PUBLIC_URL}/audit/traces/{newest['id']}"}
        and is_said(link["label"])
        for link in links
    )


# --- suggestions ---------------------------------------------------------------------------------


def test_a_suggestion_has_a_label_and_whole_actions(suggestions: list[dict[str, Any]]) -> None:
    for suggestion in suggestions:
        assert is_said(suggestion["label"]) and isinstance(suggestion.get("isRecommended", True), bool)
        assert suggestion["actions"] and "actionSelectionBehavior" not in suggestion
        for action in suggestion["actions"]:
            assert action["type"] in ("create", "update", "delete") and is_said(action["description"])
            if action["type"] == "delete":
                assert re.fullmatch(r"[A-Za-z]+/[A-Za-z0-9.-]{1,64}", action["resourceId"]) and "resource" not in action
            else:
                assert is_said(action["resource"]["resourceType"]) and "resourceId" not in action


def test_what_is_to_be_created_is_new_and_an_update_is_the_whole_resource(suggestions: list[dict[str, Any]]) -> None:
    actions = [action for suggestion in suggestions for action in suggestion["actions"]]

    for action in actions:
        if action["type"] == "create":
            assert "id" not in action["resource"] and action["resource"]["status"]
        if action["type"] == "update":
            assert is_said(action["resource"]["id"]) and action["resource"]["subject"]
