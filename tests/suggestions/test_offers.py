"""Which suggestions a card has, in what order, and that the same decision always offers the same."""

from __future__ import annotations

import copy
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from rulesets.facts import mets, patient
from rulesets.language import Condition
from rulesets.rule import EACH_COURSE, EACH_COURSE_AND_DRUG, Action, Indicator
from service.assess import Request, assess
from service.canonical import dumps
from service.cards.deck import cards_for
from service.house import House
from service.reasoning.findings import Firing
from service.replay import replay
from service.suggestions.drafts import Material
from service.suggestions.offers import MOST_SUGGESTIONS
from tests.support.findings import a_course, a_drug, conclusion, firing, rule, uuid
from tests.support.house import house_in, once_more
from tests.support.stories import Story, answered, stories
from tests.support.suggesting import (
    PATIENT,
    Resource,
    activities,
    by_reference,
    card_of,
    dose,
    offering,
    prescription,
    radiotherapy,
    suggestions,
    taken,
)

EXAMS: tuple[Action, ...] = (
    "order_mri",
    "order_bone_scan",
    "order_ct",
    "order_fdg_pet",
    "order_naf_pet",
    "order_biopsy",
)


def labels(found: list[Resource]) -> list[str]:
    return [each["label"] for each in found]


def exam(action: Action, indicator: Indicator = "info") -> Firing:
    return firing(offering(action, id=f"imaging.{action}", label=action, indicator=indicator))


# --- which ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("when", "is_offered"),
    [
        (None, True),
        (patient.bone_pain.is_true, True),
        (patient.bone_pain.is_false, False),
        (patient.neuro_symptoms.is_true, False),
        (patient.neuro_symptoms.is_unknown, True),
        (mets.lesion_count.at_least(1), False),
    ],
)
def test_a_suggestion_is_offered_where_its_condition_is_certainly_true(
    when: Condition | None, is_offered: bool
) -> None:
    found = conclusion(firing(offering("order_mri", when=when)), patient__bone_pain=True)

    assert bool(suggestions(found)) is is_offered


def test_the_same_thing_from_several_rules_is_offered_once_for_all_of_them() -> None:
    first, second = (
        offering("order_mri", id=id, label=id, indicator=indicator)
        for id, indicator in (("imaging.b", "warning"), ("imaging.a", "info"))
    )

    [offer] = suggestions(conclusion(firing(second), firing(first)))

    assert offer["label"] == "imaging.b"
    assert offer["extension"]["org.osteon.rules"] == ["imaging.b", "imaging.a"]
    draft = offer["actions"][0]["resource"]
    assert [each["text"] for each in draft["reasonCode"]] == ["Title of imaging.b", "Title of imaging.a"]
    assert len(draft["note"]) == 2


def test_several_firings_of_a_rule_about_one_drug_hold_it_once() -> None:
    hold = offering("hold_drug", for_each=EACH_COURSE_AND_DRUG)
    found = conclusion(*(firing(hold, a_course(f"ServiceRequest/{name}"), taken()) for name in "ab"))

    assert labels(suggestions(found, by_reference(prescription()))) == ["Do it: olaparib"]


def test_two_drugs_are_two_holds() -> None:
    hold = offering("hold_drug", for_each=EACH_COURSE_AND_DRUG)
    found = conclusion(*(firing(hold, a_course(), taken(name)) for name in ("olaparib", "talazoparib")))

    sent = by_reference(prescription(), prescription("talazoparib"))

    assert labels(suggestions(found, sent)) == ["Do it: olaparib", "Do it: talazoparib"]


def test_what_cannot_be_offered_leaves_room_for_what_can() -> None:
    blocked = [firing(offering("hold_drug", id="imaging.hold", for_each=("drug",)), a_drug(f"d{n}")) for n in range(5)]

    found = suggestions(conclusion(*blocked, exam("order_mri")))

    assert labels(found) == ["order_mri"]


# --- how many, in what order ---------------------------------------------------------------------


@pytest.mark.parametrize("count", [1, MOST_SUGGESTIONS, MOST_SUGGESTIONS + 1, len(EXAMS)])
def test_a_card_offers_a_few_things_at_most(count: int) -> None:
    found = suggestions(conclusion(*(exam(action) for action in EXAMS[:count])))

    assert labels(found) == list(EXAMS[: min(count, MOST_SUGGESTIONS)])


