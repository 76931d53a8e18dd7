"""The real server, which stops at a named point of a draw or a signature while a file there says so (`stalling`)."""

import sys

import server
from conduct import stalls
from conduct.activation import office
from tests.faults.siege import moment
from tests.faults.stalling import LOOK_EVERY_S, arrived


async def reached(point: str) -> None:
    """Wait here if the test has armed this point; whoever comes first waits."""
    here = arrived(point)
    while here.exists():
        await moment(LOOK_EVERY_S)


if __name__ == "__main__":
    stalls.reached = reached
    office.PROGRAM = "tests.faults.stalling_activation"
    sys.exit(server.main())
