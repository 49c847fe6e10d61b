"""What is asked of the lesions on record, and around surgery: only what would settle a rule, and once."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rulesets.language import Value
from rulesets.record import Member, Record
from rulesets.rule import EACH_COURSE, Hook
from rulesets.thresholds import effective
from service.cards.questions import question_lines, questions_at, unknown_sources
from service.conclude import conclude
from service.fire import Reasoner
from service.reasoning.findings import Conclusion, Undetermined
from tests.rulesets.building import facts, lesion, record
from tests.support.findings import a_course, conclusion, rule

REASONER = Reasoner(effective())


def ordered(of: Record, **order: Value) -> Record:
    values = {f"order.{name}": value for name, value in order.items()}
    return replace(of, orders=(Member(key="orders/0", facts=facts(values), in_request=True),))


def concluded(of: Record) -> Conclusion:
    return conclude(REASONER.fire(of), effective())


def asked(of: Record, hook: Hook) -> set[tuple[str, str]]:
    """The facts asked for, each with the key of its element."""
    return {(one.fact, one.element) for one in questions_at(concluded(of), hook, group_is_open=False)}


# --- lesions a rule looks through ------------------------------------------------------------------

UNSURE = (lesion("lesions/0", site="vertebra"), lesion("lesions/1", site="pelvis"))


def test_an_ablation_asks_of_each_lesion_whether_nerve_or_vessel_is_close() -> None:
    ablation = ordered(record(lesions=UNSURE), kind="procedure", agent="cryoablation")

    assert asked(ablation, "order-sign") >= {
        ("lesion.near_nerve_or_vessel", "lesions/0"),
        ("lesion.near_nerve_or_vessel", "lesions/1"),
    }


def test_a_lesion_whose_neighbours_are_known_is_not_asked_about() -> None:
    lesions = (lesion("lesions/0", near_nerve_or_vessel=False), lesion("lesions/1"))

    found = asked(ordered(record(lesions=lesions), kind="procedure", agent="cryoablation"), "order-sign")

    assert {element for fact, element in found if fact == "lesion.near_nerve_or_vessel"} == {"lesions/1"}


@pytest.mark.parametrize("lesions", [None, ()])
def test_nothing_is_asked_of_lesions_that_are_not_listed(lesions: tuple[Member, ...] | None) -> None:
    found = asked(ordered(record(lesions=lesions), kind="procedure", agent="cryoablation"), "order-sign")

    assert not [fact for fact, _ in found if fact.startswith("lesion.")]


def test_another_order_asks_nothing_of_lesions() -> None:
    found = asked(ordered(record(lesions=UNSURE), kind="procedure", agent="vertebroplasty"), "order-sign")

    assert not [fact for fact, _ in found if fact.startswith("lesion.")]


def test_two_lesions_of_one_site_are_asked_about_in_one_line() -> None:
    alike = (lesion("lesions/0", site="vertebra"), lesion("lesions/1", site="vertebra"))
    found = concluded(ordered(record(lesions=alike), kind="procedure", agent="cryoablation"))

    lines = question_lines(questions_at(found, "order-sign", group_is_open=False), found)

    assert len([line for line in lines if "Nerve or vessel close to the lesion" in line]) == 1


def test_cord_compression_is_not_asked_of_a_lesion_off_the_spine() -> None:
    lesions = (
        lesion("lesions/0", site="vertebra", spinal=True), lesion("lesions/1", site="pelvis", spinal=False),
        lesion("lesions/2"),
    )  # fmt: skip
    of = {"course": a_course()}

    found = unknown_sources(["rt.target_cord_compression"], of, record(lesions=lesions))

    assert [member.key for _, member in found if member] == ["lesions/0", "lesions/2"]


def test_nothing_is_asked_of_a_drug_that_is_not_in_hand() -> None:
    waiting = Undetermined(
        rule=rule("dose.any", for_each=EACH_COURSE, when_unknown="ask"), elements=(a_course(),),
        missing=("drug.exposure",), open_clauses=(("drug.status",),), true_clauses=1,
    )  # fmt: skip

    assert not questions_at(conclusion(undetermined=(waiting,)), "order-sign", group_is_open=False)


# --- surgery ---------------------------------------------------------------------------------------

FRACTURED = (lesion("lesions/0", site="long_bone", fracture="fractured"),)
IMPENDING = (lesion("lesions/0", site="long_bone", fracture="impending"),)


def test_fitness_for_surgery_is_asked_with_an_impending_fracture_among_several_metastases() -> None:
    several, one = ({"mets.bone_lesion_count": count, "patient.life_expectancy_weeks": 2} for count in (3, 1))

    assert ("patient.surgical_condition", "") in asked(record(several, lesions=IMPENDING), "patient-view")
    assert ("patient.surgical_condition", "") not in asked(record(one, lesions=IMPENDING), "patient-view")
    assert ("patient.surgical_condition", "") not in asked(record(several, lesions=FRACTURED), "patient-view")


@pytest.mark.parametrize("hook", ["patient-view", "order-select"])
def test_life_expectancy_is_asked_with_a_fracture_that_nothing_holds(hook: Hook) -> None:
    question = ("patient.life_expectancy_weeks", "")
    held = (lesion("lesions/0", site="long_bone", fracture="fractured", surgically_stabilised=True),)

    assert question in asked(record({"patient.neuro_symptoms": False}, lesions=FRACTURED), hook)
    assert question not in asked(record({"patient.neuro_symptoms": False}, lesions=held), hook)


def test_life_expectancy_is_asked_before_a_planned_operation() -> None:
    question = ("patient.life_expectancy_weeks", "")

    assert question in asked(record({"surgery.planned": True}), "order-sign")
    assert question not in asked(record({"surgery.planned": False}), "order-sign")
