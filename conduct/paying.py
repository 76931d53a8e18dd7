"""The expert's fee (劳务费; step 26): time as the log tells it, confirmed by the expert, and the sheet for who pays.

The log gets times and the sum. A bank account lies sealed on a shelf of the case, reaches no statement, not even as a
digest, and is destroyed once the payer has the sheet (docs/adr/0403). The system pays nobody.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from conduct.directory import DEPLOYMENT
from conduct.ports import Actor, Json, Tx
from conduct.rulebook import profile_of
from evaluation.case import Case, CaseId, Member, MemberId, State
from evaluation.fee import FeeRule, Span, days_of, fee_yuan
from evaluation.fees import AGREED, load_fees

ACCOUNTS: Final = "account"
NUMBER: Final = re.compile(r"[0-9]{8,32}")
Ground = Literal["worked", "not_started", "recusal"]


class NotPaid(Exception):
    """Only experts are paid: a representative of the tenderer confirms nothing."""

    code = "fee.not_paid"


class FeeTooEarly(Exception):
    """The time ends with the answer to the report, which this member has not given."""

    code = "fee.too_early"


class FeeAlreadyConfirmed(Exception):
    """This member has confirmed."""

    code = "fee.already_confirmed"


class AccountMisspelt(Exception):
    """An account is eight to thirty-two digits at a named bank; or neither is given, where the payer knows it."""

    code = "fee.account_misspelt"


class FeesNotDue(Exception):
    """Accounts are for who pays once the case is closed."""

    code = "fee.not_due"


class AccountsGone(Exception):
    """The accounts of this case have been destroyed."""

    code = "fee.accounts_gone"


@dataclass(frozen=True, slots=True)
class Due:
    """What one expert is due: from when to when (UTC, empty while it lasts), whole minutes, and the sum in yuan.

    `yuan` is None where the sum is agreed elsewhere, or the time has not ended. `body` is what the expert confirmed.
    """

    member: Member
    began: str
    ended: str
    minutes: int
    yuan: int | None
    ground: Ground
    body: Json | None

    @property
    def agrees(self) -> bool:
        """Whether the expert has confirmed this time."""
        return self.body is not None and bool(self.body["agreed"])


@dataclass(frozen=True, slots=True)
class Account:
    """Where the money goes."""

    bank: str
    number: str


def table_of(tx: Tx, case: CaseId) -> FeeRule | None:
    """The table of the case's profile; None where sums are agreed elsewhere."""
    name = profile_of(tx, case).rules.fee.table
    return None if name == AGREED else load_fees(name)


def dues(tx: Tx, case: CaseId) -> tuple[Due, ...]:
    """Every expert who ever came, in the order of arrival, those who left included."""
    state, came = tx.case(case), _moments(tx, case, "checkin.matched")
    everybody = {**state.members, **{key: one.member for key, one in state.replaced.items()}}
    arrived = ((everybody[MemberId(key)], at) for key, at in came)
    return tuple(_due(tx, state, member, at) for member, at in arrived if member.is_expert)


def own(tx: Tx, case: CaseId, actor: Actor) -> Due:
    """What this member is due. Raises `NotPaid`."""
    found = next((due for due in dues(tx, case) if due.member.id == actor.who), None)
    if found is None:
        raise NotPaid
    return found


def confirm(tx: Tx, case: CaseId, actor: Actor, account: Account, objection: str) -> None:
    """The expert confirms the time, or objects to it in writing, and leaves the account; both empty: the payer has it.

    Raises `NotPaid`, `FeeTooEarly`, `FeeAlreadyConfirmed`, `AccountMisspelt`.
    """
    due = own(tx, case, actor)
    if not due.ended:
        raise FeeTooEarly
    if due.body is not None:
        raise FeeAlreadyConfirmed
    number, bank = re.sub(r"\s", "", account.number), account.bank.strip()
    if bool(number) != bool(bank) or (number and not NUMBER.fullmatch(number)):
        raise AccountMisspelt
    if number:
        tx.shelf(case, ACCOUNTS).put(due.member.id, {"bank": bank, "number": number})
    rule, said = table_of(tx, case), objection.strip()
    tx.record(
        case,
        "fee.confirmed",
        {
            "member": due.member.id,
            "alias": due.member.alias,
            "table": rule.digest if rule else "",
            "began": due.began,
            "ended": due.ended,
            "minutes": due.minutes,
            "yuan": "" if due.yuan is None else str(due.yuan),
            "agreed": not said,
            "remark": said,
        },
    )


