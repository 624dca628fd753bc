import csv
import io
from dataclasses import replace
from decimal import Decimal

import pytest

from assistant.figures import (
    FIELDS,
    FigureTable,
    Selection,
    csv_text,
    figure_row,
    harmless,
    is_bare,
    number_of,
    with_unit,
    year_of,
)
from index import Document, Figure

FIRST, SECOND = (
    Document(name, title, f"{name}.txt", "0" * 64, "text/plain", None, 1, 1, "2024-01-01", None, None, None)
    for name, title in (("a", "2号报告"), ("b", "1号报告"))
)
DOCUMENTS = {"a": FIRST, "b": SECOND}
BASE = Figure("a", 3, 6, "5", "亿元", "5亿元", "amount", "投资", "2023年", "", "天津市", 1, None, 0, "完成投资5亿元。")
FIGURES = [
    BASE,
    replace(BASE, start=9, value="300", unit="万元", raw="300万元", period="2021年", entity="北京市"),
    replace(
        BASE,
        document_id="b",
        value="12",
        unit="个",
        raw="12个",
        kind="count",
        indicator="項目",
        period="",
        entity="河北省",
        quote="开工12个。",
    ),
]


def chosen(**wanted: object) -> list[str]:
    return [f.raw for f in FigureTable(FIGURES, DOCUMENTS).select(Selection(**wanted))]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("wanted", "raws"),
    [
        ({}, ["5亿元", "300万元", "12个"]),
        ({"text": "北京"}, ["300万元"]),
        ({"text": "投资 天津"}, ["5亿元"]),
        ({"text": "项目"}, ["12个"]),
        ({"document": "b"}, ["12个"]),
        ({"kind": "amount"}, ["5亿元", "300万元"]),
        ({"period": "2021年"}, ["300万元"]),
        ({"sort": "value"}, ["12个", "300万元", "5亿元"]),
        ({"sort": "value", "descending": True}, ["5亿元", "300万元", "12个"]),
        ({"sort": "period"}, ["300万元", "5亿元", "12个"]),
        ({"descending": True}, ["12个", "300万元", "5亿元"]),
    ],
)
def test_figures_are_selected_and_sorted(wanted: dict[str, object], raws: list[str]) -> None:
    assert chosen(**wanted) == raws


def test_a_figure_of_a_document_that_is_gone_is_not_shown() -> None:
    assert [f.raw for f in FigureTable(FIGURES, {"b": SECOND}).select(Selection())] == ["12个"]


@pytest.mark.parametrize(
    ("value", "unit", "number"),
    [
        ("1,234.5", "亿元", "123450000000"), ("-0.5", "%", "-0.5"), ("3", "千瓦时", "3"), ("2", "百万千瓦", "2000000"),
        ("10—15", "天", "10"), ("第二", "大", None), ("二〇三五", "年", None),
    ],
)  # fmt: skip
def test_the_number_of_a_figure_has_its_scale_multiplied_out(value: str, unit: str, number: str | None) -> None:
    assert number_of(replace(BASE, value=value, unit=unit)) == (None if number is None else Decimal(number))


def test_periods_are_offered_the_latest_first() -> None:
    assert FigureTable(FIGURES, DOCUMENTS).periods == ["2023年", "2021年"]


def test_a_figure_is_shown_with_the_unit_that_its_own_words_lack() -> None:
    assert with_unit(replace(BASE, raw="5", unit="万元")) == "5 万元"
    assert with_unit(replace(BASE, raw="５．２％", unit="%")) == "５．２％" and with_unit(BASE) == "5亿元"


def test_a_bare_number_has_no_qualifier() -> None:
    assert is_bare(BASE) and is_bare(replace(BASE, raw="５ 亿元")) and is_bare(replace(BASE, raw="5"))
    assert not is_bare(replace(BASE, raw="约5亿元")) and not is_bare(replace(BASE, raw="5亿元以上"))


def test_the_year_of_a_period_is_the_last_it_names() -> None:
    assert [year_of(p) for p in ("2017—2021年", "截至2021年底", "目前")] == [2021, 2021, None]


@pytest.mark.parametrize("text", ["=1+1", "+SUM(A1)", "-cmd|x", "@a", "\tx"])
def test_a_cell_that_could_be_a_formula_gets_an_apostrophe(text: str) -> None:
    assert harmless(text) == f"'{text}"


def test_numbers_and_words_stay_as_they_are() -> None:
    assert [harmless(text) for text in ("-0.5", "+3%", "投资", "1+16")] == ["-0.5", "+3%", "投资", "1+16"]


def test_rows_are_written_with_all_fields_and_read_back() -> None:
    evil = replace(BASE, indicator="=HYPERLINK(1)", quote='说,"好"\n')
    head, row = csv.reader(io.StringIO(csv_text([figure_row(evil, FIRST)])))
    assert tuple(head) == FIELDS
    assert dict(zip(head, row, strict=True)) == {
        "indicator": "'=HYPERLINK(1)", "value": "5", "unit": "亿元", "raw": "5亿元", "period": "2023年", "change": "",
        "entity": "天津市", "kind": "amount", "document_id": "a", "file_name": "a.txt", "paragraph": "1", "page": "",
        "start": "3", "end": "6", "quote": '说,"好"\n',
    }  # fmt: skip
