"""Rows of tables: cells, columns by their names, and units."""

import random

import pytest

from assistant.question import understand
from assistant.tables import cells_before, choose_cell, is_row, numeric_cells
from index import Cell, cells
from tests.assistant.hits import offsets_of, sentence

HEADER = "乡镇 | 小学在校生 | 初中在校生 | 教师"
ROW = "东湾镇 | 1,200 | 860 | 95"


def chosen(asked: str, row: str, header: str, *pairs: tuple[str, str]) -> tuple[str, str | None] | None:
    question = understand(asked)
    return choose_cell(question, sentence(question, row, *pairs, context=header), offsets_of(question), header)


# Cells


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("东湾镇 | 12 | 3.5%", ["东湾镇", "12", "3.5%"]),
        ("东湾镇 |  | 3", ["东湾镇", "", "3"]),
        ("| 东湾镇 | 12 |", ["东湾镇", "12"]),
        ("|东湾镇|12|", ["东湾镇", "12"]),
        ("| 东湾镇 |  | 12 |", ["东湾镇", "", "12"]),
        ("  | 东湾镇 | 12 |  ", ["东湾镇", "12"]),
        ("| | 12 |", ["", "12"]),
        ("|  | 东湾镇 | 12", ["", "", "东湾镇", "12"]),
        ("| 东湾镇 | 12 |**", ["东湾镇", "12"]),
    ],
)
def test_cells_are_split_at_bars_and_empty_ones_are_kept(line: str, words: list[str]) -> None:
    assert is_row(line.strip())
    found = cells(line)
    assert [cell.text for cell in found] == words
    assert all(line[cell.start : cell.end] == cell.text for cell in found)


@pytest.mark.parametrize("at", [-40, 0, 17])
def test_cells_are_moved_to_their_place(at: int) -> None:
    assert cells(ROW, at) == [Cell(c.start + at, c.end + at, c.text) for c in cells(ROW)]


def test_random_rows_are_read_back() -> None:
    made = random.Random(2)
    for _ in range(300):
        words = made.choices(["东湾镇", "", "12", "3.5%", "1,200", "备 注"], k=made.randrange(2, 7))
        joined = " | ".join(words)
        assert [c.text for c in cells(f"| {joined} |")] == words
        if words[0] and words[-1]:
            assert [c.text for c in cells(joined)] == words


def test_a_sentence_is_no_row() -> None:
    assert not is_row("东湾镇有学校12所。") and is_row(ROW) and is_row("|东湾镇|12|")


@pytest.mark.parametrize("text", ["12", "1,200", "3.5%", "-2", "−2.1％", "¥300", "95‰"])
def test_a_cell_with_a_number_and_nothing_else_is_numeric(text: str) -> None:
    assert [c.text for c in numeric_cells(f"东湾镇 | {text}")] == [text]


@pytest.mark.parametrize("text", ["", "约12", "12所", "—", "2021年", "第3"])
def test_other_cells_are_not_numeric(text: str) -> None:
    assert numeric_cells(f"东湾镇 | {text}") == []


# The cell that is asked for


@pytest.mark.parametrize(("asked", "cell"), [("小学", "1,200"), ("初中", "860"), ("教师", "95")])
def test_the_column_is_the_one_whose_name_the_question_says(asked: str, cell: str) -> None:
    assert chosen(f"东湾镇{asked}有多少?", ROW, HEADER) == (cell, None)
    piped = "| " + " | ".join(HEADER.split(" | ")) + " |"
    assert chosen(f"东湾镇{asked}有多少?", f"| {ROW} |", piped) == (cell, None)


def test_a_column_is_found_by_other_words_too() -> None:
    assert chosen("东湾镇有多少老师?", ROW, HEADER, ("老师", "教师")) == ("95", None)


def test_a_column_under_two_header_lines_is_found_by_either() -> None:
    header = "乡镇 | 学生 | 学生 | 经费\n乡镇 | 男生 | 女生 | 经费"
    assert chosen("女生有多少?", "东湾镇 | 61 | 52 | 9", header) == ("52", None)
    assert chosen("经费有多少?", "东湾镇 | 61 | 52 | 9", header) == ("9", None)


def test_of_columns_that_match_alike_the_first_counts() -> None:
    assert chosen("东湾镇的数字是多少?", ROW, "乡镇 | 甲 | 乙 | 丙") == ("1,200", None)


def test_a_header_of_another_width_names_no_column_but_the_row_still_answers() -> None:
    assert chosen("东湾镇教师有多少?", ROW, "教师 | 东湾镇") == ("1,200", None)


@pytest.mark.parametrize(
    ("header", "unit"),
    [
        ("乡镇 | 经费(万元) | 面积(亩)", "万元"),
        ("乡镇 | 经费（万元） | 面积（亩）", "万元"),
        ("单位:千元\n乡镇 | 经费 | 面积", "千元"),
        ("单位：千元\n乡镇 | 经费(万元) | 面积", "万元"),
        ("单 位:元,户\n乡镇 | 经费 | 面积", "元"),
        ("乡镇 | 经费 | 面积(亩)", None),
        ("乡镇 | 经费 | 面积", None),
    ],
)
def test_the_column_s_own_unit_is_told_before_the_table_s(header: str, unit: str | None) -> None:
    assert chosen("东湾镇经费是多少?", "东湾镇 | 320 | 45", header) == ("320", unit)


