"""Full-text search in bounded time: the same scores, and nearly always the same passages."""

import random
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from index import Library, Query, fulltext
from index.fulltext import _averages, _ranked
from index.normalise import terms
from index.words import count_out, frequencies, recount

LETTERS = "天津港口集装箱吞吐量完成比上年增长万标准"
QUERY = "天津港集装箱吞吐量"


@pytest.fixture
def many(library: Library, write: Callable[..., Path]) -> Library:
    """Documents of lines put together by chance, some letters far more often than others."""
    chance = random.Random(5)
    weights = [1 / (n + 1) for n in range(len(LETTERS))]
    for number in range(6):
        lines = ["".join(chance.choices(LETTERS, weights, k=chance.randrange(12, 40))) + "。" for _ in range(15)]
        library.add(write(f"{number}.txt", "\n".join(lines)))
    return library


@pytest.fixture
def db(many: Library) -> Iterator[sqlite3.Connection]:
    with many.catalogue.read() as connection:
        yield connection


def whole(db: sqlite3.Connection, k: int, documents: list[str] | None = None) -> dict[int, float]:
    """All terms, ranked by SQLite; the best has 1."""
    rows = _ranked(db, list(dict.fromkeys(terms(QUERY))), k, documents)
    return {row: score / rows[0][1] for row, score in rows}


def test_within_the_bound_it_is_what_sqlite_ranks(db: sqlite3.Connection) -> None:
    assert fulltext.fulltext(db, QUERY, 20, None) == whole(db, 20)


def test_scores_beyond_the_bound_are_those_of_sqlite(db: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fulltext, "POSTINGS", 40)
    found, every = fulltext.fulltext(db, QUERY, 20, None), whole(db, 1000)
    assert len(found) == 20
    assert found == pytest.approx({row: every[row] for row in found}, abs=1e-6)
    assert next(iter(found)) == next(iter(every))
    assert len(found.keys() & whole(db, 20).keys()) >= 15


def test_beyond_the_bound_a_document_alone_is_ranked_whole(
    many: Library, db: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    chosen = [many.documents()[2].id]
    expected = whole(db, 20, chosen)
    monkeypatch.setattr(fulltext, "POSTINGS", 1)
    assert fulltext.fulltext(db, QUERY, 20, chosen) == pytest.approx(expected, abs=1e-6)
    assert fulltext.fulltext(db, QUERY, 20, []) == {}


def test_beyond_the_bound_many_documents_are_kept_to(
    many: Library, db: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fulltext, "POSTINGS", 40)
    monkeypatch.setattr(fulltext, "RESCORED", 20)  # more rows than that are chosen among by the rarest terms
    chosen = [d.id for d in many.documents()[1:4]]
    rows = {r for i in chosen for (r,) in db.execute("SELECT row FROM passages WHERE document_id = ?", (i,))}
    found = fulltext.fulltext(db, QUERY, 20, chosen)
    assert found and found.keys() <= rows


def test_one_term_that_stands_everywhere_reads_no_more_than_the_bound(
    db: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fulltext, "POSTINGS", 7)
    common = max((frequencies(db, [f"{a}{b}" for a in LETTERS for b in LETTERS]) or {}).items(), key=lambda f: f[1])
    assert common[1] > 7
    assert len(fulltext.fulltext(db, common[0], 20, None)) == 7


def test_the_averages_are_those_of_the_rows(db: sqlite3.Connection) -> None:
    lengths = [len(words.split()) for (words,) in db.execute("SELECT terms FROM fulltext")]
    count, average = _averages(db)
    assert count == len(lengths) and average == pytest.approx(sum(lengths) / len(lengths))


# In how many passages each term stands


def counts(db: sqlite3.Connection) -> dict[str, int]:
    return dict(db.execute("SELECT term, passages FROM words").fetchall())


def slow(db: sqlite3.Connection) -> dict[str, int]:
    texts = [words.split() for (words,) in db.execute("SELECT terms FROM fulltext")]
    return {term: sum(term in words for words in texts) for term in {t for words in texts for t in words}}


def test_words_are_counted_through_additions_replacements_removals_and_reindexing(
    many: Library, write: Callable[..., Path]
) -> None:
    many.remove(many.documents()[0].id)
    many.add(write("1.txt", "天津港开港。\n天津港扩建。"))
    many.reindex()
    with many.catalogue.read() as db:
        assert counts(db) == slow(db) and counts(db)["天津"] >= 2
        assert frequencies(db, ["天津", "无此"]) == {"天津": counts(db)["天津"], "无此": 0}


def test_counting_anew_gives_the_same(many: Library) -> None:
    with many.catalogue.write() as db:
        before = counts(db)
        recount(db)
        assert counts(db) == before


def test_doctor_sees_and_mends_a_wrong_count(many: Library) -> None:
    with many.catalogue.write() as db:
        count_out(db, ["天津"])
    assert [c.check for c in many.doctor() if not c.ok] == ["fulltext"]
    assert all(c.ok for c in many.doctor(repair=True))
    with many.catalogue.read() as db:
        assert counts(db) == slow(db)


def test_a_library_without_counts_is_searched_all_the_same(many: Library) -> None:
    with many.catalogue.write() as db:
        db.execute("DROP TABLE words")
    with many.catalogue.read() as db:
        assert frequencies(db, ["天津"]) is None
        assert fulltext.fulltext(db, QUERY, 20, None) == whole(db, 20)


def test_a_term_is_mentioned_where_a_passage_of_the_documents_has_it(
    library: Library, write: Callable[..., Path]
) -> None:
    one = library.add(write("a.txt", "天津港完成吞吐量。")).id
    two = library.add(write("b.txt", "水稻种了三百亩。")).id
    assert one and two
    asked = ("津港", "水稻", "月球")

    def mentioned(terms: tuple[str, ...] | None, within: tuple[str, ...] | None = None) -> set[str] | None:
        found = library.search(Query("吞吐量", terms=terms, terms_within=within), documents=[two]).mentioned
        return None if found is None else set(found)

    assert mentioned(asked) == {"津港", "水稻"}
    assert mentioned(asked, (one,)) == {"津港"}
    assert mentioned(asked, (two, one)) == {"津港", "水稻"}
    assert mentioned(asked, ()) == mentioned(()) == set()
    assert mentioned(None) is None
