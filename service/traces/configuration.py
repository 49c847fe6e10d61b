"""Which settings decisions were made under: told by an event whenever they are not those told last."""

from __future__ import annotations

from collections.abc import Mapping

from service.arrival import NOBODY, Caller
from service.event import Event
from service.traces.entry import entry_of
from service.traces.store import TraceStore, last_of_kind


def tell_configuration(
    store: TraceStore, digest: str, settings: Mapping[str, object], *, id: str, at: str, caller: Caller = NOBODY
) -> bool:
    """Tells the settings in force, without secrets; False when they were told already."""
    with store.appending() as chain:
        last = last_of_kind(chain.connection, "configuration")
        if last is not None and last.says.get("digest") == digest:
            return False
        says = {"digest": digest, "settings": dict(settings)}
        chain.append(entry_of(Event(id=id, kind="configuration", at=at, caller=caller, says=says)))
    return True
