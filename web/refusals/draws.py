"""Words for what is refused before anybody sits: the committee's size, the pool, venues and seats, draws and calls."""

from collections.abc import Mapping
from http import HTTPStatus

from web.i18n import _
from web.refusals.words import NOTHING_CHANGED, Words

_DRAW_SAFE = _("抽取没有进行，已登记的内容不变。")
_CHECK_FORM = _("请改正后重新提交。")
_RESULT_SAFE = _("抽取结果没有导入，项目不变。")
_ASK_PROVINCE = _("请联系省级平台重新出具。")

DRAWS: Mapping[str, Words] = {
    "token.refused": Words(
        HTTPStatus.UNAUTHORIZED,
        _("访问令牌缺失或不正确。"),
        NOTHING_CHANGED,
        _("请检查令牌；遗失时请管理员重新发放。"),
    ),
    "venue.unknown": Words(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        _("没有这个场所，或场所里没有这个席位。"),
        NOTHING_CHANGED,
        _("请从列表中选择。"),
        "seat",
    ),
    "venue.seat_name_taken": Words(
        HTTPStatus.CONFLICT,
        _("另一个场所已经有同名席位。"),
        NOTHING_CHANGED,
        _("请给席位加上场所代号，例如 V1-01。"),
        "seats",
    ),
    "draw.bids_first": Words(
        HTTPStatus.CONFLICT,
        _("按本项目的评标规则，先开标，再抽取专家：投标人是回避单位。"),
        NOTHING_CHANGED,
        _("请先提交开标包。"),
    ),
    "provincial.not_set": Words(
        HTTPStatus.CONFLICT,
        _("系统还没有设置省级平台的证书，不能验证抽取结果。"),
        _RESULT_SAFE,
        _("请系统管理员先设置省级平台证书。"),
    ),
    "provincial.unreadable": Words(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        _("抽取结果的格式不符合约定，或不是加密给本系统的。"),
        _RESULT_SAFE,
        _ASK_PROVINCE,
        "result",
    ),
    "provincial.other_project": Words(
        HTTPStatus.UNPROCESSABLE_ENTITY, _("这是另一个项目的抽取结果。"), _RESULT_SAFE, _ASK_PROVINCE, "result"
    ),
    "provincial.wrong_number": Words(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        _("抽取结果的正选专家人数与申请的专家人数不同。"),
        _RESULT_SAFE,
        _ASK_PROVINCE,
        "result",
    ),
    "provincial.repeated_person": Words(
        HTTPStatus.UNPROCESSABLE_ENTITY, _("抽取结果里同一人出现两次。"), _RESULT_SAFE, _ASK_PROVINCE, "result"
    ),
    "provincial.no_such_place": Words(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        _("抽取结果里有本项目没有的场地，或某个场地的席位不够。"),
        _RESULT_SAFE,
        _ASK_PROVINCE,
        "result",
    ),
    "provincial.other_list": Words(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        _("补抽的候补专家与原抽取结果不衔接：场地、专业或者盐值不同。"),
        _RESULT_SAFE,
        _ASK_PROVINCE,
        "result",
    ),
    "provincial.draw_known": Words(
        HTTPStatus.CONFLICT,
        _("本项目已经提出专家抽取，或已经导入抽取结果。"),
        NOTHING_CHANGED,
        _("不需要再次提交。"),
    ),
    "provincial.nobody_left": Words(
        HTTPStatus.CONFLICT,
        _("省级平台抽取结果里，这个场地和专业已经没有候补专家。"),
        NOTHING_CHANGED,
        _("请省级平台补抽候补专家，由代理机构在抽取页面提交补抽结果，再确认更换。"),
    ),
    "venue.none_has_seats": Words(
        HTTPStatus.CONFLICT,
        _("没有场所在这段时间有足够的空闲席位。"),
        _DRAW_SAFE,
        _("请减少副场数或席位数，或请系统管理员增加场所。"),
    ),
    "venue.no_place_asked": Words(
        HTTPStatus.UNPROCESSABLE_ENTITY, _("没有填写要抽取几个副场。"), _DRAW_SAFE, _CHECK_FORM, "count"
    ),
    "booking.seat_closed": Words(
        HTTPStatus.CONFLICT,
        _("所选席位不存在，或已停用。"),
        NOTHING_CHANGED,
        _("请另选空闲席位。"),
        "seats",
    ),
    "booking.seat_taken": Words(
        HTTPStatus.CONFLICT,
        _("所选席位已被别的项目占用。"),
        NOTHING_CHANGED,
        _("请另选空闲席位。"),
        "seats",
    ),
    "booking.too_few_seats": Words(
        HTTPStatus.CONFLICT,
        _("空闲席位不够。"),
        NOTHING_CHANGED,
        _("请减少席位数，或请系统管理员增加席位。"),
        "seats",
    ),
    "booking.window_empty": Words(
        HTTPStatus.UNPROCESSABLE_ENTITY, _("预留的时间段是空的。"), NOTHING_CHANGED, _CHECK_FORM, "days"
    ),
    "draw.too_early": Words(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        _("抽取时间太早，超出规则允许的提前时间。"),
        NOTHING_CHANGED,
        _("请把抽取时间改到更接近评标开始的时候。"),
        "at",
    ),
    "pool.missing": Words(
        HTTPStatus.CONFLICT,
        _("还没有导入专家库。"),
        _DRAW_SAFE,
        _("请专家库组建单位先导入专家库。"),
    ),
    "pool.refused": Words(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        _("专家库文件有问题，没有导入任何一行。"),
        _("原来的专家库不变。"),
        _("请按下面列出的行和列改正后重新导入。"),
        "file",
    ),
    "pool.not_pending": Words(
        HTTPStatus.CONFLICT,
        _("这份文件已经不在等待启用：可能已启用、已放弃，或后来又上传了另一份。"),
        _("原来的专家库不变。"),
        _("请重新打开本页，看现在等待启用的是哪一份。"),
    ),
    "pool.nothing_to_restore": Words(
        HTTPStatus.CONFLICT,
        _("没有更早的一版可以恢复。"),
        _("原来的专家库不变。"),
        _("如需更改，请重新上传文件。"),
    ),
    "pool.no_such_expert": Words(
        HTTPStatus.NOT_FOUND,
        _("本单位的专家库里没有这个专家编号。"),
        NOTHING_CHANGED,
        _("请核对专家编号。"),
        "expert",
    ),
    "pool.reason_missing": Words(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        _("查看个人信息须写明事由。"),
        _("没有打开任何个人信息。"),
        _("请用几个字写明为什么要看。"),
        "words",
    ),
    "committee.too_small": Words(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        _("评标委员会少于五人（招标投标法第三十七条）。"),
        NOTHING_CHANGED,
        _("请增加人数。"),
        "experts",
    ),
    "committee.even": Words(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        _("评标委员会人数不是单数（招标投标法第三十七条）。"),
        NOTHING_CHANGED,
        _("请调整人数。"),
        "experts",
    ),
    "committee.too_few_experts": Words(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        _("专家少于总人数的三分之二（招标投标法第三十七条）。"),
        NOTHING_CHANGED,
        _("请增加专家或减少招标人（采购人）代表。"),
        "experts",
    ),
    "committee.too_many_representatives": Words(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        _("招标人（采购人）代表超过规则允许的人数。"),
        NOTHING_CHANGED,
        _("请减少招标人（采购人）代表。"),
        "representatives",
    ),
    "draw.request_refused": Words(HTTPStatus.UNPROCESSABLE_ENTITY, _("抽取条件不符合规则。"), _DRAW_SAFE, _CHECK_FORM),
    "draw.quotas_do_not_add_up": Words(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        _("各专业人数之和与申请的专家人数不符。"),
        _DRAW_SAFE,
        _CHECK_FORM,
        "quotas",
    ),
    "draw.places_do_not_fit": Words(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        _("抽取条件中的场地与主场、副场不符。"),
        _DRAW_SAFE,
        _("场地只能是主场和已抽取的副场一、副场二等。"),
        "quotas",
    ),
    "draw.region_needs_reason": Words(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        _("限定地区抽取需要书面理由。"),
        _DRAW_SAFE,
        _("请填写理由，理由将存档。"),
        "region_reason",
    ),
    "draw.too_few_eligible": Words(
        HTTPStatus.CONFLICT,
        _("符合条件的专家不够。"),
        _DRAW_SAFE,
        _("请调整专业、人数或地区后重新提出抽取条件。"),
    ),
    "draw.quota_short": Words(
        HTTPStatus.CONFLICT,
        _("符合条件的专家不够。"),
        _DRAW_SAFE,
        _("请调整专业、人数或地区后重新提出抽取条件。"),
    ),
    "draw.second_person": Words(
        HTTPStatus.CONFLICT,
        _("提出抽取的人不能自己确认。"),
        _DRAW_SAFE,
        _("请由另一人（监督人员）确认。"),
    ),
    "draw.not_open": Words(
        HTTPStatus.CONFLICT,
        _("没有这个抽取，或现在不是这一步。"),
        _("已登记的内容不变。"),
        _("请刷新页面查看抽取进行到哪一步。"),
    ),
    "draw.not_a_party": Words(
        HTTPStatus.FORBIDDEN, _("这个单位不是本系统的抽取方。"), _DRAW_SAFE, _("请安全管理员登记抽取方。")
    ),
    "draw.already_committed": Words(
        HTTPStatus.CONFLICT,
        _("本次抽取已经登记过承诺值。"),
        _("已登记的承诺值有效。"),
        _("不需要再做什么，请等待其他抽取方。"),
    ),
    "draw.host_first": Words(
        HTTPStatus.CONFLICT,
        _("承办抽取的单位还没有揭示，其他单位要在它之后。"),
        _DRAW_SAFE,
        _("请稍候，轮到时页面会提示。"),
    ),
    "draw.key_gone": Words(
        HTTPStatus.CONFLICT,
        _("抽取进程已重新启动，这份密文是给以前的进程的。"),
        _("没有任何一方的揭示因此无效。"),
        _("请刷新后重新加密发送。"),
    ),
    "draw.unreadable": Words(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        _("密文打不开：加密的用途、轮次或公钥与这次抽取不符。"),
        _("没有任何一方的揭示因此无效。"),
        _("请刷新后重新加密发送。"),
    ),
    "draw.link_false": Words(
        HTTPStatus.CONFLICT,
        _("重新揭示的值与登记的承诺值不符。"),
        _("抽取结果已经封存，不受影响。"),
        _("请用登记承诺值的那台密钥服务重新揭示。"),
    ),
    "draw.share_refused": Words(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        _("份额打不开封存的结果。"),
        _("封存的结果不受影响。"),
        _("请两个单位都重新提交份额。"),
    ),
    "draw.process_away": Words(
        HTTPStatus.SERVICE_UNAVAILABLE,
        _("抽取进程正在重新启动。"),
        _("已登记的承诺值和已封存的结果不受影响。"),
        _("请稍候重试；各抽取方的密钥服务会自动重新揭示。"),
    ),
    "draw.links_missing": Words(
        HTTPStatus.SERVICE_UNAVAILABLE,
        _("抽取进程重新启动过，正在等待各抽取方重新揭示。"),
        _("已登记的承诺值和已封存的结果不受影响。"),
        _("请稍候重试；长时间没有恢复的，请联系页面上列出的抽取方。"),
    ),
    "draw.not_acquainted": Words(
        HTTPStatus.SERVICE_UNAVAILABLE,
        _("抽取进程正在重新启动。"),
        _("已登记的承诺值和已封存的结果不受影响。"),
        _("请稍候重试；各抽取方的密钥服务会自动重新揭示。"),
    ),
    "draw.differs": Words(
        HTTPStatus.CONFLICT,
        _("重新抽取的次序与日志中登记的校验码不同。"),
        _("原来登记的校验码不变，抽取已停住。"),
        _("请立即通知监督人员和审计管理员。"),
    ),
    "draw.too_busy": Words(
        HTTPStatus.SERVICE_UNAVAILABLE,
        _("通知的答复正在不断变化，这一步没有完成。"),
        NOTHING_CHANGED,
        _("请稍候重试。"),
    ),
    "notice.not_calling": Words(
        HTTPStatus.CONFLICT,
        _("现在不是通知专家的时候。"),
        NOTHING_CHANGED,
        _("请刷新页面查看抽取进行到哪一步。"),
    ),
    "notice.unknown_ticket": Words(HTTPStatus.NOT_FOUND, _("没有这个通知编号。"), NOTHING_CHANGED, _("请核对编号。")),
    "notice.not_asked": Words(
        HTTPStatus.CONFLICT,
        _("答复时间已过，名额已另行通知。"),
        _("已登记的答复不变。"),
        _("不需要再做什么。"),
    ),
    "notice.already_answered": Words(
        HTTPStatus.CONFLICT,
        _("已经答复过，不能改成别的答复。"),
        _("先前的答复有效。"),
        _("参加后不能到的，请按请假答复。"),
    ),
    "notice.link_over": Words(
        HTTPStatus.GONE,
        _("这个链接不存在，或已经失效。"),
        _("已登记的答复不变。"),
        _("需要帮助时，请拨打通知中的联系电话。"),
    ),
    "notice.no_such_line": Words(
        HTTPStatus.CONFLICT,
        _("这个电话已经有人打过，或不需要再打。"),
        NOTHING_CHANGED,
        _("请刷新页面，打开另一个。"),
    ),
    "notice.line_not_open": Words(
        HTTPStatus.CONFLICT,
        _("您没有打开这个电话。"),
        NOTHING_CHANGED,
        _("请先打开，再登记结果。"),
    ),
    "notice.leave_too_late": Words(
        HTTPStatus.CONFLICT,
        _("距评标开始太近，不能再请假。"),
        _("已登记的答复不变。"),
        _("确实不能参加的，请与联系人联系。"),
    ),
    "venue.agreed_needs_reason": Words(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        _("不经抽取而商定副场需要书面理由。"),
        NOTHING_CHANGED,
        _("请填写理由，理由将存档。"),
    ),
    "replacement.open": Words(
        HTTPStatus.CONFLICT,
        _("已有一项更换申请在等待确认。"),
        NOTHING_CHANGED,
        _("请先由监督人员确认那一项。"),
    ),
    "replacement.none": Words(
        HTTPStatus.CONFLICT,
        _("没有等待确认的更换申请。"),
        NOTHING_CHANGED,
        _("请刷新页面查看进行到哪一步。"),
    ),
    "replacement.nobody_absent": Words(
        HTTPStatus.CONFLICT,
        _("这个场地应到的专家都已签到，或签到时限还没有过。"),
        NOTHING_CHANGED,
        _("请等到规定的时限之后再申请更换。"),
        "place",
    ),
    "replacement.not_a_member": Words(
        HTTPStatus.CONFLICT,
        _("这个人不在评标委员会名单中。"),
        NOTHING_CHANGED,
        _("请刷新页面后重试。"),
    ),
}
