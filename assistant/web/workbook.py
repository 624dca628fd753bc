"""The table of figures as an Excel workbook."""

import re
from collections.abc import Sequence
from io import BytesIO
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font

from assistant import FIELDS, harmless

WIDTHS = {"indicator": 28, "raw": 18, "period": 14, "change": 22, "entity": 18, "quote": 80, "file_name": 28}
_NUMBER = re.compile(r"[-+]?(?:0|[1-9]\d{0,2}(?:,\d{3})+|[1-9]\d{0,13})(?:\.\d{1,8})?")  # what Excel keeps exactly


def workbook(rows: Sequence[dict[str, Any]], names: Sequence[str], title: str) -> bytes:
    """An Excel workbook of one sheet. A value is a number where it is shown as it is written, else text."""
    book = Workbook(write_only=True)
    sheet: Any = book.create_sheet(title)
    sheet.freeze_panes = "A2"
    for letter, name in zip("ABCDEFGHIJKLMNO", FIELDS, strict=True):
        sheet.column_dimensions[letter].width = WIDTHS.get(name, 12)
    sheet.append([_bold(sheet, name) for name in names])
    for row in rows:
        sheet.append([_cell(sheet, name, row[name]) for name in FIELDS])
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def _cell(sheet: Any, name: str, value: Any) -> Any:
    if isinstance(value, int) or value is None:
        return value
    if name == "value" and _NUMBER.fullmatch(value):
        cell = WriteOnlyCell(sheet, float(value.replace(",", "")))
        decimals = len(value.partition(".")[2])
        cell.number_format = ("#,##0" if "," in value else "0") + ("." + "0" * decimals if decimals else "")
        return cell
    return harmless(value)


def _bold(sheet: Any, text: str) -> Any:
    cell = WriteOnlyCell(sheet, harmless(text))
    cell.font = Font(bold=True)
    return cell
