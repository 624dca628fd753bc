"""Understanding a question: its script, what it asks for, what it states, and what it takes from history.

Rules of the language, not of one document: they look at how Chinese and English ask, never at topics.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from assistant.glossary import official
from assistant.types import Turn
from index import Query, matching_form

Language = Literal["zh", "zh-Hant", "en"]
Kind = Literal["value", "name", "list", "open"]
Section = Literal["plan", "progress"]

ASKING_WEIGHT = 0.3  # a word of asking says little about where the answer stands
HISTORY_WEIGHT = 0.35  # words of the question before, in a follow-up
HISTORY_SHARE = 0.5  # and together never more than this share of what the follow-up's own words weigh
SHORT_FOLLOW_UP = 6  # letters besides words of asking: with fewer a question leans on the one before

_HAN = re.compile(r"[\u3400-\u9fff]")
_LATIN = re.compile(r"[A-Za-z]")
# Words that ask, and words around them that carry no content.
ASKING = re.compile(
    r"(?:请问|请|我想知道|想知道|告诉我|说说|讲讲|介绍一下|列举|举几个|一共|总共|到底|究竟|具体|分别|各自|"
    r"为什么|为何|为啥|怎么样|怎么|怎样|如何|多少|多大|多高|多长|多久|多远|几(?=[^\d]|$)|哪些|哪几|哪年|哪天|哪|"
    r"什么时候|什么|啥|谁|是不是|是否|有没有|吗|呢|呀|啊|吧|来着|是|有|了|的|[?？!！。,，、])"
    r"|\b(?:how (?:many|much|long|high|tall|big)|what|which|who|when|where|why|how|is|are|was|were|the|does|do|did|"
    r"of|in|a|an|to|for|there)\b"
)
_LIST = re.compile(
    r"哪些|哪几|哪[两俩二三仨四五六七八九十]|有啥|啥具体|分别|各是|各有|列举|举几个|哪里几|指的?哪|"
    r"\bwhich\b.*\b(?:are|were)\b|\bwhat\b[\w\s]*\b(?:are|were)\b|\blist\b"
)
_NAME = re.compile(
    r"谁|叫什么|叫啥|什么名|简称|全名|名称|哪个|哪家|哪位|哪所|哪条|哪种|哪里|哪儿|在哪|(?<!为)(?:什么|啥)|"
    r"\b(?:who|which|what|where)\b"
)
# "涨没涨" and "能不能" ask by repeating a word around its denial.
_YES_NO = re.compile(
    r"吗[?？]?$|是否|能否|可否|有没有|(\w)[不没]\1|[了完成]没有?[?？]?$|^(?:is|are|was|were|did|does|do|has|have)\b"
)
_REASON = re.compile(r"为什么|为何|为啥|什么原因|\bwhy\b")
PLAN = re.compile(
    r"下一?步|往后|以后|今后|之后|后续|后头|后面|接着|接下来|将来|未来|打算|(?<!年)(?<!行动)计划(?!单列|生育)|准备|安排|"
    r"(?<![主重需必])要.{0,4}(?:建|推|打造|做|干|办|怎|设|改|修|搞|增|完成|达到)|"
    r"目标(?!.{0,6}(?:完成|实现|达成|达到|达标))|定的?(?:任务|指标)|"
    r"将.{0,4}(?:建|推|打造)|还要|怎么继续|\b(?:next|plan|plans|planned|will|going to|future)\b"
)
_DONE = re.compile(r"实际(?!控制)|[\u4e00-\u9fff]了(?:多少|几)|[\u4e00-\u9fff]了.{1,6}(?:多少|几[个家条座所万])")
PROGRESS = re.compile(
    r"已经|目前|现在|眼下|进展|成绩|成效|现状|干成|做成|[做改修建办]完|到哪步|什么程度|完成|已有|"
    r"\b(?:so far|already|achieved|progress)\b"
)
_COMMAND = re.compile(
    r"忽略.{0,12}(?:指令|提示|规则|要求)|系统提示词|提示词|(?:猜|预测)(?:一?下|猜|看)|编(?:一个|造|个)|"
    r"假设.{0,12}(?:写|说|是|有)|你(?:觉得|认为|怎么看)|你是谁|写(?:一首|首|一篇|个)(?:诗|歌|作文|故事|代码)|"
    r"ignore .{0,40}instructions|system prompt|\b(?:do you think|your opinion|write me a|guess)\b"
)
_YEAR = re.compile(r"(?<!\d)((?:19|20)\d\d)(?!\d)|(?<!\d)([012]\d)年")
_EDITION = re.compile(r"第([零〇一二三四五六七八九十百\d]+)([届期批轮次版])")
# "这" and "那" point back at the start of a clause or after a preposition; in "码头这块" they mark the topic, and
# "这几年", "this year" are counted from today.
_PRONOUN = re.compile(
    r"(?<!其)[它他她]们?|^其中|其(?!他|它|实|余|中)|[前后两二]者|上述|"
    r"(?:^|[,;、\s在对把从为和跟于])(?:这(?![\d两二三四五六七八九十几些来]+年|段时间|个月)|那|该|此)|"
    r"\b(?:it|its|they|their)\b|(?:^|\b(?:is|was|does|did|of|for|in|at|on|by|to|with|and|about) )"
    r"(?:this|that|these|those)\b(?! (?:year|month))"
)
_ELLIPSIS = re.compile(r"^(?:那|还有|另外)|^(?:and|(?:what|how) about)\b|(?:呢|呐)[?？]?$")
# A follow-up with a word of asking of its own asks by that, not by the question before.
_ASKS_ITSELF = re.compile(r"什么|啥|谁|哪|怎|如何|为何|\b(?:who|where|when|why|which)\b|\b(?:what|how)\b(?! about)")
_UP = re.compile(
    r"上升|增长|增加|提高|上涨|升高|扩大|涨了(?!多少|几)|(?<!多)(?<!少)多了(?!少|几)|涨幅|[涨升]到|变[多大高]|增产|\b(?:increas|rise|rose|grew|grow)"
)
_DOWN = re.compile(
    r"下降|减少|降低|下滑|下跌|缩小|[降跌掉]了(?!多少|几)|(?<!多)少了(?!多少|几)|[降跌掉滑]到|变[少小低]|减产|\b(?:decreas|fall|fell|drop|declin|reduc)"
)

# What a value is asked by, and the class of value that answers; the first that fits counts.
_VALUE_CLASSES: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("code", re.compile(r"几加几")),
    (
        "percent",
        re.compile(
            r"百分之[几多]|百分比|几个(?:百分)?点|几成|占比|比例|比率|比重|份额|[覆增降]\S{0,4}率|涨幅|降幅|增幅|增速|增长目标|目标增长|"
            r"率[^,;、的]{0,6}?(?:(?:多少|几)(?![\u4e00-\u9fff])|$)|占(?![地用])[^,;]{0,10}?(?:多少|几)(?![\u4e00-\u9fff])|"
            r"\bpercent|\bshare\b|\brate\b|\bproportion\b"
        ),
    ),
    (
        "change",
        re.compile(
            r"(?:增长|增加|增产|增收|下降|减少|减产|降低|缩短|上升|上涨|提高|[少多长]了|[涨跌降升蹿窜])了?(?:多少|几)(?![\u4e00-\u9fff])"
        ),
    ),
    (
        "any",
        re.compile(
            r"[到至](?:多少|几)(?![\u4e00-\u9fff])|(?:盘子|规模|家底|体量)\S{0,2}多大|多大的?(?:盘子|规模|体量)"
        ),
    ),
    (
        "rank",
        re.compile(
            r"第几(?![届期批轮次版])|前几(?![年天次届个月])|老几|排名|名次|座次|[排列居]\S{0,4}?(?:多少|几)[名位]|\brank"
        ),
    ),
    (
        "money",
        re.compile(
            r"多少钱|[几多]少?(?:个)?[万亿]?[美欧日]?元|多少资金|资金(?:是|有)?多少|资本|(?:投|花|掏|出|砸|给|拨)了?(?:多少|几)(?=个?[万亿]|$)|"
            r"总?投资(?:额)?(?:是|有|约|达)?(?:多少|几)|多少(?![个家项条所座]).{0,4}(?:钱|投资|经费|资金)|几块钱|经费|总盘子|预算|收入|生产总值|总产值|增加值|gdp|"
            r"\bhow much\b.{0,24}\b(?:money|invest|cost|spent|fund|yuan)|\bmoney\b|\bcost\b"
        ),
    ),
    ("area", re.compile(r"多大面积|面积|多大(?!量)|公顷|平方|\b(?:what|how (?:large|big)).{0,20}\barea\b|\bsquare\b")),
    ("time", re.compile(r"多久|多长时间|几个?小时|几分钟|\bhow long\b")),
    ("length", re.compile(r"多长|里程|几公里|多少公里|多远")),
    (
        "date",
        re.compile(r"哪年|哪一年|几几年|何时|什么时候|哪天|几月|几号|打哪年|\bwhen\b|\bwhat year\b|\bwhich year\b"),
    ),
    ("concentration", re.compile(r"浓度|年均?值|微克|pm ?2\.?5|pm ?10\b")),
    ("count", re.compile(r"多少|(?<![哪举这那近前好])几(?:[^\d]|$)|\bhow many\b|\bhow much\b|\bnumber of\b")),
)
_MEASURE = re.compile(
    r"(?:多少|(?<![这那近前好])几)(?:个(?=方面)|大|来?多?)(方面|期|届|级|轮|拨|个|家|项|条|所|位|名|件|户|人次|人|天|年|座|款|枚|批|次|场|种|艘|架|辆|套|倍|岁|亩|吨|箱|对|张|处|支|只|头|台|部(?![门分委署])|栋|棵|株|盏)"
)
# Units of measurement, unlike measure words, are never exchanged for one another.
_UNIT = re.compile(
    r"(?:多少|几)[十百千万亿]*(吨|斤|公里|千米|公顷|平方千米|平方公里|亩|标准箱|千瓦时|小时|个百分点|美元)"
)
_ENGLISH_UNITS = (
    ("ton", "吨"),
    ("hectare", "公顷"),
    ("square k", "平方公里"),
    ("kilomet", "公里"),
    ("km", "公里"),
    ("percentage point", "个百分点"),
)
_MONEY_SAID = re.compile(r"钱|元|资金|投资|经费")
_PLAIN_ASKING = re.compile(
    r"多少|(?<![哪这那近前好])几|how many|how much|what (?:percentage|percent|share|proportion)\b"
)
_INDICATOR = re.compile(
    r"(?:数|量|额|值|率|比|面积|浓度|规模|资金|时间|人数|排名|里程|产值|总量|增幅|涨幅|降幅)(?:是|有|为)?[?？]?$"
    r"|\b(?:rate|share|percentage|proportion|area|cost|amount|length|rank|ranking)[?？]?$"
    r"|\bwhat (?:is|was) the (?:\w+ ){0,4}(?:rate|share|percentage|proportion|area|cost|amount|length)\b"
)


@dataclass(frozen=True, slots=True)
class Question:
    """What was asked, and how it will be looked for.

    Texts for matching are simplified and half-width. `stated` is the query's text less what belongs to
    another part of the question; `content` the spans of its words that are no words of asking; `focus` the
    new subject of a follow-up like "海铁联运呢?"; `own` what a question says that leans on the one before.
    """

    text: str
    language: Language
    query: Query
    kind: Kind
    value_class: str | None = None
    measure: str | None = None
    unit: str | None = None
    years: frozenset[str] = frozenset()
    editions: frozenset[tuple[str, str]] = frozenset()
    section: Section | None = None
    both_sections: bool = False
    direction: Literal["up", "down"] | None = None
    yes_no: bool = False
    reason: bool = False
    command: bool = False
    standalone: str | None = None
    stated: str = ""
    focus: str | None = None
    leans: bool = False
    own: str = ""
    content: tuple[tuple[int, int], ...] = ()

    @property
    def said(self) -> str:
        """What it says itself, without the question before."""
        return self.own or self.stated

    def naming(self, start: int, end: int) -> "Question":
        """The question with the name of a document, [start, end) of its text, held back in the search.

        The year in that name is the document's, not the fact's. Its place and office are still asked for: the
        document that was found may be another's.
        """
        named = years_in(self.stated[start:end])
        elsewhere = years_in(self.stated[:start] + " " * (end - start) + self.stated[end:])
        weights = (*self.query.weights, (start, end, ASKING_WEIGHT))
        return replace(self, query=replace(self.query, weights=weights), years=self.years - (named - elsewhere))


def language_of(text: str) -> Language:
    """The language of the words around the quotes: English without Han characters, traditional by its characters."""
    if not _HAN.search(text):
        return "en" if _LATIN.search(text) else "zh"
    folded = matching_form(text)
    return "zh-Hant" if [c for c in folded if _HAN.match(c)] != [c for c in text if _HAN.match(c)] else "zh"


def years_in(text: str) -> frozenset[str]:
    """Years a question names, two-digit ones ("21年") completed."""
    return frozenset(full or f"20{short}" for full, short in _YEAR.findall(text))


def _leans_on_history(form: str) -> bool:
    letters = re.sub(r"\W", "", ASKING.sub("", form))
    return bool(_PRONOUN.search(form) or _ELLIPSIS.search(form)) or len(letters) < SHORT_FOLLOW_UP


def _with_new_year(form: str, before: str) -> str | None:
    """ "那2021年呢?" is the question before with that year in it; None for any other follow-up."""
    bare = re.sub(r"^那么?|^(?:and|what about|how about)(?: in)?\b|的?[呢呐?？]+$", "", form)
    if not years_in(bare) or re.sub(r"[\d年\W]", "", bare):
        return None
    years = sorted(years_in(bare))
    if language_of(before) == "en":
        year = " and ".join(years)
        replaced, count = re.subn(r"(?<!\d)(?:19|20)\d\d(?!\d)", year, before)
        return replaced if count else f"{before.rstrip('?')} in {year}?"
    year = "、".join(f"{y}年" for y in years)
    replaced, count = re.subn(r"(?<!\d)(?:(?:19|20)\d\d|[012]\d)年", year, before)
    return replaced if count else f"{year}{before}"


def _focus(form: str) -> str | None:
    """In "海铁联运呢?" the new subject; None where a follow-up has other words of its own."""
    bare = re.sub(r"^那么?|的?[呢呐][?？]*$", "", form)
    return bare if _ELLIPSIS.search(form) and re.fullmatch(r"\w{2,12}", bare) and not ASKING.search(bare) else None


def asks(form: str) -> tuple[Kind, str | None, str | None]:
    """(kind, class of value, measure word)."""
    measure = _MEASURE.search(form)
    value = next((name for name, asked in _VALUE_CLASSES if asked.search(form)), None)
    if value == "money" and "目标" in form and not _MONEY_SAID.search(form):
        value = "any"  # a target of output or revenue is told as an amount or as a rate
    plain_asking = _PLAIN_ASKING.search(form)
    asks_more = plain_asking or value == "date" or _LIST.search(form) or _NAME.search(form)
    if not asks_more and (_YES_NO.search(form) or _REASON.search(form)):  # "失业率降了没" asks for no figure
        return "open", None, None
    if value in {"percent", "money", "area", "length", "concentration", "rank", "time"} and not plain_asking:
        value = value if _INDICATOR.search(form) or not (_NAME.search(form) or _LIST.search(form)) else None
    if _LIST.search(form) and not (value and plain_asking and "分别" not in form and "各" not in form):
        return "list", None, None
    if value:
        return "value", value, measure[1] if measure else None
    if _NAME.search(form):
        return "name", None, None
    return ("value", "any", None) if _INDICATOR.search(form) else ("open", None, None)


def _weights(form: str, before_at: int | None) -> tuple[tuple[int, int, float], ...]:
    weights = [(m.start(), m.end(), ASKING_WEIGHT) for m in ASKING.finditer(form)]
    if before_at is not None:
        own = [w for w in weights if w[0] < before_at]
        said = before_at - 1 - sum((end - start) * (1 - weight) for start, end, weight in own)
        weight = min(HISTORY_WEIGHT, HISTORY_SHARE * said / max(len(form) - before_at, 1))
        weights = [*own, (before_at, len(form), weight)]
    return tuple(weights)


def _content(form: str, weights: tuple[tuple[int, int, float], ...]) -> tuple[tuple[int, int], ...]:
    """The stretches of the query that carry content."""
    covered = [False] * len(form)
    for start, end, _ in weights:
        covered[start:end] = [True] * (end - start)
    return tuple(
        (m.start(), m.end())
        for m in re.finditer(r"\w+", "".join(" " if hidden else c for c, hidden in zip(form, covered, strict=True)))
    )


def _unit(form: str) -> str | None:
    """The unit of measurement that is asked with."""
    if named := _UNIT.search(form):
        return named[1]
    return next((unit for word, unit in _ENGLISH_UNITS if re.search(rf"how many {word}", form)), None)


def _form(text: str) -> str:
    """The form in which a question is matched: half-width, simplified, its short forms spelt out."""
    return official(" ".join(matching_form(text).split()))


def understand(text: str, history: Sequence[Turn] = ()) -> Question:
    """What a question asks for, made standalone from the turn before where it leans on it."""
    form, before = _form(text), _form(history[-1].question) if history else ""
    leans = bool(before) and _leans_on_history(form)
    if leans and (same := _with_new_year(form, before)):
        return replace(understand(same), text=text, language=language_of(text), standalone=same)
    whole = f"{form} {before}" if leans else form
    kind, value, measure = asks(form)
    if leans and kind in {"open", "name"} and _ELLIPSIS.search(form) and not _ASKS_ITSELF.search(form):
        kind, value, measure = asks(before)
    years = years_in(form) or (years_in(before) if leans else frozenset())
    weights = _weights(whole, len(form) + 1 if leans else None)
    plan, progress = bool(PLAN.search(form)), bool(PROGRESS.search(form))
    progress = progress or (bool(_DONE.search(form)) and not plan)
    up, down = bool(_UP.search(form)), bool(_DOWN.search(form))
    return Question(
        text=text,
        language=language_of(text),
        query=Query(whole, weights),
        kind=kind,
        value_class=value,
        measure=measure,
        unit=_unit(form),
        years=years,
        editions=frozenset(_EDITION.findall(form)),
        section="plan" if plan and not progress else "progress" if progress and not plan else None,
        both_sections=plan and progress,
        direction="up" if up and not down else "down" if down and not up else None,
        yes_no=bool(_YES_NO.search(form)),
        reason=bool(_REASON.search(form)),
        command=bool(_COMMAND.search(form)),
        standalone=f"{form.rstrip('?')}(承上问:{before})" if leans else None,
        stated=whole,
        focus=_focus(form) if leans else None,
        leans=leans,
        own=form if leans else "",
        content=_content(whole, weights),
    )
