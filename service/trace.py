"""What one decision leaves behind: enough to find it, to trust it and to replay it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["hook", "evaluate"]
Outcome = Literal["success", "refused", "failed"]


@dataclass(frozen=True, kw_only=True)
class Counts:
    """How much one decision said."""

    fired: int = 0
    undetermined: int = 0
    cards: int = 0
    notices: int = 0


@dataclass(frozen=True, kw_only=True)
class Trace:
    """One decision.

    The header fields carry no clinical value: they are kept for ever and are what a search sees.
    ``body`` is the clinical part (facts with sources, the resources that suggestions may change, rules
    with outcomes, cards, notices, options of the request), a document of plain JSON values; it may be
    erased alone. ``rules`` are pairs of rule
    id and outcome ("fired", "undetermined", ...) by which decisions are found; a rule judged several
    times may stand there with several outcomes.
    """

    id: str  # a UUIDv7 in its canonical text form
    kind: Kind
    decided_at: str  # UTC to the microsecond: 2026-01-31T09:30:00.000000Z
    hook: str = ""  # "" when no hook was called
    hook_instance: str = ""
    service_version: str
    rulebook: str  # digests of what was used to decide
    thresholds: str
    terminology: str
    evaluation_date: str  # 2026-01-31
    request_digest: str  # SHA-256 of the request, in hex
    patient_key: str  # keyed hash (HMAC) of the patient's id, in hex; "" when there was no patient
    outcome: Outcome
    counts: Counts
    body: dict[str, object]
    rules: tuple[tuple[str, str], ...] = ()

    def header(self) -> dict[str, object]:
        """The header fields as a JSON document; the store adds its place in the chain."""
        return {
            "id": self.id,
            "kind": self.kind,
            "decided_at": self.decided_at,
            "hook": self.hook,
            "hook_instance": self.hook_instance,
            "service_version": self.service_version,
            "rulebook": self.rulebook,
            "thresholds": self.thresholds,
            "terminology": self.terminology,
            "evaluation_date": self.evaluation_date,
            "request_digest": self.request_digest,
            "patient_key": self.patient_key,
            "outcome": self.outcome,
            "counts": {
                "fired": self.counts.fired,
                "undetermined": self.counts.undetermined,
                "cards": self.counts.cards,
                "notices": self.counts.notices,
            },
        }
