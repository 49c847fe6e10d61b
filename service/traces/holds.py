"""Legal holds: what must not be erased, until somebody says that it may be again.

A hold is on one decision or on all that is kept of a patient, what is kept later included. Placing
and releasing it are events; the table only says which are in force, and the database itself refuses
to delete a body that is held.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, cast

from sqlalchemy import ColumnElement, Connection, and_, delete, exists, insert, or_, select

from service.arrival import NOBODY, Caller
from service.event import Event
from service.traces.entry import entry_of
from service.traces.schema import trace_header, trace_hold
from service.traces.store import TraceStore

About = Literal["decision", "patient"]


@dataclass(frozen=True, kw_only=True)
class Subject:
    """One decision by its id, or a patient by the key decisions are found by."""

    about: About
    name: str


@dataclass(frozen=True, kw_only=True)
class Hold:
    """A hold in force; ``seq`` is the event that placed it."""

    about: About
    name: str
    seq: int


def place_hold(
    store: TraceStore, subject: Subject, *, id: str, at: str, caller: Caller = NOBODY, reason: str = ""
) -> bool:
    """Holds the subject; False when it was held already. ``id`` and ``at`` are those of the event."""
    with store.appending() as chain:
        if chain.connection.execute(_this(subject)).first() is not None:
            return False
        event = _event("hold", subject, id=id, at=at, caller=caller, reason=reason)
        seq = chain.append(entry_of(event)).seq
        chain.connection.execute(insert(trace_hold), {"about": subject.about, "name": subject.name, "seq": seq})
    return True


def release_hold(
    store: TraceStore, subject: Subject, *, id: str, at: str, caller: Caller = NOBODY, reason: str = ""
) -> bool:
    """Ends a hold; False when there was none."""
    with store.appending() as chain:
        if chain.connection.execute(_this(subject)).first() is None:
            return False
        chain.append(entry_of(_event("release", subject, id=id, at=at, caller=caller, reason=reason)))
        chain.connection.execute(
            delete(trace_hold).where(trace_hold.c.about == subject.about, trace_hold.c.name == subject.name)
        )
    return True


def _event(
    kind: Literal["hold", "release"], subject: Subject, *, id: str, at: str, caller: Caller, reason: str
) -> Event:
    return Event(
        id=id,
        kind=kind,
        at=at,
        caller=caller,
        subject=subject.name if subject.about == "decision" else "",
        patient_key=subject.name if subject.about == "patient" else "",
        says={"about": subject.about, "name": subject.name},
        body={"reason": reason} if reason else None,
    )


def holds_in(connection: Connection) -> Iterator[Hold]:
    """The holds in force, in the order they were placed."""
    for row in connection.execute(select(trace_hold).order_by(trace_hold.c.seq)):
        yield Hold(about=cast(About, row.about), name=row.name, seq=row.seq)


def is_held() -> ColumnElement[bool]:
    """The condition that a header, and so the body that hangs on it, is held."""
    return exists().where(
        or_(
            and_(trace_hold.c.about == "decision", trace_hold.c.name.in_([trace_header.c.id, trace_header.c.subject])),
            and_(trace_hold.c.about == "patient", trace_hold.c.name == trace_header.c.patient_key),
        )
    )


def _this(subject: Subject):  # type: ignore[no-untyped-def]
    return select(trace_hold.c.seq).where(trace_hold.c.about == subject.about, trace_hold.c.name == subject.name)
