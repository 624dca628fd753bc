"""The command over all sets, on small sets of the same shape and an embedder of bigrams."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import assistant.checks as checks
import index.search
from assistant import Assistant
from index import Library
from tests.evaluation import suite
from tests.evaluation.libraries import assistant_over_passages
from tests.evaluation.sets import Row
from tests.evaluation.suite import PARTS, as_gold, as_row, evidence_documents, is_there, run, without
from tests.training.asked import Asked

PASSAGES = {
    "p0": ("海港", "天津港位于渤海湾西岸。2021年吞吐量达到2000万标准箱。"),
    "p1": ("铁路", "京张铁路由詹天佑主持修建。铁路于1909年通车。"),
    "p2": ("湖泊", "青海湖是中国最大的咸水湖。湖面海拔3196米。"),
}
QUESTIONS = {"p0": "天津港位于哪里?", "p1": "京张铁路由谁主持修建?", "p2": "青海湖湖面海拔多少米?"}
ANSWERS = {"p0": "渤海湾西岸", "p1": "詹天佑", "p2": "3196米"}


@pytest.fixture
def data(tmp_path: Path, make_library: Callable[..., Library], monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of sets; libraries are embedded by bigrams."""

    def write(name: str, rows: list[dict[str, Any]]) -> None:
        path = tmp_path / "sets" / "cmrc2018" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), "utf-8")

    def over(folder: Path, *_: object, **__: object) -> Assistant:
        built = Assistant(make_library(folder=folder), folder / "none", 1000)
        built.prepare()
        return built

    write("passages.jsonl", [{"id": p, "title": title, "text": text} for p, (title, text) in PASSAGES.items()])
    questions = [{"id": f"q-{p}", "question": q, "passage_id": p} for p, q in QUESTIONS.items()]
    write("questions.jsonl", [{**q, "answers": [ANSWERS[q["passage_id"]]], "answerable": True} for q in questions])
    write("leave_gold_out.jsonl", [{**q, "remove_passage_ids": [q["passage_id"]]} for q in questions])
    monkeypatch.setattr("tests.evaluation.libraries.assistant_over", over)
    return tmp_path / "sets"


def test_a_large_set_is_asked_over_all_its_passages(data: Path) -> None:
    found = run("cmrc2018", data, None, 10)
    assert found.faults == {}
    assert len(found.gold) == len(found.answers) == 3
    for row, answer in zip(found.gold, found.answers, strict=True):
        assert answer.retrieved[0].file_name == f"{row['passage_id']}.txt"
        assert {r.file_name for r in answer.retrieved} == {f"{p}.txt" for p in PASSAGES}
    assert found.alone == {"bm25 alone": 1, "dense alone": 1}


def test_a_passage_that_is_left_out_is_not_searched(data: Path) -> None:
    found = run("leave_gold_out", data, None, 10)
    assert [row["answerable"] for row in found.gold] == [False] * 3
    for row, answer in zip(found.gold, found.answers, strict=True):
        assert len(answer.retrieved) == 2
        assert f"{row['remove_passage_ids'][0]}.txt" not in {r.file_name for r in answer.retrieved}


def test_no_more_questions_are_asked_than_wanted(data: Path) -> None:
    assert len(run("cmrc2018", data, None, 2).answers) == len(run("leave_gold_out", data, None, 2).answers) == 2


def test_a_library_is_kept_and_gone_on_with(data: Path, tmp_path: Path) -> None:
    run("cmrc2018", data, tmp_path / "cache", 1)
    folder = next((tmp_path / "cache").iterdir())
    kept = assistant_over_passages(folder, data / "cmrc2018").library.documents()
    assert [d.title for d in kept] == [title for title, _ in PASSAGES.values()]
    (data / "cmrc2018" / "passages.jsonl").open("a", encoding="utf-8").write(
        '{"id": "p3", "title": "山", "text": "山。"}\n'
    )
    assert [d.id for d in assistant_over_passages(folder, data / "cmrc2018").library.documents()[:3]] == [
        d.id for d in kept
    ]


def test_a_library_made_by_other_code_is_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(suite, "ROOT", tmp_path)
    (tmp_path / "index" / "reading").mkdir(parents=True)
    names = []
    for code in ("a = 1", "a = 2", "a = 1"):
        (tmp_path / "index" / "passages.py").write_text(code)
        names.append(suite.kept_name("gold"))
    assert names[0] == names[2] != names[1]


def test_a_question_of_a_large_set_has_its_passage_as_evidence() -> None:
    row = as_gold({"id": "q", "passage_id": "p", "answers": ["甲"], "answerable": True}, {"p": {"text": "甲乙。"}})
    assert row["evidence"] == [{"document": "p.txt", "quote": "甲乙。"}]
    assert (row["match"], row["type"]) == ("any", "passage")


def test_an_asked_question_has_the_sentence_with_its_answers_as_evidence() -> None:
    text = "全市有学校9所。建成医院3家、公园12个。"
    spans = tuple((text.index(words), text.index(words) + len(words)) for words in ("3家", "12个"))
    one = Asked("修了几个园子,几家医院?", "figure", ("政府/2020.md",), ("政府/2020.md", text, spans))
    row = as_row(one, 7)
    assert row["evidence"] == [{"document": "政府_2020.txt", "quote": "建成医院3家、公园12个。"}]
    assert (row["answers"], row["match"], row["type"]) == (["3家", "12个"], "all", "figure")
    missed = as_row(Asked("有几座机场?", "subject", ("政府/2020.md",), None), 8)
    assert (missed["answerable"], missed["near_miss"], missed["answers"]) == (False, "subject", [])


def test_only_the_documents_that_the_evidence_names_are_added(tmp_path: Path) -> None:
    for name in ("a.txt", "b.pdf", "c.md"):
        (tmp_path / name).touch()
    named: list[Row] = [{"evidence": [{"document": name, "quote": "…"}, "…"]} for name in ("b.pdf", "report.txt")]
    assert evidence_documents(named, tmp_path) == [tmp_path / "b.pdf"]


def test_a_part_is_taken_away_and_given_back() -> None:
    every = checks.CHECKS
    with without(["bm25", "checks"]):
        assert index.search.FULLTEXT_CANDIDATES == 0
        assert checks.CHECKS == ()
    assert index.search.FULLTEXT_CANDIDATES > 0
    assert checks.CHECKS is every


def test_every_part_that_can_be_taken_away_is_there() -> None:
    with without(list(PARTS)):
        pass
    assert set(suite.SETS) >= {"gold", "gold2"}


def test_a_set_is_asked_where_the_folder_has_what_it_needs(data: Path) -> None:
    assert [name for name in suite.SETS if is_there(name, data)] == ["cmrc2018", "leave_gold_out"]
    (data / "gov_passages.jsonl").touch()
    assert is_there("asked", data)
