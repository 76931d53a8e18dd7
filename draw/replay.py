"""`python -m draw.replay TRANSCRIPT [POOL.jsonl]` draws again before a reader's eyes: here alone `draw` reads files.

Exit status: 0 everything was drawn again and agrees, 1 something differs, 2 the files cannot be read,
3 no pool was given, so only the public part was checked.
"""

import sys
from collections import Counter
from gettext import gettext as _

from draw import pool_file
from draw.lot import Outcome
from draw.pool import Pool, freeze
from draw.recheck import Difference, Step, examine
from draw.refusal import DrawRefused
from draw.selection import Role, Selection
from draw.transcript import Transcript, read

AGREES, DIFFERS, UNREADABLE, NOT_ALL_CHECKED = range(4)


def main(arguments: list[str]) -> int:
    """Print each step and the verdict; returns the exit status."""
    if len(arguments) not in {1, 2}:
        print(_("用法：replay 抽取记录 [候选池.jsonl]"), file=sys.stderr)
        return UNREADABLE
    try:
        transcript = read(_bytes(arguments[0]))
        pool = freeze(pool_file.read(_bytes(arguments[1]))) if arguments[1:] else None
    except OSError as unreadable:
        print(_("无法读取文件：{}").format(unreadable), file=sys.stderr)
        return UNREADABLE
    except DrawRefused as refused:
        print(_("文件不是规范的抽取记录或候选池：{}").format(refused))
        return DIFFERS
    return show(transcript, pool)


def _bytes(path: str) -> bytes:
    with open(path, "rb") as file:  # noqa: PTH123  # pathlib is kept out of the rule packages
        return file.read()


def show(transcript: Transcript, pool: Pool | None) -> int:
    """Print the examination of a transcript for somebody who knows nothing of hashes; returns the exit status."""
    _show_request(transcript)
    examined = examine(transcript, pool)
    for step in examined.steps:
        print(_sentence(step, transcript))
    if difference := examined.difference:
        _show_difference(difference)
        return DIFFERS
    if examined.outcome is None:
        print(_("结论：公开部分全部一致。未提供候选池，排序和抽取结果未核验。"))
        return NOT_ALL_CHECKED
    _show_selections(examined.outcome, transcript)
    print(_("结论：按公开的规则重新抽取一遍，结果与记录完全一致。"))
    return AGREES


def _show_request(transcript: Transcript) -> None:
    session = transcript.session
    print(
        _("项目 {}，第 {} 次抽取，第 {} 轮").format(session.request.project, session.attempt, transcript.turn.round_no)
    )
    for quota in session.request.quotas:
        print(
            _("  要求：类别 {}，地点 {}，正选 {}，候补 {}").format(
                quota.category or _("不限"), quota.place or _("不限"), quota.count, quota.alternates
            )
        )
    for code, count in session.ineligible:
        print(_("  抽取前已排除（{}）：{} 人（由专家库声明，本程序不核验）").format(code, count))
    for party, person in session.legal_persons:
        print(_("  抽取方 {}：{}").format(party, person))


def _sentence(step: Step, transcript: Transcript) -> str:
    return f"{'✓' if step.holds else '✗'} {_looked_at(step.field, transcript)}"


def _looked_at(field: str, transcript: Transcript) -> str:
    known = {
        "request.places": _("副场对应的地区与抽取前封存的校验码相符"),
        "beaconValue": _("公共随机源按约定使用"),
        "reveals": _("承诺的各方都已揭示，没有旁人"),
        "result.independent": _("承诺的各方分属 {} 个独立法人").format(transcript.session.independent()),
        "result.h": _("各方事先确认的抽取条件校验码相符"),
        "result.prk": _("由各方揭示值合成的随机种子相符"),
        "result.selections": _("抽取的类别与人数就是申请的类别与人数"),
        "roll": _("首次抽取前无人预先入选或预先排除"),
        "pool.size": _("候选池人数 {}").format(transcript.session.pool_size),
        "pool.root": _("候选池与抽取前公布的校验码相符，无一行被改动"),
        "result.order": _("全部候选人的先后次序相符"),
        "result": _("按请求能够抽满"),
    }
    if field in known:
        return known[field]
    if field.startswith("reveals."):
        return _("{} 揭示的值正是其抽取前承诺的值").format(field.removeprefix("reveals."))
    return _("逐人核对入选与跳过的理由：{}").format(field)


def _show_difference(difference: Difference) -> None:
    print(_("结论：不一致。第一处不同在 {}").format(difference.field))
    print(_("  记录写的是：{}").format(difference.stated))
    print(_("  重新算得：  {}").format(difference.found))


def _show_selections(outcome: Outcome, transcript: Transcript) -> None:
    names = {entry.label: entry.record.id for entry in outcome.ordered}
    for selection in outcome.selections:
        quota = transcript.session.request.quotas[selection.want.quota]
        role = _("正选") if selection.want.role is Role.MEMBER else _("候补")
        taken = "、".join(f"{names[label]}（{label.hex()[:8]}）" for label in selection.taken)
        print(_("  {} {}：{}；跳过 {}").format(quota.category or _("不限"), role, taken or _("无"), _skips(selection)))


def _skips(selection: Selection) -> str:
    words = {
        "category": _("类别不符"),
        "region": _("地区不符"),
        "excluded": _("单位回避"),
        "unit-cap": _("同单位人数已满"),
        "already": _("已入选"),
    }
    counts = Counter(words.get(reason, reason) for _label, reason in selection.skipped)
    return "，".join(f"{reason} {count}" for reason, count in sorted(counts.items())) or _("无人")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
