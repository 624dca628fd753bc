from io import BytesIO
from typing import Any

import pytest
from docx import Document
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls

from index.errors import InputRefused
from index.reading import Bounds, Extract
from index.reading.docx import read_docx
from index.reading.numbering import chinese, written


def saved(document: Any) -> bytes:
    out = BytesIO()
    document.save(out)
    return out.getvalue()


def extract(document: Any) -> Extract:
    return read_docx(saved(document), "报告.docx", Bounds())


def rows_with_headers(found: Extract) -> dict[str, str]:
    lines = {found.text.rfind("\n", 0, start) + 1 for start in found.table_headers}
    assert lines == set(found.table_headers), "every key is the start of a line"
    return {found.text[start:].split("\n")[0]: found.text[a:b] for start, (a, b) in found.table_headers.items()}


def test_paragraphs_and_tables_keep_the_order_of_the_body() -> None:
    document = Document()
    document.add_paragraph("　　前文。")
    table = document.add_table(2, 2)
    for cell, words in zip(table._cells, ("指标", "数值", "吞吐量\n(万箱)", "2000"), strict=True):
        cell.text = words
    document.add_paragraph("后文。")
    found = extract(document)
    assert found.text == "前文。\n指标 | 数值\n吞吐量 (万箱) | 2000\n后文。"
    assert rows_with_headers(found) == {"吞吐量 (万箱) | 2000": "指标 | 数值"}
    assert (found.pages, found.page_starts) == (None, ())


def test_headings_follow_from_styles_and_outline_levels() -> None:
    document = Document()
    document.add_heading("报告", 0)
    document.add_heading("总体情况", 1)
    document.add_heading("进展", 2)
    document.add_paragraph("正文。")
    own = document.add_paragraph("自定的一级")
    own._p.get_or_add_pPr().append(parse_xml(f'<w:outlineLvl {nsdecls("w")} w:val="0"/>'))
    found = extract(document)
    named = {found.text[start:].split("\n")[0]: level for start, level in found.headings.items()}
    assert named == {"报告": 1, "总体情况": 1, "进展": 2, "自定的一级": 1}


def test_a_merged_cell_stands_in_each_of_its_rows_and_keeps_the_columns() -> None:
    document = Document()
    table = document.add_table(4, 4)
    rows = [("地区", "收入", "", "备注"), ("", "预算", "决算", ""), ("天津", "1", "2", "甲"), ("", "3", "4", "乙")]
    for row, words in zip(table.rows, rows, strict=True):
        for cell, word in zip(row.cells, words, strict=True):
            cell.text = word
    table.cell(0, 1).merge(table.cell(0, 2))
    table.cell(0, 0).merge(table.cell(1, 0))
    table.cell(0, 3).merge(table.cell(1, 3))
    table.cell(2, 0).merge(table.cell(3, 0))
    found = extract(document)
    assert found.text.split("\n") == [
        "地区 | 收入 |  | 备注",
        "| 预算 | 决算",
        "天津 | 1 | 2 | 甲",
        "天津 | 3 | 4 | 乙",
    ]
    assert rows_with_headers(found)["天津 | 3 | 4 | 乙"] == "地区 | 收入 |  | 备注\n| 预算 | 决算"


def test_a_nested_table_follows_the_table_it_stands_in() -> None:
    document = Document()
    outer = document.add_table(2, 2)
    for cell, words in zip(outer._cells, ("甲", "乙", "外", ""), strict=True):
        cell.text = words
    inner = outer.cell(1, 1).add_table(2, 2)
    for cell, words in zip(inner._cells, ("丙", "丁", "内", "5"), strict=True):
        cell.text = words
    assert extract(document).text == "甲 | 乙\n外\n丙 | 丁\n内 | 5"


def test_a_table_of_one_cell_is_a_frame_around_paragraphs() -> None:
    document = Document()
    cell = document.add_table(1, 1).cell(0, 0)
    cell.text = "第一段。"
    cell.add_paragraph("第二段。")
    assert extract(document).text == "第一段。\n第二段。"


def test_rows_marked_as_header_are_the_header() -> None:
    document = Document()
    table = document.add_table(3, 2)
    for cell, words in zip(table._cells, ("年份", "2023", "户数", "5", "人口", "9"), strict=True):
        cell.text = words
    table.rows[0]._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))
    assert rows_with_headers(extract(document)) == {"户数 | 5": "年份 | 2023", "人口 | 9": "年份 | 2023"}


