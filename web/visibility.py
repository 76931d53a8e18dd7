"""Who may see what of a case at this moment (四不知, docs/roles.md): pure functions of the state and the session.

Whatever leaves the server about a case leaves through here. What a role may not see is absent, not empty.
"""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass

from conduct.blinding import is_told
from conduct.ports import Json
from evaluation.blind import ROLE
from evaluation.blinded import awaits_codes
from evaluation.case import Case, Document, Member, MemberId, State
from evaluation.drawn import is_of_ties
from evaluation.profile import Profile
from expert_pool.committee import Answer
from identity.roles import AT_A_SEAT, Role
from identity.sessions import Session
from web.admission import NotYourCase
from web.lots import lots_of, report_name
from web.pauses import evening, incident_clock
from web.steps import draw_stage, steps_of

VENUE_STAFF = frozenset({Role.SUB_STAFF, Role.CHECKIN})
OFFICE = frozenset({Role.AGENT, Role.MAIN_STAFF})


@dataclass(frozen=True, slots=True)
class Reader:
    """Who looks: the session, and the seats that its venue has in this case (known to the server, sealed before)."""

    session: Session
    seats: tuple[str, ...] = ()

    @property
    def role(self) -> Role:
        """The session's role."""
        return self.session.role


def check_party_to(state: Case, reader: Reader) -> None:
    """Refuse whoever has no part in this case now, as if there were no such case. Raises `NotYourCase`."""
    if not _PARTY_TO.get(reader.role, _nobody)(state, reader):
        raise NotYourCase


def is_party_to(state: Case, reader: Reader) -> bool:
    """The same as an answer."""
    return _PARTY_TO.get(reader.role, _nobody)(state, reader)


def _nobody(_state: Case, _reader: Reader) -> bool:
    return False


def _everybody(_state: Case, _reader: Reader) -> bool:
    return True


def _its_agent(state: Case, reader: Reader) -> bool:
    return state.info is not None and state.info.created_by == reader.session.who


def _its_main_venue(state: Case, reader: Reader) -> bool:
    """Any main venue may take an application over; once seats are held it is that one's case."""
    return not state.venue or state.venue == reader.session.venue


def _a_host(state: Case, reader: Reader) -> bool:
    """A venue learns that it hosts this case when check-in opens (副场不知项目)."""
    return state.state.rank >= State.CHECK_IN.rank and bool(reader.seats or _own_members(state, reader))


def _after_closing(state: Case, _reader: Reader) -> bool:
    return state.state is State.CLOSED


def _its_member(state: Case, reader: Reader) -> bool:
    return reader.session.case == state.id


_PARTY_TO: Mapping[Role, Callable[[Case, Reader], bool]] = {
    Role.AGENT: _its_agent,
    Role.MAIN_STAFF: _its_main_venue,
    Role.SUB_STAFF: _a_host,
    Role.CHECKIN: _a_host,
    Role.SUPERVISOR: _everybody,
    Role.WITNESS: _everybody,
    Role.ARCHIVIST: _after_closing,
    Role.AUDIT_ADMIN: _everybody,
    Role.MEMBER: _its_member,
    Role.LEADER: _its_member,
}


def case_view(state: Case, reader: Reader, profile: Profile) -> Json:
    """What this role may see of a case now. Raises `NotYourCase`."""
    check_party_to(state, reader)
    view: Json = {"case": state.id, "state": state.state.value, "closed_at": state.closed_at}
    if reader.role is Role.AUDIT_ADMIN:
        return view | {"entries": state.size}
    view |= {
        "project": _project(state, profile),
        "steps": [step.told() for step in steps_of(state, profile)],
        "pause": _pause(state),
        "ending": _ending(state),
        "follows": state.info.follows if state.info else "",
        "again": state.reevaluation is not None,
        "is_open": state.is_open,
        "leader": state.leader if state.state.rank >= State.CHECK_IN.rank else "",
        "members": [_member(state, member, reader) for member in _members_for(state, reader)],
        "expected": state.application.size if state.application else 0,
    }
    for name, (may, make) in _PARTS.items():
        if may(state, reader):
            view[name] = make(state, reader)
    return view


