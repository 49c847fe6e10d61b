"""What is the same in every answer, and what the service says of itself: valid, and in step with the code."""

from __future__ import annotations

import json
from typing import Any, get_args

import pytest
from fhir.resources.R4B import get_fhir_model_class

from rulesets.facts import prognosis
from rulesets.rule import Indicator
from service.app import FHIR_PROFILES, conformance_resources
from service.fhir_out.issues import SEVERITIES
from service.fhir_out.proposals import PRIORITIES
from service.fhir_out.requirements import sent_as
from service.intake.terminology import ANSWERS, load
from service.web.fhir import RESOURCES, VALUES, capability_statement
from tests.fhir_out.walking import nodes

TEMPLATES = load(FHIR_PROFILES).answers
CONFORMANCE = conformance_resources()


def test_there_is_a_template_for_every_kind_of_resource_that_is_written() -> None:
    assert set(TEMPLATES) == set(ANSWERS)


def test_every_code_of_ours_is_in_its_code_system() -> None:
    codings = {
        (node["system"], node["code"], node["display"])
        for template in TEMPLATES.values()
        for node in nodes(template)
        if node.get("system", "").startswith("urn:osteon:")
    }
    system = json.loads((FHIR_PROFILES / "codesystems" / "prognostic-group.json").read_text(encoding="utf-8"))

    assert codings == {(system["url"], each["code"], each["display"]) for each in system["concept"]}


def test_every_group_that_can_be_stated_has_an_outcome() -> None:
    outcomes = {each["id"]: each["outcome"]["coding"][0]["code"] for each in TEMPLATES["RiskAssessment"]["prediction"]}

    assert outcomes == {group: group for group in prognosis.group.allowed if group != "not_applicable"}


def test_every_indicator_has_a_severity_and_a_priority() -> None:
    assert SEVERITIES.keys() == PRIORITIES.keys() == set(get_args(Indicator))


def test_every_kind_of_action_has_a_code() -> None:
    assert [action["id"] for action in TEMPLATES["RequestGroup"]["action"]] == ["create", "update", "delete"]


@pytest.mark.parametrize("resource", CONFORMANCE.values(), ids=list(CONFORMANCE))
def test_what_the_service_says_of_itself_is_valid(resource: dict[str, Any]) -> None:
    get_fhir_model_class(resource["resourceType"]).model_validate(resource)


def test_the_operation_has_the_parameters_that_the_door_takes() -> None:
    operation = CONFORMANCE["OperationDefinition"]
    types = {each["name"]: each["type"] for each in operation["parameter"] if each["use"] == "in"}

    assert set(types) == {*RESOURCES, *VALUES}
    assert {name: f"value{types[name].capitalize()}" for name in VALUES} == dict(VALUES)
    assert [each["name"] for each in operation["parameter"] if each["use"] == "out"] == ["return"]


def test_the_capabilities_name_the_operation_the_version_and_the_address() -> None:
    told = capability_statement(CONFORMANCE["CapabilityStatement"], "1.2.3", "https://osteon.example.org")

    get_fhir_model_class("CapabilityStatement").model_validate(told)
    assert told["software"] == {"name": "Osteon", "version": "1.2.3"}
    assert told["implementation"]["url"] == "https://osteon.example.org/fhir"
    assert told["rest"][0]["operation"][0]["definition"] == CONFORMANCE["OperationDefinition"]["url"]
    assert "url" not in capability_statement(CONFORMANCE["CapabilityStatement"], "1.2.3", "")["implementation"]


@pytest.mark.parametrize(
    ("fact", "names"),
    [
        ("patient.ecog", ("patient.ecog",)),
        ("tumour.er", ("tumour.er_primary", "tumour.er_metastasis")),
        ("patient.hemoglobin_g_dl", ("obs.hemoglobin_value", "obs.hemoglobin_unit")),
        ("order.kind", ()),
    ],
)
def test_a_fact_is_asked_for_by_what_can_be_sent(fact: str, names: tuple[str, ...]) -> None:
    assert sent_as(fact) == names
