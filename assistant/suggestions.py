"""What else can be asked: questions near an answer, or near one that was not found, that the documents do answer.

Each has been put to the assistant and is offered only where its answer says something new.
"""

import re
from collections.abc import Iterator, Sequence

from assistant.assistant import Assistant
from assistant.periods import section_named
from assistant.question import language_of
from assistant.types import Answer, Citation
from assistant.wording import pick
from index import UnknownDocument

OFFERED = 3  # questions
TRIED = 8  # candidates that are put to the assistant; each takes as long as a question does
TOPIC_LENGTHS = range(3, 25)  # characters: a shorter heading names nothing, a longer one is no topic

_MARK = re.compile(
    r"^(?:[一二三四五六七八九十]+、|[((][一二三四五六七八九十\d]+[))]|[一二三四五六七八九十]+是|"
    r"第[一二三四五六七八九十百\d]+[章节条篇部分]+|\d+(?:\.\d+)*[.、\s])\s*"
)
_FRAME = re.compile(r"^在(.+?)(?:上|方面|中)(?:展现|取得|实现|见|求|下).*$")  # 在……上展现新作为
_CUT = re.compile(r"[,,。;;::、\s]")
_NO_TOPIC = re.compile(r"进展|成效|回顾|下一步|安排|打算|总体|主要目标|附件|目录|报告")


def suggestions(
    assistant: Assistant, answer: Answer, asked: Sequence[str] = (), documents: Sequence[str] | None = None
) -> list[str]:
    """Up to OFFERED questions, best first; none of those `asked` already.

    `documents`: ids to search in, None for all.
    """
    found: list[str] = []
    known = {(c.document_id, c.start) for c in answer.citations}
    for tried, question in enumerate(_candidates(answer)):
        if len(found) == OFFERED or tried == TRIED:
            break
        if question in asked or question in found:
            continue
        try:
            told = assistant.ask(question, (), documents)
        except UnknownDocument:  # removed meanwhile
            continue
        new = {(c.document_id, c.start) for c in told.citations} - known
        if told.status == "answered" and not told.missing and new:
            found.append(question)
            known |= new
    return found


def topic_of(heading: str) -> str | None:
    """What a heading is about, in its own words: its first clause without the outline mark."""
    bare = _MARK.sub("", heading.strip())
    topic = _FRAME.sub(r"\1", _CUT.split(bare, maxsplit=1)[0])
    return topic if len(topic) in TOPIC_LENGTHS and not _NO_TOPIC.search(topic) else None


def _candidates(answer: Answer) -> Iterator[str]:
    """Of each source in turn: its topic's plans where it tells of progress, else its progress."""
    language = language_of(answer.question)
    for source in answer.citations or answer.nearest:
        for topic in _topics(source):
            if section_named(source.heading_path) == "progress":
                yield pick(language, f"下一步在{topic}方面有哪些安排?", f"What is planned next on {topic}?")
                yield pick(language, f"{topic}有哪些进展?", f"What progress is reported on {topic}?")
            else:
                yield pick(language, f"{topic}有哪些进展?", f"What progress is reported on {topic}?")
                yield pick(language, f"{topic}有哪些安排?", f"What is planned on {topic}?")


def _topics(source: Citation) -> Iterator[str]:
    """The topics of the headings above a source, the nearest first."""
    for heading in reversed(source.heading_path):
        if topic := topic_of(heading):
            yield topic
