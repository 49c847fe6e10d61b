"""Which traces are wanted, as an address or a body says it; nothing is taken that does not have its form."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, get_args

from service.event import EventKind
from service.problems import InvalidRequest
from service.secrets.keys import Keys
from service.trace import DECISIONS
from service.traces.queries.decisions import Wanted

USUAL_PAGE, MOST_PER_PAGE = 50, 200
_HIGHEST = 2**62
TRACE_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
KINDS = (*DECISIONS, *get_args(EventKind))
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,6})?)?Z?)?", re.ASCII)
_DIGEST = re.compile(r"[0-9a-f]{64}")
_NAME = re.compile(r"[^\x00-\x1f\x7f]{1,200}")
_REFERENCE = re.compile(r"[^\x00-\x20\x7f]{1,200}")
_WORDS = re.compile(r"[a-z]+([ -][a-z]+)*")

SHAPES: Mapping[str, re.Pattern[str]] = {
    "patientKey": _DIGEST,
    "hookInstance": _NAME,
    "card": TRACE_ID,
    "decision": TRACE_ID,
    "rule": re.compile(r"[a-z0-9_-]+(\.[a-z0-9_-]+)*"),
    "ruleOutcome": re.compile(r"fired|undetermined|suppressed|switched off|error"),
    "rulebook": _DIGEST,
    "client": _NAME,
    "tenant": _NAME,
    "outcome": re.compile(r"success|refused|failed"),
    "degraded": _WORDS,
    "since": _MOMENT,
    "until": _MOMENT,
    "patient": _REFERENCE,
    "resource": _REFERENCE,
    "version": re.compile(r"[^\x00-\x1f\x7f]{0,200}"),
    "kind": re.compile("|".join(KINDS)),
    "on": _DAY,
    "before": _DAY,
}
"""Each condition and the form it has."""

ANY = "any"
"""What is said of ``degraded`` when every code will do."""

_NAMES = {
    "patientKey": "patient_key",
    "hookInstance": "hook_instance",
    "decision": "subject",
    "ruleOutcome": "rule_outcome",
}


def wanted_in(given: Mapping[str, str], keys: Keys) -> Wanted:
    """What conditions ask for; patients and resources are hashed at once. Raises InvalidRequest."""
    conditions: dict[str, Any] = {}
    for name, value in given.items():
        said = shaped(name, value)
        if name == "patient":
            conditions["patient_key"] = keys.patient(said)
        elif name == "resource":
            conditions["resource"] = keys.resource(said)
        elif name == "kind":
            conditions["kinds"] = (said,)
        elif name == "degraded":
            conditions["degraded"] = "" if said == ANY else said
        else:
            conditions[_NAMES.get(name, name)] = said
    if {"patient", "patientKey"} <= given.keys():
        raise InvalidRequest("Give patient or patientKey, not both.", "patient")
    for name, needed in (("version", "resource"), ("ruleOutcome", "rule")):
        if name in given and needed not in given:
            raise InvalidRequest(f"{name} says nothing without {needed}.", name)
    return Wanted(**conditions)


def shaped(name: str, value: object) -> str:
    """A value that has the form its name asks for. Raises InvalidRequest."""
    if not isinstance(value, str) or not SHAPES[name].fullmatch(value):
        raise InvalidRequest(f"The parameter {name} does not have the form it must have.", name)
    return value


def only(given: Mapping[str, object], *names: str) -> None:
    """Raises InvalidRequest when something is given that nobody would look at."""
    if set(given) - set(names):
        raise InvalidRequest(f"The parameters of this address are {', '.join(names)}.")


def page_asked(given: Mapping[str, object]) -> tuple[int | None, int]:
    """After which number, and how many at most. Raises InvalidRequest."""
    after, limit = _number(given, "after", _HIGHEST), _number(given, "limit", MOST_PER_PAGE)
    return after, limit or USUAL_PAGE


def _number(given: Mapping[str, object], name: str, most: int) -> int | None:
    if name not in given:
        return None
    said = given[name]
    if isinstance(said, Decimal) and said <= most and said == said.to_integral_value():
        said = int(said)  # JSON has one kind of number
    text = str(said) if isinstance(said, (str, int)) and not isinstance(said, bool) else ""
    if not text.isascii() or not text.isdigit() or len(text) > 19 or not 1 <= int(text) <= most:
        raise InvalidRequest(f"The parameter {name} must be a whole number from 1 to {most}.", name)
    return int(text)


def days_asked(given: Mapping[str, str]) -> dict[str, str]:
    """From one day to another, for what is counted by whole days. Raises InvalidRequest."""
    for name in ("since", "until"):
        if name in given and not _DAY.fullmatch(given[name]):
            raise InvalidRequest(f"The parameter {name} must be a day such as 2026-01-31: it is counted by days.", name)
    return {name: given[name] for name in ("since", "until") if name in given}
