"""What is kept of how a request came: times, names in their form, who asked, and nothing of what it says."""

from __future__ import annotations

import json
from typing import Any

import pytest
from flask.testing import FlaskClient

from service.house import House
from service.traces.stored import StoredTrace
from tests.web.requests_made import hook_request

PATIENT = {"resourceType": "Patient", "id": "p1", "meta": {"versionId": "7"}, "birthDate": "1960-01-01"}
TRACEPARENT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


def evaluated(client: FlaskClient, house: House, **headers: str) -> StoredTrace:
    body = json.dumps(PATIENT)
    answer = client.post("/evaluate", data=body, content_type="application/fhir+json", headers=headers)
    assert answer.status_code == 200, answer.text
    return _kept(house, answer.json["results"][0]["trace"])


def _kept(house: House, trace: str) -> StoredTrace:
    kept = house.store.get(trace)
    assert kept is not None
    return kept


def test_a_header_tells_when_the_request_came_and_how_long_it_took(client: FlaskClient, house: House) -> None:
    header = evaluated(client, house).header

    assert str(header["received_at"]) <= str(header["decided_at"])
    assert isinstance(header["duration_ns"], int) and header["duration_ns"] > 0
    assert header["request_length"] == len(json.dumps(PATIENT))


def test_the_names_of_a_request_are_kept(client: FlaskClient, house: House) -> None:
    header = evaluated(client, house, **{"X-Request-Id": "r-1.a_b", "traceparent": TRACEPARENT}).header

    assert header["request_id"] == "r-1.a_b"
    assert (header["w3c_trace_id"], header["w3c_span_id"]) == ("4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7")


@pytest.mark.parametrize("request_id", ["a b", "x" * 65, "Patient/1", ""])
def test_a_request_id_of_another_form_is_left_out(client: FlaskClient, house: House, request_id: str) -> None:
    assert evaluated(client, house, **{"X-Request-Id": request_id}).header["request_id"] == ""


@pytest.mark.parametrize(
    "traceparent",
    ["", "00-abc-def-01", TRACEPARENT.replace("00-4", "ff-4"), f"00-{'0' * 32}-00f067aa0ba902b7-01",
     f"00-4bf92f3577b34da6a3ce929d0e0e4736-{'0' * 16}-01", TRACEPARENT.upper(), TRACEPARENT + "x"],
)  # fmt: skip
def test_a_traceparent_of_another_form_is_left_out(client: FlaskClient, house: House, traceparent: str) -> None:
    header = evaluated(client, house, traceparent=traceparent).header
    assert header["w3c_trace_id"] == header["w3c_span_id"] == ""


def test_nobody_is_named_who_was_not_authenticated(client: FlaskClient, house: House) -> None:
    header = evaluated(client, house).header

    assert {header[name] for name in ("client", "issuer", "tenant", "token_id", "user_key")} == {""}


def test_a_hook_is_kept_with_its_service_and_a_key_for_its_user(client: FlaskClient, house: House) -> None:
    answer = client.post("/cds-services/bone-metastases-patient-view", json=hook_request("patient-view"))
    assert answer.status_code == 200, answer.text
    kept = _kept(house, house.store.list(limit=1).headers[0].id)
    user = hook_request("patient-view")["context"]["userId"]

    assert kept.header["service"] == kept.columns["service"] == "bone-metastases-patient-view"
    assert kept.header["user_key"] == house.keys.user(user)
    assert user not in kept.header_text
    assert _body(kept)["request"]["user"] == user


def test_what_was_read_is_kept_with_its_version_and_found_by_a_key(client: FlaskClient, house: House) -> None:
    kept = evaluated(client, house)

    [used] = _body(kept)["inputs"]
    assert (used["reference"], used["version"], len(used["sha256"])) == ("Patient/p1", "7", 64)
    assert kept.side.resources == ((house.keys.resource("Patient/p1"), "7"),)
    assert "Patient/p1" not in kept.header_text


def test_the_versions_of_what_decided_are_in_the_header(client: FlaskClient, house: House) -> None:
    header = evaluated(client, house).header

    assert str(header["engine"]).startswith("durable-rules 2.")
    assert len(str(header["config"])) == len(str(header["rules"])) == 64
    counts: Any = header["counts"]
    assert counts["evaluated"] + counts["switched_off"] > 50
    assert counts["fired"] + counts["undetermined"] <= counts["evaluated"]
    assert header["degraded"] == []


def test_a_resource_that_could_not_be_read_degrades_the_decision(client: FlaskClient, house: House) -> None:
    haemoglobin = {
        "resourceType": "Observation",
        "id": "o",
        "status": "final",
        "code": {"coding": [{"system": "http://loinc.org", "code": "718-7"}]},
        "subject": {"reference": "Patient/p1"},
        "valueQuantity": {"value": "nine"},
    }
    bundle = {
        "resourceType": "Bundle",
        "type": "collection",
        "entry": [{"resource": PATIENT}, {"resource": haemoglobin}],
    }
    answer = client.post("/evaluate", json=bundle)
    assert answer.status_code == 200, answer.text

    kept = _kept(house, answer.json["results"][0]["trace"])

    assert (kept.header["degraded"], kept.columns["degraded"]) == (["invalid"], "invalid")


def test_a_decision_that_is_read_leaves_a_record_of_that(client: FlaskClient, house: House) -> None:
    kept = evaluated(client, house)

    client.get(f"/traces/{kept.id}")

    read = house.store.list(limit=1, kinds=("read",)).headers[0]
    assert (read.header["subject"], read.says) == (kept.id, {"through": "GET /traces/{trace}"})


def _body(kept: StoredTrace) -> Any:
    assert kept.body is not None
    return kept.body
