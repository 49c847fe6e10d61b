"""The cards of a decision as an EHR shows them: by hook, grave first as they were sent, the detail as HTML."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from rulesets.rule import HOOKS
from service.pages.markdown import html_of
from service.pages.words import INDICATORS, Mark, mark
from service.record_json import Json
from service.write import HOOKS_EXTENSION

RULES_EXTENSION = "org.osteon.rules"
_MOMENTS = {
    "patient-view": "when the record is opened",
    "order-select": "while an order is being written",
    "order-sign": "before an order is signed",
}


@dataclass(frozen=True, kw_only=True)
class Offer:
    label: str
    actions: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class ShownCard:
    """One card. ``anchor`` is its place on the page; ``rules`` are the rules it speaks for."""

    anchor: str
    indicator: Mark
    summary: str
    detail: Markup
    source: str
    address: str
    topic: str
    hooks: tuple[str, ...]
    rules: tuple[str, ...]
    offers: tuple[Offer, ...]
    reasons: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class CardsOfHook:
    """What is shown at one hook; ``moment`` says when that is. ``hook`` is empty where it was not told."""

    hook: str
    moment: str
    cards: tuple[ShownCard, ...]


def cards_of(body: Mapping[str, Any]) -> tuple[ShownCard, ...]:
    cards = (body.get("result") or {}).get("cards") or ()
    return tuple(_card(place, card) for place, card in enumerate(cards, 1))


def by_hook(cards: tuple[ShownCard, ...]) -> tuple[CardsOfHook, ...]:
    """The cards in the order a clinician meets them."""
    hooks = [hook for hook in HOOKS if any(hook in card.hooks for card in cards)]
    found = [
        CardsOfHook(hook=hook, moment=_MOMENTS.get(hook, ""), cards=tuple(card for card in cards if hook in card.hooks))
        for hook in hooks
    ]
    others = tuple(card for card in cards if not set(card.hooks) & set(HOOKS))
    return (*found, CardsOfHook(hook="", moment="", cards=others)) if others else tuple(found)


def _card(place: int, card: Json) -> ShownCard:
    source, extension = card.get("source") or {}, card.get("extension") or {}
    address = str(source.get("url", ""))
    return ShownCard(
        anchor=f"card-{place}",
        indicator=mark(INDICATORS, card.get("indicator")),
        summary=str(card.get("summary", "")),
        detail=html_of(str(card.get("detail") or "")),
        source=str(source.get("label", "")),
        address=address if address.startswith("https://") else "",
        topic=str((source.get("topic") or {}).get("display", "")),
        hooks=tuple(map(str, extension.get(HOOKS_EXTENSION) or ())),
        rules=tuple(map(str, extension.get(RULES_EXTENSION) or ())),
        offers=tuple(
            Offer(
                label=str(offer.get("label", "")),
                actions=tuple(str(each.get("description", "")) for each in offer.get("actions") or ()),
            )
            for offer in card.get("suggestions") or ()
        ),
        reasons=tuple(str(each.get("display", "")) for each in card.get("overrideReasons") or ()),
    )
