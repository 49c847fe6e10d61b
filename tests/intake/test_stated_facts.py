"""Facts sent by their names as observations of our own code system."""

from __future__ import annotations

from typing import Any

import pytest

from rulesets.facts import FACTS
from rulesets.language import ChoiceFact, FactType, Interval, NumberFact, Value
from rulesets.record import Member
from service.fact_resources import UCUM, open_facts, shape_of
from tests.intake.made import (
    FACT,
    FACT_VALUE,
    VERTEBRA_METASTASIS,
    codes,
    concept,
    condition,
    dose,
    drug,
    fact,
    observation,
    patient,
    plain,
    radiotherapy,
    reading,
    values,
)
from tests.support.conformance import faults


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
        ("mets.lesion_count", {"valueString": "multiple"}, Interval(lo=2)),
        ("mets.lesion_count", {"valueString": "At least 3 lesions"}, Interval(lo=3)),
        ("mets.lesion_count", {"valueString": "3 or more"}, Interval(lo=3)),
        ("mets.lesion_count", {"valueString": "more than 3"}, Interval(lo=4)),
        ("mets.lesion_count", {"valueString": "4"}, 4),
        ("patient.life_expectancy_weeks", {"valueString": "less than 12"}, Interval(hi=12)),
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
        ("mets.lesion_count", {"valueString": "not multiple"}),
        ("mets.lesion_count", {"valueString": "a lot"}),
        ("mets.lesion_count", {"valueString": "3 of the spine"}),
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


# --- any open fact -----------------------------------------------------------------------------------

ABOUT: dict[str, dict[str, Any]] = {
    "lesion": {"resourceType": "BodyStructure", "id": "about", "patient": {"reference": "Patient/p1"}},
    "course": radiotherapy("ServiceRequest", "about", "unknown"),
    "drug": drug(
        "MedicationStatement", "about", "", "unknown", medicationCodeableConcept=concept("http://hospital.example", "D1")
    ),
    "order": {
        "resourceType": "ServiceRequest", "id": "about", "status": "draft", "intent": "order",
        "subject": {"reference": "Patient/p1"}, "code": concept("http://hospital.example", "unheard of"),
    },
}  # fmt: skip
"""A resource a fact may be about, which itself says as little as it can."""


def sent_and_read(known: FactType) -> list[tuple[dict[str, Any], Value]]:
    """The values of a fact in every element its shape may be sent in, and what is read of each."""
    if isinstance(known, ChoiceFact):
        return [
            *(({"valueCodeableConcept": concept(FACT_VALUE, value)}, value) for value in known.allowed),
            ({"valueString": known.allowed[0]}, known.allowed[0]),
        ]
    if known.type == "truth":
        return [
            *(({"valueBoolean": said}, said) for said in (True, False)),
            ({"valueCodeableConcept": concept(FACT_VALUE, "false")}, False),
        ]
    if known.type == "names":
        return [({"valueString": "L3, pelvis"}, ("L3", "pelvis"))]
    if not isinstance(known, NumberFact):
        return [({"valueString": "olaparib"}, "olaparib")]
    if shape_of(known) == "day":
        return [({"valueDateTime": "2026-10-27"}, -5), ({"valueInteger": 3}, -9), ({"valueQuantity": {"value": 3}}, -9)]
    number = 0.5 if known.most == 1 else 2
    code = "g/dL" if known.unit == "as reported" else UCUM[known.unit]
    found: list[tuple[dict[str, Any], Value]] = [
        ({"valueQuantity": {"value": number, "unit": code, "code": code}}, number)
    ]
    if number == 2:
        found.append(({"valueInteger": number}, number))
    if known.type == "interval":
        found.append(({"valueRange": {"low": {"value": number, "code": code}}}, Interval(lo=number)))
        found.append(({"valueQuantity": {"value": number, "code": code, "comparator": ">="}}, Interval(lo=number)))
        found.append(({"valueString": "at least 2"}, Interval(lo=2)))
    return found


EVERY_WAY = [(known, sent, read) for known in open_facts() for sent, read in sent_and_read(known)]


@pytest.mark.parametrize(("known", "sent", "read"), EVERY_WAY, ids=lambda each: getattr(each, "name", None))
def test_any_open_fact_is_sent_by_its_name_in_any_element_of_its_shape(
    known: FactType, sent: dict[str, Any], read: Value
) -> None:
    about = [] if known.element is None else [ABOUT[known.element]]
    focus = {"focus": [{"reference": f"{one['resourceType']}/about"} for one in about]} if about else {}
    stated = fact("stated", known.name, **sent, **focus)

    result = reading(patient(birthDate="1966"), *about, stated, with_patient=False)

    assert faults(stated, f"fact-{shape_of(known)}") == []
    assert told(result, known) == read


