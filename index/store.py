"""What is in the library's database and how it is read: documents, passages, sentences, vectors and full text."""

import json
import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeVar
from uuid import uuid4

import numpy as np
from numpy.typing import NDArray

from index.changes import begin_noting, note_removal
from index.departures import DEPARTED, forget, note
from index.errors import LibraryTooNew, LibraryUnusable
from index.figures import FIGURES_VERSION
from index.outline import NO_LAYOUT
from index.types import Document, Layout, Offsets, Passage, Tokens, Vectors
from index.words import WORDS, count_in, count_out

SCHEMA_VERSION = 6
CONTEXTS_SINCE, LINES_SINCE = 2, 6  # the schema versions that brought their tables
MAX_VARIABLES = 900  # SQLite's oldest limit on variables in a statement is 999
FULLTEXT = 'CREATE VIRTUAL TABLE fulltext USING fts5 (terms, tokenize = "unicode61 remove_diacritics 0")'
CONTEXTS = (
    "CREATE TABLE contexts (document_id TEXT NOT NULL REFERENCES documents (id) ON DELETE CASCADE, "
    "text TEXT NOT NULL, tokens BLOB NOT NULL, PRIMARY KEY (document_id, text)) WITHOUT ROWID"
)
LINES = (
    "CREATE TABLE lines (document_id TEXT NOT NULL REFERENCES documents (id) ON DELETE CASCADE, "
    "heading_path TEXT NOT NULL, tokens BLOB NOT NULL, offsets BLOB NOT NULL, "
    "PRIMARY KEY (document_id, heading_path)) WITHOUT ROWID"
)
FIGURES = (
    "CREATE TABLE figures (document_id TEXT NOT NULL REFERENCES documents (id) ON DELETE CASCADE, "
    "start INTEGER NOT NULL, end INTEGER NOT NULL, value TEXT NOT NULL, unit TEXT NOT NULL, kind TEXT NOT NULL, "
    "indicator TEXT NOT NULL, period TEXT NOT NULL, change TEXT NOT NULL, entity TEXT NOT NULL, "
    "paragraph INTEGER NOT NULL, page INTEGER, quote_start INTEGER NOT NULL, quote_end INTEGER NOT NULL, "
    "PRIMARY KEY (document_id, start)) WITHOUT ROWID"
)
_DOCUMENT = "id, title, file_name, sha256, media_type, pages, paragraphs, characters, added_at, publisher, date, period"
# All that a list tells: the texts beside it in the table would be read past, page by page.
LISTED = f"CREATE INDEX IF NOT EXISTS documents_listed ON documents (added_at, {_DOCUMENT.replace('added_at, ', '')})"
SCHEMA = f"""
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE documents (
    id TEXT PRIMARY KEY, title TEXT NOT NULL, file_name TEXT NOT NULL, sha256 TEXT NOT NULL UNIQUE,
    media_type TEXT NOT NULL, pages INTEGER, paragraphs INTEGER NOT NULL, characters INTEGER NOT NULL,
    added_at TEXT NOT NULL, publisher TEXT, date TEXT, period TEXT, text TEXT NOT NULL,
    layout TEXT NOT NULL);
CREATE INDEX documents_by_name ON documents (file_name);
{LISTED};
CREATE TABLE passages (
    row INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE,
    document_id TEXT NOT NULL REFERENCES documents (id) ON DELETE CASCADE,
    start INTEGER NOT NULL, end INTEGER NOT NULL, paragraph INTEGER NOT NULL, page INTEGER,
    heading_path TEXT NOT NULL, header_start INTEGER, header_end INTEGER, vector BLOB NOT NULL);
CREATE INDEX passages_by_document ON passages (document_id);
CREATE TABLE sentences (
    row INTEGER PRIMARY KEY AUTOINCREMENT,
    passage INTEGER NOT NULL REFERENCES passages (row) ON DELETE CASCADE,
    start INTEGER NOT NULL, end INTEGER NOT NULL, vector BLOB NOT NULL, tokens BLOB NOT NULL,
    offsets BLOB NOT NULL, fingerprint INTEGER NOT NULL);
CREATE INDEX sentences_by_passage ON sentences (passage);
CREATE INDEX sentences_by_fingerprint ON sentences (fingerprint);
{FULLTEXT};
{CONTEXTS};
{LINES};
{DEPARTED};
{FIGURES};
{WORDS};
CREATE TABLE seeded (sha256 TEXT PRIMARY KEY) WITHOUT ROWID;
"""
TITLE = ""  # the key of a document's title among its contexts
V = TypeVar("V")
_PASSAGE = "p.id, p.document_id, p.start, p.end, p.paragraph, p.page, p.heading_path, p.header_start, p.header_end"


