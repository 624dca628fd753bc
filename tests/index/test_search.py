import math
import random
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from index import Embedder, Encoding, Library, LibraryUnusable, Query, UnknownDocument, search, terms
from index.fulltext import fulltext
from index.search import (
    FULLTEXT_WEIGHT,
    HEADING_SHARE,
    PASSAGE_WEIGHT,
    TITLE_SHARE,
    late_interaction,
    token_weights,
)
from index.types import Passage, Vectors

TOWNS = {
    "wuqing.txt": "武清区去年新增企业三百家。\n武清区的高铁站已经开通。",
    "baodi.txt": "宝坻区去年新增企业二百家。\n宝坻区的湿地得到保护。",
    "jizhou.txt": "蓟州区的森林覆盖率最高。\n今年又有两座水库完工。去年新增企业一百家。",
}


@pytest.fixture
def towns(library: Library, write: Callable[..., Path]) -> Library:
    for name, text in TOWNS.items():
        assert library.add(write(name, text)).status == "added"
    return library


def tokens(count: int, seed: int, dimension: int = 8) -> Vectors:
    rows = np.random.default_rng(seed).standard_normal((count, dimension))
    unit: Vectors = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
    return unit


# Late interaction


@pytest.mark.parametrize("seed", range(8))
def test_late_interaction_is_the_weighted_mean_of_the_best_matches(seed: int) -> None:
    chosen = random.Random(seed)
    query = tokens(chosen.randrange(1, 9), seed)
    weights = np.array([chosen.choice([0.3, 1.0]) for _ in query], np.float32)
    sentences = [np.rint(tokens(chosen.randrange(1, 12), seed * 100 + n) * 127).astype(np.int8) for n in range(5)]
    scores, similarities = late_interaction(query, weights, sentences)
    for score, similarity, sentence in zip(scores, similarities, sentences, strict=True):
        total = 0.0
        for row, (q, weight) in enumerate(zip(query.tolist(), weights.tolist(), strict=True)):
            products = [sum(a * b / 127 for a, b in zip(q, t, strict=True)) for t in sentence.tolist()]
            assert np.allclose(similarity[row], products, atol=1e-4)
            total += weight * max(products)
        assert score == pytest.approx(total / sum(weights.tolist()), abs=1e-4)


def test_weights_of_zero_give_a_score_and_no_division_by_zero() -> None:
    scores, _ = late_interaction(tokens(3, 1), np.zeros(3, np.float32), [np.ones((2, 8), np.int8)])
    assert scores.tolist() == [0.0]


def test_a_weight_counts_for_each_token_that_its_span_touches() -> None:
    offsets = np.array([(0, 1), (1, 3), (3, 4), (4, 6)], np.int32)
    encoding = Encoding(tokens(1, 0)[0], tokens(4, 0), offsets)
    query = Query("天津港多少", ((2, 4, 0.3), (5, 9, 0.5), (4, 4, 9.0)))
    assert token_weights(query, encoding).tolist() == pytest.approx([1.0, 0.3, 0.3, 0.5])


# Full text


@pytest.fixture
def db(towns: Library) -> Iterator[sqlite3.Connection]:
    with towns.catalogue.read() as connection:
        yield connection


def bm25(rows: dict[int, list[str]], query: list[str]) -> dict[int, float]:
    """Okapi BM25 as SQLite documents it: k1 = 1.2, b = 0.75, idf at least 1e-6; the best has 1."""
    average = sum(map(len, rows.values())) / len(rows)
    scores = {}
    for row, words in rows.items():
        counts, total = Counter(words), 0.0
        for term in set(query):
            holding = sum(term in other for other in rows.values())
            idf = max(math.log((len(rows) - holding + 0.5) / (holding + 0.5)), 1e-6)
            frequency = counts[term]
            total += idf * frequency * 2.2 / (frequency + 1.2 * (0.25 + 0.75 * len(words) / average))
        if total:
            scores[row] = total
    best = max(scores.values())
    return {row: score / best for row, score in scores.items()}


@pytest.mark.parametrize("query", ["宝坻区湿地", "去年新增企业几家", "水库", "森林覆盖率"])
def test_full_text_scores_are_bm25_over_character_bigrams(db: sqlite3.Connection, query: str) -> None:
    rows = {row: words.split(" ") for row, words in db.execute("SELECT rowid, terms FROM fulltext")}
    assert fulltext(db, query, 20, None) == pytest.approx(bm25(rows, terms(query)), abs=1e-6)


def test_full_text_keeps_to_the_given_documents(towns: Library, db: sqlite3.Connection) -> None:
    wanted = next(d for d in towns.documents() if d.file_name == "baodi.txt")
    rows = {row for (row,) in db.execute("SELECT row FROM passages WHERE document_id = ?", (wanted.id,))}
    assert set(fulltext(db, "去年新增企业", 20, [wanted.id])) <= rows
    assert fulltext(db, "去年新增企业", 20, []) == {}
    assert len(fulltext(db, "去年新增企业", 2, None)) == 2


