"""What a CDS Hooks service answers with: the cards, and what was done to the drafts to read them. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from service.intake.collecting import names_of
from service.intake.entries import holder_of, name_of
from service.intake.hook_request import drafts_in
from service.record_json import Json

NOTICES = "org.osteon.notices"
MOST_NOTICES = 50
_CONTEXT = "context."


def answer_of(result: Json, document: object) -> Json:
    """The answer for a result; ``document`` is the request, whose drafts the notices are about.

    Notices on the drafts tell the sending system what was missing, misshapen, or read from text. What
    else there is to tell of the record is on the cards and in the trace.
    """
    drafts = frozenset(_drafts(document))
    told = [notice for notice in result["warnings"] if _is_about(notice.get("reference", ""), drafts)]
    answer: Json = {"cards": result["cards"]}
    return {**answer, "extension": {NOTICES: told[:MOST_NOTICES]}} if told else answer


def _is_about(reference: str, drafts: frozenset[str]) -> bool:
    return reference.startswith(_CONTEXT) or holder_of(reference) in drafts


def _drafts(document: object) -> Iterator[str]:
    """The names of the drafts of a request, as notices call them."""
    context = document.get("context") if isinstance(document, Mapping) else None
    for resource, full_url in drafts_in(context.get("draftOrders") if isinstance(context, Mapping) else None):
        yield from names_of(resource, full_url) or (name_of(resource, full_url),)
