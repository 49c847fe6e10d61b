"""Decisions that differ in all a question can ask about; everything a test does not speak of has a value."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from service.arrival import Arrival, Caller
from service.house import written
from service.trace import Trace, UsedResource
from tests.traces.traces import RULES, shown_card, trace

NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)


def moment(hours: float) -> str:
    """So many hours after noon of the last day of January."""
    return written(NOON + timedelta(hours=hours))


def decision(
    number: int,
    *,
    at: str = moment(0),
    client: str = "ehr",
    tenant: str = "north",
    patient: str = "a",
    rulebook: str = "1",
    rules: tuple[tuple[str, str], ...] = RULES,
    resources: tuple[tuple[str, str], ...] = (("c", "1"),),
    **others: Any,
) -> Trace:
    """A decision; patient, rulebook and resources are told by one sign each."""
    made = trace(
        number,
        decided_at=at,
        patient_key=patient * 64,
        rulebook=rulebook * 64,
        rules=rules,
        hook_instance=f"call-{number}",
        cards=(shown_card(number), shown_card(number, 1)),
        resources=tuple(UsedResource(key=key * 32, version=version) for key, version in resources),
        arrival=Arrival(caller=Caller(client=client, tenant=tenant)),
    )
    return replace(made, **others)