def document_for(state: Case, reader: Reader, sha256: str) -> Document | None:
    """A document of these bytes that this role may open now, or None; of several that are alike the first."""
    return next((one for one in documents_for(state, reader) if one.sha256 == sha256), None)


def documents_for(state: Case, reader: Reader) -> tuple[Document, ...]:
    """The documents this role may open now. While work is paused the caller refuses all of them."""
    lots = (state,) if reader.role in AT_A_SEAT else state.lots_so_far
    held = dict.fromkeys(one for lot in lots for one in lot.documents)
    return *(one for one in held if _may_open(state, one, reader)), *_made(state, reader)


def sees_numbers(state: Case, reader: Reader) -> bool:
    """Whether totals may be shown: to the supervisor once all have submitted, to others at the end.

    The committee sees them when the candidates stand: who has a sheet back must not change it with an eye on the order.
    """
    if reader.role in AT_A_SEAT:
        return bool(state.candidates)
    if reader.role is Role.SUPERVISOR:
        return bool(state.rows)
    return _has_result(state) and reader.role in OFFICE | {Role.ARCHIVIST}


def sees_equals(state: Case, reader: Reader) -> bool:
    """Whether it may be told which bids are equal: to who may see totals, and to the supervisor once it is found."""
    return reader.role is Role.SUPERVISOR or sees_numbers(state, reader)


def _has_result(state: Case) -> bool:
    """Closed, and not sealed half-way: what a void evaluation came to is for nobody who prepares the next one."""
    return state.state is State.CLOSED and state.ending is None


def _project(state: Case, profile: Profile) -> Json:
    info = state.info
    if info is None:
        return {}
    return {
        "code": info.project,
        "title": info.title,
        "tenderer": info.tenderer,
        "agent": info.agent,
        "region": info.region,
        "lot": info.lot,
        "limit": info.limit,
        "planned_start": info.planned_start,
        "profile": info.profile,
        "rules": profile.title,
        "demo": info.demo,
    }


def _pause(state: Case) -> Json | None:
    pause = state.pause
    if pause is None:
        return None
    away = [member.alias for member in state.members.values() if not member.confirmed_presence]
    told = {"kind": pause.kind, "began": pause.began, "reason": pause.reason, "missing": away}
    barred = [member.alias for member in state.members.values() if pause.is_barred(member.id)]
    return told | {"barred": barred} | evening(state) | incident_clock(state)


def _ending(state: Case) -> Json | None:
    ending = state.ending
    return {"ground": ending.ground, "reason": ending.reason, "at": ending.at} if ending else None


def _own_members(state: Case, reader: Reader) -> list[Member]:
    return [member for member in state.members.values() if member.venue == reader.session.venue]


def _members_for(state: Case, reader: Reader) -> list[Member]:
    """Sub venues and desks see their own seats; everybody else of the case sees all."""
    return _own_members(state, reader) if reader.role in VENUE_STAFF else list(state.members.values())


def _member(state: Case, member: Member, reader: Reader) -> Json:
    """A seat of the committee. Names open with the committee, and stay behind the alias in the room."""
    row: Json = {"id": member.id, "alias": member.alias, "kind": member.kind, "seat": member.seat}
    row |= {"online": member.online, "present": member.confirmed_presence, "away": bool(member.left_at)}
    if reader.role not in AT_A_SEAT:
        row |= {"venue": member.venue, "enrolled": bool(member.credential), "locked": member.is_locked}
        row |= {"device_checked": member.device_checked}
    if reader.role in {Role.CHECKIN, Role.SUB_STAFF, Role.MAIN_STAFF} and member.venue == reader.session.venue:
        row["locker"] = member.locker
    if state.is_open and (reader.role not in AT_A_SEAT or member.id == reader.session.who):
        row |= {"name": member.name, "categories": list(member.categories)}
    return row


