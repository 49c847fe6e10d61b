"""Lesions: one for each place of the skeleton, never two of one place, and bounds that hold."""

from __future__ import annotations

from typing import Any

import pytest

from rulesets.language import Interval
from service.intake.reading import Reading
from service.intake.skeleton import Place, most_apart
from tests.intake.made import (
    BONE_METASTASIS,
    CORD_COMPRESSION,
    FACT,
    FACT_VALUE,
    MCODE,
    PELVIS_METASTASIS,
    SCT,
    VERTEBRA_METASTASIS,
    Resource,
    codes,
    concept,
    condition,
    fact,
    plain,
    reading,
    values,
)

THORACIC, LUMBAR, FEMUR, SACRUM, RIB = "94274006", "94389000", "94300004", "94527001", "94521000"
L3, L4, FEMUR_SITE, HUMERUS_SITE = (concept(SCT, code) for code in ("55492004", "71996003", "71341001", "85050009"))
LEFT, RIGHT = concept(SCT, "7771000"), concept(SCT, "24028007")


def lesions(result: Reading) -> list[dict[str, Any]]:
    return [plain(member) for member in result.record.lesions or ()]


def at(site: Resource, side: Resource | None = None) -> list[Resource]:
    if side is None:
        return [site]
    return [site | {"extension": [{"url": f"{MCODE}mcode-laterality-qualifier", "valueCodeableConcept": side}]}]


# --- places --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "other", "may_be", "apart"),
    [
        ("vertebra", "vertebra-lumbar-3", True, False),
        ("vertebra-lumbar", "vertebra-thoracic", False, True),
        ("vertebra-lumbar-3", "vertebra-lumbar-4", False, True),
        ("vertebra", "sacrum", False, False),
        ("vertebra-lumbar", "sacrum", False, True),
        ("pelvis", "sacrum", False, False),
        ("pelvis-ilium", "sacrum", False, True),
        ("other_bone", "rib", False, False),
        ("other_bone-clavicle", "rib", False, True),
        ("long_bone", "rib", False, True),
    ],
)
def test_two_places_may_be_one_or_are_certainly_apart(one: str, other: str, may_be: bool, apart: bool) -> None:
    a, b = (Place(path=tuple(name.split("-"))) for name in (one, other))
    assert a.may_be(b) is b.may_be(a) is may_be
    assert a.is_apart_from(b) is b.is_apart_from(a) is apart


@pytest.mark.parametrize(
    ("one", "other", "apart"), [("left", "right", True), ("left", "left", False), ("left", "", False)]
)
def test_two_sides_are_two_places(one: str, other: str, apart: bool) -> None:
    femur = ("long_bone", "lower", "femur")
    assert Place(path=femur, side=one).is_apart_from(Place(path=femur, side=other)) is apart


def test_places_that_are_all_apart_are_counted_once_each() -> None:
    named = ("vertebra", "vertebra-lumbar", "vertebra-lumbar-3", "vertebra-lumbar-4", "sacrum", "other_bone", "rib")
    apart = most_apart(Place(path=tuple(name.split("-"))) for name in named)
    assert [place.name for place in apart] == ["vertebra-lumbar-3", "vertebra-lumbar-4", "rib", "sacrum"]


# --- one lesion per place ------------------------------------------------------------------------------


def test_two_regions_of_the_spine_are_two_lesions() -> None:
    result = reading(condition("a", THORACIC), condition("b", LUMBAR))
    assert [lesion["lesion.site"] for lesion in lesions(result)] == ["vertebra", "vertebra"]
    assert values(result)["mets.bone_lesion_count"] == Interval(lo=2)
    assert values(result)["mets.spinal_lesion_count"] == Interval(lo=2)


def test_a_region_and_a_vertebra_of_it_are_one_lesion() -> None:
    result = reading(condition("a", LUMBAR), condition("b", BONE_METASTASIS, bodySite=[L3]))
    assert len(lesions(result)) == 1
    assert "mets.bone_lesion_count" not in values(result)


def test_a_code_and_the_body_site_of_one_condition_are_one_place() -> None:
    assert len(lesions(reading(condition("a", VERTEBRA_METASTASIS, bodySite=[L3])))) == 1


def test_body_sites_of_one_condition_that_are_apart_are_several_lesions() -> None:
    result = reading(condition("a", BONE_METASTASIS, bodySite=[L3, L4]))
    assert [member.key for member in result.record.lesions or ()] == [
        "Condition/a#vertebra-lumbar-3",
        "Condition/a#vertebra-lumbar-4",
    ]
    assert values(result)["mets.bone_lesion_count"] == Interval(lo=2)


