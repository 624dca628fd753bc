from index.cells import Cell, cells, columns, typed_columns


def names(found: list[list[Cell]]) -> list[list[str]]:
    return [[cell.text for cell in column] for column in found]


def test_a_header_cell_stands_also_for_the_columns_after_it_that_have_no_name() -> None:
    assert names(columns("项目 | 收入 |  | 支出\n | 预算 | 决算 | 预算")) == [
        ["项目"], ["收入", "预算"], ["收入", "决算"], ["支出", "预算"],
    ]  # fmt: skip


def test_header_cells_stand_at_their_place_before_the_row() -> None:
    context, row = "项目 | 收入", "税 | 5"
    text = f"{context}\n{row}"
    begin = len(context) + 1
    for column in columns(context):
        assert all(text[begin + cell.start : begin + cell.end] == cell.text for cell in column)


def test_the_columns_of_a_row_typed_with_spaces_are_the_last_names_of_its_header() -> None:
    assert names(typed_columns("产品名称 单位 产量 增长%", 2)) == [[], ["产量"], ["增长%"]]


def test_a_row_typed_with_spaces_has_its_name_and_its_numbers_as_cells() -> None:
    assert [cell.text for cell in cells("- 纱 万吨 2717.0 13.5")] == ["纱 万吨", "2717.0", "13.5"]
