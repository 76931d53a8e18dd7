"""Browser code runs in Chromium 109 and Firefox ESR 115: what came later stands only where something stands in for it.

The list is by hand: a reviewer who meets another late feature adds its name. docs/adr/0307 says why no tool does it.
"""

import re
from pathlib import Path

import pytest

from tests.house.tree import files, text

# Feature → the oldest Chromium and Firefox that have it, where either is above the floor.
LATE = {
    r"\bPromise\.(try|withResolvers)\b": (119, 121),
    r"\bArray\.fromAsync\b": (121, 115),
    r"\.to(Sorted|Reversed|Spliced)\(": (110, 115),
    r"\b(Object|Map)\.groupBy\b": (117, 119),
    r"\bURL\.(canParse|parse)\b": (120, 115),
    r"\bAbortSignal\.any\b": (116, 124),
    r"\bUint8Array\.from(Hex|Base64)\b|\.to(Hex|Base64)\(\)": (140, 133),
    r"\.(keys|values|entries)\(\)\.(map|filter|some|every|find|reduce|toArray|take|drop)\(": (122, 131),
    r"\.(isSubsetOf|isSupersetOf|isDisjointFrom|symmetricDifference)\(": (122, 127),
    r"\b(showPopover|hidePopover|togglePopover|popovertarget)\b": (114, 125),
    r"\bimport\.meta\.(dirname|filename)\b|\bwith \{ type:": (123, 138),
    r"\bMath\.sumPrecise\b|\bRegExp\.escape\b|\bscheduler\.(yield|postTask)\b": (129, 142),
    r"\b(MediaStreamTrackProcessor|MediaStreamTrackGenerator|VideoTrackGenerator|FaceDetector)\b": (94, 999),
    r"\b(RTCRtpScriptTransform|createEncodedStreams)\b": (141, 117),
    r"\bsetCodecPreferences\b": (76, 128),
    r"\bjitterBufferTarget\b": (124, 130),
    r"\bgetScreenDetails\b": (100, 999),
    r"\bshow(Save|Open)FilePicker\b": (86, 999),
    r"\btrustedTypes\b": (83, 148),
    r"\b(X25519|Ed25519)\b": (137, 130),
    r":has\(": (105, 121),
    r"@starting-style|\blight-dark\(|\btext-wrap:|\bfield-sizing:|@scope\b|\banchor-name:": (123, 147),
    r"\bcolor-mix\(|\boklch\(": (111, 113),
}
# Where one may stand all the same, and what happens in a browser that lacks it.
STOOD_IN = {
    (r":has\(", "member.css"): "a chosen answer has no tint, a wide page keeps the narrow measure",
    (r":has\(", "shell.css"): "the page keeps the room for a button at its foot",
    (r"\btrustedTypes\b", "trusted.js"): "workers are opened by their address",
    (r"\b(X25519|Ed25519)\b", "hpke.js"): "a party's page asks for a newer browser (docs/operating.md)",
    (r"\b(X25519|Ed25519)\b", "log-proof.js"): "it says that the signature was not checked",
    (r"\bsetCodecPreferences\b", "room-wall-peers.js"): "the browser's own order, which begins with VP8",
}


def late(code: str) -> set[str]:
    """The late features in a piece of code; what a comment says is none."""
    plain = re.sub(r"/\*.*?\*/|(?<![:\"'`])//[^\n]*", "", code, flags=re.DOTALL)
    return {feature for feature in LATE if re.search(feature, plain)}


def ours() -> list[Path]:
    return [
        path
        for path in files()
        if path.is_relative_to("web/static") and "vendor" not in path.parts and path.suffix in {".js", ".css"}
    ]


def test_what_came_after_the_oldest_browsers_has_something_that_stands_in_for_it() -> None:
    found = {(feature, path.name) for path in ours() for feature in late(text(path))}
    assert found == set(STOOD_IN)


@pytest.mark.parametrize(
    "code",
    [
        "a.toSorted()",
        "Promise.withResolvers();",
        "map.values().map(f)",
        "main:has(p) {}",
        "const url = `//x`; URL.parse(u)",
    ],
)
def test_a_late_feature_is_found(code: str) -> None:
    assert late(code)


def test_a_comment_about_a_late_feature_is_none() -> None:
    assert not late("// no Promise.try here\n/* nor :has( */")
