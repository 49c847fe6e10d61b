"""POST /evaluate: what is taken, how it is asked, and what is refused."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from flask.testing import FlaskClient

from service.problems import Problem, RuleFailure, StoreUnavailable
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
