"""What must hold of a library after any fault, looked at from outside: files, rows and brute force."""

import hashlib
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index import Library
from index.doctor import leftovers
from index.ingest import ID_LENGTH, describe, layout_of, rows_of
from index.reading import read
from index.store import PassageRow
from tests.conftest import BigramEmbedder
from tests.faults.work import State, code_word, content, open_library, state_of

NEAREST = 8
TOLERANCE = 1e-5  # of a cosine in float32, summed in another order
Rows = tuple[tuple[Any, ...], ...]


def check(folder: Path, allowed: Iterable[State], gone: Iterable[tuple[str, str]] = ()) -> State:
    """The one of the allowed states that the library is in, whole. Raises AssertionError with what is wrong.

    gone: (name, version) of what was removed or replaced and must not be found.
    """
    library = open_library(folder)
    state, known = state_of(library), list(allowed)
    assert state in known, f"a state that nobody acknowledged: {state}, not one of {known}"
    whole(library, state)
    findable(library, state, gone)
    remembered(library, gone)
    exact(library)
    clean(library)
    return state


@cache
def expected_rows(name: str, version: str) -> Rows:
    """(span, terms, vector, sentences' spans, vectors, tokens, offsets) of each passage, made anew."""
    data = content(name, version).encode()
    extract = read(data, name)
    document = describe(data, extract, name, {})
    rows = rows_of(document, extract.text, layout_of(extract), BigramEmbedder(), None)
    return tuple((r.passage.start, r.passage.end, r.terms, r.vector.tobytes(), *_sentences(r)) for r in rows)


def _sentences(row: PassageRow) -> Rows:
    return tuple((s.start, s.end, *(a.tobytes() for a in (s.vector, s.tokens, s.offsets))) for s in row.sentences)


def whole(library: Library, state: State) -> None:
    """Each document has its original and exactly the rows that follow from its text."""
    with library.catalogue.read() as db:
        for document in library.documents():
            rows = []
            query = "SELECT row, start, end, vector FROM passages WHERE document_id = ? ORDER BY row"
            for row, start, end, vector in db.execute(query, (document.id,)).fetchall():
                terms = db.execute("SELECT terms FROM fulltext WHERE rowid = ?", (row,)).fetchone()
                query = "SELECT start, end, vector, tokens, offsets FROM sentences WHERE passage = ? ORDER BY row"
                rows.append((start, end, terms and terms[0], vector, *db.execute(query, (row,)).fetchall()))
            expected = expected_rows(document.file_name, state[document.file_name])
            assert tuple(rows) == expected, f"{document.file_name}: {len(rows)} of {len(expected)} passages are whole"
            original = (library.originals / document.sha256).read_bytes()
            assert hashlib.sha256(original).hexdigest() == document.sha256, document.file_name
            assert original == content(document.file_name, state[document.file_name]).encode()


def findable(library: Library, state: State, gone: Iterable[tuple[str, str]]) -> None:
    """What is there is found by its code word, what is gone is not, and every hit is a span of its document."""
    for name, version in state.items():
        word = code_word(name, version)
        assert word in library.search(word).hits[0].passage.text, f"{name} {version} is not found"
    texts = {document.id: library.text(document.id) for document in library.documents()}
    for name, version in gone:
        word = code_word(name, version)
        for hit in library.search(word).hits:
            passage = hit.passage
            assert passage.text == texts[passage.document_id][passage.start : passage.end]
            assert word not in passage.text, f"{name} {version} is gone and found"


def remembered(library: Library, gone: Iterable[tuple[str, str]]) -> None:
    """Of what is gone it is known that it left, and of what is there nothing is said."""
    here = [document.id for document in library.documents()]
    left = [hashlib.sha256(content(*one).encode()).hexdigest()[:ID_LENGTH] for one in gone]
    assert all(fate.state == "present" for fate in library.fate(here).values())
    assert all(fate.state in ("removed", "replaced") and fate.at for fate in library.fate(left).values())
    with library.catalogue.read() as db:
        assert not {document_id for (document_id,) in db.execute("SELECT id FROM departed")} & set(here)


def exact(library: Library) -> None:
    """The vector indexes find what comparing with every stored vector finds."""
    with library.catalogue.read() as db:
        if not db.execute("SELECT 1 FROM passages").fetchone():
            return
        query = library.embedder().encode(["铁路项目开工"], "query")[0].vector
        library.search("铁路项目开工")
        assert library._indexes is not None
        for table, index in (("passages", library._indexes.passages), ("sentences", library._indexes.sentences)):
            ids, scores = _brute_force(db.execute(f"SELECT row, vector FROM {table}").fetchall(), query)
            assert sorted(index.ids()) == sorted(ids), f"{table}: other rows in the index"
            for row, score in index.search(query, NEAREST):
                assert abs(scores[ids.index(row)] - score) < TOLERANCE, f"{table}: another vector in row {row}"
            found = [score for _, score in index.search(query, NEAREST)]
            np.testing.assert_allclose(found, np.sort(scores)[::-1][: len(found)], atol=TOLERANCE)


def _brute_force(rows: list[tuple[int, bytes]], query: NDArray[np.float32]) -> tuple[list[int], NDArray[np.float32]]:
    matrix = np.stack([np.frombuffer(vector, np.float32) for _, vector in rows])
    return [row for row, _ in rows], matrix @ query


def clean(library: Library) -> None:
    """The doctor finds nothing wrong, with leftovers and without; sweeping leaves none."""
    checks = library.doctor()
    assert all(check.ok and not check.repaired for check in checks), [c for c in checks if not c.ok]
    library.sweep()
    assert leftovers(library.folder, {d.sha256 for d in library.documents()}) == []
