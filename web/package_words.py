"""What is wrong with a package, in sentences: where it stands, what it should be. Owns words only."""

import re
from collections.abc import Mapping

from conduct.package_problems import Problem
from web.i18n import Language, _, say
from web.refusals import REFUSALS

# By what a fault is called where it was found.
FAULTS: Mapping[str, str] = {
    "blind_missing": _("招标文件规定暗标评审，这份投标缺少不署名的技术文件。"),
    "blind_not_asked": _("招标文件没有规定暗标评审，不应有不署名的技术文件。"),
    "blind_objective": _("暗标评审的部分不能有客观分：客观分要看证书和业绩，会露出投标人。"),
    "coefficient_not_a_choice": _("抽取的系数不在招标文件所列的系数之中。"),
    "damaged": _("文件已损坏，不能解压。"),
    "deduction_not_granted": _("招标文件没有规定这一价格扣除百分比。"),
    "deductions_not_trimmed": _("扣分制的部分不去高去低。"),
    "differs_from_data": _("开标记录文件与清单里的开标数据不一致，两处要写得一样。"),
    "digest": _("文件内容与清单的校验值不符。"),
    "float": _("数字要写成带引号的文字，例如 \"9512300.00\"。"),
    "formula_of_another_method": _("价格公式不属于这种评标方法。"),
    "items_do_not_add_up": _("各项满分之和不等于本部分满分。"),
    "limit_missing": _("没有最高投标限价，这一项无从计算。"),
    "limits_differ": _("最高投标限价与评审标准里的不一致。"),
    "method_has_no_scores": _("这种评标方法不打分，不能有评分部分。"),
    "missing": _("缺少这一项，请补上。"),
    "misspelled": _("写法不对：只用字母、数字、下划线和连字符，最多 32 个字符。"),
    "no_bid": _("至少要有一家投标人。"),
    "no_lot": _("至少要有一个标段；不分标段的，写 lot，不写 lots。"),
    "not_a_certificate": _("不是 PEM 格式的证书。"),
    "not_a_decimal_string": _("应是十进制数字，例如 9512300.00：不带千分位，不用科学计数法；在 JSON 里加引号。"),
    "not_a_digest": _("应是 SHA-256 校验值：64 位小写十六进制。"),
    "not_a_list": _("应是一个列表。"),
    "not_a_path": _("路径不能用：以斜线分段，不含空段、.. 和反斜线，结尾是拉丁字母或数字，最多 200 字。"),
    "not_a_text": _("应是一段文字，不能为空。"),
    "not_a_whole_number": _("应是整数，不加引号。"),
    "not_a_zip": _("不是 ZIP 文件，或文件不完整。"),
    "not_an_instant": _("应是世界协调时，例如 2026-11-20T00:30:00Z。"),
    "not_an_object": _("应是一个对象（花括号）。"),
    "not_an_amount": _("应是人民币金额，最多两位小数。"),
    "not_csv": _("不是 UTF-8 编码的 CSV 文件。"),
    "not_json": _("不是 UTF-8 编码的 JSON。"),
    "not_one_release": _("数据包里应正好有一份发布数据（release）。"),
    "not_pdf": _("不是 PDF 文件。"),
    "not_true_or_false": _("应是 true 或 false。"),
    "of_no_bidder": _("开标数据里没有这家投标人。"),
    "of_no_lot": _("没有这个标段，或文件没有以标段编号命名。"),
    "out_of_range": _("数值超出允许的范围。"),
    "places_missing": _("中间结果不舍入时，要规定总分保留几位小数。"),
    "points_not_rising": _("各点的偏差率要从小到大排列。"),
    "repeated": _("与前面的重复。"),
    "repeated_key": _("同一个名字写了两次。"),
    "role_missing": _("缺少这种文件。"),
    "role_repeated": _("这种文件多于一份。"),
    "said_twice": _("已有 OCDS 发布数据时，这一项要写成空的 {}，不能说两遍。"),
    "several_lots": _("只能有一个标段。"),
    "size": _("文件长度与清单不符。"),
    "tiers_not_rising": _("去高去低的档位要从少到多排列。"),
    "too_big": _("太大，超过了允许的上限。"),
    "too_few_points": _("至少要有两个点。"),
    "too_many_lines": _("工程量清单太长，最多 20000 行。"),
    "trim_leaves_nothing": _("去高去低之后一个数也不剩。"),
    "unknown_fact": _("招标文件的价格调整规则里没有这一项。"),
    "unknown_group": _("评审标准里没有这个评分部分。"),
    "unknown_lot": _("与招标包的标段不一致：标段编号要相同，招标包不分标段的，这里也不分。"),
    "unknown_key": _("格式里没有这一项，请删去或改正拼写。"),
    "unknown_role": _("这种数据包没有这种文件。"),
    "unknown_word": _("不是允许的值，请按格式文档的表填写。"),
    "unnamed_item": _("清单项没有编号或名称。"),
    "weights_do_not_add_up": _("价格分与各部分满分之和不是 100。"),
    "wrong_columns": _("应有六列：编号、名称、单位、数量、单价、合价。"),
    "wrong_folder": _("文件放错了文件夹：投标文件在 bids，证书在 certificates，已标价清单在 bills。"),
}  # fmt: skip

