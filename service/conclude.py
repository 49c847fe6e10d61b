"""What follows from the rules that fired: findings with their reasons, and what is left open."""

from __future__ import annotations

from collections.abc import Set

from rulesets.language import Truth
from rulesets.rule import Rule
from rulesets.rulebook import OUT_OF_SCOPE
from rulesets.thresholds import Thresholds
from service.fire import Fired
from service.intake.notices import Notice
from service.reasoning.explanation import Explanation
from service.reasoning.findings import Conclusion, Firing, Undetermined


def conclude(fired: Fired, thresholds: Thresholds, notices: tuple[Notice, ...] = ()) -> Conclusion:
    """The findings of a record, each with the facts that made it so or that it waits for."""
    explained = Explanation(fired.record, fired.outlines)
    firings: list[Firing] = []
    undetermined: list[Undetermined] = []
    for verdict in fired.verdicts:
        assert isinstance(verdict.judged, Rule)
        if verdict.truth is Truth.TRUE:
            firings.append(explained.firing(verdict.judged, verdict.elements, verdict.situation))
        else:
            undetermined.append(explained.undetermined(verdict.judged, verdict.elements, verdict.situation))
    suppressed = _outside_scope(firings, undetermined, fired.rulebook.said_out_of_scope)
    return Conclusion(
        record=fired.record,
        prognosis=fired.prognosis,
        fired=tuple(each for each in firings if each.rule.id not in suppressed),
        undetermined=tuple(each for each in undetermined if each.rule.id not in suppressed),
        suppressed=suppressed,
        notices=notices,
        thresholds=thresholds,
    )


def _outside_scope(firings: list[Firing], undetermined: list[Undetermined], said: Set[str]) -> tuple[str, ...]:
    """The rules silenced outside the paper's disease: all but data quality, emergencies and toxicity."""
    if not any(firing.rule.id == OUT_OF_SCOPE for firing in firings):
        return ()
    ids = dict.fromkeys([firing.rule.id for firing in firings] + [each.rule.id for each in undetermined])
    return tuple(id for id in ids if not id.startswith("dq.") and id not in said)
