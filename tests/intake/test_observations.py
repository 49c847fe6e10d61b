"""Observation: the latest result counts, units are never guessed, and nothing missing is negative."""

from __future__ import annotations

from typing import Any

import pytest

from rulesets.language import Interval
from tests.intake.made import (
    BREAST,
    LOINC,
    SCT,
    VERTEBRA_METASTASIS,
    codes,
    concept,
    condition,
    observation,
    plain,
    reading,
    values,
)

ECOG, HB, SIZE, NODES = (concept(LOINC, code) for code in ("89247-1", "718-7", "21889-1", "21893-3"))
ER, PR, HER2, HER2_IHC, HER2_ISH = (
    concept(LOINC, code) for code in ("85337-4", "85339-0", "48676-1", "85319-2", "85318-4")
)
POSITIVE, NEGATIVE = concept(LOINC, "LA6576-8"), concept(LOINC, "LA6577-6")
UCUM = "http://unitsofmeasure.org"


def quantity(value: object, unit: str, **more: object) -> dict[str, Any]:
    return {"value": value, "unit": unit, "system": UCUM, "code": unit, **more}


def test_the_latest_performance_status_counts() -> None:
    old = observation("a", ECOG, valueInteger=3, effectiveDateTime="2026-01-01")
    new = observation("b", ECOG, valueInteger=1, effectiveDateTime="2026-10-01")
    assert values(reading(new, old))["patient.ecog"] == 1


def test_a_result_without_a_date_counts_only_when_none_has_one() -> None:
    undated = {
        key: value for key, value in observation("a", ECOG, valueInteger=3).items() if key != "effectiveDateTime"
    }
    assert values(reading(undated))["patient.ecog"] == 3
    assert values(reading(undated, observation("b", ECOG, valueInteger=1)))["patient.ecog"] == 1


def test_two_results_of_one_date_that_differ_are_a_conflict() -> None:
    result = reading(observation("a", ECOG, valueInteger=3), observation("b", ECOG, valueInteger=1))
    assert "patient.ecog" not in values(result)
    assert [(conflict.name, conflict.values) for conflict in result.record.conflicts] == [("patient.ecog", (1, 3))]


def test_the_later_of_two_hours_of_one_day_counts() -> None:
    early = observation("a", ECOG, valueInteger=3, effectiveDateTime="2026-10-20T08:00:00+02:00")
    late = observation("b", ECOG, valueInteger=1, effectiveDateTime="2026-10-20T07:00:00Z")
    assert values(reading(early, late))["patient.ecog"] == 1


def test_a_date_of_a_month_is_not_known_to_be_later_than_a_day_of_it() -> None:
    month = observation("a", ECOG, valueInteger=3, effectiveDateTime="2026-10")
    assert reading(month, observation("b", ECOG, valueInteger=1)).record.conflicts
    assert (
        values(reading(month, observation("b", ECOG, valueInteger=1, effectiveDateTime="2026-09-30")))["patient.ecog"]
        == 3
    )


def test_a_result_after_the_evaluation_date_is_not_known_yet() -> None:
    assert "patient.ecog" not in values(reading(observation("a", ECOG, valueInteger=1, effectiveDateTime="2026-11-02")))
    assert values(reading(observation("a", ECOG, valueInteger=1, effectiveDateTime="2026-11-01")))["patient.ecog"] == 1


def test_a_final_result_counts_before_a_preliminary_one_of_its_date() -> None:
    early = observation("a", ECOG, valueInteger=3, status="preliminary")
    assert values(reading(early, observation("b", ECOG, valueInteger=1)))["patient.ecog"] == 1
    assert values(reading(early))["patient.ecog"] == 3
    assert "preliminary" in codes(reading(early))


@pytest.mark.parametrize("status", ["entered-in-error", "cancelled", "registered", "unknown"])
def test_results_that_are_none_are_not_read(status: str) -> None:
    assert "patient.ecog" not in values(reading(observation("a", ECOG, valueInteger=1, status=status)))


