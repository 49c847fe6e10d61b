"""Lesion counts: what bounds the total, when counts contradict one another, and when all is irradiated."""

from __future__ import annotations

import itertools
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rulesets.counts import OTHER_ORGANS
from rulesets.derive import derived
from rulesets.language import Interval, Value
from rulesets.record import Member
from tests.rulesets.building import DEFAULTS, derived_of, lesion, record

BONE_ONLY: dict[str, Value] = {
    "mets.organ.bone": "present",
    **{organ.name: "absent" for organ in OTHER_ORGANS},
}
LIVER: dict[str, Value] = {"mets.organ.liver": "present"}


def counted(values: Mapping[str, Value], *lesions: Member) -> tuple[Value | None, Value]:
    """The total, None when unknown, and whether the counts contradict one another."""
    known = derived_of(record(values, lesions=lesions))
    return known.get("mets.lesion_count"), known["dq.count_inconsistent"]


def confirmed(number: int, **values: Value) -> tuple[Member, ...]:
    return tuple(lesion(f"lesions/{each}", status="confirmed", **values) for each in range(number))


def test_nothing_known_bounds_nothing() -> None:
    assert counted({}) == (None, False)


def test_confirmed_metastases_are_at_least_one() -> None:
    assert counted({"mets.status": "confirmed"}) == (Interval(lo=1), False)
    assert counted({"mets.status": "suspected"}) == (None, False)


def test_a_reported_number_that_nothing_contradicts_stays() -> None:
    assert counted({"mets.lesion_count": 3, "mets.status": "confirmed"}) == (3, False)
    assert counted({"mets.lesion_count": Interval(lo=2)}) == (Interval(lo=2), False)


def test_none_reported_is_exactly_none() -> None:
    assert counted({"mets.lesion_count": 0, "mets.status": "none"}) == (0, False)


def test_other_organs_add_to_the_bone_lesions() -> None:
    assert counted({"mets.bone_lesion_count": 2, "mets.organ.lung": "present", **LIVER}) == (Interval(lo=4), False)


def test_bone_involvement_without_a_count_is_one_lesion() -> None:
    assert counted({"mets.organ.bone": "present", **LIVER}) == (Interval(lo=2), False)


def test_listed_lesions_count_when_they_are_confirmed() -> None:
    suspected = lesion("lesions/9", status="suspected")
    assert counted({}, *confirmed(2), suspected, lesion("lesions/8")) == (Interval(lo=2), False)


def test_spinal_lesions_are_bone_lesions() -> None:
    assert counted({"mets.spinal_lesion_count": 3, "mets.bone_lesion_count": Interval(lo=2)}) == (Interval(lo=3), False)


def test_a_reported_interval_is_narrowed_from_below() -> None:
    assert counted({"mets.lesion_count": Interval(lo=1, hi=4)}, *confirmed(3)) == (Interval(lo=3, hi=4), False)
    assert counted({"mets.lesion_count": Interval(lo=1, hi=4)}, *confirmed(4)) == (4, False)


def test_the_total_is_the_bone_count_in_bone_only_disease() -> None:
    assert counted({**BONE_ONLY, "mets.bone_lesion_count": 3}) == (3, False)
    assert counted({**BONE_ONLY, "mets.bone_lesion_count": Interval(lo=2, hi=4)}) == (Interval(lo=2, hi=4), False)


def test_the_bone_count_is_no_upper_bound_while_one_organ_is_unknown() -> None:
    unknown_brain = {name: value for name, value in BONE_ONLY.items() if name != "mets.organ.brain"}
    assert counted({**unknown_brain, "mets.bone_lesion_count": 3}) == (Interval(lo=3), False)


@pytest.mark.parametrize("listed", [2, 3])
def test_more_confirmed_lesions_than_bone_lesions_contradict(listed: int) -> None:
    total, is_inconsistent = counted({"mets.bone_lesion_count": 2}, *confirmed(listed))
    assert total == Interval(lo=listed)
    assert is_inconsistent is (listed > 2)


