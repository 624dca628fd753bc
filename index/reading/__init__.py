"""Reading files: bytes in, text out."""

from index.reading.text import Extract, read

__all__ = ["Extract", "read"]
