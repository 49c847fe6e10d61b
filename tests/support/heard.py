"""Everything the service logs during the tests, and whether a patient of the tests is named in it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from service import logs
from tests.support.canary import WORDS

STORIES = Path(__file__).parents[1] / "stories"
_lines: list[str] = []


class Overheard(logs._StandardError):
    """Where lines end up, with somebody who listens."""

    def msg(self, line: str) -> None:
        _lines.append(line)
        super().msg(line)

    debug = info = warning = error = msg


def hear(text: str) -> None:
    """What a service in another process has logged."""
    _lines.append(text)


def patients_told() -> list[str]:
    """Lines heard since the last time that name a patient of the tests."""
    told = [line for text in _lines for line in text.splitlines() if _names().search(line)]
    _lines.clear()
    return told


@cache
def _names() -> re.Pattern[str]:
    """The words of the canary, and ids, birth dates and names of the patients of the stories.

    Not after a hyphen: a part of a UUID may read ``edda``.
    """
    words = {*WORDS, "Testcase"}
    for story in STORIES.glob("*/bundle.json"):
        for patient in _patients(json.loads(story.read_text(encoding="utf-8"))):
            words |= set(_texts({**patient, "resourceType": None, "gender": None}))
    listed = "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))
    return re.compile(rf"(?<![\w-])(?:{listed})(?!\w)", re.IGNORECASE)


def _patients(document: Any) -> Iterator[dict[str, Any]]:
    if isinstance(document, dict):
        if document.get("resourceType") == "Patient":
            yield document
        document = list(document.values())
    if isinstance(document, list):
        for each in document:
            yield from _patients(each)


def _texts(document: Any) -> Iterator[str]:
    """Texts of two letters or more."""
    if isinstance(document, str) and len(document) > 1:
        yield document
    elif isinstance(document, dict | list):
        for each in document.values() if isinstance(document, dict) else document:
            yield from _texts(each)
