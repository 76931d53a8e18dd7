"""Example A (works, comprehensive evaluation) as a `bid-report/1` value, all parts filled."""

from decimal import Decimal
from typing import Any

NAMES = {"A": "甲", "B": "乙", "C": "丙", "D": "丁", "E": "戊", "F": "己"}
PRICES = {
    "A": "9512300.00",
    "B": "9286500.00",
    "C": "9658800.00",
    "D": "8990400.00",
    "E": "9405250.00",
    "F": "9130000.00",
}
TECHNICAL = {
    "A": ("41.5", "42.0", "40.5", "43.0", "48.5"),
    "B": ("44.0", "45.5", "43.5", "44.5", "43.0"),
    "C": ("38.0", "39.5", "40.0", "37.5", "39.0"),
    "D": ("36.5", "37.0", "38.5", "36.0", "37.5"),
    "E": ("43.5", "44.0", "42.5", "45.0", "44.5"),
}
RESULTS = {
    "A": ("3.25", "23.50", "42.17", "18.00", "83.67", 3),
    "B": ("0.79", "28.42", "44.00", "16.50", "88.92", 1),
    "C": ("4.84", "20.32", "38.83", "19.00", "78.15", 5),
    "D": ("-2.42", "27.58", "37.00", "15.00", "79.58", 4),
    "E": ("2.08", "25.84", "44.00", "17.50", "87.34", 2),
}
TECHNICAL_ITEMS = (
    ("T1", "总体设计方案", "12.0"),
    ("T2", "施工组织与进度", "10.0"),
    ("T3", "质量保证措施", "8.0"),
    ("T4", "安全文明施工", "8.0"),
    ("T5", "关键技术与难点分析", "7.0"),
    ("T6", "运行维护与培训", "5.0"),
)
COMMERCIAL_ITEMS = (("S1", "类似工程业绩", "10.0"), ("S2", "项目负责人资格", "6.0"), ("S3", "管理体系认证", "4.0"))
COMMERCIAL = {
    "A": ("8.0", "6.0", "4.0"),
    "B": ("8.0", "4.5", "4.0"),
    "C": ("10.0", "6.0", "3.0"),
    "D": ("6.0", "6.0", "3.0"),
    "E": ("8.0", "6.0", "3.5"),
}
MEMBERS = tuple(f"评委{n}" for n in range(1, 6))
VALID = tuple("ABCDE")
DIGEST = "0123456789abcdef" * 4


def example_a() -> dict[str, Any]:
    """A fresh value each call, so that a test may spoil one field of it."""
    return {
        "v": "bid-report/1",
        "template": "national",
        "mark": "demo",
        "outcome": "candidates",
        "issued": "2026-11-20T08:41:30Z",
        "case": _case(),
        "data_sheet": [{"name": "资金来源", "value": "演示资金"}, {"name": "计划工期", "value": "540 日历天"}],
        "venues": [
            {"alias": "主场", "name": "演示市公共资源交易中心", "seats": 3},
            {"alias": "副场一", "name": "演示县公共资源交易中心", "seats": 1},
            {"alias": "副场二", "name": "演示区公共资源交易中心", "seats": 1},
        ],
        "members": [_member(n) for n in range(5)],
        "elections": [
            {
                "at": "2026-11-20T01:12:00Z",
                "counts": [{"member": m, "votes": v} for m, v in (("评委1", 2), ("评委2", 2), ("评委3", 1))],
                "result": "评委1、评委2 得票相同，进入下一轮",
            },
            {
                "at": "2026-11-20T01:14:20Z",
                "counts": [{"member": "评委1", "votes": 3}, {"member": "评委2", "votes": 2}],
                "result": "评委1 当选组长",
            },
        ],
        "replacements": [],
        "bidders": [
            {"ref": ref, "name": f"演示投标人{name}建设有限公司", "code": f"91000000DEMO0000{ref}X"}
            for ref, name in NAMES.items()
        ],
        "opening": _opening(),
        "compliant": [
            {"bidder": ref, "price": PRICES[ref], "note": "算术修正后一致" if ref == "E" else ""} for ref in VALID
        ],
        "rejected": [_rejection()],
        "method": _method(),
        "comparison": {
            "unit": "score",
            "parts": [
                {"title": "报价", "weight": "30"},
                {"title": "技术", "weight": "50"},
                {"title": "商务", "weight": "20"},
            ],
            "rows": [
                {
                    "bidder": ref,
                    "parts": list(RESULTS[ref][1:4]),
                    "total": RESULTS[ref][4],
                    "rank": RESULTS[ref][5],
                    "note": "",
                }
                for ref in VALID
            ],
        },
        "conclusion": "经评审，评标委员会依次推荐演示投标人乙、戊、甲为第一、第二、第三中标候选人。",
        "candidates": [
            {
                "rank": n + 1,
                "bidder": ref,
                "price": PRICES[ref],
                "result": RESULTS[ref][4],
                "period": "540 日历天",
                "quality": "合格",
                "manager": f"演示负责人{NAMES[ref]}",
            }
            for n, ref in enumerate("BEA")
        ],
        "before_contract": ["核对中标人项目负责人的在建工程情况。", "中标人提交履约保证金。"],
        "clarifications": [_clarification()],
        **_annexes(),
    }


