"""What a question takes for granted, and whether the sentence says otherwise.

"为什么没批下来" takes for granted that it was not approved, "为啥取消了" that it was ended, "怎么下降了" that it fell.
A sentence that says nothing of the kind does not answer, however much it speaks of the thing.
"""

import re

from assistant.evidence import Evidence, Objection, common_stretches
from assistant.question import Question
from index import simplified

SPOKEN_OF = 3  # characters that question and sentence share: with fewer it may be about something else
_UP = re.compile(r"上升|增长|增加|提高|上涨|升高|扩大|增至|升至|增产|增收|历史(?:最高|新高)")
_DOWN = re.compile(r"下降|减少|降低|下滑|下跌|缩小|降至|减产")
# What did not happen: asked for its reason, or for which and how many it did not happen to.
_DENIED = re.compile(r"(?<!有)(?:没有?|未|尚未)能?(?=[\u4e00-\u9fff])(?!什么|啥|来|有|.{0,2}(?:之?前|以前|吗))")
_UNDONE = re.compile(
    r"(?:没有?|未|尚未)(?:办成|做成|完成|达标|达到|实现|落实|兑现|复工|开工|竣工|通车|通航|批|落地|摘)"
)
_STILL = re.compile(r"怎么.{0,12}(?:还|到现在)")
_SAYS_NO = re.compile(r"没|未|不|无|难|滞后|短板|缺|欠|低于|尚|停|退|取消|推迟|减|降|失")
# What ended, failed, came late or grew worse, each with what a sentence says it by.
_ENDED: tuple[tuple[re.Pattern[str], re.Pattern[str]], ...] = (
    (re.compile(r"取消|叫停|停[掉工了]|搁置"), re.compile(r"取消|停|撤|废|退|终止|不再|结束|清理|精简|减|压|免|关闭")),
    (re.compile(r"推迟|延期"), re.compile(r"推迟|延|迟")),
    (re.compile(r"黄了|失败|泡汤|落选"), re.compile(r"失败|落选|未|没|不|终止|取消")),
    (re.compile(r"变差|恶化|越来越[差糟坏]"), re.compile(r"恶化|差|不|降|减|低|退|升|增")),
    (re.compile(r"越来越少"), re.compile(r"减|降|少|萎缩|不足|压")),
    (re.compile(r"[掉跌]出|跌破"), re.compile(r"[掉跌]|退|降|滑")),
)


def _says_otherwise(question: Question, text: str) -> Objection:
    """The clause that speaks of what the question names, where one does."""
    form = simplified(text).lower()
    shared = [(b - a, a) for a, b in common_stretches(question.stated, form) if b - a >= SPOKEN_OF]
    if not shared:
        return Objection("文档没有这样说", "the documents do not say so")
    at = max(shared)[1]
    start = max(form.rfind(mark, 0, at) for mark in ",，;；。") + 1
    end = min((i for i in range(at, len(form)) if form[i] in ",，;；。"), default=len(form))
    words = text[start:end].strip()
    return Objection(f"文档说的是“{words}”", f'the documents say otherwise: "{words}"', correction=True)


def check_denied(question: Question, evidence: Evidence) -> Objection | None:
    """What the question says did not happen, or came to an end, the sentence says did not, or ended."""
    text, form = evidence.sentence.text, question.said
    reason = question.reason or bool(_STILL.search(form))
    if (reason and _DENIED.search(form)) or (not question.yes_no and _UNDONE.search(form)):
        return None if _SAYS_NO.search(text) else _says_otherwise(question, text)
    for asked, told in _ENDED if not question.yes_no else ():
        if asked.search(form) and not told.search(text):
            return _says_otherwise(question, text)
    return None


def check_direction(question: Question, evidence: Evidence) -> Objection | None:
    """A rise is not explained by a sentence that reports a fall: the premise is false, and the sentence says so."""
    if question.direction is None or not (question.reason or question.yes_no or question.kind == "value"):
        return None
    text = evidence.sentence.text
    told = text[_after_name(question, text) :]
    up, down = _UP.search(told), _DOWN.search(told)
    first = min((m for m in (up, down) if m), key=lambda m: m.start(), default=None)
    if first is None or first is (up if question.direction == "up" else down):
        return None
    says = re.match(r"[^,，、。;；]*", told[first.start() :])
    words = says[0] if says else first[0]
    return Objection(f"文档说的是“{words}”", f'the documents say otherwise: "{words}"', correction=True)


def _after_name(question: Question, text: str) -> int:
    """Where the sentence has said the longest word that it shares with the question; 0 where it shares none.

    What is first said to rise or fall from there on is said of that.
    """
    form = simplified(text).lower()
    shared = list(re.finditer(r"[a-z][a-z0-9.]+", form))
    nouns = _DOWN.sub(lambda m: " " * len(m[0]), _UP.sub(lambda m: " " * len(m[0]), form))
    spans = [m.span() for m in shared if m[0] in question.stated] or common_stretches(question.stated, nouns)
    spans = [(a, b) for a, b in spans if b - a >= 2]
    return max(spans, key=lambda span: span[1] - span[0])[1] if spans else 0