@dataclass(frozen=True, slots=True)
class SentenceRow:
    """A sentence ready to be stored.

    Its span, (dim,) float32 vector, (n, dim) int8 token vectors (×127), (n, 2) int32 token offsets and
    the fingerprint of its words.
    """

    start: int
    end: int
    vector: Vectors
    tokens: NDArray[np.int8]
    offsets: Offsets
    fingerprint: int


@dataclass(frozen=True, slots=True)
class PassageRow:
    """A passage ready to be stored, with its full-text terms, vector and sentences.

    contexts: its document's title and names (under TITLE) and each of its headings, with the token vectors of it,
    (n, dim) int8 (×127). line: the token vectors and offsets of `line_above`; None where the model gives none.
    """

    passage: Passage
    terms: str
    vector: Vectors
    sentences: tuple[SentenceRow, ...]
    contexts: tuple[tuple[str, NDArray[np.int8]], ...] = ()
    line: tuple[Tokens, Offsets] | None = None


def batches(rows: Sequence[V], variables: int = 1) -> Iterator[Sequence[V]]:
    """The values, each of so many variables, in slices that fit one SQL statement."""
    most = MAX_VARIABLES // variables
    return (rows[at : at + most] for at in range(0, len(rows), most))


def marks(values: Sequence[object]) -> str:
    return ",".join("?" * len(values))


def has_schema(db: sqlite3.Connection) -> bool:
    return bool(db.execute("PRAGMA user_version").fetchone()[0])


def refuse_newer(db: sqlite3.Connection, path: Path) -> None:
    """Raises LibraryTooNew for a database that a newer version wrote."""
    version = db.execute("PRAGMA user_version").fetchone()[0]
    if version > SCHEMA_VERSION:
        raise LibraryTooNew(
            f"文档库“{path}”的格式版本是 {version},本程序只识别到 {SCHEMA_VERSION}:请升级 xietong。",
            f'library "{path}" has format {version}, this program knows formats up to {SCHEMA_VERSION}: '
            "upgrade xietong.",
        )


def ensure_schema(db: sqlite3.Connection) -> None:
    """A new library's tables, or those that an older one lacks."""
    from index.migrations import migrate  # it builds on this file

    version = db.execute("PRAGMA user_version").fetchone()[0]
    if 0 < version < SCHEMA_VERSION:
        _copy_of_before(db, version)
        migrate(db, version)
        db.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
    if version == 0:
        for statement in SCHEMA.strip().split(";\n"):
            db.execute(statement)
        db.execute("INSERT INTO meta VALUES ('generation', '0')")
        begin_noting(db)
        set_meta(db, "library", uuid4().hex)
        set_meta(db, "figures", str(FIGURES_VERSION))
        db.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")


def _copy_of_before(db: sqlite3.Connection, version: int) -> None:
    """The whole file as the older program left it, beside it as xietong.db.schema<version>; made once."""
    path = Path(db.execute("PRAGMA database_list").fetchone()[2])
    kept, beside = path.with_name(f"{path.name}.schema{version}"), path.with_name(f"{path.name}.tmp")
    if kept.exists():
        return
    beside.unlink(missing_ok=True)
    with closing(sqlite3.connect(path)) as live, closing(sqlite3.connect(beside)) as copy:
        live.backup(copy)
        copy.execute("PRAGMA journal_mode = DELETE")
    beside.replace(kept)


