from io import BytesIO
from typing import Any

import pytest
from pptx import Presentation
from pptx.chart.data import CategoryChartData
from pptx.enum.chart import XL_CHART_TYPE
from pptx.util import Inches

from index.errors import InputRefused
from index.reading import Bounds, Extract
from index.reading.pptx import read_pptx


def extract(slides: Any, bounds: Bounds | None = None) -> Extract:
    out = BytesIO()
    slides.save(out)
    return read_pptx(out.getvalue(), "幻灯.pptx", bounds or Bounds())


def test_a_slide_is_a_page_its_title_a_heading_its_table_rows() -> None:
    slides = Presentation()
    first = slides.slides.add_slide(slides.slide_layouts[5])
    first.shapes.title.text = "港口"
    low = first.shapes.add_textbox(Inches(1), Inches(5), Inches(3), Inches(1))
    low.text_frame.text = "下面的话。"
    table = first.shapes.add_table(2, 2, Inches(1), Inches(2), Inches(4), Inches(1)).table
    for cell, words in zip(table.iter_cells(), ("指标", "数值", "吞吐量", "2000"), strict=True):
        cell.text = words
    second = slides.slides.add_slide(slides.slide_layouts[5])
    second.shapes.title.text = "机场"
    second.notes_slide.notes_text_frame.text = "备注的话。"
    found = extract(slides)
    assert found.text == "港口\n指标 | 数值\n吞吐量 | 2000\n下面的话。\n机场\n备注的话。"
    second_start = found.text.index("机场")
    assert (found.pages, found.page_starts) == (2, (0, second_start))
    assert found.headings == {0: 1, second_start: 1}
    assert [found.text[a:b] for a, b in found.table_headers.values()] == ["指标 | 数值"]


def test_a_chart_s_numbers_are_a_table() -> None:
    slides = Presentation()
    slide = slides.slides.add_slide(slides.slide_layouts[6])
    data: Any = CategoryChartData()  # type: ignore[no-untyped-call]
    data.categories = ["2023年", "2024年"]
    data.add_series("GDP", (5.2, 5))
    slide.shapes.add_chart(XL_CHART_TYPE.COLUMN_CLUSTERED, 0, 0, Inches(4), Inches(3), data)
    assert extract(slides).text.split("\n")[-3:] == ["| GDP", "2023年 | 5.2", "2024年 | 5"]


def test_too_many_slides_are_refused() -> None:
    slides = Presentation()
    for _ in range(3):
        slides.slides.add_slide(slides.slide_layouts[5]).shapes.title.text = "页"
    with pytest.raises(InputRefused, match="XIETONG_MAX_PAGES"):
        extract(slides, Bounds(pages=2))
