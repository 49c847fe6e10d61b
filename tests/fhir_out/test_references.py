"""References: a name that can be followed is, and one that cannot says what is meant and promises nothing."""

from __future__ import annotations

from typing import Any

import pytest
from fhir.resources.R4B.reference import Reference

from service.fhir_out.references import NOBODY, reference_to, references_to, subject_of

UUID = "0d0b2c33-6ba9-4c3f-8f0e-0a9f6f2b6a11"


@pytest.mark.parametrize(
    ("name", "reference"),
    [
        ("Condition/1", {"reference": "Condition/1"}),
        ("Condition/with_underscore", {"reference": "Condition/with_underscore"}),
        ("MedicationRequest/1#2", {"reference": "MedicationRequest/1"}),
        ("MedicationRequest/1#medication", {"reference": "MedicationRequest/1"}),
        ("https://a.example/fhir/Condition/1", {"reference": "https://a.example/fhir/Condition/1"}),
        (f"urn:uuid:{UUID}", {"reference": f"urn:uuid:{UUID}"}),
        (f"urn:uuid:{UUID}#2", {"reference": f"urn:uuid:{UUID}"}),
        ("Condition#0123456789ab", {"type": "Condition", "display": "Condition 0123456789ab"}),
        ("Patient?identifier=urn:mrn|7 8", {"type": "Patient", "identifier": {"system": "urn:mrn", "value": "7 8"}}),
        ("Patient?identifier=|78", {"type": "Patient", "identifier": {"value": "78"}}),
        ("Patient/" + "a" * 65, {"type": "Patient", "display": "Patient/" + "a" * 51 + "…"}),
        ("Patient/<b>x</b>\n", {"type": "Patient", "display": "Patient/ b x /b"}),
        ("drugs/0", {"display": "drugs/0"}),
        ("facts", {"display": "facts"}),
        ("\u0000", {"display": "without a name"}),
    ],
)
def test_a_name_becomes_a_reference_or_a_display(name: str, reference: dict[str, Any]) -> None:
    assert reference_to(name) == reference
    Reference.model_validate(reference)


@pytest.mark.parametrize(
    ("name", "version", "reference"),
    [
        ("Condition/1", "3", "Condition/1/_history/3"),
        ("https://a.example/Condition/1", "W/3", "https://a.example/Condition/1"),
        ("https://a.example/Condition/1", "3", "https://a.example/Condition/1/_history/3"),
        (f"urn:uuid:{UUID}", "3", f"urn:uuid:{UUID}"),
        ("Condition/1", "", "Condition/1"),
        ("Condition/1", "3 or 4", "Condition/1"),
    ],
)
def test_a_version_is_told_where_a_reference_has_a_place_for_it(name: str, version: str, reference: str) -> None:
    assert reference_to(name, version=version) == {"reference": reference}


def test_what_has_a_display_of_its_own_is_called_by_it() -> None:
    assert reference_to("drugs/0", display="olaparib") == {"display": "olaparib"}
    assert reference_to("MedicationRequest/1", display="olaparib")["display"] == "olaparib"


def test_the_same_resource_is_named_once() -> None:
    assert references_to(["Condition/1", "Condition/2", "Condition/1#2"]) == [
        {"reference": "Condition/1"},
        {"reference": "Condition/2"},
    ]


@pytest.mark.parametrize(
    ("patient", "subject"),
    [
        ("", {"display": NOBODY}),
        ("Patient/1", {"reference": "Patient/1"}),
        ("Practitioner/1", {"type": "Patient", "display": "Practitioner/1"}),
        ("Observation/o#patient", {"type": "Patient", "display": "Observation/o patient"}),
        ("bed 7 <script>", {"display": "bed 7 script"}),
    ],
)
def test_a_subject_is_a_patient_or_nobody_that_can_be_followed(patient: str, subject: dict[str, Any]) -> None:
    assert subject_of(patient) == subject
