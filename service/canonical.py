"""JSON in one way, sorted keys and UTF-8, so that equal things are equal bytes.

Numbers are finite by the time they come here: every door refuses NaN and Infinity.
"""

from __future__ import annotations

import hashlib
import json
from decimal import Decimal

import orjson


def dumps(document: object) -> bytes:
    """Canonical bytes of a document of plain values; raises TypeError for anything else.

    A Decimal is written as it was read, for the precision of a number in FHIR is part of it.

    >>> dumps({"dose": Decimal("20.00")})
    b'{"dose":20.00}'
    """
    return orjson.dumps(document, default=_as_read, option=orjson.OPT_SORT_KEYS)


def fingerprint(document: object) -> str:
    """SHA-256 over the canonical bytes of a document as it was sent; an exact number counts by its digits."""
    try:
        written = orjson.dumps(document, default=str, option=orjson.OPT_SORT_KEYS)
    except TypeError:  # a whole number of more than 64 bits, which JSON knows
        written = json.dumps(document, default=str, sort_keys=True).encode()
    return hashlib.sha256(written).hexdigest()


def loads(text: bytes | str) -> object:
    """The document in a JSON text; raises ValueError when it is not JSON."""
    return orjson.loads(text)


def _as_read(value: object) -> orjson.Fragment:
    if isinstance(value, Decimal) and value.is_finite():
        return orjson.Fragment(str(value))
    raise TypeError(f"{type(value).__name__} is not a plain value.")
