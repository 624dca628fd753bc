"""Does this sentence answer this question? Explainable checks, each of which says in words what is missing.

They look at what the question states (year, edition, place, quoted name, direction, kind of value) and
at whether the evidence states it too. None of them looks at a similarity.
"""

import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from itertools import pairwise

from assistant.evidence import Evidence, Objection, common_stretches
from assistant.glossary import official
from assistant.periods import YEAR, YEAR_RANGE, period_years
from assistant.places import (
    DISTRICTS,
    FAR,
    NATION_NAMES,
    PLACES,
    asks_of_nation,
    districts_in,
    far_places_in,
    own_places,
    place_before,
    places_in,
)
from assistant.premises import check_denied, check_direction
from assistant.question import Question, years_in
from assistant.tables import is_row, numeric_cells
from assistant.values import answers_in
from index import matching_form, simplified

KEPT_FORMS = 256  # of what the checks look at
NAME_LENGTH = 4  # a shorter stretch that question and sentence share is hardly a name
_COMPARED_YEAR = re.compile(
    r"[比较][^\d]{0,3}\d{2,4}年?|[与和跟同]\d{2,4}年(?:相比|比)|\b(?:than|compared (?:with|to)) (?:in )?\d{4}\b"
)
_UNTIL = re.compile(r"截[至止]|到|为止|累计|以来|底")
_CODE = re.compile(r"\d+(?:\+\d+)+")
_QUOTED = re.compile(r"[“\"「《]([^”\"」》]{2,40})[”\"」》]")
_COUNTED = re.compile(
    r"(?<![第\d.])(?:\d+|[二两三四五六七八九十]+)(?:大|个|家|项|条|所|位|名|件|类|种|座|处|段|枚|部|起|只|款|艘|本|对)"
)
_ENUMERATED = re.compile(r"[、:：;；「“《]|(?<=[\u4e00-\u9fff]{2})[和与及](?=[\u4e00-\u9fff]{2})")
_GOES_ON = re.compile(r"包括|分别|即|其中|涵盖|也就是|一是|[为是有]|[^,，;；。]*、")
_ASKS_WHICH = re.compile(r"[^,;，；]{0,12}(?:哪|什么|啥|名单|名字)")
# A month that is no end of a stretch, no part of a day, and not that of a report that is named.
_MONTH = re.compile(
    r"(?<![\d.·至到~—-])(?:1[0-2]|[1-9])月(?!份?(?:\d{1,2}[日号]|[底末]|[至到~—-]|.{0,10}(?:报告|公报|通知)))"
    r"|[一二三四]季度|[上下]半年"
)
_STRETCHES = {"上半年": "[1一][月份]*[-—~至到][6六]月", "一季度": "[1一][月份]*[-—~至到][3三]月"}
_POST = re.compile(r"书记|[省市区县镇部局厅院校会]长(?![期城江途远度安假效征])|主任|主席|总理|董事长|总经理|秘书长")
_PERSON = re.compile(r"谁|哪位|叫什么|叫啥|姓名|\bwho\b")
_WHERE_OFFICES_ARE = re.compile(rf"(?:{'|'.join([*PLACES, *DISTRICTS])}|[全本我])[省市区县]?(?!大学)")
# Indicators of the statistical communiqués, with the words that name them however they are abridged.
INDICATORS: dict[str, tuple[str, ...]] = {
    "生产总值": ("生产总值", "经济总量"),
    "经济总量": ("生产总值", "经济总量"),
    "固定资产投资": ("固定资产",),
    "社会消费品零售总额": ("零售",),
    "一般公共预算收入": ("公共预算收入",),
    "人均可支配收入": ("可支配收入",),
    "居民消费价格": ("消费价格",),
    "外汇储备": ("外汇储备",),
    "失业率": ("失业率",),
    "森林覆盖率": ("森林覆盖率",),
    "常住人口": ("人口",),
    "pm2.5": ("pm2.5", "细颗粒物"),
}
# Names that end in what they are, with the kinds among which one is another's sibling; and what is no name before it.
_KIN = {"高铁": "高铁|铁路|城际", "铁路": "高铁|铁路|城际", "中学": "中学|一中", "小学": "小学|中学"}
_OF_A_KIND = re.compile(
    r"([\u4e00-\u9fff]{2})(银行|医院|中学|小学|学院|高铁|铁路|高速|水库|博物馆|证券|交易所|产业园|科技园|综保区)"
)
_PLAIN = (
    "国有 商业 公立 民营 私立 三甲 三级 综合 专科 社区 乡镇 县级 市级 区级 城际 市郊 市域 郊区 "
    "普通 高等 职业 技术 重点 示范 民办 公办 农村 城乡 城市 中心 外资 地方 中小 股份 政策 新建 "
    "在建 大型 各大 互联 网上 定点 对口 完全 寄宿 优质 义务 企业 央企 国企 证券 中央 两地 三地 "
    "跨省 首条 首个 首家 全部 所有 本地 外地 外国 国外 国际 上市 龙头 智能 制造"
)
_PLAIN_STEMS = frozenset(_PLAIN.split(" "))
_OFFICE = re.compile(
    r"(?![一二两俩三四五六七八九十几哪这那][个家所座])"
    r"[\u4e00-\u9fff]{2}(?:(?<![布格结大全开当])局|厅|机场|(?<!专门)法院|检察院|大学(?!生|毕业))"
)
_KIND_WORDS = {
    "money": ("金额", "an amount of money"),
    "percent": ("百分比", "a percentage"),
    "change": ("增减幅度", "a rate of change"),
    "area": ("面积", "an area"),
    "length": ("长度", "a length"),
    "time": ("时间", "a time"),
    "rank": ("名次", "a rank"),
    "date": ("日期", "a date"),
    "code": ("数字代号", "a code of numbers"),
    "concentration": ("浓度", "a concentration"),
    "count": ("数量", "a number"),
    "any": ("数值", "a value"),
}