def test_a_total_below_what_the_organs_imply_is_raised_and_flagged() -> None:
    assert counted({"mets.lesion_count": 2, "mets.bone_lesion_count": 2}) == (2, False)
    assert counted({"mets.lesion_count": 2, "mets.bone_lesion_count": 2, **LIVER}) == (Interval(lo=3), True)


def test_a_total_above_the_bone_count_contradicts_bone_only_disease() -> None:
    assert counted({**BONE_ONLY, "mets.lesion_count": 5, "mets.bone_lesion_count": 3}) == (Interval(lo=5), True)


def test_more_spinal_than_bone_lesions_contradict() -> None:
    assert counted({"mets.spinal_lesion_count": 3, "mets.bone_lesion_count": 2}) == (Interval(lo=3), True)


def test_no_bone_lesion_contradicts_bone_involvement() -> None:
    assert counted({"mets.organ.bone": "present", "mets.bone_lesion_count": 0}) == (Interval(lo=1), True)


def test_bone_lesions_in_bone_that_is_free_contradict() -> None:
    assert counted({"mets.organ.bone": "absent", "mets.bone_lesion_count": 0}) == (None, False)
    assert counted({"mets.organ.bone": "absent", "mets.bone_lesion_count": 1}) == (Interval(lo=1), True)


def test_the_same_lesion_sent_twice_is_one_lesion() -> None:
    (one,) = confirmed(1)
    assert counted({}, one, one) == (Interval(lo=1), False)


def test_conflicting_counts_stay_unknown() -> None:
    given = record({"mets.status": "confirmed"}, conflicts=("mets.lesion_count",))
    assert "mets.lesion_count" not in derived_of(given)


COUNT = st.one_of(
    st.none(),
    st.integers(0, 4),
    st.tuples(st.integers(0, 4), st.integers(0, 4)).map(lambda ends: Interval(lo=min(ends), hi=max(ends))),
    st.integers(0, 4).map(lambda least: Interval(lo=least)),
)
STATE = st.sampled_from([None, "present", "absent"])


@given(COUNT, COUNT, COUNT, st.integers(0, 3), STATE, st.lists(STATE, min_size=6, max_size=6), st.booleans())
def test_the_bounds_hold_every_total_that_some_arrangement_of_lesions_gives(
    total: Value | None,
    bone: Value | None,
    spinal: Value | None,
    listed: int,
    in_bone: str | None,
    elsewhere: list[str | None],
    is_confirmed: bool,
) -> None:
    """Tried out: so many lesions in bone, so many elsewhere; which totals does nothing forbid?"""
    values = {
        "mets.lesion_count": total,
        "mets.bone_lesion_count": bone,
        "mets.spinal_lesion_count": spinal,
        "mets.organ.bone": in_bone,
        "mets.status": "confirmed" if is_confirmed else None,
        **{organ.name: state for organ, state in zip(OTHER_ORGANS, elsewhere, strict=True)},
    }
    found, is_inconsistent = counted(
        {name: each for name, each in values.items() if each is not None}, *confirmed(listed)
    )

    def is_allowed(in_skeleton: int, others: int) -> bool:
        return (
            allows(bone, in_skeleton)
            and in_skeleton >= listed
            and any(allows(spinal, number) for number in range(in_skeleton + 1))
            and not (in_bone == "present" and in_skeleton == 0)
            and not (in_bone == "absent" and in_skeleton > 0)
            and others >= elsewhere.count("present")
            and not (in_bone == "present" and set(elsewhere) == {"absent"} and others > 0)
            and allows(total, in_skeleton + others)
            and not (is_confirmed and in_skeleton + others == 0)
        )

    possible = {sum(pair) for pair in itertools.product(range(13), repeat=2) if is_allowed(*pair)}
    assert is_inconsistent is (not possible)
    assert all(allows(found, number) for number in possible)
    if possible and found is not None:
        least = found.lo if isinstance(found, Interval) else found
        assert least == min(possible), "the lower bound is as high as it can be"


