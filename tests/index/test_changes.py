"""An index follows the catalogue by what was noted, and holds what one made anew would."""

import random
from pathlib import Path

import numpy as np
import pytest

from index import Document, Passage, store
from index.catalogue import Catalogue
from index.changes import TABLES, begin_noting, removed_since, rows_of
from index.indexes import Indexes
from index.store import PassageRow, SentenceRow

DIMENSION = 4
OFFSETS = np.array([(0, 1)], np.int32)


@pytest.fixture
def kept(tmp_path: Path) -> Catalogue:
    return Catalogue(tmp_path / "xietong.db")


def add(kept: Catalogue, number: int, passages: int) -> str:
    """A document of some passages with two sentences each; returns its id."""
    sha256 = f"{number:064x}"
    made = Document(sha256[-16:], "题", f"{number}.txt", sha256, "text/plain", None, 1, 6, "2024", None, None, None)
    vector = np.eye(DIMENSION, dtype=np.float32)[number % DIMENSION]
    sentence = SentenceRow(0, 3, vector, np.zeros((1, DIMENSION), np.int8), OFFSETS, number)
    rows = [
        PassageRow(
            Passage(f"{made.id}-{n}", made.id, 0, 3, 1, None, (), "", "天津港"), "天津", vector, (sentence, sentence)
        )
        for n in range(passages)
    ]
    with kept.write() as db:
        store.insert_document(db, made, "天津港", rows)
    return made.id


def remove(kept: Catalogue, document_id: str) -> None:
    with kept.write() as db:
        store.delete_document(db, document_id)


def follow(kept: Catalogue, indexes: Indexes) -> list[list[int]]:
    with kept.read() as db:
        indexes.bring_to(db)
    return [sorted(index.ids().tolist()) for index in (indexes.passages, indexes.sentences)]


def rows(kept: Catalogue) -> list[list[int]]:
    with kept.read() as db:
        return [[row for (row,) in db.execute(f"SELECT row FROM {table} ORDER BY row")] for table in TABLES]


@pytest.mark.parametrize("seed", range(5))
def test_whatever_is_added_and_removed_the_index_follows(kept: Catalogue, tmp_path: Path, seed: int) -> None:
    chance, held = random.Random(seed), [add(kept, 0, 2)]
    indexes = Indexes(tmp_path, DIMENSION)
    for number in range(1, 40):
        if held and chance.random() < 0.4:
            remove(kept, held.pop(chance.randrange(len(held))))
        else:
            held.append(add(kept, number, chance.randrange(4)))
        if chance.random() < 0.3:
            indexes = Indexes(tmp_path, DIMENSION)  # a new start, from the cache
        if chance.random() < 0.5:
            assert follow(kept, indexes) == rows(kept)
    assert follow(kept, indexes) == rows(kept)


def test_a_reindexed_document_has_new_rows_and_the_old_ones_are_noted(kept: Catalogue, tmp_path: Path) -> None:
    one, two = add(kept, 1, 2), add(kept, 2, 3)
    indexes = Indexes(tmp_path, DIMENSION)
    follow(kept, indexes)
    with kept.write() as db:
        since = store.generation(db)
        store.delete_passages(db, one)
    with kept.read() as db:
        assert removed_since(db, "passages", since) == [(1, 2)]
        assert removed_since(db, "sentences", since) == [(1, 4)]
        assert removed_since(db, "passages", since + 1) == []
        assert rows_of(db, "sentences", [two, one, "?"]) == [(5, 10)]
    assert follow(kept, indexes) == [[3, 4, 5], [5, 6, 7, 8, 9, 10]]


def test_what_was_removed_before_removals_were_noted_is_found_by_comparing(kept: Catalogue, tmp_path: Path) -> None:
    one = add(kept, 1, 2)
    add(kept, 2, 1)
    indexes = Indexes(tmp_path, DIMENSION)
    follow(kept, indexes)
    remove(kept, one)
    with kept.write() as db:  # a library that an older program wrote until now
        since = store.generation(db)
        db.execute("DROP TABLE gone")
        begin_noting(db)
    with kept.read() as db:
        assert removed_since(db, "passages", since - 1) is None
        assert removed_since(db, "passages", since) == []
    assert follow(kept, indexes) == rows(kept) == [[3], [5, 6]]
