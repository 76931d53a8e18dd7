"""One attempt of a draw as the process holds it: links, and what follows from them. It opens to nobody by itself."""

import hmac
from dataclasses import dataclass, field, replace
from functools import cached_property
from hashlib import sha256

from conduct.sealed_draw.questions import Acquaint, Drawn, Logged, Material, OpenedRound, Party, PastRound, Roll
from conduct.sealed_draw.refusals import Differs, LinksMissing
from draw import chain, lot, transcript
from draw.refusal import RevealDoesNotMatch
from draw.seed import Session
from draw.selection import NOBODY, first_wants
from draw.transcript import Result, Transcript
from evaluation.drawn import is_of_ties
from expert_pool import replacement
from expert_pool.committee import Answer, SealedOrder, Seat
from expert_pool.expert import Enrolment
from signing.canonical import canonical

ORDER_SALT, STANDING_SALT, HANDLE = b"order-salt", b"standing-salt", b"handle"


@dataclass(frozen=True, slots=True)
class Round:
    """A round as drawn."""

    turn: lot.Turn = field(repr=False)
    outcome: lot.Outcome = field(repr=False)
    transcript: bytes = field(repr=False)

    @property
    def ids(self) -> tuple[str, ...]:
        """The whole order by id."""
        return tuple(entry.record.id for entry in self.outcome.ordered)

    @property
    def salt(self) -> bytes:
        """What hides the order's digest until the transcript opens: HMAC(PRK, `order-salt`)."""
        return hmac.digest(self.outcome.key, ORDER_SALT, "sha256")

    def opened(self) -> OpenedRound:
        """What all may read of it, once all may."""
        return OpenedRound(self.transcript, self.ids, self.salt)

    def logged(self, sealed: str) -> Logged:
        """What the log may hold of it; `sealed` is the digest of the sealed result."""
        return Logged(list_digest(self.salt, self.ids), sha256(self.transcript).hexdigest(), sealed)


def list_digest(salt: bytes, ids: tuple[str, ...]) -> str:
    """SHA-256(salt ‖ canonical list), hex."""
    return sha256(salt + canonical(list(ids))).hexdigest()


