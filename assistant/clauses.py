"""Cutting the sentences of a plan into clauses, each a thing to be done that can be looked up for itself.

Official plans run on: "强化承接的能动工作机制,健全承接布局动态调整机制,优化服务环境" are three promises in one
sentence. A piece between two marks stands for itself, unless it only leads in what follows ("围绕……,") or only says
what comes of what stands before it (",让……"). What gives no task (the situation, the spirit of the work, how a list
is announced) is no clause.
"""

import re
from dataclasses import dataclass
from itertools import pairwise

from assistant.places import PLACES

MIN_LENGTH = 5  # characters; a shorter piece ("做优增量") belongs to the one before it
MIN_TASK = 6  # characters on either side of a 、 that parts two tasks rather than two nouns

# A character reference that was left in a text (&ldquo;) ends nothing.
_MARK = re.compile(r"(?<!&amp)(?<!dquo)(?<!nbsp);|[；。!！?？]|[,，:：](?!\d{3})")
# "做强……“双枢纽”、建设……城市": a 、 before a verb of doing and its object parts tasks as a comma does.
_DOING = re.compile(
    "推动|推进|建设|建成|打造|完善|健全|强化|提升|培育|促进|加快|深化|实施|构建|优化|提高|加强|落实|扩大|增强|支持|巩固|拓展|做[强优大]"
)
_DOING_FIRST = re.compile(rf"\s*(?![在以把对从]).{{0,4}}?(?:{_DOING.pattern})")
_ENDS = frozenset(";；。!！?？:：")  # what leads in does so only as far as one of these
_OPEN, _CLOSE = "“‘「『(（《〈[【", "”’」』)）》〉]】"
_LETTER = re.compile(r"[^\W_]")
_ITEM = re.compile(
    r"\s*(?:[一二三四五六七八九十]{1,3}(?:是|要|、)|[(（][一二三四五六七八九十\d]{1,3}[)）]|第[一二三四五六七八九十]+[,，、]"
    r"|\d{1,2}[.、．](?!\d)|[#*\-—•·]+\s)\s*"
)
# "围绕建设北方国际航运枢纽," and "以项目建设为抓手," say to what end or by what means the next piece is done.
_LEADS_IN = re.compile(
    r"(?:围绕|按照|根据|随着|针对|立足|紧扣|瞄准|对标|借助|为了|作为|聚焦|依托|通过|结合|本着|遵循).+"
    r"|(?:要|坚持|始终)?(?:以|从|在|对|把).*(?:为[^为]{1,12}|[上中下]|方面|出发|着手|抓起|基础|前提|契机|同时|精神)"
)
# "让群众……", "为……提供支撑": what comes of the piece before.
_LEANS_BACK = re.compile(r"让|使|并(?!轨|购|网)|以及|从而|进而|尽快|为(?!民|企)|与|也|又|且")
# Who is addressed, how things stand, what a year is, how a list is announced: nothing of it is to be done.
_SITUATION = re.compile(
    r"当前|目前|面对|站在|踏上|各位代表|让我们|同志们|我们(?:也)?(?:深刻|清醒)|(?:必须)?(?:清醒)?看到"
)
_STATES = re.compile(
    r"^[^,]{0,24}(?:今年|明年|\d{4}年|时期|五年)[^,]{0,8}是|^(?:也|又|更)?是(?!否)"
    r"|以下|如下|上述|处于|正在|没有(?:改)?变|(?:确定|作出|明确|提供|指明|取得|积累)了|为\S{1,16}注入|意义(?:重大|深远)|[个项]方面(?:的)?(?:重点)?(?:工作|任务)$"
    r"|^(?:做好|抓好|完成好?)\S{0,4}(?:今年|明年|\d{4}年|今后|各项)\S{0,8}(?:工作|任务)$"
)
# "固定资产投资增长6.5%", "城镇调查失业率控制在5.5%以内": an indicator and where it is to be.
_TARGET = re.compile(
    rf"(?:全[国省市区县]|(?:{'|'.join(PLACES)})[省市港]?)?(?:地区)?(?P<what>[^\d,，]{{3,24}}?)(?:年均|同比|平均|实际)?"
    r"(?:增长|增幅|下降|降幅|涨幅|达到|达|控制在|保持在|稳定在|维持在|突破|超过|提高|降低|不低于|高于)[^\d,，]{0,6}\d"
)
# In whose spirit the work is done. A formula of every report, which names no task.
_SPIRIT = re.compile(
    r"思想为指导|思想(?:武装|凝心)|(?:党的?|全会|会议|讲话|指示|批示)\S{0,24}精神|新发展(?:阶段|理念|格局)$|总基调|四个意识|两个确立|两个维护"
    r"|坚强领导|决策部署|总体要求$"
)


