"""Is the library whole? Every invariant held against the stored rows; what can be derived can be mended."""

import hashlib
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from index import figure_store, store
from index.cached import load
from index.catalogue import Catalogue
from index.changes import TABLES, note_rows
from index.errors import InputRefused, LibraryUnusable
from index.faiss_tables import cache_file
from index.milvus_doctor import examine_server
from index.normalise import terms
from index.passages import CUTTING_VERSION, passage_prefix
from index.sqlite import faults, trouble
from index.types import Check, VectorServer
from index.words import counted, recount

NORM_TOLERANCE = 1e-3  # a unit vector stored as float32 is within this of length 1
SHOWN = 5  # how many offenders a detail names


@dataclass(frozen=True, slots=True)
class _Patient:
    db: sqlite3.Connection
    folder: Path

    @property
    def originals(self) -> Path:
        return self.folder / "files"


Finding = tuple[list[str], str]
Examination = Callable[[_Patient], Finding]
Repair = Callable[[_Patient], None]
Reader = Callable[[bytes, str], str]  # a file's bytes and name → its text; raises InputRefused


def _database(patient: _Patient) -> Finding:
    said = [row[0] for row in patient.db.execute("PRAGMA integrity_check")]
    return ([] if said == ["ok"] else said), "PRAGMA integrity_check"


def _references(patient: _Patient) -> Finding:
    broken = [f"{row[0]} {row[1]}" for row in patient.db.execute("PRAGMA foreign_key_check")]
    return broken, "passages belong to documents, sentences to passages"


def _originals(patient: _Patient) -> Finding:
    bad = []
    held = store.documents(patient.db)
    for document in held:
        path = patient.originals / document.sha256
        if not path.is_file():
            bad.append(f"{document.id}: original missing")
        elif hashlib.sha256(path.read_bytes()).hexdigest() != document.sha256:
            bad.append(f"{document.id}: original changed")
    return bad, f"{len(held)} originals with their hashes"


def _spans(patient: _Patient) -> Finding:
    lengths = dict(patient.db.execute("SELECT id, length(text) FROM documents").fetchall())
    bad = [f"{d.id}: characters" for d in store.documents(patient.db) if lengths[d.id] != d.characters]
    rows = patient.db.execute("SELECT id, document_id, start, end FROM passages").fetchall()
    bad += [row[0] for row in rows if not 0 <= row[2] < row[3] <= lengths.get(row[1], 0)]
    outside = (
        "SELECT s.row FROM sentences s JOIN passages p ON p.row = s.passage "
        "WHERE s.start < p.start OR s.end > p.end OR s.start >= s.end"
    )
    bad += [f"sentence {row}" for (row,) in patient.db.execute(outside)]
    return bad, f"{len(rows)} passages inside their texts"


def _contents(patient: _Patient) -> Finding:
    held, db = store.documents(patient.db), patient.db
    bad = [f"{d.id}: text or description" for d in held if not store.text_is_sealed(db, d.id)]
    bad += [f"{d.id}: places of its passages" for d in held if not store.spans_are_sealed(db, d.id)]
    return bad, f"{len(held)} documents as they were stored; mend by removing them and adding them again"


def _vectors(patient: _Patient) -> Finding:
    dimension = int(store.meta(patient.db, "dimension") or 0)
    bad, count = [], 0
    for table in TABLES:
        for row, blob in patient.db.execute(f"SELECT row, vector FROM {table}"):
            vector = np.frombuffer(blob, np.float32) if len(blob) == 4 * dimension else np.zeros(1, np.float32)
            count += 1
            if not abs(float(np.linalg.norm(vector.astype(np.float64))) - 1) < NORM_TOLERANCE:
                bad.append(f"{table} {row}")
    # one byte a number of a token's vector, two numbers of four bytes for its offsets
    torn = f"SELECT row FROM sentences WHERE length(tokens) * 8 != length(offsets) * {dimension}"
    bad += [f"tokens {row}" for (row,) in patient.db.execute(torn)]
    if _keeps(patient.db, "contexts"):
        torn = f"SELECT DISTINCT document_id FROM contexts WHERE length(tokens) % {max(dimension, 1)} != 0"
        bad += [f"tokens above {document_id}" for (document_id,) in patient.db.execute(torn)]
    if _keeps(patient.db, "lines"):
        torn = f"SELECT DISTINCT document_id FROM lines WHERE length(tokens) * 8 != length(offsets) * {dimension}"
        bad += [f"tokens of a line above {document_id}" for (document_id,) in patient.db.execute(torn)]
    return bad, f"{count} unit vectors of {dimension} dimensions; mend with `xietong reindex`"


def _keeps(db: sqlite3.Connection, table: str) -> bool:
    return db.execute("SELECT 1 FROM sqlite_master WHERE name = ?", (table,)).fetchone() is not None


