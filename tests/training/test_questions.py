import json
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.training.gov import Asked, Sentence, held_out, make, read_sentences
from tests.training.reading import HELD_OUT, held_out_passages, readings
from tests.training.train import best_span
from tests.training.wording import contrasted, slipped, spoken, turned

TEXTS = (
    "2019年全市完成固定资产投资超800亿元,比上年增长6.5%;新建公路120公里,改造老旧小区35个。",
    "印发《东湖湿地保护规划》,推进东湖湿地修复工程,湿地面积达到2.1万公顷。",
    "东湖大学与西山集团共建联合实验室,培养博士、硕士、本科等各类人才3000人。",
    "粮食总产量达到250万吨,农村居民人均可支配收入增长8.1%。",
)


def sentence(text: str) -> Sentence:
    return Sentence(text, "政府工作报告-主要城市/东湖市/2020.md", "p1", "东湖市2020年政府工作报告", "东湖", 2020)


@pytest.fixture
def asked() -> list[Asked]:
    return [a for seed in range(12) for a in make(seed, [sentence(t) for t in TEXTS], 10)]


def test_each_answer_is_a_piece_of_its_sentence(asked: list[Asked]) -> None:
    found = {a.sentence.text[slice(*a.span)] for a in asked if a.span}
    assert {"超800亿元", "6.5%", "120公里", "35个", "2.1万公顷", "250万吨", "8.1%", "《东湖湿地保护规划》"} <= found
    assert all(a.answers == (a.span is not None) for a in asked if a.kind != "open")


def test_what_is_asked_for_is_not_in_the_question(asked: list[Asked]) -> None:
    for a in asked:
        if a.span and a.kind in {"value", "name"}:
            assert a.sentence.text[slice(*a.span)] not in a.question


def test_near_misses_of_every_kind_are_made(asked: list[Asked]) -> None:
    kinds = {a.kind for a in asked if not a.answers}
    assert {"year", "direction", "thing", "attribute", "neighbour", "left out"} <= kinds


def test_a_changed_year_is_not_the_sentences(asked: list[Asked]) -> None:
    changed = [a for a in asked if a.kind == "year" and not a.bare]
    assert changed
    assert not any("2019" in a.question for a in changed)


def test_the_same_seed_makes_the_same_questions() -> None:
    every = [sentence(t) for t in TEXTS]
    assert make(5, every, 10) == make(5, every, 10)
    assert make(5, every, 10) != make(6, every, 10)


def test_documents_that_are_measured_with_are_left_out(tmp_path: Path) -> None:
    rows = [
        {"id": f"g{at}", "title": "政府工作报告", "text": text, "path": f"政府工作报告-主要城市/东湖市/{year}.md"}
        for at, (text, year) in enumerate(
            ((TEXTS[0], 2020), (TEXTS[3], 2021), ("过去的一年又有新的面貌和成绩。", 1980))
        )
    ]
    (tmp_path / "gov_passages.jsonl").write_text("\n".join(json.dumps(r) for r in rows), "utf-8")
    every = read_sentences(
        tmp_path, "别的话。农村居民人均可支配收入增长8.1%。粮食总产量达到250万吨,农村居民人均可支配收入增长8.1%。"
    )
    assert {s.document[-7:-3] for s in every} == {"2020"}


def test_a_document_is_wholly_in_one_part() -> None:
    parts = {held_out(f"政府工作报告/{year}.md") for year in range(1900, 2100)}
    assert parts == {True, False}
    assert held_out("政府工作报告/1990.md") == held_out("政府工作报告/1990.md")


def test_held_out_passages_are_those_left_out_first_then_by_hash(tmp_path: Path) -> None:
    questions = [
        {"id": f"q{p}-{n}", "question": "答案在哪?", "answers": [f"答案{p}"], "passage_id": f"p{p}"}
        for p in range(600)
        for n in range(3)
    ]
    passages = [{"id": f"p{p}", "title": f"题{p}", "text": f"前面一句。这里是答案{p}。"} for p in range(600)]
    for name, rows in (("questions", questions), ("passages", passages)):
        (tmp_path / f"{name}.jsonl").write_text("\n".join(json.dumps(r) for r in rows), "utf-8")
    (tmp_path / "leave_gold_out.jsonl").write_text(json.dumps({"id": "q7-0", "remove_passage_ids": ["p7"]}), "utf-8")
    chosen = held_out_passages(tmp_path)
    train, held = readings(tmp_path, held_out=False), readings(tmp_path, held_out=True)
    assert "p7" in chosen
    assert len(held) == HELD_OUT
    assert not {r.passage_id for r in train} & {r.passage_id for r in held}
    assert {r.passage_id for r in held} <= chosen
    one = held[0]
    assert one.sentences[one.right][slice(*one.answers[0])].startswith("答案")


def test_words_change_meaning_or_not() -> None:
    rng = random.Random(1)
    assert turned("粮食增长多少") == "粮食下降多少"
    assert turned("湿地有多大") is None
    assert contrasted(rng, "修了多少公里铁路", "公路和铁路") not in {None, "修了多少公里公路", "修了多少公里铁路"}
    assert contrasted(rng, "有多大", "") is None
    assert all(slipped(rng, "湿地面积多大") != "湿地面积多大" for _ in range(20))
    assert len({spoken(rng, "2019年新增企业多少家") for _ in range(30)}) > 10


def logs(starts: Sequence[float], ends: Sequence[float]) -> Any:
    return np.log(np.array([starts, ends], np.float32).T + 1e-9)


def test_no_span_where_none_is_likelier() -> None:
    assert best_span(logs([0.6, 0.2, 0.2], [0.6, 0.2, 0.2]))[:2] == (0, 0)
    assert best_span(logs([0.1, 0.7, 0.2], [0.1, 0.1, 0.8]))[:2] == (1, 2)
    assert best_span(logs([0.1, 0.1, 0.8], [0.1, 0.8, 0.1]))[:2] != (2, 1)  # an end before its start
