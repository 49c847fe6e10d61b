"""Words for pages: stored values, moments, durations and marks as they are read. Plain text; templates escape it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from rulesets.facts import FACTS
from rulesets.thresholds import SHARE, THRESHOLDS
from rulesets.words import CHOICES, label
from service.cards.text import day_in_words

_SILENT_UNITS = {"", "score", "as reported", "lesions", "grade", "fractions", "nodes", "lines", "points", "probability"}
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_PLACEHOLDER = re.compile(r"\{([a-z0-9_]+)\}")


@dataclass(frozen=True, kw_only=True)
class Mark:
    """A state told by a shape and by a word; ``kind`` is the class that colours it."""

    kind: str
    shape: str
    word: str


TRUTHS: Mapping[str, Mark] = {
    "true": Mark(kind="true", shape="✓", word="true"),
    "false": Mark(kind="false", shape="✗", word="false"),
    "unknown": Mark(kind="unknown", shape="?", word="unknown"),
}
OUTCOMES: Mapping[str, Mark] = {
    "fired": Mark(kind="fired", shape="●", word="fired"),
    "undetermined": Mark(kind="undetermined", shape="◌", word="undetermined"),
    "not fired": Mark(kind="silent", shape="○", word="not fired"),
    "suppressed": Mark(kind="silent", shape="⊘", word="suppressed"),
    "not reached": Mark(kind="silent", shape="–", word="not reached"),
    "switched off": Mark(kind="silent", shape="–", word="switched off"),
    "error": Mark(kind="critical", shape="■", word="error"),
}
INDICATORS: Mapping[str, Mark] = {
    "critical": Mark(kind="critical", shape="■", word="Critical"),
    "warning": Mark(kind="warning", shape="▲", word="Warning"),
    "info": Mark(kind="info", shape="●", word="Information"),
}
ENDINGS: Mapping[str, Mark] = {
    "success": Mark(kind="plain", shape="✓", word="answered"),
    "refused": Mark(kind="warning", shape="▲", word="refused"),
    "failed": Mark(kind="critical", shape="■", word="failed"),
}


def mark(marks: Mapping[str, Mark], word: object) -> Mark:
    """The mark of a state; one nobody knows keeps its word."""
    return marks.get(str(word)) or Mark(kind="plain", shape="·", word=str(word))


def capital(text: str) -> str:
    """The text with its first letter large: ``HER2`` and ``Age`` alike."""
    return text[:1].upper() + text[1:]


def fact_label(name: str) -> str:
    return capital(label(name))


def value_in_words(name: str, value: object, on: date | None = None) -> str:
    """A stored value as it is read aloud: ``30 Gy``, ``at least 2``, ``2026-11-06 (in 5 days)``."""
    fact = FACTS.get(name)
    unit = fact.unit if fact else ""
    match value:
        case None:
            return "unknown"
        case bool():
            return "yes" if value else "no"
        case int() | float():
            if on is not None and name.endswith("_day") and value == int(value):
                return day_in_words(int(value), on)
            return _with_unit(f"{value:g}", unit)
        case str():
            return choice_in_words(value) if fact is None or fact.type == "choice" else value
        case {"lo": lo, "hi": hi}:
            return _with_unit(_range(lo, hi), unit)
        case list() | tuple():
            return ", ".join(str(each) for each in value) or "none"
        case _:
            return str(value)


def choice_in_words(word: str) -> str:
    return CHOICES.get(word, word.replace("_", " "))


def _range(lo: object, hi: object) -> str:
    if lo is None:
        return f"at most {hi}"
    if hi is None:
        return f"at least {lo}"
    return f"{lo}" if lo == hi else f"{lo} to {hi}"


def _with_unit(number: str, unit: str) -> str:
    return number if unit in _SILENT_UNITS else f"{number} {unit}"


def filled(text: str, thresholds: Mapping[str, Any]) -> str:
    """A text of a rulebook with values in the place of their keys; other braces are left alone."""

    def value(found: re.Match[str]) -> str:
        setting = thresholds.get(found[1])
        if setting is None:
            return found[0]
        if isinstance(setting, bool) or not isinstance(setting, int | float):
            return str(setting).lower().replace("_", " ")
        known = THRESHOLDS.get(found[1])
        return f"{setting * 100:g}%" if known is not None and known.unit == SHARE else f"{setting:g}"

    return _PLACEHOLDER.sub(value, text)


def day(text: str) -> str:
    """``2026-11-01`` or a moment as ``1 Nov 2026``; what is no date stays as it is."""
    try:
        on = date.fromisoformat(text[:10])
    except ValueError:
        return text
    return f"{on.day} {_MONTHS[on.month - 1]} {on.year}"


def clock(text: str) -> str:
    """The time of a moment to the second, in UTC; empty for what is no moment."""
    try:
        return f"{datetime.fromisoformat(text):%H:%M:%S}"
    except ValueError:
        return ""


def moment(text: str) -> str:
    """A moment of a header as ``1 Nov 2026, 12:00:00 UTC``."""
    return f"{day(text)}, {clock(text)} UTC" if clock(text) else text


def duration(nanoseconds: object) -> str:
    if not isinstance(nanoseconds, int):
        return "not measured"
    milliseconds = nanoseconds / 1_000_000
    return f"{milliseconds / 1000:.1f} s" if milliseconds >= 1000 else f"{milliseconds:.0f} ms"


def counted(number: int, noun: str, plural: str = "") -> str:
    """``1 card``, ``2 cards``."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def short(digest: str) -> str:
    """The beginning of a digest, enough to tell two apart by eye."""
    return digest[:12]


def listed(words: Sequence[str]) -> str:
    return ", ".join(words)
