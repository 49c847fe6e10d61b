"""Findings to points, which is what is said once: a rule with all it concerns, or the questions. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from rulesets.rule import Hook
from service.cards.detail import Point
from service.cards.questions import MISSING_FACTS_RULE, questions_at
from service.cards.relevance import GRAVITY, elements_by_kind, family_of, shown, triggering_drugs
from service.cards.text import drug_name
from service.cards.unread import has_died, unread_at
from service.intake.notices import DIED
from service.reasoning.findings import Conclusion, Firing


def points_of(conclusion: Conclusion, hook: Hook) -> list[Point]:
    """Everything to be said: a rule once with all its elements, on drugs once per drug, and the questions."""
    if has_died(conclusion):
        return [_of_the_dead()] if conclusion.record.orders else []
    firings = shown(conclusion, hook)
    places = _places(conclusion)
    groups: dict[tuple[str, str], list[Firing]] = {}
    accompanying: list[Firing] = []
    for firing in firings:
        drug = elements_by_kind(firing.rule, firing.elements).get("drug")
        if family_of(firing.rule, hook) != "drug-rt":
            groups.setdefault((firing.rule.id, ""), []).append(firing)
        elif drug is not None:
            groups.setdefault((firing.rule.id, drug_name(drug)), []).append(firing)
        elif triggering_drugs(firing.rule, firing.elements, conclusion.record):
            accompanying.append(firing)
        else:
            groups.setdefault((firing.rule.id, ""), []).append(firing)
    points = [_point(group, hook, places, drug) for (_, drug), group in groups.items()]
    return _with_questions(points + _accompanying(accompanying, points, conclusion, hook, places), conclusion, hook)


def _of_the_dead() -> Point:
    """What is said of orders for a patient who has died; her chart says it without us."""
    return Point(rule=None, indicator="info", family="data", place=-1, questions=(), unread=(DIED,))


def _places(conclusion: Conclusion) -> dict[str, int]:
    """The place of each rule that fired in the order of the rulebook."""
    ids = dict.fromkeys(firing.rule.id for firing in conclusion.fired)
    return {rule_id: place for place, rule_id in enumerate(ids)}


def _point(firings: list[Firing], hook: Hook, places: Mapping[str, int], drug: str, counts: bool = True) -> Point:
    ordered = tuple(sorted(firings, key=firing_order))
    rule = ordered[0].rule
    return Point(
        rule=rule, indicator=ordered[0].indicator, family=family_of(rule, hook), place=places[rule.id],
        firings=ordered, drug=drug, counts=counts,
    )  # fmt: skip


def firing_order(firing: Firing) -> tuple[object, ...]:
    in_request = any(element.in_request for element in firing.elements)
    return (GRAVITY[firing.indicator], not in_request, *(element.key for element in firing.elements))


def _accompanying(
    firings: list[Firing], points: list[Point], conclusion: Conclusion, hook: Hook, places: Mapping[str, int]
) -> list[Point]:
    """Advice about a course that follows from drugs: with each such drug spoken of, else by itself."""
    named = {point.drug for point in points if point.drug}
    groups: dict[tuple[str, str], list[Firing]] = {}
    for firing in firings:
        drugs = {drug_name(drug) for drug in triggering_drugs(firing.rule, firing.elements, conclusion.record)}
        for drug in sorted(drugs & named) or [""]:
            groups.setdefault((firing.rule.id, drug), []).append(firing)
    return [_point(group, hook, places, drug, counts=not drug) for (_, drug), group in groups.items()]


def _with_questions(points: list[Point], conclusion: Conclusion, hook: Hook) -> list[Point]:
    """The questions join the rule that says the group cannot be stated, else they are a point of their own.

    What could not be read is told with them.
    """
    opener = next((point for point in points if point.rule and point.rule.id == MISSING_FACTS_RULE), None)
    questions = questions_at(conclusion, hook, group_is_open=opener is not None)
    unread = unread_at(conclusion, has_advice=bool(points or questions))
    if not questions and not unread:
        return points
    if opener is None:
        place = -1 if unread else len(conclusion.fired)  # before all that rests on the record, or after it
        own = Point(rule=None, indicator="info", family="data", place=place, questions=questions, unread=unread)
        return [*points, own]
    return [replace(point, questions=questions, unread=unread) if point is opener else point for point in points]
