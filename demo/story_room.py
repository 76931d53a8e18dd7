"""The demo from the pledge to the closed case: what the committee does, and what goes wrong while it does."""

import asyncio
from collections.abc import Iterator
from typing import Any

from demo import case_example_a as example
from demo import documents
from demo.client import Person, Refused
from demo.story_before import PASSWORDS, Stage, until

CUT_S = 5.0
CUT_MEMBER = 4
LOCKED = 423


class StoryBroken(Exception):
    """Something did not go as the procedure demands; the demo ends with it."""


def number_of(alias: str) -> int:
    """评委3 → 3."""
    return int(alias.removeprefix("评委"))


async def sign(stage: Stage, number: int, purpose: str, **body: Any) -> list[dict[str, Any]]:  # noqa: ANN401 - JSON
    """Prepare, read back, sign with the member's own password; returns the receipts."""
    member = stage.member(number)
    prepared = await member.post(f"{stage.case}/prepare/{purpose}", **body)
    path = f"{stage.case}/sign/{purpose}"
    signed = await member.post(path, batch=prepared["batch"], password=PASSWORDS[number])
    if len(signed["receipts"]) != len(prepared["statements"]):
        raise StoryBroken(f"{purpose}: a statement has no receipt")
    receipts: list[dict[str, Any]] = signed["receipts"]
    return receipts


async def pledge_and_elect(stage: Stage) -> None:
    """Everybody pledges; the leader is elected in as many rounds as the example's votes need."""
    await asyncio.gather(*(sign(stage, number, "pledge") for number in PASSWORDS))
    for votes in stage.example.LEADER_BALLOTS:
        await asyncio.gather(
            *(
                stage.member(number_of(voter)).post(f"{stage.case}/ballot", choice=f"m{number_of(choice)}")
                for voter, choice in votes.items()
            )
        )


def leader(stage: Stage) -> Person:
    """评委3, as the ballots come out."""
    return stage.member(number_of(stage.example.LEADER))


async def review(stage: Stage) -> None:
    """Preliminary review; one clarification; F is rejected on one ★ clause by three votes to two."""
    await find(stage)
    await clarify(stage)
    await leader(stage).post(f"{stage.case}/prelim/close")


async def find(stage: Stage) -> None:
    """The leader opens the preliminary review; everybody finds and signs alone."""
    await leader(stage).post(f"{stage.case}/prelim/begin")
    await asyncio.gather(*(_find(stage, number) for number in PASSWORDS))


async def _find(stage: Stage, number: int) -> None:
    for bid in stage.example.BIDDERS:
        for clause in (row["id"] for row in stage.example.CRITERIA["clauses"]):
            finding = stage.example.finding_of(f"评委{number}", bid, clause)
            await stage.member(number).post(
                f"{stage.case}/findings", bid=bid, clause=clause, finding=finding, revision=0
            )
    await sign(stage, number, "prelim")


async def clarify(stage: Stage) -> None:
    """The committee asks E about a typing error; E answers in time by its one-time link with a sealed PDF."""
    told = example.CLARIFICATION
    asked = await leader(stage).post(
        f"{stage.case}/clarifications", bid=told["bid"], pages=told["scope"], text=told["question"]
    )
    async with asyncio.timeout(20):
        message = await stage.provider.links.get()
    answer = documents.demo_answer_pdf()
    bidder = stage.cast.people.setdefault("bidder", Person(stage.cast.site, "bidder"))
    await bidder.upload(message["link"], {"file": answer, "signature": stage.bidders[told["bid"]].sign(answer)})
    await leader(stage).post(f"{stage.case}/clarifications/{asked['id']}/confirm")


async def fill_and_sign(stage: Stage, number: int) -> None:
    """One member types every score and signs."""
    await _type(stage, number, _cells(stage, number))
    await sign(stage, number, "score-sheet")


