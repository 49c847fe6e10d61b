"""The source of a fact shows what was asked and what was answered, as it was sent."""

from __future__ import annotations

from typing import Any

import pytest

from tests.intake.made import (
    BONE_METASTASIS,
    FACT,
    FACT_VALUE,
    LOINC,
    SCT,
    concept,
    fact,
    observation,
    reading,
)

POSITIVE = concept(SCT, "10828004")
INTERPRETED = [concept("http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation", "POS")]
BONE_SCAN = "25031-6"


def asked(code: str, **more: Any) -> dict[str, Any]:
    return observation("o", concept(LOINC, code), **more)


def coded(system: str, code: str) -> dict[str, Any]:
    return {"valueCodeableConcept": concept(system, code)}


@pytest.mark.parametrize(
    ("code", "more", "name", "answered"),
    [
        ("85337-4", coded(SCT, "10828004"), "tumour.er_primary", f"{SCT}|10828004"),
        ("85337-4", {"valueString": "Positive"}, "tumour.er_primary", "Positive"),
        ("85337-4", {"valueQuantity": {"value": 90, "unit": "%", "code": "%"}}, "tumour.er_primary", "90 %"),
        ("85337-4", {"interpretation": INTERPRETED}, "tumour.er_primary", f"{INTERPRETED[0]['coding'][0]['system']}|POS"),
        ("85319-2", coded(LOINC, "LA11843-2"), "tumour.her2_primary", f"{LOINC}|LA11843-2"),
        ("85319-2", {"valueInteger": 3}, "tumour.her2_primary", "3"),
        ("83052-1", {"valueCodeableConcept": POSITIVE}, "tumour.pdl1", f"{SCT}|10828004"),
        ("94191-4", {"valueCodeableConcept": POSITIVE}, "tumour.brca_mutated", f"{SCT}|10828004"),
        ("33732-9", coded(LOINC, "LA27823-6"), "tumour.grade", f"{LOINC}|LA27823-6"),
        ("89262-0", coded(LOINC, "LA9623-5"), "patient.ecog", f"{LOINC}|LA9623-5"),
    ],
)  # fmt: skip
def test_a_result_shows_its_question_and_its_answer(code: str, more: dict[str, Any], name: str, answered: str) -> None:
    (source,) = reading(asked(code, **more)).record.facts[name].sources
    assert (source.code, source.value) == (f"{LOINC}|{code}", answered)


@pytest.mark.parametrize(
    ("more", "answered"),
    [
        (coded(FACT_VALUE, "acceptable"), f"{FACT_VALUE}|acceptable"),
        ({"valueString": "acceptable"}, "acceptable"),
    ],
)
def test_a_stated_fact_shows_the_code_it_was_answered_with(more: dict[str, Any], answered: str) -> None:
    (source,) = (
        reading(fact("f", "patient.systemic_condition", **more)).record.facts["patient.systemic_condition"].sources
    )
    assert (source.code, source.value) == (f"{FACT}|patient.systemic_condition", answered)


@pytest.mark.parametrize(
    ("more", "answered"), [(coded(FACT_VALUE, "present"), f"{FACT_VALUE}|present"), ({"valueBoolean": True}, "true")]
)
def test_a_stated_truth_shows_its_answer(more: dict[str, Any], answered: str) -> None:
    (source,) = reading(fact("f", "patient.sarcoidosis", **more)).record.facts["patient.sarcoidosis"].sources
    assert source.value == answered


def test_an_exam_shows_the_conclusion_that_tells_what_it_found() -> None:
    report = {
        "resourceType": "DiagnosticReport", "id": "r", "status": "final", "code": concept(LOINC, BONE_SCAN),
        "subject": {"reference": "Patient/p1"}, "effectiveDateTime": "2026-10-01",
        "conclusionCode": [concept(SCT, BONE_METASTASIS)],
    }  # fmt: skip
    (source,) = reading(report).record.facts["imaging.bone_scan"].sources
    assert (source.code, source.value) == (f"{LOINC}|{BONE_SCAN}", f"{SCT}|{BONE_METASTASIS}")
