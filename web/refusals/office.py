"""Words for what is refused outside the room: administrators, agent, desk, host, archive, bidder."""

from collections.abc import Mapping
from http import HTTPStatus

from web.i18n import _
from web.refusals.words import NOTHING_CHANGED, Words

_NOTHING_TAKEN = _("文件没有被接收，原有内容不变。")
_CHECK_FORM = _("请改正后重新提交。")
_STANDS = _("已有的记录都完整保存，恢复之前不会再写入任何内容。")

# A number or sign that no statement can hold; forms and pages never send one.
_UNSTORABLE = Words(
    HTTPStatus.UNPROCESSABLE_ENTITY,
    _("提交的数字太大，或文字中有不能保存的字符。"),
    NOTHING_CHANGED,
    _CHECK_FORM,
)

OFFICE: Mapping[str, Words] = {
    "criteria.not_allowed": Words(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        _("招标包的评标方法、价格分权重、同分排序或候选人数不符合所选的评标规则。"),
        _NOTHING_TAKEN,
        _("请核对所选的评标规则，或由招标人改正招标文件。"),
        "profile",
    ),
    "account.name_taken": Words(
        HTTPStatus.CONFLICT, _("这个账号名已经有人使用。"), NOTHING_CHANGED, _("请换一个账号名。"), "name"
    ),
    "account.party_unknown": Words(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        _("抽取方账号的单位要填写已登记抽取方的代号。"),
        NOTHING_CHANGED,
        _("请先登记抽取方，再按其代号新建账号。"),
        "organisation",
    ),
    "package.not_one": Words(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        _("这个文件不是交易系统的数据包。"),
        _NOTHING_TAKEN,
        _("请选择交易系统导出的 ZIP 文件。"),
        "package",
    ),
    "package.refused": Words(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        _("数据包不能接收。"),
        _NOTHING_TAKEN,
        _("请从交易系统重新导出。"),
        "package",
    ),
    "package.file_missing": Words(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        _("数据包缺少清单所列的文件。"),
        _NOTHING_TAKEN,
        _("请从交易系统重新导出。"),
        "package",
    ),
    "package.file_unlisted": Words(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        _("数据包里有清单之外的文件。"),
        _NOTHING_TAKEN,
        _("请从交易系统重新导出。"),
        "package",
    ),
    "package.field_wrong": Words(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        _("数据包里有的字段写得不对。"),
        _NOTHING_TAKEN,
        _("请按列出的位置改正，再从交易系统重新导出。"),
        "package",
    ),
    "package.file_unfit": Words(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        _("数据包里有的文件不是应有的种类。"),
        _NOTHING_TAKEN,
        _("请按列出的位置改正，再从交易系统重新导出。"),
        "package",
    ),
    "ocds.not_closed": Words(
        HTTPStatus.CONFLICT,
        _("项目还没有结束，没有可发布的数据。"),
        NOTHING_CHANGED,
        _("请在项目结束后再下载。"),
    ),
    "package.not_waiting": Words(
        HTTPStatus.CONFLICT,
        _("没有等待接收的数据包，或者它已被另一份替换。"),
        NOTHING_CHANGED,
        _("请重新上传并核对后再接收。"),
        "package",
    ),
    "package.file_changed": Words(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        _("数据包里的文件与清单的校验值不符。"),
        _NOTHING_TAKEN,
        _("请从交易系统重新导出；仍不符时请报告监督部门。"),
        "package",
    ),
    "package.too_early": Words(
        HTTPStatus.CONFLICT,
        _("还没有到数据包可以打开的时间。"),
        _NOTHING_TAKEN,
        _("请在数据包所定时间之后再提交。"),
        "package",
    ),
    "package.wrong_one": Words(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        _("数据包的类型或项目编号不对。"),
        _NOTHING_TAKEN,
        _("建立项目用招标包，开标后用同一项目的开标包。"),
        "package",
    ),
    "package.no_trading_system": Words(
        HTTPStatus.CONFLICT,
        _("系统还没有设置交易系统的证书，不能验证数据包。"),
        _NOTHING_TAKEN,
        _("请系统管理员先设置交易系统证书。"),
    ),
    "seal.refused": Words(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        _("电子签章与文件不符，或不是约定证书所签。"),
        _NOTHING_TAKEN,
        _("请用约定的证书对同一份文件重新签章。"),
        "signature",
    ),
    "profile.unknown": Words(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        _("没有这套评标规则。"),
        NOTHING_CHANGED,
        _("请从列表中选择评标规则。"),
        "profile",
    ),
    "profile.changed": Words(
        HTTPStatus.CONFLICT,
        _("建立项目时的评标规则没有随项目保存，现在的系统版本带的规则与之不同，项目不能继续。"),
        _STANDS,
        _("请系统管理员从备份恢复对象文件，或者用建立项目时的系统版本完成本项目。"),
    ),
    "profile.damaged": Words(
        HTTPStatus.CONFLICT,
        _("随项目保存的评标规则文件已损坏，与建立项目时记录的校验码不符，项目不能继续。"),
        _STANDS,
        _("请系统管理员从备份恢复这个文件，恢复后项目自动继续。"),
    ),
    "profile.unfit": Words(
        HTTPStatus.CONFLICT,
        _("随项目保存的评标规则完好，但缺少现在的系统版本需要的取值，或者写法不合，项目不能继续。"),
        _STANDS,
        _("升级不能解决。请系统管理员换回建立项目时的系统版本，并告知软件的维护单位。"),
    ),
    "profile.newer": Words(
        HTTPStatus.CONFLICT,
        _("这个项目是在更新的系统版本下建立的，现在的版本不认识它的部分评标规则，项目不能继续。"),
        _STANDS,
        _("请系统管理员升级到建立项目时的版本或更新的版本。"),
    ),
    "case.exists": Words(
        HTTPStatus.CONFLICT,
        _("这个编号的评标项目已经建立。"),
        _("已有的项目不变。"),
        _("请核对数据包的编号。"),
        "package",
    ),
    "case.bad_number": Words(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        _("评标项目编号不符合规定。"),
        NOTHING_CHANGED,
        _("编号为 3 至 40 个大写字母、数字或连字符，请从交易系统重新导出。"),
        "package",
    ),
    "letter.not_pdf": Words(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        _("授权委托书不是 PDF 文件。"),
        _NOTHING_TAKEN,
        _("请上传 PDF 文件。"),
        "letter",
    ),
    "opening.missing": Words(
        HTTPStatus.CONFLICT,
        _("还没有收到开标包。"),
        NOTHING_CHANGED,
        _("请招标代理机构先提交开标包。"),
    ),
    "checkin.seat_taken": Words(
        HTTPStatus.CONFLICT,
        _("这个席位不属于本项目，或已有人就座。"),
        _("没有登记签到。"),
        _("请换一个空席位。"),
        "seat",
    ),
    "checkin.members_missing": Words(
        HTTPStatus.CONFLICT,
        _("复筛后还有名额空缺，系统正在通知下一顺位的专家。"),
        _("签到还没有开始，已登记的内容不变。"),
        _("请稍候，人员齐备后即可开始签到。"),
    ),
    "checkin.second_person": Words(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        _("人工核验需要两名不同的工作人员，第二名须是本场所工作人员或见证人的账号。"),
        _("没有登记签到。"),
        _("请填写另一名工作人员的账号。"),
        "second",
    ),
    "checkin.wrong_venue": Words(
        HTTPStatus.CONFLICT, _("这位评委不在本场所签到。"), NOTHING_CHANGED, _("请到其签到的场所办理。")
    ),
    "member.unknown": Words(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        _("本场所没有这位评委。"),
        NOTHING_CHANGED,
        _("请从列表中选择。"),
        "member",
    ),
    "seat.unknown": Words(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        _("本项目没有这个席位。"),
        NOTHING_CHANGED,
        _("请从列表中选择。"),
        "seat",
    ),
    "pause.already": Words(
        HTTPStatus.CONFLICT,
        _("评标已经处于暂停、休息或隔夜封存。"),
        _("写入已锁定，文件已隐藏。"),
        _("请先结束当前的暂停、休息或隔夜封存；不能按时继续的休息和隔夜封存，可以在主持台改为暂停评标。"),
    ),
    "night.not_booked": Words(
        HTTPStatus.CONFLICT,
        _("本项目的申请没有安排过夜，或申请的天数已经用完，席位次日不属于本项目。"),
        _("评标照常进行，没有封存。"),
        _("请当天完成评审；确实不能完成的，按应急预案暂停并报告。"),
    ),
    "night.morning_passed": Words(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        _("继续评标的时间已经过去。"),
        _("评标照常进行，没有封存。"),
        _("请填写次日的时间。"),
        "resumes",
    ),
    "pause.presence_missing": Words(
        HTTPStatus.CONFLICT,
        _("还有评委没有确认回到席位。"),
        _("评标仍处于锁定状态。"),
        _("请等所有评委在席位上确认后再恢复。"),
    ),
    "report.unsigned": Words(
        HTTPStatus.CONFLICT,
        _("还有评委没有对评标报告签名，也没有拒签记录。"),
        _("评标没有结束，已有签名不受影响。"),
        _("请等全体评委签名，或记录拒签。"),
    ),
    "ocds.several_lots": Words(
        HTTPStatus.CONFLICT,
        _("分标段的项目暂不能生成 OCDS 发布数据。"),
        NOTHING_CHANGED,
        _("请导出档案包，各标段的报告和汇总都在其中。"),
    ),
    "lot.left": Words(
        HTTPStatus.CONFLICT,
        _("还有标段没有评审。"),
        _("评标没有结束，已签署的评标报告不受影响。"),
        _("请等评标委员会主任开启下一个标段，评审完所有标段后再结束评标。"),
    ),
    "lot.none_left": Words(
        HTTPStatus.CONFLICT,
        _("所有标段都已经评审。"),
        _("已签署的评标报告不受影响。"),
        _("请等主场工作人员结束评标。"),
    ),
    "report.not_ready": Words(
        HTTPStatus.CONFLICT,
        _("评标报告还没有生成。"),
        _("已有的记录都完整保存。"),
        _("请稍候刷新；汇总和推荐完成后会自动生成。"),
    ),
    "clarification.open": Words(
        HTTPStatus.CONFLICT,
        _("还有澄清问题在等待投标人答复。"),
        NOTHING_CHANGED,
        _("请等待答复，或等到截止时间。"),
    ),
    "clarification.link_refused": Words(
        HTTPStatus.NOT_FOUND,
        _("这个链接不正确，或已经失效。"),
        NOTHING_CHANGED,
        _("请使用通知中的完整链接。"),
    ),
    "clarification.not_asked": Words(
        HTTPStatus.CONFLICT, _("评标委员会没有提出这个问题。"), _NOTHING_TAKEN, _("只能答复收到的问题。")
    ),
    "clarification.already_answered": Words(
        HTTPStatus.CONFLICT,
        _("这个问题已经答复过。"),
        _("第一次提交的答复有效。"),
        _("不需要再做什么。"),
    ),
    "clarification.late": Words(
        HTTPStatus.CONFLICT,
        _("已经超过答复截止时间。"),
        _NOTHING_TAKEN,
        _("评标委员会将按没有答复处理。"),
    ),
    "clarification.not_pdf": Words(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        _("答复不是 PDF 文件，或超过 20 MB。"),
        _NOTHING_TAKEN,
        _("请上传 PDF 文件。"),
        "file",
    ),
    "clarification.seal_unknown": Words(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        _("电子签章不是投标文件所用的证书。"),
        _NOTHING_TAKEN,
        _("请用投标时的同一证书签章。"),
        "signature",
    ),
    "footage.none": Words(HTTPStatus.NOT_FOUND, _("没有这段录像。"), _("其他录像不受影响。"), _("请从列表中选择。")),
    "retrieval.case_open": Words(
        HTTPStatus.CONFLICT, _("评标还没有结束，不能调阅。"), NOTHING_CHANGED, _("请在项目结束并封存后申请。")
    ),
    "retrieval.reason_missing": Words(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        _("没有写明调阅事由。"),
        NOTHING_CHANGED,
        _("请用不少于十个字写明为什么调阅。"),
        "reason",
    ),
    "retrieval.seats_unknown": Words(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        _("没有选择席位，或该席位没有评委。"),
        NOTHING_CHANGED,
        _("请选择要调阅的席位。"),
        "seats",
    ),
    "retrieval.too_long": Words(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        _("调阅时间要在 1 到 168 小时之间。"),
        NOTHING_CHANGED,
        _("请改正小时数。"),
        "hours",
    ),
    "retrieval.unknown": Words(HTTPStatus.NOT_FOUND, _("没有这份调阅申请。"), NOTHING_CHANGED, _("请从调阅页面选择。")),
    "retrieval.decided": Words(
        HTTPStatus.CONFLICT, _("这份申请已经决定，或您已经批准过。"), NOTHING_CHANGED, _("请刷新调阅页面。")
    ),
    "retrieval.own_request": Words(
        HTTPStatus.FORBIDDEN, _("不能批准自己的申请。"), NOTHING_CHANGED, _("请由另外两名工作人员批准。")
    ),
    "retrieval.not_granted": Words(
        HTTPStatus.FORBIDDEN,
        _("这份调阅没有批准给您，或不包括这个席位。"),
        _("录像没有被打开。"),
        _("请在调阅页面查看申请，或另行申请。"),
    ),
    "retrieval.over": Words(
        HTTPStatus.FORBIDDEN, _("批准的调阅时间已经结束。"), _("录像没有被打开。"), _("仍需观看的，请另行申请。")
    ),
    "bag.none": Words(
        HTTPStatus.CONFLICT,
        _("档案包还没有封存完成。"),
        _("评标记录已完整保存。"),
        _("请稍候刷新；通常一分钟内完成。"),
    ),
    "receipt.pending": Words(
        HTTPStatus.CONFLICT,
        _("回执还没有生成。"),
        _("记录已经保存。"),
        _("请十秒后再查。"),
    ),
    "tally.refused": Words(
        HTTPStatus.CONFLICT,
        _("按评标规则无法汇总：评标标准或数据有矛盾。"),
        _("已签署的评分表都完整保存。"),
        _("请叫工作人员联系系统管理员。"),
    ),
    "canonical-integer": _UNSTORABLE,
    "canonical-surrogate": _UNSTORABLE,
    "password-weak": Words(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        _("这个签名密码太容易猜到，或不是六位数字。"),
        NOTHING_CHANGED,
        _("请换一个六位数字：不要用连号、重号或生日。"),
        "password",
    ),
    "password-malformed": Words(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        _("这个签名密码太容易猜到，或不是六位数字。"),
        NOTHING_CHANGED,
        _("请换一个六位数字：不要用连号、重号或生日。"),
        "password",
    ),
}
