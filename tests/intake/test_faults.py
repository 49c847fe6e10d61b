"""What is not valid FHIR R4: a lenient reading mends it or leaves it out and says so, a strict one refuses it.

Beside the faulty resource there is always a sound one, whose fact must never be lost.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from fhir.resources import R4B

from service.intake import validation
from service.intake.kinds import CHANGED_SINCE, R4
from service.intake.reading import Reading, read
from service.intake.unpack import unpack
from service.intake.validation import all_faults, faults
from service.problems import InvalidResources, OtherFhirVersion, operation_outcome
from service.web.json_in import json_in
from tests.intake.made import (
    BREAST,
    LOINC,
    PELVIS_METASTASIS,
    TODAY,
    bundle,
    codes,
    concept,
    condition,
    drug,
    observation,
    patient,
    reading,
    terminology,
    values,
)
from tests.support.shared import files_in

Resource = dict[str, Any]
ECOG = concept(LOINC, "89247-1")
SOUND = observation("sound", concept(LOINC, "718-7"), valueQuantity={"value": Decimal("11.10"), "unit": "g/dL"})
RESOURCE_CLASS = re.compile(r"^class (\w+)\((?:domainresource\.DomainResource|resource\.Resource)\):", re.MULTILINE)
MASKED = {"extension": [{"url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason", "valueCode": "masked"}]}


def ecog(**more: object) -> Resource:
    return observation("e", ECOG) | {"valueInteger": 2} | more


def metastasis(**more: object) -> Resource:
    return condition("m", PELVIS_METASTASIS, **more)


def nested(depth: int) -> Resource:
    extension: Resource = {"url": "urn:x", "valueString": "x"}
    for _ in range(depth):
        extension = {"url": "urn:x", "extension": [extension]}
    return extension


def lenient(resource: Resource) -> Reading:
    return reading(SOUND, resource)


def told(result: Reading) -> set[tuple[str, str, str]]:
    """The code, the place and the element of what was said of the second resource."""
    return {
        (notice.code, notice.reference, notice.element)
        for notice in result.notices
        if notice.code in ("invalid", "mended", "other-version")
    }


def refused(*resources: Resource) -> dict[str, str]:
    """The faults a strict request is told, by their place."""
    with pytest.raises(InvalidResources) as refusal:
        reading(SOUND, *resources, mode="strict")
    assert refusal.value.status == 422
    return {issue.expression: issue.sentence for issue in refusal.value.issues}


MENDED: list[tuple[str, Resource, str]] = [
    ("an id with an underscore", ecog(id="my_id"), "Observation.id"),
    ("an id that is too long", ecog(id="x" * 65), "Observation.id"),
    ("an empty text", ecog(valueInteger=2, device=""), "Observation.device"),
    ("an empty object", ecog(bodySite={}), "Observation.bodySite"),
    ("an empty array", ecog(focus=[]), "Observation.focus"),
    ("nothing in an array", ecog(focus=[None]), "Observation.focus[0]"),
    ("a code with a blank before it", ecog(code=concept(LOINC, " 89247-1")), "Observation.code.coding[0].code"),
    ("an address with a blank in it", ecog(code={"coding": [*ECOG["coding"], {"system": "http: //x", "code": "x"}]}),
     "Observation.code.coding[1].system"),
    ("a time without its zone", ecog(effectiveDateTime="2026-10-20T10:00:00"), "Observation.effectiveDateTime"),
    ("a time without its seconds", ecog(effectiveDateTime="2026-10-20T10:00Z"), "Observation.effectiveDateTime"),
    ("24 o'clock", ecog(effectiveDateTime="2026-10-20T24:00:00Z"), "Observation.effectiveDateTime"),
    ("an instant that is a day", ecog(issued="2026-10-20"), "Observation.issued"),
    ("an object where an array belongs", ecog(interpretation=concept("urn:x", "x")), "Observation.interpretation"),
    ("a coding without its array", ecog(code={"coding": ECOG["coding"][0]}), "Observation.code.coding"),
    ("an unknown element of a quantity", ecog(referenceRange=[{"low": {"value": 0}}], valueInteger=2,
     component=[{"code": concept("urn:x", "x"), "valueQuantity": {"value": 1, "display": "one"}}]),
     "Observation.component[0].valueQuantity.display"),
    ("a component without a code", ecog(component=[{"valueInteger": 1}]), "Observation.component[0]"),
    ("a masked value that is no object", ecog(extension=[{"url": "urn:x", "_valueString": 7}]),
     "Observation.extension[0]._valueString"),
    ("an extension with a value and extensions", ecog(extension=[{"url": "urn:x", "valueCode": "x",
     "extension": [{"url": "urn:y", "valueCode": "y"}]}]), "Observation.extension[0]"),
    ("comments of an older FHIR", ecog(fhir_comments=["x"]), "Observation.(unknown element)"),
]  # fmt: skip


@pytest.mark.parametrize(("resource", "element"), [row[1:] for row in MENDED], ids=[row[0] for row in MENDED])
def test_what_reads_in_one_way_only_is_read_and_told(resource: Resource, element: str) -> None:
    result = lenient(resource)

    assert values(result)["patient.ecog"] == 2 and values(result)["obs.hemoglobin_value"] == 11.1
    assert told(result) == {("mended", "Bundle.entry[2].resource", element)}
    place = element.replace("Observation", "Bundle.entry[2].resource", 1)
    assert list(refused(resource)) == [place]


LEFT_OUT: list[tuple[str, Resource, str]] = [
    ("a placeholder for a date", metastasis(onsetDateTime="YYYY-MM-DD"), "Condition.onsetDateTime"),
    ("a day that is none", metastasis(onsetDateTime="2026-02-30"), "Condition.onsetDateTime"),
    ("a number for a date", metastasis(onsetDateTime=20200101), "Condition.onsetDateTime"),
    ("a text that holds JSON", metastasis(clinicalStatus='{"coding": [{"code": "resolved"}]}'), "Condition.clinicalStatus"),
    ("an array where one object belongs", metastasis(subject=[{"reference": "Patient/p1"}]), "Condition.subject"),
    ("an unknown element", metastasis(verificationState={"text": "refuted"}), "Condition.verificationState"),
    ("two onsets", metastasis(onsetDateTime="2020-01-01", onsetString="long ago"), "Condition.onsetString"),
    ("a period that ends before it begins", metastasis(onsetPeriod={"start": "2021-01-01", "end": "2020-01-01"}),
     "Condition.onsetPeriod"),
    ("a bogus verification status", metastasis(verification="perhaps"), "Condition.verificationStatus"),
    ("a verification status in words that are not understood", metastasis(verificationStatus={"text": "likely"}),
     "Condition.verificationStatus"),
    ("a reference that is a text", metastasis(evidence=[{"detail": ["Observation/1"]}]), "Condition.evidence[0].detail[0]"),
]  # fmt: skip


@pytest.mark.parametrize(("resource", "element"), [row[1:] for row in LEFT_OUT], ids=[row[0] for row in LEFT_OUT])
def test_what_may_mean_several_things_is_left_out_and_told(resource: Resource, element: str) -> None:
    result = lenient(resource)

    assert set(values(result)) == {"patient.age_years", "obs.hemoglobin_value", "obs.hemoglobin_unit"}
    assert told(result) == {("invalid", "Bundle.entry[2].resource", element)}
    place = element.replace("Condition", "Bundle.entry[2].resource", 1)
    assert list(refused(resource)) == [place]


@pytest.mark.parametrize("value", ["11.1", True, "NaN", {"value": 1}])
def test_a_number_that_is_not_a_number_is_left_out(value: object) -> None:
    result = reading(observation("h", concept(LOINC, "718-7"), valueQuantity={"value": value, "unit": "g/dL"}), ecog())

    assert "obs.hemoglobin_value" not in values(result) and values(result)["patient.ecog"] == 2


@pytest.mark.parametrize("value", [True, "2", 2.0, Decimal("2.0")])
def test_a_whole_number_is_written_as_one(value: object) -> None:
    assert "patient.ecog" not in values(lenient(ecog(valueInteger=value)))


def test_a_decimal_keeps_the_precision_it_was_written_with() -> None:
    text = b'{"resourceType": "Observation", "status": "final", "subject": {"reference": "Patient/1"}, "valueQuantity": {"value": 11.10, "unit": "g/dL"}, "code": {"coding": [{"system": "http://loinc.org", "code": "718-7"}]}}'
    (one,) = unpack(json_in(text, depth_limit=64))

    (source,) = read(one, terminology(), TODAY).record.facts["obs.hemoglobin_value"].sources
    assert source.value == "11.10 g/dL"


def test_masked_values_are_valid() -> None:
    masked = {"url": "urn:x", "_valueString": MASKED}
    her = patient(extension=[masked, {"url": "urn:y", "extension": [masked]}], _gender=MASKED)

    assert not told(lenient(ecog(extension=[masked])))
    assert values(reading(her, ecog(extension=[masked]), mode="strict", with_patient=False)) == {
        "patient.age_years": 60, "patient.ecog": 2,
    }  # fmt: skip


def test_a_required_element_may_be_told_by_its_extensions_alone() -> None:
    given = drug("MedicationAdministration", "d", "1601374", "completed", _effectiveDateTime=MASKED)
    assert not all_faults(given)
    without = {name: value for name, value in ecog(_status=MASKED).items() if name != "status"}
    assert not all_faults(without)
    del given["_effectiveDateTime"]
    assert [fault.element for fault in all_faults(given)] == ["MedicationAdministration.effective[x]"]


# --- two values ------------------------------------------------------------------------------------------


def test_of_two_values_the_coded_one_is_taken() -> None:
    positive = concept(LOINC, "LA6576-8")
    er = observation("er", concept(LOINC, "85337-4"), valueCodeableConcept=positive, valueString="negative")
    result = lenient(er)

    assert values(result)["tumour.er_primary"] == "positive"
    assert told(result) == {("mended", "Bundle.entry[2].resource", "Observation.value")}
    assert list(refused(er)) == ["Bundle.entry[2].resource.valueString"]


def test_of_two_values_without_a_code_none_is_taken() -> None:
    result = lenient(ecog(valueString="3"))

    assert "patient.ecog" not in values(result) and values(result)["obs.hemoglobin_value"] == 11.1
    assert told(result) == {("mended", "Bundle.entry[2].resource", "Observation.value")}


def test_a_component_says_its_value_once() -> None:
    two = {"code": ECOG, "valueInteger": 1, "valueString": "2"}
    one = {"code": concept(LOINC, "33728-7"), "valueQuantity": {"value": 3, "unit": "cm"}}
    result = lenient(observation("o", concept("urn:x", "panel"), component=[two, one]))

    assert "patient.ecog" not in values(result) and values(result)["tumour.size_cm"] == 3
    assert told(result) == {("mended", "Bundle.entry[2].resource", "Observation.component[0].value")}


# --- statuses --------------------------------------------------------------------------------------------


def test_a_bogus_status_of_a_drug_is_unknown_and_the_drug_is_known() -> None:
    result = lenient(drug("MedicationStatement", "d", "1601374", "bogus"))

    (member,) = result.record.drugs or ()
    assert "drug.status" not in member.facts and member.facts["drug.name"].value == "palbociclib"
    assert ("mended", "Bundle.entry[2].resource", "MedicationStatement.status") in told(result)


def test_a_status_with_a_blank_before_it_is_unknown_as_well() -> None:
    (member,) = lenient(drug("MedicationStatement", "d", "1601374", " active")).record.drugs or ()
    assert "drug.status" not in member.facts


def test_a_bogus_intent_of_an_order_may_be_a_proposal_and_is_left_out() -> None:
    order = drug("MedicationRequest", "d", "1601374", "active", intent="maybe")

    assert not lenient(order).record.drugs
    assert list(refused(order)) == ["Bundle.entry[2].resource.intent"]


def test_a_bogus_status_of_an_observation_leaves_it_out() -> None:
    result = lenient(ecog(status="done"))

    assert "patient.ecog" not in values(result) and "status" in codes(result)
    assert list(refused(ecog(status="done"))) == ["Bundle.entry[2].resource.status"]


@pytest.mark.parametrize(
    ("own", "status"),
    [
        ({"coding": [{"system": "urn:house:certainty", "code": "7"}]}, "suspected"),
        ({"coding": [{"system": "urn:house:certainty", "code": "7", "display": "Confirmed"}]}, "confirmed"),
        ({"coding": [{"system": "urn:house:certainty", "code": "7"}], "text": "confirmed"}, "confirmed"),
        ({"coding": [{"system": "urn:house:certainty", "code": "7"}], "text": "Refuted"}, None),
    ],
)
def test_a_verification_status_of_a_house_alone_counts_by_its_words_and_else_as_unconfirmed(
    own: dict[str, Any], status: str | None
) -> None:
    result = lenient(metastasis(verificationStatus=own))

    assert values(result).get("mets.status") == status
    assert ("unverified" in codes(result)) == (status == "suspected")


def test_a_condition_without_any_verification_status_is_taken_as_confirmed_and_that_is_told() -> None:
    bare = metastasis()
    del bare["verificationStatus"]
    result = lenient(bare)

    assert values(result)["mets.status"] == "confirmed" and "unverified" in codes(result)


@pytest.mark.parametrize("status", ["corrected", "cancelled", "entered-in-error", "unknown"])
def test_the_statuses_the_models_forget_are_valid(status: str) -> None:
    assert not all_faults(ecog(status=status))


# --- what holds the resources ----------------------------------------------------------------------------


def test_an_unknown_type_is_told_and_the_rest_is_read() -> None:
    result = lenient({"resourceType": "Tumour", "id": "t"})

    assert values(result)["obs.hemoglobin_value"] == 11.1
    assert [notice.reference for notice in result.notices if notice.code == "structure"] == ["Bundle.entry[2].resource"]
    assert list(refused({"resourceType": "Tumour", "id": "t"})) == ["Bundle.entry[2].resource"]


def test_a_contained_resource_of_an_unknown_type_costs_nothing_but_itself() -> None:
    holder = ecog(contained=[{"resourceType": "Tumour", "id": "t"}, {"id": "x"}])

    assert values(lenient(holder))["patient.ecog"] == 2
    assert list(refused(holder)) == [f"Bundle.entry[2].resource.contained[{at}]" for at in (0, 1)]


def test_a_contained_resource_that_is_not_valid_is_not_read() -> None:
    def taken(**more: object) -> Resource:
        medication = {"resourceType": "Medication", "id": "med", "code": concept("urn:x", "x"), **more}
        order = drug("MedicationRequest", "d", "1", "active", contained=[medication])
        order["medicationReference"] = {"reference": "#med"}
        del order["medicationCodeableConcept"]
        return order

    palbociclib = concept("http://www.nlm.nih.gov/research/umls/rxnorm", "1601374")
    assert len(lenient(taken(code=palbociclib)).record.drugs or ()) == 1
    wrong = lenient(taken(code=palbociclib, form=[1]))
    assert not wrong.record.drugs
    assert ("invalid", "Bundle.entry[2].resource.contained[0]", "Medication.form") in told(wrong)


def test_a_medication_that_is_not_valid_is_not_read() -> None:
    medication = {
        "resourceType": "Medication",
        "id": "med",
        "code": concept("http://www.nlm.nih.gov/research/umls/rxnorm", "1601374"),
        "foo": 1,
    }
    order = drug("MedicationRequest", "d", "1", "active") | {"medicationReference": {"reference": "Medication/med"}}
    del order["medicationCodeableConcept"]

    assert {notice.code for notice in reading(medication, order).notices} == {"invalid", "unresolved"}


@pytest.mark.parametrize("depth", [30, 300, 3_000])
def test_elements_nested_without_end_cost_the_resource_and_nothing_else(depth: int) -> None:
    result = lenient(ecog(extension=[nested(depth)]))

    assert values(result)["obs.hemoglobin_value"] == 11.1
    assert ("patient.ecog" in values(result)) == (depth == 30)


def test_a_resource_without_a_type_is_told() -> None:
    result = lenient({"id": "x", "status": "final"})

    assert [notice.reference for notice in result.notices if notice.code == "structure"] == ["Bundle.entry[2].resource"]
    assert list(refused({"id": "x"})) == ["Bundle.entry[2].resource"]


@pytest.mark.parametrize("kind", [None, "", "pile", ["collection"]])
def test_a_bundle_says_its_type(kind: object) -> None:
    document = bundle(patient(), ecog()) | {"type": kind}
    if kind is None:
        del document["type"]
    (one,) = unpack(document)

    assert [(notice.code, notice.reference) for notice in one.notices] == [("structure", "Bundle.type")]
    assert values(read(one, terminology(), TODAY))["patient.ecog"] == 2
    with pytest.raises(InvalidResources) as refusal:
        unpack(document, mode="strict")
    assert {issue.expression for issue in refusal.value.issues} == {"Bundle.type"}


def test_the_elements_of_a_bundle_are_looked_at_in_a_strict_request() -> None:
    document = bundle(patient()) | {"total": "one", "entries": []}
    document["entry"][0]["fullURL"] = "urn:x"

    assert len(unpack(document)) == 1
    with pytest.raises(InvalidResources) as refusal:
        unpack(document, mode="strict")
    assert {issue.expression for issue in refusal.value.issues} == {
        "Bundle.total", "Bundle.entries", "Bundle.entry[0].fullURL",
    }  # fmt: skip


def test_an_array_of_resources_is_read_in_both_modes() -> None:
    for mode in ("lenient", "strict"):
        (one,) = unpack([patient(), ecog()], mode=mode)  # type: ignore[arg-type]
        assert not one.notices and values(read(one, terminology(), TODAY))["patient.ecog"] == 2


def test_a_strict_request_tells_the_faults_of_all_patients_and_all_types_at_once() -> None:
    other = metastasis(subject={"reference": "Patient/p2"}, onsetDateTime="YYYY")
    visit = {"resourceType": "Encounter", "id": "v", "status": "finished", "subject": {"reference": "Patient/p1"}}
    document = bundle(patient(), patient("p2", gender="f"), other, ecog(effectiveDateTime="yesterday", foo=1), visit)
    with pytest.raises(InvalidResources) as refusal:
        unpack(document, mode="strict")

    assert [issue["expression"] for issue in operation_outcome(refusal.value)["issue"]] == [  # type: ignore[attr-defined]
        ["Bundle.entry[1].resource.gender"],
        ["Bundle.entry[2].resource.onsetDateTime"],
        ["Bundle.entry[3].resource.effectiveDateTime"],
        ["Bundle.entry[3].resource.foo"],
        ["Bundle.entry[4].resource.class"],
    ]
    assert "yesterday" not in str(operation_outcome(refusal.value))


@pytest.mark.parametrize(
    ("resource", "version"),
    [
        ({"resourceType": "Condition", "patient": {"reference": "Patient/p1"}, "clinicalStatus": "active"}, "DSTU2"),
        ({"resourceType": "MedicationOrder", "patient": {"reference": "Patient/p1"}}, "DSTU2"),
        ({"resourceType": "Procedure", "notDone": False, "subject": {"reference": "Patient/p1"}}, "STU3"),
        ({"resourceType": "MedicationStatement", "taken": "y", "subject": {"reference": "Patient/p1"}}, "STU3"),
        ({"resourceType": "MedicationRequest", "medication": {"concept": {}}, "subject": {"reference": "Patient/p1"}}, "R5"),
        ({"resourceType": "Procedure", "occurrenceDateTime": "2020", "subject": {"reference": "Patient/p1"}}, "R5"),
        ({"resourceType": "ServiceRequest", "code": {"concept": {}}, "subject": {"reference": "Patient/p1"}}, "R5"),
    ],
)  # fmt: skip
def test_another_version_of_fhir_is_refused_with_a_sentence_that_names_it(resource: Resource, version: str) -> None:
    for mode in ("lenient", "strict"):
        with pytest.raises(OtherFhirVersion, match=version) as refusal:
            unpack(bundle(patient(), resource), mode=mode)  # type: ignore[arg-type]
        assert refusal.value.status == 422 and refusal.value.expression.startswith("Bundle.entry[1].resource.")
        assert "send FHIR R4 (4.0)" in refusal.value.sentence


def test_one_resource_of_another_version_is_left_out_or_refused() -> None:
    old = {
        "resourceType": "Condition",
        "id": "c",
        "patient": {"reference": "Patient/p1"},
        "code": concept("http://snomed.info/sct", BREAST),
    }
    result = reading(SOUND, old, metastasis())

    assert "tumour.is_breast_primary" not in values(result) and values(result)["mets.status"] == "confirmed"
    assert ("other-version", "Bundle.entry[2].resource", "Condition.patient") in told(result)
    with pytest.raises(InvalidResources):
        reading(SOUND, old, metastasis(), mode="strict")


def test_a_warning_names_the_entry_and_the_element_and_never_the_value() -> None:
    result = lenient(metastasis(onsetDateTime="31.12.1999", recordedDate="Anna Testcase"))

    assert {(notice.reference, notice.element) for notice in result.notices if notice.code == "invalid"} == {
        ("Bundle.entry[2].resource", "Condition.onsetDateTime"),
        ("Bundle.entry[2].resource", "Condition.recordedDate"),
    }
    assert not [notice for notice in result.notices if "1999" in notice.text or "Anna" in notice.text]


# --- how it is found out -----------------------------------------------------------------------------------


def test_the_types_of_r4_are_those_of_the_models_but_for_what_the_later_release_changed() -> None:
    sources = [path.read_text(encoding="utf-8") for path in Path(R4B.__path__[0]).glob("*.py")]
    modelled = {name for source in sources for name in RESOURCE_CLASS.findall(source)} - {"DomainResource"}
    only_later = modelled - R4

    assert R4 - modelled <= CHANGED_SINCE <= R4
    assert only_later == {
        "AdministrableProductDefinition", "Citation", "ClinicalUseDefinition", "EvidenceReport", "Ingredient",
        "ManufacturedItemDefinition", "MedicinalProductDefinition", "NutritionProduct", "PackagedProductDefinition",
        "RegulatedAuthorization", "SubscriptionStatus", "SubscriptionTopic", "SubstanceDefinition",
    }  # fmt: skip


AS_A_MODEL_MAY_JUDGE: list[Callable[[object], Resource]] = [
    lambda value: observation("e", ECOG, valueString=value),
    lambda value: ecog(effectiveDateTime=value),
    lambda value: ecog(issued=value),
    lambda value: ecog(id=value),
    lambda value: ecog(code={"coding": [{"system": value, "code": "x"}]}),
    lambda value: ecog(code={"coding": [{"system": "x", "code": value}]}),
    lambda value: ecog(component=[{"code": ECOG, "valueTime": value}]),
    lambda value: ecog(extension=[{"url": value, "valueString": "x"}]),
    lambda value: ecog(extension=[{"url": "x", "valueUrl": value}]),
    lambda value: ecog(extension=[{"url": "x", "valueOid": value}]),
    lambda value: ecog(extension=[{"url": "x", "valueUuid": value}]),
    lambda value: ecog(extension=[{"url": "x", "valuePositiveInt": value}]),
    lambda value: ecog(extension=[{"url": "x", "valueUnsignedInt": value}]),
    lambda value: ecog(extension=[{"url": "x", "valueInteger": value}]),
    lambda value: ecog(extension=[{"url": "x", "valueDecimal": value}]),
    lambda value: ecog(extension=[{"url": "x", "valueDate": value}]),
    lambda value: ecog(extension=[{"url": "x", "valueBase64Binary": value}]),
    lambda value: ecog(extension=[{"url": "x", "valueMarkdown": value}]),
]
VALUES: tuple[object, ...] = (
    "word", "two words", "two  words", " ", "\u00a0", "é", "_", "-", "2020", "2020-01", "2020-13", "2020-02-29", "2021-02-29",
    "2020-02-28", "0000-01-01", "2020-01-01T00:00:00Z", "2020-01-01T00:00:60Z", "2020-01-01T00:00:00+14:00", "2020-01-01T00:00:00+15:00",
    "2020-01-01T00:00:00.1234567Z", "10:00:00", "urn:oid:1.2", "urn:uuid:c757873d-ec9a-4326-a141-556f43239520", "http://x.org/a", "QQ==",
    0, 1, -1, 2**31 - 1, 2**31, 1.5, Decimal("1.50"), -0.0, 10**9,
)  # fmt: skip


@pytest.mark.parametrize("holder", AS_A_MODEL_MAY_JUDGE)
def test_resources_of_one_form_are_judged_as_each_would_be_by_itself(holder: Callable[[object], Resource]) -> None:
    def alone(resource: Resource) -> tuple[validation.Fault, ...]:
        validation.forget()
        return all_faults(resource)

    expected = [alone(holder(value)) for value in VALUES]
    validation.forget()
    for order in (range(len(VALUES)), reversed(range(len(VALUES)))):
        for at in order:
            assert all_faults(holder(VALUES[at])) == expected[at], VALUES[at]


@pytest.mark.skipif(not files_in("data/mcode-ig-4.0.0"), reason="the public examples are not there")
def test_public_resources_are_judged_as_each_would_be_by_itself() -> None:
    folders = ("mcode-ig-4.0.0", "codex-radiation-therapy-2.0.0", "mii-onko-kds-german", "mcode-extraction-framework")
    documents = [json_in(path.read_bytes(), depth_limit=64) for name in folders for path in files_in(f"data/{name}")]
    resources = [one for one in documents if isinstance(one, dict) and one.get("resourceType") in validation.JUDGED]
    together = [faults(one) for one in resources]

    assert len(resources) > 150
    for resource, found in zip(resources, together, strict=True):
        validation.forget()
        assert faults(resource) == found
