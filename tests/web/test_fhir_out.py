"""The FHIR doors: /evaluate when FHIR is wanted, the operation $evaluate, and what the server says of itself."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import jsonschema
import pytest
from fhir.resources.R4B import get_fhir_model_class
from flask.testing import FlaskClient

from service import assess
from service.app import app_of
from service.house import House
from service.reasoning.engine import EngineFailure
from service.settings import Settings
from tests.fhir_out.walking import resources
from tests.support.stories import STORIES
from tests.web.conftest import Asked

Json = dict[str, Any]
JSON, FHIR = "application/json", "application/fhir+json"
OPERATION = "/fhir/$evaluate"
PATIENT = {"resourceType": "Patient", "id": "1"}
BUNDLE = {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": PATIENT}]}


def story(name: str) -> Json:
    read: Json = json.loads((STORIES / name / "bundle.json").read_text(encoding="utf-8"))
    return read


def parameters(*given: Json) -> Json:
    return {"resourceType": "Parameters", "parameter": list(given)}


def named(name: str, **value: Any) -> Json:
    return {"name": name, **value}


def told(bundle: Json) -> str:
    """A Bundle without what is new each time: ids, times and the digest of the request."""
    text = json.dumps(bundle, sort_keys=True)
    text = re.sub(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", "…", text)
    text = re.sub(r"\d{4}-\d\d-\d\dT[0-9:.]+Z", "…", text)
    return re.sub(r'("urn:osteon:identifier:request", "value": )"[0-9a-f]{64}"', r"\1", text)


# --- /evaluate -----------------------------------------------------------------------------------


def test_a_bundle_is_answered_by_a_bundle_with_the_trace_of_the_decision(client: FlaskClient) -> None:
    document = story("good_prognosis_on_olaparib")

    answer = client.post("/evaluate?evaluationDate=2026-11-01", json=document, headers={"Accept": FHIR})

    assert (answer.status_code, answer.mimetype) == (200, FHIR)
    get_fhir_model_class("Bundle").model_validate(answer.json)
    kinds = {each["resourceType"] for each in resources(answer.json)}
    assert kinds >= {"Device", "GuidanceResponse", "RiskAssessment", "DetectedIssue", "RequestGroup", "Provenance"}
    [response] = resources(answer.json, "GuidanceResponse")
    trace = response["identifier"][0]["value"].removeprefix("urn:uuid:")
    assert client.get(f"/traces/{trace}").json["header"]["outcome"] == "success"


def test_the_bundle_has_the_shape_that_is_described(client: FlaskClient) -> None:
    document = client.get("/openapi.json").json
    answer = client.post("/evaluate", json=story("last_dose_unknown"), headers={"Accept": FHIR}).json

    jsonschema.validate(answer, {**document, "$ref": "#/components/schemas/AnswerBundle"})


def test_facts_may_be_answered_in_fhir_too(client: FlaskClient) -> None:
    facts = {"evaluationDate": "2026-11-01", "facts": {"mets.status": "confirmed", "mets.organ.bone": "present"}}

    answer = client.post(
        "/evaluate",
        data=json.dumps(facts),
        content_type="application/vnd.osteon.facts+json",
        headers={"Accept": FHIR},
    )

    get_fhir_model_class("Bundle").model_validate(answer.json)
    assert resources(answer.json, "GuidanceResponse")[0]["status"] == "data-required"


def test_strict_mode_refuses_in_fhir_as_it_does_in_json(client: FlaskClient) -> None:
    document = {**BUNDLE, "entry": [{"resource": {**PATIENT, "birthDate": "yesterday"}}]}

    answers = [
        client.post("/evaluate?mode=strict", json=document, headers={"Accept": accepted}) for accepted in (JSON, FHIR)
    ]

    assert [each.status_code for each in answers] == [422, 422]
    assert answers[0].json == answers[1].json


# --- failures ------------------------------------------------------------------------------------


@pytest.mark.parametrize("address", ["/evaluate", OPERATION])
def test_a_failing_rule_is_an_outcome_that_names_its_trace(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    def failing(*_: Any) -> Any:
        raise EngineFailure("Anna Testcase")

    monkeypatch.setattr(assess, "conclude", failing)

    answer = client.post(address, json=BUNDLE, headers={"Accept": FHIR})

    assert (answer.status_code, answer.json["resourceType"]) == (500, "OperationOutcome")
    assert "Testcase" not in answer.text
    assert client.get(f"/traces/{answer.json['id']}").json["header"]["outcome"] == "failed"


@pytest.mark.parametrize("address", ["/evaluate", OPERATION])
def test_an_answer_that_would_not_be_valid_is_an_outcome_that_names_its_trace(
    house: House, settings: Settings, address: str
) -> None:
    broken = {**house.terminology.answers, "GuidanceResponse": {"resourceType": "GuidanceResponse", "moduleCanonical": "x", "oops": 1}}  # fmt: skip
    client = app_of(replace(house, terminology=replace(house.terminology, answers=broken)), settings).test_client()

    answer = client.post(address, json=BUNDLE, headers={"Accept": FHIR})

    assert (answer.status_code, answer.json["resourceType"]) == (500, "OperationOutcome")
    assert client.get(f"/traces/{answer.json['id']}").json["body"]["failure"]["kind"] == "NotFhirR4"


# --- the operation -------------------------------------------------------------------------------


def test_the_operation_answers_what_evaluate_answers_however_it_is_asked(client: FlaskClient) -> None:
    document = story("good_prognosis_on_olaparib")
    day = named("evaluationDate", valueDate="2026-11-01")
    by_evaluate = client.post("/evaluate?evaluationDate=2026-11-01", json=document, headers={"Accept": FHIR})
    by_body = client.post(f"{OPERATION}?evaluationDate=2026-11-01", json=document)
    by_bundle = client.post(OPERATION, json=parameters(named("bundle", resource=document), day))
    one_by_one = [named("resource", resource=entry["resource"]) for entry in document["entry"]]
    by_resources = client.post(OPERATION, json=parameters(*one_by_one, day))

    answers = [told(each.json) for each in (by_evaluate, by_body, by_bundle)]
    assert answers[0] == answers[1] == answers[2]
    assert len(resources(by_resources.json)) == len(resources(by_bundle.json))
    assert {each.mimetype for each in (by_body, by_bundle, by_resources)} == {FHIR}


def test_parameters_say_day_hooks_and_mode(client: FlaskClient, asked: Asked) -> None:
    given = parameters(
        named("bundle", resource=BUNDLE),
        named("evaluationDate", valueDate="2026-11-01"),
        named("hook", valueCode="order-sign"),
        named("hook", valueCode="patient-view"),
        named("mode", valueCode="strict"),
    )

    answer = client.post(OPERATION, json=given, content_type=FHIR)

    assert answer.status_code == 200
    [received] = asked
    assert (received.kind, received.document, received.as_fhir) == ("bundle", given, True)
    assert (received.evaluation_date, received.hooks, received.mode) == (
        date(2026, 11, 1), ("patient-view", "order-sign"), "strict",
    )  # fmt: skip


def test_without_them_it_is_today_for_all_hooks_leniently(client: FlaskClient, asked: Asked) -> None:
    client.post(OPERATION, json=parameters(named("resource", resource=PATIENT)))

    [received] = asked
    assert (received.evaluation_date, received.hooks, received.mode) == (None, None, "lenient")


BUNDLE_GIVEN = named("bundle", resource=BUNDLE)


@pytest.mark.parametrize(
    ("given", "query", "status", "place"),
    [
        (parameters(), "", 400, "Parameters.parameter"),
        ({"resourceType": "Parameters"}, "", 400, "Parameters.parameter"),
        ({"resourceType": "Parameters", "parameter": {}}, "", 400, "Parameters.parameter"),
        (parameters(named("mode", valueCode="strict")), "", 400, "Parameters.parameter"),
        (parameters(BUNDLE_GIVEN, named("patient", valueString="1")), "", 400, "Parameters.parameter[1].name"),
        (parameters(BUNDLE_GIVEN, {}), "", 400, "Parameters.parameter[1].name"),
        (parameters(BUNDLE_GIVEN, "mode"), "", 400, "Parameters.parameter[1].name"),
        (parameters(named("bundle", resource=PATIENT)), "", 400, "Parameters.parameter[0].resource"),
        (parameters(named("bundle")), "", 400, "Parameters.parameter[0].resource"),
        (parameters(named("resource", valueString="x")), "", 400, "Parameters.parameter[0].resource"),
        (parameters(BUNDLE_GIVEN, named("mode", valueBoolean=True)), "", 400, "Parameters.parameter[1].valueCode"),
        (parameters(BUNDLE_GIVEN, named("mode", valueCode="loose")), "", 400, "mode"),
        (parameters(BUNDLE_GIVEN, named("hook", valueCode="order-read")), "", 422, "hook"),
        (parameters(BUNDLE_GIVEN, *2 * [named("evaluationDate", valueDate="2026-11-01")]), "", 400, "evaluationDate"),
        (parameters(BUNDLE_GIVEN, named("evaluationDate", valueDate="2026-11")), "", 400, "evaluationDate"),
        (parameters(BUNDLE_GIVEN), "?mode=strict", 400, None),
        (BUNDLE, "?mode=loose", 400, "mode"),
        (BUNDLE, "?patient=1", 400, None),
        ([PATIENT], "", 422, None),
        ({"hello": "world"}, "", 422, None),
        ("text", "", 422, None),
    ],
)
def test_an_operation_that_is_not_asked_for_as_defined_is_refused(
    client: FlaskClient, asked: Asked, given: Any, query: str, status: int, place: str | None
) -> None:
    answer = client.post(f"{OPERATION}{query}", json=given)

    assert (answer.status_code, answer.mimetype) == (status, FHIR) and not asked
    assert answer.json["issue"][0].get("expression") == ([place] if place else None)


def test_more_resources_than_the_limit_are_refused_inside_parameters_too(client: FlaskClient, asked: Asked) -> None:
    many = {**BUNDLE, "entry": [{"resource": PATIENT}] * 100}

    assert client.post(OPERATION, json=parameters(named("bundle", resource=many))).status_code == 200
    more = parameters(named("bundle", resource=many), named("resource", resource=PATIENT))
    assert client.post(OPERATION, json=more).status_code == 422


def test_a_facts_document_is_no_resource(client: FlaskClient) -> None:
    answer = client.post(OPERATION, data=b"{}", content_type="application/vnd.osteon.facts+json")

    assert answer.status_code == 415


# --- what the server says of itself --------------------------------------------------------------


def test_the_capabilities_lead_to_the_definition_of_the_operation(client: FlaskClient, house: House) -> None:
    capabilities = client.get("/fhir/metadata").json
    definition = client.get("/fhir/OperationDefinition/evaluate").json

    for resource in (capabilities, definition):
        get_fhir_model_class(resource["resourceType"]).model_validate(resource)
    [operation] = capabilities["rest"][0]["operation"]
    assert (operation["name"], operation["definition"]) == (definition["code"], definition["url"])
    assert capabilities["software"]["version"] == house.version


def test_there_is_no_other_definition(client: FlaskClient) -> None:
    answer = client.get("/fhir/OperationDefinition/apply")

    assert answer.status_code == 404 and answer.json["issue"][0]["code"] == "not-found"


def test_nothing_of_a_patient_reaches_the_log(client: FlaskClient, log_lines: Callable[[], str]) -> None:
    client.post(OPERATION, json=story("good_prognosis_on_olaparib"))

    lines = log_lines()
    assert '"route": "/fhir/$evaluate"' in lines
    assert "jane" not in lines and "olaparib" not in lines