def _case() -> dict[str, Any]:
    return {
        "number": "E-DEMO-2026-000001",
        "project_code": "DEMO-EPC-2026-001",
        "project": "演示市滨河片区污水处理厂提标改造工程总承包（EPC）",
        "lot": "第一标段",
        "tenderer": "演示招标人",
        "agent": "演示招标代理有限公司",
        "kind": "工程（工程总承包）",
        "limit_price": "10000000.00",
        "main_venue": "演示市公共资源交易中心",
        "opened": "2026-11-20T00:30:00Z",
        "began": "2026-11-20T01:05:00Z",
        "ended": "2026-11-20T08:40:00Z",
        "tender_document": DIGEST,
        "profile": "工程·综合评估法（演示等待时间），2026-01-01 起施行",
        "profile_digest": DIGEST[::-1],
    }


def _member(n: int) -> dict[str, Any]:
    kinds = ("技术专家", "技术专家", "经济专家", "技术专家", "招标人代表")
    return {
        "ref": MEMBERS[n],
        "name": f"专家{42 + n:04d}" if n < 4 else "招标人代表01",
        "kind": kinds[n],
        "unit": "演示单位" if n < 4 else "演示招标人",
        "venue": ("主场", "主场", "副场一", "副场二", "主场")[n],
        "seat": f"{n % 3 + 1} 号席",
        "origin": "正选" if n < 4 else "招标人委派",
        "duty": "leader" if n == 0 else "member",
        "state": "seated",
    }


def _opening() -> dict[str, Any]:
    return {
        "at": "2026-11-20T00:30:00Z",
        "place": "演示市公共资源交易中心开标一室",
        "package": DIGEST,
        "drawn": [{"name": "下浮系数 K", "value": "2.0 %（从 1.0、1.5、2.0、2.5、3.0 中抽取）"}],
        "bids": [
            {
                "bidder": ref,
                "price": PRICES[ref],
                "period": "540 日历天",
                "quality": "合格",
                "bond": "已递交",
                "note": "",
            }
            for ref in NAMES
        ],
    }


def _rejection() -> dict[str, Any]:
    return {
        "bidder": "F",
        "stage": "响应性评审",
        "item": "Y3 质量保修期",
        "clause": "招标文件 ★7.2：质量保修期不少于 24 个月",
        "ground_code": "51-6",
        "ground": "投标文件没有对招标文件的实质性要求和条件作出响应",
        "page": "第 4 页",
        "votes_reject": 3,
        "votes_keep": 2,
        "reason": "投标文件第 4 页承诺质量保修期为 12 个月，低于 ★7.2 条要求的 24 个月，属于重大偏差。",
        "dissent": [
            {"member": "评委2", "text": "认为可以通过澄清确认保修期。"},
            {"member": "评委5", "text": "认为附表另有 24 个月的表述，应先澄清。"},
        ],
    }


def _method() -> dict[str, Any]:
    passing = (
        ("形式评审", "X1", "投标函签章", "有法定代表人或者委托代理人签字并加盖单位章"),
        ("资格评审", "Z1", "企业资质", "具备招标文件要求的设计和施工资质"),
        ("响应性评审", "Y3", "质量保修期", "不少于 24 个月（★7.2）"),
    )
    return {
        "name": "综合评估法",
        "rules": [
            "评标基准价 = 有效投标报价去除一个最高价和一个最低价（不少于五家时）后的平均值 ×（1 − K）。",
            "报价每高于基准价 1 % 扣 2.0 分，每低于 1 % 扣 1.0 分；不足 1 % 的按内插法计算，最低 0 分。",
            "技术部分由评委独立打分，去除一个最高分和一个最低分后取算术平均值，保留两位小数。",
        ],
        "criteria": [
            {
                "stage": s,
                "code": c,
                "title": t,
                "kind": "合格制",
                "best": "",
                "step": "",
                "standard": d,
                "source": "第三章",
            }
            for s, c, t, d in passing
        ]
        + [
            {
                "stage": stage,
                "code": code,
                "title": title,
                "kind": kind,
                "best": best,
                "step": "0.5",
                "standard": "优：85 %～100 %；良：70 %～84 %；一般：60 %～69 %；差：60 % 以下"
                if kind == "主观分"
                else "按证明材料计分",
                "source": "第三章",
            }
            for stage, kind, items in (
                ("技术部分", "主观分", TECHNICAL_ITEMS),
                ("商务部分", "客观分", COMMERCIAL_ITEMS),
            )
            for code, title, best in items
        ],
    }


