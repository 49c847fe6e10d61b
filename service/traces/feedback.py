"""What became of the cards: each piece of feedback is an event, linked to the decision that showed the card.

Clients may send the same feedback again, several at once, or about a card nobody knows: what was
said before is not kept twice, and what is not known is kept all the same.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import Connection, Row, select

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
    """What was done with feedback: kept, of which ``unknown`` about cards nobody knows, and said before."""

    kept: int
    unknown: int
    repeated: int


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
    kept = unknown = 0
    with store.appending() as chain:
        for each in given:
            if _was_said(chain.connection, each):
                continue
            shown = _shown(chain.connection, each.card)
            chain.append(
                entry_of(
                    Event(
                        id=new_id(),
                        kind="feedback",
                        at=at,
                        caller=caller,
                        subject=shown.id if shown else "",
                        patient_key=shown.patient_key if shown else "",
                        rulebook=shown.rulebook if shown else "",
                        says={"card": each.card, "outcome": each.outcome, "service": service},
                        body=each.document,
                        feedback=Feedback(
                            card=each.card,
                            outcome=each.outcome,
                            reason=each.reason,
                            given_at=each.given_at,
                            digest=each.digest,
                        ),
                    )
                )
            )
            kept, unknown = kept + 1, unknown + (shown is None)
    return Taken(kept=kept, unknown=unknown, repeated=len(given) - kept)


def _was_said(connection: Connection, given: Given) -> bool:
    same = (trace_feedback.c.card == given.card, trace_feedback.c.digest == given.digest)
    return connection.execute(select(trace_feedback.c.seq).where(*same)).first() is not None


def _shown(connection: Connection, card: str) -> Row[Any, Any, Any] | None:
    """The decision that showed a card."""
    return connection.execute(
        select(trace_header.c.id, trace_header.c.patient_key, trace_header.c.rulebook)
        .join(trace_card, trace_card.c.seq == trace_header.c.seq)
        .where(trace_card.c.uuid == card)
        .order_by(trace_header.c.seq)
        .limit(1)
    ).first()
