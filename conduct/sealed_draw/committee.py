"""What the process answers about people: whom to call, how many stand, 相符 or 不符, and in the end their names."""

import hmac
from dataclasses import replace

from conduct.sealed_draw.attempt import STANDING_SALT, Attempt, list_digest
from conduct.sealed_draw.questions import (
    Call,
    Count,
    CountStanding,
    Match,
    Matched,
    Open,
    Opened,
    Person,
    Plan,
    Planned,
    Roll,
    Short,
    Succeed,
    Succession,
)
from expert_pool import notices
from expert_pool.blind_match import blinded, matched
from expert_pool.committee import Committee, committee
from expert_pool.expert import owner_and_code
from expert_pool.notices import Notice

GONE = "gone"


def plan(attempt: Attempt, asked: Plan) -> Planned:
    """Whom to call now. The rules are `expert_pool.notices`'; here labels become handles and telephone numbers."""
    seats, out = attempt.seats(asked.roll), attempt.out(asked.roll)
    standing = [Notice(seat, one.times, one.is_queued) for seat, one in zip(seats, asked.roll.called, strict=True)]
    agenda = notices.agenda(attempt.walk(asked.roll), standing, out, asked.now, asked.calling)
    after = {notice.seat.label: notice.seat for notice in agenda.notices}
    settled = [seat.label for seat in seats if seat.is_waiting and not after[seat.label].is_waiting]
    now = committee(attempt.order(), after.values(), out)
    return Planned(
        settled=tuple(map(attempt.handle, settled)),
        call=tuple(_call(attempt, label, after[label].quota) for label in agenda.call),
        again_at=agenda.again_at,
        members=sum(map(len, now.members)),
        alternates=sum(map(len, now.alternates)),
        is_complete=now.is_complete,
        is_exhausted=notices.is_exhausted(agenda, out),
        short=_short(attempt, now),
    )


def _short(attempt: Attempt, now: Committee) -> tuple[Short, ...]:
    lacking = [
        Short(index, quota.count - len(members), quota.alternates - len(alternates))
        for index, (quota, members, alternates) in enumerate(
            zip(attempt.order().request.quotas, now.members, now.alternates, strict=True)
        )
    ]
    return tuple(one for one in lacking if one.members or one.alternates)


def count(attempt: Attempt, asked: CountStanding) -> Count:
    """Who stands, in numbers."""
    now = _standing(attempt, asked.roll)
    return Count(now.missing_members, list_digest(_standing_salt(attempt), _ids(attempt, now)))


def succession(attempt: Attempt, asked: Succeed) -> Succession:
    """Who is gone, and who follows: alternates of the same quota first, in the draw's order."""
    before = _standing(attempt, asked.roll)
    gone = asked.leaving or _absent(attempt, asked, before)
    after = _standing(attempt, replace(asked.roll, gone=(*asked.roll.gone, *((one, GONE) for one in gone))))
    sat = {label for labels in before.members for label in labels}
    moved_up = [label for labels in after.members for label in labels if label not in sat]
    return Succession(gone, tuple(map(attempt.handle, moved_up)), after.missing_members)


def _absent(attempt: Attempt, asked: Succeed, now: Committee) -> tuple[bytes, ...]:
    quotas = attempt.material.request.quotas
    expected = (
        attempt.handle(label)
        for quota, labels in zip(quotas, now.members, strict=True)
        if quota.place in asked.places
        for label in labels
    )
    return tuple(handle for handle in expected if handle not in asked.seated)


def match(attempt: Attempt, asked: Match, salt: bytes) -> Matched | None:
    """Hold an identity number against the members expected at these places; `salt` is fresh."""
    quotas = attempt.material.request.quotas
    expected = {
        blinded(attempt.experts[label].person.id_number, salt): label
        for quota, labels in zip(quotas, _standing(attempt, asked.roll).members, strict=True)
        if quota.place in asked.places
        for label in labels
    }
    found = matched(asked.id_number, salt, expected)
    if found is None:
        return None
    label = expected[found]
    return Matched(attempt.handle(label), masked(attempt.experts[label].person.name))


def masked(name: str) -> str:
    """A name as its bearer is greeted: the first character, a mark for each other."""
    return name[:1] + "＊" * (len(name) - 1)


def opened(attempt: Attempt, asked: Open) -> Opened:
    """Everything, now that it may be known."""
    rounds = tuple(attempt.round(number).opened() for number in range(len(attempt.past)))
    if attempt.material.form is None:
        return Opened(rounds)
    people = []
    for handle in asked.handles:
        one = attempt.experts[attempt.labels[handle]]
        people.append(Person(handle, one.person.name, one.expert.categories, str(one.expert.id)))
    ids = _ids(attempt, _standing(attempt, asked.roll))
    return Opened(rounds, ids, _standing_salt(attempt), tuple(people))


def _call(attempt: Attempt, label: bytes, quota: int) -> Call:
    place = attempt.material.request.quotas[quota].place
    called = attempt.experts[label]
    owner, _ = owner_and_code(called.expert.id)
    return Call(attempt.handle(label), quota, place, owner, called.person.phone)


def _standing(attempt: Attempt, roll: Roll) -> Committee:
    return committee(attempt.order(), attempt.seats(roll), attempt.out(roll))


def _standing_salt(attempt: Attempt) -> bytes:
    return hmac.digest(attempt.round(0).outcome.key, STANDING_SALT, "sha256")


def _ids(attempt: Attempt, now: Committee) -> tuple[str, ...]:
    return tuple(str(attempt.experts[label].expert.id) for labels in now.members for label in labels)
