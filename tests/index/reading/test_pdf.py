from io import BytesIO
from typing import Any

import pytest
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.lib.utils import ImageReader
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

from index.errors import InputRefused
from index.outline import paragraphs
from index.reading import Bounds, Extract
from index.reading.pdf import ScanFound, read_pdf
from index.reading.worker import as_json, from_json

WIDTH, HEIGHT = 595.0, 842.0
LEFT, SIZE, LEADING = 90.0, 15.0, 28.0
LONG = "天津港集装箱吞吐量完成超过两千万标准箱比上年增长百分之十点四货物吞吐量稳步提升"  # 38 characters


class Paper:
    """A page drawn by hand: y counts from the top."""

    def __init__(self, **options: Any) -> None:
        pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
        self.out = BytesIO()
        self.canvas = Canvas(self.out, pagesize=(WIDTH, HEIGHT), **options)

    def line(self, y: float, words: str, x: float = LEFT, size: float = SIZE) -> None:
        self.canvas.setFont("STSong-Light", size)
        self.canvas.drawString(x, HEIGHT - y, words)

    def paragraph(self, y: float, words: str, per_line: int = 27) -> float:
        """Justified at 27 characters a line, the first indented by two; returns the y after it."""
        rest, indent = words, 2
        while rest:
            self.line(y, rest[: per_line - indent], LEFT + indent * SIZE)
            rest, indent, y = rest[per_line - indent :], 0, y + LEADING
        return y

    def centred(self, y: float, words: str, size: float) -> None:
        self.line(y, words, (WIDTH - size * len(words)) / 2, size)

    def table(self, y: float, rows: list[list[str]], widths: list[float], height: float = 24.0) -> None:
        xs = [LEFT + sum(widths[:at]) for at in range(len(widths) + 1)]
        self.canvas.grid(xs, [HEIGHT - y - height * at for at in range(len(rows) + 1)])
        for at, row in enumerate(rows):
            for x, words in zip(xs, row, strict=False):
                self.line(y + height * at + 16, words, x + 4, 10)

    def page(self) -> None:
        self.canvas.showPage()

    def extract(self, bounds: Bounds | None = None) -> Extract:
        return read_pdf(self.data(), "公报.pdf", bounds or Bounds())

    def data(self) -> bytes:
        self.canvas.save()
        return self.out.getvalue()


def test_lines_are_joined_into_paragraphs() -> None:
    paper = Paper()
    y = paper.paragraph(150, LONG + "。" + LONG + "。")
    paper.paragraph(y, "另一段话。")
    assert paper.extract().text == f"{LONG}。{LONG}。\n另一段话。"


def test_a_paragraph_is_joined_over_a_page_break_and_the_page_begins_inside_it() -> None:
    paper = Paper()
    words = LONG * 3
    paper.paragraph(150, words[:79])  # 25, 27 and 27 characters: three full lines
    paper.page()
    paper.line(150, words[79:106])
    paper.line(150 + LEADING, words[106:] + "。")
    paper.paragraph(150 + 2 * LEADING, "第二页的段落。")
    found = paper.extract()
    assert found.text == f"{words}。\n第二页的段落。"
    assert (found.pages, found.page_starts) == (2, (0, 79))


def test_a_full_last_line_before_an_indented_one_ends_its_paragraph() -> None:
    paper, y = Paper(), 150.0
    for words in (LONG, LONG[:24], LONG[:24], LONG):
        y = paper.paragraph(y, words + "。")
    assert paper.extract().text == f"{LONG}。\n{LONG[:24]}。\n{LONG[:24]}。\n{LONG}。"


