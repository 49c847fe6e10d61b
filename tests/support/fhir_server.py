"""A FHIR server on this machine that answers as it is told, well or badly, over real sockets.

It records every request it gets. A behaviour is a function that is given the conversation with one
client after its request has been read; unless it says otherwise the connection is kept.
"""

from __future__ import annotations

import json
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

FHIR = "application/fhir+json"
DRIP_SECONDS = 0.02
GIGABYTE = 1_000_000_000
_PIECE = b" " * 1_000_000


@dataclass
class Asked:
    """One request as it came in; ``path`` is the address below the base, such as ``Condition?patient=1``."""

    path: str
    headers: dict[str, str]

    @property
    def kind(self) -> str:
        return self.path.partition("?")[0].partition("/")[0]


@dataclass
class Talk:
    """A request and the connection it is answered on."""

    server: FhirServer
    asked: Asked
    connection: socket.socket

    def send(self, data: bytes) -> None:
        self.connection.sendall(data)
        self.server.bytes_sent += len(data)

    def drip(self, data: bytes) -> None:
        """Byte after byte, each well within any timeout of a single read, until the client has enough."""
        for byte in data:
            self.send(bytes([byte]))
            if self.server.stopping.wait(DRIP_SECONDS):
                return

    def end(self) -> None:
        raise ConnectionAbortedError


Behaviour = Callable[[Talk], None]


@dataclass
class FhirServer:
    """``base`` is its base address. What is not told otherwise it answers well: a patient, and empty searches."""

    tls: ssl.SSLContext | None = None
    behaviours: dict[str, list[Behaviour]] = field(default_factory=dict)
    requests: list[Asked] = field(default_factory=list)
    connections: int = 0
    bytes_sent: int = 0
    stopping: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def base(self) -> str:
        return f"{'https' if self.tls else 'http'}://127.0.0.1:{self.port}/fhir"

    def on(self, kind: str, *behaviours: Behaviour) -> FhirServer:
        """What requests for a resource type get, one after the other; the last one for ever."""
        self.behaviours[kind] = list(behaviours)
        return self

    def paths(self, kind: str = "") -> list[str]:
        return [asked.path for asked in self.requests if not kind or asked.kind == kind]

    def stop(self) -> None:
        self.stopping.set()
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, plain: socket.socket) -> None:
        with suppress(OSError, ValueError, IndexError):  # the client has gone, or never spoke HTTP
            try:
                connection = self.tls.wrap_socket(plain, server_side=True) if self.tls else plain
                stream = connection.makefile("rb")
                while line := stream.readline():
                    asked = Asked(line.split()[1].decode().removeprefix("/fhir").lstrip("/"), _headers(stream))
                    self.requests.append(asked)
                    self._behaviour(asked.kind)(Talk(self, asked, connection))
            finally:
                for one in (plain, locals().get("connection", plain)):
                    with suppress(OSError):
                        one.shutdown(socket.SHUT_RDWR)
                    one.close()

    def _behaviour(self, kind: str) -> Behaviour:
        told = self.behaviours.get(kind)
        if not told:
            return says({"resourceType": "Patient", "id": "1"} if kind == "Patient" else searchset())
        return told.pop(0) if len(told) > 1 else told[0]


def _headers(stream: Any) -> dict[str, str]:
    found = {}
    while (line := stream.readline().strip()) != b"":
        name, _, value = line.decode().partition(":")
        found[name.lower()] = value.strip()
    return found


@contextmanager
def fhir_server(**told: Any) -> Iterator[FhirServer]:
    server = FhirServer(**told)
    try:
        yield server
    finally:
        server.stop()


# --- good behaviour ----------------------------------------------------------------------------


def searchset(*resources: dict[str, Any], next: str = "", **others: Any) -> dict[str, Any]:
    links = {"link": [{"relation": "next", "url": next}]} if next else {}
    entry = {"entry": [{"resource": resource} for resource in resources]} if resources else {}
    return {"resourceType": "Bundle", "type": "searchset", **entry, **links, **others}


def says(document: Any, status: int = 200, media_type: str = f"{FHIR};charset=utf-8", **headers: str) -> Behaviour:
    """Answers with a document, or with bytes as they are."""
    body = document if isinstance(document, bytes) else json.dumps(document).encode()

    def behave(talk: Talk) -> None:
        talk.send(_head(status, len(body), media_type, headers) + body)

    return behave


def pages(*answers: dict[str, Any]) -> Behaviour:
    """Answers page by page, by the number in ``page=``; the first when there is none."""

    def behave(talk: Talk) -> None:
        number = int(talk.asked.path.rpartition("page=")[2]) if "page=" in talk.asked.path else 1
        says(answers[number - 1])(talk)

    return behave


