"""A real house around a store of its own, and doors that can be told what an assessment answers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from service import assess
from service.app import app_of, house_of
from service.house import House
from service.settings import Settings
from service.traces.migrate import migrate

SECRET = "not-a-real-secret-not-a-real-secret"

CARD = {"summary": "A card", "indicator": "info", "source": {"label": "A paper"}}
"""What an assessment that is replaced answers; the real one checks its cards."""
TRACE = "019c1159-7000-7000-8000-000000000001"


@pytest.fixture(scope="session")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    database = f"sqlite:///{tmp_path_factory.mktemp('store')}/traces.db"
    migrate(database)
    return settings_with_database(database)


def settings_with_database(database: str, **others: Any) -> Settings:
    limits: dict[str, Any] = {"body_limit_hook": 20_000, "body_limit_bundle": 200_000, "entries_limit": 100}
    return Settings(**{"database_url": database, "patient_key_secret": SECRET, **limits, **others})


@pytest.fixture(scope="session")
def house(settings: Settings) -> House:
    return house_of(settings)


@pytest.fixture(scope="session")
def app(house: House, settings: Settings) -> Flask:
    return app_of(house, settings)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


class Asked(list[assess.Request]):
    """The requests that reached the assessment, which is told what to do with them."""

    raises: Exception | None = None

    def answer(self, _: House, request: assess.Request) -> assess.Answer:
        self.append(request)
        if self.raises is not None:
            raise self.raises
        return assess.Answer(results=({"patient": "Patient/1", "trace": TRACE, "cards": [CARD], "warnings": []},))


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Asked:
    """The assessment, replaced: for tests that are about the doors alone."""
    told = Asked()
    monkeypatch.setattr(assess, "assess", told.answer)
    return told


@pytest.fixture
def log_lines(capsys: pytest.CaptureFixture[str]) -> Iterator[Callable[[], str]]:
    from service import logs

    logs.configure("info")
    yield lambda: capsys.readouterr().err
