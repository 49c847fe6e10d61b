"""What the engine remembers of its answers: it changes none of them, never grows, and holds nothing of a patient."""

from __future__ import annotations

import gc
import json
import os
import resource
from datetime import date
from typing import Any

import pytest

from rulesets.facts import FACTS
from rulesets.language import FactType, Interval, NumberFact, Truth, compare, comparisons_in
from rulesets.record import Fact, Member, Record
from rulesets.rule import Definition, Rule
from rulesets.rulebook import DEFINITION_STAGES, RULES
from rulesets.thresholds import effective
from service.reasoning import engine as engine_room
from service.reasoning.engine import Engine, Verdict
from service.reasoning.engine_terms import ANOTHER_WORD, Distinctions
from service.reasoning.layout import laid_out
from tests.support.random_records import RandomRecords

JUDGED: dict[str, tuple[Rule | Definition, ...]] = {
    "rules": RULES,
    **{f"definitions {number}": stage for number, stage in enumerate(DEFINITION_STAGES)},
}
EVERY = [each for judged in JUDGED.values() for each in judged]
LAID_OUT = laid_out(EVERY, effective())
RECORDS = int(os.environ.get("SOAK_RECORDS", "150"))
RUNS = int(os.environ.get("SOAK_RUNS", "800"))
SECRETS = ("Ms Somebody", "999-11-2222", "olaparib for Ms Somebody")


@pytest.mark.parametrize("most_remembered", [20_000, 3])
def test_an_engine_that_remembers_answers_like_one_that_does_not(most_remembered: int) -> None:
    remembering, forgetful = engine_of(most_remembered), engine_of(0)
    source = RandomRecords(EVERY, seed=11)
    records = [source.record() for _ in range(RECORDS)]

    for record in [*records, *reversed(records)]:
        for section in JUDGED:
            assert told(remembering.run(section, record)) == told(forgetful.run(section, record))

    assert forgetful.situations.remembered == 0
    assert remembering.situations.remembered > 0


def test_what_is_remembered_never_grows_beyond_its_bound() -> None:
    engine = engine_of(50)
    source = RandomRecords(EVERY, seed=12)

    for _ in range(100):
        engine.run("rules", source.record())

    assert engine._answer.cache_info().currsize == 50


def test_memory_stays_flat_when_every_situation_is_put_to_the_engine() -> None:
    engine = engine_of(0)
    source = RandomRecords(EVERY, seed=7)
    records = [source.record() for _ in range(50)]

    def run(times: int) -> int:
        for number in range(times):
            engine.run("rules", records[number % len(records)])
        gc.collect()
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    before = run(200)

    # Each run asserts more than a hundred facts: were a few of them kept, it would show.
    assert run(RUNS) - before < 4 * 1024  # kB


def test_nothing_a_chart_says_is_told_or_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    asserted: list[dict[str, Any]] = []
    assert_fact = engine_room.engine_core.assert_fact

    def noting(handle: int, situation: str) -> Any:
        asserted.append(json.loads(situation))
        return assert_fact(handle, situation)

    monkeypatch.setattr(engine_room.engine_core, "assert_fact", noting)
    names = {fact.name: fact for each in EVERY for fact in (claim.fact for claim in comparisons_in(each.when))}
    texts = {name: Fact(name=name, value=SECRETS[0]) for name, fact in names.items() if fact.type in ("text", "choice")}
    numbers = {name: number_fact(fact, 63.7281) for name, fact in names.items() if isinstance(fact, NumberFact)}
    known = {**texts, **numbers}
    drug = Member(key=SECRETS[1], facts={name: fact for name, fact in known.items() if name.startswith("drug.")})
    record = Record(evaluation_date=date(2026, 11, 1), facts=known, drugs=(drug,))

    engine_of(20_000).run("rules", record)

    values = {repr(value) for situation in asserted for name, value in situation.items() if name not in ("id", "sid")}
    assert repr(ANOTHER_WORD) in values
    assert not [value for value in values if "63.7281" in value or any(secret in value for secret in SECRETS)]


@pytest.mark.parametrize("name", sorted(fact.name for fact in FACTS.values() if isinstance(fact, NumberFact)))
def test_a_number_is_told_by_one_that_every_claim_judges_alike(name: str) -> None:
    claims = [claim for each in LAID_OUT.judged for claim in comparisons_in(each.when) if claim.fact.name == name]
    cuts = sorted({claim.operand for claim in claims if isinstance(claim.operand, int | float)})

    for value in {*cuts, *(cut + step for cut in cuts for step in (-1, -0.5, -1e-6, 1e-6, 0.5, 1))}:
        stands = LAID_OUT.distinctions.in_facts({name: Fact(name=name, value=value)})
        assert len(set(stands.values())) == 1
        [stand, *_] = stands.values()
        assert not isinstance(stand, bool | str)
        assert [compare(claim, value) for claim in claims] == [compare(claim, stand) for claim in claims]


def test_numbers_between_the_same_cuts_are_one_situation() -> None:
    ecog = FACTS["patient.ecog"]
    assert isinstance(ecog, NumberFact)
    distinctions = Distinctions([ecog.at_least(2), ecog.above(3)])

    told_of = {
        value: distinctions.in_facts({ecog.name: Fact(name=ecog.name, value=value)})["patient_ecog"]
        for value in (0, 1, 2, 2.2, 2.9, 3, 4, 5)
    }

    assert told_of[0] == told_of[1]
    assert told_of[2.2] == told_of[2.9]
    assert told_of[4] == told_of[5]
    assert len(set(told_of.values())) == 5


def engine_of(most_remembered: int) -> Engine:
    return Engine(JUDGED, effective(), most_remembered=most_remembered)


def told(verdicts: tuple[Verdict, ...]) -> list[tuple[str, tuple[str, ...], Truth]]:
    return [(each.judged.id, tuple(one.key for one in each.elements), each.truth) for each in verdicts]


def number_fact(fact: FactType, value: float) -> Fact:
    return Fact(name=fact.name, value=Interval(lo=value, hi=value) if fact.type == "interval" else value)
