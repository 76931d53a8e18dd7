"""Every answer carries the headers, speaks the reader's language, and leads nobody off the site."""

import pytest

from tests.web.conftest import Caller
from tests.web.fakes import House
from web import headers
from web.refusals import REFUSALS
from web.reports import REPORTS
from web.static import assets

PAGES = ["/login", "/seat/pair", "/no-such-page"]


@pytest.mark.parametrize("path", [*PAGES, "/seat"])
@pytest.mark.parametrize("json", [True, False])
async def test_every_answer_carries_the_headers(person: Caller, path: str, json: bool) -> None:
    person.json = json
    answer = await person.get(path)
    for name, value in headers.ALWAYS.items():
        assert answer.headers[name] == value
    assert answer.headers["Cache-Control"] == "no-store"
    assert "aiohttp" not in answer.headers["Server"]


async def test_the_policy_lets_nothing_in_but_this_site() -> None:
    allowed = dict(part.split(" ", 1) for part in headers.CONTENT_POLICY.split("; "))
    assert allowed["default-src"] == "'none'"
    assert not any("unsafe" in value or "http" in value or "*" in value for value in allowed.values())
    assert allowed["require-trusted-types-for"] == "'script'"


async def test_pages_and_files_are_sent_packed_to_who_takes_that_and_plain_to_others(person: Caller) -> None:
    for path in ("/login", f"/static/{assets().build}/shell.css"):
        plain = await person.get(path, **{"Accept-Encoding": "identity"})
        packed = await person.get(path, **{"Accept-Encoding": "gzip"})
        assert "Content-Encoding" not in plain.headers
        assert packed.headers["Content-Encoding"] == "gzip"
        assert int(packed.headers["Content-Length"]) < int(plain.headers["Content-Length"]) / 2
        if path.startswith("/static"):
            assert await packed.read() == await plain.read()


@pytest.mark.parametrize("path", PAGES)
async def test_a_page_has_no_inline_script_or_style(person: Caller, path: str) -> None:
    text = await (await person.get(path)).text()
    assert "style=" not in text
    assert "<style" not in text
    assert " on" not in text.replace(" on ", "")
    scripts = text.split("<script")[1:]
    assert all(' src="/static/' in script or ' type="application/json"' in script for script in scripts)


async def test_a_page_speaks_english_once_switched_and_stays_there(person: Caller) -> None:
    answer = await person.post("/taste", {"language": "en", "back": "/login"})
    assert (answer.status, answer.headers["Location"]) == (303, "/login")
    text = await (await person.get("/login")).text()
    assert '<html lang="en"' in text
    assert "Please sign in now" in text


async def test_letters_grow_once_switched(person: Caller) -> None:
    await person.post("/taste", {"size": "largest", "back": "/login"})
    assert 'data-size="largest"' in await (await person.get("/login")).text()


@pytest.mark.parametrize("back", ["//elsewhere.example", "https://elsewhere.example", "/\\elsewhere", "javascript:1"])
async def test_nobody_is_led_off_the_site(person: Caller, back: str) -> None:
    answer = await person.post("/taste", {"size": "large", "back": back})
    assert answer.headers["Location"] == "/"


async def test_files_keep_for_good_and_only_under_their_own_address(person: Caller) -> None:
    answer = await person.get(assets().address("shell.css"))
    assert (answer.status, answer.content_type) == (200, "text/css")
    assert "immutable" in answer.headers["Cache-Control"]
    for path in (
        "/static/0/shell.css",
        f"/static/{assets().build}/../app.py",
        f"/static/{assets().build}/%2e%2e/app.py",
    ):
        assert (await person.get(path)).status == 404


async def test_a_report_of_a_browser_is_kept(person: Caller) -> None:
    body = b'{"csp-report":{"blocked-uri":"inline"}}'
    sent = {"Content-Type": "application/csp-report"}
    assert (await person.client.post("/csp", data=body, headers=sent)).status == 204
    assert person.client.app is not None
    assert list(person.client.app[REPORTS].kept) == [{"csp-report": {"blocked-uri": "inline"}}]


async def test_a_call_of_the_wrong_method_is_said_in_words(script: Caller) -> None:
    answer = await script.get("/logout")
    assert (answer.status, (await answer.json())["code"]) == (405, "request.no_such_method")


async def test_a_fault_of_ours_tells_no_details(script: Caller, house: House, caplog: pytest.LogCaptureFixture) -> None:
    async def broken(_: object) -> None:
        raise KeyError("secret-of-the-inside")

    house.store.act = broken  # type: ignore[method-assign,assignment]
    answer = await script.log_in("agent")
    assert answer.status == 500
    assert "secret" not in await answer.text()
    assert "POST /login" in caplog.text


def test_every_refusal_of_words_says_three_things() -> None:
    for words in REFUSALS.values():
        assert words.what
        assert words.safe
        assert words.do
        assert words.status >= 400
