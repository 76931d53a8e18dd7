"""The WebSocket of a case: state first, signalling to the media plane, and what closes it."""

import hashlib

import pytest
from aiohttp import ClientWebSocketResponse, WSMsgType, WSServerHandshakeError

from evaluation.case import Case, CaseId, Info, Member, MemberId, Replaced, State
from evaluation.profiles import load_profile
from tests.web.conftest import Caller, paper
from tests.web.fakes import House
from web.sockets import SOCKETS

PATH = "/cases/E-1/ws"
INFO = Info("x", "x", "x", "x", "x", "", "", "", "demo", load_profile("demo").digest, True, "agent")


@pytest.fixture
async def member(script: Caller, house: House) -> Caller:
    await script.post("/seat/pair", {"code": paper(house)})
    house.store.cases["E-1"] = Case(CaseId("E-1"), State.CHECK_IN, info=INFO)
    key = hashlib.sha256(b"A-01\n408296").hexdigest()
    house.store.shelves["E-1", "code"].put(key, {"member": "m3", "until": 4_000_000_000})
    script.csrf = (await (await script.post("/seat/enter", {"code": "408296"})).json())["csrf"]
    return script


async def connected(caller: Caller, path: str = PATH, **extra: str) -> ClientWebSocketResponse:
    return await caller.client.ws_connect(path, headers=caller.headers(extra))


async def next_of(line: ClientWebSocketResponse, kind: str) -> dict[str, object]:
    """The next message of a kind; beats and others pass by."""
    while True:
        message: dict[str, object] = await line.receive_json(timeout=5)
        if message["t"] == kind:
            return message


async def closed(line: ClientWebSocketResponse) -> int | None:
    """The code in the frame with which the server ended it."""
    while (frame := await line.receive(timeout=5)).type is WSMsgType.TEXT:
        pass
    return frame.data if frame.type is WSMsgType.CLOSE else line.close_code


async def test_whoever_connects_gets_the_state_first_each_time(member: Caller) -> None:
    for _ in range(2):
        line = await connected(member)
        message = await line.receive_json(timeout=5)
        assert (message["t"], message["case"], message["state"]) == ("state", "E-1", "check_in")
        await line.close()


async def test_a_seat_publishes_as_itself(member: Caller, house: House) -> None:
    line = await connected(member)
    await line.send_json({"t": "publish", "sdp": "offer", "tracks": {"0": "camera"}})
    assert (await next_of(line, "published"))["sdp"] == "answer to offer"
    assert [(each.case, each.seat) for each in house.media.published] == [("E-1", "A-01")]


async def test_a_subscriber_gets_what_may_be_seen_and_nothing_asked_beyond(member: Caller, house: House) -> None:
    line = await connected(member)
    await line.send_json({"t": "subscribe", "tracks": ["A-01/mic", "B-01/camera"]})
    assert (await next_of(line, "offer"))["mids"] == {"0": "A-01/mic"}
    await line.send_json({"t": "answer", "sdp": "mine"})
    await line.send_json({"t": "beat", "at": 1.5})
    while (await next_of(line, "beat")).get("at") != 1.5:
        pass
    assert house.media.answered == ["mine"]


async def test_the_server_beats_by_itself(member: Caller) -> None:
    assert await next_of(await connected(member), "beat") == {"t": "beat"}


async def test_a_refused_offer_is_said_and_the_line_stays(member: Caller) -> None:
    line = await connected(member)
    await line.send_json({"t": "publish", "sdp": "bad", "tracks": {}})
    assert (await next_of(line, "refused"))["code"] == "bad-sdp"
    await line.send_json({"t": "subscribe"})
    await next_of(line, "offer")


async def test_who_opens_another_line_may_offer_no_more(member: Caller) -> None:
    said: list[object] = []
    for _ in range(2):
        line = await connected(member)
        for _ in range(6):
            await line.send_json({"t": "publish", "sdp": "offer", "tracks": {"0": "camera"}})
            while (message := await line.receive_json(timeout=5))["t"] not in {"published", "refused"}:
                pass
            said.append(message.get("code"))
        await line.close()
    assert said[:6] == [None] * 6
    assert "request.too_many" in said[6:]


async def test_a_watcher_publishes_nothing(script: Caller, house: House) -> None:
    house.store.cases["E-1"] = Case(CaseId("E-1"), State.CHECK_IN, info=INFO)
    await script.log_in("witness")
    line = await connected(script)
    await line.send_json({"t": "publish", "sdp": "offer", "tracks": {"0": "camera"}})
    assert (await next_of(line, "refused"))["code"] == "not-granted"
    assert not house.media.published


@pytest.mark.parametrize("frame", ["{", '{"t":"nothing"}', '{"t":"beat","at":1,"more":2}', "x" * (64 * 1024 + 1)])
async def test_a_frame_that_is_no_message_ends_the_line(member: Caller, frame: str) -> None:
    line = await connected(member)
    await line.send_str(frame)
    assert await closed(line) in {1008, 1009}


async def test_a_flood_ends_the_line(member: Caller) -> None:
    line = await connected(member)
    for _ in range(60):
        await line.send_json({"t": "beat", "at": 0})
    assert await closed(line) == 1008


