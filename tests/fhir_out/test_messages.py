"""What the intake said, as FHIR says it: the kind of issue, the place, the resource it is about."""

from __future__ import annotations

from typing import Any

import pytest
from fhir.resources.R4B.operationoutcome import OperationOutcome

from service.fhir_out.messages import messages_of

Json = dict[str, Any]
ABOUT = "urn:osteon:extension:about"


def said(**warning: str) -> Json:
    outcome = messages_of([{"text": "It was left out.", **warning}], [])
    assert outcome is not None
    OperationOutcome.model_validate(outcome)
    [issue] = outcome["issue"]
    assert isinstance(issue, dict)
    return issue


@pytest.mark.parametrize(
    ("code", "issue"),
    [("invalid", "invalid"), ("unit", "value"), ("conflict", "conflict"), ("unknown-code", "code-invalid"),
     ("unresolved", "not-found"), ("incomplete", "incomplete"), ("from-text", "informational")],
)  # fmt: skip
def test_a_notice_has_the_issue_type_of_fhir_that_is_nearest(code: str, issue: str) -> None:
    told = said(code=code)

    assert (told["code"], told["severity"], told["diagnostics"]) == (issue, "warning", "It was left out.")


def test_an_element_of_a_resource_is_a_path_and_names_the_resource() -> None:
    told = said(code="unit", reference="Observation/hb", element="Observation.valueQuantity.unit")

    assert told["expression"] == ["Observation.valueQuantity.unit"]
    assert told["extension"] == [{"url": ABOUT, "valueReference": {"reference": "Observation/hb"}}]


def test_a_resource_that_could_not_be_read_is_told_by_its_place() -> None:
    told = said(code="invalid", reference="Bundle.entry[3].resource", element="Condition.code.coding[0].system")

    assert told["expression"] == ["Bundle.entry[3].resource.code.coding[0].system"]
    assert "extension" not in told


def test_the_place_of_an_element_without_a_name_is_that_of_its_resource() -> None:
    told = said(code="invalid", reference="Bundle.entry[3].resource", element="Condition.(unknown element)")

    assert told["expression"] == ["Bundle.entry[3].resource"]


def test_a_fact_of_a_facts_document_is_told_in_words() -> None:
    told = said(code="future", reference="facts", element="patient.ecog")

    assert told["diagnostics"] == "It was left out. (patient.ecog)"
    assert "expression" not in told and "extension" not in told


def test_what_could_not_be_written_is_told_with_what_it_was() -> None:
    outcome = messages_of([], ["Hold olaparib"])

    assert outcome is not None and outcome["issue"][0]["diagnostics"].endswith(": Hold olaparib.")


def test_no_outcome_is_written_when_there_is_nothing_to_say() -> None:
    assert messages_of([], []) is None
