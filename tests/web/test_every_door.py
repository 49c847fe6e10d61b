"""What holds for every door there is: headers, methods, other origins and foreign names, whatever it answers."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from service.app import app_of
from service.house import House
from service.settings import Settings
from tests.web.conftest import settings_with_database
from tests.web.test_scopes import CALLS

THEIRS = "https://elsewhere.example.org"
METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
PATHS = sorted({path for _, path, _ in CALLS.values()})
every_endpoint = pytest.mark.parametrize("endpoint", sorted(CALLS))


def call(client: FlaskClient, endpoint: str, headers: dict[str, str] | None = None) -> TestResponse:
    method, path, body = CALLS[endpoint]
    return client.open(path, method=method, json=body, headers=headers or {})


def assert_strict(answer: TestResponse) -> None:
    policy = dict(part.strip().split(" ", 1) for part in answer.headers["Content-Security-Policy"].split(";"))
    assert policy["default-src"] == policy["base-uri"] == policy["frame-ancestors"] == "'none'"
    assert "script-src" not in policy and "unsafe" not in str(policy) and "http" not in str(policy)
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["Cache-Control"] == "no-store"


def methods_of(app: Flask, path: str) -> set[str]:
    return set(app.url_map.bind("localhost").allowed_methods(path))


@every_endpoint
def test_every_answer_is_strict_with_browsers_and_is_kept_by_nobody(client: FlaskClient, endpoint: str) -> None:
    assert_strict(call(client, endpoint))


@pytest.mark.parametrize("path", PATHS)
def test_a_method_an_address_does_not_have_is_told_as_an_outcome_with_those_it_has(
    app: Flask, client: FlaskClient, path: str
) -> None:
    for method in sorted(METHODS - methods_of(app, path)):
        answer = client.open(path, method=method)

        assert answer.status_code == 405
        assert answer.mimetype == "application/fhir+json"
        assert set(answer.headers["Allow"].split(", ")) == methods_of(app, path)
        assert_strict(answer)


@pytest.mark.parametrize("path", PATHS)
def test_options_tells_the_methods_and_nothing_else(app: Flask, client: FlaskClient, path: str) -> None:
    answer = client.options(path)

    assert answer.status_code == 200 and answer.data == b""
    assert set(answer.headers["Allow"].split(", ")) == methods_of(app, path)
    assert_strict(answer)


@pytest.mark.parametrize("endpoint", sorted(name for name, (method, _, _) in CALLS.items() if method == "GET"))
def test_head_has_the_headers_of_get_and_no_body(client: FlaskClient, endpoint: str) -> None:
    _, path, _ = CALLS[endpoint]
    head, get = client.head(path), client.get(path)

    assert (head.status_code, head.mimetype, head.data) == (get.status_code, get.mimetype, b"")
    assert_strict(head)


@pytest.fixture(scope="module")
def open_to_all(house: House, settings: Settings) -> FlaskClient:
    return app_of(house, settings_with_database(settings.database_url, cors_origins="*")).test_client()


@every_endpoint
def test_pages_of_other_origins_may_read_the_cds_hooks_services_alone(open_to_all: FlaskClient, endpoint: str) -> None:
    _, path, _ = CALLS[endpoint]
    is_open = endpoint.startswith("hooks.")

    for answer in (
        call(open_to_all, endpoint, {"Origin": THEIRS}),
        open_to_all.options(path, headers={"Origin": THEIRS, "Access-Control-Request-Method": "POST"}),
    ):
        assert answer.headers.get("Access-Control-Allow-Origin") == (THEIRS if is_open else None)
        assert "Access-Control-Allow-Credentials" not in answer.headers


@every_endpoint
def test_no_door_answers_to_a_foreign_name(client: FlaskClient, endpoint: str) -> None:
    answer = call(client, endpoint, {"Host": "rebound.example.org"})

    assert answer.status_code == 400
    assert "rebound" not in answer.text
    assert_strict(answer)


@pytest.mark.parametrize(
    "path", ["/nothing", "/audit/nothing", "/traces/nothing", "/cds-services/nothing/at/all", "/%00", "/..%2f"]
)
def test_an_address_there_is_not_is_told_without_being_quoted(client: FlaskClient, path: str) -> None:
    answer = client.get(path)

    assert answer.status_code == 404 and answer.mimetype == "application/fhir+json"
    assert answer.json["issue"][0]["code"] == "not-found"
    assert "nothing/" not in answer.text and "/nothing" not in answer.text
    assert_strict(answer)


def test_the_address_of_an_erasure_is_not_taken_for_a_trace(client: FlaskClient) -> None:
    assert client.get("/traces/erase").status_code == 405
    assert client.get("/traces/019C1159-0000-7000-8000-000000000000").status_code == 404
