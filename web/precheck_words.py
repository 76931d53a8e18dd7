"""What the findings of 清标 are called: slips, traces, reasons why a file was not read. Owns words only."""

from collections.abc import Mapping

from web.i18n import _

SLIPS: Mapping[str, str] = {
    "product": _("数量 × 单价不等于合价"),
    "sum": _("各项合价之和不等于报价"),
    "capital": _("大写报价与报价不一致"),
    "unreadable_words": _("大写报价读不出金额"),
    "unpriced": _("缺数量、单价或合价"),
    "quantity": _("数量与招标清单不同"),
    "left_out": _("漏了招标清单中的一项"),
    "added": _("多了招标清单中没有的一项"),
}
TRACES: Mapping[str, str] = {
    "author": _("文件作者相同"),
    "created": _("文件生成时间相同（精确到秒）"),
    "document_id": _("文件标识相同"),
    "mac": _("网卡地址相同"),
    "disk": _("硬盘编号相同"),
    "board": _("主板编号相同"),
    "cpu": _("处理器编号相同"),
}
UNREAD: Mapping[str, str] = {
    "encrypted": _("文件已加密，没有比对文字"),
    "broken": _("文件已损坏或超出读取限度，没有比对文字"),
    "too_slow": _("读取时间太长，没有比对文字"),
    "too_long": _("文件太长，只比对了前一部分"),
    "cut": _("文字太多，只比对了前一部分"),
    "no_text": _("文件里只有图片，没有可比对的文字"),
}
