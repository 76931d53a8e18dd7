"""The key service (抽取密钥服务) one party to a draw runs on its own machine, unattended.

It uses nothing of the house: a chain and a context are a few lines, and an independent party writes its own. It makes
its secret itself and shows a link only for a context that holds its own commitment and that it was shown to stand in
the log, and never for a second context: whoever changes the request afterwards gets nothing. How bytes travel, and
that the link is encrypted to the draw process, is the business of the `Post` it is given.
"""

import json
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from hashlib import sha256

LINKS = 5
VERSION = "bid-draw/1"


class PartyRefused(Exception):
    """The service does not commit or reveal. `code` says why."""

    code = "party.refused"


class NotMyCommitment(PartyRefused):
    """The context is another algorithm's, or holds another commitment under this party's name, or none."""

    code = "party.not_my_commitment"


class NotLogged(PartyRefused):
    """The context's digest was not shown to stand in the log."""

    code = "party.not_logged"


class AnotherContext(PartyRefused):
    """A link was shown for another context already."""

    code = "party.another_context"


class ChainExhausted(PartyRefused):
    """All links were shown."""

    code = "party.chain_exhausted"


@dataclass(frozen=True, slots=True)
class Receipt:
    """Where a statement stands in the log: its bytes, and the path from its leaf to the root of a signed checkpoint.

    Whoever makes this value has verified the checkpoint's signature.
    """

    statement: bytes
    index: int
    size: int
    path: tuple[bytes, ...]
    root: bytes


@dataclass(frozen=True, slots=True)
class Message:
    """What a party sends: its commitment (`round_no` is None) or one link (round counted from 0)."""

    party: str
    value: bytes
    round_no: int | None = None


Post = Callable[[Message], Awaitable[None]]
Logged = Callable[[bytes], Awaitable[Receipt]]


class KeyService:
    """One party's chain: commit once an attempt, then reveal link by link. A new commitment forgets the last chain."""

    def __init__(self, party: str, logged: Logged) -> None:
        """`logged` fetches the receipt of the statement that holds a context's digest H (32 bytes)."""
        self.party = party
        self._logged = logged
        self._chain: list[bytes] = []
        self._context_digest: bytes | None = None
        self._shown = 0

    async def commit(self, post: Post) -> None:
        """Make a new secret and send the last link of its chain."""
        self._chain = [secrets.token_bytes(32)]
        for _ in range(LINKS):
            self._chain.append(sha256(self._chain[-1]).digest())
        self._context_digest, self._shown = None, 0
        await post(Message(self.party, self._chain[-1]))

    async def reveal(self, context: bytes, post: Post) -> None:
        """Check the context and the log, then send the next link: the draw's the first time, a 补抽's after that."""
        digest = sha256(context).digest()
        if not self._chain or _commitment(context, self.party) != self._chain[-1].hex():
            raise NotMyCommitment
        if self._context_digest not in {None, digest}:
            raise AnotherContext
        if self._shown == LINKS:
            raise ChainExhausted
        _check_logged(await self._logged(digest), digest)
        # Bound before it is sent: a post that fails must not free the link for another context.
        self._context_digest, round_no = digest, self._shown
        await post(Message(self.party, self._link(round_no), round_no))
        self._shown += 1

    def _link(self, round_no: int) -> bytes:
        return self._chain[LINKS - 1 - round_no]


class LyingKeyService(KeyService):
    """A party that commits to one chain and shows another: the draw must refuse it by name."""

    def _link(self, round_no: int) -> bytes:
        return sha256(b"another chain" + super()._link(round_no)).digest()


def _commitment(context: bytes, party: str) -> str | None:
    try:
        stated = json.loads(context)
        commitment = stated["commits"][party] if stated["v"] == VERSION else None
    except (ValueError, TypeError, KeyError) as unreadable:
        raise NotMyCommitment from unreadable
    return commitment if isinstance(commitment, str) else None


def _check_logged(receipt: Receipt, digest: bytes) -> None:
    """The statement is `draw.context`, names H, and its leaf leads to the root (RFC 9162 §2.1.3.2)."""
    try:
        stated = json.loads(receipt.statement)
        named = stated["body"]["digest"] if stated["kind"] == "draw.context" else None
    except (ValueError, TypeError, KeyError) as unreadable:
        raise NotLogged from unreadable
    if named != digest.hex() or _root(receipt) != receipt.root:
        raise NotLogged


def _root(receipt: Receipt) -> bytes | None:
    node = sha256(b"\x00" + sha256(receipt.statement).digest()).digest()
    place, last = receipt.index, receipt.size - 1
    if not 0 <= place <= last:
        return None
    for sibling in receipt.path:
        if not last:
            return None
        if place % 2 or place == last:
            node = sha256(b"\x01" + sibling + node).digest()
            while not place % 2 and place:
                place, last = place >> 1, last >> 1
        else:
            node = sha256(b"\x01" + node + sibling).digest()
        place, last = place >> 1, last >> 1
    return None if last else node
