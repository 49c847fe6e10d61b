"""Random records over the whole vocabulary, with facts missing, for comparing engines."""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import replace
from datetime import date

from rulesets.facts import FACTS
from rulesets.language import ChoiceFact, FactType, Interval, NumberFact, TextFact, Value, comparisons_in
from rulesets.record import Fact, Member, Record
from rulesets.rule import Definition, Rule
from rulesets.thresholds import Threshold, effective

ODD_WORDS = ("", "10", "zz\x00é", "olaparib ", "Ω")


class RandomRecords:
    """Records whose values lie at and beside every cut of the rules they are made for."""

    def __init__(self, judged: Iterable[Rule | Definition], seed: int) -> None:
        self.random = random.Random(seed)
        values = effective().values
        self.numbers: dict[str, set[float]] = {}
        self.words: dict[str, list[str]] = {}
        self.read: dict[str, FactType] = {}
        for each in judged:
            for claim in comparisons_in(each.when):
                self.read[claim.fact.name] = claim.fact
                operand = claim.operand
                if isinstance(claim.fact, NumberFact) and operand is not None:
                    cut = values[operand.key] if isinstance(operand, Threshold) else operand
                    assert isinstance(cut, int | float)
                    self.numbers.setdefault(claim.fact.name, set()).update(
                        {cut - 1, cut - 0.5, cut, cut + 0.5, cut + 1}
                    )
                elif isinstance(claim.fact, TextFact):
                    self.words.setdefault(claim.fact.name, list(ODD_WORDS)).extend(
                        operand if isinstance(operand, tuple) else [str(operand)]
                    )
        self.facts = [fact for name, fact in FACTS.items() if name in self.read]

    def record(self) -> Record:
        known = self.random.choice([0.2, 0.5, 0.8, 0.95, 1.0])
        lesions = None if self.random.random() < 0.2 else self._members("lesion", known)
        drugs = None if self.random.random() < 0.2 else self._members("drug", known)
        courses = self._members("course", known)
        return Record(
            evaluation_date=date(2026, 11, 1),
            facts=self._facts(None, known),
            lesions=lesions,
            drugs=drugs,
            courses=courses,
            orders=self._members("order", known),
            exposures={
                (course.key, drug.key): self._facts("drug", known, per_course=True)
                for course in courses
                for drug in drugs or ()
            },
        )

    def shuffled(self, record: Record) -> Record:
        """The same record, its facts and the elements of its lists in another order."""
        return shuffled(record, self.random)

    def _members(self, element: str, known: float) -> tuple[Member, ...]:
        count = self.random.choice([0, 1, 1, 2, 3])
        return tuple(Member(key=f"{element}/{number}", facts=self._facts(element, known)) for number in range(count))

    def _facts(self, element: str | None, known: float, *, per_course: bool = False) -> dict[str, Fact]:
        return {
            fact.name: Fact(name=fact.name, value=self._value(fact))
            for fact in self.facts
            if fact.element == element and fact.per_course == per_course and self.random.random() < known
        }

    def _value(self, fact: FactType) -> Value:
        if isinstance(fact, ChoiceFact):
            return self.random.choice(fact.allowed)
        if isinstance(fact, TextFact):
            return self.random.choice(self.words[fact.name])
        if not isinstance(fact, NumberFact):
            return self.random.random() < 0.5
        cuts = sorted(self.numbers.get(fact.name, {0, 1}))
        one, another = sorted(self.random.choices(cuts, k=2))
        if fact.type != "interval" or self.random.random() < 0.4:
            return one
        lo, hi = self.random.choice([(one, another), (one, None), (None, another)])
        return Interval(lo=lo, hi=hi)


def shuffled(record: Record, chance: random.Random) -> Record:
    """The same record, its facts and the elements of its lists in another order."""

    def mixed(members: tuple[Member, ...] | None) -> tuple[Member, ...] | None:
        return None if members is None else tuple(chance.sample(members, len(members)))

    return replace(
        record,
        facts=dict(chance.sample(list(record.facts.items()), len(record.facts))),
        lesions=mixed(record.lesions),
        drugs=mixed(record.drugs),
        courses=mixed(record.courses) or (),
        orders=mixed(record.orders) or (),
        exposures=dict(chance.sample(list(record.exposures.items()), len(record.exposures))),
    )