def test_what_a_warning_offers_comes_first_and_is_never_cut() -> None:
    grave = EXAMS[1:]

    found = suggestions(conclusion(exam(EXAMS[0]), *(exam(action, "warning") for action in grave)))

    assert labels(found) == list(grave)


def test_any_may_be_chosen_unless_two_change_the_same_order() -> None:
    eight, thirty = (
        firing(offering(action, id=f"dose.{action}", for_each=EACH_COURSE, label=action), a_course())
        for action in ("change_to_8_gy_in_1", "change_to_30_gy_in_10")
    )
    sent = by_reference(radiotherapy(dose(20, 5, "Gy")))

    alone = card_of(conclusion(eight), sent, hook="order-sign")
    both = card_of(conclusion(eight, thirty), sent, hook="order-sign")

    assert alone["selectionBehavior"] == "any"
    assert both["selectionBehavior"] == "at-most-one" and len(both["suggestions"]) == 2


@pytest.mark.parametrize(
    ("indicators", "is_offered"),
    [(("info",), True), (("info", "info"), True), (("warning",), False), (("info", "warning"), False)],
)
def test_a_rule_without_a_card_offers_beside_what_is_said_of_its_course(
    indicators: tuple[Indicator, ...], is_offered: bool
) -> None:
    course = a_course(rt__end_day=10)
    silent = offering("schedule_pain_reassessment", id="dose.follow-up", for_each=EACH_COURSE, output="fact")
    said = [
        firing(rule(f"dose.{place}", for_each=EACH_COURSE, indicator=indicator), course)
        for place, indicator in enumerate(indicators)
    ]

    found = conclusion(
        firing(silent, course), *said, firing(rule("dose.other", for_each=EACH_COURSE), a_course("ServiceRequest/b"))
    )

    assert bool(suggestions(found, hook="order-sign")) is is_offered


def test_a_rule_without_a_card_offers_nothing_of_a_course_of_which_nothing_is_said() -> None:
    silent = offering("schedule_pain_reassessment", id="dose.follow-up", for_each=EACH_COURSE, output="fact")
    other = firing(rule("dose.other", for_each=EACH_COURSE), a_course("ServiceRequest/b"))

    assert suggestions(conclusion(firing(silent, a_course(rt__end_day=10)), other), hook="order-sign") == []


def test_an_order_is_changed_from_one_card_only() -> None:
    grave, other = (
        firing(
            offering(action, id=f"dose.{action}", for_each=EACH_COURSE, indicator=indicator, label=action), a_course()
        )
        for action, indicator in (("change_to_30_gy_in_10", "critical"), ("change_to_8_gy_in_1", "info"))
    )
    material = Material(patient=PATIENT, sources=by_reference(radiotherapy(dose(20, 5, "Gy"))), activities=activities())

    first, second = cards_for(conclusion(other, grave), "order-sign", new_uuid=uuid, material=material)

    assert labels(first["suggestions"]) == ["change_to_30_gy_in_10: planned RT, spine"]
    assert "suggestions" not in second


def test_what_follows_radiotherapy_is_not_offered_beside_other_fractions() -> None:
    change = firing(offering("change_to_8_gy_in_1", id="dose.a", for_each=EACH_COURSE), a_course(rt__end_day=10))
    task = firing(offering("schedule_pain_reassessment", id="dose.b", for_each=EACH_COURSE), a_course(rt__end_day=10))

    found = suggestions(conclusion(change, task), by_reference(radiotherapy(dose(20, 5, "Gy"))), hook="order-sign")

    assert [each["extension"]["org.osteon.action"] for each in found] == ["change_to_8_gy_in_1"]


def test_nothing_is_marked_as_recommended() -> None:
    assert all("isRecommended" not in each for each in suggestions(conclusion(exam("order_mri", "warning"))))


def test_a_card_without_anything_to_offer_has_neither_member() -> None:
    card = card_of(conclusion(firing(rule("imaging.any"))))

    assert "suggestions" not in card and "selectionBehavior" not in card


# --- the same decision, the same bytes -----------------------------------------------------------

RENEWAL = "palbociclib_renewed_before_radiotherapy"
SUGGESTING = tuple(
    story
    for story in stories()
    if story.name in ("good_prognosis_on_olaparib", "two_courses_and_two_drugs", "textbook_good_prognosis", RENEWAL)
)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    built = house_in(Path(tmp_path_factory.mktemp("suggestions")))
    yield built
    built.store.close()


def offered(result: dict[str, Any]) -> list[Resource]:
    return [each for card in result["cards"] for each in card.get("suggestions", ())]


