"""Reading files: bytes in, text out."""

from index.reading.files import read
from index.reading.tables import row_cells
from index.reading.types import DEFAULT_BOUNDS, Bounds, Extract

__all__ = ["DEFAULT_BOUNDS", "Bounds", "Extract", "read", "row_cells"]
