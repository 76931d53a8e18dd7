"""A party's modules in a real browser against other judges: HPKE of pyca, HMAC, the house's log and canonical form."""

import json
import os
from collections.abc import AsyncIterator
from hashlib import sha256
from hmac import digest as hmac
from typing import Any

import pytest
import pytest_asyncio
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite
from playwright.async_api import Page

from signing.canonical import canonical
from tests.browser.conftest import LOOP
from tests.browser.party_log import CASE, NAME, Log, context, cosigned
from tests.browser.seat import Seats

pytestmark = pytest.mark.pages

SUITE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
LOAD = """
async () => {
  const root = document.querySelector('link[href$="tokens.css"]').href.replace("tokens.css", "");
  window.m = await import(`${root}bytes.js`);
  for (const name of ["hpke", "log-proof", "context", "secret", "recovery", "keeping"])
    window[name.replace("-", "_")] = await import(`${root}party/${name}.js`);
  // What a call refuses with, instead of its value.
  window.tried = async (call) => {
    try { return { value: await call() }; } catch (fault) { return { code: fault.code ?? fault.name }; }
  };
}
"""
SEAL = """
async ([plain, key, info]) =>
  m.toHex(await hpke.seal(m.fromHex(plain, plain.length / 2), m.fromHex(key, 32), m.utf8(info)))
"""
UNSEAL = """
async ([box, key, info]) => tried(async () => {
  const pair = await hpke.keyPairOf(m.fromHex(key, 32));
  return m.toHex(await hpke.unseal(m.fromHex(box, box.length / 2), pair, m.utf8(info)));
})
"""
CHAIN = """
async ([secret, attempt]) => {
  const key = await window.secret.importSecret(m.fromHex(secret, 32));
  const chain = await window.secret.chainOf(key, attempt);
  const pair = await window.secret.shareKeyOf(key, attempt);
  const links = [0, 1, 31].map((round) => m.toHex(window.secret.linkOf(chain, round)));
  const past = await tried(() => window.secret.linkOf(chain, 32));
  const code = await window.secret.codeOf(key);
  return { commit: m.toHex(chain.at(-1)), links, past, share: m.toHex(pair.publicKey), code };
}
"""
LOGGED = """
async ([cases, vkey]) => {
  const log = await log_proof.readLogKey(vkey);
  const check = ([statement, proof, of]) => tried(() => log_proof.checkLogged(statement, proof, of, log));
  return Promise.all(cases.map(check));
}
"""
CHECKED = """
async ([duty, commitment, shownFor, vkey]) => tried(async () => context.checkContext(duty, {
  party: "centre", commitment, shownFor: shownFor ?? undefined, log: await log_proof.readLogKey(vkey),
}))
"""
ATTEMPT = {"case": CASE, "draw": "experts", "attempt": 1}
MINE = sha256(b"mine").hexdigest()
COMMITS = {"centre": MINE, "supervisor": sha256(b"theirs").hexdigest()}


@pytest_asyncio.fixture(loop_scope=LOOP)
async def page(seats: Seats) -> AsyncIterator[Page]:
    """A page of the site with the modules at hand."""
    made = await seats.open("witness", "/login")
    await made.evaluate(LOAD)
    yield made


async def test_what_the_browser_seals_opens_elsewhere(page: Page) -> None:
    key, info = X25519PrivateKey.generate(), '{"h":"00","party":"评标","v":"bid-reveal/1"}'
    for plain in (os.urandom(32), os.urandom(33), b""):
        box = bytes.fromhex(await page.evaluate(SEAL, [plain.hex(), key.public_key().public_bytes_raw().hex(), info]))
        assert len(box) == 32 + len(plain) + 16
        assert SUITE.decrypt(box, key, info.encode()) == plain
        with pytest.raises(InvalidTag):
            SUITE.decrypt(box, key, info.encode() + b" ")


