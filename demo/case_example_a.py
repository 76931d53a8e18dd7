"""The case the demo walks through: works by 综合评估法, six bids, five members, and the figures it must end in.

Plain data, visibly synthetic, imported by the demo's people only; it knows nothing of the server's code. Money in yuan,
every figure a decimal string. Reference figures were worked out by hand, apart from any program of this repository.
"""

from typing import Any, Final

PAPERS: Final = "works"
PROFILE: Final = "demo"

PROJECT: Final = {
    "code": "DEMO-2026-0001",
    "name": "演示市第一污水处理厂改造工程（EPC 工程总承包）",
    "lot": "一标段",
    "tenderer": "演示招标人",
    "agent": "演示招标代理机构",
    "type": "工程",
    "limit_price": "10000000.00",
}

MEMBERS: Final = ("评委1", "评委2", "评委3", "评委4", "评委5")
"""评委5 is the tenderer's representative, the others are experts."""

AVOID_UNITS: Final = ("演示设计院",)

QUOTAS: Final = (
    {"category": "A08", "count": 1, "alternates": 0, "place": "main"},
    {"category": "A08", "count": 1, "alternates": 1, "place": "sub-1"},
    {"category": "A02", "count": 1, "alternates": 0, "place": "sub-1"},
    {"category": "B01", "count": 1, "alternates": 1, "place": "sub-2"},
)

BIDDERS: Final = {letter: f"演示投标人{letter}" for letter in "ABCDEF"}

PRICES: Final = {
    "A": "9512300.00",
    "B": "9286500.00",
    "C": "9658800.00",
    "D": "8990400.00",
    "E": "9405250.00",
    "F": "9130000.00",
}

REDUCTION_PERCENT: Final = "2.0"
"""Coefficient K, drawn at the opening from the criteria's choices."""

QUANTITIES: Final = (
    ("1", "场地平整及临时设施", "项", "1.00"),
    ("2", "预处理构筑物土建", "m³", "3200.00"),
    ("3", "生物池改造", "座", "4.00"),
    ("4", "膜处理设备采购及安装", "套", "6.00"),
    ("5", "管道工程", "m", "2500.00"),
    ("6", "电气及自动化", "项", "1.00"),
    ("7", "设计及试运行", "项", "1.00"),
)
"""The bill of quantities: number, name, unit, quantity."""

UNIT_PRICES: Final = {
    "A": ("312300.00", "865.00", "402000.00", "305000.00", "612.00", "986000.00", "478000.00"),
    "B": ("298500.00", "842.00", "391500.00", "298000.00", "598.00", "961000.00", "483600.00"),
    "C": ("321800.00", "871.00", "408000.00", "312000.00", "621.00", "995000.00", "498300.00"),
    "D": ("276400.00", "815.00", "379000.00", "286000.00", "575.00", "938000.00", "498500.00"),
    "E": ("305250.00", "853.00", "396500.00", "301500.00", "604.00", "972000.00", "493400.00"),
    "F": ("287000.00", "828.00", "384000.00", "291000.00", "586.00", "950000.00", "496400.00"),
}
"""Unit prices in the order of the bill; quantity times unit price adds up to the bid's price, to the last cent."""


CLAUSES: Final = (
    ("X1", "form", "投标函加盖投标人电子印章并由法定代表人签章", "第二章 3.7.3"),
    ("X2", "form", "投标文件唯一，只有一个有效报价", "第二章 3.7.1"),
    ("Z1", "qualification", "具备市政公用工程施工总承包二级及以上资质", "第三章 2.1.2"),
    ("Z2", "qualification", "项目负责人具备一级注册建造师资格且无在建工程", "第三章 2.1.2"),
    ("R1", "response", "投标报价不超过最高投标限价", "第三章 2.1.3"),
    ("R2", "response", "★ 总工期不超过 240 日历天", "第三章 2.1.3"),
    ("R3", "response", "★ 出水水质承诺达到一级 A 标准", "第三章 2.1.3"),
)
"""Preliminary review: id, type, text, clause of the tender document."""

