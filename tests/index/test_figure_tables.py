from typing import Any

import pytest

from index import Document, Figure
from index.figures import figures_of
from index.types import Layout

DOCUMENT = Document(
    "d", "2026年部门预算", "b.pdf", "0" * 64, "text/plain", None, 1, 1, "2026-01-01T00:00:00+00:00", None, None, "2026"
)


def figures(text: str, **layout: Any) -> list[Figure]:
    found = figures_of(DOCUMENT, text, Layout(**layout))
    assert all(text[f.start : f.end] == f.raw for f in found)
    assert all(text[f.quote_start : f.quote_start + len(f.quote)] == f.quote for f in found)
    return found


def drawn(*lines: str, headers: int = 1) -> tuple[str, dict[int, tuple[int, int]]]:
    """A table of a reader that knows its cells: the text, and for each row the span of its header."""
    text = "\n".join(lines)
    starts = [sum(len(line) + 1 for line in lines[:at]) for at in range(len(lines))]
    header = (0, starts[headers] - 1)
    return text, dict.fromkeys(starts[headers:], header)


def test_a_cell_is_named_by_its_row_and_its_column_and_has_the_unit_of_the_column() -> None:
    text, headers = drawn("项目 | 2024年(万元) | 增长%", "其中:教育支出 | 1,234.50 | -3.2")
    shown = [(f.value, f.unit, f.kind, f.indicator, f.period) for f in figures(text, table_headers=headers)]
    assert shown == [
        ("1,234.50", "万元", "amount", "教育支出", "2024年"),
        ("-3.2", "%", "percent", "教育支出 · 增长%", "2026年"),
    ]


def test_the_unit_above_a_table_holds_for_its_cells() -> None:
    text, headers = drawn("单位:元", "项目 | 预算数", "收入总计 | 91,016,775.35", headers=2)
    assert [(f.unit, f.quote) for f in figures(text, table_headers=headers)] == [("元", "收入总计 | 91,016,775.35")]


def test_codes_and_serial_numbers_are_no_figures() -> None:
    lines = ("功能分类科目编码 |  | 序号 | 科目名称 | 合计", "类 | 款 |  |  | ", "201 | 03 | 1 | 行政运行 | 120.00")
    text, headers = drawn(*lines, headers=2)
    assert [f.raw for f in figures(text, table_headers=headers)] == ["120.00"]


def test_of_two_tables_side_by_side_each_number_is_named_by_the_words_before_it() -> None:
    text, headers = drawn("项目 | 预算数 | 项目 | 预算数", "财政拨款收入 | 91.5 | 公共服务支出 | 82.1")
    assert [(f.indicator, f.raw) for f in figures(text, table_headers=headers)] == [
        ("财政拨款收入 · 预算数", "91.5"), ("公共服务支出 · 预算数", "82.1"),
    ]  # fmt: skip


def test_rows_typed_with_spaces_say_their_unit_in_a_column() -> None:
    head = "表2:2010年主要产品产量\n产品名称 单位 产量 比上年增长%\n"
    text = head + "纱 万吨 2717.0 13.5\n布 亿米 800.0 6.2\n化纤 万吨 3090.0 12.5\n"
    found = [(f.indicator, f.value, f.unit, f.period) for f in figures(text)]
    assert found[:3] == [
        ("纱 · 产量", "2717.0", "万吨", "2010年"), ("纱 · 比上年增长%", "13.5", "%", "2010年"),
        ("布 · 产量", "800.0", "亿米", "2010年"),
    ]  # fmt: skip


@pytest.mark.parametrize("row", ["| 甲地 | 12.5 |", "| 甲地 | 12.5 | |"])
def test_pipe_tables_are_read_and_their_rules_and_headers_are_no_figures(row: str) -> None:
    text = f"| 地区 | 2023年 |\n|---|---|\n{row}\n"
    assert [(f.indicator, f.raw, f.period) for f in figures(text)] == [("甲地", "12.5", "2023年")]


def test_prose_in_a_cell_gives_its_own_figures_with_its_sentence() -> None:
    text, headers = drawn("项目 | 说明", "培训 | 全年组织培训12场,参加人数达到300人。费用由区里承担。")
    found = figures(text, table_headers=headers)
    assert [(f.raw, f.quote) for f in found] == [
        ("12场", "全年组织培训12场,参加人数达到300人。"), ("300人", "全年组织培训12场,参加人数达到300人。"),
    ]  # fmt: skip
