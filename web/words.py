"""Words for the values of statements: grounds of rejection, outcomes, clause types, what a signature is on."""

from collections.abc import Mapping

from evaluation.profile import Profile
from web.i18n import Language, _, say

GROUNDS = {
    "not_sealed_or_signed": _("投标文件未经投标单位盖章和单位负责人签字"),
    "no_joint_venture_agreement": _("联合体没有提交共同投标协议"),
    "not_qualified": _("投标人不符合规定的资格条件"),
    "several_bids_or_prices": _("提交两个以上不同的投标文件或者报价"),
    "below_cost_or_above_limit": _("报价低于成本或者高于最高投标限价"),
    "not_responsive": _("没有对招标文件的实质性要求和条件作出响应"),
    "collusion_fraud_or_bribe": _("有串通投标、弄虚作假、行贿等违法行为"),
}

OUTCOMES = {
    "signed": _("同意并签署"),
    "dissent": _("签署，并写明不同意见"),
    "refused": _("拒绝签署"),
}

RETURN_GROUNDS = {
    "sum_error": _("分值汇总计算错误"),
    "out_of_range": _("分项评分超出评分标准范围"),
    "objective_mismatch": _("客观评审因素评分不一致"),
}

MOTIONS = {
    "competition": _("有效投标不足，是否继续评标"),
    "dispute": _("对争议事项表决"),
    "more_time": _("认为评标时间不够，要求延长"),
    "abnormal_score": _("认定评分异常"),
    "reason_insufficient": _("认定理由不充分"),
}

RESULTS = {"yes": _("通过"), "no": _("不通过"), "void": _("成员更换后无效，须重新表决")}

CHOICES = {"yes": _("赞成"), "no": _("反对")}

CLAUSE_TYPES = {"form": _("形式评审"), "qualification": _("资格评审"), "response": _("响应性评审")}

SIGNED = {
    "pledge.signed": _("承诺书"),
    "prelim.signed": _("初步评审表"),
    "vote.signed": _("表决票"),
    "sheet.signed": _("打分表"),
    "score.replaced": _("评分代替说明"),
    "report.signed": _("评标报告"),
    "seat.back": _("离席后回到席位"),
    "consent.stated": _("视为同意的说明"),
}

ROLES_OF_DOCUMENTS = {
    "tender_document": _("招标文件"),
    "item_table": _("工程量清单"),
    "opening_record": _("开标记录"),
    "bid": _("投标文件"),
    "technical_blind": _("暗标技术文件"),
    "clarification_answer": _("澄清答复"),
    "report": _("评标报告"),
}


def in_language(words: Mapping[str, str], language: Language) -> dict[str, str]:
    """A table of words in the reader's language."""
    return {key: say(language, word) for key, word in words.items()}


PARTIES = {
    "works": {"tenderer": _("招标人"), "representative": _("招标人代表"), "expert": _("评标专家")},
    "procurement": {"tenderer": _("采购人"), "representative": _("采购人代表"), "expert": _("评审专家")},
}
"""What a trade calls the parties of a case, by kind."""


def parties_of(profile: Profile, language: Language) -> dict[str, str]:
    """The parties' names under a case's rules: those of government procurement where its report is (docs/report.md)."""
    trade = "procurement" if profile.rules.report.template == "procurement" else "works"
    return in_language(PARTIES[trade], language)
