"""An explanation that was worked out before is the explanation of the record at hand, to the last source."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rulesets.record import Record
from rulesets.rule import Rule
from rulesets.thresholds import effective
from service.conclude import conclude
from service.fire import Fired, Reasoner
from service.intake.reading import read
from service.intake.unpack import unpack
from service.reasoning.explanation import Outline, Outlines
from tests.bench_patients import ON, bundle
from tests.intake.made import terminology
from tests.support.stories import stories


@pytest.fixture(scope="module")
def reasoner() -> Reasoner:
    return Reasoner(effective())


def records() -> list[Record]:
    told = [(story.bundle, story.evaluation_date) for story in stories()]
    drawn = [(bundle(number), ON) for number in range(60)]
    return [read(patient, terminology(), on).record for document, on in [*told, *drawn] for patient in unpack(document)]


def test_what_was_worked_out_before_explains_like_what_is_worked_out_now(reasoner: Reasoner) -> None:
    fired = [reasoner.fire(record) for record in records()]

    for each in fired:
        assert conclude(each, reasoner.thresholds) == conclude(from_nothing(each), reasoner.thresholds)


def test_an_outline_holds_names_and_no_facts(reasoner: Reasoner) -> None:
    fired = reasoner.fire(records()[0])
    conclude(fired, reasoner.thresholds)

    assert fired.outlines._known
    for (rule_id, _), outline in fired.outlines._known.items():
        assert isinstance(rule_id, str)
        assert isinstance(outline, Outline)
        assert all(not hasattr(fact, "sources") for fact in outline.decided_by)


def test_outlines_are_never_more_than_some() -> None:
    outlines = Outlines(most=3)

    for number in range(10):
        outlines.of("rule", (number,), Outline)

    assert len(outlines._known) <= 3


def test_an_outline_is_worked_out_once() -> None:
    worked_out: list[Outline] = []

    def work() -> Outline:
        worked_out.append(Outline())
        return worked_out[-1]

    outlines = Outlines()
    first, again, another = (outlines.of("rule", situation, work) for situation in (("a",), ("a",), ("b",)))

    assert first is again
    assert len(worked_out) == 2
    assert another is worked_out[1]


def from_nothing(fired: Fired) -> Fired:
    """The same verdicts, of which nothing may be remembered."""
    assert all(isinstance(verdict.judged, Rule) for verdict in fired.verdicts)
    verdicts = tuple(replace(verdict, situation=None) for verdict in fired.verdicts)
    return replace(fired, verdicts=verdicts, outlines=Outlines())
