"""Words for cards: chart text made harmless, values with units, drugs and courses as they are called.

The detail of a card is GitHub-flavoured Markdown that some clients render as HTML; the summary is
plain text that some clients do not escape. Nothing of a chart may act in either.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date, timedelta

from rulesets.facts import FACTS
from rulesets.language import Interval, Value
from rulesets.record import Fact, Facts, Member
from rulesets.words import CHOICES

LONGEST_CHART_TEXT = 200
LONGEST_IN_SUMMARY = 60

_HTML = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;"}
_MARKDOWN = {character: "\\" + character for character in "\\`*_[]~|#!$"}
_ESCAPES = str.maketrans({**_HTML, **_MARKDOWN})
_OWN_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "*": "\\*", "|": "\\|", "~": "\\~", "`": "\\`"})
_LINK_STARTS = re.compile(r"://|www\.|@|(?i:mailto:|xmpp:|javascript:|data:)")
_LIST_START = re.compile(r"^(\d+)([.)])")
_NOT_PLAIN = re.compile(r"[^\w ,.+/%()-]|_")
_HARMLESS = re.compile(r"(?!.*(?i:www\.))[A-Za-z0-9 ,/.-]*")
_BREAK = "\u200b"
"""A space of no width: where a client would make a link of bare text, it no longer can."""


def escaped(text: str) -> str:
    """Text of a chart on one line, without effect in Markdown or HTML, cut at 200 characters."""
    if not text:
        return ""
    if text[0].isalpha() and len(text) <= LONGEST_CHART_TEXT and _HARMLESS.fullmatch(text):
        return text
    line = _visible(text)
    if len(line) > LONGEST_CHART_TEXT:
        line = line[: LONGEST_CHART_TEXT - 1] + "…"
    line = line.translate(_ESCAPES).replace("\\](", "\\]\\(")
    line = _LINK_STARTS.sub(lambda found: found.group()[:-1] + _BREAK + found.group()[-1], line)
    if line.startswith(("-", "+", "=")):
        line = "\\" + line
    return _LIST_START.sub(r"\1\\\2", line)


def plain(text: str) -> str:
    """Text of a chart for a summary: letters, digits and a few signs only, cut at 60 characters."""
    line = " ".join(_NOT_PLAIN.sub(" ", _visible(text)).split())
    return line if len(line) <= LONGEST_IN_SUMMARY else line[: LONGEST_IN_SUMMARY - 1].rstrip() + "…"


def authored(text: str) -> str:
    """Text of the rulebook: trusted, but its signs must not be read as Markdown or HTML."""
    return text.translate(_OWN_ESCAPES)


def _visible(text: str) -> str:
    """One line without control, formatting or unassigned characters."""
    if text.isprintable():
        return " ".join(text.split())
    kept = (character if unicodedata.category(character)[0] != "C" else " " for character in text)
    return " ".join("".join(kept).split())


def first_sentence(text: str, longest: int = 220) -> str:
    """The first sentence of a note, cut when even that is long."""
    sentence = re.split(r"(?<=\.) (?=[A-Z])", text.strip(), maxsplit=1)[0]
    return sentence if len(sentence) <= longest else sentence[: longest - 1].rstrip() + "…"


def capitalised(text: str) -> str:
    return text[:1].upper() + text[1:]


# --- values ------------------------------------------------------------------------------------


def in_words(name: str, value: Value, on: date) -> str:
    """A value as it is read aloud, escaped: ``30 Gy``, ``at least 2``, ``2026-11-06 (in 5 days)``."""
    fact = FACTS.get(name)
    match value:
        case bool():
            return "yes" if value else "no"
        case Interval():
            return _with_unit(_interval(value), fact.unit if fact else "")
        case int() | float():
            if name.endswith("_day") and value == int(value):
                return day_in_words(int(value), on)
            return _with_unit(f"{value:g}", fact.unit if fact else "")
        case str():
            return choice(value) if fact and fact.type == "choice" else escaped(value)
        case tuple():
            return ", ".join(escaped(part) for part in value) or "none"


def choice(word: str) -> str:
    """A word of the vocabulary as it is written in a sentence."""
    known = CHOICES.get(word)
    if known is not None:
        return known
    spaced = word.replace("_", " ")
    return spaced if spaced.replace(" ", "").isalnum() else escaped(spaced)


def _interval(value: Interval) -> str:
    if value.lo is None:
        return f"at most {value.hi:g}"
    if value.hi is None:
        return f"at least {value.lo:g}"
    return f"{value.lo:g}" if value.lo == value.hi else f"{value.lo:g} to {value.hi:g}"


_SILENT_UNITS = {"", "score", "as reported", "lesions", "grade", "fractions", "nodes", "lines", "points", "probability"}


def _with_unit(number: str, unit: str) -> str:
    return number if unit in _SILENT_UNITS else f"{number} {unit}"


def day_in_words(day: int, on: date) -> str:
    """A day relative to the evaluation date as a date: ``2026-11-06 (in 5 days)``."""
    near = {0: "today", 1: "tomorrow", -1: "yesterday"}
    when = near.get(day) or (f"in {day} days" if day > 0 else f"{-day} days ago")
    dated = _calendar_day(day, on)
    return f"{dated} ({when})" if dated else when


def _calendar_day(day: int, on: date) -> str:
    """A day relative to the evaluation date in ISO form; empty when it lies outside the calendar."""
    try:
        return (on + timedelta(days=day)).isoformat()
    except OverflowError:
        return ""


# --- drugs, courses and other elements ---------------------------------------------------------


def text_of(facts: Facts, name: str) -> str:
    """A text or choice of an element, empty when unknown."""
    fact = facts.get(name)
    return fact.value if fact is not None and isinstance(fact.value, str) else ""


def drug_name(drug: Member) -> str:
    return text_of(drug.facts, "drug.name") or "a drug without a usable name"


_RT_STATUS = {
    "draft": "planned RT",
    "planned": "planned RT",
    "in_progress": "RT in progress",
    "on_hold": "RT on hold",
    "cancelled": "cancelled RT",
}


def rt_phrase(course: Member) -> str:
    """A course in a summary: ``planned RT``, ``RT finished 3 days ago``."""
    status = text_of(course.facts, "rt.status")
    if status != "completed":
        return _RT_STATUS.get(status, "RT of unknown status")
    ended = course.facts.get("rt.days_since_end")
    if ended is None or not isinstance(ended.value, int | float):
        return "finished RT"
    days = int(ended.value)
    return {0: "RT finished today", 1: "RT finished 1 day ago"}.get(days, f"RT finished {days} days ago")


def drug_in_words(drug: Member, on: date) -> str:
    """``olaparib (stopped, last dose 2026-10-20)``, escaped."""
    notes = [choice(text_of(drug.facts, "drug.status")) or "status unknown"]
    days = {"drug.start_day": "first dose", "drug.last_dose_day": "last dose", "drug.stop_day": "stop"}
    for name, phrase in days.items():
        if dated := _dated(drug.facts, name, on):
            notes.append(f"{phrase} {dated}")
    if is_true(drug.facts, "drug.start_assumed"):
        notes.append("start assumed today")
    return f"{escaped(drug_name(drug))} ({', '.join(notes)})"


def course_in_words(course: Member, on: date) -> str:
    """``planned RT to bone, spine, 30 Gy in 10 fractions, from 2026-11-06``, escaped."""
    parts = [rt_phrase(course)]
    if target := text_of(course.facts, "rt.target"):
        parts[0] += f" to {choice(target)}"
    if region := _place_of(course):
        parts.append(region)
    dose, fractions = course.facts.get("rt.total_dose_gy"), course.facts.get("rt.fractions")
    if dose is not None:
        said = in_words(dose.name, dose.value, on)
        parts.append(f"{said} in {_counted_fractions(fractions, on)}" if fractions else said)
    if when := _course_days(course, on):
        parts.append(when)
    return ", ".join(parts)


def _counted_fractions(fractions: Fact, on: date) -> str:
    return f"{in_words(fractions.name, fractions.value, on)} fraction{'' if fractions.value == 1 else 's'}"


def _course_days(course: Member, on: date) -> str:
    """``from 2026-11-05 to 2026-11-11 (end estimated)``, or ``on 2026-11-03`` for a single day."""
    start, end = (_dated(course.facts, name, on) for name in ("rt.start_day", "rt.end_day"))
    if start and start == end:
        return f"on {start}"
    said = " ".join(f"{phrase} {day}" for phrase, day in (("from", start), ("to", end)) if day)
    return said + (" (end estimated)" if end and is_true(course.facts, "rt.end_estimated") else "")


def course_in_short(course: Member) -> str:
    """``planned RT, spine``: a course that was described before, escaped."""
    region = _place_of(course) or choice(text_of(course.facts, "rt.target"))
    return rt_phrase(course) + (f", {region}" if region else "")


def _place_of(course: Member) -> str:
    """The region irradiated; empty when it is unknown or called other."""
    region = text_of(course.facts, "rt.region")
    return choice(region) if region not in ("", "other") else ""


def lesion_in_words(lesion: Member) -> str:
    site = text_of(lesion.facts, "lesion.site")
    return f"lesion, {choice(site)}" if site else "lesion of unknown site"


def _dated(facts: Facts, name: str, on: date) -> str:
    fact = facts.get(name)
    return _calendar_day(int(fact.value), on) if fact is not None and isinstance(fact.value, int | float) else ""


def is_true(facts: Facts, name: str) -> bool:
    fact = facts.get(name)
    return fact is not None and fact.value is True


def is_false(facts: Facts, name: str) -> bool:
    """Known to be false, which is more than not known to be true."""
    fact = facts.get(name)
    return fact is not None and fact.value is False
