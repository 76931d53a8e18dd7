"""The deployment's keys: made once, and a folder from before there were time stamps gets that authority's alone."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID

from storage.deployment_keys import DeploymentKeys, open_keys


def opened(folder: Path) -> DeploymentKeys:
    return open_keys(folder, "演示交易中心", ["localhost"], datetime.now(UTC))


def test_a_folder_without_the_time_stamp_authority_gets_it_and_keeps_the_rest(tmp_path: Path) -> None:
    folder = tmp_path / "keys"
    first = opened(folder)
    for name in ("stamp.pem", "stamp.p8"):
        (folder / name).unlink()
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    again = opened(folder)
    assert {name: (folder / name).read_bytes() for name in before} == before
    assert again.stamp.certificate != first.stamp.certificate
    assert opened(folder).stamp.certificate == again.stamp.certificate
    purposes = again.stamp.certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage)
    assert (list(purposes.value), purposes.critical) == ([ExtendedKeyUsageOID.TIME_STAMPING], True)


def test_a_start_cut_between_key_and_certificate_is_made_good(tmp_path: Path) -> None:
    folder = tmp_path / "keys"
    opened(folder)
    (folder / "stamp.pem").unlink()
    (folder / ".stamp.p8.new").write_bytes(b"half")
    key = opened(folder).stamp
    assert key.certificate.public_key() == key.key.public_key


def test_the_share_is_another_processs_to_read_but_without_it_nothing_starts(tmp_path: Path) -> None:
    keys = opened(tmp_path / "keys")
    share = keys.share.read_bytes()
    assert share not in [value for name in keys.__slots__ if isinstance(value := getattr(keys, name), bytes)]
    keys.share.unlink()
    with pytest.raises(FileNotFoundError):
        opened(tmp_path / "keys")
