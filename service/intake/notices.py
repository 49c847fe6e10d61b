"""What a reader has to say about what it was sent: told with the answer, never swallowed."""

from __future__ import annotations

from dataclasses import dataclass

MENDED = "mended"
"""The code of what was not as it must be and was read all the same."""

DECEASED, DIED = "deceased", "The record says that the patient has died: nothing else was read, and nothing is advised."
"""The code of that, and the sentence."""

FAULTS = frozenset({"invalid", "structure", "other-version"})
"""Notices about resources that are not valid and were left out."""


@dataclass(frozen=True, kw_only=True, order=True)
class Notice:
    """``text`` never holds a value that was sent; ``reference`` is the resource or its place."""

    code: str
    text: str
    reference: str = ""
    element: str = ""
