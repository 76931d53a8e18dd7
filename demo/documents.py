"""The papers the outside world hands in, as PDF: tender document, opening record, bids, an answer, a letter.

They come from parties that do not exist and know nothing of the server; `demo.packages` packs and signs them.
"""

import csv
import importlib.resources
import io
import json
from decimal import Decimal
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import typst

from demo import case_example_a as works
from demo.example import Example

PAPERS = Path(__file__).parent / "papers"
POINTS_A_PAGE = 7
BLIND_PAGES = 12
GROUP_OF_DIGITS = 4


def tender_document(case: Example = works) -> bytes:
    """The tender document: numbered clauses, ★ clauses, criteria and the item table template."""
    facts = {"project": case.PROJECT, "criteria": case.CRITERIA, "clauses": case.CRITERIA["clauses"]}
    return _paper("tender", _words(f"{case.PAPERS}-tender") | facts | {"quantities": case.QUANTITIES})


def demo_answer_pdf() -> bytes:
    """The bidder's answer to the demo's one clarification; the bidder signs it with `Party.sign`."""
    answer = {key: works.CLARIFICATION[key] for key in ("question", "answer")}
    return _letter("answer", works, answer | {"bidder": works.BIDDERS[works.CLARIFICATION["bid"]]})


def authorisation_pdf(case: Example = works) -> bytes:
    """The tenderer's letter (授权委托书) for its representative on the committee."""
    return _letter("authorisation", case, {})


def opening_record(case: Example = works) -> bytes:
    """The opening record as the trading system prints it, with what each bid promises beside its price."""
    words = _words(f"{case.PAPERS}-bid")
    facts, promised = words["facts"], words["opening"]
    bids = [
        row | {"cells": [cell.format(**facts[row["id"]]) for cell in promised["cells"]]} for row in case.OPENING["bids"]
    ]
    drawn = {
        "k": case.OPENING["coefficients"].get("reduction_percent", ""),
        "choices": case.CRITERIA["price"].get("reduction_choices", []),
    }
    return _letter("opening", case, drawn | {"bids": bids, "columns": promised["columns"], "at": "2026-11-20 08:30:00"})


def bid(ref: str, case: Example = works) -> bytes:
    """One bid, every page of it numbered; of the works E's unit slip is on page 112, F's late schedule on 87 and 88."""
    words = _words(f"{case.PAPERS}-bid")
    data = {
        "project": case.PROJECT,
        "bidder": {"ref": ref, "name": case.BIDDERS[ref]},
        "price": case.PRICES[ref],
        "price_in_words": capital(case.PRICES[ref]),
        "facts": words["facts"][ref],
        "bill": bill(ref, case),
        "contents": words["contents"],
        "pages": _pages(ref, words),
    }
    return _paper(f"{case.PAPERS}-bid", data)


def blind_bid(ref: str, case: Example = works) -> bytes:
    """The anonymised technical part of a bid: sections chosen by the bid's letter, which stands nowhere in it."""
    words = _words(f"{case.PAPERS}-bid")
    topics = [topic for chapter in words["chapters"] for topic in chapter["topics"]]
    pages = [
        {"title": topic, "points": _points(ref, page, words["general"])}
        for page, topic in enumerate(topics[:BLIND_PAGES], 1)
    ]
    return _paper("blind", {"project": case.PROJECT, "pages": pages})


def bill(ref: str, case: Example = works) -> list[dict[str, str]]:
    """One bid's priced item table."""
    return [
        {
            "number": number,
            "name": name,
            "unit": unit,
            "quantity": quantity,
            "unit_price": unit_price,
            "amount": f"{Decimal(quantity) * Decimal(unit_price):.2f}",
        }
        for (number, name, unit, quantity), unit_price in zip(case.QUANTITIES, case.UNIT_PRICES[ref], strict=True)
    ]


def item_table(case: Example = works) -> bytes:
    """The item table template as CSV with a byte order mark, as office programs expect it."""
    sheet = io.StringIO()
    rows = csv.writer(sheet)
    rows.writerow(_words(f"{case.PAPERS}-tender")["items"]["columns"])
    rows.writerows([*each, "", ""] for each in case.QUANTITIES)
    return sheet.getvalue().encode("utf-8-sig")


