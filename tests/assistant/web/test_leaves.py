from itertools import pairwise

import pytest

from assistant import Opened, Paragraph
from assistant.web.leaves import MAX_PIECES, PIECE, WINDOW, after, around, before, paragraph_at
from index.outline import paragraphs
from tests.assistant.web.conftest import document


def opened(text: str) -> Opened:
    return Opened(document("d1", "报告", "a.txt"), text, tuple(paragraphs(text)))


LONG = opened("\n".join(f"第{n}段" + "字" * 200 for n in range(1, 501)))  # a hundred thousand characters


@pytest.mark.parametrize("place", [0, 5, 50_000, len(LONG.text) - 1, len(LONG.text) + 9])
def test_a_window_holds_the_place_and_a_bounded_stretch_on_both_sides(place: int) -> None:
    pieces = around(LONG, place)
    numbers = [piece.paragraph.number for piece in pieces]
    assert numbers == list(range(numbers[0], numbers[-1] + 1))
    assert pieces[0].start <= min(place, len(LONG.text) - 1) < pieces[-1].end
    assert sum(piece.end - piece.start for piece in pieces) <= 2 * (WINDOW + PIECE)


def test_windows_after_each_other_give_the_whole_text_once() -> None:
    forward, at = list(after(LONG, 0)), -1
    while forward[-1].end != at:
        at = forward[-1].end
        forward += after(LONG, at)
    assert [piece.paragraph.number for piece in forward] == list(range(1, 501))
    backward = list(before(LONG, len(LONG.text)))
    while more := before(LONG, backward[0].start):
        backward = [*more, *backward]
    assert backward == forward


def test_a_paragraph_of_any_length_is_cut() -> None:
    one = opened("字" * 3_000_000)
    pieces = around(one, 1_500_000)
    assert sum(piece.end - piece.start for piece in pieces) <= 2 * (WINDOW + PIECE)
    assert all(a.end == b.start for a, b in pairwise(pieces))
    assert not pieces[0].is_first and not pieces[0].is_whole
    assert any(piece.start <= 1_500_000 < piece.end for piece in pieces)


def test_many_short_lines_are_bounded_in_number() -> None:
    assert len(after(opened("一\n" * 5000), 0)) == MAX_PIECES


def test_an_empty_document_has_no_pieces() -> None:
    assert around(opened(""), 0) == () and paragraph_at((), 3) is None


@pytest.mark.parametrize(("place", "number"), [(0, 1), (1, 2), (3, 2), (4, 3), (5, 3), (99, 3)])
def test_a_place_between_two_paragraphs_belongs_to_the_later(place: int, number: int) -> None:
    found: Paragraph | None = paragraph_at(opened("一\n\n二\n三").paragraphs, place)
    assert found is not None and found.number == number