@pytest.mark.parametrize("headers", [{"Origin": "https://elsewhere.example"}, {"Sec-Fetch-Site": "cross-site"}])
async def test_another_site_opens_no_line(member: Caller, headers: dict[str, str]) -> None:
    with pytest.raises(WSServerHandshakeError) as refusal:
        await connected(member, **headers)
    assert refusal.value.status == 403


async def test_a_member_opens_no_line_on_another_case(member: Caller) -> None:
    with pytest.raises(WSServerHandshakeError) as refusal:
        await connected(member, "/cases/E-2/ws")
    assert refusal.value.status == 404


async def test_a_fifth_line_of_one_session_is_refused(member: Caller) -> None:
    lines = [await connected(member) for _ in range(4)]
    with pytest.raises(WSServerHandshakeError) as refusal:
        await connected(member)
    assert refusal.value.status == 429
    for line in lines:
        await line.close()


async def test_logging_out_ends_the_open_lines_at_once(member: Caller) -> None:
    line = await connected(member)
    assert (await member.post("/logout")).status == 200
    assert await closed(line) == 1008


async def test_whoever_is_replaced_loses_the_line_and_opens_no_other(member: Caller, house: House) -> None:
    line = await connected(member)
    await line.receive_json(timeout=5)
    sat = Member(MemberId("m3"), "评委3", "expert", "A", "A-01", "1")
    left = {sat.id: Replaced(sat, "2026-11-23T01:00:00.000Z", "health", "")}
    house.store.cases["E-1"] = Case(CaseId("E-1"), State.CHECK_IN, info=INFO, replaced=left)
    await member.client.app[SOCKETS].see_out("E-1", "m3")
    assert await closed(line) == 1008
    with pytest.raises(WSServerHandshakeError) as refusal:
        await connected(member)
    assert refusal.value.status == 403
    told = await (await member.get("/cases/E-1/room")).text()
    assert "您的席位已由其他评委接替" in told


async def heard(line: ClientWebSocketResponse) -> None:
    """Everything sent so far was taken."""
    await line.send_json({"t": "beat", "at": 7.5})
    while (await next_of(line, "beat")).get("at") != 7.5:
        pass


async def test_a_held_button_is_let_go_with_its_line(member: Caller, house: House) -> None:
    line = await connected(member)
    for _ in range(3):
        await line.send_json({"t": "talk", "on": True})
    await heard(line)
    assert house.rooms.talking == [("A-01", True)]
    await line.close()
    other = await connected(member)
    await heard(other)
    assert house.rooms.talking == [("A-01", True), ("A-01", False)]


async def test_a_button_that_is_no_longer_said_to_be_held_is_let_go(
    member: Caller, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("web.speaking.HELD_SECONDS", 0.01)
    line = await connected(member)
    await line.send_json({"t": "talk", "on": True})
    for _ in range(2):
        while "at" in await next_of(line, "beat"):
            pass
    await heard(line)
    assert house.rooms.talking == [("A-01", True), ("A-01", False)]


async def test_a_page_says_which_pictures_it_shows_and_asks_to_be_heard(member: Caller, house: House) -> None:
    line = await connected(member)
    await line.send_json({"t": "show", "tracks": ["B-01/camera"]})
    await line.send_json({"t": "hand", "up": True})
    await heard(line)
    assert house.media.shown == [("B-01/camera",)]
    assert house.rooms.hands == {"A-01"}


async def test_a_member_gives_no_floor_and_a_watcher_raises_no_hand(script: Caller, member: Caller) -> None:
    line = await connected(member)
    await line.send_json({"t": "floor", "talk": "held"})
    assert (await next_of(line, "refused"))["code"] == "not-granted"
    await script.log_in("witness")
    watcher = await connected(script)
    for message in ({"t": "hand", "up": True}, {"t": "talk", "on": True}):
        await watcher.send_json(message)
        assert (await next_of(watcher, "refused"))["code"] == "not-granted"


async def test_a_seat_is_given_what_it_may_show_the_relay_for_five_minutes(member: Caller) -> None:
    line = await connected(member)
    await line.send_json({"t": "relay"})
    ticket = await next_of(line, "relay")
    assert ticket["urls"] == ["turns:turn.example:443?transport=tcp"]
    assert str(ticket["username"]).endswith(":E-1/A-01")
    assert ticket["ttl"] == 300


async def test_who_watches_is_named_to_the_relay_by_no_account(script: Caller, house: House) -> None:
    house.store.cases["E-1"] = Case(CaseId("E-1"), State.CHECK_IN, info=INFO)
    await script.log_in("witness")
    line = await connected(script)
    await line.send_json({"t": "relay"})
    assert "witness" not in str((await next_of(line, "relay"))["username"])


async def test_who_sees_nobody_in_the_room_is_given_no_relay(script: Caller, house: House) -> None:
    house.store.cases["E-1"] = Case(CaseId("E-1"), State.CHECK_IN, info=INFO)
    await script.log_in("agent")
    line = await connected(script)
    await line.send_json({"t": "relay"})
    assert (await next_of(line, "refused"))["code"] == "not-granted"
