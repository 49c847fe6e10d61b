"""Why a rule fired in a decision, or did not: what the body tells of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from service.traces.stored import StoredTrace

ERASED, NOT_JUDGED, NOT_IN_RULEBOOK = "erased", "not judged", "not in the rulebook"
"""Outcomes that are no outcome of a rule: the body is gone, the decision failed, or the rule was not there."""


@dataclass(frozen=True, kw_only=True)
class Why:
    """``situations`` are what the rule was judged for, as the decision kept them; ``failure`` is why it was not."""

    outcome: str
    situations: tuple[Any, ...] = ()
    failure: str = ""


def why(trace: StoredTrace, rule: str, known: frozenset[str] | None) -> Why:
    """What became of a rule in a decision. ``known`` are the rules of its rulebook, None when they were not kept.

    Raises StoreError when the body is damaged.
    """
    body: Mapping[str, Any] | None = trace.body
    if body is None:
        return Why(outcome=ERASED)
    if "failure" in body:
        return Why(outcome=NOT_JUDGED, failure=str(body["failure"]["kind"]))
    if isinstance(body.get("rules"), list):
        told = next((each for each in body["rules"] if each["id"] == rule), None)
        if told is None:
            return Why(outcome=NOT_IN_RULEBOOK)
        return Why(outcome=str(told["outcome"]), situations=tuple(told.get("situations", ())))
    return _from_the_result(trace, body, rule, known)


def _from_the_result(trace: StoredTrace, body: Mapping[str, Any], rule: str, known: frozenset[str] | None) -> Why:
    """The same of a decision that was kept when only rules that did something were told of."""
    rules: Mapping[str, Any] = body.get("result", {}).get("rules", {})
    for outcome in ("fired", "undetermined"):
        if situations := tuple(each for each in rules.get(outcome, ()) if each["id"] == rule):
            return Why(outcome=outcome, situations=situations)
    if rule in rules.get("suppressed", ()):
        return Why(outcome="suppressed")
    if (rule, "switched off") in trace.rules:
        return Why(outcome="switched off")
    return Why(outcome="not fired" if known is None or rule in known else NOT_IN_RULEBOOK)
