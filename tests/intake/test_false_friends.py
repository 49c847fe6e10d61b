"""False friends: codes that look like something else, displays that lie, values that say nothing was there."""

from __future__ import annotations

from typing import Any

import pytest

from service.intake.reading import Reading
from tests.intake.made import (
    ATC,
    BONE_METASTASIS,
    BREAST,
    LOINC,
    RXNORM,
    SCT,
    VERTEBRA_METASTASIS,
    codes,
    concept,
    condition,
    drug,
    observation,
    plain,
    radiotherapy,
    reading,
    values,
)

ICD = "http://hl7.org/fhir/sid/icd-10-cm"
L3 = concept(SCT, "55492004")


def of_metastases(result: Reading) -> set[str]:
    return {name for name in values(result) if name.startswith("mets.")}


def lesions(result: Reading) -> list[dict[str, Any]]:
    return [plain(member) for member in result.record.lesions or ()]


def named(result: Reading) -> list[Any]:
    return [plain(member).get("drug.name") for member in result.record.drugs or ()]


# --- conditions ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "what"),
    [
        (concept(SCT, "314990009"), "a metastasis from a cancer of bone"),
        (concept(SCT, "94181007"), "axillary nodes, which are regional"),
        (concept(ICD, "C77.3"), "axillary nodes, which are regional"),
        (concept(SCT, "94600009"), "a metastasis inside the spinal cord"),
        (concept(SCT, "94480000"), "a metastasis of the pelvis, which need not be of bone"),
        (concept(ICD, "C79.8"), "some other place"),
        (concept(ICD, "M80.08XA"), "a fracture of osteoporosis"),
        (concept(ICD, "M84.40XA"), "a fracture nobody calls neoplastic"),
        (concept(ICD, "Z80.3"), "breast cancer in the family"),
    ],
)
def test_what_is_no_metastasis_of_bone_is_no_lesion_of_bone(code: dict[str, Any], what: str) -> None:
    result = reading(condition("m", code, bodySite=[L3] if "M8" in str(code) else []))
    assert "mets.organ.bone" not in values(result), what
    assert result.record.lesions is None, what


@pytest.mark.parametrize("code", [concept(SCT, "94181007"), concept(ICD, "C77.3"), concept(SCT, "314990009")])
def test_regional_nodes_and_metastases_of_other_cancers_are_no_distant_disease(code: dict[str, Any]) -> None:
    assert not of_metastases(reading(condition("m", code)))


def test_a_metastasis_inside_the_spinal_cord_is_nervous_tissue_and_does_not_compress_the_cord() -> None:
    result = reading(condition("m", "94600009"))
    assert values(result)["mets.organ.brain"] == "present"
    assert not any("lesion.cord_compression" in lesion for lesion in lesions(result))


@pytest.mark.parametrize("code", ["134421000", "866087009"])
def test_a_fracture_at_a_metastasis_is_a_metastasis_of_bone_as_well(code: str) -> None:
    result = reading(condition("m", code))
    assert values(result)["mets.organ.bone"] == "present"
    assert {"lesion.fracture": "fractured", "lesion.status": "confirmed"}.items() <= lesions(result)[0].items()


def test_a_myelopathy_of_some_disease_is_at_most_suspected_to_be_a_compression() -> None:
    assert lesions(reading(condition("m", concept(ICD, "G99.2")))) == [{"lesion.cord_compression": "suspected"}]
    assert lesions(reading(condition("m", concept(ICD, "G95.20")))) == [{"lesion.cord_compression": "confirmed"}]


def test_pain_of_cancer_need_not_be_of_bone() -> None:
    assert "patient.bone_pain" not in values(reading(condition("p", concept(ICD, "G89.3"))))


def test_a_receptor_of_hormones_is_neither_of_the_two() -> None:
    told = values(reading(condition("r", concept(ICD, "Z17.410"))))
    assert told["tumour.her2_primary"] == "positive"
    assert not {"tumour.er_primary", "tumour.pr_primary"} & told.keys()


# --- displays that lie ---------------------------------------------------------------------------------


def test_the_code_is_believed_when_its_display_names_another_organ() -> None:
    lung = "Secondary malignant neoplasm of lung"
    result = reading(condition("m", concept(SCT, BONE_METASTASIS, display=lung)))
    assert (values(result)["mets.organ.bone"], "mets.organ.lung" in values(result)) == ("present", False)
    assert "display" in codes(result)


def test_radiotherapy_displayed_as_chemotherapy_is_radiotherapy() -> None:
    code = concept(SCT, "33195004", display="Chemotherapy")
    result = reading(radiotherapy("Procedure", "rt", "completed") | {"code": code})
    assert [plain(course)["rt.status"] for course in result.record.courses] == ["completed"]


