"""What the offices' pages call things: states, steps, draws, roles, gaps, verdicts; marked for the catalogue."""

from collections.abc import Mapping

from evaluation.case import Case, State
from identity.roles import Role
from web.i18n import Language, _, say
from web.lots import STANDINGS, in_hand
from web.now import STAGES
from web.pages import Heading

STATES: Mapping[State, str] = {
    State.DRAFT: _("申请"),
    State.APPLIED: _("席位预留"),
    State.SEATS_HELD: _("副场抽取"),
    State.VENUE_DRAWN: _("专家抽取"),
    State.DRAW_SET: _("专家抽取与通知"),
    State.DRAWN_SEALED: _("等待开标"),
    State.OPENED: _("复筛"),
    State.RESCREENED: _("等待签到"),
    **STAGES,
}

# How a case ended without a report; what may be done so; what follows it.
ENDINGS: Mapping[str, str] = {
    "cancelled": _("开标前终止"),
    "exhausted": _("专家已无人可以补抽，终止"),
    "postponed": _("开始前故障超过应急时限，推迟"),
    "incident": _("评标中故障超过应急时限，中止"),
    "incomplete": _("原评标委员会不能到齐，终止重新评审"),
}
WHY_END: Mapping[str, str] = {
    "cancelled": _("开标之前可以终止本项目。终止后封存，不能恢复；已预留的席位退回。"),
    "exhausted": _("候补和补抽都已用完。请终止并封存本次活动，再建立后续评标活动，放宽条件重新抽取。"),
    "incomplete": _("原评标委员会有成员回避或不能到场，不能重新评审。请封存，再建立后续活动，重新组建评标委员会。"),
    "incident": _("评标中的故障超过应急时限，不能再恢复。请按原样封存，再由代理机构建立后续活动，重新组建评标委员会。"),
}
END_BUTTONS: Mapping[str, str] = {
    "cancelled": _("终止本项目"),
    "exhausted": _("终止并封存"),
    "incident": _("封存，重新组建评标委员会"),
    "incomplete": _("终止并封存"),
}
FOLLOWS: Mapping[str, str] = {
    "redraw": _("后续评标活动沿用原招标包，另立编号，重新抽取专家。"),
    "reconstituted": _("后续评标活动沿用原招标包，另立编号，重新组建评标委员会：原评标委员会成员不参加抽取。"),
}

AGAIN_OCCASIONS: Mapping[str, str] = {
    "found": _("采购人或者代理机构发现"),
    "query": _("质疑"),
    "complaint": _("投诉处理决定"),
}
AGAIN_GROUNDS: Mapping[str, str] = {
    "sum_error": _("分值汇总计算错误"),
    "out_of_range": _("分项评分超出评分标准范围"),
    "objective_mismatch": _("客观评审因素评分不一致"),
    "abnormal_score": _("评分畸高、畸低"),
}

STEPS: Mapping[str, str] = {
    "authorising": _("监督部门同意重新评审"),
    "application": _("提交申请"),
    "seats": _("预留主场席位"),
    "venues": _("抽取副场"),
    "experts": _("抽取专家并通知"),
    "opening": _("提交开标包并复筛"),
    "check_in": _("签到入席"),
    "pledge": _("承诺与推选组长"),
    "prelim": _("初步评审"),
    "scoring": _("详细评审与汇总复核"),
    "report": _("签署报告并结束"),
}

STATUSES: Mapping[str, str] = {"done": _("已完成"), "now": _("进行中"), "waiting": _("未开始")}

DETAILS: Mapping[str, str] = {
    "": "",
    "unasked": _("还没有提出抽取条件"),
    "imported": _("已导入省级平台抽取结果"),
    "asked": _("等待第二人确认"),
    "committing": _("等待各抽取方登记承诺值"),
    "revealing": _("等待各抽取方揭示"),
    "due": _("到点自动抽取"),
    "lacking": _("人数不够，没有抽取结果"),
    "drawn": _("已抽取，正在通知"),
    "stands": _("名单已封存"),
    "opened": _("已抽签"),
    "desk_closed": _("等待主场开始签到"),
    "arriving": _("评委正在签到"),
    "recorder": _("等待全部席位录制正常"),
    "pledging": _("评委正在签署承诺书"),
    "electing": _("评委正在推选组长"),
    "scoring": _("评委正在评审打分"),
    "equal": _("评审结果相同，正在抽签"),
    "recheck": _("正在复核"),
    "failed": _("招标失败，正在生成报告"),
}

