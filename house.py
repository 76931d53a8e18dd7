"""What is open while the server runs: settings, keys, store, and the files the centre publishes about itself."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from cryptography.hazmat.primitives.serialization import Encoding

from archive import published
from conduct.authorising import Office
from conduct.founding import found
from conduct.stamping import Embedded
from settings import Settings
from signing.ca import sha256_of
from signing.cms import Chain
from signing.cosign_policy import Policy, parse_policy
from signing.keystore import Cost, EnvelopeKeyStore
from signing.timestamp import Stamper
from storage.deployment_keys import DeploymentKeys, open_keys
from storage.logs import DEPLOYMENT, LogKeys
from storage.store import Store


@dataclass(frozen=True, slots=True)
class House:
    """What is open while the server runs."""

    settings: Settings
    keys: DeploymentKeys
    store: Store
    office: Office
    policy: Policy
    stamping: bytes
    """The certificates (PEM) of an outside time-stamp authority, empty for the deployment's own."""

    @property
    def digests(self) -> dict[str, str]:
        """SHA-256 of the certificates that outsiders compare."""
        return {name: sha256_of(getattr(self.keys, name).certificate).hex() for name in ("root", "seal")}

    @property
    def time_authority(self) -> Embedded:
        """The centre's own time-stamp authority."""
        chain = Chain(self.keys.stamp.certificate, self.keys.issuing.certificate)
        return Embedded(Stamper(chain, self.keys.stamp.key))

    @property
    def trust(self) -> dict[str, bytes]:
        """The files that the centre publishes about itself."""
        root, issuing, seal = (
            authority.certificate.public_bytes(Encoding.DER)
            for authority in (self.keys.root, self.keys.issuing, self.keys.seal)
        )
        vkey = LogKeys(self.settings.log_name, self.keys.log_seed).of(DEPLOYMENT).verifier_key
        return published.trust_files(self.settings.organisation, root, issuing, seal, vkey, self.stamping)


def open_house(settings: Settings) -> House:
    """Open keys and store, lay out what outsiders are given as trust; the first start states the keys in the log.

    Raises `PolicyRefused`, `NewerSchema`, `OSError`.
    """
    for name in ("db", "objects", "footage", "run", "bags", "trust"):
        (settings.state / name).mkdir(mode=0o700, parents=True, exist_ok=True)
    settings.bags_folder.mkdir(parents=True, exist_ok=True)
    policy = Path(settings.witness_policy).read_text("utf-8") if settings.witness_policy else published.NO_WITNESSES
    keys = open_keys(settings.state / "keys", settings.organisation, settings.names, datetime.now(UTC))
    store = Store(
        settings.database_url, settings.state / "objects", keys.storage, LogKeys(settings.log_name, keys.log_seed)
    )
    office = Office(keys.issuing, keys.root.certificate, EnvelopeKeyStore(keys.share, Cost()), settings.organisation)
    certificates = settings.timestamp_certificates
    stamping = Path(certificates).read_bytes() if certificates else b""
    house = House(settings, keys, store, office, parse_policy(policy), stamping)
    for name, content in {**house.trust, published.POLICY: policy.encode()}.items():
        (settings.trust / name).write_bytes(content)
    vkey = house.trust["log.vkey"].decode().strip()
    store.writer.submit(lambda tx: found(tx, settings.organisation, house.digests, vkey)).result()
    return house
