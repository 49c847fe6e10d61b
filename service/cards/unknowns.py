"""What is not known, what was assumed, and what would change the advice of a card."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from rulesets.facts import patient, tumour
from rulesets.language import comparisons_in
from rulesets.prognosis import OVERRIDES
from rulesets.record import Record
from rulesets.rule import Hook
from rulesets.words import label, listed
from service.cards import text as card_text
from service.cards.questions import Question, about, titles_in_words, unknown_sources
from service.cards.relevance import (
    GROUP_RULES,
    elements_by_kind,
    family_of,
    gravest,
    is_listed,
    is_shown,
    is_spoken_for,
    value_for,
)
from service.cards.text import capitalised, escaped
from service.reasoning.findings import Conclusion, Firing

if TYPE_CHECKING:
    from service.cards.detail import Point

MOST_UNKNOWNS = 4


def unknown_lines(points: tuple[Point, ...], firings: list[Firing], conclusion: Conclusion, hook: Hook) -> list[str]:
    """What is unknown about what the card speaks of, and which advice waits for it."""
    waiting: dict[str, set[str]] = {}
    for firing in firings:
        _add_untold(firing, conclusion.record, waiting)
    families = {point.family for point in points} - {"safety", "data", "trials"}  # a trial card lists it by trial
    keys = {element.key for firing in firings for element in firing.elements}
    rules_said = {point.rule.id for point in points if point.rule}
    for item in conclusion.undetermined:
        rule = item.rule
        if (
            family_of(rule, hook) not in families
            or (rule.id in rules_said and not item.elements)
            or rule.id in conclusion.suppressed
            or (item.elements and not keys.issuperset(element.key for element in item.elements))
            or not is_shown(rule, gravest(rule), item.elements, conclusion.record, hook)
            or not is_listed(item, conclusion.record)
            or is_spoken_for(item, conclusion)
        ):
            continue
        of = elements_by_kind(rule, item.elements)
        open_facts = unknown_sources(item.missing, of, conclusion.record)
        whose: dict[str, set[str]] = {}
        for fact, member in open_facts:
            whose.setdefault(about(fact, member), set()).add(label(fact))
        if whose:
            words = [_facts_of(owner, names) for owner, names in sorted(whose.items())]
            waiting.setdefault(listed(words), set()).add(rule.title)
    lines = [f"- {capitalised(escaped(words))}{_effect(titles)}" for words, titles in sorted(waiting.items())]
    lines += _assumptions(firings) + _doubts_on_the_group(points, conclusion)
    return lines[:MOST_UNKNOWNS] + ([f"- +{len(lines) - MOST_UNKNOWNS} more"] if len(lines) > MOST_UNKNOWNS else [])


def _facts_of(owner: str, names: set[str]) -> str:
    """``daily dose and dose per kg (lapatinib)``: at most three facts of one owner."""
    ordered = sorted(names)
    more = f" (+{len(ordered) - 3} more)" if len(ordered) > 3 else ""
    return listed(ordered[:3]) + more + (f" ({owner})" if owner else "")


def _assumptions(firings: Iterable[Firing]) -> list[str]:
    """Dates nobody stated, which the timing nevertheless rests on."""
    lines: dict[str, None] = {}
    for firing in firings:
        of = elements_by_kind(firing.rule, firing.elements)
        drug, course = of.get("drug"), of.get("course")
        if drug is not None and card_text.is_true(drug.facts, "drug.start_assumed"):
            name = escaped(card_text.drug_name(drug))
            lines[f"- First dose ({name}): not stated and taken as today; a later start may change this advice"] = None
        if course is None or drug is None:
            continue  # the end of a course matters for what is given around it
        fractions = course.facts.get("rt.fractions")
        if card_text.is_true(course.facts, "rt.end_estimated") and (fractions is None or fractions.value != 1):
            short = card_text.course_in_short(course)
            lines[f"- End of the radiotherapy ({short}): not stated and estimated at five fractions a week"] = None
    return sorted(lines)


def _doubts_on_the_group(points: tuple[Point, ...], conclusion: Conclusion) -> list[str]:
    """Unknown facts that could withdraw the group a card states, or decide its lean."""
    if not any(point.rule and point.rule.id in GROUP_RULES for point in points):
        return []
    found, record, lines = conclusion.prognosis, conclusion.record, []
    against = [one.fact.name for one in OVERRIDES if found.group in one.withdraws]
    if unknown := [label(name) for name in against if record.value(name) is None]:
        lines.append(f"- {capitalised(listed(unknown))}: not recorded; an adverse finding would withdraw the group")
    leaning = (tumour.er.name, patient.age_years.name, patient.ecog.name)
    if found.group == "intermediate" and not found.lean:
        unknown = [label(name) for name in leaning if record.value(name) is None]
        lines += [f"- {capitalised(listed(unknown))}: would decide the lean"] if unknown else []
    return lines


def _add_untold(firing: Firing, record: Record, waiting: dict[str, set[str]]) -> None:
    """Facts whose very absence the rule speaks of."""
    of = elements_by_kind(firing.rule, firing.elements)
    for comparison in comparisons_in(firing.rule.when):
        if comparison.operator == "unknown" and value_for(comparison.fact, of, record) is None:
            for fact, member in unknown_sources([comparison.fact.name], of, record):
                waiting.setdefault(Question(fact=fact, about=about(fact, member)).words, set())


def _effect(titles: set[str]) -> str:
    if not titles:
        return ": not recorded; the advice above allows for it"
    return f": decides whether {titles_in_words(sorted(titles))}"
