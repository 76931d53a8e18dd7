"""A party's own key service, written apart from the house, agrees with it and cannot be talked into a wrong reveal."""

import pytest

from demo.parties import (
    LINKS,
    AnotherContext,
    ChainExhausted,
    KeyService,
    LyingKeyService,
    Message,
    NotLogged,
    NotMyCommitment,
    Receipt,
)
from draw.lot import plain_request
from draw.refusal import RevealDoesNotMatch
from draw.seed import Session, check_reveals
from signing.canonical import canonical
from signing.canonical import digest as digest_of
from signing.merkle import Tree


class _Log:
    """A case's log in memory: the statement of each context, between others."""

    def __init__(self) -> None:
        self.tree, self.statements = Tree(), dict[bytes, tuple[int, bytes]]()

    def write(self, digest: bytes, kind: str = "draw.context") -> None:
        statement = canonical({"kind": kind, "body": {"digest": digest.hex()}})
        self.statements[digest] = (self.tree.append(digest_of(statement)), statement)
        for other in range(3):
            self.tree.append(bytes([other]) * 32)

    async def receipt(self, digest: bytes) -> Receipt:
        index, statement = self.statements[digest]
        path = tuple(self.tree.inclusion(index))
        return Receipt(statement, index, self.tree.size, path, self.tree.root())


class _Box:
    """Where the messages of one party arrive."""

    def __init__(self) -> None:
        self.messages: list[Message] = []

    async def post(self, message: Message) -> None:
        self.messages.append(message)


async def _ready(service: KeyService, log: _Log, *, attempt: int = 1) -> tuple[Session, _Box]:
    box = _Box()
    await service.commit(box.post)
    session = Session(plain_request("P"), bytes(32), 1, ((service.party, box.messages[0].value),), attempt)
    log.write(session.digest())
    return session, box


async def test_every_link_of_the_party_s_chain_is_accepted_and_then_it_ends() -> None:
    log = _Log()
    service = KeyService("witness", log.receipt)
    session, box = await _ready(service, log)
    for round_no in range(LINKS):
        await service.reveal(session.context(), box.post)
        assert box.messages[-1].round_no == round_no
        check_reveals(session, {"witness": box.messages[-1].value}, round_no)
    with pytest.raises(ChainExhausted):
        await service.reveal(session.context(), box.post)


async def test_a_party_that_lies_is_refused_by_name() -> None:
    log = _Log()
    service = LyingKeyService("witness", log.receipt)
    session, box = await _ready(service, log)
    await service.reveal(session.context(), box.post)
    with pytest.raises(RevealDoesNotMatch) as refused:
        check_reveals(session, {"witness": box.messages[-1].value}, 0)
    assert refused.value.where == "witness"


async def test_nothing_is_revealed_for_a_context_with_another_commitment() -> None:
    log = _Log()
    service = KeyService("witness", log.receipt)
    session, box = await _ready(service, log)
    foreign = Session(session.request, bytes(32), 1, (("witness", bytes(32)),))
    for context in (foreign.context(), b"{}", b"no json", session.context().replace(b"bid-draw/1", b"bid-draw/2")):
        with pytest.raises(NotMyCommitment):
            await service.reveal(context, box.post)
    assert len(box.messages) == 1


async def test_nothing_is_revealed_before_the_context_stands_in_the_log() -> None:
    log = _Log()
    service = KeyService("witness", log.receipt)
    session, box = await _ready(service, log)
    good = await log.receipt(session.digest())
    log.write(bytes(32))
    log.write(session.digest(), kind="draw.requested")
    for forged in (
        await log.receipt(bytes(32)),
        await log.receipt(session.digest()),
        Receipt(good.statement, good.index, good.size, good.path, bytes(32)),
        Receipt(good.statement, good.index + 1, good.size, good.path, good.root),
        Receipt(good.statement, good.index, good.size, good.path[:-1], good.root),
        Receipt(good.statement, good.size, good.size, good.path, good.root),
        Receipt(b"{}", good.index, good.size, good.path, good.root),
    ):

        async def logged(_digest: bytes, receipt: Receipt = forged) -> Receipt:
            return receipt

        service._logged = logged
        with pytest.raises(NotLogged):
            await service.reveal(session.context(), box.post)
    assert len(box.messages) == 1


async def test_a_link_shown_for_one_context_is_never_shown_for_another() -> None:
    log = _Log()
    service = KeyService("witness", log.receipt)
    session, box = await _ready(service, log)
    await service.reveal(session.context(), box.post)
    again = Session(plain_request("another"), bytes(32), 1, session.commits)
    log.write(again.digest())
    with pytest.raises(AnotherContext):
        await service.reveal(again.context(), box.post)


async def test_a_new_attempt_has_a_new_chain() -> None:
    log = _Log()
    service = KeyService("witness", log.receipt)
    first, box = await _ready(service, log)
    await service.reveal(first.context(), box.post)
    second, later = await _ready(service, log, attempt=2)
    assert second.commits != first.commits
    await service.reveal(second.context(), later.post)
    check_reveals(second, {"witness": later.messages[-1].value}, 0)
