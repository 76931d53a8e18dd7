"""The append-only hash tree of RFC 6962 §2.1: roots, inclusion and consistency proofs, and their checks.

    empty = SHA-256("")    leaf = SHA-256(0x00 ‖ entry)    node = SHA-256(0x01 ‖ left ‖ right)

An entry is the 32-byte digest of a statement. A leaf that was appended can be neither changed nor removed here.
Standard library only.
"""

from collections.abc import Iterable, Sequence
from hashlib import sha256

HASH_BYTES = 32
EMPTY_ROOT = sha256(b"").digest()


class ProofRefused(Exception):
    """A proof that does not lead to the root it was shown for."""

    code = "merkle-proof"


class InclusionRefused(ProofRefused):
    """The leaf is not shown to stand at its index in the tree of that root."""

    code = "merkle-inclusion"


class ConsistencyRefused(ProofRefused):
    """The later tree is not shown to extend the earlier one."""

    code = "merkle-consistency"


class OutsideTree(Exception):
    """An index or a size that the tree does not have."""

    code = "merkle-outside-tree"


def leaf_hash(entry: bytes) -> bytes:
    """SHA-256(0x00 ‖ entry)."""
    return sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """SHA-256(0x01 ‖ left ‖ right)."""
    return sha256(b"\x01" + left + right).digest()


def root_of_hashes(leaf_hashes: Sequence[bytes]) -> bytes:
    """Root of the tree whose leaves already are hashes (32 bytes each), without keeping the tree."""
    if not leaf_hashes:
        return EMPTY_ROOT
    level = list(leaf_hashes)
    while len(level) > 1:
        above = [node_hash(left, right) for left, right in zip(level[::2], level[1::2], strict=False)]
        if len(level) % 2:
            above.append(level[-1])
        level = above
    return level[0]


def root_of_entries(entries: Iterable[bytes]) -> bytes:
    """Root of the tree over `entries`, in order."""
    return root_of_hashes([leaf_hash(entry) for entry in entries])


class Tree:
    """A tree that grows at its right edge and answers for every size it has had.

    `levels[k][i]` is the root of the complete subtree over leaves i·2^k … (i+1)·2^k − 1, so appending hashes one node
    on average, and a root or a proof at any size touches O(log n) of them.
    """

    __slots__ = ("_levels",)

    def __init__(self, leaf_hashes: Iterable[bytes] = ()) -> None:
        self._levels: list[list[bytes]] = [[]]
        for leaf in leaf_hashes:
            self.append_hash(leaf)

    @property
    def size(self) -> int:
        """How many leaves stand in the tree."""
        return len(self._levels[0])

    def append(self, entry: bytes) -> int:
        """Append one entry and return its index, counted from 0."""
        return self.append_hash(leaf_hash(entry))

    def append_hash(self, leaf: bytes) -> int:
        """Append one leaf hash (32 bytes) and return its index, counted from 0."""
        index = self.size
        node, place = leaf, index
        for level in self._levels:
            level.append(node)
            if place % 2 == 0:
                return index
            node, place = node_hash(level[-2], node), place // 2
        self._levels.append([node])
        return index

    def leaf(self, index: int) -> bytes:
        """The leaf hash at `index`. Raises OutsideTree."""
        self._demand(0 <= index < self.size)
        return self._levels[0][index]

    def root(self, size: int | None = None) -> bytes:
        """The root of the first `size` leaves, of all of them if none is given. Raises OutsideTree."""
        size = self.size if size is None else size
        self._demand(0 <= size <= self.size)
        return self._subtree(0, size) if size else EMPTY_ROOT

    def inclusion(self, index: int, size: int | None = None) -> list[bytes]:
        """PATH(index, D[size]) of RFC 6962 §2.1.1: sibling hashes from the leaf upwards. Raises OutsideTree."""
        size = self.size if size is None else size
        self._demand(0 <= index < size <= self.size)
        path: list[bytes] = []
        start, end = 0, size
        while end - start > 1:
            middle = start + _split(end - start)
            if index < middle:
                path.append(self._subtree(middle, end))
                end = middle
            else:
                path.append(self._subtree(start, middle))
                start = middle
        return path[::-1]

    def consistency(self, old: int, new: int | None = None) -> list[bytes]:
        """PROOF(old, D[new]) of RFC 6962 §2.1.2; empty if old is 0 or equals new. Raises OutsideTree."""
        new = self.size if new is None else new
        self._demand(0 <= old <= new <= self.size)
        if old in {0, new}:
            return []
        path: list[bytes] = []
        start, end = 0, new
        while end != old:
            middle = start + _split(end - start)
            if old <= middle:
                path.append(self._subtree(middle, end))
                end = middle
            else:
                path.append(self._subtree(start, middle))
                start = middle
        if start:
            path.append(self._subtree(start, end))
        return path[::-1]

    def _subtree(self, start: int, end: int) -> bytes:
        """Root over leaves start … end−1, where start is a multiple of the power of two that holds the range."""
        found: bytes | None = None
        for level in range((end - start).bit_length()):
            if (end - start) >> level & 1:
                # The complete subtrees of a range are the binary digits of its length, the smallest at the right.
                node = self._levels[level][(end >> level) - 1]
                found = node if found is None else node_hash(node, found)
                end -= 1 << level
        if found is None:
            raise OutsideTree(self.size)
        return found

    def _demand(self, stands: bool) -> None:
        if not stands:
            raise OutsideTree(self.size)


