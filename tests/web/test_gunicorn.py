"""The service as it runs: gunicorn, real sockets, and clients that misbehave."""

from __future__ import annotations

import gzip
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import pytest

from tests.support.heard import hear
from tests.web.conftest import SECRET

LIMIT = 100_000
PATIENT = b'{"resourceType": "Patient", "id": "1", "name": [{"family": "Testcase"}]}'
DEADLINE_SECONDS = 1.0


class Server:
    def __init__(self, port: int, process: subprocess.Popen[bytes], log: Path) -> None:
        self.port, self.process, self.log = port, process, log

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=20)

    def send(self, head: str, *pieces: bytes, pause: float = 0) -> tuple[int, dict[str, str], bytes]:
        """One request as given, piece by piece; the status, headers and body of its answer."""
        with self.connect() as connection:
            connection.sendall(head.replace("\n", "\r\n").encode() + b"\r\n")
            for piece in pieces:
                try:
                    connection.sendall(piece)
                except (BrokenPipeError, ConnectionResetError):
                    break  # the server has already answered
                time.sleep(pause)
            return answer_on(connection.makefile("rb"))

    def post(self, body: bytes, headers: str = "", path: str = "/evaluate") -> tuple[int, dict[str, str], bytes]:
        head = f"POST {path} HTTP/1.1\nHost: localhost\nContent-Type: application/json\n{headers}"
        return self.send(f"{head}Content-Length: {len(body)}\n", body)

    def post_chunked(self, *pieces: bytes, headers: str = "", end: bytes = b"0\r\n\r\n") -> int:
        head = f"POST /evaluate HTTP/1.1\nHost: localhost\nContent-Type: application/json\n{headers}"
        chunks = [b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces]
        return self.send(f"{head}Transfer-Encoding: chunked\n", *chunks, end)[0]

    def is_alive(self) -> bool:
        return self.send("GET /healthz HTTP/1.1\nHost: localhost\n")[0] == 200


def answer_on(stream: IO[bytes]) -> tuple[int, dict[str, str], bytes]:
    status = int(stream.readline().split()[1])
    headers = {}
    while line := stream.readline().strip():
        name, _, value = line.decode().partition(":")
        headers[name.lower()] = value.strip()
    return status, headers, stream.read(int(headers.get("content-length", 0)))


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    limits = {"OSTEON_BODY_LIMIT_BUNDLE": str(LIMIT), "OSTEON_BODY_TIMEOUT_SECONDS": str(DEADLINE_SECONDS)}
    with serving(tmp_path_factory.mktemp("served"), **limits) as running:
        yield running


@contextmanager
def serving(folder: Path, **settings: str) -> Iterator[Server]:
    """The service under gunicorn with one worker, and a store and a log of its own in a folder."""
    port = free_port()
    ours = {
        "OSTEON_BIND": f"127.0.0.1:{port}",
        "OSTEON_DATABASE_URL": f"sqlite:///{folder}/traces.db",
        "OSTEON_PATIENT_KEY_SECRET": SECRET,
        "OSTEON_WORKERS": "1",
        "OSTEON_GRACEFUL_TIMEOUT_SECONDS": "5",
        **settings,
    }
    others = {name: value for name, value in os.environ.items() if not name.upper().startswith("OSTEON_")}
    log = folder / "log"
    with log.open("wb") as sink:
        process = subprocess.Popen(
            [sys.executable, "-m", "service.cli", "serve"],
            env={**others, **ours, "HOME": str(folder)},
            stderr=sink,
            stdout=sink,
        )
    running = Server(port, process, log)
    try:
        wait_until_ready(running)
        yield running
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        hear(log.read_text(errors="replace"))


def wait_until_ready(server: Server) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until and server.process.poll() is None:
        try:
            if server.send("GET /readyz HTTP/1.1\nHost: localhost\n")[0] == 200:
                return
        except (OSError, IndexError):
            time.sleep(0.1)
    raise AssertionError(f"The service did not become ready: {server.log.read_text()[-2000:]}")


