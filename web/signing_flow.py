"""Signing from a page: prepare what is read back, release it with the signing password, hand out the receipts.

The steps are those of `conduct.authorising`; the key is opened in another process, and a wrong password stands in the
log before its refusal leaves. A try that nothing decided is taken back.
"""

import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from dataclasses import dataclass, replace
from typing import Any

from conduct import authorising, enrolling, other_software, revoking, stalls, stepping_out, tries
from conduct.activation.questions import Told
from conduct.authorising import Batch, Try
from conduct.enrolling import KeyRules, NewKey
from conduct.licensed import Identity
from conduct.other_software import SoftwareKey
from conduct.outside_keys import AccountNeeded
from conduct.ports import Actor, Json, Recorded, Tx
from conduct.security_keys import Asked, is_needed
from conduct.tries import NotEnrolled, PasswordLocked, Tried
from evaluation.case import CaseId, MemberId
from identity import passwords
from identity.roles import AT_A_SEAT
from signing.ca import Subject
from signing.canonical import short_code
from signing.keystore import PasswordWrong
from web import security_keys
from web.acting import act, act_even_paused, case_of, look
from web.security_keys import Answer
from web.visit import Visit


class WrongSigningPassword(Exception):
    """Not this person's signing password; `fills` has how many tries are left for its words."""

    code = "signing.password_wrong"

    def __init__(self, left: int) -> None:
        super().__init__(f"{left} tries left")
        self.fills = {"left": left}


class AlreadyEnrolled(Exception):
    """A signing password is set already; only the desk's word, after a new check of the identity, replaces it."""

    code = "signing.already_enrolled"


@dataclass(frozen=True, slots=True)
class Stated:
    """What somebody is to sign: statements as (kind, body), and a further digest released with them, if any."""

    statements: Sequence[tuple[str, Json]]
    extra: str = ""


Make = Callable[[Tx, CaseId, Actor], Stated]
Run = Callable[[Visit, Callable[[Tx, CaseId, Actor], Any]], Awaitable[Any]]
"""`act`, or `act_even_paused`."""


@dataclass(frozen=True, slots=True)
class SignedReceipt:
    """What a signer keeps: place and entry of the statement, its proof, and the code it can be found by."""

    index: int
    entry: str
    proof: str
    code: str


async def prepare(visit: Visit, purpose: str, make: Make) -> Batch:
    """Fix the bytes of what is to be signed. Raises what `make` refuses, `Paused`."""

    def fix(tx: Tx, case: CaseId, actor: Actor) -> Batch:
        stated = make(tx, case, actor)
        return authorising.prepare(tx, case, actor.who, purpose, stated.statements, stated.extra)

    return await act(visit, fix)


def answer_of(batch: Batch) -> Json:
    """A prepared batch as a script gets it: its id, the code of what is read back, the statements' own text."""
    return {
        "batch": batch.id,
        "code": short_code(batch.display),
        "statements": [data.decode() for data in batch.statements],
    }


async def ask_security_key(visit: Visit, purpose: str, batch: str, run: Run = act) -> Json:
    """What the browser hands to the signer's security key about a prepared batch; its two minutes begin now.

    Raises `NothingPrepared`, `NotEnrolled`, `AssertionMissing` where no key is registered.
    """
    asked: Asked = await run(
        visit, lambda tx, case, actor: authorising.ask_security_key(tx, case, actor.who, purpose, batch)
    )
    return security_keys.told(asked)


async def sign(
    visit: Visit, purpose: str, batch: str, password: str, run: Run = act, answer: str = ""
) -> list[SignedReceipt]:
    """Sign a prepared batch; the receipts are there at once, for the same commit signs a checkpoint.

    Asked again for a batch that was signed, it hands out the same receipts. Raises `NothingPrepared`, `NotEnrolled`,
    `PasswordLocked`, `WrongSigningPassword`, `Paused`, whatever the procedure refuses by now, and why the activation
    process does not sign. `answer` is what the security key said, where one is registered.
    """
    answered = security_keys.read(answer)

    def begin(tx: Tx, case: CaseId, actor: Actor) -> Try | list[Recorded]:
        before = authorising.signed_before(tx, case, actor.who, purpose, batch)
        return authorising.begin(tx, case, actor.who, purpose, batch, answered.assertion) if before is None else before

    try:
        async with _turn(visit, purpose):
            begun: Try | list[Recorded] = await run(visit, begin)
            recorded = await _release(visit, begun, (password, answered), run) if isinstance(begun, Try) else begun
    finally:
        answered.wipe()
    return [_receipt(visit, one) for one in recorded]


