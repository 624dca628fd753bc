"""Can a sentence be got from its quotes by leaving out what carries no claim, and by writing equal values otherwise?

Clause by clause, in any order of the clauses, a derived sentence has the words of a quote in the quote's order.
Left out may be: whole clauses, the end of a clause from a predicate or conjunction on, a date at its head, brackets,
and words that only colour ("进一步", "同比"). Added may be words that only connect ("其中", "报告显示"). Values are
compared by what they say: 2000万 is 20,000,000, 百分之十五 is 15%, 千米 is 公里; "超" is not "约". Dates govern the
clauses behind them, and a clause without a subject of its own stays behind the clause that has it.

So a number, unit, year, direction or name that the quotes do not say of the same thing cannot be derived. Free
paraphrase cannot either: it is refused, not guessed at.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from assistant.numerals import Quantity, arabic, quantity
from assistant.values import Value, values_in
from index import simplified

MAX_STATES = 100_000  # tried for one sentence, about a second: a text that needs more is no sentence

_WRITTEN = (
    ("km²", "平方公里"),
    ("hm²", "公顷"),
    ("㎡", "平方米"),
    ("m²", "平方米"),
    ("m³", "立方米"),
    ("㎢", "平方公里"),
)
_SAME_WORDS = (
    (re.compile(r"[比较]上一?年(?:同期)?|[比较]去年(?:同期)?|与上年相比"), "同比"),
    (re.compile("以及|[与及]"), "和"),
    (re.compile(r"(?<=[超约近过])为(?=\d)|为(?=[超约近]过?\d)"), ""),
)
_BREAK = re.compile(r"[,，;；。:：!！?？\n\r\t|…]|[.](?!\d)")
_WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9.+/-]*[A-Za-z0-9]|[^\W_]")
_EARLIER_WORD = re.compile(r"(?:突破|不足|不到|大约|至少|至多|最多|将近|不高于|不多于)$")
_DAY = re.compile(r"(?:(?P<year>\d{4})年)?(?:(?P<month>\d{1,2})月)?(?:(?P<day>\d{1,2})[日号])?(?P<end>[底末初])?")
_ISO_DAY = re.compile(r"(?P<year>\d{4})[-./](?P<month>\d{1,2})[-./](?P<day>\d{1,2})(?P<end>)")

_ADDED = (
    "根据报告|根据文件|报告显示|报告指出|报告提到|文件显示|文件指出|文档显示|据报告|其中|此外|另外|同时|并且|而且|"
    "共有|共计|一共|总共|目前|达到|达|为|是|有|共|的|了|在|和|并|也|还|均|都|the|a|an|of|in|by|to|and|also|was|were|is|are"
)
_COLOURING = re.compile(
    r"进一步|全面|持续|不断|加快|加速|深入|积极|大力|扎实|着力|切实|有效|有序|稳步|充分|成功|顺利|正式|圆满|明显|显著|大幅|"
    r"逐步|继续|更加|十分|非常|同比|其中|同时|此外|另外|并且|目前|截至目前|一共|总共|共计|已经|已|也|还|均|都|了|的|"
    r"(?:完成|达到|达|为|是|有|实现|共)(?=[超约近]?[过]?\d)|\([^()]*\)|"
    r"\b(?:the|a|an|also|has|have|had|been|was|were|is|are)\b"
)
_PREDICATE = (
    r"同比|其中|增长|增加|增至|提高|提升|上升|升至|上涨|扩大|下降|减少|减至|降低|降至|降幅|下滑|下跌|缩小|缩短|"
    r"完成|实现|达到|达|占|位居|居|位列|为|是|有|共|较|比|由|从"
)
_LEANING = re.compile(_PREDICATE)
_CUT = re.compile(rf"{_PREDICATE}|和|并|用于|等|对|向|在|将|推动|促进|带动|实施|开展|推进|建设")
_MARK_BEFORE = re.compile(r"[、“”()《》‘’\s]$")
# What changes the claim before it: an end of a clause with one of these is not left out.
_REVERSING = re.compile(
    r"不(?!断|仅|但|久)|未|没|无|非|取消|停止|目标|计划|拟|将|力争|预计|以内|之?前|not?\b|\bwithout\b|\bwill\b|\bplan|"
    r"\bbefore\b"
)
# What governs the clauses behind it: an aim is not told as a fact.
_FRAME = re.compile(r"到\d{4}年|力争|计划|预计|拟|今后|未来|下一步|争取|\bby \d{4}\b|\bwill\b|\bplan")
_BEFORE_DATE = re.compile(r"(?:在|于|自|从|截至|截止|到|至)?$")
_GOES_ON = re.compile(r"[以上下前后第期间至起中]")


@dataclass(frozen=True, slots=True)
class Day:
    """A date as far as it is stated; what is not is ""."""

    year: str
    month: str
    day: str
    end: str

    def within(self, other: "Day") -> bool:
        """Is all that this one states stated by the other?"""
        pairs = ((self.year, other.year), (self.month, other.month), (self.day, other.day), (self.end, other.end))
        return all(mine in ("", theirs) for mine, theirs in pairs)

    def completed(self, before: "Key | None") -> "Day":
        """With the year of the date before where it states none."""
        year = self.year or (before.year if isinstance(before, Day) else "")
        return Day(year, self.month, self.day, self.end)


Key = str | Quantity | Day


@dataclass(frozen=True, slots=True)
class _Token:
    """A character, Latin word or value at [start, end) of the normalised text; `clause` counts from 0."""

    key: Key
    start: int
    end: int
    clause: int
    dated: bool


@dataclass(frozen=True, slots=True)
class _Text:
    """A text taken apart. `dates`: for each clause, the date that governs it, None where none was stated so far."""

    text: str
    tokens: tuple[_Token, ...]
    dates: tuple[Key | None, ...]

    def clause(self, number: int) -> list[_Token]:
        return [t for t in self.tokens if t.clause == number]


def _normalised(text: str) -> str:
    for written, same in _WRITTEN:
        text = text.replace(written, same)
    form = arabic(simplified(unicodedata.normalize("NFKC", text)))
    for pattern, same in _SAME_WORDS:
        form = pattern.sub(same, form)
    return form


def _date(value: Value) -> Key:
    found = _DAY.fullmatch(value.text) or _ISO_DAY.fullmatch(value.text)
    if not found:
        return quantity(value.text) or value.text
    month, day = ((found[name] or "").lstrip("0") for name in ("month", "day"))
    return Day(found["year"] or "", month, day, found["end"] or "")


def _values(text: str) -> Iterator[tuple[int, int, Key, bool]]:
    """(start, end, what it says, is it a date) of each value, with the words beside it that belong to it."""
    end = 0
    for value in values_in(text):
        if value.start < end:
            continue
        earlier = _EARLIER_WORD.search(text[end : value.start])
        start = end + earlier.start() if earlier else value.start
        dated = value.value_class == "date"
        said = _date(value) if dated else text[start : value.end]
        key = said if dated or value.value_class == "code" else quantity(str(said)) or said
        yield start, value.end, key, dated
        end = value.end


def _taken_apart(text: str) -> _Text:
    form = _normalised(text)
    values = list(_values(form))
    tokens: list[_Token] = []
    clause, at, new = 0, 0, False
    while at < len(form):
        if values and values[0][0] == at:
            start, end, key, dated = values.pop(0)
        elif word := _WORD.match(form, at):
            stop = values[0][0] if values else len(form)
            start, end, key, dated = at, min(word.end(), stop), word[0][: stop - at].lower(), False
        else:
            new, at = new or bool(_BREAK.match(form, at)), at + 1
            continue
        clause += bool(new and tokens)
        tokens.append(_Token(key, start, end, clause, dated))
        new, at = False, end
    return _Text(form, tuple(tokens), tuple(_governing(form, tokens)))


def _governing(form: str, tokens: Sequence[_Token]) -> Iterator[Key | None]:
    """The date that governs each clause: the one at its head, else that of the clause before."""
    date: Key | None = None
    for number in range(tokens[-1].clause + 1 if tokens else 0):
        own = [t for t in tokens if t.clause == number]
        lead = next((t for t in own[:3] if t.dated), None)
        if lead and _BEFORE_DATE.fullmatch(form[own[0].start : lead.start]):
            date = lead.key.completed(date) if isinstance(lead.key, Day) else lead.key
        yield date


def _same(said: Key, quoted: Key) -> bool:
    return said.within(quoted) if isinstance(said, Day) and isinstance(quoted, Day) else said == quoted


class _Quote:
    """A quote's tokens, and what may be left out of it."""

    def __init__(self, text: _Text, said: str) -> None:
        self.text, self.tokens = text, text.tokens
        self.starts = [next(i for i, t in enumerate(self.tokens) if t.clause == c) for c in range(len(text.dates))]
        self.ends = [*self.starts[1:], len(self.tokens)]
        self.soft = self._soft()
        self.leaning = [self._leans(c) for c in range(len(text.dates))]
        self.framed = [self._frame_kept(c, said) for c in range(len(text.dates))]

    def _soft(self) -> list[bool]:
        """What may be left out anywhere in a clause: colouring words and a date at its head."""
        form = self.text.text
        spans = [m.span() for m in _COLOURING.finditer(form)]
        for start, end in zip(self.starts, self.ends, strict=True):
            lead = next((t for t in self.tokens[start : min(start + 3, end)] if t.dated), None)
            before = form[self.tokens[start].start : lead.start] if lead else ""
            if lead and before != "到" and _BEFORE_DATE.fullmatch(before) and not _GOES_ON.match(form, lead.end):
                spans.append((self.tokens[start].start, lead.end))
        return [any(a <= t.start and t.end <= b for a, b in spans) for t in self.tokens]

    def _leans(self, clause: int) -> bool:
        """Has the clause no subject of its own?"""
        hard = [i for i in range(self.starts[clause], self.ends[clause]) if not self.soft[i]]
        first = self.tokens[hard[0]] if hard else self.tokens[self.starts[clause]]
        return isinstance(first.key, Quantity) or bool(_LEANING.match(self.text.text, first.start))

    def _frame_kept(self, clause: int, said: str) -> bool:
        """Does the sentence say the aim or plan under which the clause stands in its statement?"""
        form, at = self.text.text, self.tokens[self.starts[clause]].start
        statement = max(form.rfind(mark, 0, at) for mark in ";。") + 1
        heads = [self.tokens[i].start for i in self.starts[: clause + 1] if self.tokens[i].start >= statement]
        frames = [found[0] for head in heads if (found := _FRAME.match(form, head))]
        return all(frame in said for frame in frames)

    def may_stop(self, at: int, clause: int) -> bool:
        """May the clause be broken off before token `at`: at its end, or where a predicate or conjunction begins?"""
        if at == self.ends[clause]:
            return True
        form, start = self.text.text, self.tokens[at].start
        rest = form[start : self.tokens[self.ends[clause] - 1].end]
        cut = _CUT.match(form, start) or _MARK_BEFORE.search(form[:start])
        return bool(cut) and not _REVERSING.search(rest)


