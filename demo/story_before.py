"""The demo until everybody sits: pool, packages, draws, opening, check-in. Each step by the person whose step it is."""

import asyncio
import csv
import io
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from demo import case_example_a, documents, key_services, packages, pool
from demo import cast as people
from demo.cameras import Cameras
from demo.cast import Cast
from demo.client import Person, Refused
from demo.example import Example
from demo.progress import Progress
from demo.provider import Provider

REPRESENTATIVE = ("演示招标人代表", "00000019800101000X")
PASSWORDS = {1: "274916", 2: "618392", 3: "950273", 4: "407268", 5: "839164"}
DRAW_IN_S = 3
WAIT_S = 120.0


@dataclass(slots=True)
class Stage:
    """What the story is played on."""

    cast: Cast
    provider: Provider
    trading: packages.Party
    bidders: dict[str, packages.Party]
    folder: Path
    number: str
    root: Path
    vkey: str
    progress: Progress
    tasks: asyncio.TaskGroup
    cameras: Cameras | None = None
    members: dict[str, Person] = field(default_factory=dict)
    seats: dict[str, str] = field(default_factory=dict)
    calls_before: int = 0
    example: Example = case_example_a

    @property
    def case(self) -> str:
        """The case's path."""
        return f"/cases/{self.number}"

    def member(self, number: int) -> Person:
        """评委n."""
        return self.members[f"m{number}"]


def stamp(at: datetime) -> str:
    """A UTC moment as the server writes it."""
    return at.strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03d}Z"


async def until(person: Person, path: str, field_name: str, wanted: set[str]) -> dict[str, Any]:
    """Ask until a field of the answer has one of the wanted values. Raises `TimeoutError`."""
    async with asyncio.timeout(WAIT_S):
        while True:
            answer: dict[str, Any] = await person.get(path)
            if answer.get(field_name) in wanted:
                return answer
            await asyncio.sleep(0.2)


async def apply(stage: Stage) -> None:
    """The province's pool, the tender package, the application, the representative, the main venue's seats."""
    cast, early = stage.cast, stamp(datetime.now(UTC) - timedelta(minutes=1))
    file = pool.to_csv(pool.rows(datetime.now(UTC).date()))
    handed_in = await cast["province"].upload("/pool", {"file": file})
    await cast["province"].post("/pool/take-over", edition=handed_in["edition"])
    package = packages.write_tender_package(stage.folder, stage.trading, stage.number, early, stage.example)
    await cast["agent"].hand_in("/cases/new", {"package": package.read_bytes()}, profile=stage.example.PROFILE)
    await cast["agent"].post(
        f"{stage.case}/application",
        experts=4,
        representatives=1,
        start=stamp(datetime.now(UTC) + timedelta(minutes=1)),
        days=1,
        overnight=False,
        avoid_units=list(stage.example.AVOID_UNITS),
    )
    name, number = REPRESENTATIVE
    letter = documents.authorisation_pdf(stage.example)
    await cast["agent"].upload(f"{stage.case}/representatives", {"letter": letter}, name=name, id_number=number)
    await cast["main"].post(f"{stage.case}/seats", seats=people.seat_names(people.MAIN)[:2])


async def draw_venues(stage: Stage) -> None:
    """Two sub venues by the three organisations' commit–reveal; they stay hidden."""
    at = stamp(datetime.now(UTC) + timedelta(seconds=1))
    await stage.cast["main"].post(f"{stage.case}/draws/venues", count=2, seats=2, at=at)
    await stage.cast["supervisor"].post(f"{stage.case}/draws/venues/confirm")
    await until(stage.cast["main"], stage.case, "state", {"venue_drawn"})


async def draw_experts(stage: Stage) -> None:
    """At its minute the expert draw; then the calls: one declines, one does not answer, two alternates stand."""
    at = stamp(datetime.now(UTC) + timedelta(seconds=DRAW_IN_S))
    body = {"quotas": list(stage.example.QUOTAS), "region_reason": "副场席位所在地区", "at": at}
    await stage.cast["agent"].post(f"{stage.case}/draws/experts", **body)
    await stage.cast["supervisor"].post(f"{stage.case}/draws/experts/confirm")
    await until(stage.cast["agent"], stage.case, "state", {"drawn_sealed"})
    said = [call.pressed for call in stage.provider.calls[stage.calls_before :]]
    stage.progress.note(f"{len(said)} calls: {said.count('decline')} declined, {said.count('silent')} silent")


