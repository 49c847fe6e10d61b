"""A decision made once more from its trace."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest

from service.assess import Request, assess
from service.house import House
from service.replay import replay
from tests.support.house import house_in

FACTS = {
    "evaluationDate": "2026-11-01",
    "facts": {"mets.status": "confirmed", "mets.organ.bone": "present", "mets.lesion_count": {"lo": 2, "hi": None}},
    "drugs": [{"name": "palbociclib", "status": "active"}],
    "courses": [{"status": "draft", "target": "bone", "region": "pelvis"}],
    "config": {"oligo_max_lesions": 5},
}


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> House:
    return house_in(Path(tmp_path_factory.mktemp("replay")))


@pytest.fixture(scope="module")
def decided(house: House) -> tuple[str, str, dict[str, Any]]:
    """A stored decision: its id, its rulebook and its body."""
    [result] = assess(house, Request(kind="facts", document=FACTS, digest="0" * 64)).results
    stored = house.store.get(result["trace"])
    assert stored is not None and stored.body is not None
    return result["trace"], str(stored.header["rulebook"]), stored.body


def test_a_decision_with_thresholds_of_its_own_replays_identical(
    house: House, decided: tuple[str, str, dict[str, Any]]
) -> None:
    assert replay(house, *decided).verdict == "identical"


def test_an_answer_that_was_changed_is_named(house: House, decided: tuple[str, str, dict[str, Any]]) -> None:
    trace, rulebook, body = decided
    changed = copy.deepcopy(body)
    changed["result"]["cards"][0]["summary"] = "Something else"

    assert (replay(house, trace, rulebook, changed).verdict, replay(house, trace, rulebook, changed).differences) == (
        "differs",
        ("cards",),
    )


def test_a_fact_that_was_changed_changes_what_follows(house: House, decided: tuple[str, str, dict[str, Any]]) -> None:
    trace, rulebook, body = decided
    changed = copy.deepcopy(body)
    changed["record"]["drugs"][0]["facts"]["drug.name"]["value"] = "olaparib"

    assert set(replay(house, trace, rulebook, changed).differences) >= {"cards", "rules", "exposure"}


def test_thresholds_that_were_changed_are_another_rulebook(
    house: House, decided: tuple[str, str, dict[str, Any]]
) -> None:
    trace, rulebook, body = decided
    changed = copy.deepcopy(body)
    changed["thresholds"]["oligo_max_lesions"] = 4

    assert replay(house, trace, rulebook, changed).verdict == "rulebook missing"


def test_an_erased_decision_says_so(house: House, decided: tuple[str, str, dict[str, Any]]) -> None:
    assert replay(house, decided[0], decided[1], None).verdict == "erased"
