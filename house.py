"""What is open while the server runs: settings, keys, store, and the files the centre publishes about itself."""

import ssl
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from archive import published
from conduct import whole_files
from conduct.activation.questions import Activation
from conduct.activation.setup import Setup, TokenPlace
from conduct.authorising import Office
from conduct.founding import found
from conduct.licensed import Licensed, LicensedCa
from conduct.outside_keys import OutsideKeys, Provider
from conduct.stamping import Embedded
from conduct.tries import take_back_all
from gateways.csc_provider import HttpCscProvider
from gateways.licensed_ca import HttpLicensedCa
from media.access import Footage
from media.relay import BadRelay, Relay
from media.wire import WorkerSettings
from media.workers import default_count
from settings import BadSetting, Settings
from signing.ca import sha256_of
from signing.cms import Chain
from signing.cosign_policy import Policy, parse_policy
from signing.note import VerifierKey
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
    activation: Setup
    policy: Policy
    stamping: bytes
    """The certificates (PEM) of an outside time-stamp authority, empty for the deployment's own."""
    relay: Relay | None = None
    licensed: Licensed | None = None
    outside: OutsideKeys | None = None

    @property
    def members_root(self) -> x509.Certificate | None:
        """The root that members' certificates stand under, where it is not the centre's own."""
        other = self.licensed or self.outside
        return other.root if other else None

    @property
    def footage(self) -> Footage:
        """Where recordings lie."""
        copy = self.settings.footage_copy
        return Footage(self.settings.footage, Path(copy) if copy else None)

    @property
    def digests(self) -> dict[str, str]:
        """SHA-256 of the certificates that outsiders compare."""
        return {name: sha256_of(getattr(self.keys, name).certificate).hex() for name in ("root", "seal", "sm2_root")}

    @property
    def stamper(self) -> Stamper:
        """The centre's own time-stamp authority."""
        return Stamper(Chain(self.keys.stamp.certificate, self.keys.issuing.certificate), self.keys.stamp.key)

    @property
    def time_authority(self) -> Embedded:
        """The same as whom the outbox asks."""
        return Embedded(self.stamper)

    @property
    def media(self) -> list[WorkerSettings]:
        """What each media worker is started with."""
        settings = self.settings
        one = WorkerSettings(
            socket=str((settings.state / "run" / "media.sock").absolute()),
            footage=str(settings.footage.absolute()),
            host=settings.media_host,
            port=settings.media_port,
            public_host=settings.media_public_host,
            segment_ms=settings.segment_ms,
            footage_copy=settings.footage_copy and str(Path(settings.footage_copy).absolute()),
            low_space_mb=settings.low_space_mb,
            video_codec=settings.video_codec,
        )
        return one.for_each(settings.media_workers or default_count())

    @property
    def tls(self) -> ssl.SSLContext:
        """What connections are ended with."""
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(*_tls_files(self.settings, self.keys))
        return context

    @property
    def trust(self) -> dict[str, bytes]:
        """The files that the centre publishes about itself."""
        vkey = LogKeys(self.settings.log_name, self.keys.log_seed).of(DEPLOYMENT).verifier_key
        files = trust_of(self.keys, self.settings.organisation, vkey, self.stamping)
        if self.members_root is not None:
            files |= published.licensed_file(self.members_root.public_bytes(Encoding.DER))
        return files

    @property
    def asked(self) -> tuple[LicensedCa | Provider, ...]:
        """Whom pages ask beside what the server itself does; closed at the end."""
        ca, outside = self.licensed, self.outside
        return (*((ca.ca,) if ca else ()), *((outside.provider,) if outside else ()))

    def office(self, activation: Activation) -> Office:
        """Who certifies and where keys are opened."""
        settings = self.settings
        return Office(
            issuing=self.keys.issuing,
            sm2_issuing=self.keys.sm2_issuing,
            activation=activation,
            organisation=settings.organisation,
            stamps=self.stamper.stamp,
            csc_name=settings.csc_name,
            licensed=self.licensed,
            outside=self.outside,
        )


def trust_of(keys: DeploymentKeys, organisation: str, vkey: VerifierKey, stamping: bytes = b"") -> dict[str, bytes]:
    """What a centre with these keys publishes."""
    root, issuing, seal, sm2_root, sm2_issuing = (
        authority.certificate.public_bytes(Encoding.DER)
        for authority in (keys.root, keys.issuing, keys.seal, keys.sm2_root, keys.sm2_issuing)
    )
    files = published.trust_files(organisation, root, issuing, seal, vkey, stamping)
    return files | published.sm2_files(sm2_root, sm2_issuing)


