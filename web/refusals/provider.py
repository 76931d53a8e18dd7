"""Words for what an outside cloud signature provider does not do (docs/csc-client.md): nothing is stated by halves."""

from collections.abc import Mapping
from http import HTTPStatus

from web.i18n import _
from web.refusals.words import Words

_NOTHING_SIGNED = _("没有登记，也没有签名，填写的内容都在；这次输入密码在本系统不计次数。")
_NOT_ENROLLED = _("账号没有登记，您的席位和其他内容都不受影响。")

PROVIDER: Mapping[str, Words] = {
    "provider.away": Words(
        HTTPStatus.SERVICE_UNAVAILABLE,
        _("云签名服务现在没有应答。"),
        _NOTHING_SIGNED,
        _("请稍等片刻，再按一次同一个按钮；仍然不行，请叫工作人员。"),
    ),
    "provider.refused": Words(
        HTTPStatus.CONFLICT,
        _("云签名服务没有受理这一次请求。"),
        _NOTHING_SIGNED,
        _("请叫工作人员：原因写在服务器日志里，账号可能已在那里锁定；处理好以后再试。"),
    ),
    "provider.account_needed": Words(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        _("本系统的评委用云签名服务里自己的签名，需要您在那里的账号。"),
        _NOT_ENROLLED,
        _("请填写账号，再按「使用这个账号签名」；没有账号，请叫工作人员。"),
        "account",
    ),
    "provider.no_credential": Words(
        HTTPStatus.CONFLICT,
        _("云签名服务里没有这个账号，或者这个账号没有签名证书。"),
        _NOT_ENROLLED,
        _("请核对账号后再试；账号没有错，请叫工作人员。"),
        "account",
    ),
    "provider.not_scal2": Words(
        HTTPStatus.CONFLICT,
        _("这个账号的签名可以不经您确认每一份内容就使用，不能用于评标。"),
        _NOT_ENROLLED,
        _("请叫工作人员：在云签名服务换成逐份授权（SCAL2）的证书，再登记。"),
        "account",
    ),
    "provider.unsuitable": Words(
        HTTPStatus.CONFLICT,
        _("这个账号的签名方式不能用于评标：要用密码授权，不用手机验证码，P-256 算法，状态有效。"),
        _NOT_ENROLLED,
        _("请叫工作人员：原因写在服务器日志里，在云签名服务换好证书后再登记。"),
        "account",
    ),
    "provider.chain_refused": Words(
        HTTPStatus.CONFLICT,
        _("这个账号的证书不是为您在本次评标签发的，或者不能核验，没有采用。"),
        _NOT_ENROLLED,
        _("请核对账号；账号没有错，请叫工作人员联系云签名服务。"),
        "account",
    ),
    "provider.spent": Words(
        HTTPStatus.CONFLICT,
        _("这个账号的证书在本次评标中已经用过，不能再登记。"),
        _NOT_ENROLLED,
        _("请向云签名服务申请一张新的证书，再登记；需要帮助，请叫工作人员。"),
        "account",
    ),
    "provider.changed": Words(
        HTTPStatus.CONFLICT,
        _("您的签名登记在另一个云签名服务，不是本系统现在设置的，请求没有发给任何一方。"),
        _("没有登记，也没有签名，您输入的密码没有发出；本系统不计次数。"),
        _("请叫工作人员：请管理员恢复原来的云签名服务，或者核对身份后在现在的云签名服务重新登记。"),
    ),
    "provider.too_few": Words(
        HTTPStatus.CONFLICT,
        _("云签名服务发来的签名份数不对，全部没有采用。"),
        _NOTHING_SIGNED,
        _("请再签名一次；仍然不行，请叫工作人员。"),
    ),
    "provider.signature_wrong": Words(
        HTTPStatus.CONFLICT,
        _("云签名服务发来的签名不是您的证书对这份内容签的，全部没有采用。"),
        _NOTHING_SIGNED,
        _("请再签名一次；仍然不行，请叫工作人员，不要继续。"),
    ),
}
