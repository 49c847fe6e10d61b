"""The stories on one page: ``python -m tests.stories_table`` writes tests/stories/STORIES.md anew."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Any

from rulesets.rule import HOOKS
from rulesets.rulebook import RULES
from service.write import HOOKS_EXTENSION
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
    answers = [answer for story in told for answer in results[story.name]]
    return "\n".join([HEAD.rstrip("\n"), *rows, "", *_load(answers), "", *_rules(answers)]) + "\n"


# --- what a reader has to read -----------------------------------------------------------------


def _load(answers: Sequence[dict[str, Any]]) -> list[str]:
    """How many cards and words an oncologist gets, by hook."""
    lines = [
        "## Cards and words", "",
        "Over all patients above: what one call at a hook gives. Words of the summaries are what is read at a glance; "
        "the detail opens on demand.", "",
        "| hook | patients with a card | cards: median, most | words of all summaries: median, most "
        "| words of one detail: median, most |", "|---|---|---|---|---|",
    ]  # fmt: skip
    for hook in HOOKS:
        at_hook = [[card for card in each["cards"] if hook in card["extension"][HOOKS_EXTENSION]] for each in answers]
        shown = [cards for cards in at_hook if cards]
        summaries = [sum(len(card["summary"].split()) for card in cards) for cards in shown]
        details = [len(card["detail"].split()) for cards in shown for card in cards]
        figures = " | ".join(_middle_and_most(each) for each in (list(map(len, shown)), summaries, details))
        lines.append(f"| {hook} | {len(shown)} of {len(answers)} | {figures} |")
    return lines


def _middle_and_most(numbers: Sequence[int]) -> str:
    return f"{median(numbers):g}, {max(numbers)}" if numbers else "none"


# --- what the stories prove --------------------------------------------------------------------


def _rules(answers: Sequence[dict[str, Any]]) -> list[str]:
    """For each rule that is on: over how many patients it fires, waits for a fact, and is false."""
    lines = [
        "## Rules over all stories", "",
        "Patients for whom each rule fires, waits for a fact, or is certainly false. Rules off by default are not here.",
        "", "| rule | fires | waits | false |", "|---|---|---|---|",
    ]  # fmt: skip
    return lines + [
        f"| `{id}` | {fires} | {waits} | {false} |" for id, (fires, waits, false) in verdicts_of(answers).items()
    ]


def verdicts_of(answers: Sequence[dict[str, Any]]) -> dict[str, tuple[int, int, int]]:
    """By rule: the number of patients for whom it fires, is undetermined and no more, and neither."""
    counted = {}
    for rule in RULES:
        if rule.enabled_by is not None:
            continue
        fires = sum(any(each["id"] == rule.id for each in answer["rules"]["fired"]) for answer in answers)
        either = sum(
            any(each["id"] == rule.id for part in ("fired", "undetermined") for each in answer["rules"][part])
            for answer in answers
        )
        counted[rule.id] = (fires, either - fires, len(answers) - either)
    return counted


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
