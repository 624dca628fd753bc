"""The numbers that Word writes before a paragraph and does not keep in its text: 一、(二) 3. and the like."""

import re
from collections import defaultdict
from typing import Any

_DIGITS = "零一二三四五六七八九"
_STEMS = "甲乙丙丁戊己庚辛壬癸"
_BRANCHES = "子丑寅卯辰巳午未申酉戌亥"
_ROMAN = ((1000, "M"), (900, "CM"), (500, "D"), (400, "CD"), (100, "C"), (90, "XC"), (50, "L"), (40, "XL"),
          (10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I"))  # fmt: skip
_CHINESE = {
    "chineseCounting", "chineseCountingThousand", "ideographDigital", "japaneseCounting",
    "taiwaneseCounting", "taiwaneseCountingThousand", "ideographLegalTraditional", "chineseLegalSimplified",
}  # fmt: skip
_UNWRITTEN = {"bullet", "none"}


def chinese(number: int) -> str:
    """1 to 9999 in words: 21 is 二十一, 105 is 一百零五."""
    if not 0 < number < 10_000:
        return str(number)
    words, zero = "", False
    for power, unit in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit = number // power % 10
        if digit:
            words += ("零" if zero and words else "") + _DIGITS[digit] + unit
        zero = digit == 0
    return words[1:] if words.startswith("一十") else words


def _roman(number: int) -> str:
    words = ""
    for value, sign in _ROMAN:
        words += sign * (number // value)
        number %= value
    return words


def written(number: int, form: str) -> str:
    """A number in one of Word's forms (ECMA-376 part 1, 17.18.59); those not known here are written in digits."""
    if form in _CHINESE:
        return chinese(number)
    if form.endswith("Roman"):
        return _roman(number) if form == "upperRoman" else _roman(number).lower()
    if form.endswith("Letter"):
        letter = chr(ord("a") + (number - 1) % 26) * ((number - 1) // 26 + 1)
        return letter.upper() if form == "upperLetter" else letter
    if form.startswith("decimalEnclosedCircle") and 0 < number <= 20:
        return chr(0x245F + number)
    if form == "ideographTraditional":
        return _STEMS[(number - 1) % len(_STEMS)]
    if form == "ideographZodiac":
        return _BRANCHES[(number - 1) % len(_BRANCHES)]
    return f"{number:02}" if form == "decimalZero" else str(number)


class Numbering:
    """Counts the numbered paragraphs of one document. `root` is numbering.xml's element, None where there is none."""

    def __init__(self, root: Any | None, qn: Any) -> None:
        self._qn = qn
        self._levels: dict[str, dict[int, Any]] = {}
        self._abstract_of: dict[str, str] = {}
        self._counts: dict[str, dict[int, int]] = defaultdict(dict)
        if root is not None:
            self._load(root)

    def _load(self, root: Any) -> None:
        abstract = {}
        for element in root.findall(self._qn("w:abstractNum")):
            levels = {self._level(lvl): lvl for lvl in element.findall(self._qn("w:lvl"))}
            abstract[element.get(self._qn("w:abstractNumId"))] = levels
        for element in root.findall(self._qn("w:num")):
            number, source = element.get(self._qn("w:numId")), self._value(element, "w:abstractNumId")
            self._abstract_of[number] = source or ""
            self._levels[number] = dict(abstract.get(source or "", {}))
            for override in element.findall(self._qn("w:lvlOverride")):
                own = override.find(self._qn("w:lvl"))
                if own is not None:
                    self._levels[number][self._level(override)] = own
                if self._value(override, "w:startOverride") is not None:
                    self._abstract_of[number] = f"own {number}"  # counted apart from the list it is made from

    def _level(self, element: Any) -> int:
        return int(element.get(self._qn("w:ilvl")) or 0)

    def _value(self, element: Any, name: str) -> str | None:
        found = element.find(self._qn(name))
        return None if found is None else found.get(self._qn("w:val"))

    def mark(self, number_id: str, level: int) -> str:
        """The mark of the next paragraph of this list and level, "" for a bullet; counts it."""
        levels = self._levels.get(number_id, {})
        if level not in levels:
            return ""
        counts = self._counts[self._abstract_of[number_id]]
        counts[level] = counts.get(level, self._start(levels[level]) - 1) + 1
        for deeper in [at for at in counts if at > level]:
            del counts[deeper]
        form = self._value(levels[level], "w:numFmt") or "decimal"
        if form in _UNWRITTEN:
            return ""
        legal = levels[level].find(self._qn("w:isLgl")) is not None
        pattern = self._value(levels[level], "w:lvlText") or ""
        return re.sub(r"%(\d)", lambda m: self._part(levels, counts, int(m[1]) - 1, level, legal), pattern)

    def _part(self, levels: dict[int, Any], counts: dict[int, int], at: int, level: int, legal: bool) -> str:
        if at not in levels:
            return ""
        form = self._value(levels[at], "w:numFmt") or "decimal"
        if legal and at < level:
            form = "decimal"
        return written(counts.get(at, self._start(levels[at])), form)

    def _start(self, level: Any) -> int:
        return int(self._value(level, "w:start") or 1)
