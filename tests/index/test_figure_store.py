import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from index import Library, LibraryUnusable, UnknownDocument, figure_store, store
from index.figures import figures_of

TEXT = "2023年,完成投资5亿元,增长3%。\n“871”工程\n"
Write = Callable[..., Path]


@pytest.fixture
def two(library: Library, write: Write) -> Library:
    for name, text in (("a.txt", TEXT), ("b.txt", "开工29个项目。")):
        library.add(write(name, text))
    return library


def damage(library: Library, *statements: str) -> None:
    db = sqlite3.connect(library.catalogue.path)
    for statement in statements:
        db.execute(statement)
    db.commit()
    db.close()


def check(library: Library, repair: bool = False) -> tuple[bool, bool, str]:
    found = next(c for c in library.doctor(repair) if c.check == "figures")
    return found.ok, found.repaired, found.detail


def test_the_library_gives_the_figures_of_its_documents_in_order(two: Library) -> None:
    first, second = two.documents()
    text, layout = two._text_and_layout(first.id)
    assert two.figures([first.id]) == figures_of(first, text, layout)
    assert [f.raw for f in two.figures()] == ["5亿元", "3%", "“871”", "29个"]
    assert [f.raw for f in two.figures([second.id])] == ["29个"] and two.figures([]) == []
    with pytest.raises(UnknownDocument):
        two.figures(["0000000000000000"])


def test_an_empty_library_has_none_and_is_not_made(library: Library) -> None:
    assert library.figures() == [] and not library.catalogue.path.exists()


def test_no_model_is_needed_once_the_library_is_there(two: Library) -> None:
    def refuse() -> None:
        raise AssertionError("the model was loaded")

    assert len(Library(two.folder, two.model, refuse).figures()) == 4  # type: ignore[arg-type]


def test_they_go_with_their_document(two: Library) -> None:
    two.remove(two.documents()[0].id)
    assert [f.raw for f in two.figures()] == ["29个"] and check(two)[2].startswith("1 figures")


def test_a_replaced_document_leaves_none_behind(two: Library, write: Write) -> None:
    two.add(write("b.txt", "开工30个项目。"))
    assert [f.raw for f in two.figures()][-1] == "30个" and len(two.figures()) == 4


def test_a_library_from_before_figures_gets_them_without_a_model(two: Library) -> None:
    before = two.figures()
    damage(
        two,
        "DROP TABLE figures",
        "DROP TABLE lines",
        "DELETE FROM meta WHERE key = 'figures'",
        "PRAGMA user_version = 2",
    )
    assert check(two)[0] and "xietong figures" in check(two)[2]
    assert two.figures() == before and two.search("投资").hits
    assert check(two)[2].startswith("4 figures")


def test_figures_of_older_rules_are_made_anew_when_asked_for(two: Library) -> None:
    before = two.figures()
    damage(two, "UPDATE meta SET value = '0' WHERE key = 'figures'", "UPDATE figures SET indicator = 'old'")
    assert check(two)[:2] == (True, False)
    assert two.figures() == before


@pytest.mark.parametrize(
    "statement",
    ["UPDATE figures SET value = '6' WHERE start > 5", "DELETE FROM figures", "UPDATE figures SET end = end + 1"],
)
def test_the_doctor_sees_figures_that_the_text_does_not_give_and_mends_them(two: Library, statement: str) -> None:
    before = two.figures()
    assert check(two) == (True, False, "4 figures as 2 texts give them")
    damage(two, statement)
    assert check(two)[0] is False
    assert check(two, repair=True)[1] is True and two.figures() == before


def test_figures_without_a_document_are_dropped_by_a_repair(two: Library) -> None:
    first = two.documents()[0].id
    damage(two, "PRAGMA foreign_keys = OFF", f"UPDATE figures SET document_id = 'gone' WHERE document_id = '{first}'")
    two.doctor(repair=True)
    with two.catalogue.read() as db:
        assert db.execute("SELECT count(*) FROM figures WHERE document_id = 'gone'").fetchone()[0] == 0
        assert len(figure_store.figures(db, first)) == 3 and len(store.documents(db)) == 2


def test_no_figure_is_given_from_a_text_that_was_damaged(two: Library) -> None:
    damage(two, "UPDATE documents SET text = replace(text, '5亿', '6亿')")
    with pytest.raises(LibraryUnusable):
        two.figures()
