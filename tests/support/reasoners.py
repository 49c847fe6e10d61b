"""The rulebook compiled once for all tests of a process, with each set of thresholds."""

from __future__ import annotations

from functools import cache

from rulesets.thresholds import effective
from service.fire import Reasoner


def reasoner(**overrides: object) -> Reasoner:
    """The rulebook with these thresholds changed; safe to share, as it keeps nothing of a patient."""
    return _compiled(tuple(sorted(overrides.items())))


@cache
def _compiled(overrides: tuple[tuple[str, object], ...]) -> Reasoner:
    return Reasoner(effective(dict(overrides)))
