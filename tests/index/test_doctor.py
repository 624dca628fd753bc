import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from index import Check, Library
from index.reading import Extract

TEXT = "一、交通\n京滨铁路加快建设。津静线开工。\n天津港繁忙。"
ALWAYS_TRUE = {"model", "contexts", "faiss-passages", "faiss-sentences", "leftovers"}


@pytest.fixture
def sick(library: Library, write: Callable[..., Path]) -> Library:
    """A sound library of two documents, to be damaged."""
    library.add(write("a.txt", TEXT))
    library.add(write("b.txt", "七里海湿地得到保护。".encode("gb18030")))
    library.search("湿地")
    return library


def damage(library: Library, *statements: str) -> None:
    """Changes the database behind the library's back."""
    db = sqlite3.connect(library.catalogue.path)
    db.execute("PRAGMA foreign_keys = OFF")
    for statement in statements:
        db.execute(statement)
    db.commit()
    db.close()


def wrong(checks: list[Check]) -> set[str]:
    return {check.check for check in checks if not check.ok}


def detail(library: Library, name: str) -> str:
    return next(check.detail for check in library.doctor() if check.check == name)


def test_in_full_each_original_is_read_again(sick: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    for repair in (False, True):
        checks = sick.doctor(repair, full=True)
        assert wrong(checks) == set() and checks[-1].detail.startswith("2 originals read again")
    first, second = sick.documents()
    (sick.originals / second.sha256).unlink()
    monkeypatch.setattr("index.library.read", lambda data, name, bounds: Extract("another text", "text/plain"))
    last = sick.doctor(full=True)[-1]
    assert (last.check, last.ok) == ("rereading", False)
    assert last.detail.endswith(f"{first.id}: original gives another text, {second.id}: original cannot be read")
    assert wrong(sick.doctor()) == {"originals"}


def test_titles_and_headings_of_an_older_library_are_missed_and_come_with_embedding_again(sick: Library) -> None:
    assert detail(sick, "contexts").startswith("2 of 2 ") and "reindex" not in detail(sick, "contexts")
    damage(sick, "DROP TABLE contexts", "DROP TABLE lines", "DROP TABLE figures", "PRAGMA user_version = 1")
    assert wrong(sick.doctor()) == set()
    assert detail(sick, "contexts").startswith("0 of 2 ") and "`xietong reindex`" in detail(sick, "contexts")
    sick.reindex()
    assert detail(sick, "contexts").startswith("2 of 2 ")


def test_texts_cut_by_an_older_program_are_told(sick: Library) -> None:
    assert "reindex" not in detail(sick, "model")
    damage(sick, "UPDATE meta SET value = '1' WHERE key = 'cutting'")
    assert "cutting 1 (now " in detail(sick, "model") and "`xietong reindex`" in detail(sick, "model")
    sick.reindex()
    assert "reindex" not in detail(sick, "model")


def test_every_invariant_of_a_sound_library_holds(sick: Library) -> None:
    checks = sick.doctor()
    assert wrong(checks) == set() and not any(check.repaired for check in checks)
    assert len({check.check for check in checks}) == len(checks) and {c.check for c in checks} >= ALWAYS_TRUE


def test_repairing_a_sound_library_changes_nothing_and_says_so(sick: Library) -> None:
    tables = ("documents", "passages", "sentences", "fulltext", "meta")

    def rows() -> dict[str, list[Any]]:
        with sick.catalogue.read() as db:
            where = {"meta": "WHERE key != 'generation'"}
            return {t: db.execute(f"SELECT * FROM {t} {where.get(t, '')}").fetchall() for t in tables}

    before = rows()
    assert not any(check.repaired or not check.ok for check in sick.doctor(repair=True))
    assert rows() == before


DAMAGES = {
    "a passage without its document": (
        "references",
        "INSERT INTO passages SELECT 99, 'x-0', 'x', start, end, paragraph, page, heading_path, header_start, "
        "header_end, vector FROM passages LIMIT 1",
    ),
    "a sentence without its passage": ("references", "UPDATE sentences SET passage = 77 WHERE row = 1"),
    "a title above a document that is gone": ("references", "INSERT INTO contexts VALUES ('x', '', x'00')"),
    "torn token vectors of a title": ("vectors", "UPDATE contexts SET tokens = substr(tokens, 2)"),
    "torn token vectors of a title with headings": ("vectors", "UPDATE lines SET tokens = substr(tokens, 2)"),
    "a line above a document that is gone": ("references", "INSERT INTO lines VALUES ('x', '[]', x'', x'')"),
    "a passage past the end of its text": ("spans", "UPDATE passages SET end = 10000 WHERE row = 1"),
    "a passage before its text": ("spans", "UPDATE passages SET start = -1 WHERE row = 1"),
    "an empty passage": ("spans", "UPDATE passages SET end = start WHERE row = 2"),
    "a sentence outside its passage": ("spans", "UPDATE sentences SET end = end + 40 WHERE row = 1"),
    "a letter of a text": ("contents", "UPDATE documents SET text = replace(text, '京滨', '京唐')"),
    "a title": ("contents", "UPDATE documents SET title = title || '一'"),
    "a paragraph's number": ("contents", "UPDATE passages SET paragraph = paragraph + 1 WHERE row = 1"),
    "a sentence that ends before": ("contents", "UPDATE sentences SET end = end - 1 WHERE row = 1"),
    "a text of another length": ("spans", "UPDATE documents SET text = text || '。' WHERE file_name = 'b.txt'"),
    "a vector of another length": ("vectors", "UPDATE passages SET vector = zeroblob(256) WHERE row = 1"),
    "a torn vector": ("vectors", "UPDATE sentences SET vector = substr(vector, 1, 100) WHERE row = 1"),
    "torn token vectors": ("vectors", "UPDATE sentences SET tokens = substr(tokens, 1, 65) WHERE row = 1"),
    "token vectors without offsets": ("vectors", "UPDATE sentences SET offsets = zeroblob(8) WHERE row = 1"),
    "a passage that full text lacks": ("fulltext", "DELETE FROM fulltext WHERE rowid = 1"),
    "a full-text row of no passage": ("fulltext", "INSERT INTO fulltext (rowid, terms) VALUES (99, '天津')"),
    "a document without passages": (
        "completeness",
        "DELETE FROM passages WHERE document_id = (SELECT max(id) FROM documents)",
    ),
    "a passage without sentences": ("completeness", "DELETE FROM sentences WHERE passage = 1"),
}  # fmt: skip


@pytest.mark.parametrize(("name", "statement"), DAMAGES.values(), ids=DAMAGES.keys())
def test_each_damage_makes_its_check_false(sick: Library, name: str, statement: str) -> None:
    damage(sick, statement)
    checks = sick.doctor()
    assert name in wrong(checks)
    assert wrong(sick.doctor()) == wrong(checks), "looking mends nothing"


def test_a_vector_that_is_no_number_is_told(sick: Library) -> None:
    blob = np.full(64, np.nan, np.float32).tobytes()
    with sick.catalogue.write() as db:
        db.execute("UPDATE sentences SET vector = ? WHERE row = 2", (blob,))
    assert wrong(sick.doctor()) == {"vectors"}
    assert "sentences 2" in detail(sick, "vectors") and "xietong reindex" in detail(sick, "vectors")


@pytest.mark.parametrize("kind", ["missing", "changed"])
def test_an_original_that_is_missing_or_changed_is_told_by_its_document(sick: Library, kind: str) -> None:
    document = sick.documents()[0]
    original = sick.originals / document.sha256
    if kind == "missing":
        original.unlink()
    else:
        original.write_bytes(original.read_bytes() + b" ")
    assert wrong(sick.doctor()) == {"originals"}
    assert f"{document.id}: original {kind}" in detail(sick, "originals")


# Mending


@pytest.mark.parametrize(
    "statements",
    [
        ["DELETE FROM fulltext WHERE rowid = 1"],
        ["DELETE FROM fulltext"],
        [DAMAGES["a title above a document that is gone"][1]],
        ["INSERT INTO fulltext (rowid, terms) VALUES (99, '天津')"],
        [DAMAGES["a passage without its document"][1]],
        [DAMAGES["a passage without its document"][1], "DELETE FROM fulltext WHERE rowid = 2"],
    ],
)
def test_what_can_be_derived_is_mended_and_then_holds(
    sick: Library, statements: list[str], found_in: Callable[[Library, str], list[str]]
) -> None:
    with sick.catalogue.read() as db:
        sound = db.execute("SELECT rowid, terms FROM fulltext ORDER BY rowid").fetchall()
    damage(sick, *statements)
    mended = sick.doctor(repair=True)
    assert wrong(mended) == set() and any(check.repaired for check in mended)
    assert wrong(sick.doctor()) == set() and not any(check.repaired for check in sick.doctor())
    with sick.catalogue.read() as db:
        assert db.execute("SELECT rowid, terms FROM fulltext ORDER BY rowid").fetchall() == sound
    assert found_in(sick, "京滨铁路")[0].startswith("京滨铁路")


def test_an_original_in_utf_8_is_made_again_from_its_text(sick: Library) -> None:
    document = sick.documents()[0]
    (sick.originals / document.sha256).write_bytes(b"changed")
    originals = next(c for c in sick.doctor(repair=True) if c.check == "originals")
    assert (originals.ok, originals.repaired) == (True, True)
    assert (sick.originals / document.sha256).read_bytes() == TEXT.encode()


def test_an_original_in_another_encoding_is_not_invented(sick: Library) -> None:
    document = sick.documents()[1]
    (sick.originals / document.sha256).unlink()
    originals = next(c for c in sick.doctor(repair=True) if c.check == "originals")
    assert (originals.ok, originals.repaired) == (False, False)
    assert not (sick.originals / document.sha256).exists()


def test_what_cannot_be_derived_stays_wrong(sick: Library) -> None:
    damage(sick, "UPDATE passages SET end = 10000 WHERE row = 1")
    checks = sick.doctor(repair=True)
    assert wrong(checks) == {"spans", "contents"} and not any(check.repaired for check in checks)


@pytest.mark.parametrize("damaged", ["a torn vector", "token vectors without offsets", "a passage without sentences"])
def test_embedding_again_mends_what_doctor_says_it_does(sick: Library, damaged: str) -> None:
    damage(sick, DAMAGES[damaged][1])
    assert wrong(sick.doctor()) != set()
    sick.reindex()
    assert wrong(sick.doctor()) == set()


# What is no loss


def test_a_cache_that_is_missing_torn_or_stale_is_reported_and_not_false(
    sick: Library, write: Callable[..., Path]
) -> None:
    assert detail(sick, "faiss-passages") == "current, 3 of 3 vectors"
    sick.add(write("c.txt", "新的一份。"))
    assert detail(sick, "faiss-passages").startswith("stale, 3 of 4 vectors")
    cache = sick.folder / "sentences.faiss"
    cache.write_bytes(cache.read_bytes()[:-1])
    assert detail(sick, "faiss-sentences").startswith("missing or torn")
    assert wrong(sick.doctor()) == set()


def test_leftovers_are_counted_and_not_false(sick: Library) -> None:
    (sick.originals / "left").write_text("x")
    (sick.folder / "passages.faiss.9.tmp").write_text("x")
    assert detail(sick, "leftovers").startswith("2 files")
    assert wrong(sick.doctor()) == set()


# A database that cannot be read


@pytest.mark.parametrize("repair", [False, True])
@pytest.mark.parametrize("kind", ["no database", "cut off", "overwritten", "without a table", "newer"])
def test_a_database_that_cannot_be_read_is_one_false_row_and_is_left_alone(
    sick: Library, kind: str, repair: bool
) -> None:
    with sqlite3.connect(sick.catalogue.path) as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        if kind == "without a table":
            db.execute("DROP TABLE documents")
        if kind == "newer":
            db.execute("PRAGMA user_version = 99")
    db.close()
    for path in sick.folder.glob("xietong.db-*"):
        path.unlink()
    data = sick.catalogue.path.read_bytes()
    data = {
        "no database": b"no database at all " * 1000,
        "cut off": data[: len(data) // 2],
        "overwritten": data[:4096] + b"\xa5" * (len(data) - 4096),
    }.get(kind, data)
    sick.catalogue.path.write_bytes(data)
    checks = sick.doctor(repair)
    assert [(check.check, check.ok, check.repaired) for check in checks] == [("database", False, False)]
    assert "\n" not in checks[0].detail and checks[0].detail
    assert sick.catalogue.path.read_bytes()[: len(data)] == data


def test_other_databases_beside_the_library_must_be_sound_too(sick: Library, tmp_path: Path) -> None:
    other = sick.folder / "conversations.db"
    with sqlite3.connect(other) as db:
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("CREATE TABLE t (x)")
        db.executemany("INSERT INTO t VALUES (?)", [("天" * 2000,) for _ in range(50)])
    assert wrong(sick.doctor()) == set() and detail(sick, "conversations.db") == "PRAGMA integrity_check"
    with sqlite3.connect(other) as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    db.close()
    other.write_bytes(other.read_bytes()[: 4096 * 3])
    for repair in (False, True):
        assert wrong(sick.doctor(repair)) == {"conversations.db"}
    assert "put a backup back" in detail(sick, "conversations.db")
    other.write_bytes(b"this is no database. " * 500)
    assert wrong(sick.doctor()) == {"conversations.db"}
