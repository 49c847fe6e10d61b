"""Observation: the latest result counts, units are never guessed, and nothing missing is negative."""

from __future__ import annotations

from typing import Any

import pytest

from rulesets.language import Interval
from tests.intake.made import LOINC, SCT, codes, concept, observation, reading, values

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
