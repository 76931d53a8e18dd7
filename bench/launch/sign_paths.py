"""`sign_paths.py FOLDER`: what signing costs inside, as one JSON object; processor time where no wall is named.

Keys and signatures alone; a whole score sheet from the released password to stamp and receipt, on a real store with a
case in the middle of scoring; the log; two hundred passwords at once in the real activation process.
"""

import asyncio
import json
import os
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
from cryptography.hazmat.primitives.serialization import Encoding

from conduct import authorising, scoring
from conduct.activation.keyholder import act_of
from conduct.activation.office import ActivationOffice
from conduct.activation.questions import Create, Sign
from conduct.activation.setup import Setup
from conduct.founding import state_draw_process
from conduct.stamping import Stamping
from demo import case_example_a as example
from house import House, open_house
from settings import Settings
from signing.ca import Subject, Term, make_signer
from signing.cms import Chain, sign_detached, verify_detached
from signing.keys import load_public, new_key
from signing.keystore import Cost, Prf
from signing.merkle import Tree
from signing.sm2 import new_sm2_key
from storage.transaction import Transaction
from tests.services.activation import office_of
from tests.services.evaluation import PASSWORD, Evaluation
from tests.signing.touch import Touch

ROUNDS, MANY, SHEETS, BURST, DURABLE = 5, 400, 140, 200, 4000
LEAVES = 300_000
CASE = "E-2026-0001"
TO_THE_SCORING = (
    "prepare_deployment", "apply", "draw_venues", "draw_experts", "open_bids", "check_in", "pledge_and_elect", "review",
)  # fmt: skip
Figures = dict[str, float]


def best(act: Callable[[], object], times: int = MANY) -> float:
    """The least processor time of one act, over several rounds of so many."""
    spent = []
    for _ in range(ROUNDS):
        began = time.process_time()
        for _ in range(times):
            act()
        spent.append((time.process_time() - began) / times)
    return min(spent)


def keys(house: House) -> Figures:
    """One key, one signature, one file of 140 sheets."""
    key, now = new_key(), datetime.now(UTC).replace(microsecond=0)
    digest = sha256(b"sheet").digest()
    value = key.sign_digest(digest)
    term = Term(5, now - timedelta(minutes=1), now + timedelta(days=1))
    issuing, roots = house.keys.issuing, [house.keys.root.certificate]
    chain = Chain(make_signer(issuing, Subject("评委5", "演示", CASE), key.public_key, term), issuing.certificate)
    leaves = [sha256(number.to_bytes(8)).digest() for number in range(SHEETS)]
    files = [sign_detached(leaf, key, chain, now, digest) for leaf in leaves]

    def verify_all() -> None:
        for leaf, file in zip(leaves, files, strict=True):
            verify_detached(file, leaf, roots, now)

    twin = new_sm2_key()
    signed = twin.sign(b"sheet")
    return {
        "sm2_sign_per_s": 1 / best(lambda: twin.sign(b"sheet")),
        "sm2_verify_per_s": 1 / best(lambda: twin.public_key.verify(b"sheet", signed)),
        "p256_sign_per_s": 1 / best(lambda: key.sign_digest(digest)),
        "p256_verify_per_s": 1 / best(lambda: key.public_key.verify(value, b"sheet", ec.ECDSA(SHA256()))),
        "cms_ms": 1e3 * best(lambda: sign_detached(digest, key, chain, now, digest)),
        "verify140_s": best(verify_all, 1),
    }