@pytest.mark.parametrize(("value", "known"), [(0, True), (5, True), (-1, False), (6, False)])
def test_a_performance_status_lies_between_0_and_5(value: int, known: bool) -> None:
    result = reading(observation("a", ECOG, valueInteger=value))
    assert ("patient.ecog" in values(result)) == known
    assert ("value" in codes(result)) != known


def test_a_coded_performance_status_is_read_and_a_karnofsky_is_not_converted() -> None:
    coded = observation("a", concept(LOINC, "89262-0"), valueCodeableConcept=concept(LOINC, "LA9624-3"))
    assert values(reading(coded))["patient.ecog"] == 2
    karnofsky = reading(observation("a", concept(LOINC, "89243-0"), valueInteger=80))
    assert "patient.ecog" not in values(karnofsky)
    assert "not-converted" in codes(karnofsky)


@pytest.mark.parametrize(("value", "unit"), [(10.9, "g/dL"), (109, "g/L"), (6.8, "mmol/L")])
def test_haemoglobin_stays_as_it_was_reported_with_its_unit(value: float, unit: str) -> None:
    told = values(reading(observation("a", HB, valueQuantity=quantity(value, unit))))
    assert (told["obs.hemoglobin_value"], told["obs.hemoglobin_unit"]) == (value, unit)


@pytest.mark.parametrize("unit", [{}, {"unit": "kelvin", "code": "K"}])
def test_a_haemoglobin_of_no_known_unit_has_no_unit(unit: dict[str, str]) -> None:
    result = reading(observation("a", HB, valueQuantity={"value": 10.9, **unit}))
    assert values(result)["obs.hemoglobin_value"] == 10.9
    assert "obs.hemoglobin_unit" not in values(result)
    assert "unit" in codes(result)


def test_one_haemoglobin_in_two_units_is_no_conflict() -> None:
    result = reading(
        observation("a", HB, valueQuantity=quantity(109, "g/L")),
        observation("b", HB, valueQuantity=quantity(10.9, "g/dL")),
    )
    assert not result.record.conflicts
    assert len(result.record.facts["obs.hemoglobin_value"].sources) == 2


def test_a_tumour_size_is_the_largest_diameter_in_centimetres() -> None:
    size = observation(
        "a",
        SIZE,
        component=[
            {"code": concept(LOINC, "33728-7"), "valueQuantity": quantity(51, "mm")},
            {"code": concept(LOINC, "33729-5"), "valueQuantity": quantity(20, "mm")},
        ],
    )
    result = reading(size)
    assert values(result)["tumour.size_cm"] == 5.1
    assert result.record.facts["tumour.size_cm"].sources[0].conversion == "mm x 0.1"
    assert "tumour.size_cm" not in values(reading(observation("a", SIZE, valueQuantity={"value": 5})))


def test_a_comparator_makes_a_count_an_interval() -> None:
    assert values(reading(observation("a", NODES, valueInteger=4)))["tumour.positive_axillary_nodes"] == 4
    at_least = observation("a", NODES, valueQuantity={"value": 4, "comparator": ">="})
    assert values(reading(at_least))["tumour.positive_axillary_nodes"] == Interval(lo=4)
    fewer = observation("a", NODES, valueQuantity={"value": 4, "comparator": "<"})
    assert values(reading(fewer))["tumour.positive_axillary_nodes"] == Interval(hi=3)


def test_a_report_that_concludes_a_metastasis_tells_it() -> None:
    report = {
        "resourceType": "DiagnosticReport",
        "id": "r",
        "status": "final",
        "subject": {"reference": "Patient/p1"},
        "code": {"text": "CT"},
        "effectiveDateTime": "2026-10-01",
        "conclusionCode": [concept(SCT, "94222008")],
    }
    told = values(reading(report))
    assert (told["mets.status"], told["mets.organ.bone"]) == ("confirmed", "present")
    early = values(reading(report | {"status": "preliminary"}))
    assert early["mets.status"] == "suspected"
    assert "mets.organ.bone" not in early


BRCA1, BRCA2 = concept(LOINC, "21636-6"), concept(LOINC, "38530-2")


