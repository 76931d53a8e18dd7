"""现在请您: the one thing a member is asked to do now, from the state of the case alone."""

from collections.abc import Callable
from dataclasses import dataclass

from evaluation.blinded import awaits_codes
from evaluation.case import Case, Member, State
from evaluation.drawn import is_of_ties
from web.i18n import _
from web.steps import draw_stage

LEADER = "leader"


@dataclass(frozen=True, slots=True)
class Now:
    """One sentence; where there is something to do, the page and the word on its button. `done`/`of` count members."""

    say: str
    page: str = ""
    button: str = ""
    done: int = 0
    of: int = 0


@dataclass(frozen=True, slots=True)
class Seen:
    """A member and its case, with what the case alone does not tell: whether a password opens, who elects.

    `blind`: the case is the one by codes, for this member scores blind now. `has_key`: signing needs a security key.
    `elsewhere`: the key lives at a provider.
    """

    case: Case
    me: Member
    enrolled: bool
    elects: bool = True
    blind: bool = False
    has_key: bool = False
    elsewhere: bool = False

    @property
    def leads(self) -> bool:
        """Whether this member leads the committee."""
        return self.case.leader == self.me.id

    @property
    def recused(self) -> bool:
        """Whether this member stands aside."""
        return self.me.id in self.case.recused

    @property
    def size(self) -> int:
        """How many sit in the committee."""
        return len(self.case.members)


def now(seen: Seen) -> Now:
    """What this member is asked to do."""
    case = seen.case
    if seen.me.left_at and case.state.rank < State.CLOSED.rank:
        return Now(_("您已离席，席位已锁定。请输入签名密码，回到席位。"))
    if case.pause is not None:
        return _paused(seen)
    if not seen.enrolled and case.state.rank < State.CLOSED.rank:
        return Now(_("现在请您设置签名密码。"), "enrol", _("设置签名密码"))
    if seen.recused and case.state.rank < State.CLOSED.rank:
        return Now(_("您已声明回避。请留在座位上，工作人员会来联系您。"))
    step = _urgent(case, seen) or _STEPS.get(case.state)
    return step(seen) if step else Now(_("请在座位上稍候，系统正在汇总。"))


def _urgent(case: Case, seen: Seen) -> Callable[[Seen], Now] | None:
    """What goes before the stage: a newcomer's own beginning, a question put to the vote, the leader's election."""
    if not seen.me.pledged and State.READY.rank < case.state.rank < State.CLOSED.rank:
        return _pledging if seen.me.device_checked else _checking_in
    if case.motion is not None:
        return _voting
    ballot = case.ballots.get(LEADER)
    return _electing if ballot is not None and ballot.is_open else None


def _paused(seen: Seen) -> Now:
    pause = seen.case.pause
    if pause is not None and pause.is_over and not pause.is_continued:
        return Now(_("应急时限已过，评标不能继续。请留在座位上，听从工作人员安排。"))
    if pause is not None and pause.from_night and pause.is_barred(seen.me.id):
        return Now(_("评标暂停，您的席位仍然封存。请先到签到台核验身份。"))
    if pause is not None and pause.is_barred(seen.me.id):
        return Now(_("今天的评审已封存。请离开评标区，次日先到签到台核验身份，再继续评审。"))
    back = sum(member.confirmed_presence for member in seen.case.members.values())
    if seen.me.confirmed_presence:
        return Now(_("您已确认在席。请等待其他评委和主场宣布继续。"), done=back, of=seen.size)
    if pause is not None and pause.is_overnight:
        return Now(_("身份已核验。请确认您已在座位上。"), "presence", _("我已回到座位"), back, seen.size)
    return Now(_("评标暂停，录入已锁定。回到座位后请确认在席。"), "presence", _("我已回到座位"), back, seen.size)


def _checking_in(seen: Seen) -> Now:
    application = seen.case.application
    if not seen.me.device_checked:
        return Now(_("现在请您检测摄像头、麦克风和耳机。"), "device", _("开始设备检测"))
    return Now(_("您已入席。请等待全体评委入席。"), done=seen.size, of=application.size if application else seen.size)


def _pledging(seen: Seen) -> Now:
    pledged = sum(member.pledged for member in seen.case.members.values())
    if seen.me.pledged:
        return Now(_("您已签署承诺书。请等待其他评委。"), done=pledged, of=seen.size)
    return Now(_("现在请您阅读投标人名单和承诺书，决定是否回避。"), "pledge", _("阅读承诺书"), pledged, seen.size)