async def open_bids(stage: Stage) -> None:
    """The opening package; the drawn are screened against the bidders, nobody sees who goes and who comes."""
    early = stamp(datetime.now(UTC) - timedelta(minutes=1))
    package = packages.write_opening_package(
        stage.folder, stage.trading, stage.bidders, stage.number, early, stage.example
    )
    await stage.cast["agent"].hand_in(f"{stage.case}/opening", {"package": package.read_bytes()})
    await until(stage.cast["agent"], stage.case, "state", {"rescreened"})


async def check_in(stage: Stage) -> None:
    """Everybody who was called comes to a desk; who is on the sealed list gets a seat, the others hear 不符."""
    await open_desk(stage)
    rows = csv.DictReader(io.StringIO(pool.to_csv(pool.rows(datetime.now(UTC).date())).decode("utf-8-sig")))
    by_phone = {row["手机号"]: row["身份证号"] for row in rows}
    codes = {f"演示中心{number + 1}": venue for number, venue in enumerate((people.MAIN, *people.SUBS))}
    free: dict[str, list[str]] = {}
    turned_away, seen = 0, stage.calls_before
    async with asyncio.timeout(WAIT_S):
        while len(stage.members) < len(PASSWORDS) - 1:
            called = stage.provider.calls[seen:]
            for call in called:
                if call.pressed == "attend":
                    turned_away += not await _arrive(stage, codes[call.venue], by_phone[call.phone], free)
            seen += len(called)
            await asyncio.sleep(0.1)
    await _arrive(stage, people.MAIN, REPRESENTATIVE[1], free)
    stage.progress.note(f"{turned_away} who came were not on the sealed list (不符)")
    await _sit_down(stage)


async def open_desk(stage: Stage) -> None:
    """The desk opens when every place is filled again; until then the server is still calling."""
    async with asyncio.timeout(WAIT_S):
        while True:
            try:
                await stage.cast["main"].post(f"{stage.case}/desk/open")
            except Refused as refused:
                if refused.code != "checkin.members_missing":
                    raise
                await asyncio.sleep(0.3)
            else:
                return


async def _arrive(stage: Stage, venue: str, id_number: str, free: dict[str, list[str]]) -> bool:
    seats = free.setdefault(venue, people.seat_names(venue)[:2])
    if not seats:
        return False
    second = "main" if venue == people.MAIN else f"staff-{venue}"
    slip = await stage.cast.desk(venue).post(
        f"{stage.case}/desk/match", id_number=id_number, seat=seats[0], locker="12", second=second
    )
    if not slip["match"]:
        return False
    browser = stage.cast.seats[seats.pop(0)]
    entered = await browser.enter(slip["code"])
    member = entered["who"]
    password = PASSWORDS[int(member[1:])]
    await browser.post(f"{stage.case}/enrol", password=password, again=password)
    stage.members[member] = browser
    stage.seats[member] = browser.name
    return True


async def _sit_down(stage: Stage) -> None:
    """Cameras and microphones on, equipment checked over the real path; then the committee opens."""
    cameras = stage.cameras = Cameras(stage.cast.site, stage.root, stage.number)
    venues: dict[str, dict[str, str]] = {}
    for name, seat in stage.seats.items():
        venues.setdefault(seat.split("-")[0], {})[seat] = stage.members[name].cookie_header()
    await asyncio.gather(*(cameras.start(seats, stage.tasks) for seats in venues.values()))
    cameras.subscribe()
    for member in stage.members.values():
        await member.post(f"{stage.case}/device", result={"camera": "good", "microphone": "good", "path": "sfu"})
    await until(stage.cast["main"], stage.case, "state", {"ready"})


def run_machines(stage: Stage) -> list[asyncio.Task[None]]:
    """What runs unattended: the provider's line, and the three organisations' key services."""
    return [
        stage.tasks.create_task(stage.provider.answer_calls()),
        *(
            stage.tasks.create_task(key_services.run(key_folder(stage, party, token)))
            for party, token in stage.cast.tokens.items()
        ),
    ]


def key_folder(stage: Stage, party: str, token: str) -> Path:
    """The folder an organisation lays out for its key service on its own machine."""
    return key_services.lay_out(
        stage.folder / "keyservices", party, token, stage.cast.site.origin, stage.root, stage.vkey
    )


def answered(stage: Stage, token: str) -> None:
    """Let the provider hand its answers to the server."""
    line = Person(stage.cast.site, "provider", token)
    stage.cast.people["provider"] = line

    async def answer(ticket: str, pressed: str) -> None:
        try:
            await line.post(f"/notices/{ticket}", answer=pressed)
        except Refused as refused:
            stage.progress.note(f"{ticket}: {refused.code}")

    stage.provider.answer = answer
