"""The catalogue of the demo city: 9 major 大类, 22 sub 小类 and 82 item 细项 categories.

The counts are those that Jiangning published; the words are ours. A city imports its own (`gridcommand import categories`).
"""

from __future__ import annotations

from collections.abc import Iterator

from dashboard.cases.category import Catalogue, Category, Severity

GROUP_HOURS = 168.0
"""Limit of a case that is reported by its major or sub category only."""
_GROUPS: dict[str, tuple[str, str]] = {
    "01": ("公共安全", "Public safety"),
    "0101": ("消防安全", "Fire safety"),
    "0102": ("燃气用电", "Gas and electricity"),
    "0103": ("生产安全", "Work safety"),
    "02": ("市政设施", "Public works"),
    "0201": ("道路桥梁", "Roads and bridges"),
    "0202": ("井盖管线", "Manholes and pipes"),
    "0203": ("照明设施", "Lighting"),
    "03": ("市容环境", "City appearance"),
    "0301": ("环境卫生", "Sanitation"),
    "0302": ("占道经营", "Street trading"),
    "0303": ("广告招牌", "Signs and posters"),
    "04": ("排水防汛", "Drainage and flood control"),
    "0401": ("积水内涝", "Waterlogging"),
    "0402": ("污水河道", "Sewage and rivers"),
    "05": ("交通出行", "Traffic"),
    "0501": ("车辆停放", "Parking"),
    "0502": ("交通设施", "Traffic facilities"),
    "06": ("园林绿化", "Parks and trees"),
    "0601": ("树木养护", "Tree care"),
    "0602": ("绿地设施", "Green spaces"),
    "07": ("矛盾纠纷", "Disputes"),
    "0701": ("邻里家庭", "Neighbours and families"),
    "0702": ("物业劳资", "Property management and wages"),
    "08": ("民生服务", "Services to residents"),
    "0801": ("关爱帮扶", "Care and assistance"),
    "0802": ("社区事务", "Community affairs"),
    "0803": ("咨询建议", "Questions and suggestions"),
    "09": ("建设管理", "Building control"),
    "0901": ("违法建设", "Illegal construction"),
    "0902": ("施工管理", "Building sites"),
}