def test_the_spine_as_a_whole_beside_two_of_its_regions_is_not_counted_again() -> None:
    result = reading(condition("a", THORACIC), condition("b", LUMBAR), condition("c", VERTEBRA_METASTASIS))
    assert len(lesions(result)) == 2
    assert values(result)["mets.bone_lesion_count"] == Interval(lo=2)


def test_what_is_said_of_the_spine_as_a_whole_is_kept_and_not_counted() -> None:
    fractured = condition("c", "866087009")
    result = reading(condition("a", THORACIC), condition("b", LUMBAR), fractured)
    assert sum("lesion.status" in lesion for lesion in lesions(result)) == 2
    assert sum("lesion.fracture" in lesion for lesion in lesions(result)) == 1


def test_different_long_bones_are_different_lesions() -> None:
    result = reading(condition("a", FEMUR), condition("b", BONE_METASTASIS, bodySite=[HUMERUS_SITE]))
    assert [lesion["lesion.site"] for lesion in lesions(result)] == ["long_bone", "long_bone"]
    assert values(result)["mets.bone_lesion_count"] == Interval(lo=2)


@pytest.mark.parametrize(("one", "other", "number"), [(LEFT, RIGHT, 2), (LEFT, LEFT, 1), (LEFT, None, 1)])
def test_the_sides_of_a_bone_tell_lesions_apart(one: Resource, other: Resource | None, number: int) -> None:
    result = reading(
        condition("a", FEMUR, bodySite=at(FEMUR_SITE, one)), condition("b", FEMUR, bodySite=at(FEMUR_SITE, other))
    )
    assert len(lesions(result)) == number


@pytest.mark.parametrize(("code", "number"), [("M84.552A", 2), ("M84.551D", 1), ("M84.553A", 1)])
def test_the_side_of_a_fracture_may_stand_in_its_code(code: str, number: int) -> None:
    icd = "http://hl7.org/fhir/sid/icd-10-cm"
    result = reading(condition("a", concept(icd, "M84.551A")), condition("b", concept(icd, code)))
    assert len(lesions(result)) == number


def test_cord_compression_of_a_region_is_of_the_lesion_there() -> None:
    compressed = condition("c", CORD_COMPRESSION, bodySite=[concept(SCT, "35769007")])
    found = lesions(reading(condition("a", THORACIC), condition("b", LUMBAR), compressed))
    assert [lesion.get("lesion.cord_compression") for lesion in found] == ["confirmed", None]


# --- stated lesions ------------------------------------------------------------------------------------


def stated(name: str, **more: object) -> Resource:
    return fact(
        name,
        "lesion",
        component=[
            {"code": concept(FACT, "lesion.status"), "valueCodeableConcept": concept(FACT_VALUE, "confirmed")},
            {"code": concept(FACT, "lesion.bulky"), "valueBoolean": True},
        ],
        **more,
    )


def test_a_stated_lesion_joins_the_one_condition_of_its_place() -> None:
    found = lesions(reading(condition("a", THORACIC), condition("b", LUMBAR), stated("s", bodySite=L3)))
    assert [lesion.get("lesion.bulky") for lesion in found] == [None, True]


def test_a_stated_lesion_that_may_be_in_several_places_is_kept_and_not_counted() -> None:
    anywhere = concept(SCT, "3572006")
    result = reading(condition("a", THORACIC), condition("b", LUMBAR), stated("s", bodySite=anywhere))
    assert sum("lesion.status" in lesion for lesion in lesions(result)) == 2
    assert sum("lesion.bulky" in lesion for lesion in lesions(result)) == 1
    assert "ambiguous" in codes(result)


def test_what_is_said_of_a_condition_of_several_places_without_saying_which_is_left_out_and_told() -> None:
    both = condition("a", BONE_METASTASIS, bodySite=[L3, L4])
    about = {"focus": [{"reference": "Condition/a"}]}
    which = reading(both, fact("f", "lesion.painful", valueBoolean=True, bodySite=L4, **about))
    assert [lesion.get("lesion.painful") for lesion in lesions(which)].count(True) == 1
    unclear = reading(both, fact("f", "lesion.painful", valueBoolean=True, **about))
    assert [lesion.get("lesion.painful") for lesion in lesions(unclear)] == [None, None]
    assert "ambiguous" in codes(unclear)


def test_the_pelvis_and_the_sacrum_are_not_certainly_two_places() -> None:
    assert "mets.bone_lesion_count" not in values(reading(condition("a", SACRUM), condition("b", PELVIS_METASTASIS)))
    assert values(reading(condition("a", SACRUM), condition("b", RIB)))["mets.bone_lesion_count"] == Interval(lo=2)