def test_a_drug_displayed_as_another_is_the_one_of_its_code() -> None:
    assert named(reading(drug("MedicationStatement", "m", "77655", "active"))) == ["zoledronic acid"]
    displayed = concept(RXNORM, "77655", display="Paclitaxel")
    result = reading(drug("MedicationStatement", "m", "", "active", medicationCodeableConcept=displayed))
    assert named(result) == ["zoledronic acid"]
    assert "display" in codes(result)


# --- drugs ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("system", "code", "element"),
    [
        (RXNORM, "10122", "strontium"),
        (RXNORM, "1546450", "radium"),
        (RXNORM, "9549", "samarium"),
        (ATC, "M05BX03", "strontium ranelate"),
    ],
)
def test_an_element_is_no_radiopharmaceutical(system: str, code: str, element: str) -> None:
    coded = concept(system, code)
    (name,) = named(reading(drug("MedicationStatement", "m", "", "active", medicationCodeableConcept=coded)))
    assert name not in ("strontium-89", "radium-223", "samarium-153"), element


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("1371041", "trastuzumab emtansine"),
        ("2267574", "trastuzumab deruxtecan"),
        ("466523", "pegylated liposomal doxorubicin"),
        ("583214", "nab-paclitaxel"),
    ],
)
def test_a_drug_is_not_the_ingredient_above_it(code: str, name: str) -> None:
    assert named(reading(drug("MedicationStatement", "m", code, "active"))) == [name]


# --- results -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("value", [concept(SCT, "260413007"), {"text": "None"}, {"text": "none known"}])
def test_a_site_of_none_is_no_metastasis(value: dict[str, Any]) -> None:
    site = observation("s", concept(LOINC, "44667-4"), valueCodeableConcept=value)
    assert not of_metastases(reading(site))


@pytest.mark.parametrize(
    ("code", "value", "what"),
    [
        ("21894-1", {"valueInteger": 23}, "nodes examined"),
        ("85352-3", {"valueInteger": 2}, "isolated tumour cells"),
        ("85310-1", {"valueString": "positive"}, "intensity of staining"),
        ("85330-9", {"valueQuantity": {"value": 30, "unit": "%", "code": "%"}}, "proliferation"),
        ("33729-5", {"valueQuantity": {"value": 9, "unit": "cm", "code": "cm"}}, "another diameter than the largest"),
        ("32996-1", {"valueCodeableConcept": concept(LOINC, "LA6576-8")}, "HER2 in serum"),
        ("10480-2", {"valueCodeableConcept": concept(LOINC, "LA6576-8")}, "both receptors at once"),
    ],
)
def test_a_result_that_looks_like_another_is_not_that_other(code: str, value: dict[str, Any], what: str) -> None:
    assert set(values(reading(observation("o", concept(LOINC, code), **value)))) == {"patient.age_years"}, what


@pytest.mark.parametrize("score", [60, 90, 100])
def test_a_karnofsky_status_is_told_and_never_made_an_ecog_status(score: int) -> None:
    result = reading(observation("k", concept(LOINC, "89243-0"), valueInteger=score))
    assert "patient.ecog" not in values(result)
    assert "not-converted" in codes(result)


# --- denials -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    ["no bone metastases", "no evidence of bone metastases", "Kein Nachweis von Knochenmetastasen", "bone metastases?",
     "bone metastases excluded", "rule out bone metastases", "history of bone metastases"],
)  # fmt: skip
def test_a_text_that_denies_or_doubts_a_metastasis_names_none(text: str) -> None:
    assert not of_metastases(reading(condition("m", {"text": text})))


@pytest.mark.parametrize("text", ["Bone metastases", "bone metastasis", "Knochenmetastasen", "OSSEOUS METASTASES."])
def test_a_text_that_is_a_metastasis_from_beginning_to_end_names_one_and_is_told(text: str) -> None:
    result = reading(condition("m", {"text": text}))
    assert values(result)["mets.organ.bone"] == "present"
    assert "from-text" in codes(result)
    (source,) = result.record.facts["mets.organ.bone"].sources
    assert source.conversion == "read from text"


def test_a_text_beside_a_code_is_not_read() -> None:
    coded = {"coding": [{"system": "http://hospital.example", "code": "1"}], "text": "Bone metastases"}
    assert not of_metastases(reading(condition("m", coded)))


@pytest.mark.parametrize("word", ["refuted", "entered-in-error"])
def test_what_was_refuted_or_entered_in_error_is_nothing_for_any_reader(word: str) -> None:
    result = reading(condition("m", VERTEBRA_METASTASIS, verification=word), condition("c", BREAST))
    assert not of_metastases(result)
    assert result.record.lesions is None
