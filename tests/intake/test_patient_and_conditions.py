"""Patient and Condition: the age, the primary, and where the disease is."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from rulesets.language import Interval
from service.intake.reading import Reading
from tests.intake.made import (
    BONE_METASTASIS,
    BREAST,
    CORD_COMPRESSION,
    LIVER_METASTASIS,
    LOINC,
    MCODE,
    PELVIS_METASTASIS,
    SCT,
    VERTEBRA_METASTASIS,
    codes,
    concept,
    condition,
    observation,
    patient,
    plain,
    reading,
    values,
)

M_CATEGORY = concept(SCT, "399387003")
M0, M1 = concept(SCT, "1229901006"), concept(SCT, "1229903009")
PROSTATE = concept("http://hl7.org/fhir/sid/icd-10", "C61")


def lesions(result: Reading) -> list[dict[str, Any]]:
    return [plain(member) for member in result.record.lesions or ()]


# --- age -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("on", "age"), [(date(2026, 10, 31), 59), (date(2026, 11, 1), 60)])
def test_the_age_is_in_completed_years(on: date, age: int) -> None:
    assert values(reading(patient(), on=on, with_patient=False))["patient.age_years"] == age


@pytest.mark.parametrize(("born", "age"), [("1966-10", 60), ("1966-11", None), ("1966", None), ("1967-12", 58)])
def test_a_partial_birth_date_tells_the_age_only_when_every_day_of_it_does(born: str, age: int | None) -> None:
    result = reading(patient(birthDate=born), on=date(2026, 11, 15), with_patient=False)
    assert values(result).get("patient.age_years") == age
    assert ("imprecise" in codes(result)) == (age is None)


def test_an_age_nobody_told_is_unknown() -> None:
    nobody = {"resourceType": "Patient", "id": "p1", "_birthDate": {"extension": []}}
    assert not values(reading(nobody, with_patient=False))


# --- the primary -------------------------------------------------------------------------------------


def test_breast_cancer_in_remission_is_still_the_primary() -> None:
    assert values(reading(condition("c", BREAST, clinical="remission")))["tumour.is_breast_primary"] is True


def test_only_another_primary_means_that_the_primary_is_not_breast() -> None:
    other = condition("o", PROSTATE)
    assert values(reading(other))["tumour.is_breast_primary"] is False
    both = reading(other, condition("c", BREAST))
    assert values(both)["tumour.is_breast_primary"] is True
    assert "several-primaries" in codes(both)
    assert "tumour.is_breast_primary" not in values(reading(other, condition("c", BREAST, verification="provisional")))


@pytest.mark.parametrize("verification", ["refuted", "entered-in-error"])
def test_what_was_refuted_is_nothing(verification: str) -> None:
    assert set(values(reading(condition("c", BREAST, verification=verification)))) == {"patient.age_years"}


def test_a_missing_verification_status_is_taken_as_confirmed_and_told() -> None:
    unverified = condition("c", BREAST)
    del unverified["verificationStatus"]
    result = reading(unverified)
    assert values(result)["tumour.is_breast_primary"] is True
    assert "unverified" in codes(result)


def test_histology_and_stage_of_the_condition_are_read() -> None:
    histology = {"url": f"{MCODE}mcode-histology-morphology-behavior", "valueCodeableConcept": concept(SCT, "82711006")}
    result = reading(condition("c", BREAST, extension=[histology], stage=[{"summary": concept(SCT, "1222837003")}]))
    assert values(result)["tumour.histology"] == "ductal_nst"
    assert values(result)["tumour.stage"] == "IV"
    assert values(result)["mets.status"] == "confirmed"


# --- metastases --------------------------------------------------------------------------------------


def test_a_bone_metastasis_is_metastatic_disease_of_bone_and_of_nothing_else() -> None:
    told = values(reading(condition("m", BONE_METASTASIS)))
    assert told["mets.status"] == "confirmed"
    assert {name for name in told if name.startswith("mets.organ.")} == {"mets.organ.bone"}


@pytest.mark.parametrize("verification", ["unconfirmed", "provisional", "differential"])
def test_a_tentative_metastasis_is_suspected_and_in_no_organ(verification: str) -> None:
    told = values(reading(condition("m", BONE_METASTASIS, verification=verification)))
    assert told["mets.status"] == "suspected"
    assert "mets.organ.bone" not in told


@pytest.mark.parametrize("clinical", ["resolved", "inactive", "remission"])
def test_a_metastasis_that_is_over_is_not_counted_and_that_is_told(clinical: str) -> None:
    result = reading(condition("m", BONE_METASTASIS, clinical=clinical))
    assert not {name for name in values(result) if name.startswith("mets.")}
    assert "not-active" in codes(result)


def test_an_unspecified_metastasis_is_where_its_body_site_says() -> None:
    generic = condition("m", "128462008", bodySite=[concept(SCT, "113197003")])
    assert values(reading(generic))["mets.organ.bone"] == "present"
    assert "mets.organ.bone" not in values(reading(condition("m", "128462008")))


def test_regional_nodes_are_not_distant() -> None:
    assert "mets.status" not in values(reading(condition("m", "94181007")))


def test_two_codes_of_one_site_are_one_lesion() -> None:
    result = reading(
        condition("a", BONE_METASTASIS), condition("b", VERTEBRA_METASTASIS), condition("c", VERTEBRA_METASTASIS)
    )
    assert lesions(result) == [{"lesion.site": "vertebra", "lesion.status": "confirmed"}]
    assert "mets.bone_lesion_count" not in values(result)
    assert values(result)["mets.spinal_lesion_count"] == Interval(lo=1)


def test_distinct_sites_bound_the_count_from_below() -> None:
    result = reading(condition("a", VERTEBRA_METASTASIS), condition("b", PELVIS_METASTASIS))
    assert values(result)["mets.bone_lesion_count"] == Interval(lo=2)
    assert {lesion["lesion.site"] for lesion in lesions(result)} == {"vertebra", "pelvis"}


def test_the_sacrum_may_be_the_same_place_as_the_pelvis() -> None:
    result = reading(condition("a", "94527001"), condition("b", PELVIS_METASTASIS))
    assert "mets.bone_lesion_count" not in values(result)


def test_cord_compression_is_a_lesion_of_unknown_site() -> None:
    assert lesions(reading(condition("a", CORD_COMPRESSION))) == [{"lesion.cord_compression": "confirmed"}]
    tentative = reading(condition("a", CORD_COMPRESSION, verification="provisional"))
    assert lesions(tentative) == [{"lesion.cord_compression": "suspected"}]
    assert not lesions(reading(condition("a", CORD_COMPRESSION, clinical="resolved")))


def test_no_lesion_told_is_an_unknown_list_not_an_empty_one() -> None:
    assert reading(condition("c", BREAST)).record.lesions is None


# --- M category against conditions ---------------------------------------------------------------------


def test_m0_means_no_metastases_and_m1_that_there_are() -> None:
    assert values(reading(observation("m", M_CATEGORY, valueCodeableConcept=M0)))["mets.status"] == "none"
    assert values(reading(observation("m", M_CATEGORY, valueCodeableConcept=M1)))["mets.status"] == "confirmed"


def test_an_earlier_m0_gives_way_to_a_later_metastasis() -> None:
    m0 = observation("m", M_CATEGORY, valueCodeableConcept=M0, effectiveDateTime="2018-01-01")
    assert (
        values(reading(m0, condition("a", BONE_METASTASIS, onsetDateTime="2024-05-01")))["mets.status"] == "confirmed"
    )


def test_a_later_m0_contradicts_an_active_metastasis() -> None:
    m0 = observation("m", M_CATEGORY, valueCodeableConcept=M0, effectiveDateTime="2025-01-01")
    result = reading(m0, condition("a", BONE_METASTASIS, onsetDateTime="2024-05-01"))
    assert "mets.status" not in values(result)
    assert [conflict.name for conflict in result.record.conflicts] == ["mets.status"]


def test_a_later_m0_contradicts_an_earlier_m1() -> None:
    result = reading(
        observation("a", M_CATEGORY, valueCodeableConcept=M1, effectiveDateTime="2020-01-01"),
        observation("b", M_CATEGORY, valueCodeableConcept=M0, effectiveDateTime="2021-01-01"),
    )
    assert [conflict.name for conflict in result.record.conflicts] == ["mets.status"]


def test_a_site_of_none_is_not_a_metastasis() -> None:
    site = observation("s", concept(LOINC, "44667-4"), valueCodeableConcept=concept(SCT, "260413007"))
    assert not {name for name in values(reading(site)) if name.startswith("mets.")}


# --- onset ---------------------------------------------------------------------------------------------


def test_the_days_from_the_primary_to_the_first_metastasis_are_counted() -> None:
    result = reading(
        condition("c", BREAST, onsetDateTime="2018-01-01"),
        condition("late", LIVER_METASTASIS, onsetDateTime="2024-01-01"),
        condition("first", BONE_METASTASIS, onsetDateTime="2018-02-01"),
    )
    assert values(result)["mets.days_from_primary"] == 31
    assert [source.reference for source in result.record.facts["mets.days_from_primary"].sources] == [
        "Condition/first",
        "Condition/c",
    ]


@pytest.mark.parametrize(("begun", "spread"), [("2018-01", "2024-01-01"), ("2018-01-01", "2017-12-31")])
def test_days_that_dates_do_not_tell_are_unknown_and_told(begun: str, spread: str) -> None:
    result = reading(condition("c", BREAST, onsetDateTime=begun), condition("m", BONE_METASTASIS, onsetDateTime=spread))
    assert "mets.days_from_primary" not in values(result)
    assert codes(result) & {"imprecise", "value"}


def test_two_conditions_entered_on_one_day_do_not_tell_the_onset() -> None:
    entered = {"recordedDate": "2024-01-01"}
    assert "mets.days_from_primary" not in values(
        reading(condition("c", BREAST, **entered), condition("m", BONE_METASTASIS, **entered))
    )


def test_a_condition_after_the_evaluation_date_is_not_known_yet() -> None:
    later = condition("m", BONE_METASTASIS, onsetDateTime="2026-11-02")
    assert "mets.status" not in values(reading(later))
    assert values(reading(later, on=date(2026, 11, 2)))["mets.status"] == "confirmed"


def test_a_display_of_another_code_is_told_and_the_code_is_taken() -> None:
    result = reading(
        condition("m", BONE_METASTASIS)
        | {"code": concept(SCT, BONE_METASTASIS, display="Metastatic malignant neoplasm to lung")}
    )
    assert "mets.organ.lung" not in values(result)
    assert values(result)["mets.organ.bone"] == "present"


CLINICAL = "http://terminology.hl7.org/CodeSystem/condition-clinical"
VERIFICATION = "http://terminology.hl7.org/CodeSystem/condition-ver-status"
LUNG_CANCER, MALIGNANCY, LUNG = "254637007", "363346000", "39607008"


@pytest.mark.parametrize(
    "status",
    [
        {"coding": [{"system": "urn:hospital", "code": "3"}, {"system": VERIFICATION, "code": "refuted"}]},
        {"coding": [{"system": VERIFICATION, "code": "Refuted"}]},
        {"text": "Refuted"},
    ],
)
def test_a_refuted_metastasis_is_none_however_the_hospital_writes_it(status: dict[str, Any]) -> None:
    told = values(reading(condition("m", BONE_METASTASIS, verificationStatus=status)))
    assert "mets.status" not in told and "mets.organ.bone" not in told


def test_a_local_code_beside_the_clinical_status_does_not_hide_that_a_metastasis_is_over() -> None:
    status = {"coding": [{"system": "urn:hospital", "code": "X"}, {"system": CLINICAL, "code": "resolved"}]}
    assert "mets.organ.bone" not in values(reading(condition("m", BONE_METASTASIS, clinicalStatus=status)))


@pytest.mark.parametrize(("mark", "said"), [("A", None), ("V", "suspected"), ("G", "confirmed")])
def test_the_german_mark_on_a_diagnosis_tells_how_certain_it_is(mark: str, said: str | None) -> None:
    url = "http://fhir.de/StructureDefinition/icd-10-gm-diagnosesicherheit"
    coding = {
        "system": "http://fhir.de/CodeSystem/bfarm/icd-10-gm", "code": "C79.5",
        "extension": [{"url": url, "valueCoding": {"code": mark}}],
    }  # fmt: skip
    assert values(reading(condition("m", {"coding": [coding]}))).get("mets.status") == said


@pytest.mark.parametrize("link", ["condition-related", "condition-dueTo"])
@pytest.mark.parametrize(("cause", "is_hers"), [("lung", False), ("breast", True)])
def test_a_metastasis_of_another_cancer_is_not_one_of_the_breast_cancer(link: str, cause: str, is_hers: bool) -> None:
    url = f"http://hl7.org/fhir/StructureDefinition/{link}"
    result = reading(
        condition("breast", BREAST, onsetDateTime="2018-03-01"),
        condition("lung", LUNG_CANCER),
        condition(
            "m", VERTEBRA_METASTASIS, onsetDateTime="2021-03-01",
            extension=[{"url": url, "valueReference": {"reference": f"Condition/{cause}"}}],
        ),
    )  # fmt: skip
    told = values(result)
    of_metastases = [name for name in told if name.startswith("mets.")]
    assert bool(of_metastases) == bool(result.record.lesions) == is_hers
    assert ("other-cancer" in codes(result)) != is_hers


@pytest.mark.parametrize(("place", "stage"), [(LUNG, None), ("76752008", "IV")])
def test_a_malignancy_of_another_organ_gives_the_breast_cancer_no_stage(place: str, stage: str | None) -> None:
    told = values(
        reading(
            condition("breast", BREAST),
            condition(
                "x", MALIGNANCY, bodySite=[concept(SCT, place)],
                stage=[{"summary": concept("http://cancerstaging.org", "4")}],
            ),
        )
    )  # fmt: skip
    assert told.get("tumour.stage") == stage
    assert told.get("mets.status") == ("confirmed" if stage else None)


def test_the_date_of_entry_is_not_the_onset_when_an_age_of_onset_is_given() -> None:
    primary = condition("b", BREAST, recordedDate="2024-01-01", onsetAge={"value": 45, "code": "a"})
    result = reading(primary, condition("m", BONE_METASTASIS, onsetDateTime="2024-02-01"))
    assert "mets.days_from_primary" not in values(result)
    assert "imprecise" in codes(result)


# --- one concept, several codes ------------------------------------------------------------------------------


def one_concept(*codings: tuple[str, str]) -> dict[str, Any]:
    return {"coding": [{"system": system, "code": code} for system, code in codings]}


def test_codes_of_one_concept_that_name_two_primaries_name_none() -> None:
    result = reading(condition("c", one_concept((SCT, BREAST), ("http://hl7.org/fhir/sid/icd-10-cm", "C34.90"))))

    assert "tumour.is_breast_primary" not in values(result)
    assert "codes-disagree" in codes(result) and "several-primaries" not in codes(result)


def test_a_breast_cancer_that_is_coded_with_its_metastases_in_one_concept_is_both() -> None:
    icd = "http://hl7.org/fhir/sid/icd-10-cm"
    told = values(reading(condition("c", one_concept((icd, "C50.919"), (icd, "C79.51")))))
    assert told["tumour.is_breast_primary"] is True and told["mets.organ.bone"] == "present"


@pytest.mark.parametrize(
    ("others", "sites", "told"),
    [
        (["94521000"], [], True),  # a rib and the pelvis
        (["94527001"], ["sacrum"], False),  # the sacrum is part of the pelvis
        (["94222008"], ["pelvis"], False),  # some bone, and the pelvis
    ],
)
def test_codes_of_one_concept_that_name_two_bones_name_no_bone(others: list[str], sites: list[str], told: bool) -> None:
    result = reading(condition("c", one_concept((SCT, PELVIS_METASTASIS), *((SCT, code) for code in others))))

    assert values(result)["mets.organ.bone"] == "present"
    assert ("codes-disagree" in codes(result)) == told
    assert bool(result.record.lesions) == bool(sites)


def test_the_histology_extension_of_the_german_profile_is_read() -> None:
    url = "https://www.medizininformatik-initiative.de/fhir/ext/modul-onko/StructureDefinition/"
    histology = {
        "url": f"{url}mii-ex-onko-histology-morphology-behavior-icdo3",
        "valueCodeableConcept": concept("http://terminology.hl7.org/CodeSystem/icd-o-3", "8500/3"),
    }
    assert values(reading(condition("c", BREAST, extension=[histology])))["tumour.histology"] == "ductal_nst"


def test_an_extension_whose_name_only_ends_alike_is_not_read() -> None:
    other = {
        "url": "http://example.org/nohistology-morphology-behavior",
        "valueCodeableConcept": concept(SCT, "82711006"),
    }
    assert "tumour.histology" not in values(reading(condition("c", BREAST, extension=[other])))


# --- a patient who has died ------------------------------------------------------------------------------------


def test_of_a_patient_who_has_died_nothing_else_is_read_and_each_resource_says_why() -> None:
    dead = patient(deceasedDateTime="2026-10-30")
    draft = {"resourceType": "ServiceRequest", "id": "o", "status": "draft", "intent": "order",
             "subject": {"reference": "Patient/p1"}, "code": concept(SCT, "1217123003")}  # fmt: skip
    result = reading(dead, condition("c", BREAST), draft, with_patient=False)

    assert not result.record.facts and not result.record.courses
    assert [(order.key, dict(order.facts)) for order in result.record.orders] == [("ServiceRequest/o", {})]
    reasons = {account.reference: [reason.code for reason in account.reasons] for account in result.accounts}
    assert reasons == {"Patient/p1": ["deceased"], "Condition/c": ["deceased"], "ServiceRequest/o": []}
    assert [one.reference for one in result.inputs] == ["Patient/p1"]


def test_a_death_without_a_day_is_a_death() -> None:
    dead = patient(_deceasedDateTime={"extension": [{"url": "urn:x", "valueCode": "unknown"}]})
    assert "deceased" in codes(reading(dead, with_patient=False))
