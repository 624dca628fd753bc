import pytest

from index.columns import is_table_rule
from index.outline import header_of, paragraphs


def outline(text: str) -> list[tuple[int, tuple[str, ...], str]]:
    """(heading level, path, the paragraph read back) of each paragraph."""
    return [(p.heading_level, p.heading_path, text[p.start : p.end]) for p in paragraphs(text)]


def paths(text: str) -> dict[str, tuple[str, ...]]:
    return {line: path for _, path, line in outline(text)}


def headings(text: str) -> list[str]:
    return [line for level, _, line in outline(text) if level]


# The report


def test_a_paragraph_of_the_report_is_a_line_that_is_not_blank(report: str) -> None:
    lines = [line.strip() for line in report.split("\n")]
    found = paragraphs(report)
    assert len(found) == 41
    assert [report[p.start : p.end] for p in found] == lines[:41]
    assert [p.number for p in found] == list(range(1, 42))


def test_heading_path_of_paragraph_12_of_the_report(report: str) -> None:
    assert paragraphs(report)[11].heading_path == (
        "一、主要进展和成效",
        "(三)加快建设北方国际航运枢纽,持续开创天津港蓬勃兴盛新局面",
        "一是打造世界一流智慧港口、绿色港口实现重要突破",
    )


def test_headings_of_the_report_are_its_two_parts_and_seven_sections(report: str) -> None:
    marked = [line for line in report.split("\n") if line[:2] in {"一、", "二、"} or line[:1] == "("]
    assert headings(report) == marked
    assert [level for level, _, _ in outline(report) if level] == [1, 2, 2, 2, 2, 2, 2, 2, 1]


def test_every_item_of_the_report_carries_its_part_its_section_and_its_own_lead(report: str) -> None:
    part, section, expected = "", "", {}
    for line in report.split("\n"):
        if line[1:2] == "、" and line[0] in "一二":
            part, section = line, ""
        elif line.startswith("("):
            section = line
        elif line[1:2] == "是":
            expected[line] = tuple(above for above in (part, section, line.split("。")[0]) if above)
    found = paths(report)
    assert len(expected) == 29
    assert {line: found[line] for line in expected} == expected


# Numbered outlines


def test_chinese_marks_nest_in_their_official_order() -> None:
    text = "一、总体要求\n正文甲。\n(一)指导思想\n正文乙。\n（二）基本原则\n正文丙。\n二、重点任务\n正文丁。"
    assert paths(text) == {
        "一、总体要求": (),
        "正文甲。": ("一、总体要求",),
        "(一)指导思想": ("一、总体要求",),
        "正文乙。": ("一、总体要求", "(一)指导思想"),
        "（二）基本原则": ("一、总体要求",),
        "正文丙。": ("一、总体要求", "（二）基本原则"),
        "二、重点任务": (),
        "正文丁。": ("二、重点任务",),
    }


def test_chapters_sections_and_articles() -> None:
    text = "第一章 总则\n第一条 为了规范管理,制定本办法。\n第二章 职责\n第一节 市级\n第十二条 市政府负责统筹。"
    assert [(level, path) for level, path, _ in outline(text)] == [
        (1, ()),
        (0, ("第一章 总则", "第一条")),
        (1, ()),
        (2, ("第二章 职责",)),
        (0, ("第二章 职责", "第一节 市级", "第十二条")),
    ]


def test_an_article_named_in_running_text_opens_nothing() -> None:
    text = "第一章 总则\n第三条规定的情形除外。\n第二章节的内容另行规定,不在此列。"
    assert paths(text)["第三条规定的情形除外。"] == ("第一章 总则",)
    assert headings(text) == ["第一章 总则"]


def test_a_paragraph_that_begins_with_its_own_heading_keeps_it_as_its_lead() -> None:
    text = "一、主要任务\n(一)加强领导。各区要成立专班。\n具体分工见附件。\n(二)严格考核。每年通报一次。"
    assert [path for _, path, _ in outline(text)] == [
        (),
        ("一、主要任务", "(一)加强领导"),
        ("一、主要任务", "(一)加强领导"),
        ("一、主要任务", "(二)严格考核"),
    ]