async def prepare_back(visit: Visit) -> Batch:
    """Fix the statement of being back at a seat that was left, also while work is paused. Raises `NotLeft`."""

    def fix(tx: Tx, case: CaseId, actor: Actor) -> Batch:
        stated = [("seat.back", stepping_out.body(tx, case, actor))]
        return authorising.prepare(tx, case, actor.who, stepping_out.PURPOSE, stated)

    batch: Batch = await act_even_paused(visit, fix)
    return batch


async def come_back(visit: Visit, password: str, batch: str = "", answer: str = "") -> None:
    """Sign to be back at a seat that was left; `batch` and `answer` where a security key was asked.

    Raises `NotLeft` and what `sign` does.
    """
    prepared = batch or (await prepare_back(visit)).id
    await sign(visit, stepping_out.PURPOSE, prepared, password, act_even_paused, answer)


async def offer_security_key(visit: Visit) -> Json:
    """What the browser is given to register a security key for the visitor."""
    origin, name = visit.services.origin, visit.services.office.organisation

    def fix(tx: Tx, case: CaseId, actor: Actor) -> Json:
        return security_keys.offer(tx, case, actor.who, name, origin)

    told: Json = await act_even_paused(visit, fix)
    return told


@dataclass(frozen=True, slots=True)
class Chosen:
    """How somebody will sign: a password typed twice, or an account at the provider that keeps members' keys.

    `answer` registers a security key, where the case's rules want one.
    """

    password: str
    again: str
    account: str
    answer: str = ""

    @property
    def typed(self) -> str:
        """The password in its one spelling, typed twice the same. Raises `WeakSigningPassword`, `PasswordsDiffer`."""
        typed = passwords.normal(self.password)
        passwords.check_signing_password(typed, passwords.normal(self.again))
        return typed

    @property
    def named(self) -> str:
        """The account. Raises `AccountNeeded`."""
        if not (account := self.account.strip()):
            raise AccountNeeded
        return account


async def enrol(visit: Visit, chosen: Chosen) -> None:
    """Make the visitor's key, or find it at the provider, with a certificate for this case only.

    Raises `WeakSigningPassword`, `PasswordsDiffer`, `PasswordRefused`, `AlreadyEnrolled`, `KeyNeeded`,
    `KeyNotRegistered`, why the activation process does not answer, and the refusals of `outside_keys`.
    """
    office = visit.services.office
    rules, salt, elsewhere = await _rules(visit, chosen)
    made = _found_outside(visit, chosen, rules) if elsewhere else _made_here(visit, chosen, rules, salt)
    try:
        key, beside = await made
    finally:
        if rules.prf:
            rules.prf.wipe()

    def keep(tx: Tx, case: CaseId, actor: Actor) -> None:
        if tx.shelf(case, "reissue").get(actor.who) is not None:
            enrolling.enrol_again(tx, case, office, actor.who, key)
        elif tx.shelf(case, "credential").get(actor.who) is not None:
            raise AlreadyEnrolled
        elif actor.role in AT_A_SEAT:
            enrolling.enrol(tx, case, office, actor.who, key)
        else:
            enrolling.enrol_person(tx, case, office, actor, key)
        if beside is not None:
            other_software.enrol(tx, case, (office.issuing, office.organisation), actor.who, beside)

    await act_even_paused(visit, keep)


def is_elsewhere(visit: Visit, tx: Tx, case: CaseId) -> bool:
    """Whether the visitor's key lives at the provider: members' do, but where SM2 signatures are wanted."""
    is_member = visit.signed_in.role in AT_A_SEAT
    return is_member and visit.services.office.outside is not None and authorising.algorithms_of(tx, case) == "p256"


def is_kept_here(visit: Visit, tx: Tx, case: CaseId) -> bool:
    """Whether the visitor's key is made here although other cases' members have theirs at the provider."""
    is_member = visit.signed_in.role in AT_A_SEAT
    return is_member and visit.services.office.outside is not None and not is_elsewhere(visit, tx, case)


async def _rules(visit: Visit, chosen: Chosen) -> tuple[KeyRules, bytes, bool]:
    """What the case asks of the visitor's key, a salt for it, and whether it lives at the provider.

    What was typed is judged first: a registered security key's answer is good once.
    """

    def judge(tx: Tx, case: CaseId, actor: Actor) -> tuple[KeyRules, bytes, bool]:
        algorithms, elsewhere = authorising.algorithms_of(tx, case), is_elsewhere(visit, tx, case)
        _ = chosen.named if elsewhere else chosen.typed
        if actor.role not in AT_A_SEAT or not is_needed(tx, case):
            return KeyRules(None, algorithms), tx.random(32), elsewhere
        made = security_keys.registered(tx, case, actor.who, chosen.answer, visit.services.origin)
        return KeyRules(made.key, algorithms, prf=made.prf), made.salt, elsewhere

    found: tuple[KeyRules, bytes, bool] = await act_even_paused(visit, judge)
    return found


