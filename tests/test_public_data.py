"""Public example patients evaluate without an error, and the one that is well known gets the right answer."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from service.canonical import loads
from service.house import House
from service.replay import replay
from tests.support.house import house_in, once_more
from tests.support.shared import SHARED, files_in, shared_path
from tests.support.stories import answered

ON = date(2026, 11, 1)
JENNY_M = "data/mcode-ig-4.0.0/Bundle-mcode-patient-bundle-jenny-m.json"
BIOPSY = "data/mii-patho-transcribed/core-needle-biopsy.bundle.json"
SYNTHEA = ("data/synthea-2019-breast", "data/synthea-2019-large")
GERMAN = "data/mii-onko-kds-german"
GROUPS = {"good", "intermediate", "poor", "indeterminate", "not_applicable"}


SYNTHEA_FILES = [path for folder in SYNTHEA for path in files_in(folder)]
BUNDLES = [*SYNTHEA_FILES, *(path for name in (JENNY_M, BIOPSY) if (path := shared_path(name)) is not None)]
pytestmark = pytest.mark.skipif(
    not SHARED.exists(), reason="the public examples lie beside a developer's checkout only"
)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    built = house_in(tmp_path_factory.mktemp("public"))
    yield built
    built.store.close()


def parsed(path: Path) -> Any:
    return loads(path.read_bytes())


def test_the_examples_are_there() -> None:
    assert len(SYNTHEA_FILES) == 8
    assert len(BUNDLES) == 10


@pytest.mark.parametrize("path", BUNDLES, ids=lambda path: path.stem[:24])
def test_a_public_bundle_evaluates_and_its_trace_replays(path: Path, house: House) -> None:
    (result,) = answered(house, parsed(path), ON)
    assert result["prognosis"]["group"] in GROUPS
    stored = house.store.get(result["trace"])
    assert stored is not None
    assert replay(house, stored.id, str(stored.header["rulebook"]), stored.body).verdict == "identical"


@pytest.mark.parametrize("path", SYNTHEA_FILES, ids=lambda path: path.stem[:24])
def test_a_synthetic_life_without_bone_metastasis_gets_no_group_and_no_advice(path: Path, house: House) -> None:
    (result,) = answered(house, parsed(path), ON)
    assert result["prognosis"]["group"] not in {"good", "intermediate", "poor"}
    # One of them is staged M1: she is asked where the tissue for the receptors comes from.
    assert rules_on_cards(result) <= {*DATA_QUALITY, "biopsy.denovo-tissue"}


def test_jenny_m_has_no_metastasis_so_no_group_and_no_advice_on_metastases(house: House) -> None:
    path = shared_path(JENNY_M)
    assert path is not None
    (result,) = answered(house, parsed(path), ON)
    assert result["prognosis"]["group"] == "not_applicable"
    assert result["pattern"]["subtype"] == "luminal_her2_negative"
    assert rules_on_cards(result) <= DATA_QUALITY
    fired = {firing["id"] for firing in result["rules"]["fired"]}
    assert not {id for id in fired if id.startswith(("prognosis.", "imbrication."))}


def test_two_patients_in_one_bundle_get_the_answers_each_of_them_gets_alone(house: House) -> None:
    one, other = (parsed(path) for path in SYNTHEA_FILES[-3:-1])
    together = {"resourceType": "Bundle", "type": "collection", "entry": [*one["entry"], *other["entry"]]}
    results = answered(house, together, ON)
    assert len(results) == 2
    alone = [answered(once_more(house, [results[0]["trace"]]), bundle, ON)[0] for bundle in (one, other)]
    assert len({result["patient"] for result in alone}) == 2
    for result in results:
        (by_itself,) = [each for each in alone if each["patient"] == result["patient"]]
        for part in ("pattern", "prognosis", "rules", "derived", "exposure"):
            assert result[part] == by_itself[part], part


def test_the_german_examples_are_two_patients_and_neither_gets_a_fact_of_the_other(house: House) -> None:
    resources = [json.loads(path.read_text(encoding="utf-8")) for path in files_in(GERMAN)]
    # Most of them are about a patient whose Patient resource is not among them.
    resources.append({"resourceType": "Patient", "id": "example"})
    bundle = {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": one} for one in resources]}
    results = answered(house, bundle, ON)
    assert [result["patient"] for result in results] == ["Patient/PatientKimMusterperson", "Patient/example"]
    subjects = {
        f"{one['resourceType']}/{one['id']}": one["subject"]["reference"] for one in resources if "subject" in one
    }
    for result in results:
        reasons = [reason for firing in result["rules"]["fired"] for reason in firing["because"]]
        sources = {
            source for reason in reasons for source in (reason["source"] or "").split(", ") if source in subjects
        }
        assert sources
        assert {subjects[source] for source in sources} == {result["patient"]}


DATA_QUALITY = frozenset({
    "dq.conflicting-sources", "dq.stale-data", "dq.hb-unit", "dq.onset-grey-zone", "dq.onset-conflict",
    "dq.her2-equivocal", "dq.subtype-outside-paper", "dq.count-inconsistent", "dq.extent-conflict",
    "dq.condition-conflict", "dq.receptor-discordance", "dq.out-of-scope", "dq.missing-deciding-facts",
})  # fmt: skip
"""What may be said of data without any metastasis."""


def rules_on_cards(result: dict[str, Any]) -> set[str]:
    return {rule for card in result["cards"] for rule in card["extension"].get("org.osteon.rules", ())}