@pytest.mark.parametrize(
    "query", ["", "。,、", '"', "NOT", 'a" OR "b', "新增*", "(新增", "col:新增", "-新增", "NEAR(新增 企业)"]
)
def test_no_sign_of_a_query_is_taken_for_the_language_of_full_text(db: sqlite3.Connection, query: str) -> None:
    found = fulltext(db, query, 20, None)
    assert bool(found) == ("新增" in query)


def test_a_pasted_page_is_searched_too(towns: Library) -> None:
    assert towns.search("".join(TOWNS.values()) * 500).hits


# The whole search


def test_the_passage_that_shares_the_most_with_the_query_is_first(
    towns: Library, found_in: Callable[[Library, str], list[str]]
) -> None:
    assert found_in(towns, "宝坻区的湿地")[0] == "宝坻区的湿地得到保护。"
    assert found_in(towns, "武清区新增企业")[0] == "武清区去年新增企业三百家。"
    assert found_in(towns, "蓟州區森林覆蓋率")[0] == "蓟州区的森林覆盖率最高。"


def test_scores_are_the_slow_sum_of_late_interaction_and_full_text(towns: Library, embedder: Embedder) -> None:
    query = "去年新增企业几家"
    result = towns.search(query)
    with towns.catalogue.read() as db:
        by_terms = fulltext(db, query, 20, None)
        rows = {i: row for row, i in db.execute("SELECT row, id FROM passages")}
        vectors = {i: np.frombuffer(v, np.float32) for i, v in db.execute("SELECT id, vector FROM passages")}
    encoded = embedder.encode([query], "query")[0]
    asked = encoded.tokens.astype(np.float64)
    documents = {d.id: d for d in towns.documents()}

    def kept(text: str) -> np.ndarray:
        found: np.ndarray = np.rint(embedder.encode([text], "passage")[0].tokens * 127) / 127
        return found

    def above(passage: Passage) -> tuple[np.ndarray, np.ndarray]:
        of = documents[passage.document_id]
        names = " ".join(filter(None, (of.title, of.publisher, Path(of.file_name).stem)))
        return kept(names), np.concatenate([kept(h) for h in passage.heading_path] or [np.zeros((0, asked.shape[1]))])

    def nearest(q: np.ndarray, tokens: np.ndarray) -> float:
        return max((float(q @ t) for t in tokens), default=-1.0)

    def lacking_from_above(own: float, title: float, headings: float) -> float:
        return own + max(0.0, TITLE_SHARE * (title - own), HEADING_SHARE * (headings - own))

    assert len(result.hits) == 6
    for hit in result.hits:
        for sentence in hit.sentences:
            held = np.rint(embedder.encode([sentence.text], "passage")[0].tokens * 127) / 127
            title, headings = above(hit.passage)
            best = np.mean([lacking_from_above(*(nearest(q, t) for t in (held, title, headings))) for q in asked])
            assert sentence.score == pytest.approx(best, abs=1e-4)
        extra = FULLTEXT_WEIGHT * by_terms.get(rows[hit.passage.id], 0.0)
        extra += PASSAGE_WEIGHT * float(encoded.vector @ vectors[hit.passage.id])
        assert hit.score == pytest.approx(hit.sentences[0].score + extra, abs=1e-4)


def test_hits_and_their_sentences_are_in_order_and_read_back_from_the_text(towns: Library) -> None:
    result = towns.search("今年水库完工,去年新增企业")
    assert [h.score for h in result.hits] == sorted((h.score for h in result.hits), reverse=True)
    assert any(len(hit.sentences) == 2 for hit in result.hits)
    for hit in result.hits:
        text = towns.text(hit.passage.document_id)
        assert text[hit.passage.start : hit.passage.end] == hit.passage.text
        assert [s.score for s in hit.sentences] == sorted((s.score for s in hit.sentences), reverse=True)
        for sentence in hit.sentences:
            assert text[sentence.start : sentence.end] == sentence.text
            assert (sentence.passage_id, sentence.paragraph) == (hit.passage.id, hit.passage.paragraph)


def test_offsets_and_similarity_belong_to_the_sentence_s_and_the_query_s_tokens(towns: Library) -> None:
    query = "宝坻区的湿地"
    result = towns.search(query)
    first = result.hits[0].sentences[0]
    assert first.similarity.shape == (len(query), len(first.text))
    assert [first.text[a:b] for a, b in first.offsets] == list(first.text)
    assert [query[a:b] for a, b in result.query_offsets] == list(query)
    same = [
        (q, t) for q in range(len(query)) for t in range(len(first.text)) if query[q : q + 2] == first.text[t : t + 2]
    ]
    assert all(first.similarity[q, t] > 0.98 for q, t in same) and len(same) == 5


