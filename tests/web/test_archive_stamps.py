"""The archive's page of a closed case says when it was stamped last, how long that lasts, and when it is high time."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from archive import renewing
from evaluation.case import CaseId, State
from signing.cms import Chain
from signing.keys import MemoryKey
from signing.timestamp import Stamper
from tests.archive import bag_example
from tests.archive.authority import NOW, STAMPER
from tests.archive.authority import House as Centre
from tests.web.cases import case_in
from tests.web.conftest import Caller
from tests.web.fakes import House
from web import cookies

CASE = bag_example.CASE
SEALED = datetime.fromtimestamp(NOW + 5, UTC)


@pytest.fixture
def sealed(house: House, tmp_path: Path) -> Centre:
    """A closed case with its bag, under the web's fakes."""
    centre = Centre.found()
    house.folder = tmp_path
    (tmp_path / "bags").mkdir()
    bag_example.write(tmp_path, target=tmp_path / "bags" / CASE, house=centre)
    house.store.cases[CASE] = replace(case_in(State.CLOSED), id=CaseId(CASE))
    kept = {"check_code": "ab" * 32, "status": 0, "findings": [], "unchecked": []}
    house.store.shelves[CASE, "bag"].put("verdict", kept)
    house.clock.now = SEALED + timedelta(days=1)
    return centre


async def shown(person: Caller) -> str:
    await person.log_in("archivist")
    answer = await person.get(f"/cases/{CASE}/archive")
    assert answer.status == 200
    return await answer.text()


OLD, ENDING = "一年以上没有续期", "时间戳证书快要到期"


async def test_a_fresh_seal_is_shown_without_a_warning(sealed: Centre, person: Caller) -> None:
    page = await shown(person)
    assert "最近的时间戳 2026-11-23 10:13:25" in page
    assert "次续期" not in page
    assert OLD not in page
    assert ENDING not in page


async def test_after_a_year_without_a_renewal_the_page_says_so(sealed: Centre, person: Caller, house: House) -> None:
    house.clock.now = SEALED + timedelta(days=367)
    page = await shown(person)
    assert OLD in page
    assert ENDING not in page


async def test_once_the_certificate_has_ended_the_page_no_longer_asks_for_a_renewal(
    sealed: Centre, person: Caller, house: House
) -> None:
    house.clock.now = SEALED + timedelta(days=3650)
    page = await shown(person)
    assert "时间戳证书已经到期" in page
    assert OLD not in page
    assert ENDING not in page


async def test_a_renewal_under_a_certificate_that_ends_soon_is_shown_with_a_warning(
    sealed: Centre, person: Caller, house: House
) -> None:
    at = SEALED + timedelta(days=300)
    short = sealed.issuing.issue("时间戳二", STAMPER, days=700)
    stamper = Stamper(Chain(short.certificate, sealed.issuing.certificate), MemoryKey(short.key))

    async def stamp(imprint: bytes) -> bytes:
        return stamper.stamp(imprint, at, 9)

    async def unjudged(_: Path) -> None:
        """The page asks for dates alone."""

    await renewing.renew(house.services.bags / CASE, stamp, sealed.root.pem, unjudged)
    house.clock.now = at + timedelta(days=1)
    page = await shown(person)
    assert "（第 1 次续期）" in page
    assert ENDING in page
    assert OLD not in page
    person.cookies[cookies.LANGUAGE] = "en"
    page = await shown(person)
    assert "(renewal 1)" in page
    assert "will end soon" in page
