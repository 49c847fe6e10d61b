"""A contained copy has nothing that may not be contained, and its references still lead where they led."""

from __future__ import annotations

from typing import Any

from fhir.resources.R4B.requestgroup import RequestGroup

from service.fhir_out.contained import contained_copies, security_labels

LABEL = {"system": "http://terminology.hl7.org/CodeSystem/v3-Confidentiality", "code": "R"}
ORDER: dict[str, Any] = {
    "resourceType": "MedicationRequest",
    "id": "olaparib",
    "meta": {"versionId": "3", "lastUpdated": "2026-10-01T08:00:00Z", "security": [LABEL], "tag": [{"code": "mine"}]},
    "contained": [
        {"resourceType": "Medication", "id": "m", "code": {"text": "olaparib"}},
        {"resourceType": "Organization", "id": "ward", "name": "Ward 7", "partOf": {"reference": "#other"}},
    ],
    "status": "on-hold",
    "intent": "order",
    "medicationReference": {"reference": "#m"},
    "subject": {"reference": "Patient/1"},
    "performer": {"reference": "#ward"},
    "basedOn": [{"reference": "#"}],
    "note": [{"text": "see #m"}],
}


def test_what_was_contained_stands_beside_the_copy_under_a_name_of_its_own() -> None:
    copy, medication, ward = contained_copies(ORDER, "change")

    assert [each["id"] for each in (copy, medication, ward)] == ["change", "change-0", "change-1"]
    assert "contained" not in copy
    assert (copy["medicationReference"], copy["performer"]) == ({"reference": "#change-0"}, {"reference": "#change-1"})
    assert copy["basedOn"] == [{"reference": "#change"}] and copy["note"] == [{"text": "see #m"}]
    assert (copy["subject"], ward["partOf"]) == ({"reference": "Patient/1"}, {"reference": "#other"})


def test_of_its_meta_a_copy_keeps_what_a_contained_resource_may_have() -> None:
    [copy, *_] = contained_copies(ORDER, "change")
    bare = {key: value for key, value in ORDER["meta"].items() if key != "tag"}

    assert copy["meta"] == {"tag": [{"code": "mine"}]}
    assert "meta" not in contained_copies({**ORDER, "meta": bare}, "change")[0]
    assert security_labels(ORDER) == [LABEL]


def test_the_original_is_left_as_it_was_and_the_copies_are_valid_in_a_group() -> None:
    copies = contained_copies(ORDER, "change")

    assert ORDER["id"] == "olaparib" and ORDER["medicationReference"] == {"reference": "#m"}
    RequestGroup.model_validate(
        {"resourceType": "RequestGroup", "status": "draft", "intent": "proposal", "contained": copies}
    )
