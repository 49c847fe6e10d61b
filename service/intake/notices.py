"""What a reader has to say about what it was sent: told with the answer, never swallowed."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, order=True)
class Notice:
    """``text`` never holds a value that was sent; ``reference`` is the resource or its place."""

    code: str
    text: str
    reference: str = ""
    element: str = ""
