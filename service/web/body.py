"""The body of a request, whole or not at all: within a size, a time and the two encodings there are.

The limits of the framework are not used: for a chunked body they cut it short without a word, and
a bundle that lost its end would be assessed as if it were whole.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from service.problems import BodyIncomplete, BodyTooSlow, EncodingUnknown, TooLarge
from service.web.deadlines import Deadline

_STEP = 64 * 1024
_GZIP = 16 + zlib.MAX_WBITS


def body_of(environ: Mapping[str, Any], *, limit: int, timeout_seconds: float) -> bytes:
    """The decoded body of a WSGI request, at most ``limit`` bytes before and after decompression.

    Raises TooLarge, BodyIncomplete, BodyTooSlow or EncodingUnknown.
    """
    encoding = str(environ.get("HTTP_CONTENT_ENCODING", "")).strip().lower()
    if encoding not in ("", "identity", "gzip", "x-gzip"):
        raise EncodingUnknown()
    raw = _raw(environ, limit, timeout_seconds)
    return _unzipped(raw, limit) if encoding.endswith("gzip") else raw


def _raw(environ: Mapping[str, Any], limit: int, timeout_seconds: float) -> bytes:
    announced = _announced_length(environ)
    if announced is None and not environ.get("wsgi.input_terminated"):
        return b""  # neither a length nor chunks: there is no body
    if announced is not None and announced > limit:
        raise _too_large(limit)
    with Deadline(environ.get("gunicorn.socket"), timeout_seconds) as deadline:
        received = _received(environ["wsgi.input"], announced, limit, deadline)
    if announced is not None and len(received) < announced:
        raise BodyIncomplete()
    return received


def _announced_length(environ: Mapping[str, Any]) -> int | None:
    text = environ.get("CONTENT_LENGTH") or ""
    if environ.get("HTTP_TRANSFER_ENCODING") or not text:
        return None
    if not text.isascii() or not text.isdigit():
        raise BodyIncomplete("Content-Length must be a whole number.")
    return int(text)


def _received(stream: Any, announced: int | None, limit: int, deadline: Deadline) -> bytes:
    received = bytearray()
    most = limit + 1 if announced is None else announced
    while announced is None or len(received) < announced:
        with _as_incomplete(deadline):
            piece = stream.read(min(_STEP, most - len(received)))
        if deadline.has_passed:
            raise BodyTooSlow()
        received += piece
        if len(received) > limit:
            raise _too_large(limit)
        if not piece:
            break
    return bytes(received)


@contextmanager
def _as_incomplete(deadline: Deadline) -> Iterator[None]:
    """Whatever the server raises while it reads the wire: the body did not arrive whole."""
    try:
        yield
    except Exception as fault:
        raise (BodyTooSlow() if deadline.has_passed else BodyIncomplete()) from fault


def _unzipped(raw: bytes, limit: int) -> bytes:
    """One gzip member, never inflated beyond the limit."""
    inflater = zlib.decompressobj(_GZIP)
    try:
        plain = inflater.decompress(raw, limit + 1)
    except zlib.error:
        raise BodyIncomplete("The body is not gzip, although Content-Encoding says so.") from None
    if len(plain) > limit:
        raise _too_large(limit)
    if not inflater.eof or inflater.unused_data:
        raise BodyIncomplete("The body is not one whole gzip stream.")
    return plain


def _too_large(limit: int) -> TooLarge:
    return TooLarge(f"The body is larger than the {limit} bytes this service accepts; send less at a time.")
