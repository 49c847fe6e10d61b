"""The body of a request is had whole or refused."""

from __future__ import annotations

import gzip
import io
import zlib
from typing import Any

import pytest

from service.problems import BodyIncomplete, EncodingUnknown, TooLarge
from service.web.body import body_of

LIMIT = 1000


def read(body: bytes, *, chunked: bool = False, encoding: str = "", length: int | None = None) -> bytes:
    environ: dict[str, Any] = {"wsgi.input": io.BytesIO(body)}
    if chunked:
        environ |= {"wsgi.input_terminated": True, "HTTP_TRANSFER_ENCODING": "chunked"}
    else:
        environ["CONTENT_LENGTH"] = str(len(body) if length is None else length)
    if encoding:
        environ["HTTP_CONTENT_ENCODING"] = encoding
    return body_of(environ, limit=LIMIT, timeout_seconds=5)


@pytest.mark.parametrize("chunked", [False, True])
def test_a_body_of_exactly_the_limit_is_read_whole(chunked: bool) -> None:
    assert read(b"a" * LIMIT, chunked=chunked) == b"a" * LIMIT


@pytest.mark.parametrize("chunked", [False, True])
def test_one_byte_over_the_limit_is_refused(chunked: bool) -> None:
    with pytest.raises(TooLarge):
        read(b"a" * (LIMIT + 1), chunked=chunked)


def test_an_announced_length_over_the_limit_is_refused_unread() -> None:
    stream = io.BytesIO(b"a")

    with pytest.raises(TooLarge):
        body_of({"wsgi.input": stream, "CONTENT_LENGTH": "1001"}, limit=LIMIT, timeout_seconds=5)

    assert stream.tell() == 0


def test_nothing_beyond_the_announced_length_is_read() -> None:
    assert read(b"abcdef", length=3) == b"abc"


def test_a_body_shorter_than_announced_is_refused() -> None:
    with pytest.raises(BodyIncomplete):
        read(b"abc", length=4)


@pytest.mark.parametrize("length", ["-1", "1e3", "²", "1 "])
def test_a_length_that_is_no_whole_number_is_refused(length: str) -> None:
    with pytest.raises(BodyIncomplete):
        body_of({"wsgi.input": io.BytesIO(), "CONTENT_LENGTH": length}, limit=LIMIT, timeout_seconds=5)


def test_without_length_and_chunks_there_is_no_body() -> None:
    assert body_of({"wsgi.input": io.BytesIO(b"pipelined")}, limit=LIMIT, timeout_seconds=5) == b""


def test_a_server_that_fails_to_read_the_wire_means_an_incomplete_body() -> None:
    class Broken(io.RawIOBase):
        def read(self, size: int = -1) -> bytes:
            raise OSError("chunk without end")

    with pytest.raises(BodyIncomplete):
        body_of({"wsgi.input": Broken(), "wsgi.input_terminated": True}, limit=LIMIT, timeout_seconds=5)


@pytest.mark.parametrize("encoding", ["gzip", "x-gzip", "GZIP"])
def test_gzip_is_unpacked(encoding: str) -> None:
    assert read(gzip.compress(b"{}"), encoding=encoding) == b"{}"


def test_gzip_of_exactly_the_limit_is_unpacked() -> None:
    assert len(read(gzip.compress(b"a" * LIMIT), encoding="gzip")) == LIMIT


def test_gzip_that_grows_over_the_limit_is_refused() -> None:
    with pytest.raises(TooLarge):
        read(gzip.compress(b"a" * (LIMIT + 1)), encoding="gzip")


def test_a_bomb_is_refused_without_being_inflated(monkeypatch: pytest.MonkeyPatch) -> None:
    inflated: list[int] = []
    real = zlib.decompressobj

    class Watched:
        def __init__(self, bits: int) -> None:
            self.inner = real(bits)

        def decompress(self, raw: bytes, most: int) -> bytes:
            plain = self.inner.decompress(raw, most)
            inflated.append(len(plain))
            return plain

    monkeypatch.setattr(zlib, "decompressobj", Watched)
    with pytest.raises(TooLarge):
        read(gzip.compress(b"\0" * 900_000), encoding="gzip")

    assert inflated == [LIMIT + 1]


@pytest.mark.parametrize(
    "body",
    [
        gzip.compress(b"{}")[:-1],
        gzip.compress(b"{}") + b"x",
        gzip.compress(b"{}") + gzip.compress(b"{}"),
        b"{}",
        b"",
        zlib.compress(b"{}"),
    ],
    ids=["cut", "trailing", "two members", "plain", "empty", "zlib"],
)
def test_what_is_not_one_whole_gzip_stream_is_refused(body: bytes) -> None:
    with pytest.raises(BodyIncomplete):
        read(body, encoding="gzip")


@pytest.mark.parametrize("encoding", ["br", "deflate", "gzip, gzip", "zstd"])
def test_other_encodings_are_refused(encoding: str) -> None:
    with pytest.raises(EncodingUnknown):
        read(b"{}", encoding=encoding)


def test_identity_is_no_encoding() -> None:
    assert read(b"{}", encoding="identity") == b"{}"
