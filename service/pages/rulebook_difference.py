"""The difference of two rulebooks for reading: each part before and after, what is not the same marked word by word."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher

from service.pages.words import capital
from service.replay.difference import Difference, RuleDifference
from service.traces.rulebooks import Rulebook

MOST_WORDS = 2_000
"""Of longer texts the words are not compared."""

Piece = tuple[str, bool]
"""Some words, and whether they differ."""


@dataclass(frozen=True, kw_only=True)
class PartMove:
    part: str
    before: tuple[Piece, ...]
    after: tuple[Piece, ...]


@dataclass(frozen=True, kw_only=True)
class EntryMove:
    """A rule or definition that is in both and not the same."""

    id: str
    title: str
    parts: tuple[PartMove, ...]


@dataclass(frozen=True, kw_only=True)
class Named:
    id: str
    title: str


@dataclass(frozen=True, kw_only=True)
class ShownDifference:
    """``beside`` names what is neither a rule nor a value."""

    is_none: bool
    new: tuple[Named, ...]
    gone: tuple[Named, ...]
    changed: tuple[EntryMove, ...]
    definitions: tuple[EntryMove, ...]
    definitions_new: tuple[Named, ...]
    definitions_gone: tuple[Named, ...]
    thresholds: tuple[PartMove, ...]
    beside: tuple[str, ...]


def shown_difference(found: Difference, before: Rulebook, after: Rulebook) -> ShownDifference:
    titles = {**_titles(before), **_titles(after)}
    return ShownDifference(
        is_none=found.is_none,
        new=_named(found.rules, "added", titles),
        gone=_named(found.rules, "removed", titles),
        changed=tuple(_moves(found.rules, titles)),
        definitions=tuple(_moves(found.definitions, {})),
        definitions_new=_named(found.definitions, "added", {}),
        definitions_gone=_named(found.definitions, "removed", {}),
        thresholds=tuple(
            PartMove(part=each.key, before=((_plain(each.before), False),), after=((_plain(each.after), False),))
            for each in found.thresholds
        ),
        beside=found.beside,
    )


def _titles(rulebook: Rulebook) -> dict[str, str]:
    return {str(rule["id"]): str(rule.get("title", "")) for rule in json.loads(rulebook.rules).get("rules", ())}


def _named(found: Iterable[RuleDifference], what: str, titles: Mapping[str, str]) -> tuple[Named, ...]:
    return tuple(Named(id=each.id, title=titles.get(each.id, "")) for each in found if each.what == what)


def _moves(found: Iterable[RuleDifference], titles: Mapping[str, str]) -> Iterator[EntryMove]:
    for each in found:
        if each.what == "changed":
            parts = tuple(_part(part.part, _text(part.before), _text(part.after)) for part in each.parts)
            yield EntryMove(id=each.id, title=titles.get(each.id, ""), parts=parts)


def _part(name: str, before: str, after: str) -> PartMove:
    was, now = _compared(before, after)
    return PartMove(part=capital(name), before=was, after=now)


def _compared(before: str, after: str) -> tuple[tuple[Piece, ...], tuple[Piece, ...]]:
    """Both texts in pieces that are the same in both or not."""
    was, now = before.split(), after.split()
    if max(len(was), len(now)) > MOST_WORDS:
        return ((before, True),), ((after, True),)
    steps = SequenceMatcher(None, was, now, autojunk=False).get_opcodes()
    return (
        tuple((" ".join(was[start:end]), kind != "equal") for kind, start, end, _, _ in steps if end > start),
        tuple((" ".join(now[start:end]), kind != "equal") for kind, _, _, start, end in steps if end > start),
    )


def _text(value: str) -> str:
    """A part as it is read: documents are told in words where they hold any."""
    if value[:1] not in '[{"' and value not in ("null", "true", "false"):
        return value
    try:
        return _plain(json.loads(value))
    except ValueError:
        return value


def _plain(value: object) -> str:
    match value:
        case None | "" | [] | ():
            return "nothing"
        case bool():
            return "yes" if value else "no"
        case {**fields}:
            return "; ".join(f"{name}: {_plain(each)}" for name, each in fields.items() if each not in (None, "", []))
        case list() | tuple():
            return " | ".join(_plain(each) for each in value)
    return f"{value:g}" if isinstance(value, float) else str(value)