CRITERIA: Final[dict[str, Any]] = {
    "format": "bid-criteria/1",
    "title": PROJECT["name"],
    "method": "comprehensive_evaluation",
    "limit": PROJECT["limit_price"],
    "clauses": [{"id": key, "type": kind, "text": text, "clause": clause} for key, kind, text, clause in CLAUSES],
    "price": {
        "formula": "benchmark_deviation",
        "weight": "30",
        "counts": "valid",
        "trim": [{"from": 5, "high": 1, "low": 1}],
        "reduction_choices": ["1.0", "1.5", "2.0", "2.5", "3.0"],
        "slope_above": "2.0",
        "slope_below": "1.0",
        "floor": "0",
        "places": {"base": 2, "deviation": 2, "score": 2},
    },
    "groups": [
        {
            "id": "technical",
            "name": "技术部分",
            "max": "50",
            "over": "subtotal",
            "trim": [{"from": 5, "high": 1, "low": 1}],
            "places": 2,
            "items": [
                {"id": key, "name": name, "clause": clause, "max": top, "min": "0", "step": "0.5", "objective": False}
                for key, name, clause, top in (
                    ("T1", "总体实施方案", "第三章 2.2.4(1)-1", "10"),
                    ("T2", "工艺设计方案", "第三章 2.2.4(1)-2", "10"),
                    ("T3", "施工组织与不停水措施", "第三章 2.2.4(1)-3", "8"),
                    ("T4", "质量与安全保证措施", "第三章 2.2.4(1)-4", "8"),
                    ("T5", "进度计划与资源配置", "第三章 2.2.4(1)-5", "8"),
                    ("T6", "调试运行与培训方案", "第三章 2.2.4(1)-6", "6"),
                )
            ],
        },
        {
            "id": "commercial",
            "name": "商务部分",
            "max": "20",
            "over": "subtotal",
            "trim": [{"from": 5, "high": 1, "low": 1}],
            "places": 2,
            "items": [
                {"id": key, "name": name, "clause": clause, "max": top, "min": "0", "step": "0.5", "objective": True}
                for key, name, clause, top in (
                    ("B1", "企业类似工程业绩", "第三章 2.2.4(2)-1", "8"),
                    ("B2", "项目负责人类似工程业绩", "第三章 2.2.4(2)-2", "6"),
                    ("B3", "管理体系认证与履约评价", "第三章 2.2.4(2)-3", "6"),
                )
            ],
        },
    ],
    "ties": [{"rule": "lower_price"}, {"rule": "higher_group", "group": "technical"}, {"rule": "lot"}],
    "candidates": 3,
}
"""The tender package's criteria, `bid-criteria/1`: known before any bidder is."""

OPENING: Final[dict[str, Any]] = {
    "format": "bid-opening/1",
    "bids": [{"id": letter, "name": BIDDERS[letter], "price": price} for letter, price in PRICES.items()],
    "coefficients": {"reduction_percent": REDUCTION_PERCENT},
}
"""The trading system's opening package: who bid, at what price, and the coefficient drawn."""

TECHNICAL_SCORES: Final = {
    "A": (
        "8.5 8.5 7.5 6 6.5 4.5",
        "8.5 9 6 6 7 5.5",
        "7.5 8.5 6 6.5 7.5 4.5",
        "8 9 6.5 7 7 5.5",
        "9.5 9.5 8 7.5 8 6",
    ),
    "B": (
        "8.5 8.5 7 7 7.5 5.5",
        "9 9 7.5 7.5 7 5.5",
        "8.5 9 7 7.5 7 4.5",
        "8.5 9.5 7 6.5 7 6",
        "8 8 7 7 7.5 5.5",
    ),
    "C": (
        "8.5 7 5.5 6 6.5 4.5",
        "8 8.5 6 6.5 6.5 4",
        "8 7.5 7 6 6.5 5",
        "7.5 7 6.5 6 6.5 4",
        "8.5 8 5.5 6.5 6 4.5",
    ),
    "D": (
        "8 7 6 5.5 6 4",
        "7 7 6.5 6 6 4.5",
        "7.5 8 6 6.5 6 4.5",
        "6.5 7 6.5 6 5.5 4.5",
        "8 8 6 5.5 6 4",
    ),
    "E": (
        "8 9.5 6.5 7.5 7 5",
        "9 9 7 7.5 6.5 5",
        "8.5 8.5 7 7.5 7 4",
        "9 10 7 6.5 7 5.5",
        "8.5 9.5 7 7 7 5.5",
    ),
}
"""Scores of T1…T6, one row a member in the order of MEMBERS; no item's range passes 30 % of its maximum."""

COMMERCIAL_SCORES: Final = {
    "A": "7 6 5",
    "B": "6.5 5 5",
    "C": "8 6 5",
    "D": "6 5 4",
    "E": "7 5.5 5",
}
"""Scores of B1…B3, on which all five agree."""