class _Derivation:
    """Searches the ways in which a sentence may come out of its quotes.

    A state is (i, quote, at, clause, moved): the next word of the sentence, the next token of a quote with its
    clause, and whether anything was taken since the last jump to a clause.
    """

    def __init__(self, sentence: str, quotes: Sequence[str]) -> None:
        self.said = _taken_apart(sentence)
        self.quotes = [_Quote(text, self.said.text) for q in quotes if (text := _taken_apart(q)).tokens]
        self.added = self._added()
        self.fresh = self._fresh()

    def _added(self) -> dict[int, list[int]]:
        """Where a connecting word begins: the places where it ends."""
        tokens, form = self.said.tokens, self.said.text.lower()
        places = {t.start: i for i, t in enumerate(tokens)} | {len(form): len(tokens)}
        ends = {t.end: i + 1 for i, t in enumerate(tokens)}
        found: dict[int, list[int]] = {}
        for i, t in enumerate(tokens):
            stops = (ends.get(t.start + len(w)) for w in _ADDED.split("|") if form.startswith(w, t.start))
            found[i] = [stop for stop in stops if stop is not None and places.get(t.start) == i]
        return found

    def _fresh(self) -> list[bool]:
        """Does a piece of the sentence begin at the token, with nothing but connecting words before?"""
        tokens = self.said.tokens
        fresh = [i == 0 or tokens[i].clause != tokens[i - 1].clause for i in range(len(tokens))] + [False]
        for i in range(len(tokens)):
            for stop in self.added[i] if fresh[i] else ():
                fresh[stop] = fresh[stop] or stop < len(tokens)
        return fresh

    def _dates_only(self, i: int) -> bool:
        """Has the piece said nothing but a date before token i?"""
        clause = self.said.tokens[min(i, len(self.said.tokens) - 1)].clause
        return all(t.dated for t in self.said.tokens[:i] if t.clause == clause)

    def _next(self, state: tuple[int, int, int, int, bool]) -> Iterator[tuple[int, int, int, int, bool]]:
        i, number, at, clause, moved = state
        quote = self.quotes[number]
        if at < quote.ends[clause] and quote.soft[at]:
            yield i, number, at + 1, clause, moved
        if i == len(self.said.tokens):
            return
        for stop in self.added[i]:
            yield stop, number, at, clause, moved
        if at < quote.ends[clause]:
            if self._takes(self.said.tokens[i], quote, at, clause):
                yield i + 1, number, at + 1, clause, True
        elif clause + 1 < len(quote.starts):
            yield i, number, at, clause + 1, moved
        if moved and quote.may_stop(at, clause):
            yield from self._jumps(i, number, at, clause)

    def _takes(self, word: _Token, quote: _Quote, at: int, clause: int) -> bool:
        """Does the quote's token say the word, under the same date and the same aim?"""
        mine, theirs = self.said.dates[word.clause], quote.text.dates[clause]
        dated = mine is None or (theirs is not None and _same(mine, theirs))
        return dated and quote.framed[clause] and _same(word.key, quote.tokens[at].key)

    def _jumps(self, i: int, number: int, at: int, clause: int) -> Iterator[tuple[int, int, int, int, bool]]:
        """To the clauses with which the sentence may go on."""
        quote = self.quotes[number]
        whole = at == quote.ends[clause] or self._dates_only(i)
        for later in range(clause + 1, len(quote.starts)):
            follows = quote.leaning[later] and all(quote.leaning[clause + 1 : later])
            if follows or (whole and not quote.leaning[later]):
                yield i, number, quote.starts[later], later, False
        if self.fresh[i]:
            for other, source in enumerate(self.quotes):
                for place, start in enumerate(source.starts):
                    if not source.leaning[place]:
                        yield i, other, start, place, False

    def found(self) -> bool:
        if not self.said.tokens:
            return False
        waiting = [(0, n, at, c, False) for n, q in enumerate(self.quotes) for c, at in enumerate(q.starts)]
        seen = set(waiting)
        while waiting and len(seen) < MAX_STATES:
            i, number, at, clause, moved = waiting.pop()
            if i == len(self.said.tokens) and not self._dates_only(i) and self.quotes[number].may_stop(at, clause):
                return True
            for state in self._next((i, number, at, clause, moved)):
                if state not in seen:
                    seen.add(state)
                    waiting.append(state)
        return False


def derivable(sentence: str, quotes: Sequence[str]) -> bool:
    """Does the sentence say nothing that its quotes do not?"""
    return _Derivation(sentence, quotes).found()
