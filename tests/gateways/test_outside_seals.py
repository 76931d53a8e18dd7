"""A package's or an answer's signature counts only when it is the expected certificate's over these very bytes."""

import pytest

from demo import packages as papers
from gateways.outside_seals import SealRefused, check


async def test_a_sound_signature_is_accepted() -> None:
    party = papers.make_party("演示交易系统")
    await check(b"content", party.sign(b"content"), party.certificate)


async def test_a_changed_content_is_refused() -> None:
    party = papers.make_party("演示交易系统")
    with pytest.raises(SealRefused):
        await check(b"other", party.sign(b"content"), party.certificate)


async def test_a_strangers_signature_is_refused() -> None:
    party, stranger = papers.make_party("演示交易系统"), papers.make_party("演示他人")
    with pytest.raises(SealRefused):
        await check(b"content", stranger.sign(b"content"), party.certificate)
