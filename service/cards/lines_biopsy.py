"""A line for cards on fractures: which of them look osteoporotic by their cortex."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from rulesets.facts import lesion
from rulesets.words import listed
from service.cards.relevance import elements_by_kind
from service.cards.text import lesion_in_words, text_of
from service.reasoning.findings import Conclusion, Firing


def _fracture_lines(conclusion: Conclusion, firings: tuple[Firing, ...]) -> list[str]:
    """The fractures with a preserved cortex; the advice holds for them all the same."""
    concerned = [elements_by_kind(firing.rule, firing.elements)["lesion"] for firing in firings]
    preserved = {
        one.key: lesion_in_words(one)
        for one in concerned
        if text_of(one.facts, lesion.fracture_pattern.name) == "osteoporotic_pattern"
    }
    if not preserved:
        return []
    return [f"Cortex preserved ({listed(list(preserved.values()))}): this suggests osteoporosis and does not prove it."]


LINES: Mapping[str, Callable[[Conclusion, tuple[Firing, ...]], list[str]]] = {
    "pathway.ortho-evaluation": _fracture_lines,
}
