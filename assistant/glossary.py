"""Short and colloquial forms of the official terms that documents are written in.

Abbreviations of statistics and administration in common use, not words of any one document. A question is matched
in the official form; what the user typed is shown as typed.
"""

import re

_TERMS: dict[str, str] = {
    r"(?<![a-z])gdp(?![a-z])": "生产总值",
    r"(?<![a-z])cpi(?![a-z])": "居民消费价格指数",
    r"(?<![a-z])ppi(?![a-z])": "工业生产者出厂价格指数",
    r"(?<![a-z])r&d(?![a-z])": "研发",
    "固投": "固定资产投资",
    "社零": "社会消费品零售总额",
    "规上": "规模以上",
    "限上": "限额以上",
    "科小(?:企业)?": "科技型中小企业",
    "高企(?!业)": "高新技术企业",
    "人均收入": "人均可支配收入",
    "财政收入(?!支出)": "一般公共预算收入",
    "城投": "城市建设投资",
    "自贸区": "自贸试验区",
    "人代会": "人民代表大会",
    "政府报告": "政府工作报告",
    "政府办(?!公)": "人民政府办公室",
    "社工部": "社会工作部",
    "发改委": "发展和改革委员会",
    "人社局": "人力资源和社会保障局",
    "卫健委": "卫生健康委员会",
    "住建": "住房和城乡建设",
    "新能源车": "新能源汽车",
    "彩电": "彩色电视机",
    "义教": "义务教育",
    "高龄老人": "高龄老年人",
    "(?<!京)津冀(?=[各两谁分都])": "天津、河北",
    "京冀(?=[各两谁分都])": "北京、河北",
    "文旅(?![局部厅])": "文化旅游",
    "冀方": "河北方面",
    "津方": "天津方面",
    "京方": "北京方面",
}
_PATTERNS = tuple((re.compile(short), full) for short, full in _TERMS.items())


def official(form: str) -> str:
    """A question's matching form with its short forms spelt out. Idempotent."""
    for short, full in _PATTERNS:
        if full not in form:
            form = short.sub(full, form)
    return form
