"""Unpacking: documents of every shape, references of every form, and two patients never as one."""

from __future__ import annotations

from typing import Any

import pytest

from service.intake.entries import Part
from service.intake.unpack import PatientResources, unpack, unpack_parts
from service.problems import NoPatient, NotFhir, OtherFhirVersion, TooDeep, TooMany
from tests.intake.made import BREAST, bundle, concept, condition, drug, observation, patient


def held(resources: PatientResources) -> list[str]:
    return [entry.reference for entry in resources.entries]


def entry(resource: dict[str, Any], **more: object) -> dict[str, Any]:
    return {"resource": resource, **more}


def of_type(kind: str, *entries: dict[str, Any]) -> dict[str, Any]:
    return {"resourceType": "Bundle", "type": kind, "entry": list(entries)}


@pytest.mark.parametrize("kind", ["collection", "searchset", "batch", "transaction", "document", "message", "history"])
def test_a_bundle_of_any_type_holds_its_resources(kind: str) -> None:
    (one,) = unpack(of_type(kind, entry(patient()), entry(condition("c", BREAST))))
    assert held(one) == ["Condition/c", "Patient/p1"]


def test_a_bundle_may_lie_within_a_bundle() -> None:
    (one,) = unpack(bundle(patient(), bundle(condition("c", BREAST))))
    assert held(one) == ["Condition/c", "Patient/p1"]


def test_bundles_nested_without_end_are_refused() -> None:
    document = bundle(patient())
    for _ in range(20):
        document = bundle(document)
    with pytest.raises(TooDeep):
        unpack(document)


def test_a_bare_resource_and_an_array_are_read_like_a_bundle() -> None:
    assert [one.patient for one in unpack(patient())] == ["Patient/p1"]
    assert held(unpack([patient(), condition("c", BREAST)])[0]) == ["Condition/c", "Patient/p1"]


@pytest.mark.parametrize("document", [None, 1, "text", {}, {"facts": {}}, {"resourceType": 3}])
def test_what_is_not_fhir_is_refused(document: object) -> None:
    with pytest.raises((NotFhir, NoPatient)):
        unpack(document)


def test_a_facts_document_sent_as_fhir_is_told_its_media_type() -> None:
    with pytest.raises(NotFhir, match="facts\\+json"):
        unpack({"facts": {"mets.status": "none"}})


def test_a_request_without_any_patient_is_refused() -> None:
    with pytest.raises(NoPatient):
        unpack(bundle())
    with pytest.raises(NoPatient):
        unpack(bundle({"resourceType": "Observation", "id": "o", "status": "final"}))


def test_deleted_entries_and_outcomes_are_not_data() -> None:
    (one,) = unpack(
        of_type(
            "transaction",
            entry(patient()),
            entry(condition("gone", BREAST), request={"method": "DELETE", "url": "Condition/gone"}),
            entry({"resourceType": "OperationOutcome", "issue": []}, search={"mode": "outcome"}),
        )
    )
    assert held(one) == ["Patient/p1"]
    assert [notice.code for notice in one.notices] == ["outcome"]


def test_a_page_with_a_next_page_is_told_to_be_incomplete() -> None:
    document = bundle(patient(), type="searchset") | {"link": [{"relation": "next", "url": "http://a/next"}]}
    assert [notice.code for notice in unpack(document)[0].notices] == ["incomplete"]


def test_of_a_history_the_latest_version_counts() -> None:
    old = condition("c", BREAST, meta={"lastUpdated": "2020-01-01T00:00:00Z"}, recordedDate="2020-01-01")
    new = condition("c", BREAST, meta={"lastUpdated": "2021-01-01T00:00:00Z"}, recordedDate="2021-01-01")
    for versions in ([old, new], [new, old]):
        (one,) = unpack(of_type("history", entry(patient()), *(entry(version) for version in versions)))
        assert [each.resource["recordedDate"] for each in one.of("Condition")] == ["2021-01-01"]


def test_a_resource_whose_latest_version_is_its_deletion_is_gone() -> None:
    deletion = {"fullUrl": "http://a/Condition/c", "request": {"method": "DELETE", "url": "Condition/c"}}
    (one,) = unpack(of_type("history", entry(patient()), deletion, entry(condition("c", BREAST))))
    assert held(one) == ["Patient/p1"]


