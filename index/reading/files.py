"""The one entry: a file's bytes in, its text out."""

from index.reading.kinds import kind_of
from index.reading.sandbox import parse_apart
from index.reading.text import read_text
from index.reading.types import DEFAULT_BOUNDS, Bounds, Extract


def read(data: bytes, file_name: str, bounds: Bounds = DEFAULT_BOUNDS) -> Extract:
    """The text of a file, its format told by its content.

    Plain text and Markdown are read here and stay raw; every other format is parsed in a process of
    its own. Raises InputRefused for a file that is empty, broken, locked, of a format that is not
    read, or over a bound.
    """
    kind = kind_of(data, file_name, bounds)
    if kind == "text":
        return read_text(data, file_name)
    return parse_apart(kind, data, file_name, bounds)
