"""The stories on one page: ``python -m tests.stories_table`` writes tests/stories/STORIES.md anew."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from tests.support.house import house_in
from tests.support.stories import STORIES, Story, answered, stories

TABLE = STORIES / "STORIES.md"
HEAD = """\
# Stories

Invented patients, each with the answer the service gives on 2026-11-01. A draft order in a bundle is being ordered.
Written by `python -m tests.stories_table`; a test holds it up to date.

| story | its point | prognosis | cards |
| --- | --- | --- | --- |
"""


def table(told: Sequence[Story], results: Mapping[str, Sequence[dict[str, Any]]]) -> str:
    """The page, from the stories and the answers they got."""
    rows = [
        f"| [{story.name.replace('_', ' ')}]({story.name}/bundle.json) | {story.says} "
        f"| {_each(results[story.name], _group)} | {_each(results[story.name], _cards)} |"
        for story in told
    ]
    return HEAD + "\n".join(rows) + "\n"


def _each(answers: Sequence[dict[str, Any]], words: Callable[[dict[str, Any]], str]) -> str:
    """What is said of each patient; numbered when there are several."""
    said = [words(answer) for answer in answers]
    return said[0] if len(said) == 1 else "<br>".join(f"{number}. {each}" for number, each in enumerate(said, start=1))


def _group(answer: dict[str, Any]) -> str:
    prognosis = answer["prognosis"]
    words: str = prognosis["group"].replace("_", " ")
    if prognosis["group"] == "intermediate":
        words += f", lean {prognosis['lean']}"
    if prognosis["group"] == "indeterminate":
        words += f" ({' or '.join(prognosis['possible'])})"
    return words


def _cards(answer: dict[str, Any]) -> str:
    """Each card once, by what it says; one that grows from hook to hook is shown as it says most."""
    lines = {}
    for card in answer["cards"]:
        lines[card["source"]["topic"]["code"], card["indicator"]] = f"{card['indicator']}: {card['summary']}"
    return "<br>".join(lines.values()) or "none"


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        house = house_in(Path(folder))
        told = stories()
        results = {story.name: answered(house, story.bundle, story.evaluation_date) for story in told}
        house.store.close()
    TABLE.write_text(table(told, results), encoding="utf-8")


if __name__ == "__main__":
    main()
