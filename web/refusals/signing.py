"""Words for what is refused when somebody sets a signing password or signs: nothing is lost, no try is spent unseen."""

from collections.abc import Mapping
from http import HTTPStatus

from web.i18n import _
from web.refusals.words import NOTHING_CHANGED, Words

_NOT_SIGNED = _("没有签名，填写的内容都在；这次输入密码不计次数。")

SIGNING: Mapping[str, Words] = {
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
    "signing.not_shown": Words(
        HTTPStatus.CONFLICT,
        _("第二屏还没有显示您要签名的内容。"),
        _NOT_SIGNED,
        _("请看第二屏：显示后核对两块屏幕的校验码，再签名；第二屏不亮或内容不同，请叫工作人员。"),
    ),
    "signing.just_shown": Words(
        HTTPStatus.CONFLICT,
        _("这份内容刚刚显示在第二屏上，还来不及核对。"),
        _NOT_SIGNED,
        _("请再核对两块屏幕的内容和校验码，几秒后再签名；第二屏说内容已更换而您没有修改过，请不要签名，叫工作人员。"),
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
        NOTHING_CHANGED,
        _("请先设置签名密码。"),
    ),
    "signing.away": Words(
        HTTPStatus.SERVICE_UNAVAILABLE,
        _("签名服务正在重新启动，这一次没有签成。"),
        _NOT_SIGNED,
        _("请等几秒钟，再输入一次签名密码。"),
    ),
    "signing.busy": Words(
        HTTPStatus.SERVICE_UNAVAILABLE,
        _("此刻同时签名的人太多，这一次没有排上。"),
        _NOT_SIGNED,
        _("请等一分钟，再输入一次签名密码。"),
    ),
    "signing.expired": Words(
        HTTPStatus.CONFLICT,
        _("等候超过两分钟，这一次授权已经失效。"),
        _NOT_SIGNED,
        _("请再输入一次签名密码。"),
    ),
    "signing.not_released": Words(
        HTTPStatus.CONFLICT,
        _("签名服务核对后没有放行这一次签名。"),
        _NOT_SIGNED,
        _("请返回重新核对后再签名；仍然不行，请叫工作人员。"),
    ),
    "signing.key_needed": Words(
        HTTPStatus.CONFLICT,
        _("本次评标设置签名密码时还要登记一把安全密钥。"),
        NOTHING_CHANGED,
        _("请插好安全密钥，再按「设置签名密码」；没有安全密钥，请叫工作人员。"),
    ),
    "signing.key_not_registered": Words(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        _("这把安全密钥没有登记成功：它没有核验本人，或者不是本次评标可用的种类。"),
        _("签名密码也没有设置。"),
        _("请再试一次，或者换一把安全密钥。"),
    ),
    "security-key-missing": Words(
        HTTPStatus.FORBIDDEN,
        _("没有收到安全密钥的应答。"),
        _NOT_SIGNED,
        _("请插好安全密钥，再按一次「签名」。"),
    ),
    "security-key-challenge": Words(
        HTTPStatus.FORBIDDEN,
        _("安全密钥应答的不是这一次授权，可能已经过时或者重复提交。"),
        _NOT_SIGNED,
        _("请重新核对内容，再按一次「签名」。"),
    ),
    "security-key-used": Words(
        HTTPStatus.FORBIDDEN,
        _("提交的是安全密钥以前的应答，它已经用过一次。"),
        _NOT_SIGNED,
        _("请重新核对内容，再按一次「签名」；再次出现，请立即叫工作人员。"),
    ),
    "security-key-other-bytes": Words(
        HTTPStatus.FORBIDDEN,
        _("安全密钥授权的是另一份内容，与提交签名的内容不同。"),
        _NOT_SIGNED,
        _("请不要继续，立即叫工作人员：要签名的内容可能被人调换过。"),
    ),
    "security-key-origin": Words(
        HTTPStatus.FORBIDDEN,
        _("安全密钥是对别的网址应答的。"),
        _NOT_SIGNED,
        _("请不要继续，立即叫工作人员：您看到的可能不是本系统的页面。"),
    ),
    "security-key-absent": Words(
        HTTPStatus.FORBIDDEN,
        _("没有人触摸安全密钥。"),
        _NOT_SIGNED,
        _("请再按一次「签名」，按提示触摸安全密钥。"),
    ),
    "security-key-unverified": Words(
        HTTPStatus.FORBIDDEN,
        _("安全密钥没有核验本人。"),
        _NOT_SIGNED,
        _("请再按一次「签名」，在安全密钥上输入它的密码或者按指纹。"),
    ),
    "security-key-signature": Words(
        HTTPStatus.FORBIDDEN,
        _("应答的不是登记过的那把安全密钥。"),
        _NOT_SIGNED,
        _("请插入登记过的安全密钥；它丢失了，请叫工作人员重新登记。"),
    ),
    "security-key-prf": Words(
        HTTPStatus.FORBIDDEN,
        _("这把安全密钥没有给出打开您签名密码所需的内容。"),
        _NOT_SIGNED,
        _("请用设置签名密码时的浏览器和安全密钥，再签一次；仍然不行，请叫工作人员重新登记。"),
    ),
    "security-key-counter": Words(
        HTTPStatus.FORBIDDEN,
        _("安全密钥的计数没有增加：可能有人复制了它。"),
        _NOT_SIGNED,
        _("请立即叫工作人员，换一把安全密钥重新登记。"),
    ),
    "licensed.away": Words(
        HTTPStatus.SERVICE_UNAVAILABLE,
        _("签发证书的电子认证机构现在没有应答。"),
        _("签名密码还没有设置，您的席位和其他内容都不受影响。"),
        _("请稍等片刻，再按一次「设置签名密码」；仍然不行，请叫工作人员。"),
    ),
    "licensed.refused": Words(
        HTTPStatus.CONFLICT,
        _("电子认证机构没有签发您的证书。"),
        _("签名密码还没有设置，您的席位和其他内容都不受影响。"),
        _("请叫工作人员：原因写在服务器日志里，处理好以后再按一次「设置签名密码」。"),
    ),
    "licensed.chain_refused": Words(
        HTTPStatus.CONFLICT,
        _("电子认证机构发来的证书不是为您的签名签发的，或者不能核验，没有采用。"),
        _("签名密码还没有设置，您的席位和其他内容都不受影响。"),
        _("请叫工作人员联系电子认证机构，处理好以后再按一次「设置签名密码」。"),
    ),
    "software.no_key": Words(
        HTTPStatus.CONFLICT,
        _("您在本次评标中没有可供其他软件使用的签名。"),
        NOTHING_CHANGED,
        _("请在您的席位页面上签名。"),
    ),
    "software.no_such_credential": Words(
        HTTPStatus.BAD_REQUEST,
        _("这个访问令牌不能使用所要的签名证书。"),
        _("没有签名。"),
        _("请用 credentials/list 查询可用的证书。"),
        "credentialID",
    ),
    "software.hashes_refused": Words(
        HTTPStatus.BAD_REQUEST,
        _("要签的摘要应为 1 到 100 个互不相同的 SHA-256 值，个数与 numSignatures 一致。"),
        _("没有签名，没有计输入密码的次数。"),
        _("请改正后重新申请授权。"),
        "hash",
    ),
    "software.other_hashes": Words(
        HTTPStatus.BAD_REQUEST,
        _("要签的摘要不是授权时列出的那些。"),
        _("没有签名，原授权仍可使用一次。"),
        _("请按授权时的摘要和顺序提交，或者重新申请授权。"),
        "hash",
    ),
    "software.sad_refused": Words(
        HTTPStatus.BAD_REQUEST,
        _("授权数据不存在、已使用过，或者不是为此签发的。"),
        _("没有签名。"),
        _("请重新申请授权。"),
        "SAD",
    ),
    "software.other_algorithm": Words(
        HTTPStatus.BAD_REQUEST,
        _("只支持对 SHA-256 摘要作 ecdsa-with-SHA256 签名。"),
        _("没有签名，原授权仍可使用一次。"),
        _("请改用所列的算法。"),
        "signAlgo",
    ),
    "signing.already_enrolled": Words(
        HTTPStatus.CONFLICT,
        _("签名密码已经设置过。"),
        _("原来的签名密码仍然有效。"),
        _("忘记了密码，请叫工作人员到签到台重新核验身份。"),
    ),
}