def _surroundings(evidence: Evidence) -> str:
    passage = evidence.passage.passage
    return "\n".join((evidence.document.title, *passage.heading_path, passage.context, passage.text))


def _around(evidence: Evidence) -> str:
    """The same in the form in which words are compared."""
    return _form(_surroundings(evidence))


@lru_cache(KEPT_FORMS)  # each check looks at the same passage
def _form(text: str) -> str:
    return matching_form(text)


def _fits_range(question: Question, first: str, last: str) -> bool:
    return {first, last} <= question.years or (last in question.years and bool(_UNTIL.search(question.query.text)))


def check_year(question: Question, evidence: Evidence) -> Objection | None:
    """The year asked for is the sentence's, else the document's; a range is not one of its years."""
    compared = years_in(" ".join(_COMPARED_YEAR.findall(question.stated)))
    asked = question.years - compared
    if not asked or question.value_class == "date":
        return None
    text = evidence.sentence.text
    ranges = YEAR_RANGE.findall(text)
    single = set(YEAR.findall(YEAR_RANGE.sub("", text)))
    if asked & single or any(_fits_range(question, *pair) for pair in ranges):
        return None
    if not single and not ranges:
        period = period_years(evidence.document)
        if not period or asked & period:
            return None
    year = "、".join(sorted(asked))
    return Objection(f"文档没有给出{year}年的这一情况", f"the documents do not give this for {year}")


def check_edition(question: Question, evidence: Evidence) -> Objection | None:
    """ "第六届" is not answered by a sentence about 第五届."""
    text = _around(evidence) if question.editions else ""
    for number, kind in question.editions:
        if re.search(rf"第[零〇一二三四五六七八九十百\d]+{kind}", text) and f"第{number}{kind}" not in text:
            return Objection(f"文档没有说到第{number}{kind}", f"the documents do not speak of 第{number}{kind}")
    return None


def check_place(question: Question, evidence: Evidence) -> Objection | None:
    """A province, municipality, country or far city that the question names stands in the passage or above it.

    In a document about another place it stands in the sentence or a heading: "全市" means that other one there. So it
    does in a document about a province where the whole country is asked about.
    """
    document, passage = evidence.document, evidence.passage.passage
    own = own_places(document)
    told = passage.text if question.kind != "value" else evidence.sentence.text
    near = "\n".join((*passage.heading_path, passage.context, told))
    if own and asks_of_nation(question.stated) and not any(name in near for name in NATION_NAMES):
        return Objection("文档没有说到全国的这一情况", "the documents do not say this of the whole country")
    for place in sorted(far_places_in(question.said) or far_places_in(question.stated)):
        if not any(known in _around(evidence) for known in FAR[place]):
            return Objection(f"文档没有说到{place}的这一情况", f"the documents do not say this of {place}")
    for place in sorted(places_in(question.stated)):
        around = _around(evidence) if not own or place in own else _form(near.replace("京津冀", ""))
        if not any(name in around for name in PLACES[place]):
            return Objection(f"文档没有说到{place}的这一情况", f"the documents do not say this of {place}")
    return None


