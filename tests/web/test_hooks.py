"""The CDS Hooks doors: discovery, and the shape of what they take and give."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import jsonschema
import pytest
from flask.testing import FlaskClient

from service.app import app_of
from service.house import House
from service.prefetch.states import Access
from service.settings import Settings
from tests.support.shared import shared_path
from tests.web.conftest import CARD, TRACE, Asked, settings_with_database
from tests.web.requests_made import INSTANCE, hook_request

CAPTURED = [f"sandbox_{hook}_request.json" for hook in ("order_select", "order_sign", "patient_view")]
HOOKS = ("patient-view", "order-select", "order-sign")


def url(hook: str = "patient-view") -> str:
    return f"/cds-services/bone-metastases-{hook}"


def reference(name: str) -> Any:
    """A file of the reference material; where that is not at hand, the test is skipped."""
    path = shared_path(f"cds-hooks/{name}")
    if path is None:
        pytest.skip("the reference material is not beside this checkout")
    return json.loads(path.read_text())


def schema(name: str) -> Any:
    return reference(f"schemas/{name}")


# --- discovery -----------------------------------------------------------------------------------


def test_discovery_lists_one_service_for_each_hook(client: FlaskClient) -> None:
    answer = client.get("/cds-services")

    assert answer.status_code == 200 and answer.mimetype == "application/json"
    assert [(one["id"], one["hook"]) for one in answer.json["services"]] == [
        (f"bone-metastases-{hook}", hook) for hook in HOOKS
    ]


def test_discovery_is_valid_under_the_ballot_and_the_published_version(client: FlaskClient) -> None:
    discovery = client.get("/cds-services").json
    jsonschema.validate(discovery, schema("discovery-3.0.schema.json"))

    for service in discovery["services"]:
        del service["version"], service["hookVersion"]  # unknown to 2.0, whose clients ignore them
    jsonschema.validate(discovery, schema("discovery-2.0.schema.json"))


def test_prefetch_templates_stay_within_what_any_client_can_run(client: FlaskClient) -> None:
    parameter = r"(patient=\{\{context\.patientId\}\}|_sort=-?[a-z-]+|_count=\d+)"
    for service in client.get("/cds-services").json["services"]:
        assert "patient" in service["prefetch"]
        for template in service["prefetch"].values():
            assert set(re.findall(r"\{\{(.*?)\}\}", template)) == {"context.patientId"}
            assert re.fullmatch(
                rf"Patient/\{{\{{context\.patientId\}}\}}|[A-Z]\w+\?{parameter}(&{parameter})*", template
            )


def test_discovery_can_do_without_the_versions_a_strict_client_does_not_know(house: House, settings: Settings) -> None:
    quiet = settings_with_database(settings.database_url, discovery_versions=False)

    discovery = app_of(house, quiet).test_client().get("/cds-services").json

    jsonschema.validate(discovery, schema("discovery-2.0.schema.json"))


def test_discovery_tells_what_becomes_of_each_key(client: FlaskClient) -> None:
    for service in client.get("/cds-services").json["services"]:
        required, _, optional = service["usageRequirements"].partition("Optional: ")
        assert "`patient`" in required and "412" in required
        assert set(re.findall("`(.+?)`", optional)) == set(service["prefetch"]) - {"patient"}


# --- a call --------------------------------------------------------------------------------------


@pytest.mark.parametrize("hook", HOOKS)
def test_a_call_is_assessed_for_its_hook_and_answered_with_cards(client: FlaskClient, asked: Asked, hook: str) -> None:
    request = hook_request(hook)
    jsonschema.validate(request, schema("request-3.0.schema.json"))

    answer = client.post(url(hook), json=request)

    assert answer.status_code == 200 and answer.mimetype == "application/json"
    assert answer.json == {"cards": [CARD]}
    [received] = asked
    assert (received.kind, received.hooks, received.service) == ("hook", (hook,), f"bone-metastases-{hook}")
    assert received.hook_instance == INSTANCE and received.document == request and received.access is None
    assert re.fullmatch("[0-9a-f]{64}", received.digest)


def test_the_access_a_client_grants_is_kept_apart_and_shown_nowhere(client: FlaskClient, asked: Asked) -> None:
    request = hook_request(
        fhirServer="https://fhir.example.org", fhirAuthorization={"access_token": "t0ken", "token_type": "Bearer"}
    )

    assert client.post(url(), json=request).status_code == 200
    assert "t0ken" not in str(asked) and asked[0].access == Access(server="https://fhir.example.org", token="t0ken")


def test_an_unknown_service_is_not_found(client: FlaskClient, asked: Asked) -> None:
    answer = client.post("/cds-services/bone-metastases", json=hook_request())

    assert answer.status_code == 404 and not asked
    assert answer.json["issue"][0]["code"] == "not-found"


def without(*names: str) -> dict[str, Any]:
    return {name: value for name, value in hook_request().items() if name not in names}


def with_context(hook: str = "patient-view", **changes: Any) -> dict[str, Any]:
    request = hook_request(hook)
    request["context"] = {**request["context"], **changes}
    return request


@pytest.mark.parametrize(
    "hook, body, place",
    [
        ("patient-view", [], None),
        ("patient-view", "text", None),
        ("patient-view", without("hook"), "hook"),
        ("patient-view", hook_request("order-sign"), "hook"),
        ("order-sign", hook_request("order-select"), "hook"),
        ("patient-view", without("hookInstance"), "hookInstance"),
        ("patient-view", hook_request(hookInstance="1"), "hookInstance"),
        ("patient-view", hook_request(fhirServer=1), "fhirServer"),
        ("patient-view", hook_request(fhirAuthorization={}), "fhirServer"),
        ("patient-view", hook_request(fhirServer="https://a", fhirAuthorization="x"), "fhirAuthorization"),
        ("patient-view", hook_request(fhirServer="https://a", fhirAuthorization={}), "fhirAuthorization.access_token"),
        ("patient-view", without("context"), "context"),
        ("patient-view", hook_request(context=[]), "context"),
        ("patient-view", with_context(patientId=None), "context.patientId"),
        ("patient-view", with_context(patientId=""), "context.patientId"),
        ("patient-view", with_context(patientId="a b"), "context.patientId"),
        ("patient-view", with_context(patientId="Group/1"), "context.patientId"),
        ("patient-view", with_context(userId=""), "context.userId"),
        ("patient-view", with_context(userId=7), "context.userId"),
        ("order-sign", with_context("order-sign", draftOrders=None), "context.draftOrders"),
        ("order-sign", with_context("order-sign", draftOrders={"resourceType": "Patient"}), "context.draftOrders"),
        ("order-select", with_context("order-select", selections=[]), "context.selections"),
        ("order-select", with_context("order-select", selections="x"), "context.selections"),
        ("order-select", with_context("order-select", selections=[1]), "context.selections"),
        ("patient-view", hook_request(prefetch=[]), "prefetch"),
        ("patient-view", hook_request(prefetch={"patient": []}), "prefetch.patient"),
        ("patient-view", hook_request(prefetch={"patient": {"id": "1"}}), "prefetch.patient"),
        ("patient-view", hook_request(prefetch={"Testcase": 1}), "prefetch"),
    ],
)
def test_a_request_of_another_shape_is_refused_with_its_place(
    client: FlaskClient, asked: Asked, hook: str, body: Any, place: str | None
) -> None:
    answer = client.post(url(hook), json=body)

    assert answer.status_code == 400 and answer.mimetype == "application/fhir+json"
    assert answer.json["resourceType"] == "OperationOutcome" and not asked
    [issue] = answer.json["issue"]
    assert issue.get("expression") == ([place] if place else None)


def test_a_patient_id_may_carry_its_type(client: FlaskClient, asked: Asked) -> None:
    assert client.post(url(), json=with_context(patientId="Patient/1")).status_code == 200


def test_unknown_members_and_extensions_are_tolerated(client: FlaskClient, asked: Asked) -> None:
    request = hook_request(extension={"com.epic.cdshooks.request.fhir-version": "R4"}, another=1)
    assert client.post(url(), json=request).status_code == 200


@pytest.mark.parametrize("media_type", ["text/plain", "application/xml", "application/fhir+json", ""])
def test_only_json_is_taken(client: FlaskClient, asked: Asked, media_type: str) -> None:
    assert client.post(url(), data=b"{}", content_type=media_type).status_code == 415


def test_the_body_limit_of_hooks_is_their_own(client: FlaskClient, asked: Asked) -> None:
    request = json.dumps(hook_request()).encode()
    fitting, over = request + b" " * (20_000 - len(request)), request + b" " * (20_001 - len(request))

    assert client.post(url(), data=fitting, content_type="application/json").status_code == 200
    assert client.post(url(), data=over, content_type="application/json").status_code == 413


def test_more_resources_than_the_limit_are_refused(client: FlaskClient, asked: Asked) -> None:
    def sent(count: int) -> int:
        entry = [{"resource": {"resourceType": "Basic"}}] * count
        prefetch = {
            "patient": hook_request()["prefetch"]["patient"],
            "more": {"resourceType": "Bundle", "entry": entry},
        }
        return client.post(url(), json=hook_request(prefetch=prefetch)).status_code

    assert (sent(99), sent(100)) == (200, 422)


@pytest.mark.parametrize("sent", CAPTURED)
def test_what_the_public_sandbox_sends_passes_the_door(
    house: House, settings: Settings, asked: Asked, sent: str
) -> None:
    roomy = app_of(house, settings_with_database(settings.database_url, body_limit_hook=5_000_000)).test_client()
    request = reference(f"captured/{sent}")

    assert roomy.post(url(request["hook"]), json=request).status_code == 200


# --- web pages of other origins ------------------------------------------------------------------


@pytest.mark.parametrize(
    "allowed, origin, expected",
    [
        ("", "https://ehr.example.org", None),
        ("https://ehr.example.org", "https://ehr.example.org", "https://ehr.example.org"),
        ("https://a.example.org, https://ehr.example.org/", "https://ehr.example.org", "https://ehr.example.org"),
        ("https://a.example.org", "https://ehr.example.org", None),
        ("*", "https://ehr.example.org", "https://ehr.example.org"),
    ],
)
def test_origins_are_allowed_that_the_operator_lists(
    house: House, settings: Settings, allowed: str, origin: str, expected: str | None
) -> None:
    doors = app_of(house, settings_with_database(settings.database_url, cors_origins=allowed)).test_client()

    for answer in (
        doors.get("/cds-services", headers={"Origin": origin}),
        doors.options(url(), headers={"Origin": origin, "Access-Control-Request-Method": "POST"}),
    ):
        assert answer.status_code == 200
        assert answer.headers.get("Access-Control-Allow-Origin") == expected


def test_other_addresses_are_never_open_to_other_origins(house: House, settings: Settings) -> None:
    doors = app_of(house, settings_with_database(settings.database_url, cors_origins="*")).test_client()
    answer = doors.get("/traces", headers={"Origin": "https://ehr.example.org"})
    assert "Access-Control-Allow-Origin" not in answer.headers


# --- the log -------------------------------------------------------------------------------------


def test_the_log_tells_the_route_and_the_trace_and_nothing_of_the_patient(
    client: FlaskClient, asked: Asked, log_lines: Callable[[], str]
) -> None:
    client.post(url() + "?name=Testcase", json=hook_request("patient-view", prefetch={"patient": {
        "resourceType": "Patient", "id": "1", "name": [{"family": "Testcase"}]}}))  # fmt: skip
    client.post("/cds-services/Testcase", json=hook_request())
    client.get("/Testcase")

    told = log_lines()
    lines = [json.loads(line) for line in told.splitlines()]
    assert "Testcase" not in told
    assert [(line["route"], line["status"]) for line in lines] == [
        ("/cds-services/<service>", 200), ("/cds-services/<service>", 404), ("none", 404),
    ]  # fmt: skip
    assert lines[0]["trace"] == TRACE and lines[1]["code"] == "not-found"


# --- the whole way -------------------------------------------------------------------------------


@pytest.mark.parametrize("sent", CAPTURED)
@pytest.mark.parametrize("version", ["2.0", "3.0"])
def test_a_real_answer_is_valid_and_its_decision_is_kept(
    house: House, settings: Settings, sent: str, version: str
) -> None:
    doors = app_of(house, settings).test_client()
    request = reference(f"captured/{sent}")

    answer = doors.post(url(request["hook"]), json=request)

    assert answer.status_code == 200
    jsonschema.validate(answer.json, schema(f"response-{version}.schema.json"))
    [newest] = doors.get("/traces?limit=1").json["traces"]
    assert (newest["hook"], newest["hook_instance"]) == (request["hook"], request["hookInstance"])
