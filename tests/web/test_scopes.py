"""Who may call what: every endpoint with every kind of credential, and what is recorded of who called."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from service.app import app_of, clients_of, credentials_of
from service.clients.api_keys import SCOPES, Scope
from service.clients.key_file import KeysError
from service.house import House
from service.settings import Settings, SettingsError
from service.web.openapi.security import SCHEMES, needs_of, security_of
from service.web.scopes import NEEDS, UnlistedEndpoint
from tests.support.api_keys import a_key, written
from tests.support.tokens import ISSUER, PUBLIC_URL, ec_key, public, signed
from tests.web.conftest import settings_with_database
from tests.web.requests_made import PATIENT, hook_request

NO_TRACE = "019c1159-0000-7000-8000-000000000000"
ERASE = {"decision": NO_TRACE, "ground": "patient-request"}
SERVICE = "/cds-services/bone-metastases-patient-view"
CALLS: dict[str, tuple[str, str, Any]] = {
    "hooks.services": ("GET", "/cds-services", None),
    "hooks.call": ("POST", SERVICE, hook_request()),
    "hooks.feedback.give": ("POST", f"{SERVICE}/feedback", {"feedback": []}),
    "questions.search": ("POST", "/traces/search", {}),
    "questions.why_of_a_patient": ("POST", "/traces/why", {"patient": "Patient/1", "rule": "a.b", "on": "2026-11-01"}),
    "questions.why_in_a_decision": ("GET", f"/traces/{NO_TRACE}/rules/prognosis.good", None),
    "questions.all_rulebooks": ("GET", "/traces/rulebooks", None),
    "questions.one_rulebook": ("GET", f"/traces/rulebooks/{'0' * 64}", None),
    "questions.rules": ("GET", "/traces/rules", None),
    "questions.calls": ("GET", "/traces/calls", None),
    "questions.who_looked": ("GET", "/traces/accesses", None),
    "questions.believed": ("GET", "/traces/integrity", None),
    "questions.due_for_erasure": ("GET", "/traces/due", None),
    "questions.holds": ("GET", "/traces/holds", None),
    "stats.counted": ("GET", "/stats", None),
    "evaluate.evaluate": ("POST", "/evaluate", PATIENT),
    "fhir.evaluate": ("POST", "/fhir/$evaluate", PATIENT),
    "fhir.metadata": ("GET", "/fhir/metadata", None),
    "fhir.operation_definition": ("GET", "/fhir/OperationDefinition/evaluate", None),
    "traces.traces": ("GET", "/traces", None),
    "traces.checkpoint": ("GET", "/traces/checkpoint", None),
    "traces.header": ("GET", f"/traces/{NO_TRACE}/header", None),
    "traces.one_trace": ("GET", f"/traces/{NO_TRACE}", None),
    "erasing.erase": ("POST", "/traces/erase", ERASE),
    "exports.export": ("GET", "/traces/export", None),
    "audit.audit_decisions": ("GET", "/audit", None),
    "audit.audit_decision": ("GET", f"/audit/traces/{NO_TRACE}", None),
    "audit.audit_decide_again": ("POST", f"/audit/traces/{NO_TRACE}", None),
    "audit.audit_decision_as": ("GET", f"/audit/traces/{NO_TRACE}/as/json", None),
    "audit.audit_patient": ("POST", "/audit/patient", None),
    "audit.audit_rules": ("GET", "/audit/rules", None),
    "audit.audit_rule": ("GET", "/audit/rules/prognosis.good", None),
    "audit.audit_rulebooks": ("GET", "/audit/rulebooks", None),
    "audit.audit_rulebook_diff": ("GET", "/audit/rulebooks/diff", None),
    "audit.audit_integrity": ("GET", "/audit/integrity", None),
    "audit.audit_verify": ("POST", "/audit/integrity", None),
    "audit.audit_accesses": ("GET", "/audit/accesses", None),
    "audit.audit_static": ("GET", "/audit/static/osteon.css", None),
    "trying.try_it": ("GET", "/audit/try", None),
    "trying.try_a_document": ("POST", "/audit/try", None),
    "trying.tried": ("GET", f"/audit/try/{NO_TRACE}", None),
    "trying.try_a_change": ("POST", f"/audit/try/{NO_TRACE}", None),
    "start.first_page": ("GET", "/", None),
    "health.is_alive": ("GET", "/healthz", None),
    "health.is_ready": ("GET", "/readyz", None),
    "health.whole_rulebook": ("GET", "/rulebook", None),
    "openapi.openapi": ("GET", "/openapi.json", None),
    "openapi.docs": ("GET", "/docs", None),
    "openapi.style": ("GET", "/docs.css", None),
}
"""One call of each endpoint; what it needs is in the table of the service."""

ALSO_BODY = {"trying.tried", "trying.try_a_change"}
"""What shows the body of a trace besides evaluating."""

Headers = dict[str, str]
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
MADE = {scope: a_key(scope.replace(".", "-"), scope) for scope in SCOPES}
EVERYTHING, EXPIRED, STRANGE = (
    a_key("everything", *SCOPES, tenant="t"),
    a_key("old", *SCOPES, expires=LONG_AGO),
    a_key("x", *SCOPES),
)
PASSED, UNPROVEN, LACKING = "passed", 401, 403


def bearer(text: str) -> Headers:
    return {"Authorization": f"Bearer {text}"}


def basic(text: str, user: str = "") -> Headers:
    return {"Authorization": f"Basic {base64.b64encode(f'{user}:{text}'.encode()).decode()}"}


@pytest.fixture(scope="module")
def keys_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("keys") / "keys.json"
    written(path, [*(kept for _, kept in MADE.values()), EVERYTHING[1], EXPIRED[1]])
    return path


@pytest.fixture(scope="module")
def clients_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("clients") / "clients.json"
    jwks = {"keys": [public(ec_key())]}
    path.write_text(
        json.dumps({
            "clients": [
                {"name": "north", "issuer": ISSUER, "jwks": jwks},
                {"name": "south", "issuer": f"{ISSUER}/south", "jwks": jwks, "scopes": ["evaluate"]},
            ]
        })
    )  # fmt: skip
    return path


def doors(house: House, settings: Settings, **others: Any) -> FlaskClient:
    given = {name: str(value) for name, value in others.items()}
    return app_of(house, settings_with_database(settings.database_url, public_url=PUBLIC_URL, **given)).test_client()


@pytest.fixture(scope="module")
def guarded(house: House, settings: Settings, keys_file: Path, clients_file: Path) -> FlaskClient:
    return doors(house, settings, api_keys_file=keys_file, clients_file=clients_file)


@pytest.fixture(scope="module")
def keys_only(house: House, settings: Settings, keys_file: Path) -> FlaskClient:
    return doors(house, settings, api_keys_file=keys_file)


def call(client: FlaskClient, endpoint: str, headers: Headers | None = None) -> TestResponse:
    method, path, body = CALLS[endpoint]
    return client.open(path, method=method, json=body, headers=headers or {}, base_url=PUBLIC_URL)


def token(house: House, endpoint: str, issuer: str = ISSUER) -> Headers:
    at = int(house.now().timestamp())
    claims = {"iss": issuer, "aud": PUBLIC_URL + CALLS[endpoint][1], "iat": at, "exp": at + 300, "jti": house.new_id()}
    return bearer(signed(claims))


# --- the table ---------------------------------------------------------------------------------


def test_the_table_lists_the_endpoints_there_are_and_so_do_the_calls(app: Flask) -> None:
    endpoints = {rule.endpoint for rule in app.url_map.iter_rules()}
    assert set(NEEDS) == endpoints == set(CALLS)


def test_an_endpoint_that_is_not_in_the_table_stops_the_start(
    house: House, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    from service.web import scopes

    monkeypatch.setattr(scopes, "NEEDS", {name: need for name, need in NEEDS.items() if name != "traces.one_trace"})

    with pytest.raises(UnlistedEndpoint, match=r"traces\.one_trace is not in service/web/scopes\.py"):
        app_of(house, settings)


def outcome(answer: TestResponse) -> object:
    return answer.status_code if answer.status_code in (401, 403) else PASSED


@pytest.mark.parametrize("endpoint", sorted(CALLS))
def test_with_keys_and_clients_each_endpoint_takes_what_the_table_says(
    guarded: FlaskClient, house: House, endpoint: str
) -> None:
    need = NEEDS[endpoint]
    asked: dict[str, Headers] = {
        "nothing": {},
        **{scope: bearer(text) for scope, (text, _) in MADE.items()},
        "everything": bearer(EVERYTHING[0]),
        "everything as a password": basic(EVERYTHING[0], "somebody"),
        "an expired key": bearer(EXPIRED[0]),
        "an expired password": basic(EXPIRED[0]),
        "a key that is not in the file": bearer(STRANGE[0]),
        "a prefix of another": bearer(MADE["export"][1].prefix + EVERYTHING[0][len(EVERYTHING[1].prefix) :]),
        "a key cut short": bearer(EVERYTHING[0][:-1]),
        "the prefix alone": bearer(EVERYTHING[1].prefix),
        "the hash": bearer(EVERYTHING[1].sha256),
        "an empty password": basic(""),
        "the user's name": {"Authorization": f"Basic {base64.b64encode(f'{EVERYTHING[0]}:'.encode()).decode()}"},
        "another scheme": {"Authorization": f"Digest {EVERYTHING[0]}"},
        "no scheme": {"Authorization": EVERYTHING[0]},
        "not base64": {"Authorization": "Basic ***"},
        "a client": token(house, endpoint),
        "a client that may evaluate": token(house, endpoint, f"{ISSUER}/south"),
    }

    seen = {name: outcome(call(guarded, endpoint, headers)) for name, headers in asked.items()}

    if need == "nothing":
        expected: dict[str, object] = dict.fromkeys(asked, PASSED)
    elif need == "client":
        tokens = ("a client", "a client that may evaluate")
        expected = {name: PASSED if name in tokens else UNPROVEN for name in asked}
    else:
        expected = dict.fromkeys(asked, UNPROVEN)
        expected |= {scope: PASSED if scope == need else LACKING for scope in SCOPES}
        expected |= {"everything": PASSED, "everything as a password": PASSED, "a client": LACKING}
        expected["a client that may evaluate"] = PASSED if need == "evaluate" else LACKING
    if endpoint in ALSO_BODY:
        expected |= {"evaluate": LACKING, "a client that may evaluate": LACKING}
    assert seen == expected


@pytest.mark.parametrize("endpoint", sorted(CALLS))
def test_without_keys_and_clients_everything_on_this_machine_is_open(client: FlaskClient, endpoint: str) -> None:
    method, path, body = CALLS[endpoint]

    answer = client.open(path, method=method, json=body)

    assert outcome(answer) == PASSED


def test_with_clients_alone_what_needs_a_key_is_closed(house: House, settings: Settings, clients_file: Path) -> None:
    clients_only = doors(house, settings, clients_file=clients_file)

    assert outcome(call(clients_only, "traces.traces")) == UNPROVEN
    assert outcome(call(clients_only, "traces.traces", bearer(EVERYTHING[0]))) == UNPROVEN
    assert (
        outcome(call(clients_only, "evaluate.evaluate", token(house, "evaluate.evaluate", f"{ISSUER}/south"))) == PASSED
    )


@pytest.mark.parametrize(("told", "hooks"), [(False, UNPROVEN), (True, PASSED)])
def test_with_keys_alone_hooks_are_closed_unless_somebody_else_authenticates(
    house: House, settings: Settings, keys_file: Path, told: bool, hooks: object
) -> None:
    keyed = doors(house, settings, api_keys_file=keys_file, allow_unauthenticated=told)

    assert outcome(call(keyed, "hooks.call")) == outcome(call(keyed, "hooks.services")) == hooks
    assert outcome(call(keyed, "hooks.call", bearer(EVERYTHING[0]))) == hooks
    assert outcome(call(keyed, "traces.traces")) == UNPROVEN


def test_a_client_token_for_another_address_proves_nothing(guarded: FlaskClient, house: House) -> None:
    elsewhere = token(house, "fhir.evaluate", f"{ISSUER}/south")
    assert outcome(call(guarded, "evaluate.evaluate", elsewhere)) == UNPROVEN


@pytest.mark.parametrize(("method", "status"), [("HEAD", 401), ("OPTIONS", 200), ("PUT", 405), ("DELETE", 405)])
def test_other_methods_show_nothing_to_nobody(guarded: FlaskClient, method: str, status: int) -> None:
    assert guarded.open("/traces", method=method, base_url=PUBLIC_URL).status_code == status


def test_an_address_there_is_not_is_not_found_by_anybody(guarded: FlaskClient) -> None:
    assert guarded.get("/nothing", base_url=PUBLIC_URL).status_code == 404


# --- how it is refused -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("headers", "reason", "whose"),
    [
        ({}, "no-token", None),
        (bearer(STRANGE[0]), "unknown", None),
        (bearer(EXPIRED[0]), "expired", "key:old"),
        (basic(EXPIRED[0]), "expired", "key:old"),
        (bearer(EVERYTHING[1].prefix + STRANGE[0][-44:]), "secret", "key:everything"),
        (bearer("osteon_"), "malformed", None),
        (basic("password"), "malformed", None),
        (bearer("a.b.c"), "no-clients", None),
    ],
)
def test_a_refusal_is_bare_and_its_reason_is_in_the_log_alone(
    keys_only: FlaskClient, log_lines: Callable[[], str], headers: Headers, reason: str, whose: str | None
) -> None:
    answer = call(keys_only, "traces.traces", headers)

    assert (answer.status_code, answer.data, answer.headers["WWW-Authenticate"]) == (401, b"", "Bearer")
    [line] = [json.loads(line) for line in log_lines().splitlines() if '"authentication"' in line]
    assert (line["code"], line.get("caller")) == (reason, whose)


def test_a_scope_that_is_missing_is_named(guarded: FlaskClient) -> None:
    answer = call(guarded, "traces.one_trace", bearer(MADE["traces.read"][0]))

    [issue] = answer.json["issue"]
    assert (answer.status_code, issue["code"]) == (403, "forbidden")
    assert (
        issue["diagnostics"] == "This needs the scope traces.body, which the credential of the request does not have."
    )


def test_a_browser_is_asked_for_a_password_on_the_pages_alone() -> None:
    from service.web import authentication

    app = Flask("pages")
    for path, challenge in (
        ("/audit", "Basic"),
        ("/audit/x", "Basic"),
        ("/auditing", "Bearer"),
        ("/traces/audit", "Bearer"),
    ):
        with app.test_request_context(path):
            assert authentication._challenge().partition(" ")[0] == challenge


# --- pages of others ---------------------------------------------------------------------------

OWN = PUBLIC_URL.removesuffix("/base")
SITES = [
    ({}, True),
    ({"Sec-Fetch-Site": "same-origin", "Origin": OWN}, True),
    ({"Sec-Fetch-Site": "none"}, True),
    ({"Sec-Fetch-Site": "same-site", "Origin": OWN}, False),
    ({"Sec-Fetch-Site": "cross-site"}, False),
    ({"Origin": OWN}, True),
    ({"Origin": "http://osteon.example.org"}, True),  # the host it was sent to: a proxy may speak plainly to us
    ({"Origin": "https://evil.example.org"}, False),
    ({"Origin": f"{OWN}.evil.example.org"}, False),
    ({"Origin": f"{OWN}:8443"}, False),
    ({"Origin": "null"}, False),
    ({"Origin": "https://[::"}, False),
]


@pytest.mark.parametrize(("sent", "is_ours"), SITES)
def test_a_password_changes_something_only_from_a_page_of_this_service(
    guarded: FlaskClient, sent: Headers, is_ours: bool
) -> None:
    password, key = basic(EVERYTHING[0]), bearer(EVERYTHING[0])

    for endpoint in ("erasing.erase", "evaluate.evaluate"):
        assert outcome(call(guarded, endpoint, {**password, **sent})) == (PASSED if is_ours else 403)
        assert outcome(call(guarded, endpoint, {**key, **sent})) == PASSED
    assert outcome(call(guarded, "traces.traces", {**password, **sent})) == PASSED


def test_nor_does_a_foreign_page_change_anything_where_nobody_has_to_prove_anything(client: FlaskClient) -> None:
    foreign = client.post("/traces/erase", json=ERASE, headers={"Sec-Fetch-Site": "cross-site"})
    own = client.post("/traces/erase", json=ERASE, headers={"Sec-Fetch-Site": "same-origin"})

    assert (foreign.status_code, own.status_code) == (403, 404)


# --- who called --------------------------------------------------------------------------------


@pytest.mark.parametrize("endpoint", ["evaluate.evaluate", "fhir.evaluate"])
def test_a_decision_says_which_key_asked_for_it(guarded: FlaskClient, house: House, endpoint: str) -> None:
    call(guarded, endpoint, bearer(EVERYTHING[0]))

    [stored] = house.store.list(limit=1).headers
    who = {name: stored.header[name] for name in ("client", "issuer", "tenant", "scopes", "token_id")}
    assert who == {
        "client": "key:everything",
        "issuer": "",
        "tenant": "t",
        "scopes": list(SCOPES),
        "token_id": EVERYTHING[1].prefix,
    }


def test_a_decision_says_which_client_evaluated(guarded: FlaskClient, house: House) -> None:
    call(guarded, "evaluate.evaluate", token(house, "evaluate.evaluate", f"{ISSUER}/south"))

    [stored] = house.store.list(limit=1).headers
    assert (stored.header["client"], stored.header["scopes"]) == ("south", ["evaluate"])


def decided(client: FlaskClient, patient: str) -> str:
    answer = client.post(
        "/evaluate",
        json={"resourceType": "Patient", "id": patient},
        headers=bearer(MADE["evaluate"][0]),
        base_url=PUBLIC_URL,
    )
    return str(answer.json["results"][0]["trace"])


def events(house: House, kind: str) -> list[dict[str, Any]]:
    return [dict(stored.header) for stored in house.store.list(limit=50, kinds=(kind,)).headers]


def test_who_read_a_decision_is_recorded_and_the_header_alone_is_no_reading(guarded: FlaskClient, house: House) -> None:
    trace = decided(guarded, "read")

    header = guarded.get(f"/traces/{trace}/header", headers=bearer(MADE["traces.read"][0]), base_url=PUBLIC_URL)
    assert header.json["id"] == trace and "body" not in header.json
    assert not [event for event in events(house, "read") if event["subject"] == trace]

    whole = guarded.get(f"/traces/{trace}", headers=bearer(MADE["traces.body"][0]), base_url=PUBLIC_URL)
    assert whole.json["body"]["request"]["patient"] == "Patient/read"
    [event] = [event for event in events(house, "read") if event["subject"] == trace]
    assert (event["client"], event["scopes"]) == ("key:traces-body", ["traces.body"])


# --- erasing -----------------------------------------------------------------------------------


def erase(client: FlaskClient, **asked: Any) -> TestResponse:
    return client.post("/traces/erase", json=asked, headers=bearer(MADE["erase"][0]), base_url=PUBLIC_URL)


@pytest.mark.parametrize("by", ["decision", "patient"])
def test_what_is_erased_is_gone_and_who_did_it_is_recorded(guarded: FlaskClient, house: House, by: str) -> None:
    trace = decided(guarded, f"erased-{by}")
    named = trace if by == "decision" else f"Patient/erased-{by}"

    answer = erase(guarded, **{by: named}, ground="patient-request")

    assert (answer.status_code, answer.json["erased"]) == (200, 1)
    shown = house.store.get(trace)
    assert shown is not None and shown.is_erased
    event = events(house, "erasure")[0]
    assert (event["client"], event["says"]["ground"]) == ("key:erase", "patient-request")
    assert "Patient/" not in json.dumps(event)
    assert erase(guarded, **{by: named}, ground="patient-request").status_code == 404


def test_what_is_on_hold_is_kept(guarded: FlaskClient, house: House) -> None:
    from service.traces.holds import Subject, place_hold, release_hold

    trace = decided(guarded, "held")
    held = Subject(about="patient", name=house.patient_key("Patient/held"))
    place_hold(house.store, held, id=house.new_id(), at=house.moment())

    refused = erase(guarded, decision=trace, ground="court-order")
    release_hold(house.store, held, id=house.new_id(), at=house.moment())
    allowed = erase(guarded, decision=trace, ground="court-order")

    assert (refused.status_code, refused.json["resourceType"]) == (409, "OperationOutcome")
    assert allowed.status_code == 200


@pytest.mark.parametrize(
    ("asked", "named"),
    [
        ({"decision": NO_TRACE}, "ground"),
        ({"decision": NO_TRACE, "ground": "retention"}, "ground"),
        ({"decision": NO_TRACE, "ground": ["court-order"]}, "ground"),
        ({"ground": "court-order"}, "Name one"),
        ({"decision": NO_TRACE, "patient": "Patient/1", "ground": "court-order"}, "Name one"),
        ({"patient": 1, "ground": "court-order"}, "patient must be text"),
        ({"patient": "", "ground": "court-order"}, "patient must be text"),
        ({"patient": "x" * 301, "ground": "court-order"}, "patient must be text"),
        ({"patient": "Patient/1", "ground": "court-order", "reason": "x"}, "decision or patient"),
    ],
)
def test_what_cannot_be_asked_is_refused(guarded: FlaskClient, asked: dict[str, Any], named: str) -> None:
    answer = erase(guarded, **asked)
    assert answer.status_code == 400 and named in answer.text and "xxx" not in answer.text


def test_a_form_of_a_page_cannot_erase(guarded: FlaskClient) -> None:
    headers = {**bearer(MADE["erase"][0]), "Content-Type": "application/x-www-form-urlencoded"}
    assert guarded.post("/traces/erase", data="{}", headers=headers, base_url=PUBLIC_URL).status_code == 415


# --- the file, and the start -------------------------------------------------------------------


def test_the_key_of_a_removed_entry_opens_nothing_any_more(house: House, settings: Settings, tmp_path: Path) -> None:
    (text, kept), path = a_key("north", "traces.read"), tmp_path / "keys.json"
    keyed = doors(house, settings, api_keys_file=written(path, [kept]))
    assert outcome(call(keyed, "traces.traces", bearer(text))) == PASSED

    written(path, [])

    assert outcome(call(keyed, "traces.traces", bearer(text))) == UNPROVEN
    assert outcome(call(keyed, "traces.traces")) == UNPROVEN


def test_a_key_expires_while_the_service_runs(house: House, settings: Settings, tmp_path: Path) -> None:
    from dataclasses import replace

    now = [datetime(2026, 11, 1, tzinfo=UTC)]
    text, kept = a_key("north", "traces.read", expires=now[0] + timedelta(seconds=1))
    keyed = doors(replace(house, now=lambda: now[0]), settings, api_keys_file=written(tmp_path / "keys.json", [kept]))
    assert outcome(call(keyed, "traces.traces", bearer(text))) == PASSED

    now[0] += timedelta(seconds=1)

    assert outcome(call(keyed, "traces.traces", bearer(text))) == UNPROVEN


@pytest.mark.parametrize("content", [None, "{", '{"keys": [{}]}'])
def test_a_file_of_keys_that_cannot_be_used_stops_the_start(house: House, tmp_path: Path, content: str | None) -> None:
    path = tmp_path / "keys.json"
    if content is not None:
        path.write_text(content)

    with pytest.raises(KeysError, match=r"^OSTEON_API_KEYS_FILE: The file of API keys"):
        credentials_of(house, settings_with_database("sqlite:///x.db", api_keys_file=str(path)))


def test_keys_are_enough_to_listen_beyond_this_machine(keys_file: Path) -> None:
    beyond = {"bind": "0.0.0.0:8080"}

    with pytest.raises(SettingsError, match="OSTEON_API_KEYS_FILE"):
        clients_of(settings_with_database("sqlite:///x.db", **beyond))
    assert clients_of(settings_with_database("sqlite:///x.db", **beyond, api_keys_file=str(keys_file))) == ()


def test_a_key_is_seen_nowhere(guarded: FlaskClient, house: House, log_lines: Callable[[], str]) -> None:
    answers = [
        call(guarded, endpoint, headers)
        for text in (EVERYTHING[0], EXPIRED[0], STRANGE[0], MADE["export"][0], EVERYTHING[0][:-1])
        for headers in (bearer(text), basic(text), {"Authorization": text})
        for endpoint in ("evaluate.evaluate", "traces.traces", "traces.one_trace", "erasing.erase", "hooks.call")
    ]
    in_the_address = guarded.get(f"/traces/{EVERYTHING[0]}", headers=bearer(EVERYTHING[0]), base_url=PUBLIC_URL)

    said = log_lines() + "".join(f"{answer.text}{answer.headers}" for answer in [*answers, in_the_address])
    said += "".join(stored.header_text for stored in house.store.list(limit=200).headers)
    stored = [house.store.get(header.id) for header in house.store.list(limit=30).headers]
    said += json.dumps([each.body for each in stored if each is not None])
    for text, kept in (EVERYTHING, EXPIRED, STRANGE, MADE["export"]):
        assert text[-43:] not in said and text[len(kept.prefix) : -1] not in said
        assert base64.b64encode(f":{text}".encode()).decode() not in said


# --- OpenAPI -----------------------------------------------------------------------------------


def test_the_document_asks_for_what_the_table_says(app: Flask, client: FlaskClient) -> None:
    document = client.get("/openapi.json").json
    needs = dict(needs_of(app))

    assert document["components"]["securitySchemes"] == SCHEMES
    assert {(path, method) for path, of in document["paths"].items() for method in of} == set(needs)
    for (path, method), need in needs.items():
        operation = document["paths"][path][method]
        assert operation["security"] == security_of(need), path
        assert {name for one in operation["security"] for name in one} <= set(SCHEMES)
        assert ("401" in operation["responses"]) == (need != "nothing")
        assert ("403" in operation["responses"]) == (need in SCOPES)


@pytest.mark.parametrize("scope", SCOPES)
def test_a_key_or_a_password_is_enough_and_tokens_only_evaluate(scope: Scope) -> None:
    named = [next(iter(one)) for one in security_of(scope)]
    assert named == ["key", "keyAsPassword", *(["clientToken"] if scope == "evaluate" else [])]


def test_the_page_tells_the_scope(client: FlaskClient) -> None:
    assert "<p>Needs key traces.body or keyAsPassword traces.body.</p>" in client.get("/docs").text
