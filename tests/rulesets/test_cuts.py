"""Every number that decides has two sides: a step below it and a step above it there are two answers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import pytest

from rulesets.derive import derived
from rulesets.facts import patient
from rulesets.language import Compare, Condition, NumberFact, Truth, Value, all_of, comparisons_in, with_thresholds
from rulesets.record import Record
from rulesets.rule import Definition, Rule
from rulesets.rulebook import DEFINITIONS, RULES
from rulesets.thresholds import SHARE, THRESHOLDS, Setting, Threshold, Thresholds, effective
from tests.rulesets.building import course, drug, fact, record
from tests.support.solving import facts_that_leave_it_to, verdict

DEFAULTS = effective()

# --- in conditions ---------------------------------------------------------------------------------


class Cut(NamedTuple):
    """A number in a condition of a rule or definition."""

    id: str
    condition: Condition
    claim: Compare

    def __str__(self) -> str:
        operand = self.claim.operand
        number = operand.key if isinstance(operand, Threshold) else operand
        return f"{self.id}, {self.claim.fact.name} {self.claim.operator} {number}"

    def in_force(self, thresholds: Thresholds) -> tuple[Condition, Compare]:
        condition, claim = (with_thresholds(each, thresholds.values) for each in (self.condition, self.claim))
        assert isinstance(claim, Compare)
        return condition, claim


def conditions_of(judged: Rule | Definition) -> Iterator[Condition]:
    yield judged.when
    if isinstance(judged, Rule):
        yield from (step.when for step in judged.escalations())
        yield from (each.when for each in judged.suggestions if each.when)


CUTS = tuple(
    Cut(judged.id, condition, claim)
    for judged in (*RULES, *DEFINITIONS)
    for condition in conditions_of(judged)
    for claim in dict.fromkeys(comparisons_in(condition))
    if isinstance(claim.fact, NumberFact) and claim.operator not in ("known", "unknown")
)
OF_THRESHOLDS = tuple(cut for cut in CUTS if isinstance(cut.claim.operand, Threshold))


def step_of(threshold: Threshold) -> float:
    return 1 if isinstance(threshold.default, int) else 0.01 if threshold.unit == SHARE else 0.1


def moved(threshold: Threshold) -> Iterator[Thresholds]:
    """The thresholds in force where this one is a step lower, and where it is a step higher."""
    assert isinstance(threshold.default, int | float)
    for by in (-step_of(threshold), step_of(threshold)):
        value = round(threshold.default + by, 6)
        if threshold.problem_with(value) is None:
            yield effective({threshold.key: value})


def sides(claim: Compare) -> list[tuple[Value, Value]]:
    """The last value on one side of a claim and the first on the other."""
    number = claim.operand
    assert isinstance(number, int | float)
    step = 1 if claim.fact.type in ("whole", "interval") else 0.1
    before, after = (round(number - step, 6), number), (number, round(number + step, 6))
    return {">=": [before], "<": [before], ">": [after], "<=": [after]}.get(claim.operator, [before, after])


def deciding_facts(condition: Condition, claim: Compare) -> dict[str, Value] | None:
    """Facts with which the condition is true on one side of the claim only; None when there are none."""
    for facts in facts_that_leave_it_to(claim, condition):
        for pair in sides(claim):
            if len({holds(condition, claim, facts, value) for value in pair}) == 2:
                return facts
    return None


def holds(condition: Condition, claim: Compare, facts: dict[str, Value], value: Value) -> bool:
    return verdict(condition, {**facts, claim.fact.name: value}) is Truth.TRUE


@pytest.mark.parametrize("cut", CUTS, ids=str)
def test_a_number_in_a_condition_decides_on_its_two_sides(cut: Cut) -> None:
    assert deciding_facts(*cut.in_force(DEFAULTS)) is not None


@pytest.mark.parametrize("cut", OF_THRESHOLDS, ids=str)
def test_a_condition_is_cut_where_its_threshold_is_set(cut: Cut) -> None:
    """A step further there are two sides again, and what were two sides are one."""
    assert isinstance(cut.claim.operand, Threshold)
    _, by_default = cut.in_force(DEFAULTS)

    for thresholds in moved(cut.claim.operand):
        condition, claim = cut.in_force(thresholds)
        facts = deciding_facts(condition, claim)
        assert facts is not None
        [pair] = sides(by_default)
        assert len({holds(condition, claim, facts, value) for value in pair}) == 1


def test_a_number_that_a_stricter_one_covers_would_be_found_out() -> None:
    covered, stricter = patient.ecog.at_least(1), patient.ecog.at_least(3)

    assert deciding_facts(all_of(covered, stricter), covered) is None
    assert deciding_facts(all_of(covered, stricter), stricter) == {}


# --- in what is calculated -------------------------------------------------------------------------


def of_drug(name: str, *, course_ends: int | None = None, **days: Value) -> Record:
    """A drug beside a course that starts tomorrow, or that has ended."""
    beside = course(status="planned", start_day=1, end_day=5)
    if course_ends is not None:
        beside = course(status="completed", start_day=course_ends - 4, end_day=course_ends)
    return record(drugs=(drug(name=name, **days),), courses=(beside,))


def stopped(name: str, last_dose: int) -> Record:
    return of_drug(name, status="stopped", last_dose_day=last_dose)


def started(name: str, after: int) -> Record:
    return of_drug(name, course_ends=-after, status="draft", start_day=0)


def of_course(**values: Value) -> Record:
    return record(courses=(course(status="planned", start_day=1, target="bone", **values),))


def ended(day: int) -> Record:
    return record(courses=(course(status="completed", end_day=day),))


def dated(name: str, value: Value, days_old: int) -> Record:
    known = {name: fact(name, value, days_old=days_old), "mets.status": fact("mets.status", "confirmed")}
    if name == "obs.hemoglobin_value":
        known["obs.hemoglobin_unit"] = fact("obs.hemoglobin_unit", "g/dL")
    return Record(evaluation_date=record().evaluation_date, facts=known)


TDM1 = "trastuzumab emtansine"
CALCULATED: list[tuple[str, str, Record, Record]] = [
    # threshold, what it decides, the last record on one side of it, the first on the other
    ("washout_cytotoxic_days", "drug.exposure", stopped("capecitabine", -20), stopped("capecitabine", -19)),
    ("washout_parp_days", "drug.exposure", stopped("olaparib", -20), stopped("olaparib", -19)),
    ("washout_cdk46_days", "drug.exposure", stopped("palbociclib", -13), stopped("palbociclib", -12)),
    ("washout_adc_days", "drug.exposure", stopped(TDM1, -20), stopped(TDM1, -19)),
    ("washout_not_in_paper_days", "drug.exposure", stopped("capivasertib", -20), stopped("capivasertib", -19)),
    ("post_rt_gap_cytotoxic_days", "drug.exposure", started("capecitabine", 20), started("capecitabine", 21)),
    ("post_rt_gap_parp_days", "drug.exposure", started("olaparib", 20), started("olaparib", 21)),
    ("post_rt_gap_adc_days", "drug.exposure", started(TDM1, 20), started(TDM1, 21)),
    ("rt_lookback_days", "rt.relevant", ended(-28), ended(-29)),
    ("radiopharm_lookback_sr89_days", "drug.on_board", stopped("strontium-89", -83), stopped("strontium-89", -84)),
    ("radiopharm_lookback_days", "drug.on_board", stopped("radium-223", -27), stopped("radium-223", -28)),
    ("lapatinib_standard_mg_day", "drug.dose_above_standard", of_drug("lapatinib", dose_mg_per_day=1530.0), of_drug("lapatinib", dose_mg_per_day=1531.0)),
    ("tdm1_standard_mg_kg", "drug.dose_above_standard", of_drug(TDM1, dose_mg_per_kg=3.67, interval_days=21), of_drug(TDM1, dose_mg_per_kg=3.68, interval_days=21)),
    ("tdm1_standard_interval_days", "drug.dose_above_standard", of_drug(TDM1, dose_mg_per_kg=3.6, interval_days=20), of_drug(TDM1, dose_mg_per_kg=3.6, interval_days=21)),
    ("dose_rounding_tolerance", "drug.dose_above_standard", of_drug("lapatinib", dose_mg_per_day=1530.0), of_drug("lapatinib", dose_mg_per_day=1531.0)),
    ("min_plausible_fraction_gy", "rt.dose_implausible", of_course(total_dose_gy=9.9, fractions=10), of_course(total_dose_gy=10.0, fractions=10)),
    ("max_plausible_fraction_gy", "rt.dose_implausible", of_course(total_dose_gy=30.0, fractions=1), of_course(total_dose_gy=30.1, fractions=1)),
    ("max_plausible_fractions", "rt.dose_implausible", of_course(total_dose_gy=60.0, fractions=40), of_course(total_dose_gy=60.0, fractions=41)),
    ("max_plausible_total_gy", "rt.dose_implausible", of_course(total_dose_gy=100.0, fractions=40), of_course(total_dose_gy=100.1, fractions=40)),
    ("max_age_days_imaging", "dq.any_stale", dated("mets.lesion_count", 2, 90), dated("mets.lesion_count", 2, 91)),
    ("max_age_days_ecog", "dq.any_stale", dated("patient.ecog", 1, 30), dated("patient.ecog", 1, 31)),
    ("max_age_days_hb", "dq.any_stale", dated("obs.hemoglobin_value", 12.0, 30), dated("obs.hemoglobin_value", 12.0, 31)),
]  # fmt: skip

MORE_THAN_TWO_ANSWERS = {
    "alpha_beta_gy": "rt.bed10",
    "alpha_beta_late_gy": "rt.bed_late",
}
"""Thresholds that cut nothing: each step of them changes what is calculated."""

NO_TWO_SIDES = {
    "washout_other_days": "a dose on the day of the first fraction is concurrent, so that no day and one day are the same",
    "post_rt_gap_other_days": "a dose on the day of the last fraction is concurrent, so that no day and one day are the same",
    "surgery_safe_weeks": "is told beside the life expectancy (tests/cards/test_lines_pathway.py), and decides nothing",
    "sbrt_min_fraction_gy": "is asked by a reader of FHIR (tests/intake/test_radiotherapy.py)",
    "sbrt_min_bed10": "is asked by a reader of FHIR (tests/intake/test_radiotherapy.py)",
    "repeated_dose_days": "is asked by a reader of FHIR (tests/intake/test_medications.py)",
    "age_counts_as_point": "a switch",
    "good_requires_single_lesion": "a switch",
    "srs_count_scope": "a word",
    "enable_population_risk": "a switch",
    "enable_superseded": "a switch",
    "enable_trials": "a switch",
}


def answer(given: Record, name: str, thresholds: Thresholds) -> Value | None:
    """A derived fact, of the patient or of the one drug or course."""
    after = derived(given, thresholds)
    members = (*(after.drugs or ()), *after.courses)
    known = [after.facts, *(member.facts for member in members), *after.exposures.values()]
    [found] = [facts[name].value for facts in known if name in facts] or [None]
    return found


@pytest.mark.parametrize(("key", "name", "before", "after"), CALCULATED, ids=[row[0] for row in CALCULATED])
def test_what_is_calculated_is_cut_where_its_threshold_is_set(
    key: str, name: str, before: Record, after: Record
) -> None:
    """And nowhere else: a step of the threshold further, both records have the same answer."""
    by_default = [answer(each, name, DEFAULTS) for each in (before, after)]
    assert None not in by_default and len(set(by_default)) == 2

    lower, higher = [
        [answer(each, name, thresholds) for each in (before, after)] for thresholds in moved(THRESHOLDS[key])
    ]
    assert len(set(lower)) == len(set(higher)) == 1
    assert lower != higher


@pytest.mark.parametrize(("key", "name"), MORE_THAN_TWO_ANSWERS.items())
def test_what_is_no_cut_changes_what_is_calculated(key: str, name: str) -> None:
    given = of_course(total_dose_gy=30.0, fractions=10)
    in_force = (DEFAULTS, *moved(THRESHOLDS[key]))

    assert len({answer(given, name, thresholds) for thresholds in in_force}) == 3


@pytest.mark.parametrize("key", ["washout_other_days", "post_rt_gap_other_days"])
def test_where_no_interval_is_asked_it_is_two_days_that_would_be_one(key: str) -> None:
    """One day before the first fraction, and one day after the last."""
    the_day_before, the_day_after = stopped("letrozole", 0), started("letrozole", 1)
    given = the_day_before if key.startswith("washout") else the_day_after

    found = [answer(given, "drug.exposure", effective({key: days})) for days in (0, 1, 2)]

    assert found[0] == found[1] != found[2]


def test_every_threshold_has_its_two_sides_here_or_a_reason_why_not() -> None:
    in_conditions = {cut.claim.operand.key for cut in OF_THRESHOLDS if isinstance(cut.claim.operand, Threshold)}
    calculated = {row[0] for row in CALCULATED}

    assert in_conditions | calculated | MORE_THAN_TWO_ANSWERS.keys() | NO_TWO_SIDES.keys() == THRESHOLDS.keys()
    assert not (in_conditions | calculated) & NO_TWO_SIDES.keys()


def is_number(setting: Setting) -> bool:
    return isinstance(setting, int | float) and not isinstance(setting, bool)


def test_only_a_number_has_two_sides() -> None:
    without = {key for key, threshold in THRESHOLDS.items() if not is_number(threshold.default)}

    assert without == {key for key, reason in NO_TWO_SIDES.items() if reason in ("a switch", "a word")}
