"""How a sheet shows a number: as far as ECMA-376's number formats (part 1, 18.8.31) say it plainly."""

import re
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal

SIGNIFICANT = 15  # digits that a sheet keeps of a number
_LITERAL = re.compile(r'"([^"]*)"|\\(.)|_.|\*.|\[[^\]]*\]')
_PLACES = re.compile(r"[#0?,]*[#0?](?:\.[#0?]*)?,*")
_DATE_PART = re.compile(r"yyyy|yy|mmmm|mmm|mm|m|dd|d|hh|h|ss|s|am/pm|上午/下午|aaaa|dddd", re.IGNORECASE)


def shown(value: object, number_format: str) -> str:
    """A cell's value as a sheet displays it. Dates without a plain format are ISO."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int | float):
        return _number(value, number_format or "General")
    if isinstance(value, datetime | date | time):
        return _date(value, number_format or "")
    if isinstance(value, timedelta):
        return str(value)
    return str(value)


def general(value: int | float) -> str:
    """A number without a format: no trailing zeros, no binary dust."""
    if isinstance(value, int):
        return str(value)
    if value != value or value in (float("inf"), float("-inf")):
        return ""
    text = format(Decimal(format(value, f".{SIGNIFICANT}g")), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _section(value: int | float, number_format: str) -> tuple[str, bool]:
    """The part of the format for this sign, and whether the sign is still to be written."""
    parts = re.split(r';(?=(?:[^"]*"[^"]*")*[^"]*$)', number_format)
    if value < 0 and len(parts) > 1:
        return parts[1], False
    if value == 0 and len(parts) > 2:
        return parts[2], False
    return parts[0], value < 0


def _number(value: int | float, number_format: str) -> str:
    section, signed = _section(value, number_format)
    bare = _LITERAL.sub("", section)
    if section.strip().lower() in ("general", "@", "") or re.search(r"[Ee][+-]|/|[ymdhs]", bare):
        return general(value)
    places = _PLACES.search(bare)
    if places is None:
        return _literals(section).strip()
    shape = places[0]
    scaled = abs(Decimal(general(value) or "0"))
    scaled = scaled * 100 ** bare.count("%") / 1000 ** (len(shape) - len(shape.rstrip(",")))
    digits = _digits(scaled, shape.rstrip(","))
    words = _literals(section).strip()
    whole = re.sub(_PLACES, lambda _: digits, words, count=1)
    return ("-" if signed and digits.strip("0.,") else "") + whole.strip()


def _literals(section: str) -> str:
    """The section with its quoted and escaped signs bare, its paddings and colours gone."""

    def bare(found: re.Match[str]) -> str:
        currency = found[0][2:].split("-")[0].rstrip("]") if found[0].startswith("[$") else ""
        return found[1] or found[2] or currency

    return _LITERAL.sub(bare, section)


def _digits(value: Decimal, shape: str) -> str:
    whole, _, fraction = shape.partition(".")
    least, most = fraction.count("0"), len(fraction)
    rounded = value.quantize(Decimal(1).scaleb(-most), ROUND_HALF_UP)
    text = format(rounded, ",f" if "," in whole else "f")
    head, _, tail = text.partition(".")
    while len(tail) > least and tail.endswith("0"):
        tail = tail[:-1]
    head = head.zfill(whole.count("0")) if head != "0" or "0" in whole else ""
    return head + (f".{tail}" if tail else "")


def _date(value: datetime | date | time, number_format: str) -> str:
    section = number_format.split(";")[0]
    bare = _LITERAL.sub("", section)
    if isinstance(value, time) or not re.search("[年月日]", section) or not _DATE_PART.search(bare):
        return _iso(value)
    parts = {"yyyy": f"{value.year}", "yy": f"{value.year % 100:02}", "mm": f"{value.month:02}", "m": f"{value.month}",
             "dd": f"{value.day:02}", "d": f"{value.day}"}  # fmt: skip
    words = _literals(section)
    if not set(_DATE_PART.findall(words.lower())) <= set(parts):
        return _iso(value)
    return _DATE_PART.sub(lambda m: parts[m[0].lower()], words).strip("; @")


def _iso(value: datetime | date | time) -> str:
    if isinstance(value, datetime) and value.time() == time():
        return value.date().isoformat()
    return value.isoformat(" ", "seconds") if isinstance(value, datetime) else value.isoformat()
