"""Who sat and how they came: members, venues, ballots, sign-ins, draws. No telephone, nobody who was not seated."""

from collections import Counter
from collections.abc import Mapping
from typing import Any, Literal

from archive.report.annexes import (
    Draw,
    DrawnElsewhere,
    DrawRequest,
    MemberSignature,
    PledgeText,
    SignaturePlace,
    SignIn,
    Tally,
)
from archive.report.data import ElectionRound, Member, Replacement, Venue, VoteCount
from conduct.ports import Tx
from conduct.report.material import REPORT_WORDS as WORDS
from conduct.report.material import Material, second
from evaluation.drawn import TIES, is_of_ties
from evaluation.drawn import Draw as DrawState
from evaluation.fold import Logged
from signing.canonical import short_code


def venues(material: Material) -> tuple[Venue, ...]:
    """The centres that lent seats, the main venue first."""
    return tuple(Venue(word, material.venues.get(code, code), seats) for code, (word, seats) in material.places.items())


def members(material: Material) -> tuple[Member, ...]:
    """The committee by alias, then those who were replaced."""
    left = {one.member.id: one.member for one in material.state.replaced.values()}
    return tuple(
        Member(
            ref=member.alias,
            name=member.name,
            kind=WORDS["member_kinds"][member.kind].format(categories=WORDS["separator"].join(member.categories)),
            unit="" if member.is_expert else material.info.tenderer,
            venue=material.place(member.venue),
            seat=member.seat,
            origin=WORDS["origins"][_origin(material, member.is_expert)],
            duty="leader" if member.id == material.state.leader else "member",
            state="replaced" if member.id in left else "seated",
        )
        for member in (*material.state.members.values(), *left.values())
    )


def _origin(material: Material, is_expert: bool) -> str:
    """Who chose somebody: a draw of this case, another platform's, the tenderer; of a re-evaluation the sealed case."""
    if material.state.reevaluation is not None:
        return "recalled"
    return (material.state.draws["experts"].source or "expert") if is_expert else "representative"


def replacements(material: Material) -> tuple[Replacement, ...]:
    """Each member who left, who took the place, and what became of the conclusions (实施条例 Art. 48)."""
    words = WORDS["replacement"]
    return tuple(
        Replacement(
            at=second(logged.at),
            left=material.alias(logged.body["member"]),
            joined=material.alias(_successor(material, logged)),
            reason=words["reasons"][logged.body["reason"]],
            voided=words["voided"].format(count=_signed_by(material, logged)),
        )
        for logged in material.of("member.replaced")
    )


def _successor(material: Material, replaced: Logged) -> str:
    """Who is named, or who came next."""
    came = (one.body["member"] for one in material.of("checkin.matched") if one.index > replaced.index)
    return str(replaced.body.get("successor") or next(came))


def _signed_by(material: Material, replaced: Logged) -> int:
    """How many papers of the evaluation the leaving member had signed."""
    kinds = ("prelim.signed", "sheet.signed", "vote.signed", "report.signed")
    return sum(
        one.index < replaced.index and one.body["member"] == replaced.body["member"] for one in material.of(*kinds)
    )


def elections(material: Material) -> tuple[ElectionRound, ...]:
    """Each round of the leader's ballot: votes received, never who cast them."""
    return tuple(
        ElectionRound(
            at=second(logged.at),
            counts=tuple(VoteCount(material.alias(one), votes) for one, votes in sorted(logged.body["counts"].items())),
            result=_result(material, logged.body),
        )
        for logged in material.of("ballot.counted")
    )


def _result(material: Material, body: Mapping[str, Any]) -> str:
    if body.get("elected"):
        leader: str = WORDS["election"]["elected"].format(leader=material.alias(body["elected"]))
        return leader
    names = WORDS["separator"].join(material.alias(one) for one in body["next"])
    tied: str = WORDS["election"]["next"].format(names=names)
    return tied


def sign_ins(material: Material) -> tuple[SignIn, ...]:
    """Each arrival as the desk recorded it."""
    return tuple(
        SignIn(
            member=material.alias(logged.body["member"]),
            arrived=second(logged.at),
            check=WORDS["sign_in"][logged.body["method"]],
            locker=logged.body["locker"],
            left="",
        )
        for logged in material.of("checkin.matched")
    )


def pledges(tx: Tx, material: Material) -> tuple[PledgeText, ...]:
    """The text that was pledged, usually one, with everybody who signed it."""
    signed: dict[str, list[MemberSignature]] = {}
    for one in material.of("pledge.signed"):
        row = MemberSignature(material.alias(one.body["member"]), second(one.at), short_code(bytes.fromhex(one.entry)))
        signed.setdefault(one.body["text"], []).append(row)
    return tuple(PledgeText(tx.get_object(digest).decode(), tuple(rows)) for digest, rows in signed.items())


