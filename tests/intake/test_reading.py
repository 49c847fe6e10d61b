"""Reading a patient: strict and lenient, any order of resources, and public examples as they are."""

from __future__ import annotations

import copy
import random
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from rulesets.record import Record
from service import canonical
from service.intake.reading import Reading, read
from service.intake.unpack import unpack
from service.problems import InvalidResources, Problem, operation_outcome
from tests.intake.made import (
    BREAST,
    LOINC,
    PELVIS_METASTASIS,
    TODAY,
    VERTEBRA_METASTASIS,
    bundle,
    codes,
    concept,
    condition,
    dose,
    drug,
    fact,
    observation,
    patient,
    radiotherapy,
    reading,
    terminology,
    values,
)

DATA = Path(__file__).parents[3] / "shared" / "data"


def ecog(name: str = "e", **more: object) -> dict[str, object]:
    return observation(name, concept(LOINC, "89247-1"), **({"valueInteger": 1} | more))


def test_a_resource_that_is_not_valid_is_left_out_and_the_rest_is_read() -> None:
    wrong = condition("secret", PELVIS_METASTASIS, onsetDateTime="31.12.1999", unheardOf=1)
    result = reading(wrong, ecog())
    assert values(result) == {"patient.age_years": 60, "patient.ecog": 1}
    assert {notice.element for notice in result.notices} == {"Condition.onsetDateTime", "Condition.unheardOf"}
    assert {notice.reference for notice in result.notices} == {"Bundle.entry[1].resource"}
    assert not any("1999" in notice.text for notice in result.notices)


def test_a_strict_reading_refuses_with_every_fault() -> None:
    wrong = condition("c", PELVIS_METASTASIS, onsetDateTime="31.12.1999")
    with pytest.raises(InvalidResources) as refused:
        reading(wrong, ecog(effectiveDateTime="yesterday"), mode="strict")
    outcome = operation_outcome(refused.value, "t1")
    expressions = [issue["expression"][0] for issue in outcome["issue"]]  # type: ignore[attr-defined]
    assert expressions == ["Bundle.entry[1].resource.onsetDateTime", "Bundle.entry[2].resource.effectiveDateTime"]
    assert "1999" not in str(outcome)
    assert "yesterday" not in str(outcome)


def test_a_strict_reading_looks_where_a_lenient_one_does_not() -> None:
    odd = ecog(note="text where a list belongs")
    assert values(reading(odd))["patient.ecog"] == 1
    with pytest.raises(InvalidResources):
        reading(odd, mode="strict")


def test_a_single_resource_of_another_version_is_left_out_and_told() -> None:
    r5 = {
        "resourceType": "MedicationRequest",
        "id": "m",
        "subject": {"reference": "Patient/p1"},
        "medication": {"concept": {}},
    }
    result = reading(r5, condition("c", BREAST), drug("MedicationRequest", "n", "1601374", "active"))
    assert len(result.record.drugs or ()) == 1


def test_a_value_and_an_extension_nested_without_end_are_survived() -> None:
    deep: dict[str, object] = {"url": "urn:x", "valueString": "x"}
    for _ in range(400):
        deep = {"url": "urn:x", "extension": [deep]}
    result = reading(ecog(extension=[deep]), condition("c", BREAST))
    assert values(result)["tumour.is_breast_primary"] is True


def test_a_resource_whose_meaning_an_extension_changes_is_left_out_and_told() -> None:
    changed = {"modifierExtension": [{"url": "http://hospital.example/denied", "valueBoolean": True}]}
    result = reading(
        ecog(**changed), condition("c", BREAST), drug("MedicationRequest", "m", "1601374", "active", **changed)
    )
    assert "patient.ecog" not in values(result)
    assert result.record.drugs is None
    assert {notice.reference for notice in result.notices if notice.code == "modifier"} == {
        "Observation/e",
        "MedicationRequest/m",
    }


def test_a_component_whose_meaning_an_extension_changes_is_not_read() -> None:
    size = {"code": concept(LOINC, "33728-7"), "valueQuantity": {"value": 2, "code": "cm"}}
    changed = size | {"modifierExtension": [{"url": "http://hospital.example/denied", "valueBoolean": True}]}
    for component, read_of in ((size, True), (changed, False)):
        panel = observation("s", concept(LOINC, "21889-1"), component=[component])
        assert ("tumour.size_cm" in values(reading(panel))) == read_of


def test_a_result_inside_a_report_that_was_entered_in_error_is_none() -> None:
    held = {
        "resourceType": "DiagnosticReport", "id": "r", "status": "final", "code": concept(LOINC, "60568-3"),
        "subject": {"reference": "Patient/p1"}, "contained": [ecog("held")], "result": [{"reference": "#held"}],
    }  # fmt: skip
    assert values(reading(held))["patient.ecog"] == 1
    assert "patient.ecog" not in values(reading(held | {"status": "entered-in-error"}))


def test_a_masked_extension_does_not_cost_the_resource() -> None:
    masked = {"url": "urn:x", "_valueString": {"extension": [{"url": "urn:y", "valueCode": "masked"}]}}
    assert values(reading(ecog(extension=[masked])))["patient.ecog"] == 1


