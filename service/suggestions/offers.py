"""The suggestions of a card: what its rules offer, each thing once, the gravest first. Pure.

A suggestion is offered whole or not at all: where a draft could not be complete, the advice stays
text. None is marked as recommended, for some clients tick those beforehand.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass, field

from rulesets.record import Record
from rulesets.rule import Hook, Indicator
from service.cards.detail import Point
from service.cards.relevance import family_of, shown
from service.cards.text import choice, drug_name, plain, rt_phrase, text_of
from service.reasoning.explanation import Explanation
from service.reasoning.findings import Conclusion, Firing
from service.record_json import Json
from service.suggestions.activities import Activity
from service.suggestions.changes import changes_of
from service.suggestions.drafts import Material, Occasion, draft_of

MOST_SUGGESTIONS = 4
"""On one card; what warnings and critical points offer is never cut."""

ACTION_EXTENSION, RULES_EXTENSION = "org.osteon.action", "org.osteon.rules"


@dataclass(kw_only=True)
class Offer:
    """One thing to offer, and every firing that offers it; the first gives it its words."""

    activity: Activity
    indicator: Indicator
    target: str
    about: str
    occasions: list[Occasion] = field(default_factory=list)


def suggestions_of(
    points: Sequence[Point], conclusion: Conclusion, hook: Hook, material: Material, changed: Set[str] = frozenset()
) -> Json:
    """The members ``suggestions`` and ``selectionBehavior`` of a card; nothing when nothing can be offered.

    ``changed`` are the resources that graver cards offer to change: one of two changes would undo
    the other.
    """
    record = conclusion.record
    found: list[Json] = []
    other_fractions: set[str] = set()
    for offer in _offers([*_said(points), *_unsaid(points, conclusion, hook)], record, material):
        if offer.indicator == "info" and len(found) >= MOST_SUGGESTIONS:
            continue
        if offer.activity.counts_from_the_end and offer.target in other_fractions:
            continue  # the course would end on another day
        actions = _actions(offer, record, material) or []
        if actions and changed.isdisjoint(_changed_by(actions)):
            found.append(_suggestion(offer, actions))
            other_fractions |= {offer.target} if offer.activity.doses else set()
    if not found:
        return {}
    targets = [target for suggestion in found for target in _changed_by(suggestion["actions"])]
    behavior = "at-most-one" if len(set(targets)) < len(targets) else "any"
    return {"suggestions": found, "selectionBehavior": behavior}


def changed_on(card: Json) -> set[str]:
    """The resources that the suggestions of a card change."""
    return {target for suggestion in card.get("suggestions", ()) for target in _changed_by(suggestion["actions"])}


def _said(points: Sequence[Point]) -> Iterator[tuple[Indicator, Firing]]:
    return ((point.indicator, firing) for point in points for firing in point.firings)


def _unsaid(points: Sequence[Point], conclusion: Conclusion, hook: Hook) -> Iterator[tuple[Indicator, Firing]]:
    """Firings without words of their own: they offer beside what is said of the same course.

    Not while that is more than an information: a plan in doubt is put right before it is followed up.
    """
    silent = [
        firing
        for firing in conclusion.fired
        if firing.rule.output != "card" and firing.rule.suggestions and hook in firing.rule.hooks
    ]
    if not silent:
        return
    here, spoken = {id(firing) for _, firing in _said(points)}, shown(conclusion, hook)
    for firing in silent:
        family, keys = family_of(firing.rule, hook), {element.key for element in firing.elements}
        beside = [
            other
            for other in spoken
            if family_of(other.rule, hook) == family and keys & {element.key for element in other.elements}
        ]
        if any(id(other) in here for other in beside) and all(other.indicator == "info" for other in beside):
            yield "info", firing


def _offers(firings: Sequence[tuple[Indicator, Firing]], record: Record, material: Material) -> list[Offer]:
    """What firings offer, in their order; the same action on the same target once."""
    explained = Explanation(record)
    found: dict[tuple[str, str], Offer] = {}
    for indicator, firing in firings:
        for suggestion in firing.rule.suggestions:
            narrowed = suggestion.when
            if narrowed and not explained.is_true(narrowed, firing.rule.for_each, firing.elements):
                continue
            occasion = Occasion(firing=firing, suggestion=suggestion)
            activity = material.activities[suggestion.action]
            key, about = _target(activity, occasion)
            offer = found.setdefault(
                (suggestion.action, key), Offer(activity=activity, indicator=indicator, target=key, about=about)
            )
            offer.occasions.append(occasion)
    return list(found.values())


def _target(activity: Activity, occasion: Occasion) -> tuple[str, str]:
    """What an offer is about beside the patient, and the same in words that are safe anywhere.

    A hold is of a drug, whatever its prescriptions, another change of one order. A time after
    radiotherapy belongs to one course, an exam is of one lesion. Somebody is asked to see the
    patient once, whatever the lesions.
    """
    of = occasion.of
    if activity.kind == "MedicationRequest" and activity.changes and "drug" in of:
        return drug_name(of["drug"]), plain(drug_name(of["drug"]))
    if (activity.changes or activity.counts_from_the_end) and "course" in of:
        region = choice(text_of(of["course"].facts, "rt.region"))
        return of["course"].key.partition("#")[0], ", ".join(filter(None, (rt_phrase(of["course"]), region)))
    if activity.changes and "order" in of:
        return of["order"].key, ""
    if "lesion" in of and not activity.refers:
        return of["lesion"].key, choice(text_of(of["lesion"].facts, "lesion.site"))
    return "", ""


def _actions(offer: Offer, record: Record, material: Material) -> list[Json] | None:
    if offer.activity.changes:
        return changes_of(offer.activity, offer.occasions[0], record, material)
    draft = draft_of(offer.activity, offer.occasions, record, material)
    return None if draft is None else [{"type": "create", "resource": draft}]


def _suggestion(offer: Offer, actions: list[Json]) -> Json:
    first = offer.occasions[0].suggestion
    rules = dict.fromkeys(one.firing.rule.id for one in offer.occasions)
    described = [{**action, "description": _description(offer, action)} for action in actions]
    return {
        "label": f"{first.label}: {offer.about}" if offer.about else first.label,
        "actions": described,
        "extension": {ACTION_EXTENSION: first.action, RULES_EXTENSION: list(rules)},
    }


def _description(offer: Offer, action: Json) -> str:
    """What an action does, complete in itself: some clients show it instead of the label."""
    said = offer.occasions[0].suggestion.description
    if action["type"] == "delete":
        what = f" of {offer.about}" if offer.about else ""
        return f"Take the draft order{what} out of this request, to be ordered again when its time has come. {said}"
    if offer.activity.doses:
        said = f"{said}; the last day of the course is left open"
    return f"{said} ({offer.about})" if offer.about else said


def _changed_by(actions: Sequence[Json]) -> list[str]:
    changed = [action["resource"] for action in actions if action["type"] == "update"]
    return [f"{resource['resourceType']}/{resource['id']}" for resource in changed]
