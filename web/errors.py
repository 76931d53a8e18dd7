"""The one table from a refusal's code to its HTTP status and words: what happened, what is safe, what to do.

A refusal is any exception with a `code`; what has none is a fault of ours and answers 500 without details.
"""

import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict, dataclass
from http import HTTPStatus
from typing import Any

from aiohttp import web

from web.admission import language_of, size_of
from web.i18n import _, say
from web.limits import TooManyCalls
from web.pages import FAULTS, page
from web.policy import ADMITTED, Handler, Policy
from web.services import SERVICES
from web.visit import Visit, as_json

log = logging.getLogger("web")


@dataclass(frozen=True, slots=True)
class Words:
    """A refusal as a person reads it; `field` names the form field it is about, if it is about one."""

    status: HTTPStatus
    what: str
    safe: str
    do: str
    field: str = ""


_NOTHING_CHANGED = _("没有任何内容被改动。")

REFUSALS: Mapping[str, Words] = {
    "login.refused": Words(
        HTTPStatus.UNAUTHORIZED,
        _("账号或密码不正确。"),
        _("您没有登录。"),
        _("请检查后重试；连续五次错误，账号将锁定十五分钟。"),
        "name",
    ),
    "login.locked": Words(
        HTTPStatus.LOCKED,
        _("连续五次密码错误，账号已锁定。"),
        _("账号内的资料不受影响。"),
        _("请等待十五分钟，或请安全管理员解锁。"),
        "name",
    ),
    "session.over": Words(
        HTTPStatus.UNAUTHORIZED,
        _("您还没有登录，或登录已经结束。"),
        _("已经显示“已保存”的内容都在。"),
        _("请重新登录；评委请在席位上重新输入席位码。"),
    ),
    "seat.not_paired": Words(
        HTTPStatus.FORBIDDEN,
        _("这台电脑还没有登记为席位。"),
        _NOTHING_CHANGED,
        _("请叫工作人员用配对码登记这台电脑。"),
    ),
    "seat.pairing_refused": Words(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        _("配对码不正确、已经用过或已过期。"),
        _NOTHING_CHANGED,
        _("请核对纸上的配对码，或请系统管理员重新打印。"),
        "code",
    ),
    "seat.code_refused": Words(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        _("席位码不正确、已经用过或超过了十五分钟。"),
        _("您的签到记录不受影响。"),
        _("请核对席位条上的六位数字，或请签到台重新打印。"),
        "code",
    ),
    "password.signing_weak": Words(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        _("这个签名密码太容易猜到，或不是六位数字。"),
        _NOTHING_CHANGED,
        _("请换一个六位数字：不要用连号、重号或生日。"),
        "password",
    ),
    "password.differ": Words(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        _("两次输入的密码不一样。"),
        _NOTHING_CHANGED,
        _("请重新输入两次同样的密码。"),
        "again",
    ),
    "password.weak": Words(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        _("密码太短、太简单，或包含账号名。"),
        _NOTHING_CHANGED,
        _("请用至少十二个字符，例如四五个不相关的词。"),
        "password",
    ),
    "role.administrators_apart": Words(
        HTTPStatus.CONFLICT,
        _("同一个人不能担任两种管理员。"),
        _NOTHING_CHANGED,
        _("请为另一位工作人员建立账号。"),
        "role",
    ),
    "role.no_account": Words(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        _("这种角色不用账号登录。"),
        _NOTHING_CHANGED,
        _("评委在席位上用席位码进入，投标人用一次性链接。"),
        "role",
    ),
    "case.unknown": Words(
        HTTPStatus.NOT_FOUND,
        _("没有这个评标项目，或您不在其中。"),
        _NOTHING_CHANGED,
        _("请返回您的任务页面。"),
    ),
    "case.out_of_order": Words(
        HTTPStatus.CONFLICT,
        _("评标当前的阶段不能进行这项操作。"),
        _NOTHING_CHANGED,
        _("请返回您的任务页面，按“现在请您”的提示进行。"),
    ),
    "case.paused": Words(
        HTTPStatus.LOCKED,
        _("评标已暂停，或正在用餐休息：录入已锁定，文件已隐藏。"),
        _("已经显示“已保存”的内容都在，录音录像仍在继续。"),
        _("请留在座位上；主场宣布继续之前，请在任务页面确认在席。"),
    ),
    "case.sealed": Words(
        HTTPStatus.LOCKED,
        _("评标已结束，资料已封存。"),
        _("封存的资料不会再改变。"),
        _("请退出，取回物品后离场。"),
    ),
    "pause.none": Words(
        HTTPStatus.CONFLICT,
        _("评标没有暂停，不用确认在席。"),
        _NOTHING_CHANGED,
        _("请返回您的任务页面。"),
    ),
    "leader.only": Words(
        HTTPStatus.FORBIDDEN,
        _("只有组长可以进行这项操作。"),
        _NOTHING_CHANGED,
        _("请等待组长操作。"),
    ),
    "stage.not_open": Words(
        HTTPStatus.CONFLICT,
        _("这个阶段还没有开始，或已经结束。"),
        _("已经显示“已保存”的内容都在。"),
        _("请返回您的任务页面，按“现在请您”的提示进行。"),
    ),
    "stage.competition_lacking": Words(
        HTTPStatus.CONFLICT,
        _("有效投标不足，本项目的规则要求停止评标。"),
        _("初步评审表和签名都已保存。"),
        _("请叫工作人员，由招标人和监督部门处理。"),
    ),
    "stage.sheets_missing": Words(
        HTTPStatus.CONFLICT,
        _("还有评委没有签署打分表。"),
        _("已签署的打分表不受影响。"),
        _("请等待全体评委签署后再试。"),
    ),
    "prelim.finding_missing": Words(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        _("还有投标文件的条款没有给出合格或不合格。"),
        _("已经显示“已保存”的内容都在。"),
        _("请逐项完成后再核对签名。"),
    ),
    "prelim.unknown_finding": Words(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        _("评审表中有招标文件没有规定的内容。"),
        _NOTHING_CHANGED,
        _("请刷新页面后重试。"),
    ),
    "prelim.fail_without_ground": Words(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        _("有一项“不合格”没有写全：需要情形、理由和投标文件页码。"),
        _("已经显示“已保存”的内容都在。"),
        _("请补全后再核对签名。"),
    ),
    "prelim.open": Words(
        HTTPStatus.CONFLICT,
        _("还有评委没有签署初步评审表。"),
        _("已签署的评审表不受影响。"),
        _("请等待全体评委签署后再试。"),
    ),
    "prelim.second_vote_needed": Words(
        HTTPStatus.CONFLICT,
        _("评委意见不一致，本项目的规则要求先讨论再表决。"),
        _("已签署的评审表不受影响。"),
        _("请组织讨论后再表决。"),
    ),
    "sheet.refused": Words(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        _("打分表还不能签名：有未填、超出范围或缺少说明的项。"),
        _("已经显示“已保存”的内容都在。"),
        _("请按表中的提示逐项改正。"),
    ),
    "sheet.not_open": Words(
        HTTPStatus.CONFLICT,
        _("这份打分表现在不能填写：已经签署，或投标已被否决。"),
        _("已签署的打分表不受影响。"),
        _("需要修改的，请在自检时申请修改。"),
    ),
    "sheet.misspelt": Words(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        _("打分表的数字写法不一致，没有签名。"),
        _("已经显示“已保存”的内容都在。"),
        _("请重新核对后再签名。"),
    ),
    "sheet.read_too_short": Words(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        _("有投标文件打开的时间太短。"),
        _("已经显示“已保存”的内容都在。"),
        _("请阅读投标文件后再签名。"),
    ),
    "document.refused": Words(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        _("内容不符合规定的格式。"),
        _NOTHING_CHANGED,
        _("请检查每一项后重新提交。"),
    ),
    "draft.stale": Words(
        HTTPStatus.CONFLICT,
        _("这一项在另一个窗口里已经改过。"),
        _("两个数值都在：没有任何内容被覆盖。"),
        _("请选择保留哪一个。"),
    ),
    "ballot.none_open": Words(
        HTTPStatus.CONFLICT,
        _("现在没有进行中的投票。"),
        _NOTHING_CHANGED,
        _("请返回您的任务页面。"),
    ),
    "ballot.not_a_member": Words(
        HTTPStatus.FORBIDDEN,
        _("只有评标委员会成员可以投票。"),
        _NOTHING_CHANGED,
        _("请返回您的任务页面。"),
    ),
    "ballot.already_voted": Words(
        HTTPStatus.CONFLICT,
        _("您在这一轮已经投过票。"),
        _("您的一票已经计入。"),
        _("请等待其他评委。"),
    ),
    "ballot.not_a_candidate": Words(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        _("所选的评委不是这一轮的候选人。"),
        _NOTHING_CHANGED,
        _("请在候选人中选择。"),
        "choice",
    ),
    "ballot.open": Words(
        HTTPStatus.CONFLICT,
        _("投票还没有结束，不能计票。"),
        _NOTHING_CHANGED,
        _("请等待全体评委投票。"),
    ),
    "clarification.not_of_the_committee": Words(
        HTTPStatus.FORBIDDEN,
        _("只有评标委员会可以提出澄清。"),
        _NOTHING_CHANGED,
        _("请返回您的任务页面。"),
    ),
    "clarification.question_empty": Words(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        _("澄清问题没有写全：需要问题和投标文件页码。"),
        _NOTHING_CHANGED,
        _("请补全后再发出。"),
        "text",
    ),
    "clarification.outside_bid": Words(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        _("不能向这家投标人提出澄清：没有开标，或投标已被否决。"),
        _NOTHING_CHANGED,
        _("请选择有效的投标。"),
        "bid",
    ),
    "clarification.names_member": Words(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        _("澄清问题里出现了评委的姓名或代号；投标人不能知道是谁提问。"),
        _NOTHING_CHANGED,
        _("请删去后再发出。"),
        "text",
    ),
    "selfcheck.blocks": Words(
        HTTPStatus.CONFLICT,
        _("系统自检发现必须改正的差错：合计、范围或客观项不一致。"),
        _("已签署的打分表不受影响。"),
        _("请有关评委改正并重新签名后再试。"),
    ),
    "selfcheck.unanswered": Words(
        HTTPStatus.CONFLICT,
        _("还有评委没有答复自检提示。"),
        _NOTHING_CHANGED,
        _("请等待有关评委选择维持或修改。"),
    ),
    "selfcheck.no_flag": Words(
        HTTPStatus.CONFLICT,
        _("您没有待答复的自检提示。"),
        _NOTHING_CHANGED,
        _("请返回您的任务页面。"),
    ),
    "selfcheck.flag_of_another": Words(
        HTTPStatus.FORBIDDEN,
        _("这条自检提示不是您的。"),
        _NOTHING_CHANGED,
        _("请返回您的任务页面。"),
    ),
    "selfcheck.reason_missing": Words(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        _("请写明理由。"),
        _NOTHING_CHANGED,
        _("维持评分或申请修改都需要书面理由。"),
        "reason",
    ),
    "selfcheck.change_not_allowed": Words(
        HTTPStatus.CONFLICT,
        _("汇总后只有四种情形可以修改评分。"),
        _NOTHING_CHANGED,
        _("请维持评分，或请组长按规定处理。"),
    ),
    "signing.nothing_prepared": Words(
        HTTPStatus.CONFLICT,
        _("没有待签名的内容，或核对之后内容有变。"),
        _("没有签名。"),
        _("请重新核对后再签名。"),
    ),
    "signing.password_wrong": Words(
        HTTPStatus.FORBIDDEN,
        _("签名密码不正确，还可以再试 %(left)s 次。"),
        _("没有签名，填写的内容都在。"),
        _("请重新输入；忘记了密码，请叫工作人员。"),
        "password",
    ),
    "signing.locked": Words(
        HTTPStatus.LOCKED,
        _("签名密码输错次数太多，已锁定。"),
        _("填写的内容和以前的签名都不受影响。"),
        _("请叫工作人员：重新核验身份后，两分钟内可以重设签名密码。"),
    ),
    "signing.not_enrolled": Words(
        HTTPStatus.CONFLICT,
        _("您还没有设置签名密码。"),
        _NOTHING_CHANGED,
        _("请先设置签名密码。"),
    ),
    "signing.already_enrolled": Words(
        HTTPStatus.CONFLICT,
        _("签名密码已经设置过。"),
        _("原来的签名密码仍然有效。"),
        _("忘记了密码，请叫工作人员到签到台重新核验身份。"),
    ),
    "request.forged": Words(
        HTTPStatus.FORBIDDEN,
        _("这个请求不是从本系统的页面发出的。"),
        _NOTHING_CHANGED,
        _("请刷新页面后重试。"),
    ),
    "request.not_allowed": Words(
        HTTPStatus.FORBIDDEN,
        _("您的角色不能进行这项操作。"),
        _("这次拒绝已经记录。"),
        _("请返回您的任务页面。"),
    ),
    "request.no_such_page": Words(
        HTTPStatus.NOT_FOUND,
        _("没有这个页面。"),
        _NOTHING_CHANGED,
        _("请返回您的任务页面。"),
    ),
    "request.no_such_method": Words(
        HTTPStatus.METHOD_NOT_ALLOWED,
        _("这个地址不接受这种请求。"),
        _NOTHING_CHANGED,
        _("请从页面上的按钮操作。"),
    ),
    "request.unreadable": Words(
        HTTPStatus.BAD_REQUEST,
        _("提交的内容不完整或格式不对。"),
        _NOTHING_CHANGED,
        _("请检查每一项后重新提交。"),
    ),
    "request.too_big": Words(
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        _("提交的内容太大。"),
        _NOTHING_CHANGED,
        _("请缩小文件后重试。"),
    ),
    "request.media_type": Words(
        HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
        _("提交的内容不是本系统接受的格式。"),
        _NOTHING_CHANGED,
        _("请从页面上的按钮操作。"),
    ),
    "request.too_many": Words(
        HTTPStatus.TOO_MANY_REQUESTS,
        _("操作太频繁。"),
        _("已经显示“已保存”的内容都在。"),
        _("请稍等片刻再试。"),
    ),
    "server.stopping": Words(
        HTTPStatus.SERVICE_UNAVAILABLE,
        _("服务器正在重新启动。"),
        _("已经显示“已保存”的内容都在。"),
        _("请不要关闭页面，几秒后会自动恢复。"),
    ),
    "server.fault": Words(
        HTTPStatus.INTERNAL_SERVER_ERROR,
        _("系统出现故障。"),
        _("已经显示“已保存”的内容都在。"),
        _("请重试一次；如仍不行，请叫工作人员。"),
    ),
}

