"""What the figures of a sentence are of: indicator, change and entity, from the words around each.

    2021年,天津港集装箱吞吐量完成超2000万标准箱,比上年增长10.4%
    2000万标准箱: 天津港集装箱吞吐量, 比上年增长10.4%, 天津港      10.4%: 天津港集装箱吞吐量增长

An amount is told behind its name; what is counted stands behind its number (29个泊位), else before it (项目4149个).
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from index.quantities import Mention

NAME_LENGTH = 40  # a longer name is a clause: its end says most
NOUN_LENGTH = 18
VERBS_LENGTH = 6  # what is no longer than this before an amount and its noun is a verb or two (升级保护修复)
_BREAK = re.compile("[,，;；:：。!！?？\n]")
_RIGHT_END = re.compile(r"[,，;；:：。!！?？\n、(（)）]")
_PART = re.compile("[;；]")
_SIDE_BY_SIDE = re.compile(r"[、和与及]")
_COORDINATED = re.compile(r"[、和与及]")
_YEAR = r"(?:19|20)\d\d"
_LEAD = re.compile(
    rf"^(?:[\s、和及与并的”’』)）]|\d{{1,2}}\.|\[\d+\]|(?:截至|到|自)?{_YEAR}(?:[-—–~～至]{{1,2}}{_YEAR})?年(?:底|末|初|度|以来)?|"
    r"其中|同时|此外|另外|并且|还有|累计|全年|今年|去年|年末|目前|当前|预计|力争|初步核算|全市|全省|全国|我市|我省|本市|"
    r"共计|总计|(?:[一二三四]季度)|[——]+|[一二三四五六七八九十]是|[(（][一二三四五六七八九十]+[)）])+"
)
_TAIL = re.compile(
    r"(?:[由从居列为是达超约近至到有共仅比各已在的“\"《(（\s]|全国|全球|世界|达到|完成|实现|超过|突破|升至|降至|增至|减至|缩至|"
    r"(?:上升|下降|提高|提升|增加|扩大|缩短|降低|减少|增长|压减|回落|提速|[升降增减])(?:至|到|为)|控制|保持|稳定|分别|累计|共计|合计|总计|"
    r"位居|位列|排名第|接近|不低于|不少于|不超过|维持|预计|全年|平均|均|全部|第)+$"
)
_SINCE = r"(?:(?:(?<![占对])比|较|与)[^,，]{1,14}?(?:相比)?|同比|环比|年均|平均|可比口径)?"
_CHANGE = re.compile(
    rf"(?P<since>{_SINCE})(?:分别|各|均|约|将|又|再|净|实际)?"
    r"(?P<verb>增长|增加|增产|增收|下降|减少|减产|降低|缩短|上升|上涨|提高|提升|回落|扩大|压减|下跌|升值|贬值|多增|少增|快于|高于|"
    r"低于|增支|减收|翻|(?<!新)增|降|涨)了?(?:超过|超|约|近)?\s?$"
)
_REACHED = re.compile(
    r"(?:[升降增减缩]至|(?:提升|提高|增加|扩大|下降|上升|降低|缩短|压减)[至到]|达到?|由\S{0,8}上升至)\s?$"
)
_FROM = re.compile(r"[由从]\S{0,4}$")  # "由全球第24位上升至第20位"
# Words at which a noun behind a number ends.
_VERB = re.compile(
    r"实现|落户|得到|加快|联通|全部|全面|被|已|均|进行|开展|累计|达|获|入[选围]|完成|建成|投[入产资]|开工|通车|落地|纳入|位[居列]|"
    r"比上|同比|增[长加至]|上升|上涨|下降|减少|提高|正|将|在|与|和|等|到位|进入|参[加与]|通过|覆盖|超|签约|复工|享受|使用|为[^民]|的|"
    r"提[升前]|扩大|推动|列|并|有[效序]|一[体次]|以[上下]|左右|占|较|发[布生]|从|于|之[际后前间]|时|进展|全线|共获|中共|尽早|、|,"
)
_NO_ATTRIBUTE = re.compile(
    r"^(?:以|左右|用于|建设|支持|为|比|较|的|和|与|在|给|来|共|增|下|上|提|后|内|中|前|起|时|并|推|全|并|左|不)"
)
_CLOSING = "”’』》)） "
_ORGANISATION = (
    "自治区|新区|开发区|试验区|示范区|集团|公司|机场|口岸|大学|学院|医院|科技园|科技城|银行|(?<=[\u4e00-\u9fff]{2})港"
)
_TERRITORY = "[\u4e00-\u9fff]{2,3}?(?:省|市|县|区)"
_BEGINS = r"(?:^|[、,，;；:：。(“\s]|[在向与和对从由于到及为]|年)"
# Words that stand before a name and are none of it.
_NO_NAME = (
    "全|各|我|本|该|一|二|三|十|其|与|向|个|第|推|目前|支持|加快|打造|建设|引进|推动|办理|更|上市|深入|实施|完成|建成|新建|优化|创建|提升|"
    "开展|检查|新增|国际|召开|作出|举办|出台|制定|累计|投入|获批|持续|主动|重点|老旧|城|社|小|园|街|景|校|片|市|地"
)
_ENTITY = re.compile(
    rf"{_BEGINS}(?P<name>(?!{_NO_NAME})(?:{_TERRITORY}|[\u4e00-\u9fff]{{2,8}}?(?:{_ORGANISATION})))"
    r"(?<![城都批级郊]市)(?<![地小社园片城街校景灾能行心库市辖港全范]区)(?<!地港)(?![场值民区镇长委域口政级人企校])"
)
_DIVISIONS = {"省", "市", "区", "县", "乡", "镇", "村"}
_WHOLE = re.compile("全国(?!重点|首|第|文明|性|统一|一流|前|文物)|我国|全市|我市|本市|全省|我省|全区")
_HERE = {"全市", "我市", "本市", "全省", "我省", "全区"}
_PLACE = re.compile(
    r"(?<![\u4e00-\u9fff]{12})(?!在|日|共|中|年|度)[\u4e00-\u9fff]{2,3}?(?:省|市|自治区)(?:[\u4e00-\u9fff]{2,3}?[区县](?!级))?"
)
_SIBLINGS = {"count", "amount", "percent"}  # kinds of figures that are told side by side of things named side by side
_STATE = re.compile("中华人民共和国|国家统计局|国务院")


@dataclass(frozen=True, slots=True)
class Named:
    """Indicator, change and entity of one figure, "" where the sentence says none."""

    indicator: str
    change: str
    entity: str


def place_of(*descriptions: str | None) -> str:
    """The place that a document is about, from its title, file name and publisher; "" where they name none."""
    said = " ".join(filter(None, descriptions))
    place = _PLACE.search(said)
    return place[0] if place else "全国" if _STATE.search(said) else ""


def named(sentence: str, found: Sequence[Mention], place: str) -> list[Named]:
    """What each figure of a sentence is of. place: the document's own, where a figure's words name none."""
    indicators: list[str] = []
    for run in _runs(sentence, found):
        indicators += _names(sentence, found, run, indicators)
    changes = [_change(sentence, found, at) for at in range(len(found))]
    entities = [_entity(sentence, m, place) for m in found]
    return [Named(*parts) for parts in zip(indicators, changes, entities, strict=True)]


def _runs(sentence: str, found: Sequence[Mention]) -> list[range]:
    """Figures that stand side by side: "188%、281%"."""
    edges = [
        at for at in range(1, len(found))
        if found[at].kind != found[at - 1].kind
        or found[at].kind not in _SIBLINGS
        or not _SIDE_BY_SIDE.fullmatch(sentence[found[at - 1].end : found[at].start])
    ]  # fmt: skip
    return [range(a, b) for a, b in zip([0, *edges], [*edges, len(found)], strict=True) if a < b]


def _left(sentence: str, found: Sequence[Mention], at: int) -> str:
    """The words before a figure in its clause, from the figure before it on."""
    begin = found[at - 1].end if at else 0
    breaks = [m.end() for m in _BREAK.finditer(sentence, begin, found[at].start)]
    return sentence[breaks[-1] if breaks else begin : found[at].start]


def _right(sentence: str, found: Sequence[Mention], at: int) -> str:
    """The words behind a figure up to a mark or the next figure."""
    limit = found[at + 1].start if at + 1 < len(found) else len(sentence)
    begin = found[at].end
    while begin < limit and sentence[begin] in _CLOSING:
        begin += 1
    end = _RIGHT_END.search(sentence, begin, limit)
    return sentence[begin : end.start() if end else limit]


def _names(sentence: str, found: Sequence[Mention], run: range, earlier: Sequence[str]) -> list[str]:
    """The indicators of a run's figures. earlier: those of the figures before it."""
    first = found[run[0]]
    if first.kind == "date":
        return [_dated(sentence, first)]
    noun = _noun(sentence, found, run[-1])
    left = _left(sentence, found, run[0])
    change = _CHANGE.search(left)
    name = _stripped(left[: change.start()] if change else left)
    if first.unit == "期" and not first.value.startswith("第"):
        return [_stripped(left) + noun] * len(run)  # 柳林公园二期建设
    if noun and (first.kind not in ("amount", "percent") or (not change and _is_attribute(sentence, found, run, name))):
        return [noun] * len(run)
    if name in ("", "占"):  # the name stands before the figure or the clause before
        continued = earlier and _continues(sentence, found, run[0])
        name = (_base(earlier[-1]) if continued else _clause_before(sentence, first)) + name
    verb = change["verb"] if change else ""
    siblings = [part for part in _COORDINATED.split(name) if part]
    if len(run) > 1 and len(siblings) == len(run):
        return [sibling + verb for sibling in siblings]
    return [_share_name(name) if first.kind == "percent" and not change else name + verb] * len(run)


