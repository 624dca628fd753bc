"""PowerPoint files (.pptx), with python-pptx: a slide is a page, its title a heading."""

from collections.abc import Iterator
from io import BytesIO
from typing import Any

from pptx import Presentation
from pptx.enum.shapes import MSO_SHAPE_TYPE, PP_PLACEHOLDER

from index.reading.draft import Draft
from index.reading.formats import general
from index.reading.refusals import over_pages
from index.reading.tables import Cell, grid, plain_grid
from index.reading.types import Bounds, Extract

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.presentationml.presentation"
TITLE_LEVEL = 1
ROW_HEIGHT = 250_000  # EMU (about 7 mm): shapes that begin within it stand beside one another
MAX_DEPTH = 20  # groups in groups
FURNITURE = {PP_PLACEHOLDER.DATE, PP_PLACEHOLDER.FOOTER, PP_PLACEHOLDER.SLIDE_NUMBER, PP_PLACEHOLDER.HEADER}


def _shapes(shapes: Any, depth: int = 0) -> Iterator[Any]:
    """Shapes from the top left on, groups opened, dates, footers and slide numbers left out."""
    for shape in sorted(shapes, key=lambda s: ((s.top or 0) // ROW_HEIGHT, s.left or 0)):
        if shape.is_placeholder and shape.placeholder_format.type in FURNITURE:
            continue
        if shape.shape_type == MSO_SHAPE_TYPE.GROUP and depth < MAX_DEPTH:
            yield from _shapes(shape.shapes, depth + 1)
        else:
            yield shape


def _table(table: Any, draft: Draft) -> None:
    cells = []
    for at, row in enumerate(table.rows):
        for column, cell in enumerate(row.cells):
            if not cell.is_spanned:
                cells.append(Cell(cell.text, at, column, cell.span_height, cell.span_width))
    draft.table(grid(cells, len(table.rows), len(table.columns)).compact())


def _chart(chart: Any, draft: Draft) -> None:
    """A chart's numbers: a row a category, a column a series."""
    if chart.has_title and chart.chart_title.has_text_frame:
        draft.line(chart.chart_title.text_frame.text)
    for plot in chart.plots:
        series = [(str(s.name or ""), list(s.values)) for s in plot.series]
        rows = [["", *(name for name, _ in series)]]
        for at, category in enumerate(plot.categories):
            values = [values[at] if at < len(values) else None for _, values in series]
            rows.append([str(category), *("" if v is None else general(v) for v in values)])
        draft.table(plain_grid(rows), header=1)


def _slide(slide: Any, draft: Draft) -> None:
    title = slide.shapes.title
    if title is not None and title.has_text_frame:
        draft.line(title.text_frame.text, TITLE_LEVEL)
    for shape in _shapes(slide.shapes):
        if title is not None and shape.shape_id == title.shape_id:
            continue
        if getattr(shape, "has_table", False) and shape.has_table:
            _table(shape.table, draft)
        elif getattr(shape, "has_chart", False) and shape.has_chart:
            _chart(shape.chart, draft)
        elif shape.has_text_frame:
            for paragraph in shape.text_frame.paragraphs:
                draft.line(paragraph.text)
    if slide.has_notes_slide and slide.notes_slide.notes_text_frame is not None:
        for paragraph in slide.notes_slide.notes_text_frame.paragraphs:
            draft.line(paragraph.text)


def read_pptx(data: bytes, name: str, bounds: Bounds) -> Extract:
    """The text of a .pptx file: slides with their tables, charts and notes. Raises InputRefused."""
    slides = Presentation(BytesIO(data)).slides
    if len(slides) > bounds.pages:
        raise over_pages(name, len(slides), bounds.pages)
    draft = Draft(name, bounds)
    for slide in slides:
        draft.page()
        _slide(slide, draft)
    return draft.extract(MEDIA_TYPE, paged=True)
