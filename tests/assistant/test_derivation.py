"""What can be derived from a quote, and what cannot: the claims by themselves, without the check to the letter."""

import time

import pytest

from assistant.derivation import derivable
from tests.evaluation.mutations import MUTATIONS, accepted, chinese, mutations, rewordings, sentences

FALSE_ALARMS = 0.01


def test_no_wrong_claim_about_a_figure_of_the_report_can_be_derived() -> None:
    tried = accepted(mutations())
    assert {kind: [case.said for case in passed] for kind, (_, passed) in tried.items() if passed} == {}
    for kind in MUTATIONS:
        assert tried[kind][0] + tried[f"{kind}, reworded"][0] >= 10
    assert sum(n for n, _ in tried.values()) >= 1000


def test_every_figure_sentence_can_be_derived_from_itself() -> None:
    assert [s for s in sentences() if not derivable(s, [s])] == []


def test_light_rewordings_can_be_derived() -> None:
    cases = rewordings()
    passed = sum(len(found) for _, found in accepted(cases).values())
    assert len(cases) >= 300
    assert len(cases) - passed <= FALSE_ALARMS * len(cases)


# Reworded by hand: (the quote, what is said of it).
REWORDED = [
    ("2017—2021年,引进北京企业投资项目4149个,投资到位额6056亿元,占全市引进内资的42%。", "2017-2021年引进北京企业投资项目4,149个,投资到位额0.6056万亿元。"),
    ("2020年,组织梳理三地相互支持的事项清单38项,涉及天津的31项全部完成;2021年,三地互相支持的18个事项全面落实。", "2021年三地互相支持的18个事项落实。"),
    ("2020年,组织梳理三地相互支持的事项清单38项,涉及天津的31项全部完成;2021年,三地互相支持的18个事项全面落实。", "2021年,三地互相支持的十八个事项全面落实;2020年,组织梳理三地相互支持的事项清单三十八项。"),
    ("深化大气污染防治协作,2020年全市PM2.5平均浓度为39微克/立方米,比上年下降20.4%。", "2020年全市PM2.5平均浓度39微克/立方米，同比下降20.4％"),
    ("第五届世界智能大会签约项目215个,总投资约1057亿元。", "第5届世界智能大会签约项目共215个,总投资约为1057亿元。"),
    ("在通州、武清、廊坊(“通武廊”)开展“小京津冀”改革试验,三区(市)累计实施对口合作协议90项。", "在通州、武清、廊坊开展小京津冀改革试验,三区累计实施对口合作协议九十项。"),
    ("升级保护修复875平方千米湿地自然保护区,退耕还湿、土地流转、河湖水系连通等进展顺利。", "升级保护修复875平方公里的湿地自然保护区。"),
    ("一次性向滨海新区下放622项市级权力事项,滨海新区各功能区全面实施法定机构改革。", "滨海新区各功能区实施法定机构改革,一次性向滨海新区下放622项市级权力事项。"),
    ("天津自贸试验区37项创新经验在全国复制推广。", "天津自贸试验区有37项创新经验在全国复制推广。"),
    ("联合推出58项频高事项京津冀“域内通办”。", "聯合推出58項頻高事項京津冀「域內通辦」。"),
    ("截至2021年底,累计注册企业超3000家,注册资金1400亿元。", "截至2021年底,累计注册企业超三千家。"),
]  # fmt: skip


@pytest.mark.parametrize(("quote", "said"), REWORDED)
def test_the_same_claims_in_a_few_other_words(quote: str, said: str) -> None:
    assert derivable(said, [quote])


@pytest.mark.parametrize(
    ("quote", "said"),
    [
        ("开通京津冀门诊联网直接结算,已覆盖医院1073家。", "京津冀门诊联网直接结算开通,覆盖医院1073家。"),
        ("海铁联运加快发展。", "海铁联运发展加快。"),
        ("完成海铁联运超100万标准箱。", "海铁联运量突破100万标准箱。"),
    ],
)
def test_a_free_paraphrase_is_refused_though_it_says_the_same(quote: str, said: str) -> None:
    assert not derivable(said, [quote])


