"""What is kept of a document's sentences comes back as the embedder made it."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from index import Library, UnknownDocument

TEXT = "报告\n一、进展\n一是港口扩建。新增泊位两个;开通航线。\n\n二、安排\n继续扩建。"


def test_sentences_come_in_order_with_their_tokens_and_headings(
    library: Library, write: Callable[..., Path], embedder: object
) -> None:
    document_id = library.add(write("a.txt", TEXT)).id or ""
    held = library.encoded(document_id)
    assert [TEXT[s.start : s.end] for s in held.sentences] == [s.text for s in held.sentences]
    assert [s.text for s in held.sentences][-3:] == ["一是港口扩建。", "新增泊位两个;开通航线。", "继续扩建。"]
    for sentence in held.sentences:
        (made,) = embedder.encode([sentence.text], "passage")  # type: ignore[attr-defined]
        assert np.array_equal(sentence.tokens, np.rint(made.tokens * 127).astype(np.int8))
        assert np.array_equal(sentence.offsets, made.offsets)
    assert set(held.headings) == {"一、进展", "一是港口扩建", "二、安排"}


def test_an_unknown_document_is_refused_and_a_removed_one_too(library: Library, write: Callable[..., Path]) -> None:
    with pytest.raises(UnknownDocument):
        library.encoded("no")
    document_id = library.add(write("a.txt", TEXT)).id or ""
    library.remove(document_id)
    with pytest.raises(UnknownDocument):
        library.encoded(document_id)
