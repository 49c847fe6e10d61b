"""Decisions as the rows of a list: what their headers say, which is nothing clinical."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from service.pages.decision import door_of
from service.pages.words import ENDINGS, Mark, duration, mark


@dataclass(frozen=True, kw_only=True)
class DecisionRow:
    id: str
    at: str
    door: str
    client: str
    cards: int
    fired: int
    undetermined: int
    ending: Mark
    degraded: bool
    took: str


def row_of(header: Mapping[str, Any]) -> DecisionRow:
    """A header as a row."""
    counts = header.get("counts") or {}
    return DecisionRow(
        id=str(header.get("id", "")),
        at=str(header.get("decided_at", "")),
        door=door_of(dict(header)),
        client=str(header.get("client") or ""),
        cards=int(counts.get("cards", 0)),
        fired=int(counts.get("fired", 0)),
        undetermined=int(counts.get("undetermined", 0)),
        ending=mark(ENDINGS, header.get("outcome")),
        degraded=bool(header.get("degraded")),
        took=duration(header.get("duration_ns")) if header.get("duration_ns") is not None else "–",
    )
