"""Steps of what the committee resolves beside its sheets: motions, a failed tender, the next lot, a member replaced."""

from collections.abc import Mapping
from dataclasses import replace
from typing import TypeVar

from evaluation.ballot import Paper
from evaluation.case import BidId, Case, MemberId, Questioned, Replaced, Rollback
from evaluation.lot import OF_A_LOT
from evaluation.motion import Motion
from evaluation.steps.before import at_lot
from evaluation.steps.registry import Logged, on, with_

K = TypeVar("K")
V = TypeVar("V")


@on("motion.opened")
def _motion_opened(case: Case, logged: Logged) -> Case:
    body = logged.body
    motion = Motion(body["motion"], body["subject"], body["text"], body["secret"], body.get("about", {}), logged.at)
    return replace(case, motions=with_(case.motions, motion.id, motion))


@on("vote.cast", "vote.signed")
def _voted(case: Case, logged: Logged) -> Case:
    body = logged.body
    motion = case.motions[body["motion"]]
    voted = replace(motion, voted=with_(motion.voted, body["member"], body.get("choice", "")))
    return replace(case, motions=with_(case.motions, motion.id, voted))


@on("motion.decided")
def _motion_decided(case: Case, logged: Logged) -> Case:
    body = logged.body
    motion, votes = case.motions[body["motion"]], body["votes"]
    papers = tuple(Paper(motion.id, row["choice"], row["salt"]) for row in body.get("papers", ()))
    decided = replace(
        motion, yes=votes["yes"], no=votes["no"], is_carried=body["carried"], decided_at=logged.at, papers=papers
    )
    counted = replace(case, motions=with_(case.motions, motion.id, decided))
    return _questioned(counted, decided) if decided.is_carried and decided.about else counted


def _questioned(case: Case, motion: Motion) -> Case:
    """The figure a carried motion is about: found abnormal, or its reason found insufficient."""
    key = (MemberId(motion.about["member"]), BidId(motion.about["bid"]), motion.about["group"])
    if motion.subject == "abnormal_score":
        return replace(case, questioned=with_(case.questioned, key, Questioned(motion.id)))
    insufficient = replace(case.questioned[key], is_insufficient=True)
    return replace(case, questioned=with_(case.questioned, key, insufficient))


@on("revote.opened")
def _revote(case: Case, logged: Logged) -> Case:
    disputed = tuple((BidId(item["bid"]), item["clause"]) for item in logged.body["items"])
    return replace(case, first_findings=case.prelims, prelims={}, disputed=disputed)


@on("unlock.requested", "unlock.decided")
def _unlocking(case: Case, logged: Logged) -> Case:
    body = logged.body
    key = (MemberId(body["member"]), BidId(body["bid"]))
    if logged.kind == "unlock.requested":
        return replace(case, unlocks=with_(case.unlocks, key, body["reason"]))
    return replace(case, unlocks=_without(case.unlocks, key))


@on("abnormal.explained", "score.replaced")
def _settled(case: Case, logged: Logged) -> Case:
    body = logged.body
    key = (MemberId(body["member"]), BidId(body["bid"]), str(body["group"]))
    is_note = logged.kind == "score.replaced"
    settled = (
        replace(case.questioned[key], is_replaced=True)
        if is_note
        else replace(case.questioned[key], reason=body["reason"])
    )
    return replace(case, questioned=with_(case.questioned, key, settled))


@on("rollback.requested")
def _rollback_asked(case: Case, logged: Logged) -> Case:
    asked = Rollback(logged.body["stage"], logged.body["reason"], logged.at)
    return replace(case, rollbacks=(*case.rollbacks, asked))


@on("rollback.endorsed")
def _rollback_endorsed(case: Case, logged: Logged) -> Case:
    by, last = logged.body["by"], case.rollbacks[-1]
    endorsed = replace(last, endorsed=with_(last.endorsed, by["role"], by["who"]))
    return replace(case, rollbacks=(*case.rollbacks[:-1], endorsed))


@on("rollback.decided")
def _rollback_decided(case: Case, logged: Logged) -> Case:
    """Back at a stage: its sheets and those after it are to be signed anew, what was reckoned from them falls."""
    body = logged.body
    decided = replace(
        case.rollbacks[-1], decided_at=logged.at, is_approved=body["approved"], snapshot=body.get("snapshot", "")
    )
    case = replace(case, rollbacks=(*case.rollbacks[:-1], decided))
    if not body["approved"]:
        return case
    # What was scored blind cannot be scored blind again once the codes are open: it stands.
    settled = set(case.blind.bids) if case.blind else set()
    again = replace(_to_redo(case), returned=frozenset(key for key in case.sheets if key[1] not in settled))
    if body["stage"] == "detailed":
        return replace(again, stages=with_(again.stages, "prelim", case.stages["prelim"]))
    stages = {name: span for name, span in again.stages.items() if name != "detailed"}
    return replace(again, stages=stages, prelims={}, first_findings={}, disputed=())


@on("tender.failed")
def _failed(case: Case, logged: Logged) -> Case:
    return replace(case, failed=logged.body["ground"])


@on("lot.opened")
def _lot_opened(case: Case, logged: Logged) -> Case:
    """The lot that is done stands for ever as it is now; what is said of bids begins anew (domain page 1.2)."""
    fresh = Case(id=case.id)
    finished = with_(case.finished, case.lot, replace(case, finished={}))
    begun = replace(case, finished=finished, **{name: getattr(fresh, name) for name in OF_A_LOT})
    return at_lot(begun, logged.body["lot"])


@on("member.replaced")
def _replaced(case: Case, logged: Logged) -> Case:
    """Void what the member concluded and open again what rests on it; others' own sheets stay (实施条例 Art. 48)."""
    gone = MemberId(logged.body["member"])
    left = Replaced(case.members[gone], logged.at, logged.body["reason"], logged.body.get("successor", ""))
    has_lost_leader = case.leader == gone
    electing = "leader" in case.ballots and case.ballots["leader"].is_open
    return replace(
        _to_redo(case),
        members=_without(case.members, gone),
        replaced=with_(case.replaced, gone, left),
        recused=case.recused - {gone},
        prelims=_without({**case.first_findings, **case.prelims}, gone),
        first_findings={},
        disputed=(),
        sheets={key: signed for key, signed in case.sheets.items() if key[0] != gone},
        returned=frozenset(key for key in case.returned if key[0] != gone),
        motions={key: _void_of(motion, gone) for key, motion in case.motions.items()},
        leader="" if has_lost_leader else case.leader,
        ballots=_without(case.ballots, "leader") if has_lost_leader or electing else case.ballots,
    )


def _to_redo(case: Case) -> Case:
    """The case with its reviews open again, and without what was reckoned from them."""
    stages = {name: (opened, "") for name, (opened, _) in case.stages.items() if name in {"prelim", "detailed"}}
    kept = {name: span for name, span in case.stages.items() if name == "prep"}
    return replace(
        case,
        stages={**kept, **stages},
        rejecting={},
        failed="",
        tally_input="",
        tally_result="",
        rows=(),
        flags=(),
        questioned={},
        unlocks={},
        candidates=(),
        report=None,
    )


def _void_of(motion: Motion, gone: MemberId) -> Motion:
    """An open motion, or one this member voted on, is void; it may be put again."""
    return replace(motion, is_void=True) if motion.is_open or gone in motion.voted else motion


def _without(mapping: Mapping[K, V], key: K) -> dict[K, V]:
    return {name: value for name, value in mapping.items() if name != key}
