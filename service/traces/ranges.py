"""Many whole numbers as few ranges, as an erasure lists the records it emptied."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence


def ranges_of(numbers: Iterable[int]) -> list[list[int]]:
    """First and last of each run, in order.

    >>> ranges_of([7, 3, 4, 5])
    [[3, 5], [7, 7]]
    """
    found: list[list[int]] = []
    for number in sorted(set(numbers)):
        if found and number == found[-1][1] + 1:
            found[-1][1] = number
        else:
            found.append([number, number])
    return found


class Ranges:
    """Ranges gathered from several lists; asked whether a number is in one of them."""

    def __init__(self) -> None:
        self._ranges: list[tuple[int, int]] = []
        self._merged: list[tuple[int, int]] | None = None

    def add(self, ranges: Sequence[Sequence[int]]) -> None:
        """Raises ValueError or TypeError when these are no ranges."""
        self._ranges += [(int(first), int(last)) for first, last in ranges]
        self._merged = None

    def __contains__(self, number: int) -> bool:
        if self._merged is None:
            self._merged = _merged(self._ranges)
        place = bisect_right(self._merged, (number, float("inf"))) - 1
        return place >= 0 and number <= self._merged[place][1]


def _merged(ranges: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for first, last in sorted(ranges):
        if merged and first <= merged[-1][1] + 1:
            merged[-1] = merged[-1][0], max(last, merged[-1][1])
        else:
            merged.append((first, last))
    return merged