def test_a_row_without_numbers_has_no_cell_that_answers() -> None:
    assert chosen("东湾镇小学有多少?", "东湾镇 | 无 | — | ", HEADER) is None


def test_random_tables_give_each_column_its_own_cell() -> None:
    made = random.Random(4)
    names = ["幼儿园", "卫生室", "图书角", "蔬菜棚", "污水厂", "敬老院"]
    for _ in range(60):
        columns = made.sample(names, 4)
        numbers = [str(n) for n in made.sample(range(1000), 4)]
        for name, number in zip(columns, numbers, strict=True):
            header, row = " | ".join(["乡镇", *columns]), " | ".join(["东湾镇", *numbers])
            assert chosen(f"东湾镇{name}有多少?", row, header) == (number, None)


@pytest.mark.parametrize(("asked", "cell"), [("教师", "95"), ("备注费", "7")])
def test_empty_cells_at_the_end_of_a_row_or_a_header_hide_no_column(asked: str, cell: str) -> None:
    header = "乡镇 | 学校 |  | 备注费\n|  小学 | 教师"
    row = "东湾镇 | 12 | 95 | 7" if asked == "备注费" else "东湾镇 | 12 | 95"
    assert chosen(f"东湾镇{asked}有多少?", row, header) == (cell, None)


def test_a_name_over_several_columns_stands_for_each_but_no_further() -> None:
    header = "乡镇 | 小学 |  | 初中\n| 教师 | 学生 | 教师"
    row = "东湾镇 | 12 | 95 | 7"
    assert chosen("东湾镇小学学生有多少?", row, header) == ("95", None)
    assert chosen("东湾镇初中教师有多少?", row, header) == ("7", None)


@pytest.mark.parametrize(
    ("asked", "cell"),
    [("东湾镇水稻有多少吨?", "95"), ("东湾镇水稻涨幅是多少?", "10.2"), ("东湾镇水稻占比多少?", "7.5%")],
)
def test_an_amount_is_not_answered_by_a_share_nor_a_share_by_an_amount(asked: str, cell: str) -> None:
    header = "乡镇 | 水稻比上年增长% | 产量 | 在全县" if cell != "7.5%" else "乡镇 | 水稻 | 产量 | 在全县"
    row = "东湾镇 | 10.2 | 95 | 7.5%" if cell != "10.2" else "东湾镇 | 10.2 | 95 | 7"
    assert chosen(asked, row, header) == (cell, "%" if cell == "10.2" else None)


def test_of_shares_the_one_beside_the_column_that_is_named_counts() -> None:
    header = "| 国家 | 出口额 | | 比上年增长% | | 进口额 | | 比上年增长% | |"
    row = "| 甲国 | 409 |  | 38.0 |  | 208 |  | 51.8 |  |"
    assert chosen("对甲国进口额增长多少?", row, header) == ("51.8", "%")
    assert chosen("对甲国出口额增长多少?", row, header) == ("38.0", "%")
    assert chosen("对甲国进口额是多少亿元?", row, header) == ("208", None)


def test_a_column_whose_name_is_said_goes_before_one_that_is_alike() -> None:
    header = "科目 | 合计 | 基本支出 | 项目支出"
    alike = (("基本支出", "项目支出"), ("支出", "项目"))
    assert chosen("住房公积金的基本支出是多少?", "住房公积金 | 9 | 7 | 2", header, *alike) == ("7", None)


@pytest.mark.parametrize(
    ("asked", "cell"),
    [
        ("东湾镇学生有多少?", ("1,200", "人")),
        ("东湾镇教师有多少?", ("95", "人")),
        ("东湾镇比上年增长率是多少?", ("-3.5", "%")),
    ],
)
def test_a_row_typed_with_spaces_has_cells_and_columns(asked: str, cell: tuple[str, str]) -> None:
    header, row = "**表3：各镇小学**\n\n单位：人\n\n**- 镇 学 生 教师 比上年增长%", "- 东湾镇 （ 本级 ） 1,200 95 -3.5"
    assert is_row(row) and [c.text for c in cells(row)] == ["东湾镇 （ 本级 ）", "1,200", "95", "-3.5"]
    assert all(row[c.start : c.end] == c.text for c in cells(row))
    assert chosen(asked, row, header) == cell


def test_names_in_two_lines_belong_to_the_last_columns() -> None:
    header = "- 指 标 全 国\n- 城 市 农 村"
    assert chosen("农村鲜菜多少?", "- 鲜菜 15.4 15.0 16.7", header, ("农村", "农 村")) == ("16.7", None)
    assert chosen("鲜菜多少?", "- 鲜菜 15.4 15.0 16.7", "价格") == ("15.4", None)


def test_the_second_of_two_tables_side_by_side_has_its_own_columns() -> None:
    header, row = "收入 |  | 支出\n项目 | 数 | 项目 | 合计 | 本级", "税收 | 12 | 教育 | 9 | 8"
    question, part = understand("教育支出本级是多少?"), "教育 | 9 | 8"
    hit = sentence(question, part, context=header, start=row.index(part))
    before = cells_before(row, row.index(part))
    assert before == 2 and cells_before("| 税收 | 12 | 教育 | 9 |", 12) == 2
    assert choose_cell(question, hit, offsets_of(question), header, before) == ("8", None)
