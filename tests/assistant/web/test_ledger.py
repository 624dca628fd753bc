import re
from collections.abc import Callable
from html import unescape
from typing import Any

import pytest

from assistant import CLOSE_REPORT, Place, PlanRow
from assistant.web.ledger import BARS, Tally, ledger, picture, tallies, with_figures
from assistant.web.texts import Words

ZH, EN = Words("zh"), Words("en")
SURE, NEAR = CLOSE_REPORT, CLOSE_REPORT - 0.01
TITLES = {"d": "甲报告", "e": "乙报告"}
Read = Callable[[str], Any]


def place(quote: str, document: str = "d", start: int = 10, page: int | None = None) -> Place:
    return Place(document, f"{document}.txt", 3, page, start, start + len(quote), quote)


def row(plan: str, *told: tuple[Place, float], topic: str = "港口", document: str = "d") -> PlanRow:
    return PlanRow(document, topic, place(plan, document), tuple(p for p, _ in told), tuple(s for _, s in told))


def test_a_clause_stands_beside_what_is_reported_with_links_to_both_places(read: Read) -> None:
    seen = read(ledger([row("新建泊位四个", (place("新建泊位2个。", start=99, page=5), SURE))], TITLES, ZH))
    assert seen.text.index("新建泊位四个") < seen.text.index("新建泊位2个。")
    assert [b["data-place"] for b in seen.having("data-place")] == ["d:10:16", "d:99:106"]
    assert [b["aria-label"] for b in seen.having("data-place")] == ["打开原文:第3段", "打开原文:第3段,第5页"]
    assert ZH("plans_none") not in seen.text and ZH("plans_near") not in seen.text


def test_where_nothing_is_reported_it_says_so_in_the_page_s_language(read: Read) -> None:
    for words, said in ((ZH, "文件没有报告进展"), (EN, "no progress reported")):
        assert said in read(ledger([row("新建泊位四个")], TITLES, words)).text


def test_what_is_only_near_is_marked_as_to_be_checked(read: Read) -> None:
    html = ledger([row("新建泊位四个", (place("泊位扩容。"), SURE), (place("航线增加。"), NEAR))], TITLES, ZH)
    assert read(html).text.count("相近,请核对") == 1
    assert html.index("航线增加。") < html.index("相近,请核对")


def test_what_another_year_s_report_tells_is_named(read: Read) -> None:
    text = read(ledger([row("新建泊位四个", (place("建成泊位。", "e"), SURE))], TITLES, ZH)).text
    assert "次年报告 《乙报告》 第3段" in text


def test_topics_and_documents_are_headings_in_the_order_of_the_rows(read: Read) -> None:
    rows = [row("甲"), row("乙", topic="湿地"), row("丙", topic="湿地"), row("丁", topic="", document="e")]
    html = ledger(rows, TITLES, ZH)
    headings = re.findall(r"<h[23]>(.*?)</h[23]>", html)
    assert headings == ["《甲报告》", "港口", "湿地", "《乙报告》", "(没有标题)"]


def test_everything_of_a_document_is_escaped(evil: str, read: Read) -> None:
    rows = [row(evil, (place(evil, evil), NEAR), topic=evil, document=evil)]
    seen = read(ledger(rows, {evil: evil}, ZH) + picture(rows, {evil: evil}, ZH))
    assert "img" not in [tag for tag, _ in seen.tags]
    assert seen.text.count(evil) == 5  # title, topic twice, plan, progress
    assert seen.having("data-place")[0]["data-place"].startswith(f"{evil}:")


@pytest.mark.parametrize(
    ("text", "figures"),
    [
        ("吞吐量超2000万标准箱,增长10.4%", ["超2000万标准箱", "10.4%"]),
        ("2021年完成1,299台", ["1,299台"]),
        ("2016—2021年投入16.5亿元", ["16.5亿元"]),
        ("PM2.5平均浓度39微克/立方米", ["39微克/立方米"]),
        ("起草“1+4”协议,上升1.3个百分点", ["1.3个百分点"]),
        ("没有数字", []),
        ("<i>5项</i>", ["5项"]),
    ],
)
def test_figures_are_emphasised_as_they_stand_and_nothing_else_changes(text: str, figures: list[str]) -> None:
    html = with_figures(text)
    assert re.findall(r"<b>(.*?)</b>", html) == figures
    assert unescape(re.sub(r"</?b>", "", html)) == text


def test_the_picture_counts_each_topic_and_says_it_for_those_who_do_not_see(read: Read) -> None:
    rows = [row("甲", (place("甲"), SURE)), row("乙", (place("乙"), NEAR)), row("丙"), row("丁", topic="湿地")]
    assert tallies(rows, TITLES) == [Tally("港口", 1, 1, 1), Tally("湿地", 0, 0, 1)]
    html = picture(rows, TITLES, ZH)
    said = [svg["aria-label"] for svg in read(html).having("aria-label")]
    assert said == [
        "港口:有报告 1 条,相近 1 条,没有报告 1 条",
        "湿地:有报告 0 条,相近 0 条,没有报告 1 条",
    ]
    assert re.findall(r'<rect class="(\w+)" x="([\d.]+)" width="([\d.]+)"', html) == [
        ("sure", "0.0", "80.0"), ("near", "80.0", "80.0"), ("silent", "160.0", "80.0"), ("silent", "0.0", "80.0"),
    ]  # fmt: skip


def test_several_documents_are_counted_by_document_and_too_many_bars_are_told_as_a_number(read: Read) -> None:
    assert [t.topic for t in tallies([row("甲"), row("乙", document="e")], TITLES)] == ["甲报告", "乙报告"]
    many = [row("甲", topic=str(number)) for number in range(BARS + 3)]
    assert "另有 3 个主题未画出" in read(picture(many, TITLES, ZH)).text
    assert picture([], TITLES, ZH) == ""