_BY_STATUS = {404: "request.no_such_page", 405: "request.no_such_method", 413: "request.too_big"}
_READABLE = 500
# Where a refusal keeps what it knows beside its words: the standing draft, the wrong cells, the missing members.
_DETAILS = ("detail", "problems", "blocks", "members", "reason")


def words_of(code: str) -> Words:
    """The words of a refusal; one the table lacks is a fault of ours."""
    return REFUSALS.get(code, REFUSALS["server.fault"])


@dataclass(frozen=True, slots=True)
class Said:
    """A refusal's words in the reader's language."""

    what: str
    safe: str
    do: str
    field: str


Serve = Callable[[web.Request], Awaitable[web.StreamResponse]]


@web.middleware
async def answer_refusals(request: web.Request, handler: Serve) -> web.StreamResponse:
    """Turn every refusal into its answer; this is the outermost place of a call."""
    try:
        return await handler(request)
    except web.HTTPException as fault:
        if fault.status < HTTPStatus.BAD_REQUEST:
            raise
        code = _BY_STATUS.get(fault.status, "request.unreadable" if fault.status < _READABLE else "server.fault")
        return await refused(request, fault, code)
    except Exception as fault:
        code = getattr(fault, "code", "")
        if code not in REFUSALS:
            log.exception("no words for a fault: %s %s", request.method, request.rel_url.raw_path)
            code = "server.fault"
        return await refused(request, fault, code)


