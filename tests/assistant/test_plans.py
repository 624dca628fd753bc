"""The ledger over libraries whose embedder compares by shared characters."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from assistant import PlanRow, Plans, reporting
from assistant.plans import topic_of
from index import Library, Progress

LAST = """河北省政府工作报告
(2022年1月17日在河北省人民代表大会上)
一、2021年工作回顾
一是港口建设加快推进。新建泊位两个,集装箱吞吐量达到300万标准箱;开通航线五条。
湿地修复面积达到三千亩。
同时,我们也清醒看到,养老床位存在不少短板,养老床位供给不足。
二、2022年主要任务
(一)扩大港口能力,迈出新步伐
以习近平新时代中国特色社会主义思想为指导,新建泊位四个。
(二)办好民生实事,取得新成效
新增养老床位五百张,修复湿地面积两千亩。
三、名词解释
泊位:船舶停靠的地方。"""
THIS = """河北省政府工作报告
(2023年1月17日在河北省人民代表大会上)
一、2022年工作回顾
新增养老床位五百二十张。
城镇老旧小区改造完成三十个。
公交线路优化调整十五条。
二、2023年主要任务
新建泊位一个。"""
Write = Callable[..., Path]


@pytest.fixture
def filled(library: Library, write: Write) -> Library:
    library.add(write("last.txt", LAST))
    return library


def by_quote(rows: list[PlanRow]) -> dict[str, PlanRow]:
    return {row.plan.quote: row for row in rows}


def test_each_task_stands_beside_what_is_reported_of_it_and_nothing_is_stretched(filled: Library) -> None:
    rows = by_quote(Plans(filled).rows())
    assert list(rows) == ["新建泊位四个", "新增养老床位五百张", "修复湿地面积两千亩"]
    told = {quote: [place.quote for place in row.progress] for quote, row in rows.items()}
    assert told["新建泊位四个"][0] == "新建泊位两个,集装箱吞吐量达到300万标准箱"
    assert told["新增养老床位五百张"] == []  # only a shortcoming is told of it
    assert told["修复湿地面积两千亩"][0] == "湿地修复面积达到三千亩。"
    assert [row.topic for row in rows.values()] == ["扩大港口能力", "办好民生实事", "办好民生实事"]


def test_every_place_is_where_it_says(filled: Library) -> None:
    rows = Plans(filled).rows()
    text = filled.text(rows[0].document_id)
    lines = text.split("\n")
    for row in rows:
        assert len(row.scores) == len(row.progress) and list(row.scores) == sorted(row.scores, reverse=True)
        for place in (row.plan, *row.progress):
            assert text[place.start : place.end] == place.quote in lines[place.paragraph - 1]
            assert (place.file_name, place.page) == ("last.txt", None)


def test_the_report_of_the_next_year_tells_what_came_of_the_plans(filled: Library, write: Write) -> None:
    plans = Plans(filled)
    (last,) = filled.documents()
    before = plans.rows()
    this = filled.add(write("this.txt", THIS)).id
    rows = by_quote([row for row in plans.rows() if row.document_id == last.id])
    assert [(p.document_id, p.quote) for p in rows["新增养老床位五百张"].progress] == [
        (this, "新增养老床位五百二十张。")
    ]
    assert this is not None
    filled.remove(this)
    assert plans.rows() == before


def test_what_is_only_near_has_a_word_in_common(filled: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reporting, "CLOSE", 2.0)
    monkeypatch.setattr(reporting, "ENOUGH", 0.01)
    monkeypatch.setattr(reporting, "BEHIND_BEST", 2.0)
    rows = by_quote(Plans(filled).rows())
    assert [place.paragraph for place in rows["新建泊位四个"].progress] == [4]
    assert rows["新增养老床位五百张"].progress == ()


def test_the_figure_of_another_indicator_is_no_progress(library: Library, write: Write) -> None:
    told = "外贸出口总额增长6.5%,高技术制造业增加值增长1%。\n湿地修复面积达到三千亩。"
    plans = "外贸出口总额增长5%左右;服务业增加值增长6.5%。"
    library.add(write("a.txt", f"一、主要进展\n{told}\n二、下一步工作安排\n{plans}"))
    trade, services = Plans(library).rows()
    assert [place.paragraph for place in trade.progress] == [2]
    assert (services.plan.quote, services.progress) == ("服务业增加值增长6.5%", ())


def test_a_document_without_plans_gives_no_rows(library: Library, write: Write) -> None:
    library.add(write("a.txt", "统计公报\n一、综合\n全年新建泊位两个。"))
    assert Plans(library).rows() == []


def test_plans_alone_have_no_progress(library: Library, write: Write) -> None:
    library.add(write("a.txt", "二、下一步工作安排\n新建泊位两个,开通五条航线。"))
    assert [row.progress for row in Plans(library).rows()] == [(), ()]


def test_what_is_known_is_not_worked_out_again(filled: Library, write: Write) -> None:
    plans = Plans(filled)
    steps: list[Progress] = []
    first = plans.rows(steps.append)
    assert [(s.done, s.total, s.files) for s in steps] == [(0, 0, 1), (1, 2, 1), (2, 2, 1)]
    steps.clear()
    assert plans.rows(steps.append) == first and steps == []
    filled.add(write("b.txt", "二、下一步工作安排\n开通五条航线。"))
    assert len(plans.rows(steps.append)) == len(first) + 1
    assert {step.label for step in steps} == {"b"}


def test_without_token_vectors_the_words_in_common_decide(
    make_library: Callable[..., Library], make_embedder: type, write: Write
) -> None:
    class Whole(make_embedder):  # type: ignore[misc]
        def _encode(self, text: str) -> object:
            made = super()._encode(text)
            return replace(made, tokens=np.zeros((0, self.dimension), np.float32), offsets=np.zeros((0, 2), np.int32))

    library = make_library(Whole("whole"))
    library.add(write("last.txt", LAST))
    rows = by_quote(Plans(library).rows())
    assert [place.quote for place in rows["新建泊位四个"].progress] == ["新建泊位两个,集装箱吞吐量达到300万标准箱"]
    assert rows["新增养老床位五百张"].progress == ()


@pytest.mark.parametrize(
    ("path", "topic"),
    [
        ((), ""),
        (("二、下一步工作考虑",), "下一步工作考虑"),
        (("二、下一步工作", "(一)扩大港口能力,迈出新步伐"), "扩大港口能力"),
        (("二、下一步工作", "三是在高质量发展上展现新作为"), "在高质量发展上展现新作为"),
        (("第二章 重点任务",), "重点任务"),
    ],
)
def test_a_topic_is_the_innermost_heading_without_its_mark(path: tuple[str, ...], topic: str) -> None:
    assert topic_of(path) == topic
