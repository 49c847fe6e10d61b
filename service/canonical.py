"""JSON in one way, sorted keys and UTF-8, so that equal things are equal bytes.

Numbers are finite by the time they come here: every door refuses NaN and Infinity.
"""

from __future__ import annotations

import hashlib

import orjson


def dumps(document: object) -> bytes:
    """Canonical bytes of a document of plain values; raises TypeError for anything else."""
    return orjson.dumps(document, option=orjson.OPT_SORT_KEYS)


def fingerprint(document: object) -> str:
    """SHA-256 over the canonical bytes of a document as it was sent; an exact number counts by its digits."""
    return hashlib.sha256(orjson.dumps(document, default=str, option=orjson.OPT_SORT_KEYS)).hexdigest()


def loads(text: bytes | str) -> object:
    """The document in a JSON text; raises ValueError when it is not JSON."""
    return orjson.loads(text)
