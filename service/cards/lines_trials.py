"""Lines of the trial card: every trial judged, as a possible match, possibly one, or not a match.

A trial is never said to accept a patient: what is judged are the few criteria the paper prints.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from rulesets.trials import RULES
from rulesets.words import label, listed
from service.cards.questions import unknown_sources
from service.cards.text import authored
from service.reasoning.findings import Conclusion, Firing


def _pre_screen_lines(conclusion: Conclusion, firings: tuple[Firing, ...]) -> list[str]:
    """The trials that are no certain match, once on a card: beside the first trial that is one."""
    matching = {firing.rule.id for firing in conclusion.fired}
    if next(rule.id for rule in RULES if rule.id in matching) != firings[0].rule.id:
        return []
    missing = {each.rule.id: each.missing for each in conclusion.undetermined}
    lines = []
    for rule in RULES:
        if rule.id in missing:
            facts = [fact for fact, _ in unknown_sources(missing[rule.id], {}, conclusion.record)] or missing[rule.id]
            lines.append(f"- Possibly, missing {listed([label(fact) for fact in facts])}: {authored(rule.title)}")
    others = [rule.title for rule in RULES if rule.id not in missing and rule.id not in matching]
    return [*lines, *([f"- Not a match: {authored('; '.join(others))}"] if others else [])]


LINES: Mapping[str, Callable[[Conclusion, tuple[Firing, ...]], list[str]]] = {
    rule.id: _pre_screen_lines for rule in RULES
}