def _dated(sentence: str, mention: Mention) -> str:
    """What a date is the date of: the words behind it."""
    words = sentence[mention.end :].lstrip(' ,，、”’"')
    return _BREAK.split(words)[0].split("、")[0][:NOUN_LENGTH]


def _share_name(name: str) -> str:
    """占全市引进内资 → 占全市引进内资的比重, 三类海水占 → 三类海水占比."""
    if name.endswith("占"):
        return f"{name}比"
    return f"{name}的比重" if "占" in name and not name.endswith(("比重", "比例", "占比")) else name


def _base(name: str) -> str:
    """A name without the verb of change at its end."""
    change = _CHANGE.search(name)
    return name[: change.start()] if change and change.start() else name


def _continues(sentence: str, found: Sequence[Mention], at: int) -> bool:
    """Is nothing but marks and verbs between this figure and the one before?"""
    return at > 0 and not _PART.search(sentence[found[at - 1].end : found[at].start])


def _noun(sentence: str, found: Sequence[Mention], at: int) -> str:
    """What stands behind a figure as the thing that it counts; "" where a verb or a mark stands there."""
    right = _right(sentence, found, at).removeprefix("的")
    verb = _VERB.search(right)
    noun = right[: verb.start()] if verb else right
    noun = _unopened(noun).strip(' "·')
    return noun[:NOUN_LENGTH] if len(noun) > 1 or noun in _DIVISIONS else ""


