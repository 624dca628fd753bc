"""Reading files: bytes in, text out."""

from index.reading.files import read
from index.reading.refusals import OCR_COMMAND
from index.reading.sandbox import draw_apart
from index.reading.tables import row_cells
from index.reading.types import DEFAULT_BOUNDS, Bounds, Extract, PageImage, PageRequest

__all__ = [
    "DEFAULT_BOUNDS",
    "OCR_COMMAND",
    "Bounds",
    "Extract",
    "PageImage",
    "PageRequest",
    "draw_apart",
    "read",
    "row_cells",
]
