"""What else can be asked: questions near an answer, or near one that was not found, that the documents do answer.

Each has been put to the assistant and is offered only where its answer says something new.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import islice

from assistant.assistant import Assistant
from assistant.periods import section_named
from assistant.question import language_of
from assistant.types import Answer, Citation
from assistant.wording import pick
from index import Figure, UnknownDocument

OFFERED = 3  # questions
FIGURES_TRIED = 4  # of them at most: the rest go to topics
TRIED = 8  # candidates that are put to the assistant; each takes as long as a question does
TOPIC_LENGTHS = range(3, 25)  # characters: a shorter heading names nothing, a longer one is no topic

ASKED_KINDS = ("count", "amount", "percent")  # figures that one asks for, and ranks of what is called one

Candidate = tuple[str, str]  # a question, and what its short answer must hold

_MARK = re.compile(
    r"^(?:[一二三四五六七八九十]+、|[(\uff08][一二三四五六七八九十\d]+[)\uff09]|[一二三四五六七八九十]+是|"
    r"第[一二三四五六七八九十百\d]+[章节条篇部分]+|\d+(?:\.\d+)*[.、\s])\s*"
)
_FRAME = re.compile(r"^在(.+?)(?:上|方面|中)(?:展现|取得|实现|见|求|下).*$")  # 在……上展现新作为
_CUT = re.compile(r"[,\uff0c。;\uff1b:\uff1a、\s]")
_RANKED = re.compile(r"(?:排名|名次|位次|位居|位列)$")
_MOVED = re.compile(r"(?:增长|下降|提高|降低|减少|增加)$")
_NO_TOPIC = re.compile(r"进展|成效|回顾|下一步|安排|打算|总体|主要目标|附件|目录|报告")


def suggestions(
    assistant: Assistant, answer: Answer, asked: Sequence[str] = (), documents: Sequence[str] | None = None
) -> list[str]:
    """Up to OFFERED questions, best first; none of those `asked` already.

    `documents`: ids to search in, None for all.
    """
    found: list[str] = []
    known = {(c.document_id, c.start) for c in answer.citations}
    candidates = [*islice(_of_figures(assistant, answer), FIGURES_TRIED), *_of_topics(answer)]
    for question, value in candidates[:TRIED]:
        if len(found) == OFFERED:
            break
        if question in asked or question in found:
            continue
        try:
            told = assistant.ask(question, (), documents)
        except UnknownDocument:  # removed meanwhile
            continue
        new = {(c.document_id, c.start) for c in told.citations} - known
        if told.status == "answered" and not told.missing and new and value in (told.short_answer or ""):
            found.append(question)
            known |= new
    return found


def topic_of(heading: str) -> str | None:
    """What a heading is about, in its own words: its first clause without the outline mark."""
    bare = _MARK.sub("", heading.strip())
    topic = _FRAME.sub(r"\1", _CUT.split(bare, maxsplit=1)[0])
    return topic if len(topic) in TOPIC_LENGTHS and not _NO_TOPIC.search(topic) else None


def _of_figures(assistant: Assistant, answer: Answer) -> Iterator[Candidate]:
    """Of each source in turn: the other figures of its passage. In Chinese only, as the names of figures are."""
    if language_of(answer.question) == "en":
        return
    for source in answer.citations or answer.nearest:
        try:
            figures = assistant.library.figures([source.document_id])
        except UnknownDocument:  # removed meanwhile
            continue
        for figure in figures:
            inside = source.text_start <= figure.start < source.text_end
            cited = any(
                c.document_id == source.document_id and c.start <= figure.start < c.end for c in answer.citations
            )
            if inside and not cited and _can_be_asked_for(figure):
                yield _asking_for(figure), figure.value


def _can_be_asked_for(figure: Figure) -> bool:
    if len(figure.indicator) not in TOPIC_LENGTHS:
        return False
    return figure.kind in ASKED_KINDS or (figure.kind == "rank" and bool(_RANKED.search(figure.indicator)))


def _asking_for(figure: Figure) -> str:
    """The question whose short answer is a figure."""
    period = "" if figure.period in figure.indicator else figure.period
    if figure.kind == "count":
        asks = f"有多少{figure.unit}"
    elif figure.kind == "rank":
        asks = "是第几位"
    else:
        asks = "多少" if _MOVED.search(figure.indicator) else "是多少"
    return f"{period}{figure.indicator}{asks}?"


def _of_topics(answer: Answer) -> Iterator[Candidate]:
    """Of each source in turn: its topic's plans where it tells of progress, else its progress."""
    language = language_of(answer.question)
    for source in answer.citations or answer.nearest:
        for topic in _topics(source):
            if section_named(source.heading_path) == "progress":
                yield pick(language, f"下一步在{topic}方面有哪些安排?", f"What is planned next on {topic}?"), ""
                yield pick(language, f"{topic}有哪些进展?", f"What progress is reported on {topic}?"), ""
            else:
                yield pick(language, f"{topic}有哪些进展?", f"What progress is reported on {topic}?"), ""
                yield pick(language, f"{topic}有哪些安排?", f"What is planned on {topic}?"), ""


def _topics(source: Citation) -> Iterator[str]:
    """The topics of the headings above a source, the nearest first."""
    for heading in reversed(source.heading_path):
        if topic := topic_of(heading):
            yield topic
