"""Cutting plans into clauses: what stands for itself, what belongs to its neighbour, what sets no task."""

from itertools import pairwise

import pytest

from assistant.clauses import clauses, measured, names_spirit


def cut(sentence: str) -> list[str]:
    return [sentence[c.start : c.end] for c in clauses(sentence)]


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("健全应急预案,改造老旧管网;开通三条公交线路。", ["健全应急预案", "改造老旧管网", "开通三条公交线路"]),
        ("健全应急预案，改造老旧管网；开通三条公交线路。", ["健全应急预案", "改造老旧管网", "开通三条公交线路"]),
        ("一是在疏解上展现新作为。", ["在疏解上展现新作为"]),
        ("(二)扩大有效投资。", ["扩大有效投资"]),
        ("围绕建设枢纽港口,新增两个泊位,开通三条航线。", ["围绕建设枢纽港口,新增两个泊位", "开通三条航线"]),
        ("以项目建设为抓手,扩大有效投资。", ["以项目建设为抓手,扩大有效投资"]),
        ("改善居住条件,让群众住得安心,新建公园五处。", ["改善居住条件,让群众住得安心", "新建公园五处"]),
        ("做强优势产业,做优增量,盘活存量土地。", ["做强优势产业,做优增量", "盘活存量土地"]),
        ("支出增长5%,完成投资1,200亿元。", ["支出增长5%", "完成投资1,200亿元"]),
        ("主要预期目标是:生产总值增长6.5%;居民收入增长8%。", ["生产总值增长6.5%", "居民收入增长8%"]),
        ("推进“甲计划,乙计划”实施,建设三个基地。", ["推进“甲计划,乙计划”实施", "建设三个基地"]),
        ("做强海港空港枢纽、建设消费商贸中心城市。", ["做强海港空港枢纽", "建设消费商贸中心城市"]),
        ("落实&ldquo;双减&rdquo;政策,建设三个基地。", ["落实&ldquo;双减&rdquo;政策", "建设三个基地"]),
        ("推进城市规划、建设、管理。", ["推进城市规划、建设、管理"]),
        ("在优化功能定位、巩固优势产业上发力。", ["在优化功能定位、巩固优势产业上发力"]),
    ],
)  # fmt: skip
def test_a_piece_stands_for_itself_unless_it_leads_in_or_leans_back(sentence: str, expected: list[str]) -> None:
    assert cut(sentence) == expected


@pytest.mark.parametrize(
    "sentence",
    [
        "以某某思想为指导,全面贯彻党的十九大精神,深入贯彻新发展理念。",
        "今年是实施规划的关键之年。",
        "当前,外部环境复杂严峻,任务十分繁重。",
        "各位代表!让我们携手前进,共创未来。",
        "为实现上述目标,重点抓好以下工作:",
        "重点做好十个方面工作:",
        "做好2022年各项工作,意义重大。",
        "我国经济仍处于机遇期。",
        "做好今年工作。",
        "。",
        "",
    ],
)
def test_what_sets_no_task_is_no_clause(sentence: str) -> None:
    assert cut(sentence) == []


def test_every_clause_of_the_report_s_plans_stands_in_it_and_none_overlaps(report: str) -> None:
    plans = report[report.index("二、下一步工作考虑") :]
    found = clauses(plans)
    assert len(found) > 40
    assert all(a.end <= b.start for a, b in pairwise(found))
    assert "高标准建设国际航空物流中心" in [plans[c.start : c.end] for c in found]


def test_in_whose_spirit_the_work_is_done_is_told_from_the_work() -> None:
    assert names_spirit("深入学习贯彻全会精神") and not names_spirit("弘扬工匠精神,培训技工")


@pytest.mark.parametrize(
    ("clause", "indicator"),
    [
        ("社会消费品零售总额增长7%", "社会消费品零售总额"),
        ("全省网络零售额增长10%以上", "网络零售额"),
        ("城镇调查失业率控制在5.5%以内", "城镇调查失业率"),
        ("全市地区生产总值增长5%左右", "生产总值"),
        ("天津港集装箱吞吐量突破2500万标准箱", "集装箱吞吐量"),
        ("居民消费价格涨幅2%左右", "居民消费价格"),
        ("PM2.5平均浓度下降5%以上", None),
        ("新建泊位4个", None),
        ("完成投资2000亿元", None),
        ("居民收入稳定增长", None),
    ],
)
def test_what_a_figure_is_set_for_is_known(clause: str, indicator: str | None) -> None:
    assert measured(clause) == indicator
