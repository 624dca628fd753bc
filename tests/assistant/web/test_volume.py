from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from assistant import Opened
from assistant.web.leaves import after, around
from assistant.web.marking import Marks
from assistant.web.outline import MAX_HEADINGS, outline_html
from assistant.web.texts import Words
from assistant.web.volume import page_of, text_html, title_html
from index.outline import paragraphs
from index.types import Layout
from tests.assistant.web.conftest import document

ZH, EN = Words("zh"), Words("en")
NONE = Marks()
Read = Callable[[str], Any]
REPORT = "报告\n\n一、成效\n(一)港口\n吞吐量增长。\n(二)生态\n湿地得到保护。\n二、下一步\n继续推进。"
ROWS = "表1\n项目 | 金额\n教育 | 12\n医疗 |  | 3"


def opened(text: str, pages: tuple[int, ...] = (), headers: Mapping[int, tuple[int, int]] | None = None) -> Opened:
    layout = Layout(pages, {}, headers or {})
    return Opened(document("d1", "报告", "a.txt"), text, tuple(paragraphs(text, layout)), pages)


def shown(it: Opened, marks: Marks = NONE) -> str:
    return text_html(it, around(it, 0), marks, ZH)


def rows_of(html: str) -> list[str]:
    return [row.partition("</tr>")[0] for row in html.split("<tr")[1:]]


def test_paragraphs_carry_their_numbers_and_headings_are_headings(read: Read) -> None:
    seen = read(shown(opened(REPORT)))
    numbered = [(tag, a["data-n"]) for tag, a in seen.tags if "data-n" in a]
    assert numbered == [
        ("p", "1"), ("h4", "2"), ("h5", "3"), ("p", "4"), ("h5", "5"), ("p", "6"), ("h4", "7"), ("p", "8"),
    ]  # fmt: skip
    assert [a["title"] for a in seen.having("title")][:2] == ["第1段", "第2段"]


def test_a_quote_over_two_paragraphs_is_marked_in_both(read: Read) -> None:
    start, end = REPORT.index("增长"), REPORT.index("湿地") + 2
    seen = read(shown(opened(REPORT), Marks((start, end))))
    assert seen.marked == "增长。(二)生态湿地"


def test_rows_of_a_table_stand_in_one_table_with_the_names_of_its_columns(read: Read) -> None:
    names = (3, 10)
    html = shown(opened(ROWS, headers={11: names, 19: names}), Marks((16, 18)))
    seen = read(html)
    assert [tag for tag, _ in seen.tags].count("table") == 1
    assert [row.count("<th") for row in rows_of(html)] == [2, 0, 0]
    assert [row.count("<td") for row in rows_of(html)] == [0, 2, 3]
    assert seen.marked == "12"
    assert [a["data-n"] for a in seen.having("data-n")] == ["1", "2", "3", "4"]


def test_where_a_table_goes_on_its_names_are_shown_again(read: Read) -> None:
    it = opened(ROWS, headers={11: (3, 10), 19: (3, 10)})
    html = text_html(it, after(it, 19), Marks(), ZH)
    first, second = rows_of(html)
    assert "again" in first and first.count("<th") == 2 and second.count("<td") == 3
    assert read(html).having("data-before") == [{"type": "button", "class": "more", "data-before": "19"}]


def test_a_markdown_table_is_a_table_without_its_rule() -> None:
    html = shown(opened("| 项目 | 金额 |\n|---|---|\n| 教育 | 12 |\n| 医疗 | 3 |\n后文。"))
    assert "---" not in html
    assert [(row.count("<th"), row.count("<td")) for row in rows_of(html)] == [(2, 0), (0, 2), (0, 2)]


def test_a_sentence_with_a_bar_in_it_is_no_table() -> None:
    assert "<table" not in shown(opened("甲 | 乙\n后文。\n丙丁。"))


