"""Scans and pictures of text, with RapidOCR (PP-OCR models, shipped in its package; nothing is downloaded)."""

import os
import statistics
from dataclasses import replace
from io import BytesIO
from typing import Any

from index.reading.draft import Draft
from index.reading.drawing import drawn, open_pdf
from index.reading.flow import Sheet, write_sheets
from index.reading.layout import Page
from index.reading.lines import Glyph, page_lines
from index.reading.pdf import is_wordless, pdf_sheets
from index.reading.refusals import broken, needs_ocr, ocr_installed, over_pages
from index.reading.types import Bounds, Extract

SCALE = 200 / 72  # pixels a point: 200 dots an inch, where characters of 12 points are 33 pixels high
MAX_SIDE = 2_400  # pixels: A4 at that resolution; a larger page is drawn smaller
USUAL_SIZE = (0.7, 1.4)  # boxes so near to the page's usual height hold characters of the usual size
MIN_SCORE = 0.5  # of a recognised line, 0 to 1: below it is dirt, a stamp's edge, a picture
CONTENT_TYPES = {"PNG": "image/png", "JPEG": "image/jpeg", "GIF": "image/gif", "TIFF": "image/tiff",
                 "BMP": "image/bmp", "WEBP": "image/webp"}  # fmt: skip


def _engine(name: str) -> Any:
    if not ocr_installed():
        raise needs_ocr(name)
    from rapidocr import RapidOCR

    threads = "EngineConfig.onnxruntime.intra_op_num_threads"
    return RapidOCR(params={"Global.log_level": "critical", threads: os.cpu_count() or 1})


def _glyphs(engine: Any, image: Any, scale: float) -> list[Glyph]:
    """The recognised pieces of lines of a picture, their boxes in points."""
    import numpy as np

    found = engine(np.asarray(image.convert("RGB"))[:, :, ::-1])
    if found.boxes is None:
        return []
    glyphs = []
    for box, text, score in zip(found.boxes, found.txts, found.scores, strict=True):
        if score >= MIN_SCORE and text.strip():
            xs, ys = [float(x) / scale for x, _ in box], [float(y) / scale for _, y in box]
            glyphs.append(Glyph(text.strip(), min(xs), max(xs), min(ys), max(ys), max(ys) - min(ys)))
    usual = statistics.median(g.size for g in glyphs) if glyphs else 0.0
    low, high = (share * usual for share in USUAL_SIZE)
    return [replace(g, size=usual) if low < g.size < high else g for g in glyphs]


def _page(engine: Any, image: Any, scale: float, number: int) -> Page:
    lines = page_lines(_glyphs(engine, image, scale), number)
    return Page(number, image.width / scale, image.height / scale, lines)


def _extract(sheets: list[Sheet], name: str, bounds: Bounds, media_type: str) -> Extract:
    draft = Draft(name, bounds)
    write_sheets(sheets, draft)
    return draft.extract(media_type, paged=True)


def read_scan(data: bytes, name: str, bounds: Bounds) -> Extract:
    """A PDF with pictures of text: those pages are drawn and recognised, the others read.

    Raises InputRefused, also where the extra is missing.
    """
    engine = _engine(name)
    sheets, pictures = pdf_sheets(data, name, bounds)
    with open_pdf(data) as pdf:
        for number, picture in enumerate(pictures):
            if picture or is_wordless(sheets[number]):
                page = pdf[number]
                scale = min(SCALE, MAX_SIDE / max(page.get_size()))
                sheets[number] = Sheet(_page(engine, drawn(page, scale), scale, number))
                page.close()
    return _extract(sheets, name, bounds, "application/pdf")


def read_image(data: bytes, name: str, bounds: Bounds) -> Extract:
    """A picture, or a TIFF of several. Raises InputRefused, also where the extra is missing."""
    engine = _engine(name)
    from PIL import Image, ImageSequence, UnidentifiedImageError

    try:
        with Image.open(BytesIO(data)) as image:
            media_type = CONTENT_TYPES.get(image.format or "", "image/*")
            frames = getattr(image, "n_frames", 1) if image.format == "TIFF" else 1
            if frames > bounds.pages:
                raise over_pages(name, frames, bounds.pages)
            pages = []
            for number, frame in zip(range(frames), ImageSequence.Iterator(image), strict=False):
                frame.thumbnail((MAX_SIDE, MAX_SIDE))
                pages.append(_page(engine, frame, SCALE, number))
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError):
        raise broken(name, "图片 / picture") from None
    return _extract([Sheet(page) for page in pages], name, bounds, media_type)
