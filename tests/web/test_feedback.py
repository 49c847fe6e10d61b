"""The feedback door: what became of a card is kept once, beside the decision that made it, and nothing is lost."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from flask.testing import FlaskClient
from sqlalchemy import text

from service.app import app_of
from service.house import House
from service.settings import Settings
from service.traces.stored import StoredTrace
from service.web.feedback import EXTENSION, LONGEST_COMMENT, MOST_AT_ONCE
from tests.support.shared import shared_path
from tests.support.tokens import ISSUER, PUBLIC_URL, ec_key, public, signed
from tests.web.conftest import settings_with_database
from tests.web.requests_made import hook_request

SERVICE = "/cds-services/bone-metastases-patient-view"
FEEDBACK = f"{SERVICE}/feedback"
REASON = {"system": "http://terminology.example.org/reasons", "code": "patient-refuses"}
BONE_METASTASES = {
    "resourceType": "Condition",
    "id": "c",
    "subject": {"reference": "Patient/1"},
    "code": {"coding": [{"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": "C79.51"}]},
}


@pytest.fixture
def card(client: FlaskClient) -> dict[str, Any]:
    """A card the service has just shown."""
    return shown(client.post(SERVICE, json=a_call()).json)


def a_call() -> dict[str, Any]:
    patient = {"resourceType": "Patient", "id": "1"}
    found = {"resourceType": "Bundle", "type": "searchset", "entry": [{"resource": BONE_METASTASES}]}
    return hook_request(prefetch={"patient": patient, "conditions": found})


def shown(answer: Any) -> dict[str, Any]:
    first: dict[str, Any] = answer["cards"][0]
    return first


def overridden(uuid: str, **others: Any) -> dict[str, Any]:
    told = {"card": uuid, "outcome": "overridden", "outcomeTimestamp": "2026-11-01T10:30:00+01:00"}
    return {**told, "overrideReason": {"reason": REASON}, **others}


def accepted(card: str, *suggestions: str) -> dict[str, Any]:
    taken = [{"id": each} for each in suggestions]
    return {
        "card": card,
        "outcome": "accepted",
        "acceptedSuggestions": taken,
        "outcomeTimestamp": "2026-11-01T09:30:00Z",
    }


def tell(client: FlaskClient, *given: Any) -> Any:
    document = {"feedback": list(given)}
    schema = shared_path("cds-hooks/schemas/feedback.schema.json")
    if schema is not None:
        jsonschema.validate(document, json.loads(schema.read_text()))
    answer = client.post(FEEDBACK, json=document)
    assert answer.status_code == 200
    return answer.json["extension"][EXTENSION]


def last_event(house: House) -> StoredTrace:
    [header] = house.store.list(limit=1, kinds=["feedback"]).headers
    found = house.store.get(header.id)
    assert found is not None
    return found


def rows(house: House, card: str) -> list[tuple[object, ...]]:
    query = text("SELECT outcome, reason, given_at FROM trace_feedback WHERE card = :card ORDER BY seq")
    with house.store.reading() as connection:
        return [tuple(row) for row in connection.execute(query, {"card": card})]


def test_feedback_stands_beside_the_decision_that_made_the_card(
    client: FlaskClient, house: House, card: dict[str, Any]
) -> None:
    assert tell(client, overridden(card["uuid"])) == {"kept": 1, "repeated": 0}

    event, [decision] = last_event(house), house.store.list(limit=1).headers
    assert (event.header["subject"], event.header["rulebook"]) == (decision.id, decision.header["rulebook"])
    assert event.says == {"card": card["uuid"], "outcome": "overridden", "service": SERVICE.rpartition("/")[2]}
    assert rows(house, card["uuid"]) == [
        ("overridden", "http://terminology.example.org/reasons|patient-refuses", "2026-11-01T09:30:00.000000Z")
    ]


def test_a_suggestion_that_was_taken_is_kept_by_its_id(client: FlaskClient, house: House, card: dict[str, Any]) -> None:
    given = accepted(card["uuid"], "01900000-0000-7000-8000-000000000001")

    assert tell(client, given) == {"kept": 1, "repeated": 0}
    assert last_event(house).body == given


def test_the_same_feedback_again_is_kept_once(client: FlaskClient, house: House, card: dict[str, Any]) -> None:
    tell(client, overridden(card["uuid"]))

    assert tell(client, overridden(card["uuid"]), overridden(card["uuid"].upper())) == {"kept": 0, "repeated": 2}
    assert len(rows(house, card["uuid"])) == 1


def test_an_unknown_card_is_named_and_the_rest_is_kept(client: FlaskClient, house: House, card: dict[str, Any]) -> None:
    unknown = str(uuid.uuid4())

    told = tell(client, overridden(unknown), overridden(card["uuid"]))

    assert told == {"kept": 2, "repeated": 0, "unknownCards": [unknown]}
    assert len(rows(house, unknown)) == len(rows(house, card["uuid"])) == 1


def test_a_comment_is_in_the_body_alone(
    client: FlaskClient, house: House, card: dict[str, Any], log_lines: Callable[[], str]
) -> None:
    tell(client, overridden(card["uuid"], overrideReason={"userComment": "Testcase declines"}))

    event = last_event(house)
    assert event.body is not None and event.body["overrideReason"] == {"userComment": "Testcase declines"}
    assert "Testcase" not in event.header_text and "Testcase" not in str(rows(house, card["uuid"]))
    assert "Testcase" not in log_lines()


def test_an_extension_is_kept_and_unknown_members_are_tolerated(
    client: FlaskClient, house: House, card: dict[str, Any]
) -> None:
    given = overridden(card["uuid"], extension={"org.example.place": {"ward": 1.5}}, another=1)

    assert tell(client, given)["kept"] == 1
    assert last_event(house).body == given


def test_numbers_are_kept_by_their_digits(client: FlaskClient, house: House, card: dict[str, Any]) -> None:
    tell(client, overridden(card["uuid"], extension={"org.example.numbers": [2**63, -(2**80), 7]}))

    body = last_event(house).body_bytes
    assert body is not None and b"[9223372036854775808,-1208925819614629174706176,7]" in body


# --- what is refused -----------------------------------------------------------------------------

CARD = "01900000-0000-7000-8000-000000000001"


@pytest.mark.parametrize(
    ("document", "place"),
    [
        ([], "feedback"),
        ({}, "feedback"),
        ({"feedback": []}, "feedback"),
        ({"feedback": {}}, "feedback"),
        ({"feedback": [1]}, "feedback[0]"),
        ({"feedback": [overridden("")]}, "feedback[0].card"),
        ({"feedback": [overridden("Testcase")]}, "feedback[0].card"),
        ({"feedback": [overridden(CARD, card=None)]}, "feedback[0].card"),
        ({"feedback": [overridden(CARD), overridden(CARD, outcome="ignored")]}, "feedback[1].outcome"),
        ({"feedback": [overridden(CARD, outcome=["accepted"])]}, "feedback[0].outcome"),
        ({"feedback": [overridden(CARD, outcomeTimestamp=None)]}, "feedback[0].outcomeTimestamp"),
        ({"feedback": [overridden(CARD, outcomeTimestamp="2026-11-01")]}, "feedback[0].outcomeTimestamp"),
        ({"feedback": [overridden(CARD, outcomeTimestamp="2026-11-01T09:30:00")]}, "feedback[0].outcomeTimestamp"),
        ({"feedback": [overridden(CARD, outcomeTimestamp="2026-13-01T09:30:00Z")]}, "feedback[0].outcomeTimestamp"),
        (
            {"feedback": [overridden(CARD, outcomeTimestamp="0001-01-01T00:00:00+01:00")]},
            "feedback[0].outcomeTimestamp",
        ),
        ({"feedback": [overridden(CARD, outcome="accepted")]}, "feedback[0].acceptedSuggestions"),
        ({"feedback": [accepted(CARD)]}, "feedback[0].acceptedSuggestions"),
        ({"feedback": [accepted(CARD, "")]}, "feedback[0].acceptedSuggestions[0].id"),
        ({"feedback": [overridden(CARD, acceptedSuggestions=[7])]}, "feedback[0].acceptedSuggestions[0].id"),
        ({"feedback": [overridden(CARD, overrideReason=None)]}, "feedback[0].overrideReason"),
        ({"feedback": [overridden(CARD, overrideReason={})]}, "feedback[0].overrideReason"),
        ({"feedback": [overridden(CARD, overrideReason={"reason": "x"})]}, "feedback[0].overrideReason.reason"),
        (
            {"feedback": [overridden(CARD, overrideReason={"reason": {**REASON, "system": "a b"}})]},
            "feedback[0].overrideReason.reason.system",
        ),
        (
            {"feedback": [overridden(CARD, overrideReason={"reason": {"system": "urn:x"}})]},
            "feedback[0].overrideReason.reason.code",
        ),
        (
            {"feedback": [overridden(CARD, overrideReason={"reason": {**REASON, "display": ""}})]},
            "feedback[0].overrideReason.reason.display",
        ),
        (
            {"feedback": [overridden(CARD, overrideReason={"userComment": "x" * (LONGEST_COMMENT + 1)})]},
            "feedback[0].overrideReason.userComment",
        ),
        ({"feedback": [overridden(CARD, extension=[])]}, "feedback[0].extension"),
    ],
)
def test_feedback_of_another_shape_is_refused_whole_with_its_place(
    client: FlaskClient, house: House, document: Any, place: str
) -> None:
    answer = client.post(FEEDBACK, json=document)

    assert answer.status_code == 400 and "Testcase" not in answer.text
    assert answer.json["issue"][0]["expression"] == [place]
    assert rows(house, CARD) == []


def test_more_at_once_than_the_limit_are_refused(client: FlaskClient) -> None:
    def sent(count: int) -> int:
        given = {"card": CARD, "outcome": "overridden", "outcomeTimestamp": "2026-11-01T09:30:00Z"}
        return client.post(FEEDBACK, json={"feedback": [given] * count}).status_code

    assert (sent(MOST_AT_ONCE), sent(MOST_AT_ONCE + 1)) == (200, 422)


def test_the_longest_comment_is_taken(client: FlaskClient, card: dict[str, Any]) -> None:
    comment = {"userComment": "x" * LONGEST_COMMENT}
    assert tell(client, overridden(card["uuid"], overrideReason=comment))["kept"] == 1


def test_bodies_are_bounded_and_only_json_is_taken(client: FlaskClient) -> None:
    too_long, as_text = b" " * 20_001, {"data": b"{}", "content_type": "text/plain"}

    assert client.post(FEEDBACK, data=too_long, content_type="application/json").status_code == 413
    assert client.post(FEEDBACK, **as_text).status_code == 415  # type: ignore[arg-type]


def test_a_service_that_is_not_there_takes_no_feedback(client: FlaskClient) -> None:
    answer = client.post("/cds-services/another/feedback", json={"feedback": [overridden(CARD)]})
    assert answer.status_code == 404


# --- whose feedback it is ------------------------------------------------------------------------


@pytest.fixture
def guarded(house: House, settings: Settings, tmp_path: Path) -> FlaskClient:
    clients = [
        {"name": name, "issuer": f"{ISSUER}/{name}", "jwks": {"keys": [public(ec_key(name))]}}
        for name in ("north", "south")
    ]
    (tmp_path / "clients.json").write_text(json.dumps({"clients": clients}))
    guarded = settings_with_database(
        settings.database_url,
        clients_file=str(tmp_path / "clients.json"),
        public_url=PUBLIC_URL,
        cors_origins="https://ehr.example.org",
    )
    return app_of(house, guarded).test_client()


def by(house: House, name: str, path: str) -> dict[str, Any]:
    now = int(house.now().timestamp())
    claims = {
        "iss": f"{ISSUER}/{name}", "aud": PUBLIC_URL + path, "iat": now, "exp": now + 300, "jti": house.new_id(),
    }  # fmt: skip
    return {"headers": {"Authorization": f"Bearer {signed(claims, ec_key(name))}"}, "base_url": PUBLIC_URL}


def test_feedback_needs_a_token_for_the_address_of_feedback(guarded: FlaskClient, house: House) -> None:
    given = {"feedback": [overridden(CARD)]}

    assert guarded.post(FEEDBACK, json=given, base_url=PUBLIC_URL).status_code == 401
    assert guarded.post(FEEDBACK, json=given, **by(house, "north", SERVICE)).status_code == 401
    assert guarded.post(FEEDBACK, json=given, **by(house, "north", FEEDBACK)).status_code == 200
    assert last_event(house).header["client"] == "north"


def test_a_card_of_one_client_is_unknown_to_another(guarded: FlaskClient, house: House) -> None:
    card = shown(guarded.post(SERVICE, json=a_call(), **by(house, "north", SERVICE)).json)["uuid"]

    def told(name: str) -> Any:
        given = {"feedback": [overridden(card, extension={"by": name})]}
        return guarded.post(FEEDBACK, json=given, **by(house, name, FEEDBACK)).json["extension"][EXTENSION]

    assert told("south") == {"kept": 1, "repeated": 0, "unknownCards": [card]}
    assert told("north") == {"kept": 1, "repeated": 0}


def test_web_pages_of_listed_origins_may_give_feedback(guarded: FlaskClient) -> None:
    headers = {"Origin": "https://ehr.example.org", "Access-Control-Request-Method": "POST"}

    answer = guarded.options(FEEDBACK, headers=headers, base_url=PUBLIC_URL)

    assert answer.status_code == 200
    assert answer.headers["Access-Control-Allow-Origin"] == "https://ehr.example.org"
