from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from typing import Any

from assistant import Document, Figure, comparisons
from assistant.web.chart import chart_html
from assistant.web.texts import Words

ZH = Words("zh")
BASE = Figure(
    "d1", 10, 14, "4.3", "%", "4.3%", "percent", "地区生产总值增长", "2023年", "", "天津市", 1, None, 0, "增长4.3%"
)


def chart(figures: list[Figure], documents: dict[str, Document]) -> str:
    return chart_html(comparisons(figures, documents)[0], documents, ZH)


def test_over_years_each_figure_is_a_point_that_leads_to_its_place(
    make_document: Callable[..., Document], read: Callable[[str], Any]
) -> None:
    documents = {"d1": make_document("d1", "报告", "a.txt")}
    other = replace(BASE, start=30, end=33, value="1", raw="1%", period="2022年")
    seen = read(
        chart([BASE, other, replace(BASE, start=50, end=56, raw="约5%", value="5", period="2024年")], documents)
    )
    points = [a for tag, a in seen.tags if tag == "g"]
    assert [p["data-place"] for p in points] == ["d1:30:33", "d1:10:14", "d1:50:56"]
    assert all(p["role"] == "button" and p["tabindex"] == "0" for p in points)
    assert points[0]["aria-label"] == "天津市,2022年,1%"
    assert ["hollow" in p["class"] for p in points] == [False, False, True]
    (line,) = [a for tag, a in seen.tags if tag == "polyline"]
    (x1, y1), (x2, y2) = (map(float, pair.split(",")) for pair in line["points"].split(" "))
    assert x1 < x2 and y1 > y2  # later is to the right, more is higher
    assert "地区生产总值增长(单位:%)" in seen.text and ZH("chart_hollow") in seen.text


def test_no_line_joins_years_that_do_not_follow_each_other_or_a_year_told_twice(
    make_document: Callable[..., Document], read: Callable[[str], Any]
) -> None:
    documents = {"d1": make_document("d1", "报告", "a.txt")}
    years = [replace(BASE, start=at, period=f"{year}年") for at, year in enumerate((2015, 2016, 2019, 2021, 2022))]
    lines = [a["points"].count(",") for tag, a in read(chart(years, documents)).tags if tag == "polyline"]
    assert lines == [2, 2]
    twice = [*years, replace(BASE, start=90, period="2016年", value="9", raw="9%")]
    assert "polyline" not in chart(twice, documents)


def test_labels_of_one_year_do_not_lie_on_each_other(
    make_document: Callable[..., Document], read: Callable[[str], Any]
) -> None:
    documents = {"d1": make_document("d1", "报告", "a.txt")}
    figures = [replace(BASE, start=at, value=f"4.{at}", raw=f"4.{at}%", entity=f"第{at}市") for at in range(5)]
    seen = read(chart([*figures, replace(BASE, start=99, value="90", raw="90%", period="2020年")], documents))
    heights = sorted(float(a["y"]) for tag, a in seen.tags if tag == "text" and a.get("class") == "beside")
    assert all(b - a >= 16 for a, b in pairwise(heights[1:]))


def test_in_one_year_each_figure_is_a_bar_as_long_as_its_number(
    make_document: Callable[..., Document], read: Callable[[str], Any]
) -> None:
    documents = {"d1": make_document("d1", "报告", "a.txt")}
    seen = read(chart([BASE, replace(BASE, start=30, value="8.6", raw="8.6%", entity="河北省")], documents))
    widths = [float(a["width"]) for tag, a in seen.tags if tag == "rect"]
    assert len(widths) == 2 and abs(max(widths) / min(widths) - 2) < 0.01
    assert "polyline" not in [tag for tag, _ in seen.tags]


def test_the_same_figures_stand_in_a_table_with_their_places(
    make_document: Callable[..., Document], read: Callable[[str], Any]
) -> None:
    documents = {"d1": make_document("d1", "报告", "a.txt")}
    seen = read(chart([BASE, replace(BASE, start=30, end=34, period="2022年", raw="8.6%", value="8.6")], documents))
    buttons = [a["data-place"] for tag, a in seen.tags if tag == "button"]
    assert buttons == ["d1:30:34", "d1:10:14"] and "details" in [tag for tag, _ in seen.tags]


def test_words_of_documents_are_escaped(
    make_document: Callable[..., Document], read: Callable[[str], Any], evil: str
) -> None:
    documents = {"d1": make_document("d1", evil, evil)}
    bad = replace(BASE, indicator=evil * 3, entity=evil, unit=evil, raw=evil, period=f"{evil}2023年")
    html = chart([bad, replace(bad, start=20, period=f"{evil}2022年")], documents)
    assert "<img" not in html and {t for t, _ in read(html).tags} <= {
        "figure", "figcaption", "svg", "title", "text", "line", "polyline", "g", "circle", "p", "details", "summary",
        "table", "thead", "tr", "th", "tbody", "td", "button", "ul", "li", "rect",
    }  # fmt: skip
