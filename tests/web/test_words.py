"""Chinese is the source, English is complete, and no page or script says anything outside the catalogue."""

import ast
import re
from pathlib import Path

from conduct.opinion import REPORT
from tests.house.code import HAN
from tests.house.tree import ROOT, modules, text
from web.catalogue import extracted, merge, translated
from web.i18n import script_words, translations
from web.office_words import GAP_REASONS
from web.refusals import REFUSALS

PLACEHOLDER = re.compile(r"%\(\w+\)s")
# Punctuation too: an English sentence ends in no 。, and no colon of it is as wide as a letter.
CHINESE = re.compile(HAN.pattern + r"|[\u3001-\u303f\uff01-\uff5e]")


def test_the_catalogue_holds_what_is_said_today_and_nothing_else() -> None:
    said = {message.id for message in extracted() if message.id}
    kept = {message.id for message in translated() if message.id}
    assert said == kept


def test_everything_is_translated_with_the_same_placeholders() -> None:
    for message in merge():
        if message.id:
            assert message.string, message.id
            assert not CHINESE.search(str(message.string)), message.id
            assert sorted(PLACEHOLDER.findall(str(message.id))) == sorted(PLACEHOLDER.findall(str(message.string)))


def test_templates_hold_no_chinese_outside_the_catalogue() -> None:
    for path in (ROOT / "web" / "templates").rglob("*.html"):
        bare = re.sub(r"_\(\s*\"[^\"]*\"", "", path.read_text(encoding="utf-8"))
        assert not CHINESE.search(bare.replace("中文", "")), path.name


def test_browser_code_holds_no_chinese_outside_say() -> None:
    for path in (ROOT / "web" / "static").rglob("*.js"):
        bare = re.sub(r"say\(\s*\"[^\"]*\"", "", path.read_text(encoding="utf-8"))
        assert not CHINESE.search(re.sub(r"//[^\n]*|/\*(?s:.*?)\*/", "", bare)), path.name


def test_a_refusal_is_said_in_english() -> None:
    for code, words in REFUSALS.items():
        for part in (words.what, words.safe, words.do):
            assert translations("en").gettext(part) != part, code


def test_chinese_pages_carry_no_second_copy_of_the_words() -> None:
    assert not script_words("zh")


# Never leave the house: base classes, checks of what the server wrote, words of a command, rules no page asks yet.
INSIDE = {
    "archive.verifier_failed",
    "bill.refused",
    "booking.refused",
    "capital.not_an_amount",
    "message.not_sent",
    "package.rehearsed",
    "pairing.over",
    "pairing.refused",
    "pairing.wrong",
    "report.judge_failed",
    "restamp.bag_wrong",
    "restamp.not_published",
    "timestamp.not_stamped",
    "venue.refused",
    "witness.away",
    "witness.pending",
}


def test_every_refusal_of_the_rules_and_flows_has_words() -> None:
    codes = {
        str(part.value.value)
        for path in modules("conduct", "evaluation", "expert_pool", "identity", "venues", "web")
        for node in ast.walk(ast.parse(text(path)))
        if isinstance(node, ast.ClassDef)
        for part in node.body
        if isinstance(part, ast.Assign) and isinstance(part.value, ast.Constant)
        if [getattr(target, "id", "") for target in part.targets] == ["code"]
    }
    assert codes - INSIDE <= set(REFUSALS), sorted(codes - INSIDE - set(REFUSALS))
    assert not INSIDE & set(REFUSALS)


def test_every_reason_of_a_gap_has_words_on_the_pages_and_in_the_opinion() -> None:
    row = re.search(r"\| `gap\.named` \|.*`reason` \(([^)]*)\)", text(Path("docs/records.md")))
    assert row is not None
    reasons = set(re.findall(r"`([a-z]+)`", row[1]))
    assert set(GAP_REASONS) == reasons
    assert set(REPORT["gap_reasons"]) == reasons
