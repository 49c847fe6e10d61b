"""That tests would notice a decision that does not replay to the same answer."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import pytest

from service import assess
from tests.replay.test_decision import FACTS
from tests.support.house import house_in
from tests.support.replayed import Replayed


def test_a_decision_that_comes_out_otherwise_is_noticed(
    tmp_path: Path, replayed: Replayed, monkeypatch: pytest.MonkeyPatch
) -> None:
    numbers, write = itertools.count(), assess.cards_for

    def never_the_same(*args: Any) -> list[dict[str, Any]]:
        return [{**card, "summary": f"A card, number {next(numbers)}"} for card in write(*args)]

    monkeypatch.setattr(assess, "cards_for", never_the_same)
    facts = {**FACTS, "evaluationDate": "2026-11-02"}  # on a day of its own, for the same is not looked at twice
    assess.assess(house_in(tmp_path), assess.Request(kind="facts", document=facts, digest="0" * 64))

    [found] = replayed.differing()
    assert "differs" in found and "'cards'" in found


def test_the_same_facts_are_looked_at_once(tmp_path: Path, replayed: Replayed) -> None:
    facts = {**FACTS, "evaluationDate": "2026-11-03"}
    request, house, before = (
        assess.Request(kind="facts", document=facts, digest="0" * 64),
        house_in(tmp_path),
        replayed.count,
    )

    assess.assess(house, request)
    assess.assess(house, request)

    assert replayed.count == before + 1