def test_running_headers_footers_and_page_numbers_are_left_out() -> None:
    paper = Paper()
    for number in range(1, 5):
        paper.line(50, "天津市统计公报", 240, 10)
        y = paper.paragraph(150, f"第{number}页上的正文内容。")
        paper.paragraph(y, f"{LONG}。")
        paper.line(800, f"— {number} —", 280, 10)
        paper.page()
    found = paper.extract()
    assert "统计公报" not in found.text and "—" not in found.text
    assert found.text.split("\n")[::2] == [f"第{number}页上的正文内容。" for number in range(1, 5)]
    assert [found.text[start : start + 3] for start in found.page_starts] == ["第1页", "第2页", "第3页", "第4页"]


@pytest.mark.parametrize("words", ["3", "- 3 -", "第3页 共9页", "3/9", "iv"])
def test_a_page_number_is_left_out_of_a_document_of_one_page(words: str) -> None:
    paper = Paper()
    paper.paragraph(150, "正文内容在此。")
    paper.line(800, words, 280, 10)
    assert paper.extract().text == "正文内容在此。"


def test_a_table_goes_on_over_pages_with_its_header_and_unit() -> None:
    paper = Paper()
    paper.centred(120, "收支预算表", 20)
    paper.line(150, "单位：万元", 420, 10)
    header = ["科目", "预算数", "决算数"]
    paper.table(160, [header, ["办公费", "1,200.00", "3.78"], ["差旅费", "", "1.15"]], [160, 120, 120])
    paper.page()
    paper.table(100, [header, ["福利费", "5", "1.48"]], [160, 120, 120])
    paper.paragraph(300, "注：本表反映收支。")
    found = paper.extract()
    assert found.text.split("\n") == [
        "收支预算表", "单位：万元", "科目 | 预算数 | 决算数", "办公费 | 1,200.00 | 3.78", "差旅费 |  | 1.15",
        "福利费 | 5 | 1.48", "注：本表反映收支。",
    ]  # fmt: skip
    assert {found.text[a:b] for a, b in found.table_headers.values()} == {"单位：万元\n科目 | 预算数 | 决算数"}
    assert len(found.table_headers) == 3
    assert found.headings == {0: 1}
    assert found.page_starts == (0, found.text.index("福利费"))


def test_a_cell_s_broken_lines_are_joined_without_a_space() -> None:
    paper = Paper()
    paper.table(150, [["科目", "数"], ["", "6.18"]], [160, 120], 40)
    paper.line(150 + 40 + 14, "机关事业单位基本", LEFT + 4, 10)
    paper.line(150 + 40 + 28, "养老保险缴费", LEFT + 4, 10)
    assert paper.extract().text.split("\n")[1] == "机关事业单位基本养老保险缴费 | 6.18"


def test_the_space_between_chinese_and_digits_is_typesetting() -> None:
    paper = Paper()
    paper.line(150, "增长", LEFT)
    paper.line(150, "10.4%", LEFT + 2 * SIZE + 4)
    paper.line(150, "以上", LEFT + 2 * SIZE + 4 + 5 * SIZE / 2 + 4)
    assert paper.extract().text == "增长10.4%以上"


def test_latin_words_keep_their_spaces_and_lose_the_hyphen_at_a_break() -> None:
    paper = Paper()
    paper.canvas.setFont("Helvetica", 12)
    for at, words in enumerate(("The port of Tianjin moved twenty million containers and co-", "ordination went on.")):
        paper.canvas.drawString(LEFT, HEIGHT - 150 - 16 * at, words)
    assert paper.extract().text == "The port of Tianjin moved twenty million containers and coordination went on."


def test_a_title_of_two_centred_lines_is_one_heading() -> None:
    paper = Paper()
    paper.centred(100, "天津市二〇二五年", 24)
    paper.centred(140, "国民经济公报", 24)
    for at in range(3):
        paper.paragraph(220 + 3 * LEADING * at, LONG + "。")
    found = paper.extract()
    assert found.text.startswith("天津市二〇二五年国民经济公报\n")
    assert found.headings == {0: 1}


