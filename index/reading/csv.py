"""Tables as text: comma, semicolon or tab between the cells, in the encodings of plain text."""

import csv
from io import StringIO

from index.reading.draft import Draft
from index.reading.tables import plain_grid
from index.reading.text import decoded
from index.reading.types import Bounds, Extract

MEDIA_TYPE = "text/csv"
DELIMITERS = ",\t;|，"
SAMPLE_LINES = 50  # enough to tell the delimiter
MAX_FIELD = 1_000_000  # characters of one cell


def _delimiter(text: str) -> str:
    """The sign that cuts the most of the first lines into the same number of cells, more than one."""
    lines = [line for line in text.splitlines()[:SAMPLE_LINES] if line.strip()]

    def regular(sign: str) -> tuple[int, int]:
        widths = [len(row) for row in csv.reader(lines, delimiter=sign)]
        usual = max(set(widths), key=widths.count, default=1)
        return (widths.count(usual) if usual > 1 else 0, usual)

    return max(DELIMITERS, key=regular)


def read_csv(data: bytes, name: str, bounds: Bounds) -> Extract:
    """The rows of a table in text. Raises InputRefused."""
    text = decoded(data, name)
    csv.field_size_limit(MAX_FIELD)
    rows = list(csv.reader(StringIO(text, newline=""), delimiter=_delimiter(text)))
    draft = Draft(name, bounds)
    draft.table(plain_grid([row for row in rows if any(cell.strip() for cell in row)]))
    return draft.extract(MEDIA_TYPE)