def meta(db: sqlite3.Connection, key: str) -> str | None:
    """A value of the library itself; None where it has never been set."""
    row = db.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
    return None if row is None else str(row[0])


def set_meta(db: sqlite3.Connection, key: str, value: str) -> None:
    db.execute("INSERT INTO meta VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value", (key, value))


@contextmanager
def decoding(zh: str, en: str) -> Iterator[None]:
    """What SQLite gave but nobody can have stored is told as damage. Raises LibraryUnusable."""
    try:
        yield
    except (LookupError, ValueError, TypeError) as error:
        raise LibraryUnusable(
            f"文档库中的{zh}已损坏({error}):请运行 xietong doctor 查看,再从备份恢复,或运行 xietong reindex。",
            f"{en} of the library are damaged ({error}): run `xietong doctor`, then put a backup back or run "
            "`xietong reindex`.",
        ) from error


def generation(db: sqlite3.Connection) -> int:
    """A number that each change of the library raises."""
    with decoding("记录", "records"):
        return int(meta(db, "generation") or 0)


def identity(db: sqlite3.Connection) -> str:
    """A name that no other database has: row numbers and generations mean something only together with it."""
    return meta(db, "library") or ""


def documents(db: sqlite3.Connection, where: str = "1", *values: str) -> list[Document]:
    """Documents in the order in which they were added."""
    query = f"SELECT {_DOCUMENT} FROM documents WHERE {where} ORDER BY added_at, rowid"
    return [Document(*row) for row in db.execute(query, values)]


def text_of(db: sqlite3.Connection, document_id: str) -> str | None:
    """The stored text, exactly; None where there is no such document."""
    row = db.execute("SELECT text FROM documents WHERE id = ?", (document_id,)).fetchone()
    return None if row is None else str(row[0])


def insert_document(
    db: sqlite3.Connection, document: Document, text: str, rows: Iterable[PassageRow], layout: Layout = NO_LAYOUT
) -> None:
    """The document with its text, its layout and its passages."""
    values = (*(getattr(document, name) for name in _DOCUMENT.split(", ")), text, _layout_json(layout))
    db.execute(f"INSERT INTO documents ({_DOCUMENT}, text, layout) VALUES ({marks(values)})", values)
    insert_passages(db, rows)
    seal(db, document.id)
    forget(db, document.id)


def seal(db: sqlite3.Connection, document_id: str) -> None:
    """Keeps digests of what is stored of a document: to be called when its passages have been written."""
    set_meta(db, f"text {document_id}", _digest(_told_of(db, document_id)))
    set_meta(db, f"spans {document_id}", _span_digest(db, document_id))


def text_with_seal(db: sqlite3.Connection, document_id: str) -> tuple[str | None, bool]:
    """The stored text, None where there is no such document; and whether it and what is said of it are as stored."""
    row = _told_of(db, document_id)
    return None if row is None else str(row[-2]), meta(db, f"text {document_id}") in (None, _digest(row))


def text_is_sealed(db: sqlite3.Connection, document_id: str) -> bool:
    """Are the text and what is said of it as they were stored?"""
    return text_with_seal(db, document_id)[1]


def spans_are_sealed(db: sqlite3.Connection, document_id: str) -> bool:
    """Are the places of its passages and sentences as they were stored?"""
    return meta(db, f"spans {document_id}") in (None, _span_digest(db, document_id))


def _told_of(db: sqlite3.Connection, document_id: str) -> Any:
    return db.execute(f"SELECT {_DOCUMENT}, text, layout FROM documents WHERE id = ?", (document_id,)).fetchone()


def _digest(row: Any) -> str:
    return sha256(repr(row).encode()).hexdigest()


def _span_digest(db: sqlite3.Connection, document_id: str) -> str:
    found = sha256()
    passages = f"SELECT {_PASSAGE} FROM passages p WHERE p.document_id = ? ORDER BY p.row"
    sentences = "SELECT s.start, s.end FROM sentences s JOIN passages p ON p.row = s.passage WHERE p.document_id = ?"
    for query in (passages, f"{sentences} ORDER BY s.row"):
        for row in db.execute(query, (document_id,)):
            found.update(repr(row).encode())
    return found.hexdigest()


