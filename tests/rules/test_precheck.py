"""清标: what does not add up, what two bids share, what their files have in common; and what must not be pointed at."""

from decimal import Decimal

import pytest

from demo.documents import capital
from evaluation import bill
from evaluation.precheck import arithmetic, similarity, traces
from evaluation.precheck.capital import NotAnAmount, amount_of
from evaluation.precheck.similarity import Text, compare
from evaluation.tally.document import parse_case

HEADING = "序号,名称,单位,数量,单价,合价\n"
PRICE = Decimal("5390000.00")


def items(*lines: str) -> tuple[bill.BillItem, ...]:
    return bill.read((HEADING + "\n".join(lines)).encode("utf-8-sig"))


def letters(start: int, count: int) -> str:
    """Different characters of the unified ideographs, visibly no sentence."""
    return "".join(chr(0x4E00 + start + n) for n in range(count))


def test_example_c_x_the_item_written_with_two_digits_swapped_is_found_with_its_correction() -> None:
    wrong = items("1,土方,m³,1200,385.00,426000.00", "2,其余,项,1,4964000.00,4964000.00")
    (slip,) = arithmetic.check(PRICE, "", wrong)
    assert (slip.kind, slip.line, slip.written, slip.reckoned) == ("product", 2, "426000.00", "462000.00")
    assert slip.price == "5426000.00"
    assert_a_tally_takes(slip, "5426000.00")


def test_example_c_w_the_amount_in_words_that_differs_from_the_figure_is_found_with_its_correction() -> None:
    (slip,) = arithmetic.check(Decimal("5408000.00"), "伍佰肆拾捌万元整", ())
    assert (slip.kind, slip.price) == ("capital", "5480000.00")
    assert_a_tally_takes(slip, "5480000.00")


def assert_a_tally_takes(slip: arithmetic.Slip, price: str) -> None:
    """The correction suggested is one that a tally reckons with, to the price that was told."""
    before = {"product": "5390000.00", "capital": "5408000.00"}[slip.kind]
    case = parse_case(
        {
            "format": "bid-tally/1", "case": "C", "method": "lowest_evaluated_price", "limit": None,
            "bids": [{"id": "X", "price": before, "corrections": [dict(slip.correction)]}], "rejections": [],
            "price": {"formula": "lowest_evaluated", "adjustments": []}, "members": [], "groups": [], "sheets": [],
            "ties": [{"rule": "joint"}], "candidates": 1,
        }
    )  # fmt: skip
    from evaluation.tally import compute  # noqa: PLC0415 - beside what it judges

    assert str(compute(case).rows[0].price) == price


def test_a_bill_that_adds_up_gives_no_hint() -> None:
    sound = items("1,土方,m³,1200,385.00,462000.00", "2,其余,项,1,4928000.00,4928000.00")
    assert arithmetic.check(PRICE, capital("5390000.00"), sound, sound) == ()


def test_sums_quantities_and_items_are_held_against_price_and_template() -> None:
    template = items("1,土方,m³,1200,,", "2,管道,m,10,,", "3,试运行,项,1,,")
    offered = items("1,土方,m³,1100,10.00,11000.00", "2,管道,m,10,,", "9,另加,项,1,5.00,5.00")
    kinds = {(slip.kind, slip.number) for slip in arithmetic.check(PRICE, "", offered, template)}
    assert kinds == {("quantity", "1"), ("unpriced", "2"), ("added", "9"), ("left_out", "3"), ("sum", "")}


@pytest.mark.parametrize(
    "amount", ["0.01", "10.00", "1005.30", "9512300.00", "10000.05", "100000000.00", "1020030.40", "250300400500.60"]
)
def test_an_amount_in_words_is_read_as_it_is_written(amount: str) -> None:
    assert amount_of(capital(amount) if amount != "0.01" else "零元壹分") == Decimal(amount)
    assert amount_of("人民币" + capital("9512300.00")) == Decimal("9512300.00")


