"""An activation process that is none: the same answers over the same frames, in this process and at next to no cost."""

import os
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TypeVar

from cryptography import x509

from conduct.activation import wire
from conduct.activation.keyholder import Keyholder
from conduct.activation.other_software import OtherSoftware
from conduct.activation.questions import Question, Told
from conduct.authorising import Office
from signing.cms import Chain
from signing.keystore import Cost, EnvelopeKeyStore
from signing.timestamp import Stamper
from storage.deployment_keys import DeploymentKeys

A = TypeVar("A")
CENTRE = "演示交易中心"
CHEAP = Cost(memory_kib=8, passes=1)


def real_time() -> datetime:
    """The system's clock."""
    return datetime.now(UTC)


class Direct:
    """An `Activation` without a child."""

    def __init__(self, keyholder: Keyholder) -> None:
        self._keyholder = keyholder

    async def ask(self, question: Question[A], told: Told | None = None) -> A:
        """See `Activation`; nobody ever waits."""
        frame = bytearray(wire.write_question(1, question))
        answer: A = wire.read_answer(question, wire.read_said(wire.answered(self._keyholder, frame)))
        return answer


def roots_of(keys: DeploymentKeys) -> list[x509.Certificate]:
    """Both roots of a deployment."""
    return [keys.root.certificate, keys.sm2_root.certificate]


def office_of(
    keys: DeploymentKeys, clock: Callable[[], datetime] = real_time, organisation: str = CENTRE, share: bytes = b""
) -> Office:
    """The office of a deployment with these keys, its passwords cheap."""
    keystore = EnvelopeKeyStore(share or os.urandom(32), CHEAP)
    activation = Direct(Keyholder(keystore, roots_of(keys), clock, OtherSoftware(keystore, clock)))
    stamper = Stamper(Chain(keys.stamp.certificate, keys.issuing.certificate), keys.stamp.key)
    return Office(keys.issuing, keys.sm2_issuing, activation, organisation, stamper.stamp)
