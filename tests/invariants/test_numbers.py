"""Each invariant has a test that names it."""

from __future__ import annotations

import re
from pathlib import Path

import tests.invariants

TESTS = Path(__file__).parents[1]


def test_every_invariant_is_held_by_some_test() -> None:
    listed = {int(number) for number in re.findall(r"^ ?(\d+)  ", tests.invariants.__doc__ or "", flags=re.MULTILINE)}

    named = {
        int(number)
        for path in TESTS.rglob("test_*.py")
        for number in re.findall(r'"""Invariant (\d+):', path.read_text(encoding="utf-8"))
    }

    assert listed == set(range(1, 22))
    assert named == listed