_ITEMS: list[tuple[str, str, str, Severity, float | None]] = [
    ("010101", "消防通道堵塞", "Fire lane blocked", "danger", 2),
    ("010102", "消火栓损坏", "Hydrant damaged", "urgent", 24),
    ("010103", "楼道堆物", "Corridor cluttered", "normal", 72),
    ("010104", "电动车违规充电", "E-bike charged indoors", "urgent", 24),
    ("010105", "灭火器材缺失", "Extinguisher missing", "normal", 72),
    ("010201", "燃气泄漏", "Gas leak", "danger", 2),
    ("010202", "燃气管线外露", "Gas pipe exposed", "urgent", 24),
    ("010203", "私拉电线", "Unsafe wiring", "urgent", 24),
    ("010204", "电线坠落", "Power line down", "danger", 2),
    ("010301", "危险品违规存放", "Hazardous goods stored unsafely", "danger", 2),
    ("010302", "小作坊安全隐患", "Workshop hazard", "urgent", 72),
    ("010303", "高空坠物隐患", "Falling object hazard", "danger", 2),
    ("020101", "路面破损", "Pavement damaged", "normal", 168),
    ("020102", "路面塌陷", "Road collapsed", "danger", 2),
    ("020103", "人行道砖缺损", "Sidewalk tile missing", "normal", 168),
    ("020104", "桥梁护栏损坏", "Bridge railing damaged", "urgent", 24),
    ("020201", "井盖缺失", "Manhole cover missing", "danger", 2),
    ("020202", "井盖破损", "Manhole cover damaged", "urgent", 24),
    ("020203", "雨水箅子缺损", "Drain grate damaged", "urgent", 24),
    ("020204", "自来水管爆裂", "Water main burst", "urgent", 24),
    ("020205", "通信线缆垂落", "Cable hanging", "urgent", 24),
    ("020301", "路灯不亮", "Street light out", "normal", 24),
    ("020302", "灯杆倾斜", "Lamp post leaning", "urgent", 24),
    ("020303", "景观灯损坏", "Decorative light broken", "normal", 168),
    ("030101", "暴露垃圾", "Exposed rubbish", "normal", 24),
    ("030102", "积存渣土", "Construction waste piled", "normal", 24),
    ("030103", "垃圾箱满溢", "Litter bin overflowing", "normal", 24),
    ("030104", "道路不洁", "Road dirty", "normal", 24),
    ("030105", "公厕脏乱", "Public toilet dirty", "normal", 24),
    ("030106", "动物尸体", "Dead animal", "normal", 24),
    ("030107", "大件垃圾", "Bulky waste", "normal", 72),
    ("030201", "流动摊贩", "Street vendor", "normal", 24),
    ("030202", "店外经营", "Trading outside a shop", "normal", 24),
    ("030203", "占道堆物", "Goods on the pavement", "normal", 24),
    ("030204", "占道广告牌", "Billboard on the pavement", "normal", 24),
    ("030301", "非法小广告", "Illegal posters", "normal", 24),
    ("030302", "广告招牌破损", "Sign damaged", "normal", 168),
    ("030303", "招牌安全隐患", "Sign about to fall", "urgent", 24),
    ("030304", "乱拉横幅", "Unlicensed banner", "normal", 24),
    ("040101", "道路积水", "Road under water", "urgent", 24),
    ("040102", "小区内涝", "Estate flooded", "urgent", 24),
    ("040103", "下穿通道积水", "Underpass flooded", "danger", 2),
    ("040201", "污水冒溢", "Sewage overflow", "urgent", 24),
    ("040202", "河道漂浮物", "Floating waste in river", "normal", 72),
    ("040203", "河道排污", "Discharge into river", "urgent", 72),
    ("040204", "沟渠堵塞", "Ditch blocked", "normal", 168),
    ("050101", "机动车违停", "Illegally parked car", "normal", 24),
    ("050102", "共享单车乱停", "Shared bikes scattered", "normal", 24),
    ("050103", "废弃车辆", "Abandoned vehicle", "normal", 360),
    ("050104", "非机动车乱停", "Bicycles scattered", "normal", 24),
    ("050201", "信号灯故障", "Traffic light fault", "urgent", 24),
    ("050202", "交通护栏损坏", "Traffic railing damaged", "normal", 168),
    ("050203", "标志标线不清", "Road marking worn", "normal", 168),
    ("050204", "公交站台破损", "Bus stop damaged", "normal", 168),
    ("060101", "树木倒伏", "Tree fallen", "urgent", 24),
    ("060102", "树枝遮挡", "Branches in the way", "normal", 168),
    ("060103", "行道树缺株", "Street tree missing", "normal", 360),
    ("060104", "病虫害", "Plant disease", "normal", 168),
    ("060201", "绿地侵占", "Green space occupied", "normal", 360),
    ("060202", "绿化带垃圾", "Rubbish in green belt", "normal", 24),
    ("060203", "健身器材损坏", "Fitness equipment broken", "normal", 168),
    ("070101", "邻里纠纷", "Quarrel between neighbours", "normal", 168),
    ("070102", "噪声扰民", "Noise", "normal", 72),
    ("070103", "家庭纠纷", "Family dispute", "urgent", 72),
    ("070201", "物业服务纠纷", "Dispute with property management", "normal", 168),
    ("070202", "劳资纠纷", "Wage dispute", "urgent", 168),
    ("070203", "房屋漏水纠纷", "Dispute about a leak", "normal", 360),
    ("070204", "消费纠纷", "Consumer dispute", "normal", 168),
    ("080101", "独居老人关爱", "Elderly person living alone", "normal", 72),
    ("080102", "困难家庭帮扶", "Household in need", "normal", 168),
    ("080103", "走失求助", "Missing person help", "danger", 2),
    ("080201", "电梯故障", "Lift out of order", "urgent", 24),
    ("080202", "停水停电", "Water or power outage", "urgent", 24),
    ("080203", "社区设施损坏", "Community facility broken", "normal", 168),
    ("080301", "政策咨询", "Question about policy", "normal", 72),
    ("080302", "意见建议", "Suggestion", "normal", None),
    ("090101", "违章搭建", "Illegal structure", "normal", 360),
    ("090102", "破墙开店", "Wall broken for a shop", "normal", 360),
    ("090201", "工地扬尘", "Dust from a site", "normal", 24),
    ("090202", "夜间施工", "Building at night", "normal", 24),
    ("090203", "渣土车遗撒", "Truck spilling earth", "normal", 24),
    ("090204", "围挡破损", "Hoarding damaged", "normal", 168),
]


def _catalogue() -> Iterator[Category]:
    for code, (zh, en) in _GROUPS.items():
        yield Category(code, zh, en, dispute=code.startswith("07"))
    for code, zh, en, severity, _ in _ITEMS:
        yield Category(code, zh, en, severity, code.startswith("07"))


CATEGORIES = Catalogue(_catalogue())
"""All three levels by code, in the order of the codes."""
LIMIT_HOURS: dict[str, float | None] = {**dict.fromkeys(_GROUPS, GROUP_HOURS), **{code: hours for code, *_, hours in _ITEMS}}
"""Wall hours of the total promise; None = no promise."""
