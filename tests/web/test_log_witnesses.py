"""日志见证: the page says how many signatures wait for their time stamp, and that none is lost."""

from conduct.ports import Waiting
from conduct.stamping import CHANNEL
from tests.web.conftest import Caller
from tests.web.fakes import House


async def test_the_page_says_how_many_signatures_wait_for_their_time_stamp(house: House, person: Caller) -> None:
    await person.log_in("supervisor")
    assert "每份签名都有时间戳" in await (await person.get("/witnesses")).text()
    house.store.outbox[CHANNEL] = [Waiting(number, {}, 0) for number in range(3)]
    assert "有 3 份签名正在等待时间戳" in await (await person.get("/witnesses")).text()
