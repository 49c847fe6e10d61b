"""A line for cards on a radiopharmaceutical that is ordered: what is known of this one in breast cancer."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from rulesets.drugs import canonical
from rulesets.facts import order
from rulesets.radiopharmaceuticals import AGENT_EVIDENCE
from service.cards.relevance import elements_by_kind
from service.cards.text import authored, capitalised, escaped, text_of
from service.reasoning.findings import Conclusion, Firing

EVIDENCE = "radiopharm.agent-evidence"

HOSTS = (
    "radiopharm.no-symptoms", "radiopharm.myelosuppression", "radiopharm.single-site", "radiopharm.not-palliative",
)  # fmt: skip
"""Warnings first: the first that fires carries the line, which is then said once on a card."""


def _evidence_lines(conclusion: Conclusion, firings: tuple[Firing, ...]) -> list[str]:
    fired = {firing.rule.id for firing in conclusion.fired}
    if next(id for id in HOSTS if id in fired) != firings[0].rule.id:
        return []
    orders = [
        elements_by_kind(firing.rule, firing.elements)["order"]
        for firing in conclusion.fired
        if firing.rule.id == EVIDENCE
    ]
    agents = dict.fromkeys(name for one in orders if (name := text_of(one.facts, order.agent.name)))
    return [f"- {_evidence_of(agent)}" for agent in agents]


def _evidence_of(agent: str) -> str:
    """``Radium-223 in breast cancer: ...``; a name that the paper does not have is a name of the chart."""
    generic = canonical(agent)[0]
    known = AGENT_EVIDENCE.get(generic)
    if known is None:
        return f"{escaped(agent)}: the paper says nothing of it."
    return f"{capitalised(generic)} in breast cancer: {authored(known)}."


LINES: Mapping[str, Callable[[Conclusion, tuple[Firing, ...]], list[str]]] = dict.fromkeys(HOSTS, _evidence_lines)
