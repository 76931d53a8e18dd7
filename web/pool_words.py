"""Words of the pool owner's pages: what is wrong in a file, why somebody looks, why an expert is not eligible."""

from collections.abc import Mapping

from web.i18n import _

PROBLEMS: Mapping[str, str] = {
    "file.not_text": _("不是 CSV 或 XLSX 文件，或文件已损坏"),
    "file.not_a_workbook": _("不是 XLSX 工作簿，或文件已损坏"),
    "file.too_big": _("文件太大，超过可以导入的大小或行数"),
    "sheet.hidden": _("有隐藏的工作表：请取消隐藏并删除多余的工作表"),
    "sheet.hidden_rows": _("有隐藏或被筛选掉的行：请取消筛选，显示全部行"),
    "sheet.merged_cells": _("有合并的单元格：请取消合并，每格填写完整"),
    "sheet.not_one": _("应当只有一张有内容的工作表"),
    "header.title_above": _("首行是标题：请删除列名上方的标题行"),
    "file.no_rows": _("文件里没有专家"),
    "header.expected_here": _("这里应是这一列的名称：首行须与导入格式完全一致"),
    "header.too_many": _("多出了格式以外的列"),
    "row.wrong_number_of_cells": _("这一行的列数不对"),
    "row.quotes": _("引号不配对"),
    "row.not_consecutive": _("序号不连续，可能漏了行"),
    "row.repeated": _("与前面的行重复"),
    "cell.empty": _("不能为空"),
    "cell.too_long": _("超过 100 个字"),
    "cell.stray_characters": _("首尾有空格，或有看不见的字符"),
    "cell.not_a_code": _("编号只能用字母、数字和连字符，最多 32 位"),
    "cell.not_a_number": _("不是整数"),
    "cell.not_a_date": _("不是日期，写法应为 2026-11-25"),
    "cell.not_an_id_number": _("不是 18 位身份证号"),
    "cell.id_number_is_a_number": _("身份证号被电子表格变成了数字，末几位已丢失：请把这一列设为文本后重新填写"),
    "cell.number_for_text": _("应为文本，却是数字，前面的零可能已丢失：请把这一列设为文本"),
    "cell.date_for_text": _("应为文本或日期，却是带时间的日期或日期格式：请把这一列设为文本"),
    "cell.formula": _("是公式，不能导入：请粘贴为数值"),
    "cell.formula_error": _("是公式错误值"),
    "cell.id_number_check_digit": _("身份证号校验位不对"),
    "cell.not_a_phone": _("不是 11 位手机号"),
    "cell.not_a_region": _("不是 6 位行政区划代码"),
    "cell.twice": _("同一个代码写了两次"),
    "cell.not_an_employment": _("任职经历的写法不对"),
    "cell.ends_before_it_begins": _("结束日期早于开始日期"),
    "cell.title_not_senior": _("职称不是高级，也不是同等专业水平（招标投标法第三十七条）"),
    "cell.years_too_few": _("从业不满八年（招标投标法第三十七条）"),
    "cell.not_a_state": _("状态只能是正常、暂停或请假"),
    "cell.end_of_nothing": _("状态正常时不应填写截止日期"),
}

LOOK_REASONS: Mapping[str, str] = {
    "data-check": _("核对资料"),
    "contact": _("联系专家"),
    "complaint": _("处理投诉"),
    "inspection": _("监督检查"),
}

STATES: Mapping[str, str] = {"normal": _("正常"), "suspended": _("暂停"), "on-leave": _("请假")}
