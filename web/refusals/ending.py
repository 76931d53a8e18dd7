"""Words for what is refused when an incident lasts too long, a case ends without a report, or another takes it up."""

from collections.abc import Mapping
from http import HTTPStatus

from web.i18n import _
from web.refusals.words import NOTHING_CHANGED, Words

ENDING: Mapping[str, Words] = {
    "incident.over": Words(
        HTTPStatus.CONFLICT,
        _("应急时限已过，评标不能直接恢复。"),
        _("已经显示“已保存”的内容都在，录音录像仍在继续。"),
        _("开始前：请招标人一方决定继续或者推迟。评标中：请主场封存，重新组建评标委员会。"),
    ),
    "incident.runs": Words(
        HTTPStatus.CONFLICT,
        _("应急时限还没有到，或没有故障需要决定。"),
        NOTHING_CHANGED,
        _("故障排除后，全体评委确认在席即可恢复。"),
    ),
    "incident.started": Words(
        HTTPStatus.CONFLICT,
        _("评标已经开始，超过应急时限的不能决定继续。"),
        NOTHING_CHANGED,
        _("请主场封存，重新组建评标委员会。"),
    ),
    "incident.reason_missing": Words(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        _("没有写明理由。"),
        NOTHING_CHANGED,
        _("请写明决定的理由。"),
        "reason",
    ),
    "ending.not_so": Words(
        HTTPStatus.CONFLICT,
        _("现在不能这样终止。"),
        NOTHING_CHANGED,
        _("请返回本项目的“终止与后续”页面，按页面上的操作进行。"),
    ),
    "ending.reason_missing": Words(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        _("没有写明终止的理由。"),
        NOTHING_CHANGED,
        _("请写明理由。"),
        "reason",
    ),
    "ending.not_asked": Words(
        HTTPStatus.CONFLICT,
        _("没有需要答复的终止申请。"),
        NOTHING_CHANGED,
        _("请刷新页面。"),
    ),
    "ending.asked": Words(
        HTTPStatus.CONFLICT,
        _("终止已经申请，正在等待监督人员答复。"),
        NOTHING_CHANGED,
        _("请等待答复。"),
    ),
    "ending.nothing_follows": Words(
        HTTPStatus.CONFLICT,
        _("没有可以接续的活动，或已经建立了后续评标活动。"),
        NOTHING_CHANGED,
        _("请在“终止与后续”页面查看后续活动的编号。"),
    ),
    "reevaluation.nothing": Words(
        HTTPStatus.CONFLICT,
        _(
            "本活动不能重新评审：没有签署封存的评标报告、分为多个标段、有经表决代替的评分、原成员无法核验，或者已有后续活动。"
        ),
        NOTHING_CHANGED,
        _("请在“重新评审”页面查看后续活动；需要重新组建评标委员会的，按法定程序办理。"),
    ),
    "reevaluation.concerns": Words(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        _("选择的投标人和评分项与情形不符。"),
        NOTHING_CHANGED,
        _("汇总计算错误不选评分项；其他情形至少各选一项；评分不一致只能选客观评分项。"),
        "items",
    ),
    "reevaluation.reason_missing": Words(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        _("没有写明重新评审的理由。"),
        NOTHING_CHANGED,
        _("请写明理由。"),
        "reason",
    ),
    "reevaluation.not_asked": Words(
        HTTPStatus.CONFLICT,
        _("没有等待同意的重新评审，或者主场还没有预留席位。"),
        NOTHING_CHANGED,
        _("请等待代理机构申请、主场预留席位。"),
    ),
    "reevaluation.not_pdf": Words(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        _("同意重新评审的文书不是 PDF 文件。"),
        NOTHING_CHANGED,
        _("请上传 PDF 文件。"),
        "paper",
    ),
    "reevaluation.not_concerned": Words(
        HTTPStatus.CONFLICT,
        _("这一项不在重新评审的内容之内，保持您在原案中签署的内容。"),
        _("原案签署的内容不变。"),
        _("请只修改重新评审的评分项，其余核对后签名。"),
    ),
}
