"""JSON in one way, sorted keys and UTF-8, so that equal things are equal bytes.

Numbers are finite by the time they come here: every door refuses NaN and Infinity.
"""

from __future__ import annotations

import orjson


def dumps(document: object) -> bytes:
    """Canonical bytes of a document of plain values; raises TypeError for anything else."""
    return orjson.dumps(document, option=orjson.OPT_SORT_KEYS)


def loads(text: bytes | str) -> object:
    """The document in a JSON text; raises ValueError when it is not JSON."""
    return orjson.loads(text)