def log() -> Figures:
    """The tree in memory."""
    entries = [number.to_bytes(32) for number in range(LEAVES)]

    def grow() -> None:
        tree = Tree()
        for entry in entries:
            tree.append(entry)

    tree = Tree()
    for entry in entries:
        tree.append(entry)
    return {
        "log_append_per_s": LEAVES / best(grow, 1),
        "proof_us": 1e6 * best(lambda: tree.inclusion(LEAVES // 3)),
    }


async def durable(house: House) -> Figures:
    """Statements through the writer, wall time: so many at once, each acknowledged by a commit that is on the disk."""

    def state(tx: Transaction) -> None:
        state_draw_process(tx, bytes(32).hex())

    began = time.monotonic()
    async with asyncio.TaskGroup() as tasks:
        for _ in range(DURABLE):
            tasks.create_task(house.store.act(state))
    return {"log_durable_per_s": DURABLE / (time.monotonic() - began)}


async def score_path(house: House, folder: Path) -> Figures:
    """Five members sign their five sheets each; the best member counts: processor time of all threads, for a sheet."""
    evaluation = Evaluation(house.store, office_of(house.keys), folder, example)
    for part in TO_THE_SCORING:
        await getattr(evaluation, part)()
    stamping = Stamping(house.store, house.time_authority, lambda _: None)
    for alias in evaluation.example.MEMBERS:
        await fill(evaluation, alias)
    await stamping.round()
    spent = [await signed(evaluation, stamping, alias) for alias in evaluation.example.MEMBERS]
    return {"score_path_ms": 1e3 * min(spent)}


async def fill(evaluation: Evaluation, alias: str) -> None:
    """Type every cell of a member."""
    member = evaluation.member(alias)

    def save(tx: Transaction) -> None:
        for bid in evaluation.state.valid_bids:
            for item, typed in example.scores_of(alias, bid).items():
                scoring.save(tx, evaluation.case, member, scoring.Cell(bid, item, "score"), typed, 0)

    await evaluation.store.act(save)


async def signed(evaluation: Evaluation, stamping: Stamping, alias: str) -> float:
    """Processor seconds a sheet, from the verified password to signature, stamp, log entry and receipt."""
    store, case, actor = evaluation.store, evaluation.case, evaluation.member(alias)

    def begin(tx: Transaction) -> authorising.Try:
        stated = [("sheet.signed", body) for body in scoring.bodies(tx, case, actor)]
        batch = authorising.prepare(tx, case, actor.who, "score-sheet", stated)
        return authorising.begin(tx, case, actor.who, "score-sheet", batch.id)

    tried = await store.act(begin)
    began = time.process_time()
    release = await authorising.sign(evaluation.office, tried, PASSWORD, datetime.now(UTC))
    recorded = await store.act(lambda tx: authorising.finish(tx, release))
    proofs = [store.fresh_proof(one.log, one.index) for one in recorded]
    await stamping.round()
    spent = time.process_time() - began
    stamps = [store.timestamp(sha256(signature).hexdigest()) for pair in release.signatures for signature in pair.files]
    if not all(proofs) or not all(stamps):
        raise RuntimeError("a sheet without receipt or stamp")
    return spent / len(recorded)


async def burst(house: House) -> Figures:
    """Two hundred members sign at once with a password at its full price; the floor in halves before and after."""
    before = await asyncio.to_thread(floor, BURST // 2)
    async with asyncio.TaskGroup() as tasks:
        office = await ActivationOffice.start(Setup(house.keys.share, *house.keys.root_certificates), tasks)
        by_password = await answers(office, await question(house, office, None))
        by_key = await answers(office, await question(house, office, Touch(), computes=True))
        by_plain_key = await answers(office, await question(house, office, Touch()))
        await office.close()
    least = before + await asyncio.to_thread(floor, BURST // 2)
    return {
        "burst200_pin_s": by_password[-1],
        "burst200_floor_s": least,
        "burst200_pin_over_floor": by_password[-1] / least,
        "burst200_key_p99_s": by_key[BURST * 99 // 100 - 1],
        "burst200_key_without_prf_p99_s": by_plain_key[BURST * 99 // 100 - 1],
        "burst200_key_without_prf_over_floor": by_plain_key[-1] / least,
    }


async def answers(office: ActivationOffice, ask: Callable[[], Sign]) -> list[float]:
    """Wall seconds until each of two hundred members who ask at once has signed, in order; none may be lost."""
    began = time.monotonic()

    async def one(question: Sign) -> float:
        await office.ask(question)
        return time.monotonic() - began

    async with asyncio.TaskGroup() as members:
        waiting = [members.create_task(one(ask())) for _ in range(BURST)]
    return sorted(task.result() for task in waiting)


def floor(count: int) -> float:
    """Wall seconds of so many bare Argon2id over the processors."""
    cost, cores = Cost(), len(os.sched_getaffinity(0))

    def one(_: int) -> None:
        Argon2id(
            salt=os.urandom(32), length=32, iterations=cost.passes, lanes=cost.lanes, memory_cost=cost.memory_kib
        ).derive(b"804517")

    with ThreadPoolExecutor(cores) as pool:
        began = time.monotonic()
        list(pool.map(one, range(count)))
        return time.monotonic() - began


async def question(
    house: House, office: ActivationOffice, touch: Touch | None, *, computes: bool = False
) -> Callable[[], Sign]:
    """A member's key in this process, and what is asked of it; with a security key touched for each act.

    One that `computes` helps to seal it (docs/security-keys.md); each act then is a member's first after registration.
    """
    key, salt = touch.key if touch else None, os.urandom(32)
    prf = Prf(touch.computed(salt)) if touch and computes else None
    made = await office.ask(Create("bench", memoryview(PASSWORD.encode()), salt, key, prf=prf))
    now = datetime.now(UTC).replace(microsecond=0)
    term = Term(5, now - timedelta(minutes=1), now + timedelta(days=1))
    issuing = house.keys.issuing
    signer = make_signer(issuing, Subject("评委5", "演示", CASE), load_public(made.public_key), term)

    def ask() -> Sign:
        asked = Sign(
            credential="bench",
            sealed=made.sealed,
            password=memoryview(PASSWORD.encode()),
            certificate=signer.public_bytes(Encoding.DER),
            issuing=issuing.certificate.public_bytes(Encoding.DER),
            case=CASE,
            purpose="score-sheet",
            leaves=(os.urandom(32),),
            display=bytes(32),
            nonce=os.urandom(16),
            issued_at=datetime.now(UTC).replace(microsecond=0),
            security_key=key,
            prf=touch.prf(salt, os.urandom(32)) if touch and computes else None,
        )
        return replace(asked, assertion=touch.answer(act_of(asked)[1].challenge)) if touch else asked

    return ask


async def main(folder: Path) -> None:
    """Everything, one after the other."""
    house = open_house(Settings(state=folder / "server"))
    try:
        figures = keys(house) | log() | await durable(house) | await score_path(house, folder) | await burst(house)
    finally:
        house.store.close()
    print(json.dumps(figures))


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):
        asyncio.run(main(Path(sys.argv[1])))
