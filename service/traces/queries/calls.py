"""Who called how often, how long it took, and what went wrong, over whole days."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from service.traces.counting import calls_told
from service.traces.store import TraceStore
from service.traces.tallies import tallies

PERCENTILES = (50, 90, 95, 99)


@dataclass(frozen=True, kw_only=True)
class Caller:
    """Somebody who called: a client of a tenant; both are "" for callers nobody authenticated."""

    client: str
    tenant: str


@dataclass(frozen=True, kw_only=True)
class Calls:
    """What the decisions of a caller come to. Durations are in microseconds, by how often each was seen."""

    calls: int
    degraded: int  # decided although something was missing or could not be reached
    outcomes: Mapping[str, int]
    codes: Mapping[str, int]  # of what was missing or could not be reached
    services: Mapping[str, int]  # "" when no CDS service was called
    durations: Mapping[int, int]

    @property
    def errors(self) -> int:
        """Calls that came to no answer."""
        return self.calls - self.outcomes.get("success", 0)

    def percentile(self, percent: int) -> int | None:
        """The duration (rounded up to two digits) that so many per cent of the calls did not exceed; None of none."""
        wanted, seen = -(-sum(self.durations.values()) * percent // 100), 0
        for duration, times in sorted(self.durations.items()):
            seen += times
            if seen >= wanted:
                return duration
        return None


def calls_by_caller(
    store: TraceStore, *, since: str = "", until: str = "", rulebook: str | None = None
) -> Mapping[Caller, Calls]:
    """The decisions of each caller from one day (included) to another; "" for no bound. Sorted by name."""
    found: dict[Caller, dict[str, Counter[Any]]] = {}
    with store.reading() as connection:
        for tally in tallies(connection, "calls", since, until):
            for under, client, tenant, service, outcome, told in calls_told(tally.content):
                if rulebook in (None, under):
                    counts = found.setdefault(Caller(client=client, tenant=tenant), defaultdict(Counter))
                    counts["numbers"].update(calls=told["calls"], degraded=told["degraded"])
                    counts["outcomes"][outcome] += told["calls"]
                    counts["services"][service] += told["calls"]
                    counts["codes"].update(told["codes"])
                    counts["durations"].update({int(each): times for each, times in told["durations"].items()})
    return {caller: _calls(found[caller]) for caller in sorted(found, key=lambda one: (one.client, one.tenant))}


def _calls(counts: Mapping[str, Counter[Any]]) -> Calls:
    named = {name: dict(sorted(counts[name].items())) for name in ("outcomes", "codes", "services", "durations")}
    return Calls(calls=counts["numbers"]["calls"], degraded=counts["numbers"]["degraded"], **named)


def decisions_by_rulebook(connection: Connection) -> Mapping[str, int]:
    """How many decisions were made under each rulebook, by its digest."""
    found: Counter[str] = Counter()
    for tally in tallies(connection, "calls"):
        for under, _, _, _, _, told in calls_told(tally.content):
            found[under] += told["calls"]
    return dict(sorted(found.items()))
