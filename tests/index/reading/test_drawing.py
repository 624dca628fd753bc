from io import BytesIO

import pytest
from PIL import Image

from index.errors import InputRefused
from index.reading import Bounds, PageImage, PageRequest, draw_apart
from index.reading.drawing import MARKER, bare, place_in
from tests.index.reading.test_pdf import HEIGHT, LONG, WIDTH, Paper

PIXELS = 2  # a point


def paper() -> Paper:
    made = Paper()
    made.centred(100, "天津港公报", 22)
    made.paragraph(200, LONG + "。")
    made.paragraph(500, "再说一遍:" + LONG[:10])
    made.page()
    made.table(300, [["指标", "数值"], ["吞吐量", "2000"]], [120, 120])
    return made


def drawn(page: int, quote: str = "", before: str = "") -> PageImage:
    return draw_apart(paper().data(), "公报.pdf", PageRequest(page, quote, before), Bounds())


def tinted(image: PageImage, x: float, y: float) -> bool:
    """Is the paper at a point, counted from the top left, as the marker leaves it?"""
    with Image.open(BytesIO(image.png)) as picture:
        return picture.convert("RGB").getpixel((int(x * PIXELS), int(y * PIXELS))) == MARKER


def test_a_page_is_drawn_with_the_quote_marked_line_by_line() -> None:
    image = drawn(1, LONG[:30])
    with Image.open(BytesIO(image.png)) as picture:
        assert picture.format == "PNG" and picture.size == (image.width, image.height)
        assert (image.width, image.height) == (round(WIDTH * PIXELS), round(HEIGHT * PIXELS))
    first, second = image.boxes
    assert first[0] < 122 * PIXELS < first[2] and first[1] < 195 * PIXELS < first[3]
    assert second[0] < 92 * PIXELS < second[2] and second[1] < 223 * PIXELS < second[3]
    assert second[2] < 90 * PIXELS + 6 * 15 * PIXELS  # five characters of the second line, no more
    corners = [(x / PIXELS, (box[1] + 3) / PIXELS) for box in image.boxes for x in (box[0] + 3, box[2] - 4)]
    assert all(tinted(image, x, y) for x, y in corners)
    assert not tinted(image, 300, 500)


def test_of_two_equal_places_the_one_after_as_many_is_marked() -> None:
    first, second = drawn(1, LONG[:10]).boxes, drawn(1, LONG[:10], f"天津港公报{LONG}。再说一遍:").boxes
    assert first[0][1] < 200 * PIXELS < first[0][3] and second[0][1] < 500 * PIXELS < second[0][3]


def test_cells_of_a_stored_row_are_found_on_the_page() -> None:
    (box,) = drawn(2, "吞吐量 | 2000").boxes
    assert box[0] < 95 * PIXELS and box[2] > 214 * PIXELS


def test_what_is_not_on_the_page_gets_no_mark() -> None:
    assert drawn(1, "完全不在这一页上的一句话").boxes == () and drawn(2).boxes == ()


@pytest.mark.parametrize("page", [0, 3])
def test_a_page_that_the_file_has_not_is_refused(page: int) -> None:
    with pytest.raises(InputRefused, match=f"has no page {page}: it has 2"):
        drawn(page)


def test_a_broken_file_is_refused_in_words() -> None:
    with pytest.raises(InputRefused, match="no sound pdf file"):
        draw_apart(paper().data()[:200], "公报.pdf", PageRequest(1), Bounds())


@pytest.mark.parametrize(
    ("letters", "quote", "before", "found"),
    [
        ("甲乙丙丁甲乙丙", "甲乙", "", "0:2"),
        ("甲乙丙丁甲乙丙", "甲乙", "甲乙丙丁", "4:6"),
        ("甲乙丙丁甲乙丙", "甲乙", "甲乙甲乙甲乙", "4:6"),
        ("页眉一二三四五六七", "一二三四五六七八九十", "", "2:9"),  # goes on overleaf
        ("五六七八九十页脚", "一二三四五六七八九十", "", "0:6"),  # began overleaf
        ("甲乙丙丁", "戊己庚辛", "", None),
        ("二三的别处", "一二三四五六七八九十", "", None),
    ],
)
def test_a_quote_is_placed_among_the_letters_of_a_page(
    letters: str, quote: str, before: str, found: str | None
) -> None:
    place = place_in(letters, quote, before)
    assert (place and f"{place[0]}:{place[1]}") == found


def test_blanks_width_and_lines_between_cells_do_not_count() -> None:
    assert bare("吞吐量 | ２０００\n万 吨") == "吞吐量2000万吨"
