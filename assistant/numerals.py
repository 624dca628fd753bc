"""Numbers however they are written: Chinese numerals, 万 and 亿, thousands commas, units that measure the same.

    value_of("三百二十万")            3200000
    arabic("百分之十五,两千多家")      "15%,2000多家"
    quantity("超1.1万标准箱")         Quantity((11000,), "标准箱", "over")

What is no figure stays as it is: "十四五", "一体", "四面八方", "十分", "一是".
"""

import re
from dataclasses import dataclass
from decimal import Decimal

_DIGITS = {**{c: n for n, c in enumerate("零一二三四五六七八九")}, "〇": 0, "○": 0, "两": 2}
_SCALES = {"十": 10, "百": 100, "千": 1000, "万": 10**4, "亿": 10**8}
_ONE_TO_NINE = "[一二两三四五六七八九]"
_BELOW_10000 = rf"(?:{_ONE_TO_NINE}千)?(?:零?{_ONE_TO_NINE}百)?(?:零?{_ONE_TO_NINE}?十)?(?:零?{_ONE_TO_NINE})?"
_WHOLE = re.compile(rf"(?=.)(?:(?P<yi>{_BELOW_10000})亿)?(?:零?(?P<wan>{_BELOW_10000})万)?(?P<rest>{_BELOW_10000})")
_SPOKEN = re.compile(rf"[百千万亿]{_ONE_TO_NINE}$")  # "一百二" is 120 when spoken, and never written in a document
_FRACTION = re.compile(
    r"(?P<whole>[零〇○一二两三四五六七八九十百千]+)点(?P<part>[零〇○一二三四五六七八九]+)(?P<scale>[万亿]*)"
)
_YEAR = re.compile(r"(?:一[八九]|二[零〇○])[零〇○一二三四五六七八九]{2}")
_NUMERAL = "[零〇○一二两三四五六七八九十百千万亿]+(?:点[零〇○一二三四五六七八九]+[万亿]*)?"
# Words behind a numeral below ten that make it a figure; "一" alone is an article in all but name.
_MEASURED = (
    "个|家|项|条|所|届|批|期|套|座|辆|艘|架|列|款|枚|只|支|件|次|场|张|份|册|本|类|级|倍|岁|年|月|日|天|周|小时|分钟|"
    "名|位|人|户|成|公里|千米|米|公顷|亩|吨|元|美元|方面|章|节"
)
_FIGURE = re.compile(
    rf"(?P<percent>百分之|千分之)(?P<share>\d+(?:\.\d+)?|{_NUMERAL})"
    rf"|(?<![{''.join(_DIGITS)}十百千万亿\d.数几上“《「])(?P<plain>{_NUMERAL})"
)
_NAME_AHEAD = re.compile(r"大(?!约|概|于)|[、是)）]")  # "二十大", "十二、", "(十二)"

# One unit that measures the same, and how many of it: values are equal in the first.
_BASE_UNITS: dict[str, tuple[str, str]] = {
    "公里": ("米", "1000"),
    "千米": ("米", "1000"),
    "km": ("米", "1000"),
    "m": ("米", "1"),
    "cm": ("米", "0.01"),
    "mm": ("米", "0.001"),
    "平方公里": ("平方米", "1000000"),
    "平方千米": ("平方米", "1000000"),
    "km²": ("平方米", "1000000"),
    "公顷": ("平方米", "10000"),
    "hm²": ("平方米", "10000"),
    "m²": ("平方米", "1"),
    "吨": ("公斤", "1000"),
    "千克": ("公斤", "1"),
    "kg": ("公斤", "1"),
    "斤": ("公斤", "0.5"),
    "克": ("公斤", "0.001"),
    "小时": ("分钟", "60"),
    "kw": ("千瓦", "1"),
    "mw": ("千瓦", "1000"),
    "gw": ("千瓦", "1000000"),
    "kwh": ("千瓦时", "1"),
    "度": ("千瓦时", "1"),
    "mwh": ("千瓦时", "1000"),
    "kv": ("千伏", "1"),
    "‰": ("%", "0.1"),
    "成": ("%", "10"),
    "百分点": ("个百分点", "1"),
}
# Words beside a number that say the same of it.
_SENSES = (
    ("over", re.compile(r"超过|超|逾|突破|[余多]")),
    ("under", re.compile(r"不足|不到")),
    ("nearly", re.compile(r"接近|将近|近")),
    ("at least", re.compile(r"不少于|不低于|至少|以上")),
    ("at most", re.compile(r"不超过|不高于|不多于|至多|最多|以[下内]")),
    ("about", re.compile(r"大约|约|左右|上下")),
    ("rank", re.compile(r"第")),
    ("among the first", re.compile(r"前")),
)
_QUANTITY = re.compile(
    r"(?P<before>[^\d−-]*)(?P<numbers>[−-]?\d[\d,]*(?:\.\d+)?(?:%?[-—–~～]+\d[\d,]*(?:\.\d+)?)?)"
    r"(?P<scale>(?:[百万亿]|千(?![瓦米克伏])|[余多])*)(?P<unit>[^\d]*?)(?P<after>以[上下内]|左右|上下|余)?"
)