async def test_what_is_sealed_elsewhere_opens_in_the_browser_for_its_purpose_alone(page: Page) -> None:
    key, plain = X25519PrivateKey.generate(), os.urandom(33)
    box = SUITE.encrypt(plain, key.public_key(), b"share")
    raw = key.private_bytes_raw().hex()
    assert await page.evaluate(UNSEAL, [box.hex(), raw, "share"]) == {"value": plain.hex()}
    bent = box[:-1] + bytes([box[-1] ^ 1])
    small = bytes(32) + box[32:]
    other = X25519PrivateKey.generate().private_bytes_raw().hex()
    for wrong in ([box.hex(), raw, "other"], [bent.hex(), raw, "share"], [small.hex(), raw, "share"]):
        assert await page.evaluate(UNSEAL, wrong) == {"code": "hpke.not_for_this"}
    assert await page.evaluate(UNSEAL, [box.hex(), other, "share"]) == {"code": "hpke.not_for_this"}


async def test_chain_and_share_key_come_from_the_secret_and_the_attempt_alone(page: Page) -> None:
    secret = os.urandom(32)
    found = await page.evaluate(CHAIN, [secret.hex(), ATTEMPT])
    chain = [hmac(secret, canonical({**ATTEMPT, "v": "bid-party-chain/1"}), "sha256")]
    for _ in range(32):
        chain.append(sha256(chain[-1]).digest())
    share = X25519PrivateKey.from_private_bytes(
        hmac(secret, canonical({**ATTEMPT, "v": "bid-party-share/1"}), "sha256")
    )
    assert found["commit"] == chain[32].hex()
    assert found["links"] == [chain[31].hex(), chain[30].hex(), chain[0].hex()]
    assert found["past"] == {"code": "RangeError"}
    assert found["share"] == share.public_key().public_bytes_raw().hex()
    others = [
        await page.evaluate(CHAIN, [secret.hex(), {**ATTEMPT, **one}]) for one in ({"attempt": 2}, {"draw": "venues"})
    ]
    assert len({found["commit"], *(other["commit"] for other in others)}) == 3
    assert {other["code"] for other in others} == {found["code"]}


@pytest.mark.parametrize(
    "value",
    [
        {"b": [1, "é\u2028", None], "": True, "a\ud83d\ude00".encode("utf-16", "surrogatepass").decode("utf-16"): -5},
        [],
        '\x07\\"',
    ],
)
async def test_canonical_json_is_the_houses(page: Page, value: Any) -> None:  # noqa: ANN401 - any JSON
    assert await page.evaluate("value => m.canonical(value)", value) == canonical(value).decode()


async def test_what_has_no_one_spelling_is_refused(page: Page) -> None:
    script = 'async () => [await tried(() => m.canonical(0.5)), await tried(() => m.canonical(["\\ud800"]))]'
    assert await page.evaluate(script) == [{"code": "TypeError"}] * 2


async def test_every_place_of_every_small_log_is_proven(page: Page) -> None:
    log = Log()
    for number in range(9):
        log.state("draw.context", {"number": number})
    places = [(index, size) for size in range(1, 10) for index in range(size)]
    cases = [[log.statements[index].decode(), cosigned(log.proof(index, size)), CASE] for index, size in places]
    found = await page.evaluate(LOGGED, [cases, log.vkey])
    assert found == [{"value": {"index": index, "size": size}} for index, size in places]


async def test_a_logs_key_is_read_in_its_one_spelling(page: Page) -> None:
    key = next(key for _ in range(1000) if (key := Log().vkey).count("+") > 2)
    wrong = [key.upper(), key[1:], key[:-1], key.replace("+A", "+B", 1), "", "a+b"]
    script = "keys => Promise.all(keys.map((key) => tried(async () => (await log_proof.readLogKey(key)).name)))"
    assert await page.evaluate(script, [key, *wrong]) == [{"value": NAME}, *[{"code": "SyntaxError"}] * len(wrong)]


