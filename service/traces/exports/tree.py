"""The Merkle tree with the leaves of an export in it, and of everything else only what leads to the root. Pure.

What lies between two records of an export is told by the roots of the fullest subtrees it is made
of: a few hashes, however many records they stand for. With them a reader who has but the export
comes to the root that was signed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from service.traces.merkle import EMPTY_ROOT, HASH_BYTES, node_of


@dataclass(frozen=True, kw_only=True)
class Subtree:
    """A full subtree by its root: ``records`` leaves, a power of two, from the record ``first`` on."""

    first: int
    records: int
    root: bytes


class TreeError(ValueError):
    """Subtrees that do not follow one another as those of a tree do."""


class Pruned:
    """A tree that is put together from its left to its right, leaf by leaf or by whole subtrees."""

    def __init__(self, after: int = 0) -> None:
        """``after`` is how many leaves stand to the left, and are not part of what is put together."""
        self.size = after
        self._peaks: list[Subtree] = []

    def add(self, root: bytes, records: int = 1) -> None:
        """Raises TreeError for what cannot stand here."""
        if records < 1 or records & (records - 1) or self.size % records or len(root) != HASH_BYTES:
            raise TreeError("A subtree has a power of two of leaves, and begins at a multiple of them.")
        peak = Subtree(first=self.size + 1, records=records, root=root)
        self.size += records
        while self._peaks and self._are_siblings(left := self._peaks[-1], peak):
            self._peaks.pop()
            peak = Subtree(first=left.first, records=2 * left.records, root=node_of(left.root, peak.root))
        self._peaks.append(peak)

    @staticmethod
    def _are_siblings(left: Subtree, right: Subtree) -> bool:
        return left.records == right.records and (left.first - 1) % (2 * left.records) == 0

    def taken(self) -> Iterator[Subtree]:
        """The subtrees there are; afterwards there are none, and the next leaf follows where they ended."""
        peaks, self._peaks = self._peaks, []
        yield from peaks

    @property
    def root(self) -> bytes:
        """Of the whole tree, when it was put together from the first leaf on."""
        if not self._peaks:
            return EMPTY_ROOT
        root = self._peaks[-1].root
        for peak in reversed(self._peaks[:-1]):
            root = node_of(peak.root, root)
        return root