TECHNICAL_TOTALS: Final = {
    "A": ("41.5", "42.0", "40.5", "43.0", "48.5"),
    "B": ("44.0", "45.5", "43.5", "44.5", "43.0"),
    "C": ("38.0", "39.5", "40.0", "37.5", "39.0"),
    "D": ("36.5", "37.0", "38.5", "36.0", "37.5"),
    "E": ("43.5", "44.0", "42.5", "45.0", "44.5"),
}

F_CLAUSE: Final = "R2"
F_FINDINGS: Final[dict[str, dict[str, Any]]] = {
    "评委1": {
        "pass": False,
        "ground": "not_responsive",
        "reason": "进度计划总工期 255 日历天，超过 240",
        "page": 87,
    },
    "评委2": {"pass": True},
    "评委3": {"pass": False, "ground": "not_responsive", "reason": "工期承诺 255 日历天，不满足★条款", "page": 87},
    "评委4": {"pass": True},
    "评委5": {"pass": False, "ground": "not_responsive", "reason": "横道图与承诺函工期均超 240 日历天", "page": 88},
}
"""Bid F fails one responsiveness clause by three votes to two; every other finding of every member is a pass."""

LEADER_BALLOTS: Final = (
    {"评委1": "评委3", "评委2": "评委3", "评委3": "评委1", "评委4": "评委1", "评委5": "评委2"},
    {"评委1": "评委3", "评委2": "评委3", "评委3": "评委1", "评委4": "评委3", "评委5": "评委1"},
)
"""Two rounds: 2/2/1, then 3/2 between the tied."""

LEADER: Final = "评委3"

CLARIFICATION: Final = {
    "bid": "E",
    "scope": "投标文件技术部分第 112 页",
    "question": (
        "投标文件第 112 页膜组件通量单位写作“L/(m²·d)”，与第 45 页设计参数表“L/(m²·h)”不一致。"
        "请以书面形式说明正确的单位。"
    ),
    "answer": ("第 112 页单位系打字错误，应为“L/(m²·h)”，与第 45 页设计参数表一致。本说明不改变投标文件的实质性内容。"),
}

DEVIATION: Final = {
    "member": "评委5",
    "bid": "A",
    "group": "technical",
    "shown": "+16.17 %",
    "choice": "keep",
    "reason": "该投标人的工艺设计与不停水措施针对本工程现状，经复核评分依据充分，维持原评分。",
}
"""The one flag of the self-check and what its member answers."""

DISSENT: Final = {
    "member": "评委2",
    "text": (
        "本人认为投标人F第 87 页的 255 日历天包含 30 日历天试运行，"
        "关键线路工期满足 240 日历天要求，不应否决。保留不同意见。"
    ),
}

BENCHMARK: Final = "9213323.00"
EXPECTED: Final = {
    "B": {
        "deviation": "0.79",
        "price": "28.42",
        "technical": "44.00",
        "commercial": "16.50",
        "total": "88.92",
        "rank": 1,
    },
    "E": {
        "deviation": "2.08",
        "price": "25.84",
        "technical": "44.00",
        "commercial": "17.50",
        "total": "87.34",
        "rank": 2,
    },
    "A": {
        "deviation": "3.25",
        "price": "23.50",
        "technical": "42.17",
        "commercial": "18.00",
        "total": "83.67",
        "rank": 3,
    },
    "D": {
        "deviation": "-2.42",
        "price": "27.58",
        "technical": "37.00",
        "commercial": "15.00",
        "total": "79.58",
        "rank": 4,
    },
    "C": {
        "deviation": "4.84",
        "price": "20.32",
        "technical": "38.83",
        "commercial": "19.00",
        "total": "78.15",
        "rank": 5,
    },
}
"""The result table, in the order of rank; the demo fails when the report says anything else."""

CANDIDATES: Final = ("B", "E", "A")


def finding_of(member: str, bid: str, clause: str) -> dict[str, Any]:
    """What a member finds of one clause: all pass but F's late schedule, by some."""
    return F_FINDINGS[member] if (bid, clause) == ("F", F_CLAUSE) else {"pass": True}


def scores_of(member: str, bid: str) -> dict[str, str]:
    """One member's item scores of one bid, as they are typed into the sheet."""
    technical = TECHNICAL_SCORES[bid][MEMBERS.index(member)].split()
    commercial = COMMERCIAL_SCORES[bid].split()
    keys = [item["id"] for group in CRITERIA["groups"] for item in group["items"]]
    return dict(zip(keys, technical + commercial, strict=True))