@pytest.mark.parametrize("words", ["", "玖佰", "nine", "玖佰元x", "元整", "伍佰肆拾捌万圆两角"])
def test_what_is_no_amount_in_words_is_said_to_be_none(words: str) -> None:
    with pytest.raises(NotAnAmount):
        amount_of(words)
    if words:
        assert [slip.kind for slip in arithmetic.check(PRICE, words, ())] == ["unreadable_words"]


@pytest.mark.parametrize(
    ("content", "fault", "line"),
    [
        (b"\xff\xfe", "not_csv", 0),
        ((HEADING + "1,a,b").encode(), "wrong_columns", 2),
        ((HEADING + "\n,,m,1,1,1").encode(), "unnamed_item", 3),
        ((HEADING + '1,a,m,"1,200",1,1').encode(), "not_a_decimal_string", 2),
    ],
)
def test_a_bill_that_is_none_is_refused_by_line(content: bytes, fault: str, line: int) -> None:
    with pytest.raises(bill.BillRefused) as refused:
        bill.read(content)
    assert (refused.value.fault, refused.value.line) == (fault, line)


def test_a_passage_that_two_bids_share_is_shown_with_both_pages() -> None:
    shared = letters(0, 120)
    bids = {
        "A": Text({("bids/A.pdf", 1): letters(1000, 300), ("bids/A.pdf", 2): letters(2000, 50) + shared}),
        "B": Text({("bids/B.pdf", 1): shared[:70] + " 12，\n" + shared[70:] + letters(3000, 300)}),
        "C": Text({("bids/C.pdf", 1): letters(4000, 400)}),
    }
    (pair,) = compare(bids, [])
    assert pair.bids == ("A", "B")
    (passage,) = pair.passages
    assert (passage.length, passage.places) == (120, (("bids/A.pdf", 2), ("bids/B.pdf", 1)))
    assert passage.text == shared
    assert pair.shared == 120
    assert pair.share == Decimal("0.2857")  # 120 of the 420 letters of the shorter one


def test_what_the_tender_or_every_bidder_writes_is_no_hint() -> None:
    asked, usual = letters(0, 200), letters(5000, 200)
    bids = {
        name: Text({(f"bids/{name}.pdf", 1): letters(6000 + 500 * n, 300) + asked + letters(9000 + 90 * n, 80) + usual})
        for n, name in enumerate("ABC")
    }
    assert compare(bids, [Text({("tender.pdf", 1): asked})]) == ()
    two = {name: bids[name] for name in "AB"}
    assert [pair.bids for pair in compare(two, [Text({("tender.pdf", 1): asked})])] == [("A", "B")]


def test_what_is_known_around_a_passage_is_no_part_of_it() -> None:
    head, foot, shared = letters(100, 40), letters(200, 40), letters(5000, 60)
    bids = {name: Text({(name, 1): head + shared + foot}) for name in "AB"}
    (pair,) = compare(bids, [Text({("tender", 1): head + letters(300, 9) + foot})])
    assert [(one.text, one.length) for one in pair.passages] == [(shared, 60)]


def test_a_short_phrase_is_no_hint() -> None:
    phrase = letters(0, similarity.LEAST_PASSAGE - 1)
    bids = {
        "A": Text({("a", 1): letters(1000, 100) + phrase + letters(1500, 100)}),
        "B": Text({("b", 1): letters(2000, 100) + phrase + letters(2500, 100)}),
    }
    assert compare(bids, []) == ()


def test_an_empty_text_shares_nothing() -> None:
    assert compare({"A": Text({}), "B": Text({("b", 1): letters(0, 100)})}, []) == ()


def test_traces_are_shared_by_different_bids_only_and_the_usual_ones_are_none() -> None:
    found = traces.compare(
        {
            "A": [{"mac": "02-00-00-00-00-01"}, {"author": "演示编制人", "created": "D:20261117090300Z"}],
            "B": [{"mac": "02-00-00-00-00-01"}, {"author": "Administrator", "created": "D:20261117090300Z"}],
            "C": [{}, {"author": "Administrator"}, {"author": "只此一家"}, {"author": "只此一家"}],
        }
    )
    assert [(one.what, one.bids) for one in found] == [("created", ("A", "B")), ("mac", ("A", "B"))]