async def test_a_proof_with_one_thing_changed_is_refused(page: Page) -> None:
    log, other = Log(), Log()
    for number in range(5):
        log.state("draw.context", {"number": number})
    other.statements = log.statements
    good, statement = log.proof(2), log.statements[2].decode()
    lines = good.split("\n")
    sibling = lines.index("") - 1
    wrong = {
        "another statement": (log.statements[1].decode(), good, CASE, "merkle-inclusion"),
        "another case": (statement, good, "E-2026-0002", "note-not-signed"),
        "another key": (statement, other.proof(2), CASE, "note-not-signed"),
        "another index": (statement, good.replace("index 2", "index 3"), CASE, "merkle-inclusion"),
        "an index beyond": (statement, good.replace("index 2", "index 5"), CASE, "merkle-inclusion"),
        "a shorter path": (statement, "\n".join(lines[:sibling] + lines[sibling + 1 :]), CASE, "merkle-inclusion"),
        "a longer path": (
            statement,
            "\n".join(lines[:sibling] + lines[sibling : sibling + 1] + lines[sibling:]),
            CASE,
            "merkle-inclusion",
        ),
        "another size": (statement, good.replace(f"{CASE}\n5\n", f"{CASE}\n6\n"), CASE, "note-signature"),
        "another origin": (statement, log.proof(2, origin=NAME), CASE, "note-not-signed"),
        "no note": (statement, good.partition("\n\n")[0], CASE, "note-malformed"),
        "an extra line": (statement, good.replace("index 2\n", "index 2\nextra AA==\n"), CASE, "note-malformed"),
        "no number": (statement, good.replace("index 2", "index 02"), CASE, "note-malformed"),
        "nothing": (statement, "", CASE, "note-malformed"),
    }
    found = await page.evaluate(LOGGED, [[list(row[:3]) for row in wrong.values()], log.vkey])
    assert {name: one.get("code") for name, one in zip(wrong, found, strict=True)} == {
        name: row[3] for name, row in wrong.items()
    }


def duty(log: Log, **changed: Any) -> dict[str, Any]:  # noqa: ANN401 - fields of a row
    """What `GET /draws` tells when a link is due, with what is changed in it."""
    told = context(COMMITS)
    digest = sha256(told.encode()).hexdigest()
    index = log.state("draw.context", {"draw": "experts", "attempt": 1, "context": told, "digest": digest})
    log.state("draw.revealed", {"draw": "experts"})
    row = {**ATTEMPT, "round": 0, "needs": "reveal", "context": told, "digest": digest, "grounds": []}
    return row | log.logged(index) | changed


async def test_a_context_that_is_logged_and_holds_ones_own_commitment_is_verified(page: Page) -> None:
    log = Log()
    told = duty(log)
    for shown in (None, told["digest"]):
        found = await page.evaluate(CHECKED, [told, MINE, shown, log.vkey])
        assert found == {"value": {"digest": told["digest"], "index": 0, "size": 2, "parties": 2, "grounds": 0}}


async def test_no_link_is_shown_for_another_context(page: Page) -> None:
    log = Log()
    told = duty(log)
    index = told["index"]
    forged = context(COMMITS | {"centre": "ef" * 32})
    spaced = context(COMMITS).replace(",", ", ", 1)
    strange = Log(key=log.key, statements=list(log.statements))
    void = strange.state("draw.voided", {"draw": "experts", "attempt": 1, "digest": told["digest"]})
    wrong: dict[str, list[dict[str, Any]]] = {
        "party.not_my_commitment": [
            {"context": forged, "digest": sha256(forged.encode()).hexdigest()},
            {"context": spaced, "digest": sha256(spaced.encode()).hexdigest()},
            {"digest": "ef" * 32},
            {"attempt": 2},
            {"context": "[]"},
        ],
        "party.not_logged": [
            {"proof": told["proof"].replace("index 0", "index 1")},
            {"index": index + 1},
            {"case": "E-2026-0002"},
            {"draw": "venues"},
            {"context": "{"},
            strange.logged(void),
        ],
    }
    for code, rows in wrong.items():
        for row in rows:
            assert await page.evaluate(CHECKED, [told | row, MINE, None, log.vkey]) == {"code": code}, row
    assert await page.evaluate(CHECKED, [told, MINE, "ef" * 32, log.vkey]) == {"code": "party.another_context"}
    assert await page.evaluate(CHECKED, [told, MINE, None, Log().vkey]) == {"code": "party.not_logged"}


