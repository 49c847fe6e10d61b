"""What became of each resource: every one is used, ignored for a reason that is true, or not valid."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from service.intake.accounting import NO_WORD, of_no_patient
from service.intake.accounts import Account
from service.intake.reading import Reading, read
from service.intake.unpack import unpack
from tests.intake.made import (
    BREAST,
    LIVER_METASTASIS,
    LOINC,
    PELVIS_METASTASIS,
    RXNORM,
    SCT,
    TODAY,
    bundle,
    concept,
    condition,
    drug,
    fact,
    observation,
    patient,
    radiotherapy,
    reading,
    terminology,
)

Resource = dict[str, Any]
PALBOCICLIB = "1601374"
ER = concept(LOINC, "85337-4")
POSITIVE = concept(LOINC, "LA6576-8")


def ecog(name: str, value: int, **more: object) -> Resource:
    return observation(name, concept(LOINC, "89247-1"), valueInteger=value, **more)


def accounts(result: Reading) -> dict[str, Account]:
    return {account.reference: account for account in result.accounts}


def reasons(*resources: Resource) -> dict[str, list[tuple[str, str]]]:
    """The reasons with their elements, of every resource that was not used."""
    return {
        name: [(reason.code, reason.element) for reason in account.reasons]
        for name, account in accounts(reading(*resources)).items()
        if account.outcome != "used"
    }


def referring(kind: str, name: str, medication: str) -> Resource:
    made = drug(kind, name, "1", "active") | {"medicationReference": {"reference": medication}}
    del made["medicationCodeableConcept"]
    return made


MEDICATION = {"resourceType": "Medication", "id": "med", "code": concept(RXNORM, PALBOCICLIB)}

IGNORED: list[tuple[str, Resource, tuple[str, str]]] = [
    ("a type that is not read", {"resourceType": "Encounter", "id": "x"}, ("type", "")),
    ("a medication nobody takes", MEDICATION | {"id": "x"}, ("type", "")),
    ("an unknown code", observation("x", concept(LOINC, "8302-2")), ("code", "Observation.code")),
    ("no code", observation("x", {"text": "weight"}), ("no-code", "Observation.code")),
    ("a drug without a name", drug("MedicationRequest", "x", "1", "active", medicationCodeableConcept={}),
     ("no-code", "MedicationRequest.medicationCodeableConcept")),
    ("a report without a coded conclusion", {"resourceType": "DiagnosticReport", "id": "x", "status": "final",
     "code": concept(LOINC, "1")}, ("no-code", "DiagnosticReport.conclusionCode")),
    ("an earlier order of something else", {"resourceType": "ServiceRequest", "id": "x", "status": "active",
     "intent": "order", "code": concept(SCT, "1")}, ("code", "ServiceRequest.code")),
    ("entered in error", ecog("x", 2, status="entered-in-error"), ("status", "Observation.status")),
    ("a condition entered in error", condition("x", PELVIS_METASTASIS, verification="entered-in-error"),
     ("status", "Condition.verificationStatus")),
    ("a condition that was refuted", condition("x", PELVIS_METASTASIS, verification="refuted"),
     ("status", "Condition.verificationStatus")),
    ("a result that was cancelled", ecog("x", 2, status="cancelled"), ("status", "Observation.status")),
    ("a drug that is not taken", drug("MedicationStatement", "x", PALBOCICLIB, "not-taken"),
     ("status", "MedicationStatement.status")),
    ("what is not to be given", drug("MedicationRequest", "x", PALBOCICLIB, "active", doNotPerform=True),
     ("status", "MedicationRequest.doNotPerform")),
    ("a proposal", drug("MedicationRequest", "x", PALBOCICLIB, "active", intent="proposal"),
     ("status", "MedicationRequest.intent")),
    ("the future", ecog("x", 2, effectiveDateTime="2027-01-01"), ("future", "Observation.effectiveDateTime")),
    ("a value that is not understood", observation("x", ER, valueString="perhaps"), ("not-understood", "Observation.value")),
    ("a value that cannot be", ecog("x", 9), ("value", "Observation.value")),
    ("an older result", ecog("x", 2, effectiveDateTime="2025-01-01"), ("outranked", "Observation.effective")),
    ("a result without a value", observation("x", ER), ("no-fact", "Observation.value")),
    ("a code that feeds no fact", observation("x", concept(LOINC, "21905-5"), valueString="x"), ("no-fact", "Observation.code")),
    ("a fact of an unknown name", fact("x", "tumour.colour", valueString="x"), ("not-a-fact", "Observation.code")),
    ("no birth date", patient("p1", birthDate=None), ("no-fact", "Patient.birthDate")),
]  # fmt: skip


@pytest.mark.parametrize(("resource", "reason"), [row[1:] for row in IGNORED], ids=[row[0] for row in IGNORED])
def test_a_resource_that_is_not_used_has_its_reason(resource: Resource, reason: tuple[str, str]) -> None:
    if resource["resourceType"] == "Patient":
        told = {name: account for name, account in accounts(reading(resource, with_patient=False)).items()}
        assert [(each.code, each.element) for each in told["Patient/p1"].reasons] == [reason]
        return
    newest = ecog("newest", 1)
    assert reasons(newest, resource) == {f"{resource['resourceType']}/x": [reason]}


def test_the_code_that_was_not_known_is_told() -> None:
    (account,) = [
        one for one in reading(observation("x", concept(LOINC, "8302-2"))).accounts if one.outcome == "ignored"
    ]
    assert account.reasons[0].coding == f"{LOINC}|8302-2"


@pytest.mark.parametrize(
    ("kind", "status"), [(kind, status) for kind in sorted(NO_WORD) for status in sorted(NO_WORD[kind])]
)
def test_a_status_that_says_nothing_was_done_makes_no_fact_and_is_the_reason(kind: str, status: str) -> None:
    def of(status: str) -> Resource:
        if kind == "Observation":
            return ecog("x", 1, status=status)
        if kind == "DiagnosticReport":
            concluded = [concept(SCT, LIVER_METASTASIS)]
            subject = {"reference": "Patient/p1"}
            return {"resourceType": kind, "id": "x", "status": status, "code": concept(LOINC, "1"), "subject": subject, "conclusionCode": concluded}  # fmt: skip
        when = {"effectiveDateTime": "2026-10-01"} if kind == "MedicationAdministration" else {}
        return drug(kind, "x", PALBOCICLIB, status, **when)

    assert accounts(reading(of(status)))[f"{kind}/x"].reasons[0].code == "status"
    done = {"Observation": "final", "DiagnosticReport": "final"}.get(kind, "completed")
    assert accounts(reading(of(done)))[f"{kind}/x"].outcome == "used"


def test_an_invalid_resource_has_its_faults_as_reasons() -> None:
    wrong = accounts(reading(ecog("x", 1, effectiveDateTime="YYYY", foo=1)))["Observation/x"]

    assert (wrong.outcome, wrong.place) == ("invalid", "Bundle.entry[1].resource")
    assert {reason.element for reason in wrong.reasons} == {"Observation.effectiveDateTime", "Observation.foo"}


def test_a_statement_that_another_one_outranks_names_the_fact() -> None:
    old = observation(
        "x", concept(SCT, "399537006"), valueCodeableConcept=concept(SCT, "1222766008"), effectiveDateTime="2019-01-01"
    )
    new = old | {"id": "y", "valueCodeableConcept": concept(SCT, "1222806003"), "effectiveDateTime": "2019-03-01"}

    told = accounts(reading(old, new))
    assert told["Observation/y"].outcome == "used"
    assert [reason.code for reason in told["Observation/x"].reasons] == ["outranked"]
    assert "tumour.stage" in told["Observation/x"].reasons[0].text


def test_sources_in_dispute_are_used_for_the_dispute() -> None:
    both = [
        observation(name, ER, valueCodeableConcept=concept(LOINC, code))
        for name, code in (("a", "LA6576-8"), ("b", "LA6577-6"))
    ]
    assert not reasons(*both)


def test_what_a_resource_leads_to_is_used_with_it() -> None:
    specimen = {"resourceType": "Specimen", "id": "s", "type": concept(SCT, "399707004")}
    result = reading(MEDICATION, referring("MedicationRequest", "m", "Medication/med"), specimen)

    told = accounts(result)
    assert told["Medication/med"].outcome == told["MedicationRequest/m"].outcome == "used"
    assert told["Specimen/s"].reasons[0].code == "type"


def test_all_the_sessions_of_one_course_are_used() -> None:
    sessions = [
        radiotherapy("Procedure", f"s{day}", "completed", performedDateTime=f"2026-09-0{day}") for day in (1, 2, 3)
    ]
    assert not reasons(*sessions)


def test_a_weight_by_which_a_dose_was_reckoned_is_used() -> None:
    weight = observation("w", concept(LOINC, "29463-7"), valueQuantity={"value": 70, "unit": "kg", "code": "kg"})
    dosage = [{"doseAndRate": [{"doseQuantity": {"value": 140, "unit": "mg", "code": "mg"}}]}]
    taken = drug("MedicationStatement", "m", PALBOCICLIB, "active", dosage=dosage)

    assert not reasons(weight, taken)
    assert reasons(weight) == {"Observation/w": [("no-fact", "Observation.code")]}


# --- before any patient is read --------------------------------------------------------------------------


def test_versions_that_do_not_count_are_told() -> None:
    old, new = (ecog("x", value, meta={"lastUpdated": f"202{value}-01-01T00:00:00Z"}) for value in (1, 2))
    (one,) = unpack(bundle(patient(), old, new, new))
    told = Counter(
        (account.outcome, account.reasons[0].code if account.reasons else "")
        for account in read(one, terminology(), TODAY).accounts
    )

    assert told == {("used", ""): 2, ("ignored", "superseded"): 1, ("ignored", "duplicate"): 1}


def test_what_is_deleted_or_no_data_is_told() -> None:
    document = bundle(patient(), ecog("gone", 1), type="transaction")
    document["entry"][1]["request"] = {"method": "DELETE", "url": "Observation/gone"}
    document["entry"] += [
        {"resource": {"resourceType": "OperationOutcome"}},
        {"resource": {"id": "x"}},
        "nonsense",
        {
            "resource": {
                "resourceType": "Parameters",
                "parameter": [{"name": "x", "part": [{"name": "y", "resource": ecog("in", 1)}]}],
            }
        },
    ]
    (one,) = unpack(document)
    told = {account.place: account for account in read(one, terminology(), TODAY).accounts}

    assert {place: account.reasons[0].code for place, account in told.items() if account.reasons} == {
        "Bundle.entry[1].resource": "deleted",
        "Bundle.entry[2].resource": "outcome",
        "Bundle.entry[3].resource": "structure",
        "Bundle.entry[4]": "structure",
    }
    assert told["Bundle.entry[5].resource.parameter[0].part[0].resource"].outcome == "used"


def test_older_versions_of_a_history_are_told() -> None:
    old, new = (ecog("x", value, meta={"lastUpdated": f"202{value}-01-01T00:00:00Z"}) for value in (1, 2))
    (one,) = unpack(bundle(patient(), new, old, type="history"))
    told = [account for account in read(one, terminology(), TODAY).accounts if account.outcome == "ignored"]

    assert [(account.reference, account.reasons[0].code) for account in told] == [("Observation/x", "superseded")]


def test_a_type_that_fhir_does_not_have_is_not_valid() -> None:
    told = accounts(reading({"resourceType": "Tumour", "id": "t"}))["Tumour/t"]
    assert (told.outcome, told.reasons[0].code) == ("invalid", "unknown-type")


def test_another_patients_resources_are_told_with_hers_and_nobodys_with_none() -> None:
    hers = {"subject": {"reference": "Patient/p2"}}
    document = bundle(
        patient(), patient("p2"), ecog("of-one", 1), ecog("of-two", 2, **hers),
        {"resourceType": "Encounter", "id": "visit", **hers}, {"resourceType": "Organization", "id": "o"},
        ecog("of-whom", 3, subject={"display": "somebody"}), MEDICATION, MEDICATION | {"id": "unused"},
        referring("MedicationRequest", "m", "Medication/med"),
    )  # fmt: skip
    both = [read(one, terminology(), TODAY) for one in unpack(document)]
    rest = of_no_patient(both[0].chart.resources.contents, [account for one in both for account in one.accounts])

    assert [sorted(accounts(one)) for one in both] == [
        ["Medication/med", "MedicationRequest/m", "Observation/of-one", "Patient/p1"],
        ["Encounter/visit", "Observation/of-two", "Patient/p2"],
    ]
    assert {account.reference: account.reasons[0].code for account in rest} == {
        "Organization/o": "type", "Observation/of-whom": "left-out", "Medication/unused": "type",
    }  # fmt: skip


def test_a_resource_of_another_patient_is_never_looked_up() -> None:
    bone = condition("bone", PELVIS_METASTASIS, subject={"reference": "Patient/p2"})
    course = radiotherapy("Procedure", "rt", "completed", reasonReference=[{"reference": "Condition/bone"}])
    medication = {"resourceType": "Specimen", "id": "s", "subject": {"reference": "Patient/p2"},
                  "collection": {"bodySite": concept(SCT, "10200004")}}  # fmt: skip
    er = observation("er", ER, valueCodeableConcept=POSITIVE, specimen={"reference": "Specimen/s"})
    first, _ = (
        read(one, terminology(), TODAY)
        for one in unpack(bundle(patient(), patient("p2"), bone, course, er, medication))
    )

    assert "rt.target" not in first.record.courses[0].facts
    assert "tumour.er_primary" in first.record.facts
    facts = [*first.record.facts.values(), *first.record.courses[0].facts.values()]
    assert {source.reference for each in facts for source in each.sources} == {
        "Patient/p1", "Procedure/rt", "Observation/er",
    }  # fmt: skip


def test_accounts_are_the_same_in_any_order_but_for_the_places() -> None:
    resources = [condition("c", BREAST), ecog("a", 1), ecog("b", 2, effectiveDateTime="2020-01-01"), MEDICATION]

    def told(*given: Resource) -> list[tuple[object, ...]]:
        return [(each.reference, each.outcome, each.reasons) for each in reading(*given).accounts]

    assert told(*resources) == told(*reversed(resources))