def test_a_table_without_ruled_lines_keeps_its_rows_and_finds_its_columns() -> None:
    paper = Paper()
    end = paper.paragraph(120, LONG + "。")
    rows = [("项目", "预算数", "决算数"), ("教育支出", "1,200.50", "1,180.00"), ("卫生健康支出", "95.00", "94.20"),
            ("城乡社区支出", "30.10", "28.00"), ("住房保障支出", "7.00", "7.00")]  # fmt: skip
    paper.line(end, "单位：万元", 400)
    for at, row in enumerate(rows, 1):
        for words, x in zip(row, (LEFT, 300, 430), strict=True):
            paper.line(end + LEADING * at, words, x)
    paper.paragraph(end + LEADING * 7, LONG[::-1] + "。")
    found = paper.extract()
    lines = [" ".join(row) for row in rows]
    assert found.text.split("\n")[1:-1] == ["单位：万元", *lines]
    above = {found.text[p.start : p.end]: p.context for p in paragraphs(found.text)}
    assert [above[line] for line in lines[1:]] == ["单位：万元\n项目 预算数 决算数"] * 4


def test_two_columns_are_read_one_after_the_other() -> None:
    paper = Paper()
    left, right = LONG[:38], LONG[::-1][:38]
    for at in range(12):
        paper.line(150 + 20 * at, (left * 5)[at * 14 : at * 14 + 14], 60, 15)
        paper.line(150 + 20 * at, (right * 5)[at * 14 : at * 14 + 14], 320, 15)
    assert paper.extract().text.replace("\n", "") == (left * 5)[:168] + (right * 5)[:168]


def test_characters_outside_the_page_and_drawn_twice_are_read_not_at_all_and_once() -> None:
    paper = Paper()
    paper.line(-50, "页外的文字")
    paper.line(150, "加粗的文字")
    paper.line(150.2, "加粗的文字", LEFT + 0.2)
    assert paper.extract().text == "加粗的文字"


def test_a_pdf_of_pictures_is_told_from_one_of_text() -> None:
    from PIL import Image

    paper = Paper()
    paper.canvas.drawImage(ImageReader(Image.new("RGB", (60, 80), "white")), 0, 0, WIDTH, HEIGHT)
    with pytest.raises(ScanFound):
        paper.extract()


def test_a_picture_among_pages_of_text_is_left_out_and_told(monkeypatch: pytest.MonkeyPatch) -> None:
    from PIL import Image

    def paper() -> Paper:
        made = Paper()
        for _ in range(2):
            made.paragraph(150, LONG + "。")
            made.page()
            made.canvas.drawImage(ImageReader(Image.new("RGB", (60, 80), "white")), 0, 0, WIDTH, HEIGHT)
            made.line(HEIGHT - 30, "- 2 -", WIDTH / 2)
            made.page()
        made.paragraph(150, LONG[::-1] + "。")
        return made

    monkeypatch.setattr("index.reading.pdf.ocr_installed", lambda: False)
    found = paper().extract()
    assert (found.pages, found.unread_pages) == (5, (2, 4))
    assert found.text.count(LONG) == 2 and from_json(as_json(found)) == found
    monkeypatch.setattr("index.reading.pdf.ocr_installed", lambda: True)
    with pytest.raises(ScanFound):
        paper().extract()


def test_too_many_pages_are_refused() -> None:
    paper = Paper()
    for _ in range(3):
        paper.line(150, "正文。")
        paper.page()
    with pytest.raises(InputRefused, match=r"3 pages.*XIETONG_MAX_PAGES"):
        paper.extract(Bounds(pages=2))


def test_a_pdf_with_a_password_is_refused_and_one_that_opens_without_is_read() -> None:
    paper = Paper(encrypt=StandardEncryption("geheim"))
    paper.line(150, "正文。")
    with pytest.raises(InputRefused, match="is encrypted"):
        paper.extract()
    paper = Paper(encrypt=StandardEncryption("", "owner"))
    paper.canvas.drawString(LEFT, 600, "Tianjin")
    assert paper.extract().text == "Tianjin"
