"""Where a drug stands around a course: each cut from both sides, and every missing day tried out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rulesets.derive import derived
from rulesets.exposure import possible_exposures
from rulesets.language import Value
from rulesets.record import Facts
from rulesets.thresholds import THRESHOLDS, effective
from tests.conftest import EXAMPLES
from tests.rulesets.building import DEFAULTS, course, drug, fact, record, values_of

Days = Mapping[str, Value]
CYTOTOXIC: Days = {"name": "capecitabine"}


def exposure(of_course: Days, of_drug: Days, *, name: str = "capecitabine", **thresholds: object) -> Value | None:
    """The exposure of one drug and one course, None when it is unknown."""
    given_record = record(drugs=(drug(**{"name": name, **of_drug}),), courses=(course(**of_course),))
    after = derived(given_record, effective(thresholds))
    return values_of(after.exposures["courses/0", "drugs/0"]).get("drug.exposure")


def planned(start: int = 10, end: int | None = None) -> Days:
    return {"status": "planned", "start_day": start, "end_day": start + 4 if end is None else end}


def completed(start: int = -40, end: int = -30) -> Days:
    return {"status": "completed", "start_day": start, "end_day": end}


def stopped(last_dose: int, **more: Value) -> Days:
    return {"status": "stopped", "start_day": -200, "last_dose_day": last_dose, **more}


# --- both sides of each cut ----------------------------------------------------------------------


def test_a_last_dose_on_the_day_of_the_first_fraction_is_concurrent() -> None:
    assert exposure(planned(10), stopped(10)) == "concurrent"
    assert exposure(planned(10), stopped(9)) == "recent"


def test_a_first_dose_on_the_day_of_the_last_fraction_is_concurrent() -> None:
    assert exposure(completed(end=-30), {"status": "active", "start_day": -30}) == "concurrent"
    assert exposure(completed(end=-30), {"status": "active", "start_day": -29}) == "after_rt_early"


@pytest.mark.parametrize(
    ("name", "washout"),
    [
        ("capecitabine", 21), ("olaparib", 21), ("palbociclib", 14), ("trastuzumab emtansine", 21),
        ("sacituzumab govitecan", 21), ("capivasertib", 21), ("bevacizumab", 21),
    ],
)  # fmt: skip
def test_a_last_dose_exactly_one_washout_before_radiotherapy_is_clear(name: str, washout: int) -> None:
    assert exposure(planned(1), stopped(1 - washout + 1), name=name) == "recent"
    assert exposure(planned(1), stopped(1 - washout), name=name) == "clear"


@pytest.mark.parametrize("name", ["letrozole", "trastuzumab", "everolimus", "lapatinib", "pembrolizumab", "novamab"])
def test_classes_without_a_washout_are_clear_the_day_before(name: str) -> None:
    assert exposure(planned(0), stopped(-1), name=name) == "clear"
    assert exposure(planned(0), stopped(0), name=name) == "concurrent"


@pytest.mark.parametrize("name", ["capecitabine", "olaparib", "trastuzumab emtansine", "datopotamab deruxtecan"])
def test_a_first_dose_exactly_one_gap_after_radiotherapy_is_no_longer_early(name: str) -> None:
    assert exposure(completed(end=-21), {"status": "draft", "start_day": -1}, name=name) == "after_rt_early"
    assert exposure(completed(end=-21), {"status": "draft"}, name=name) == "after_rt"


@pytest.mark.parametrize("name", ["palbociclib", "letrozole", "capivasertib"])
def test_classes_without_a_gap_are_never_early(name: str) -> None:
    assert exposure(completed(end=-1), {"status": "draft"}, name=name) == "after_rt"


# --- what the status allows ------------------------------------------------------------------------


def test_an_active_drug_has_no_end_whatever_its_last_dose() -> None:
    assert exposure(planned(), {"status": "active", "last_dose_day": -300}) == "concurrent"


def test_a_planned_stop_before_radiotherapy_ends_an_active_drug() -> None:
    active: Days = {"status": "active", "start_day": -90}
    assert exposure(planned(30), {**active, "stop_day": 9}) == "clear"
    assert exposure(planned(30), {**active, "stop_day": 10}) == "recent"
    assert exposure(planned(30), {**active, "stop_day": 30}) == "concurrent"


def test_an_active_drug_whose_stop_has_passed_may_have_ended_or_not() -> None:
    assert exposure(planned(30), {"status": "active", "start_day": -90, "stop_day": -1}) is None


def test_a_draft_drug_starts_today() -> None:
    assert exposure(planned(10), {"status": "draft"}) == "concurrent"
    assert exposure(completed(end=-1), {"status": "draft"}) == "after_rt_early"


def test_a_planned_drug_without_a_date_may_come_during_or_after() -> None:
    assert exposure(planned(), {"status": "planned"}) is None
    assert exposure(completed(end=-30), {"status": "planned"}) == "after_rt"


def test_a_stopped_drug_without_a_date_is_unknown() -> None:
    assert exposure(planned(), {"status": "stopped"}) is None


def test_the_later_of_last_dose_and_stop_ends_a_stopped_drug() -> None:
    assert exposure(planned(10), stopped(-20, stop_day=-5)) == "recent"
    assert exposure(planned(10), stopped(-5, stop_day=-20)) == "recent"
    assert exposure(planned(10), stopped(-20, stop_day=-30)) == "clear"


def test_a_hold_without_a_date_was_before_a_course_that_has_not_begun() -> None:
    assert exposure({"status": "planned"}, {"status": "on_hold"}) == "recent"
    assert exposure({"status": "draft"}, {"status": "on_hold", "start_day": -90}) == "recent"
    assert exposure({"status": "in_progress", "start_day": -5}, {"status": "on_hold"}) is None


def test_a_course_that_runs_is_concurrent_with_a_drug_that_is_taken() -> None:
    assert exposure({"status": "in_progress"}, {"status": "active"}) == "concurrent"
    assert exposure({"status": "on_hold"}, {"status": "active"}) == "concurrent"


def test_an_open_course_past_its_last_day_may_go_on() -> None:
    late: Days = {"status": "in_progress", "start_day": -20, "end_day": -10}
    assert exposure(late, {"status": "draft"}) is None
    assert exposure({**late, "status": "completed"}, {"status": "draft"}) == "after_rt_early"
    assert exposure(late, {"status": "active", "start_day": -15}) == "concurrent"


def test_the_last_day_is_estimated_from_the_fractions() -> None:
    ten: Days = {"status": "completed", "start_day": -34, "fractions": 10}  # ends on day -21
    assert exposure(ten, {"status": "draft"}) == "after_rt"
    assert exposure({**ten, "start_day": -33}, {"status": "draft"}) == "after_rt_early"


def test_a_course_of_unknown_status_may_go_on_past_its_last_day() -> None:
    assert exposure({"start_day": -40, "end_day": -30}, {"status": "active", "start_day": -35}) == "concurrent"
    assert exposure({"start_day": -40, "end_day": -30}, {"status": "active", "start_day": -20}) is None


@pytest.mark.parametrize(
    ("status", "last_dose", "expected"),
    [
        ("draft", -30, "clear"), ("planned", -30, "clear"),  # not before today
        ("in_progress", -30, None), ("on_hold", -30, None), (None, -30, None),  # at any time since or before
    ],
)  # fmt: skip
def test_a_course_without_a_day_begins_when_its_status_allows(
    status: str | None, last_dose: int, expected: str | None
) -> None:
    days: Days = {} if status is None else {"status": status}
    assert exposure(days, stopped(last_dose)) == expected


@pytest.mark.parametrize("name", ["palbociclib", "letrozole"])
def test_without_a_gap_a_first_dose_on_the_day_of_the_last_fraction_is_concurrent_and_no_more(name: str) -> None:
    assert exposure(completed(end=-30), {"status": "active", "start_day": -30}, name=name) == "concurrent"
    assert exposure(completed(end=-30), {"status": "active", "start_day": -29}, name=name) == "after_rt"


@pytest.mark.parametrize(
    ("name", "threshold"),
    [
        ("capecitabine", "washout_cytotoxic_days"), ("sacituzumab govitecan", "washout_cytotoxic_days"),
        ("olaparib", "washout_parp_days"), ("palbociclib", "washout_cdk46_days"),
        ("trastuzumab deruxtecan", "washout_adc_days"), ("capivasertib", "washout_not_in_paper_days"),
        ("bevacizumab", "washout_not_in_paper_days"), ("letrozole", "washout_other_days"),
    ],
)  # fmt: skip
def test_each_class_has_the_washout_that_is_set_for_it(name: str, threshold: str) -> None:
    own = {threshold: 40}
    others = dict.fromkeys({key for key in THRESHOLDS if key.startswith("washout_")} - {threshold}, 5)

    for thresholds in (own, {**own, **others}):
        assert exposure(planned(10), stopped(-29), name=name, **thresholds) == "recent"
        assert exposure(planned(10), stopped(-30), name=name, **thresholds) == "clear"


@pytest.mark.parametrize(
    ("name", "threshold"),
    [
        ("capecitabine", "post_rt_gap_cytotoxic_days"), ("sacituzumab govitecan", "post_rt_gap_cytotoxic_days"),
        ("olaparib", "post_rt_gap_parp_days"), ("trastuzumab deruxtecan", "post_rt_gap_adc_days"),
        ("palbociclib", "post_rt_gap_other_days"), ("letrozole", "post_rt_gap_other_days"),
    ],
)  # fmt: skip
def test_each_class_has_the_gap_that_is_set_for_it(name: str, threshold: str) -> None:
    own = {threshold: 40}
    others = dict.fromkeys({key for key in THRESHOLDS if key.startswith("post_rt_gap_")} - {threshold}, 5)

    for thresholds in (own, {**own, **others}):
        begun = {"status": "active", "start_day": 9}
        assert exposure(completed(end=-30), begun, name=name, **thresholds) == "after_rt_early"
        assert exposure(completed(end=-31), begun, name=name, **thresholds) == "after_rt"


@pytest.mark.parametrize("status", ["draft", "planned", "in_progress", "on_hold"])
def test_a_last_dose_on_the_first_day_of_an_open_course_or_later_is_concurrent(status: str) -> None:
    undated = {"status": "stopped", "days_last_dose_to_rt_start": 0}
    assert exposure({"status": status}, undated) == "concurrent"


def test_a_cancelled_course_is_not_judged_and_the_next_one_is() -> None:
    courses = (course("courses/0", status="cancelled"), course("courses/1", **completed()))

    after = derived(
        record(drugs=(drug(name="capecitabine", status="active", start_day=-35),), courses=courses), DEFAULTS
    )

    assert [pair for pair in after.exposures] == [("courses/1", "drugs/0")]


def test_a_cancelled_course_is_not_judged() -> None:
    given_record = record(drugs=(drug(name="olaparib", status="active"),), courses=(course(status="cancelled"),))
    assert derived(given_record, DEFAULTS).exposures == {}


def test_days_that_contradict_one_another_say_nothing() -> None:
    assert exposure(planned(start=14, end=10), {"status": "active"}) is None
    assert exposure(planned(), {"status": "stopped", "start_day": 5, "last_dose_day": 1}) is None


def test_a_drug_without_a_name_is_stated_only_when_every_class_agrees() -> None:
    def nameless(**values: Value) -> Value | None:
        after = derived(record(drugs=(drug(**values),), courses=(course(**planned(30)),)), DEFAULTS)
        return values_of(after.exposures["courses/0", "drugs/0"]).get("drug.exposure")

    assert nameless(status="active") == "concurrent"
    assert nameless(status="stopped", start_day=-9, last_dose_day=20) is None
    assert nameless(status="stopped", start_day=-9, last_dose_day=0) == "clear"


# --- the shorthand ---------------------------------------------------------------------------------


@pytest.mark.parametrize(("days", "expected"), [(21, "clear"), (20, "recent"), (1, "recent"), (0, "concurrent")])
def test_days_from_the_last_dose_stand_in_for_dates(days: int, expected: str) -> None:
    assert exposure({"status": "planned"}, {"status": "stopped", "days_last_dose_to_rt_start": days}) == expected
    assert exposure({"status": "planned"}, {"status": "on_hold", "days_last_dose_to_rt_start": days}) == expected


def test_a_last_dose_after_the_start_of_a_completed_course_is_counted_from_that_start() -> None:
    given_drug: Days = {"status": "stopped", "days_last_dose_to_rt_start": -15}
    assert exposure(completed(-40, -30), {**given_drug, "start_day": -90}) == "concurrent"
    assert exposure(completed(-40, -30), {**given_drug, "start_day": -29}) == "after_rt_early"
    assert exposure({"status": "completed"}, given_drug) is None


@pytest.mark.parametrize(("days", "expected"), [(0, "concurrent"), (1, "after_rt_early"), (20, "after_rt_early"), (21, "after_rt")])  # fmt: skip
@pytest.mark.parametrize("status", ["draft", "planned"])
def test_days_to_the_first_dose_stand_in_for_dates(status: str, days: int, expected: str) -> None:
    assert exposure({"status": "planned"}, {"status": status, "days_rt_end_to_first_dose": days}) == expected


def test_dates_come_before_the_shorthand() -> None:
    assert exposure(planned(10), stopped(-20, days_last_dose_to_rt_start=1)) == "clear"
    assert exposure(planned(10), {"status": "draft", "start_day": 0, "days_rt_end_to_first_dose": 30}) == "concurrent"


def test_the_shorthand_is_not_read_of_an_active_drug() -> None:
    assert exposure(planned(), {"status": "active", "days_last_dose_to_rt_start": 100}) == "concurrent"


def test_the_shorthand_means_nothing_when_there_are_two_courses() -> None:
    short = drug(name="capecitabine", status="stopped", days_last_dose_to_rt_start=100)
    after = derived(record(drugs=(short,), courses=(course(**planned()), course("courses/1", **planned()))), DEFAULTS)
    assert after.exposures == {("courses/0", "drugs/0"): {}, ("courses/1", "drugs/0"): {}}


def test_an_exposure_leads_back_to_the_days_it_was_made_of() -> None:
    active = drug(name="olaparib", status="active", start_day=-90, last_dose_day=-3)
    after = derived(record(drugs=(active,), courses=(course(**planned()),)), DEFAULTS)
    assert after.exposures["courses/0", "drugs/0"]["drug.exposure"].because == (
        "drug.drug_class", "drug.start_day", "drug.status", "rt.end_day", "rt.start_day", "rt.status",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("of_drug", "read"),
    [
        ({"status": "draft", "start_day": 40, "stop_day": 60}, {"start_day", "stop_day"}),
        ({"status": "planned", "start_day": 40, "stop_day": 60}, {"start_day", "stop_day"}),
        ({"status": "draft", "days_rt_end_to_first_dose": 30}, {"days_rt_end_to_first_dose"}),
        ({"status": "planned", "days_rt_end_to_first_dose": 30}, {"days_rt_end_to_first_dose"}),
        ({"status": "active", "start_day": -9, "stop_day": 2, "last_dose_day": -1}, {"start_day", "stop_day"}),
        ({"status": "stopped", "start_day": -9, "stop_day": -4, "last_dose_day": -5}, {"start_day", "stop_day", "last_dose_day"}),
        ({"status": "on_hold", "start_day": -9, "stop_day": -4, "last_dose_day": -5}, {"start_day", "stop_day", "last_dose_day"}),
        ({"status": "stopped", "days_last_dose_to_rt_start": 9}, {"days_last_dose_to_rt_start"}),
        ({"status": "on_hold", "days_last_dose_to_rt_start": 9}, {"days_last_dose_to_rt_start"}),
        ({"start_day": 12, "last_dose_day": 14, "stop_day": 15}, {"start_day", "last_dose_day"}),
    ],
)  # fmt: skip
def test_of_a_drug_the_days_are_read_that_its_status_gives_a_meaning(of_drug: Days, read: set[str]) -> None:
    after = derived(record(drugs=(drug(name="olaparib", **of_drug),), courses=(course(**planned()),)), DEFAULTS)

    found = after.exposures["courses/0", "drugs/0"]["drug.exposure"].because
    days = {
        name.removeprefix("drug.")
        for name in found
        if name.endswith(("_day", "_start", "_dose")) and name[:5] == "drug."
    }
    assert days == read


# --- every missing day tried out ---------------------------------------------------------------------

WASHOUT, GAP = 3, 4
SHORT = effective({"washout_cytotoxic_days": WASHOUT, "post_rt_gap_cytotoxic_days": GAP})
"""Short windows, so that few days are enough to reach beyond every one of them."""

WINDOW = range(-12, 13)
PAST, FUTURE = [day for day in WINDOW if day <= 0], [day for day in WINDOW if day >= 0]
NO_END = 1000


def tried_out(of_course: Days, of_drug: Days) -> set[str]:
    """The exposures found by going through the days one by one."""
    return {
        relation(first, last, start, end)
        for start in first_fractions(of_course)
        for end in last_fractions(of_course)
        if start <= end
        for last in last_doses(of_drug)
        for first in first_doses(of_drug)
        if first <= last
    }


def relation(first: int, last: int, start: int, end: int) -> str:
    if last < start:
        return "recent" if start - last < WASHOUT else "clear"
    if first > end:
        return "after_rt_early" if first - end < GAP else "after_rt"
    return "concurrent"


def first_fractions(of_course: Days) -> Sequence[int]:
    match of_course:
        case {"start_day": int(day)}:
            return [day]
        case {"status": "draft" | "planned"}:
            return FUTURE
        case {"status": "in_progress" | "completed"}:
            return PAST
    return WINDOW


def last_fractions(of_course: Days) -> Sequence[int]:
    match of_course:
        case {"end_day": int(day), "status": "draft" | "planned" | "completed"}:
            return [day]
        case {"end_day": int(day)}:
            return [later for later in WINDOW if later >= day] if day < 0 else [day]
        case {"status": "completed"}:
            return PAST
        case {"status": _}:
            return FUTURE
    return WINDOW


def first_doses(of_drug: Days) -> Sequence[int]:
    match of_drug:
        case {"start_day": int(day)}:
            return [day]
        case {"status": "draft"}:
            return [0]
        case {"status": "planned"}:
            return FUTURE
        case {"status": "active"}:
            return PAST
    return WINDOW


def last_doses(of_drug: Days) -> Sequence[int]:
    ends = [day for name in ("last_dose_day", "stop_day") if isinstance(day := of_drug.get(name), int)]
    match of_drug:
        case {"status": "stopped" | "on_hold"}:
            return [max(ends)] if ends else PAST
        case {"status": "active", "stop_day": int(day)} if day < 0:
            return [later for later in WINDOW if later >= day]
        case {"status": _, "stop_day": int(day)}:
            return [day]
        case {"status": _}:
            return [NO_END]
        case {"last_dose_day": int(day)}:
            return [later for later in WINDOW if later >= day]
    return WINDOW


def some_of(statuses: Sequence[str], days: Sequence[str]) -> st.SearchStrategy[dict[str, Value]]:
    """A status or none, and any of the days within reach of the window."""
    return st.fixed_dictionaries(
        {}, optional={"status": st.sampled_from(statuses), **{day: st.integers(-5, 5) for day in days}}
    )


COURSES = some_of(("draft", "planned", "in_progress", "on_hold", "completed"), ("start_day", "end_day"))
DRUGS = some_of(("draft", "planned", "active", "on_hold", "stopped"), ("start_day", "last_dose_day", "stop_day"))


def is_undated_hold(of_drug: Days) -> bool:
    return of_drug.get("status") == "on_hold" and not {"last_dose_day", "stop_day"} & of_drug.keys()


@settings(max_examples=5 * EXAMPLES)
@given(COURSES, DRUGS)
def test_what_is_possible_is_what_some_choice_of_the_missing_days_gives(of_course: Days, of_drug: Days) -> None:
    found = possible_exposures(course(**of_course).facts, cytotoxic(of_drug), SHORT, is_only_course=True)
    if is_undated_hold(of_drug) and of_course.get("status") in ("draft", "planned"):
        assert found == {"recent"}
    else:
        assert found == tried_out(of_course, of_drug)


def cytotoxic(of_drug: Days) -> Facts:
    return {**drug(**of_drug).facts, "drug.drug_class": fact("drug.drug_class", "cytotoxic")}


def contradicts_its_status(day: int, of: str, status: str, name: str) -> bool:
    """A day no such course or drug can have: what is recorded counts, but no missing day stands for it."""
    past, future = day < 0, day > 0
    return {
        "course": {"draft": past, "planned": past, "completed": future, "in_progress": name == "start_day" and future},
        "drug": {
            "planned": past,
            "active": name == "start_day" and future,
            "stopped": name != "start_day" and future,
            "on_hold": name != "start_day" and future,
        },
    }[of].get(status, False)


@settings(max_examples=2 * EXAMPLES)
@given(COURSES, DRUGS, st.data())
def test_taking_a_day_away_only_leaves_the_exposure_or_makes_it_unknown(
    of_course: Days, of_drug: Days, data: st.DataObject
) -> None:
    """Invariant 14: but for the assumed start of a draft, an undated hold, and days that contradict a status."""
    before = exposure(of_course, of_drug)
    days = [("course", day) for day in of_course if day != "status"] + [
        ("drug", day) for day in of_drug if day != "status"
    ]
    if before is None or not days:
        return
    where, gone = data.draw(st.sampled_from(days))
    fewer_course = {name: each for name, each in of_course.items() if (where, name) != ("course", gone)}
    fewer_drug = {name: each for name, each in of_drug.items() if (where, name) != ("drug", gone)}
    is_start_assumed = of_drug.get("status") == "draft" and (where, gone) == ("drug", "start_day")
    # Of a last dose and a stop the later one counts: without it the earlier speaks alone.
    is_one_of_two_ends = where == "drug" and {"last_dose_day", "stop_day"} <= set(of_drug) and gone != "start_day"
    # A drug that is still to be taken has no end without a planned stop, so that stop is no missing day.
    is_planned_stop = (where, gone) == ("drug", "stop_day") and of_drug.get("status") in ("draft", "planned", "active")
    whole = of_course if where == "course" else of_drug
    is_contradiction = contradicts_its_status(int(str(whole[gone])), where, str(whole.get("status", "")), gone)
    is_exception = is_start_assumed or is_one_of_two_ends or is_planned_stop or is_contradiction
    if not is_exception and not is_undated_hold(fewer_drug):
        assert exposure(fewer_course, fewer_drug) in (before, None)


@given(COURSES, DRUGS, st.integers(-5, 5))
def test_a_last_dose_never_changes_the_exposure_of_an_active_drug(of_course: Days, of_drug: Days, day: int) -> None:
    """Invariant 14: whatever the course."""
    active = {**of_drug, "status": "active"}
    without = {name: each for name, each in active.items() if name != "last_dose_day"}
    assert exposure(of_course, {**without, "last_dose_day": day}) == exposure(of_course, without)


@given(st.lists(COURSES, min_size=2, max_size=3), st.lists(DRUGS, min_size=1, max_size=3))
def test_each_pair_is_judged_as_if_it_were_alone(courses: list[Days], drugs: list[Days]) -> None:
    """Invariant 15: of drugs as well as of courses."""
    together = derived(
        record(
            drugs=tuple(drug(f"drugs/{n}", **{**CYTOTOXIC, **each}) for n, each in enumerate(drugs)),
            courses=tuple(course(f"courses/{n}", **each) for n, each in enumerate(courses)),
        ),
        DEFAULTS,
    )
    assert {pair: values_of(facts).get("drug.exposure") for pair, facts in together.exposures.items()} == {
        (f"courses/{c}", f"drugs/{d}"): exposure(of_course, of_drug)
        for c, of_course in enumerate(courses)
        for d, of_drug in enumerate(drugs)
    }


@given(COURSES, DRUGS, st.booleans(), st.booleans())
def test_it_does_not_matter_which_of_the_two_is_ordered(
    of_course: Days, of_drug: Days, course_in_request: bool, drug_in_request: bool
) -> None:
    """Invariant 13: whatever is known of their days."""
    given_record = record(
        drugs=(replace(drug(**{**CYTOTOXIC, **of_drug}), in_request=drug_in_request),),
        courses=(replace(course(**of_course), in_request=course_in_request),),
    )
    found = derived(given_record, DEFAULTS).exposures["courses/0", "drugs/0"]
    assert values_of(found).get("drug.exposure") == exposure(of_course, of_drug)
