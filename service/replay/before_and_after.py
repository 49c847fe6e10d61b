"""One decision before and after: what of its answer counts, and how its rules and cards changed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Literal, get_args

from service.canonical import dumps
from service.record_json import Json
from service.write import HOOKS_EXTENSION

RuleKind = Literal[
    "newly firing", "no longer firing", "indicator", "newly undetermined", "no longer undetermined",
    "newly suppressed", "no longer suppressed",
]  # fmt: skip
"""How a rule may change in a decision."""
KINDS: tuple[RuleKind, ...] = get_args(RuleKind)

CardKind = Literal["appears", "disappears", "reworded"]
Card = tuple[str, tuple[str, ...], tuple[str, ...]]
"""What makes a card the same card: its indicator, the rules it speaks for, the hooks it is shown at."""

_NAMES = ("trace", "rulebook")
"""Parts of a result that say nothing of the patient."""
_NOT_BY_RULES = ("uuid", "links", "overrideReasons")
"""What of a card follows from its place and from the settings of a site."""
_RULES_EXTENSION = "org.osteon.rules"

Situation = tuple[str, str | None]
"""A rule, and the elements it was judged for."""


def what_it_says(result: Json) -> Json:
    """What a result says, without what it is called by."""
    said = {part: value for part, value in result.items() if part not in _NAMES}
    return {**said, "cards": [_card_says(card) for card in result["cards"]]}


def _card_says(card: Json) -> Json:
    said = {name: value for name, value in card.items() if name not in _NOT_BY_RULES}
    if "suggestions" in card:
        said["suggestions"] = [
            {name: value for name, value in each.items() if name != "uuid"} for each in card["suggestions"]
        ]
    return said


def changes_of_rules(before: Json, after: Json) -> Iterator[tuple[str, RuleKind, str]]:
    """Rule, kind of change and its detail; each once, however many situations it is so in."""
    old, new = _fired(before), _fired(after)
    yield from _coming_and_going(old, new, "newly firing", "no longer firing")
    yield from dict.fromkeys(
        (rule, "indicator", f"{old[rule, element]} → {new[rule, element]}")
        for rule, element in new
        if old.get((rule, element), new[rule, element]) != new[rule, element]
    )
    old, new = _undetermined(before), _undetermined(after)
    yield from _coming_and_going(old, new, "newly undetermined", "no longer undetermined")
    old, new = _suppressed(before), _suppressed(after)
    yield from _coming_and_going(old, new, "newly suppressed", "no longer suppressed")


def _coming_and_going(
    old: Mapping[Situation, str], new: Mapping[Situation, str], comes: RuleKind, goes: RuleKind
) -> Iterator[tuple[str, RuleKind, str]]:
    yield from dict.fromkeys((rule, comes, "") for rule, element in new if (rule, element) not in old)
    yield from dict.fromkeys((rule, goes, "") for rule, element in old if (rule, element) not in new)


def _fired(rules: Json) -> dict[Situation, str]:
    """The indicator of each situation in which a rule fired."""
    return {(each["id"], each["element"]): str(each["indicator"]) for each in rules["fired"]}


def _undetermined(rules: Json) -> dict[Situation, str]:
    return {(each["id"], each["element"]): "" for each in rules["undetermined"]}


def _suppressed(rules: Json) -> dict[Situation, str]:
    return {(id, None): "" for id in rules["suppressed"]}


def changes_of_cards(before: list[Json], after: list[Json]) -> Iterator[tuple[CardKind, Card]]:
    """Cards that come, go, or say the same in other words; each once. Both as ``what_it_says`` gives them."""
    old, new = Counter(map(_card, before)), Counter(map(_card, after))
    for card in new - old:
        yield "appears", card
    for card in old - new:
        yield "disappears", card
    said = {dumps(card) for card in before}
    for card in dict.fromkeys(_card(card) for card in after if dumps(card) not in said):
        if old[card] == new[card]:
            yield "reworded", card


def _card(card: Json) -> Card:
    extension = card.get("extension", {})
    return card["indicator"], tuple(extension.get(_RULES_EXTENSION, ())), tuple(extension.get(HOOKS_EXTENSION, ()))
