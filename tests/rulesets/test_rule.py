"""What a rule is made of: steps of gravity one on top of the other, and settings that choose what is read."""

from __future__ import annotations

from typing import Any

import pytest

from rulesets.evidence import Statement
from rulesets.facts import drug, mets, rt
from rulesets.language import LanguageError, Truth, all_of
from rulesets.rule import EACH_COURSE, ORDER_HOOKS, Escalation, Reading, Rule, Suggestion
from rulesets.thresholds import BED_TARGET, SRS_COUNT_SCOPE, SRS_MAX_LESIONS, effective
from service.reasoning.engine import Engine
from service.reasoning.explanation import Explanation
from service.reasoning.findings import Firing
from tests.rulesets.building import course, record

SPINAL_COUNT = Reading(
    setting=SRS_COUNT_SCOPE, value="spinal_lesions", fact=mets.spinal_lesion_count, instead_of=mets.lesion_count
)
CRITICAL_IN_THE_SPINE = Escalation(when=rt.spinal.is_true, to="critical", why="the cord")


def a_rule(**others: Any) -> Rule:
    said: dict[str, Any] = {
        "id": "dose.test",
        "title": "Title",
        "for_each": EACH_COURSE,
        "when": rt.planned.is_true,
        "summary": "consider it",
        "hooks": ORDER_HOOKS,
        "evidence": "none",
    }
    return Rule(**(said | others))


# --- statements ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("section", "references", "place"),
    [
        ("2.1", (), "section 2.1"),
        ("3, dose", (45, 48), "section 3, dose [45, 48]"),
        ("Table 1a", (47,), "Table 1a [47]"),
    ],
)
def test_a_statement_names_its_place_in_the_paper(section: str, references: tuple[int, ...], place: str) -> None:
    assert Statement(says="x", section=section, references=references, fingerprint="1:0").place == place


# --- gravity -------------------------------------------------------------------------------------------


def test_steps_of_gravity_are_told_from_the_mildest_on() -> None:
    warning = Escalation(when=rt.immobilisation.is_false, to="warning", why="loose", further=CRITICAL_IN_THE_SPINE)

    assert list(a_rule().escalations()) == []
    assert [step.to for step in a_rule(escalation=warning).escalations()] == ["warning", "critical"]


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"immobilisation": True, "spinal": False}, "info"),
        ({"immobilisation": False, "spinal": False}, "warning"),
        ({"immobilisation": False}, "warning"),
        ({"immobilisation": False, "spinal": True}, "critical"),
        ({"immobilisation": True, "spinal": True}, "info"),
        ({"spinal": True}, "info"),
    ],
)
def test_a_further_step_is_taken_only_on_top_of_the_one_before(facts: dict[str, bool], expected: str) -> None:
    warning = Escalation(when=rt.immobilisation.is_false, to="warning", why="loose", further=CRITICAL_IN_THE_SPINE)

    assert fired(a_rule(escalation=warning), **facts).indicator == expected


def fired(rule: Rule, **facts: Any) -> Firing:
    """The firing of a rule in the real engine, for an open course with these facts."""
    given = record(courses=(course(planned=True, **facts),))
    [verdict] = Engine({"rules": [rule]}, effective()).run("rules", given)
    assert isinstance(verdict.judged, Rule) and verdict.truth is Truth.TRUE
    return Explanation(given).firing(verdict.judged, verdict.elements)


def test_a_step_of_gravity_keeps_to_the_scope_of_its_rule() -> None:
    of_a_drug = Escalation(when=drug.on_board.is_true, to="critical", why="it acts")
    warning = Escalation(when=rt.spinal.is_true, to="warning", why="the cord", further=of_a_drug)

    with pytest.raises(LanguageError, match="on_board"):
        a_rule(escalation=warning)


# --- values in force -------------------------------------------------------------------------------------


def test_a_rule_in_force_names_no_threshold_any_more() -> None:
    rule = a_rule(
        when=rt.bed10.below(BED_TARGET),
        escalation=Escalation(
            when=rt.bed10.below(BED_TARGET),
            to="warning",
            why="low",
            further=Escalation(when=rt.bed10.at_least(BED_TARGET), to="critical", why="high"),
        ),
        suggestions=(
            Suggestion(label="l", action="order_ct", description="d", when=rt.bed10.above(BED_TARGET)),
            Suggestion(label="l", action="order_mri", description="d"),
        ),
    )

    in_force = rule.in_force(effective({"bed_target": 60}))

    assert in_force.when == rt.bed10.below(60)
    assert [step.when for step in in_force.escalations()] == [rt.bed10.below(60), rt.bed10.at_least(60)]
    assert [each.when for each in in_force.suggestions] == [rt.bed10.above(60), None]


def test_a_setting_chooses_the_fact_wherever_the_rule_reads_it() -> None:
    rule = a_rule(
        when=all_of(rt.planned.is_true, mets.lesion_count.above(SRS_MAX_LESIONS)),
        escalation=Escalation(when=mets.lesion_count.above(9), to="warning", why="many"),
        when_unknown="ask",
        ask=(mets.lesion_count, rt.technique),
        readings=(SPINAL_COUNT,),
    )

    of_all = rule.in_force(effective())
    of_spine = rule.in_force(effective({"srs_count_scope": "spinal_lesions"}))

    assert of_all.when == all_of(rt.planned.is_true, mets.lesion_count.above(3))
    assert of_spine.when == all_of(rt.planned.is_true, mets.spinal_lesion_count.above(3))
    assert [step.when for step in of_spine.escalations()] == [mets.spinal_lesion_count.above(9)]
    assert of_spine.ask == (mets.spinal_lesion_count, rt.technique)


def test_a_reading_that_can_never_apply_is_refused() -> None:
    wrong_word = Reading(
        setting=SRS_COUNT_SCOPE, value="bone_lesions", fact=mets.bone_lesion_count, instead_of=mets.lesion_count
    )
    wrong_kind = Reading(
        setting=SRS_COUNT_SCOPE, value="spinal_lesions", fact=rt.fractions, instead_of=mets.lesion_count
    )

    with pytest.raises(LanguageError, match="srs_count_scope must be one of all_lesions, spinal_lesions"):
        a_rule(readings=(wrong_word,))
    with pytest.raises(LanguageError, match="another kind of fact"):
        a_rule(readings=(wrong_kind,))