def _draws(state: Case, reader: Reader) -> Json:
    """Commitments, digests and counts; the order and the places stay sealed, and which bids are equal is a rank."""
    may_see = {name: not is_of_ties(name) or sees_equals(state, reader) for name in state.draws}
    return {
        name: {
            "stage": draw_stage(draw),
            "at": draw.at,
            "requested_by": draw.requested_by,
            "request": dict(draw.request) if may_see[name] else {},
            "confirmed": draw.confirmed,
            "root": draw.root,
            "size": draw.size,
            "excluded": dict(draw.excluded),
            "attempt": draw.attempt,
            "commits": {party: one.commit for party, one in draw.parties.items()},
            "legal_persons": {party: one.legal_person for party, one in draw.parties.items()},
            "digest": draw.digest,
            "revealed": list(draw.now.revealed),
            "order": draw.order,
            "opened": list(draw.opened) if may_see[name] else [],
            "stands": draw.stands,
            "short": [dict(one) for one in draw.short],
            "replacements": [asdict(one) for one in draw.replacements],
        }
        for name, draw in state.draws.items()
    }


def _calls(state: Case, _reader: Reader) -> Json:
    answers = list(state.notices.values())
    return {word or "waiting": answers.count(word) for word in ("", *(str(answer) for answer in Answer))}


def _application(state: Case, _reader: Reader) -> Json | None:
    made = state.application
    if made is None:
        return None
    return {
        "experts": made.experts,
        "representatives": made.representatives,
        "start": made.start,
        "days": made.days,
        "overnight": made.overnight,
        "avoid_units": list(made.avoid_units),
    }


def _bids(state: Case, reader: Reader) -> list[Json]:
    prices = reader.role in {Role.AGENT, Role.SUPERVISOR, Role.ARCHIVIST} or state.state.rank >= State.PRICE.rank
    return [
        {"id": bid.id, "name": bid.name, "valid": bid.id not in state.rejections}
        | ({"price": bid.price} if prices else {})
        for bid in state.bids.values()
    ]


def _progress(state: Case, _reader: Reader) -> Json:
    """n of n, never a number that somebody gave."""
    wanted = state.sheets_wanted
    signed = [key for key in state.sheets if key[1] in wanted and key not in state.returned]
    return {
        "pledged": sum(member.pledged for member in state.members.values()),
        "voted": len(state.ballots["leader"].cast) if "leader" in state.ballots else 0,
        "prelim": sorted(state.prelims),
        "sheets": {member: sum(key[0] == member for key in signed) for member in state.members},
        "bids": len(wanted),
        "members": len(state.members),
        "unanswered_flags": sum(not flag.decision for flag in state.flags),
        "signed_report": sorted(state.report.signatures) if state.report else [],
    }


def _rows(state: Case, _reader: Reader) -> Json:
    return {"rows": [dict(row) for row in state.rows], "candidates": list(state.candidates)}


def _report(state: Case, _reader: Reader) -> Json | None:
    made = state.report
    if made is None:
        return None
    outcomes = {member: signed.body.get("outcome", "") for member, signed in made.signatures.items()}
    return {"version": made.version, "sha256": made.sha256, "rendered_at": made.rendered_at, "outcomes": outcomes}


def _clarifications(state: Case, reader: Reader) -> list[Json]:
    rows = []
    for one in state.clarifications.values():
        row: Json = {"id": one.id, "due": one.due, "asked_at": one.asked_at, "answered_at": one.answered_at}
        row["confirmed"] = one.confirmed
        if reader.role not in OFFICE:
            row |= {"bid": one.bid, "pages": one.pages, "text": one.text}
            row["answer"] = one.answer if one.confirmed or reader.session.who == state.leader else ""
        rows.append(row)
    return rows


def _marks(state: Case, _reader: Reader) -> list[Json]:
    return [{"at": mark.at, "who": mark.who, "seat": mark.seat, "text": mark.text} for mark in state.marks]


def _gaps(state: Case, _reader: Reader) -> list[Json]:
    return [
        {"seat": gap.seat, "track": gap.track, "from": gap.start, "to": gap.end, "reason": gap.reason}
        for gap in state.gaps
    ]


def _documents(state: Case, reader: Reader) -> list[Json]:
    return [
        {"sha256": one.sha256, "path": one.path, "role": one.role, "size": one.size, "package": one.package}
        for one in documents_for(state, reader)
    ]