def allows(count: Value | None, number: int) -> bool:
    if isinstance(count, Interval):
        return (count.lo is None or count.lo <= number) and (count.hi is None or number <= count.hi)
    return count is None or count == number


@pytest.mark.parametrize(("count", "irradiated"), [(2, True), (3, False)])
def test_all_is_irradiated_only_when_the_list_is_as_long_as_the_count(count: int, irradiated: bool) -> None:
    given = record({"mets.bone_lesion_count": count}, lesions=confirmed(2, prior_rt=True))
    assert derived_of(given)["mets.all_bone_lesions_irradiated"] is irradiated


def test_the_total_bounds_the_bone_lesions_too() -> None:
    one = confirmed(1, prior_rt=True)
    assert derived_of(record({**BONE_ONLY, "mets.lesion_count": 1}, lesions=one))["mets.all_bone_lesions_irradiated"]
    for total, is_irradiated in ((2, True), (3, False)):
        with_liver = record({"mets.lesion_count": total, **LIVER}, lesions=one)
        assert derived_of(with_liver)["mets.all_bone_lesions_irradiated"] is is_irradiated


def test_a_list_without_any_count_may_be_too_short() -> None:
    assert derived_of(record({}, lesions=confirmed(1, prior_rt=True)))["mets.all_bone_lesions_irradiated"] is False


@pytest.mark.parametrize("values", [{"prior_rt": False}, {}, {"prior_rt": True, "status": "suspected"}])
def test_one_lesion_not_surely_irradiated_is_enough_to_say_no(values: dict[str, Value]) -> None:
    other = lesion("lesions/8", **{"status": "confirmed", **values})
    given = record({"mets.bone_lesion_count": 2}, lesions=(*confirmed(1, prior_rt=True), other))
    assert derived_of(given)["mets.all_bone_lesions_irradiated"] is False


@pytest.mark.parametrize("lesions", [None, ()])
def test_without_lesions_nothing_is_irradiated(lesions: tuple[Member, ...] | None) -> None:
    given = record({"mets.bone_lesion_count": 0}, lesions=lesions)
    assert derived_of(given)["mets.all_bone_lesions_irradiated"] is False


# --- what a count leads back to ----------------------------------------------------------------------

BOUNDING: dict[str, Value] = {
    **BONE_ONLY, "mets.lesion_count": Interval(lo=1, hi=9), "mets.bone_lesion_count": 4, "mets.spinal_lesion_count": 2,
    "mets.status": "confirmed",
}  # fmt: skip


@pytest.mark.parametrize("name", ["mets.lesion_count", "dq.count_inconsistent"])
def test_a_total_leads_back_to_everything_that_bounds_it(name: str) -> None:
    found = derived(record(BOUNDING, lesions=confirmed(2)), DEFAULTS).facts[name]

    assert set(found.because) == {*BOUNDING, "lesion.status"} - {name}
    assert {source.reference for source in found.sources} == {
        *(f"Observation/{bounding}" for bounding in BOUNDING), "Observation/lesion.status",
    }  # fmt: skip


def test_a_reported_number_that_stays_is_the_fact_reported() -> None:
    given = record({"mets.lesion_count": 3, "mets.bone_lesion_count": 2, "mets.status": "confirmed"})

    assert derived(given, DEFAULTS).facts["mets.lesion_count"] == given.facts["mets.lesion_count"]


def test_that_all_is_irradiated_leads_back_to_the_lesions_and_their_number() -> None:
    given = record(
        {**BONE_ONLY, "mets.lesion_count": 2, "mets.bone_lesion_count": 2}, lesions=confirmed(2, prior_rt=True)
    )

    found = derived(given, DEFAULTS).facts["mets.all_bone_lesions_irradiated"]

    assert set(found.because) == {"lesion.status", "lesion.prior_rt", "mets.bone_lesion_count", "mets.lesion_count"}
    assert {source.reference for source in found.sources} == {f"Observation/{name}" for name in found.because}
