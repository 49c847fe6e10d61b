"""JSON in one way, sorted keys and UTF-8, so that equal things are equal bytes.

Numbers are finite by the time they come here: every door refuses NaN and Infinity.
"""

from __future__ import annotations

from decimal import Decimal

import orjson


def dumps(document: object) -> bytes:
    """Canonical bytes of a document of plain values; raises TypeError for anything else."""
    return orjson.dumps(document, option=orjson.OPT_SORT_KEYS)


def fingerprint(document: object) -> bytes:
    """Bytes that differ for documents that differ, numbers as they were written; for comparing, not for sending."""
    return orjson.dumps(document, option=orjson.OPT_SORT_KEYS, default=_written)


def _written(value: object) -> dict[str, str]:
    """A Decimal as no document can hold it: no door lets a name with NUL in."""
    if isinstance(value, Decimal):
        return {"\0": str(value)}
    raise TypeError


def loads(text: bytes | str) -> object:
    """The document in a JSON text; raises ValueError when it is not JSON."""
    return orjson.loads(text)
