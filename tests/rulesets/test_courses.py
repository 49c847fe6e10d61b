"""Radiotherapy courses: open or not, when, at what target, and whether for the second time."""

from __future__ import annotations

import pytest

from rulesets.derive import derived
from rulesets.language import Value
from rulesets.record import Member
from tests.rulesets.building import DEFAULTS, course, lesion, record, values_of


def derived_course(*lesions: Member, listed: bool = True, **values: Value) -> dict[str, Value]:
    after = derived(record(lesions=lesions if listed else None, courses=(course(**values),)), DEFAULTS)
    return values_of(after.courses[0].facts)


@pytest.mark.parametrize("status", ["draft", "planned", "in_progress", "on_hold"])
def test_an_unfinished_course_is_open_and_matters(status: str) -> None:
    known = derived_course(status=status)
    assert known["rt.planned"] is True
    assert known["rt.relevant"] is True


def test_a_cancelled_course_is_neither_open_nor_relevant() -> None:
    known = derived_course(status="cancelled", end_day=-1)
    assert known["rt.planned"] is False
    assert known["rt.relevant"] is False


@pytest.mark.parametrize(("end", "relevant"), [(-28, True), (-29, False)])
def test_a_completed_course_matters_for_the_look_back(end: int, relevant: bool) -> None:
    known = derived_course(status="completed", end_day=end)
    assert known["rt.planned"] is False
    assert known["rt.relevant"] is relevant
    assert known["rt.days_since_end"] == -end


@pytest.mark.parametrize(("start", "relevant"), [(-28, True), (-29, None)])
def test_a_completed_course_without_an_end_matters_when_it_began_inside_the_look_back(
    start: int, relevant: bool | None
) -> None:
    assert derived_course(status="completed", start_day=start).get("rt.relevant") is relevant


def test_without_a_status_nothing_is_said_of_the_course() -> None:
    known = derived_course(end_day=-3)
    assert "rt.planned" not in known
    assert "rt.relevant" not in known


def test_a_course_said_to_be_planned_is_a_draft_unless_its_status_is_known() -> None:
    known = derived_course(planned=True)
    assert (known["rt.status"], known["rt.planned"], known["rt.relevant"]) == ("draft", True, True)
    known = derived_course(planned=True, status="completed")
    assert (known["rt.status"], known["rt.planned"]) == ("completed", False)


def test_a_course_said_not_to_be_planned_has_no_status_for_that() -> None:
    known = derived_course(planned=False)
    assert known["rt.planned"] is False
    assert "rt.status" not in known


# --- estimated days ----------------------------------------------------------------------------------


@pytest.mark.parametrize(("fractions", "end"), [(1, 3), (2, 9), (5, 9), (6, 16), (10, 16)])
def test_the_last_day_is_estimated_at_five_fractions_a_week(fractions: int, end: int) -> None:
    known = derived_course(status="planned", start_day=3, fractions=fractions)
    assert known["rt.end_day"] == end
    assert known["rt.end_estimated"] is True


def test_the_first_day_is_estimated_from_the_last() -> None:
    known = derived_course(status="completed", end_day=-3, fractions=10)
    assert known["rt.start_day"] == -16
    assert known["rt.end_estimated"] is False


@pytest.mark.parametrize(
    ("status", "end"),
    [("planned", 13), ("planned", 12), ("in_progress", 13), ("in_progress", 14)],
)
def test_no_first_day_is_estimated_that_the_course_cannot_have(status: str, end: int) -> None:
    is_possible = (status, end) in (("planned", 13), ("in_progress", 13))
    known = derived_course(status=status, end_day=end, fractions=10)
    assert known.get("rt.start_day") == (0 if is_possible else None)


def test_a_stated_last_day_is_not_estimated() -> None:
    known = derived_course(status="planned", start_day=3, end_day=4, fractions=10)
    assert known["rt.end_day"] == 4
    assert known["rt.end_estimated"] is False


@pytest.mark.parametrize(
    "values",
    [
        {"status": "on_hold", "start_day": -3, "fractions": 10},
        {"status": "planned", "start_day": 3},
        {"status": "completed", "start_day": -12, "fractions": 10},  # would end tomorrow
        {"status": "planned", "start_day": -7, "fractions": 5},  # would have ended yesterday
        {"status": "planned", "start_day": 3, "fractions": 41},  # a slip
    ],
)
def test_no_last_day_is_estimated_that_the_course_cannot_have(values: dict[str, Value]) -> None:
    known = derived_course(**values)
    assert "rt.end_day" not in known
    assert known["rt.end_estimated"] is False


def test_a_last_day_that_the_course_can_just_have_is_estimated() -> None:
    assert derived_course(status="completed", start_day=-13, fractions=10)["rt.end_day"] == 0
    assert derived_course(status="planned", start_day=-6, fractions=5)["rt.end_day"] == 0


# --- target ------------------------------------------------------------------------------------------

VERTEBRA = lesion("lesions/0", id="L1", site="vertebra", cord_compression="suspected")
RIB = lesion("lesions/1", id="R4", site="rib", cord_compression="none")
UNDESCRIBED = lesion("lesions/2", id="X")