def test_pages_are_told_where_they_begin() -> None:
    text = "第一页的话。\n第二页的话。\n还是第二页。\n第四页。"
    it = opened(text, (0, 7, 21, 21))
    html = shown(it)
    assert [part[:1] for part in html.split('data-page="')[1:]] == ["1", "2", "4"]
    later = text_html(it, after(it, 14), Marks(), EN)
    assert [part[:1] for part in later.split('data-page="')[1:]] == ["4"] and "p. 4" in later
    assert [page_of(it, at) for at in (0, 6, 7, 20, 21)] == [1, 1, 2, 2, 4]
    assert page_of(opened(text), 3) is None


def test_buttons_fetch_what_is_not_shown_and_are_absent_where_nothing_is_left(read: Read) -> None:
    it = opened("\n".join("字" * 300 for _ in range(100)))
    middle = read(text_html(it, around(it, 15_000), Marks(), ZH))
    assert len(middle.having("data-before")) == len(middle.having("data-after")) == 1
    whole = read(shown(opened(REPORT)))
    assert whole.having("data-before") == whole.having("data-after") == []


def test_the_title_says_where_the_place_is(read: Read) -> None:
    it = opened(REPORT, (0, 10))
    start = REPORT.index("湿地")
    seen = read(title_html(it, start, start + 2, ZH))
    assert "《报告》" in seen.text and "一、成效(二)生态" in seen.text and "第6段,第2页" in seen.text
    assert "第1段" not in read(title_html(it, 0, 0, ZH)).text


def test_nothing_of_a_document_is_taken_for_markup(evil: str, read: Read) -> None:
    text = f"一、{evil}说明\n(一)更多\n{evil} | {evil}\n{evil} | 二"
    it = opened(text)
    it = replace(it, document=replace(it.document, title=evil, file_name=evil, publisher=evil, date=evil))
    last = text.rindex("二")
    html = outline_html(it, 0, ZH) + title_html(it, last, last + 1, ZH) + shown(it, Marks((0, 5)))
    assert "img" not in [tag for tag, _ in read(html).tags]
    assert read(html).text.count(evil) == 10


def test_the_outline_is_a_tree_with_the_heading_of_the_place_marked(read: Read) -> None:
    it = opened(REPORT)
    seen = read(outline_html(it, REPORT.index("湿地"), ZH))
    jumps = [a["data-jump"] for a in seen.having("data-jump")]
    assert jumps == [str(REPORT.index(h)) for h in ("一、", "(一)", "(二)", "二、")]
    assert [a["data-jump"] for a in seen.having("aria-current")] == [str(REPORT.index("(二)"))]
    assert [tag for tag, _ in seen.tags].count("ol") == 2 and "details" not in [tag for tag, _ in seen.tags]
    assert outline_html(opened("没有标题。"), 0, ZH) == ""


def test_a_long_outline_is_closed_but_for_the_branch_of_the_place(read: Read) -> None:
    text = "".join(f"第{n}章 章名\n" + "".join(f"第{m}节 节名\n正文。\n" for m in range(1, 9)) for n in range(1, 9))
    seen = read(outline_html(opened(text), text.index("第3章") + 30, ZH))
    branches = [attributes for tag, attributes in seen.tags if tag == "details"]
    assert [("open" in branch) for branch in branches] == [n == 3 for n in range(1, 9)]
    assert "下级 8 项" in seen.text


def test_an_outline_of_thousands_leaves_the_innermost_out(read: Read) -> None:
    text = "".join(f"第{n}章 章名\n" + "".join(f"第{m}节 节名\n正文。\n" for m in range(1, 30)) for n in range(1, 60))
    assert len(read(outline_html(opened(text), 0, ZH)).having("data-jump")) == 59
    flat = "".join(f"第{n}章 章名\n正文。\n" for n in range(1, 1000))
    assert len(read(outline_html(opened(flat), 0, ZH)).having("data-jump")) == MAX_HEADINGS
