"""What experts are told and what they may say back: voice and message texts, replies, words understood. Data only.

A text names time, place, length, contact, receipt number and no more: there is no field for a project (四不知).
"""

from collections.abc import Mapping

from expert_pool.committee import Answer
from expert_pool.reason import Reason

FIELDS = frozenset({"start", "venue", "length", "contact", "ticket", "link", "hours"})

CALL: Mapping[str, str] = {
    "zh": (
        "您好，这是评标专家抽取通知。请您于{start}到{venue}参加评标，{length}。{contact}"
        "您的回执编号是{ticket}，请记下。参加请按1，待定请按2，不参加请按3。第二次来电时待定按不参加处理。"
    ),
    "en": (
        "This is a notice to an evaluation expert. Please come to {venue} on {start}; {length}. {contact}"
        "Your receipt number is {ticket}; please write it down. Press 1 to attend, 2 if you cannot say yet, "
        "3 if you cannot come. On the second call, 2 counts as 3."
    ),
}
MESSAGE: Mapping[str, str] = {
    "zh": (
        "【评标专家通知】请于{start}到{venue}参加评标，{length}。{contact}回执编号{ticket}。"
        "请回复：1参加，2待定，3不参加（可写原因）。参加后不能到的回复“4请假”，开始前{hours}小时内不受理请假。"
        "也可打开一次性链接答复：{link}"
    ),
    "en": (
        "[Notice to experts] Please come to {venue} on {start}; {length}. {contact}Receipt number {ticket}. "
        "Reply 1 to attend, 2 if you cannot say yet, 3 if you cannot come (add the reason). "
        "To take leave after 1 reply 4; not within {hours} hours of the start. Or answer by this link: {link}"
    ),
}
CONTACT: Mapping[str, str] = {"zh": "联系电话{contact}。", "en": "Contact: {contact}. "}
LENGTH: Mapping[str, tuple[str, str]] = {
    "zh": ("预计{days}天，不过夜", "预计{days}天，需要过夜"),
    "en": ("{days} day(s), not overnight", "{days} day(s), overnight"),
}
"""Without and with a night."""

ANSWERED: Mapping[str, Mapping[str, str]] = {
    "attend": {"zh": "已登记：参加。回执编号{ticket}。", "en": "Noted: you attend. Receipt number {ticket}."},
    "pending": {
        "zh": "已登记：待定。我们会再次来电，届时仍待定按不参加处理。回执编号{ticket}。",
        "en": "Noted: not sure yet. We call once more; still unsure then counts as no. Receipt number {ticket}.",
    },
    "decline": {"zh": "已登记：不参加。谢谢答复。", "en": "Noted: you cannot come. Thank you."},
    "leave": {"zh": "已登记：请假。谢谢告知。", "en": "Noted: you take leave. Thank you for telling us."},
    "notice.leave_too_late": {
        "zh": "距开始不足{hours}小时，不能请假，您的参加仍然有效。确实不能到的，请联系通知中的联系人。",
        "en": "Less than {hours} hours before the start no leave can be taken; you are still expected. "
        "If you really cannot come, ring the contact in the notice.",
    },
    "notice.not_asked": {
        "zh": "答复时间已过，名额已另行通知，不需要再做什么。谢谢。",
        "en": "The time to answer is over and somebody else was called; nothing more is needed. Thank you.",
    },
    "notice.already_answered": {
        "zh": "您已经答复过，先前的答复有效。参加后不能到的，请回复“4请假”和回执编号。",
        "en": "Your first answer stands. If you agreed and cannot come, reply 4 and the receipt number.",
    },
    "notice.unknown_ticket": {
        "zh": "没有这个回执编号。请按通知中的六位数字回复，例如“1 123456”。",
        "en": "There is no such receipt number. Reply with the six digits of the notice, for example: 1 123456.",
    },
    "unclear": {
        "zh": "没有看懂您的回复，尚未登记。请回复：1参加，2待定，3不参加，4请假，并写上六位回执编号。",
        "en": "We did not understand your reply; nothing was noted. Reply 1 attend, 2 not sure, 3 cannot come, "
        "4 leave, with the six digits.",
    },
}
"""What is said back, by the answer that now stands or the code of the refusal."""

# Looked for in this order, and what was found is taken out: 不参加 holds 参加.
WORDS: tuple[tuple[Answer, tuple[str, ...]], ...] = (
    (Answer.LEAVE, ("请假", "請假", "leave")),
    (
        Answer.DECLINE,
        (
            *("不能参加", "不参加", "不參加", "无法参加", "参加不了", "不能去", "去不了", "不去", "不同意", "不可以"),
            *("拒绝", "没空", "没时间", "decline", "cannot", "no"),
        ),
    ),
    (Answer.PENDING, ("待定", "未定", "不确定", "再说", "稍后", "not sure", "pending", "later")),
    (Answer.ATTEND, ("参加", "參加", "同意", "可以", "能去", "一定到", "准时到", "attend", "yes", "ok")),
)
REASONS: tuple[tuple[Reason, tuple[str, ...]], ...] = (
    (Reason.RECUSAL, ("回避", "利害", "recus", "conflict")),
    (Reason.ILLNESS, ("病", "住院", "手术", "身体", "illness", "sick", "hospital")),
    (Reason.TRAVEL, ("出差", "外地", "出国", "旅", "travel", "trip", "abroad")),
    (Reason.WORK, ("工作", "会议", "开会", "上课", "值班", "work", "meeting")),
)
