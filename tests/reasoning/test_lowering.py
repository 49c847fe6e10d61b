"""Conditions brought into the form the engine can hold keep their truth."""

from __future__ import annotations

import pytest

from rulesets.facts import drug, lesion, mets, patient
from rulesets.language import (
    AllOf,
    AnyOf,
    Compare,
    LanguageError,
    Some,
    all_of,
    any_of,
    facts_in,
    some_drug,
    some_lesion,
)
from rulesets.rulebook import DEFINITIONS, RULES
from service.reasoning.lowering import MOST_EXPRESSIONS, lowered, size

MANY = [mets.days_from_primary.is_(day) for day in range(40)]


def test_a_small_condition_stays_as_it_is() -> None:
    condition = all_of(patient.bone_pain.is_true, mets.status.is_("confirmed"))

    work = lowered({"x": ((), condition)})

    assert [(step.name, step.condition, step.layer) for step in work.steps] == [("x", condition, 0)]
    assert work.list_parts == []


def test_the_same_claim_about_a_list_is_judged_once() -> None:
    claim = some_drug(drug.status.is_("active"))

    work = lowered({"x": ((), claim), "y": ((), all_of(patient.bone_pain.is_true, claim))})

    assert len(work.list_parts) == 1


def test_a_claim_about_exposure_is_judged_for_each_course() -> None:
    work = lowered({
        "x": (("course",), some_drug(drug.exposure.is_("recent"))),
        "y": ((), some_lesion(lesion.painful.is_true)),
    })  # fmt: skip

    assert [part.outer for part in work.list_parts] == [("course",), ()]


def test_parts_of_a_large_condition_come_before_what_speaks_of_them() -> None:
    work = lowered({"x": ((), any_of(*MANY))})

    layers = {step.name: step.layer for step in work.steps}
    assert layers["x"] == max(layers.values()) > 0
    for step in work.steps:
        for fact in facts_in(step.condition):
            assert layers.get(fact.name, -1) < step.layer


WIDE = drug.name.is_one_of(*(f"drug {number}" for number in range(24)))


def test_a_comparison_with_too_many_words_is_refused() -> None:
    with pytest.raises(LanguageError, match="split it"):
        lowered({"x": (("drug",), drug.name.is_one_of(*(f"drug {number}" for number in range(40))))})


@pytest.mark.parametrize(
    "condition",
    [AnyOf(tuple(MANY)), AllOf(tuple(MANY)), any_of(all_of(*MANY[:20]), all_of(*MANY[20:])), all_of(WIDE, WIDE, WIDE)],
)
def test_no_step_is_too_large(condition: AnyOf | AllOf) -> None:
    assert size(condition) > MOST_EXPRESSIONS

    assert all(size(step.condition) <= MOST_EXPRESSIONS for step in lowered({"x": ((), condition)}).steps)


def test_every_rule_and_definition_fits() -> None:
    work = lowered({each.id: (each.for_each, each.when) for each in (*RULES, *DEFINITIONS)})

    assert all(size(step.condition) <= MOST_EXPRESSIONS for step in work.steps)
    assert not any(_speaks_of_a_list(step.condition) for step in work.steps)


def _speaks_of_a_list(condition: AllOf | AnyOf | Compare | Some) -> bool:
    if isinstance(condition, AllOf | AnyOf):
        return any(_speaks_of_a_list(part) for part in condition.parts)
    return isinstance(condition, Some)
