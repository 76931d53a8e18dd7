"""The columns and words of the expert pool's CSV export, format `bid-pool-csv/1` (docs/pool-csv.md)."""

from expert_pool.expert import Availability

NUMBER = "序号"
EXPERT = "专家编号"
NAME = "姓名"
ID_NUMBER = "身份证号"
PHONE = "手机号"
CATEGORIES = "专业代码"
TITLE = "职称"
YEARS = "从业年限"
REGION = "所在地区"
UNIT = "工作单位"
HISTORY = "任职经历"
RELATIONS = "利害关系单位"
STATE = "状态"
STATE_UNTIL = "状态截止"
RECENT_DRAWS = "近90天抽取次数"

COLUMNS = (
    NUMBER,
    EXPERT,
    NAME,
    ID_NUMBER,
    PHONE,
    CATEGORIES,
    TITLE,
    YEARS,
    REGION,
    UNIT,
    HISTORY,
    RELATIONS,
    STATE,
    STATE_UNTIL,
    RECENT_DRAWS,
)

# R-06, 招标投标法 Art. 37: 从事相关领域工作满八年并具有高级职称或者具有同等专业水平.
LEAST_YEARS = 8
SENIOR_TITLES = frozenset({"正高级", "副高级", "高级", "同等专业水平"})

STATES = {"正常": Availability.NORMAL, "暂停": Availability.SUSPENDED, "请假": Availability.ON_LEAVE}
