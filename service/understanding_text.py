"""What was understood, for reading at a terminal: the facts by what they are about, each with its source."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from rulesets.facts import FACTS
from service.intake.entries import holder_of
from service.record_json import Json

WIDTH = 118
GROUPS: Mapping[str, str] = {"patient": "patient", "tumour": "tumour", "mets": "metastases"}
"""The headings of the facts of the patient, by the first word of their names; others have their own word."""
_NO_UNITS = ("score", "grade", "as reported")
LISTS = ("lesions", "drugs", "courses", "orders")


def as_text(understood: Mapping[str, Any]) -> str:
    """What was understood of one document."""
    parts = [_patient(result) for result in understood["results"]]
    if understood["ignored"]:
        parts.append("\n".join(["of no patient", *_ignored(understood["ignored"])]))
    return "\n\n".join(parts)


def _patient(result: Mapping[str, Any]) -> str:
    record, warnings = result["facts"], result["warnings"]
    lines = [f"{result['patient']}, on {result['evaluationDate']}"]
    for heading, names in _grouped(record["facts"]).items():
        lines.append(heading)
        for name in names:
            lines += _fact(name, record["facts"][name])
    for heading in LISTS:
        members = record[heading]
        if members is None:
            lines.append(f"{heading}: unknown, no list was sent")
        elif members:
            lines.append(heading)
        for member in members or ():
            lines.append(f"  {member['key']}{' (ordered by this request)' if member['inRequest'] else ''}")
            resource = holder_of(member["key"])
            for name, fact in member["facts"].items():
                lines += [f"  {line}" for line in _fact(name, fact, resource)]
    if record["conflicts"]:
        lines.append("conflicts")
        for conflict in record["conflicts"]:
            said = " or ".join(_value(conflict["name"], value) for value in conflict["values"])
            lines += [f"  {conflict['name']}: unknown, {said}", *map(_source, conflict["sources"])]
    if warnings:
        lines.append("warnings")
        lines += [line for warning in warnings for line in _wrapped(_warning(warning), "  ")]
    used, ignored = len(result["used"]), len(result["ignored"])
    lines.append(f"{used + ignored} resources: {used} used, {ignored} not used")
    return "\n".join([*lines, *_ignored(result["ignored"])])


def _grouped(facts: Mapping[str, Any]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {heading: [] for heading in GROUPS.values()}
    for name in facts:
        first = name.partition(".")[0]
        found.setdefault(GROUPS.get(first, first), []).append(name)
    return {heading: names for heading, names in found.items() if names}


def _fact(name: str, fact: Mapping[str, Any], resource: str = "") -> Iterator[str]:
    """A fact, and below it where it was read; of what was read in the resource above it, the element alone."""
    sources = fact.get("sources", ())
    if len(sources) == 1 and sources[0]["reference"] == resource:
        yield f"  {name}: {_value(name, fact['value'])} <- {_read_in(sources[0])}"
        return
    yield f"  {name}: {_value(name, fact['value'])}"
    yield from map(_source, sources)


def _value(name: str, value: object) -> str:
    unit = getattr(FACTS[name], "unit", "")
    unit = "" if unit in _NO_UNITS else unit
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict):
        ends = {end: value[end] for end in ("lo", "hi") if value[end] is not None}
        said = " to ".join(str(end) for end in ends.values()) if len(ends) == 2 else ""
        said = said or f"{'at least' if 'lo' in ends else 'at most'} {next(iter(ends.values()), 'unknown')}"
        return f"{said} {unit}".strip()
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return f"{value} {unit}".strip() if isinstance(value, int | float) else str(value)


def _source(source: Mapping[str, str]) -> str:
    return f"      {_at(source['reference'], _read_in(source))}".rstrip(": ")


def _read_in(source: Mapping[str, str]) -> str:
    """The element, the code, the value and the date as they were sent, and what was done to the value."""
    code, value = source.get("code", ""), source.get("value", "")
    if code.endswith(f"|{value}"):
        value = ""
    said = [part for part in (source.get("element", ""), code, value, source.get("date", "")) if part]
    done = f" ({source['conversion']})" if source.get("conversion") else ""
    return f"{', '.join(dict.fromkeys(said))}{done}"


def _warning(warning: Mapping[str, str]) -> str:
    return f"{_at(warning.get('reference', ''), warning.get('element', ''))}{warning['text']}"


def _at(reference: str, element: str) -> str:
    place = f"{reference} {element}".strip()
    return f"{place}: " if place else ""


def _ignored(ignored: Iterable[Json]) -> Iterator[str]:
    """Every resource by name, under the reason why it was not used."""
    by_reason: dict[str, list[str]] = {}
    for account in ignored:
        for reason in account["reasons"]:
            what = "invalid, " if account["outcome"] == "invalid" else ""
            where = reason.get("element") or account["resource"].partition("/")[0]
            said = f"{' '.join(filter(None, (where, reason.get('coding'))))}: {reason['text']}"
            by_reason.setdefault(f"{what}{said}", []).append(account["resource"])
    for reason, names in sorted(by_reason.items()):
        yield from _wrapped(f"{reason} ({len(names)})", "  ")
        yield from _wrapped(", ".join(names), "      ")


def _wrapped(text: str, indent: str) -> list[str]:
    return textwrap.wrap(
        text, WIDTH, initial_indent=indent, subsequent_indent=f"{indent}  ", break_long_words=False,
        break_on_hyphens=False,
    )  # fmt: skip