def padded(size: int) -> bytes:
    return PATIENT.ljust(size)


def test_a_bundle_is_answered(server: Server) -> None:
    status, headers, body = server.post(PATIENT)
    assert status == 200 and headers["content-type"] == "application/json"
    assert len(json.loads(body)["results"]) == 1


@pytest.mark.parametrize("size, status", [(LIMIT, 200), (LIMIT + 1, 413)])
def test_the_limit_holds_for_a_body_of_known_length(server: Server, size: int, status: int) -> None:
    assert server.post(padded(size))[0] == status


@pytest.mark.parametrize("size, status", [(LIMIT, 200), (LIMIT + 1, 413)])
def test_the_limit_holds_for_chunks(server: Server, size: int, status: int) -> None:
    body = padded(size)
    assert server.post_chunked(*[body[at : at + 7000] for at in range(0, size, 7000)]) == status


def test_a_body_far_over_the_limit_is_never_cut_short_and_accepted(server: Server) -> None:
    assert server.post_chunked(*[b" " * 65_536] * 300) == 413
    assert server.post(b" " * 20_000_000)[0] == 413
    assert server.is_alive()


def test_gzip_is_taken_plain_and_in_chunks(server: Server) -> None:
    packed = gzip.compress(PATIENT)
    assert server.post(packed, "Content-Encoding: gzip\n")[0] == 200
    assert server.post_chunked(packed[:20], packed[20:], headers="Content-Encoding: gzip\n") == 200


def test_a_bomb_a_cut_stream_and_another_encoding_are_refused(server: Server) -> None:
    bomb = gzip.compress(b" " * 60_000_000)
    assert len(bomb) < LIMIT
    assert server.post(bomb, "Content-Encoding: gzip\n")[0] == 413
    assert server.post(gzip.compress(PATIENT)[:-4], "Content-Encoding: gzip\n")[0] == 400
    assert server.post(PATIENT, "Content-Encoding: br\n")[0] == 415


@pytest.mark.parametrize("end", [b"zz\r\n", b"5\r\nabc\r\n0\r\n\r\n"])
def test_broken_chunks_are_refused(server: Server, end: bytes) -> None:
    assert server.post_chunked(PATIENT, end=end) == 400


def test_a_client_that_stops_half_way_is_told_so(server: Server) -> None:
    with server.connect() as connection:
        connection.sendall(
            b"POST /evaluate HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            b"Content-Length: 1000\r\n\r\n" + PATIENT
        )
        connection.shutdown(socket.SHUT_WR)
        assert answer_on(connection.makefile("rb"))[0] == 400


def test_a_body_that_trickles_is_ended_at_the_deadline(server: Server) -> None:
    """Each byte comes well within any timeout of a single read."""
    with server.connect() as connection:
        connection.sendall(
            b"POST /evaluate HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            b"Content-Length: 1000\r\n\r\n"
        )
        started = time.monotonic()
        connection.settimeout(0.1)
        answer = b""
        while not answer and time.monotonic() - started < 10:
            try:
                connection.sendall(b" ")
                answer = connection.recv(4096)
            except TimeoutError:
                continue
        assert answer.startswith(b"HTTP/1.1 408")
        assert DEADLINE_SECONDS * 0.9 < time.monotonic() - started < DEADLINE_SECONDS * 3


def test_slow_clients_do_not_keep_a_good_one_waiting_for_long(server: Server) -> None:
    head = b"POST /evaluate HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n"
    slow = [server.connect() for _ in range(8)]
    try:
        for connection in slow:
            connection.sendall(head)
        started = time.monotonic()
        assert server.post(PATIENT)[0] == 200
        assert time.monotonic() - started < DEADLINE_SECONDS * 5
        assert {answer_on(connection.makefile("rb"))[0] for connection in slow} == {408}
    finally:
        for connection in slow:
            connection.close()


