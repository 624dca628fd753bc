"""The cells of a table's row, and the header cells that stand above each."""

from dataclasses import dataclass

from index.columns import typed_cells, typed_names


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell's words; offsets from the row's start, or from where the caller says."""

    start: int
    end: int
    text: str


def is_piped(line: str) -> bool:
    """Has the row outer bars, as in Markdown? Elsewhere one that begins with a bar has an empty first cell."""
    bare = line.strip("* ")
    return len(bare) > 1 and bare[0] == bare[-1] == "|"


def cells(text: str, at: int = 0) -> list[Cell]:
    """The cells of a line in order, empty ones included, as `at` + their place; a pipe table's outer bars are none."""
    if "|" not in text and (typed := typed_cells(text)):
        return [Cell(at + start, at + end, text[start:end]) for start, end in typed]
    inner = text.strip().rstrip("*")
    piped = is_piped(inner)
    lead = len(text) - len(text.lstrip()) + piped
    inner = inner[1:-1] if piped else inner
    found, begin = [], lead
    for part in inner.split("|"):
        start = begin + len(part) - len(part.lstrip())
        found.append(Cell(at + start, at + start + len(part.strip()), part.strip()))
        begin += len(part) + 1
    return found


def columns(context: str) -> list[list[Cell]]:
    """For each column the header cells above it; offsets before the row's start, which the header is taken to end at.

    A cell stands also for the columns after it that have none of their own, up to where a cell above begins.
    """
    lines, at = [], -len(context) - 1
    for line in context.split("\n"):
        lines += [cells(line, at)] if "|" in line else []
        at += len(line) + 1
    found: list[list[Cell]] = [[] for _ in range(max(map(len, lines), default=0))]
    edges: set[int] = set()
    for row in lines:
        named: Cell | None = None
        for number, column in enumerate(found):
            own = row[number] if number < len(row) and row[number].text else None
            named = own or (None if number in edges else named)
            column += [named] if named else []
        edges |= {number for number, cell in enumerate(row) if cell.text}
    return found


def typed_columns(context: str, count: int) -> list[list[Cell]]:
    """The same for a row of a name and `count` numbers, typed with spaces."""
    at = -len(context) - 1
    names = typed_names(context, count)
    return [[], *([Cell(at + start, at + end, context[start:end])] for start, end in names)]