@pytest.mark.parametrize(
    ("first", "second", "mutated"),
    [(NEGATIVE, None, None), (NEGATIVE, NEGATIVE, False), (NEGATIVE, POSITIVE, True), (POSITIVE, None, True)],
)
def test_only_both_brca_genes_tell_that_there_is_no_mutation(
    first: dict[str, Any], second: dict[str, Any] | None, mutated: bool | None
) -> None:
    results = [observation("a", BRCA1, valueCodeableConcept=first)]
    if second is not None:
        results.append(observation("b", BRCA2, valueCodeableConcept=second))
    assert values(reading(*results)).get("tumour.brca_mutated") == mutated


@pytest.mark.parametrize(("text", "known"), [("g/L", False), ("g/dL", True), ("grams", True)])
def test_a_unit_whose_code_and_text_differ_is_no_unit(text: str, known: bool) -> None:
    sent = {"value": 11.2, "unit": text, "system": UCUM, "code": "g/dL"}
    assert ("obs.hemoglobin_unit" in values(reading(observation("h", HB, valueQuantity=sent)))) == known


# --- units -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sent", "unit"),
    [
        ({"value": 11.2, "system": UCUM, "code": "g/dL", "unit": "gram per decilitre"}, "g/dL"),
        ({"value": 11.2, "unit": "g/dl"}, "g/dL"),
        ({"value": 11.2, "code": "g/dL{Hb}", "system": UCUM}, "g/dL"),
        ({"value": 112, "system": "http://hospital.example/units", "code": "mmol/L", "unit": "g/L"}, "g/L"),
        ({"value": 112, "system": "http://hospital.example/units", "code": "g/L"}, None),
        ({"value": 6.9, "system": UCUM, "code": "mmol/L"}, "mmol/L"),
        ({"value": 4, "system": UCUM, "code": "mmol/L"}, "mmol/L"),
        ({"value": 3.9, "system": UCUM, "code": "mmol/L"}, None),
        ({"value": 11.2, "unit": "kelvin per microliter"}, None),
        ({"value": 112}, None),
    ],
)
def test_a_haemoglobin_has_the_unit_of_its_ucum_code_else_of_its_text_and_never_one_that_fits(
    sent: dict[str, Any], unit: str | None
) -> None:
    result = reading(observation("h", HB, valueQuantity=sent))
    assert values(result).get("obs.hemoglobin_unit") == unit
    assert ("unit" in codes(result)) == (unit is None)


@pytest.mark.parametrize(
    ("sent", "centimetres"),
    [
        (quantity(23, "mm"), 2.3),
        (quantity(2, "[in_i]"), 5.08),
        (quantity(2.3, "cm"), 2.3),
        ({"value": 23}, None),
        (quantity(23, "mm", comparator="<"), None),
    ],
)
def test_a_tumour_size_is_converted_exactly_or_left_out(sent: dict[str, Any], centimetres: float | None) -> None:
    result = reading(observation("s", SIZE, valueQuantity=sent))
    assert values(result).get("tumour.size_cm") == centimetres
    assert ("unit" in codes(result)) == (centimetres is None)


def test_a_haemoglobin_with_a_comparator_is_no_number() -> None:
    result = reading(observation("h", HB, valueQuantity=quantity(7, "g/dL", comparator="<")))
    assert "obs.hemoglobin_value" not in values(result)
    assert "imprecise" in codes(result)


# --- words for performance and grade -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "status"),
    [
        ({"valueString": "1"}, 1),
        ({"valueString": "ECOG 2"}, 2),
        ({"valueCodeableConcept": {"text": "ECOG PS 0"}}, 0),
        ({"valueString": "1-2"}, None),
        ({"valueString": "not 1"}, None),
        ({"valueString": "70"}, None),
    ],
)
def test_a_performance_status_in_words_is_a_listed_phrase(value: dict[str, Any], status: int | None) -> None:
    result = reading(observation("e", concept(LOINC, "89262-0"), **value))
    assert values(result).get("patient.ecog") == status
    assert ("from-text" in codes(result)) == (status is not None)


