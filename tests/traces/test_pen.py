"""Appending within one process: one after the other, and nobody in a line of those who wait in vain."""

from __future__ import annotations

import os
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from service.problems import StoreUnavailable
from service.traces import pen as pens
from service.traces.database import BRIEF_WAIT_MS
from service.traces.pen import LONG_SECONDS, REST_SECONDS, WARY_WAIT_MS, Pen
from service.traces.store import TraceStore
from tests.traces.traces import trace


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def fail(pen: Pen, clock: Clock, *, after: float) -> None:
    """Somebody appends and is told after a time that the store is not to be had."""
    with pytest.raises(StoreUnavailable), pen.held():
        clock.now += after
        raise StoreUnavailable()


def may_append(pen: Pen) -> bool:
    try:
        with pen.held():
            return True
    except StoreUnavailable:
        return False


def test_after_a_failure_that_was_waited_for_whoever_comes_is_told_at_once(clock: Clock) -> None:
    pen = Pen(clock)

    fail(pen, clock, after=LONG_SECONDS)

    assert not may_append(pen)
    clock.now += REST_SECONDS * 0.99
    assert not may_append(pen)
    clock.now += REST_SECONDS * 0.02
    assert may_append(pen)


def test_who_tries_after_such_a_failure_waits_less_until_somebody_has_succeeded(clock: Clock) -> None:
    pen = Pen(clock)
    fail(pen, clock, after=LONG_SECONDS)
    clock.now += REST_SECONDS

    with pen.held() as wary:
        pass
    with pen.held() as again:
        pass

    assert (wary, again) == (WARY_WAIT_MS, BRIEF_WAIT_MS)


def test_who_is_wary_and_fails_sends_the_others_away_again(clock: Clock) -> None:
    pen = Pen(clock)
    fail(pen, clock, after=LONG_SECONDS)
    clock.now += REST_SECONDS

    fail(pen, clock, after=LONG_SECONDS * 0.5)

    assert not may_append(pen)


def test_a_failure_that_came_at_once_is_nobody_elses(clock: Clock) -> None:
    pen = Pen(clock)

    fail(pen, clock, after=LONG_SECONDS * 0.99)

    assert may_append(pen)


def test_what_else_goes_wrong_lets_the_next_one_append(clock: Clock) -> None:
    pen = Pen(clock)

    with pytest.raises(ValueError), pen.held():
        clock.now += 10
        raise ValueError

    assert may_append(pen)


def test_who_waited_behind_a_failure_is_told_with_it(clock: Clock) -> None:
    pen, waiting = Pen(clock), threading.Event()

    def append() -> bool:
        waiting.set()
        return may_append(pen)

    with ThreadPoolExecutor(1) as threads:
        with pytest.raises(StoreUnavailable), pen.held():
            behind = threads.submit(append)
            waiting.wait(10)
            clock.now += 2
            raise StoreUnavailable()

        assert behind.result(10) is False


def test_nobody_waits_for_the_pen_for_ever(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pens, "WAIT_SECONDS", 0.01)
    pen = Pen(clock)

    with pen.held(), ThreadPoolExecutor(1) as threads:
        assert threads.submit(may_append, pen).result(10) is False

    assert may_append(pen)


def test_threads_append_one_after_the_other(store: TraceStore) -> None:
    at_once, most = 0, []

    def append(number: int) -> None:
        nonlocal at_once
        with store.appending():
            at_once += 1
            most.append(at_once)
            at_once -= 1

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(append, range(40)))

    assert set(most) == {1}
    assert len(most) == 40


def test_a_pen_that_is_held_at_a_fork_is_free_in_the_child(sqlite_store: TraceStore, sqlite_file: Path) -> None:
    with sqlite_store._pen.held():
        child = os.fork()
        if child == 0:  # pragma: no cover
            try:
                sqlite_store.keep(trace(1))
                os._exit(0)
            finally:
                os._exit(1)
        _, status = os.waitpid(child, 0)

    assert os.waitstatus_to_exitcode(status) == 0
    assert sqlite_store.get(trace(1).id) is not None
