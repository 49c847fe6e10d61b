"""What one decision leaves behind: enough to find it, to trust it and to replay it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from service.arrival import UNTOLD, Arrival

Kind = Literal["hook", "evaluate"]
Outcome = Literal["success", "refused", "failed"]

DECISIONS: tuple[Kind, ...] = ("hook", "evaluate")
"""The kinds of headers that are decisions; all others are events."""


@dataclass(frozen=True, kw_only=True)
class Counts:
    """How much one decision said. Rules are counted once, however many situations they were judged in."""

    evaluated: int = 0  # rules that were judged
    fired: int = 0
    undetermined: int = 0
    suppressed: int = 0
    switched_off: int = 0
    error: int = 0  # rules that failed
    cards: int = 0
    notices: int = 0

    def header(self) -> dict[str, int]:
        return {
            "evaluated": self.evaluated,
            "fired": self.fired,
            "undetermined": self.undetermined,
            "suppressed": self.suppressed,
            "switched_off": self.switched_off,
            "error": self.error,
            "cards": self.cards,
            "notices": self.notices,
        }


@dataclass(frozen=True, kw_only=True)
class ShownCard:
    """A card by its identity, and the rules it speaks for."""

    uuid: str
    rules: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class UsedResource:
    """A resource a fact was read from: a keyed hash of its reference, and its version ("" when it had none)."""

    key: str
    version: str = ""


@dataclass(frozen=True, kw_only=True)
class Trace:
    """One decision.

    The header fields carry no clinical value: they are kept for ever and are what a search sees.
    ``body`` is the clinical part (facts with sources, the resources that suggestions may change, rules
    with outcomes, cards, notices, options of the request), a document of plain JSON values; it may be
    erased alone. ``rules`` are pairs of rule
    id and outcome ("fired", "undetermined", ...) by which decisions are found; a rule judged several
    times may stand there with several outcomes. ``rules``, ``cards`` and ``resources`` go with the body.
    """

    id: str  # a UUIDv7 in its canonical text form
    kind: Kind
    decided_at: str  # UTC to the microsecond: 2026-01-31T09:30:00.000000Z
    duration_ns: int | None = None  # from the arrival of the request, by the monotonic clock
    arrival: Arrival = UNTOLD
    hook: str = ""  # "" when no hook was called
    hook_instance: str = ""
    service: str = ""  # the id of the CDS service that was called
    user_key: str = ""  # keyed hash of the user's reference; "" when nobody was named
    service_version: str
    engine: str = ""  # name and version of the rule engine
    config: str = ""  # digest of the settings in force
    rulebook: str  # digests of what was used to decide
    rules_digest: str = ""
    thresholds: str
    terminology: str
    evaluation_date: str  # 2026-01-31
    request_digest: str  # SHA-256 of the request, in hex
    patient_key: str  # keyed hash (HMAC) of the patient's id, in hex; "" when there was no patient
    outcome: Outcome
    degraded: tuple[str, ...] = ()  # codes of what could not be read or reached, in order
    counts: Counts
    body: dict[str, object]
    rules: tuple[tuple[str, str], ...] = ()
    cards: tuple[ShownCard, ...] = ()
    resources: tuple[UsedResource, ...] = ()

    def header(self) -> dict[str, object]:
        """The header fields as a JSON document; the store adds its place in the chain."""
        return {
            **self.arrival.caller.header(),
            "id": self.id,
            "kind": self.kind,
            "received_at": self.arrival.received_at,
            "decided_at": self.decided_at,
            "duration_ns": self.duration_ns,
            "request_id": self.arrival.request_id,
            "w3c_trace_id": self.arrival.w3c_trace_id,
            "w3c_span_id": self.arrival.w3c_span_id,
            "hook": self.hook,
            "hook_instance": self.hook_instance,
            "service": self.service,
            "user_key": self.user_key,
            "service_version": self.service_version,
            "engine": self.engine,
            "config": self.config,
            "rulebook": self.rulebook,
            "rules": self.rules_digest,
            "thresholds": self.thresholds,
            "terminology": self.terminology,
            "evaluation_date": self.evaluation_date,
            "request_digest": self.request_digest,
            "request_length": self.arrival.length,
            "patient_key": self.patient_key,
            "outcome": self.outcome,
            "degraded": list(self.degraded),
            "counts": self.counts.header(),
        }
