"""One decision on a page: what was known, what came of it and what was shown; nothing of a chart acts in it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from service import assess
from service.house import House
from service.one_page import ERASED, FAILED, one_page
from tests.support.house import house_in

STORIES = Path(__file__).parent / "stories"
FACTS: dict[str, Any] = {
    "evaluationDate": "2026-11-01",
    "facts": {
        "mets.status": "confirmed",
        "mets.organ.bone": "present",
        "mets.bone_lesion_count": {"lo": 3, "hi": None},
        "tumour.er_primary": {"conflict": ["positive", "negative"]},
    },
    "drugs": [{"name": "palbociclib", "status": "stopped", "stop_day": -5}],
    "courses": [{"status": "draft", "start_day": 0, "target": "bone", "total_dose_gy": 30, "fractions": 10}],
}


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> House:
    return house_in(Path(tmp_path_factory.mktemp("page")))


def page_of(house: House, kind: Any, document: dict[str, Any]) -> str:
    """The page of the decision a document leads to."""
    [result] = assess.assess(house, assess.Request(kind=kind, document=document, digest="44" * 32)).results
    kept = house.store.get(str(result["trace"]))
    assert kept is not None
    return one_page({**kept.header, "leaf_hash": kept.leaf_hash}, kept.body)


def section(page: str, title: str) -> str:
    return page.partition(f"\n## {title}\n")[2].partition("\n## ")[0]


def test_a_page_tells_group_facts_rules_and_cards(house: House) -> None:
    bundle = json.loads((STORIES / "good_prognosis_on_olaparib" / "bundle.json").read_text())

    page = page_of(house, "bundle", bundle)

    assert page.startswith("# Decision 019c1159-") and "Patient: Patient/" in page
    assert "Prognostic group: **good**" in section(page, "What was concluded")
    assert "| metastatic disease | confirmed |" in section(page, "Facts")
    assert "`prognosis.good` (info), because " in section(page, "Rules that fired")
    assert "### olaparib (PARP inhibitor) with planned RT" in section(page, "Cards")


def test_values_are_told_as_they_are_read_aloud(house: House) -> None:
    facts = section(page_of(house, "facts", FACTS), "Facts")

    assert "| stop or hold | 2026-10-27 (5 days ago) |" in facts
    assert "| total dose | 30 Gy |" in facts
    assert "at least 3" in facts
    assert "Contradicted: oestrogen receptor, primary is negative or positive" in facts


@pytest.mark.parametrize("sent, said", [({}, True), ({"lesions": []}, False)])
def test_a_list_that_nobody_has_is_told_from_an_empty_one(house: House, sent: dict[str, Any], said: bool) -> None:
    facts = section(page_of(house, "facts", {**FACTS, **sent}), "Facts")
    assert ("Lesions: nobody has the list." in facts) is said


def test_what_is_not_known_is_not_told_as_no(house: House) -> None:
    page = page_of(house, "facts", FACTS)

    assert "Prognostic group: **indeterminate**" in page and "Not known, and deciding: " in page
    assert "Extent: not known" in section(page, "What was concluded")
    assert " waits for " in section(page, "Rules that could not be decided")


def test_nothing_of_a_chart_acts_on_the_page(house: House) -> None:
    hostile = "x | <img src=x onerror=alert(1)> [a](javascript:b)\n# Heading \u202e"

    page = page_of(house, "facts", {**FACTS, "drugs": [{"name": hostile, "status": "active"}]})

    assert "<img" not in page and "\n# Heading" not in page and "[a](" not in page
    rows = [line for line in page.splitlines() if "onerror" in line and line.startswith("|")]
    assert rows and all(row.replace("\\|", "").count("|") == 5 for row in rows)


HEADER: dict[str, Any] = {
    "id": "x",
    "kind": "hook",
    "seq": 4,
    "decided_at": "2026-11-01",
    "degraded": ["unit", "value"],
}


def test_an_erased_decision_has_its_header_left() -> None:
    page = one_page(HEADER, None)
    assert ERASED in page and "| Record | 4 |" in page and "| Not all could be used | unit, value |" in page


def test_a_decision_that_failed_says_so() -> None:
    assert FAILED in one_page(HEADER, {"request": {"patient": ""}, "failure": {"kind": "EngineFailure", "says": "x"}})