def test_a_connection_is_used_again_after_a_refusal(server: Server) -> None:
    with server.connect() as connection:
        stream = connection.makefile("rb")
        for body, expected in ((b"{", 400), (PATIENT, 200)):
            connection.sendall(
                b"POST /evaluate HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                b"Content-Length: %d\r\n\r\n" % len(body) + body
            )
            assert answer_on(stream)[0] == expected


@pytest.mark.parametrize("depth, status", [(65, 422), (1_000, 422), (40_000, 422)])
def test_depth_is_refused_without_an_error_of_recursion(server: Server, depth: int, status: int) -> None:
    assert server.post(b"[" * depth + b"]" * depth)[0] == status


def test_a_request_without_a_host_or_with_another_is_refused(server: Server) -> None:
    assert server.send("GET /traces HTTP/1.1\nHost: rebound.example.org\n")[0] == 400
    assert server.send("GET /traces HTTP/1.0\n")[0] == 400


@pytest.mark.parametrize(
    "head",
    [
        f"GET /healthz?{'x' * 4_094} HTTP/1.1\nHost: localhost\n",
        f"GET /healthz HTTP/1.1\nHost: localhost\nX-Long: {'x' * 8_190}\n",
        f"GET /healthz HTTP/1.1\nHost: localhost\n{''.join(f'X-{number}: x{chr(10)}' for number in range(100))}",
        "GET /healthz HTTP/9.9\nHost: localhost\n",
        "Testcase\n",
    ],
    ids=["a long address", "a long header", "many headers", "another version", "no request"],
)
def test_a_head_beyond_the_limits_is_refused_with_an_outcome_that_quotes_nothing(server: Server, head: str) -> None:
    status, headers, body = server.send(head)

    assert 400 <= status < 500
    assert json.loads(body)["resourceType"] == "OperationOutcome"
    assert b"xxx" not in body and b"Testcase" not in body
    assert (headers["cache-control"], headers["x-content-type-options"]) == ("no-store", "nosniff")


def test_a_head_within_the_limits_is_answered_without_telling_which_release_of_what_answers(server: Server) -> None:
    many = "".join(f"X-{number}: {'x' * 50}\n" for number in range(90))
    status, headers, _ = server.send(f"GET /healthz?{'x' * 4_000} HTTP/1.1\nHost: localhost\n{many}")

    assert status == 200
    assert not [
        value for name, value in headers.items() if name in ("server", "x-powered-by", "via") if re.search(r"\d", value)
    ]


def test_nothing_of_a_patient_or_an_address_is_in_the_log(server: Server) -> None:
    server.post(PATIENT, path="/evaluate?evaluationDate=Testcase")
    server.send("GET /Testcase HTTP/1.1\nHost: localhost\n")
    server.send("GET /Test case HTTP/1.1\nHost: localhost\n")

    told = server.log.read_text()
    assert "Testcase" not in told and "Test case" not in told
    lines = [json.loads(line) for line in told.splitlines() if line.startswith("{")]
    assert {"listening", "request"} <= {line["event"] for line in lines}
    assert len(lines) == len(told.splitlines()) - 1, "all but the greeting is structured"


def test_no_control_socket_is_opened(server: Server) -> None:
    assert not list(server.log.parent.rglob("*.ctl"))


def test_a_stop_lets_the_request_under_way_finish(server: Server) -> None:
    """The last test of this module: it ends the server."""
    with server.connect() as connection:
        connection.sendall(
            b"POST /evaluate HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            b"Content-Length: %d\r\n\r\n" % len(PATIENT)
        )
        time.sleep(0.3)
        server.process.send_signal(signal.SIGTERM)
        time.sleep(0.3)
        connection.sendall(PATIENT)
        assert answer_on(connection.makefile("rb"))[0] == 200
    assert server.process.wait(20) == 0
