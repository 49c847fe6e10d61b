"""The rule engine against the obvious evaluator, and against its own sharp edges."""

from __future__ import annotations

import gc
import os
import resource
import threading
from datetime import date

import pytest

from rulesets.facts import drug, mets, patient, rt
from rulesets.language import Truth, any_of, some_drug
from rulesets.record import Fact, Member, Record
from rulesets.rule import Definition, Rule
from rulesets.rulebook import DEFINITION_STAGES, RULES
from rulesets.thresholds import effective
from service.reasoning.engine import Engine, EngineFailure
from tests.support import obvious
from tests.support.random_records import RandomRecords

JUDGED: dict[str, tuple[Rule | Definition, ...]] = {
    "rules": RULES,
    **{f"definitions {number}": stage for number, stage in enumerate(DEFINITION_STAGES)},
}
TRUTHS = {obvious.YES: Truth.TRUE, obvious.NO: Truth.FALSE, obvious.OPEN: Truth.UNKNOWN}
ON = date(2026, 11, 1)
RECORDS = int(os.environ.get("SOAK_RECORDS", "600"))
RUNS = int(os.environ.get("SOAK_RUNS", "500"))


@pytest.fixture(scope="module")
def engine() -> Engine:
    return Engine(JUDGED, effective())


@pytest.mark.parametrize("seed", range(10))
def test_the_engine_agrees_with_the_obvious_evaluator(engine: Engine, seed: int) -> None:
    values = effective().values
    source = RandomRecords([each for judged in JUDGED.values() for each in judged], seed)
    for _ in range(RECORDS // 10):
        record = source.record()
        for section, judged in JUDGED.items():
            found: dict[str, dict[tuple[str, ...], Truth]] = {}
            for verdict in engine.run(section, source.shuffled(record)):
                keys = tuple(member.key for member in verdict.elements)
                found.setdefault(verdict.judged.id, {})[keys] = verdict.truth
            for each in judged:
                expected = {
                    keys: TRUTHS[said]
                    for keys, said in obvious.verdicts(record, each.for_each, each.when, values).items()
                    if said == obvious.YES or (said == obvious.OPEN and unknown_is_told(each))
                }
                assert found.get(each.id, {}) == expected, each.id


def test_a_claim_about_a_list_nobody_sent_is_unknown() -> None:
    rule = definition(some_drug(drug.status.is_("active")))

    assert truth_of(rule, Record(evaluation_date=ON, drugs=None)) is Truth.UNKNOWN
    assert truth_of(rule, Record(evaluation_date=ON, drugs=())) is Truth.FALSE


def test_a_condition_too_large_for_the_engine_is_judged_in_parts() -> None:
    large = any_of(
        *(patient.ecog.is_(score) for score in (0, 1, 2, 3, 4)), *(mets.days_from_primary.is_(day) for day in range(40))
    )
    rule = definition(large)

    assert truth_of(rule, record({"patient.ecog": 9, "mets.days_from_primary": 39})) is Truth.TRUE
    assert truth_of(rule, record({"patient.ecog": 9, "mets.days_from_primary": 40})) is Truth.FALSE
    assert truth_of(rule, record({"patient.ecog": 9})) is Truth.UNKNOWN


def test_a_word_of_a_chart_never_reaches_the_engine() -> None:
    rule = definition(some_drug(drug.name.is_("olaparib")))
    hostile = Member(key="drugs/0", facts={"drug.name": Fact(name="drug.name", value="x\x00é" * 1000)})

    assert truth_of(rule, Record(evaluation_date=ON, drugs=(hostile,))) is Truth.FALSE


@pytest.mark.parametrize("value", ["5", float("nan"), float("inf"), 1e30, True])
def test_a_value_of_another_type_is_refused(value: object) -> None:
    rule = definition(mets.days_from_primary.at_least(5))

    with pytest.raises(EngineFailure) as refusal:
        truth_of(rule, record({"mets.days_from_primary": value}))

    assert str(value) not in str(refusal.value)


def test_two_rules_with_one_id_are_refused() -> None:
    rule = definition(rt_like := mets.days_from_primary.at_least(5))
    with pytest.raises(EngineFailure):
        Engine({"x": [rule, definition(rt_like)]}, effective())


def test_eight_threads_at_once_get_the_answers_of_one(engine: Engine) -> None:
    source = RandomRecords(RULES, 99)
    records = [source.record() for _ in range(40)]
    alone = [engine.run("rules", each) for each in records]
    wrong: list[int] = []

    def work() -> None:
        for number, each in enumerate(records):
            if engine.run("rules", each) != alone[number]:
                wrong.append(number)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert not wrong


def test_memory_stays_flat() -> None:
    engine = Engine({"rules": RULES}, effective(), most_remembered=0)  # so that every situation is put to it anew
    source = RandomRecords(RULES, 7)
    records = [source.record() for _ in range(50)]

    def run(times: int) -> int:
        for number in range(times):
            engine.run("rules", records[number % len(records)])
        gc.collect()
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    before = run(200)

    # Each run asserts some seventy facts, of 8 kB each: were a single one of a run kept, it would show.
    assert run(RUNS) - before < 2 * 1024  # kB


def test_an_engine_no_longer_used_gives_its_memory_back() -> None:
    def build(times: int) -> int:
        for _ in range(times):
            Engine({"rules": RULES}, effective())
        gc.collect()
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    before = build(5)

    assert build(25) - before < 10 * 1024  # kB


def unknown_is_told(each: Rule | Definition) -> bool:
    """A definition that gives a value of its own, or is closed, only counts when it is certain."""
    return isinstance(each, Rule) or (each.otherwise is None and each.fact.type == "truth")


def definition(when) -> Definition:  # type: ignore[no-untyped-def]
    return Definition(id="x/true", fact=rt.end_estimated, value=True, when=when)


def record(facts: dict[str, object]) -> Record:
    return Record(evaluation_date=ON, facts={name: Fact(name=name, value=value) for name, value in facts.items()})  # type: ignore[arg-type]


def truth_of(rule: Definition, known: Record) -> Truth:
    verdicts = Engine({"x": [rule]}, effective()).run("x", known)
    return verdicts[0].truth if verdicts else Truth.FALSE
