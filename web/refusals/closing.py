"""Words for what is refused at the end: signing inside the report, the expert's fee, the appraisal of the work."""

from collections.abc import Mapping
from http import HTTPStatus

from web.i18n import _
from web.refusals.words import NOTHING_CHANGED, Words

CLOSING: Mapping[str, Words] = {
    "report.grew": Words(
        HTTPStatus.CONFLICT,
        _("另一位成员刚刚先签入了报告，您这一次没有签成。"),
        _("没有签名，您的意见还在；这次输入密码不计次数。"),
        _("请再输入一次签名密码。"),
    ),
    "fee.not_paid": Words(
        HTTPStatus.FORBIDDEN, _("招标人（采购人）代表不取劳务费。"), NOTHING_CHANGED, _("请返回您的任务页面。")
    ),
    "fee.too_early": Words(
        HTTPStatus.CONFLICT,
        _("评审时长到您答复评标报告为止，您还没有答复。"),
        NOTHING_CHANGED,
        _("请先签署评标报告。"),
    ),
    "fee.already_confirmed": Words(
        HTTPStatus.CONFLICT,
        _("您已经确认过评审时长。"),
        _("您确认的内容已保存。"),
        _("账户需要更改的，请告诉工作人员。"),
    ),
    "fee.account_misspelt": Words(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        _("开户银行和账号要一起填写；账号是 8 到 32 位数字。"),
        NOTHING_CHANGED,
        _("请核对后重新提交；两项都不填，由支付单位使用专家库的账户。"),
        "number",
    ),
    "fee.not_due": Words(
        HTTPStatus.CONFLICT,
        _("评标还没有结束，不能取用收款账户。"),
        _("专家已填写的账户都加密保存。"),
        _("请在评标结束后再来。"),
    ),
    "fee.accounts_gone": Words(
        HTTPStatus.CONFLICT,
        _("本项目的收款账户已经销毁。"),
        _("金额和时长都保留。"),
        _("需要时请向专家本人收集账户。"),
    ),
    "appraisal.incomplete": Words(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        _("评价表有没有回答的项目。"),
        NOTHING_CHANGED,
        _("请逐项选“是”或“否”后重新提交。"),
    ),
    "appraisal.remark_missing": Words(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        _("有一项选了“否”，没有写说明。"),
        NOTHING_CHANGED,
        _("请写明时间和事实后重新提交。"),
        "remark",
    ),
    "appraisal.not_an_expert": Words(
        HTTPStatus.NOT_FOUND, _("本项目没有这位专家。"), NOTHING_CHANGED, _("请从列表中选择专家。")
    ),
    "appraisal.not_open": Words(
        HTTPStatus.CONFLICT,
        _("现在不是填写履职评价的时间。"),
        NOTHING_CHANGED,
        _("请在评委签署报告时或评标结束后填写，以评标规则为准。"),
    ),
    "appraisal.filed": Words(
        HTTPStatus.CONFLICT,
        _("这位专家的履职评价已经提交，不能修改。"),
        _("已提交的评价完整保存。"),
        _("请填写下一位专家的评价。"),
    ),
    "amount.not_in_fen": Words(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        _("金额必须精确到分。"),
        NOTHING_CHANGED,
        _("请核对金额后重新提交。"),
    ),
}
