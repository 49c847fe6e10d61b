"""The cards of all hooks of one assessment, each card once, with the hooks it belongs to."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from graphlib import TopologicalSorter

from rulesets.rule import Hook
from service.canonical import dumps
from service.cards.deck import cards_for as cards_at
from service.reasoning.findings import Conclusion
from service.record_json import Json
from service.suggestions.drafts import Material

HOOKS_EXTENSION = "org.osteon.hooks"


@dataclass(frozen=True, kw_only=True)
class CardOptions:
    """What a site chooses: reasons offered for an override, and the address below which traces are shown to people."""

    override_reasons: tuple[dict[str, str], ...] = ()
    public_url: str = ""


def cards_for(
    hooks: Sequence[Hook],
    conclusion: Conclusion,
    as_charted: Conclusion,
    options: CardOptions,
    material: Material,
    trace: str,
) -> list[Json]:
    """The cards for some hooks; those of patient-view come from the chart without draft orders.

    The identity of a card, and of a suggestion on it, follows from the trace and its place, so that
    the same decision is written in the same bytes. Each hook finds its own cards in its own order, the gravest first.
    """
    trace_url = f"{options.public_url}/audit/traces/{trace}" if options.public_url else ""
    found: dict[bytes, Json] = {}
    hooks_of: dict[bytes, list[str]] = {}
    order: TopologicalSorter[bytes] = TopologicalSorter()
    for hook in hooks:
        about = as_charted if hook == "patient-view" else conclusion
        before: list[bytes] = []
        for card in cards_at(
            about,
            hook,
            new_uuid=str,
            override_reasons=options.override_reasons,
            trace_url=trace_url,
            material=material,
        ):
            del card["uuid"]
            written = dumps(card)
            found.setdefault(written, card)
            hooks_of.setdefault(written, []).append(hook)
            order.add(written, *before)
            before = [written]
    namespace = uuid.uuid5(uuid.NAMESPACE_OID, trace)
    cards = []
    for place, written in enumerate(order.static_order()):
        card = found[written]
        extension = {**card.get("extension", {}), HOOKS_EXTENSION: hooks_of[written]}
        if "suggestions" in card:
            named = [
                {**suggestion, "uuid": str(uuid.uuid5(namespace, f"{place} suggestion {number}"))}
                for number, suggestion in enumerate(card["suggestions"])
            ]
            card = {**card, "suggestions": named}
        cards.append({**card, "uuid": str(uuid.uuid5(namespace, str(place))), "extension": extension})
    return cards
