"""What clinicians did with the cards of a rule, in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from service.pages.rulebook import share
from service.traces.stats import Tally

UNTOLD = "no reason coded"


@dataclass(frozen=True, kw_only=True)
class Answers:
    """Cards by the last thing said of each. ``reasons`` are of overrides, with their number and share of them."""

    shown: int
    accepted: int
    overridden: int
    unanswered: int
    overridden_share: str
    reasons: tuple[tuple[str, int, str], ...]
    median: str


def answers_of(tally: Tally, known: Sequence[Mapping[str, str]]) -> Answers:
    """``known`` are the reasons this service offers; one of somebody else's is told by its code."""
    words = {f"{each['system']}|{each['code']}": each["display"] for each in known}
    return Answers(
        shown=tally.shown,
        accepted=tally.accepted,
        overridden=tally.overridden,
        unanswered=tally.unanswered,
        overridden_share=share(tally.overridden, tally.answered),
        reasons=tuple(
            (words.get(reason) or reason.rpartition("|")[2] or UNTOLD, number, share(number, tally.overridden))
            for reason, number in tally.reasons.items()
        ),
        median="" if tally.median_seconds is None else _time(tally.median_seconds),
    )


def _time(seconds: float) -> str:
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.0f} h"
