"""Whose cosignatures make a checkpoint count: witnesses, groups, a quorum (C2SP tlog-policy). Standard library only.

witness <name> <vkey> [<url>]      group <name> all|any|<k> <name>…      quorum <name>|none
"""

from collections.abc import Collection
from dataclasses import dataclass, field

from signing.cosignature import ED25519_COSIGNATURE, ML_DSA_44
from signing.note import NoteRefused, VerifierKey, parse_key

NONE = "none"


class PolicyRefused(Exception):
    """A policy that cannot be used; the message names the line."""

    code = "policy-malformed"

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(f"{self.code}: line {line}: {reason}")
        self.line = line


@dataclass(frozen=True, slots=True)
class Witness:
    """A witness by its name in the policy, its key, and where it is asked ("" where the policy gives no address)."""

    name: str
    key: VerifierKey
    url: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """So many of these, each a witness or a group above it."""

    name: str
    least: int
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Policy:
    """The witnesses in order and the rule over them; `quorum` names a witness, a group, or nobody (`none`)."""

    witnesses: tuple[Witness, ...] = ()
    groups: tuple[Group, ...] = ()
    quorum: str = NONE

    def is_met(self, names: Collection[str]) -> bool:
        """Whether cosignatures of the witnesses so named make a checkpoint count."""
        met = set(names) | {NONE}
        for group in self.groups:
            if sum(member in met for member in group.members) >= group.least:
                met.add(group.name)
        return self.quorum in met


def parse_policy(text: str) -> Policy:
    """The policy in a file. Raises PolicyRefused; `log` lines are read over, the log is known otherwise."""
    reading = _Reading()
    for number, line in enumerate(text.split("\n"), start=1):
        words = line.split()
        if words and not words[0].startswith("#"):
            reading.take(words, number)
    if not reading.quorum:
        raise PolicyRefused(text.count("\n") + 1, "quorum")
    return Policy(tuple(reading.witnesses), tuple(reading.groups), reading.quorum)


@dataclass(slots=True)
class _Reading:
    """What the lines so far have defined."""

    witnesses: list[Witness] = field(default_factory=list)
    groups: list[Group] = field(default_factory=list)
    grouped: set[str] = field(default_factory=set)
    quorum: str = ""

    def take(self, words: list[str], number: int) -> None:
        known = {one.name for one in self.witnesses} | {one.name for one in self.groups}
        match words:
            case ["log", *_]:
                pass
            case ["witness", name, key, *url] if name not in known | {NONE} and len(url) <= 1:
                self.witnesses.append(Witness(name, _key(key, number), *url))
            case ["group", name, least, *members] if name not in known | {NONE}:
                # Each name counts in one place only, so that no witness can make a quorum twice.
                if len(set(members)) != len(members) or not set(members) <= known - self.grouped:
                    raise PolicyRefused(number, "members")
                self.groups.append(Group(name, _least(least, members, number), tuple(members)))
                self.grouped |= set(members)
            case ["quorum", name] if name in known | {NONE} and not self.quorum:
                self.quorum = name
            case _:
                raise PolicyRefused(number, " ".join(words))


def _key(text: str, number: int) -> VerifierKey:
    try:
        key = parse_key(text)
    except NoteRefused as refused:
        raise PolicyRefused(number, str(refused)) from refused
    if key.type not in {ED25519_COSIGNATURE, ML_DSA_44}:
        raise PolicyRefused(number, "key type")
    return key


def _least(text: str, members: list[str], number: int) -> int:
    words = {"all": len(members), "any": 1}
    least = words.get(text) or (int(text) if text.isdecimal() else 0)
    if not 1 <= least <= len(members):
        raise PolicyRefused(number, "threshold")
    return least
