"""Does the last gate tell a wrong claim from a light rewording? Prints the figures by kind.

    python -m tests.evaluation.mutations

Every figure sentence of the report (gold/figures.jsonl) with one number, unit, year, direction or name changed, as it
stands and reworded, must be rejected; the sentence itself and its rewordings accepted. The check of claims is tried
by itself: that a sentence stands in its quote to the letter does not help it.
"""

import json
import re
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from random import Random

from assistant.derivation import derivable

SEED = 20260101
FIGURES = Path(__file__).with_name("gold") / "figures.jsonl"

_DIGITS = "零一二三四五六七八九"
_FULL_WIDTH = str.maketrans({**{c: chr(ord(c) + 0xFEE0) for c in "0123456789%,;:()"}})
_NUMBER = re.compile(r"(?<![\d.A-Za-z+“-])\d+(?:\.\d+)?(?![\d.+A-Za-z])")
_YEAR = re.compile(r"(?:19|20)\d\d(?=年)|二〇三五(?=年)")
_SCALED = re.compile(r"(?P<number>\d+(?:\.\d+)?)(?P<scale>[万亿])(?=[\u4e00-\u9fff])")
_COUNTED = re.compile(r"(?<![\d.+第—-])(?P<number>[1-9]\d{3})(?=[余多]?[个家台标])")
_SMALL = re.compile(r"(?<![\d.,+—-])(?P<number>[2-9]|[1-9]\d{1,2})(?=[个家项条所批])")
_PERCENT = re.compile(r"(?P<number>\d+(?:\.\d+)?)%")
_UNITS = "平方千米|微克/立方米|万标准箱|标准箱|台套|万公顷|公顷|万吨|亿元|小时|千米|周年|方面|泊位|[个家项条所批位]|%"
_MEASURED = re.compile(rf"(?<=\d)[余多]?(?P<unit>{_UNITS})")
_RIVALS = {
    "平方千米": ("公顷", "平方米", "亩"),
    "微克/立方米": ("毫克/立方米", "%"),
    "万标准箱": ("标准箱", "亿标准箱", "万吨"),
    "台套": ("家", "万台套"),
    "万公顷": ("公顷", "万亩", "平方千米"),
    "万吨": ("吨", "亿吨", "万标准箱"),
    "亿元": ("万元", "元", "亿美元", "万亿元"),
    "小时": ("分钟", "天"),
    "千米": ("米", "平方千米", "海里"),
    "周年": ("个月", "届"),
    "方面": ("条", "项"),
    "泊位": ("机场", "港口"),
    "%": ("‰", "个百分点", "倍"),
    **{unit: tuple(other for other in "个家项条所批位万" if other != unit) for unit in "个家项条所批位"},
}
_TURNED = (
    ("增长", "下降"), ("下降", "增长"), ("上升至", "下降至"), ("提升到", "下降到"), ("降至", "升至"),
    ("降低", "提高"), ("增至", "减至"), ("达到", "未达到"), ("改善", "恶化"), ("超", "不足"), ("超", "约"),
    ("约", "超"), ("接近", "超过"), ("以上", "以下"), ("余家", "家"), ("多个", "个"), ("前10", "第10"),
    ("扩建", "拆除"), ("完成", "未完成"), ("加快", "暂缓"), ("全部", "部分"), ("引进", "迁出"), ("下放", "上收"),
    ("新", "旧"), ("实现", "未实现"), ("落地", "停工"), ("增强", "削弱"), ("推进", "停止"), ("开通", "关闭"),
    ("覆盖", "未覆盖"), ("推出", "取消"),
)  # fmt: skip
_NAMES = (
    "天津市", "天津港", "天津", "北京市", "北京", "河北省", "河北", "雄安新区", "雄安", "滨海新区", "滨海", "唐山",
    "沧州", "曹妃甸", "通州", "武清", "廊坊", "承德", "津兴", "京滨", "京唐", "渤海", "上海", "广州", "中石化",
    "中海油", "国家电网", "华能集团", "麒麟软件", "奇虎360", "中国交建", "亚投行", "新华波罗的海", "京东方",
    "小米", "北京奔驰", "PM2.5", "PM10", "C919", "滨海中关村科技园", "京津中关村科技城", "习近平", "市委",
    "国务院", "引滦入津", "世界智能大会", "海铁联运", "融资租赁", "飞机", "湿地", "海岸线", "生物医药", "新能源",
    "一基地三区", "津城", "滨城", "十四五", "十三五", "京津冀", "长三角", "医院", "职业院校", "高铁", "泊位",
    "林地", "蓝绿空间",
)  # fmt: skip
_CODE = re.compile(r"\d+(?:\+\d+)+|(?<=“)871(?=”)|2\.26")
_IDLE = ("进一步", "全面", "深入", "持续", "顺利", "同比", "比上年", "加快", "大力", "有序", "目前")


