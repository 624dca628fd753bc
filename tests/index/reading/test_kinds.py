import re
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from docx import Document
from openpyxl import Workbook

from index.errors import InputRefused
from index.reading import Bounds, read
from index.reading.kinds import OLE, kind_of


def archive(**entries: bytes) -> bytes:
    out = BytesIO()
    with ZipFile(out, "w", ZIP_DEFLATED) as file:
        for name, data in entries.items():
            file.writestr(name.replace("__", "/"), data)
    return out.getvalue()


def office(document: bytes = b"<w/>") -> bytes:
    return archive(**{"[Content_Types].xml": b"<Types/>", "word__document.xml": document})


def a_docx() -> bytes:
    document, out = Document(), BytesIO()
    document.add_paragraph("天津港吞吐量增长。")
    document.save(out)
    return out.getvalue()


def test_a_document_named_otherwise_is_read_as_what_it_is() -> None:
    assert read(a_docx(), "报告.txt").text == "天津港吞吐量增长。"
    book, out = Workbook(), BytesIO()
    assert book.active is not None
    book.active.append(["天津港"])
    book.save(out)
    assert read(out.getvalue(), "报告.docx").media_type.endswith("sheet")


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"%PDF-1.7 ...", "pdf"),
        (b"\n\n%PDF-1.4", "pdf"),
        (b"\x89PNG\r\n\x1a\n....", "image"),
        (b"\xff\xd8\xff\xe0", "image"),
        ("\ufeff<!DOCTYPE html><p>".encode(), "html"),
        ("<html>".encode("utf-16"), "html"),
        (b"<?xml version='1.0'?><!-- a --><html>", "html"),
        (b"BM is a name", "text"),
        (b"# <html> in Markdown", "text"),
        (b"", "text"),
    ],
)
def test_kinds_are_told_by_content(data: bytes, kind: str) -> None:
    assert kind_of(data, "a", Bounds()) == kind


@pytest.mark.parametrize(
    ("stream", "save_as"), [("WordDocument", ".docx"), ("Workbook", ".xlsx"), ("PowerPoint Document", ".pptx")]
)
def test_older_formats_are_refused_with_what_to_save_them_as(stream: str, save_as: str) -> None:
    with pytest.raises(InputRefused, match=re.escape(f"另存为 {save_as}")):
        read(OLE + bytes(600) + stream.encode("utf-16-le"), "旧.doc")


def test_an_encrypted_office_file_is_refused_as_such() -> None:
    with pytest.raises(InputRefused, match="is encrypted"):
        read(OLE + bytes(600) + "EncryptedPackage".encode("utf-16-le"), "密.docx")


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (archive(a=b"x"), "压缩包"),
        (archive(mimetype=b"application/vnd.oasis", **{"content.xml": b"<a/>"}), "OpenDocument"),
        (archive(**{"[Content_Types].xml": b"<a/>", "xl__workbook.bin": b"x"}), "xlsb"),
        (b"{\\rtf1 text}", "RTF"),
        (b"Rar!\x1a\x07\x00", "RAR"),
    ],
)
def test_formats_that_are_not_read_are_refused_by_name(data: bytes, reason: str) -> None:
    with pytest.raises(InputRefused, match=reason):
        read(data, "文件.docx")


@pytest.mark.parametrize("keep", [4, 100, 0.5, 0.95])
def test_a_torn_file_is_refused_in_words(keep: float) -> None:
    data = a_docx()
    torn = data[: int(keep if keep > 1 else keep * len(data))]
    with pytest.raises(InputRefused, match="no sound Office"):
        read(torn, "残.docx")


def test_damaged_bytes_within_a_file_are_a_refusal_or_harmless() -> None:
    data = a_docx()
    for at in range(40, len(data), 97):
        try:
            assert kind_of(data[:at] + bytes([data[at] ^ 0x55]) + data[at + 1 :], "残.docx", Bounds()) == "docx"
        except InputRefused as refusal:
            assert "no sound Office" in refusal.en or "not read" in refusal.en or "encrypted" in refusal.en


def test_a_zip_bomb_is_refused_by_its_ratio_before_it_is_unpacked() -> None:
    bomb = office(b"<w>" + bytes(80 * 2**20) + b"</w>")
    assert len(bomb) < 200_000
    with pytest.raises(InputRefused, match="XIETONG_MAX_ARCHIVE_RATIO"):
        read(bomb, "弹.docx")


def test_too_many_files_in_an_archive_are_refused() -> None:
    with pytest.raises(InputRefused, match="XIETONG_MAX_ARCHIVE_ENTRIES"):
        read(archive(**{f"f{number}": b"" for number in range(30)}), "多.docx", Bounds(archive_entries=20))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_xml_entities_are_refused(encoding: str) -> None:
    laughs = '<!DOCTYPE w [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]><w:document>&b;</w:document>'
    with pytest.raises(InputRefused, match="XML entities"):
        read(office(laughs.encode(encoding)), "笑.docx")