@dataclass(frozen=True, slots=True)
class Numeral:
    """A Chinese numeral that says a figure: [start, end) of the text, and the same in digits ("15%" for 百分之十五)."""

    start: int
    end: int
    digits: str


@dataclass(frozen=True, slots=True)
class Quantity:
    """What a value says: a number or the two of a range, in the base unit; `sense`: over, about, rank … or "exact"."""

    numbers: tuple[Decimal, ...]
    unit: str
    sense: str


def _below_10000(numeral: str) -> int:
    total, digit = 0, None
    for c in numeral:
        if c in _SCALES:
            total += (1 if digit is None else digit) * _SCALES[c]
            digit = None
        else:
            digit = _DIGITS[c]
    return total + (digit or 0)


def value_of(numeral: str) -> Decimal | None:
    """The number that a Chinese numeral says, also "二〇二一" and "一点五亿"; None where it is not one ("十四五")."""
    if _YEAR.fullmatch(numeral):
        return Decimal("".join(str(_DIGITS[c]) for c in numeral))
    if found := _FRACTION.fullmatch(numeral):
        whole = value_of(found["whole"])
        part = "".join(str(_DIGITS[c]) for c in found["part"])
        scale = 1
        for c in found["scale"]:
            scale *= _SCALES[c]
        return None if whole is None else (whole + Decimal(f"0.{part}")) * scale
    if numeral in {"零", "〇"}:
        return Decimal(0)
    found = _WHOLE.fullmatch(numeral)
    if not found or _SPOKEN.search(numeral) or "" in (found["yi"], found["wan"]):
        return None
    yi, wan = (_below_10000(found[name] or "") for name in ("yi", "wan"))
    return Decimal(yi * _SCALES["亿"] + wan * _SCALES["万"] + _below_10000(found["rest"]))


def plain(number: Decimal) -> str:
    """A number in digits without an exponent or idle zeros."""
    return f"{number.normalize():f}"


def _is_figure(numeral: str, text: str, end: int) -> bool:
    if _NAME_AHEAD.match(text, end):
        return False
    if _YEAR.fullmatch(numeral):
        return text[end : end + 1] == "年"
    if numeral == "十" and text[end : end + 1] == "分":
        return False
    return len(numeral) > 1 or (numeral != "一" and re.match(_MEASURED, text[end:]) is not None)


def numerals_in(text: str) -> list[Numeral]:
    """The Chinese numerals of a text that say a figure, in order."""
    found = []
    for m in _FIGURE.finditer(text):
        if m["percent"]:
            share = m["share"] if m["share"][0].isdigit() else value_of(m["share"])
            if share is not None:
                sign = "%" if m["percent"] == "百分之" else "‰"
                found.append(Numeral(m.start(), m.end(), f"{plain(Decimal(share))}{sign}"))
        elif (value := value_of(m["plain"])) is not None and _is_figure(m["plain"], text, m.end()):
            found.append(Numeral(m.start(), m.end(), plain(value)))
    return found


def arabic(text: str) -> str:
    """A copy with those numerals in digits: "三百家" → "300家", "二〇二一年" → "2021年". Offsets are not kept."""
    pieces, at = [], 0
    for numeral in numerals_in(text):
        pieces += [text[at : numeral.start], numeral.digits]
        at = numeral.end
    return "".join([*pieces, text[at:]])


def quantity(text: str) -> Quantity | None:
    """What a value like "超1.1万标准箱", "10—15天", "80%以上" says; None where it holds no number or several."""
    found = _QUANTITY.fullmatch(text)
    if not found:
        return None
    scale = Decimal(1)
    for c in found["scale"]:
        scale *= _SCALES.get(c, 1)
    unit, factor = _BASE_UNITS.get(found["unit"].lower(), (found["unit"], "1"))
    numbers = re.findall(r"^[−-]?[\d,.]+|[\d,.]+", found["numbers"])
    said = " ".join((found["before"], *re.findall("[余多]", found["scale"]), found["after"] or ""))
    sense = next((name for name, words in _SENSES if words.search(said)), "exact")
    values = (Decimal(n.replace(",", "").replace("−", "-")) * scale * Decimal(factor) for n in numbers)
    return Quantity(tuple(v.normalize() for v in values), unit, sense)
