"""What happens to traces, or around them: a leaf of the same chain each, never an edit of an older one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from service.arrival import NOBODY, Caller

EventKind = Literal[
    "feedback",  # a clinician took a card up or set it aside
    "replay",  # a decision was made again, with this result
    "export",  # traces left the store
    "read",  # somebody looked at the clinical part of one
    "hold",  # something must not be erased
    "release",  # it may be erased again
    "erasure",  # clinical parts are gone
    "activation",  # a rulebook came into force
    "configuration",  # settings changed
    "checkpoint",  # the head of the chain was signed
]


@dataclass(frozen=True, kw_only=True)
class Feedback:
    """What became of a card, as it is counted; ``digest`` tells a repetition from something new."""

    card: str
    outcome: Literal["accepted", "overridden"]
    reason: str = ""  # system|code of an override, "" when none was coded
    given_at: str = ""
    digest: str


@dataclass(frozen=True, kw_only=True)
class Event:
    """One thing that happened.

    ``says`` tells it in plain JSON values without a clinical one, for it stands in the header for
    ever. What is clinical, or may be, such as a comment, is the ``body``, which can be erased;
    ``feedback`` goes with it.
    """

    id: str  # a UUIDv7 in its canonical text form
    kind: EventKind
    at: str  # UTC to the microsecond
    caller: Caller = NOBODY
    subject: str = ""  # the id of the decision it is about
    patient_key: str = ""
    rulebook: str = ""
    outcome: Literal["success", "refused", "failed"] = "success"
    says: Mapping[str, object] = field(default_factory=dict)
    body: dict[str, object] | None = None
    feedback: Feedback | None = None

    def header(self) -> dict[str, object]:
        """The header fields as a JSON document; the store adds its place in the chain."""
        return {
            **self.caller.header(),
            "id": self.id,
            "kind": self.kind,
            "decided_at": self.at,
            "hook": "",
            "hook_instance": "",
            "rulebook": self.rulebook,
            "patient_key": self.patient_key,
            "outcome": self.outcome,
            "subject": self.subject,
            "says": dict(self.says),
        }
