"""The numbers of a sentence: each with its qualifier, its unit and its kind. Names nothing and dates nothing.

    mentions("营商环境综合排名居全国前10位")   → 全国前10位: value "10", unit "位", kind rank
    mentions("中石化年产120万吨乙烯")          → 年产120万吨: value "120", unit "万吨", kind amount

List ordinals (一是, (一), 第三条), names of sets (“四个意识”, 第三产业), numbers in names (5G, PM2.5) and file numbers
are no figures.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from index.types import FigureKind

# Full-width digits and marks made half-width, character by character, so that offsets stay true.
_HALF = str.maketrans("０１２３４５６７８９．％＋－（）／", "0123456789.%+-()/")
_MONEY = "人民币元 欧元 日元 美元 港元 英镑 元"
_DIMENSIONS = (
    "微克/立方米 毫克/立方米 立方米 标准箱 平方千米 平方公里 平方米 吨公里 人公里 吨标准煤 公顷 英亩 亩 公里 千米 海里 "
    "厘米 毫米 米 千瓦时 千瓦 兆瓦 千伏安 千伏 伏 公斤 千克 吨 克 升 斤 小时 分钟 秒 个月 个工作日 工作日 周 天 年 "
    "岁 倍 度 箱 kWh MWh kW MW GW kV km² km hm² m² m³ kg mm cm GB TB PB"
)
_SHARES = "个百分点 百分点 % ‰"
_COUNTED = (
    "周年 台套 台次 人次 件次 户次 辆次 架次 艘次 车次 场次 批次 剂次 人天 人份 方面 户 人 名 位 家 个 项 条 所 届 批 "
    "期 台 套 座 辆 艘 架 列 款 枚 只 支 件 起 次 场 张 份 册 部 宗 笔 单 例 处 片 种 类 级 层 栋 幢 间 头 羽 株 棵 颗 "
    "把 孔 口 门 道 章 页 篇 句 首 组 队 班 对 块 站 轮 版 镇 乡 村 县 区 市 省 国 大 分 床 眼 尾 匹 字 标段 集 卷 剂"
)
# A measure word with which another word begins: "12天津", "3分之一", "2成立".
_NO_UNIT = (
    r"(?!天[津然空气]|分[之别布类析]|成[立为果效本员功品都]|部[门委分署]|区域|县域|市[场域]|省级|国[内际家有]|大[学连型]|"
    r"人民|家庭|名[称单]|位于|个人|批[准复]|期[间货限]|年(?:均|产|月)|单[位位]|类似|级别|对[口外接]|口[岸罩]|站点|首[都府])"
)
_QUALIFIER = "超过|大约|接近|将近|不少于|不低于|不超过|不高于|不足|不到|至少|最多|高达|突破|年产|超|约|近|逾"
_SCOPE = "全国|全球|世界|亚洲|国内|全市|全省|全区|我国|中国|同类城市|东部地区|直辖市"
_BOUND = "以上|以下|左右|以内|上下"
_CN = "[一二两三四五六七八九十百千万零〇]"
_DIGIT = "[一二三四五六七八九十]"
_YEAR = r"(?:19|20)\d\d"
_NUMBER = r"(?:\d{1,3}(?:[,，]\d{3})+|\d+)(?:\.\d+)?"


def _either(words: str) -> str:
    return "|".join(map(re.escape, sorted(words.split(), key=len, reverse=True)))


_SCALE = r"(?:[百万亿]|千(?![瓦米克伏]))*"
_PER = _either(f"{_DIMENSIONS} 人 个 家 户")
_UNIT = rf"{_NO_UNIT}(?:{_either(f'{_SHARES} {_DIMENSIONS} {_MONEY} {_COUNTED}')})(?:/(?:{_PER}))?"
_ARABIC = re.compile(
    rf"(?P<scope>{_SCOPE})?(?P<before>{_QUALIFIER}|前|第)?\s?"
    r"(?<![A-Za-z\d_/×〔])(?<!\d[.,，])(?<![A-Za-z][-−])"
    rf"(?P<value>[-−+]?{_NUMBER}(?:%?\s?[-—–~～至到]{{1,2}}\s?{_NUMBER})?)(?![A-Za-z]*\d|/\d|\.\d)"
    rf"\s?(?P<more>[多余])?(?P<scale>{_SCALE})(?P<more2>[多余])?(?P<unit>\s?{_UNIT})?(?P<after>{_BOUND}|余)?"
)
_CHINESE = re.compile(
    rf"(?<![第几数上“《{_CN[1:]})(?P<before>{_QUALIFIER})?"
    rf"(?P<value>(?={_CN}{{2}}|[十百千][多余]){_CN}+?(?:点{_DIGIT}+)?)(?P<more>[多余])?(?P<scale>[万亿]*)"
    rf"(?P<unit>{_UNIT})(?P<after>{_BOUND})?"
)
# One Chinese digit counts only before what is truly measured or counted; elsewhere it is rhetoric (三个方面).
_ONE_DIGIT = re.compile(
    rf"(?<![第几数上“《{_CN[1:]})(?P<before>{_QUALIFIER})?(?P<value>[两三四五六七八九])"
    r"(?P<unit>[省市区县]\([省市区县]\)|[万亿]?(?:元|美元|公里|吨|亩)|[座所艘架]|小时|成(?![立为果效本员功品都])|倍)"
)
_SHARE = re.compile(rf"(?P<value>[百千]分之(?:\d+(?:\.\d+)?|{_CN}+(?:点{_DIGIT}+)?))(?P<unit>)")
_CODE = re.compile(
    r"[“\"]?\s?(?<![\d.])(?P<value>\d+(?:\s?\+\s?(?:\d+|[NnXx])(?![\d.]))+)(?P<unit>)\s?[”\"]?|"
    r"[“\"](?P<value2>\d{2,})[”\"]"
)
_DAY_NAME = re.compile(r"(?<=[“\"])(?P<value>\d{1,2}[.·]\d{1,2})(?P<unit>)(?=[”\"])")
_PLENARY = re.compile(rf"(?P<value>{_CN}+届{_CN}+[次中])(?P<unit>全会|全体会议)")
_FIVE_YEARS = re.compile(
    rf"(?P<value>第{_DIGIT}+个)(?P<unit>五年规划)|[“\"]?(?P<value2>十{_DIGIT}五)[”\"]?(?P<unit2>规划)"
)
_PLAN_YEARS = re.compile(rf"(?<!第)(?P<value>{_DIGIT}{{1,2}})(?P<unit>年)(?=行动|攻坚|规划|计划|滚动|实施方案|提升)")
_STAGE = re.compile(rf"(?<![第长短中同周分定学初后前末早晚{_CN[1:]})(?P<value>{_DIGIT})(?P<unit>期)(?![间货限盼待])")
_NTH = re.compile(rf"(?P<value>第{_CN}+)(?P<unit>[届期批次轮版代](?![间货限人]))")
_RANKED = re.compile(
    rf"(?P<scope>{_SCOPE})?(?P<value>第{_DIGIT}+)(?P<unit>[位名大](?![于称])|目标|方阵|梯队)|"
    rf"(?:(?<=[居列名位至])|(?={_SCOPE}))(?:{_SCOPE})?(?P<value2>第{_DIGIT}+)(?P<unit2>)(?=[,，。;；、)])"
)
_FIRST = re.compile(
    rf"(?P<scope>{_SCOPE})?(?:第一|(?P<value>首))(?P<unit>[批个届家条座台例单艘套款架只笔张份部支列])(?![部门位])"
)
_TOP = re.compile(rf"(?<=[居列])(?P<scope>{_SCOPE})?(?P<value>首)(?P<unit>位)")
_DATE = re.compile(
    rf"(?P<before>截至|截止|自|到|至)?(?P<value>(?:{_YEAR}\s?年\s?)?(?<![\d.])(?:\d{{1,2}}\s?[-—–~～至]\s?)?\d{{1,2}}"
    r"(?:\s?月\s?\d{1,2}(?=\s?[日号]))?)"
    r"(?P<unit>\s?(?:月(?![度均])[底末初]?(?:[上中下]旬)?|(?<=月\d)[日号]|(?<=月\d\d)[日号]))(?P<after>以来|起|前)?"
)
_YEARS = re.compile(
    rf"(?P<before>截至|截止|自|从|到|至)?(?<![\d.])(?P<value>{_YEAR}(?:\s?年?\s?[-—–~～至到]{{1,2}}\s?{_YEAR})?)"
    r"(?P<unit>\s?年(?:年?[底末初]|度)?)(?P<after>以来|以前|以后|之前|起|前)?"
)
_YEARS_SPELT = re.compile(
    r"(?P<before>到)?(?P<value>[一二][〇零○九八][〇零○一二三四五六七八九]{2})(?P<unit>年(?:[底末初])?)"
)
_LEVEL = re.compile(r"\(\d+[类款项]\)")  # (204类): a level of a budget's codes
_PADDED = re.compile(r"0\d")  # 04: a code
_BARE_BEFORE = re.compile(r"(?:为|达到?|[升降增减]至|[升降]到|指数)$")  # an index number stands without a unit
_BARE_AFTER = re.compile(r"[,，。;；、)]|$")
_COMPARED = re.compile(r"[比较与同]$")  # "比2020年增长": the year of another figure
_ORDINAL_UNITS = {"届", "批", "期", "次", "轮", "版", "代"}
_RANK_UNITS = {"位", "名"}
_NAMING = {"大", "届", "级"}  # 二十大, 十九届, 十级: names in Chinese numerals, not counts
_SHARE_UNITS = set(_SHARES.split())
_AMOUNT_UNITS = set(f"{_DIMENSIONS} {_MONEY}".split())


@dataclass(frozen=True, slots=True)
class Mention:
    """A number of a sentence: [start, end) with its qualifier, from the sentence's start."""

    start: int
    end: int
    value: str
    unit: str
    kind: FigureKind


