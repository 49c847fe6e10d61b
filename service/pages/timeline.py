"""A patient's decisions in time, each with what is new in it since the one before."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from service.pages.decision import Prognosis, prognosis_of
from service.pages.differences import Difference, difference
from service.pages.lists import DecisionRow, row_of
from service.pages.rules import RuleTexts, ShownRule, rule_of
from service.record_json import Json


@dataclass(frozen=True, kw_only=True)
class Moment:
    """One decision. ``change`` is None for the oldest shown, and next to one whose clinical part is gone."""

    row: DecisionRow
    prognosis: Prognosis | None
    is_erased: bool
    judged_for: str
    change: Difference | None
    rule: ShownRule | None


Rules = Sequence[Mapping[str, Any]]


def timeline_of(
    told: Sequence[tuple[Json, Json | None]], rules_of_digest: Callable[[object], Rules], rule: str = ""
) -> tuple[Moment, ...]:
    """Headers with their bodies, newest first, as moments in the same order.

    ``rule`` is one of which each moment tells why it fired or did not; ``rules_of_digest`` finds the texts of the time.
    """
    moments = []
    for place, (header, body) in enumerate(told):
        earlier = next((older for _, older in told[place + 1 :] if older and "result" in older), None)
        result = (body or {}).get("result") or {}
        texts = RuleTexts(rules_of_digest(header.get("rules")), (body or {}).get("thresholds") or {})
        moments.append(
            Moment(
                row=row_of(header),
                prognosis=prognosis_of(result.get("prognosis") or {}),
                is_erased=body is None,
                judged_for=str(header.get("evaluation_date", "")),
                change=difference(earlier, body, texts) if earlier and body and result else None,
                rule=rule_of(rule, body, texts) if rule and body else None,
            )
        )
    return tuple(moments)
