"""The word of a seat: the worse of both ways, with its figure, never older than five seconds."""

import pytest

from conduct.faring import FRESH_S, Felt, fares, gone, is_fresh
from media.events import SeatQuality


def sent(code: str = "good", loss: int = 0, rtt_ms: int = 20) -> SeatQuality:
    return SeatQuality("E-1", "A-01", code, loss, rtt_ms, 200_000)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("quality", "felt", "word"),
    [
        (sent(), None, ("good", "")),
        (sent(), Felt(40, 30, 0, 0), ("good", "")),
        (sent(loss=700, code="poor"), None, ("poor", "loss")),
        (sent(), Felt(700, 30, 0, 0), ("poor", "loss")),
        (sent(), Felt(0, 450, 0, 0), ("poor", "delay")),
        (sent(), Felt(0, 30, 1, 900), ("poor", "freeze")),
        (sent(), Felt(0, 30, 1, 100), ("good", "")),
        (sent(code="down"), Felt(0, 30, 0, 0), ("down", "")),
        (sent(code="poor"), None, ("poor", "")),
    ],
)
def test_the_word_is_the_worse_of_both_ways(quality: SeatQuality, felt: Felt | None, word: tuple[str, str]) -> None:
    now = fares(quality, felt, 10.0)
    assert (now.code, now.why) == word


def test_old_news_is_no_news_and_who_was_lost_is_down() -> None:
    now = fares(sent(), Felt(3, 50, 0, 0), 10.0)
    assert is_fresh(now, 10.0 + FRESH_S)
    assert not is_fresh(now, 10.1 + FRESH_S)
    assert gone(now, 20.0).told() == now.told() | {"code": "down", "bitrate_bps": 0}