def _electing(seen: Seen) -> Now:
    ballot = seen.case.ballots.get(LEADER)
    if ballot is None or not ballot.is_open:
        return Now(_("请在座位上稍候，系统正在汇总。"))
    if not seen.elects:
        return Now(_("采购人代表不参加推选组长。请等待评审专家投票。"))
    if seen.me.id in ballot.cast:
        return Now(_("您已投票。请等待其他评委。"), done=len(ballot.cast), of=seen.size)
    return Now(_("现在请您投票推选组长。"), "ballot", _("去投票"), len(ballot.cast), seen.size)


def _preparing(seen: Seen) -> Now:
    if seen.leads:
        return Now(_("您是组长。大家阅读招标文件后，请您开始初步评审。"), "leader", _("组长操作"))
    return Now(_("现在请您阅读招标文件，等待组长开始初步评审。"), "reading", _("阅读招标文件"))


def _reviewing(seen: Seen) -> Now:
    signed = len(seen.case.prelims)
    if seen.case.disputed and seen.me.id not in seen.case.prelims:
        told = _("请讨论意见不一致的条款，然后重新评审这些条款并签署。")
        return Now(told, "findings", _("重新表决"), signed, seen.size)
    if seen.me.id not in seen.case.prelims:
        return Now(_("现在请您逐项初步评审，并签署评审表。"), "findings", _("初步评审"), signed, seen.size)
    if seen.leads and signed == seen.size:
        return Now(_("全体评委已签署初步评审表。请您结束初步评审。"), "leader", _("组长操作"), signed, seen.size)
    return Now(_("您已签署初步评审表。请等待其他评委。"), done=signed, of=seen.size)


def _voting(seen: Seen) -> Now:
    voted = seen.case.motion.voted if seen.case.motion else {}
    if seen.me.id in voted:
        return Now(_("您已投票。请等待其他评委。"), done=len(voted), of=seen.size)
    return Now(_("现在请您对组长或评委提出的事项表决。"), "motions", _("去投票"), len(voted), seen.size)


def _competing(seen: Seen) -> Now:
    if seen.leads:
        return Now(_("有效投标不足。请您提请表决：是否继续评标。"), "leader", _("组长操作"))
    return Now(_("有效投标不足。请等待组长提请表决是否继续评标。"))


def _failed(_seen: Seen) -> Now:
    return Now(_("本次招标失败。请等待系统生成评标报告。"))


def _scoring(seen: Seen) -> Now:
    case = seen.case
    finished = sum(all((member, key) in case.sheets for key in case.sheets_wanted) for member in case.members)
    if case.stage_is_open("prelim") and (seen.me.id not in case.prelims or (seen.leads and _is_reviewed(case))):
        return _reviewing(seen)
    if awaits_codes(case, seen.me.id):  # by name, for the review is open again: codes come when it is closed
        return Now(_("您已签署初步评审表。请等待其他评委。"), done=len(case.prelims), of=seen.size)
    if not case.is_scored:
        return _ranking(seen)
    if any((seen.me.id, bid) not in case.sheets for bid in case.scored_bids) or _is_given_back(seen):
        if seen.blind:
            return Now(_("现在请您按暗标编号独立打分，核对后签名。"), "scores", _("打分"), finished, seen.size)
        return Now(_("现在请您独立打分，核对后签名。"), "scores", _("打分"), finished, seen.size)
    return _scored(seen, finished)


def _scored(seen: Seen, finished: int) -> Now:
    """The own sheets are signed; the leader goes on once everybody's are."""
    case = seen.case
    told = _("您已签署打分表。请等待其他评委。")
    if not seen.leads or not (case.unlocks or case.all_sheets_in):
        return Now(told, done=finished, of=seen.size)
    if case.unlocks:
        told = _("有评委申请退回打分表。请您决定。")
    elif seen.blind:
        told = _("全体评委已签署暗标打分表。请您揭示暗标编号。")
    else:
        told = _("全体评委已签署打分表。请您结束详细评审。")
    return Now(told, "leader", _("组长操作"), finished, seen.size)


def _ranking(seen: Seen) -> Now:
    """Nobody scores: the leader closes the detailed review once clarifications are done."""
    if seen.leads:
        told = _("本项目按经评审的投标价排序，不打分。澄清完毕后，请您结束详细评审。")
        return Now(told, "leader", _("组长操作"))
    return Now(_("本项目按经评审的投标价排序，不打分。请等待组长结束详细评审。"))


def _drawing(seen: Seen) -> Now:
    """Bids are equal: a lot is cast for the tally, or for one that is made again."""
    stages = {draw_stage(draw) for name, draw in seen.case.draws.items() if is_of_ties(name)}
    if "committing" in stages:
        return Now(_("有投标的评审结果完全相同，正在公开抽签：等各抽取方承诺。请在座位上稍候。"))
    if "revealing" in stages:
        return Now(_("有投标的评审结果完全相同，正在公开抽签：等各抽取方揭示。请在座位上稍候。"))
    return Now(_("请在座位上稍候，系统正在汇总。"))


