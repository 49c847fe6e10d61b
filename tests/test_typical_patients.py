"""Ten typical patients: how many cards each gets at each hook, and which one is read first.

The specification prints the counts and not the facts behind them. Where it says one card more than
stands here (the first patient, while an order is chosen), no reading of its description gives that card.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from rulesets.rule import Hook
from service.assess import Request, assess
from service.house import House
from tests.support.house import house_in

PATIENTS: list[dict[str, Any]] = json.loads((Path(__file__).parent / "typical_patients.json").read_text())
each_patient = pytest.mark.parametrize("patient", PATIENTS, ids=lambda patient: patient["name"])


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    built = house_in(tmp_path_factory.mktemp("typical"))
    yield built
    built.store.close()


def cards(house: House, patient: dict[str, Any], hook: Hook) -> list[dict[str, Any]]:
    request = Request(kind="facts", document=patient["document"], digest="typical", hooks=(hook,))
    found: list[dict[str, Any]] = assess(house, request).results[0]["cards"]
    return found


@each_patient
def test_each_gets_a_handful_of_cards(house: House, patient: dict[str, Any]) -> None:
    counted = {hook: len(cards(house, patient, hook)) for hook in patient["cards"]}

    assert counted == patient["cards"]


@pytest.mark.parametrize("patient", [one for one in PATIENTS if "first" in one], ids=lambda patient: patient["name"])
def test_the_first_card_is_the_one_that_matters(house: House, patient: dict[str, Any]) -> None:
    wanted = patient["first"]

    first = cards(house, patient, wanted["hook"])[0]

    assert (first["indicator"], first["extension"]["org.osteon.rules"][0]) == (wanted["indicator"], wanted["rule"])
    assert (f"(+{wanted['more']} more" in first["summary"]) == bool(wanted["more"])
    assert ("more)" in first["summary"]) == bool(wanted["more"])