def test_a_row_of_a_table_is_found_by_its_header_with_offsets_before_its_start(
    library: Library, write: Callable[..., Path]
) -> None:
    library.add(write("t.md", "| 区县 | 粮食产量 |\n|---|---|\n| 武清 | 12万吨 |\n| 宝坻 | 9万吨 |"))
    hit = next(h for h in library.search("宝坻粮食产量").hits if "宝坻" in h.passage.text)
    sentence = hit.sentences[0]
    assert sentence.text == "| 宝坻 | 9万吨 |"
    inside = [sentence.text[a:b] for a, b in sentence.offsets if a >= 0]
    assert inside == [c for c in sentence.text if not c.isspace()]
    assert int(sentence.offsets[0][0]) == -len("| 区县 | 粮食产量 |\n")


def test_a_weight_moves_the_order(towns: Library) -> None:
    text = "湿地企业"
    by = [towns.search(Query(text, ((start, end, 0.0),))).hits[0].sentences[0].text for start, end in ((2, 4), (0, 2))]
    assert "湿地" in by[0] and "企业" in by[1]


@pytest.mark.parametrize("k", [1, 2, 4])
def test_k_bounds_the_passages_and_changes_no_order(towns: Library, k: int) -> None:
    every = [h.passage.id for h in towns.search("去年新增企业", k=10).hits]
    assert [h.passage.id for h in towns.search("去年新增企业", k=k).hits] == every[:k]


def test_only_the_given_documents_are_searched(towns: Library) -> None:
    ids = {d.file_name: d.id for d in towns.documents()}
    for chosen in (["baodi.txt"], ["wuqing.txt", "jizhou.txt"]):
        wanted = [ids[name] for name in chosen]
        found = {h.passage.document_id for h in towns.search("去年新增企业", documents=wanted).hits}
        assert found == set(wanted)
    assert towns.search("去年新增企业", documents=[]).hits == ()


def test_an_unknown_document_among_those_given_is_told(towns: Library) -> None:
    with pytest.raises(UnknownDocument, match="xietong list"):
        towns.search("企业", documents=["0123456789abcdef"])


def test_a_model_without_token_vectors_ranks_by_the_cosine_of_sentences(
    make_embedder: Callable[..., Embedder], make_library: Callable[..., Library], write: Callable[..., Path]
) -> None:
    class Plain:
        """The same vectors, no tokens."""

        name, revision, dimension, max_tokens = "plain", "1", 64, 512
        inner = make_embedder()
        count_tokens = inner.count_tokens

        def encode(self, texts: list[str], role: object, progress: object = None) -> list[Encoding]:
            none = np.empty((0, 64), np.float32), np.empty((0, 2), np.int32)
            return [Encoding(e.vector, *none) for e in self.inner.encode(texts, "query")]

    plain = Plain()
    library = make_library(by=plain)
    for name, text in TOWNS.items():
        library.add(write(name, text))
    result = library.search("宝坻区的湿地")
    first = result.hits[0].sentences[0]
    assert first.text == "宝坻区的湿地得到保护。" and first.similarity.size == 0 and len(result.query_offsets) == 0
    vectors = [e.vector for e in plain.encode(["宝坻区的湿地", first.text], "query")]
    assert first.score == pytest.approx(float(vectors[0] @ vectors[1]), abs=1e-5)


def test_stored_terms_are_those_of_the_passage_with_its_title_and_headings(
    library: Library, write: Callable[..., Path]
) -> None:
    library.add(write("a.txt", "一、交通\n京滨铁路开工。"))
    with library.catalogue.read() as db:
        assert db.execute("SELECT terms FROM fulltext").fetchall() == [("a 一 交通 京滨 滨铁 铁路 路开 开工",)]


def test_a_sentence_that_is_kept_is_not_read_again_and_never_outlives_its_document(
    towns: Library, write: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[int] = []
    from_disk = search._sentences

    def counted(db: sqlite3.Connection, passages: list[int], dimension: int) -> list[search._Sentence]:
        read.extend(passages)
        return from_disk(db, passages, dimension)

    monkeypatch.setattr(search, "_sentences", counted)
    first, again = towns.search("新增企业"), towns.search("新增企业")
    assert len(read) == len(set(read)) == len(first.hits) > 0
    read.clear()
    assert [(h.passage.id, h.score) for h in first.hits] == [(h.passage.id, h.score) for h in again.hits]
    gone = next(d for d in towns.documents() if d.file_name == "wuqing.txt")
    towns.remove(gone.id)
    assert all(hit.passage.document_id != gone.id for hit in towns.search("新增企业").hits)
    towns.add(write("wuqing.txt", TOWNS["wuqing.txt"]))
    assert any(hit.passage.document_id == gone.id for hit in towns.search("新增企业").hits)
    assert len(read) == len(set(read)) == 2


def test_a_torn_line_of_headings_is_told_as_damage(towns: Library) -> None:
    with sqlite3.connect(towns.catalogue.path) as db:
        db.execute("UPDATE lines SET offsets = substr(offsets, 9)")
    with pytest.raises(LibraryUnusable, match="xietong reindex"):
        towns.line(towns.search("新增企业").hits[0].passage)