def _is_attribute(sentence: str, found: Sequence[Mention], run: range, name: str) -> bool:
    """Does an amount stand before its noun (736平方千米绿色生态屏障), no name before it?"""
    attributive = len(name) <= VERBS_LENGTH or sentence.startswith("年产", found[run[0]].start)
    return attributive and not _NO_ATTRIBUTE.match(_right(sentence, found, run[-1]))


def _stripped(words: str) -> str:
    """A name without time, connectives and verbs around it."""
    words = re.sub(r"[(（][^()（）]*[)）]|\[\d+\]", "", words)
    words = re.split("[(（]", words)[-1]
    words = _unopened(words)
    while (cut := _TAIL.sub("", _LEAD.sub("", words.strip())).strip()) != words:
        words = cut
    if len(words) <= NAME_LENGTH:
        return words
    end = words[-NAME_LENGTH:]
    return end.partition("、")[2] or end


def _unopened(words: str) -> str:
    """Without what stands before a closing quotation mark that nothing opened."""
    for opening, closing in ("“”", "《》"):
        at = words.find(closing)
        if at >= 0 and opening not in words[:at]:
            words = words[at + 1 :]
    return words


def _clause_before(sentence: str, mention: Mention) -> str:
    """What the clause before a figure ends with: a document in 《》, else the words behind its last 的."""
    clauses = [c for c in _BREAK.split(sentence[: mention.start]) if c.strip()]
    if not clauses:
        return ""
    if book := re.search("《([^》]+)》[^《]*$", clauses[-1]):
        return book[1][:NAME_LENGTH]
    return _stripped(clauses[-1].rpartition("的")[2])


def _change(sentence: str, found: Sequence[Mention], at: int) -> str:
    """How a figure moved: its own words of change, else those of the figure that follows it."""
    own = _own_change(sentence, found, at)
    if own or at + 1 == len(found) or found[at].kind not in ("amount", "count", "percent", "rank"):
        return own
    between = sentence[found[at].end : found[at + 1].start]
    change = _CHANGE.search(between)
    if change and re.fullmatch(r"[,，、\s]*", between[: change.start()]):
        return _own_change(sentence, found, at + 1)
    return ""


def _own_change(sentence: str, found: Sequence[Mention], at: int) -> str:
    run = next(r for r in _runs(sentence, found) if at in r)
    left = _left(sentence, found, run[0])
    words = _CHANGE.search(left) or _REACHED.search(left)
    if words and at and found[at].kind == "rank" and (rise := _FROM.search(sentence[: found[at - 1].start])):
        return sentence[rise.start() : found[at].end]
    if not words or found[at].kind in ("date", "code", "ordinal"):
        return ""
    if found[at].kind == "count" and not words.groupdict().get("since") and _noun(sentence, found, run[-1]):
        return ""  # "优化提升12个产业": what is done to them, not how many more they are
    return sentence[found[run[0]].start - len(left) + words.start() : found[run[-1]].end].strip(" ,，、")


def _entity(sentence: str, mention: Mention, place: str) -> str:
    """The organisation or place named last before a figure in its part, else that of its document."""
    before = _PART.split(sentence[: mention.start])[-1]
    names = [(m.start("name"), m["name"]) for m in _ENTITY.finditer(before)]
    names += [(m.start(), place if m[0] in _HERE and place else m[0]) for m in _WHOLE.finditer(before)]
    return max(names)[1] if names else place