# By the last word of a JSON path.
FIELDS: Mapping[str, str] = {
    "abnormal_low": _("须说明报价的界线"),
    "adjustments": _("价格调整规则"),
    "amount": _("金额"),
    "agent": _("招标代理机构"),
    "at_base": _("等于基准价的得分"),
    "base": _("基准"),
    "bids": _("投标人"),
    "buyer": _("招标人"),
    "board": _("主板编号"),
    "candidates": _("中标候选人数"),
    "case": _("评标项目编号"),
    "clause": _("招标文件条款号"),
    "clauses": _("初步评审条款"),
    "code": _("项目编号"),
    "coefficients": _("抽取的系数"),
    "comment_above": _("高于多少须写意见"),
    "comment_below": _("低于多少须写意见"),
    "counts": _("计入基准价的报价"),
    "cpu": _("处理器编号"),
    "currency": _("币种"),
    "data": _("数据"),
    "deduction_percent": _("价格扣除百分比"),
    "deduction_percents": _("可用的价格扣除百分比"),
    "deviation": _("偏差率"),
    "disk": _("硬盘编号"),
    "drawn_at": _("抽取时间"),
    "facts": _("评审事实"),
    "files": _("文件清单"),
    "floor": _("最低分"),
    "format": _("格式"),
    "formula": _("价格公式"),
    "from": _("从几家起"),
    "group": _("评分部分"),
    "groups": _("评分部分"),
    "high": _("去高"),
    "id": _("编号"),
    "items": _("评分项"),
    "limit": _("最高投标限价"),
    "limit_choices": _("可抽取的限价权重"),
    "limit_percent": _("限价权重"),
    "line": _("界线"),
    "limit_price": _("最高投标限价"),
    "lot": _("标段"),
    "lots": _("标段"),
    "low": _("去低"),
    "mac": _("网卡地址"),
    "mainProcurementCategory": _("类型"),
    "machine": _("制作设备"),
    "max": _("满分"),
    "members_percent": _("扣分所需的成员比例"),
    "method": _("评标方法"),
    "min": _("最低分"),
    "most_percent": _("加价上限"),
    "name": _("名称"),
    "not_before": _("最早打开时间"),
    "objective": _("是否客观分"),
    "opened": _("开标时间"),
    "over": _("去高去低的对象"),
    "path": _("文件路径"),
    "percent": _("百分比"),
    "places": _("小数位"),
    "price": _("价格"),
    "price_in_words": _("大写报价"),
    "procuringEntity": _("招标代理机构"),
    "project": _("项目编号"),
    "releases": _("发布数据"),
    "reduction_choices": _("可抽取的系数"),
    "reduction_percent": _("下浮系数"),
    "region": _("地区"),
    "request": _("抽取编号"),
    "role": _("文件种类"),
    "rule": _("规则"),
    "safety_fee": _("安全文明施工费"),
    "score": _("得分"),
    "sha256": _("校验值"),
    "size": _("字节数"),
    "slope_above": _("高于基准价每 1% 扣分"),
    "slope_below": _("低于基准价每 1% 扣分"),
    "step": _("打分步长"),
    "table": _("得分表"),
    "tax": _("税金"),
    "tender": _("招标"),
    "tenderer": _("招标人"),
    "text": _("条款内容"),
    "ties": _("同分排序"),
    "title": _("标题"),
    "total_places": _("总分小数位"),
    "trim": _("去高去低"),
    "type": _("类型"),
    "unit": _("计量单位"),
    "v": _("格式版本"),
    "value": _("最高投标限价"),
    "weight": _("分值"),
    "worse": _("变差的方向"),
}  # fmt: skip

ROLES: Mapping[str, str] = {
    "tender_document": _("招标文件"),
    "criteria": _("评审标准"),
    "item_table": _("工程量清单模板"),
    "clarification": _("招标文件澄清和答疑"),
    "release": _("OCDS 发布数据"),
    "opening_record": _("开标记录"),
    "opening": _("开标数据"),
    "bid": _("投标文件"),
    "bill": _("已标价工程量清单"),
    "certificate": _("投标人证书"),
    "technical_blind": _("暗标技术文件"),
    "experts": _("抽取结果（已加密）"),
}

METHODS: Mapping[str, str] = {
    "comprehensive_evaluation": _("综合评估法"),
    "composite_scoring": _("综合评分法"),
    "lowest_evaluated_price": _("经评审的最低投标价法"),
}
FORMULAS: Mapping[str, str] = {
    "benchmark_deviation": _("偏离基准价扣分"),
    "low_price_first": _("低价优先"),
    "lowest_evaluated": _("评审价最低"),
}
CLAUSES: Mapping[str, str] = {
    "form": _("形式评审"),
    "qualification": _("资格评审"),
    "response": _("响应性评审"),
}

_PART = re.compile(r"([^.\[\]$]+)(?:\[(\d+)\])?")


def words_for(problem: Problem, language: Language) -> dict[str, str]:
    """A problem for a page: `where` in words, `at` as it stands in the file, `what` is wrong, and its code."""
    fault = FAULTS.get(problem.fault) or REFUSALS[problem.code].what
    place = place_of(problem.where, language)
    return {"where": place, "at": problem.where, "what": say(language, fault), "code": problem.code}


def place_of(where: str, language: Language) -> str:
    """`package.json $.data.bids[2].price` in words; a file's path, or a kind of file, by what it is called."""
    if where in ROLES:
        return say(language, ROLES[where])
    path = where.partition(" $")[2]
    parts = []
    for name, index in _PART.findall(path):
        word = say(language, FIELDS[name]) if name in FIELDS else name
        parts.append(
            word if not index else say(language, _("%(what)s 第 %(number)s 项"), what=word, number=int(index) + 1)
        )
    return " › ".join(parts) or where.partition(" ")[0]
