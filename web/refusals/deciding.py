"""Words for what is refused when the committee decides beside its sheets: motions, sheets given back."""

from collections.abc import Mapping
from http import HTTPStatus

from web.i18n import _
from web.refusals.words import NOTHING_CHANGED, Words

DECIDING: Mapping[str, Words] = {
    "prelim.not_disputed": Words(
        HTTPStatus.CONFLICT,
        _("重新表决只能改意见不一致的条款。"),
        NOTHING_CHANGED,
        _("请只评审列出的条款。"),
    ),
    "prelim.nothing_disputed": Words(
        HTTPStatus.CONFLICT,
        _("没有需要重新表决的条款，或已经重新表决过一次。"),
        NOTHING_CHANGED,
        _("请结束初步评审。"),
    ),
    "consent.not_to_state": Words(
        HTTPStatus.FORBIDDEN,
        _("只有组长可以说明成员视为同意；涉及组长本人的，由已答复的评委说明。"),
        NOTHING_CHANGED,
        _("请等待组长操作。"),
    ),
    "consent.too_early": Words(
        HTTPStatus.CONFLICT,
        _("答复评标报告的时间还没有到，还有 %(minutes)s 分钟。"),
        NOTHING_CHANGED,
        _("请提醒该成员答复，时间到后再说明。"),
    ),
    "consent.none": Words(
        HTTPStatus.CONFLICT,
        _("没有关于这名成员的说明可以会签。"),
        NOTHING_CHANGED,
        _("请刷新见证台后再试。"),
    ),
    "abnormal.not_replaceable": Words(
        HTTPStatus.CONFLICT,
        _("本项目的规则只提示偏差，不代替评分；或没有这项评分。"),
        NOTHING_CHANGED,
        _("请返回您的任务页面。"),
    ),
    "abnormal.not_questioned": Words(
        HTTPStatus.CONFLICT,
        _("这项评分没有被认定异常，或已经处理完。"),
        NOTHING_CHANGED,
        _("请返回您的任务页面。"),
    ),
    "abnormal.open": Words(
        HTTPStatus.CONFLICT,
        _("还有表决没有结束，或有被认定异常的评分没有处理完。"),
        NOTHING_CHANGED,
        _("请先完成表决、说明理由或签署代替说明。"),
    ),
    "rollback.open": Words(
        HTTPStatus.CONFLICT,
        _("已有一项回退申请在等待批准。"),
        NOTHING_CHANGED,
        _("请等待批准人决定。"),
    ),
    "rollback.none": Words(
        HTTPStatus.CONFLICT,
        _("没有等待批准的回退申请。"),
        NOTHING_CHANGED,
        _("请返回您的任务页面。"),
    ),
    "rollback.not_behind": Words(
        HTTPStatus.CONFLICT,
        _("不能回退到这个阶段：它还没有结束。"),
        NOTHING_CHANGED,
        _("请选择已经结束的阶段。"),
        "stage",
    ),
    "rollback.reason_missing": Words(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        _("请写明回退的理由。"),
        NOTHING_CHANGED,
        _("请写明后再申请。"),
        "reason",
    ),
    "correction.unconfirmed": Words(
        HTTPStatus.CONFLICT,
        _("修正报价要有投标人的书面答复，并经组长确认归入评审资料。"),
        NOTHING_CHANGED,
        _("请先发出澄清问题，确认答复后再登记修正。"),
        "clarification",
    ),
    "correction.outside_bid": Words(
        HTTPStatus.CONFLICT,
        _("这份投标已经否决，或没有可以撤销的修正。"),
        NOTHING_CHANGED,
        _("请刷新页面，核对现有的修正。"),
    ),
    "correction.wrong": Words(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        _("修正的金额、数量或单价不对：缺少、格式不对、重复，或修正后没有价格。"),
        NOTHING_CHANGED,
        _("大写金额只填金额；单价修正要填数量、单价和投标文件写的合价。"),
        "kind",
    ),
    "correction.above_limit": Words(
        HTTPStatus.CONFLICT,
        _("有投标的报价（或修正后的报价）超过最高投标限价，应当先否决。"),
        NOTHING_CHANGED,
        _("请在初步评审中否决这份投标，已经结束的可以申请回退；或者核对修正的金额。"),
    ),
    "clarification.remark_missing": Words(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        _("退回澄清问题必须写明原因。"),
        _("问题没有发出，也没有退回。"),
        _("请写明原因后再退回。"),
        "remark",
    ),
    "approval.not_the_approver": Words(
        HTTPStatus.FORBIDDEN,
        _("现在不由您决定这项申请，或您已经决定过。"),
        NOTHING_CHANGED,
        _("由监督人员批准；逾时未答复的，由主场值班人员和见证人共同批准。"),
    ),
    "return.nothing": Words(
        HTTPStatus.CONFLICT,
        _("没有可以退回的已签名打分表，或已经申请、退回过。"),
        NOTHING_CHANGED,
        _("请返回您的任务页面。"),
    ),
    "return.ground_not_found": Words(
        HTTPStatus.CONFLICT,
        _("自检没有发现这份打分表有这种差错。"),
        _("已签署的打分表不受影响。"),
        _("请按自检列出的差错退回。"),
    ),
    "return.no_request": Words(
        HTTPStatus.CONFLICT,
        _("没有评委申请退回这份打分表。"),
        NOTHING_CHANGED,
        _("请返回您的任务页面。"),
    ),
    "return.reason_missing": Words(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        _("请写明申请退回的理由。"),
        NOTHING_CHANGED,
        _("请写明后再申请。"),
        "reason",
    ),
    "motion.none_open": Words(
        HTTPStatus.CONFLICT,
        _("现在没有进行中的表决。"),
        NOTHING_CHANGED,
        _("请返回您的任务页面。"),
    ),
    "motion.open": Words(
        HTTPStatus.CONFLICT,
        _("还有一项表决没有结束，一次只表决一件事。"),
        NOTHING_CHANGED,
        _("请等待全体评委投票后再提出。"),
    ),
    "motion.empty": Words(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        _("没有写明要表决的事项。"),
        NOTHING_CHANGED,
        _("请写明后再提请表决。"),
        "text",
    ),
    "motion.out_of_place": Words(
        HTTPStatus.CONFLICT,
        _("评标当前的阶段不能表决这件事。"),
        NOTHING_CHANGED,
        _("请返回您的任务页面。"),
    ),
    "motion.unknown_choice": Words(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        _("没有选择赞成或反对。"),
        _("没有投票。"),
        _("请选择后再投票。"),
        "choice",
    ),
    "motion.other_form": Words(
        HTTPStatus.CONFLICT,
        _("投票的方式不对：记名表决须签名，无记名表决不签名。"),
        _("没有投票。"),
        _("请在表决页面投票。"),
    ),
}
