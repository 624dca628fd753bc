from dataclasses import replace

import pytest

from index import Document
from index.figure_periods import Times, opening_period, periods, times_of

REPORT = Document(
    "d", "政府工作报告", "r.txt", "0" * 64, "text/plain", None, 1, 1, "2024-01-01T00:00:00+00:00", None, None, None
)
PLAIN = Times(None, "")


def at(sentence: str, figure: str, headings: tuple[str, ...] = (), times: Times = PLAIN) -> str:
    return periods(sentence, headings, times, [sentence.index(figure)])[0]


@pytest.mark.parametrize(
    ("sentence", "figure", "period"),
    [
        ("2021年,吞吐量超2000万箱,比上年增长10.4%", "10.4%", "2021年"),
        ("截至2021年底,注册企业3000家,2021年增长188%", "3000", "截至2021年底"),
        ("截至2021年底,注册企业3000家,2021年增长188%", "188", "2021年"),
        ("2017—2021年,引进项目4149个", "4149", "2017—2021年"),
        ("2016年以来,投入16.5亿元", "16.5", "2016年以来"),
        ("目前林地面积1.24万公顷", "1.24", "目前"),
        ("2021年完成3项;其他完成5项", "5项", ""),
        ("完成3项,2021年完成5项", "3项", ""),
        ("比2020年增长5%", "5%", ""),
        ("“十四五”时期投资100亿元", "100", "“十四五”"),
    ],
)
def test_a_figure_is_of_the_period_named_last_before_it_in_its_part(sentence: str, figure: str, period: str) -> None:
    assert at(sentence, figure) == period


def test_a_heading_and_a_yearly_document_say_the_period_where_the_sentence_does_not() -> None:
    assert at("增长4.3%", "4.3", ("一、2023年工作回顾", "(一)经济")) == "2023年"
    assert at("全年增长4.3%", "4.3", (), Times(2010, "2010年")) == "2010年"
    assert at("年末人口3万人", "3万", (), Times(2010, "2010年")) == "2010年末"
    assert at("二季度上涨2.9%", "2.9", (), Times(2010, "2010年")) == "2010年二季度"
    assert at("全年增长4.3%", "4.3") == "全年"


def test_a_paragraph_or_heading_over_several_years_gives_no_single_year() -> None:
    assert at("增长4.3%", "4.3", ("一、过去五年及2022年工作回顾",)) == ""
    assert at("增长4.3%", "4.3", ("一、2022年三年行动计划",)) == "2022年"
    assert opening_period("五年来,我们调结构。") == "五年来" and opening_period("2022年,五年来") == ""
    assert periods("增长4.3%", ("2022年",), PLAIN, [2], "五年来") == ["五年来"]


def test_this_year_and_last_year_are_told_by_the_documents_date() -> None:
    times = times_of(replace(REPORT, date="2024-01-23"))
    assert times == Times(2024, "")
    assert at("去年增长4%", "4%", (), times) == "2023年"
    assert at("今年增长5%", "5%", (), times) == "2024年"
    assert at("比去年增长5%", "5%", (), times) == ""


def test_only_a_document_that_tells_of_one_year_gives_its_year_to_all_its_figures() -> None:
    bulletin = replace(REPORT, title="2010年统计公报", date="2011-02-28", period="2010")
    assert times_of(bulletin) == Times(2010, "2010年")
    assert times_of(replace(REPORT, period="2017–2021")) == Times(None, "")
    assert times_of(replace(REPORT, period="2025")) == Times(2025, "")
