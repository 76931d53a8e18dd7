"""A witness cosigns growth and nothing else; a policy counts each witness once; lines have the bytes of C2SP."""

from base64 import b64decode
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signing.cosign_policy import PolicyRefused, parse_policy
from signing.cosignature import ED25519_COSIGNATURE, ML_DSA_44, cosign, message, open_cosignature
from signing.merkle import Tree, leaf_hash
from signing.note import ED25519, Checkpoint, Note, NoteSignatureWrong, VerifierKey, sign
from signing.witness import (
    AnotherRoot,
    AnotherSize,
    Held,
    NotARequest,
    NotGrowth,
    NotTheLogs,
    Request,
    UnknownLog,
    WitnessRefused,
    judge,
    parse_request,
)

LOG = VerifierKey("centre.example/bid", ED25519, bytes(32))
OTHER = VerifierKey("other.example/bid", ED25519, bytes(range(32)))
WITNESS = VerifierKey("witness.example/w1", ED25519_COSIGNATURE, bytes(32))


def seal(data: bytes) -> bytes:
    """A stand-in for a signature that this file's judge accepts."""
    return sha256(b"seal" + data).digest()


def is_sealed(_key: VerifierKey, data: bytes, signature: bytes) -> bool:
    return signature == seal(data)


def tree(count: int, fork: bytes = b"") -> Tree:
    return Tree(leaf_hash(b"%d%b" % (number, fork if number == 3 else b"")) for number in range(count))


def note(of: Tree, key: VerifierKey = LOG, size: int | None = None) -> bytes:
    size = of.size if size is None else size
    text = str(Checkpoint(key.name, size, of.root(size)))
    return Note(text, (sign(text, key, seal),)).to_bytes()


def asked(of: Tree, old: int, new: int | None = None) -> Request:
    return Request(old, tuple(of.consistency(old, new)), note(of, size=new))


@given(st.integers(1, 40), st.integers(1, 40))
def test_growth_is_cosigned_from_any_size_to_any_later_one(old: int, more: int) -> None:
    grown = tree(old + more)
    held = {LOG.name: Held(old, grown.root(old))}
    assert judge(asked(grown, old), [LOG], held, is_sealed) == Checkpoint(LOG.name, old + more, grown.root())


def test_the_first_checkpoint_needs_no_proof_and_the_same_one_may_be_asked_for_again() -> None:
    of = tree(7)
    assert judge(asked(of, 0), [LOG], {}, is_sealed).size == 7
    assert judge(asked(of, 7), [LOG], {LOG.name: Held(7, of.root())}, is_sealed).size == 7


@pytest.mark.parametrize(
    ("request_", "refusal"),
    [
        (Request(7, (), note(tree(5))), NotARequest),
        (asked(tree(9), 5), AnotherSize),
        (asked(tree(7, b"fork"), 7), AnotherRoot),
        (asked(tree(9, b"fork"), 7), NotGrowth),
        (Request(7, tuple(tree(9).consistency(7))[:-1], note(tree(9))), NotGrowth),
        (Request(7, (), note(tree(9), OTHER)), UnknownLog),
        (Request(7, (), note(tree(9)).replace(b"\n9\n", b"\n8\n")), NotTheLogs),
        (Request(7, (), b"no note"), NotARequest),
    ],
)
def test_anything_else_is_refused_with_the_status_of_the_protocol(
    request_: Request, refusal: type[WitnessRefused]
) -> None:
    with pytest.raises(refusal) as refused:
        judge(request_, [LOG], {LOG.name: Held(7, tree(7).root())}, is_sealed)
    if refusal is AnotherSize:
        assert refused.value.held == 7


def test_a_request_has_one_spelling() -> None:
    body = asked(tree(9), 5).to_bytes()
    assert parse_request(body) == asked(tree(9), 5)
    for wrong in (b"", body.replace(b"old 5", b"old 05"), body.replace(b"old ", b"size "), b"old 1\n!\n\n" + b"x"):
        with pytest.raises(NotARequest):
            parse_request(wrong)
    with pytest.raises(NotARequest):
        parse_request(Request(1, (bytes(32),) * 64, note(tree(2))).to_bytes())


def test_messages_are_those_of_the_specification() -> None:
    root = b64decode("CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=")
    head = Checkpoint("example.com/behind-the-sofa", 20852163, root)
    assert message(WITNESS, 1679315147, head) == (
        b"cosignature/v1\ntime 1679315147\nexample.com/behind-the-sofa\n20852163\n"
        b"CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
    )
    lattice = VerifierKey("w", ML_DSA_44, bytes(1312))
    assert message(lattice, 1, Checkpoint("o", 2, root)) == (
        b"subtree/v1\n\x00" + b"\x01w" + bytes(7) + b"\x01" + b"\x01o" + bytes(8) + bytes(7) + b"\x02" + root
    )


def test_a_cosignature_says_when_and_is_refused_when_anything_of_it_changes() -> None:
    head = Checkpoint(LOG.name, 3, tree(3).root())
    line = cosign(WITNESS, 1679315147, head, seal)
    assert line.is_by(WITNESS)
    assert open_cosignature(line, WITNESS, head, is_sealed).time == 1679315147
    later = type(line)(line.name, line.key_id, b"\x00" * 7 + b"\x01" + line.value[8:])
    cut = type(line)(line.name, line.key_id, line.value[:8])
    for wrong, about in ((later, head), (cut, head), (line, Checkpoint(LOG.name, 4, head.root))):
        with pytest.raises(NoteSignatureWrong):
            open_cosignature(wrong, WITNESS, about, is_sealed)


def key(number: int) -> str:
    return str(VerifierKey(f"w{number}.example", ED25519_COSIGNATURE, bytes([number] * 32)))


X_AND_Y = f"""# two organisations
log {LOG}
witness X1 {key(1)} https://w1.example
witness X2 {key(2)}
witness X3 {key(3)}
group X 2 X1 X2 X3
witness Y1 {key(4)}
group X-and-Y all X Y1
quorum X-and-Y
"""


def test_a_quorum_of_groups_counts_as_the_specification_says() -> None:
    policy = parse_policy(X_AND_Y)
    assert policy.witnesses[0].url == "https://w1.example"
    assert policy.is_met({"X1", "X3", "Y1"})
    assert not policy.is_met({"X1", "Y1"})
    assert not policy.is_met({"X1", "X2", "X3"})
    assert parse_policy("quorum none\n").is_met(())


@pytest.mark.parametrize(
    "wrong",
    [
        "",
        "quorum nobody\n",
        f"witness a {key(1)}\nwitness a {key(2)}\nquorum a\n",
        f"witness none {key(1)}\nquorum none\n",
        f"witness a {LOG}\nquorum a\n",
        f"witness a {key(1)[:-2]}\nquorum a\n",
        f"witness a {key(1)}\ngroup g 2 a\nquorum g\n",
        f"witness a {key(1)}\ngroup g 0 a\nquorum g\n",
        f"witness a {key(1)}\ngroup g any a a\nquorum g\n",
        f"witness a {key(1)}\ngroup g any a\ngroup h any a\nquorum h\n",
        "group g all\nquorum g\n",
        f"witness a {key(1)}\nquorum a\nquorum a\n",
        f"quorum a\nwitness a {key(1)}\n",
    ],
)
def test_a_policy_that_could_be_read_two_ways_is_refused(wrong: str) -> None:
    with pytest.raises(PolicyRefused):
        parse_policy(wrong)
