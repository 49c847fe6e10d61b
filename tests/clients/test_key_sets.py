"""Fetching a key set over a real socket: what is taken, what is refused, and that nothing can hold it up."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager

import pytest

from service.clients import key_sets as key_sets
from service.clients.key_sets import LONGEST_BODY, KeySetUnavailable, fetcher
from tests.support.tokens import ec_key, public

BODY = json.dumps({"keys": [public(ec_key())]}).encode()


@contextmanager
def server(talk: Callable[[socket.socket], None]) -> Iterator[tuple[str, list[int]]]:
    """Answers each connection with what ``talk`` writes; counts the connections."""
    connections: list[int] = []
    with closing(socket.create_server(("127.0.0.1", 0))) as listening:

        def accept() -> None:
            while True:
                try:
                    connection, _ = listening.accept()
                except OSError:
                    return
                connections.append(1)
                with connection:
                    connection.settimeout(5)
                    try:
                        connection.recv(65536)
                        talk(connection)
                    except OSError:
                        pass

        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/jwks.json", connections
        listening.shutdown(socket.SHUT_RDWR)
    thread.join(6)


def answer(body: bytes, status: str = "200 OK", *headers: str) -> Callable[[socket.socket], None]:
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", "Connection: close", *headers, "", ""]
    return lambda connection: connection.sendall("\r\n".join(lines).encode() + body)


def test_a_key_set_is_taken_with_the_life_it_says() -> None:
    with server(answer(BODY, "200 OK", "Cache-Control: public, max-age=600")) as (address, _):
        fetched = fetcher()(address)

    assert [key["kid"] for key in fetched.keys] == ["k1"]
    assert fetched.life_seconds == 600


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ("", 300),
        ("max-age=1", 30),
        ("max-age=30", 30),
        ("max-age=3600", 3600),
        ("max-age=999999", 3600),
        ("no-store", 0),
    ],
)
def test_the_life_of_a_key_set_has_limits(said: str, seconds: float) -> None:
    with server(answer(BODY, "200 OK", f"Cache-Control: {said}")) as (address, _):
        assert fetcher()(address).life_seconds == seconds


@pytest.mark.parametrize(
    ("talk", "reason"),
    [
        (answer(b"<html></html>"), "not-a-key-set"),
        (answer(b"[]"), "not-a-key-set"),
        (answer(b'{"keys": [1]}'), "not-a-key-set"),
        (answer(json.dumps({"keys": [{}] * 101}).encode()), "not-a-key-set"),
        (answer(b'{"keys": ' + b"[" * 50 + b"]" * 50 + b"}"), "not-a-key-set"),
        (answer(b" " * (LONGEST_BODY + 1)), "too-large"),
        (answer(b"", "500 Internal Server Error"), "refused"),
        (answer(b"", "404 Not Found"), "refused"),
        (lambda connection: None, "unreachable"),
    ],
    ids=["html", "list", "numbers", "too many", "too deep", "too large", "500", "404", "hangs up"],
)
def test_what_is_no_key_set_is_told_by_a_word(talk: Callable[[socket.socket], None], reason: str) -> None:
    with server(talk) as (address, _), pytest.raises(KeySetUnavailable) as unavailable:
        fetcher()(address)

    assert str(unavailable.value) == reason


def test_a_redirect_is_not_followed() -> None:
    with (
        server(answer(BODY)) as (elsewhere, asked),
        server(answer(b"", "302 Found", f"Location: {elsewhere}")) as (address, _),
    ):
        with pytest.raises(KeySetUnavailable, match="refused"):
            fetcher()(address)
        assert asked == []


def test_a_body_that_trickles_ends_with_the_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(key_sets, "FETCH_SECONDS", 0.3)
    stop = threading.Event()

    def trickle(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 60000\r\n\r\n")
        while not stop.wait(0.05):
            connection.sendall(b" ")

    with server(trickle) as (address, _):
        with pytest.raises(KeySetUnavailable, match="timeout"):
            fetcher()(address)
        stop.set()
