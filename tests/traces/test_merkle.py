"""The tree is that of RFC 6962: published roots and proofs, the definition itself, and nothing else passes."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.traces.merkle import (
    EMPTY_ROOT,
    Frontier,
    consistency_proof,
    continues,
    includes,
    inclusion_proof,
    leaf_of,
    node_of,
    root_of,
)

# The vectors of Certificate Transparency (google/certificate-transparency, cpp/merkletree), used by
# every implementation since: eight inputs, the roots over the first one, two, ... of them, and proofs.
INPUTS = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
LEAVES = [leaf_of(bytes.fromhex(each)) for each in INPUTS]
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
G = "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"
K = "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"
L8 = "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0"
LEAF_4 = "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b"
NODE_4_5 = "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a"
NODE_2_3 = "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e"


def hexed(proof: Sequence[bytes]) -> list[str]:
    return [each.hex() for each in proof]


def by_definition(leaves: Sequence[bytes]) -> bytes:
    """MTH of RFC 6962, section 2.1, over leaf hashes."""
    if len(leaves) < 2:
        return leaves[0] if leaves else hashlib.sha256(b"").digest()
    split = max(1 << power for power in range(len(leaves).bit_length()) if 1 << power < len(leaves))
    return hashlib.sha256(b"\x01" + by_definition(leaves[:split]) + by_definition(leaves[split:])).digest()


def some(number: int) -> list[bytes]:
    return [leaf_of(bytes([place])) for place in range(number)]


@pytest.mark.parametrize("size", range(1, 9))
def test_roots_are_those_that_were_published(size: int) -> None:
    assert root_of(LEAVES[:size]).hex() == ROOTS[size - 1]


def test_the_hashes_of_leaf_and_node_are_those_that_were_published() -> None:
    assert leaf_of(b"L123456").hex() == "395aa064aa4c29f7010acfe3f25db9485bbd4b91897b6ad7ad547639252b4d56"
    assert node_of(b"N123", b"N456").hex() == "aa217fe888e47007fa15edab33c2b492a722cb106c64667fc2b044444de66bbb"
    assert EMPTY_ROOT.hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


@pytest.mark.parametrize(
    ("index", "size", "proof"),
    [(0, 1, []), (5, 8, [LEAF_4, L8, K]), (2, 3, [G])],
)
def test_proofs_of_inclusion_are_those_that_were_published(index: int, size: int, proof: list[str]) -> None:
    assert hexed(inclusion_proof(LEAVES[:size], index)) == proof


@pytest.mark.parametrize(
    ("old", "size", "proof"),
    [(1, 1, []), (6, 8, [NODE_4_5, L8, K]), (2, 5, [NODE_2_3, LEAF_4])],
)
def test_proofs_of_consistency_are_those_that_were_published(old: int, size: int, proof: list[str]) -> None:
    assert hexed(consistency_proof(LEAVES[:size], old)) == proof


def test_the_example_of_rfc_9162_gives_the_proofs_it_names() -> None:
    # Section 2.1.5: seven entries a to f and j, of which g, h, i are pairs and k, l halves.
    a, b, c, d, e, f, j = LEAVES[:7]
    g, h, i = node_of(a, b), node_of(c, d), node_of(e, f)
    k, l = node_of(g, h), node_of(i, j)  # noqa: E741

    seven = LEAVES[:7]

    assert [inclusion_proof(seven, index) for index in (0, 3, 4, 6)] == [[b, h, l], [c, g, l], [f, j, k], [i, k]]
    assert consistency_proof(seven, 3) == [c, d, g, l]
    assert consistency_proof(seven, 4) == [l]
    assert consistency_proof(seven, 6) == [i, j, k]


@pytest.mark.parametrize("size", range(34))
def test_a_root_is_the_one_of_the_definition(size: int) -> None:
    assert root_of(some(size)) == by_definition(some(size))


@given(st.integers(0, 200), st.integers(0, 200))
def test_a_frontier_that_goes_on_has_the_root_of_all(first: int, more: int) -> None:
    leaves = some(255)[:first] + some(200)[:more]
    begun = Frontier()
    begun.extend(leaves[:first])

    going_on = Frontier(begun.size, begun.packed)
    going_on.extend(leaves[first:])

    assert (going_on.size, going_on.root) == (first + more, by_definition(leaves))


@pytest.mark.parametrize(("size", "peaks"), [(1, b""), (0, b"x" * 32), (3, b"x" * 32), (2, b"x" * 31)])
def test_a_frontier_of_another_size_is_refused(size: int, peaks: bytes) -> None:
    with pytest.raises(ValueError, match="frontier"):
        Frontier(size, peaks)


@pytest.mark.parametrize("size", range(1, 20))
def test_every_leaf_is_proven_and_no_other_by_its_proof(size: int) -> None:
    leaves = some(size)
    root = root_of(leaves)

    for index in range(size):
        proof = inclusion_proof(leaves, index)
        assert includes(root, size, index, leaves[index], proof)
        assert not any(includes(root, size, other, leaves[index], proof) for other in range(size) if other != index)
        assert not includes(root, size, index, leaf_of(b"another"), proof)
        assert not includes(root, size, index, leaves[index], [*proof, root])
        assert not includes(root, size, size, leaves[index], proof)
        for place in range(len(proof)):
            assert not includes(root, size, index, leaves[index], proof[:place] + proof[place + 1 :])
            assert not includes(root, size, index, leaves[index], [*proof[:place], root, *proof[place + 1 :]])


@pytest.mark.parametrize("size", range(1, 20))
def test_every_older_tree_is_continued_and_no_other_is(size: int) -> None:
    leaves = some(size)
    root = root_of(leaves)

    for old in range(1, size + 1):
        proof, old_root = consistency_proof(leaves, old), root_of(leaves[:old])
        another = root_of([leaf_of(b"another"), *leaves[1:old]])
        assert continues(old_root, old, root, size, proof)
        assert not continues(another, old, root, size, proof)
        assert not continues(old_root, old, another, size, proof)
        assert not continues(old_root, old, root, size, [*proof, root])
        assert not continues(old_root, size + 1, root, size, proof)
        assert not continues(old_root, 0, root, size, proof)
        for place in range(len(proof)):
            assert not continues(old_root, old, root, size, proof[:place] + proof[place + 1 :])


@pytest.mark.parametrize("index", [-1, 3])
def test_there_is_no_proof_of_a_leaf_there_is_not(index: int) -> None:
    with pytest.raises(ValueError, match="3 leaves"):
        inclusion_proof(some(3), index)


@pytest.mark.parametrize("old", [0, 4])
def test_there_is_no_proof_from_a_size_there_was_not(old: int) -> None:
    with pytest.raises(ValueError, match="between 1 and 3"):
        consistency_proof(some(3), old)
