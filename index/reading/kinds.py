"""Which format a file is in: told by its content, a name counts only among kinds of plain text."""

import re
import zlib
from io import BytesIO
from pathlib import PurePath
from typing import Literal
from zipfile import BadZipFile, ZipFile, ZipInfo

from index.reading.refusals import broken, encrypted, over_bound, unread
from index.reading.types import Bounds

Kind = Literal["text", "csv", "html", "docx", "xlsx", "pptx", "pdf", "image"]

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ZIP = b"PK\x03\x04"
IMAGES = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF8", b"II*\0", b"MM\0*", b"BM")
PDF_HEAD = 1024  # the PDF mark may stand after other bytes, within so many
HTML_HEAD = 2048
DTD_HEAD = 65_536  # a document type stands before the first element
MIN_UNPACKED = 64 * 2**20  # no small archive is a bomb: a sheet of zeros packs a thousandfold
CSV_SUFFIXES = {".csv", ".tsv"}
_HTML = re.compile(rb"\A\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html|head|body|meta|table|div)\b",
                   re.IGNORECASE | re.DOTALL)  # fmt: skip
_OLE_KINDS = (  # names of streams in an OLE file, UTF-16
    ("WordDocument", "旧版 Word 文档(.doc/.wps)", ".docx"),
    ("Workbook", "旧版 Excel 表格(.xls/.et)", ".xlsx"),
    ("Book", "旧版 Excel 表格(.xls/.et)", ".xlsx"),
    ("PowerPoint Document", "旧版演示文稿(.ppt/.dps)", ".pptx"),
)
_OTHERS = (
    (b"{\\rtf", "RTF 文档", ".docx"),
    (b"Rar!", "RAR 压缩包", "解压后的文件"),
    (b"7z\xbc\xaf", "7z 压缩包", "解压后的文件"),
    (b"\x1f\x8b", "gzip 压缩包", "解压后的文件"),
)


def kind_of(data: bytes, name: str, bounds: Bounds) -> Kind:
    """The format of a file. Raises InputRefused for one that is not read, is locked, or is a bomb."""
    if data.startswith(OLE):
        raise _old_office(data, name)
    if data.startswith(ZIP):
        return _office_kind(data, name, bounds)
    if b"%PDF-" in data[:PDF_HEAD]:
        return "pdf"
    if data.startswith(IMAGES[:-1]) or (data.startswith(IMAGES[-1]) and b"\0" in data[:64]) or _is_webp(data):
        return "image"
    for mark, kind, save_as in _OTHERS:
        if data.startswith(mark):
            raise unread(name, kind, save_as)
    if _HTML.match(_bare(data[:HTML_HEAD])):
        return "html"
    return "csv" if PurePath(name).suffix.lower() in CSV_SUFFIXES else "text"


def _is_webp(data: bytes) -> bool:
    return data.startswith(b"RIFF") and data[8:12] == b"WEBP"


def _bare(head: bytes) -> bytes:
    """The beginning without byte order mark; UTF-16 without its zeros."""
    return head.removeprefix(b"\xef\xbb\xbf").removeprefix(b"\xff\xfe").removeprefix(b"\xfe\xff").replace(b"\0", b"")


def _old_office(data: bytes, name: str) -> Exception:
    if "EncryptedPackage".encode("utf-16-le") in data:
        return encrypted(name)
    for stream, kind, save_as in _OLE_KINDS:
        if stream.encode("utf-16-le") in data:
            return unread(name, kind, save_as)
    return unread(name, "旧版办公文件", ".docx、.xlsx 或 .pptx")


def _office_kind(data: bytes, name: str, bounds: Bounds) -> Kind:
    try:
        with ZipFile(BytesIO(data)) as archive:
            entries = archive.infolist()
            _check_size(entries, len(data), name, bounds)
            kind = _kind_of_entries({entry.filename for entry in entries}, name)
            _check_entities(archive, entries, name)
    except (BadZipFile, zlib.error, NotImplementedError, EOFError, OSError, ValueError, RuntimeError) as error:
        if isinstance(error, RuntimeError) and "encrypted" in str(error):
            raise encrypted(name) from None
        raise broken(name, "Office(.docx/.xlsx/.pptx)") from None
    return kind


def _kind_of_entries(names: set[str], name: str) -> Kind:
    if "[Content_Types].xml" in names:
        if "word/document.xml" in names:
            return "docx"
        if "xl/workbook.xml" in names:
            return "xlsx"
        if "ppt/presentation.xml" in names:
            return "pptx"
        if "xl/workbook.bin" in names:
            raise unread(name, "二进制 Excel 表格(.xlsb)", ".xlsx")
    if "mimetype" in names and "content.xml" in names:
        raise unread(name, "OpenDocument 文件(.odt/.ods/.odp)", ".docx、.xlsx 或 .pptx")
    raise unread(name, "压缩包", "解压后的文件")


def _check_size(entries: list[ZipInfo], size: int, name: str, bounds: Bounds) -> None:
    if len(entries) > bounds.archive_entries:
        units = ("个内部文件", "files inside")
        raise over_bound(name, str(len(entries)), bounds.archive_entries, units, "XIETONG_MAX_ARCHIVE_ENTRIES")
    unpacked = sum(entry.file_size for entry in entries)
    if unpacked > MIN_UNPACKED and unpacked > bounds.archive_ratio * size:
        units = ("倍的解压膨胀", "times its size when unpacked")
        raise over_bound(name, str(unpacked // size), bounds.archive_ratio, units, "XIETONG_MAX_ARCHIVE_RATIO")


def _check_entities(archive: ZipFile, entries: list[ZipInfo], name: str) -> None:
    """Office files carry no document type; one that does is made to make a parser swell or fetch."""
    for entry in entries:
        if entry.filename.endswith((".xml", ".rels")):
            with archive.open(entry) as part:
                head = part.read(DTD_HEAD).replace(b"\0", b"")
            if b"<!DOCTYPE" in head or b"<!ENTITY" in head:
                raise broken(name, "Office(.docx/.xlsx/.pptx;内含 XML 实体声明 / XML entities)")
