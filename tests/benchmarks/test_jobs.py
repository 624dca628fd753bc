"""Ours at a small size through the jobs that the one command runs, on the real model."""

from collections.abc import Callable
from json import dumps
from pathlib import Path

import pytest

from index import Embedder
from tests.benchmarks import ways
from tests.benchmarks.jobs import Job, run
from tests.benchmarks.machine import memory_mb
from tests.benchmarks.runner import PARTS, Plan, Runner
from tests.benchmarks.table import markdown

TEXTS = ("全市粮食总产量达到二百五十万吨,比上年增长百分之三。", "新建改建农村公路四百公里,改造危桥三十座。")
GRAIN = {
    "question": "粮食总产量是多少?",
    "answerable": True,
    "match": "any",
    "evidence": [{"document": "a0.txt", "quote": TEXTS[0]}],
}


@pytest.fixture(autouse=True)
def one_model(model: Embedder, monkeypatch: pytest.MonkeyPatch) -> None:
    """The model that is loaded already."""
    monkeypatch.setattr("assistant.assistant.load_embedder", lambda setting: model)
    monkeypatch.setattr("tests.benchmarks.jobs._model", lambda: model)


@pytest.fixture
def documents(write: Callable[..., Path]) -> tuple[str, ...]:
    return tuple(str(write(f"a{number}.txt", text)) for number, text in enumerate(TEXTS))


@pytest.fixture
def job(tmp_path: Path, documents: tuple[str, ...]) -> Callable[..., Job]:
    def make(task: str, **more: object) -> Job:
        given = {"documents": documents, **more}
        return Job(task, "ours", str(tmp_path / "library"), "", **given)  # type: ignore[arg-type]

    return make


def test_ours_is_built_asked_judged_and_crowded(
    job: Callable[..., Job], write: Callable[..., Path], model: Embedder
) -> None:
    built = run(job("build"))
    assert built["documents"] == 2 and built["bytes"] > 0
    assert built["tokens"] > sum(model.count_tokens(text) for text in TEXTS)  # sentences are embedded, too
    further = tuple(str(write(f"b{number}.txt", f"第{number}座水库开工建设。")) for number in range(3))

    served = run(job("serve", questions=("公路建了多少?", "危桥改造了几座?", "粮食多少?"), documents=further[:1]))
    assert 0 < served["stages_ms"]["embed"] < served["stages_ms"]["total"] <= served["p99_ms"] * 1.01
    assert served["without_rerank_ms"]["p50"] < served["p99_ms"]
    assert served["add_s"] > 0 and served["peak_mb"] >= served["rss_mb"]

    gold = write("gold.jsonl", dumps(GRAIN, ensure_ascii=False))
    assert run(job("judged", gold=(str(gold),))) == {"gold": {"recall@5": 1.0, "mrr@10": 1.0, "questions": 1}}

    crowd = {"people": 2, "seconds": 1.0, "think": 0.1, "add_pause": 5.0, "rush_seconds": 0.5}
    told = run(job("crowded", questions=("粮食多少?", "公路多少?"), documents=further[1:], **crowd))
    assert told.pop("alone")["p50_ms"] > 0
    for crowd_told in told.values():
        assert crowd_told["answers"] >= 2 and crowd_told["added"] == 1 and crowd_told["error_kinds"] == {}


def test_a_job_goes_to_another_process_and_back_as_it_was(job: Callable[..., Job]) -> None:
    sent = job("serve", questions=("问?",))
    assert Job.from_json(sent.to_json()) == sent


def test_a_peer_that_is_not_installed_is_a_row_that_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(ways.NEEDS, "txtai", ("a_library_that_nobody_has",))
    runner = Runner(Plan(), tmp_path, [], tmp_path, tmp_path, tmp_path / "model", ["txtai"])
    record = runner.run(list(PARTS))
    assert record["figures"] == {"txtai": {"missing": ways.INSTALL}}
    assert ways.INSTALL in markdown(record)


def test_the_memory_of_this_process_is_told() -> None:
    found = memory_mb()
    assert found["rss_mb"] and found["peak_mb"] and 10 < found["rss_mb"] <= found["peak_mb"]
