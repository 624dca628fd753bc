"""Plain text and Markdown, in whatever encoding an office sends them."""

import re
from dataclasses import dataclass
from pathlib import PurePath

from index.errors import InputRefused

MARKDOWN_SUFFIXES = {".md", ".markdown"}
# Formats that are recognised and not read: a name or first bytes of these is no text to index.
UNREAD_SUFFIXES = {
    ".doc", ".docx", ".wps", ".pdf", ".xls", ".xlsx", ".et", ".ppt", ".pptx", ".dps", ".csv", ".htm", ".html",
    ".rtf", ".odt", ".zip", ".rar", ".7z", ".png", ".jpg", ".jpeg", ".tif", ".tiff", ".gif",
}  # fmt: skip
UNREAD_MAGIC = (b"%PDF", b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"\x7fELF", b"Rar!")
BOMS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
# What offices in mainland China, Taiwan and Hong Kong write besides UTF-8.
LEGACY_ENCODINGS = ["gb18030", "big5", "utf_16_le", "utf_16_be"]
DETECT_BYTES = 200_000  # enough to tell an encoding; the whole file is decoded strictly afterwards
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")
MAX_CONTROL_SHARE = 0.001  # a stray form feed is no sign of a binary file, a tenth of a percent is


@dataclass(frozen=True, slots=True)
class Extract:
    """The text of one file: decoded, no BOM, every line end a newline. `pages` is None for text."""

    text: str
    media_type: str
    pages: int | None = None


def _not_text(name: str) -> InputRefused:
    return InputRefused(
        f"“{name}”不是文本文件:目前读取 .txt 和 .md 纯文本,请另存为文本后再添加。",
        f'"{name}" is not a text file: plain text (.txt) and Markdown (.md) are read; save it as text and add that.',
    )


def _legacy_encoding(data: bytes) -> str | None:
    from charset_normalizer import from_bytes

    best = from_bytes(data[:DETECT_BYTES], cp_isolation=LEGACY_ENCODINGS, enable_fallback=False).best()
    return best.encoding if best else None


def _undecodable(name: str) -> InputRefused:
    return InputRefused(
        f"“{name}”的文字编码无法辨认:支持 UTF-8、GB18030(GBK)、UTF-16 和 Big5,请另存为 UTF-8 后再添加。",
        f'"{name}" is in no known encoding: UTF-8, GB18030 (GBK), UTF-16 and Big5 are read; save it as UTF-8.',
    )


def _decode(data: bytes, name: str) -> str:
    """Byte order mark, then strict UTF-8, then what charset-normalizer tells of the legacy ones."""
    for mark, encoding in BOMS:
        if data.startswith(mark):
            return _strictly(data, encoding, name)
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        encoding_found = _legacy_encoding(data)
    if encoding_found is None:
        raise _undecodable(name)
    return _strictly(data, encoding_found, name)


def _strictly(data: bytes, encoding: str, name: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        raise _undecodable(name) from None


def read(data: bytes, file_name: str) -> Extract:
    """The text of a file's bytes.

    Raises InputRefused for a file that is empty, is not text, or is in no known encoding.
    """
    suffix = PurePath(file_name).suffix.lower()
    if suffix in UNREAD_SUFFIXES or data.startswith(UNREAD_MAGIC):
        raise _not_text(file_name)
    text = _decode(data, file_name).removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    if "\0" in text or len(_CONTROL.findall(text)) > MAX_CONTROL_SHARE * len(text):
        raise _not_text(file_name)
    if not re.search(r"\w", text):
        raise InputRefused(
            f"“{file_name}”里没有文字:文件须含有文字,请检查文件内容后再添加。",
            f'"{file_name}" holds no words: a document must have text; check the file and add it again.',
        )
    return Extract(text, "text/markdown" if suffix in MARKDOWN_SUFFIXES else "text/plain")
