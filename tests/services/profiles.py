"""Cases under other rules than the demo's, with the demo's short waits: a test must not wait for office hours."""

from collections.abc import Mapping
from typing import Any

import pytest

from evaluation.profile import Profile
from evaluation.profile_reading import parse_profile
from evaluation.profiles import load_profile


def judge_by(monkeypatch: pytest.MonkeyPatch, values: Mapping[str, Mapping[str, Any]]) -> Profile:
    """Have every case that is opened from now on judged by the demo's rules with these values changed."""
    demo = load_profile("demo")
    governed = [f"{section}.{name}" for section, changed in values.items() for name in changed]
    rule = {"id": "TEST", "source": "测试", "text": "测试用规则。", "governs": governed}
    document = {"format": "bid-profile/1", "id": "demo", "title": "测试", "effective": "2026-01-01"}
    document |= {"based_on": "demo", "values": dict(values), "rules": [rule]}  # type: ignore[dict-item]
    profile = parse_profile(document, demo)
    monkeypatch.setattr("conduct.applying.load_profile", lambda _name: profile)
    return profile


def values_of(name: str, *sections: str) -> dict[str, Mapping[str, Any]]:
    """Some sections of a profile that comes with the product."""
    return {section: load_profile(name).document["values"][section] for section in sections}