@dataclass(frozen=True, slots=True)
class Case:
    """What is said of a quote, and how it was made from it."""

    kind: str
    quote: str
    said: str


def sentences() -> list[str]:
    """The figure sentences of the report."""
    rows = (json.loads(line) for line in FIGURES.read_text("utf-8").splitlines())
    return list(dict.fromkeys(row["sentence"] for row in rows))


def chinese(number: int) -> str:
    """A whole number below 10,000 in Chinese numerals."""
    written = ""
    for power, name in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit, number = divmod(number, power)
        if digit:
            written += _DIGITS[digit] + name
        elif written and not written.endswith("零") and number:
            written += "零"
    return written.removeprefix("一") if written.startswith("一十") else written.rstrip("零")


def _percent(number: str) -> str:
    whole, _, part = number.partition(".")
    said = f"百分之{chinese(int(whole)) or '零'}"
    return said + "点" + "".join(_DIGITS[int(c)] for c in part) if part else said


def _unscaled(number: str, scale: str) -> str:
    return f"{int(Decimal(number) * (10**4 if scale == '万' else 10**8)):,}"


def _ordered_anew(sentence: str) -> str:
    """The statements between semicolons the other way round, unless a date at the head governs them."""
    parts = sentence.rstrip("。").split(";")
    led = len(parts) > 1 and _YEAR.match(parts[0]) and not _YEAR.match(parts[1])
    return sentence if len(parts) < 2 or led else ";".join(parts[::-1])


REWORDINGS: dict[str, Callable[[str], str]] = {
    "unchanged": lambda s: s,
    "full width": lambda s: s.translate(_FULL_WIDTH),
    "written out": lambda s: _SCALED.sub(lambda m: _unscaled(m["number"], m["scale"]), s),
    "in 万": lambda s: _COUNTED.sub(lambda m: f"{Decimal(m['number']) / 10000}万", s),
    "thousands commas": lambda s: _COUNTED.sub(lambda m: f"{int(m['number']):,}", s),
    "Chinese numerals": lambda s: _SMALL.sub(lambda m: chinese(int(m["number"])), s),
    "百分之": lambda s: _PERCENT.sub(lambda m: _percent(m["number"]), s),
    "unit synonyms": lambda s: s.replace("平方千米", "平方公里").replace("153千米", "153公里"),
    "same words": lambda s: s.replace("比上年", "同比").replace("超", "超过").replace("余家", "多家"),
    "clause order": _ordered_anew,
    "idle words left out": lambda s: re.sub("|".join(_IDLE), "", s),
    "last clause left out": lambda s: re.sub("[,;][^,;]*。$", "。", s),
    "connecting words added": lambda s: f"报告显示,{s}",
    "no last mark": lambda s: s.rstrip("。"),
}


def rewordings() -> list[Case]:
    """The sentences as they stand and each lightly reworded, where that changes them."""
    found = []
    for sentence in sentences():
        for kind, reword in REWORDINGS.items():
            if kind == "unchanged" or reword(sentence) != sentence:
                found.append(Case(kind, sentence, reword(sentence)))
    return found


def _put(sentence: str, match: re.Match[str], other: str, group: str | int = 0) -> str:
    return sentence[: match.start(group)] + other + sentence[match.end(group) :]


def _numbers(sentence: str, random: Random) -> Iterator[str]:
    found = list(_NUMBER.finditer(sentence))
    for m in found:
        last = str((int(m[0][-1]) + random.randint(1, 9)) % 10)
        yield _put(sentence, m, m[0][:-1] + last)
        yield _put(sentence, m, f"{m[0]}0" if "." not in m[0] else m[0].replace(".", ""))
        yield _put(sentence, m, chinese(random.randint(11, 99)))
        for other in found:
            yield _put(sentence, m, other[0])


