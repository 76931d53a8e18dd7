"""The pledge (评标专家诚信廉政承诺书). The Chinese text is what is signed, in every language of the page."""

from web.i18n import _

PARAGRAPHS = (
    _("本人不属于下列应当回避的情形：投标人或者投标人主要负责人的近亲属；项目主管部门或者行政监督部门的人员；与投标人有经济利益关系，可能影响公正评审；曾因在招标、评标及其他招投标活动中从事违法行为受过行政处罚或刑事处罚。"),
    _("本人将独立、客观、公正地评审，只依据招标文件规定的标准和方法，对本人提出的评审意见承担个人责任。"),
    _("本人不与任何投标人或者与招标结果有利害关系的人私下接触，不收受其任何好处，不征询招标人确定中标人的意向，不接受任何明示或者暗示的倾向性要求。"),
    _("本人不透露对投标文件的评审和比较、中标候选人的推荐情况以及与评标有关的其他情况。"),
    _("本人知悉并同意评标全程录音录像；移动电话等通讯工具已存入储物柜，评标期间不与外界联系。"),
    _("本人同意在本次评标中使用经现场身份核验后签发的一次性证书进行电子签名，其效力视同本人手写签名（电子签名法第三条、第十三条）。"),
)  # fmt: skip


def pledge_text() -> str:
    """The text that is signed: one numbered paragraph a line."""
    return "\n".join(f"{number}. {text}" for number, text in enumerate(PARAGRAPHS, 1))
