"""The change report and the difference of two rulebooks, for reading (Markdown) and for programs (plain values)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass

from service.canonical import dumps
from service.replay.changes import ChangeReport, Decisions
from service.replay.difference import Difference, RuleDifference


def as_json(value: object) -> object:
    """A report in plain values; the names of its fields in camel case."""
    if is_dataclass(value) and not isinstance(value, type):
        return {_camel(each.name): as_json(getattr(value, each.name)) for each in fields(value)}
    if isinstance(value, Mapping):
        return {key: as_json(each) for key, each in value.items()}
    return [as_json(each) for each in value] if isinstance(value, tuple | list) else value


def _camel(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(each.title() for each in others)


# --- the change report -----------------------------------------------------------------------------


def changes_as_markdown(report: ChangeReport) -> str:
    """The report: first how many, then rule by rule, groups, cards, and the decisions behind each change."""
    lines = ["# What would have been decided otherwise", "", f"Candidate rulebook: `{report.candidate.digest}`", ""]
    lines += [f"Note: {note}\n" for note in report.notes]
    counted = [
        ("looked at", report.looked_at),
        ("unchanged", report.unchanged),
        ("changed", report.changed.count),
        ("erased", report.erased.count),
        *((f"not replayable: {reason}", found.count) for reason, found in report.not_replayable.items()),
    ]
    lines += _table(("decisions", "number"), counted)
    if report.rules:
        rows = [
            (f"`{each.rule}`", f"{each.kind} {each.detail}".rstrip(), each.decisions.count, _ids(each.decisions))
            for each in report.rules
        ]
        lines += ["", "## Rules", "", *_table(("rule", "change", "decisions", "which"), rows)]
    if report.groups:
        moves = [(each.before, each.after, each.decisions.count, _ids(each.decisions)) for each in report.groups]
        lines += ["", "## Prognostic groups", "", *_table(("before", "after", "decisions", "which"), moves)]
    if report.cards:
        cards = [
            (
                each.kind,
                each.indicator,
                ", ".join(f"`{rule}`" for rule in each.rules),
                ", ".join(each.hooks),
                each.decisions.count,
                _ids(each.decisions),
            )
            for each in report.cards
        ]
        of_cards = ("card", "indicator", "rules", "hooks", "decisions", "which")
        lines += ["", "## Cards", "", *_table(of_cards, cards)]
    if report.parts:
        parts = [(part, found.count, _ids(found)) for part, found in report.parts.items()]
        of_parts = ("part of the answer", "decisions", "which")
        lines += ["", "## Parts of the answer that differ", "", *_table(of_parts, parts)]
    return "\n".join(lines) + "\n"


def _ids(decisions: Decisions) -> str:
    others = decisions.count - len(decisions.ids)
    return " ".join(decisions.ids) + (f" and {others} more" if others else "")


# --- the difference of two rulebooks ---------------------------------------------------------------


def difference_as_markdown(difference: Difference) -> str:
    """Rule by rule and value by value."""
    if difference.is_none:
        return "The two are the same.\n"
    lines: list[str] = []
    if difference.thresholds:
        rows = [(f"`{each.key}`", _value(each.before), _value(each.after)) for each in difference.thresholds]
        lines += ["## Thresholds", "", *_table(("key", "before", "after"), rows), ""]
    for title, found in (("Rules", difference.rules), ("Definitions", difference.definitions)):
        if found:
            lines += [f"## {title}", "", *_rules(found), ""]
    if difference.beside:
        lines += ["## Beside the rules", "", *(f"- {each}" for each in difference.beside), ""]
    return "\n".join(lines)


def _rules(found: Iterable[RuleDifference]) -> Iterator[str]:
    for each in found:
        parts = ", ".join(part.part for part in each.parts)
        yield f"- `{each.id}`: {each.what}{f' ({parts})' if parts else ''}"
        for part in each.parts:
            yield f"  - {part.part}, before: {part.before}"
            yield f"  - {part.part}, after: {part.after}"


def _value(value: object) -> str:
    return "" if value is None else dumps(value).decode()


def _table(head: tuple[str, ...], rows: Iterable[tuple[object, ...]]) -> list[str]:
    def line(cells: Iterable[object]) -> str:
        return f"| {' | '.join(str(cell) for cell in cells)} |"

    return [line(head), line("---" for _ in head), *(line(row) for row in rows)]
