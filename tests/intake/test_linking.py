"""Lesions and what is done to them: operations, and the courses of radiotherapy that treat them."""

from __future__ import annotations

from typing import Any

import pytest

from service.intake.reading import Reading
from tests.intake.charts import OPERATION, examined
from tests.intake.made import (
    BONE_METASTASIS,
    PELVIS_METASTASIS,
    SCT,
    VERTEBRA_METASTASIS,
    Resource,
    codes,
    concept,
    condition,
    dose,
    fact,
    plain,
    radiotherapy,
    reading,
    values,
)

FIXATION = concept(OPERATION, "internal_fixation")
FEMUR, FEMUR_SITE, L3, L4 = "94300004", concept(SCT, "71341001"), concept(SCT, "55492004"), concept(SCT, "71996003")


def lesions(result: Reading) -> list[dict[str, Any]]:
    return [plain(member) for member in result.record.lesions or ()]


def courses(result: Reading) -> dict[str, dict[str, Any]]:
    return {member.key: plain(member) for member in result.record.courses}


def structure(name: str, site: Resource) -> Resource:
    return {"resourceType": "BodyStructure", "id": name, "patient": {"reference": "Patient/p1"}, "location": site}


def because(name: str) -> dict[str, Any]:
    return {"reasonReference": [{"reference": f"Condition/{name}"}]}


# --- operations ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("where", [because("m"), {"bodySite": [FEMUR_SITE]}])
def test_an_operation_is_of_the_lesion_it_was_done_for_or_the_only_one_there(where: dict[str, Any]) -> None:
    result = reading(condition("m", FEMUR), condition("o", PELVIS_METASTASIS), examined("p", FIXATION, **where))
    assert [lesion.get("lesion.surgically_stabilised") for lesion in lesions(result)] == [True, None]


@pytest.mark.parametrize("where", [{}, {"bodySite": [concept(SCT, "3572006")]}])
def test_an_operation_of_nobody_knows_which_lesion_is_left_out_and_told(where: dict[str, Any]) -> None:
    result = reading(condition("m", "94274006"), condition("o", "94389000"), examined("p", FIXATION, **where))
    assert not any("lesion.surgically_stabilised" in lesion for lesion in lesions(result))
    assert "imprecise" in codes(result)


@pytest.mark.parametrize("status", ["not-done", "entered-in-error", "unknown", "in-progress"])
def test_an_operation_that_is_not_over_has_not_stabilised(status: str) -> None:
    result = reading(condition("m", FEMUR), examined("p", FIXATION, status, **because("m")))
    assert lesions(result) == [{"lesion.site": "long_bone", "lesion.status": "confirmed"}]


def test_an_operation_of_the_future_is_not_known_yet() -> None:
    result = reading(condition("m", FEMUR), examined("p", FIXATION, performedDateTime="2026-11-02", **because("m")))
    assert "lesion.surgically_stabilised" not in lesions(result)[0]
    assert "future" in codes(result)


def test_an_operation_in_preparation_is_planned() -> None:
    told = values(reading(examined("p", FIXATION, "preparation")))
    assert (told["surgery.planned"], told["surgery.type"]) == (True, "internal_fixation")


def test_cement_in_a_vertebra_is_no_operation_that_stabilises() -> None:
    result = reading(condition("m", VERTEBRA_METASTASIS), examined("p", concept(SCT, "401226007"), **because("m")))
    assert "lesion.surgically_stabilised" not in lesions(result)[0]


# --- courses and lesions -------------------------------------------------------------------------------


def test_a_course_treats_the_lesion_of_the_condition_it_is_given_for() -> None:
    result = reading(
        condition("m", VERTEBRA_METASTASIS),
        condition("o", PELVIS_METASTASIS),
        radiotherapy("ServiceRequest", "rt", "active", **because("m")),
    )
    assert courses(result)["ServiceRequest/rt"]["rt.target_lesions"] == ("Condition/m",)
    assert not any("lesion.prior_rt" in lesion for lesion in lesions(result))


@pytest.mark.parametrize(("status", "irradiated"), [("completed", True), ("in-progress", None), ("not-done", None)])
def test_a_course_that_is_over_leaves_its_lesion_irradiated(status: str, irradiated: bool | None) -> None:
    result = reading(
        condition("m", VERTEBRA_METASTASIS),
        condition("o", PELVIS_METASTASIS),
        radiotherapy("Procedure", "rt", status, **because("m")),
    )
    assert [lesion.get("lesion.prior_rt") for lesion in lesions(result)] == [irradiated, None]


def test_a_volume_treats_the_lesion_that_is_described_by_it() -> None:
    result = reading(
        structure("a", L3), structure("b", L4),
        fact("f", "lesion.painful", valueBoolean=True, focus=[{"reference": "BodyStructure/a"}]),
        radiotherapy(
            "Procedure", "rt", "completed", dose(20, "Gy", 5, "BodyStructure/a"), dose(8, "Gy", 1, "BodyStructure/b")
        ),
    )  # fmt: skip
    told = courses(result)
    assert told["Procedure/rt#BodyStructure/a"]["rt.target_lesions"] == ("BodyStructure/a",)
    assert "rt.target_lesions" not in told["Procedure/rt#BodyStructure/b"]
    assert [lesion["lesion.prior_rt"] for lesion in lesions(result)] == [True]


def test_the_reason_of_a_course_of_several_volumes_does_not_tell_which_of_them_treats_it() -> None:
    result = reading(
        condition("m", VERTEBRA_METASTASIS), structure("a", L3), structure("b", L4),
        radiotherapy(
            "Procedure", "rt", "completed", dose(20, "Gy", 5, "BodyStructure/a"), dose(8, "Gy", 1, "BodyStructure/b"),
            **because("m"),
        ),
    )  # fmt: skip
    assert not any("rt.target_lesions" in told for told in courses(result).values())


def test_a_condition_of_several_places_does_not_tell_which_was_treated() -> None:
    result = reading(
        condition("m", BONE_METASTASIS, bodySite=[L3, L4]), radiotherapy("Procedure", "rt", "completed", **because("m"))
    )
    assert "rt.target_lesions" not in courses(result)["Procedure/rt"]
    assert not any("lesion.prior_rt" in lesion for lesion in lesions(result))


def test_stated_lesions_of_a_course_are_kept_and_a_disagreement_is_told() -> None:
    of_course = {"focus": [{"reference": "ServiceRequest/rt"}]}
    resources = (condition("m", VERTEBRA_METASTASIS), radiotherapy("ServiceRequest", "rt", "active", **because("m")))
    same = reading(*resources, fact("f", "rt.target_lesions", valueString="Condition/m", **of_course))
    assert courses(same)["ServiceRequest/rt"]["rt.target_lesions"] == ("Condition/m",)
    other = reading(*resources, fact("f", "rt.target_lesions", valueString="L5", **of_course))
    assert "rt.target_lesions" not in courses(other)["ServiceRequest/rt"]
    assert "conflict" in codes(other)