@pytest.mark.parametrize(
    "subject",
    [
        {"reference": "Patient/p1"},
        {"reference": "Patient/p1/_history/7"},
        {"reference": "http://a/fhir/Patient/p1"},
        {"reference": "urn:uuid:11111111-2222-3333-4444-555555555555"},
        {"reference": "Patient?identifier=urn:mrn|42"},
        {"identifier": {"system": "urn:mrn", "value": "42"}},
    ],
)
def test_a_subject_is_found_by_every_form_of_reference(subject: dict[str, Any]) -> None:
    her = patient(identifier=[{"system": "urn:mrn", "value": "42"}])
    url = "urn:uuid:11111111-2222-3333-4444-555555555555"
    if "http" in str(subject):
        url = "http://a/fhir/Patient/p1"
    document = of_type(
        "collection", entry(her, fullUrl=url), entry(patient("p2")), entry(condition("c", BREAST, subject=subject))
    )
    by_name = {one.patient: held(one) for one in unpack(document)}
    assert by_name == {"Patient/p1": ["Condition/c", "Patient/p1"], "Patient/p2": ["Patient/p2"]}


def test_a_relative_reference_is_of_the_server_it_stands_on() -> None:
    document = of_type(
        "collection",
        entry(patient(), fullUrl="http://a/Patient/p1"),
        entry(patient(birthDate="1950-01-01"), fullUrl="http://b/Patient/p1"),
        entry(condition("c", BREAST), fullUrl="http://b/Condition/c"),
    )
    assert {one.patient: held(one)[0] for one in unpack(document)} == {
        "http://a/Patient/p1": "http://a/Patient/p1",
        "http://b/Patient/p1": "Condition/c",
    }


@pytest.mark.parametrize("subject", [{"display": "somebody"}, None])
def test_a_subject_that_names_nobody_is_the_only_patient_with_a_notice(subject: object) -> None:
    (one,) = unpack(bundle(patient(), condition("c", BREAST, subject=subject)))
    assert "Condition/c" in held(one)
    assert [notice.code for notice in one.notices] == ["unresolved-subject"]


def test_a_subject_that_names_nobody_is_left_out_among_several_patients() -> None:
    both = unpack(bundle(patient(), patient("p2"), condition("c", BREAST, subject={"display": "somebody"})))
    assert all("Condition/c" not in held(one) for one in both)
    assert {notice.code for one in both for notice in one.notices} == {"left-out"}


def test_a_resource_of_somebody_else_is_never_given_to_the_only_patient() -> None:
    (one,) = unpack(bundle(patient(), condition("c", BREAST, subject={"reference": "Patient/p9"})))
    assert held(one) == ["Patient/p1"]
    assert [notice.code for notice in one.notices] == ["left-out"]


def test_several_patients_are_several_results_in_the_order_of_their_references() -> None:
    hers = condition("c", BREAST, subject={"reference": "Patient/p2"})
    assert [(one.patient, held(one)) for one in unpack(bundle(patient("p2"), hers, patient("p1")))] == [
        ("Patient/p1", ["Patient/p1"]),
        ("Patient/p2", ["Condition/c", "Patient/p2"]),
    ]


def test_patients_who_are_only_referred_to_are_patients_of_unknown_age() -> None:
    both = unpack(bundle(condition("c", BREAST), condition("d", BREAST, subject={"reference": "Patient/p2"})))
    assert [(one.patient, held(one)) for one in both] == [
        ("Patient/p1", ["Condition/c"]),
        ("Patient/p2", ["Condition/d"]),
    ]
    assert [notice.code for one in both for notice in one.notices] == ["no-patient-resource"] * 2


def test_a_contained_patient_without_identifier_is_nobody_but_the_one_of_its_resource() -> None:
    inside = {"resourceType": "Patient", "id": "p", "birthDate": "1960-01-01"}
    first, second = (condition(name, BREAST, subject={"reference": "#p"}, contained=[inside]) for name in "ab")
    assert len(unpack(bundle(first, second))) == 2


def test_the_same_resource_sent_twice_is_one() -> None:
    (one,) = unpack(bundle(patient(), condition("c", BREAST), condition("c", BREAST)))
    assert held(one) == ["Condition/c", "Patient/p1"]
    assert not one.notices