async def _made_here(visit: Visit, chosen: Chosen, rules: KeyRules, salt: bytes) -> tuple[NewKey, SoftwareKey | None]:
    """A key under a password, and that for other software beside it."""
    rules = await _with_identity(visit, rules)
    key = await enrolling.make_key(visit.services.office, _name(visit), chosen.typed, salt, rules)
    return key, await _key_for_software(visit, key, chosen.typed)


async def _found_outside(visit: Visit, chosen: Chosen, rules: KeyRules) -> tuple[NewKey, None]:
    """The member's key at the provider; none for other software, which would need a password kept here."""
    office, identity = visit.services.office, await look(visit, _identity)
    if office.outside is None or identity is None:
        raise NotEnrolled
    spent = await look(visit, lambda tx, case, _: revoking.spent(tx, case))
    subject = Subject(identity.alias, office.organisation, identity.case)
    found = await office.outside.find(chosen.named, subject, spent)
    return enrolling.key_elsewhere(_name(visit), found, rules.security_key), None


def _name(visit: Visit) -> str:
    """A fresh name for a key of the visitor's."""
    return f"{case_of(visit)}/{visit.signed_in.who}/{secrets.token_hex(4)}"


async def _with_identity(visit: Visit, rules: KeyRules) -> KeyRules:
    """With for whom a licensed CA is asked, where there is one; SM2 cases have the centre's certificates alone."""
    if visit.services.office.licensed is None or rules.algorithms != "p256":
        return rules
    return replace(rules, identity=await look(visit, _identity))


def _identity(tx: Tx, case: CaseId, actor: Actor) -> Identity | None:
    """For whom a licensed CA is asked: members alone."""
    row = tx.case(case).members.get(MemberId(actor.who)) if actor.role in AT_A_SEAT else None
    return None if row is None else Identity(case, row.id, row.alias, row.kind, row.venue, row.seat)


async def _key_for_software(visit: Visit, key: NewKey, password: str) -> SoftwareKey | None:
    """A member's second key, where other software may have one sign (docs/csc.md).

    What a security key must say has no place in that software's calls: beside one there is none.
    """
    office = visit.services.office
    if not office.csc_name or visit.signed_in.role not in AT_A_SEAT or key.security_key is not None:
        return None
    return await other_software.make_key(office.activation, key.credential, password, secrets.token_bytes(32))


async def _release(visit: Visit, tried: Try, given: tuple[str, Answer], run: Run) -> list[Recorded]:
    password, answered = given
    async with decided(visit, tried):
        await stalls.reached("counted")
        office, now = visit.services.office, visit.services.clock()
        typed = passwords.normal(password) if tried.elsewhere is None else password  # a PIN has one spelling: its own
        prf = answered.prf(tried.salt)
        async with _waiting(visit, tried) as told:
            signed = await authorising.sign(office, tried, typed, now, told, prf)
        await stalls.reached("answered")
        recorded: list[Recorded] = await run(visit, lambda tx, _case, _actor: authorising.finish(tx, signed))
    await stalls.reached("finished")
    return recorded


def _turn(visit: Visit, purpose: str) -> AbstractAsyncContextManager[object]:
    """Signatures inside one report are made one after the other; nobody else waits for anybody."""
    return visit.services.office.turns.of(case_of(visit)) if purpose == "report" else nullcontext()


@asynccontextmanager
async def _waiting(visit: Visit, tried: Try) -> AsyncIterator[Told]:
    """While a signature waits its person's page can tell how many come before it."""
    ahead, key = visit.services.ahead, (tried.case, tried.who)

    async def told(count: int) -> None:
        ahead[key] = count

    try:
        yield told
    finally:
        ahead.pop(key, None)


@asynccontextmanager
async def decided(visit: Visit, tried: Tried) -> AsyncIterator[None]:
    """A counted try has an outcome afterwards: signed, on record as wrong, or taken back whatever else happened."""
    is_decided = False
    try:
        yield
        is_decided = True
    except PasswordWrong:
        await act_even_paused(visit, lambda tx, _case, _actor: tries.failed(tx, tried))
        is_decided = True
        left = tried.allowed - tried.tries
        raise (WrongSigningPassword(left) if left else PasswordLocked()) from None
    finally:
        if not is_decided:
            await act_even_paused(visit, lambda tx, _case, _actor: tries.take_back(tx, tried))


def _receipt(visit: Visit, recorded: Recorded) -> SignedReceipt:
    proof = visit.services.store.fresh_proof(recorded.log, recorded.index)
    return SignedReceipt(recorded.index, recorded.entry, proof, short_code(bytes.fromhex(recorded.entry)))
