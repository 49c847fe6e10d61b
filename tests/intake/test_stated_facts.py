"""Facts sent by their names as observations of our own code system."""

from __future__ import annotations

from typing import Any

import pytest

from rulesets.language import Interval, Value
from tests.intake.made import (
    FACT,
    FACT_VALUE,
    VERTEBRA_METASTASIS,
    codes,
    concept,
    condition,
    fact,
    plain,
    radiotherapy,
    reading,
    values,
)


@pytest.mark.parametrize(
    ("name", "value", "read"),
    [
        ("patient.bone_pain", {"valueBoolean": True}, True),
        ("patient.bone_pain", {"valueCodeableConcept": concept(FACT_VALUE, "false")}, False),
        ("patient.comorbidities", {"valueCodeableConcept": concept(FACT_VALUE, "not_limiting")}, "not_limiting"),
        ("patient.comorbidities", {"valueString": "significant"}, "significant"),
        ("mets.lesion_count", {"valueInteger": 3}, 3),
        ("mets.lesion_count", {"valueRange": {"low": {"value": 2}}}, Interval(lo=2)),
        ("mets.lesion_count", {"valueQuantity": {"value": 5, "comparator": ">"}}, Interval(lo=6)),
        ("tumour.size_cm", {"valueQuantity": {"value": 23, "unit": "mm", "code": "mm"}}, 2.3),
        ("systemic.prior_lines_metastatic", {"valueRange": {"low": {"value": 1}, "high": {"value": 1}}}, 1),
    ],
)
def test_a_fact_is_read_by_its_name(name: str, value: dict[str, Any], read: Value) -> None:
    assert values(reading(fact("f", name, **value)))[name] == read


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("patient.comorbidities", {"valueString": "some"}),
        ("patient.bone_pain", {"valueString": "yes, a lot"}),
        ("patient.life_expectancy_weeks", {"valueQuantity": {"value": 6}}),
        ("patient.ecog", {"valueQuantity": {"value": 1, "comparator": "<"}}),
        ("patient.hemoglobin_g_dl", {"valueQuantity": {"value": 10, "code": "g/dL"}}),
        ("patient.unheard_of", {"valueBoolean": True}),
    ],
)
def test_a_value_or_name_that_cannot_be_is_left_out_and_told(name: str, value: dict[str, Any]) -> None:
    result = reading(fact("f", name, **value))
    assert set(values(result)) == {"patient.age_years"}
    assert codes(result) & {"value", "not-a-fact"}
    assert not any("a lot" in notice.text for notice in result.notices)


def test_the_latest_of_two_words_counts() -> None:
    old = fact(
        "a", "mets.organ.liver", valueCodeableConcept=concept(FACT_VALUE, "absent"), effectiveDateTime="2026-01-01"
    )
    new = fact("b", "mets.organ.liver", valueCodeableConcept=concept(FACT_VALUE, "present"))
    assert values(reading(new, old))["mets.organ.liver"] == "present"


def test_the_facts_of_a_lesion_are_the_components_of_one_observation() -> None:
    lesion = fact(
        "l",
        "lesion",
        component=[
            {"code": concept(FACT, "lesion.site"), "valueCodeableConcept": concept(FACT_VALUE, "pelvis")},
            {"code": concept(FACT, "lesion.painful"), "valueBoolean": True},
        ],
    )
    result = reading(lesion)
    assert [(member.key, plain(member)) for member in result.record.lesions or ()] == [
        ("Observation/l", {"lesion.painful": True, "lesion.site": "pelvis"})
    ]
    assert not codes(result)


def test_facts_with_one_focus_are_of_one_lesion() -> None:
    focus = [{"reference": "BodyStructure/b"}]
    result = reading(
        fact("a", "lesion.painful", valueBoolean=True, focus=focus),
        fact("b", "lesion.size_cm", valueQuantity={"value": 2, "code": "cm"}, focus=focus),
        fact("c", "lesion.painful", valueBoolean=False, focus=[{"reference": "BodyStructure/other"}]),
    )
    assert [plain(member) for member in result.record.lesions or ()] == [
        {"lesion.painful": True, "lesion.size_cm": 2},
        {"lesion.painful": False},
    ]


def test_a_stated_lesion_and_a_condition_of_its_site_are_one() -> None:
    lesion = fact(
        "l", "lesion", component=[
            {"code": concept(FACT, "lesion.site"), "valueCodeableConcept": concept(FACT_VALUE, "vertebra")},
            {"code": concept(FACT, "lesion.painful"), "valueBoolean": True},
        ],
    )  # fmt: skip
    result = reading(lesion, condition("c", VERTEBRA_METASTASIS))
    assert [plain(member) for member in result.record.lesions or ()] == [
        {"lesion.painful": True, "lesion.site": "vertebra", "lesion.status": "confirmed"}
    ]


def test_two_words_on_one_lesion_that_differ_leave_the_fact_unknown() -> None:
    focus = [{"reference": "BodyStructure/b"}]
    result = reading(
        fact("a", "lesion.painful", valueBoolean=True, focus=focus),
        fact("b", "lesion.painful", valueBoolean=False, focus=focus),
        fact("c", "lesion.bulky", valueBoolean=False, focus=focus),
    )
    assert [plain(member) for member in result.record.lesions or ()] == [{"lesion.bulky": False}]
    assert "conflict" in codes(result)


def test_a_fact_of_a_course_belongs_to_the_course_in_its_focus() -> None:
    course = radiotherapy("ServiceRequest", "rt", "active")
    near = fact("n", "rt.near_spinal_canal", valueBoolean=True, focus=[{"reference": "ServiceRequest/rt"}])
    (member,) = reading(course, near).record.courses
    assert member.facts["rt.near_spinal_canal"].value is True
    assert "no-focus" in codes(reading(course, fact("n", "rt.near_spinal_canal", valueBoolean=True)))
