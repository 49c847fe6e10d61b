"""Moments as clients write them (RFC 3339), in the one way in which headers write them."""

from __future__ import annotations

import re
from datetime import date, datetime

from service.house import written

_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
IN_EVERY_ZONE = "(?!0000|0001-01-01|9999-12-31)"
"""The calendar without its first and last day, which may have no UTC."""
_MOMENT = re.compile(
    IN_EVERY_ZONE + r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)", re.IGNORECASE | re.ASCII
)
_LEAP = re.compile(r":60(\.\d+)?(?=[Z+-])")


def moment_in(text: object) -> str:
    """A moment with its offset, in UTC to the microsecond. Raises ValueError.

    A leap second is the last moment of its minute.
    """
    if not isinstance(text, str) or not _MOMENT.fullmatch(text):
        raise ValueError
    return written(datetime.fromisoformat(_LEAP.sub(":59.999999", text.upper())))


def day_or_moment_in(text: str) -> str:
    """A day as it is, or a moment in UTC. Raises ValueError."""
    return date.fromisoformat(text).isoformat() if _DAY.fullmatch(text) else moment_in(text)
