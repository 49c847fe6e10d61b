"""The Merkle tree of RFC 6962 (section 2.1; the same in RFC 9162) over the headers of the chain.

A leaf is the hash of a zero byte and the header, a node of a one byte and its two children. Proofs
are lists of hashes, from the leaf upwards. Pure.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from hashlib import sha256

HASH_BYTES = 32
EMPTY_ROOT = hashlib.sha256(b"").digest()


def leaf_of(content: bytes) -> bytes:
    return sha256(b"\x00" + content).digest()


def node_of(left: bytes, right: bytes) -> bytes:
    return sha256(b"\x01" + left + right).digest()


class Frontier:
    """The first ``size`` leaves in the least that is needed to go on: the roots of their full subtrees.

    There is one for each bit of the size, the largest subtree first, so a million leaves are twenty
    hashes at most, and a leaf is added in one step or two.
    """

    def __init__(self, size: int = 0, peaks: bytes = b"") -> None:
        """``peaks`` as ``packed`` gave them; raises ValueError when they are not of that size."""
        if len(peaks) != size.bit_count() * HASH_BYTES:
            raise ValueError(f"A frontier of {size} leaves has {size.bit_count()} hashes.")
        self.size = size
        self._peaks = [peaks[place : place + HASH_BYTES] for place in range(0, len(peaks), HASH_BYTES)]

    @property
    def packed(self) -> bytes:
        return b"".join(self._peaks)

    def extend(self, leaves: Iterable[bytes]) -> None:
        size, peaks = self.size, self._peaks
        for leaf in leaves:
            last, merged = leaf, size
            while merged & 1:  # each full subtree of the same size joins
                last = sha256(b"\x01" + peaks.pop() + last).digest()
                merged >>= 1
            peaks.append(last)
            size += 1
        self.size = size

    @property
    def root(self) -> bytes:
        if not self._peaks:
            return EMPTY_ROOT
        root = self._peaks[-1]
        for peak in reversed(self._peaks[:-1]):
            root = node_of(peak, root)
        return root


def root_of(leaves: Sequence[bytes]) -> bytes:
    """The root over leaf hashes."""
    level = list(leaves)
    while len(level) > 1:
        level = _level_above(level)
    return level[0] if level else EMPTY_ROOT


def inclusion_proof(leaves: Sequence[bytes], index: int) -> list[bytes]:
    """What leads from one leaf (the first is 0) to the root; raises ValueError when there is no such leaf."""
    if not 0 <= index < len(leaves):
        raise ValueError(f"There are {len(leaves)} leaves, counted from 0.")
    proof, level = [], list(leaves)
    while len(level) > 1:
        if index ^ 1 < len(level):  # the last of an odd level has no sibling
            proof.append(level[index ^ 1])
        level, index = _level_above(level), index >> 1
    return proof


def consistency_proof(leaves: Sequence[bytes], old_size: int) -> list[bytes]:
    """What shows that the first leaves have not changed since there were ``old_size`` of them.

    Raises ValueError unless there was at least one, and no more than there are.
    """
    if not 0 < old_size <= len(leaves):
        raise ValueError(f"The older size lies between 1 and {len(leaves)}.")
    return _subproof(leaves, old_size, whole=True)


def _subproof(leaves: Sequence[bytes], old_size: int, *, whole: bool) -> list[bytes]:
    """SUBPROOF of the RFC; ``whole`` while the older root is one the verifier has."""
    if old_size == len(leaves):
        return [] if whole else [root_of(leaves)]
    split = _split(len(leaves))
    if old_size <= split:
        return [*_subproof(leaves[:split], old_size, whole=whole), root_of(leaves[split:])]
    return [*_subproof(leaves[split:], old_size - split, whole=False), root_of(leaves[:split])]


def includes(root: bytes, size: int, index: int, leaf: bytes, proof: Sequence[bytes]) -> bool:
    """Whether a proof leads from a leaf to the root (RFC 9162, section 2.1.3.2)."""
    if not 0 <= index < size:
        return False
    place, last, found = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            return False
        if place & 1 or place == last:
            found = node_of(sibling, found)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            found = node_of(found, sibling)
        place, last = place >> 1, last >> 1
    return last == 0 and found == root


def continues(old_root: bytes, old_size: int, root: bytes, size: int, proof: Sequence[bytes]) -> bool:
    """Whether a proof shows that a tree grew out of an older one (RFC 9162, section 2.1.4.2)."""
    if not 0 < old_size <= size:
        return False
    if old_size == size:
        return not proof and old_root == root
    path = [old_root, *proof] if old_size & (old_size - 1) == 0 else list(proof)
    if not path:
        return False
    place, last = old_size - 1, size - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    older = newer = path[0]
    for sibling in path[1:]:
        if last == 0:
            return False
        if place & 1 or place == last:
            older, newer = node_of(sibling, older), node_of(sibling, newer)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            newer = node_of(newer, sibling)
        place, last = place >> 1, last >> 1
    return last == 0 and older == old_root and newer == root


def _level_above(level: Sequence[bytes]) -> list[bytes]:
    """The parents; the last of an odd number rises as it is."""
    pairs = iter(level)
    above = [sha256(b"\x01" + left + right).digest() for left, right in zip(pairs, pairs, strict=False)]
    return [*above, level[-1]] if len(level) & 1 else above


def _split(size: int) -> int:
    """The largest power of two below a size of two or more."""
    return 1 << (size - 1).bit_length() - 1
