"""In which media type an evaluation is answered: what the client likes best, JSON when it does not mind."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from tests.web.conftest import Asked

JSON, FHIR = "application/json", "application/fhir+json"
PATIENT = {"resourceType": "Patient", "id": "1"}


@pytest.mark.parametrize(
    ("accepted", "answered"),
    [
        (None, JSON),
        ("", JSON),
        ("*/*", JSON),
        ("application/*", JSON),
        (JSON, JSON),
        (FHIR, FHIR),
        ("application/fhir+json; charset=utf-8", FHIR),
        ("Application/FHIR+JSON", FHIR),
        ("application/fhir+json; fhirVersion=4.0", FHIR),
        ("application/fhir+json; fhirVersion=5.0", None),
        ("application/fhir+json; fhirVersion=5.0, application/json;q=0.1", JSON),
        (f"{JSON}, {FHIR}", JSON),
        (f"{FHIR}, {JSON}", JSON),
        (f"{FHIR}, {JSON};q=0.9", FHIR),
        (f"{FHIR};q=0.8, {JSON};q=0.9", JSON),
        (f"{FHIR};q=0.001, {JSON};q=0", FHIR),
        (f"{FHIR};q=0, */*", JSON),
        (f"{JSON};q=0, */*;q=0.1", FHIR),
        (f"{FHIR};q=0.5, application/*;q=0.2", FHIR),
        ("application/fhir+xml;q=1.0, application/fhir+json;q=1.0", FHIR),
        ("text/html, */*;q=0.8", JSON),
        ("text/html", None),
        ("application/fhir+xml", None),
        ("*/*;q=0", None),
        (f"{JSON};q=0, {FHIR};q=0", None),
        (f"{FHIR};q=2", None),
        ("text/*", None),
    ],
)
def test_the_answer_is_in_the_type_the_client_likes_best(
    client: FlaskClient, asked: Asked, accepted: str | None, answered: str | None
) -> None:
    headers = {} if accepted is None else {"Accept": accepted}

    answer = client.post("/evaluate", json=PATIENT, headers=headers)

    if answered is None:
        assert (answer.status_code, answer.mimetype) == (406, FHIR)
        assert answer.json["issue"][0]["code"] == "not-supported" and not asked
    else:
        assert (answer.status_code, answer.mimetype) == (200, answered)
        assert [one.as_fhir for one in asked] == [answered == FHIR]


def test_what_is_not_acceptable_is_refused_before_the_body_is_read(client: FlaskClient, asked: Asked) -> None:
    answer = client.post("/evaluate", data=b"{", content_type=JSON, headers={"Accept": "text/html"})

    assert answer.status_code == 406


@pytest.mark.parametrize("address", ["/fhir/metadata", "/fhir/OperationDefinition/evaluate"])
@pytest.mark.parametrize(
    ("accepted", "answered"),
    [(None, FHIR), ("*/*", FHIR), (JSON, JSON), (f"{JSON}, {FHIR}", FHIR), ("text/html", None)],
)
def test_what_is_always_fhir_goes_by_either_name(
    client: FlaskClient, address: str, accepted: str | None, answered: str | None
) -> None:
    answer = client.get(address, headers={} if accepted is None else {"Accept": accepted})

    assert answer.status_code == (406 if answered is None else 200)
    assert answer.mimetype == (answered or FHIR)
