"""The renderer: figures where they belong, bounds as ratios within the record, what is lacking left out."""

from typing import Any

from tests.benchmarks.table import at, bounds, markdown

RECORD: dict[str, Any] = {
    "date": "2030-01-02 03:04 UTC",
    "machine": {"cpu": "A processor", "cores": 2, "memory_mb": 1024},
    "versions": {"torch": "9.9", "txtai": None},
    "model": "model-float32",
    "plan": {"documents": 7, "people": 3, "think": 5.0, "seconds": 60.0, "add_pause": 2.0},
    "figures": {
        "ours": {
            "page_s": 3.0,
            "gradio_s": 2.0,
            "index": {"tokens": 600, "documents": 3, "documents_per_s": 2.0, "tokens_per_s": 900.0},
            "large": {"bytes": 3 * 2**20},
            "questions": {
                "p50_ms": 100.0,
                "without_rerank_ms": {"p50": 30.0},
                "stages_ms": {"embed": 10.0, "rerank": 70.0},
            },
            "load": {"alone": {"p50_ms": 100.0}, "thinking": {"p95_ms": 390.0, "errors": 1}},
            "quality": {"gold": {"recall@5": 0.97}},
        },
        "LangChain": {
            "index": {"documents_per_s": 2.5, "tokens_per_s": 500.0},
            "questions": {"p50_ms": 40.0},
            "quality": {"gold": {"recall@5": 0.94}},
        },
        "LlamaIndex": {"index": {"documents_per_s": 1.0, "tokens_per_s": 800.0}, "questions": {"p50_ms": 29.0}},
        "txtai": {"missing": "not installed: pip install it"},
    },
}


def row(text: str, first: str) -> str:
    return next(line for line in text.splitlines() if line.startswith(f"| {first} |"))


def test_a_figure_stands_in_its_column_in_its_unit() -> None:
    shown = markdown(RECORD)
    assert "| | ours | LangChain | LlamaIndex |" in shown.splitlines()
    assert row(shown, "one question p50, ms") == "| one question p50, ms | 100.0 | 40.0 | 29.0 |"
    assert row(shown, "bytes on disk, MiB") == "| bytes on disk, MiB | 3.0 | – | – |"
    assert row(shown, "tokens embedded per document") == "| tokens embedded per document | 200 | – | – |"


def test_what_nobody_has_gets_no_row_and_a_missing_peer_is_said_to_be_missing() -> None:
    shown = markdown(RECORD)
    assert "`xietong list`" not in shown
    assert "txtai: not installed: pip install it" in shown
    assert "torch 9.9" in shown and "txtai None" not in shown


def test_bounds_are_ratios_to_the_best_peer_of_the_same_record() -> None:
    found = {bound.shown: (bound.value, bound.bound, bound.met) for bound in bounds(RECORD["figures"])}
    assert found["page served, s: at most 1.3 × `import gradio` + 0.5 s"] == (3.0, 3.1, True)
    assert found["indexing, tokens/s of the fastest peer's: at least 1.5"] == (1.125, 1.5, False)
    assert found["indexing, documents/s of the fastest peer's: at least 1"] == (0.8, 1.0, False)
    assert found["one question without reranking, p50 of embedding's: at most 1.5"] == (3.0, 1.5, False)
    assert found["one question without reranking, p50 of the fastest peer's: at most 1"][2] is False
    assert found["many at once, p95 of the p50 alone: at most 4"] == (3.9, 4.0, True)
    assert found["many at once, errors: none"] == (1.0, 0.0, False)
    assert found["gold: recall@5 beside the best peer's: at least as good"] == (0.97, 0.94, True)
    assert found["gold2: recall@5 beside the best peer's: at least as good"] == (None, None, None)


def test_the_bounds_say_whether_they_are_met_and_leave_out_what_was_not_measured() -> None:
    shown = markdown(RECORD)
    assert row(shown, "many at once, errors: none") == "| many at once, errors: none | 1.00 (0.00) | **no** |"
    assert row(shown, "one question, p50 in ms: at most 400").endswith("| 100.00 (400.00) | yes |")
    assert "gold2" not in shown


def test_a_path_that_leads_nowhere_is_no_figure() -> None:
    assert at({"a": {"b": 1}}, "a.b") == 1.0
    assert at({"a": {"b": 1}}, "a.c") is None
    assert at({"a": 1}, "a.b") is None
    assert at({"a": "text"}, "a") is None
