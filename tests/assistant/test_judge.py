from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import pytest

import assistant.judge
from assistant.judge import read_hits, shipped_judge
from index import Judge, Library, line_above
from index.search import as_int8


class Recorder:
    """Stands in for a judge: tells what it was asked."""

    def read(self, *asked: Any) -> Any:
        return asked


def test_without_weights_the_assistant_has_no_judge(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(assistant.judge, "WEIGHTS", tmp_path / "judge.safetensors")
    assert shipped_judge(library) is None


def test_hits_are_read_with_the_token_vectors_that_the_catalogue_keeps(
    library: Library, write: Callable[..., Path]
) -> None:
    library.add(write("wuqing.txt", "武清区去年新增企业三百家。\n武清区的高铁站已经开通。"))
    hits = [(hit, hit.sentences[0]) for hit in library.search("武清区新增企业", 2).hits]
    asked = cast(Any, read_hits(cast(Judge, Recorder()), "多少家?", hits, ["武清区"] * 2))
    question, sentences, contexts, kept, passages = asked
    assert (question, contexts) == ("多少家?", ["武清区"] * 2)
    assert sentences == [hit.text for _, hit in hits]
    (title,) = library.embedder().encode([line_above(library.documents()[0].title, ())], "passage")
    for passage in passages:
        tokens, offsets = cast(Any, library.line(passage))
        assert (tokens == as_int8(title.tokens)).all() and (offsets == title.offsets).all()
    for (tokens, offsets), (_, hit) in zip(kept, hits, strict=True):
        assert tokens.shape == (len(hit.offsets), library.embedder().dimension)
        assert (offsets == hit.offsets).all()
