import pytest

from index.reading.tables import Cell, caption_rows, grid, header_rows, is_number, plain_grid, row_cells, row_line

BUDGET = [
    Cell("项目", 0, 0, 1, 4), Cell("支出预算", 0, 4, 1, 2),
    Cell("编码", 1, 0, 1, 3), Cell("名称", 1, 3, 2, 1), Cell("合计", 1, 4, 2, 1), Cell("其中", 1, 5, 2, 1),
    Cell("类", 2, 0), Cell("款", 2, 1), Cell("项", 2, 2),
    Cell("204", 3, 0), Cell("06", 3, 1), Cell("", 3, 2), Cell("司法", 3, 3), Cell("5.00", 3, 4), Cell("", 3, 5),
]  # fmt: skip


@pytest.mark.parametrize("cells", [["甲", "", "乙"], ["", "甲"], ["", "", "4.5"], ["甲"]])
def test_a_row_can_be_taken_apart_again(cells: list[str]) -> None:
    assert row_cells(row_line(cells)) == cells


def test_empty_cells_at_the_end_are_left_out() -> None:
    assert row_line(["甲", "", "乙", "", ""]) == "甲 |  | 乙"


def test_a_header_ends_where_each_column_has_its_own_name() -> None:
    table = grid(BUDGET, 4, 6)
    assert header_rows(table) == 3
    assert [table.line(row, repeat=False) for row in range(4)] == [
        "项目 |  |  |  | 支出预算", "编码 |  |  | 名称 | 合计 | 其中", "类 | 款 | 项", "204 | 06 |  | 司法 | 5.00",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("rows", "count"),
    [
        ([["年份", "2023", "2024"], ["人口", "5", "6"]], 1),
        ([["2023", "5"], ["2024", "6"]], 0),
        ([["序号", "名称", "备注"], ["1", "甲", ""]], 1),
        ([["名称", "说明"], ["甲", "乙"], ["丙", "丁"]], 1),
        ([["项目", "", "支出", ""], ["码", "名", "预算", "决算"], ["1", "甲", "2", "3"]], 2),
        ([["指标", "数值"], ["栏次", "1"], ["人口", "5"]], 1),
        ([["只有一行"]], 0),
    ],
)
def test_header_rows_of_tables_without_spans(rows: list[list[str]], count: int) -> None:
    assert header_rows(plain_grid(rows)) == count


def test_a_title_and_a_unit_inside_a_table_stand_above_its_header() -> None:
    assert (
        caption_rows(
            plain_grid([["收支表", "", ""], ["编制：甲", "", "单位：元"], ["名", "数", "率"], ["a", "1", "2"]])
        )
        == 2
    )
    assert caption_rows(plain_grid([["名", "数"], ["a", "1"]])) == 0


@pytest.mark.parametrize("words", ["5", "-1,234.50", "10.4%", "(3.2)", "¥8", "3.5万元", "2023"])
def test_numbers(words: str) -> None:
    assert is_number(words)


@pytest.mark.parametrize("words", ["", "第3", "3号线", "2023年", "一", "—"])
def test_words_that_are_no_numbers(words: str) -> None:
    assert not is_number(words)
