"""Members whose keys live at a provider: an office that asks it, and a committee that enrols and signs with it."""

from dataclasses import dataclass, replace
from typing import Any

import aiohttp
import pytest

from conduct import enrolling, revoking
from conduct.activation.keyholder import Keyholder
from conduct.authorising import Office
from conduct.enrolling import NewKey
from conduct.outside_keys import CredentialSpent, OutsideKey, OutsideKeys
from conduct.ports import Actor
from evaluation.case import MemberId
from gateways.csc_provider import HttpCscProvider
from signing.ca import Subject
from tests.gateways.csc_provider import TOKEN, CscProvider
from tests.services.activation import Direct
from tests.services.evaluation import CASE, PASSWORD, Evaluation
from tests.signing.touch import Touch

IN_TIME = aiohttp.ClientTimeout(total=10)


def with_provider(office: Office, served: CscProvider, timeout: aiohttp.ClientTimeout = IN_TIME) -> Office:
    """The same office where members' keys live at a provider; the process that judges believes its root, too."""
    root, activation = served.ca.root.certificate, office.activation
    assert isinstance(activation, Direct)
    former: Any = activation._keyholder
    keyholder = Keyholder(former._keystore, [*former._roots, root], former._clock, former._other)
    outside = OutsideKeys(HttpCscProvider(served.url, TOKEN, timeout), root, served.url)
    return replace(office, activation=Direct(keyholder), outside=outside)


@dataclass
class Names:
    """Accounts at the provider, one a member."""

    served: CscProvider
    organisation: str

    def give(self, member: str, alias: str) -> None:
        """A credential for this case on the member's account."""
        self.served.give(f"account-{member}", (alias, self.organisation, CASE), PASSWORD)


class OutsideEvaluation(Evaluation):
    """Example A in which each member's key lives at a provider."""

    names: Names

    async def key_for(self, member: str, touched: Touch | None) -> NewKey:
        alias = self.state.members[MemberId(member)].alias
        self.names.give(member, alias)
        return enrolling.key_elsewhere(f"{CASE}/{member}/1", await self.found(member), touched.key if touched else None)

    async def found(self, member: str) -> OutsideKey:
        """What the provider has for a member's account."""
        outside, alias = self.office.outside, self.state.members[MemberId(member)].alias
        assert outside is not None
        spent = self.store.look(lambda tx: revoking.spent(tx, CASE))
        return await outside.find(f"account-{member}", Subject(alias, self.office.organisation, CASE), spent)

    async def another_key(self, member: str) -> None:
        """The member's PIN is locked: the desk issues again, once the provider has given another credential."""
        await self.do(enrolling.reissue, Actor("checkin", "desk", "V1"), "second", member)
        with pytest.raises(CredentialSpent):
            await self.found(member)
        self.names.give(member, self.state.members[MemberId(member)].alias)
        key = enrolling.key_elsewhere(f"{CASE}/{member}/2", await self.found(member), None)
        await self.do(enrolling.enrol_again, self.office, member, key)
