"""Server or activation process killed while a key is sealed anew: the salt asked about is that of the bytes stored.

A member comes back to the seat once for each point and each kind of kill, with a security key that computes; the same
POST is sent until it is answered, whatever had died.
"""

import json
import re
from base64 import urlsafe_b64decode
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from demo import case_example_a as works
from demo.client import Person
from demo.example import Example
from signing.security_key import encoded
from tests.faults.test_signing_kill import PATH, Desk, desk, told
from tests.services.evaluation import PASSWORD
from tests.signing.touch import Touch

WITH_KEYS = cast(Example, SimpleNamespace(**{**vars(works), "PROFILE": "demo_keys"}))
POINTS = ("opened", "signed", "answered", "finished")
Json = dict[str, Any]


@dataclass
class Chair:
    """A member's seat, and the security key in its hand."""

    desk: Desk
    member: Person
    touch: Touch

    async def leave(self) -> Json:
        """Leave the seat; what the security key is asked about coming back."""
        await self.member.post(f"{PATH}/seat/leave", page="")
        asked: Json = await self.member.post(f"{PATH}/seat/back/key", batch="")
        return asked

    async def back(self, asked: Json) -> None:
        """Touch the key once, and send what it said and computed until that is answered."""
        said: Json = dict(self.touch.answer(decoded(asked["challenge"])).to_json())
        said["prf"] = [encoded(bytes(self.touch.computed(decoded(salt)))) for salt in salts_of(asked)]
        posted = {"password": PASSWORD, "batch": asked["batch"], "security_key": json.dumps(said)}
        await self.desk.in_the_end(lambda: self.member.post(f"{PATH}/seat/back", **posted))


def decoded(text: str) -> bytes:
    return urlsafe_b64decode(f"{text}{'=' * (-len(text) % 4)}")


def salts_of(asked: Json) -> list[str]:
    salts: Json = asked["extensions"]["prf"]["eval"]
    return [salts["first"], salts["second"]]


async def sit_down(person: Person, cookies: dict[str, str]) -> Person:
    """Go on with a member's session, by the token that stands on its pages."""
    page = await person.take_over(cookies, "").fetch(f"{PATH}/me")
    token = re.search(rb'name="csrf" value="([^"]+)"', page)
    assert token is not None
    return person.take_over(cookies, token[1].decode())


@pytest.mark.full
async def test_a_kill_at_any_step_leaves_the_bytes_that_the_salt_asked_about_seals(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with desk(tmp_path, monkeypatch, WITH_KEYS) as (at, site):
        assert site.evaluation is not None
        seat = next(one["seat"] for one in told(site, "seat.enrolled") if one["member"] == "m1")
        member = await sit_down(Person(at.server.site, "m1"), site.cookies[seat])
        chair = Chair(at, member, site.evaluation.security_keys["m1"])
        sealed: list[str] = []
        for victim in ("activation", "server"):
            for point in POINTS:
                asked = await chair.leave()
                now, then = salts_of(asked)
                assert now == (sealed[-1] if sealed else now)
                await at.killed_in(chair.back(asked), point, victim)
                sealed.append(then)
        await chair.back(await chair.leave())
        assert len(told(site, "seat.back")) == len(sealed) + 1 == len(set(sealed)) + 1
        assert not told(site, "password.failed")
        await member.close()