def _layout_json(layout: Layout) -> str:
    return json.dumps([layout.page_starts, list(layout.headings.items()), list(layout.table_headers.items())])


def layout_of(db: sqlite3.Connection, document_id: str) -> Layout:
    """What the document's format said of its text; NO_LAYOUT where there is no such document."""
    row = db.execute("SELECT layout FROM documents WHERE id = ?", (document_id,)).fetchone()
    if row is None:
        return NO_LAYOUT
    with decoding("版式", "layouts"):
        starts, headings, headers = json.loads(row[0])
        return Layout(tuple(starts), dict(headings), {start: (a, b) for start, (a, b) in headers})


def insert_passages(db: sqlite3.Connection, rows: Iterable[PassageRow]) -> None:
    terms = []
    for row in rows:
        terms.append(row.terms)
        p = row.passage
        path, header = json.dumps(p.heading_path), p.header or (None, None)
        values = (p.id, p.document_id, p.start, p.end, p.paragraph, p.page, path, *header)
        inserted = db.execute(
            "INSERT INTO passages "
            "(id, document_id, start, end, paragraph, page, heading_path, header_start, header_end, vector) "
            f"VALUES ({marks(values)}, ?)",
            (*values, row.vector.tobytes()),
        ).lastrowid
        db.execute("INSERT INTO fulltext (rowid, terms) VALUES (?, ?)", (inserted, row.terms))
        db.executemany(
            "INSERT OR IGNORE INTO contexts VALUES (?, ?, ?)",
            [(p.document_id, text, tokens.tobytes()) for text, tokens in row.contexts],
        )
        if row.line:
            line = (p.document_id, path, *(array.tobytes() for array in row.line))
            db.execute("INSERT OR IGNORE INTO lines VALUES (?, ?, ?, ?)", line)
        db.executemany(
            "INSERT INTO sentences (passage, start, end, fingerprint, vector, tokens, offsets) "
            "VALUES (?, ?, ?, ?, ?, ?, ?)",
            [
                (inserted, s.start, s.end, s.fingerprint, *(a.tobytes() for a in (s.vector, s.tokens, s.offsets)))
                for s in row.sentences
            ],
        )
    count_in(db, terms)


def most_similar(db: sqlite3.Connection, fingerprints: Sequence[int], besides: str) -> tuple[str, float] | None:
    """The document that shares most of the given sentences, with the share of them, 0…1; None where none is shared."""
    distinct = list(dict.fromkeys(fingerprints))
    shared: Counter[str] = Counter()
    for some in batches(distinct):
        query = (
            "SELECT p.document_id, count(DISTINCT s.fingerprint) FROM sentences s JOIN passages p ON p.row = s.passage "
            f"WHERE s.fingerprint IN ({marks(some)}) AND p.document_id != ? GROUP BY p.document_id"
        )
        shared.update(dict(db.execute(query, (*some, besides)).fetchall()))
    return (shared.most_common(1)[0][0], shared.most_common(1)[0][1] / len(distinct)) if shared else None


def sentences_of(db: sqlite3.Connection, document_id: str) -> list[str]:
    """A document's sentences in order, as its text has them."""
    text = text_of(db, document_id) or ""
    query = (
        "SELECT s.start, s.end FROM sentences s JOIN passages p ON p.row = s.passage "
        "WHERE p.document_id = ? ORDER BY s.start"
    )
    return [text[start:end] for start, end in db.execute(query, (document_id,))]


def delete_passages(db: sqlite3.Connection, document_id: str) -> None:
    note_removal(db, document_id)
    of_document = "FROM fulltext WHERE rowid IN (SELECT row FROM passages WHERE document_id = ?)"
    count_out(db, [terms for (terms,) in db.execute(f"SELECT terms {of_document}", (document_id,))])
    db.execute(f"DELETE {of_document}", (document_id,))
    db.execute("DELETE FROM passages WHERE document_id = ?", (document_id,))
    for table in ("contexts", "lines"):
        db.execute(f"DELETE FROM {table} WHERE document_id = ?", (document_id,))


