"""A CDS Hooks request becomes the resources of exactly one patient."""

from __future__ import annotations

from typing import Any

import pytest

from service.intake.hook_request import unpack
from service.intake.unpack import PatientResources
from service.problems import PatientMismatch, PrefetchMissing
from tests.web.requests_made import PATIENT, about, hook_request, searchset


def unpacked(drafts: dict[str, Any] | None = None, patient_id: str = "1", **prefetch: Any) -> PatientResources:
    request = hook_request(
        "patient-view" if drafts is None else "order-sign", prefetch={"patient": PATIENT, **prefetch}
    )
    request["context"]["patientId"] = patient_id
    if drafts is not None:
        request["context"]["draftOrders"] = drafts
    [resources] = unpack(request)
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


# --- nothing is not the same as not sent -----------------------------------------------------------


@pytest.mark.parametrize("value", [None, searchset(), {"resourceType": "Bundle", "type": "searchset", "total": 0}])
def test_null_and_an_empty_search_mean_that_there_is_no_such_drug(value: Any) -> None:
    assert unpacked(medicationRequests=value).empty_lists == {"MedicationRequest"}


@pytest.mark.parametrize(
    "value",
    [
        {"resourceType": "OperationOutcome"},
        searchset(link=[{"relation": "next", "url": "https://a.example.org/more"}]),
        searchset({"resourceType": "OperationOutcome"}),
        searchset(about("Patient/1", "MedicationRequest", "m")),
    ],
    ids=["failed", "first of several pages", "outcome", "a drug"],
)
def test_whatever_else_came_does_not_mean_that(value: Any) -> None:
    assert not unpacked(medicationRequests=value).empty_lists


def test_a_key_that_was_not_sent_means_nothing() -> None:
    assert not unpacked().empty_lists


@pytest.mark.parametrize("key", ["conditions", "observations", "procedures", "meds"])
def test_only_for_drugs_does_nothing_mean_none(key: str) -> None:
    assert not unpacked(**{key: None}).empty_lists


# --- what no answer can do without -----------------------------------------------------------------


@pytest.mark.parametrize("prefetch", [{}, {"conditions": None}, {"patient": {"resourceType": "OperationOutcome"}}])
def test_a_missing_patient_is_named_with_its_template(prefetch: dict[str, Any]) -> None:
    with pytest.raises(PrefetchMissing) as caught:
        list(unpack(hook_request(prefetch=prefetch)))

    assert caught.value.status == 412 and caught.value.expression == "prefetch.patient"
    assert "Patient/{{context.patientId}}" in caught.value.sentence


def test_a_request_without_any_prefetch_lacks_the_patient() -> None:
    request = hook_request()
    del request["prefetch"]
    with pytest.raises(PrefetchMissing):
        unpack(request)


@pytest.mark.parametrize("prefetch", [{"patient": None}, {"subject": PATIENT}])
def test_a_patient_who_is_known_not_to_be_there_or_stands_elsewhere_is_not_missing(prefetch: dict[str, Any]) -> None:
    [resources] = unpack(hook_request(prefetch=prefetch))
    assert resources.patient == "Patient/1"


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
