"""现在请您: what a role is asked to do in a case now, as one sentence and the page to do it on."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from evaluation.case import Case, State
from evaluation.incident import has_started
from evaluation.profile import Profile
from identity.roles import Role
from web.i18n import _
from web.steps import Step, current


@dataclass(frozen=True, slots=True)
class Task:
    """One sentence; `page` below the case's address and the word on its button where there is something to do."""

    say: str
    page: str = ""
    button: str = ""


_AGENT: Mapping[tuple[str, str], Task] = {
    ("application", ""): Task(_("请填写远程异地评标申请。"), "application", _("填写申请")),
    ("experts", "unasked"): Task(_("请提出专家抽取条件。"), "draws", _("提出抽取条件")),
    ("experts", "lacking"): Task(
        _("符合条件的专家不够，请放宽条件后重新提出专家抽取。"), "draws", _("重新提出抽取条件")
    ),
    ("opening", ""): Task(_("开标后请提交开标包。"), "opening", _("提交开标包")),
}
_MAIN: Mapping[tuple[str, str], Task] = {
    ("seats", ""): Task(_("请为本项目预留主场席位。"), "seats", _("预留席位")),
    ("venues", "unasked"): Task(_("请提出副场抽取。"), "draws", _("提出副场抽取")),
    ("check_in", "desk_closed"): Task(_("请在约定时间开始签到。"), "host", _("到主持台开始签到")),
}
_SUPERVISOR: Mapping[tuple[str, str], Task] = {
    ("authorising", ""): Task(_("代理机构申请由原评标委员会重新评审，请您审核。"), "reevaluation", _("审核申请")),
    ("venues", "asked"): Task(_("请核对并确认副场抽取条件。"), "draws", _("核对并确认")),
    ("experts", "asked"): Task(_("请核对并确认专家抽取条件。"), "draws", _("核对并确认")),
    ("scoring", "equal"): Task(_("有投标的评审结果完全相同，正在公开抽签。"), "draws", _("查看抽签")),
}


def task_for(state: Case, role: Role, profile: Profile) -> Task:
    """What this role is asked to do in this case now, under its rules."""
    if state.rollback is not None and role is Role.SUPERVISOR:
        return Task(_("组长申请回退，请您决定是否批准。"), "progress", _("查看回退申请"))
    if (urgent := _urgent(state, role)) is not None:
        return urgent
    if state.unread and role is Role.SUPERVISOR:
        return Task(_("有一个澄清问题请您审阅，审阅后才发给投标人。"), "progress", _("审阅澄清问题"))
    step = current(state, profile)
    if role is Role.ARCHIVIST:
        return Task(_("项目已结束，可以查阅、回放和导出档案。"), "archive", _("查看档案"))
    if step is None:
        return Task(_("评标已经结束。"))
    make = _OF_ROLE.get(role)
    return make(state, step) if make else Task("")


def _urgent(state: Case, role: Role) -> Task | None:
    """What goes before the step: an end that is asked for, an incident whose time is over, a case that has ended."""
    pause = state.pause
    if state.ending_asked is not None and role is Role.SUPERVISOR:
        return Task(_("代理机构申请在开标前终止，请您决定是否同意。"), "ending", _("查看终止申请"))
    if pause is not None and pause.is_over and not pause.is_continued:
        if has_started(state) and role in {Role.MAIN_STAFF, Role.AGENT}:
            return Task(_("应急时限已过，请封存并重新组建评标委员会。"), "ending", _("去封存"))
        if role is Role.AGENT:
            return Task(_("应急时限已过，请决定继续或者推迟。"), "ending", _("去决定"))
    if state.ending is not None and role is Role.AGENT and state.ending.ground != "cancelled":
        return Task(_("本次活动已中止并封存。可以建立后续评标活动。"), "ending", _("终止与后续"))
    if state.ending is not None and role is not Role.ARCHIVIST:
        return Task(_("本次活动已中止并封存。"))
    return None


def _by_table(table: Mapping[tuple[str, str], Task]) -> Callable[[Case, Step], Task]:
    def look(_state: Case, step: Step) -> Task:
        return table.get((step.name, step.detail), Task(_("现在没有需要您做的事。")))

    return look


def _main(state: Case, step: Step) -> Task:
    if state.pause is not None and state.pause.kind == "night":
        return _at_night(state)
    if state.pause is not None:
        return Task(_("评标已暂停或休息。全体评委确认在席后请恢复。"), "host", _("到主持台"))
    if state.report is not None and not state.unanswered and state.next_lot is not None:
        return Task(_("全体评委已签署本标段的评标报告，请等待组长开启下一个标段。"), "host", _("到主持台"))
    if state.report is not None and not state.unanswered:
        return Task(_("全体评委已签署报告，请结束评标。"), "host", _("到主持台结束评标"))
    if state.state.rank >= State.CHECK_IN.rank:
        return Task(_("评标进行中，请在主持台值守。"), "host", _("到主持台"))
    return _by_table(_MAIN)(state, step)


def _at_night(state: Case) -> Task:
    """In the evening the rooms are left once the witnesses hold the record; in the morning everybody comes back."""
    if any(member.confirmed_presence for member in state.members.values()):
        return Task(_("全体评委经签到台核验并确认在席后，请继续评标。"), "host", _("到主持台"))
    if state.pause is not None and not state.pause.sealed:
        return Task(_("正在请见证方固定今天的记录。请稍候再离开评标室。"), "host", _("到主持台"))
    return Task(_("今天的评审已封存，可以离开评标室。次日请在主持台继续。"), "host", _("到主持台"))


def _watcher(state: Case, _step: Step) -> Task:
    report = state.report
    if report is not None and any(not report.is_settled(member) for member in report.stated):
        return Task(_("组长说明有成员视为同意评标报告，请您会签。"), "watch", _("到见证台"))
    if state.pause is not None and state.pause.kind == "night":
        return Task(_("今天的评审已封存，录制已停止。请见证离场和次日的身份核验。"), "watch", _("到见证台"))
    if state.state.rank >= State.CHECK_IN.rank:
        return Task(_("评标进行中，请在见证台观看并记录。"), "watch", _("到见证台"))
    return Task(_("签到开始后请到见证台。"))


def _desk(state: Case, _step: Step) -> Task:
    if state.state is State.CHECK_IN:
        return Task(_("请在签到台核验到场人员。"), "desk", _("到签到台"))
    if state.pause is not None and state.pause.is_overnight:
        return Task(_("评标隔夜封存。次日评委到场后，请逐人重新核验身份。"), "desk", _("到签到台"))
    return Task(_("签到已结束。补打席位条或重设签名密码请到签到台。"), "desk", _("到签到台"))


_OF_ROLE: Mapping[Role, Callable[[Case, Step], Task]] = {
    Role.AGENT: _by_table(_AGENT),
    Role.MAIN_STAFF: _main,
    Role.SUPERVISOR: _by_table(_SUPERVISOR),
    Role.WITNESS: _watcher,
    Role.CHECKIN: _desk,
    Role.SUB_STAFF: lambda _state, _step: Task(_("请维持本场所秩序，留意席位状态。")),
}
