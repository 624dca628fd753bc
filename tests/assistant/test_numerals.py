from decimal import Decimal
from random import Random

import pytest

from assistant.numerals import Quantity, arabic, numerals_in, quantity, value_of
from tests.evaluation.mutations import chinese


@pytest.mark.parametrize(
    ("numeral", "value"),
    [
        ("三百二十万", "3200000"),
        ("十五", "15"),
        ("两千零五", "2005"),
        ("一千零一十", "1010"),
        ("一亿三千万", "130000000"),
        ("三千亿", "300000000000"),
        ("二〇二一", "2021"),
        ("一九四九", "1949"),
        ("一点二五", "1.25"),
        ("一点五亿", "150000000"),
        ("零", "0"),
    ],
)
def test_a_numeral_says_a_number(numeral: str, value: str) -> None:
    assert value_of(numeral) == Decimal(value)


@pytest.mark.parametrize("word", ["十四五", "三四", "千万", "百", "万", "一百二", "一二三四", "点五", "", "三十五十"])
def test_what_is_no_numeral_has_no_value(word: str) -> None:
    assert value_of(word) is None


def test_every_number_is_read_back_as_it_was_written() -> None:
    random = Random(7)
    for number in [*range(1, 300), *random.sample(range(300, 10000), 500)]:
        assert value_of(chinese(number)) == number
        assert value_of(f"{chinese(number)}万") == number * 10000


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("三百家企业、两千多项", "300家企业、2000多项"),
        ("百分之十五、百分之5.5、千分之三", "15%、5.5%、3‰"),
        ("二〇三五年远景目标", "2035年远景目标"),
        ("第十四个五年规划", "第14个5年规划"),
        ("十一届六次全会", "11届6次全会"),
        ("三个月", "3个月"),
    ],
)
def test_figures_are_written_in_digits(text: str, expected: str) -> None:
    assert arabic(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "“十四五”规划", "二十大精神", "一体推进", "十分重要", "三是改革", "十二、推进", "(十二)推进", "四面八方", "一家",
        "“四个意识”", "几十家", "数百人", "千方百计", "“三会合一”", "百年", "统一", "五道口",
    ],
)  # fmt: skip
def test_names_and_set_phrases_are_no_figures(text: str) -> None:
    assert numerals_in(text) == []


def test_a_numeral_has_its_place() -> None:
    text = "新增三百家,增长百分之二十。"
    assert [(text[n.start : n.end], n.digits) for n in numerals_in(text)] == [("三百", "300"), ("百分之二十", "20%")]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("超2000万标准箱", "超过20,000,000标准箱"),
        ("1亿元", "10000万元"),
        ("153千米", "153公里"),
        ("736平方千米", "73600公顷"),
        ("600余家", "600多家"),
        ("约5吨", "5000公斤左右"),
        ("2小时", "120分钟"),
        ("3成", "30%"),
        ("10—15天", "10-15天"),
    ],
)
def test_values_are_equal_however_written(one: str, other: str) -> None:
    assert quantity(one) == quantity(other) is not None


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("超2000万标准箱", "2000万标准箱"),
        ("超3000家", "约3000家"),
        ("80%以上", "80%以下"),
        ("1亿元", "1亿美元"),
        ("5%", "5个百分点"),
        ("第10位", "前10位"),
        ("10—15天", "10—16天"),
        ("5%", "-5%"),
        ("39微克/立方米", "39毫克/立方米"),
    ],
)
def test_values_that_differ_in_number_unit_or_sense_are_not_equal(one: str, other: str) -> None:
    assert quantity(one) != quantity(other)


def test_a_quantity_is_in_base_units() -> None:
    assert quantity("超1.1万标准箱") == Quantity((Decimal(11000),), "标准箱", "over")
    assert quantity("6056亿元") == Quantity((Decimal(605600000000),), "元", "exact")
    assert quantity("没有数") is None
