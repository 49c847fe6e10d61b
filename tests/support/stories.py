"""The stories: patients as hospitals would send them, each with the answer it should get."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from rulesets.rule import Hook
from service.assess import Request, assess
from service.house import House

STORIES = Path(__file__).parents[1] / "stories"


@dataclass(frozen=True, kw_only=True)
class Story:
    """One bundle and what is expected of it: one expectation per patient, in the order of the answers."""

    name: str
    says: str
    bundle: dict[str, Any]
    evaluation_date: date
    expected: tuple[dict[str, Any], ...]


def stories() -> tuple[Story, ...]:
    return tuple(_read(folder) for folder in sorted(STORIES.iterdir()) if folder.is_dir())


def _read(folder: Path) -> Story:
    told = json.loads((folder / "story.json").read_text(encoding="utf-8"))
    expected = told["expected"]
    return Story(
        name=folder.name,
        says=told["says"],
        bundle=json.loads((folder / "bundle.json").read_text(encoding="utf-8")),
        evaluation_date=date.fromisoformat(told["evaluationDate"]),
        expected=tuple(expected if isinstance(expected, list) else [expected]),
    )


def answered(
    house: House, bundle: object, on: date, hooks: tuple[Hook, ...] | None = None, digest: str = "story"
) -> tuple[dict[str, Any], ...]:
    """The results for a bundle as ``POST /evaluate`` gives them."""
    request = Request(kind="bundle", document=bundle, digest=digest, evaluation_date=on, hooks=hooks)
    return assess(house, request).results
