"""How an evaluation is asked for: the day, the hooks and the mode, however they came."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from rulesets.rule import HOOKS, Hook
from service.problems import InvalidRequest, UnknownHook

PARAMETERS = ("evaluationDate", "hook", "mode")
FACTS_TOO = "facts"
"""Asks for what was understood as well; of results only, for FHIR has its own way to tell."""


@dataclass(frozen=True, kw_only=True)
class Asked:
    """``evaluation_date`` None is today, ``hooks`` None is all of them."""

    evaluation_date: date | None
    hooks: tuple[Hook, ...] | None
    mode: Literal["lenient", "strict"]
    with_facts: bool = False


def asked_by(given: Mapping[str, Sequence[str]], *, parameters: Sequence[str] = PARAMETERS) -> Asked:
    """What parameters ask for, each with all values it was given. Raises InvalidRequest or UnknownHook."""
    if given.keys() - set(parameters):
        raise InvalidRequest(f"The parameters of this address are {', '.join(parameters)}.")
    return Asked(
        evaluation_date=_evaluation_date(given.get("evaluationDate", ())),
        hooks=_hooks(given.get("hook", ())),
        mode=_mode(given.get("mode", ())),
        with_facts=_with_facts(given.get(FACTS_TOO, ())),
    )


def _evaluation_date(given: Sequence[str]) -> date | None:
    if not given:
        return None
    try:
        [text] = given
        if len(text) != 10:
            raise ValueError
        return date.fromisoformat(text)
    except ValueError:
        raise InvalidRequest("evaluationDate must be one date such as 2026-11-01.", "evaluationDate") from None


def _hooks(given: Sequence[str]) -> tuple[Hook, ...] | None:
    """The hooks asked for, in their usual order; None for all of them."""
    named = {hook.strip() for text in given for hook in text.split(",")}
    if named - set(HOOKS):
        raise UnknownHook(expression="hook")
    return tuple(hook for hook in HOOKS if hook in named) or None


def _mode(given: Sequence[str]) -> Literal["lenient", "strict"]:
    match list(given):
        case [] | ["lenient"]:
            return "lenient"
        case ["strict"]:
            return "strict"
    raise InvalidRequest("mode must be lenient or strict.", "mode")


def _with_facts(given: Sequence[str]) -> bool:
    match list(given):
        case [] | ["false"]:
            return False
        case ["true"]:
            return True
    raise InvalidRequest("facts must be true or false.", FACTS_TOO)