def test_of_two_versions_of_a_resource_the_last_updated_counts() -> None:
    old = condition("c", BREAST, meta={"lastUpdated": "2020-01-01T00:00:00Z"})
    new = condition("c", BREAST, meta={"lastUpdated": "2021-01-01T00:00:00Z"})
    (one,) = unpack(bundle(patient(), new, old))
    assert [each.resource for each in one.of("Condition")] == [new]


def test_two_versions_that_nothing_tells_apart_are_both_read_and_told() -> None:
    (one,) = unpack(bundle(patient(), condition("c", BREAST), condition("c", BREAST, recordedDate="2020-01-01")))
    assert held(one) == ["Condition/c", "Condition/c", "Patient/p1"]
    assert [notice.code for notice in one.notices] == ["conflict"]


def test_a_draft_of_this_request_stands_for_its_copy_in_the_record() -> None:
    order = drug("MedicationRequest", "m", "1", "draft")
    parts = [Part(document=bundle(patient(), order)), Part(document=bundle(order), in_request=True)]
    (one,) = unpack_parts(parts)
    assert [each.in_request for each in one.of("MedicationRequest")] == [True]


def test_a_draft_in_a_document_is_an_order_of_the_request_and_a_draft_in_a_prefetch_is_not() -> None:
    document = bundle(patient(), drug("MedicationRequest", "m", "1", "draft"))
    assert [each.in_request for each in unpack(document)[0].of("MedicationRequest")] == [True]
    (one,) = unpack_parts([Part(document=document)])
    assert [each.in_request for each in one.of("MedicationRequest")] == [False]


def test_an_empty_answer_says_that_there_is_nothing_of_what_was_asked_for() -> None:
    asked = frozenset({"MedicationRequest"})
    empty = Part(document={"resourceType": "Bundle", "type": "searchset", "total": 0}, kinds=asked)
    (one,) = unpack_parts([Part(document=patient()), empty])
    assert one.empty_lists == asked


def test_an_empty_page_with_a_next_page_says_nothing() -> None:
    page = {"resourceType": "Bundle", "type": "searchset", "link": [{"relation": "next", "url": "http://a"}]}
    (one,) = unpack_parts([Part(document=patient()), Part(document=page, kinds=frozenset({"MedicationRequest"}))])
    assert not one.empty_lists


def test_resources_of_another_version_of_fhir_are_refused_with_their_place() -> None:
    r5 = {
        "resourceType": "MedicationRequest",
        "id": "m",
        "subject": {"reference": "Patient/p1"},
        "medication": {"concept": {}},
    }
    with pytest.raises(OtherFhirVersion) as refused:
        unpack(bundle(patient(), r5))
    assert refused.value.expression == "Bundle.entry[1].resource.medication"
    dstu2 = {"resourceType": "Condition", "id": "c", "patient": {"reference": "Patient/p1"}, "clinicalStatus": "active"}
    with pytest.raises(OtherFhirVersion, match="DSTU2"):
        unpack(bundle(patient(), dstu2))


def test_a_single_resource_of_another_version_does_not_refuse_the_request() -> None:
    r5 = {
        "resourceType": "MedicationRequest",
        "id": "m",
        "subject": {"reference": "Patient/p1"},
        "medication": {"concept": {}},
    }
    assert len(unpack(bundle(patient(), r5, condition("c", BREAST)))) == 1


def test_as_many_entries_as_the_limit_are_read_and_one_more_is_refused() -> None:
    document = bundle(patient(), condition("c", BREAST))
    assert len(unpack(document, max_entries=2)) == 1
    with pytest.raises(TooMany):
        unpack(document, max_entries=1)
    with pytest.raises(TooMany):
        unpack(bundle(patient("a"), patient("b")), max_patients=1)


def test_entries_that_are_not_resources_are_told() -> None:
    document = bundle(patient())
    document["entry"] += [{"resource": {"id": "x"}}, {"resource": 3}, "nonsense"]
    (one,) = unpack(document)
    places = ["Bundle.entry[1].resource", "Bundle.entry[2].resource", "Bundle.entry[3]"]
    assert [notice.reference for notice in one.notices] == places


def test_a_resource_that_has_no_id_is_named_alike_wherever_it_stands() -> None:
    nameless = {key: value for key, value in observation("x", concept("urn:a", "b")).items() if key != "id"}
    first = held(unpack(bundle(patient(), nameless))[0])
    second = held(unpack(bundle(nameless, patient()))[0])
    assert first == second
