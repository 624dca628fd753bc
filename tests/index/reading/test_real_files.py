"""Real documents of offices, each compared with what a person saw in it. XIETONG_TEST_DOCS names their folder."""

import os
import re
from functools import cache
from pathlib import Path

import pytest

from index.ingest import describe
from index.outline import paragraphs
from index.reading import Extract, read

FOLDER = Path(os.environ.get("XIETONG_TEST_DOCS") or "missing")
pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason="XIETONG_TEST_DOCS names no folder of documents")

JUSTICE = "dept_budget.pdf"
OFFICE = "上海市普陀区人民政府办公室25年预算.pdf"
SOCIAL = "中共上海市普陀区委社会工作部 2024 年度部门决算.pdf"


@cache
def extract(name: str) -> Extract:
    path = next(FOLDER.rglob(name), None)
    if path is None:
        pytest.skip(f"{name} is not in the folder")
    return read(path.read_bytes(), name)


def row(found: Extract, line: str) -> str:
    """The header of the row that is this line, as one string."""
    start = ("\n" + found.text).index(f"\n{line}\n")
    a, b = found.table_headers[start]
    return found.text[a:b]


@pytest.mark.parametrize(
    ("name", "line", "header"),
    [
        (JUSTICE, "302 | 11 | 差旅费 | 95000.00 | 0.00 | 95000.00", "单位：元"),
        (JUSTICE, "301 | 01 | 基本工资 | 2892504.00 | 2892504.00 | 0.00", "合计 | 人员经费 | 公用经费"),
        (JUSTICE, "10.81 | 0 | 0.83 | 9.98 | 0 | 9.98 | 217.83", "单位:万元"),
        (OFFICE, "302 | 29 | 福利费 | 483,840.00 |  | 483,840.00", "人员经费 | 公用经费"),
        (OFFICE, "867.50 | 839.00 | 28.50 |  |  |  | 213.28", "因公出国(境)费 | 公务接待费"),
        (SOCIAL, "2080505 | 机关事业单位基本养老保险缴费支出 | 6.18 | 6.18", "本年支出合计 | 基本支出"),
        (SOCIAL, "2210201 | 住房公积金 | 17.70 | 17.70", "附属单位上缴收入"),
    ],
)
def test_a_row_of_a_budget_has_its_header_also_on_a_later_page(name: str, line: str, header: str) -> None:
    found = extract(name)
    starts = [m.start() for m in re.finditer(f"(?m)^{re.escape(line)}$", found.text)]
    headers = [found.text[slice(*found.table_headers[start])] for start in starts]
    assert any(header in text for text in headers)


@pytest.mark.parametrize(
    ("name", "paragraph"),
    [
        (JUSTICE, "政府采购工程预算36.44万元、政府采购服务预算1446.32万元。"),
        (JUSTICE, "负责下属单位国有资产投资项目计划的审核、立项和转报工作。负责本系统信息化建设。"),
        (OFFICE, "上海市普陀区人民政府办公室与上海市普陀区机关事务管理局合署办公。"),
        (SOCIAL, "占本年支出合计的100.00%。与2023年度相比，一般公共预算财政拨款支出增加307.82万元"),
        (SOCIAL, "3、一般公共服务支出（类）社会工作事务（款）其他社会工作事务支出（项）。主要用于："),
    ],
)
def test_a_paragraph_is_whole_over_breaks_of_lines_and_pages(name: str, paragraph: str) -> None:
    assert paragraph in extract(name).text


@pytest.mark.parametrize(
    ("name", "title", "date", "period"),
    [
        (JUSTICE, "上海市普陀区2026年区级部门预算(上海市普陀区司法局)", None, "2026"),
        (OFFICE, "上海市普陀区2025年区级部门预算(上海市普陀区人民政府办公室)", None, "2025"),
        (SOCIAL, "中共上海市普陀区委社会工作部2024年度部门决算", None, "2024"),
        ("2025年天津市政府工作报告.docx", "2025年天津市政府工作报告", "2025-01-14", "2025"),
        ("国家统计局年度统计_2009.md", "中华人民共和国2009年国民经济和社会发展统计公报", "2010-02-25", "2009"),
        (
            "主要城市_北京市_2021.txt",
            "政府工作报告(2021年1月23日在北京市第十五届人民代表大会第四次会议上)",
            "2021-01-23",
            None,
        ),
        (
            "主要城市_天津市_2026.txt",
            "政府工作报告(2026年1月26日在天津市第十八届人民代表大会第四次会议上)",
            "2026-01-26",
            None,
        ),
    ],
)
def test_a_title_tells_place_office_and_year(name: str, title: str, date: str | None, period: str | None) -> None:
    found = describe(b"", extract(name), name, {})
    assert (found.title, found.date, found.period) == (title, date, period)


