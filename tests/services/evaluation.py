"""The people of Example A, acting on the flows directly: what pages and demo do over HTTPS, without the wire."""

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

from conduct import (
    answering,
    applying,
    authorising,
    calling,
    checking_in,
    clarifying,
    deciding,
    directory,
    drawing,
    electing,
    enrolling,
    expert_draw,
    opening,
    packages,
    pledging,
    pooling,
    revealing,
    reviewing,
    roll,
    scoring,
    security_keys,
    stepping_out,
    summing,
    venue_draw,
)
from conduct.authorising import Office
from conduct.enrolling import NewKey
from conduct.ports import SERVER, Actor, Json, Recorded, stamp
from conduct.sealed_draw.questions import Ref
from demo import case_example_a as example
from demo import documents, pool
from demo import packages as papers
from demo.example import Example
from evaluation.case import BidId, Case, CaseId, MemberId
from evaluation.clarification import Upload
from expert_pool.committee import Answer, committee
from signing.ca import sha256_of
from signing.keystore import Prf
from storage.store import Store
from storage.transaction import Transaction
from tests.services.parties import HOST, PARTIES, BesideProcess, DrawParty
from tests.signing.touch import Touch

P = ParamSpec("P")
R = TypeVar("R")

CASE = CaseId("E-TEST-0001")
AGENT = Actor("agent", "agent")
MAIN = Actor("main_staff", "main", "V1")
SUPERVISOR = Actor("supervisor", "supervisor")
PASSWORD = "274916"
PASS: Json = {"pass": True}
FAIL: Json = {"pass": False, "ground": "not_responsive", "reason": "工期超过招标文件要求", "page": 12}
REPRESENTATIVE_ID = "00000019800101000X"


