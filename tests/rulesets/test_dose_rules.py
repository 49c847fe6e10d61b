"""The rules on dose: each on both sides, and what whole prescriptions come to."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from rulesets.biological_dose import dose_facts
from rulesets.dose import RULES
from rulesets.dose.checks import RELIEF_WEEKS, REOSSIFICATION_WEEKS, REOSSIFIED_WEEKS
from rulesets.language import Truth, Value
from rulesets.thresholds import effective
from tests.rulesets import cases
from tests.rulesets.building import course, values_of
from tests.rulesets.cases import Case, every_case
from tests.rulesets.judging import rule_called, truth

FOR_BONE: Case = {
    "rt.planned": (True, False),
    "rt.target": ("bone", "brain"),
    "rt.dose_implausible": (False, True),
}
RADICAL: Case = FOR_BONE | {"rt.intent": ("radical", "palliative")}
PALLIATIVE: Case = FOR_BONE | {"rt.intent": ("palliative", "radical")}
COMPRESSED: Case = PALLIATIVE | {
    "rt.spinal": (True, False),
    "rt.target_cord_compression": ("confirmed", "suspected"),
}

CASES: dict[str, Case] = {
    "dose.bed-eqd2": {
        "rt.planned": (True, False),
        "rt.total_dose_gy": 30,
        "rt.fractions": 10,
        "rt.dose_implausible": (False, True),
    },
    "dose.radical-bed-below-75": RADICAL | {"rt.spinal": (False, True), "rt.bed10": (74.9, 75.0)},
    "dose.radical-spinal-below-75": RADICAL | {"rt.spinal": (True, False), "rt.bed10": (50.0, 49.9)},
    "dose.radical-bed-below-50": RADICAL
    | {
        "rt.bed10": (49.9, 50.0),
        "rt.total_dose_gy": (30, 20),
        "rt.fractions": 5,
        "rt.technique": "SBRT",
    },
    "dose.gerszten-low": RADICAL
    | {
        "rt.fractions": (1, 2),
        "rt.total_dose_gy": (15, 14.9),
        "rt.technique": ("SRS", "VMAT"),
        "rt.bed10": (49.9, 50.0),
    },
    "dose.radical-bed-met": RADICAL | {"rt.bed10": (75.0, 74.9)},
    "dose.table1b-match": RADICAL
    | {"rt.fractions": (3, 4), "rt.total_dose_gy": (45, 45.1), "rt.spinal": (False, True)},
    "dose.spinal-three-fraction": FOR_BONE
    | {"rt.spinal": (True, False), "rt.fractions": (3, 2), "rt.total_dose_gy": (30.1, 30)},
    "dose.above-published": FOR_BONE
    | {"rt.bed10": (112.6, 112.5), "rt.bed_late": 270.0, "rt.spinal": False, "rt.fractions": 3},
    "dose.palliative-table1a": PALLIATIVE | {"rt.total_dose_gy": (20, 21), "rt.fractions": (5, 6)},
    "dose.palliative-outside-table": PALLIATIVE | {"rt.total_dose_gy": (24, 20), "rt.fractions": 5},
    "dose.single-fraction-retreatment": PALLIATIVE
    | {"rt.fractions": (1, 2), "rt.total_dose_gy": (8, 8.1), "prognosis.group": ("good", "poor")},
    "dose.single-fraction-poor": PALLIATIVE
    | {
        "rt.fractions": (2, 1),
        "prognosis.group": ("poor", "intermediate"),
        "rt.setting": ("definitive", "postoperative"),
        "rt.target_cord_compression": ("none", "suspected"),
        "patient.neuro_symptoms": (False, True),
        "rt.retreatment": (False, True),
    },
    "dose.postop-30-10": PALLIATIVE
    | {
        "rt.setting": ("postoperative", "definitive"),
        "rt.total_dose_gy": (20, 30),
        "rt.fractions": 10,
        "rt.target_cord_compression": ("suspected", "confirmed"),
    },
    "dose.cord-30-10": COMPRESSED | {"rt.bed10": (38.9, 39.0), "rt.bed_late": (60.0, 60.1)},
    "dose.cord-no-escalation": COMPRESSED | {"rt.bed10": (39.1, 39.0), "rt.bed_late": 60.0},
    "dose.intent-mismatch": PALLIATIVE | {"rt.bed10": (50.0, 49.9), "rt.total_dose_gy": 35, "rt.fractions": 5},
    "dose.five-fraction-spinal": FOR_BONE
    | {"rt.spinal": (True, False), "rt.fractions": (5, 6), "rt.total_dose_gy": (35.1, 35)},
    "dose.extraspinal-no-consensus": RADICAL | {"rt.spinal": (False, True)},
    "dose.follow-up-schedule": FOR_BONE,
}
# These rules allow for what is not known; and "is known" is false of what is not known.
TRUE_WITHOUT = {
    ("dose.radical-spinal-below-75", "rt.spinal"),
    ("dose.postop-30-10", "rt.target_cord_compression"),
}
FALSE_WITHOUT = "dose.palliative-outside-table without rt.total_dose_gy"


def verdict(id: str, facts: Mapping[str, Value], **overrides: object) -> Truth:
    return cases.verdict(RULES, id, facts, effective(overrides))


def changed(id: str, **changes: Value | None) -> dict[str, Value]:
    """The facts of a case with some changed, ``__`` standing for the dot, and those that are None unknown."""
    named = {name.replace("__", "."): value for name, value in changes.items()}
    facts = {**cases.true_facts(CASES[id]), **named}
    return {name: value for name, value in facts.items() if value is not None}


def test_the_cases_cover_every_rule() -> None:
    assert list(CASES) == [rule.id for rule in RULES]


@pytest.mark.parametrize(
    ("id", "facts", "expected"),
    [case for case in every_case(CASES, TRUE_WITHOUT) if case.id != FALSE_WITHOUT],
)
def test_a_rule_is_true_false_or_open_as_its_facts_say(id: str, facts: dict[str, Value], expected: Truth) -> None:
    assert verdict(id, facts) is expected


@pytest.mark.parametrize("id", ["dose.bed-eqd2", "dose.palliative-outside-table"])
@pytest.mark.parametrize("unknown", ["rt__total_dose_gy", "rt__fractions"])
def test_nothing_is_worked_out_of_half_a_dose(id: str, unknown: str) -> None:
    assert verdict(id, changed(id, **{unknown: None})) is Truth.FALSE


@pytest.mark.parametrize("id", CASES)
def test_no_rule_speaks_of_a_dose_that_is_a_slip_of_units(id: str) -> None:
    assert verdict(id, changed(id, rt__dose_implausible=True)) is Truth.FALSE
    assert verdict(id, changed(id, rt__dose_implausible=None)) is Truth.UNKNOWN


# --- limits a hospital may set -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("id", "fact", "key", "at", "below", "above"),
    [
        ("dose.radical-bed-below-75", "rt.bed10", "bed_target", 60, Truth.TRUE, Truth.FALSE),
        ("dose.radical-bed-below-75", "rt.bed10", "bed_floor", 70, Truth.FALSE, Truth.TRUE),
        ("dose.radical-spinal-below-75", "rt.bed10", "bed_target", 60, Truth.TRUE, Truth.FALSE),
        ("dose.radical-bed-below-50", "rt.bed10", "bed_floor", 40, Truth.TRUE, Truth.FALSE),
        ("dose.gerszten-low", "rt.bed10", "bed_floor", 40, Truth.TRUE, Truth.FALSE),
        ("dose.radical-bed-met", "rt.bed10", "bed_target", 100, Truth.FALSE, Truth.TRUE),
        ("dose.intent-mismatch", "rt.bed10", "bed_floor", 60, Truth.FALSE, Truth.TRUE),
        ("dose.cord-30-10", "rt.bed10", "cord_reference_bed10", 30, Truth.TRUE, Truth.FALSE),
    ],
)
def test_a_limit_belongs_to_the_higher_dose(
    id: str, fact: str, key: str, at: float, below: Truth, above: Truth
) -> None:
    name = fact.replace(".", "__")

    assert verdict(id, changed(id, **{name: at - 0.1}), **{key: at}) is below
    assert verdict(id, changed(id, **{name: at}), **{key: at}) is above


@pytest.mark.parametrize(
    ("id", "fact", "key", "at"),
    [
        ("dose.spinal-three-fraction", "rt.total_dose_gy", "spinal_three_fraction_max_gy", 27),
        ("dose.above-published", "rt.bed10", "highest_bone_bed10", 100),
        ("dose.cord-no-escalation", "rt.bed10", "cord_reference_bed10", 50),
    ],
)
def test_a_limit_itself_is_not_too_much(id: str, fact: str, key: str, at: float) -> None:
    name = fact.replace(".", "__")

    assert verdict(id, changed(id, **{name: at}), **{key: at}) is Truth.FALSE
    assert verdict(id, changed(id, **{name: at + 0.1}), **{key: at}) is Truth.TRUE


def test_late_reacting_tissue_has_limits_of_its_own() -> None:
    low: dict[str, Value | None] = {"rt__bed10": 30.0}

    assert verdict("dose.above-published", changed("dose.above-published", **low, rt__bed_late=270.1)) is Truth.TRUE
    assert verdict("dose.above-published", changed("dose.above-published", **low, rt__bed_late=270.0)) is Truth.FALSE
    escalated = changed("dose.cord-no-escalation", **low, rt__bed_late=60.1)
    assert verdict("dose.cord-no-escalation", escalated) is Truth.TRUE
    assert verdict("dose.cord-no-escalation", escalated, cord_reference_bed_late=60.1) is Truth.FALSE
    reference = changed("dose.cord-30-10", rt__bed_late=60.1)
    assert verdict("dose.cord-30-10", reference) is Truth.FALSE
    assert verdict("dose.cord-30-10", reference, cord_reference_bed_late=60.1) is Truth.TRUE
    beyond = changed("dose.above-published", **low, rt__bed_late=270.1)
    assert verdict("dose.above-published", beyond, highest_bone_bed_late=270.1) is Truth.FALSE


@pytest.mark.parametrize(
    ("total", "limit", "spinal", "expected"),
    [
        (22.5, 22.5, True, Truth.FALSE),
        (22.6, 22.5, True, Truth.TRUE),
        (22.6, 22.5, False, Truth.FALSE),
        (22.6, 24, True, Truth.FALSE),
        (24.1, 24, True, Truth.TRUE),
    ],
)
def test_a_single_dose_is_limited_in_the_spine(total: float, limit: float, spinal: bool, expected: Truth) -> None:
    single = changed(
        "dose.above-published", rt__bed10=70.0, rt__bed_late=190.0, rt__fractions=1, rt__total_dose_gy=total,
        rt__spinal=spinal,
    )  # fmt: skip

    assert verdict("dose.above-published", single, highest_spinal_single_gy=limit) is expected


# --- prognosis and setting -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("group", "lean", "expected"),
    [
        ("good", "not_applicable", Truth.TRUE),
        ("intermediate", "favourable", Truth.TRUE),
        ("intermediate", "mixed", Truth.FALSE),
        ("intermediate", "unfavourable", Truth.FALSE),
        ("intermediate", None, Truth.UNKNOWN),
        ("poor", "not_applicable", Truth.FALSE),
        ("indeterminate", None, Truth.FALSE),
        ("not_applicable", "not_applicable", Truth.FALSE),
    ],
)
def test_retreatment_is_weighed_where_survival_may_be_long(group: str, lean: str | None, expected: Truth) -> None:
    facts = changed("dose.single-fraction-retreatment", prognosis__group=group, prognosis__lean=lean)

    assert verdict("dose.single-fraction-retreatment", facts) is expected


@pytest.mark.parametrize(
    "unknown",
    ["rt__setting", "rt__target_cord_compression", "patient__neuro_symptoms", "rt__retreatment", "prognosis__group"],
)
def test_a_single_fraction_is_not_proposed_while_anything_that_speaks_against_it_is_unknown(unknown: str) -> None:
    facts = changed("dose.single-fraction-poor", **{unknown: None})

    assert verdict("dose.single-fraction-poor", facts) is Truth.UNKNOWN


# --- dose against intent --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("intent", "technique", "graver"),
    [
        ("radical", "SBRT", Truth.TRUE),
        ("palliative", None, Truth.TRUE),
        ("palliative", "3DCRT", Truth.TRUE),
        ("palliative", "tomotherapy", Truth.TRUE),
        ("palliative", "SBRT", Truth.FALSE),
        ("palliative", "SRS", Truth.FALSE),
        ("palliative", "SIB", Truth.FALSE),
        (None, "SBRT", Truth.UNKNOWN),
    ],
)
def test_a_contradiction_is_a_warning_unless_a_stereotactic_palliative_course_explains_it(
    intent: str | None, technique: str | None, graver: Truth
) -> None:
    [step] = rule_called("dose.intent-mismatch", RULES).escalations()
    known = {"rt.intent": intent, "rt.technique": technique}

    assert step.to == "warning"
    assert truth(step.when, {name: value for name, value in known.items() if value is not None}) is graver


# --- whole prescriptions ----------------------------------------------------------------------------------


def told(total: float, fractions: int, **facts: Value) -> set[str]:
    """The rules that are true of a plausible open course to bone, confirmations apart."""
    given = course(status="draft", total_dose_gy=total, fractions=fractions)
    known = {fact.name: fact for fact in dose_facts(given.facts, effective())}
    values = {
        **values_of(given.facts),
        **values_of(known),
        "rt.planned": True,
        "rt.target": "bone",
        **{f"rt.{name}": value for name, value in facts.items()},
    }
    cards = [rule for rule in RULES if rule.output == "card"]
    return {rule.id.removeprefix("dose.") for rule in cards if truth(rule.when, values) is Truth.TRUE}


@pytest.mark.parametrize(
    ("total", "fractions", "facts", "expected"),
    [
        # radical, outside the spine
        (30, 3, {"spinal": False}, {"radical-bed-below-75", "table1b-match"}),
        (45, 3, {"spinal": False}, {"table1b-match"}),
        (46, 3, {"spinal": False}, {"above-published"}),
        (50, 5, {"spinal": False}, {"table1b-match"}),
        (50, 10, {"spinal": False}, set()),
        (49.9, 10, {"spinal": False}, {"radical-bed-below-75"}),
        (60, 25, {"spinal": False, "technique": "VMAT"}, {"radical-bed-below-75", "table1b-match"}),
        (30, 5, {"spinal": False, "technique": "SBRT"}, {"radical-bed-below-50"}),
        (17, 3, {"spinal": False, "technique": "SBRT"}, {"radical-bed-below-50"}),
        # radical, spine
        (35, 5, {"spinal": True}, {"radical-spinal-below-75", "table1b-match"}),
        (41.2, 5, {"spinal": True}, {"five-fraction-spinal"}),
        (30, 3, {"spinal": True}, {"radical-spinal-below-75"}),
        (45, 3, {"spinal": True}, {"spinal-three-fraction"}),
        (15, 1, {"spinal": True, "technique": "SRS"}, {"gerszten-low", "table1b-match"}),
        (17.9, 1, {"spinal": True, "technique": "SBRT"}, {"gerszten-low", "table1b-match"}),
        (18, 1, {"spinal": True, "technique": "SBRT"}, {"radical-spinal-below-75", "table1b-match"}),
        (15, 1, {"spinal": True, "technique": "VMAT"}, {"radical-bed-below-50", "table1b-match"}),
        (22.5, 1, {"spinal": True, "technique": "SRS"}, {"radical-spinal-below-75", "table1b-match"}),
        (24, 1, {"spinal": True, "technique": "SRS"}, {"above-published"}),
        (
            40, 10, {"spinal": True, "technique": "SIB", "volume": "whole_vertebra_sib", "elective_dose_gy": 30},
            {"radical-spinal-below-75", "table1b-match"},
        ),
        # a regimen of Table 1a called radical
        (8, 1, {"spinal": False, "technique": "3DCRT"}, {"intent-mismatch"}),
        (20, 5, {"spinal": True, "technique": "VMAT"}, {"intent-mismatch"}),
        (30, 10, {"spinal": True, "technique": "IMRT"}, {"intent-mismatch"}),
        (30, 10, {"spinal": True, "technique": "SIB"}, {"radical-bed-below-50"}),
    ],
)  # fmt: skip
def test_a_radical_prescription_is_told_as_what_it_is(
    total: float, fractions: int, facts: dict[str, Value], expected: set[str]
) -> None:
    assert told(total, fractions, intent="radical", **facts) == expected


@pytest.mark.parametrize(
    ("total", "fractions", "expected"),
    [
        (8, 1, {"cord-30-10"}),
        (20, 5, {"cord-30-10"}),
        (16, 2, {"cord-30-10"}),
        (30, 10, set()),
        (24, 3, {"cord-no-escalation"}),
        (40, 20, {"cord-no-escalation"}),
        (15, 1, {"cord-no-escalation"}),
        (40, 5, {"cord-no-escalation", "five-fraction-spinal", "intent-mismatch"}),
    ],
)
def test_a_compressed_cord_is_held_against_thirty_gray_in_ten(total: float, fractions: int, expected: set[str]) -> None:
    compressed = {"spinal": True, "target_cord_compression": "confirmed"}

    assert told(total, fractions, intent="palliative", **compressed) == expected


def test_a_dose_to_another_organ_is_none_of_these_rules_business() -> None:
    assert told(45, 3, intent="radical", spinal=True, target="brain") == set()


@pytest.mark.parametrize(("total", "expected"), [(14.9, "dose.radical-bed-below-50"), (15, "dose.gerszten-low")])
@pytest.mark.parametrize("technique", ["SRS", "SBRT"])
def test_radiosurgery_from_fifteen_gray_on_is_told_as_its_low_end_and_not_as_too_little(
    total: float, expected: str, technique: str
) -> None:
    facts = {
        **cases.true_facts(RADICAL),
        "rt.fractions": 1,
        "rt.total_dose_gy": total,
        "rt.bed10": 37.5,
        "rt.technique": technique,
    }

    told = {id for id in ("dose.radical-bed-below-50", "dose.gerszten-low") if verdict(id, facts) is Truth.TRUE}

    assert told == {expected}


def test_what_is_asked_of_a_dose_is_what_a_prescription_holds() -> None:
    asked = {rule.id: [fact.name for fact in rule.ask] for rule in RULES if rule.when_unknown == "ask"}

    assert asked == {
        "dose.radical-bed-below-75": ["rt.total_dose_gy", "rt.fractions", "rt.intent"],
        "dose.radical-bed-below-50": [],
        "dose.spinal-three-fraction": ["rt.spinal"],
        "dose.cord-30-10": [],
        "dose.cord-no-escalation": [],
        "dose.five-fraction-spinal": ["rt.spinal"],
    }


def test_the_weeks_that_are_counted_after_radiotherapy_are_those_that_are_told() -> None:
    rule = rule_called("dose.follow-up-schedule", RULES)
    relief, bone = (statement.says for statement in rule.statements[:2])

    assert f"{RELIEF_WEEKS[0]} to {RELIEF_WEEKS[1]} weeks" in relief
    assert f"{REOSSIFICATION_WEEKS[0]} to {REOSSIFICATION_WEEKS[1]} weeks" in bone
    assert "six months" in bone and REOSSIFIED_WEEKS == 52 // 2
