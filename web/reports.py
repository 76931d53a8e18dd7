"""What browsers report against the content policy: the last ones in memory, so that a test can demand none."""

import logging
from collections import deque
from typing import Any

from aiohttp import web

log = logging.getLogger("web.csp")

KEPT = 100
SHOWN = 500


class Reports:
    """The newest reports; older ones fall out."""

    def __init__(self) -> None:
        self.kept: deque[Any] = deque(maxlen=KEPT)

    def add(self, report: Any) -> None:  # noqa: ANN401 - browsers send what they like
        """Keep a report and log it, shortened, on one line."""
        self.kept.append(report)
        log.warning("content policy: %s", ascii(report)[:SHOWN])


REPORTS = web.AppKey("reports", Reports)
