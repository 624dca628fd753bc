from datetime import date, datetime
from io import BytesIO
from zipfile import ZipFile

import pytest
from openpyxl import Workbook

from index.errors import InputRefused
from index.reading import Bounds, Extract, read
from index.reading.formats import shown
from index.reading.xlsx import read_xlsx


def extract(book: Workbook, bounds: Bounds | None = None) -> Extract:
    out = BytesIO()
    book.save(out)
    return read_xlsx(out.getvalue(), "表.xlsx", bounds or Bounds())


@pytest.mark.parametrize(
    ("value", "number_format", "words"),
    [
        (2892504, "0.00", "2892504.00"),
        (2892504, "#,##0.00", "2,892,504.00"),
        (0.104, "0.0%", "10.4%"),
        (0.1 + 0.2, "General", "0.3"),
        (1e15, "General", "1000000000000000"),
        (-12.5, "#,##0.00;(#,##0.00)", "(12.50)"),
        (-12.5, "0.0_ ", "-12.5"),
        (0, '_ * #,##0.00_ ;_ * \\-#,##0.00_ ;_ * "-"??_ ;_ @_ ', "-"),
        (1234.5, '_ ¥* #,##0.00_ ', "¥1,234.50"),
        (7, '000', "007"),
        (0.5, "#.##", ".5"),
        (3, '0"个"', "3个"),
        (True, "General", "TRUE"),
        (date(2025, 1, 5), "yyyy-mm-dd", "2025-01-05"),
        (datetime(2025, 1, 5), 'yyyy"年"m"月"d"日"', "2025年1月5日"),
        (datetime(2025, 1, 5, 8, 30), "yyyy-mm-dd hh:mm", "2025-01-05 08:30:00"),
        (None, "General", ""),
    ],
)  # fmt: skip
def test_a_number_is_written_as_it_is_displayed(value: object, number_format: str, words: str) -> None:
    assert shown(value, number_format) == words


def test_a_sheet_is_a_page_with_its_name_as_heading() -> None:
    book = Workbook()
    first, second = book.active, book.create_sheet("支出")
    assert first is not None
    first.title = "收入"
    for sheet, amount in ((first, 12.5), (second, 8)):
        sheet.append(["项目", "金额"])
        sheet.append(["合计", amount])
    hidden = book.create_sheet("隐藏")
    hidden.append(["不读", 1])
    hidden.sheet_state = "hidden"
    found = extract(book)
    assert found.text == "收入\n项目 | 金额\n合计 | 12.5\n支出\n项目 | 金额\n合计 | 8"
    assert found.pages == 2 and found.page_starts == (0, found.text.index("支出"))
    assert found.headings == {0: 1, found.text.index("支出"): 1}


def test_title_unit_and_a_header_of_two_rows_are_told_from_the_values() -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (["2025年收支表"], ["单位：万元"], ["项目", "收入", None, "支出"], [None, "预算", "决算", None],
                ["办公费", 1, 2, 3], [None, 4, 5, 6]):  # fmt: skip
        sheet.append(row)
    for merged in ("A1:D1", "A3:A4", "B3:C3", "D3:D4", "A5:A6"):
        sheet.merge_cells(merged)
    found = extract(book)
    assert found.text.split("\n") == [
        "2025年收支表", "单位：万元", "项目 | 收入 |  | 支出", "| 预算 | 决算",
        "办公费 | 1 | 2 | 3", "办公费 | 4 | 5 | 6",
    ]  # fmt: skip
    header = (found.text.index("单位"), found.text.index("\n办公费"))
    assert list(found.table_headers.values()) == [header, header]
    assert found.headings == {0: 2}


def test_a_blank_row_parts_two_tables_and_blank_columns_do() -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (["甲", "乙"], [1, 2], [], ["丙", "丁", None, None, "戊", "己"], [3, 4, None, None, 5, 6]):
        sheet.append(row)
    found = extract(book)
    assert found.text.split("\n") == ["甲 | 乙", "1 | 2", "丙 | 丁", "3 | 4", "戊 | 己", "5 | 6"]
    headers = [found.text[a:b] for a, b in found.table_headers.values()]
    assert headers == ["甲 | 乙", "丙 | 丁", "戊 | 己"]


def test_rows_after_a_blank_row_keep_the_header() -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (["地区", "人口"], ["北京", 2183], [], ["天津", 1363]):
        sheet.append(row)
    found = extract(book)
    assert {found.text[a:b] for a, b in found.table_headers.values()} == {"地区 | 人口"}
    assert len(found.table_headers) == 2


def test_too_many_sheets_are_refused() -> None:
    book = Workbook()
    for number in range(3):
        book.create_sheet(f"表{number}").append(["甲"])
    with pytest.raises(InputRefused, match="XIETONG_MAX_PAGES"):
        extract(book, Bounds(pages=2))


@pytest.mark.parametrize("number", ["1048577", "1e9"])
def test_a_row_numbered_past_the_end_of_any_sheet_is_told_at_once(number: str) -> None:
    book, whole, torn = Workbook(), BytesIO(), BytesIO()
    book.worksheets[0].append(["镇", "人口"])
    book.worksheets[0].append(["东湾", 12])
    book.save(whole)
    with ZipFile(whole) as old, ZipFile(torn, "w") as new:
        for name in old.namelist():
            new.writestr(name, old.read(name).replace(b'<row r="2"', f'<row r="{number}"'.encode()))
    with pytest.raises(InputRefused, match="no sound"):
        read(torn.getvalue(), "人口.xlsx")
