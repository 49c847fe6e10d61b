"""What came of making a decision again, in words."""

from __future__ import annotations

from dataclasses import dataclass

from service.pages.rulebook import FieldChange
from service.replay.decision import Replay

_SAYS = {
    "identical": ("good", "✓", "Decided again: identical.", "Result, account and cards are the same, byte for byte."),
    "differs": ("critical", "✗", "Decided again: it differs.", ""),
    "rulebook missing": ("warning", "?", "It could not be decided again: its rulebook is missing.", ""),
    "erased": ("warning", "?", "It could not be decided again: its clinical part was erased.", ""),
    "not a decision": ("warning", "?", "It could not be decided again: there was no answer.", ""),
}
_PARTS = {"account": "what became of the rules", "fhir": "the answer as FHIR", "failure": "no result could be had"}


@dataclass(frozen=True, kw_only=True)
class Again:
    """``places`` are those at which the two results differ, as JSON Pointers with both values."""

    kind: str
    shape: str
    says: str
    more: str
    notes: tuple[str, ...]
    places: tuple[FieldChange, ...]


def again_of(replay: Replay) -> Again:
    kind, shape, says, more = _SAYS[replay.verdict]
    if replay.differences:
        more = f"Not the same: {', '.join(_PARTS.get(part, part) for part in replay.differences)}."
    return Again(
        kind=kind,
        shape=shape,
        says=says,
        more=replay.lacks or more,
        notes=replay.notes,
        places=tuple(
            FieldChange(field=each.path, before=each.before or "nothing", after=each.after or "nothing")
            for each in replay.changes
        ),
    )
