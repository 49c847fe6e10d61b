"""A line is cut wherever its read may be, and never the line of somebody else."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from types import SimpleNamespace

import pytest

from service.prefetch.connection import Cut, Line

Pair = tuple[SimpleNamespace, socket.socket]


@pytest.fixture
def pair() -> Iterator[Pair]:
    """A connection as the library has it, and the socket at its other end."""
    here, there = socket.socketpair()
    there.settimeout(0)
    yield SimpleNamespace(sock=here, line=None, close=here.close), there
    here.close()
    there.close()


def is_open(there: socket.socket) -> bool:
    try:
        return there.recv(1) != b""
    except BlockingIOError:
        return True


def test_a_read_that_waits_wakes_when_its_line_is_cut(pair: Pair) -> None:
    connection, there = pair
    line = Line()
    line.take(connection)
    reading = threading.Thread(target=lambda: connection.sock.recv(1))
    reading.start()

    line.cut()

    reading.join(5)
    assert not reading.is_alive() and not is_open(there)


def test_a_connection_that_comes_too_late_is_closed(pair: Pair) -> None:
    connection, there = pair
    line = Line()
    line.cut()

    with pytest.raises(Cut):
        line.take(connection)

    assert connection.sock.fileno() == -1 and not is_open(there)


def test_a_connection_that_serves_another_read_by_now_is_left_alone(pair: Pair) -> None:
    connection, there = pair
    first, second, over = Line(), Line(), Line()
    for line in (first, over, second):
        line.take(connection)
    over.leave()

    first.cut()
    over.cut()

    assert is_open(there)
    second.cut()
    assert not is_open(there)


def test_a_connection_in_the_making_has_nothing_to_cut() -> None:
    line = Line()
    line.take(SimpleNamespace(sock=None, line=None))
    line.cut()
    assert line.is_cut and not line.wait(0)
