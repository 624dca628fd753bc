"""Tables in raw text: which rows carry which lines above them."""

import pytest

from index.columns import column_headers
from index.outline import paragraphs


def headers(text: str) -> dict[str, str]:
    """Each row → the lines that name its columns, blank ones left out."""
    found = {text[p.start : p.end]: p.context for p in paragraphs(text) if p.header}
    return {row: "/".join(line for line in context.split("\n") if line) for row, context in found.items()}


def test_rows_typed_with_spaces_carry_caption_unit_and_names() -> None:
    text = (
        "**表3：各镇小学**\n\n单位：人\n\n- 镇 学生 教师\n- 东湾镇 1,200 95\n- 西湾镇 860 71\n- 其中：\n- 山口村 90 8"
    )
    above = "**表3：各镇小学**/单位：人/- 镇 学生 教师"
    rows = ["- 东湾镇 1,200 95", "- 西湾镇 860 71", "- 其中：", "- 山口村 90 8"]
    assert headers(text) == dict.fromkeys(rows, above)


def test_names_in_two_lines_and_a_row_of_years() -> None:
    text = "指标 全国\n城市 农村\n价格 -0.7 -0.9 -0.3\n食品 0.7 1.0 0.1\n其中：粮食 5.6 5.7 5.5\n"
    assert set(headers(text).values()) == {"指标 全国/城市 农村"}
    text = "单位：吨\n品名 2020年 2021年\n稻谷 12 13\n小麦 7 8\n"
    assert headers(text) == dict.fromkeys(["稻谷 12 13", "小麦 7 8"], "单位：吨/品名 2020年 2021年")


def test_a_mark_of_boldness_around_a_table_hides_nothing() -> None:
    text = "**表1 学校**\n\n**| 镇 | 学校 |\n| --- | --- |\n| 东湾 | 12 |\n| 西湾 | 9 |**\n"
    found = headers(text)
    assert found["| 东湾 | 12 |"] == found["| 西湾 | 9 |**"] == "**表1 学校**/**| 镇 | 学校 |"


def test_a_pipe_table_carries_the_unit_above_it() -> None:
    text = "正文。\n\n单位：亿元\n\n| 指标 | 数 |\n|---|---|\n| 存款 | 5 |\n"
    assert headers(text)["| 存款 | 5 |"] == "单位：亿元/| 指标 | 数 |"


@pytest.mark.parametrize(
    "text",
    [
        "办公室 电话 12345\n财务科 电话 23456",  # two lines are no table
        "东湾镇小学 12\n西湾镇小学 13\n南湾镇小学 14",  # a list: no caption, no unit, no names
        "各镇 情况\n东湾镇 12\n西湾镇 13\n南湾镇 14",  # one number a line needs a caption or a unit
        "各镇情况如下:\n东湾镇有学校 12 13。\n西湾镇有学校 9 8。\n南湾镇有学校 7 6。",  # sentences
    ],
)
def test_lines_with_numbers_are_not_always_rows(text: str) -> None:
    assert headers(text) == {}


def test_a_table_begins_anew_below_each_names_line() -> None:
    text = "镇 学生 教师\n甲镇 1 2\n乙镇 3 4\n丙镇 5 6\n\n村 户 人\n丁村 1 2\n戊村 3 4\n己村 5 6\n"
    found = headers(text)
    assert found["丙镇 5 6"] == "镇 学生 教师" and found["丁村 1 2"] == "村 户 人"


def test_a_text_without_lines_has_no_table() -> None:
    assert column_headers("", []) == {}