def signatures(material: Material) -> tuple[SignaturePlace, ...]:
    """Where each member's signature over the report will lie."""
    return tuple(
        SignaturePlace(member.alias, f"report/signatures/{member.id}.p7s", member.certificate_sha256)
        for member in material.state.members.values()
    )


def draws(material: Material) -> tuple[Draw, ...]:
    """Each draw in counts and digests."""
    transcripts = {
        name: digest
        for logged in material.of("committee.opened", "draw.opened")
        for name, digest in logged.body["transcripts"].items()
    }
    return tuple(
        _draw(material, name, draw, transcripts[name])
        for name, draw in material.state.draws.items()
        if name in transcripts
    )


def _draw(material: Material, name: str, draw: DrawState, transcript: str) -> Draw:
    sealed = [logged.at for logged in material.of("draw.sealed") if logged.body["draw"] == name]
    subject, requests = _asked(name, draw)
    return Draw(
        number=_number(name, draw.attempt),
        subject=subject,
        at=second(sealed[-1]),
        drawer=_by(material, "draw.requested", name),
        supervisor=WORDS["draws"]["unconfirmed"] if subject == "bids" else _by(material, "draw.confirmed", name),
        parties=WORDS["separator"].join(draw.parties[party].legal_person for party in sorted(draw.parties)),
        pool_size=draw.size,
        pool_root=draw.root,
        transcript=transcript,
        requests=requests,
        excluded=tuple(
            Tally(WORDS["exclusions"].get(reason, reason), count) for reason, count in sorted(draw.excluded.items())
        ),
        replies=_replies(material) if name == "experts" else (),
    )


def _asked(name: str, draw: DrawState) -> tuple[Literal["experts", "venues", "bids"], tuple[DrawRequest, ...]]:
    """What is drawn, and how it was asked for."""
    if is_of_ties(name):
        words = WORDS["draws"]
        return "bids", (DrawRequest(words["equal_bids"], words["venue_region"], draw.size),)
    return ("venues", _venue_request(draw)) if name == "venues" else ("experts", _expert_requests(draw))


def drawn_elsewhere(material: Material) -> tuple[DrawnElsewhere, ...]:
    """What another platform drew, by its own word."""
    return tuple(
        DrawnElsewhere(
            number=logged.body["request"],
            at=second(logged.body["at"]),
            taken_by=material.who(logged.body["by"]),
            members=logged.body.get("members", 0),
            alternates=logged.body["alternates"],
            file=logged.body["file"],
            signer=logged.body["signer"],
        )
        for kind in ("draw.imported", "draw.supplemented")
        for logged in material.of(kind)
    )


def _number(name: str, attempt: int) -> str:
    """What a draw is called: its kind, which one of equal bids, which attempt."""
    kind, which = (TIES, name.removeprefix(TIES)) if is_of_ties(name) else (name, "")
    title = f"{WORDS['draws']['numbers'][kind]}{which}"
    return title if attempt == 1 else str(WORDS["draws"]["attempt"].format(name=title, attempt=attempt))


def _by(material: Material, kind: str, draw: str) -> str:
    return [material.who(logged.body["by"]) for logged in material.of(kind) if logged.body["draw"] == draw][-1]


def _venue_request(draw: DrawState) -> tuple[DrawRequest, ...]:
    words, asked = WORDS["draws"], draw.request
    return (DrawRequest(words["venue_major"].format(seats=asked["seats"]), words["venue_region"], asked["count"]),)


def _expert_requests(draw: DrawState) -> tuple[DrawRequest, ...]:
    words = WORDS["draws"]
    return tuple(
        DrawRequest(quota.get("cat") or words["any_major"], _place(quota.get("place", "")), quota["n"])
        for quota in draw.request["quotas"]
    )


def _place(place: str) -> str:
    words = WORDS["draws"]
    if place.startswith("sub-"):
        numeral = WORDS["numerals"][int(place.removeprefix("sub-")) - 1]
        sub: str = WORDS["venue_sub"].format(number=numeral)
        return sub
    return str(words["place_main"] if place == "main" else words["any_place"])


def _replies(material: Material) -> tuple[Tally, ...]:
    """What became of the calls, the last answer of each ticket."""
    counts = Counter(material.state.notices.values())
    return tuple(Tally(word, counts[answer]) for answer, word in WORDS["replies"].items() if counts[answer])
