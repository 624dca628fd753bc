"""Reading files: bytes in, text out."""

from index.reading.files import read
from index.reading.refusals import OCR_COMMAND
from index.reading.tables import row_cells
from index.reading.types import DEFAULT_BOUNDS, Bounds, Extract

__all__ = ["DEFAULT_BOUNDS", "OCR_COMMAND", "Bounds", "Extract", "read", "row_cells"]