# What others owe once a case is closed (evaluation/deadlines.py).
DEADLINES: Mapping[str, str] = {
    "publish": _("公示中标候选人，不晚于"),
    "publicity_ends": _("公示期满，不早于"),
    "report_to_purchaser": _("评审报告送交采购人，不晚于"),
    "purchaser_decides": _("采购人确定中标人，不晚于"),
    "award_notice": _("发出中标通知书并公告，不晚于"),
}

# A draw with its parties: where it stands, and what each of them has done (draw_parties.py).
DRAW_STAGES: Mapping[str, str] = {
    "committing": _("正在等各抽取方登记承诺值。"),
    "revealing": _("承诺都已登记，正在等各抽取方揭示；承办抽取的单位先揭示。"),
    "due": _("各抽取方都已揭示，到抽取时间自动抽取。"),
    "lacking": _("到抽取时间时，符合条件的专家不够，这一次没有结果。"),
    "sealed": _("已经抽取，结果已封存。"),
    "opened": _("已经抽签，次序登记在项目日志中。"),
}

PARTY_STATES: Mapping[str, str] = {
    "uncommitted": _("待承诺"),
    "committed": _("已承诺"),
    "waiting_host": _("已承诺，等承办单位先揭示"),
    "turn": _("待揭示"),
    "revealed": _("已揭示"),
    "drawn": _("已揭示"),
    "late": _("超时"),
    "left_out": _("不参加这一次"),
}

PARTY_PICTURES: Mapping[str, str] = {
    "uncommitted": "clock",
    "committed": "check",
    "waiting_host": "check",
    "turn": "clock",
    "revealed": "circle-check",
    "drawn": "circle-check",
    "late": "triangle-alert",
    "left_out": "triangle-alert",
}

ROLES: Mapping[str, str] = {
    Role.AGENT: _("招标代理机构"),
    Role.MAIN_STAFF: _("主场工作人员"),
    Role.SUB_STAFF: _("副场工作人员"),
    Role.CHECKIN: _("签到工作人员"),
    Role.POOL_OWNER: _("专家库组建单位"),
    Role.SUPERVISOR: _("行政监督部门"),
    Role.WITNESS: _("见证人"),
    Role.ARCHIVIST: _("档案管理员"),
    Role.MEMBER: _("评委"),
    Role.PARTY: _("抽取方"),
    Role.SYSTEM_ADMIN: _("系统管理员"),
    Role.SECURITY_ADMIN: _("安全管理员"),
    Role.AUDIT_ADMIN: _("审计管理员"),
}

GAP_REASONS: Mapping[str, str] = {
    "network": _("网络中断"),
    "left": _("席位关闭页面"),
    "republished": _("席位重新连接"),
    "loss": _("网络丢包，未能补回"),
    "recorder": _("录制程序重新启动"),
    "disk": _("写入磁盘失败"),
    "night": _("隔夜封存"),
    "paused": _("席位暂停发送"),
    "changed": _("画面大小或时钟改变"),
}

EXCLUSIONS: Mapping[str, str] = {
    "seats": _("空闲席位不足"),
    "category": _("专业不符"),
    "region": _("不在抽取地区"),
    "workload": _("近期抽中次数过多"),
    "suspended": _("暂停资格"),
    "on-leave": _("请假"),
    "recent-meetings": _("近期多次与同一招标人、代理机构或评委同场"),
    "declared-relation": _("与有关单位存在回避关系"),
    "earlier-committee": _("已参加同一项目的评标委员会"),
    "unit": _("应回避单位人员"),
    "employed-within-look-back": _("近年曾在应回避单位任职"),
    "other": _("其他原因，各不足 5 人，合并计数"),
}

WAITS: Mapping[str, str] = {
    "again": _("重新揭示（抽取进程重新启动过）"),
    "process": _("抽取进程重新启动"),
    "differs": _("监督人员查明：重新抽取的次序与日志登记的校验码不同"),
}

REASONS: Mapping[str, str] = {
    "recusal": _("回避"),
    "left-post": _("擅离职守或未到"),
    "health": _("健康原因"),
}

