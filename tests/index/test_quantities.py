from itertools import pairwise

import pytest

from index.quantities import half_width, kind_of, mentions


def seen(text: str) -> list[tuple[str, str, str, str]]:
    """(as it stands, value, unit, kind) of each figure."""
    return [(text[m.start : m.end], m.value, m.unit, m.kind) for m in mentions(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("吞吐量超2000万标准箱", ("超2000万标准箱", "2000", "万标准箱", "amount")),
        ("服务企业1500余家", ("1500余家", "1500", "家", "count")),
        ("惠及100多万人", ("100多万人", "100", "万人", "count")),
        ("浓度为39微克/立方米", ("39微克/立方米", "39", "微克/立方米", "amount")),
        ("占总量的80%以上", ("80%以上", "80", "%", "percent")),
        ("下降０．７个百分点", ("０．７个百分点", "0.7", "个百分点", "percent")),
        ("收入1,234.5万元", ("1,234.5万元", "1,234.5", "万元", "amount")),
        ("工期10—15天", ("10—15天", "10—15", "天", "amount")),
        ("综合排名居全国前10位", ("全国前10位", "10", "位", "rank")),
        ("升至第20位", ("第20位", "20", "位", "rank")),
        ("全球第二大租赁聚集区", ("全球第二大", "第二", "大", "rank")),
        ("总量居全国第七。", ("全国第七", "第七", "", "rank")),
        ("第五届大会", ("第五届", "第五", "届", "ordinal")),
        ("首批基地", ("首批", "首", "批", "ordinal")),
        ("全国首个标准", ("全国首个", "首", "个", "rank")),
        ("机场三期工程", ("三期", "三", "期", "ordinal")),
        ("市委十一届六次全会", ("十一届六次全会", "十一届六次", "全会", "ordinal")),
        ("实施三年行动计划", ("三年", "三", "年", "ordinal")),
        ("三区(市)合作", ("三区(市)", "三", "区(市)", "count")),
        ("二百三十家企业", ("二百三十家", "二百三十", "家", "count")),
        ("占比百分之十五", ("百分之十五", "百分之十五", "", "percent")),
        ("构建“1+3+4”体系", ("“1+3+4”", "1+3+4", "", "code")),
        ("“2.26”重要讲话", ("2.26", "2.26", "", "date")),
        ("截至2021年底", ("截至2021年底", "2021", "年底", "date")),
        ("2016年以来", ("2016年以来", "2016", "年", "date")),
        ("2017—2021年", ("2017—2021年", "2017—2021", "年", "date")),
        ("二〇三五年远景目标", ("二〇三五年", "二〇三五", "年", "date")),
        ("2024年3月15日召开", ("2024年3月15日", "2024年3月15", "日", "date")),
        ("指数为102.3,", ("102.3", "102.3", "", "amount")),
        ("新增22万伏及以上设备", ("22万伏", "22", "万伏", "amount")),
        ("增长-0.5%", ("-0.5%", "-0.5", "%", "percent")),
        ("发表3周年之际", ("3周年", "3", "周年", "ordinal")),
    ],
)
def test_a_figure_is_told_with_its_qualifier_unit_and_kind(text: str, expected: tuple[str, str, str, str]) -> None:
    assert seen(text) == [expected]


@pytest.mark.parametrize(
    "text",
    [
        "一是加快建设,二是优化布局",
        "(一)总体要求",
        "增强“四个意识”,做到“两个维护”",
        "第三产业和第一书记",
        "第三条 本办法所称",
        "5G网络和PM2.5治理、奇虎360",
        "三个方面的问题,一系列举措,一批项目",
        "党的二十大和十九届历次全会",
        "国发〔2008〕30号文件",
        "行政运行(01项)",
        "全面、一体、四面八方、十分重视",
        "1. 工作目标",
    ],
)
def test_list_marks_names_of_sets_and_numbers_in_names_are_no_figures(text: str) -> None:
    assert seen(text) == []


def test_a_year_that_is_compared_with_is_no_figure_of_its_own() -> None:
    assert seen("比2020年增加5亿元") == [("5亿元", "5", "亿元", "amount")]


def test_figures_stand_in_order_and_do_not_overlap() -> None:
    found = mentions("6方面24条133项任务,到2025年完成120万吨")
    assert [m.value for m in found] == ["6", "24", "133", "2025", "120"]
    assert all(a.end <= b.start for a, b in pairwise(found))


def test_half_width_keeps_offsets() -> None:
    assert half_width("（１２．５％／年）") == "(12.5%/年)"


def test_units_of_measurement_make_amounts_the_others_counts() -> None:
    assert [kind_of(u) for u in ("万元", "亿千瓦时", "万人次", "%", "个百分点", "")] == [
        "amount", "amount", "count", "percent", "percent", "count",
    ]  # fmt: skip
