"""The pruned tree: any records with the subtrees between them lead to the root of all."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.traces.exports.tree import Pruned, TreeError
from service.traces.merkle import root_of

LEAVES = [hashlib.sha256(bytes([number])).digest() for number in range(80)]


def pruned(size: int, kept: set[int]) -> tuple[Pruned, int]:
    """A tree that is told only some leaves, counted from 0; and how many hashes stand for the rest."""
    tree, rest, hashes = Pruned(), Pruned(), 0
    for place in range(size + 1):
        if place < size and place not in kept:
            rest.add(LEAVES[place])
            continue
        for subtree in rest.taken():
            assert subtree.first == tree.size + 1
            tree.add(subtree.root, subtree.records)
            hashes += 1
        if place < size:
            tree.add(LEAVES[place])
            rest = Pruned(place + 1)
    return tree, hashes


@given(st.integers(0, 80).flatmap(lambda size: st.tuples(st.just(size), st.sets(st.integers(0, 79)))))
def test_whatever_is_left_out_the_root_is_the_same(given: tuple[int, set[int]]) -> None:
    size, kept = given

    tree, _ = pruned(size, kept)

    assert (tree.size, tree.root) == (size, root_of(LEAVES[:size]))


def test_one_record_of_many_takes_as_many_hashes_as_the_tree_is_high() -> None:
    _, hashes = pruned(64, {37})
    assert hashes == 6


@pytest.mark.parametrize("after, records", [(0, 3), (0, 0), (0, -1), (1, 2), (2, 4)])
def test_a_subtree_stands_only_where_one_can_be(after: int, records: int) -> None:
    tree = Pruned(after)
    with pytest.raises(TreeError):
        tree.add(LEAVES[0], records)


def test_a_hash_of_another_length_is_refused() -> None:
    with pytest.raises(TreeError):
        Pruned().add(b"short")