def verify_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> None:
    """Refuse unless `proof` leads from leaf hash `leaf` at `index` to `root` of `size` leaves (RFC 9162 §2.1.3.2).

    Raises InclusionRefused.
    """
    if not 0 <= index < size or not _are_hashes((leaf, root, *proof)):
        raise InclusionRefused(index)
    place, last, found = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            raise InclusionRefused(index)
        if place % 2 or place == last:
            found = node_hash(sibling, found)
            while place % 2 == 0 and place:
                place, last = place >> 1, last >> 1
        else:
            found = node_hash(found, sibling)
        place, last = place >> 1, last >> 1
    if last or found != root:
        raise InclusionRefused(index)


def verify_consistency(old: int, new: int, proof: Sequence[bytes], old_root: bytes, new_root: bytes) -> None:
    """Refuse unless the tree of `new` leaves is shown to begin with the tree of `old` leaves (RFC 9162 §2.1.4.2).

    Every tree extends the empty one and equals itself, both with an empty proof. Raises ConsistencyRefused.
    """
    if not 0 <= old <= new or not _are_hashes((old_root, new_root, *proof)):
        raise ConsistencyRefused(old)
    if old in {0, new}:
        earlier = EMPTY_ROOT if old == 0 else new_root
        if proof or old_root != earlier or (new == 0 and new_root != EMPTY_ROOT):
            raise ConsistencyRefused(old)
        return
    if _climb(old, new, proof, old_root) != (old_root, new_root):
        raise ConsistencyRefused(old)


def _climb(old: int, new: int, proof: Sequence[bytes], old_root: bytes) -> tuple[bytes, bytes]:
    """The two roots that `proof` leads to."""
    path = list(proof) if old & (old - 1) else [old_root, *proof]
    place, last = old - 1, new - 1
    while place % 2:
        place, last = place >> 1, last >> 1
    if not path:
        raise ConsistencyRefused(old)
    earlier = later = path[0]
    for sibling in path[1:]:
        if last == 0:
            raise ConsistencyRefused(old)
        if place % 2 or place == last:
            earlier, later = node_hash(sibling, earlier), node_hash(sibling, later)
            while place % 2 == 0 and place:
                place, last = place >> 1, last >> 1
        else:
            later = node_hash(later, sibling)
        place, last = place >> 1, last >> 1
    if last:
        raise ConsistencyRefused(old)
    return earlier, later


def _split(count: int) -> int:
    """The largest power of two smaller than `count`."""
    return 1 << (count - 1).bit_length() - 1


def _are_hashes(values: Iterable[bytes]) -> bool:
    return all(len(value) == HASH_BYTES for value in values)
