"""The audit of the audit: who saw the clinical part of a trace, made a decision again, or carried traces away."""

from __future__ import annotations

from service.traces.queries.decisions import Wanted, found
from service.traces.store import TraceStore
from service.traces.stored import Page

ACCESSES = ("read", "replay", "export")
"""The kinds of events that tell of somebody who saw what is clinical."""


def accesses(
    store: TraceStore,
    *,
    client: str | None = None,
    subject: str | None = None,
    patient_key: str | None = None,
    since: str | None = None,
    until: str | None = None,
    after: int | None = None,
    limit: int = 50,
) -> Page:
    """Headers of the events, newest first: all of them, or those of a client, about a decision or a patient."""
    wanted = Wanted(client=client, subject=subject, patient_key=patient_key, since=since, until=until, kinds=ACCESSES)
    return found(store, wanted, after=after, limit=limit)
