"""When something was: FHIR dates as the span of days they leave open.

``2020`` is any day of that year. One moment is before another only when every day it may mean is.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any

_DATE = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2})(T.+)?)?)?")


@dataclass(frozen=True, kw_only=True)
class Moment:
    """From ``first`` to ``last``, both included; ``instant`` when the time of day is known."""

    first: date
    last: date
    instant: datetime | None = None
    text: str = ""

    @property
    def day(self) -> date | None:
        """The one day it means, or None when it may be several."""
        return self.first if self.first == self.last else None

    def is_before(self, other: Moment) -> bool:
        if self.instant is not None and other.instant is not None:
            return self.instant < other.instant
        return self.last < other.first


@lru_cache(maxsize=4096)
def _parsed(text: str) -> Moment | None:
    match = _DATE.fullmatch(text)
    if match is None:
        return None
    year, month, day, time = match.groups()
    try:
        first = date(int(year), int(month or 1), int(day or 1))
        if not month:
            last = date(first.year, 12, 31)
        else:
            last = first if day else date(first.year, first.month, monthrange(first.year, first.month)[1])
    except ValueError:
        return None
    return Moment(first=first, last=last, instant=_instant(text) if time else None, text=text)


def _instant(text: str) -> datetime | None:
    """The instant of a time with a zone; a time that is none, such as 24:00, leaves the day."""
    try:
        at = datetime.fromisoformat(text)
        return at.astimezone(UTC) if at.tzinfo else None
    except (ValueError, OverflowError):
        return None


def moment(value: object) -> Moment | None:
    """The moment of a date, dateTime or instant; None when it is absent or unreadable."""
    return _parsed(value) if isinstance(value, str) else None


def bounds(period: object) -> tuple[Moment | None, Moment | None]:
    """The start and the end of a Period."""
    if not isinstance(period, dict):
        return None, None
    return moment(period.get("start")), moment(period.get("end"))


def timing_bounds(timing: object) -> tuple[Moment | None, Moment | None]:
    """The first and the last moment a Timing names: its bounds, else its events."""
    if not isinstance(timing, dict):
        return None, None
    repeat = timing.get("repeat")
    if isinstance(repeat, dict) and "boundsPeriod" in repeat:
        return bounds(repeat["boundsPeriod"])
    events = timing.get("event")
    found = sorted(
        (at for event in (events if isinstance(events, list) else []) if (at := moment(event)) is not None),
        key=lambda at: (at.first, at.last),
    )
    return (found[0], found[-1]) if found else (None, None)


def observed(resource: Mapping[str, Any]) -> tuple[Moment | None, str]:
    """When an observation was true, and the element that says so; the end of a period counts."""
    for element in ("effectiveDateTime", "effectiveInstant", "issued"):
        if (at := moment(resource.get(element))) is not None:
            return at, element
        if element == "effectiveInstant" and "effectivePeriod" in resource:
            start, end = bounds(resource["effectivePeriod"])
            if end is not None or start is not None:
                return end or start, "effectivePeriod"
    return None, ""