def accounts(tx: Tx, case: CaseId) -> dict[str, Account]:
    """The accounts by member, for who pays a closed case. Raises `FeesNotDue`."""
    if tx.case(case).state is not State.CLOSED:
        raise FeesNotDue
    return {key: Account(row["bank"], row["number"]) for key, row in tx.shelf(case, ACCOUNTS).items()}


def are_destroyed(tx: Tx, case: CaseId) -> bool:
    """Whether the accounts of this case are gone."""
    return any(json.loads(data)["body"]["about"] == case for _, data in tx.statements(DEPLOYMENT, "accounts.destroyed"))


def destroy(tx: Tx, case: CaseId, actor: Actor) -> None:
    """The payer has the sheet: the accounts are forgotten. Raises `FeesNotDue`, `AccountsGone`."""
    held = len(accounts(tx, case))
    if are_destroyed(tx, case):
        raise AccountsGone
    tx.forget_shelves(case, (ACCOUNTS,))
    total = sum(due.yuan or 0 for due in dues(tx, case))
    tx.record(
        DEPLOYMENT,
        "accounts.destroyed",
        {"by": actor.as_by(), "about": case, "accounts": held, "yuan": str(total)},
    )


def _due(tx: Tx, state: Case, member: Member, began: str) -> Due:
    rules, rule = profile_of(tx, state.id).rules.fee, table_of(tx, state.id)
    ended, confirmed = _ended(state, member.id), state.fees.get(member.id)
    ground = _ground(tx, state, member.id, ended)
    days: tuple[int, ...] = ()
    if ended and ground == "worked":
        unpaid = ("night",) if rules.break_counts else ("night", "break")
        breaks = tuple(_breaks(tx, state.id, ended, unpaid))
        days = days_of(datetime.fromisoformat(began), datetime.fromisoformat(ended), breaks)
    return Due(
        member=member,
        began=began,
        ended=ended,
        minutes=sum(days),
        yuan=_sum(rule, ground, days) if rule and ended else None,
        ground=ground,
        body=dict(confirmed.body) if confirmed else None,
    )


def _sum(rule: FeeRule, ground: Ground, days: tuple[int, ...]) -> int:
    """Day by day; who worked less than a minute worked."""
    if ground != "worked":
        return rule.not_started_yuan
    return sum(fee_yuan(rule, minutes) for minutes in days if minutes) or fee_yuan(rule, 1)


def _ended(state: Case, member: MemberId) -> str:
    """When somebody's work ended: with the answer to the last report, silence that is one, or the replacement."""
    if member in state.replaced:
        return state.replaced[member].at
    if state.ending is not None:
        return state.ending.at
    if state.next_lot is not None:
        return ""  # whoever has answered this report goes on to the next lot
    report = state.report
    answered = {**report.witnessed, **report.signatures} if report else {}
    return answered[member].at if member in answered else ""


def _ground(tx: Tx, state: Case, member: MemberId, ended: str) -> Ground:
    """Who stands aside, or leaves before the evaluation has begun, is paid for coming (Example D)."""
    if member in state.replaced and state.replaced[member].reason == "recusal":
        return "recusal"
    started = next((json.loads(data)["at"] for _, data in tx.statements(state.id, "case.ready")), "")
    return "worked" if started and (not ended or started <= ended) else "not_started"


def _breaks(tx: Tx, case: CaseId, ended: str, kinds: tuple[str, ...]) -> Iterator[Span]:
    for pause in tx.case(case).pauses:
        if pause.kind in kinds and pause.began < ended:
            yield datetime.fromisoformat(pause.began), datetime.fromisoformat(min(pause.ended or ended, ended))


def _moments(tx: Tx, case: CaseId, kind: str) -> list[tuple[str, str]]:
    said = [json.loads(data) for _, data in tx.statements(case, kind)]
    return [(one["body"]["member"], one["at"]) for one in said]