async def score(stage: Stage) -> None:
    """Everybody scores alone. One seat loses its network for five seconds; a power cut; a meal break."""
    half = {number: _cells(stage, number)[:20] for number in PASSWORDS}
    await asyncio.gather(*(_type(stage, number, cells) for number, cells in half.items()))
    await lose_network(stage)
    await suspend(stage)
    await meal(stage)
    rest = {number: _cells(stage, number)[20:] for number in PASSWORDS}
    await asyncio.gather(*(_type(stage, number, cells) for number, cells in rest.items()))
    await nobody_sees_others(stage)
    await wrong_password(stage, 1)
    await asyncio.gather(*(sign(stage, number, "score-sheet") for number in PASSWORDS))


def _cells(stage: Stage, number: int) -> list[tuple[str, str, str]]:
    scored = [bid for bid in stage.example.BIDDERS if bid in stage.example.EXPECTED]
    scores = {bid: stage.example.scores_of(f"评委{number}", bid) for bid in scored}
    return [(bid, item, typed) for bid in scored for item, typed in scores[bid].items()]


async def _type(stage: Stage, number: int, cells: list[tuple[str, str, str]]) -> None:
    for bid, item, typed in cells:
        await stage.member(number).post(
            f"{stage.case}/scores", bid=bid, item=item, field="score", typed=typed, revision=0
        )


async def lose_network(stage: Stage) -> None:
    """Pull one seat's cable for five seconds; it comes back by itself and finds every cell it had typed."""
    seat = stage.seats[f"m{CUT_MEMBER}"]
    before = (await stage.member(CUT_MEMBER).get(f"{stage.case}/me"))["drafts"]
    if stage.cameras is None:
        raise StoryBroken("there is no room")
    stage.cameras.drop(seat)
    await asyncio.sleep(CUT_S)
    await stage.cameras.restore(seat)
    if (await stage.member(CUT_MEMBER).get(f"{stage.case}/me"))["drafts"] != before:
        raise StoryBroken("a draft was lost with the network")


async def suspend(stage: Stage) -> None:
    """A power cut at the second sub venue: writing locks, documents hide, everybody confirms to be back."""
    await stage.cast["main"].post(f"{stage.case}/suspend", reason="副场二停电", venue=stage.seats["m4"].split("-")[0])
    await _is_locked(stage)
    await _confirm_and_resume(stage, "resume")


async def meal(stage: Stage) -> None:
    """A meal break; recording goes on, no incident clock runs."""
    await stage.cast["main"].post(f"{stage.case}/break")
    await _is_locked(stage)
    await _confirm_and_resume(stage, "break/end")


async def _is_locked(stage: Stage) -> None:
    bid, item, typed = _cells(stage, 1)[-1]
    body = {"bid": bid, "item": item, "field": "score", "typed": typed, "revision": 0}
    document = (await stage.cast["agent"].get(stage.case))["documents"][0]["sha256"]
    for attempt in (
        stage.member(1).post(f"{stage.case}/scores", **body),
        stage.member(1).fetch(f"{stage.case}/documents/{document}"),
    ):
        try:
            await attempt
        except Refused as refused:
            if refused.status != LOCKED:
                raise
        else:
            raise StoryBroken("the lock does not lock")


async def _confirm_and_resume(stage: Stage, ending: str) -> None:
    await asyncio.gather(*(stage.member(number).post(f"{stage.case}/presence") for number in PASSWORDS))
    await stage.cast["main"].post(f"{stage.case}/{ending}")


async def nobody_sees_others(stage: Stage) -> None:
    """Before all have submitted no answer holds a number that somebody else typed."""
    typed = {score for _, _, score in _cells(stage, 5)} - {score for _, _, score in _cells(stage, 2)}
    for person in (stage.member(2), stage.cast["agent"], stage.cast["supervisor"], stage.cast["witness"]):
        seen = set(_texts(await person.get(stage.case)))
        if person is stage.member(2):
            seen |= set(_texts(await person.get(f"{stage.case}/me")))
        if shown := typed & seen:
            raise StoryBroken(f"{person.name} sees another's scores {shown}")