GRADE, NOTTINGHAM = concept(LOINC, "33732-9"), concept(LOINC, "44648-4")


@pytest.mark.parametrize(
    ("code", "value", "grade"),
    [
        (GRADE, {"valueInteger": 3}, 3),
        (GRADE, {"valueInteger": 4}, None),
        (GRADE, {"valueQuantity": {"value": 2}}, 2),
        (GRADE, {"valueString": "G3"}, 3),
        (GRADE, {"valueString": "G2-3"}, None),
        (NOTTINGHAM, {"valueInteger": 2}, 2),
        (NOTTINGHAM, {"valueInteger": 3}, None),
        (NOTTINGHAM, {"valueInteger": 5}, 1),
        (NOTTINGHAM, {"valueInteger": 6}, 2),
        (NOTTINGHAM, {"valueInteger": 7}, 2),
        (NOTTINGHAM, {"valueQuantity": {"value": 8}}, 3),
        (NOTTINGHAM, {"valueInteger": 10}, None),
        (NOTTINGHAM, {"valueString": "grade 3"}, 3),
    ],
)
def test_a_number_is_a_grade_or_a_sum_of_scores_by_what_it_can_be(
    code: dict[str, Any], value: dict[str, Any], grade: int | None
) -> None:
    result = reading(observation("g", code, **value))
    assert values(result).get("tumour.grade") == grade
    assert ("not-understood" in codes(result)) == (grade is None)


# --- of a metastasis, not of the primary -------------------------------------------------------------------

LIVER, PELVIS = concept(SCT, "10200004"), concept(SCT, "22356005")


def lesions(result: Any) -> list[dict[str, Any]]:
    return [plain(member) for member in result.record.lesions or ()]


def test_the_size_of_a_metastasis_in_bone_is_that_of_a_lesion() -> None:
    result = reading(observation("s", SIZE, valueQuantity=quantity(23, "mm"), bodySite=PELVIS))
    assert lesions(result) == [{"lesion.site": "pelvis", "lesion.size_cm": 2.3}]
    assert "tumour.size_cm" not in values(result)


def test_the_size_of_a_metastasis_joins_the_lesion_of_its_condition() -> None:
    size = observation("s", SIZE, valueQuantity=quantity(23, "mm"), focus=[{"reference": "Condition/m"}])
    assert lesions(reading(condition("m", VERTEBRA_METASTASIS), size)) == [
        {"lesion.site": "vertebra", "lesion.size_cm": 2.3, "lesion.status": "confirmed"}
    ]


@pytest.mark.parametrize(
    "found", [{"code": SIZE, "valueQuantity": quantity(23, "mm")}, {"code": GRADE, "valueInteger": 3}]
)
def test_what_is_of_a_metastasis_elsewhere_is_not_of_the_primary_and_is_told(found: dict[str, Any]) -> None:
    result = reading(observation("s", found.pop("code"), bodySite=LIVER, **found))
    assert set(values(result)) == {"patient.age_years"}
    assert result.record.lesions is None
    assert "of-metastasis" in codes(result)


def test_the_histology_of_a_metastasis_confirms_it_and_is_not_that_of_the_primary() -> None:
    histology = concept(LOINC, "59847-4")
    lobular = concept("http://terminology.hl7.org/CodeSystem/icd-o-3", "8520/3")
    of_primary = values(reading(observation("h", histology, valueCodeableConcept=lobular)))
    assert of_primary["tumour.histology"] == "lobular"
    assert "mets.biopsy" not in of_primary
    of_metastasis = values(reading(observation("h", histology, valueCodeableConcept=lobular, bodySite=LIVER)))
    assert of_metastasis["mets.biopsy"] == "confirmed"
    assert "tumour.histology" not in of_metastasis


# --- pain ----------------------------------------------------------------------------------------------

PAIN = concept(LOINC, "72514-3")


