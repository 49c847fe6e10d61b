"""What became of the cards: each piece of feedback is an event, linked to the decision that showed the card.

Clients may send the same feedback again, several at once, or about a card nobody knows: what was
said before is not kept twice, and what is not known is kept all the same. A card that was shown to one
client is unknown to every other. Nobody who erases what is kept of a patient could find a comment on a
card that is unknown, or was erased: of such feedback only what is coded is kept.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import Connection, Row, and_, or_, select

from service.arrival import NOBODY, Caller
from service.canonical import dumps
from service.event import Event, Feedback
from service.traces.entry import entry_of
from service.traces.schema import trace_card, trace_feedback, trace_header
from service.traces.store import TraceStore


@dataclass(frozen=True, kw_only=True)
class Given:
    """One piece of feedback. ``reason`` is ``system|code``; ``document`` is all that was sent, comments included."""

    card: str
    outcome: Literal["accepted", "overridden"]
    reason: str = ""
    given_at: str = ""
    document: dict[str, object]

    @property
    def digest(self) -> str:
        return hashlib.sha256(dumps(self.document)).hexdigest()


@dataclass(frozen=True, kw_only=True)
class Taken:
    """What was done with feedback: kept, and said before; ``unknown`` are the cards nobody knows, each once."""

    kept: int
    repeated: int
    unknown: tuple[str, ...] = ()


def take_feedback(
    store: TraceStore,
    given: Sequence[Given],
    *,
    at: str,
    new_id: Callable[[], str],
    service: str = "",
    caller: Caller = NOBODY,
) -> Taken:
    """Keeps all of it that is new, or none of it when the store fails."""
    kept, unknown = 0, dict[str, None]()
    with store.appending() as chain:
        for each in given:
            shown = _shown(chain.connection, each.card, caller)
            if shown is None:
                unknown[each.card] = None
            if not _was_said(chain.connection, each):
                chain.append(entry_of(_event(each, shown, id=new_id(), at=at, service=service, caller=caller)))
                kept += 1
    return Taken(kept=kept, repeated=len(given) - kept, unknown=tuple(unknown))


def _event(given: Given, shown: Row[Any, Any, Any] | None, *, id: str, at: str, service: str, caller: Caller) -> Event:
    return Event(
        id=id,
        kind="feedback",
        at=at,
        caller=caller,
        subject=shown.id if shown else "",
        patient_key=shown.patient_key if shown else "",
        rulebook=shown.rulebook if shown else "",
        says={"card": given.card, "outcome": given.outcome, "service": service},
        body=given.document if shown else coded(given.document),
        feedback=Feedback(
            card=given.card,
            outcome=given.outcome,
            reason=given.reason,
            given_at=given.given_at,
            digest=given.digest,
        ),
    )


def coded(document: Mapping[str, object]) -> dict[str, object]:
    """Feedback without anything that can be written freely."""
    kept = {name: document[name] for name in ("card", "outcome", "outcomeTimestamp") if name in document}
    why = document.get("overrideReason")
    reason = why.get("reason") if isinstance(why, Mapping) else None
    if not isinstance(reason, Mapping):
        return kept
    coding = {name: reason[name] for name in ("system", "code") if name in reason}
    return {**kept, "overrideReason": {"reason": coding}}


def _was_said(connection: Connection, given: Given) -> bool:
    same = (trace_feedback.c.card == given.card, trace_feedback.c.digest == given.digest)
    return connection.execute(select(trace_feedback.c.seq).where(*same)).first() is not None


def _shown(connection: Connection, card: str, caller: Caller) -> Row[Any, Any, Any] | None:
    """The decision that showed a card to whoever speaks of it, or to somebody who did not have to say who it is."""
    header = trace_header.c
    return connection.execute(
        select(header.id, header.patient_key, header.rulebook)
        .join(trace_card, trace_card.c.seq == header.seq)
        .where(trace_card.c.uuid == card)
        .where(or_(header.client == "", and_(header.client == caller.client, header.tenant == caller.tenant)))
        .order_by(header.seq)
        .limit(1)
    ).first()
