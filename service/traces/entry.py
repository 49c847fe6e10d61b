"""A decision or an event made ready to be kept: its header, its packed body, and the rows it is found by."""

from __future__ import annotations

import hashlib
import secrets
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from service.canonical import dumps
from service.event import Event
from service.trace import Trace

SCHEMA_VERSION = 2
NO_HASH = "0" * 64  # before the first header
SALT_BYTES = 32
ZLIB_LEVEL = 1  # a seventh of the size for a twentieth of a millisecond; higher levels gain little

Rows = tuple[tuple[Any, ...], ...]


@dataclass(frozen=True, kw_only=True)
class SideRows:
    """What stands in tables of its own so that a body is found without being read; it goes with the body.

    ``rules`` are (rule, outcome); ``cards`` are (place, uuid, rules with a space between);
    ``resources`` are (key, version); ``feedback`` is at most one (card, outcome, reason, given at, digest).
    """

    rules: Rows = ()
    cards: Rows = ()
    resources: Rows = ()
    feedback: Rows = ()

    def __bool__(self) -> bool:
        return bool(self.rules or self.cards or self.resources or self.feedback)

    @property
    def content(self) -> bytes:
        """The rows as they are committed to."""
        return dumps([self.rules, self.cards, self.resources, self.feedback])


@dataclass(frozen=True, kw_only=True)
class Entry:
    """All of a header but its place in the chain; ``salt`` and ``packed`` are None without a body."""

    header: Mapping[str, object]
    salt: bytes | None
    packed: bytes | None  # canonical JSON, then zlib
    side: SideRows


def entry_of(kept: Trace | Event) -> Entry:
    """What there is to keep. Done before the chain is locked, for packing takes longer than appending."""
    header = {**kept.header(), "schema_version": SCHEMA_VERSION}
    if kept.body is None:
        return Entry(header=header, salt=None, packed=None, side=SideRows())
    body, salt, side = dumps(kept.body), secrets.token_bytes(SALT_BYTES), _side_rows(kept)
    header["body_commitment"] = commitment(salt, body)
    header["index_commitment"] = commitment(salt, side.content)
    return Entry(header=header, salt=salt, packed=zlib.compress(body, ZLIB_LEVEL), side=side)


def _side_rows(kept: Trace | Event) -> SideRows:
    if isinstance(kept, Event):
        told = kept.feedback
        return SideRows(feedback=((told.card, told.outcome, told.reason, told.given_at, told.digest),) if told else ())
    return SideRows(
        rules=tuple(sorted(set(kept.rules))),
        cards=tuple((place, card.uuid, " ".join(card.rules)) for place, card in enumerate(kept.cards)),
        resources=tuple(sorted({(used.key, used.version) for used in kept.resources})),
    )


def commitment(salt: bytes, content: bytes) -> str:
    """Binds content that may be erased later; without the salt it cannot be guessed at."""
    return hashlib.sha256(salt + content).hexdigest()


def columns_of(header: Mapping[str, Any]) -> dict[str, object]:
    """The columns a header is searched by; what an older header does not know is as the migration left it."""
    columns = {name: header.get(name) for name in ALWAYS} | {name: header.get(name, "") for name in SINCE_VERSION_2}
    degraded = header.get("degraded", [])
    columns["degraded"] = " ".join(map(str, degraded)) if isinstance(degraded, list) else degraded
    columns["duration_ns"] = header.get("duration_ns")
    return columns


ALWAYS = (
    "seq",
    "id",
    "kind",
    "decided_at",
    "hook",
    "hook_instance",
    "rulebook",
    "patient_key",
    "outcome",
    "prev_hash",
)
SINCE_VERSION_2 = ("subject", "service", "client", "tenant", "user_key")
COLUMNS = (*ALWAYS, *SINCE_VERSION_2, "degraded", "duration_ns")
