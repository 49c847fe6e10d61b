"""Traces to test with; everything a test does not speak of has a value."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta

from service.arrival import UNTOLD, Arrival
from service.event import Event, EventKind
from service.secrets.checkpoint import new_signer
from service.trace import Counts, Outcome, ShownCard, Trace, UsedResource
from service.traces.checkpoints import Notary

AT = "2026-01-31T09:30:00.000000Z"
RULES = (("imbrication.parp-hold", "fired"), ("prognosis.good", "undetermined"))


def trace_id(number: int) -> str:
    return f"01900000-0000-7000-8000-{number:012x}"


def trace(
    number: int = 1,
    *,
    decided_at: str = AT,
    patient_key: str = "ab" * 32,
    outcome: Outcome = "success",
    hook_instance: str = "6c1f0000-0000-4000-8000-000000000001",
    body: dict[str, object] | None = None,
    rules: tuple[tuple[str, str], ...] = RULES,
    cards: tuple[ShownCard, ...] | None = None,
    resources: tuple[UsedResource, ...] = (UsedResource(key="ef" * 16, version="2"), UsedResource(key="fe" * 16)),
    arrival: Arrival = UNTOLD,
    rulebook: str = "11" * 32,
) -> Trace:
    return Trace(
        id=trace_id(number),
        kind="hook",
        decided_at=decided_at,
        hook="order-sign",
        hook_instance=hook_instance,
        service_version="0.1.0",
        rulebook=rulebook,
        rules_digest="10" * 32,
        thresholds="22" * 32,
        terminology="33" * 32,
        evaluation_date="2026-01-31",
        request_digest="44" * 32,
        patient_key=patient_key,
        outcome=outcome,
        counts=Counts(fired=1, undetermined=1, cards=1, notices=0),
        body={"facts": [{"name": "patient.ecog", "value": number}]} if body is None else body,
        rules=rules,
        cards=(shown_card(number),) if cards is None else cards,
        resources=resources,
        arrival=arrival,
    )


def shown_card(number: int, place: int = 0) -> ShownCard:
    """A card of a decision, whose identity follows from the number of the decision and its place."""
    rules = tuple(rule for rule, _ in RULES)
    return ShownCard(uuid=f"0a000000-0000-5000-{place:04x}-{number:012x}", rules=rules)


def event(
    number: int, kind: EventKind = "export", *, says: Mapping[str, object] | None = None, **others: object
) -> Event:
    """An event whose number is told apart from those of decisions."""
    return Event(id=trace_id(1000 + number), kind=kind, at=AT, says=says or {}, **others)  # type: ignore[arg-type]


def notary(
    *,
    every: int = 1000,
    within: timedelta = timedelta(hours=1),
    file: str = "",
    now: Callable[[], datetime] | None = None,
) -> Notary:
    """Somebody who signs, with a key of their own."""
    numbers = itertools.count(1)
    return Notary(
        new_signer(),
        every=every,
        within=within,
        file=file,
        now=now or (lambda: datetime.now(UTC)),
        new_id=lambda: trace_id(9_000_000 + next(numbers)),
    )
