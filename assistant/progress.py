"""How far a long piece of work is, in words: Chinese and English."""

import sys
import unicodedata
from shutil import get_terminal_size

from index import Progress, ProgressCallback

BAR_WIDTH = 16
CLEAR = "\r\033[K"  # back to the beginning of the line, and erases it
ROUNDING = ((60, 5), (600, 10), (3600, 60))  # a time below so many seconds is rounded up to a multiple of so many
HOUR_ROUNDING = 300


def duration(seconds: float) -> tuple[str, str]:
    """A time as people say it, rounded up: 1 分 20 秒, 1 min 20 s."""
    step = next((step for below, step in ROUNDING if seconds <= below), HOUR_ROUNDING)
    whole = -int(-seconds // step) * step
    parts = (whole // 3600, "小时", "h"), (whole // 60 % 60, "分", "min"), (whole % 60, "秒", "s")
    said = [(number, zh, en) for number, zh, en in parts if number]
    return " ".join(f"{n} {zh}" for n, zh, _ in said), " ".join(f"{n} {en}" for n, _, en in said)


def progress_words(step: Progress) -> tuple[str, str]:
    """第 3/12 个文件 · 段落 40/210 · 约剩 1 分 20 秒, and the same in English; what is not known is left out.

    With several files the time left is that of the present one: nothing is known of the others.
    """
    zh, en = [], []
    if step.files > 1:
        zh.append(f"第 {step.file}/{step.files} 个文件")
        en.append(f"file {step.file}/{step.files}")
    if step.total:
        zh.append(f"段落 {step.done}/{step.total}")
        en.append(f"passage {step.done}/{step.total}")
    else:
        zh.append("正在读取")
        en.append("reading")
    if step.seconds_left is not None and step.done < step.total:
        left_zh, left_en = duration(step.seconds_left)
        zh.append(f"{'本文件' if step.files > 1 else ''}约剩 {left_zh}")
        en.append(f"about {left_en} left{' in this file' if step.files > 1 else ''}")
    return " · ".join(zh), " · ".join(en)


class Bar:
    """A progress bar on one line of stderr, drawn over at each step; nothing where that is no terminal."""

    def __init__(self) -> None:
        self._on = sys.stderr.isatty()

    def __enter__(self) -> "Bar":
        return self

    def __exit__(self, *_: object) -> None:
        self.clear()

    @property
    def callback(self) -> ProgressCallback | None:
        """What work is given to tell its steps; None where nobody would see them."""
        return self.step if self._on else None

    def step(self, step: Progress) -> None:
        """Draws how far a file is."""
        self.draw(step.done, step.total, *progress_words(step), step.label)

    def draw(self, done: int, total: int, zh: str, en: str, label: str) -> None:
        """As much of it as the terminal's line holds."""
        if not self._on:
            return
        filled = BAR_WIDTH * done // max(total, 1)
        bar = "█" * filled + "░" * (BAR_WIDTH - filled)
        room = get_terminal_size().columns - 1
        lines = f"{bar} {zh} / {en}  {label}", f"{bar} {zh} / {en}", f"{bar} {zh}  {label}"
        sys.stderr.write(CLEAR + next((line for line in lines if width(line) <= room), clipped(lines[-1], room)))
        sys.stderr.flush()

    def clear(self) -> None:
        """Takes the bar away, so that a line can be written in its place."""
        clear_line()


def clear_line() -> None:
    """Takes away what stands on the terminal's present line."""
    if sys.stderr.isatty():
        sys.stderr.write(CLEAR)
        sys.stderr.flush()


def width(text: str) -> int:
    """Columns of a terminal; a Chinese character takes two."""
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)


def clipped(line: str, columns: int) -> str:
    """As much of a line as fits so many columns."""
    while width(line) > columns:
        line = line[: -max(1, (width(line) - columns) // 2)]
    return line
