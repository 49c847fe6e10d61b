"""Traces to test with; everything a test does not speak of has a value."""

from __future__ import annotations

from service.trace import Counts, Outcome, Trace


def trace_id(number: int) -> str:
    return f"01900000-0000-7000-8000-{number:012x}"


def trace(
    number: int = 1,
    *,
    decided_at: str = "2026-01-31T09:30:00.000000Z",
    patient_key: str = "ab" * 32,
    outcome: Outcome = "success",
    hook_instance: str = "6c1f0000-0000-4000-8000-000000000001",
    body: dict[str, object] | None = None,
    rules: tuple[tuple[str, str], ...] = (("imbrication.parp-hold", "fired"), ("prognosis.good", "undetermined")),
) -> Trace:
    return Trace(
        id=trace_id(number),
        kind="hook",
        decided_at=decided_at,
        hook="order-sign",
        hook_instance=hook_instance,
        service_version="0.1.0",
        rulebook="11" * 32,
        thresholds="22" * 32,
        terminology="33" * 32,
        evaluation_date="2026-01-31",
        request_digest="44" * 32,
        patient_key=patient_key,
        outcome=outcome,
        counts=Counts(fired=1, undetermined=1, cards=1, notices=0),
        body={"facts": [{"name": "patient.ecog", "value": number}]} if body is None else body,
        rules=rules,
    )
