"""Ids that sort by the time they were made (UUID version 7), from a time and chance given to them."""

from __future__ import annotations

import uuid
from datetime import datetime


def uuid7(at: datetime, chance: bytes) -> str:
    """The id for a moment; ``chance`` is ten random bytes, of which 74 bits are used.

    >>> from datetime import UTC
    >>> uuid7(datetime(2026, 1, 31, tzinfo=UTC), bytes(10))
    '019c1159-7000-7000-8000-000000000000'
    """
    milliseconds = int(at.timestamp() * 1000)
    bits = int.from_bytes(chance[:10], "big")
    value = milliseconds << 80 | 0x7 << 76 | (bits >> 62 & 0xFFF) << 64 | 0b10 << 62 | bits & ((1 << 62) - 1)
    return str(uuid.UUID(int=value))