def test_a_run_of_numbered_lines_is_a_list_and_not_headings() -> None:
    text = "申请材料\n1. 申请表\n2. 身份证明\n3. 营业执照"
    assert headings(text) == []


def test_numbered_lines_with_text_between_them_are_headings() -> None:
    text = "1. 交通\n全年新增三条线路。\n2. 生态\n林地增加。"
    assert headings(text) == ["1. 交通", "2. 生态"]
    assert paths(text)["林地增加。"] == ("2. 生态",)


@pytest.mark.parametrize(
    "line",
    [
        "一、二季度,全市生产总值增长4.5%。",
        "(一)" + "很长的一段话" * 12,
        "2021.5亿元是全年收入",
        "十分重要",
        "一、申请表;",
        "（1）表格，",
    ],
)
def test_a_line_that_only_begins_like_a_heading_is_none(line: str) -> None:
    assert headings(f"{line}\n正文。") == []


# Markdown


def test_markdown_headings_nest_by_their_number_of_marks() -> None:
    text = "# 报告\n导语。\n## 交通\n铁路。\n### 地铁\n两条线。\n## **生态**\n造林。"
    assert [(level, path) for level, path, _ in outline(text)] == [
        (1, ()), (0, ("报告",)),
        (2, ("报告",)), (0, ("报告", "交通")),
        (3, ("报告", "交通")), (0, ("报告", "交通", "地铁")),
        (2, ("报告",)), (0, ("报告", "生态")),
    ]  # fmt: skip


def test_chinese_marks_stand_below_markdown_headings() -> None:
    assert paths("# 报告\n一、交通\n铁路。")["铁路。"] == ("报告", "一、交通")


def test_rows_of_a_table_carry_its_header_as_context() -> None:
    text = "| 区 | 产值 |\n|---|---:|\n| 武清 | 12 |\n| 宝坻 | 9 |\n说明。\n| 无 | 表头 |"
    assert [p.context for p in paragraphs(text)] == [
        "",
        "| 区 | 产值 |",
        "| 区 | 产值 |",
        "| 区 | 产值 |",
        "",
        "",
    ]


def test_a_second_table_has_its_own_header() -> None:
    text = "| 区 |\n|---|\n| 武清 |\n\n以下为市级。\n| 市 |\n|---|\n| 天津 |"
    assert {text[p.start : p.end]: p.context for p in paragraphs(text)}["| 天津 |"] == "| 市 |"


@pytest.mark.parametrize(("line", "is_rule"), [("|---|:--:|", True), ("---", True), ("| - |", False), ("-1", False)])
def test_table_rules(line: str, is_rule: bool) -> None:
    assert is_table_rule(line) is is_rule


# Lines


def test_only_a_newline_ends_a_paragraph_and_python_s_white_space_is_blank() -> None:
    text = "甲\u2028乙\x0c丙\u3000\n\u3000 \t\n\xa0丁\x85戊\n\x1f\n"
    assert [text[p.start : p.end] for p in paragraphs(text)] == ["甲\u2028乙\x0c丙", "丁\x85戊"]


def test_repeated_lines_have_their_own_places() -> None:
    text = "  同上\n同上\n\n同上"
    assert [(p.number, p.start, p.end) for p in paragraphs(text)] == [(1, 2, 4), (2, 5, 7), (3, 9, 11)]


def test_an_empty_text_has_no_paragraph() -> None:
    assert paragraphs("") == paragraphs(" \n \n") == []


# What a document says of itself


@pytest.mark.parametrize(
    ("text", "title", "date", "period"),
    [
        ("天津市2023年政府工作报告\n2024年1月23日\n各位代表:", "天津市2023年政府工作报告", "2024-01-23", "2023"),
        ("关于印发2021—2025年规划的通知\n正文。", "关于印发2021—2025年规划的通知", None, "2021–2025"),
        ("原标题:统计公报[1]\n发布于2022年3月", "统计公报", "2022-03", None),
        ("# 2020年预算报告 \n正文", "2020年预算报告", None, "2020"),
        ("一段没有标题的话。\n又一段。", "文件", None, None),
        ("---\ntitle: '前言里的标题'\n---\n随便一行", "前言里的标题", None, None),
        ("---\ntitle: 前言\n---\n# 2019年工作方案\n正文", "2019年工作方案", None, "2019"),
    ],
)
def test_title_date_and_period_come_from_the_first_lines(
    text: str, title: str, date: str | None, period: str | None
) -> None:
    header = header_of(text, "文件.txt")
    assert (header.title, header.date, header.period) == (title, date, period)


