from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from assistant import Document, Figure, FigureTable, Selection
from assistant.web.figure_rows import PAGE, copied, figures_html
from assistant.web.texts import Words

ZH = Words("zh")
QUOTE = "2021年,吞吐量完成超2000万箱,比上年增长10.4%。"
BASE = Figure(
    "d1", 112, 119, "2000", "万箱", "超2000万箱", "amount", "吞吐量", "2021年", "比上年增长10.4%", "天津港", 12, None,
    101, QUOTE,
)  # fmt: skip
Make = Callable[..., Document]
Read = Callable[[str], Any]


@pytest.fixture
def documents(make_document: Make) -> dict[str, Document]:
    return {"d1": make_document("d1", "情况报告", "a.txt")}


def page(figures: list[Figure], documents: dict[str, Document], number: int = 0, **wanted: Any) -> str:
    table, selection = FigureTable(figures, documents), Selection(**wanted)
    return figures_html(table, table.select(selection), selection, number, ZH)


def test_a_row_says_everything_of_a_figure_and_leads_to_its_place(documents: dict[str, Document], read: Read) -> None:
    seen = read(page([BASE], documents))
    for word in ("超2000万箱", "吞吐量", "2021年", "比上年增长10.4%", "天津港", "数额", "《情况报告》", "第12段"):
        assert word in seen.text
    assert [p["data-place"] for p in seen.having("data-place")] == ["d1:112:119"]
    assert seen.marked == "超2000万箱"


def test_of_a_long_sentence_the_words_around_the_figure_are_shown(documents: dict[str, Document], read: Read) -> None:
    quote = f"{'前' * 80}5亿元{'后' * 80}"
    seen = read(page([replace(BASE, raw="5亿元", quote=quote, quote_start=0, start=80, end=83)], documents))
    assert f"…{'前' * 34}5亿元{'后' * 34}…" in seen.text and "前" * 35 not in seen.text


def test_a_figure_is_copied_as_value_sentence_and_source(documents: dict[str, Document], read: Read) -> None:
    said = f"超2000万箱:“{QUOTE}”(《情况报告》,第12段)"
    assert copied(BASE, documents["d1"], ZH) == said
    assert [b["data-copy"] for b in read(page([BASE], documents)).having("data-copy")] == [said]
    assert "《情况报告》,第3页,第12段" in copied(replace(BASE, page=3), documents["d1"], ZH)
    assert copied(replace(BASE, raw="5", unit="万元"), documents["d1"], ZH).startswith("5 万元:")


def test_a_page_has_its_rows_and_steps_to_those_before_and_after(documents: dict[str, Document], read: Read) -> None:
    figures = [replace(BASE, start=at) for at in range(2 * PAGE + 5)]
    for number, rows, shown, steps in (
        (0, PAGE, "第 1–50 条,共 105 条", ["1"]),
        (1, PAGE, "第 51–100 条,共 105 条", ["0", "2"]),
        (2, 5, "第 101–105 条,共 105 条", ["1"]),
    ):
        seen = read(page(figures, documents, number))
        buttons = [b for b in seen.having("data-action") if b["data-action"] == "page" and "disabled" not in b]
        assert len(seen.having("data-place")) == rows and shown in seen.text
        assert [b["data-value"] for b in buttons] == [*steps, *steps]


def test_the_sorted_column_says_so(documents: dict[str, Document], read: Read) -> None:
    heads = read(page([BASE], documents, sort="value", descending=True)).having("aria-sort")
    assert [h["class"] for h in heads if h["aria-sort"] == "descending"] == ["value"]
    assert {h["aria-sort"] for h in heads} == {"descending", "none"}


def test_downloads_ask_for_exactly_what_is_shown(documents: dict[str, Document], read: Read) -> None:
    links = [
        a["href"] for a in read(page([BASE], documents, text="吞吐", sort="value", descending=True)).having("href")
    ]
    query = "text=%E5%90%9E%E5%90%90&sort=value&descending=True&lang=zh"
    assert links == [f"/xietong/figures.csv?{query}", f"/xietong/figures.xlsx?{query}"]


def test_nothing_to_show_is_told_with_what_to_do(documents: dict[str, Document]) -> None:
    assert ZH("figures_none") in page([], documents)
    assert ZH("figures_no_match") in page([BASE], documents, text="没有这个词")


def test_words_of_documents_are_escaped(make_document: Make, read: Read, evil: str) -> None:
    documents = {"d1": make_document("d1", evil, evil)}
    bad = replace(
        BASE, value=evil, unit=evil, raw=evil, indicator=evil, period=evil, change=evil, entity=evil,
        quote=f"{evil}{evil}{evil}",
    )  # fmt: skip
    seen = read(page([bad], documents))
    assert "img" not in [tag for tag, _ in seen.tags] and seen.text.count(evil) >= 6
    assert seen.having("data-copy")[0]["data-copy"].count(evil) == 5