def told(result: Any, known: FactType) -> Value | None:
    record = result.record
    lists: dict[str | None, tuple[Member, ...]] = {
        "lesion": record.lesions or (), "course": record.courses, "drug": record.drugs or (), "order": record.orders,
    }  # fmt: skip
    if known.element is None:
        return values(result).get(known.name)
    (member,) = lists[known.element]
    return plain(member).get(known.name)


@pytest.mark.parametrize("element", ["lesion", "course", "drug", "order"])
def test_the_facts_of_one_element_share_an_observation(element: str) -> None:
    names = [known for known in open_facts() if known.element == element]
    stated = observation(
        "stated",
        concept(FACT, element),
        focus=[{"reference": f"{ABOUT[element]['resourceType']}/about"}],
        component=[{"code": concept(FACT, known.name), **sent_and_read(known)[0][0]} for known in names],
    )

    result = reading(ABOUT[element], stated)

    assert faults(stated, f"{element}-facts") == []
    assert {known.name: told(result, known) for known in names} == {
        known.name: sent_and_read(known)[0][1] for known in names
    }


# --- days, places, parts -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sent", "observed", "day"),
    [
        ({"valueDateTime": "2026-11-03"}, "2026-10-20", 2),
        ({"valueDateTime": "2026-11"}, "2026-10-20", None),
        ({"valueInteger": 14}, "2026-10-20", 2),
        ({"valueInteger": 14}, None, 14),
        ({"valueInteger": 14}, "2026-10", None),
        ({"valueQuantity": {"value": 2, "code": "wk"}}, "2026-10-20", 2),
        ({"valueQuantity": {"value": 14, "code": "d", "comparator": ">"}}, "2026-10-20", None),
    ],
)
def test_a_day_is_a_date_or_counts_from_when_it_was_observed(
    sent: dict[str, Any], observed: str | None, day: int | None
) -> None:
    course = radiotherapy("ServiceRequest", "rt", "active")
    stated = fact("d", "rt.start_day", focus=[{"reference": "ServiceRequest/rt"}], **sent)
    del stated["effectiveDateTime"]
    if observed:
        stated["effectiveDateTime"] = observed

    result = reading(course, stated)

    assert plain(result.record.courses[0]).get("rt.start_day") == day
    assert ("value" in codes(result)) == (day is None)


def test_the_body_site_of_a_lesion_tells_its_bone() -> None:
    stated = fact("l", "lesion.painful", valueBoolean=True, bodySite=concept("http://snomed.info/sct", "22356005"))
    assert [plain(lesion) for lesion in reading(stated).record.lesions or ()] == [
        {"lesion.painful": True, "lesion.site": "pelvis"}
    ]


def test_the_body_structure_in_the_focus_of_a_lesion_tells_its_bone() -> None:
    structure = {
        "resourceType": "BodyStructure", "id": "b", "patient": {"reference": "Patient/p1"},
        "location": concept("http://snomed.info/sct", "71341001"),
    }  # fmt: skip
    stated = fact("l", "lesion.fracture", valueString="impending", focus=[{"reference": "BodyStructure/b"}])
    assert [plain(lesion) for lesion in reading(structure, stated).record.lesions or ()] == [
        {"lesion.fracture": "impending", "lesion.site": "long_bone"}
    ]


def test_a_statement_about_one_of_two_conditions_of_a_bone_is_about_its_one_lesion() -> None:
    one, other = condition("a", VERTEBRA_METASTASIS), condition("b", "94250008")
    stated = fact("l", "lesion.painful", valueBoolean=True, focus=[{"reference": "Condition/b"}])
    (lesion,) = reading(one, other, stated).record.lesions or ()
    assert plain(lesion) == {"lesion.painful": True, "lesion.site": "vertebra", "lesion.status": "confirmed"}


def test_what_is_stated_about_a_volume_is_not_stated_about_the_others() -> None:
    course = radiotherapy(
        "ServiceRequest", "rt", "active",
        dose(20, "Gy", 5, "BodyStructure/a", "planned"), dose(8, "Gy", 1, "BodyStructure/b", "planned"),
    )  # fmt: skip
    focus = [{"reference": "BodyStructure/b"}, {"reference": "ServiceRequest/rt"}]
    near = fact("n", "rt.near_spinal_canal", valueBoolean=True, focus=focus)

    courses = {member.key: plain(member) for member in reading(course, near).record.courses}

    assert "rt.near_spinal_canal" not in courses["ServiceRequest/rt#BodyStructure/a"]
    assert courses["ServiceRequest/rt#BodyStructure/b"]["rt.near_spinal_canal"] is True