def delete_document(db: sqlite3.Connection, document_id: str, by: str | None = None) -> None:
    """The document with all that was derived from it; that it left is kept in mind, and what replaced it (an id)."""
    note(db, document_id, by)
    delete_passages(db, document_id)
    db.execute("DELETE FROM documents WHERE id = ?", (document_id,))
    db.execute("DELETE FROM meta WHERE key IN (?, ?)", (f"text {document_id}", f"spans {document_id}"))


def contexts(db: sqlite3.Connection, wanted: Iterable[tuple[str, str]]) -> dict[tuple[str, str], bytes]:
    """The token vectors of titles and headings, by document id and text; an old library has none."""
    found = _of_documents(db, "contexts", CONTEXTS_SINCE, "text", "tokens", wanted)
    return {(document_id, text): tokens for document_id, text, tokens in found}


def lines(
    db: sqlite3.Connection, wanted: Iterable[tuple[str, tuple[str, ...]]]
) -> dict[tuple[str, tuple[str, ...]], tuple[bytes, bytes]]:
    """The token vectors and offsets of `line_above`, by document id and heading path; an old library has none."""
    paths = [(document_id, json.dumps(path)) for document_id, path in wanted]
    found = _of_documents(db, "lines", LINES_SINCE, "heading_path", "tokens, offsets", paths)
    return {(document_id, tuple(json.loads(path))): (tokens, offsets) for document_id, path, tokens, offsets in found}


def _of_documents(
    db: sqlite3.Connection, table: str, since: int, key: str, columns: str, wanted: Iterable[tuple[str, str]]
) -> Iterator[tuple[Any, ...]]:
    """Document id, key and columns of what is kept of documents under a key, for all documents in one statement."""
    if db.execute("PRAGMA user_version").fetchone()[0] < since:
        return
    for some in batches(list(dict.fromkeys(wanted)), variables=2):
        query = (
            f"WITH wanted (id, kept) AS (VALUES {','.join(['(?, ?)'] * len(some))}) "
            f"SELECT document_id, {key}, {columns} FROM wanted CROSS JOIN {table} ON document_id = id AND {key} = kept"
        )
        yield from db.execute(query, [value for pair in some for value in pair])


def token_vectors(tokens: bytes, offsets: bytes, dimension: int) -> tuple[Tokens, Offsets]:
    """(n, dim) int8 and (n, 2) int32, as they were stored. Raises ValueError where one does not fit the other."""
    matrix: Tokens = np.frombuffer(tokens, np.int8).reshape(-1, dimension)
    return matrix, np.frombuffer(offsets, np.int32).reshape(len(matrix), 2)


def rows_there(db: sqlite3.Connection, rows: Sequence[int]) -> list[int]:
    """Those of some rows of passages that there still are."""
    found: list[int] = []
    for some in batches(rows):
        found += (row for (row,) in db.execute(f"SELECT row FROM passages WHERE row IN ({marks(some)})", tuple(some)))
    return found


def passages_by_row(db: sqlite3.Connection, rows: Sequence[int]) -> dict[int, Passage]:
    """Passages with their text, by row; rows that are gone are left out."""
    found: dict[int, Passage] = {}
    texts: dict[str, str] = {}  # read once, and not for each of its passages
    for some in batches(rows):
        query = f"SELECT p.row, {_PASSAGE} FROM passages p WHERE p.row IN ({marks(some)}) ORDER BY p.document_id, p.row"
        told = db.execute(query, tuple(some)).fetchall()
        new = list({values[2] for values in told} - texts.keys())
        texts |= db.execute(f"SELECT id, text FROM documents WHERE id IN ({marks(new)})", new).fetchall()
        with decoding("段落", "passages"):
            for row, *values, path, header_start, header_end in told:
                _, document_id, start, end, *_ = values
                text = texts.get(document_id, "")
                header = None if header_start is None else (header_start, header_end)
                context = "" if header is None else text[header[0] : header[1]]
                fields = (*values, tuple(json.loads(path)), context, text[start:end], header)
                found[row] = Passage(*fields)
    return found