def _clarification() -> dict[str, Any]:
    return {
        "number": "澄清-01",
        "bidder": "E",
        "question": "工程量清单第 3 项合价与数量、单价的乘积不一致，请书面说明。",
        "asked": "2026-11-20T02:40:00Z",
        "due": "2026-11-20T03:10:00Z",
        "answer": "第 3 项合价为笔误，以单价为准，投标总价不变。",
        "answered": "2026-11-20T03:09:50Z",
        "file": DIGEST,
        "decision": "评标委员会接受该说明，投标总价不变。",
    }


def _annexes() -> dict[str, Any]:
    return {
        "sign_ins": [
            {
                "member": m,
                "arrived": f"2026-11-20T00:{40 + n}:10Z",
                "check": "证件核验，人工核验（两人）" if n == 3 else "证件核验，人脸比对（单独同意）",
                "locker": f"{12 + n}",
                "left": f"2026-11-20T08:5{n}:00Z",
            }
            for n, m in enumerate(MEMBERS)
        ],
        "pledges": [
            {
                "text": "1. 本人没有应当回避的情形。\n2. 本人独立、客观、公正地评审。",
                "signatures": [
                    {"member": f"评委{n}", "signed": "2026-11-20T01:10:00Z", "code": f"PMDG-000{n}"}
                    for n in range(1, 6)
                ],
            }
        ],
        "draws": [_draw()],
        "drawn_elsewhere": [],
        "preliminary": [_preliminary()],
        "preliminary_signatures": [
            {"member": f"评委{n}", "signed": "2026-11-20T04:10:00Z", "code": f"PRE0-000{n}"} for n in range(1, 6)
        ],
        "sheets": [_sheet(n, "技术评分", TECHNICAL_ITEMS) for n in range(5)]
        + [_sheet(n, "商务评分", COMMERCIAL_ITEMS) for n in range(5)],
        "summaries": [_summary()],
        "price": _price(),
        "decisions": [
            {
                "at": "2026-11-20T02:55:00Z",
                "question": "有效投标五家，竞争是否充分？",
                "votes_for": 5,
                "votes_against": 0,
                "result": "充分，继续评标",
            }
        ],
        "rechecks": [
            {
                "at": "2026-11-20T08:10:00Z",
                "flag": "评分偏差",
                "finding": "评委5 对 A 的技术评分 48.5，其他成员平均 41.75，偏差 +16.17 %。",
                "members": ["评委5"],
                "before": "48.5",
                "after": "48.5",
                "decision": "评委5 维持评分并说明：该方案的运行成本分析完整。去除最高分后对结果没有影响。",
            }
        ],
        "dissents": [
            {
                "member": "评委2",
                "at": "2026-11-20T08:20:00Z",
                "outcome": "signed_with_dissent",
                "text": "对否决 F 保留意见，理由见第五部分。",
            }
        ],
        "interruptions": [
            {
                "kind": "break",
                "began": "2026-11-20T04:00:00Z",
                "ended": "2026-11-20T05:00:00Z",
                "reason": "用餐休息",
                "decided_by": "评委1（组长）",
                "note": "录音录像未停止，恢复前重新核对在席。",
            },
            {
                "kind": "incident",
                "began": "2026-11-20T06:12:30Z",
                "ended": "2026-11-20T06:14:00Z",
                "reason": "副场一席位网络中断",
                "decided_by": "主场见证人",
                "note": "未提交的评分保存在席位，恢复后补传，未重复计分。",
            },
        ],
        "gaps": [
            {
                "seat": "副场一 3 号席",
                "track": "摄像头",
                "began": "2026-11-20T06:12:30Z",
                "duration_ms": 90_400,
                "reason": "网络中断",
                "cover": "副场一全景摄像头有记录",
            }
        ],
        "signed_acts": [
            {"signer": m, "document": d, "at": f"2026-11-20T0{h}:1{n}:05Z", "code": f"{c}{n}KX-3PQ7"}
            for h, d, c in ((1, "评标专家承诺书", "P"), (3, "初步评审表", "R"), (7, "评分表", "S"))
            for n, m in enumerate(MEMBERS)
        ],
        "signatures": [
            {"member": m, "file": f"report/signatures/m{n + 1}.p7s", "certificate": DIGEST}
            for n, m in enumerate(MEMBERS)
        ],
    }