@pytest.mark.parametrize(
    ("score", "where", "hurts"),
    [
        (6, {"bodySite": PELVIS}, True),
        (1, {"bodySite": PELVIS}, True),
        (0, {"bodySite": PELVIS}, None),
        (6, {"bodySite": LIVER}, None),
        (6, {}, None),
        (-1, {"bodySite": PELVIS}, None),
    ],
)
def test_pain_is_of_bone_only_where_its_place_says_so(score: int, where: dict[str, Any], hurts: bool | None) -> None:
    assert values(reading(observation("p", PAIN, valueInteger=score, **where))).get("patient.bone_pain") == hurts


def test_the_latest_score_of_a_bone_counts_and_that_of_another_bone_beside_it() -> None:
    before = observation("a", PAIN, valueInteger=6, bodySite=PELVIS, effectiveDateTime="2026-09-01")
    now = observation("b", PAIN, valueInteger=0, bodySite=PELVIS, effectiveDateTime="2026-10-01")
    rib = observation("c", PAIN, valueInteger=3, bodySite=concept(SCT, "113197003"), effectiveDateTime="2026-08-01")
    assert "patient.bone_pain" not in values(reading(before, now))
    assert values(reading(before, now, rib))["patient.bone_pain"] is True


@pytest.mark.parametrize(("score", "painful"), [(4, True), (0, False)])
def test_a_score_about_a_lesion_tells_whether_it_hurts(score: int, painful: bool) -> None:
    scored = observation("p", PAIN, valueInteger=score, focus=[{"reference": "Condition/m"}])
    (lesion,) = lesions(reading(condition("m", VERTEBRA_METASTASIS), scored))
    assert lesion["lesion.painful"] is painful
    assert reading(condition("c", BREAST), scored | {"focus": [{"reference": "Condition/c"}]}).record.lesions is None


# --- variants ----------------------------------------------------------------------------------------------

PRESENT, ABSENT = concept(LOINC, "LA9633-4"), concept(LOINC, "LA9634-2")
PATHOGENIC, BENIGN = concept(LOINC, "LA6668-3"), concept(LOINC, "LA6675-8")


def variant(name: str, gene: str, found: dict[str, Any], *more: dict[str, Any]) -> dict[str, Any]:
    named = {"code": concept(LOINC, "48018-6"), "valueCodeableConcept": concept("http://www.genenames.org", gene)}
    return observation(name, concept(LOINC, "69548-6"), valueCodeableConcept=found, component=[named, *more])


def significance(value: dict[str, Any]) -> dict[str, Any]:
    return {"code": concept(LOINC, "53037-8"), "valueCodeableConcept": value}


CHANGE = {"code": concept(LOINC, "48004-6"), "valueCodeableConcept": {"text": "c.68_69del"}}


@pytest.mark.parametrize(
    ("found", "mutated"),
    [
        ([variant("a", "HGNC:1100", PRESENT, significance(PATHOGENIC))], True),
        ([variant("a", "1101", PRESENT, significance(PATHOGENIC))], True),
        ([variant("a", "HGNC:1100", PRESENT, significance(BENIGN))], None),
        ([variant("a", "HGNC:1100", PRESENT)], None),
        ([variant("a", "HGNC:8975", PRESENT, significance(PATHOGENIC))], None),
        ([variant("a", "HGNC:1100", ABSENT)], None),
        ([variant("a", "HGNC:1100", ABSENT), variant("b", "HGNC:1101", ABSENT)], False),
        ([variant("a", "HGNC:1100", ABSENT, CHANGE), variant("b", "HGNC:1101", ABSENT)], None),
        ([variant("a", "HGNC:1100", ABSENT), observation("b", BRCA2, valueCodeableConcept=NEGATIVE)], False),
        ([variant("a", "HGNC:1100", PRESENT, significance(PATHOGENIC)), variant("b", "HGNC:1101", ABSENT)], True),
    ],
)
def test_a_pathogenic_variant_is_a_mutation_and_none_of_either_gene_that_there_is_none(
    found: list[dict[str, Any]], mutated: bool | None
) -> None:
    assert values(reading(*found)).get("tumour.brca_mutated") == mutated