def check_district(question: Question, evidence: Evidence) -> Objection | None:
    """A district or city that the question names is the one of which the passage speaks at this sentence.

    It is named by the sentence, with no other place between it and the value; or last before the sentence; or above.
    """
    passage, text = evidence.passage.passage, evidence.sentence.text
    above = "\n".join((evidence.document.title, evidence.document.file_name, *passage.heading_path, passage.context))
    asked = districts_in(question.stated)
    for district in sorted(asked):
        if district in text:
            values = answers_in(question, text) if question.kind == "value" else []
            told = not values or any(place_before(text, v.start) in {None, *asked} for v in values)
        else:
            told = district in above or place_before(passage.text, evidence.sentence.start - passage.start) in asked
        if not told:
            return Objection(f"文档没有说到{district}的这一情况", f"the documents do not say this of {district}")
    return None


def check_enumeration(question: Question, evidence: Evidence) -> Objection | None:
    """ "43项是哪些" is not answered by a sentence that only says that there are 43."""
    if question.kind not in {"list", "name"}:
        return None
    text = matching_form(evidence.sentence.text)
    counts = [m for m in _COUNTED.finditer(question.said) if _asks_which(question.said, m.start(), m.end())]
    if all(m[0] not in text or _is_listed(text, text.index(m[0])) for m in counts):
        return None
    return Objection("文档只说了数目,没有逐一列出", "the documents give the number, not the items")


def _asks_which(text: str, start: int, end: int) -> bool:
    """Is it the things of this count that are asked for: "这3条是哪几条", "是哪3条"?"""
    return text[:start].endswith("哪") or bool(_ASKS_WHICH.match(text, end))


def _is_listed(text: str, at: int) -> bool:
    """Are the items told in the clause of a count, or in the one behind it that says so?"""
    edges = [0, *(m.end() for m in re.finditer("[,，;；。]", text)), len(text)]
    number = sum(edge <= at for edge in edges) - 1
    clause = text[edges[number] : edges[number + 1]]
    behind = text[edges[number + 1] :]
    before = text[: edges[number]] if re.match(r"[共等这合总]", clause) else ""
    return bool(_ENUMERATED.search(before + clause)) or bool(_GOES_ON.match(behind))


def check_month(question: Question, evidence: Evidence) -> Objection | None:
    """A month, quarter or half of a year that the question names stands in the passage or above it."""
    if question.value_class == "date":
        return None
    months = _MONTH.findall(question.said) or _MONTH.findall(question.stated)
    around = re.sub(r"\s", "", _around(evidence)) if months else ""
    for month in months:
        if not re.search(rf"(?<!\d)0?{month}|(?<!\d){_STRETCHES.get(month, month)}", around):
            return Objection(f"文档没有给出{month}的这一情况", f"the documents do not give this for {month}")
    return None


def check_post(question: Question, evidence: Evidence) -> Objection | None:
    """Who holds an office is not told by a passage that does not name the office."""
    posts = _POST.findall(question.stated) if question.kind == "name" and _PERSON.search(question.stated) else []
    around = _around(evidence) if posts else ""
    for post in posts:
        if post not in around:
            return Objection(f"文档没有说到谁是{post}", f"the documents do not name the {post}")
    return None


def check_office(question: Question, evidence: Evidence) -> Objection | None:
    """An office or institution that the question names stands in the passage, its headings or the title."""
    words = " ".join(question.query.text[a:b] for a, b in question.content)
    offices = _OFFICE.findall(_WHERE_OFFICES_ARE.sub(" ", words))  # "天津机场" has another name
    around = official(_around(evidence) + matching_form(evidence.document.file_name)) if offices else ""
    for office in offices:
        if office not in around:
            return Objection(f"文档没有说到{office}的这一情况", f"the documents do not say this of {office}")
    return None


def check_sibling(question: Question, evidence: Evidence) -> Objection | None:
    """What is said of 农业银行 answers nothing about 工商银行: a name of a kind of which the sentence has another's."""
    words = " ".join(question.query.text[a:b] for a, b in question.content)
    for stem, kind in _OF_A_KIND.findall(_WHERE_OFFICES_ARE.sub(" ", words)):
        sentence = matching_form(evidence.sentence.text)
        others = re.search(rf"[\u4e00-\u9fff]{{2}}(?:{_KIN.get(kind, kind)})", sentence)
        if stem not in _PLAIN_STEMS and others and stem not in _around(evidence):
            return Objection(f"文档没有说到{stem}{kind}", f"the documents do not speak of {stem}{kind}", lacking=stem)
    return None