def _rechecking(seen: Seen) -> Now:
    case = seen.case
    if _is_given_back(seen):
        return Now(_("打分表已退回给您。请修改后重新签名。"), "scores", _("修改打分表"))
    own = [one for key, one in case.questioned.items() if key[0] == seen.me.id]
    if any(not (one.reason or one.is_insufficient) for one in own):
        return Now(_("您有一项评分被认定异常。请您书面说明理由。"), "motions", _("说明理由"))
    if any(flag.member == seen.me.id and not flag.decision for flag in case.flags):
        return Now(_("您有一项评分与其他评委差异较大。请您选择维持或申请修改。"), "selfcheck", _("查看自检提示"))
    if case.candidates:
        return Now(_("中标候选人已推荐。请等待系统生成评标报告。"))
    return _rechecked(seen) if seen.leads else Now(_("请等待全体评委完成复核。"))


def _rechecked(seen: Seen) -> Now:
    case = seen.case
    if any(not one.is_settled for one in case.questioned.values()):
        return Now(_("有评分被认定异常，尚未处理完。"), "motions", _("去处理"))
    if any(is_of_ties(name) and not draw.opened for name, draw in case.draws.items()):
        return _drawing(seen)
    if case.all_sheets_in and all(flag.decision for flag in case.flags):
        return Now(_("复核已完成。请您推荐中标候选人。"), "leader", _("组长操作"))
    return Now(_("请等待全体评委完成复核。"))


def _signing_report(seen: Seen) -> Now:
    report = seen.case.report
    signatures = report.signatures if report else {}
    if seen.me.id in signatures and seen.case.next_lot is not None:
        return _between_lots(seen)
    if seen.me.id in signatures and seen.me.is_expert and seen.me.id not in seen.case.fees:
        told = _("您已签署评标报告。现在请您确认评审时长和劳务费。")
        return Now(told, "fee", _("确认劳务费"), len(signatures), seen.size)
    if seen.me.id in signatures:
        return Now(_("您已签署评标报告。请等待其他评委，听从工作人员安排离场。"), done=len(signatures), of=seen.size)
    return Now(_("现在请您阅读并签署评标报告。"), "report", _("阅读评标报告"), len(signatures), seen.size)


def _between_lots(seen: Seen) -> Now:
    """Whoever has answered the report of a lot waits for the others, and for the leader to open the next."""
    report = seen.case.report
    signed = len(report.signatures) if report else 0
    if seen.leads and not seen.case.unanswered:
        return Now(
            _("全体评委已签署本标段的评标报告。请您开启下一个标段。"), "leader", _("组长操作"), signed, seen.size
        )
    told = _("您已签署本标段的评标报告。请等待其他评委签署，再由组长开启下一个标段。")
    return Now(told, done=signed, of=seen.size)


def _closed(seen: Seen) -> Now:
    if seen.case.ending is not None:
        return Now(_("本次评标已中止，资料已封存。请对已知的评标内容保密，取回物品后离场。"))
    return Now(_("评标已结束，资料已封存。请退出，取回物品后离场。"))


def _is_reviewed(case: Case) -> bool:
    """Whether everybody of a whole committee has signed the preliminary sheet."""
    return not case.is_incomplete and set(case.prelims) == set(case.members)


def _is_given_back(seen: Seen) -> bool:
    return any(member == seen.me.id for member, _bid in seen.case.given_back)


_STEPS = {
    State.CHECK_IN: _checking_in,
    State.READY: _pledging,
    State.PLEDGED: _electing,
    State.LEADER_ELECTED: _preparing,
    State.PREP: _preparing,
    State.PRELIM: _reviewing,
    State.COMPETITION_CHECK: _competing,
    State.DETAILED: _scoring,
    State.PRICE: _drawing,
    State.RECHECK: _rechecking,
    State.FAILED: _failed,
    State.REPORT_SIGNING: _signing_report,
    State.CLOSED: _closed,
}

# A stage as people call it; the header of every page shows it.
STAGES = {
    State.CHECK_IN: _("签到入席"),
    State.READY: _("承诺与回避"),
    State.PLEDGED: _("推选组长"),
    State.LEADER_ELECTED: _("评标准备"),
    State.PREP: _("评标准备"),
    State.PRELIM: _("初步评审"),
    State.COMPETITION_CHECK: _("竞争性判断"),
    State.DETAILED: _("详细评审"),
    State.PRICE: _("报价评审"),
    State.SUMMARY: _("汇总"),
    State.RECHECK: _("复核"),
    State.FAILED: _("招标失败"),
    State.REPORT_SIGNING: _("报告签署"),
    State.ABORTED: _("已中止"),
    State.CLOSED: _("已结束"),
}
