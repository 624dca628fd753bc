import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from index import Fate, Library, UnknownDocument, back_up, restore, store

Make = Callable[..., Library]
Write = Callable[..., Path]
REPORT = "天津港吞吐量增长。\n七里海湿地得到保护。"


def added(library: Library, path: Path, undo: bool = False) -> str:
    return library.add(path, undo=undo).id or ""


def departed(library: Library) -> list[tuple[str, ...]]:
    with library.catalogue.read() as db:
        return db.execute("SELECT * FROM departed").fetchall()


def test_a_document_is_present_removed_and_present_again(library: Library, write: Write) -> None:
    path = write("a.txt", REPORT)
    document_id = added(library, path)
    assert library.fate([document_id]) == {document_id: Fate("present")}
    before = datetime.now(UTC).isoformat(timespec="milliseconds")
    library.remove(document_id)
    gone = library.fate([document_id])[document_id]
    assert (gone.state, gone.by) == ("removed", None)
    assert gone.at and before <= gone.at <= datetime.now(UTC).isoformat(timespec="milliseconds")
    assert added(library, path) == document_id
    assert library.fate([document_id]) == {document_id: Fate("present")} and departed(library) == []


def test_new_content_of_the_same_name_says_what_replaced_the_old(library: Library, write: Write) -> None:
    old = added(library, write("a.txt", REPORT))
    new = added(library, write("a.txt", REPORT + "修订。"))
    fates = library.fate([old, new])
    assert (fates[old].state, fates[old].by, fates[new]) == ("replaced", new, Fate("present"))


def test_of_several_replacements_the_latest_is_told(library: Library, write: Write) -> None:
    first, second, third = (added(library, write("a.txt", REPORT + f"第{n}稿。")) for n in (1, 2, 3))
    fates = library.fate([first, second])
    assert fates[first].by == fates[second].by == third
    assert (fates[first].at or "") <= (fates[second].at or "")
    library.remove(third)
    fates = library.fate([first, third])
    assert (fates[first].state, fates[first].by, fates[third].state) == ("replaced", third, "removed")


def test_a_removal_may_say_what_takes_the_place(library: Library, write: Write) -> None:
    old, new = added(library, write("a.txt", REPORT)), added(library, write("b.txt", REPORT + "修订。"))
    library.remove(old, by=new)
    fate = library.fate([old])[old]
    assert (fate.state, fate.by) == ("replaced", new)


def test_nothing_is_removed_for_a_document_that_is_not_there(library: Library, write: Write) -> None:
    old = added(library, write("a.txt", REPORT))
    for by in ("0123456789abcdef", old):
        with pytest.raises(UnknownDocument, match=by):
            library.remove(old, by=by)
    assert library.fate([old]) == {old: Fate("present")} and library.text(old) == REPORT


def test_a_document_that_was_taken_back_is_present(library: Library, write: Write) -> None:
    old = added(library, write("a.txt", REPORT))
    new = added(library, write("a.txt", REPORT + "修订。"), undo=True)
    library.take_back(old)
    assert library.fate([old, new]) == {old: Fate("present"), new: Fate("present")}
    library.remove(old, undo=True)
    assert library.fate([old])[old].state == "removed"


def test_what_was_never_there_is_unknown(library: Library, write: Write) -> None:
    strange = ["0123456789abcdef", "", "天津", "\ud800", "' OR 1=1 --"]
    assert library.fate(strange) == dict.fromkeys(strange, Fate("unknown")) and not library.folder.exists()
    added(library, write("a.txt", REPORT))
    assert library.fate(strange) == dict.fromkeys(strange, Fate("unknown"))


def test_names_and_dates_are_kept_and_nothing_of_the_text(library: Library, write: Write) -> None:
    document = library.document(added(library, write("a.txt", REPORT)))
    library.remove(document.id)
    (row,) = departed(library)
    assert row[:3] == (document.id, document.title, "a.txt") and row[4] is None
    assert "湿地" not in str(row)


def test_a_departure_is_kept_with_the_removal_or_not_at_all(library: Library, write: Write) -> None:
    document_id = added(library, write("a.txt", REPORT))
    with pytest.raises(KeyboardInterrupt), library.catalogue.write() as db:
        store.delete_document(db, document_id)
        raise KeyboardInterrupt
    assert library.fate([document_id]) == {document_id: Fate("present")} and departed(library) == []


def test_a_library_of_before_knows_nothing_and_keeps_departures_from_its_next_change_on(
    library: Library, write: Write
) -> None:
    first, second = added(library, write("a.txt", REPORT)), added(library, write("b.txt", "京滨铁路加快建设。"))
    library.remove(first)
    with sqlite3.connect(library.catalogue.path) as db:
        db.execute("DROP TABLE departed")
        db.execute("DROP TABLE lines")
        db.execute("DROP TABLE figures")
        db.execute("PRAGMA user_version = 2")
    assert library.fate([first, second]) == {first: Fate("unknown"), second: Fate("present")}
    copy = library.folder / "xietong.db.schema2"
    library.add(write("c.txt", "津兴铁路通车。"))
    assert copy.exists(), "what the older program left is kept beside"
    library.remove(second)
    assert not copy.exists(), "it would hold the text of what was removed"
    assert library.fate([first])[first] == Fate("unknown") and library.fate([second])[second].state == "removed"


def test_a_backup_carries_what_became_of_documents(library: Library, make_library: Make, write: Write) -> None:
    old, _ = added(library, write("a.txt", REPORT)), added(library, write("a.txt", REPORT + "修订。"))
    archive = write("kept.zip", "").with_name("library.zip")
    back_up(library.folder, archive)
    other = make_library(folder=library.folder.with_name("other"))
    restore(other.folder, archive)
    assert other.fate([old]) == library.fate([old]) and all(check.ok for check in other.doctor())


def test_each_change_raises_the_generation(library: Library, write: Write) -> None:
    assert library.generation == 0
    document_id = added(library, write("a.txt", REPORT))
    first = library.generation
    assert library.generation == first > 0
    library.remove(document_id)
    assert library.generation > first
