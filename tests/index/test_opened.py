from collections.abc import Callable
from pathlib import Path

import pytest

from index import InputRefused, Library, LibraryUnusable, UnknownDocument
from tests.index.reading.test_pdf import LONG, Paper

Write = Callable[..., Path]
TEXT = "报告\n\n一、成效\n天津港吞吐量增长。\n\n二、下一步\n继续推进。\n"


def pdf() -> bytes:
    paper = Paper()
    paper.paragraph(150, LONG + "。")
    paper.page()
    paper.paragraph(150, LONG[::-1] + "。")
    return paper.data()


def added(library: Library, path: Path) -> str:
    return library.add(path).id or ""


def test_an_opened_document_has_its_paragraphs_as_lines_of_its_text(library: Library, write: Write) -> None:
    opened = library.open(added(library, write("a.txt", TEXT)))
    lines = [line for line in TEXT.split("\n") if line]
    assert [opened.text[p.start : p.end] for p in opened.paragraphs] == lines
    assert [p.number for p in opened.paragraphs] == [1, 2, 3, 4, 5]
    assert [p.heading_level for p in opened.paragraphs] == [0, 1, 0, 1, 0]
    assert opened.page_starts == () and opened.document.paragraphs == 5


def test_a_document_that_is_not_there_is_not_opened(library: Library, write: Write) -> None:
    document_id = added(library, write("a.txt", TEXT))
    library.remove(document_id)
    for ask in (library.open, library.original, lambda i: library.page_image(i, 1)):
        with pytest.raises(UnknownDocument):
            ask(document_id)


def test_the_original_is_the_file_as_it_was_added(library: Library, write: Write) -> None:
    raw = b"\xef\xbb\xbf" + TEXT.replace("\n", "\r\n").encode()
    assert library.original(added(library, write("a.txt", raw))) == raw


def test_an_original_that_was_changed_or_lost_is_not_given_out(library: Library, write: Write) -> None:
    document_id = added(library, write("a.txt", TEXT))
    kept = library.originals / library.document(document_id).sha256
    kept.write_text("别的内容", "utf-8")
    with pytest.raises(LibraryUnusable, match=r"SHA-256.*put a backup back"):
        library.original(document_id)
    kept.unlink()
    with pytest.raises(LibraryUnusable, match="missing or damaged"):
        library.original(document_id)


def test_each_page_marks_only_what_of_the_span_stands_on_it(library: Library, write: Write) -> None:
    document_id = added(library, write("公报.pdf", pdf()))
    opened = library.open(document_id)
    second = opened.page_starts[1]
    assert opened.text[second:].startswith(LONG[::-1])
    span = second - 6, second + 6
    assert len(library.page_image(document_id, 1, *span).boxes) == 1
    assert len(library.page_image(document_id, 2, *span).boxes) == 1
    assert library.page_image(document_id, 2, 0, 6).boxes == ()


def test_only_a_pdf_has_pages_to_draw(library: Library, write: Write) -> None:
    with pytest.raises(InputRefused, match="only PDF files have"):
        library.page_image(added(library, write("a.txt", TEXT)), 1)
