"""Invented patients to try the service with; each is a bundle with the day it is judged for."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

ORDER = (
    "good", "intermediate", "poor", "incomplete", "drug_conflict", "cdk46", "dose", "fracture", "emergency", "biopsy",
    "imaging", "disagree",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Example:
    """An invented patient: ``says`` is the one point it makes."""

    id: str
    title: str
    says: str
    evaluation_date: str
    bundle: dict[str, Any]

    @property
    def text(self) -> str:
        """The bundle as it may be pasted."""
        return json.dumps(self.bundle, indent=1, ensure_ascii=False)


@cache
def examples() -> tuple[Example, ...]:
    folder = files("service.pages") / "examples"
    told = ((id, json.loads((folder / f"{id}.json").read_text(encoding="utf-8"))) for id in ORDER)
    return tuple(
        Example(
            id=id,
            title=each["title"],
            says=each["says"],
            evaluation_date=each["evaluationDate"],
            bundle=each["bundle"],
        )
        for id, each in told
    )


def example(id: str) -> Example | None:
    return next((each for each in examples() if each.id == id), None)
