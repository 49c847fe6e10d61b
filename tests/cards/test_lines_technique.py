"""What cards on the technique of a course add: its MRI, earlier courses of the site, lesions that grow out of bone."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import pytest

from rulesets.language import Value
from rulesets.record import Fact, Member
from rulesets.thresholds import effective
from service.cards.deck import cards_for
from service.cards.lines_technique import LINES
from service.conclude import conclude
from service.fire import Reasoner
from service.reasoning.findings import Conclusion
from tests.rulesets.building import course, lesion, record
from tests.support.lines import lines_of


@cache
def reasoner(alpha_beta: float = 10) -> Reasoner:
    return Reasoner(effective({"alpha_beta_gy": alpha_beta}))


def draft(key: str = "courses/0", /, **facts: Value) -> Member:
    return course(key, **({"status": "draft", "target": "bone", "region": "spine"} | facts))


def concluded(*courses: Member, lesions: tuple[Member, ...] = (), alpha_beta: float = 10, **facts: Value) -> Conclusion:
    named = {name.replace("__", "."): value for name, value in facts.items()}
    judging = reasoner(alpha_beta)
    return conclude(judging.fire(record(named, courses=courses, lesions=lesions, drugs=())), judging.thresholds)


# --- MRI -------------------------------------------------------------------------------------------------


def test_an_mri_that_is_not_recorded_is_told_apart_from_one_that_was_not_done() -> None:
    unknown = draft("courses/0", technique="SBRT")
    missing = draft("courses/1", technique="SRS", region="pelvis", mri_coregistration=False)
    done = draft("courses/2", technique="SRS", region="thorax", mri_coregistration=True)

    lines = lines_of(LINES, "technique.sbrt-mri-mandatory", concluded(unknown, missing, done))

    assert lines == [
        "- MRI for planned RT, pelvis: recorded as not co-registered",
        "- MRI for planned RT, spine: not recorded, to be planned or documented",
    ]


@pytest.mark.parametrize(
    ("status", "region", "why"),
    [
        ("planned", "spine", "Why critical here: The spine is the target of a course planned or under way"),
        ("planned", "pelvis", "Why a warning here: A step the paper calls mandatory is recorded as not done."),
    ],
)
def test_the_card_says_why_a_missing_mri_is_as_grave_as_it_is(status: str, region: str, why: str) -> None:
    treated = draft(status=status, region=region, technique="SRS", mri_coregistration=False)
    ordered = Member(key="orders/0", facts={"order.kind": Fact(name="order.kind", value="rt")}, in_request=True)
    found = concluded(treated)

    cards = cards_for(
        replace(found, record=replace(found.record, orders=(ordered,))), "order-sign", new_uuid=lambda place: str(place)
    )

    assert [card["detail"].count(why) for card in cards if "technique.sbrt-mri-mandatory" in card["detail"]] == [1]


# --- irradiated before -------------------------------------------------------------------------------------

AGAIN = {"technique": "3DCRT", "retreatment": True, "start_day": 10}
RETREATMENT = "technique.retreatment-imrt-vmat"


def earlier(key: str = "courses/1", /, **facts: Value) -> Member:
    given = {"status": "completed", "target": "bone", "region": "spine", "total_dose_gy": 20, "fractions": 5}
    return course(key, **(given | {"start_day": -106, "end_day": -100} | facts))


def test_an_earlier_course_of_the_region_is_told_with_its_dose_and_the_time_between() -> None:
    [line] = lines_of(LINES, RETREATMENT, concluded(draft(**AGAIN), earlier()))

    assert line == (
        "- Irradiated before: RT finished 100 days ago to bone, spine, 20 Gy in 5 fractions, from 2026-07-18 to "
        "2026-07-24; 110 days before this course"
    )


@pytest.mark.parametrize(
    "other",
    [
        earlier(region="pelvis"),
        earlier(status="cancelled"),
        earlier(status="planned", start_day=20, end_day=26),
        earlier(target="brain"),
        earlier(region="other"),
        earlier(target_lesions=("b",)),
    ],
    ids=["elsewhere", "cancelled", "not begun", "another organ", "region other", "another lesion"],
)
def test_no_other_course_is_taken_for_one_of_this_site(other: Member) -> None:
    [line] = lines_of(LINES, RETREATMENT, concluded(draft(**AGAIN, target_lesions=("a",)), other))

    assert line == (
        "- Planned RT, spine: no earlier course of this site is on record; its dose and its date are needed"
    )


def test_courses_that_name_the_same_lesion_are_of_one_site_whatever_the_region() -> None:
    now = draft(**AGAIN, target_lesions=("a", "b"))
    before = earlier(region="other", target_lesions=("b",))

    [line] = lines_of(LINES, RETREATMENT, concluded(now, before))

    assert line.startswith("- Irradiated before: RT finished 100 days ago")


def test_a_region_called_other_is_no_site() -> None:
    [line] = lines_of(LINES, RETREATMENT, concluded(draft(**AGAIN | {"region": "other"}), earlier(region="other")))

    assert "no earlier course" in line


def test_the_time_between_is_unknown_without_both_days() -> None:
    undated = draft(technique="3DCRT", retreatment=True)

    [line] = lines_of(LINES, RETREATMENT, concluded(undated, earlier()))

    assert line.endswith("from 2026-07-18 to 2026-07-24; time since then not known")


# --- growth into soft tissue ---------------------------------------------------------------------------------

PALLIATIVE = {"intent": "palliative", "volume": "bone_compartment", "ct_contrast_coregistration": False}


@pytest.mark.parametrize("id", ["technique.palliative-soft-tissue", "technique.ct-coregistration"])
def test_the_lesions_that_grow_out_of_bone_are_named_and_whether_the_course_aims_at_them(id: str) -> None:
    lesions = (
        lesion("Condition/1", id="l1", site="vertebra", soft_tissue_extension=True),
        lesion("Condition/2", site="pelvis", soft_tissue_extension=True, bulky=True),
        lesion("Condition/3", site="rib", soft_tissue_extension=False),
    )
    treated = draft(**PALLIATIVE, target_lesions=("l1",))

    lines = lines_of(LINES, id, concluded(treated, lesions=lesions))

    assert lines == [
        "- Lesion, pelvis: grows into soft tissue and bulky; not named as the target",
        "- Lesion, vertebra: grows into soft tissue; named as the target",
    ]


def test_a_lesion_may_be_named_by_the_resource_it_was_read_from() -> None:
    grown = lesion("Condition/1", site="vertebra", soft_tissue_extension=True)
    treated = draft(**PALLIATIVE, target_lesions=("Condition/1",))

    [line] = lines_of(LINES, "technique.palliative-soft-tissue", concluded(treated, lesions=(grown,)))

    assert line.endswith("; named as the target")


# --- boost ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("alpha_beta", "tumour", "vertebra"), [(10, "56", "39"), (4, "80", "52.5")])
def test_the_boost_that_is_offered_has_its_biological_dose_at_the_ratio_in_force(
    alpha_beta: float, tumour: str, vertebra: str
) -> None:
    single = draft(intent="radical", technique="SRS", near_spinal_canal=True)

    lines = lines_of(LINES, "technique.sib-alternative", concluded(single, alpha_beta=alpha_beta))

    assert lines == [
        f"- Its BED at alpha/beta {alpha_beta}: {tumour} Gy to the visible tumour, {vertebra} Gy to the whole vertebra"
    ]
