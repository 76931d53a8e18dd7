"""A rule profile's values in words: what each is called, what its codes and units mean. Owns words only."""

from collections.abc import Mapping
from typing import Any, Final

from web.i18n import Language, _, say

VALUES: Final[Mapping[str, str]] = {
    "committee.minimum": _("委员会最少人数"),
    "committee.must_be_odd": _("人数须为单数"),
    "committee.large_minimum": _("金额较大时最少人数"),
    "committee.large_from": _("金额较大是指（元，含）"),
    "committee.expert_parts": _("专家至少占（份）"),
    "committee.of_parts": _("委员会共分（份）"),
    "committee.most_representatives": _("招标人（采购人）代表最多人数"),
    "committee.representative_may_lead": _("招标人（采购人）代表可以担任组长"),
    "committee.representative_may_elect": _("招标人（采购人）代表参加推选组长"),
    "method.methods": _("可用的评标方法"),
    "method.least_price_weight": _("价格分不少于（分）"),
    "method.ties": _("同分排序办法"),
    "method.ties_are_fixed": _("同分排序固定不变"),
    "method.ties_left": _("按招标文件仍不能排出先后的"),
    "draw.moment": _("抽取专家的时间"),
    "draw.alternates": _("候补专家人数"),
    "draw.silent_after_s": _("抽取方超时多久作废"),
    "draw.unit_cap": _("同一单位专家最多人数"),
    "draw.earliest_before_start_s": _("最早在开始前多久抽取"),
    "draw.earliest_working_days": _("最早在开始前几个工作日抽取"),
    "draw.meetings_days": _("统计同场次数的天数"),
    "draw.most_with_host": _("为同一招标人或代理机构评标的次数上限"),
    "draw.most_with_member": _("与同一评委同场的次数上限"),
    "notice.calls": _("通知次数"),
    "notice.answer_wait_s": _("每次等待应答"),
    "notice.earliest": _("最早通知时间"),
    "notice.latest": _("最晚通知时间"),
    "notice.leave_refused_before_start_s": _("开始前多久不再受理请假"),
    "check_in.opens_before_start_s": _("提前多久开始签到"),
    "check_in.grace_s": _("迟到多久补抽"),
    "check_in.seat_code_s": _("席位码有效时间"),
    "password.tries": _("签名密码最多试几次"),
    "password.security_key": _("签名另需安全密钥"),
    "password.second_screen": _("签名前须由第二屏显示同一内容"),
    "signature.algorithms": _("签名算法"),
    "ballot.motions_are_secret": _("其他表决无记名"),
    "ballot.more_time_above_one_in": _("认为时间不够的超过几分之一即延长"),
    "preliminary.decision": _("初步评审意见不一致时"),
    "preliminary.bids_needed": _("有效投标至少家数"),
    "preliminary.below_needed": _("有效投标不足时"),
    "clarification.window_s": _("投标人答复时限"),
    "clarification.supervisor_reviews": _("澄清问题先由监督人员审阅"),
    "clarification.leading_words": _("提示可能有诱导的用语"),
    "scoring.deviation_percent": _("与其他成员平均分相差多少提示本人（%）"),
    "scoring.range_percent": _("单项分差达到满分多少提示（%）"),
    "scoring.abnormal_scores": _("异常评分"),
    "scoring.blind": _("技术部分暗标评审"),
    "reading.bid_minimum_s": _("每份投标文件至少阅读"),
    "reading.may_copy": _("评委可以另存或打印文件"),
    "presence.seat_locks_after_s": _("离席多久锁定席位"),
    "incident.before_start_s": _("开始前故障多久由招标人决定"),
    "incident.during_s": _("评标中故障多久须重新组建委员会"),
    "incident.approver_wait_s": _("监督人员未答复时，多久改由他人共同审批"),
    "rollback.approver": _("批准回退的人"),
    "room.members_see": _("评委之间的画面和声音"),
    "room.speakers": _("除组长外同时听到几个席位"),
    "room.talk": _("发言方式"),
    "report.template": _("评标报告样式"),
    "report.most_candidates": _("中标候选人最多人数"),
    "report.answer_wait_s": _("报告多久未答复可以说明情况"),
    "fee.table": _("专家劳务费标准"),
    "fee.break_counts": _("用餐休息计入时长"),
    "appraisal.moment": _("填写履职评价的时间"),
    "appraisal.within_working_days": _("履职评价在几个工作日内填写"),
    "after.publish_within_days": _("几日内公示中标候选人"),
    "after.publicity_days": _("公示至少几日"),
    "after.report_working_days": _("几个工作日内送交评审报告"),
    "after.decide_working_days": _("几个工作日内确定中标人"),
    "after.notice_working_days": _("几个工作日内发出中标通知书"),
}

