"""What the recorder wrote is replayed from checked byte ranges; what does not match its digest is never shown."""

from playwright.async_api import Page, Route

from tests.browser.seat import CASE_PATH, Seats, told

RECORDED = "seat => fetch(`/cases/E-TEST-0001/segments`, { headers: { Accept: 'application/json' } }).then((answer) => answer.json())"


async def recorded(seats: Seats, label: str, least: int) -> None:
    """A seat sits in its room until enough segments of its camera are in the log."""
    room = await seats.open(label, "/room")
    witness = await seats.open("witness", "/login")
    await witness.wait_for_function(
        """async ([path, seat, least]) => {
          const answer = await fetch(path, { headers: { Accept: "application/json" } });
          const { segments } = await answer.json();
          return segments.filter((one) => one.seat === seat && one.track === "camera" && one.n).length >= least;
        }""",
        arg=[f"{CASE_PATH}/segments", label, least],
        polling=500,
        timeout=30000,
    )
    await room.close()


async def replay(seats: Seats, label: str) -> Page:
    addresses = {"src-segments": f"{CASE_PATH}/segments", "footage": f"{CASE_PATH}/footage"}
    return await seats.mount("witness", "replay-seat", case="E-TEST-0001", seat=label, **addresses)


async def test_footage_plays_in_step_with_the_clock(seats: Seats) -> None:
    label = seats.labels[4]
    await recorded(seats, label, 3)
    page = await replay(seats, label)
    await page.get_by_role("button", name="播放").click()
    await page.wait_for_function("name => told.replay?.frames[name] > 20", arg=f"{label}/camera", timeout=20000)
    said = (await told(page))["replay"]
    print(said)
    assert said["words"] == {f"{label}/camera": "此段已核验", f"{label}/mic": "此段已核验"}
    assert said["wrong"] == 0
    assert all(abs(drift) < 0.3 for drift in said["drift"].values())
