import io
import re
from types import SimpleNamespace

import pytest

from assistant.progress import Bar, clipped, duration, progress_words, width
from index import Progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """A terminal of 200 columns in the place of stderr."""
    monkeypatch.setenv("COLUMNS", "200")
    made = Terminal()
    monkeypatch.setattr("assistant.progress.sys", SimpleNamespace(stderr=made))
    return made


@pytest.mark.parametrize(
    ("seconds", "zh", "en"),
    [
        (0.2, "5 秒", "5 s"),
        (41, "45 秒", "45 s"),
        (60, "1 分", "1 min"),
        (77, "1 分 20 秒", "1 min 20 s"),
        (601, "11 分", "11 min"),
        (3601, "1 小时 5 分", "1 h 5 min"),
    ],
)
def test_a_time_is_said_as_people_say_it(seconds: float, zh: str, en: str) -> None:
    assert duration(seconds) == (zh, en)


def test_progress_says_the_file_the_passage_and_the_time_left() -> None:
    step = Progress("a.txt", 40, 210, 3, 12, 77.0)
    assert progress_words(step) == (
        "第 3/12 个文件 · 段落 40/210 · 本文件约剩 1 分 20 秒",
        "file 3/12 · passage 40/210 · about 1 min 20 s left in this file",
    )
    alone = Progress("a.txt", 40, 210, seconds_left=77.0)
    assert progress_words(alone) == ("段落 40/210 · 约剩 1 分 20 秒", "passage 40/210 · about 1 min 20 s left")


def test_what_is_not_known_is_not_said() -> None:
    assert progress_words(Progress("a.txt", 0, 0)) == ("正在读取", "reading")
    assert progress_words(Progress("a.txt", 1, 2)) == ("段落 1/2", "passage 1/2")


def test_the_bar_is_drawn_over_itself_and_leaves_nothing_behind(terminal: Terminal) -> None:
    with Bar() as bar:
        assert bar.callback is not None
        for done in (0, 1, 2):
            bar.callback(Progress("a.txt", done, 2))
    written = terminal.getvalue()
    assert "\n" not in written and "段落 1/2 / passage 1/2  a.txt" in written
    assert [line.count("█") for line in written.split("\r\033[K")] == [0, 0, 8, 16, 0]


def test_a_narrow_terminal_gets_one_line_in_chinese(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "50")
    with Bar() as bar:
        bar.step(Progress("很长的文件名" * 9 + ".txt", 3, 9, 1, 2, 30))
    line = re.sub(r"\r\033\[K", "", terminal.getvalue())
    assert width(line) <= 49 and "第 1/2 个文件 · 段落 3/9" in line and "passage" not in line


def test_nothing_is_drawn_where_nobody_looks(capsys: pytest.CaptureFixture[str]) -> None:
    with Bar() as bar:
        assert bar.callback is None
        bar.step(Progress("a.txt", 1, 2))
        bar.clear()
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(("columns", "expected"), [(0, ""), (3, "协"), (4, "协同"), (5, "协同a"), (99, "协同ab")])
def test_a_chinese_character_takes_two_columns(columns: int, expected: str) -> None:
    assert clipped("协同ab", columns) == expected