def half_width(text: str) -> str:
    """The text with half-width digits and marks; as long as before."""
    return text.translate(_HALF)


def _kind(before: str, unit: str) -> FigureKind | None:
    """The kind of a number in digits; None for what only looks like a figure (第5条)."""
    if before == "第":
        return "rank" if unit in _RANK_UNITS else "ordinal" if unit in _ORDINAL_UNITS else None
    if before == "前":
        return "rank" if unit in _RANK_UNITS else None
    return kind_of(unit)


def kind_of(unit: str) -> FigureKind:
    """The kind of a number with a unit: a share, an amount of something measured, or a count."""
    if unit == "周年":
        return "ordinal"
    base = re.sub(f"^{_SCALE}", "", unit).partition("/")[0]
    return "percent" if unit in _SHARE_UNITS else "amount" if {base, unit} & _AMOUNT_UNITS else "count"


def _arabic(text: str) -> Iterator[Mention]:
    for m in _ARABIC.finditer(text):
        unit = (m["scale"] + (m["unit"] or "")).replace(" ", "")
        start = m.start() if m["before"] in ("第", "前") or not m["scope"] else m.start() + len(m["scope"])
        kind = _kind(m["before"] or "", unit)
        if _LEVEL.match(text, m.start() - 1) or _PADDED.match(m["value"]):
            continue
        bare = not unit and _BARE_BEFORE.search(text[: m.start()]) and _BARE_AFTER.match(text, m.end())
        if kind and (unit or bare):
            yield Mention(start, m.end(), m["value"], unit, "amount" if bare else kind)


