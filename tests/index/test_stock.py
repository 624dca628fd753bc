from collections.abc import Callable
from pathlib import Path

from index import Library, Stock

Write = Callable[..., Path]


def test_an_empty_library_holds_nothing(library: Library) -> None:
    assert library.stock() == Stock(0, 0, 0, 0, 0, 0)
    assert not library.folder.exists()


def test_the_numbers_are_those_of_the_texts_and_of_the_disk(library: Library, write: Write) -> None:
    one, two = write("a.txt", "港口很大。桥很长。\n湖很深。\n"), write("b.txt", "铁路通车。\n")
    ids = [library.add(path).id or "" for path in (one, two)]
    stock = library.stock()
    assert (stock.documents, stock.passages, stock.sentences) == (2, 3, 4)
    assert stock.original_bytes == one.stat().st_size + two.stat().st_size
    assert stock.database_bytes == (library.folder / "xietong.db").stat().st_size
    assert stock.generation == library.generation
    library.remove(ids[0])
    less = library.stock()
    assert (less.documents, less.passages, less.sentences) == (1, 1, 1)
    assert less.original_bytes == two.stat().st_size and less.generation > stock.generation