def _codes(sentence: str, random: Random) -> Iterator[str]:
    for m in _CODE.finditer(sentence):
        yield _put(sentence, m, m[0][:-1] + str((int(m[0][-1]) + random.randint(1, 8)) % 9 + 1))
        yield _put(sentence, m, m[0].replace("+", "", 1).replace(".", "", 1) + "1")


def _units(sentence: str, random: Random) -> Iterator[str]:
    for m in _MEASURED.finditer(sentence):
        for rival in random.sample(_RIVALS.get(m["unit"], ()), k=min(2, len(_RIVALS.get(m["unit"], ())))):
            yield _put(sentence, m, rival, "unit")


def _years(sentence: str, random: Random) -> Iterator[str]:
    found = list(_YEAR.finditer(sentence))
    for m in found:
        now = 2035 if m[0] == "二〇三五" else int(m[0])
        yield _put(sentence, m, str(now + random.choice((-10, -2, -1, 1, 2))))
        for other in found:
            yield _put(sentence, m, other[0])
    if not found:
        yield f"{random.randint(2014, 2025)}年,{sentence}"


def _directions(sentence: str, random: Random) -> Iterator[str]:
    for word, other in _TURNED:
        for m in re.finditer(word, sentence):
            yield _put(sentence, m, other)


def _names(sentence: str, random: Random) -> Iterator[str]:
    inside = [name for name in _NAMES if name in sentence]
    for name in inside:
        m = random.choice(list(re.finditer(re.escape(name), sentence)))
        for other in (*random.sample(inside, min(2, len(inside))), *random.sample(_NAMES, 2)):
            if name not in other and other not in name:
                yield _put(sentence, m, other)


MUTATIONS: dict[str, Callable[[str, Random], Iterator[str]]] = {
    "number": _numbers,
    "code": _codes,
    "unit": _units,
    "year": _years,
    "direction": _directions,
    "name": _names,
}


def _reworded(sentence: str, random: Random) -> str:
    """Two light rewordings one after the other: a wrong claim in other words."""
    for kind in random.sample(sorted(REWORDINGS), 2):
        sentence = REWORDINGS[kind](sentence)
    return sentence


def mutations(seed: int = SEED) -> list[Case]:
    """The sentences with one claim changed: as they stand, and in other words."""
    random = Random(seed)
    found: dict[tuple[str, str], Case] = {}
    for sentence in sentences():
        for kind, mutate in MUTATIONS.items():
            for wrong in mutate(sentence, random):
                kept = random.getstate()
                same, other = _reworded(sentence, random), None
                random.setstate(kept)
                other = _reworded(wrong, random)
                if wrong != sentence:
                    found.setdefault((sentence, wrong), Case(kind, sentence, wrong))
                if other not in (same, sentence) and wrong != sentence:
                    found.setdefault((sentence, other), Case(f"{kind}, reworded", sentence, other))
    return list(found.values())


def accepted(cases: list[Case]) -> dict[str, tuple[int, list[Case]]]:
    """For each kind, how many were tried, and those that the gate lets through."""
    tried: dict[str, int] = defaultdict(int)
    passed: dict[str, list[Case]] = defaultdict(list)
    for case in cases:
        tried[case.kind] += 1
        if derivable(case.said, [case.quote]):
            passed[case.kind].append(case)
    return {kind: (tried[kind], passed[kind]) for kind in tried}


def main() -> int:
    """Exit code 1 where a wrong claim is let through."""
    wrong, right = accepted(mutations()), accepted(rewordings())
    lines = [f"{'wrong claims':28}{'n':>6}{'accepted':>10}"]
    lines += [f"{kind:28}{n:6}{len(passed):10}" for kind, (n, passed) in sorted(wrong.items())]
    lines += ["", f"{'light rewordings':28}{'n':>6}{'rejected':>10}"]
    lines += [f"{kind:28}{n:6}{n - len(passed):10}" for kind, (n, passed) in right.items()]
    total = sum(n for n, _ in wrong.values()), sum(len(passed) for _, passed in wrong.values())
    alarms = sum(n for n, _ in right.values()), sum(n - len(passed) for n, passed in right.values())
    lines += ["", f"wrong claims accepted: {total[1]} of {total[0]}", f"false alarms: {alarms[1]} of {alarms[0]}"]
    lines += [f"ACCEPTED {case.kind}: {case.said}" for _, passed in wrong.values() for case in passed]
    sys.stdout.write("\n".join(lines) + "\n")
    return 1 if total[1] else 0


if __name__ == "__main__":
    sys.exit(main())
