"""What the activation process is started with: paths, a label, what a try of a password costs. Never a secret."""

from dataclasses import dataclass, field, replace
from pathlib import Path

from signing.keystore import Cost

SOFTWARE, LICENSED = "software", "licensed="


@dataclass(frozen=True, slots=True)
class TokenPlace:
    """A PKCS #11 token: its library, its label, the file that holds its user PIN."""

    module: Path
    label: str
    pin: Path


@dataclass(frozen=True, slots=True)
class Setup:
    """The files of the key store's share and of both root certificates (PEM), and Argon2id's cost for new keys.

    With a `token`, members' keys are made and used inside it. `licensed`: the root (PEM) of a licensed CA.
    `signs_for_software`: whether digests of other software are answered at all (docs/csc.md).
    """

    share: Path
    root: Path
    sm2_root: Path
    cost: Cost = field(default_factory=Cost)
    token: TokenPlace | None = None
    licensed: Path | None = None
    signs_for_software: bool = False

    @property
    def roots(self) -> list[Path]:
        """Whose certificates are believed."""
        return [self.root, self.sm2_root, *([self.licensed] if self.licensed else [])]

    def to_line(self) -> list[str]:
        """The arguments of the start-up line."""
        numbers = (self.cost.memory_kib, self.cost.passes, self.cost.lanes)
        line = [*(str(path.absolute()) for path in (self.share, self.root, self.sm2_root)), *map(str, numbers)]
        if self.licensed is not None:
            line.insert(0, f"{LICENSED}{self.licensed.absolute()}")
        if self.signs_for_software:
            line.insert(0, SOFTWARE)
        if self.token is None:
            return line
        return [*line, str(self.token.module.absolute()), self.token.label, str(self.token.pin.absolute())]


def read_line(arguments: list[str]) -> Setup:
    """The setup again. Raises ValueError."""
    if arguments[0] == SOFTWARE:
        return replace(read_line(arguments[1:]), signs_for_software=True)
    if arguments[0].startswith(LICENSED):
        return replace(read_line(arguments[1:]), licensed=Path(arguments[0].removeprefix(LICENSED)))
    share, root, sm2_root, memory_kib, passes, lanes, *token = arguments
    files = (Path(share), Path(root), Path(sm2_root))
    cost = Cost(int(memory_kib), int(passes), int(lanes))
    if not token:
        return Setup(*files, cost)
    module, label, pin = token
    return Setup(*files, cost, TokenPlace(Path(module), label, Path(pin)))
