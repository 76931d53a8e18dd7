"""Words for what is refused when the committee decides beside its sheets: motions."""

from collections.abc import Mapping
from http import HTTPStatus

from web.i18n import _
from web.refusals.words import NOTHING_CHANGED, Words

DECIDING: Mapping[str, Words] = {
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