def _head(status: int, length: int | None, media_type: str, headers: dict[str, str]) -> bytes:
    lines = [f"HTTP/1.1 {status} Told", f"Content-Type: {media_type}"]
    lines += [] if length is None else [f"Content-Length: {length}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode()


HEAD = _head(200, None, FHIR, {})
OK = json.dumps(searchset()).encode()


# --- bad behaviour -----------------------------------------------------------------------------


def hangs(talk: Talk) -> None:
    """Takes the request and says nothing."""
    talk.server.stopping.wait(60)


def drips_headers(talk: Talk) -> None:
    talk.drip(b"HTTP/1.1 200 OK\r\n" + b"X-Slow: yes\r\n" * 1000)


def drips_interim_answers(talk: Talk) -> None:
    talk.drip(b"HTTP/1.1 100 Continue\r\n\r\n" * 1000)


def drips_body(talk: Talk) -> None:
    talk.send(_head(200, 100_000, FHIR, {}))
    talk.drip(b" " * 100_000)


def breaks_off(talk: Talk) -> None:
    """Announces more than it sends, and closes."""
    talk.send(_head(200, len(OK) + 10, FHIR, {}) + OK)
    talk.end()


def breaks_off_in_a_chunk(talk: Talk) -> None:
    talk.send(_head(200, None, FHIR, {"Transfer-Encoding": "chunked"}) + b"%x\r\n" % (len(OK) + 10) + OK)
    talk.end()


def promises_more(talk: Talk) -> None:
    """Announces more than it sends, and keeps the connection."""
    talk.send(_head(200, len(OK) + 10, FHIR, {}) + OK)
    hangs(talk)


def promises_less(talk: Talk) -> None:
    talk.send(_head(200, len(OK) - 10, FHIR, {}) + OK)
    talk.end()


def ends_with_its_connection(talk: Talk) -> None:
    """The old way, without a length: legal, and indistinguishable from a body that broke off."""
    talk.send(HEAD.replace(b"HTTP/1.1", b"HTTP/1.0") + OK)
    talk.end()


def closes(talk: Talk) -> None:
    talk.end()


def sends_a_gigabyte(talk: Talk) -> None:
    talk.send(_head(200, GIGABYTE, FHIR, {}))
    for _ in range(GIGABYTE // len(_PIECE)):
        talk.send(_PIECE)


def sends_a_gigabyte_without_a_length(talk: Talk) -> None:
    talk.send(HEAD.replace(b"HTTP/1.1", b"HTTP/1.0"))
    for _ in range(GIGABYTE // len(_PIECE)):
        talk.send(_PIECE)
    talk.end()


def sends_a_gigabyte_in_chunks(talk: Talk) -> None:
    talk.send(_head(200, None, FHIR, {"Transfer-Encoding": "chunked"}))
    for _ in range(GIGABYTE // len(_PIECE)):
        talk.send(b"%x\r\n%s\r\n" % (len(_PIECE), _PIECE))


def sends_an_endless_size_of_a_chunk(talk: Talk) -> None:
    talk.send(_head(200, None, FHIR, {"Transfer-Encoding": "chunked"}))
    for _ in range(GIGABYTE // len(_PIECE)):
        talk.send(b"0" * len(_PIECE))


def sends_endless_headers(talk: Talk) -> None:
    talk.send(b"HTTP/1.1 200 OK\r\n")
    for _ in range(GIGABYTE // len(_PIECE)):
        talk.send(b"X-More: " + _PIECE + b"\r\n")


def redirects_to(address: str, body: Behaviour | None = None) -> Behaviour:
    def behave(talk: Talk) -> None:
        if body is None:
            says({}, 302, Location=address)(talk)
        else:
            talk.send(_head(302, GIGABYTE, FHIR, {"Location": address}))
            body(talk)

    return behave


def pages_without_end(talk: Talk) -> None:
    """Each page has a next page with an address of its own."""
    here, _, number = talk.asked.path.partition("&page=")
    resource = {"resourceType": talk.asked.kind, "id": f"r{number}"}
    says(searchset(resource, next=f"{talk.server.base}/{here}&page={int(number or 1) + 1}"))(talk)


@contextmanager
def port_that_never_answers() -> Iterator[int]:
    """A port whose queue of connections is full: to connect takes for ever."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        port: int = listener.getsockname()[1]
        waiting = []
        for _ in range(4):
            one = socket.socket()
            one.setblocking(False)
            with suppress(BlockingIOError):
                one.connect(("127.0.0.1", port))
            waiting.append(one)
        time.sleep(0.05)
        try:
            yield port
        finally:
            for one in waiting:
                one.close()
