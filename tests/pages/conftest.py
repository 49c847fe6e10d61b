"""A real house with a store of its own, the pages around it, and a few stories judged."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from service.app import app_of
from service.house import House
from service.settings import Settings
from service.traces.migrate import migrate
from service.traces.store import open_store
from tests.support.house import counting, house_in
from tests.support.stories import answered, stories

TOLD = (
    "good_prognosis_on_olaparib",
    "poor_by_points",
    "two_courses_and_two_drugs",
    "two_laboratories_disagree",
    "an_old_performance_status",
)


@dataclass(frozen=True, kw_only=True)
class Kept:
    """A house that has judged some stories: the trace of each by the name of the story."""

    house: House
    client: FlaskClient
    traces: dict[str, str]

    def body(self, story: str) -> dict[str, Any]:
        found = self.house.store.get(self.traces[story])
        assert found is not None and found.body is not None
        return found.body

    def header(self, story: str) -> dict[str, Any]:
        found = self.house.store.get(self.traces[story])
        assert found is not None
        return {**found.header, "leaf_hash": found.leaf_hash}


def settings_of(house: House) -> Settings:
    return Settings(database_url="sqlite://", patient_key_secret=house.patient_secret.decode())


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory) -> House:
    return house_in(tmp_path_factory.mktemp("house"))


def moved(house: House, folder: Path) -> House:
    """The same house with a store of its own: rules are compiled once for all tests."""
    database = f"sqlite:///{folder}/traces.db"
    migrate(database)
    return replace(house, store=open_store(database), new_id=counting())


@pytest.fixture(scope="module")
def kept(house: House, tmp_path_factory: pytest.TempPathFactory) -> Kept:
    return filled(moved(house, tmp_path_factory.mktemp("kept")))


def filled(house: House) -> Kept:
    told = {story.name: story for story in stories()}
    traces = {name: answered(house, told[name].bundle, told[name].evaluation_date)[0]["trace"] for name in TOLD}
    return Kept(house=house, client=app_of(house, settings_of(house)).test_client(), traces=traces)


@pytest.fixture
def empty(house: House, tmp_path: Path) -> Kept:
    own = moved(house, tmp_path)
    return Kept(house=own, client=app_of(own, settings_of(own)).test_client(), traces={})