def _chinese(text: str) -> Iterator[Mention]:
    for pattern in (_CHINESE, _ONE_DIGIT):
        for m in pattern.finditer(text):
            unit = m.groupdict().get("scale", "") + m["unit"]
            if unit not in _NAMING and m["value"] not in ("百", "千"):
                yield Mention(m.start(), m.end(), m["value"], unit, kind_of(unit))


def _of(pattern: re.Pattern[str], kind: FigureKind, text: str, scoped: FigureKind | None = None) -> Iterator[Mention]:
    """What a pattern finds; of kind `scoped` where it says among which (全国首个)."""
    for m in pattern.finditer(text):
        said = m.groupdict()
        value = said.get("value") or said.get("value2")
        unit = said.get("unit") or said.get("unit2") or ""
        if value:
            yield Mention(m.start(), m.end(), value, unit.strip(), scoped if scoped and said.get("scope") else kind)


def _dates(text: str) -> Iterator[Mention]:
    for pattern in (_DATE, _YEARS, _YEARS_SPELT):
        yield from _of(pattern, "date", text)


def _every(text: str) -> Iterator[Mention]:
    """From the most particular pattern to the most general."""
    yield from _of(_CODE, "code", text)
    yield from _of(_DAY_NAME, "date", text)
    for pattern in (_PLENARY, _FIVE_YEARS, _PLAN_YEARS, _NTH):
        yield from _of(pattern, "ordinal", text)
    yield from _of(_RANKED, "rank", text)
    yield from _of(_FIRST, "ordinal", text, "rank")
    yield from _of(_TOP, "rank", text)
    yield from _of(_STAGE, "ordinal", text)
    yield from _of(_SHARE, "percent", text)
    yield from _dates(text)
    yield from _arabic(text)
    yield from _chinese(text)


def mentions(text: str) -> list[Mention]:
    """The figures of a sentence in order; none overlaps another."""
    text, found = half_width(text), list[Mention]()
    for mention in _every(text):
        if not any(mention.start < m.end and m.start < mention.end for m in found):
            found.append(mention)
    compared = {m.start for m in found if m.kind == "date" and _COMPARED.search(text[: m.start])}
    return sorted((m for m in found if m.start not in compared), key=lambda m: m.start)