@pytest.mark.parametrize(
    ("quote", "said"),
    [
        ("甲增长5%,乙下降3%。", "甲下降3%。"),
        ("甲增长5%,乙下降3%。", "甲增长5%,下降3%。"),
        ("甲增长5%,乙下降2%,占比3%。", "甲增长5%,占比3%。"),
        ("甲增长5%,比上年提高1个百分点;乙增长3%。", "乙增长3%,比上年提高1个百分点。"),
        ("甲、乙分别增长5%、6%。", "甲增长6%。"),
        ("甲、乙分别增长5%、6%。", "乙增长5%。"),
        ("规模以上工业增加值增长5%。", "工业增加值增长5%。"),
        ("甲支持乙增长5%。", "甲增长5%。"),
        ("天津港集团投资5亿元,增长3%。", "天津港增长3%。"),
    ],
)
def test_a_value_stays_with_what_it_is_said_of(quote: str, said: str) -> None:
    assert derivable(quote, [quote])
    assert not derivable(said, [quote])


@pytest.mark.parametrize(
    ("quote", "said"),
    [
        ("2020年,甲为5家;2021年,甲为6家。", "2021年,甲为5家。"),
        ("2020年甲为5家,2021年乙为6家。", "2020年,乙为6家。"),
        ("甲为5家。2021年,乙为6家。", "2021年,乙为6家,甲为5家。"),
        ("到2025年,甲达到100家,乙达到200家。", "乙达到200家。"),
        ("到2025年,甲达到100家。", "2025年,甲达到100家。"),
        ("力争全年甲增长5%。", "甲增长5%。"),
        ("甲增长5%的目标没有完成。", "甲增长5%。"),
        ("甲工程未完成。", "甲工程完成。"),
        ("甲工程完成。", "甲工程未完成。"),
        ("年均增长5%。", "增长5%。"),
        ("甲将建设3条铁路。", "甲建设3条铁路。"),
    ],
)
def test_dates_aims_and_denials_stay(quote: str, said: str) -> None:
    assert derivable(quote, [quote])
    assert not derivable(said, [quote])


def test_claims_of_several_quotes_stand_side_by_side_and_are_not_mixed() -> None:
    quotes = ["2020年,甲增长5%。", "乙下降3%,占比2%。"]
    assert derivable("2020年,甲增长5%;乙下降3%。", [quotes[0], f"2020年,{quotes[1]}"])
    assert derivable("乙下降3%,甲增长5%。", quotes)
    assert not derivable("2020年,甲增长5%,乙下降3%。", quotes)  # the second says no year
    assert not derivable("甲增长5%,占比2%。", quotes)


def test_english_words_are_held_to_the_quote_too() -> None:
    quote = "In 2021, the container throughput of Tianjin Port was 20 million TEU, an increase of 10.4 percent."
    assert derivable("In 2021 container throughput of Tianjin Port was 20 million TEU.", [quote])
    for said in (
        quote.replace("increase", "decrease"),
        quote.replace("Tianjin", "Tangshan"),
        quote.replace("10.4", "10"),
    ):
        assert not derivable(said, [quote])


def test_nothing_is_derived_from_nothing() -> None:
    assert not derivable("甲增长5%。", [])
    assert not derivable("甲增长5%。", [""])
    assert not derivable("。", ["甲增长5%。"])


def test_a_long_repetitive_text_is_decided_within_bounds() -> None:
    assert derivable("一批一批," * 20, ["一批一批," * 20])
    begun = time.perf_counter()
    assert not derivable("一批一批," * 500 + "二", ["一批一批," * 500])
    assert time.perf_counter() - begun < 20


def test_the_numbers_of_the_tests_are_written_rightly() -> None:
    assert [chinese(n) for n in (2, 10, 15, 20, 105, 110, 2005, 4149)] == [
        "二", "十", "十五", "二十", "一百零五", "一百一十", "二千零五", "四千一百四十九",
    ]  # fmt: skip
