"""A token is accepted once by all workers together, and forgotten when it can no longer be used."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from service.problems import StoreUnavailable
from service.traces import tokens
from service.traces.store import TraceStore, open_store
from service.traces.tokens import TokenMemory
from service.traces.verify import verify_chain
from tests.traces.traces import trace

SOON = datetime(2026, 1, 31, 9, 35, tzinfo=UTC)
NOW = datetime(2026, 1, 31, 9, 30, tzinfo=UTC)
ISSUER = "https://ehr.example.org"


def remembered(store: TraceStore) -> int:
    with store.reading() as connection:
        return int(connection.execute(text("SELECT count(*) FROM seen_token")).scalar_one())


def test_a_token_is_new_once(store: TraceStore) -> None:
    memory = TokenMemory(store, now=lambda: NOW)

    assert [memory(ISSUER, "ab" * 32, SOON) for _ in range(3)] == [True, False, False]


def test_the_same_id_of_another_issuer_is_another_token(store: TraceStore) -> None:
    memory = TokenMemory(store, now=lambda: NOW)

    assert memory(ISSUER, "ab" * 32, SOON)
    assert memory("https://another.example.org", "ab" * 32, SOON)


def test_of_workers_asked_at_the_same_time_one_accepts_it(url: str) -> None:
    stores = [open_store(url) for _ in range(4)]
    memories = [TokenMemory(store, now=lambda: NOW) for store in stores]

    with ThreadPoolExecutor(4) as threads:
        accepted = list(threads.map(lambda memory: memory(ISSUER, "ab" * 32, SOON), memories))

    assert sorted(accepted) == [False, False, False, True]
    for store in stores:
        store.close()


def test_what_has_expired_is_forgotten_and_what_has_not_is_kept(
    store: TraceStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tokens, "FORGET_EVERY", 2)
    memory = TokenMemory(store, now=lambda: SOON)

    memory(ISSUER, "old", SOON - timedelta(microseconds=1))
    memory(ISSUER, "young", SOON)
    memory(ISSUER, "another", SOON)

    assert remembered(store) == 2
    assert memory(ISSUER, "young", SOON) is False


def test_tokens_are_no_part_of_the_chain(store: TraceStore) -> None:
    TokenMemory(store)(ISSUER, "ab" * 32, SOON)
    store.keep(trace(1))

    assert verify_chain(store).records == 1


def test_when_the_store_cannot_tell_nothing_is_accepted(sqlite_store: TraceStore, sqlite_file: Path) -> None:
    sqlite_file.unlink()

    with pytest.raises(StoreUnavailable):
        TokenMemory(sqlite_store)(ISSUER, "ab" * 32, SOON)
