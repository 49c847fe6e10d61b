"""Erasing the clinical part of traces: body, salt and index go, the header stays and the chain still holds.

Who did it, when and on what ground is an event that lists the records; a body that is gone without
one is a fault. What is on legal hold is not erased.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import ColumnElement, Connection, delete, func, or_, select

from service.arrival import NOBODY, Caller
from service.event import Event
from service.problems import OnHold
from service.traces.entry import entry_of
from service.traces.holds import Subject, is_held
from service.traces.ranges import ranges_of
from service.traces.schema import HANGS_ON_A_BODY, trace_body, trace_header
from service.traces.store import Chain, TraceStore

Ground = Literal["patient-request", "retention", "court-order", "recorded-in-error"]
AT_ONCE = 500  # bodies of one transaction, so that nobody waits long for the chain


@dataclass(frozen=True, kw_only=True)
class Erased:
    """How many bodies went, and how many were left because they are held."""

    bodies: int
    held: int = 0


def erase(store: TraceStore, subject: Subject, *, ground: Ground, id: str, at: str, caller: Caller = NOBODY) -> Erased:
    """Erases what is kept of a decision or a patient, feedback included. Raises OnHold when any of it is held."""
    with store.appending() as chain:
        bodies = _bodies(chain.connection, _of(subject))
        if _bodies(chain.connection, _of(subject), is_held()):
            raise OnHold()
        _erase(chain, bodies, _event(subject, ground, id=id, at=at, caller=caller))
    scrub(store)
    return Erased(bodies=len(bodies))


def retain(store: TraceStore, *, since: str, at: str, new_id: Callable[[], str], caller: Caller = NOBODY) -> Erased:
    """Erases every body that is older than ``since`` (compared with ``decided_at``) and not held."""
    old, erased = trace_header.c.decided_at < since, 0
    while True:
        with store.appending() as chain:
            bodies = _bodies(chain.connection, old, ~is_held(), limit=AT_ONCE)
            if not bodies:
                break
            event = Event(id=new_id(), kind="erasure", at=at, caller=caller, says={"ground": "retention"})
            _erase(chain, bodies, event)
        erased += len(bodies)
    with store.reading() as connection:
        held = connection.execute(select(func.count()).select_from(_WITH_BODY).where(old)).scalar_one()
    if erased:
        scrub(store)
    return Erased(bodies=erased, held=held)


def _event(subject: Subject, ground: Ground, *, id: str, at: str, caller: Caller) -> Event:
    return Event(
        id=id,
        kind="erasure",
        at=at,
        caller=caller,
        subject=subject.name if subject.about == "decision" else "",
        patient_key=subject.name if subject.about == "patient" else "",
        says={"ground": ground},
    )


def _of(subject: Subject) -> ColumnElement[bool]:
    if subject.about == "patient":
        return trace_header.c.patient_key == subject.name
    return or_(trace_header.c.id == subject.name, trace_header.c.subject == subject.name)


def _bodies(connection: Connection, *conditions: ColumnElement[bool], limit: int | None = None) -> Sequence[int]:
    """The numbers of the records that meet the conditions and still have a body."""
    query = select(trace_body.c.seq).select_from(_WITH_BODY).where(*conditions).order_by(trace_body.c.seq)
    return connection.execute(query.limit(limit)).scalars().all()


_WITH_BODY = trace_body.join(trace_header, trace_header.c.seq == trace_body.c.seq)


def _erase(chain: Chain, seqs: Sequence[int], event: Event) -> None:
    """Deletes what hangs on the headers, and tells it."""
    if not seqs:
        return
    for first in range(0, len(seqs), AT_ONCE):
        some = seqs[first : first + AT_ONCE]
        for table in HANGS_ON_A_BODY:
            chain.connection.execute(delete(table).where(table.c.seq.in_(some)))
    told = Event(**{**vars(event), "says": {**event.says, "erased": ranges_of(seqs), "bodies": len(seqs)}})
    chain.append(entry_of(told))


def scrub(store: TraceStore) -> None:
    """Has the database overwrite what was deleted, as far as it can be told to from here.

    Copies are not reached: backups, exports, the write-ahead archive of PostgreSQL.
    """
    store.scrub([table.name for table in HANGS_ON_A_BODY])