ALARMS: Mapping[str, str] = {
    "recorder-stalled": _("录制停滞"),
    "upload-reduced": _("网络较差，摄像头画面已降低清晰度，录制的清晰度随之降低"),
    "recorder-gap": _("此刻没有录到"),
    "disk-slow": _("磁盘写入缓慢"),
    "space-low": _("录像空间不足，请尽快清理"),
    "copy-behind": _("录像副本落后，主录像不受影响"),
    "copy-failed": _("录像副本写不进去，主录像不受影响"),
    "footage-failed": _("录像主目录写不进去，正由副本目录继续录制，没有中断"),
    "disk-full": _("磁盘已满"),
    "recorder-failed": _("录制失败"),
    "footage-damaged": _("录像损坏"),
    "worker-down": _("媒体程序停止，正在重启"),
    "worker-dies-often": _("媒体程序反复停止"),
    "timestamp-away": _("时间戳服务连接不上，正在重试；签名已保存，时间戳稍后补上"),
    "provider-away": _("通知服务连接不上，正在重试；未拨出的电话不计应答时间"),
}

QUALITIES: Mapping[str, str] = {"good": _("良好"), "poor": _("较差"), "down": _("中断")}

VERDICTS: Mapping[str, str] = {
    "sound": _("核验通过：全部检查一致"),
    "sound_as_far_as_checked": _("已检查的部分一致，另有项目未检查"),
    "wrong": _("核验不通过"),
}

EVENTS: Mapping[str, str] = {
    "pledge.signed": _("签署承诺书"),
    "ballot.cast": _("投票"),
    "prelim.signed": _("签署初步评审表"),
    "motion.opened": _("提请表决"),
    "vote.signed": _("签署表决票"),
    "vote.cast": _("投票"),
    "motion.decided": _("表决结果"),
    "tender.failed": _("招标失败"),
    "consent.stated": _("说明视为同意"),
    "consent.witnessed": _("会签视为同意"),
    "rollback.requested": _("申请回退"),
    "rollback.decided": _("回退申请的决定"),
    "score.replaced": _("评分代替说明"),
    "unlock.requested": _("申请退回打分表"),
    "sheet.returned": _("退回打分表"),
    "member.replaced": _("更换成员"),
    "sheet.signed": _("签署评分表"),
    "blind.opened": _("揭示暗标编号"),
    "report.signed": _("签署评标报告"),
    "screen.paired": _("第二屏与席位配对"),
    "screen.parted": _("解除第二屏"),
    "seat.lost": _("席位连接中断"),
    "seat.returned": _("席位连接恢复"),
    "seat.left": _("离席"),
    "seat.back": _("回到席位"),
    "case.suspended": _("暂停"),
    "case.resumed": _("恢复"),
    "break.began": _("休息开始"),
    "break.ended": _("休息结束"),
    "night.began": _("隔夜封存"),
    "night.sealed": _("当晚记录由见证方固定"),
    "checkin.renewed": _("次日重新核验身份"),
    "night.ended": _("次日继续评标"),
    "floor.given": _("发言安排"),
    "witness.marked": _("见证人标记"),
    "selfcheck.flagged": _("偏差提示"),
    "clarification.proposed": _("澄清问题送审"),
    "clarification.reviewed": _("澄清问题的审阅"),
    "clarification.asked": _("提出澄清"),
    "clarification.answered": _("收到澄清答复"),
    "lot.opened": _("开启下一个标段"),
    "stage.opened": _("阶段开始"),
    "stage.closed": _("阶段结束"),
    "gap.named": _("录制缺口"),
}


LOTS: Mapping[str, str] = STANDINGS


def in_words(table: Mapping[str, str], language: Language) -> dict[str, str]:
    """A table in the reader's language."""
    return {key: say(language, word) if word else "" for key, word in table.items()}


def heading_for(state: Case, parties: Mapping[str, str], language: Language) -> Heading:
    """The head of an office's page; whoever sees it may see the project."""
    info = state.info
    stage = say(language, STATES[State.ABORTED] if state.ending else STATES.get(state.state, _("申请")))
    if state.reevaluation is not None and not state.reevaluation.paper and state.ending is None:
        stage = say(language, _("申请重新评审"))
    title, is_demo = (info.title, info.demo) if info else ("", False)
    return Heading(state.id, title, stage, is_demo, parties, in_hand(state, language))