CODES: Final[Mapping[str, str]] = {
    "comprehensive_evaluation": _("综合评估法"),
    "composite_scoring": _("综合评分法"),
    "lowest_evaluated_price": _("经评审的最低投标价法"),
    "lower_price": _("报价低者优先"),
    "higher_group": _("某部分得分高者优先"),
    "lot": _("抽签"),
    "joint": _("并列"),
    "before_opening": _("开标以前"),
    "after_opening": _("开标以后"),
    "random": _("随机抽取"),
    "p256": _("通行算法（P-256）"),
    "sm2": _("国密算法（SM2）；报告文件内的签名仍用通行算法"),
    "both": _("通行算法和国密算法（SM2）各签一次"),
    "majority": _("直接按过半数决定"),
    "unanimity_first": _("先讨论并再表决一次，仍不一致的按过半数决定"),
    "committee_decides": _("由委员会表决是否继续"),
    "must_stop": _("停止评标"),
    "shown_only": _("只提示本人，不代替"),
    "replaced_by_vote": _("经表决以其他成员平均分代替"),
    "allowed": _("由招标文件规定"),
    "required": _("招标文件必须采用"),
    "supervisor": _("监督人员"),
    "main_venue_and_witness": _("主场值班人员和见证人共同"),
    "raw": _("原样"),
    "masked": _("遮蔽面容、改变声音"),
    "open": _("随时发言"),
    "held": _("按住按钮发言"),
    "national": _("全国通用"),
    "chongqing": _("重庆"),
    "guangzhou": _("广州"),
    "shandong": _("山东"),
    "signing": _("签署报告阶段"),
    "after_close": _("评标结束以后"),
}
AGREED: Final[Mapping[str, str]] = {"fee.table": _("另行约定")}
"""One code that says two things."""
YES, NO, NONE, OFF, SEPARATOR = _("是"), _("否"), _("不设"), _("不限"), _("、")
_MINUTE, _HOUR = 60, 3600
_DURATIONS: Final = ((_HOUR, _("%(n)s 小时")), (_MINUTE, _("%(n)s 分钟")), (1, _("%(n)s 秒")))
_UNBOUNDED_AT_ZERO: Final = {"draw.unit_cap"}


def value_in_words(language: Language, name: str, value: Any) -> str:  # noqa: ANN401 - JSON
    """One value as its page says it: `7200` of a duration as `2 小时`, null as `不设`."""
    if value is None:
        return say(language, NONE)
    if isinstance(value, bool):
        return say(language, YES if value else NO)
    if isinstance(value, list):
        return say(language, SEPARATOR).join(_code(language, name, one) for one in value)
    if name.endswith("_s") and isinstance(value, int):
        return _duration(language, value)
    if value == 0 and name in _UNBOUNDED_AT_ZERO:
        return say(language, OFF)
    return _code(language, name, str(value))


def _code(language: Language, name: str, code: str) -> str:
    """The words of a code; figures and texts are their own."""
    word = AGREED.get(name) if code == "agreed" else CODES.get(code)
    return say(language, word) if word else code


def _duration(language: Language, seconds: int) -> str:
    """Hours, minutes or seconds, the largest that divides it; nothing is so many seconds."""
    if not seconds:
        return say(language, _DURATIONS[-1][1], n=0)
    unit, word = next((unit, word) for unit, word in _DURATIONS if seconds % unit == 0)
    return say(language, word, n=seconds // unit)