def _figures(patient: _Patient) -> Finding:
    """Does each text still give the figures that are stored? Those of an older program are made anew when asked for."""
    db = patient.db
    if not _keeps(db, "figures") or not figure_store.is_current(db):
        return [], "figures of an older program; made anew by `xietong figures`"
    held = store.documents(db)
    bad = [f"{d.id}: figures" for d in held if figure_store.figures(db, d.id) != figure_store.derived(db, d)]
    count = db.execute("SELECT count(*) FROM figures").fetchone()[0]
    return bad, f"{count} figures as {len(held)} texts give them"


def _refill_figures(patient: _Patient) -> None:
    figure_store.refill(patient.db)


def _fulltext(patient: _Patient) -> Finding:
    rows = {row for (row,) in patient.db.execute("SELECT row FROM passages")}
    held = {row for (row,) in patient.db.execute("SELECT rowid FROM fulltext")}
    bad = [f"row {row}" for row in sorted(rows ^ held)] + _torn_terms(patient.db)
    if _keeps(patient.db, "words"):
        kept = dict(patient.db.execute("SELECT term, passages FROM words").fetchall())
        real = counted(text for (text,) in patient.db.execute("SELECT terms FROM fulltext"))
        bad += [f"count of {term}" for term, _ in sorted(kept.items() ^ real.items())]
    return bad, f"{len(rows)} passages, {len(held)} full-text rows"


def _torn_terms(db: sqlite3.Connection) -> list[str]:
    """The inverted index, of which PRAGMA integrity_check knows nothing; its own check needs the writer's turn."""
    try:
        db.execute("INSERT INTO fulltext (fulltext) VALUES ('integrity-check')")
    except sqlite3.DatabaseError as error:
        if trouble(error) == "damaged":
            return [f"inverted index: {error}"]
    return []


def _completeness(patient: _Patient) -> Finding:
    query = "SELECT id FROM documents WHERE id NOT IN (SELECT document_id FROM passages)"
    empty = [row for (row,) in patient.db.execute(query)]
    query = "SELECT id FROM passages WHERE row NOT IN (SELECT passage FROM sentences)"
    empty += [row for (row,) in patient.db.execute(query)]
    return empty, "every document has passages, every passage sentences"


def _rereading(read: Reader) -> Examination:
    """Does each original still give the text that is stored? After a change to a reader it may not."""

    def examination(patient: _Patient) -> Finding:
        bad, held = [], store.documents(patient.db)
        for document in held:
            try:
                text = read((patient.originals / document.sha256).read_bytes(), document.file_name)
            except (InputRefused, OSError):
                bad.append(f"{document.id}: original cannot be read")
                continue
            if text != store.text_of(patient.db, document.id):
                bad.append(f"{document.id}: original gives another text")
        return bad, f"{len(held)} originals read again; to take a new reading, remove the document and add it again"

    return examination


def _rebuild_fulltext(patient: _Patient) -> None:
    rows = [row for (row,) in patient.db.execute("SELECT row FROM passages ORDER BY row")]
    titles = {d.id: d.title for d in store.documents(patient.db)}
    for statement in ("DROP TABLE fulltext", store.FULLTEXT):
        patient.db.execute(statement)
    for some in store.batches(rows):
        for row, passage in store.passages_by_row(patient.db, some).items():
            words = " ".join(terms(f"{passage_prefix(titles[passage.document_id], passage)}\n{passage.text}"))
            patient.db.execute("INSERT INTO fulltext (rowid, terms) VALUES (?, ?)", (row, words))
    recount(patient.db)


def _drop_orphans(patient: _Patient) -> None:
    orphans = (
        ("passages", "document_id NOT IN (SELECT id FROM documents)"),
        ("sentences", "passage NOT IN (SELECT row FROM passages)"),
    )
    for table, orphaned in orphans:
        gone = patient.db.execute(f"SELECT row FROM {table} WHERE {orphaned}").fetchall()
        note_rows(patient.db, table, [(row, row) for (row,) in gone])
        patient.db.execute(f"DELETE FROM {table} WHERE {orphaned}")
    for table in ("contexts", "lines", "figures"):
        if _keeps(patient.db, table):
            patient.db.execute(f"DELETE FROM {table} WHERE document_id NOT IN (SELECT id FROM documents)")


def _restore_originals(patient: _Patient) -> None:
    """A UTF-8 text is its own original; one in another encoding cannot be derived from its text."""
    patient.originals.mkdir(parents=True, exist_ok=True)
    for document in store.documents(patient.db):
        data = (store.text_of(patient.db, document.id) or "").encode()
        path = patient.originals / document.sha256
        if hashlib.sha256(data).hexdigest() == document.sha256 and (
            not path.is_file() or hashlib.sha256(path.read_bytes()).hexdigest() != document.sha256
        ):
            path.write_bytes(data)


