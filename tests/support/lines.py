"""The lines a rule adds to its point of a card, from a record judged by the real engine."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from rulesets.record import Record
from service.conclude import conclude
from service.reasoning.findings import Conclusion, Firing
from tests.support.reasoners import reasoner

Lines = Mapping[str, Callable[[Conclusion, tuple[Firing, ...]], list[str]]]


def concluded(record: Record, **overrides: object) -> Conclusion:
    """What is concluded of a record with the thresholds in force."""
    compiled = reasoner(**overrides)
    return conclude(compiled.fire(record), compiled.thresholds)


def lines_of(lines: Lines, id: str, conclusion: Conclusion) -> list[str]:
    """The lines beside a rule, which must have fired."""
    firings = tuple(firing for firing in conclusion.fired if firing.rule.id == id)
    assert firings, f"{id} has not fired"
    return lines[id](conclusion, firings)