async def refused(request: web.Request, fault: Exception, code: str) -> web.StreamResponse:
    """The answer to a refusal: JSON for a script, a page with the error summary for a person."""
    words = words_of(code)
    visit = request.get(ADMITTED) or _visit_of_nobody(request)
    what = say(visit.language, words.what, **getattr(fault, "fills", {}))
    said = Said(what, say(visit.language, words.safe), say(visit.language, words.do), words.field)
    answer: web.StreamResponse
    if visit.wants_json:
        answer = as_json({"code": code, **asdict(said), "detail": _detail_of(fault)}, words.status)
    elif ADMITTED in request and (form := _form_of(request)):
        request[FAULTS] = (said,)
        answer = page(visit, form, {}) if isinstance(form, str) else await form(visit)
        answer.set_status(words.status)
    else:
        answer = page(visit, "refused.html", {"said": said, "code": code}, words.status)
    if isinstance(fault, TooManyCalls):
        answer.headers["Retry-After"] = str(fault.after)
    return answer


def _detail_of(fault: Exception) -> Any:  # noqa: ANN401 - whatever the refusal knows beside its words
    return next((getattr(fault, name) for name in _DETAILS if hasattr(fault, name)), "")


def _form_of(request: web.Request) -> str | Handler:
    policy: Policy | None = getattr(request.match_info.handler, "policy", None)
    return policy.form if policy else ""


def _visit_of_nobody(request: web.Request) -> Visit:
    return Visit(request, request.app[SERVICES].clock(), language_of(request), size_of(request))
