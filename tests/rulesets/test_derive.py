"""Facts of the patient that follow by preference or arithmetic, and where they lead back to."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rulesets.derive import derived
from rulesets.facts import FACTS
from rulesets.language import Interval, Value
from rulesets.record import Member, Record
from tests.rulesets.building import DEFAULTS, TODAY, course, derived_of, drug, fact, lesion, record

VISCERAL_FREE: dict[str, Value] = {
    f"mets.organ.{organ}": "absent" for organ in ("liver", "lung", "brain", "other_visceral")
}

# --- receptors -----------------------------------------------------------------------------------


@pytest.mark.parametrize("receptor", ["er", "pr", "her2"])
def test_the_result_on_the_metastasis_counts_before_the_primary(receptor: str) -> None:
    primary = {f"tumour.{receptor}_primary": "positive"}
    assert derived_of(record(primary))[f"tumour.{receptor}"] == "positive"
    both = {**primary, f"tumour.{receptor}_metastasis": "negative"}
    assert derived_of(record(both))[f"tumour.{receptor}"] == "negative"
    assert f"tumour.{receptor}" not in derived_of(record())


def test_an_equivocal_her2_leaves_it_unknown_and_says_so() -> None:
    known = derived_of(record({"tumour.her2_primary": "equivocal"}))
    assert "tumour.her2" not in known
    assert known["tumour.her2_equivocal_unresolved"] is True


def test_an_equivocal_metastasis_is_not_settled_by_the_primary() -> None:
    known = derived_of(record({"tumour.her2_primary": "negative", "tumour.her2_metastasis": "equivocal"}))
    assert "tumour.her2" not in known
    assert known["tumour.her2_equivocal_unresolved"] is True


def test_an_equivocal_primary_is_settled_by_the_metastasis() -> None:
    known = derived_of(record({"tumour.her2_primary": "equivocal", "tumour.her2_metastasis": "negative"}))
    assert known["tumour.her2"] == "negative"
    assert known["tumour.her2_equivocal_unresolved"] is False


def test_disagreeing_results_on_the_metastasis_do_not_bring_the_primary_back() -> None:
    given_record = record({"tumour.er_primary": "positive"}, conflicts=("tumour.er_metastasis",))
    assert "tumour.er" not in derived_of(given_record)


# --- haemoglobin and performance status ----------------------------------------------------------


def haemoglobin(value: float | None, unit: str | None) -> tuple[Value | None, Value]:
    stated: dict[str, Value] = {}
    if value is not None:
        stated["obs.hemoglobin_value"] = value
    if unit is not None:
        stated["obs.hemoglobin_unit"] = unit
    known = derived_of(record(stated))
    return known.get("patient.hemoglobin_g_dl"), known["dq.hb_unusable"]


def test_haemoglobin_is_the_same_in_every_unit() -> None:
    assert haemoglobin(11, "g/dL") == (11.0, False)
    assert haemoglobin(110, "g/L") == (11.0, False)
    assert haemoglobin(10, "mmol/L") == (16.11, False)


def test_haemoglobin_without_a_usable_unit_is_not_used() -> None:
    assert haemoglobin(11, None) == (None, True)
    assert haemoglobin(11, "mg/dL") == (None, True)


def test_no_haemoglobin_is_not_an_unusable_one() -> None:
    assert haemoglobin(None, None) == (None, False)
    assert haemoglobin(None, "g/dL") == (None, False)


@pytest.mark.parametrize(
    ("value", "unit", "usable"),
    [(3, "g/dL", True), (2.9, "g/dL", False), (25, "g/dL", True), (25.1, "g/dL", False), (250, "g/L", True), (11, "g/L", False)],
)  # fmt: skip
def test_an_impossible_haemoglobin_is_not_used(value: float, unit: str, usable: bool) -> None:
    found, is_unusable = haemoglobin(value, unit)
    assert (found is not None) is usable
    assert is_unusable is not usable


@given(st.integers(min_value=30, max_value=250))
def test_grams_per_litre_and_per_decilitre_agree_to_the_last_digit(grams_per_litre: int) -> None:
    per_decilitre = float(f"{grams_per_litre // 10}.{grams_per_litre % 10}")
    assert haemoglobin(grams_per_litre, "g/L") == haemoglobin(per_decilitre, "g/dL")


@pytest.mark.parametrize(("ecog", "kept"), [(0, True), (4, True), (5, False)])
def test_a_performance_status_of_five_grades_nobody(ecog: int, kept: bool) -> None:
    assert ("patient.ecog" in derived_of(record({"patient.ecog": ecog}))) is kept


# --- crisis and priorities -----------------------------------------------------------------------


def test_without_visceral_metastases_there_is_no_visceral_crisis() -> None:
    assert derived_of(record(VISCERAL_FREE))["mets.visceral_crisis"] is False
    assert "mets.visceral_crisis" not in derived_of(record({**VISCERAL_FREE, "mets.organ.lung": "present"}))
    without_brain = {name: value for name, value in VISCERAL_FREE.items() if name != "mets.organ.brain"}
    assert "mets.visceral_crisis" not in derived_of(record(without_brain))


def test_a_recorded_crisis_stands_and_a_disputed_one_stays_unknown() -> None:
    assert derived_of(record({**VISCERAL_FREE, "mets.visceral_crisis": True}))["mets.visceral_crisis"] is True
    disputed = record(VISCERAL_FREE, conflicts=("mets.visceral_crisis",))
    assert "mets.visceral_crisis" not in derived_of(disputed)


def priorities(**values: Value) -> tuple[Value, Value]:
    names = {name.partition(".")[2]: name for name in FACTS if name.startswith(("patient.", "mets."))}
    known = derived_of(record({names[name]: value for name, value in values.items()}))
    return known["imbrication.priorities"], known["imbrication.priorities_unknown"]


def test_goals_that_cannot_be_judged_are_told_apart_from_those_that_are_not_there() -> None:
    assert priorities() == ((), ("pain", "locoregional", "systemic"))
    assert priorities(bone_pain=False) == ((), ("pain", "locoregional", "systemic"))
    assert priorities(bone_pain=False, neuro_symptoms=False) == ((), ("locoregional", "systemic"))


def test_either_symptom_makes_pain_a_goal_and_either_threat_systemic_control() -> None:
    assert priorities(neuro_symptoms=True)[0] == ("pain",)
    assert priorities(rapid_progression=True)[0] == ("systemic",)
    assert priorities(visceral_crisis=False, rapid_progression=False)[1] == ("pain", "locoregional")


def test_goals_are_listed_in_one_order() -> None:
    assert priorities(visceral_crisis=True, progression_pattern="oligoprogressive", bone_pain=True) == (
        ("pain", "locoregional", "systemic"),
        (),
    )
    assert priorities(progression_pattern="widespread") == ((), ("pain", "systemic"))


# --- the drug list -------------------------------------------------------------------------------


def test_a_drug_list_is_available_unless_there_is_none_or_it_is_said_to_be_incomplete() -> None:
    assert derived_of(record())["meds.list_available"] is False
    assert derived_of(record(drugs=()))["meds.list_available"] is True
    assert derived_of(record({"meds.list_available": False}, drugs=()))["meds.list_available"] is False
    assert derived_of(record({"meds.list_available": True}))["meds.list_available"] is False


LETROZOLE = drug("drugs/0", name="letrozole", status="active")
STOPPED = drug("drugs/1", name="capecitabine", status="stopped")
DENOSUMAB = drug("drugs/2", name="denosumab", status="active")
UNMAPPED = drug("drugs/3", name="novamab", status="active")
NO_STATUS = drug("drugs/4", name="olaparib")
OSTEOPOROSIS = drug("drugs/5", name="denosumab for osteoporosis", status="active")
NO_LONGER = drug("drugs/5", name="alendronate", status="stopped")
TRANSPLANT = drug("drugs/6", name="everolimus for transplantation", status="active")


@pytest.mark.parametrize(
    ("drugs", "ongoing", "bone_agent"),
    [
        ((), False, False),
        ((LETROZOLE,), True, False),
        ((STOPPED,), False, False),
        ((DENOSUMAB,), False, True),
        ((STOPPED, UNMAPPED), None, None),
        ((LETROZOLE, UNMAPPED), True, None),
        ((STOPPED, NO_STATUS), None, None),
        ((OSTEOPOROSIS,), False, None),
        ((OSTEOPOROSIS, DENOSUMAB), False, True),
        ((NO_LONGER,), False, False),
        ((TRANSPLANT,), False, False),
    ],
)
def test_a_complete_list_says_what_treatment_is_going_on(
    drugs: tuple[Member, ...], ongoing: bool | None, bone_agent: bool | None
) -> None:
    known = derived_of(record(drugs=drugs))
    assert known.get("systemic.ongoing") is ongoing
    assert known.get("bone_agent.active") is bone_agent


def test_without_a_complete_list_nothing_is_said_to_be_missing() -> None:
    assert "systemic.ongoing" not in derived_of(record())
    assert "systemic.ongoing" not in derived_of(record({"meds.list_available": False}, drugs=(STOPPED,)))
    assert derived_of(record({"meds.list_available": False}, drugs=(LETROZOLE,)))["systemic.ongoing"] is True


def test_nothing_is_said_to_be_missing_from_a_list_whose_completeness_is_disputed() -> None:
    disputed = derived_of(record(drugs=(STOPPED,), conflicts=("meds.list_available",)))
    assert {"meds.list_available", "systemic.ongoing", "bone_agent.active"}.isdisjoint(disputed)
    taken = derived_of(record(drugs=(LETROZOLE,), conflicts=("meds.list_available",)))
    assert taken["systemic.ongoing"] is True


def test_a_list_of_which_a_part_could_not_be_read_is_not_available() -> None:
    unread = {"incomplete": frozenset({"drugs"})}
    known = derived_of(replace(record(drugs=(STOPPED,)), **unread))
    assert known["meds.list_available"] is False and "systemic.ongoing" not in known
    assert derived_of(replace(record(drugs=(LETROZOLE,)), **unread))["systemic.ongoing"] is True
    assert replace(record(drugs=()), **unread).without_request().drugs is None


def test_radiotherapy_and_surgery_are_only_ruled_out_when_all_of_it_could_be_read() -> None:
    ended, running = course(status="completed", planned=False), course(status="in_progress", planned=True)

    def of(*courses: Member, incomplete: frozenset[str]) -> tuple[Value | None, Value | None]:
        known = derived_of(replace(record(courses=courses), incomplete=incomplete))
        return known.get("context.rt_planned"), known.get("surgery.planned")

    assert of(ended, incomplete=frozenset()) == of(incomplete=frozenset({"drugs"})) == (False, False)
    assert of(ended, incomplete=frozenset({"procedures"})) == of(incomplete=frozenset({"procedures"})) == (None, None)
    assert of(running, incomplete=frozenset({"procedures"})) == (True, None)


def test_what_is_stated_of_treatment_stands_against_an_empty_list() -> None:
    assert derived_of(record({"systemic.ongoing": True}, drugs=()))["systemic.ongoing"] is True


# --- radiotherapy and surgery --------------------------------------------------------------------


def test_radiotherapy_is_planned_when_some_course_is_open() -> None:
    done, open_one, unclear = course("a", status="completed"), course("b", status="on_hold"), course("c")
    assert derived_of(record())["context.rt_planned"] is False
    assert derived_of(record(courses=(done,)))["context.rt_planned"] is False
    assert derived_of(record(courses=(done, open_one, unclear)))["context.rt_planned"] is True
    assert "context.rt_planned" not in derived_of(record(courses=(done, unclear)))


def test_one_implausible_dose_is_enough_for_the_flag() -> None:
    fine, slip = course("a", total_dose_gy=30, fractions=10), course("b", total_dose_gy=3000, fractions=10)
    assert derived_of(record(courses=(fine,)))["dq.dose_implausible"] is False
    assert derived_of(record(courses=(fine, slip)))["dq.dose_implausible"] is True


def test_an_operation_that_nobody_requests_is_not_planned() -> None:
    assert derived_of(record())["surgery.planned"] is False
    assert derived_of(record({"surgery.planned": True}))["surgery.planned"] is True
    assert "surgery.planned" not in derived_of(record(conflicts=("surgery.planned",)))


# --- conflicts, age, sources ---------------------------------------------------------------------


def test_conflicting_facts_are_named_in_order_and_unknown() -> None:
    given_record = record(
        {"tumour.er_primary": "positive"}, conflicts=("tumour.pr_primary", "tumour.er_primary", "tumour.er_primary")
    )
    after = derived(given_record, DEFAULTS)
    assert after.facts["dq.conflicting_facts"].value == ("tumour.er_primary", "tumour.pr_primary")
    assert after.facts["dq.any_conflict"].value is True
    assert after.facts["dq.any_conflict"].because == ("tumour.er_primary", "tumour.pr_primary")
    assert [source.reference for source in after.facts["dq.any_conflict"].sources] == ["Observation/a"]
    assert "tumour.er_primary" not in after.facts
    assert "tumour.er" not in after.facts


def test_without_conflicts_the_flag_is_down() -> None:
    known = derived_of(record())
    assert (known["dq.any_conflict"], known["dq.conflicting_facts"]) == (False, ())


CONFIRMED = {"mets.status": "confirmed"}


@pytest.mark.parametrize(
    ("name", "value", "shown", "days"),
    [
        ("patient.ecog", 1, "patient.ecog", 30),
        ("obs.hemoglobin_value", 12, "patient.hemoglobin_g_dl", 30),
        ("mets.organ.soft_tissue", "absent", "mets.organ.soft_tissue", 90),
        ("mets.lesion_count", 2, "mets.lesion_count", 90),
        ("mets.bone_lesion_count", 2, "mets.bone_lesion_count", 90),
    ],
)
def test_a_deciding_fact_is_stale_the_day_after_its_age_limit(name: str, value: Value, shown: str, days: int) -> None:
    def stale(age: int) -> Value:
        known = {**record(CONFIRMED).facts, name: fact(name, value, days_old=age)}
        return derived_of(replace(record(), facts=known))["dq.stale_facts"]

    assert stale(days) == ()
    assert stale(days + 1) == (shown,)


def test_a_fact_without_a_date_has_no_age_and_others_do_not_decide() -> None:
    old_grade = fact("tumour.grade", 3, days_old=4000)
    known = derived_of(replace(record(), facts={**record(CONFIRMED).facts, "tumour.grade": old_grade}))
    assert (known["dq.stale_facts"], known["dq.any_stale"]) == ((), False)


def test_a_stale_fact_is_used_all_the_same() -> None:
    old = {**record(CONFIRMED).facts, "patient.ecog": fact("patient.ecog", 2, days_old=400)}
    known = derived_of(replace(record(), facts=old))
    assert (known["dq.any_stale"], known["patient.ecog"]) == (True, 2)


@pytest.mark.parametrize(
    ("status", "stale"), [("confirmed", True), ("suspected", True), ("none", False), (None, False)]
)
def test_nothing_is_stale_where_nothing_is_decided_yet(status: str | None, stale: bool) -> None:
    old = {"patient.ecog": fact("patient.ecog", 2, days_old=400)}
    known = derived_of(
        replace(record(), facts={**old, **({"mets.status": fact("mets.status", status)} if status else {})})
    )
    assert known["dq.any_stale"] is stale


def test_a_derived_fact_is_as_old_as_its_oldest_part_and_leads_back_to_each() -> None:
    value = fact("obs.hemoglobin_value", 110, days_old=9)
    unit = fact("obs.hemoglobin_unit", "g/L", days_old=9)
    found = derived(replace(record(), facts={each.name: each for each in (value, unit)}), DEFAULTS)
    haemoglobin_fact = found.facts["patient.hemoglobin_g_dl"]
    assert haemoglobin_fact.because == ("obs.hemoglobin_unit", "obs.hemoglobin_value")
    assert set(haemoglobin_fact.sources) == {*value.sources, *unit.sources}
    assert haemoglobin_fact.date == TODAY - timedelta(days=9)


# --- properties ----------------------------------------------------------------------------------

LESIONS = (
    lesion("l/0", id="A", site="vertebra", status="confirmed", prior_rt=True, cord_compression="none"),
    lesion("l/1", id="B", site="sacrum", status="suspected"),
    lesion("l/2", id="C", site="rib", status="confirmed"),
)
COURSES = (
    course("c/0", status="planned", start_day=5, fractions=10, total_dose_gy=29.99, region="spine"),
    course("c/1", status="completed", end_day=-9, target_lesions=("B", "A")),
    course("c/2", status="in_progress", region="pelvis"),
)
DRUGS = (LETROZOLE, STOPPED, DENOSUMAB, NO_STATUS, drug("drugs/5", name="phesgo", status="draft"))
FULL = record(
    {
        "mets.status": "confirmed",
        "mets.organ.bone": "present",
        "mets.bone_lesion_count": Interval(lo=2),
        "patient.ecog": 1,
        **VISCERAL_FREE,
    },
    lesions=LESIONS,
    drugs=DRUGS,
    courses=COURSES,
    conflicts=("tumour.er_primary", "tumour.pr_primary"),
)


def in_any_order(given_record: Record) -> tuple[object, ...]:
    """The content of a record with the order of its lists taken out."""

    def by_key(members: tuple[Member, ...] | None) -> dict[str, Member]:
        return {each.key: each for each in members or ()}

    return (
        given_record.facts,
        by_key(given_record.lesions),
        by_key(given_record.drugs),
        by_key(given_record.courses),
        given_record.exposures,
    )


@settings(max_examples=30, deadline=None)
@given(st.randoms(use_true_random=False), st.booleans())
def test_neither_order_nor_repetition_changes_anything(chance: random.Random, twice: bool) -> None:
    def stirred(members: tuple[Member, ...]) -> tuple[Member, ...]:
        return tuple(chance.sample([*members, *members] if twice else members, len(members) * (2 if twice else 1)))

    stirred_record = replace(
        FULL,
        facts=dict(chance.sample(list(FULL.facts.items()), len(FULL.facts))),
        lesions=stirred(LESIONS),
        drugs=stirred(DRUGS),
        courses=stirred(COURSES),
        conflicts=tuple(chance.sample(FULL.conflicts, len(FULL.conflicts))),
    )
    assert in_any_order(derived(stirred_record, DEFAULTS)) == in_any_order(derived(FULL, DEFAULTS))


def test_every_derived_fact_is_of_a_known_kind_and_holds_a_value_it_may_have() -> None:
    after = derived(FULL, DEFAULTS)
    members = (*(after.lesions or ()), *(after.drugs or ()), *after.courses)
    for facts in (after.facts, *(each.facts for each in members), *after.exposures.values()):
        for name, each in facts.items():
            assert name == each.name
            assert FACTS[name].problem_with(each.value) is None, name
            assert name not in each.because
            assert set(each.because) <= set(FACTS)


def test_deriving_leaves_the_record_it_was_given_alone() -> None:
    before = in_any_order(FULL)
    derived(FULL, DEFAULTS)
    assert in_any_order(FULL) == before
