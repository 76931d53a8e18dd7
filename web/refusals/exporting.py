"""Refusals met by who exports access copies of footage."""

from collections.abc import Mapping
from http import HTTPStatus

from web.i18n import _
from web.refusals.words import NOTHING_CHANGED, Words

_MASTERS = _("原始录像没有被改动。")

EXPORTING: Mapping[str, Words] = {
    "export.no_ffmpeg": Words(
        HTTPStatus.CONFLICT,
        _("服务器没有安装导出所需的程序 ffmpeg。"),
        _MASTERS,
        _("请系统管理员在服务器上执行：apt-get install -y ffmpeg，然后再试。"),
    ),
    "export.bad_stretch": Words(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        _("导出的时间段不对：结束要晚于开始，最长十二小时。"),
        NOTHING_CHANGED,
        _("请改正开始和结束时间。"),
        "begin",
    ),
    "export.too_many": Words(
        HTTPStatus.TOO_MANY_REQUESTS, _("您已有两份副本在等待制作。"), NOTHING_CHANGED, _("请等其中一份完成后再导出。")
    ),
    "export.unknown": Words(HTTPStatus.NOT_FOUND, _("没有这份副本。"), _MASTERS, _("请从导出页面选择。")),
    "export.failed": Words(
        HTTPStatus.CONFLICT, _("这份副本没有制作成功。"), _MASTERS, _("请缩短时间段再试，仍不行请联系系统管理员。")
    ),
    "export.nothing_recorded": Words(
        HTTPStatus.CONFLICT, _("所选席位在这段时间里没有录像。"), _MASTERS, _("请另选时间段或席位。")
    ),
    "export.not_media": Words(
        HTTPStatus.CONFLICT, _("录像文件不是应有的格式。"), _MASTERS, _("请联系系统管理员检查存储。")
    ),
}