def by_action(result: dict[str, Any], action: Action) -> list[Resource]:
    return [each for each in offered(result) if each["extension"]["org.osteon.action"] == action]


@pytest.mark.parametrize("story", SUGGESTING, ids=lambda story: story.name)
def test_a_decision_replays_with_its_suggestions(story: Story, house: House) -> None:
    [result] = answered(house, story.bundle, story.evaluation_date)
    stored = house.store.get(result["trace"])
    assert stored is not None and stored.body is not None

    again = replay(house, result["trace"], str(stored.header["rulebook"]), stored.body)

    assert offered(result) and again.verdict == "identical"
    assert dumps(stored.body["result"]) == dumps(result)


def test_a_source_that_was_changed_changes_what_is_offered(house: House) -> None:
    story = SUGGESTING[0]
    [result] = answered(house, story.bundle, story.evaluation_date)
    stored = house.store.get(result["trace"])
    assert stored is not None and stored.body is not None
    changed: Any = copy.deepcopy(stored.body)
    changed["sources"]["MedicationRequest/olaparib"]["status"] = "stopped"

    again = replay(house, result["trace"], str(stored.header["rulebook"]), changed)

    assert (again.verdict, again.differences) == ("differs", ("cards",))


def test_a_trace_keeps_of_the_resources_only_what_may_be_changed(house: House) -> None:
    story = SUGGESTING[0]
    [result] = answered(house, story.bundle, story.evaluation_date)
    stored = house.store.get(result["trace"])
    assert stored is not None and stored.body is not None

    sources: Any = stored.body["sources"]

    sent = {
        f"{each['resource']['resourceType']}/{each['resource']['id']}": each["resource"]
        for each in story.bundle["entry"]
    }
    assert {each["resourceType"] for each in sources.values()} == {"MedicationRequest", "ServiceRequest"}
    assert all(sources[reference] == sent[reference] for reference in sources)


@pytest.mark.parametrize("story", SUGGESTING, ids=lambda story: story.name)
def test_the_order_of_what_is_sent_changes_nothing(story: Story, house: House) -> None:
    [result] = answered(house, story.bundle, story.evaluation_date)
    chance = random.Random(7)

    for _ in range(3):
        entries = story.bundle["entry"]
        bundle = {**story.bundle, "entry": chance.sample(entries, len(entries))}
        [other] = answered(once_more(house, [result["trace"]]), bundle, story.evaluation_date)
        assert dumps(other["cards"]) == dumps(result["cards"])


@pytest.mark.parametrize("story", SUGGESTING, ids=lambda story: story.name)
def test_what_was_sent_is_not_altered(story: Story, house: House) -> None:
    sent = copy.deepcopy(story.bundle)

    answered(house, sent, story.evaluation_date)

    assert sent == story.bundle


def test_every_suggestion_has_an_identity_of_its_own(house: House) -> None:
    story = next(each for each in SUGGESTING if each.name == "textbook_good_prognosis")
    [result] = answered(house, story.bundle, story.evaluation_date)

    named = [each["uuid"] for each in offered(result)] + [card["uuid"] for card in result["cards"]]

    assert len(offered(result)) >= 2 and len(set(named)) == len(named)


def test_a_renewal_is_held_with_what_it_renews(house: House) -> None:
    story = next(each for each in SUGGESTING if each.name == RENEWAL)
    [result] = answered(house, story.bundle, story.evaluation_date)

    for offer in by_action(result, "hold_drug"):
        assert [action["type"] for action in offer["actions"]] == ["delete", "update"]
    assert by_action(result, "hold_drug")


@pytest.mark.parametrize(("patient", "is_offered"), [("Patient/1", True), ("", False), ("a woman of 48", False)])
def test_a_facts_document_gets_drafts_for_a_patient_it_names_and_never_a_change(
    patient: str, is_offered: bool, house: House
) -> None:
    document = {
        "patient": patient,
        "evaluationDate": "2026-11-01",
        "facts": {"mets.status": "confirmed", "mets.organ.bone": "present"},
        "drugs": [{"name": "olaparib", "status": "active"}],
        "courses": [{"status": "draft", "target": "bone"}],
        "orders": [{"kind": "rt"}],
    }

    [result] = assess(house, Request(kind="facts", document=document, digest="0" * 64)).results

    assert "imbrication.parp-rt" in {each["id"] for each in result["rules"]["fired"]}
    assert by_action(result, "hold_drug") == []
    assert bool(by_action(result, "propose_antiresorptive")) is is_offered
