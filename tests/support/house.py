"""A real house for tests: an SQLite store of its own, a clock that stands still, ids that count up."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from service.app import FHIR_PROFILES
from service.house import House, Reasoners
from service.intake import terminology
from service.trace import Trace
from service.traces.migrate import migrate
from service.traces.store import TraceStore, open_store

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
SECRET = b"not-a-real-secret-not-a-real-secret"


class Forgetful(TraceStore):
    """A store that keeps nothing, for judging again what has been kept once."""

    def __init__(self) -> None:
        """Opens nothing."""

    def keep(self, trace: Trace) -> None:
        """Forgets it."""


def house_in(folder: Path) -> House:
    """A house with a migrated store in a folder; nothing about it differs from one run to the next."""
    database = f"sqlite:///{folder}/traces.db"
    migrate(database)
    return House(
        reasoners=Reasoners({}),
        terminology=terminology.load(FHIR_PROFILES),
        store=open_store(database),
        now=lambda: NOW,
        new_id=counting(),
        patient_secret=SECRET,
        version="0",
    )


def counting(first: int = 1) -> Callable[[], str]:
    """Ids in the form of UUIDs, one after the other."""
    numbers = itertools.count(first)
    return lambda: f"019c1159-7000-7000-8000-{next(numbers):012x}"


def once_more(house: House, ids: Iterable[str]) -> House:
    """The same house, which keeps nothing and gives these ids again."""
    again = iter(tuple(ids))
    return replace(house, store=Forgetful(), new_id=lambda: next(again))


def house_without_store() -> House:
    """A house that keeps nothing: for judging many patients of whom only the answer matters."""
    return House(
        reasoners=Reasoners({}),
        terminology=terminology.load(FHIR_PROFILES),
        store=Forgetful(),
        now=lambda: NOW,
        new_id=counting(),
        patient_secret=SECRET,
        version="0",
    )