@dataclass(frozen=True, slots=True)
class Clause:
    """[start, end) of one clause in the sentence's own code points, marks at either end left out."""

    start: int
    end: int


def clauses(sentence: str) -> list[Clause]:
    """The clauses of a plan's sentence in order; none where it sets no task."""
    begin = found.end() if (found := _ITEM.match(sentence)) else 0
    if _SITUATION.match(sentence, begin):
        return []
    pieces = _pieces(sentence, begin)
    joined = _joined(sentence, pieces)
    return [clause for clause in joined if _is_task(sentence[clause.start : clause.end])]


def measured(text: str) -> str | None:
    """What a clause sets a figure for ("社会消费品零售总额" of "社会消费品零售总额增长7%"); None where it sets none."""
    found = _TARGET.match(text)
    return found["what"] if found else None


def names_spirit(text: str) -> bool:
    """Does the text only, or also, say in whose spirit the work is done?"""
    return bool(_SPIRIT.search(text))


def _pieces(sentence: str, begin: int) -> list[Clause]:
    """Between the marks that stand in no quotation or bracket; without what a colon ends and what names the spirit."""
    cuts, depth = [begin - 1], 0
    for at in range(begin, len(sentence)):
        depth = max(0, depth + (sentence[at] in _OPEN) - (sentence[at] in _CLOSE))
        if depth == 0 and (_MARK.match(sentence, at) or _parts_tasks(sentence, cuts[-1] + 1, at)):
            cuts.append(at)
    spans = [_trimmed(sentence, a + 1, b) for a, b in pairwise([*cuts, len(sentence)])]
    return [span for span in spans if _may_stand(sentence[span.start : span.end], sentence[span.end : span.end + 1])]


def _may_stand(text: str, after: str) -> bool:
    return bool(_LETTER.search(text)) and after not in (":", "：") and not names_spirit(text)


def _parts_tasks(sentence: str, start: int, at: int) -> bool:
    """Is there a 、 between two verbs with objects of their own?"""
    if sentence[at] != "、" or at - start < MIN_TASK or not _DOING_FIRST.match(sentence, start, at):
        return False
    verb = _DOING.match(sentence, at + 1)
    end = min((i for i in range(at + 1, len(sentence)) if sentence[i] in "、,，;；。"), default=len(sentence))
    return bool(verb) and end - at > MIN_TASK


def _joined(sentence: str, pieces: list[Clause]) -> list[Clause]:
    """What leads in goes with the next piece, what leans back with the one before."""
    found: list[Clause] = []
    for piece in pieces:
        if found and _belongs(sentence, found[-1], piece):
            found[-1] = Clause(found[-1].start, piece.end)
        else:
            found.append(piece)
    return found


def _belongs(sentence: str, before: Clause, piece: Clause) -> bool:
    if sentence[before.end : before.end + 1] in _ENDS:
        return False
    last = re.split(r"[,，]", sentence[before.start : before.end])[-1]
    short = piece.end - piece.start < MIN_LENGTH
    return bool(_LEADS_IN.fullmatch(last) or _LEANS_BACK.match(sentence, piece.start, piece.end) or short)


def _is_task(text: str) -> bool:
    return len(text) >= MIN_LENGTH and not _STATES.search(text)


def _trimmed(text: str, start: int, end: int) -> Clause:
    piece = text[start:end]
    return Clause(start + len(piece) - len(piece.lstrip()), end - len(piece) + len(piece.rstrip()))
