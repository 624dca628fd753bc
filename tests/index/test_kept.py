from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from index import Embedder, Encoding
from index.kept import KeptEncodings, KeptTexts, Remembering
from index.search import as_int8, late_interaction
from index.types import Role


class Counting:
    """An embedder whose texts have a token a character; it remembers what it was asked."""

    name, revision, dimension, max_tokens = "counting", "1", 2, 99

    def __init__(self) -> None:
        self.asked: list[tuple[Role, str]] = []

    def encode(self, texts: list[str], role: Role, progress: Callable[[int], None] | None = None) -> list[Encoding]:
        self.asked += [(role, text) for text in texts]
        number = float(role == "query")
        return [
            Encoding(
                np.array([number, len(text)], np.float32),
                np.zeros((len(text), 2), np.float32),
                np.zeros((len(text), 2), np.int32),
            )
            for text in texts
        ]

    def count_tokens(self, text: str) -> int:
        return len(text)


def test_a_text_is_encoded_once_for_each_role() -> None:
    embedder: Embedder = Counting()
    kept = KeptEncodings(embedder)
    first, again = kept.encode("问", "query"), kept.encode("问", "query")
    other = kept.encode("问", "passage")
    assert (first[1], again[1], other[1]) == (False, True, False)
    assert first[0] is again[0]
    assert (first[0].vector[0], other[0].vector[0]) == (1, 0)
    assert isinstance(embedder, Counting)
    assert embedder.asked == [("query", "问"), ("passage", "问")]


def test_who_remembers_encodes_a_query_once_and_all_else_at_every_call() -> None:
    embedder = Counting()
    kept = KeptEncodings(embedder)
    remembering: Embedder = Remembering(embedder, kept)
    kept.encode("问", "query")
    assert [len(one.tokens) for one in remembering.encode(["问", "问二"], "query")] == [1, 2]
    remembering.encode(["问"], "passage")
    remembering.encode(["问"], "passage")
    assert embedder.asked == [("query", "问"), ("query", "问二"), ("passage", "问"), ("passage", "问")]
    assert (remembering.name, remembering.dimension, remembering.count_tokens("问二")) == ("counting", 2, 2)


def test_the_oldest_are_forgotten_when_their_tokens_are_too_many() -> None:
    kept = KeptEncodings(Counting(), tokens=10)
    for text in ("aaaa", "bbbb"):
        kept.encode(text, "query")
    assert kept.encode("aaaa", "query")[1]
    kept.encode("cccc", "query")
    assert [kept.encode(text, "query")[1] for text in ("aaaa", "cccc", "bbbb")] == [True, True, False]


def test_a_text_longer_than_the_bound_is_encoded_and_the_next_takes_its_place() -> None:
    kept = KeptEncodings(Counting(), tokens=3)
    assert len(kept.encode("a" * 9, "query")[0].tokens) == 9
    kept.encode("b", "query")
    assert [kept.encode(text, "query")[1] for text in ("b", "a" * 9)] == [True, False]


def test_what_is_kept_cannot_be_written_to() -> None:
    found, _ = KeptEncodings(Counting()).encode("问", "query")
    with pytest.raises(ValueError, match="read-only"):
        found.tokens[0, 0] = 1


def test_threads_get_the_encoding_of_their_text() -> None:
    kept = KeptEncodings(Counting(), tokens=40)
    texts = ["x" * (1 + number % 9) for number in range(400)]
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda text: kept.encode(text, "query")[0], texts))
    assert [len(one.tokens) for one in found] == [len(text) for text in texts]


def test_the_best_of_kept_texts_is_that_of_late_interaction(model: Embedder) -> None:
    texts = ["今天多云转小雨。", "天津港吞吐量是多少?", "How deep is the ocean?"]
    query = model.encode(["天津港去年的吞吐量"], "query")[0]
    weights = np.linspace(0.5, 1.5, len(query.tokens)).astype(np.float32)
    sentences = [as_int8(one.tokens) for one in model.encode(texts, "passage")]
    found = KeptTexts(model, texts).best(query.tokens, weights)
    assert found == pytest.approx(float(late_interaction(query.tokens, weights, sentences)[0].max()), abs=1e-6)


def test_without_token_vectors_nothing_is_best() -> None:
    assert KeptTexts(Counting(), ["", "文"]).best(np.ones((1, 2), np.float32), np.ones(1, np.float32)) is None
    assert KeptTexts(Counting(), []).best(np.ones((1, 2), np.float32), np.ones(1, np.float32)) is None
