"""The cards of all hooks of one assessment, each card once, with the hooks it belongs to."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from rulesets.rule import Hook
from service.canonical import dumps
from service.cards import cards_for as cards_at
from service.findings import Conclusion
from service.record_json import Json

HOOKS_EXTENSION = "org.osteon.hooks"


@dataclass(frozen=True, kw_only=True)
class CardOptions:
    """What a site chooses: reasons offered for an override, and the address traces are shown at."""

    override_reasons: tuple[dict[str, str], ...] = ()
    public_url: str = ""


def cards_for(
    hooks: Sequence[Hook], conclusion: Conclusion, as_charted: Conclusion, options: CardOptions, trace: str
) -> list[Json]:
    """The cards for some hooks; those of patient-view come from the chart without draft orders.

    The identity of a card follows from the trace and its place, so that the same decision is
    written in the same bytes.
    """
    found: dict[bytes, Json] = {}
    for hook in hooks:
        about = as_charted if hook == "patient-view" else conclusion
        trace_url = f"{options.public_url}/traces/{trace}" if options.public_url else ""
        for card in cards_at(about, hook, new_uuid=str, override_reasons=options.override_reasons, trace_url=trace_url):
            del card["uuid"]
            same = found.setdefault(dumps(card), card)
            same.setdefault("extension", {}).setdefault(HOOKS_EXTENSION, []).append(hook)
    namespace = uuid.uuid5(uuid.NAMESPACE_OID, trace)
    return [{"uuid": str(uuid.uuid5(namespace, str(place))), **card} for place, card in enumerate(found.values())]
