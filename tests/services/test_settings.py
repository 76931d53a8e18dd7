"""Settings that do not fit together, or would show a token where others read along, start nothing."""

from pathlib import Path

import pytest

from settings import BadSetting, load

NOWHERE = Path("there-is-no-such-file")


def provider(url: str, **more: str) -> dict[str, str]:
    """The environment of a deployment whose members' keys live at a provider."""
    return {"BID_CSC_PROVIDER_URL": url, "BID_CSC_PROVIDER_TOKEN": "token", "BID_CSC_PROVIDER_ROOT": "root.pem", **more}


@pytest.mark.parametrize(
    "url",
    ["https://sign.example/csc/v1", "https://sign.example:8443/csc/v1", "http://127.0.0.1:80/v1", "http://[::1]/v1"],
)
def test_a_provider_is_asked_over_https_or_on_this_machine(url: str) -> None:
    assert load(NOWHERE, provider(url)).csc_provider_url == url


@pytest.mark.parametrize(
    "url",
    [
        "http://sign.example/csc/v1",
        "http://127.0.0.1.sign.example/csc/v1",
        "http://127.0.0.1@sign.example/csc/v1",
        "https://user:word@sign.example/csc/v1",
        "https://sign.example/csc/v1?to=elsewhere",
        "https://sign.example/csc/v1#part",
        "https://sign.example:port/csc/v1",
        "https://[sign.example/csc/v1",
        "https:///csc/v1",
        "file:///csc/v1",
        "sign.example",
    ],
)
def test_another_address_is_refused_by_its_settings_name(url: str) -> None:
    with pytest.raises(BadSetting, match="csc_provider_url"):
        load(NOWHERE, provider(url))


def test_a_provider_without_its_root_or_beside_a_licensed_ca_is_refused() -> None:
    with pytest.raises(BadSetting, match="csc_provider_root"):
        load(NOWHERE, provider("https://sign.example/csc/v1") | {"BID_CSC_PROVIDER_ROOT": ""})
    licensed = {f"BID_LICENSED_CA_{name}": "https://ca.example" for name in ("URL", "TOKEN", "ROOT")}
    with pytest.raises(BadSetting, match="do not go together"):
        load(NOWHERE, provider("https://sign.example/csc/v1", **licensed))


def test_what_services_are_shown_is_in_no_representation() -> None:
    assert "token" not in repr(load(NOWHERE, provider("https://sign.example/csc/v1"))).replace("_token=", "")
