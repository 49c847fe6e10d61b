"""What an export came to: counted while it is written, and counted again by whoever checks it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from service.trace import DECISIONS


class Runs:
    """Numbers that come in order, kept as first and last of each run."""

    def __init__(self) -> None:
        self.listed: list[list[int]] = []

    def add(self, number: int) -> None:
        if self.listed and self.listed[-1][1] == number - 1:
            self.listed[-1][1] = number
        else:
            self.listed.append([number, number])


@dataclass(kw_only=True)
class Tally:
    """``erased`` bodies are gone from the store, ``damaged`` ones cannot be read, ``not_asked_for`` stay there.

    ``not_written`` are the records whose resources would not be valid FHIR, or who have no such form.
    """

    decisions: int = 0
    events: int = 0
    bodies: int = 0
    first_seq: int | None = None
    last_seq: int | None = None
    erased: Runs = field(default_factory=Runs)
    damaged: Runs = field(default_factory=Runs)
    not_written: Runs = field(default_factory=Runs)
    not_asked_for: int = 0

    @property
    def records(self) -> int:
        return self.decisions + self.events

    def count(self, seq: int, kind: str) -> None:
        """A record is in the export."""
        if kind in DECISIONS:
            self.decisions += 1
        else:
            self.events += 1
        self.first_seq = seq if self.first_seq is None else self.first_seq
        self.last_seq = seq

    @property
    def told(self) -> dict[str, object]:
        """The part of the manifest that is counted."""
        left_out: dict[str, Sequence[object] | int] = {
            "erased": self.erased.listed,
            "damaged": self.damaged.listed,
            "not_asked_for": self.not_asked_for,
            "not_written": self.not_written.listed,
        }
        return {
            "records": self.records,
            "decisions": self.decisions,
            "events": self.events,
            "bodies": self.bodies,
            "first_seq": self.first_seq,
            "last_seq": self.last_seq,
            "left_out": left_out,
        }