def _texts(value: object) -> Iterator[str]:
    """Every text in a JSON value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for one in value.values():
            yield from _texts(one)
    elif isinstance(value, list):
        for one in value:
            yield from _texts(one)


async def wrong_password(stage: Stage, number: int) -> None:
    """A wrong password is counted and signs nothing."""
    member = stage.member(number)
    prepared = await member.post(f"{stage.case}/prepare/score-sheet")
    try:
        await member.post(f"{stage.case}/sign/score-sheet", batch=prepared["batch"], password="500291")  # noqa: S106
    except Refused as refused:
        if refused.code != "signing.password_wrong":
            raise
    else:
        raise StoryBroken("a wrong password signed")


async def sum_up(stage: Stage) -> None:
    """The leader closes; the system reckons; 评委5 alone is shown the deviation and keeps the score with a reason."""
    await leader(stage).post(f"{stage.case}/scoring/close")
    flags = (await stage.member(5).get(f"{stage.case}/me"))["flags"]
    if [flag["deviation"] for flag in flags] != [example.DEVIATION["shown"]]:
        raise StoryBroken(f"the self-check shows {flags}")
    if (await stage.member(2).get(f"{stage.case}/me"))["flags"]:
        raise StoryBroken("a flag is shown to another member")
    reason = example.DEVIATION["reason"]
    await stage.member(5).post(f"{stage.case}/selfcheck", bid=example.DEVIATION["bid"], choice="kept", reason=reason)
    await leader(stage).post(f"{stage.case}/candidates")
    await until(stage.cast["agent"], stage.case, "state", {"report_signing"})


async def sign_report(stage: Stage) -> None:
    """Four sign, 评委2 signs with a different opinion; the witness states what was seen."""
    dissenter = number_of(str(example.DISSENT["member"]))
    for number in PASSWORDS:
        outcome = "dissent" if number == dissenter else "signed"
        opinion = str(example.DISSENT["text"]) if number == dissenter else ""
        await sign(stage, number, "report", outcome=outcome, opinion=opinion)
    await settle(stage)
    await witness(stage)


async def settle(stage: Stage) -> None:
    """The four experts confirm time and fee; the agent files their appraisals. Accounts are made up."""
    sentences = (await stage.cast["agent"].get(f"{stage.case}/appraisals"))["form"]["items"]
    answers = [{"item": one["id"], "answer": "yes"} for one in sentences]
    for number in (1, 2, 3, 4):
        account = {"bank": "演示银行", "number": f"0000 0000 0000 000{number}"}
        await stage.member(number).post(f"{stage.case}/fee", **account)
        await stage.cast["agent"].post(f"{stage.case}/appraisals", member=f"m{number}", answers=answers)


async def witness(stage: Stage) -> None:
    """The witness marks what was seen, and signs a statement."""
    watcher = stage.cast["witness"]
    await watcher.post(f"{stage.case}/marks", seat=stage.seats["m4"], text="该席位网络中断后自行恢复，录制缺口已标明。")
    await watcher.post(f"{stage.case}/enrol", password="715934", again="715934")  # noqa: S106
    prepared = await watcher.post(f"{stage.case}/prepare/statement", text="全程见证，未见干预评审的情形。")
    await watcher.post(f"{stage.case}/sign/statement", batch=prepared["batch"], password="715934")  # noqa: S106


async def close(stage: Stage) -> dict[str, Any]:
    """The main venue closes; the bag is written and verified by a second process; its verdict comes back."""
    if stage.cameras is not None:
        counts = await stage.cameras.counts()
        silent = [seat for seat, tracks in counts.items() if len([n for n in tracks.values() if n]) < 8]  # noqa: PLR2004
        if silent:
            raise StoryBroken(f"these seats did not receive the four others: {silent} {counts}")
        await stage.cameras.close()
    await stage.cast["main"].post(f"{stage.case}/close")
    return await sealed(stage)


async def sealed(stage: Stage) -> dict[str, Any]:
    """What the server says of the bag, once it is written and verified."""
    await until(stage.cast["main"], stage.case, "state", {"closed"})
    async with asyncio.timeout(120):
        while True:
            view: dict[str, Any] = await stage.cast["archivist"].get(stage.case)
            if view.get("bag", {}).get("verdict"):
                return view["bag"]  # type: ignore[no-any-return]
            await asyncio.sleep(0.3)