@pytest.mark.parametrize(
    ("name", "row", "names"),
    [
        ("国家统计局年度统计_2009.md", "- 纱 万吨 2393.5 12.7", ["**表2：", "- 产品名称 单 位 产 量 比上年增长%"]),
        ("国家统计局年度统计_2009.md", "- 鲜菜 15.4 15.0 16.7", ["**表1：", "单位：%", "- 城 市 农 村"]),
        (
            "国家统计局年度统计_2010.md",
            "| 印度    | 409  |  | 38.0   |  | 208  |  | 51.8   |  |",
            ["单位：亿美元", "出口额"],
        ),
    ],
)
def test_a_row_of_raw_text_has_caption_unit_and_names(name: str, row: str, names: list[str]) -> None:
    text = extract(name).text
    above = next(p.context for p in paragraphs(text) if text[p.start : p.end] == row)
    assert all(name in above for name in names)


@pytest.mark.parametrize(("name", "lines"), [(JUSTICE, 17), (SOCIAL, 27), ("mineru_docx_01.docx", 37)])
def test_a_table_of_contents_is_told_from_the_text(name: str, lines: int) -> None:
    found = extract(name)
    contents = [p for p in paragraphs(found.text) if p.in_contents]
    assert len(contents) == lines and contents[0].number < 7


@pytest.mark.parametrize(("name", "pages"), [(JUSTICE, 23), (OFFICE, 22), (SOCIAL, 24)])
def test_pages_are_those_of_the_file(name: str, pages: int) -> None:
    found = extract(name)
    assert found.pages == pages == len(found.page_starts)
    assert list(found.page_starts) == sorted(found.page_starts)


@pytest.mark.parametrize(
    ("name", "page", "begins"),
    [
        (JUSTICE, 13, "208 | 05 | 06 | 机关事业单位职业年金缴费支出"),
        (JUSTICE, 22, "其他相关情况说明"),
        (SOCIAL, 18, "100.00%。与2023年度相比"),
        (SOCIAL, 23, "第四部分 名词解释"),
    ],
)
def test_a_page_begins_with_its_first_words(name: str, page: int, begins: str) -> None:
    found = extract(name)
    assert found.text[found.page_starts[page - 1] :].startswith(begins)


def test_lines_of_a_contents_page_stay_apart() -> None:
    lines = extract(SOCIAL).text.split("\n")
    assert lines[0] == "中共上海市普陀区委社会工作部2024年度部门决算"
    assert {"第一部分 中共上海市普陀区委社会工作部概况", "一、主要职能", "十一、其他重要事项说明"} <= set(lines[:32])


def test_titles_of_a_budget_are_headings() -> None:
    found = extract(OFFICE)
    titles = [found.text[start:].split("\n")[0] for start in found.headings]
    assert "2025年部门一般公共预算基本支出部门预算经济分类预算表" in titles and "名词解释" in titles
    assert len(titles) < 30


def test_the_slides_and_sheets_of_the_samples() -> None:
    slides, book = extract("mineru_pptx_01.pptx"), extract("mineru_xlsx_01.xlsx")
    assert slides.pages == 6 and book.pages == 3
    assert "类别 1 | 4.3 | 2.4 | 2" in slides.text
    assert row(book, "4 | 8 | 12 | 16") == "col-1 | col-2 | col-3 | col-4"


def test_the_headings_of_the_sample_document_carry_their_numbers() -> None:
    found = extract("mineru_docx_01.docx")
    levels = {found.text[start:].split("\n")[0]: level for start, level in found.headings.items()}
    assert levels["1.2 Many Tables"] == 2 and levels["1.1. 显式空白字符表示"] == 2 and levels["4 参考文献"] == 1
    assert row(found, "Leaves | Ash, Elm, Maple | 50") == "| Food | Calories per portion"
