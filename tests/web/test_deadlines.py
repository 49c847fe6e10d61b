"""Deadlines: one thread ends the reading of connections that take too long, and of no others."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator

import pytest

from service.web.deadlines import Deadline

SOON, LATE = 0.05, 3600.0
Pair = tuple[socket.socket, socket.socket]


@pytest.fixture
def pairs() -> Iterator[list[Pair]]:
    made = [socket.socketpair() for _ in range(3)]
    for ours, _ in made:
        ours.settimeout(20)  # of the test: what should end ends long before
    yield made
    for pair in made:
        for end in pair:
            end.close()


def test_reading_ends_when_the_deadline_passes(pairs: list[Pair]) -> None:
    ours, theirs = pairs[0]

    with Deadline(ours, SOON) as deadline:
        assert ours.recv(1) == b""

    assert deadline.has_passed
    ours.sendall(b"an answer")
    assert theirs.recv(100) == b"an answer"


def test_a_later_connection_with_an_earlier_deadline_does_not_wait_for_the_first(pairs: list[Pair]) -> None:
    (patient, sender), (hasty, _), _ = pairs

    with Deadline(patient, LATE):
        with Deadline(hasty, SOON):
            assert hasty.recv(1) == b""
        sender.sendall(b"x")
        assert patient.recv(1) == b"x"


def test_a_connection_that_was_in_time_is_left_alone(pairs: list[Pair]) -> None:
    (ours, theirs), (other, _), _ = pairs
    with Deadline(ours, SOON) as kept:
        pass

    with Deadline(other, 2 * SOON):
        assert other.recv(1) == b""

    assert kept.has_passed
    theirs.sendall(b"the next request")
    assert ours.recv(100) == b"the next request"


def test_one_thread_looks_after_all(pairs: list[Pair]) -> None:
    for ours, _ in pairs:
        with Deadline(ours, LATE):
            pass

    assert [thread.name for thread in threading.enumerate()].count("deadlines") == 1


def test_a_connection_that_has_gone_is_no_fault(pairs: list[Pair]) -> None:
    (gone, _), (ours, _), _ = pairs
    with Deadline(gone, SOON), Deadline(ours, 2 * SOON):
        gone.close()

        assert ours.recv(1) == b""


def test_without_a_connection_there_is_only_the_clock() -> None:
    with Deadline(None, LATE) as deadline:
        assert not deadline.has_passed