def test_a_unit_above_a_table_belongs_to_its_header() -> None:
    document = Document()
    document.add_paragraph("单位：万元")
    table = document.add_table(2, 2)
    for cell, words in zip(table._cells, ("项目", "金额", "办公费", "3.78"), strict=True):
        cell.text = words
    assert rows_with_headers(extract(document)) == {"办公费 | 3.78": "单位：万元\n项目 | 金额"}


def test_automatic_numbers_are_written() -> None:
    document = Document()
    root = document.part.numbering_part.element
    levels = "".join(
        f'<w:lvl w:ilvl="{at}"><w:start w:val="1"/><w:numFmt w:val="{form}"/><w:lvlText w:val="{text}"/></w:lvl>'
        for at, (form, text) in enumerate(
            [("chineseCounting", "%1、"), ("chineseCounting", "（%2）"), ("decimal", "%3.")]
        )
    )
    root.insert(0, parse_xml(f'<w:abstractNum {nsdecls("w")} w:abstractNumId="99">{levels}</w:abstractNum>'))
    root.append(parse_xml(f'<w:num {nsdecls("w")} w:numId="99"><w:abstractNumId w:val="99"/></w:num>'))
    for level, words in ((0, "总则"), (1, "目的"), (1, "范围"), (2, "条目"), (0, "附则"), (1, "施行")):
        paragraph = document.add_paragraph(words)
        paragraph._p.get_or_add_pPr().append(
            parse_xml(f'<w:numPr {nsdecls("w")}><w:ilvl w:val="{level}"/><w:numId w:val="99"/></w:numPr>')
        )
    assert extract(document).text.split("\n") == [
        "一、总则",
        "（一）目的",
        "（二）范围",
        "1. 条目",
        "二、附则",
        "（一）施行",
    ]


@pytest.mark.parametrize(
    ("number", "form", "words"),
    [(21, "chineseCounting", "二十一"), (4, "lowerRoman", "iv"), (28, "upperLetter", "BB"), (3, "decimalZero", "03"),
     (2, "ideographTraditional", "乙"), (7, "decimalEnclosedCircle", "⑦")],
)  # fmt: skip
def test_numbers_are_written_in_word_s_forms(number: int, form: str, words: str) -> None:
    assert written(number, form) == words


def test_chinese_numbers_have_their_zeros() -> None:
    assert [chinese(n) for n in (10, 11, 20, 105, 110, 1001)] == [
        "十",
        "十一",
        "二十",
        "一百零五",
        "一百一十",
        "一千零一",
    ]


def test_what_was_deleted_is_gone_and_what_was_inserted_is_there() -> None:
    document = Document()
    p = document.add_paragraph("增长")._p
    p.append(parse_xml(f"<w:del {nsdecls('w')}><w:r><w:delText>9%</w:delText></w:r></w:del>"))
    p.append(parse_xml(f"<w:ins {nsdecls('w')}><w:r><w:t>10.4%</w:t></w:r></w:ins>"))
    assert extract(document).text == "增长10.4%"


def test_a_text_box_is_read_once() -> None:
    document = Document()
    box = f"<w:txbxContent {nsdecls('w')}><w:p><w:r><w:t>框内文字</w:t></w:r></w:p></w:txbxContent>"
    mc = 'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'
    run = f'<w:r {nsdecls("w")}><mc:AlternateContent {mc}><mc:Choice Requires="wps"><w:drawing>{box}</w:drawing>'
    run += f"</mc:Choice><mc:Fallback><w:pict>{box}</w:pict></mc:Fallback></mc:AlternateContent></w:r>"
    document.add_paragraph("正文")._p.append(parse_xml(run))
    assert extract(document).text == "正文\n框内文字"


def test_a_content_control_s_paragraphs_are_read() -> None:
    document = Document()
    body = "<w:sdtContent><w:p><w:r><w:t>控件内</w:t></w:r></w:p></w:sdtContent>"
    document.element.body.insert(0, parse_xml(f"<w:sdt {nsdecls('w')}>{body}</w:sdt>"))
    document.add_paragraph("正文")
    assert extract(document).text == "控件内\n正文"


def test_too_many_characters_are_refused_by_the_bound_s_name() -> None:
    document = Document()
    document.add_paragraph("天津" * 100)
    with pytest.raises(InputRefused, match="XIETONG_MAX_CHARACTERS"):
        read_docx(saved(document), "a.docx", Bounds(characters=150))