def priced_bill(ref: str, case: Example = works) -> bytes:
    """One bid's priced item table as CSV, as its tool exports it beside the PDF."""
    sheet = io.StringIO()
    rows = csv.writer(sheet)
    rows.writerow(_words(f"{case.PAPERS}-tender")["items"]["columns"])
    rows.writerows(row.values() for row in bill(ref, case))
    return sheet.getvalue().encode("utf-8-sig")


def capital(amount: str) -> str:
    """An amount in capital figures: `9512300.00` is 玖佰伍拾壹万贰仟叁佰元整."""
    w = _words("letters")
    whole, _, cents = amount.partition(".")
    groups = [whole[max(0, end - GROUP_OF_DIGITS) : end] for end in range(len(whole), 0, -GROUP_OF_DIGITS)]
    text = ""
    for place, group in reversed(list(enumerate(groups))):
        for n, digit in enumerate(group):
            if digit != "0":
                text += w["digits"][int(digit)] + w["units"][len(group) - 1 - n]
            elif text and not text.endswith(w["digits"][0]):
                text += w["digits"][0]
        text = text.removesuffix(w["digits"][0]) + (w["groups"][place] if int(group) else "")
    jiao, fen = cents[0], cents[1]
    tail = w["digits"][int(jiao)] + (w["jiao"] if jiao != "0" else "") if cents != "00" else w["whole"]
    tail += w["digits"][int(fen)] + w["fen"] if fen != "0" else ""
    return f"{text}{w['yuan']}{tail}"


def _pages(ref: str, words: dict[str, Any]) -> list[dict[str, Any]]:
    pages = []
    for chapter in words["chapters"]:
        for page in range(chapter["from"], chapter["to"] + 1):
            turn, at = divmod(page - chapter["from"], len(chapter["topics"]))
            special = words["special"].get(str(page))
            pages.append(
                {
                    "chapter": chapter["chapter"] if page == chapter["from"] else "",
                    "title": f"{chapter['topics'][at]}" + (f" {turn + 1}" if turn else ""),
                    "lead": chapter["words"],
                    "points": _points(ref, page, words["general"]),
                    "table": [],
                }
                | (_filled(special, words["facts"][ref]) if special else {})
            )
    return pages


def _points(ref: str, page: int, general: list[str]) -> list[str]:
    """Sentences chosen by digest, so that bids differ and a bid is the same each time."""
    return sorted(general, key=lambda each: sha256(f"{ref}/{page}/{each}".encode()).digest())[:POINTS_A_PAGE]


def _filled(special: dict[str, Any], facts: dict[str, str]) -> dict[str, Any]:
    return {
        "title": special["title"],
        "points": [],
        "lead": [each.format(**facts) for each in special["paragraphs"]],
        "table": [[cell.format(**facts) for cell in row] for row in special["table"]],
    }


def _letter(kind: str, case: Example, data: dict[str, Any]) -> bytes:
    words, labels = _words("letters"), _words(f"{case.PAPERS}-tender")["labels"]
    facts = {"kind": kind, "project": case.PROJECT, "labels": labels, "day": words["day"]}
    return _paper("letters", words[kind] | facts | data)


def _words(name: str) -> dict[str, Any]:
    value: dict[str, Any] = json.loads((PAPERS / f"{name}.json").read_text(encoding="utf-8"))
    return value


@cache
def _fonts() -> typst.Fonts:
    folder = Path(str(importlib.resources.files("manimgx_fonts_cjk")))
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[folder])


def _paper(template: str, data: dict[str, Any]) -> bytes:
    """One paper as PDF. Bids hold short text only: a page that ran over would shift the pages the committee cites."""
    return _set(template, json.dumps(data, ensure_ascii=False))


@cache
def _set(template: str, data: str) -> bytes:
    """The same words make the same paper; setting one takes a third of a second."""
    return typst.compile(
        str(PAPERS / f"{template}.typ"),
        root=str(PAPERS),
        font_paths=_fonts(),
        sys_inputs={"data": data},
        format="pdf",
        pdf_tags=False,
    )