def test_what_is_stated_about_a_volume_no_course_has_is_left_out_and_told() -> None:
    course = radiotherapy(
        "ServiceRequest", "rt", "active",
        dose(20, "Gy", 5, "BodyStructure/a", "planned"), dose(8, "Gy", 1, "BodyStructure/b", "planned"),
    )  # fmt: skip
    focus = [{"reference": "ServiceRequest/rt"}, {"reference": "BodyStructure/c"}]
    result = reading(course, fact("n", "rt.near_spinal_canal", valueBoolean=True, focus=focus))
    assert not any("rt.near_spinal_canal" in member.facts for member in result.record.courses)
    assert "no-focus" in codes(result)


def test_what_is_stated_about_any_resource_of_a_course_or_a_drug_is_stated_about_it() -> None:
    planned = radiotherapy("ServiceRequest", "plan", "active")
    given = radiotherapy("Procedure", "given", "in-progress", basedOn=[{"reference": "ServiceRequest/plan"}])
    first, second = (drug("MedicationStatement", name, "1597582", "active") for name in ("a", "b"))
    about_plan = fact("n", "rt.immobilisation", valueBoolean=True, focus=[{"reference": "ServiceRequest/plan"}])
    about_b = fact(
        "d", "drug.last_dose_day", valueDateTime="2026-10-30", focus=[{"reference": "MedicationStatement/b"}]
    )

    record = reading(planned, given, first, second, about_plan, about_b).record

    assert [plain(course)["rt.immobilisation"] for course in record.courses] == [True]
    assert [plain(each)["drug.last_dose_day"] for each in record.drugs or ()] == [-2]


def test_what_is_stated_about_something_that_is_no_course_is_left_out_and_told() -> None:
    result = reading(
        condition("c", VERTEBRA_METASTASIS),
        fact("n", "rt.near_spinal_canal", valueBoolean=True, focus=[{"reference": "Condition/c"}]),
    )
    assert not result.record.courses
    assert "no-focus" in codes(result)


@pytest.mark.parametrize(("stated", "known"), [("confirmed", "confirmed"), ("none", None)])
def test_a_statement_that_contradicts_a_condition_of_the_lesion_leaves_the_fact_unknown(
    stated: str, known: str | None
) -> None:
    result = reading(
        condition("c", "71286001", bodySite=[concept("http://snomed.info/sct", "55492004")]),
        fact("l", "lesion.cord_compression", valueString=stated, focus=[{"reference": "Condition/c"}]),
    )
    (lesion,) = result.record.lesions or ()
    assert plain(lesion).get("lesion.cord_compression") == known
    assert ("conflict" in codes(result)) == (known is None)


def test_a_statement_that_contradicts_the_resource_of_a_drug_leaves_the_fact_unknown() -> None:
    result = reading(
        drug("MedicationStatement", "m", "1597582", "active"),
        fact("s", "drug.status", valueString="stopped", focus=[{"reference": "MedicationStatement/m"}]),
    )
    (taken,) = result.record.drugs or ()
    assert "drug.status" not in taken.facts
    assert "conflict" in codes(result)


@pytest.mark.parametrize(
    ("medication", "name"),
    [
        (concept("http://hospital.example", "D1", display="Wundermittel"), "olaparib"),
        ({"text": "letrozole"}, None),
        (concept("http://www.whocc.no/atc", "L02BG04"), None),
    ],
)
def test_a_stated_name_tells_a_drug_of_an_unknown_code_and_contradicts_any_other(
    medication: dict[str, Any], name: str | None
) -> None:
    result = reading(
        drug("MedicationStatement", "m", "", "active", medicationCodeableConcept=medication),
        fact("s", "drug.name", valueString="olaparib", focus=[{"reference": "MedicationStatement/m"}]),
    )
    (taken,) = result.record.drugs or ()
    assert plain(taken).get("drug.name") == name
    assert ("conflict" in codes(result)) == (name is None)


def test_every_unit_of_a_fact_is_one_that_is_understood() -> None:
    units = {known.unit for known in FACTS.values() if known.world == "open" and isinstance(known, NumberFact)}
    assert units <= UCUM.keys()
