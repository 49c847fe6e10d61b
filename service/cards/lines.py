"""Lines that some rules add to their point of a card, joined from the modules that make them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from rulesets.facts import tumour
from rulesets.record import Record
from rulesets.words import GOALS, label
from service.cards import (
    lines_biopsy,
    lines_dose,
    lines_imaging,
    lines_pathway,
    lines_radiopharmaceuticals,
    lines_risk,
    lines_technique,
    lines_trials,
)
from service.cards.facts import date_of, place_of, position_of
from service.cards.text import capitalised, escaped, in_words
from service.reasoning.findings import Conclusion, Firing


def _conflict_lines(conclusion: Conclusion, firings: tuple[Firing, ...]) -> list[str]:
    lines = []
    for conflict in sorted(
        conclusion.record.conflicts, key=lambda conflict: (position_of(conflict.name), conflict.name)
    ):
        values = sorted(in_words(conflict.name, value, conclusion.record.evaluation_date) for value in conflict.values)
        where = sorted({place_of(source) for source in conflict.sources})
        said = f"- {capitalised(label(conflict.name))}: {' against '.join(values)}"
        lines.append(f"{said} ({'; '.join(where)})" if where else said)
    return lines


def _stale_lines(conclusion: Conclusion, firings: tuple[Firing, ...]) -> list[str]:
    lines = []
    for name in _names(conclusion.record, "dq.stale_facts"):
        fact = conclusion.record.facts.get(name)
        dated = date_of(fact) if fact else ""
        lines.append(f"- {capitalised(label(name))}" + (f": recorded {dated}" if dated else ""))
    return lines


def _goal_lines(conclusion: Conclusion, firings: tuple[Firing, ...]) -> list[str]:
    now, open_ = (_names(conclusion.record, f"imbrication.{name}") for name in ("priorities", "priorities_unknown"))
    lines = [f"Goals that apply now: {_goals(now) or 'none is recorded'}."]
    if open_:
        lines.append(f"Cannot be judged, as facts are missing: {_goals(open_)}.")
    return [" ".join(lines)]


def _goals(names: Iterable[str]) -> str:
    return ", ".join(GOALS.get(name) or escaped(name) for name in names)


def _receptor_lines(conclusion: Conclusion, firings: tuple[Firing, ...]) -> list[str]:
    lines = []
    pairs = (
        (tumour.er_primary, tumour.er_metastasis), (tumour.pr_primary, tumour.pr_metastasis),
        (tumour.her2_primary, tumour.her2_metastasis),
    )  # fmt: skip
    for primary, metastasis in pairs:
        before, after = conclusion.record.value(primary.name), conclusion.record.value(metastasis.name)
        if before is not None and after is not None and before != after:
            receptor = capitalised(label(primary.name).partition(",")[0])
            lines.append(f"- {receptor}: {before} in the primary, {after} in the metastasis")
    return lines


Lines = Callable[[Conclusion, tuple[Firing, ...]], list[str]]

_OWN: Mapping[str, Lines] = {
    "imbrication.sequence-priority": _goal_lines,
    "dq.conflicting-sources": _conflict_lines,
    "dq.stale-data": _stale_lines,
    "dq.receptor-discordance": _receptor_lines,
}


def _joined(*topics: Mapping[str, Lines]) -> Mapping[str, Lines]:
    """The lines of every topic; a rule of which several topics speak gets the lines of each, in their order."""
    by_rule: dict[str, list[Lines]] = {}
    for topic in topics:
        for rule, lines in topic.items():
            by_rule.setdefault(rule, []).append(lines)

    def all_of(parts: list[Lines]) -> Lines:
        return lambda conclusion, firings: [line for part in parts for line in part(conclusion, firings)]

    return {rule: all_of(parts) for rule, parts in by_rule.items()}


EXTRA_LINES = _joined(
    lines_risk.LINES, lines_imaging.LINES, lines_biopsy.LINES, lines_pathway.LINES,
    lines_dose.LINES, lines_technique.LINES, lines_radiopharmaceuticals.LINES,
    lines_trials.LINES, _OWN,
)  # fmt: skip
"""By rule: the lines its point of a card gets, from the conclusion and from its own firings."""


def _names(record: Record, name: str) -> tuple[str, ...]:
    value = record.value(name)
    return value if isinstance(value, tuple) else ()
