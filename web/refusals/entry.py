"""Words for what is refused at the door: signing in, seats, passwords, roles, the call itself."""

from collections.abc import Mapping
from http import HTTPStatus

from web.i18n import _
from web.refusals.words import FORM_KEPT, NOTHING_CHANGED, Words

ENTRY: Mapping[str, Words] = {
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
        NOTHING_CHANGED,
        _("请叫工作人员用配对码登记这台电脑。"),
    ),
    "seat.pairing_refused": Words(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        _("配对码不正确、已经用过或已过期。"),
        NOTHING_CHANGED,
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
    "screen.code_refused": Words(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        _("没有第二屏显示这个配对码；它可能已经过期或用过。"),
        NOTHING_CHANGED,
        _("请照第二屏上现在显示的六位字符再输入一次。"),
        "code",
    ),
    "screen.unknown": Words(
        HTTPStatus.FORBIDDEN,
        _("这块第二屏没有登记信息。"),
        NOTHING_CHANGED,
        _("请在第二屏上重新打开第二屏页面，再请签到台与席位配对。"),
    ),
    "screen.own_computer": Words(
        HTTPStatus.FORBIDDEN,
        _("这台电脑是席位，或有人登录，不能兼作第二屏。"),
        NOTHING_CHANGED,
        _("请在席位旁的另一台电脑上打开第二屏页面；那台电脑不登录、不登记为席位。"),
    ),
    "password.signing_weak": Words(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        _("这个签名密码太容易猜到，或不是六位数字。"),
        NOTHING_CHANGED,
        _("请换一个六位数字：不要用连号、重号或生日。"),
        "password",
    ),
    "password.differ": Words(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        _("两次输入的密码不一样。"),
        NOTHING_CHANGED,
        _("请重新输入两次同样的密码。"),
        "again",
    ),
    "password.weak": Words(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        _("密码太短、太简单，或包含账号名。"),
        NOTHING_CHANGED,
        _("请用至少十二个字符，例如四五个不相关的词。"),
        "password",
    ),
    "role.administrators_apart": Words(
        HTTPStatus.CONFLICT,
        _("同一个人不能担任两种管理员。"),
        NOTHING_CHANGED,
        _("请为另一位工作人员建立账号。"),
        "role",
    ),
    "role.no_account": Words(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        _("这种角色不用账号登录。"),
        NOTHING_CHANGED,
        _("评委在席位上用席位码进入，投标人用一次性链接。"),
        "role",
    ),
    "request.forged": Words(
        HTTPStatus.FORBIDDEN,
        _("这个请求不是从本系统的页面发出的。"),
        NOTHING_CHANGED,
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
        NOTHING_CHANGED,
        _("请返回您的任务页面。"),
    ),
    "request.no_such_method": Words(
        HTTPStatus.METHOD_NOT_ALLOWED,
        _("这个地址不接受这种请求。"),
        NOTHING_CHANGED,
        _("请从页面上的按钮操作。"),
    ),
    "request.unreadable": Words(
        HTTPStatus.BAD_REQUEST,
        _("提交的内容不完整或格式不对。"),
        NOTHING_CHANGED,
        _("请检查每一项后重新提交。"),
    ),
    "request.field_missing": Words(
        HTTPStatus.BAD_REQUEST,
        _("有一项必须填写的内容没有填写。"),
        FORM_KEPT,
        _("请填写标出的一项，然后重新提交。"),
    ),
    "request.field_too_long": Words(
        HTTPStatus.BAD_REQUEST,
        _("有一项太长：最多 %(limit)s。"),
        FORM_KEPT,
        _("请缩短标出的一项，然后重新提交。"),
    ),
    "request.field_no_number": Words(
        HTTPStatus.BAD_REQUEST,
        _("有一项应当填整数。"),
        FORM_KEPT,
        _("请把标出的一项改为数字，然后重新提交。"),
    ),
    "request.field_out_of_range": Words(
        HTTPStatus.BAD_REQUEST,
        _("有一项的数字超出允许的范围（应当 %(limit)s）。"),
        FORM_KEPT,
        _("请改正标出的一项，然后重新提交。"),
    ),
    "request.field_no_time": Words(
        HTTPStatus.BAD_REQUEST,
        _("有一项不是完整的日期和时间。"),
        FORM_KEPT,
        _("请在标出的一项里选择日期和时间，然后重新提交。"),
    ),
    "request.field_no_choice": Words(
        HTTPStatus.BAD_REQUEST,
        _("有一项不在可以选择的范围内。"),
        FORM_KEPT,
        _("请在标出的一项里重新选择，然后重新提交。"),
    ),
    "request.field_misspelt": Words(
        HTTPStatus.BAD_REQUEST,
        _("有一项的写法不对：字母、数字或位数不符合要求。"),
        FORM_KEPT,
        _("请按标出一项下面的提示改正，然后重新提交。"),
    ),
    "request.too_big": Words(
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        _("提交的内容太大。"),
        NOTHING_CHANGED,
        _("请缩小文件后重试。"),
    ),
    "request.media_type": Words(
        HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
        _("提交的内容不是本系统接受的格式。"),
        NOTHING_CHANGED,
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
