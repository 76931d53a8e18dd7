"""The hash tree against the published roots, RFC 6962's own recursive definitions, and altered proofs."""

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signing.merkle import (
    EMPTY_ROOT,
    ConsistencyRefused,
    InclusionRefused,
    OutsideTree,
    Tree,
    leaf_hash,
    node_hash,
    root_of_entries,
    root_of_hashes,
    verify_consistency,
    verify_inclusion,
)

# The eight leaves and roots that certificate-transparency-go and its successors test with.
LEAVES = [bytes.fromhex(text) for text in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657")]
LEAVES.append(bytes(range(0x60, 0x70)))
ROOTS = (
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
)
SIZES = range(41)
ENTRIES = [sha256(bytes([number])).digest() for number in SIZES]
HASHES = [leaf_hash(entry) for entry in ENTRIES]


def _split(count: int) -> int:
    power = 1
    while power * 2 < count:
        power *= 2
    return power


def _mth(leaves: list[bytes]) -> bytes:
    """MTH of RFC 6962 §2.1, word for word."""
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    k = _split(len(leaves))
    return sha256(b"\x01" + _mth(leaves[:k]) + _mth(leaves[k:])).digest()


def _path(m: int, leaves: list[bytes]) -> list[bytes]:
    """PATH of §2.1.1."""
    if len(leaves) == 1:
        return []
    k = _split(len(leaves))
    if m < k:
        return [*_path(m, leaves[:k]), _mth(leaves[k:])]
    return [*_path(m - k, leaves[k:]), _mth(leaves[:k])]


def _subproof(m: int, leaves: list[bytes], whole: bool = True) -> list[bytes]:
    """SUBPROOF of §2.1.2."""
    if m == len(leaves):
        return [] if whole else [_mth(leaves)]
    k = _split(len(leaves))
    if m <= k:
        return [*_subproof(m, leaves[:k], whole), _mth(leaves[k:])]
    return [*_subproof(m - k, leaves[k:], False), _mth(leaves[:k])]


@pytest.fixture(scope="module", name="tree")
def _tree() -> Tree:
    tree = Tree()
    for place, entry in enumerate(ENTRIES[:-1]):
        assert tree.append(entry) == place
    return tree


def test_the_published_leaves_give_the_published_roots() -> None:
    tree = Tree()
    for leaf, root in zip(LEAVES, ROOTS, strict=True):
        tree.append(leaf)
        assert tree.root().hex() == root
    assert root_of_entries(LEAVES).hex() == ROOTS[-1]
    assert Tree().root() == root_of_hashes([]) == EMPTY_ROOT == sha256(b"").digest()


def test_roots_and_proofs_of_every_size_to_forty_are_those_of_the_definition(tree: Tree) -> None:
    for size in range(41):
        leaves = HASHES[:size]
        root = _mth(leaves)
        assert tree.root(size) == root_of_hashes(leaves) == Tree(leaves).root() == root
        for index in range(size):
            proof = tree.inclusion(index, size)
            assert proof == _path(index, leaves)
            verify_inclusion(HASHES[index], index, size, proof, root)
        for old in range(size + 1):
            proof = tree.consistency(old, size)
            assert proof == (_subproof(old, leaves) if old else [])
            verify_consistency(old, size, proof, _mth(leaves[:old]), root)


def test_every_altered_inclusion_proof_is_refused(tree: Tree) -> None:
    other = sha256(b"other").digest()
    for size in range(1, 18):
        root = tree.root(size)
        for index in range(size):
            proof, leaf = tree.inclusion(index, size), HASHES[index]
            altered = [
                (leaf, index, size, [*proof, other], root),
                (leaf, index, size, [other, *proof], root),
                (leaf, index, size, proof, other),
                (other, index, size, proof, root),
                (leaf, index, size, proof, root[:31]),
                (leaf, size, size, proof, root),
                (leaf, -1, size, proof, root),
                (leaf, index, 0, proof, root),
                *((leaf, index, size, proof[:cut], root) for cut in range(len(proof))),
                *((leaf, index, size, [*proof[:at], other, *proof[at + 1 :]], root) for at in range(len(proof))),
                *((leaf, wrong, size, proof, root) for wrong in range(size) if wrong != index),
            ]
            for arguments in altered:
                with pytest.raises(InclusionRefused):
                    verify_inclusion(*arguments)


def test_every_altered_consistency_proof_is_refused(tree: Tree) -> None:
    other = sha256(b"other").digest()
    for new in range(1, 18):
        for old in range(1, new + 1):
            proof, before, after = tree.consistency(old, new), tree.root(old), tree.root(new)
            altered = [
                (old, new, [*proof, other], before, after),
                (old, new, proof, other, after),
                (old, new, proof, before, other),
                (old, new, proof, before[:31], after),
                (new + 1, new, proof, before, after),
                (-1, new, proof, before, after),
                *((old, new, proof[:cut], before, after) for cut in range(len(proof))),
                *((old, new, [*proof[:at], other, *proof[at + 1 :]], before, after) for at in range(len(proof))),
                *((wrong, new, proof, before, after) for wrong in range(new + 1) if wrong not in {0, old}),
            ]
            for arguments in altered:
                with pytest.raises(ConsistencyRefused):
                    verify_consistency(*arguments)


def test_the_empty_tree_has_one_root_and_proves_nothing_more() -> None:
    other = sha256(b"other").digest()
    verify_consistency(0, 0, [], EMPTY_ROOT, EMPTY_ROOT)
    verify_consistency(0, 3, [], EMPTY_ROOT, other)
    for arguments in ((0, 0, [], EMPTY_ROOT, other), (0, 3, [], other, other), (0, 3, [other], EMPTY_ROOT, other)):
        with pytest.raises(ConsistencyRefused):
            verify_consistency(*arguments)


def test_a_leaf_cannot_pass_for_a_node() -> None:
    left, right = HASHES[:2]
    assert leaf_hash(left + right) != node_hash(left, right)
    with pytest.raises(InclusionRefused):
        verify_inclusion(leaf_hash(left + right), 0, 1, [], node_hash(left, right))


@pytest.mark.parametrize(
    "question",
    [
        lambda tree: tree.root(41),
        lambda tree: tree.root(-1),
        lambda tree: tree.leaf(40),
        lambda tree: tree.leaf(-1),
        lambda tree: tree.inclusion(5, 5),
        lambda tree: tree.inclusion(0, 41),
        lambda tree: tree.consistency(6, 5),
        lambda tree: tree.consistency(0, 41),
    ],
)
def test_a_tree_answers_only_for_sizes_it_has_had(tree: Tree, question) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(OutsideTree):
        question(tree)


@given(st.data(), st.integers(1, 3000))
def test_proofs_of_large_trees_hold_and_bind_size_index_and_leaf(data: st.DataObject, size: int) -> None:
    leaves = [number.to_bytes(32) for number in range(size)]
    tree = Tree(leaves)
    index = data.draw(st.integers(0, size - 1))
    old = data.draw(st.integers(0, size))
    proof, root = tree.inclusion(index), tree.root()
    verify_inclusion(leaves[index], index, size, proof, root)
    verify_consistency(old, size, tree.consistency(old), tree.root(old), root)
    wrong = data.draw(st.integers(0, size * 2).filter(lambda other: other != index))
    with pytest.raises(InclusionRefused):
        verify_inclusion(leaves[index], wrong, size, proof, root)
