"""Answers made by hand from the report, a stand-in for the assistant, and a reader of HTML."""

from collections.abc import Callable, Sequence
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace

import pytest

from assistant import (
    Answer,
    Citation,
    Document,
    InputRefused,
    Progress,
    Readiness,
    Sentence,
    Turn,
)

REPORT = Path(__file__).parents[3] / "source_docs" / "report.txt"
TITLE = "天津市推进京津冀协同发展情况报告"
EVIL = "<img src=x onerror=\"alert('1')\">&amp;"


class FakeAssistant:
    """Becomes ready after `waits` looks at its readiness; then gives its answer and notes what it was asked."""

    def __init__(self, answer: Answer, waits: int = 0, error: Exception | None = None) -> None:
        self.answer, self.waits, self.error = answer, waits, error
        self.asked: list[tuple[str, list[Turn]]] = []
        self.library = SimpleNamespace(figures=lambda documents: [])

    def readiness(self) -> Readiness:
        self.waits -= 1
        return Readiness("indexing", Progress("report.txt", 1, 3)) if self.waits >= 0 else Readiness("ready")

    def wait_ready(self) -> None:
        if isinstance(self.error, InputRefused):
            raise self.error

    def ask(self, question: str, turns: Sequence[Turn] = (), documents: Sequence[str] | None = None) -> Answer:
        self.asked.append((question, list(turns)))
        if self.error is not None:
            raise self.error
        return self.answer


class _Reader(HTMLParser):
    """Collects the text, the text inside <mark>, and every tag with its attributes."""

    def __init__(self) -> None:
        super().__init__()
        self.text, self.marked, self.tags = "", "", []
        self._in_mark = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))
        self._in_mark = self._in_mark or tag == "mark"

    def handle_endtag(self, tag: str) -> None:
        self._in_mark = self._in_mark and tag != "mark"

    def handle_data(self, data: str) -> None:
        self.text += data
        self.marked += data if self._in_mark else ""

    tags: list[tuple[str, dict[str, str]]]

    def having(self, name: str) -> list[dict[str, str]]:
        """The attributes of all tags that have the attribute `name`."""
        return [attributes for _, attributes in self.tags if name in attributes]


def document(identifier: str, title: str, file_name: str, added_at: str = "2024-05-06T07:08:09+00:00") -> Document:
    return Document(
        identifier, title, file_name, "0" * 64, "text/plain", None, 2, 1234, added_at, None, None, "2017–2021"
    )


def cite(number: int | None, quote: str, title: str = TITLE) -> Citation:
    """A citation of the report: `quote` is found in it, the passage is its paragraph."""
    report = REPORT.read_text("utf-8")
    start = report.index(quote)
    begin = report.rindex("\n", 0, start) + 1
    end = report.index("\n", start)
    paragraph = report.count("\n", 0, begin) + 1
    path = ("一、主要进展和成效", "(三)加快建设北方国际航运枢纽")
    return Citation(
        number, "d1", title, "report.txt", "d1-1", path, paragraph, None,
        start, start + len(quote), quote, report[begin:end], begin, end, 0.9,
    )  # fmt: skip


@pytest.fixture
def read() -> Callable[[str], _Reader]:
    """HTML → what a browser would see of it."""

    def parse(html: str) -> _Reader:
        reader = _Reader()
        reader.feed(html)
        return reader

    return parse


@pytest.fixture
def answered() -> Answer:
    """Two sentences of the report, the second with two sources."""
    first, second, third = (
        "2021年,天津港集装箱吞吐量完成超2000万标准箱",
        "29个泊位实现岸基供电全覆盖",
        "津冀港口群合作持续深化",
    )
    return Answer(
        question="天津港怎样?",
        status="answered",
        answer=f"吞吐量:{first}。[1]\n合作:{second}…{third}。[2][3]",
        model="fake",
        short_answer="超2000万标准箱",
        sentences=(Sentence(f"{first}。", (1,)), Sentence(f"{second}…{third}。", (2, 3))),
        citations=(cite(1, first), cite(2, second), cite(3, third)),
    )


@pytest.fixture
def not_found() -> Answer:
    """Nothing found, two passages near."""
    return Answer(
        question="月球基地投资多少?",
        status="not_found",
        answer="文件中没有提到月球基地。",
        model="fake",
        missing="月球基地",
        nearest=(cite(None, "29个泊位实现岸基供电全覆盖"), cite(None, "津冀港口群合作持续深化")),
    )


@pytest.fixture
def assistant_with() -> type[FakeAssistant]:
    return FakeAssistant


@pytest.fixture
def make_document() -> Callable[..., Document]:
    return document


@pytest.fixture
def evil() -> str:
    """What would run as a script if it were not escaped."""
    return EVIL


@pytest.fixture
def make_citation() -> Callable[..., Citation]:
    return cite
