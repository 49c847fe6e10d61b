"""The cards of an answer as one client can show them: pure functions over CDS Hooks cards.

What a client cannot offer safely it is not given to offer: it is told in words instead, so that nothing
is lost and nothing can be half done. Cards are shaped before the trace is written, which therefore holds
what was shown.

    generic            all of CDS Hooks; actions of which some may be chosen only if the client says it can
    one-action         suggestions of one action, of which any may be taken; the action's text is what is read
    patient-view-only  as generic, and offered at patient-view alone
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from rulesets.rule import HOOKS, Hook
from service.cards.deck import Card
from service.cards.text import escaped
from service.clients.profiles import Client

Suggestion = dict[str, Any]

CHOICE = "actionSelectionBehavior"
ELSEWHERE = "**Other changes to consider**"


def hooks_offered(client: Client) -> tuple[Hook, ...]:
    """The hooks whose services a client is offered."""
    return ("patient-view",) if client.profile == "patient-view-only" else HOOKS


def shaped(cards: Sequence[Card], client: Client) -> list[Card]:
    """The cards as a client can show them; those without suggestions stay as they are."""
    shape = _with_one_action_each if client.profile == "one-action" else _with_whole_suggestions
    return [shape(card, client) if card.get("suggestions") else card for card in cards]


# --- all of CDS Hooks --------------------------------------------------------------------------------------


def _with_whole_suggestions(card: Card, client: Client) -> Card:
    """Actions to choose among become suggestions to choose among, for a client that knows only the latter."""
    if "action-selection-behavior" in client.capabilities:
        return card
    suggestions = [one for suggestion in card["suggestions"] for one in _separated(suggestion)]
    exclusive = any(suggestion.get(CHOICE) == "at-most-one" for suggestion in card["suggestions"])
    behaviour = "at-most-one" if exclusive else card["selectionBehavior"]
    return {**card, "suggestions": _sorted_out(suggestions, behaviour), "selectionBehavior": behaviour}


def _separated(suggestion: Suggestion) -> list[Suggestion]:
    """A suggestion as it is if all of its actions belong together, else one for each action."""
    whole = {name: value for name, value in suggestion.items() if name != CHOICE}
    actions = suggestion.get("actions", [])
    if suggestion.get(CHOICE, "all") == "all" or len(actions) < 2:
        return [whole]
    return [
        {**whole, "label": action["description"], "actions": [action], "uuid": _part(suggestion["uuid"], place)}
        for place, action in enumerate(actions)
    ]


def _sorted_out(suggestions: list[Suggestion], behaviour: str) -> list[Suggestion]:
    """Where one may be chosen only one is recommended: the first that was."""
    if behaviour != "at-most-one":
        return suggestions
    first = next((place for place, one in enumerate(suggestions) if one.get("isRecommended")), None)
    return [
        {name: value for name, value in one.items() if name != "isRecommended" or place == first}
        for place, one in enumerate(suggestions)
    ]


# --- one action for each suggestion ------------------------------------------------------------------------


def _with_one_action_each(card: Card, _: Client) -> Card:
    """Suggestions that stay safe when any of them may be taken, each of one action; the others in words."""
    exclusive = card["selectionBehavior"] == "at-most-one"
    offered: list[Suggestion] = []
    told: list[Suggestion] = []
    for suggestion in _preferred_first(card["suggestions"]):
        choices = _separated(suggestion)
        if suggestion.get(CHOICE) == "at-most-one":
            choices, left = choices[:1], choices[1:]
            told += left
        for one in choices:
            fits = len(one.get("actions", [])) == 1 and not (exclusive and offered)
            (offered if fits else told).append(one)
    shaped_card = {name: value for name, value in card.items() if name not in ("suggestions", "selectionBehavior")}
    if told:
        shaped_card["detail"] = "\n\n".join([card["detail"], ELSEWHERE, "\n".join(_lines(told))])
    if offered:
        shaped_card |= {"suggestions": [_readable(one) for one in offered], "selectionBehavior": "any"}
    return shaped_card


def _preferred_first(suggestions: Iterable[Suggestion]) -> list[Suggestion]:
    return sorted(suggestions, key=lambda one: one.get("isRecommended") is not True)


def _readable(suggestion: Suggestion) -> Suggestion:
    """A suggestion whose action says all there is to read, for the label is not shown."""
    (action,) = suggestion["actions"]
    label, description = suggestion["label"], action["description"]
    if not description.startswith(label):
        action = {**action, "description": f"{label}: {description}"}
    return {**suggestion, "actions": [action]}


def _lines(suggestions: Iterable[Mapping[str, Any]]) -> Iterable[str]:
    for suggestion in suggestions:
        steps = [action["description"] for action in suggestion.get("actions", [])]
        said = [suggestion["label"], *(step for step in steps if step != suggestion["label"])]
        yield "- " + ": ".join(part for part in (escaped(said[0]), "; ".join(map(escaped, said[1:]))) if part)


def _part(identity: str, place: int) -> str:
    """The identity of one part of a suggestion, the same whenever the same decision is written."""
    return str(uuid.uuid5(uuid.UUID(identity), str(place)))
