import sqlite3
import threading
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from index import Document, LibraryTooNew, LibraryUnusable, Passage, store
from index.catalogue import LEFT_OPEN, Catalogue
from index.sqlite import connected
from index.store import PassageRow, SentenceRow


@pytest.fixture
def catalogue(tmp_path: Path) -> Catalogue:
    return Catalogue(tmp_path / "数据" / "xietong.db")


def document(number: int = 1, name: str = "a.txt") -> Document:
    sha256 = f"{number:064x}"
    return Document(
        sha256[-16:], "题", name, sha256, "text/plain", None, 1, 6, f"2024-01-0{number}", None, "2023", None
    )


def row(of: Document, text: str = "天津港𠮷开") -> PassageRow:
    passage = Passage(f"{of.id}-0", of.id, 1, 4, 1, None, ("一、甲", "(一)乙"), text[:1], text[1:4], (0, 1))
    vector, tokens = np.array([0.6, 0.8], np.float32), np.array([[127, 0], [0, 127]], np.int8)
    offsets = np.array([(0, 1), (1, 2)], np.int32)
    return PassageRow(passage, "津港", vector, (SentenceRow(1, 4, vector, tokens, offsets, 7),))


def put(catalogue: Catalogue, of: Document, text: str = "天津港𠮷开") -> None:
    with catalogue.write() as db:
        store.insert_document(db, of, text, [row(of, text)])


def count(catalogue: Catalogue) -> dict[str, int]:
    tables = ("documents", "passages", "sentences", "fulltext")
    with catalogue.read() as db:
        return {table: db.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in tables}


def test_there_is_no_library_until_something_is_written(catalogue: Catalogue) -> None:
    assert not catalogue.exists()
    assert not catalogue.path.parent.exists()
    with catalogue.write():
        pass
    assert catalogue.exists()


def test_an_empty_file_is_no_library_and_becomes_one(catalogue: Catalogue) -> None:
    catalogue.path.parent.mkdir()
    catalogue.path.touch()
    assert not catalogue.exists()
    put(catalogue, document())
    assert count(catalogue)["documents"] == 1


def test_what_was_stored_comes_back_to_the_letter(catalogue: Catalogue) -> None:
    text = " 天津港𠮷\t开\n\n"
    put(catalogue, document(), text)
    with catalogue.read() as db:
        assert store.documents(db) == [document()]
        assert store.text_of(db, document().id) == text
        assert store.passages_by_row(db, [1]) == {1: row(document(), text).passage}
        vector, tokens, offsets = db.execute("SELECT vector, tokens, offsets FROM sentences").fetchone()
    stored = row(document()).sentences[0]
    assert np.array_equal(np.frombuffer(vector, np.float32), stored.vector)
    assert np.array_equal(np.frombuffer(tokens, np.int8).reshape(-1, 2), stored.tokens)
    assert np.array_equal(np.frombuffer(offsets, np.int32).reshape(-1, 2), stored.offsets)


def test_a_document_goes_with_all_that_was_derived_from_it(catalogue: Catalogue) -> None:
    put(catalogue, document(1))
    put(catalogue, document(2, "b.txt"))
    with catalogue.write() as db:
        store.delete_document(db, document(1).id)
    assert count(catalogue) == {"documents": 1, "passages": 1, "sentences": 1, "fulltext": 1}
    with catalogue.read() as db:
        assert [d.id for d in store.documents(db)] == [document(2).id]
        assert store.passages_by_row(db, [1, 2]).keys() == {2}


def test_a_row_is_never_given_twice(catalogue: Catalogue) -> None:
    put(catalogue, document(1))
    with catalogue.write() as db:
        store.delete_document(db, document(1).id)
    put(catalogue, document(2))
    with catalogue.read() as db:
        assert db.execute("SELECT row FROM passages").fetchall() == [(2,)]


def test_each_change_raises_the_generation_and_reading_does_not(catalogue: Catalogue) -> None:
    seen = []
    for number in (1, 2, 3):
        put(catalogue, document(number, f"{number}.txt"))
        for _ in range(2):
            with catalogue.read() as db:
                seen.append(store.generation(db))
    assert seen == [seen[0], seen[0], seen[2], seen[2], seen[4], seen[4]] and seen[0] < seen[2] < seen[4]


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, sqlite3.IntegrityError])
def test_a_change_that_fails_half_way_leaves_all_as_it_was(catalogue: Catalogue, error: type[BaseException]) -> None:
    put(catalogue, document(1))
    before = count(catalogue)
    with catalogue.read() as db:
        generation = store.generation(db)
    expected = LibraryUnusable if error is sqlite3.IntegrityError else error
    with pytest.raises(expected), catalogue.write() as db:
        store.delete_document(db, document(1).id)
        store.insert_document(db, document(2), "天津港𠮷开", [row(document(2))])
        raise error
    assert count(catalogue) == before
    with catalogue.read() as db:
        assert store.documents(db) == [document(1)]
        assert store.generation(db) == generation


