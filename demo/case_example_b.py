"""The demo's second case: government procurement by 综合评分法, three bids, a tie that the lower price decides.

Plain data, visibly synthetic, as `demo.example` says; it knows nothing of the server's code. Reference figures were
worked out by hand, apart from any program of this repository.
"""

from typing import Any, Final

PAPERS: Final = "goods"
PROFILE: Final = "demo_procurement"

PROJECT: Final = {
    "code": "DEMO-2026-0002",
    "name": "演示市第三中学理化实验室设备采购",
    "lot": "包一",
    "tenderer": "演示采购人",
    "agent": "演示采购代理机构",
    "type": "政府采购",
    "limit_price": "2000000.00",
}

MEMBERS: Final = ("评委1", "评委2", "评委3", "评委4", "评委5")
"""评委5 is the purchaser's representative, who neither leads nor elects the leader."""

AVOID_UNITS: Final = ("演示教育装备中心",)

QUOTAS: Final = (
    {"category": "C02", "count": 1, "alternates": 0, "place": "main"},
    {"category": "C02", "count": 1, "alternates": 1, "place": "sub-1"},
    {"category": "C05", "count": 1, "alternates": 0, "place": "sub-1"},
    {"category": "D01", "count": 1, "alternates": 1, "place": "sub-2"},
)

BIDDERS: Final = {letter: f"演示投标人{letter}" for letter in "PQR"}

PRICES: Final = {"P": "1860000.00", "Q": "1795000.00", "R": "1980000.00"}

DEDUCTION_PERCENT: Final = {"R": "10"}
"""R declares that a small enterprise makes all of its goods: the price is compared less ten percent."""

QUANTITIES: Final = (
    ("1", "物理实验台（双人位）", "套", "28.00"),
    ("2", "化学实验台（通风型）", "套", "28.00"),
    ("3", "数字化实验传感器组", "组", "60.00"),
    ("4", "教师演示台", "张", "6.00"),
    ("5", "安装、调试与培训", "项", "1.00"),
)

UNIT_PRICES: Final = {
    "P": ("12500.00", "18500.00", "12400.00", "21000.00", "122000.00"),
    "Q": ("12000.00", "17900.00", "11950.00", "20500.00", "117800.00"),
    "R": ("13400.00", "19800.00", "13100.00", "22500.00", "129400.00"),
}
"""Quantity times unit price adds up to the bid's price, to the last cent."""

CLAUSES: Final = (
    ("F1", "form", "投标文件按要求签署并加盖投标人电子印章", "第二章 12.3"),
    ("F2", "form", "投标报价唯一，且不超过最高限价", "第二章 11.4"),
    ("R1", "response", "★ 交货期不超过合同签订后 45 日历天", "第五章 5.2"),
    ("R2", "response", "★ 整体质保期不少于 36 个月", "第五章 5.3"),
    ("R3", "response", "★ 通风型实验台面风速 0.4～0.6 m/s，附检测报告", "第五章 5.4"),
)
"""符合性审查, the committee's; suppliers' qualification is examined by the purchaser before (87号令第四十四条)."""

CRITERIA: Final[dict[str, Any]] = {
    "format": "bid-criteria/1",
    "title": PROJECT["name"],
    "method": "composite_scoring",
    "limit": PROJECT["limit_price"],
    "clauses": [{"id": key, "type": kind, "text": text, "clause": clause} for key, kind, text, clause in CLAUSES],
    "price": {"formula": "low_price_first", "weight": "30", "places": {"score": 2}},
    "deduction_percents": ["10"],
    "groups": [
        {
            "id": group,
            "name": name,
            "max": most,
            "over": "subtotal",
            "trim": [],
            "places": 2,
            "items": [
                {"id": key, "name": words, "clause": clause, "max": top, "min": "0", "step": step}
                | {"objective": group == "business"}
                for key, words, clause, top in items
            ],
        }
        for group, name, most, step, items in (
            (
                "technical",
                "技术部分",
                "54",
                "0.1",
                (
                    ("T1", "技术参数响应与产品选型", "第三章 3.2(1)", "30"),
                    ("T2", "供货与安装方案", "第三章 3.2(2)", "10"),
                    ("T3", "售后服务方案", "第三章 3.2(3)", "8"),
                    ("T4", "教师培训方案", "第三章 3.2(4)", "6"),
                ),
            ),
            (
                "business",
                "商务部分",
                "16",
                "1",
                (
                    ("B1", "质量、环境、职业健康安全管理体系认证", "第三章 3.3(1)", "6"),
                    ("B2", "近三年同类货物业绩", "第三章 3.3(2)", "6"),
                    ("B3", "质保期承诺", "第三章 3.3(3)", "4"),
                ),
            ),
        )
    ],
    "ties": [{"rule": "lower_price"}, {"rule": "joint"}],
    "candidates": 3,
}

OPENING: Final[dict[str, Any]] = {
    "format": "bid-opening/1",
    "bids": [
        {"id": letter, "name": BIDDERS[letter], "price": price}
        | ({"deduction_percent": DEDUCTION_PERCENT[letter]} if letter in DEDUCTION_PERCENT else {})
        for letter, price in PRICES.items()
    ],
    "coefficients": {},
}

TECHNICAL_SCORES: Final = {
    "P": ("24.5 8.2 6.8 5.0", "24.0 8.3 6.7 4.9", "24.6 8.4 6.8 5.0", "24.2 8.0 6.6 4.8", "24.4 8.3 6.9 5.0"),
    "Q": ("23.6 8.0 6.6 4.8", "24.0 8.0 6.7 4.8", "23.5 7.9 6.6 4.8", "24.0 8.1 6.7 4.8", "23.8 8.0 6.7 4.8"),
    "R": ("22.5 7.6 6.3 4.6", "22.2 7.5 6.2 4.6", "22.8 7.7 6.4 4.6", "22.6 7.6 6.4 4.6", "22.4 7.5 6.3 4.6"),
}
"""Scores of T1…T4, one text a member in the order of MEMBERS."""

BUSINESS_SCORES: Final = {"P": "6 6 4", "Q": "6 6 4", "R": "6 4 4"}
"""Scores of B1…B3, on which all five agree."""

LEADER_BALLOTS: Final = ({"评委1": "评委3", "评委2": "评委3", "评委3": "评委1", "评委4": "评委3"},)
LEADER: Final = "评委3"

EXPECTED: Final = {
    "Q": {
        "evaluated": "1795000.00",
        "price": "29.78",
        "technical": "43.24",
        "business": "16.00",
        "total": "89.02",
        "rank": 1,
    },
    "P": {
        "evaluated": "1860000.00",
        "price": "28.74",
        "technical": "44.28",
        "business": "16.00",
        "total": "89.02",
        "rank": 2,
    },
    "R": {
        "evaluated": "1782000.00",
        "price": "30.00",
        "technical": "41.00",
        "business": "14.00",
        "total": "85.00",
        "rank": 3,
    },
}
"""The result, in the order of rank: P and Q tie at 89.02, and Q asks the lower price."""

CANDIDATES: Final = ("Q", "P", "R")


def finding_of(member: str, bid: str, clause: str) -> dict[str, Any]:
    """Every bid conforms."""
    return {"pass": True}


def scores_of(member: str, bid: str) -> dict[str, str]:
    """One member's item scores of one bid, as they are typed into the sheet."""
    scores = TECHNICAL_SCORES[bid][MEMBERS.index(member)].split() + BUSINESS_SCORES[bid].split()
    keys = [item["id"] for group in CRITERIA["groups"] for item in group["items"]]
    return dict(zip(keys, scores, strict=True))