def check_indicator(question: Question, evidence: Evidence) -> Objection | None:
    """An indicator of the communiqués that the question asks for is named by the sentence, its header or a heading."""
    if question.kind != "value":
        return None
    passage = evidence.passage.passage
    named = [(name, known_as) for name, known_as in INDICATORS.items() if name in question.stated]
    near = (*passage.heading_path, passage.context, evidence.sentence.text)
    told = official(matching_form("\n".join(near))) if named else ""
    for name, known_as in named:
        if not any(word in told for word in known_as):
            return Objection(f"文档没有给出所问的{name}", f"the documents do not give {name} for this")
    return None


def check_quoted(question: Question, evidence: Evidence) -> Objection | None:
    """A name that the question puts in quotation marks stands in the passage."""
    names = _QUOTED.findall(question.text)
    around = re.sub(r"\W", "", _around(evidence)) if names else ""
    for name in names:
        if re.sub(r"\W", "", matching_form(name)) not in around:
            return Objection(f"文档没有提到“{name}”", f'the documents do not mention "{name}"')
    return None


def check_code(question: Question, evidence: Evidence) -> Objection | None:
    """A code of numbers that the question names ("1+4") stands in the sentence."""
    for code in _CODE.findall(question.stated):
        if code not in matching_form(evidence.sentence.text):
            return Objection(f"文档没有在此提到“{code}”", f'the documents do not mention "{code}" here')
    return None


def named_segment(question: Question, text: str) -> tuple[int, int]:
    """The statement, between semicolons, that alone has the longest name which question and sentence share; else all.

    In "A有3000家;B有600家" a question that names B is not answered by what is said of A.
    """
    form = simplified(text).lower()
    name = _shared_name(question, form)
    if not name:
        return 0, len(text)
    edges = [0, *(m.end() for m in re.finditer(r"[；;]", text)), len(text)]
    having = [(a, b) for a, b in pairwise(edges) if name in form[a:b]]
    if len(having) > 1:  # "A、B等……;B有600家": what only lists it says nothing of it
        having = [(a, b) for a, b in having if re.search(rf"{re.escape(name)}(?![、和与及等])", form[a:b])]
    return having[0] if len(having) == 1 else (0, len(text))


def check_value(question: Question, evidence: Evidence) -> Objection | None:
    """Where a value is asked for, the statement about what the question names has one of that kind."""
    text = evidence.sentence.text
    if question.kind == "value" and is_row(text) and numeric_cells(text):
        return None
    if question.kind != "value" or answers_in(question, text, named_segment(question, text)):
        return None
    zh, en = _KIND_WORDS[question.value_class or "any"]
    return Objection(f"文档没有给出所问的{zh}", f"the documents do not give {en} for this")


CHECKS: tuple[Callable[[Question, Evidence], Objection | None], ...] = (
    check_edition,
    check_place,
    check_district,
    check_office,
    check_sibling,
    check_enumeration,
    check_indicator,
    check_month,
    check_post,
    check_quoted,
    check_code,
    check_year,
    check_direction,
    check_denied,
    check_value,
)


def objection(question: Question, evidence: Evidence) -> Objection | None:
    """The first check that the evidence fails; None where it passes all."""
    return next((found for check in CHECKS if (found := check(question, evidence))), None)


def first_sound(question: Question, ranked: Sequence[Evidence]) -> tuple[Evidence | None, Objection | None]:
    """The first evidence that passes, and what the very first failed by (None where that one passes)."""
    reason, name, lacking = None, "", ""
    for number, evidence in enumerate(ranked):
        failed, shared = objection(question, evidence), _name(question, evidence)
        if number == 0:
            reason, name, lacking = failed, shared, failed.lacking if failed else ""
        if failed is None and name in shared + " " and (not lacking or lacking in _around(evidence)):
            return evidence, reason
    return None, reason


def _name(question: Question, evidence: Evidence) -> str:
    return _shared_name(question, simplified(evidence.sentence.text).lower())


def _shared_name(question: Question, form: str) -> str:
    """The longest name that a sentence shares with the question; empty where there is none."""
    shared = [form[a:b].strip("有是的了") for a, b in common_stretches(question.stated, form)]
    return max((name for name in shared if len(name) >= NAME_LENGTH), key=len, default="")