class Evaluation:
    """One evaluation in progress; each method is one part of the procedure."""

    def __init__(
        self, store: Store, office: Office, folder: Path, case: Example = example, lots: Sequence[str] = ()
    ) -> None:
        self.store = store
        self.case = CASE
        self.office = office
        self.folder = folder
        self.example = case
        self.profile = case.PROFILE
        self.quotas = case.QUOTAS
        self.experts, self.representatives = 4, 1
        self.starts_in = timedelta(minutes=2)
        self.days, self.overnight = 1, False
        self.clock: Callable[[], datetime] = lambda: datetime.now(UTC)
        self.process = BesideProcess()
        self.security_keys: dict[str, Touch] = {}
        self.parties = {party: DrawParty(party) for party in PARTIES}
        self.trading = papers.make_party("演示交易系统")
        self.lots: Mapping[str, Example] = dict.fromkeys(lots, case)
        self.bidders = papers.bidders_of_lots(self.lots) if lots else papers.make_bidders(case)

    @property
    def state(self) -> Case:
        return self.store.case(self.case)

    @property
    def experts_ref(self) -> Ref:
        """The draw of the experts, as the draw process knows it."""
        return self.store.look(lambda tx: drawing.ref_of(tx, self.case, "experts"))

    def member(self, alias: str) -> Actor:
        return Actor("member", f"m{alias[-1]}")

    async def do(self, flow: Callable[Concatenate[Any, CaseId, P], R], *args: P.args, **named: P.kwargs) -> R:
        """Run one flow of this case as a transaction."""
        return await self.store.act(lambda tx: flow(tx, self.case, *args, **named))

    async def prepare_deployment(self) -> None:
        lines = pool.to_csv(pool.rows(datetime.now(UTC).date()))

        def publish(tx: Transaction) -> None:
            for number in range(1, 6):
                seats = tuple(f"V{number}-0{n}" for n in range(1, 6))
                directory.add_venue(tx, directory.Venue(f"V{number}", f"演示中心{number}", pool.REGIONS[number], seats))
            for party in PARTIES:
                told = directory.Party(party, party, directory.token_hash(party), party == HOST)
                directory.add_party(tx, told)
            edition = pooling.hand_in_at_once(tx, "province", pooling.check(lines))
            pooling.take_over(tx, Actor("pool_owner", "province"), "province", edition)

        await self.store.act(publish)

    async def apply(self) -> None:
        early = stamp(datetime.now(UTC) - timedelta(minutes=1))
        if self.lots:
            path = papers.write_divided_tender(self.folder, self.trading, self.case, early, self.lots)
        else:
            path = papers.write_tender_package(self.folder, self.trading, self.case, early, self.example)
        package = packages.read(path.read_bytes(), "tender", datetime.now(UTC))
        for file in package.files:
            self.store.objects.put(file.content)

        await self.store.act(lambda tx: applying.create(tx, AGENT, package, self.profile))
        await self.apply_again()

    async def apply_again(self) -> None:
        """The application, the representative's letter and the seats, for a case that is there."""

        def act(tx: Transaction) -> None:
            start = stamp(tx.now + self.starts_in)
            sizes, avoided = (self.experts, self.representatives), tuple(self.example.AVOID_UNITS)
            asked = applying.Application(*sizes, start, self.days, self.overnight, avoided)
            applying.apply(tx, self.case, AGENT, asked)
            if self.representatives:
                letter = documents.authorisation_pdf()
                applying.authorise_representative(tx, self.case, AGENT, "演示代表", REPRESENTATIVE_ID, letter)
            venue_draw.hold(tx, self.case, MAIN, ("V1-01", "V1-02", "V1-03"))

        await self.store.act(act)

    async def draw_venues(self) -> None:
        asked = venue_draw.VenueRequest(2, 2)
        await self.store.act(lambda tx: venue_draw.request(tx, self.case, MAIN, asked, stamp(tx.now)))
        await self.do(drawing.confirm, SUPERVISOR, "venues", venue_draw.prepare)
        await self.commit_and_reveal("venues")
        await venue_draw.run(self.store, self.process, self.case)

    async def draw_experts(self) -> None:
        await self.ask_for_experts()
        await self.answer_calls(declines=1)

    async def ask_for_experts(self) -> None:
        """The draw of the experts, up to the sealed order; nobody is called yet."""
        await self.confirm_experts()
        await self.commit_and_reveal("experts")
        await expert_draw.run(self.store, self.process, self.case)

    async def confirm_experts(self) -> None:
        """The form of the experts' draw, asked for and confirmed."""
        form = {
            "region_reason": "副场席位所在地区",
            "quotas": [dict(quota) for quota in self.quotas],
        }
        await self.store.act(lambda tx: expert_draw.request(tx, self.case, AGENT, form, stamp(tx.now)))
        await self.do(drawing.confirm, SUPERVISOR, "experts", expert_draw.prepare)

    async def commit_and_reveal(self, draw: str) -> None:
        for party in self.parties:
            await self.commit(party, draw)
        for party in sorted(self.parties, key=lambda one: one != HOST):
            assert await self.reveal(party, draw)

    async def commit(self, party: str, draw: str) -> None:
        committed = self.parties[party].committed(draw)
        await self.do(drawing.commit, Actor("party", party), draw, *committed)

    async def reveal(self, party: str, draw: str, round_no: int = 0) -> bool:
        """Leave a party's link with the process as it is now."""
        stated = self.state.draws[draw].digest
        box = self.parties[party].box(draw, stated, self.process.key, round_no)
        return await revealing.reveal(self.store, self.process, (self.case, draw), Actor("party", party), box)

    async def answer_calls(self, declines: int = 0) -> None:
        """Everybody called says yes, but the first `declines`."""
        while True:
            await self.place_calls()
            waiting = [ticket for ticket, answer in self.state.notices.items() if not answer]
            if not waiting:
                return
            for ticket in waiting:
                given = Answer.DECLINE if declines else Answer.ATTEND
                declines = max(0, declines - 1)
                await self.store.act(partial(answering.answer, number=ticket, given=given))

    async def place_calls(self) -> list[str]:
        """What the clock and a provider do: plan the calls and make those that wait; their receipt numbers."""
        await calling.call(self.store, self.process, self.case)

        def make(tx: Transaction) -> list[str]:
            waiting = tx.waiting("notice")
            for message in waiting:
                answering.placed(tx, self.case, message.payload["ticket"], "voice")
                tx.taken(message.id)
            return [str(message.payload["ticket"]) for message in waiting]

        return await self.store.act(make)

    async def open_bids(self) -> None:
        await self.take_opening()
        await self.answer_calls()

    async def take_opening(self) -> None:
        """The opening package, and what is stated of the second screening."""
        await self.hand_in_opening()
        await expert_draw.rescreen(self.store, self.process, self.case)

    async def hand_in_opening(self) -> None:
        """The opening package alone."""
        early = stamp(datetime.now(UTC) - timedelta(minutes=1))
        if self.lots:
            path = papers.write_divided_opening(self.folder, self.trading, self.bidders, self.case, early, self.lots)
        else:
            path = papers.write_opening_package(self.folder, self.trading, self.bidders, self.case, early, self.example)
        package = packages.read(path.read_bytes(), "opening", datetime.now(UTC))
        for file in package.files:
            self.store.objects.put(file.content)
        await self.do(applying.open_bids, AGENT, package)

    def expected(self) -> list[tuple[str, str]]:
        """Venue and identity number of everybody who may come, the representative last."""

        def look(tx: Transaction) -> list[tuple[str, str]]:
            places, asked = venue_draw.places(tx, self.case), roll.roll_of(tx, self.case)
            attempt = self.process.keeper.attempt(drawing.ref_of(tx, self.case, "experts"))
            standing = committee(attempt.order(), attempt.seats(asked), attempt.out(asked))
            rows = [
                (str(places[quota.place]["venue"]), attempt.experts[label].person.id_number)
                for quota, labels in zip(attempt.material.request.quotas, standing.members, strict=True)
                for label in labels
            ]
            return [*rows, ("V1", REPRESENTATIVE_ID)] if self.representatives else rows

        return self.store.look(look)

    async def check_in(self) -> None:
        await checking_in.open_desk(self.store, self.process, self.case, MAIN)
        free: dict[str, list[str]] = {}
        for venue, number in self.expected():
            seat = free.setdefault(venue, [f"{venue}-0{n}" for n in range(1, 4)]).pop(0)
            arrival = checking_in.Arrival(number, seat, "12", "colleague")
            desk = Actor("checkin", "desk", venue)
            slip = await checking_in.match(self.store, self.process, self.case, desk, arrival)
            assert slip is not None
            await self.take_seat(slip)
        await opening.open_committee(self.store, self.process, self.case)
        await self.do(checking_in.ready, "green")

    async def take_seat(self, slip: checking_in.Slip) -> None:
        case, member = await self.store.act(lambda tx: checking_in.enter(tx, slip.seat, slip.code))
        assert (case, member) == (self.case, slip.member)
        touched = Touch() if self.store.look(lambda tx: security_keys.is_needed(tx, self.case)) else None
        key = await self.key_for(member, touched)
        if touched:
            self.security_keys[member] = touched
        await self.do(enrolling.enrol, self.office, member, key)
        actor = Actor("member", member)
        await self.do(checking_in.device_checked, actor, {"camera": "good"})

    async def key_for(self, member: str, touched: Touch | None) -> NewKey:
        """The key that a member will sign with."""
        algorithms = self.store.look(lambda tx: authorising.algorithms_of(tx, self.case))
        salt = os.urandom(32)
        rules = enrolling.KeyRules(None, algorithms)
        if touched:
            rules = enrolling.KeyRules(touched.key, algorithms, prf=Prf(touched.computed(salt)))
        return await enrolling.make_key(self.office, f"{self.case}/{member}/1", PASSWORD, salt, rules)

    async def sign(self, actor: Actor, purpose: str, password: str = PASSWORD) -> list[Recorded]:
        """Prepare what the purpose asks for, read it back, sign it."""

        def prepare(tx: Transaction) -> authorising.Batch:
            stated: dict[str, Callable[[], list[tuple[str, Json]]]] = {
                "pledge": lambda: [("pledge.signed", pledging.body(tx, self.case, actor, "承诺书"))],
                "prelim": lambda: [("prelim.signed", reviewing.body(tx, self.case, actor))],
                "score-sheet": lambda: [("sheet.signed", body) for body in scoring.bodies(tx, self.case, actor)],
                "return": lambda: [("seat.back", stepping_out.body(tx, self.case, actor))],
            }
            return authorising.prepare(tx, self.case, actor.who, purpose, stated[purpose]())

        return await self._release(actor, purpose, await self.store.act(prepare), password)

    async def sign_body(
        self, actor: Actor, purpose: str, make: Callable[[Transaction], list[tuple[str, Json]]]
    ) -> list[Recorded]:
        """Prepare these statements, read them back, sign them."""
        batch = await self.store.act(lambda tx: authorising.prepare(tx, self.case, actor.who, purpose, make(tx)))
        return await self._release(actor, purpose, batch, PASSWORD)

    async def _release(self, actor: Actor, purpose: str, batch: authorising.Batch, password: str) -> list[Recorded]:
        assertion, prf = None, None
        if (touched := self.security_keys.get(actor.who)) is not None:
            asked = await self.do(authorising.ask_security_key, actor.who, purpose, batch.id)
            assertion, prf = touched.answer(asked.challenge), touched.prf(*asked.salts)
        tried = await self.do(authorising.begin, actor.who, purpose, batch.id, assertion)
        signed = await authorising.sign(self.office, tried, password, self.clock(), prf=prf)
        return await self.store.act(lambda tx: authorising.finish(tx, signed))

    async def pledge(self) -> None:
        for alias in example.MEMBERS:
            await self.sign(self.member(alias), "pledge")

    async def pledge_and_elect(self) -> None:
        await self.pledge()
        for votes in self.example.LEADER_BALLOTS:
            for alias, choice in votes.items():
                await self.do(electing.vote, self.member(alias), f"m{choice[-1]}")

    def bid(self, letter: str) -> str:
        """The bid of the example's bidder in the lot in hand."""
        return f"{self.state.lot}-{letter}" if self.lots else letter

    @property
    def leader(self) -> Actor:
        return Actor("leader", self.state.leader)

    async def review(self) -> None:
        await self.do(reviewing.begin, self.leader)
        for alias in example.MEMBERS:
            await self.find(alias, {self.bid("F"): example.F_FINDINGS[alias]})
        await self.clarify()
        await self.do(reviewing.close, self.leader)

    async def find(self, alias: str, findings: Mapping[str, Json]) -> None:
        """One member's preliminary sheet, signed."""
        await self.fill_in(alias, findings)
        await self.sign(self.member(alias), "prelim")

    async def fill_in(self, alias: str, findings: Mapping[str, Json]) -> None:
        """One member's findings: these by bid on Example A's disputed clause, all else passes."""
        actor = self.member(alias)
        clauses = [row["id"] for row in self.example.CRITERIA["clauses"]]

        def fill(tx: Transaction) -> None:
            known = reviewing.drafts(tx, self.case, actor.who)
            for bid in self.state.bids:
                for clause in clauses:
                    finding = findings.get(bid, PASS) if clause == example.F_CLAUSE else PASS
                    _, revision = known.get((bid, clause), (PASS, 0))
                    reviewing.save(tx, self.case, actor, (bid, clause), finding, revision)

        await self.store.act(fill)

    async def find_again(self, alias: str, bid: str, finding: Json) -> None:
        """One member's finding in the second vote, signed."""
        actor, cell = self.member(alias), (bid, example.F_CLAUSE)

        def save(tx: Transaction) -> int:
            _, revision = reviewing.drafts(tx, self.case, actor.who)[cell]
            return reviewing.save(tx, self.case, actor, cell, finding, revision)

        await self.store.act(save)
        await self.sign(actor, "prelim")

    async def review_failing(self, bids: Iterable[str]) -> None:
        """Everybody finds these bids not responsive; the leader closes the review."""
        await self.do(reviewing.begin, self.leader)
        for alias in example.MEMBERS:
            await self.find(alias, dict.fromkeys(bids, FAIL))
        await self.do(reviewing.close, self.leader)

    async def review_passing(self) -> None:
        """Everybody finds every bid in order; scoring opens."""
        await self.review_failing(())

    async def vote(self, alias: str, choice: str, reason: str = "") -> None:
        """One member's vote on the open motion, by name or in secret as the motion is."""
        motion = self.state.motion
        assert motion is not None
        if motion.secret:
            await self.do(deciding.cast, self.member(alias), choice)
        else:
            body = partial(deciding.vote_body, case=self.case, actor=self.member(alias), choice=choice, reason=reason)
            await self.sign_body(self.member(alias), "vote", lambda tx: [("vote.signed", body(tx))])

    async def clarify(self, bid: str = "") -> str:
        """A question that the bidder of the example, or this one, answers under seal; the leader confirms. Its id."""
        told = example.CLARIFICATION
        bidder = bid or self.bid(str(told["bid"]))
        sent = await self.store.act(
            lambda tx: clarifying.ask(tx, self.case, self.leader, bidder, told["scope"], told["question"])
        )
        answer = documents.demo_answer_pdf()
        seal = sha256_of(self.bidders[bidder].certificate).hex()
        digest = self.store.objects.put(answer)

        def give(tx: Transaction) -> None:
            upload = Upload(answer[:8], len(answer), digest, seal, tx.now)
            clarifying.answer(tx, sent.token, upload, self.store.objects.put(self.bidders[bidder].sign(answer)))

        await self.store.act(give)
        await self.do(clarifying.confirm, self.leader, sent.id)
        return sent.id

    async def score(self) -> None:
        for alias in example.MEMBERS:
            await self.score_as(alias, alias)

    async def score_as(self, alias: str, like: str) -> None:
        """One member scores every valid bid as a member of the example does, and signs."""
        actor = self.member(alias)

        def fill(tx: Transaction) -> None:
            for bid in self.state.valid_bids:
                for item, typed in self.example.scores_of(like, bid.rpartition("-")[2]).items():
                    scoring.save(tx, self.case, actor, scoring.Cell(BidId(bid), item, "score"), typed, 0)

        await self.store.act(fill)
        await self.sign(actor, "score-sheet")

    async def vote_for_leader(self, alias: str, choice: str) -> None:
        await self.do(electing.vote, self.member(alias), choice)

    async def sum_up(self) -> None:
        await self.do(summing.close_scoring, self.leader)
        for flag in self.state.flags:
            actor = Actor("member", flag.member)
            reason = example.DEVIATION["reason"]
            await self.do(summing.decide, actor, flag.bid, "kept", reason)
        await self.do(summing.recommend, self.leader)

    async def to_review(self) -> None:
        """From an empty deployment to an elected leader."""
        await self.prepare_deployment()
        await self.to_pledges()
        await self.pledge_and_elect()

    async def to_pledges(self) -> None:
        """From a deployment to a committee that sits and has yet to pledge."""
        await self.apply()
        await self.draw_venues()
        await self.draw_experts()
        await self.open_bids()
        await self.check_in()

    async def to_candidates(self) -> None:
        """The whole way from an empty deployment to three candidates."""
        await self.to_review()
        await self.review()
        await self.score()
        await self.sum_up()


__all__ = ["CASE", "PARTIES", "SERVER", "Evaluation", "MemberId"]
