"""A patient's decisions in time, each with what is new in it since the one before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from service.pages.decision import Prognosis, prognosis_of
from service.pages.differences import Difference, difference
from service.pages.lists import DecisionRow, row_of
from service.pages.rules import RuleTexts
from service.record_json import Json


@dataclass(frozen=True, kw_only=True)
class Moment:
    """One decision. ``change`` is None for the oldest shown, and next to one whose clinical part is gone."""

    row: DecisionRow
    prognosis: Prognosis | None
    is_erased: bool
    judged_for: str
    change: Difference | None


def timeline_of(told: Sequence[tuple[Json, Json | None]], texts: RuleTexts) -> tuple[Moment, ...]:
    """Headers with their bodies, newest first, as moments in the same order."""
    moments = []
    for place, (header, body) in enumerate(told):
        earlier = next((older for _, older in told[place + 1 :] if older and "result" in older), None)
        result = (body or {}).get("result") or {}
        moments.append(
            Moment(
                row=row_of(header),
                prognosis=prognosis_of(result.get("prognosis") or {}),
                is_erased=body is None,
                judged_for=str(header.get("evaluation_date", "")),
                change=difference(earlier, body, texts) if earlier and body and result else None,
            )
        )
    return tuple(moments)
