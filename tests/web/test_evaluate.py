"""POST /evaluate: what is taken, how it is asked, and what is refused."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from datetime import date
from typing import Any

import jsonschema
import pytest
from flask import Flask
from flask.testing import FlaskClient

from service.house import House
from service.problems import Problem, RuleFailure, StoreUnavailable
from service.replay import replay
from service.web.received import resources_in
from tests.web.conftest import TRACE, Asked

PATIENT = {"resourceType": "Patient", "id": "1"}
FACTS = "application/vnd.osteon.facts+json"


@pytest.mark.parametrize(
    "media_type, kind",
    [
        ("application/json", "bundle"),
        ("application/fhir+json", "bundle"),
        ("application/fhir+json; charset=UTF-8; fhirVersion=4.0", "bundle"),
        (FACTS, "facts"),
    ],
)
def test_the_media_type_says_what_is_sent(client: FlaskClient, asked: Asked, media_type: str, kind: str) -> None:
    answer = client.post("/evaluate", data=json.dumps(PATIENT), content_type=media_type)

    assert answer.status_code == 200 and answer.mimetype == "application/json"
    assert [one["trace"] for one in answer.json["results"]] == [TRACE]
    [received] = asked
    assert (received.kind, received.document) == (kind, PATIENT)
    assert (received.hooks, received.evaluation_date, received.mode) == (None, None, "lenient")


@pytest.mark.parametrize("media_type", ["text/json", "application/xml", "application/json; charset=latin-1", ""])
def test_other_media_types_are_refused(client: FlaskClient, asked: Asked, media_type: str) -> None:
    assert client.post("/evaluate", data=b"{}", content_type=media_type).status_code == 415


@pytest.mark.parametrize("version, status", [("4.0", 200), ("4.3", 200), ("1.0", 422), ("3.0", 422), ("5.0", 422)])
def test_the_media_type_may_name_the_version_of_fhir(
    client: FlaskClient, asked: Asked, version: str, status: int
) -> None:
    media_type = f"application/fhir+json; fhirVersion={version}"
    answer = client.post("/evaluate", data=json.dumps(PATIENT), content_type=media_type)

    assert answer.status_code == status and bool(asked) == (status == 200)
    assert status == 200 or "fhirVersion=4.0" in answer.json["issue"][0]["diagnostics"]


def test_a_question_may_ask_for_the_facts(client: FlaskClient, asked: Asked) -> None:
    for query, expected in (("", False), ("?facts=false", False), ("?facts=true", True)):
        assert client.post(f"/evaluate{query}", json=PATIENT).status_code == 200
        assert asked[-1].with_facts is expected


def test_the_facts_come_with_their_sources_and_every_other_resource_with_a_reason(
    app: Flask, client: FlaskClient
) -> None:
    visit = {"resourceType": "Encounter", "id": "v", "subject": {"reference": "Patient/1"}}
    her = {**PATIENT, "birthDate": "1960-01-01"}
    bundle = {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": her}, {"resource": visit}]}

    [plain] = client.post("/evaluate?evaluationDate=2026-11-01", json=bundle).json["results"]
    answer = client.post("/evaluate?evaluationDate=2026-11-01&facts=true", json=bundle).json

    document = client.get("/openapi.json").json
    jsonschema.validate(answer, {**document, "$ref": "#/components/schemas/Results"})
    [told] = answer["results"]
    age = told["facts"]["facts"]["patient.age_years"]
    assert age["value"] == 66 and age["sources"][0]["element"] == "Patient.birthDate"
    assert told["used"] == ["Patient/1"]
    assert [(one["resource"], one["reasons"][0]["code"]) for one in told["ignored"]] == [("Encounter/v", "type")]
    assert not plain.keys() & {"facts", "used", "ignored"} and plain.keys() < told.keys()


def test_warnings_are_in_the_trace_and_what_was_asked_beside_the_decision_is_not(
    client: FlaskClient, house: House
) -> None:
    wrong = [{**PATIENT, "birthDate": "YYYY-MM-DD"}, {"resourceType": "Tumour", "id": "t"}]
    [told] = client.post("/evaluate?facts=true", json=wrong).json["results"]

    stored = house.store.get(told["trace"])
    assert stored is not None and stored.body is not None
    kept = stored.body["result"]
    assert kept["warnings"] == told["warnings"] and {one["code"] for one in kept["warnings"]} == {
        "invalid",
        "structure",
    }
    assert told.keys() - kept.keys() == {"facts", "used", "ignored"}
    assert replay(house, stored.id, str(stored.header["rulebook"]), stored.body).verdict == "identical"


def test_facts_sent_by_name_are_told_as_they_were_understood(client: FlaskClient) -> None:
    document = {"evaluationDate": "2026-11-01", "facts": {"mets.status": "none"}}
    answer = client.post("/evaluate?facts=true", data=json.dumps(document), content_type=FACTS)

    [told] = answer.json["results"]
    assert told["facts"]["facts"]["mets.status"]["value"] == "none" and told["ignored"] == []


def test_what_belongs_to_none_of_several_patients_stands_beside_the_results(client: FlaskClient) -> None:
    two = [PATIENT, {"resourceType": "Patient", "id": "2"}, {"resourceType": "Organization", "id": "o"}]
    answer = client.post("/evaluate?facts=true", json=two).json

    assert [one["resource"] for one in answer["ignored"]] == ["Organization/o"]
    assert [[one["resource"] for one in result["ignored"]] for result in answer["results"]] == [
        ["Patient/1"],
        ["Patient/2"],
    ]
    assert "ignored" not in client.post("/evaluate", json=two).json


def test_a_strict_question_is_refused_with_every_fault(client: FlaskClient) -> None:
    wrong = [{**PATIENT, "birthDate": "YYYY-MM-DD", "gender": "f"}, {"resourceType": "Encounter", "id": "v"}]
    answer = client.post("/evaluate?mode=strict", json=wrong)

    assert answer.status_code == 422 and "YYYY" not in answer.text
    assert [issue["expression"] for issue in answer.json["issue"]] == [
        ["[0].birthDate"], ["[0].gender"], ["[1].class"], ["[1].status"],
    ]  # fmt: skip
    warnings = client.post("/evaluate", json=wrong).json["results"][0]["warnings"]
    assert [(one["code"], one["reference"], one["element"]) for one in warnings] == [
        ("invalid", "[0]", "Patient.birthDate"),
        ("mended", "[0]", "Patient.gender"),
    ]


def test_a_question_may_give_date_hooks_and_mode(client: FlaskClient, asked: Asked) -> None:
    answer = client.post(
        "/evaluate?evaluationDate=2026-11-01&hook=order-sign&hook=patient-view,order-sign&mode=strict", json=PATIENT
    )

    assert answer.status_code == 200
    [received] = asked
    assert received.evaluation_date == date(2026, 11, 1)
    assert received.hooks == ("patient-view", "order-sign") and received.mode == "strict"


@pytest.mark.parametrize(
    "query, status, place",
    [
        ("evaluationDate=2026-02-30", 400, "evaluationDate"),
        ("evaluationDate=20261101", 400, "evaluationDate"),
        ("evaluationDate=2026-11-01T00:00:00Z", 400, "evaluationDate"),
        ("evaluationDate=", 400, "evaluationDate"),
        ("evaluationDate=2026-11-01&evaluationDate=2026-11-01", 400, "evaluationDate"),
        ("hook=patient-read", 422, "hook"),
        ("hook=", 422, "hook"),
        ("mode=loose", 400, "mode"),
        ("facts=1", 400, "facts"),
        ("facts=true&facts=true", 400, "facts"),
        ("mode=strict&mode=lenient", 400, "mode"),
        ("date=2026-11-01", 400, None),
    ],
)
def test_a_question_that_is_not_understood_is_refused(
    client: FlaskClient, asked: Asked, query: str, status: int, place: str | None
) -> None:
    answer = client.post(f"/evaluate?{query}", json=PATIENT)

    assert answer.status_code == status and not asked
    assert answer.json["issue"][0].get("expression") == ([place] if place else None)


@pytest.mark.parametrize(
    "body, status",
    [
        (b"", 400),
        (b"{", 400),
        (b'{"value": NaN}', 400),
        (b'{"a": 1, "a": 2}', 400),
        (b"\xff\xfe{\x00}\x00", 415),
        (b"[" * 65 + b"]" * 65, 422),
        (b"[" * 100_000, 422),
    ],
)
def test_bad_bodies_are_refused_before_anything_is_assessed(
    client: FlaskClient, asked: Asked, body: bytes, status: int
) -> None:
    answer = client.post("/evaluate", data=body, content_type="application/json")

    assert answer.status_code == status and not asked
    assert answer.mimetype == "application/fhir+json" and answer.json["resourceType"] == "OperationOutcome"


def test_the_body_limit_counts_after_decompression(client: FlaskClient, asked: Asked) -> None:
    def sent(size: int) -> int:
        body = gzip.compress(json.dumps(PATIENT).encode().ljust(size))
        return client.post(
            "/evaluate", data=body, content_type="application/json", headers={"Content-Encoding": "gzip"}
        ).status_code

    assert (sent(200_000), sent(200_001)) == (200, 413)


def test_the_same_document_has_the_same_digest_however_it_was_packed(client: FlaskClient, asked: Asked) -> None:
    body = json.dumps(PATIENT).encode()
    client.post("/evaluate", data=body, content_type="application/json")
    client.post(
        "/evaluate",
        data=gzip.compress(body),
        content_type="application/json",
        headers={"Content-Encoding": "gzip"},
    )

    assert asked[0].digest == asked[1].digest


@pytest.mark.parametrize(
    "document, count",
    [
        (PATIENT, 1),
        ([PATIENT, PATIENT], 2),
        ({"resourceType": "Bundle"}, 0),
        ({"resourceType": "Bundle", "entry": [{"resource": PATIENT}, {"resource": None}, {}]}, 1),
        ({"resourceType": "Bundle", "entry": [{"resource": {"resourceType": "Bundle", "entry": [{"resource": PATIENT}]}}]}, 1),
        ({"a": PATIENT, "b": None, "c": {"resourceType": "Bundle", "entry": [{"resource": PATIENT}]}}, 2),
        ("text", 0),
        (None, 0),
    ],
)  # fmt: skip
def test_resources_are_counted_wherever_they_stand(document: Any, count: int) -> None:
    assert resources_in(document) == count


def test_more_resources_than_the_limit_are_refused(client: FlaskClient, asked: Asked) -> None:
    assert client.post("/evaluate", json=[PATIENT] * 100).status_code == 200
    assert client.post("/evaluate", json=[PATIENT] * 101).status_code == 422


@pytest.mark.parametrize("problem", [StoreUnavailable(), RuleFailure(TRACE)])
def test_a_problem_is_told_as_an_outcome_with_its_status(client: FlaskClient, asked: Asked, problem: Problem) -> None:
    asked.raises = problem

    answer = client.post("/evaluate", json=PATIENT)

    assert answer.status_code == problem.status
    assert answer.json["issue"][0]["diagnostics"] == problem.says
    assert answer.json.get("id") == (TRACE if problem.status == 500 else None)
    assert answer.headers.get("Retry-After") == ("5" if problem.status == 503 else None)


def test_a_fault_inside_is_told_without_what_it_says(
    client: FlaskClient, asked: Asked, log_lines: Callable[[], str]
) -> None:
    asked.raises = ValueError("Anna Testcase, born 1968")

    answer = client.post("/evaluate", json=PATIENT)

    told = log_lines()
    assert answer.status_code == 500 and answer.json["resourceType"] == "OperationOutcome"
    assert "Testcase" not in answer.text and "Testcase" not in told
    fault, line = (json.loads(text) for text in told.splitlines())
    assert (fault["event"], fault["exception"]) == ("unexpected", "ValueError") and ":" in fault["place"]
    assert (line["event"], line["status"]) == ("request", 500)
