"""Each of the twenty acceptance scenarios is a test of its number; the list says what must be seen in each."""

import re

from tests.house.tree import ROOT

SCENARIOS = {
    1: "a main and two sub venues: report in ten parts, five signatures, a bag that verifies offline",
    2: "四不知: before the start nobody sees another venue, project or expert; denied reads are logged",
    3: "committees of 4, of 6, and of 5 with 3 experts are refused; 7 with 5 experts are accepted",
    4: "whoever is tied to a bidder is never drawn in 10,000 runs; the reason is listed",
    5: "a third party's program draws the same; one changed row of the pool fails",
    6: "refusal, silence, leave too late: the next is called, the log is complete and has no telephone number",
    7: "absent at check-in: replaced, no old scores, the report tells the change",
    8: "late recusal: replaced, the reason kept, the seat given anew, the fee as the table says",
    9: "the leader's ballot ties 2/2/1 and ends 3/2; in procurement without the purchaser's representative",
    10: "rejected by 3:2 with ground and page, out of the benchmark, the others' notes in the report; one re-vote",
    11: "two valid bids: a vote on competition in works, a forced stop in procurement",
    12: "a clarification is answered in its last ten seconds, a later answer is refused, no name is told",
    13: "examples A, B, C and D to the last digit",
    14: "an objective mismatch blocks; a deviation is shown to its member; the mean of the others replaces by vote",
    15: "a seat without network: work goes on, nothing twice, its gaps in the report",
    16: "an outage of the main site: locked everywhere, identical after the restart, in time or reconstituted",
    17: "ill in the detailed review: scores void and kept, the newcomer from nothing, totals anew",
    18: "a dissent; a refusal without reason stated as consent by leader and witness; the case closes",
    19: "a changed score, PDF byte, segment or log line: each named exactly",
    20: "retrieval on request and two approvals, for a time, watermarked, every look logged",
}
NAME = re.compile(r"^(?:async )?def test_scenarios?((?:_(?:and_)?\d{1,2})+)_", re.M)


def shown() -> set[int]:
    """The numbers that tests bear in their names."""
    files = (path.read_text("utf-8") for path in (ROOT / "tests").rglob("test_*.py"))
    return {int(number) for text in files for name in NAME.findall(text) for number in re.findall(r"\d+", name)}


def test_every_scenario_is_a_test_of_its_number() -> None:
    assert sorted(SCENARIOS.keys() - shown()) == []
    assert shown() <= SCENARIOS.keys()