def test_a_first_change_that_fails_leaves_no_library(catalogue: Catalogue) -> None:
    with pytest.raises(ValueError), catalogue.write():
        raise ValueError
    assert not catalogue.exists()


def test_a_reader_sees_one_state_throughout(catalogue: Catalogue) -> None:
    put(catalogue, document(1))
    with catalogue.read() as db:
        assert len(store.documents(db)) == 1
        put(catalogue, document(2, "b.txt"))
        assert len(store.documents(db)) == 1
    with catalogue.read() as db:
        assert len(store.documents(db)) == 2


def test_writers_take_turns(catalogue: Catalogue) -> None:
    def raise_it() -> None:
        for _ in range(20):
            with catalogue.write() as db:
                now = int(store.meta(db, "turns") or 0)
                store.set_meta(db, "turns", str(now + 1))

    threads = [threading.Thread(target=raise_it) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with catalogue.read() as db:
        assert store.meta(db, "turns") == "80"


def test_documents_come_in_the_order_of_their_adding(catalogue: Catalogue) -> None:
    for number in (3, 1, 2):
        put(catalogue, document(number, f"{number}.txt"))
    with catalogue.read() as db:
        assert [d.file_name for d in store.documents(db)] == ["1.txt", "2.txt", "3.txt"]
        assert store.documents(db, "file_name = ?", "2.txt") == [document(2, "2.txt")]


def test_more_rows_than_one_statement_takes_are_read(catalogue: Catalogue) -> None:
    put(catalogue, document())
    with catalogue.read() as db:
        assert store.passages_by_row(db, list(range(5000))).keys() == {1}
    assert [len(some) for some in store.batches(list(range(2000)))] == [900, 900, 200]


# What cannot be used


def test_a_newer_library_is_refused_with_its_version(catalogue: Catalogue) -> None:
    put(catalogue, document())
    with sqlite3.connect(catalogue.path) as db:
        db.execute("PRAGMA user_version = 7")
    with pytest.raises(LibraryTooNew, match=r"format 7.*upgrade xietong") as refusal:
        catalogue.exists()
    assert "7" in refusal.value.zh and "\n" not in str(refusal.value)
    with pytest.raises(LibraryTooNew), catalogue.write():
        pass
    with sqlite3.connect(catalogue.path) as db:
        assert db.execute("SELECT count(*) FROM documents").fetchone() == (1,)


def test_a_file_that_is_no_database_is_damaged_and_left_as_it_is(catalogue: Catalogue) -> None:
    catalogue.path.parent.mkdir()
    catalogue.path.write_bytes(b"this is no database. " * 500)
    for use in (catalogue.read, catalogue.write):
        with pytest.raises(LibraryUnusable, match=r"is damaged.*xietong doctor"), use():
            pass
    with pytest.raises(LibraryUnusable, match="is damaged"):
        catalogue.exists()
    assert catalogue.path.read_bytes() == b"this is no database. " * 500


def test_a_database_with_overwritten_pages_is_damaged_and_not_called_unwritable(catalogue: Catalogue) -> None:
    put(catalogue, document(), "天" * 30_000)
    with sqlite3.connect(catalogue.path) as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    data = bytearray(catalogue.path.read_bytes())
    data[4096:] = b"\xa5" * (len(data) - 4096)
    catalogue.path.write_bytes(data)
    with pytest.raises(LibraryUnusable, match="is damaged"), catalogue.read() as db:
        store.documents(db)


def test_a_folder_below_a_file_is_refused_with_the_setting_to_change(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("天津")
    catalogue = Catalogue(tmp_path / "file" / "data" / "xietong.db")
    assert not catalogue.exists()
    with pytest.raises(LibraryUnusable, match="XIETONG_DATA") as refusal, catalogue.write():
        pass
    assert str(tmp_path / "file" / "data") in refusal.value.zh
    assert (tmp_path / "file").read_text() == "天津"


def test_a_folder_in_the_database_s_place_is_refused(tmp_path: Path) -> None:
    (tmp_path / "xietong.db").mkdir()
    catalogue = Catalogue(tmp_path / "xietong.db")
    with pytest.raises(LibraryUnusable, match="cannot be written"), catalogue.write():
        pass


def test_a_writer_that_never_gets_its_turn_is_told_to_wait(
    catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("index.catalogue.TURN_SECONDS", 0.05)
    with (
        catalogue.write(),
        pytest.raises(LibraryUnusable, match=r"written by another process.*wait"),
        catalogue.write(),
    ):
        pass


def test_a_writer_that_waits_says_so_once_and_takes_its_turn(tmp_path: Path) -> None:
    said: list[int] = []
    waiter = Catalogue(tmp_path / "xietong.db", lambda: said.append(waiter.waiting))
    with waiter.write() as db:
        store.set_meta(db, "first", "1")
    assert said == [], "nobody was in its way"
    holds, free = threading.Event(), threading.Event()

    def hold() -> None:
        with Catalogue(tmp_path / "xietong.db").write():
            holds.set()
            free.wait(30)

    holder = threading.Thread(target=hold)
    holder.start()
    assert holds.wait(30)
    threading.Timer(1.0, free.set).start()
    with waiter.write() as db:
        assert free.is_set()
        store.set_meta(db, "second", "2")
    holder.join()
    assert said == [1] and waiter.waiting == 0
    with waiter.read() as db:
        assert store.meta(db, "second") == "2"


def test_contexts_are_kept_once_a_document_and_go_with_its_passages(tmp_path: Path) -> None:
    kept = Catalogue(tmp_path / "xietong.db")
    of, tokens = document(), np.ones((2, 4), np.int8)
    spans = np.array([(0, 1), (1, 2)], np.int32)
    rows = [replace(row(of), contexts=((store.TITLE, tokens), ("一、医疗", tokens)), line=(tokens, spans))]
    with kept.write() as db:
        store.insert_document(db, of, "天津港𠮷开", rows)
    with kept.read() as db:
        found = store.contexts(db, [(of.id, text) for text in (store.TITLE, "一、医疗", "二、教育")])
        assert found == {(of.id, store.TITLE): tokens.tobytes(), (of.id, "一、医疗"): tokens.tobytes()}
        line = store.lines(db, [(of.id, rows[0].passage.heading_path), (of.id, ("另一节",)), ("another", ())])
        assert line == {(of.id, rows[0].passage.heading_path): (tokens.tobytes(), spans.tobytes())}
    with kept.write() as db:
        store.delete_passages(db, of.id)
        assert store.contexts(db, [(of.id, store.TITLE)]) == {}
        assert store.lines(db, [(of.id, rows[0].passage.heading_path)]) == {}


def test_a_library_from_before_contexts_is_searched_without_and_gets_them_with_the_next_change(tmp_path: Path) -> None:
    kept = Catalogue(tmp_path / "xietong.db")
    with kept.write() as db:
        store.insert_document(db, document(), "天津港𠮷开", [])
        db.execute("DROP TABLE contexts")
        db.execute("DROP TABLE lines")
        db.execute("DROP TABLE figures")
        db.execute("PRAGMA user_version = 1")
    with kept.read() as db:
        assert store.contexts(db, [(document().id, store.TITLE)]) == {}
        assert store.lines(db, [(document().id, ())]) == {}
        assert [d.id for d in store.documents(db)] == [document().id]
    with kept.write() as db:
        assert db.execute("PRAGMA user_version").fetchone()[0] == store.SCHEMA_VERSION
        assert store.contexts(db, [(document().id, store.TITLE)]) == {}
        assert store.lines(db, [(document().id, ())]) == {}
    with sqlite3.connect(tmp_path / "xietong.db.schema1") as before:
        assert before.execute("PRAGMA user_version").fetchone()[0] == 1
        assert [d.id for d in store.documents(before)] == [document().id]


@pytest.mark.parametrize("held", ["BEGIN IMMEDIATE", "BEGIN EXCLUSIVE", "BEGIN; SELECT * FROM sqlite_master"])
def test_a_new_library_that_another_is_just_making_is_waited_for(tmp_path: Path, held: str) -> None:
    other = sqlite3.connect(tmp_path / "xietong.db", isolation_level=None, check_same_thread=False)
    other.execute("CREATE TABLE t (x)")
    for statement in held.split("; "):
        other.execute(statement).fetchall()
    release = threading.Timer(0.3, lambda: other.execute("ROLLBACK"))
    release.start()
    with Catalogue(tmp_path / "xietong.db").write() as db:
        assert db.execute("PRAGMA journal_mode").fetchone()[0] == "wal"
    release.join()
    other.close()


def test_reads_together_go_over_one_connection_and_see_each_change(catalogue: Catalogue) -> None:
    put(catalogue, document())
    with catalogue.together():
        with catalogue.read() as first, catalogue.read() as nested:
            assert first is nested
            assert len(store.documents(first)) == 1
        put(catalogue, document(2, "b.txt"))
        with catalogue.read() as later:
            assert later is first
            assert len(store.documents(later)) == 2
    with catalogue.read() as apart:
        assert apart is not first
    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        first.execute("SELECT 1")


def test_what_is_read_together_goes_over_a_connection_that_was_left_open(catalogue: Catalogue) -> None:
    put(catalogue, document())
    with catalogue.together(left_open=True), catalogue.read() as first:
        pass
    put(Catalogue(catalogue.path), document(2, "b.txt"))
    found: list[tuple[bool, int]] = []

    def elsewhere() -> None:
        with catalogue.together(left_open=True), catalogue.read() as db:
            found.append((db is first, len(store.documents(db))))

    other = threading.Thread(target=elsewhere)
    other.start()
    other.join(10)
    assert found == [(True, 2)]


def test_a_connection_in_which_something_went_wrong_is_not_left_open(catalogue: Catalogue) -> None:
    put(catalogue, document())
    with pytest.raises(LibraryUnusable), catalogue.together(left_open=True), catalogue.read() as first:
        first.execute("SELECT * FROM nothing")
    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        first.execute("SELECT 1")


def test_a_writer_takes_the_journal_along_whatever_was_left_open(catalogue: Catalogue) -> None:
    put(catalogue, document())
    with catalogue.together(left_open=True), catalogue.read():
        pass
    put(catalogue, document(2, "b.txt"))
    assert sorted(path.name for path in catalogue.path.parent.glob("xietong.db*")) == ["xietong.db"]


def test_nothing_is_left_open_once_it_is_closed_and_reading_goes_on(catalogue: Catalogue) -> None:
    put(catalogue, document())
    with catalogue.together(left_open=True), catalogue.read() as first:
        pass
    catalogue.close()
    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        first.execute("SELECT 1")
    with catalogue.together(left_open=True):
        assert count(catalogue)["documents"] == 1


def test_no_more_connections_are_left_open_than_there_may_be(catalogue: Catalogue) -> None:
    put(catalogue, document())
    together = threading.Barrier(LEFT_OPEN + 3)

    def reader() -> None:
        with catalogue.together(left_open=True):
            together.wait(10)

    readers = [threading.Thread(target=reader) for _ in range(LEFT_OPEN + 3)]
    for thread in readers:
        thread.start()
    for thread in readers:
        thread.join(10)
    assert len(catalogue._idle) == LEFT_OPEN


@pytest.mark.skipif(LEFT_OPEN == 0, reason="no connection is left open on this system")
def test_a_connection_to_a_database_that_another_has_replaced_is_closed_and_leaves_the_others_journal(
    catalogue: Catalogue,
) -> None:
    put(catalogue, document())
    with catalogue.together(left_open=True), catalogue.read() as first:
        pass
    for path in sorted(catalogue.path.parent.glob("xietong.db*")):
        path.rename(path.with_name(f"aside.{path.name}"))
    fresh = Catalogue(catalogue.path)
    put(fresh, document(2, "b.txt"))
    with closing(connected(catalogue.path)) as other:  # so that what is stored now stays in the journal
        other.execute("SELECT count(*) FROM documents").fetchone()
        put(fresh, document(3, "c.txt"))
        with catalogue.together(left_open=True), catalogue.read() as db:
            assert [d.file_name for d in store.documents(db)] == ["b.txt", "c.txt"]
        with pytest.raises(sqlite3.ProgrammingError, match="closed"):
            first.execute("SELECT 1")
        journal = catalogue.path.with_name("xietong.db-wal")
        assert journal.stat().st_size > 0
        assert count(catalogue)["documents"] == 2


def test_threads_do_not_share_what_one_reads_together(catalogue: Catalogue) -> None:
    put(catalogue, document())
    found: list[int] = []
    with catalogue.together(), catalogue.read():
        other = threading.Thread(target=lambda: found.append(count(catalogue)["documents"]))
        other.start()
        other.join(10)
    assert found == [1]


def test_one_state_is_seen_within_a_read_that_is_together_with_others(catalogue: Catalogue) -> None:
    put(catalogue, document())
    with catalogue.together(), catalogue.read() as db:
        assert len(store.documents(db)) == 1
        put(catalogue, document(2, "b.txt"))
        assert len(store.documents(db)) == 1


def test_trouble_in_a_read_that_is_together_with_others_is_told_in_the_librarys_words(catalogue: Catalogue) -> None:
    put(catalogue, document())
    with catalogue.together(), pytest.raises(LibraryUnusable), catalogue.read() as db:
        db.execute("SELECT * FROM nothing")


def test_nothing_is_together_where_there_is_no_library(catalogue: Catalogue) -> None:
    with catalogue.together():
        assert not catalogue.exists()
