"""What is told of those who look at traces: reading a body, making a decision again, carrying traces away."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from service.arrival import NOBODY, Caller
from service.event import Event
from service.traces.store import TraceStore
from service.traces.stored import StoredHeader


def tell_read(
    store: TraceStore, read: StoredHeader, *, through: str, id: str, at: str, caller: Caller = NOBODY
) -> StoredHeader:
    """Somebody is about to see the clinical part of a trace. Raises StoreUnavailable: then nobody may."""
    return store.record_event(_about(read, Event(id=id, kind="read", at=at, caller=caller, says={"through": through})))


def tell_replay(
    store: TraceStore,
    replayed: StoredHeader,
    *,
    verdict: str,
    differences: Sequence[str],
    rulebook: str,
    id: str,
    at: str,
    caller: Caller = NOBODY,
) -> StoredHeader:
    """A decision was made again with a rulebook; ``differences`` are the names of the parts that are not the same."""
    says = {"verdict": verdict, "differences": list(differences)}
    event = Event(id=id, kind="replay", at=at, caller=caller, rulebook=rulebook, says=says)
    return store.record_event(_about(replayed, event))


def tell_changes(
    store: TraceStore,
    *,
    window: Mapping[str, object],
    counts: Mapping[str, int],
    rulebook: str,
    id: str,
    at: str,
    caller: Caller = NOBODY,
) -> StoredHeader:
    """Decisions of a time, or one, were made again with another rulebook; only how many would change is told."""
    says = {"verdict": "compared", **window, **counts}
    return store.record_event(Event(id=id, kind="replay", at=at, caller=caller, rulebook=rulebook, says=says))


def tell_export(
    store: TraceStore,
    *,
    form: str,
    says: Mapping[str, object],
    id: str,
    at: str,
    caller: Caller = NOBODY,
    patient_key: str = "",
) -> StoredHeader:
    """Traces are about to leave the store in some form; ``says`` tells which, and never anything clinical."""
    told = {"form": form, **says}
    return store.record_event(Event(id=id, kind="export", at=at, caller=caller, patient_key=patient_key, says=told))


def _about(header: StoredHeader, event: Event) -> Event:
    about = {"subject": header.id, "patient_key": str(header.columns["patient_key"])}
    return Event(**{**vars(event), **about})
