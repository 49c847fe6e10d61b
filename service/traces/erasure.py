"""Erasing the clinical part of traces: body, salt and index go, the header stays and the chain still holds.

Who did it, when and on what ground is an event that lists the records; a body that is gone without
one is a fault. What is on legal hold is not erased.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import ColumnElement, Connection, and_, delete, func, select

from service.arrival import NOBODY, Caller
from service.event import Event
from service.problems import OnHold
from service.traces.entry import entry_of
from service.traces.holds import Subject, is_held
from service.traces.ranges import ranges_of
from service.traces.schema import HANGS_ON_A_BODY, trace_body, trace_header, trace_tally
from service.traces.store import Chain, TraceStore
from service.traces.tallies import take_out_of_tallies

Ground = Literal["patient-request", "retention", "court-order", "recorded-in-error"]
AT_ONCE = 500  # bodies of one transaction, so that nobody waits long for the chain


@dataclass(frozen=True, kw_only=True)
class Erased:
    """How many bodies went, and how many were left because they are held.

    ``overwritten`` tells whether the database did what it can to leave nothing of them in its files.
    """

    bodies: int
    held: int = 0
    overwritten: bool = True


def erase(store: TraceStore, subject: Subject, *, ground: Ground, id: str, at: str, caller: Caller = NOBODY) -> Erased:
    """Erases what is kept of a decision or a patient, feedback included. Raises OnHold when any of it is held."""
    with store.appending() as chain:
        bodies = _bodies_of(chain.connection, subject)
        if _bodies_of(chain.connection, subject, is_held()):
            raise OnHold()
        _erase(chain, bodies, _event(subject, ground, id=id, at=at, caller=caller))
    return Erased(bodies=len(bodies), overwritten=not bodies or store.scrub(_NAMES))


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
    return Erased(bodies=erased, held=held, overwritten=not erased or store.scrub(_NAMES))


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


def _bodies_of(connection: Connection, subject: Subject, *conditions: ColumnElement[bool]) -> Sequence[int]:
    """The records that are about a subject and still have a body."""
    if subject.about == "patient":
        return _bodies(connection, trace_header.c.patient_key == subject.name, *conditions)
    about_it = and_(trace_header.c.subject == subject.name, trace_header.c.subject != "")
    # One after the other, for each has an index and the two together have none.
    itself = _bodies(connection, trace_header.c.id == subject.name, *conditions)
    return sorted({*itself, *_bodies(connection, about_it, *conditions)})


def _bodies(connection: Connection, *conditions: ColumnElement[bool], limit: int | None = None) -> Sequence[int]:
    query = select(trace_body.c.seq).select_from(_WITH_BODY).where(*conditions).order_by(trace_body.c.seq)
    return connection.execute(query.limit(limit)).scalars().all()


_WITH_BODY = trace_body.join(trace_header, trace_header.c.seq == trace_body.c.seq)


def _erase(chain: Chain, seqs: Sequence[int], event: Event) -> None:
    """Deletes what hangs on the headers, and tells it."""
    if not seqs:
        return
    for first in range(0, len(seqs), AT_ONCE):
        some = seqs[first : first + AT_ONCE]
        take_out_of_tallies(chain.connection, some)
        for table in HANGS_ON_A_BODY:
            chain.connection.execute(delete(table).where(table.c.seq.in_(some)))
    told = Event(**{**vars(event), "says": {**event.says, "erased": ranges_of(seqs), "bodies": len(seqs)}})
    chain.append(entry_of(told))


_NAMES = tuple(table.name for table in (*HANGS_ON_A_BODY, trace_tally))
