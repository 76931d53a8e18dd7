"""The real media worker that records nothing: what forwarding alone costs, as Janus does it beside."""

from media import worker
from media.record.recording import Recording


def _nothing(*_: object) -> None:
    return


def _never(*_: object) -> bool:
    return False


for name, replacement in (("on_packet", _nothing), ("tick", _nothing), ("wants_key_frame", _never)):
    setattr(Recording, name, replacement)

if __name__ == "__main__":
    worker.main()
