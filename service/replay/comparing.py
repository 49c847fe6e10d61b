"""What is not the same in two documents, place by place."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from service.canonical import dumps


@dataclass(frozen=True, kw_only=True)
class Change:
    """A place by its JSON Pointer, and what stood and stands there as JSON texts; None where there is nothing.

    The texts are clinical: they are for whoever asked, never for a log.
    """

    path: str
    before: str | None
    after: str | None


def changes(before: object, after: object, path: str = "") -> Iterator[Change]:
    """The smallest places at which two documents of plain values differ, in order."""
    if isinstance(before, dict) and isinstance(after, dict):
        for key in sorted({*before, *after}):
            yield from _at(f"{path}/{_escaped(key)}", _there(before, key), _there(after, key))
    elif isinstance(before, list) and isinstance(after, list):
        for place in range(max(len(before), len(after))):
            yield from _at(f"{path}/{place}", before[place : place + 1], after[place : place + 1])
    elif dumps(before) != dumps(after):
        yield Change(path=path, before=dumps(before).decode(), after=dumps(after).decode())


def _there(document: dict[str, object], key: str) -> list[object]:
    return [document[key]] if key in document else []


def _at(path: str, before: list[object], after: list[object]) -> Iterator[Change]:
    """The changes at a place where there may be nothing, which is an empty list."""
    if before and after:
        yield from changes(before[0], after[0], path)
    else:
        yield Change(
            path=path,
            before=dumps(before[0]).decode() if before else None,
            after=dumps(after[0]).decode() if after else None,
        )


def _escaped(key: str) -> str:
    """A key as JSON Pointer writes it (RFC 6901, section 3)."""
    return key.replace("~", "~0").replace("/", "~1")
