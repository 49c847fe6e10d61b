"""A CDS Hooks request becomes the resources of exactly one patient."""

from __future__ import annotations

from typing import Any

import pytest

from service.intake.hook_request import unpack
from service.intake.unpack import PatientResources
from service.prefetch.states import Access, Answer, plan, settled
from service.problems import PatientMismatch
from tests.web.requests_made import PATIENT, about, hook_request, searchset


def unpacked(drafts: dict[str, Any] | None = None, patient_id: str = "1", **prefetch: Any) -> PatientResources:
    request = hook_request(
        "patient-view" if drafts is None else "order-sign", prefetch={"patient": PATIENT, **prefetch}
    )
    request["context"]["patientId"] = patient_id
    if drafts is not None:
        request["context"]["draftOrders"] = drafts
    [resources] = unpack(request, settled(plan(request, None, ()), {}, max_entries=100))
    return resources


def placed(resources: PatientResources) -> dict[str, str]:
    return {entry.reference: entry.place for entry in resources.entries}


def test_resources_are_known_by_their_place_in_the_request() -> None:
    resources = unpacked(
        observations=searchset(about("Patient/1")), drafts=searchset(about("Patient/1", "ServiceRequest", "s"))
    )

    assert resources.patient == "Patient/1"
    assert placed(resources) == {
        "Patient/1": "prefetch.patient",
        "Observation/o": "prefetch.observations.entry[0].resource",
        "ServiceRequest/s": "context.draftOrders.entry[0].resource",
    }
    assert [entry.reference for entry in resources.entries if entry.in_request] == ["ServiceRequest/s"]


def test_a_patient_id_with_its_type_is_the_same_patient() -> None:
    assert unpacked(patient_id="Patient/1").patient == "Patient/1"


def test_keys_of_another_service_are_read_by_what_they_hold() -> None:
    assert "Observation/o" in placed(unpacked(labs=searchset(about("Patient/1"))))


# --- what could not be read -----------------------------------------------------------------------


@pytest.mark.parametrize("value", [None, searchset(), {"resourceType": "Bundle", "type": "searchset", "total": 0}])
def test_null_and_an_empty_search_mean_that_there_is_no_such_drug(value: Any) -> None:
    resources = unpacked(medicationRequests=value)
    assert resources.empty_lists == {"MedicationRequest"} and not resources.incomplete


def test_what_is_missing_is_told_with_the_resources() -> None:
    resources = unpacked(medicationRequests={"resourceType": "OperationOutcome"})

    assert not resources.empty_lists and resources.incomplete == {"drugs"}
    assert "The list of medications ordered could not be read: the sending system could not read it." in [
        notice.text for notice in resources.notices
    ]


# --- one patient -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "subject",
    ["Patient/1", "Patient/1/_history/3"],
)
def test_a_reference_to_the_patient_is_understood(subject: str) -> None:
    assert "Observation/o" in placed(unpacked(observations=searchset(about(subject))))


def test_an_absolute_reference_means_the_patient_of_that_server() -> None:
    own = {"resourceType": "Bundle", "entry": [{"fullUrl": "https://a.example.org/Patient/1", "resource": PATIENT}]}
    resources = unpacked(patient=own, observations=searchset(about("https://a.example.org/Patient/1")))
    assert "Observation/o" in placed(resources)


@pytest.mark.parametrize(
    "changes, place",
    [
        ({"patient": {"resourceType": "Patient", "id": "2"}}, "prefetch.patient"),
        ({"more": searchset({"resourceType": "Patient", "id": "2"})}, "prefetch.more.entry[0].resource"),
        ({"observations": searchset(about("Patient/2"))}, "prefetch.observations.entry[0].resource"),
        ({"observations": about("Patient/2")}, "prefetch.observations"),
    ],
)
def test_somebody_else_anywhere_in_the_prefetch_is_refused_with_the_place(changes: dict[str, Any], place: str) -> None:
    with pytest.raises(PatientMismatch) as caught:
        unpacked(**changes)
    assert caught.value.expression == place


@pytest.mark.parametrize(
    "key, read, place",
    [
        ("patient", {"resourceType": "Patient", "id": "2"}, "fetched.patient"),
        ("conditions", searchset(about("Patient/2", "Condition")), "fetched.conditions.entry[0].resource"),
        ("conditions", searchset({"resourceType": "Patient", "id": "2"}), "fetched.conditions.entry[0].resource"),
    ],
)
def test_somebody_else_in_what_was_read_is_refused_as_well(key: str, read: dict[str, Any], place: str) -> None:
    request = hook_request(prefetch={} if key == "patient" else {"patient": PATIENT})
    server = "https://ehr.example.org/fhir"
    prefetch = settled(plan(request, Access(server=server), [server]), {key: Answer(pages=(read,))}, max_entries=100)

    with pytest.raises(PatientMismatch) as caught:
        unpack(request, prefetch)

    assert caught.value.expression == place


def test_an_order_for_somebody_else_is_refused_with_the_place() -> None:
    with pytest.raises(PatientMismatch) as caught:
        unpacked(drafts=searchset(about("Patient/2", "MedicationRequest", "m")))
    assert caught.value.expression == "context.draftOrders.entry[0].resource"


def test_a_draft_stands_for_its_copy_in_the_chart() -> None:
    resources = unpacked(
        drafts=searchset(about("Patient/1", "MedicationRequest", "m", status="draft")),
        medicationRequests=searchset(about("Patient/1", "MedicationRequest", "m", status="active")),
    )
    [order] = resources.of("MedicationRequest")
    assert order.in_request and order.resource["status"] == "draft"