async def test_a_supplementary_draw_needs_a_logged_request_and_another_persons_confirmation(page: Page) -> None:
    log = Log()
    told = duty(log, round=1)

    async def found(*grounds: dict[str, Any]) -> Any:  # noqa: ANN401 - what JSON brings
        return await page.evaluate(CHECKED, [told | {"grounds": list(grounds)}, MINE, told["digest"], log.vkey])

    def ground(kind: str, who: str, draw: str = "experts", round_no: int = 1) -> dict[str, Any]:
        index = log.state(kind, {"by": {"role": "agent", "who": who}, "draw": draw, "round": round_no})
        return log.logged(index)

    asked, confirmed = ground("replacement.requested", "a"), ground("replacement.confirmed", "b")
    assert await found(asked, confirmed) == {
        "value": {"digest": told["digest"], "index": 0, "size": 2, "parties": 2, "grounds": 2}
    }
    assert await found() == await found(asked) == await found(confirmed) == {"code": "party.no_grounds"}
    assert await found(asked, ground("replacement.confirmed", "a")) == {"code": "party.no_grounds"}
    assert await found(asked, ground("replacement.confirmed", "b", "venues")) == {"code": "party.not_logged"}
    assert await found(asked, ground("replacement.confirmed", "b", round_no=2)) == {"code": "party.not_logged"}
    assert await found(asked, confirmed | {"proof": asked["proof"]}) == {"code": "party.not_logged"}


WRITE = """
async ([secret, phrase]) =>
  recovery.writeRecovery(m.fromHex(secret, 32), phrase, { party: "centre", log: "L", made: "2026" })
"""
READ = """
async ([text, phrase, party]) => tried(async () => {
  const { secret, about } = await recovery.readRecovery(text, phrase, party);
  return [m.toHex(secret), about];
})
"""


async def test_a_recovery_file_opens_with_its_passphrase_for_its_party_alone(page: Page) -> None:
    secret = os.urandom(32).hex()
    text = await page.evaluate(WRITE, [secret, "四五个 words 不相关"])
    assert secret not in text
    told = json.loads(text)
    about = {"party": "centre", "log": "L", "made": "2026"}
    # Full-width letters of an input method are the same passphrase.
    assert await page.evaluate(READ, [text, "四五个　ｗｏｒｄｓ 不相关", "centre"]) == {"value": [secret, about]}
    assert await page.evaluate(READ, [text, "四五个 words", "centre"]) == {"code": "recovery.passphrase"}
    assert await page.evaluate(READ, [text, "四五个 words 不相关", "pool"]) == {"code": "recovery.other_party"}
    changed = canonical(told | {"log": "M"}).decode() + "\n"
    assert await page.evaluate(READ, [changed, "四五个 words 不相关", "centre"]) == {"code": "recovery.passphrase"}
    for broken in (text.strip(), "{}", "", canonical(told | {"rounds": 10**8}).decode() + "\n"):
        assert await page.evaluate(READ, [broken, "四五个 words 不相关", "centre"]) == {"code": "recovery.no_file"}


KEEP = """
async (secret) => {
  const key = await window.secret.importSecret(m.fromHex(secret, 32));
  await keeping.keepSecret("centre", { key, file: "F", made: "2026" });
  await keeping.bind("centre", { case: "E-1", draw: "experts", attempt: 1 }, "aa");
  return [await keeping.pinnedLog("first"), await window.secret.codeOf(key)];
}
"""
KEPT = """
async () => {
  const kept = await keeping.keptSecret("centre");
  const attempt = { case: "E-1", draw: "experts", attempt: 1 };
  return {
    code: await window.secret.codeOf(kept.key),
    exported: await tried(() => crypto.subtle.exportKey("raw", kept.key)),
    other: await keeping.keptSecret("pool") ?? null,
    log: await keeping.pinnedLog("second"),
    shown: await keeping.shownFor("centre", attempt),
    again: await tried(() => keeping.bind("centre", attempt, "bb")),
    still: await keeping.shownFor("centre", attempt),
  };
}
"""


async def test_a_kept_secret_outlives_the_page_and_cannot_be_read_back(page: Page) -> None:
    pinned, code = await page.evaluate(KEEP, os.urandom(32).hex())
    await page.reload()
    await page.evaluate(LOAD)
    assert pinned == "first"
    assert await page.evaluate(KEPT) == {
        "code": code,
        "exported": {"code": 15},
        "other": None,
        "log": "first",
        "shown": "aa",
        "again": {"code": 0},
        "still": "aa",
    }
