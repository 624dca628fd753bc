from collections.abc import Callable
from typing import Any

import pytest

from assistant.web.marking import Marks, Span, marked

TEXT = "甲乙丙丁\n戊己庚辛"


def pieces(html: str) -> list[tuple[str, str]]:
    """(class, words) of each mark."""
    found = []
    for part in html.split("<mark ")[1:]:
        head, _, rest = part.partition(">")
        found.append((head.split('"')[1], rest.partition("</mark>")[0]))
    return found


@pytest.mark.parametrize(
    ("start", "end", "cited", "expected"),
    [
        (0, 4, (1, 3), [("cited", "乙丙")]),
        (0, 4, (2, 7), [("cited", "丙丁")]),  # goes over two paragraphs: the first's part
        (5, 9, (2, 7), [("cited", "戊己")]),
        (0, 4, (0, 0), []),
        (0, 4, (5, 9), []),
        (0, 4, (3, 1), []),
        (0, 9, (0, 99), [("cited", TEXT)]),
    ],
)
def test_exactly_what_of_the_span_stands_in_the_stretch_is_marked(
    start: int, end: int, cited: Span, expected: list[tuple[str, str]]
) -> None:
    assert pieces(marked(TEXT, start, end, Marks(cited))) == expected


def test_the_text_stays_the_same_whatever_is_marked(read: Callable[[str], Any]) -> None:
    marks = Marks((1, 6), ((0, 2), (5, 8)), ((3, 7), (2, 4)), 3)
    assert read(marked(TEXT, 0, 9, marks)).text == TEXT


def test_stretches_that_are_marked_for_several_reasons_carry_all_of_them() -> None:
    marks = Marks((0, 3), ((2, 4),), ((1, 2), (3, 4)), hit=1)
    assert pieces(marked(TEXT, 0, 4, marks)) == [
        ("cited", "甲"),
        ("cited found at", "乙"),
        ("cited other", "丙"),
        ("other found", "丁"),
    ]


def test_hits_outside_a_stretch_are_left_out_and_those_over_its_edge_kept() -> None:
    marks = Marks((0, 1), ((8, 9),), ((0, 2), (1, 3), (4, 5), (5, 7), (7, 9)))
    assert marks.within(2, 6) == Marks((0, 1), ((8, 9),), ((1, 3), (4, 5), (5, 7)))


def test_offsets_are_code_points_also_beyond_the_basic_plane() -> None:
    text = "𠮷野𠀀家𡈽"
    assert pieces(marked(text, 0, 5, Marks((2, 4)))) == [("cited", "𠀀家")]


def test_markup_in_the_text_is_words(evil: str, read: Callable[[str], Any]) -> None:
    for cited in ((0, 0), (0, len(evil)), (3, 9)):
        seen = read(marked(evil, 0, len(evil), Marks(cited, (), ((1, 4),), 1)))
        assert seen.text == evil and {tag for tag, _ in seen.tags} <= {"mark"}
