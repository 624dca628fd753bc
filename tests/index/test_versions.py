from collections.abc import Callable
from pathlib import Path

import pytest

from index import Difference, Library, UnknownDocument

Write = Callable[..., Path]
LINES = [f"2024年,第{n}项指标完成{n}.5亿元,比上年增长{n}%。" for n in range(1, 41)]


@pytest.fixture
def compare(library: Library, write: Write) -> Callable[[list[str], list[str]], list[Difference]]:
    """What differs between two documents of these lines."""

    def of(old: list[str], new: list[str]) -> list[Difference]:
        ids = [library.add(write(f"{n}.txt", "\n".join(lines))).id or "" for n, lines in enumerate((old, new))]
        return library.differences(*ids)

    return of


Compare = Callable[[list[str], list[str]], list[Difference]]


def test_a_corrected_figure_stands_beside_the_old_one(compare: Compare) -> None:
    corrected = LINES[7].replace("8.5亿元", "85亿元")
    assert compare(LINES, [*LINES[:7], corrected, *LINES[8:]]) == [Difference(LINES[7], corrected)]


def test_a_point_that_moved_is_a_difference_and_the_width_of_marks_is_none(compare: Compare) -> None:
    moved = LINES[0].replace("1.5亿元", "15亿元")
    wide = LINES[1].replace(",", "，")
    assert compare(LINES, [moved, wide, *LINES[2:]]) == [Difference(LINES[0], moved)]


def test_what_only_one_version_has_stands_alone(compare: Compare) -> None:
    added = "此外,新设3个试点。"
    assert compare(LINES, [*LINES[:5], *LINES[6:], added]) == [Difference(LINES[5], None), Difference(None, added)]


def test_the_same_sentences_do_not_differ(compare: Compare) -> None:
    assert compare(LINES, ["", *LINES]) == []


def test_a_document_that_is_not_there_is_told(library: Library, write: Write) -> None:
    one = library.add(write("a.txt", LINES[0])).id or ""
    with pytest.raises(UnknownDocument):
        library.differences(one, "0123456789abcdef")
