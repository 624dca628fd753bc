"""Hits are judged by the evidence they hold, whoever cut them."""

from typing import Any

import pytest

from tests.benchmarks.quality import quality, recall, reciprocal_rank
from tests.benchmarks.recipes.types import Found

FIRST = "全市粮食总产量达到二百五十万吨,比上年增长百分之三。"
SECOND = "新建改建农村公路四百公里,改造危桥三十座。"


def row(*evidence: Any, match: str = "any", question: str = "?", **more: Any) -> dict[str, Any]:
    return {"question": question, "answerable": True, "match": match, "evidence": list(evidence), **more}


def found(*texts: str, name: str = "a.txt") -> list[Found]:
    return [Found(name, text) for text in texts]


def test_a_long_chunk_that_holds_the_evidence_is_a_hit() -> None:
    chunk = "这一段说别的事情。" * 20 + FIRST + "后面又说别的事情。" * 20
    assert reciprocal_rank(row(FIRST), found("不相干的一段话,与问题没有关系。", chunk)) == 0.5
    assert recall(row(FIRST), found("不相干的一段话,与问题没有关系。", chunk)) == 1.0


def test_a_chunk_cut_through_the_evidence_is_a_hit_where_it_holds_most_of_it() -> None:
    cut = len(FIRST) * 3 // 4
    assert recall(row(FIRST), found(FIRST[:cut])) == 1.0
    assert recall(row(FIRST), found("别的事情说了很多很多。" + FIRST[: len(FIRST) // 3])) == 0.0


def test_a_list_wants_every_piece_of_evidence() -> None:
    assert recall(row(FIRST, SECOND, match="all"), found(SECOND)) == 0.5
    assert recall(row(FIRST, SECOND), found(SECOND)) == 1.0


def test_the_document_must_be_the_one_that_is_named() -> None:
    evidence = {"document": "b.pdf", "quote": FIRST}
    assert recall(row(evidence), found(FIRST, name="b.pdf")) == 1.0
    assert recall(row(evidence), found(FIRST, name="a.txt")) == 0.0


def test_the_sixth_counts_for_the_rank_alone_and_the_eleventh_for_neither() -> None:
    other = "这里说的是城镇就业人数和登记失业率。"
    assert recall(row(FIRST), found(*[other] * 5, FIRST)) == 0.0
    assert reciprocal_rank(row(FIRST), found(*[other] * 5, FIRST)) == pytest.approx(1 / 6)
    assert reciprocal_rank(row(FIRST), found(*[other] * 10, FIRST)) == 0.0


def test_only_answerable_questions_that_stand_alone_are_asked() -> None:
    asked: list[tuple[str, int]] = []

    def find(question: str, k: int) -> list[Found]:
        asked.append((question, k))
        return found(FIRST) if question == "粮食?" else []

    rows = [
        row(FIRST, question="粮食?"),
        row(SECOND, question="公路?"),
        row(FIRST, question="去年呢?", history=[{"question": "粮食?", "answer": ""}]),
        {**row(question="火星?"), "answerable": False},
    ]
    assert quality(find, rows) == {"recall@5": 0.5, "mrr@10": 0.5, "questions": 2}
    assert asked == [("粮食?", 10), ("公路?", 10)]
