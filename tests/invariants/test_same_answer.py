"""What is the same gets the same answer: whatever its order, its unit, its company, and which of two is ordered."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from datetime import date

from hypothesis import assume, given
from hypothesis import strategies as st

from rulesets.record import Member, Record
from rulesets.rulebook import RULES
from service.assess import Request, assess
from service.canonical import dumps
from service.reasoning.situations import members_of
from tests.intake import made
from tests.invariants.judging import Json, Verdicts, answer, house, reasoner, true_of
from tests.support.aims import LISTS
from tests.support.house import once_more
from tests.support.patients import Recipe, recipes, sources_told
from tests.support.random_records import shuffled
from tests.support.stories import answered, stories

STORIES = {story.name: story for story in stories()}
EXPOSURES = ("concurrent", "recent", "clear", "after_rt_early", "after_rt")
BY_ID = {rule.id: rule for rule in RULES}


# --- order -----------------------------------------------------------------------------------------


@given(recipes(), st.integers(0, 1000))
def test_the_order_of_facts_and_lists_changes_nothing(patient: Recipe, seed: int) -> None:
    """Invariant 5: cards are the same in every byte; what fired is the same for the same elements."""
    record, sources = patient.record, sources_told()
    chance = random.Random(seed)

    other = _twice(shuffled(record, chance), chance)

    before, after = answer(record, sources), answer(other, sources)
    assert dumps(after["cards"]) == dumps(before["cards"])
    assert after["prognosis"] == before["prognosis"]
    assert _fired(after) == _fired(before)


@given(st.sampled_from(sorted(STORIES)), st.integers(0, 1000))
def test_the_order_of_resources_and_one_sent_twice_change_nothing(name: str, seed: int) -> None:
    """Invariant 5: through the door, in every byte."""
    story, chance = STORIES[name], random.Random(seed)
    entries = list(story.bundle["entry"])

    others = [*entries, *json.loads(json.dumps(chance.sample(entries, 2)))]
    chance.shuffle(others)

    before = answered(house(), story.bundle, story.evaluation_date)
    again = once_more(house(), [each["trace"] for each in before])
    assert dumps(answered(again, {**story.bundle, "entry": others}, story.evaluation_date)) == dumps(before)


def _twice(record: Record, chance: random.Random) -> Record:
    """The record with some elements of its lists listed a second time."""
    repeated = {}
    for of_list in LISTS.values():
        members = getattr(record, of_list)
        repeated[of_list] = members and (*members, chance.choice(members))
    repeated["orders"] = record.orders  # two orders that are alike are two orders
    return replace(record, **repeated)


def _fired(result: Json) -> set[tuple[str, str, str | None]]:
    return {(each["id"], each["indicator"], each["element"]) for each in result["rules"]["fired"]}


# --- units -----------------------------------------------------------------------------------------


@given(st.integers(30, 250))
def test_a_haemoglobin_means_the_same_in_either_unit(grams_per_litre: int) -> None:
    """Invariant 6: 110 g/L and 11 g/dL."""

    def told(value: float, unit: str) -> Json:
        haemoglobin = made.concept(made.LOINC, "718-7")
        return made.observation("hb", haemoglobin, valueQuantity=_quantity(value, unit))

    assert _judged(told(grams_per_litre / 10, "g/dL")) == _judged(told(grams_per_litre, "g/L"))


@given(st.integers(1, 400), st.integers(1, 40))
def test_a_dose_means_the_same_in_either_unit(tenths: int, fractions: int) -> None:
    """Invariant 6: 30 Gy and 3000 cGy."""

    def told(value: float, unit: str) -> Json:
        dose = made.dose(value, unit, fractions, kind="planned")
        return made.radiotherapy("ServiceRequest", "rt", "draft", dose, occurrenceDateTime="2026-11-03")

    assert _judged(told(tenths / 10, "Gy")) == _judged(told(tenths * 10, "cGy"))


@given(st.integers(1, 200))
def test_a_size_means_the_same_in_either_unit(millimetres: int) -> None:
    """Invariant 6: 5 cm and 50 mm."""

    def told(value: float, unit: str) -> Json:
        size = made.concept(made.LOINC, "21889-1")
        return made.observation(
            "size", size, valueQuantity=_quantity(value, unit), focus=[{"reference": "Condition/b"}]
        )

    assert _judged(told(millimetres / 10, "cm")) == _judged(told(millimetres, "mm"))


def _quantity(value: float, unit: str) -> Json:
    return {"value": value, "system": "http://unitsofmeasure.org", "code": unit, "unit": unit}


def _judged(resource: Json) -> Json:
    """The answer for a patient with bone metastases and this resource, less how the value was written."""
    bundle = made.bundle(
        made.patient(),
        made.condition("b", made.BREAST, onsetDateTime="2019-05-01"),
        made.condition("m", made.BONE_METASTASIS),
        resource,
    )
    request = Request(kind="bundle", document=bundle, digest="units", evaluation_date=date(2026, 11, 1))
    [result] = assess(once_more(house(), ["trace"]), request).results
    assert not result["warnings"]
    found = {name: result[name] for name in ("pattern", "prognosis", "derived", "exposure")}
    cards = [{name: card[name] for name in ("summary", "indicator")} for card in result["cards"]]
    return {**found, "fired": sorted(_fired(result), key=repr), "cards": cards}


# --- company ---------------------------------------------------------------------------------------


@given(recipes(course=2))
def test_each_course_is_judged_as_if_it_were_alone(patient: Recipe) -> None:
    """Invariant 15: but for days counted from "the" course, and claims about any course."""
    record = patient.record
    courses = {course.key: course for course in record.courses}
    assume(not any(name in drug.facts for drug in record.drugs or () for name in _FROM_THE_COURSE))

    together = _of_each("course", true_of(reasoner().fire(record)))

    alone = [true_of(reasoner().fire(replace(record, courses=(course,)))) for course in courses.values()]
    assert together == set().union(*(_of_each("course", found) for found in alone))


@given(recipes(order=2))
def test_each_order_is_judged_as_if_it_were_alone(patient: Recipe) -> None:
    """Invariant 15: for every rule, as none makes a claim about any order."""
    record = patient.record

    together = true_of(reasoner().fire(record))

    alone = [true_of(reasoner().fire(replace(record, orders=(order,)))) for order in record.orders]
    assert together == set().union(*alone)


_FROM_THE_COURSE = ("drug.days_last_dose_to_rt_start", "drug.days_rt_end_to_first_dose")


def _of_each(element: str, found: Verdicts) -> Verdicts:
    """What was found by rules that are judged for each such element."""
    return {(id, keys) for id, keys in found if element in BY_ID[id].for_each}


@given(recipes(course=1, drug=1), st.booleans())
def test_a_drug_has_one_timing_whichever_of_the_two_is_ordered(patient: Recipe, orders_drug: bool) -> None:
    """Invariant 13: one of five values or none, for every course that was not cancelled."""
    record = patient.record

    def of_request(members: tuple[Member, ...], is_ordered: bool) -> tuple[Member, ...]:
        return tuple(replace(member, in_request=is_ordered) for member in members)

    other = replace(
        record,
        drugs=of_request(record.drugs or (), orders_drug),
        courses=of_request(record.courses, not orders_drug),
        orders=(),
    )

    before, after = (reasoner().fire(each).record for each in (record, other))
    pairs = {
        (course.key, drug.key)
        for course in members_of(before, "course")
        for drug in members_of(before, "drug")
        if (status := course.facts.get("rt.status")) is None or status.value != "cancelled"
    }
    assert set(before.exposures) == pairs
    assert all(
        list(facts) in ([], ["drug.exposure"]) and all(fact.value in EXPOSURES for fact in facts.values())
        for facts in before.exposures.values()
    )
    assert after.exposures == before.exposures