EXAMINATIONS: tuple[tuple[str, Examination, Repair | None], ...] = (
    ("database", _database, None),
    ("references", _references, _drop_orphans),
    ("originals", _originals, _restore_originals),
    ("spans", _spans, None),
    ("contents", _contents, None),
    ("completeness", _completeness, None),
    ("vectors", _vectors, None),
    ("fulltext", _fulltext, _rebuild_fulltext),
    ("figures", _figures, _refill_figures),
)


def _check(patient: _Patient, name: str, examination: Examination, repair: Repair | None) -> Check:
    bad, detail = examination(patient)
    repaired = False
    if bad and repair:
        repair(patient)
        left, _ = examination(patient)
        repaired = not left
        if repaired:
            return Check(name, True, f"{detail}; mended: {', '.join(bad[:SHOWN])}", True)
    shown = f": {', '.join(bad[:SHOWN])}{' …' if len(bad) > SHOWN else ''}" if bad else ""
    return Check(name, not bad, detail + shown, repaired)


def leftovers(folder: Path, held: set[str]) -> list[Path]:
    """Files of aborted work: originals whose content hash is not among `held`, and temporary files."""
    found = [p for p in (folder / "files").glob("*") if p.name not in held] + list(folder.glob("*.tmp"))
    return [p for p in found if p.is_file()]


def _derived(patient: _Patient, cached: bool) -> list[Check]:
    """What the next start mends by itself: reported, never false."""
    db, now = patient.db, store.generation(patient.db)
    model, dimension = store.meta(db, "model"), int(store.meta(db, "dimension") or 1)
    cut = store.meta(db, "cutting") or str(CUTTING_VERSION)
    old = "" if cut == str(CUTTING_VERSION) else f" (now {CUTTING_VERSION}: `xietong reindex` cuts again)"
    checks = [Check("model", True, f"{model or '–'} {store.meta(db, 'revision') or ''}, cutting {cut}{old}", False)]
    held = len(store.documents(db))
    query = f"SELECT count(DISTINCT document_id) FROM contexts WHERE text = '{store.TITLE}'"
    above = db.execute(query).fetchone()[0] if _keeps(db, "contexts") else 0
    remedy = "" if above == held else "; the others get it with `xietong reindex`"
    checks.append(
        Check("contexts", True, f"{above} of {held} documents searched with title and headings{remedy}", False)
    )
    for table in TABLES if cached else ():
        found = load(cache_file(patient.folder, table), dimension)
        count = db.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
        fresh = found is not None and (found.library, found.generation) == (store.identity(db), now)
        state = "missing or torn" if found is None else "current" if fresh else "stale"
        detail = f"{state}, {len(found.index) if found else 0} of {count} vectors"
        remedy = "" if state == "current" else "; made at the next search"
        checks.append(Check(f"faiss-{table}", True, detail + remedy, False))
    left = leftovers(patient.folder, {d.sha256 for d in store.documents(db)})
    kept = len(list((patient.folder / "trash").glob("*")))
    return [
        *checks,
        Check("leftovers", True, f"{len(left)} files of aborted work", False),
        Check("trash", True, f"{kept} removed documents that can still be taken back", False),
    ]


def _others(catalogue: Catalogue) -> list[Check]:
    """The databases beside the library's, of which nothing is known here but that they must be sound."""
    checks = []
    for path in sorted(catalogue.path.parent.glob("*.db")):
        if path != catalogue.path and path.is_file():
            try:
                with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as db:
                    wrong = faults(db)
            except sqlite3.Error as error:
                wrong = str(error)
            detail = f"{wrong}: put a backup back, or move the file away" if wrong else "PRAGMA integrity_check"
            checks.append(Check(path.name, not wrong, detail, False))
    return checks


def examine(
    catalogue: Catalogue, repair: bool, read: Reader | None = None, vectors: VectorServer | None = None
) -> list[Check]:
    """One row an invariant. A database that cannot be read is one false row, not an exception.

    With `vectors` that server is held against the catalogue in place of the cache beside it. With `read` each
    original is read again and held against the stored text, which takes as long as reading.
    """
    folder = catalogue.path.parent
    try:
        if not catalogue.exists():
            return [Check("database", True, "an empty library", False), *_others(catalogue)]
        with store.decoding("记录", "records"), catalogue.write() if repair else catalogue.read() as db:
            patient = _Patient(db, folder)
            checks = [_check(patient, name, test, mend if repair else None) for name, test, mend in EXAMINATIONS]
            checks += _derived(patient, vectors is None) + _others(catalogue)
        if vectors:  # after the writer's turn, as below: it takes long
            with catalogue.read() as db:
                checks += examine_server(db, folder, vectors, repair)
        if read:
            with store.decoding("记录", "records"), catalogue.read() as db:
                checks.append(_check(_Patient(db, folder), "rereading", _rereading(read), None))
        return checks
    except LibraryUnusable as error:
        return [Check("database", False, str(error), False), *_others(catalogue)]