def _draw() -> dict[str, Any]:
    return {
        "number": "抽取-01",
        "subject": "experts",
        "at": "2026-11-19T01:00:00Z",
        "drawer": "演示抽取人01",
        "supervisor": "演示监督人01",
        "parties": "演示专家库、演示交易中心、演示监督部门",
        "pool_size": 200,
        "pool_root": DIGEST,
        "transcript": DIGEST[::-1],
        "requests": [
            {"major": "市政工程", "region": "不限", "seats": 3},
            {"major": "工程造价", "region": "不限", "seats": 1},
        ],
        "excluded": [{"name": "与投标人有利害关系", "times": 7}, {"name": "暂停评标资格", "times": 2}],
        "replies": [{"name": "参加", "times": 6}, {"name": "不参加", "times": 3}, {"name": "未应答", "times": 2}],
    }


def _preliminary() -> dict[str, Any]:
    items = [
        {"code": "Y1", "title": "投标有效期", "source": "3.3"},
        {"code": "Y2", "title": "工期", "source": "3.4"},
        {"code": "Y3", "title": "质量保修期", "source": "★7.2"},
    ]
    findings = [
        {"bidder": ref, "item": item["code"], "votes": ["pass"] * 5, "result": "pass", "note": ""}
        for ref in NAMES
        for item in items
    ]
    findings[-1] |= {
        "votes": ["fail", "pass", "fail", "fail", "pass"],
        "result": "fail",
        "note": "投标文件第 4 页承诺 12 个月。经讨论后表决，3 票不合格。",
    }
    return {"title": "响应性评审", "voters": list(MEMBERS), "items": items, "findings": findings}


def split(total: str, items: tuple[tuple[str, str, str], ...]) -> list[str]:
    """The total spread over the items in steps of 0.5, in proportion to their full scores."""
    left, full = Decimal(total), sum(Decimal(best) for _, _, best in items)
    scores = []
    for _, _, best in items:
        share = (left * Decimal(best) / full * 2).to_integral_value() / 2
        scores.append(share)
        left, full = left - share, full - Decimal(best)
    return [f"{score:.1f}" for score in scores]


def _sheet(n: int, title: str, items: tuple[tuple[str, str, str], ...]) -> dict[str, Any]:
    technical = items is TECHNICAL_ITEMS
    columns = {ref: split(TECHNICAL[ref][n], items) if technical else list(COMMERCIAL[ref]) for ref in VALID}
    return {
        "member": MEMBERS[n],
        "title": title,
        "state": "valid",
        "bidders": list(VALID),
        "rows": [
            {"item": code, "title": name, "best": best, "scores": [columns[ref][i] for ref in VALID]}
            for i, (code, name, best) in enumerate(items)
        ],
        "totals": [str(sum(Decimal(score) for score in columns[ref])) for ref in VALID],
        "comments": [{"bidder": "A", "item": "T6", "text": "运行成本分析完整，培训计划可行。"}]
        if technical and n == 4
        else [],
        "signatures": [
            {"bidder": ref, "signed": f"2026-11-20T07:{10 + n}:05Z", "code": f"S{n}{ref}X-3PQ7", "statement": DIGEST}
            for ref in VALID
        ],
    }


def _summary() -> dict[str, Any]:
    rows = []
    for ref in VALID:
        scores = [Decimal(score) for score in TECHNICAL[ref]]
        use = ["counted"] * 5
        use[scores.index(max(scores))] = "dropped_high"
        use[scores.index(min(scores))] = "dropped_low"
        rows.append({"bidder": ref, "scores": list(TECHNICAL[ref]), "use": use, "result": RESULTS[ref][2]})
    return {
        "title": "技术评分汇总",
        "rule": "去除一个最高分和一个最低分后取算术平均值，保留两位小数，四舍五入。",
        "best": "50",
        "members": list(MEMBERS),
        "rows": rows,
    }


