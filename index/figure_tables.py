"""The figures of tables: each number in a cell, named by its row and its column."""

import re
from collections.abc import Sequence

from index.cells import Cell, cells, columns, typed_columns
from index.columns import is_table_rule
from index.figure_periods import Times
from index.quantities import half_width, kind_of
from index.types import Figure, Paragraph

CAPTION_REACH = 6  # paragraphs that a line "单位:万元" may stand above the first row of its table
PROSE_LENGTH = 12  # a longer cell that is no number may be prose with figures of its own
NAME_LENGTH = 60
UNIT_LENGTH = 6
JOIN = " · "  # between a row's name and its column's
_NUMBER = re.compile(r"[¥￥$]?(?P<value>[-+−]?\d[\d,，]*(?:\.\d+)?)(?P<unit>[%‰]|[万亿]?元)?")
_UNIT_LINE = re.compile(r"单\s*位\s*[:：]\s*([^\s|,，;；)）]{1,10})")
_UNIT_IN_NAME = re.compile(r"[(（]([^()（）]{1,8})[)）]")
_SHARE_IN_NAME = re.compile(r"[%％‰]")
_TYPED_UNITS = re.compile(r"(?:计量)?单\s*位(?!\s*[:：])")
_UNIT_COLUMN = re.compile(r"(?:计量)?单\s*位")
_YEAR = re.compile(r"(?:19|20)\d\d\s*年?(?:度|末|底)?")
_YEAR_WITHIN = re.compile(r"((?:19|20)\d\d)\s*年")
# Columns whose numbers number or encode things; 类, 款, 项 are the levels of a budget's codes.
_CODES = re.compile(r"序\s*号|行\s*次|栏\s*次|编\s*[号码]|代\s*码|类|款|项|.*科目编码")
_NAMELESS = re.compile(r"项\s*目|指\s*标(?:名称)?|名\s*称|单\s*位|[^\u4e00-\u9fffA-Za-z]*")
_EDGE = " ：:、,，-—*\u3000"
_LEAD = re.compile(
    r"^(?:[一二三四五六七八九十]+、|\d{1,2}[.、．]|[(（][一二三四五六七八九十\d]+[)）]|其中[:：]?|[-*+•]\s)+\s*"
)


class UnitAbove:
    """The unit that the lines above a table name; `pass_by` is told every paragraph in order."""

    def __init__(self) -> None:
        self.unit = ""
        self._said_at = 0

    def pass_by(self, p: Paragraph, words: str) -> None:
        """Notes a line that names a unit; it holds as long as rows of tables follow it."""
        if found := _UNIT_LINE.search(p.context) or _UNIT_LINE.search(words):
            self.unit, self._said_at = found[1], p.number
        elif p.header or " | " in words:
            self._said_at = max(self._said_at, p.number) if p.number - self._said_at <= CAPTION_REACH else 0
        if p.number - self._said_at > CAPTION_REACH:
            self.unit = ""


def is_table_row(text: str, p: Paragraph) -> bool:
    """Is the paragraph a row that gives values? What names the columns is none, and its figures are none."""
    words = text[p.start : p.end]
    return p.header is not None or " | " in words or words.startswith("|")


def prose_cells(text: str, p: Paragraph) -> list[tuple[int, int]]:
    """[start, end) of the cells that hold prose."""
    row = cells(text[p.start : p.end], p.start) if "|" in text[p.start : p.end] else []
    return [(c.start, c.end) for c in row if len(c.text) > PROSE_LENGTH and not _NUMBER.fullmatch(half_width(c.text))]


def cell_figures(document_id: str, text: str, p: Paragraph, unit: str, times: Times, place: str) -> list[Figure]:
    """The figures of a row in order; none of a row that names columns. `unit`: what the table says, "" for nothing."""
    words = text[p.start : p.end]
    if is_table_rule(words):
        return []
    row = cells(words)
    above = columns(p.context) if "|" in words else typed_columns(p.context, len(row) - 1)
    heads = [[c.text.strip("* ") for c in above[at]] if at < len(above) else [] for at in range(len(row))]
    own_unit = next(
        (c.text for c, head in zip(row, heads, strict=True) if head and _UNIT_COLUMN.fullmatch(head[-1])), ""
    )
    found = []
    for at, cell in enumerate(row):
        number = _NUMBER.fullmatch(half_width(cell.text))
        name, typed_unit = _without_unit(_row_name(row, heads, at), words, p.context)
        if not number or not name or _is_code(heads[at]) or (p.header is None and _YEAR.fullmatch(cell.text)):
            continue
        head = [h for h in heads[at] if not _NAMELESS.fullmatch(h)]
        said = number["unit"] or _unit(" ".join(head), typed_unit or own_unit or _in_brackets(name) or unit)
        found.append(
            Figure(
                document_id=document_id,
                start=p.start + cell.start,
                end=p.start + cell.end,
                value=cell.text[number.start("value") : number.end("value")],
                unit=said,
                raw=cell.text,
                kind=kind_of(said),
                indicator=_indicator(name, head),
                period=_period(head, p.context, times),
                change="",
                entity=place,
                paragraph=p.number,
                page=p.page,
                quote_start=p.start,
                quote=words,
            )
        )
    return found


def _row_name(row: Sequence[Cell], heads: Sequence[Sequence[str]], at: int) -> str:
    """The words nearest before a cell in its row; a unit's column names nothing."""
    for k in range(at - 1, -1, -1):
        cell, head = row[k], heads[k]
        if re.search(r"[^\W\d_]", cell.text) and not (head and _UNIT_COLUMN.fullmatch(head[-1])):
            return _LEAD.sub("", cell.text.strip(_EDGE)).strip(_EDGE)[:NAME_LENGTH]
    return ""


def _without_unit(name: str, words: str, context: str) -> tuple[str, str]:
    """A typed row's name and the unit behind it, where its table has a column of units."""
    if "|" in words or not _TYPED_UNITS.search(context):
        return name, ""
    bare, _, unit = name.rpartition(" ")
    return (bare.strip(_EDGE), unit) if bare and len(unit) <= UNIT_LENGTH else (name, "")


def _is_code(head: Sequence[str]) -> bool:
    return any(_CODES.fullmatch(name) for name in head[-2:])


def _in_brackets(name: str) -> str:
    """The unit that a row's own name says: 粮食产量(万吨)."""
    found = _UNIT_IN_NAME.search(name)
    return found[1] if found and kind_of(found[1]) != "count" else ""


def _unit(head: str, otherwise: str) -> str:
    """A column's own unit, else that of its row or table."""
    if found := _UNIT_IN_NAME.search(head):
        return found[1]
    if found := _SHARE_IN_NAME.search(head):
        return half_width(found[0])
    return "%" if re.search("增长率|比重|占比|增速|完成率", head) else otherwise


def _indicator(name: str, head: Sequence[str]) -> str:
    """The row's name and the column's, where that says more than a year."""
    bare = [_UNIT_IN_NAME.sub("", h).strip(_EDGE) for h in head]
    said = [h for h in bare if not _YEAR.fullmatch(h)]
    return JOIN.join(dict.fromkeys(part for part in (_UNIT_IN_NAME.sub("", name) or name, *said) if part))


def _period(head: Sequence[str], context: str, times: Times) -> str:
    """The year in a column's name, else in the table's caption, else the document's."""
    first, _, rest = context.partition("\n")
    caption = first if rest and "|" not in first else ""
    for name in (*reversed(head), caption):
        if found := _YEAR_WITHIN.search(name) or _YEAR.fullmatch(name):
            return f"{found[0].strip()[:4]}年"
    return times.whole
