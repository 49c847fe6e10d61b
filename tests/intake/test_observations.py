"""Observation: the latest result counts, units are never guessed, and nothing missing is negative."""

from __future__ import annotations

from typing import Any

import pytest

from rulesets.language import Interval
from tests.intake.made import BREAST, LOINC, SCT, codes, concept, condition, observation, reading, values

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


# --- receptors -----------------------------------------------------------------------------------------


def test_receptors_are_of_the_primary_unless_something_says_otherwise() -> None:
    told = values(reading(observation("a", ER, valueCodeableConcept=POSITIVE)))
    assert told["tumour.er_primary"] == "positive"
    assert "tumour.er_metastasis" not in told


def test_the_specimen_says_that_a_receptor_is_of_a_metastasis() -> None:
    specimen = {
        "resourceType": "Specimen",
        "id": "s",
        "subject": {"reference": "Patient/p1"},
        "collection": {"bodySite": concept(SCT, "10200004")},
    }
    result = reading(
        specimen, observation("a", ER, valueCodeableConcept=NEGATIVE, specimen={"reference": "Specimen/s"})
    )
    assert values(result)["tumour.er_metastasis"] == "negative"
    assert "tumour.er_primary" not in values(result)


@pytest.mark.parametrize(
    ("value", "status"),
    [
        (quantity(1, "%"), "positive"),
        (quantity(0.9, "%"), "negative"),
        (quantity(0, "%"), "negative"),
        (quantity(1, "%", comparator=">="), "positive"),
        (quantity(1, "%", comparator="<"), "negative"),
        (quantity(10, "%", comparator="<"), None),
        ({"value": 85}, None),
    ],
)
def test_a_hormone_receptor_is_positive_from_one_per_cent(value: dict[str, Any], status: str | None) -> None:
    assert values(reading(observation("a", ER, valueQuantity=value))).get("tumour.er_primary") == status


@pytest.mark.parametrize(
    "value",
    [
        {"dataAbsentReason": concept("http://terminology.hl7.org/CodeSystem/data-absent-reason", "unknown")},
        {"valueString": "no evidence of positive staining"},
        {"valueCodeableConcept": {"text": "positive?"}},
    ],
)
def test_a_receptor_that_is_not_told_is_unknown_and_never_negative(value: dict[str, Any]) -> None:
    assert "tumour.er_primary" not in values(reading(observation("a", ER, **value)))


def test_receptors_of_the_primary_that_disagree_are_a_conflict_whatever_their_dates() -> None:
    result = reading(
        observation("a", ER, valueCodeableConcept=POSITIVE, effectiveDateTime="2018-01-01"),
        observation("b", ER, valueCodeableConcept=NEGATIVE, effectiveDateTime="2018-06-01"),
    )
    assert [conflict.name for conflict in result.record.conflicts] == ["tumour.er_primary"]


@pytest.mark.parametrize(
    ("score", "status"), [("0", "negative"), ("1+", "negative"), ("2+", "equivocal"), ("3+", "positive")]
)
def test_her2_staining_of_2_is_equivocal(score: str, status: str) -> None:
    assert values(reading(observation("a", HER2_IHC, valueString=score)))["tumour.her2_primary"] == status


def test_an_in_situ_hybridisation_decides_an_equivocal_staining() -> None:
    stained = observation("a", HER2_IHC, valueString="2+")
    later = observation("b", HER2_ISH, valueCodeableConcept=NEGATIVE, effectiveDateTime="2026-10-25")
    earlier = observation("b", HER2_ISH, valueCodeableConcept=NEGATIVE, effectiveDateTime="2026-01-01")
    assert values(reading(stained, later))["tumour.her2_primary"] == "negative"
    assert [conflict.name for conflict in reading(stained, earlier).record.conflicts] == ["tumour.her2_primary"]


def test_staining_of_3_against_a_negative_hybridisation_is_a_conflict() -> None:
    result = reading(
        observation("a", HER2_IHC, valueString="3+"), observation("b", HER2_ISH, valueCodeableConcept=NEGATIVE)
    )
    assert [conflict.name for conflict in result.record.conflicts] == ["tumour.her2_primary"]


def test_a_result_about_another_cancer_is_not_of_this_one() -> None:
    other = condition("o", concept("http://hl7.org/fhir/sid/icd-10", "C61"))
    result = reading(
        condition("c", BREAST),
        other,
        observation("a", ER, valueCodeableConcept=POSITIVE, focus=[{"reference": "Condition/o"}]),
    )
    assert "tumour.er_primary" not in values(result)
    assert "other-cancer" in codes(result)


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


@pytest.mark.parametrize("share", [-1, 150])
def test_a_share_that_cannot_be_is_no_receptor_status(share: int) -> None:
    result = reading(observation("e", concept(LOINC, "85329-1"), valueQuantity=quantity(share, "%")))
    assert "tumour.er_primary" not in values(result)
    assert "not-understood" in codes(result)


@pytest.mark.parametrize(("more", "said"), [({"dataAbsentReason": {"text": "not done"}}, None), ({}, "negative")])
def test_an_interpretation_of_an_absent_value_says_nothing(more: dict[str, Any], said: str | None) -> None:
    system = "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation"
    result = reading(observation("e", ER, interpretation=[concept(system, "NEG")], **more))
    assert values(result).get("tumour.er_primary") == said


@pytest.mark.parametrize(("text", "said"), [("Positive", "positive"), ("not positive", None)])
def test_a_value_without_a_code_is_read_by_its_text(text: str, said: str | None) -> None:
    assert values(reading(observation("e", ER, valueCodeableConcept={"text": text}))).get("tumour.er_primary") == said


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


@pytest.mark.parametrize(("place", "hers"), [("39607008", False), ("76752008", True)])
def test_a_result_about_a_malignancy_elsewhere_is_not_of_the_breast_cancer(place: str, hers: bool) -> None:
    result = reading(
        condition("b", BREAST),
        condition("x", "363346000", bodySite=[concept(SCT, place)]),
        observation("e", ER, valueCodeableConcept=NEGATIVE, focus=[{"reference": "Condition/x"}]),
    )
    assert ("tumour.er_primary" in values(result)) == hers
