"""What a CDS Hooks service answers with: the cards, and what was done to the drafts to read them. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

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
    return reference.startswith(_CONTEXT) or any(f"{reference}#".startswith(f"{name}#") for name in drafts)


def _drafts(document: object) -> Iterator[str]:
    """The names of the drafts of a request, as notices call them."""
    context = document.get("context") if isinstance(document, Mapping) else None
    bundle = context.get("draftOrders") if isinstance(context, Mapping) else None
    entries = bundle.get("entry") if isinstance(bundle, Mapping) else None
    for entry in entries if isinstance(entries, list) else ():
        resource = entry.get("resource") if isinstance(entry, Mapping) else None
        if isinstance(resource, Mapping):
            name = resource.get("id")
            yield (
                f"{resource.get('resourceType')}/{name}"
                if isinstance(name, str) and name
                else (str(entry.get("fullUrl", "")) or f"{resource.get('resourceType')}")
            )
