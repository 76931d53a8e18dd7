"""The real activation process, which stops at a named point of a signature as `stalling_server` does."""

import threading

from conduct import stalls
from conduct.activation import process
from tests.faults.stalling import LOOK_EVERY_S, arrived


def passed(point: str) -> None:
    """Wait here if the test has armed this point. Looking and renaming open no file: this process cannot."""
    if threading.current_thread() is threading.main_thread():
        return  # the rehearsal passes them as well, before it serves
    here = arrived(point)
    while here.exists():
        threading.Event().wait(LOOK_EVERY_S)


if __name__ == "__main__":
    stalls.passed = passed
    process.main()