class Attempt:
    """An attempt: its fixed parts from `Acquaint`, its links one by one, its rounds in order."""

    def __init__(self, known: Acquaint) -> None:
        self.ref = known.ref
        self.material: Material = known.material
        self.parties: tuple[Party, ...] = tuple(sorted(known.parties, key=lambda party: party.id))
        self.past: list[PastRound] = list(known.past)
        self.links: dict[tuple[int, str], bytes] = {}
        self._rounds: dict[int, Round] = {}
        self.shares: dict[int, dict[str, bytes]] = {}
        self.session = Session(
            request=self.material.request,
            pool_root=self.material.pool.root,
            pool_size=len(self.material.pool.entries),
            commits=tuple((party.id, party.commit) for party in self.parties),
            attempt=self.ref.attempt,
            legal_persons=tuple((party.id, party.legal_person) for party in self.parties),
            ineligible=self.material.ineligible,
        )
        for past in known.past:
            if past.transcript:
                self.restore(past.transcript)

    def party(self, name: str) -> Party:
        """A party by id. Raises `KeyError`."""
        return {party.id: party for party in self.parties}[name]

    def take(self, round_no: int, party: str, link: bytes) -> bool:
        """Keep a link if it is the committed one."""
        try:
            chain.check(party, self.party(party).commit, link, round_no)
        except RevealDoesNotMatch:
            return False
        self.links[round_no, party] = link
        return True

    def restore(self, stated: bytes) -> None:
        """Take every link of a round from its transcript; `round` then holds it against the log. Raises `Differs`."""
        drawn = transcript.read(stated)
        for party, link in drawn.turn.reveals:
            if not self.take(drawn.turn.round_no, party, link):
                raise Differs

    def round(self, round_no: int, roll: Roll | None = None) -> Round:
        """A round; one drawn before is drawn again and held against the log. Raises `LinksMissing`, `Differs`.

        `roll` is what a supplementary round that is drawn for the first time starts from.
        """
        if round_no not in self._rounds:
            past = self.past[round_no] if round_no < len(self.past) else None
            drawn = self._draw(round_no, past.roll if past else roll or Roll())
            if past is not None and drawn.logged(past.logged.sealed) != past.logged:
                raise Differs
            self._rounds[round_no] = drawn
        return self._rounds[round_no]

    def latest(self) -> Round:
        """The round whose order is walked now."""
        return self.round(max(0, len(self.past) - 1))

    def seal(self, round_no: int, roll: Roll, sealed: bytes) -> Drawn:
        """What leaves the process of a round that is now drawn."""
        drawn = self.round(round_no, roll)
        logged = drawn.logged(sha256(sealed).hexdigest())
        self.past[round_no : round_no + 1] = [PastRound(logged, roll)]
        if is_of_ties(self.ref.draw):
            return Drawn(logged, sealed, opened=(drawn.opened(),))
        return Drawn(logged, sealed, () if self.material.form else self._venues(drawn))

    def handle(self, label: bytes) -> bytes:
        """Under what the server knows somebody."""
        return hmac.digest(self.round(0).outcome.key, HANDLE + label, "sha256")

    @cached_property
    def labels(self) -> dict[bytes, bytes]:
        """Handle → label, of the whole pool."""
        return {self.handle(entry.label): entry.label for entry in self.material.pool.entries}

    @cached_property
    def experts(self) -> dict[bytes, Enrolment]:
        """Label → expert and person."""
        by_id = {str(one.expert.id): one for one in self.material.experts}
        return {entry.label: by_id[entry.record.id] for entry in self.material.pool.entries}

    def order(self) -> SealedOrder:
        """The draw's order, by which members stand before alternates."""
        return self._sealed_order(self.round(0))

    def walk(self, roll: Roll) -> SealedOrder:
        """The order that calls walk now: the latest; once somebody is gone, members alone are looked for."""
        latest = self._sealed_order(self.latest())
        if not roll.gone:
            return latest
        quotas = tuple(replace(quota, alternates=0) if quota.count else quota for quota in latest.request.quotas)
        return replace(latest, request=replace(latest.request, quotas=quotas))

    def seats(self, roll: Roll) -> tuple[Seat, ...]:
        """Those called, as the rules know them."""
        return tuple(
            Seat(self.labels[one.handle], one.quota, Answer(one.answer) if one.answer else None) for one in roll.called
        )

    def out(self, roll: Roll) -> dict[bytes, str]:
        """Everybody who is out: tied to a bidder now known, or gone."""
        tied = {}
        if roll.bidders and self.material.form is not None:
            people = {label: one.expert for label, one in self.experts.items()}
            tied = replacement.conflicts(people, self.material.form, roll.bidders)
        return tied | {self.labels[handle]: reason for handle, reason in roll.gone}

    def _sealed_order(self, drawn: Round) -> SealedOrder:
        regions = self.material.places.as_map() if self.material.places else {}
        return SealedOrder(self.material.request, regions, drawn.outcome.ordered)

    def _draw(self, round_no: int, roll: Roll) -> Round:
        names = [party.id for party in self.parties]
        if any((round_no, name) not in self.links for name in names):
            raise LinksMissing
        reveals = tuple((name, self.links[round_no, name]) for name in names)
        wants, standing = first_wants(self.material.request), NOBODY
        if round_no:
            wants, standing = replacement.supplement(self.order(), self.seats(roll), self.out(roll), {})
        turn = lot.Turn(round_no, reveals, wants, standing, places=self.material.places)
        outcome = lot.run(self.session, turn, self.material.pool)
        stated = Transcript(self.session, turn, Result.of(outcome)).to_bytes()
        return Round(turn, outcome, stated)

    def _venues(self, drawn: Round) -> tuple[tuple[str, str], ...]:
        id_of = {entry.label: entry.record.id for entry in drawn.outcome.ordered}
        quotas = self.material.request.quotas
        return tuple((quotas[one.want.quota].category, id_of[one.taken[0]]) for one in drawn.outcome.selections)
