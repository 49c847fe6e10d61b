"""Every answer carries the same strict headers, and every refusal is an OperationOutcome."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from service.app import app_of
from service.house import House
from service.settings import Settings
from tests.web.conftest import settings_with_database

ADDRESSES = ["/cds-services", "/traces", "/rulebook", "/healthz", "/readyz", "/openapi.json", "/docs", "/nothing"]


@pytest.mark.parametrize("address", ADDRESSES)
def test_every_answer_is_strict_with_browsers(client: FlaskClient, address: str) -> None:
    headers = client.get(address).headers

    policy = dict(part.strip().split(" ", 1) for part in headers["Content-Security-Policy"].split(";"))
    assert policy["default-src"] == policy["base-uri"] == policy["frame-ancestors"] == policy["form-action"] == "'none'"
    assert "unsafe" not in str(policy) and "http" not in str(policy)
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    "method, address, status, code",
    [
        ("GET", "/nothing", 404, "not-found"),
        ("GET", "/cds-services/", 404, "not-found"),
        ("GET", "/evaluate", 405, "not-supported"),
        ("DELETE", "/traces", 405, "not-supported"),
        ("POST", "/healthz", 405, "not-supported"),
        ("BREW", "/healthz", 405, "not-supported"),
    ],
)
def test_what_there_is_not_is_told_as_an_outcome(
    client: FlaskClient, method: str, address: str, status: int, code: str
) -> None:
    answer = client.open(address, method=method)

    assert answer.status_code == status and answer.mimetype == "application/fhir+json"
    assert answer.json["issue"][0]["code"] == code
    if status == 405:
        assert answer.headers["Allow"]


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1:8080", "[::1]:8080"])
def test_a_service_on_loopback_answers_to_loopback_names(client: FlaskClient, host: str) -> None:
    assert client.get("/healthz", headers={"Host": host}).status_code == 200


def test_a_service_on_loopback_does_not_answer_to_a_foreign_name(client: FlaskClient) -> None:
    answer = client.get("/traces", headers={"Host": "rebound.example.org"})

    assert answer.status_code == 400 and answer.json["resourceType"] == "OperationOutcome"
    assert "rebound" not in answer.text


def test_a_service_answers_to_its_public_name(house: House, settings: Settings) -> None:
    public = settings_with_database(settings.database_url, public_url="https://osteon.example.org")
    doors = app_of(house, public).test_client()
    assert doors.get("/healthz", headers={"Host": "osteon.example.org"}).status_code == 200