def _may_open(state: Case, document: Document, reader: Reader) -> bool:
    """A document that a package brought: the tender's once there is a committee, the bids' after the pledge.

    Whose an anonymised file is, is told to nobody before the codes are opened, and to a newcomer not before the own
    sheets by code are signed: members have it by its code alone.
    """
    scores_blind = reader.role in AT_A_SEAT and awaits_codes(state, MemberId(reader.session.who))
    if document.role == ROLE and (scores_blind or not is_told(state, document)):
        return False
    match reader.role:
        case Role.AGENT | Role.SUPERVISOR:
            return True
        case Role.ARCHIVIST:
            return state.state is State.CLOSED
        case Role.MEMBER | Role.LEADER:
            member = next((one for one in state.members.values() if one.id == reader.session.who), None)
            pledged = member is not None and member.pledged and member.id not in state.recused
            return state.is_open if document.package == "tender" else pledged and document.role != "certificate"
        case _:
            return False


def _made(state: Case, reader: Reader) -> list[Document]:
    """What the evaluation itself brought forth: answers of bidders and the report."""
    found = []
    for row, one in zip(_clarifications(state, reader), state.clarifications.values(), strict=True):
        if row.get("answer"):
            found.append(Document(f"{one.id}.pdf", "clarification_answer", one.answer, 0, "clarification"))
    for lot in state.lots_so_far if _sees_report(state, reader) else ():
        if lot.report is not None:
            found.append(Document(report_name(lot), "report", lot.report.sha256, 0, "report"))
    return found


def _sees_report(state: Case, reader: Reader) -> bool:
    return reader.role in AT_A_SEAT | {Role.SUPERVISOR} or (
        reader.role in OFFICE | {Role.ARCHIVIST} and _has_result(state)
    )


def _roles(*roles: Role) -> Callable[[Case, Reader], bool]:
    return lambda _state, reader: reader.role in roles


def _opened(state: Case, reader: Reader) -> bool:
    """Bidders are known once the packages are opened; to venues they are no concern."""
    return bool(state.bids) and reader.role not in VENUE_STAFF | {Role.MAIN_STAFF, Role.WITNESS}


def _sees_progress(state: Case, reader: Reader) -> bool:
    """Counts are for who leads and who supervises; staff see stage words only."""
    is_leader = reader.role in AT_A_SEAT and reader.session.who == state.leader
    return is_leader or reader.role in {Role.SUPERVISOR, Role.ARCHIVIST}


May = Callable[[Case, Reader], bool]
Make = Callable[[Case, Reader], object]

_PARTS: Mapping[str, tuple[May, Make]] = {
    "application": (_roles(Role.AGENT, Role.MAIN_STAFF, Role.SUPERVISOR, Role.ARCHIVIST), _application),
    "draws": (_roles(Role.AGENT, Role.MAIN_STAFF, Role.SUPERVISOR, Role.ARCHIVIST), _draws),
    "calls": (_roles(Role.AGENT, Role.MAIN_STAFF, Role.SUPERVISOR, Role.ARCHIVIST), _calls),
    "bids": (_opened, _bids),
    "progress": (_sees_progress, _progress),
    "result": (sees_numbers, _rows),
    "report": (_sees_report, _report),
    "lots": (lambda state, _: bool(state.lots), lambda state, r: lots_of(state, shows_reports=_sees_report(state, r))),
    "clarifications": (_roles(*AT_A_SEAT, Role.AGENT, Role.SUPERVISOR, Role.ARCHIVIST), _clarifications),
    "marks": (_roles(Role.WITNESS, Role.SUPERVISOR, Role.ARCHIVIST), _marks),
    "gaps": (_roles(Role.WITNESS, Role.SUPERVISOR, Role.MAIN_STAFF, Role.ARCHIVIST), _gaps),
    "documents": (
        lambda _state, reader: reader.role in AT_A_SEAT | {Role.AGENT, Role.SUPERVISOR, Role.ARCHIVIST},
        _documents,
    ),
    "seats": (_roles(Role.MAIN_STAFF, Role.SUB_STAFF, Role.CHECKIN), lambda _state, reader: list(reader.seats)),
}