def open_house(settings: Settings) -> House:
    """Open keys and store, lay out what outsiders are given as trust; the first start states the keys in the log.

    Raises `PolicyRefused`, `NewerSchema`, `BadSetting`, `OSError`.
    """
    for name in ("db", "objects", "footage", "run", "bags", "trust"):
        (settings.state / name).mkdir(mode=0o700, parents=True, exist_ok=True)
    settings.bags_folder.mkdir(parents=True, exist_ok=True)
    policy = Path(settings.witness_policy).read_text("utf-8") if settings.witness_policy else published.NO_WITNESSES
    keys = open_keys(settings.state / "keys", settings.organisation, settings.names, datetime.now(UTC))
    store = Store(
        settings.database_url, settings.state / "objects", keys.storage, LogKeys(settings.log_name, keys.log_seed)
    )
    members_root = settings.licensed_ca_root or settings.csc_provider_root
    activation = Setup(
        keys.share,
        *keys.root_certificates,
        token=_token(settings),
        licensed=Path(members_root) if members_root else None,
        signs_for_software=bool(settings.csc_name),
    )
    certificates = settings.timestamp_certificates
    stamping = Path(certificates).read_bytes() if certificates else b""
    outside = (_relay(settings, keys), _licensed(settings), _outside(settings))
    house = House(settings, keys, store, activation, parse_policy(policy), stamping, *outside)
    before = {path.name: path.read_bytes() for path in settings.trust.glob("*.pem")}
    former = published.former_stamping(before, house.trust[published.TIMESTAMP], datetime.now(UTC))
    # The former authorities first: whoever dies in between has published one twice, and none too few.
    for name, content in {published.FORMER: former, **house.trust, published.POLICY: policy.encode()}.items():
        if content or name in before:
            whole_files.replace(settings.trust / name, content)
    vkey = house.trust["log.vkey"].decode().strip()
    store.writer.submit(lambda tx: found(tx, settings.organisation, house.digests, vkey)).result()
    store.writer.submit(lambda tx: take_back_all(tx, tx.cases())).result()
    return house


def _tls_files(settings: Settings, keys: DeploymentKeys) -> tuple[Path, Path]:
    """Certificate and key that the server's name is shown with."""
    return Path(settings.tls_certificate or keys.tls_certificate), Path(settings.tls_key or keys.tls_key)


def _token(settings: Settings) -> TokenPlace | None:
    if not settings.pkcs11_module:
        return None
    return TokenPlace(Path(settings.pkcs11_module), settings.pkcs11_token, Path(settings.pkcs11_pin))


def _licensed(settings: Settings) -> Licensed | None:
    """The licensed CA of these settings. Raises `BadSetting`."""
    if not settings.licensed_ca_root:
        return None
    root = _root("licensed_ca_root", settings.licensed_ca_root)
    return Licensed(HttpLicensedCa(settings.licensed_ca_url, settings.licensed_ca_token), root)


def _outside(settings: Settings) -> OutsideKeys | None:
    """The provider that keeps members' keys by these settings. Raises `BadSetting`."""
    if not settings.csc_provider_root:
        return None
    root = _root("csc_provider_root", settings.csc_provider_root)
    provider = HttpCscProvider(settings.csc_provider_url, settings.csc_provider_token)
    return OutsideKeys(provider, root, settings.csc_provider_url)


def _root(name: str, path: str) -> x509.Certificate:
    try:
        return x509.load_pem_x509_certificate(Path(path).read_bytes())
    except ValueError as error:
        raise BadSetting(f"{name} holds no certificate") from error


def _relay(settings: Settings, keys: DeploymentKeys) -> Relay | None:
    """The relay of these settings, its configuration written for the operator's coturn. Raises `BadSetting`."""
    if not settings.turn_urls:
        return None
    certificate, key = (str(path.absolute()) for path in _tls_files(settings, keys))
    try:
        relay = Relay(settings.turn_urls, Path(settings.turn_secret).read_text("utf-8").strip())
        text = relay.configuration(settings.media_public_host, certificate, key, settings.turn_host)
    except BadRelay as refused:
        raise BadSetting(f"turn_urls, turn_secret or turn_host: {refused}") from None
    place = settings.state / "run" / "turnserver.conf"
    place.touch(mode=0o600)
    place.write_text(text, encoding="utf-8")
    return relay
