"""Events as the rows of a list: who did what, when, and to which decision. Nothing clinical."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from service.pages.words import counted, day, short
from service.traces.stored import StoredHeader

ACCESSES = ("read", "replay", "export")
"""The kinds of events that tell of somebody who saw what is clinical."""

_DID = {
    "read": "read", "replay": "decided again", "export": "exported", "erasure": "erased", "hold": "put on hold",
    "release": "released from hold", "activation": "rulebook put in force", "configuration": "settings changed",
    "checkpoint": "checkpoint signed", "feedback": "feedback taken",
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class EventRow:
    """``decision`` is the id of the one it is about, where it is about one."""

    seq: int
    at: str
    did: str
    who: str
    decision: str
    told: str


def event_rows(headers: Iterable[StoredHeader]) -> list[EventRow]:
    return [
        EventRow(
            seq=header.seq,
            at=str(header.columns["decided_at"]),
            did=_DID.get(header.kind, header.kind),
            who=str(header.header.get("client") or ""),
            decision=str(header.columns["subject"] or ""),
            told=_told(header.kind, header.says, str(header.columns["rulebook"] or "")),
        )
        for header in headers
    ]


def _told(kind: str, says: Mapping[str, Any], rulebook: str) -> str:
    match kind:
        case "read":
            return str(says.get("through", ""))
        case "replay":
            parts = ", ".join(map(str, says.get("differences") or ()))
            looked_at = counted(int(says["looked_at"]), "decision") if "looked_at" in says else ""
            return ", ".join(filter(None, (str(says.get("verdict", "")), parts, looked_at)))
        case "export":
            records = counted(int(says["records"]), "record") if "records" in says else ""
            window = says.get("selection") or {}
            selected = "; ".join(f"{name} {value}" for name, value in window.items() if value not in (None, "", True))
            return ", ".join(filter(None, (str(says.get("form", "")), str(says.get("state", "")), records, selected)))
        case "erasure":
            return f"{counted(int(says.get('bodies', 0)), 'body', 'bodies')}, ground: {says.get('ground', '')}"
        case "hold" | "release":
            return f"a {says.get('about', 'decision')}"
        case "activation":
            return short(rulebook)
        case "checkpoint":
            return counted(int(says.get("size", 0)), "record") if "size" in says else ""
    return day(str(says.get("day", "")))