def test_the_occasion_of_a_speech_joins_its_title() -> None:
    text = "政府工作报告\n——2023年1月11日在天津市第十八届人民代表大会第一次会议上\n各位代表:"
    header = header_of(text, "a.txt")
    assert header.title == "政府工作报告(2023年1月11日在天津市第十八届人民代表大会第一次会议上)"
    assert header.date == "2023-01-11"


def test_the_office_of_a_budget_joins_its_title_and_publishes_it() -> None:
    header = header_of("东湾区2026年部门预算\n预算主管部门：东湾区教育局\n目录\n一、职能 …………", "a.pdf")
    assert (header.title, header.publisher) == ("东湾区2026年部门预算(东湾区教育局)", "东湾区教育局")
    named = header_of("东湾区教育局2026年部门预算\n编制单位:东湾区教育局", "a.pdf")
    assert (named.title, named.publisher) == ("东湾区教育局2026年部门预算", "东湾区教育局")


def test_an_office_on_a_line_of_its_own_publishes() -> None:
    text = "**东湾省**\n\n**2009年统计公报**\n\n东湾省统计局\n\n2010年2月25日\n\n正文。"
    header = header_of(text, "a.md")
    assert (header.title, header.publisher, header.date) == ("东湾省2009年统计公报", "东湾省统计局", "2010-02-25")


def test_a_date_in_chinese_numerals() -> None:
    text = "政府工作报告\n——二〇二一年十二月三十一日在东湾市第五届人民代表大会第一次会议上\n各位代表:"
    header = header_of(text, "a.txt")
    assert header.title == "政府工作报告(2021年12月31日在东湾市第五届人民代表大会第一次会议上)"
    assert header.date == "2021-12-31"
    assert header_of("通知\n二○一九年三月十日", "a.txt").date == "2019-03-10"


def test_a_sentence_that_says_when_a_speech_was_given_dates_it() -> None:
    text = "2025年东湾市政府工作报告\n2025年1月14日在东湾市第六届人民代表大会第三次会议上市长王某作报告。\n正文。"
    header = header_of(text, "a.docx")
    assert (header.title, header.date, header.period) == ("2025年东湾市政府工作报告", "2025-01-14", "2025")
    assert header_of("2025年工作报告\n2024年3月5日起施行新办法。", "a.docx").date is None


def test_a_speech_without_a_title_is_known_by_its_first_words() -> None:
    text = "——2026年1月26日在东湾市第八届人民代表大会第四次会议上\n现在,我代表市人民政府向大会报告工作,请予审议。"
    assert header_of(text, "a.txt").title == "政府工作报告(2026年1月26日在东湾市第八届人民代表大会第四次会议上)"


def test_a_first_heading_is_a_title_where_nothing_else_is() -> None:
    assert header_of("## 使用许可 License\n正文。", "a.md").title == "使用许可 License"
    assert header_of("关于本馆\n正文。", "a.docx", {0: 1}).title == "关于本馆"
    assert header_of("# 一、总则\n正文。", "手册.md").title == "手册"


def test_a_heading_that_names_a_kind_of_document_is_no_title() -> None:
    assert header_of("一、工作情况\n正文。", "手册.txt").title == "手册"


def test_a_title_is_never_longer_than_a_line_of_a_list() -> None:
    assert len(header_of("---\ntitle: " + "长" * 500 + "\n---\n正文", "a.txt").title) == 200


def test_the_report_names_neither_title_nor_date(report: str) -> None:
    header = header_of(report, "report.txt")
    assert (header.title, header.date, header.period) == ("report", None, None)