def rich() -> list[dict[str, object]]:
    """A patient with something for every reader, some of it said twice or in dispute."""
    return [
        patient(),
        condition("c", BREAST, onsetDateTime="2018-01-01"),
        condition("m1", VERTEBRA_METASTASIS, onsetDateTime="2024-01-01"),
        condition("m2", PELVIS_METASTASIS, onsetDateTime="2024-01-01"),
        condition("m3", PELVIS_METASTASIS, verification="provisional"),
        ecog("a", valueInteger=2),
        ecog("b", valueInteger=1),
        observation("er", concept(LOINC, "85337-4"), valueCodeableConcept=concept(LOINC, "LA6576-8")),
        observation("er2", concept(LOINC, "85337-4"), valueQuantity={"value": 80, "code": "%"}),
        fact("f", "lesion.painful", valueBoolean=True, focus=[{"reference": "Condition/m1"}]),
        drug("MedicationRequest", "d1", "1601374", "active"),
        drug("MedicationStatement", "d2", "1601374", "on-hold"),
        drug("MedicationRequest", "d3", "56946", "draft"),
        radiotherapy("Procedure", "r1", "completed", performedDateTime="2026-09-01"),
        radiotherapy("Procedure", "r2", "completed", performedDateTime="2026-09-02"),
        radiotherapy("ServiceRequest", "r3", "draft", dose(20, "Gy", 5, kind="planned")),
    ]


def said(result: Reading) -> tuple[Record, tuple[object, ...]]:
    return result.record, result.notices


def test_the_same_resources_in_any_order_are_the_same_record() -> None:
    resources = rich()
    expected = said(reading(*resources, with_patient=False))
    shuffle = random.Random(7)
    for _ in range(20):
        shuffle.shuffle(resources)
        shuffled = reading(*resources, with_patient=False)
        assert said(shuffled) == expected
        assert repr(shuffled.record) == repr(expected[0])


def test_every_fact_leads_back_to_a_resource_of_the_patient() -> None:
    record = reading(*rich(), with_patient=False).record
    known = {f"{resource['resourceType']}/{resource['id']}" for resource in rich()}
    members = (*(record.lesions or ()), *(record.drugs or ()), *record.courses, *record.orders)
    facts = [*record.facts.values(), *(each for member in members for each in member.facts.values())]
    assert len(facts) > 20
    assert {source.reference for each in facts for source in each.sources} <= known
    assert all(each.sources and each.sources[0].element for each in facts)


def test_members_are_in_the_order_of_their_keys() -> None:
    record = reading(*rich(), with_patient=False).record
    for members in (record.lesions or (), record.drugs or (), record.courses, record.orders):
        assert [member.key for member in members] == sorted({member.key for member in members})


ODD: tuple[Any, ...] = (
    None,
    1,
    "",
    "x",
    "2026",
    [],
    {},
    [1],
    [None],
    True,
    {"coding": "x"},
    {"coding": [1]},
    {"reference": 1},
)


def test_whatever_stands_where_something_else_belongs_is_survived() -> None:
    def places(node: object, path: tuple[object, ...] = ()) -> list[tuple[object, ...]]:
        inner = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
        return [path, *(place for key, value in inner for place in places(value, (*path, key)))]

    chance = random.Random(3)
    told_problems = 0
    for _ in range(400):
        document = copy.deepcopy(bundle(*rich()))
        place = chance.choice(places(document)[1:])
        node: Any = document
        for step in place[:-1]:
            node = node[step]
        node[place[-1]] = chance.choice(ODD)
        try:
            for one in unpack(document):
                read(one, terminology(), TODAY)
        except Problem:
            told_problems += 1
    assert told_problems < 100


def test_two_patients_in_one_document_share_nothing() -> None:
    hers = condition("m", VERTEBRA_METASTASIS, subject={"reference": "Patient/p2"})
    first, second = (read(one, terminology(), TODAY) for one in unpack(bundle(patient(), patient("p2"), hers)))
    assert "mets.status" not in values(first)
    assert values(second)["mets.status"] == "confirmed"


# --- public examples ---------------------------------------------------------------------------------

needs_data = pytest.mark.skipif(not DATA.is_dir(), reason="the public examples are not there")


def example(path: str, on: date = TODAY) -> Reading:
    (one,) = unpack(canonical.loads((DATA / path).read_bytes()))
    return read(one, terminology(), on)


@needs_data
def test_jenny_m_has_no_metastases_and_one_finished_course_of_two_volumes() -> None:
    result = example("mcode-ig-4.0.0/Bundle-mcode-patient-bundle-jenny-m.json")
    told = values(result)
    assert told["mets.status"] == "none"
    assert (told["tumour.er_primary"], told["tumour.pr_primary"], told["tumour.her2_primary"]) == (
        "positive",
        "negative",
        "negative",
    )
    assert (told["tumour.size_cm"], told["patient.ecog"], told["patient.age_years"]) == (2.5, 0, 61)
    volumes = [
        (course.facts["rt.total_dose_gy"].value, course.facts["rt.fractions"].value, course.facts["rt.status"].value)
        for course in result.record.courses
    ]
    assert volumes == [(50, 25, "completed"), (60, 30, "completed")]


@needs_data
def test_the_two_stages_of_jenny_m_are_a_conflict() -> None:
    result = example("mcode-ig-4.0.0/Bundle-mcode-patient-bundle-jenny-m.json")
    assert [conflict.name for conflict in result.record.conflicts] == ["tumour.stage"]
    assert "tumour.locally_advanced" not in values(result)


@needs_data
def test_no_public_example_brings_the_reading_down() -> None:
    read_of = 0
    for path in sorted(DATA.glob("*/*.json")):
        if "large" in path.parent.name:
            continue
        try:
            for one in unpack(canonical.loads(path.read_bytes())):
                read(one, terminology(), TODAY)
                read_of += 1
        except Problem as problem:
            assert problem.status == 422, path
    assert read_of > 100


@needs_data
def test_a_site_of_none_in_a_public_example_is_no_metastasis() -> None:
    for path in sorted((DATA / "synthea-2019-breast").glob("*.json")):
        result = example(f"synthea-2019-breast/{path.name}")
        assert not {name for name in values(result) if name.startswith("mets.organ.")}
        assert "invalid" not in codes(result)