def _price() -> dict[str, Any]:
    use = {"C": "dropped_high", "D": "dropped_low"}
    return {
        "unit": "score",
        "steps": [
            {
                "name": "去除后平均价（元）",
                "value": "9,401,350.00",
                "derivation": "（9,286,500.00 + 9,405,250.00 + 9,512,300.00）÷ 3",
            },
            {"name": "评标基准价（元）", "value": "9,213,323.00", "derivation": "9,401,350.00 ×（1 − 2.0 %）"},
        ],
        "rows": [
            {
                "bidder": ref,
                "stated": PRICES[ref],
                "corrected": PRICES[ref],
                "use": use.get(ref, "counted"),
                "deviation": RESULTS[ref][0],
                "result": RESULTS[ref][1],
                "note": "",
            }
            for ref in VALID
        ],
    }


def failed_a() -> dict[str, Any]:
    """The same tender failed: too few bids were left, so that nothing was scored."""
    value = example_a() | {
        "outcome": "failed",
        "candidates": [],
        "conclusion": "有效投标不足三家且明显缺乏竞争，否决全部投标。",
    }
    for empty in ("sheets", "summaries", "compliant", "rechecks", "dissents", "clarifications", "gaps", "decisions"):
        value[empty] = []
    value["comparison"] = value["comparison"] | {"rows": []}
    value["price"] = {"unit": "score", "steps": [], "rows": []}
    return value


def answers_a() -> dict[str, Any]:
    """Four answers of four kinds to the report of Example A."""
    answers = (("signed", ""), ("dissent", "对技术部分的权重有不同意见。"), ("refused", ""), ("silent", "视为同意。"))
    return {
        "v": "bid-report-answers/1",
        "template": "national",
        "mark": "demo",
        "issued": "2026-11-20T09:40:00Z",
        "number": "E-DEMO-2026-000001",
        "project": "演示市滨河片区污水处理厂提标改造工程总承包（EPC）",
        "lot": "第一标段",
        "version": 1,
        "report": "fedcba9876543210" * 4,
        "answers": [
            {
                "member": f"评委{n}", "name": f"专家{n:04}", "outcome": outcome, "at": "2026-11-20T09:30:00Z",
                "code": f"ANSW-000{n}", "text": text,
            }
            for n, (outcome, text) in enumerate(answers, 1)
        ],
    }  # fmt: skip


def opinion_a() -> dict[str, Any]:
    """A `bag-opinion/1` value on a bag that passed, with one recording gap and what was left unchecked."""
    return {
        "v": "bag-opinion/1",
        "mark": "demo",
        "certificates": "internal",
        "issued": "2026-11-20T09:30:00Z",
        "case": "E-DEMO-2026-000001",
        "project": "演示市滨河片区污水处理厂提标改造工程总承包（EPC）",
        "bag": {
            "name": "E-DEMO-2026-000001",
            "tag_manifest": DIGEST,
            "code": "04HM-ASW9",
            "files": 412,
            "bytes": 1_874_220_031,
            "sealed": "2026-11-20T09:20:00Z",
            "seal_certificate": DIGEST[::-1],
            "stamped": "2026-11-20T09:20:04Z",
        },
        "program": {"name": "verify.py", "version": "1", "sha256": DIGEST, "platform": "Python 3.11"},
        "trust": "given",
        "verdict": "intact_trusted",
        "checks": [
            {"subject": "文件清单", "objects": 412, "result": "passed", "note": "逐一重算校验码"},
            {"subject": "封存签名", "objects": 1, "result": "passed", "note": ""},
            {"subject": "时间戳", "objects": 1, "result": "passed", "note": ""},
            {"subject": "成员签名", "objects": 31, "result": "passed", "note": "承诺书、评审表、评分表、评标报告"},
            {"subject": "活动日志", "objects": 1830, "result": "passed", "note": "每条记录均在已封存的日志中"},
            {"subject": "录音录像分段", "objects": 9120, "result": "passed", "note": "逐段重算校验码"},
            {"subject": "国密封存签名", "objects": 1, "result": "not_checked", "note": "没有提供国密根证书"},
        ],
        "failures": [],
        "gaps": [
            {
                "seat": "副场一 3 号席",
                "track": "摄像头",
                "began": "2026-11-20T06:12:30Z",
                "duration_ms": 90_400,
                "reason": "网络中断",
            }
        ],
        "not_checked": ["国密封存签名：没有提供国密根证书。", "证书在签名时是否被撤销：档案包内没有吊销列表。"],
    }
