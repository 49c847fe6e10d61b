"""One decision on a page of Markdown: who asked, what was known, what the rules made of it, what was shown. Pure.

It tells what the trace keeps and asks no rule again, so it reads the same for a decision of any
release. Whatever came from a chart is escaped; the details of cards were, when they were written.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any

from rulesets.language import Interval
from rulesets.words import label
from service.cards.text import capitalised, choice, escaped, in_words
from service.record_json import Json

ERASED = "The clinical part of this decision was erased. What follows is all that is kept of it."
FAILED = "The decision could not be made, and no advice was given."
_HEAD = (
    ("Decided", "decided_at"),
    ("Judged as of", "evaluation_date"),
    ("Asked by", "client"),
    ("Hook", "hook"),
    ("Request", "request_id"),
    ("Rulebook", "rulebook"),
    ("Osteon", "service_version"),
    ("Outcome", "outcome"),
    ("Not all could be used", "degraded"),
    ("Record", "seq"),
    ("Hash of its header", "leaf_hash"),
)


def one_page(header: Json, body: Json | None) -> str:
    """A decision, and no event, as Markdown; ``body`` is None when it was erased."""
    return "\n".join([f"# Decision {header['id']}", "", *_head(header), *_clinical(header, body), ""])


def _head(header: Json) -> Iterator[str]:
    yield "| | |"
    yield "|---|---|"
    for title, name in _HEAD:
        value = header.get(name)
        if value not in (None, "", []):
            yield f"| {title} | {_listed(value if isinstance(value, list) else [str(value)])} |"


def _clinical(header: Json, body: Json | None) -> Iterator[str]:
    if body is None:
        yield from ("", ERASED)
        return
    yield from ("", f"Patient: {escaped(str(body['request']['patient'])) or 'not named'}")
    result = body.get("result")
    if result is None:
        yield from ("", FAILED)
        return
    on = date.fromisoformat(body["record"]["evaluationDate"])
    yield from _section("What was concluded", _conclusions(result, on))
    yield from _section("Facts", _facts(body["record"], on))
    yield from _section("Rules that fired", (_fired(each, on) for each in result["rules"]["fired"]))
    yield from _section("Rules that could not be decided", map(_undetermined, result["rules"]["undetermined"]))
    yield from _section("What was said of the request", (f"- {escaped(each['text'])}" for each in result["warnings"]))
    yield from _section("Cards", _cards(result["cards"]))


def _section(title: str, lines: Iterator[str]) -> Iterator[str]:
    found = list(lines)
    yield from ("", f"## {title}", "", *(found or ["None."]))


def _conclusions(result: Json, on: date) -> Iterator[str]:
    prognosis = result["prognosis"]
    yield f"- Prognostic group: **{choice(prognosis['group'])}**"
    if prognosis["group"] == "indeterminate":
        yield f"- Still possible: {', '.join(map(choice, prognosis['possible']))}"
    if prognosis["missing"]:
        yield f"- Not known, and deciding: {', '.join(map(label, prognosis['missing']))}"
    for name, value in result["pattern"].items():
        known = "not known" if value is None else _said(f"pattern.{name}", value, on)
        yield f"- {capitalised(label(f'pattern.{name}'))}: {known}"
    for drug, timing in result["exposure"].items():
        timings = timing if isinstance(timing, list) else [timing]
        yield f"- {escaped(drug)} around radiotherapy: {', '.join(choice(str(each)) for each in timings)}"


def _facts(record: Json, on: date) -> Iterator[str]:
    yield from _table(record["facts"], on)
    for conflict in record["conflicts"]:
        of = _listed(dict.fromkeys(source.get("reference", "") for source in conflict["sources"]))
        values = " or ".join(_said(conflict["name"], value, on) for value in conflict["values"])
        yield from ("", f"Contradicted: {label(conflict['name'])} is {values} in {of}.")
    for kind in ("lesions", "drugs", "courses", "orders"):
        members = record.get(kind)
        if members is None:
            yield from ("", f"{kind.capitalize()}: nobody has the list.")
        for member in members or ():
            yield from ("", f"{kind.capitalize()}: {escaped(str(member.get('key', '')))}", "")
            yield from _table(member["facts"], on)


def _table(facts: Mapping[str, Any], on: date) -> Iterator[str]:
    if not facts:
        return
    yield "| Fact | Value | Of | Read from |"
    yield "|---|---|---|---|"
    for name, fact in facts.items():
        read_from = dict.fromkeys(source.get("reference", "") for source in fact.get("sources", ()))
        value, of = _said(name, fact.get("value"), on), fact.get("date") or ""
        yield f"| {label(name)} | {value} | {of} | {_listed(read_from)} |"


def _fired(fired: Json, on: date) -> str:
    reasons = ((each["fact"], each["value"]) for each in fired["because"])
    because = "; ".join(f"{label(name)}: {_said(name, value, on)}" for name, value in reasons)
    return f"- `{fired['id']}` ({fired['indicator']}){_about(fired)}{f', because {because}' if because else ''}"


def _undetermined(waiting: Json) -> str:
    return f"- `{waiting['id']}`{_about(waiting)} waits for {', '.join(map(label, waiting['missing'])) or 'nothing'}"


def _about(rule: Json) -> str:
    return f", about {escaped(rule['element'])}" if rule.get("element") else ""


def _cards(cards: list[Json]) -> Iterator[str]:
    for card in cards:
        yield from (f"### {escaped(card['summary'])}", "", str(card.get("detail", "")), "")
        yield from (f"- Offered: {escaped(each['label'])}" for each in card.get("suggestions", ()))


def _listed(texts: Iterable[str]) -> str:
    return ", ".join(escaped(text) for text in texts if text)


def _said(name: str, value: object, on: date) -> str:
    """The value of a fact in words; nothing of what is not known."""
    match value:
        case None:
            return ""
        case {"lo": lo, "hi": hi}:
            return in_words(name, Interval(lo=lo, hi=hi), on)
        case list():
            return in_words(name, tuple(map(str, value)), on)
        case bool() | int() | float() | str():
            return in_words(name, value, on)
        case _:
            return escaped(str(value))