@pytest.mark.parametrize(
    ("region", "spinal"), [("spine", True), ("sacrum", True), ("pelvis", False), ("thorax", False)]
)
def test_the_region_tells_a_spinal_target(region: str, spinal: bool) -> None:
    assert derived_course(region=region)["rt.spinal"] is spinal


def test_a_pelvic_target_may_be_the_sacrum_while_a_sacral_lesion_is_listed() -> None:
    assert "rt.spinal" not in derived_course(lesion(site="sacrum"), region="pelvis")
    assert derived_course(lesion(site="pelvis"), region="pelvis")["rt.spinal"] is False


def test_a_linked_lesion_tells_a_spinal_target_before_the_region_does() -> None:
    assert derived_course(VERTEBRA, RIB, region="thorax", target_lesions=("L1", "R4"))["rt.spinal"] is True
    assert derived_course(VERTEBRA, RIB, region="spine", target_lesions=("R4",))["rt.spinal"] is False
    assert "rt.spinal" not in derived_course(VERTEBRA, UNDESCRIBED, target_lesions=("X",))
    assert "rt.spinal" not in derived_course(VERTEBRA, RIB, target_lesions=("R4", "gone"))


def test_a_lesion_may_be_linked_by_the_key_it_has_in_the_record() -> None:
    assert derived_course(VERTEBRA, target_lesions=("lesions/0",))["rt.spinal"] is True


def test_the_link_is_assumed_when_no_lesion_is_named() -> None:
    assert derived_course(VERTEBRA, region="spine")["rt.target_link_assumed"] is True
    assert derived_course(VERTEBRA, region="spine", target_lesions=("L1",))["rt.target_link_assumed"] is False


def cord(*lesions: Member, listed: bool = True, **values: Value) -> Value | None:
    return derived_course(*lesions, listed=listed, **values).get("rt.target_cord_compression")


def vertebra(number: int, **values: Value) -> Member:
    return lesion(f"vertebrae/{number}", site="vertebra", **values)


def test_a_target_outside_the_spine_has_no_cord_compression() -> None:
    assert cord(vertebra(1, cord_compression="confirmed"), region="thorax") == "none"


def test_without_a_list_cord_compression_at_a_spinal_target_is_unknown() -> None:
    assert cord(listed=False, region="spine") is None
    assert cord(region="spine") is None


def test_the_gravest_compression_of_the_spinal_lesions_counts() -> None:
    none, suspected, confirmed = (
        vertebra(number, cord_compression=found) for number, found in enumerate(("none", "suspected", "confirmed"))
    )
    assert cord(none, RIB, region="spine") == "none"
    assert cord(none, suspected, region="spine") == "suspected"
    assert cord(none, suspected, confirmed, region="spine") == "confirmed"


def test_one_lesion_not_described_leaves_everything_but_confirmed_open() -> None:
    suspected, confirmed = vertebra(1, cord_compression="suspected"), vertebra(2, cord_compression="confirmed")
    assert cord(suspected, vertebra(3), region="spine") is None
    assert cord(suspected, UNDESCRIBED, region="spine") is None
    assert cord(confirmed, vertebra(3), region="spine") == "confirmed"


def test_only_the_linked_lesion_counts() -> None:
    confirmed = lesion("vertebrae/9", id="T9", site="vertebra", cord_compression="confirmed")
    assert cord(VERTEBRA, confirmed, target_lesions=("L1",)) == "suspected"


def test_an_id_that_several_lesions_carry_links_each_of_them_in_any_order() -> None:
    rib = lesion("ribs/1", id="L1", site="rib", cord_compression="none", prior_rt=True)
    vertebra_named_alike = lesion("vertebrae/9", id="L1", site="vertebra", cord_compression="confirmed")
    for lesions in ((rib, vertebra_named_alike), (vertebra_named_alike, rib)):
        known = derived_course(*lesions, target_lesions=("L1",))
        assert known["rt.spinal"] is True
        assert known["rt.target_cord_compression"] == "confirmed"
        assert known["rt.retreatment"] is True


def test_a_target_that_may_be_spinal_is_only_ever_cleared() -> None:
    sacral = lesion(site="sacrum", cord_compression="none")
    assert cord(sacral, region="pelvis") == "none"
    assert cord(sacral, vertebra(1, cord_compression="confirmed"), region="pelvis") is None


def test_an_irradiated_target_makes_a_retreatment() -> None:
    before, new = lesion("a", id="A", prior_rt=True), lesion("b", id="B", prior_rt=False)
    assert derived_course(before)["rt.retreatment"] is True
    assert derived_course(before, retreatment=False)["rt.retreatment"] is True
    assert derived_course(before, new, target_lesions=("A",))["rt.retreatment"] is True
    assert "rt.retreatment" not in derived_course(before, new, target_lesions=("B",))
    assert "rt.retreatment" not in derived_course(before, new)


def test_a_stated_retreatment_stands() -> None:
    assert derived_course(retreatment=True)["rt.retreatment"] is True
    assert derived_course(lesion(prior_rt=False), retreatment=False)["rt.retreatment"] is False
