from dataclasses import replace

from index import Document, Figure
from index.figures import figures_of
from index.types import Layout

DOCUMENT = Document(
    "d1", "天津市情况报告", "r.txt", "0" * 64, "text/plain", None, 1, 1, "2024-01-01T00:00:00+00:00", None, None, None
)
TEXT = "一、2023年工作回顾\n全市投资超1.1亿元,比上年增长10.4%;开工29个项目。召开第五届大会。\n2023年12月31日\n"


def figures(text: str, document: Document = DOCUMENT, layout: Layout = Layout()) -> list[Figure]:  # noqa: B008
    return figures_of(document, text, layout)


def test_each_figure_is_exact_and_has_its_whole_sentence_paragraph_and_page() -> None:
    found = figures(TEXT, layout=Layout(page_starts=(0, TEXT.index("全市"))))
    assert [f.raw for f in found] == ["超1.1亿元", "10.4%", "29个", "第五届"]
    for f in found:
        assert TEXT[f.start : f.end] == f.raw and f.value in f.raw
        assert TEXT[f.quote_start : f.quote_start + len(f.quote)] == f.quote and f.raw in f.quote
        assert (f.document_id, f.paragraph, f.page) == ("d1", 2, 2)
    assert found[0].quote == "全市投资超1.1亿元,比上年增长10.4%;开工29个项目。"
    assert (found[0].indicator, found[0].period, found[0].change, found[0].entity) == (
        "投资", "2023年", "比上年增长10.4%", "天津市",
    )  # fmt: skip


def test_a_plain_date_is_a_figure_only_where_it_dates_no_other() -> None:
    assert [f.raw for f in figures("2021年,完成投资5亿元。")] == ["5亿元"]
    assert [(f.raw, f.period) for f in figures("2024年度本部门预算5亿元。")] == [("5亿元", "2024年")]
    assert [f.raw for f in figures("2019年视察天津。")] == ["2019年"]
    assert [f.raw for f in figures("截至2021年底,完成投资5亿元。")] == ["截至2021年底", "5亿元"]
    assert [f.raw for f in figures("2017—2021年,引进项目3个。")] == ["2017—2021年", "3个"]


def test_dates_of_headings_captions_and_lines_of_their_own_are_no_figures() -> None:
    assert figures("一、2023年工作回顾\n2023年12月31日\n表14:2010年存贷款\n") == []


def test_a_table_of_contents_has_no_figures() -> None:
    text = "目 录\n一、完成5个项目........3\n二、安排........4\n"
    assert figures(text) == []


def test_full_width_digits_are_figures_as_they_stand() -> None:
    found = figures("２０２１年完成投资１２．５亿元。")
    assert [(f.raw, f.value, f.unit, f.period) for f in found] == [("１２．５亿元", "12.5", "亿元", "2021年")]


def test_the_documents_description_alone_decides_what_its_text_does_not_say() -> None:
    bulletin = replace(DOCUMENT, title="河北省2022年统计公报", period="2022")
    assert [(f.period, f.entity) for f in figures("粮食产量765亿斤。", bulletin)] == [("2022年", "河北省")]
    assert [(f.period, f.entity) for f in figures("粮食产量765亿斤。")] == [("", "天津市")]
