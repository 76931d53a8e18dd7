"""The one table from a refusal's code to its HTTP status and words: what happened, what is safe, what to do.

A refusal is any exception with a `code`; what has none is a fault of ours and answers 500 without details.
"""

import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict, dataclass
from http import HTTPStatus

from aiohttp import web

from web.admission import language_of, size_of
from web.i18n import _, say
from web.limits import TooManyCalls
from web.pages import page
from web.policy import ADMITTED, Policy
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
        return refused(request, fault, code)
    except Exception as fault:
        code = getattr(fault, "code", "")
        if code not in REFUSALS:
            log.exception("no words for a fault: %s %s", request.method, request.rel_url.raw_path)
            code = "server.fault"
        return refused(request, fault, code)


def refused(request: web.Request, fault: Exception, code: str) -> web.Response:
    """The answer to a refusal: JSON for a script, a page with the error summary for a person."""
    words = words_of(code)
    visit = request.get(ADMITTED) or _visit_of_nobody(request)
    said = Said(
        say(visit.language, words.what), say(visit.language, words.safe), say(visit.language, words.do), words.field
    )
    if visit.wants_json:
        answer = as_json({"code": code, **asdict(said), "detail": getattr(fault, "reason", "")}, words.status)
    elif ADMITTED in request and (form := _form_of(request)):
        answer = page(visit, form, {"faults": (said,)}, words.status)
    else:
        answer = page(visit, "refused.html", {"said": said, "code": code}, words.status)
    if isinstance(fault, TooManyCalls):
        answer.headers["Retry-After"] = str(fault.after)
    return answer


def _form_of(request: web.Request) -> str:
    policy: Policy | None = getattr(request.match_info.handler, "policy", None)
    return policy.form if policy else ""


def _visit_of_nobody(request: web.Request) -> Visit:
    return Visit(request, request.app[SERVICES].clock(), language_of(request), size_of(request))
