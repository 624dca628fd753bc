"""Plain text and Markdown, in whatever encoding an office sends them."""

import contextlib
import re
from pathlib import PurePath

from index.errors import InputRefused
from index.reading.refusals import WORD, wordless
from index.reading.types import Extract

MARKDOWN_SUFFIXES = {".md", ".markdown"}
BOMS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
# What offices in mainland China, Taiwan and Hong Kong write besides UTF-8.
LEGACY_ENCODINGS = ["gb18030", "big5", "utf_16_le", "utf_16_be"]
DETECT_BYTES = 200_000  # enough to tell an encoding; the whole file is decoded strictly afterwards
LONGEST_CHARACTER = 4  # bytes of a character in GB18030, which a sample may not cut
MAX_MESS = 0.8  # its own bound (0.2) refuses sound GB18030 with a few signs such as ℃ in a long line
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")
MAX_CONTROL_SHARE = 0.001  # a stray form feed is no sign of a binary file, a tenth of a percent is


def _not_text(name: str) -> InputRefused:
    return InputRefused(
        f"“{name}”不是文本文件,也不是其他能读取的格式(docx、pdf、xlsx、csv、pptx、html、图片):请另存为其中一种再添加。",
        f'"{name}" is not a text file: txt, md, docx, pdf, xlsx, csv, pptx, html, pictures are read; save it as text '
        "and add that.",
    )


def _legacy_encoding(data: bytes) -> str | None:
    """The encoding of a sample from the beginning, tried at each length that may end between two characters."""
    from charset_normalizer import from_bytes

    for short in range(LONGEST_CHARACTER if len(data) > DETECT_BYTES else 1):
        sample = data[: DETECT_BYTES - short]
        found = from_bytes(sample, cp_isolation=LEGACY_ENCODINGS, threshold=MAX_MESS, enable_fallback=False).best()
        if found:
            return found.encoding
    return None


def _undecodable(name: str) -> InputRefused:
    return InputRefused(
        f"“{name}”的文字编码无法辨认:支持 UTF-8、GB18030(GBK)、UTF-16 和 Big5,请另存为 UTF-8 后再添加。",
        f'"{name}" is in no known encoding: UTF-8, GB18030 (GBK), UTF-16 and Big5 are read; save it as UTF-8.',
    )


def _strictly(data: bytes, encoding: str, name: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        raise _undecodable(name) from None


def _decode(data: bytes, name: str) -> str:
    """Byte order mark, then strict UTF-8, then what charset-normalizer tells of the legacy ones."""
    for mark, encoding in BOMS:
        if data.startswith(mark):
            return _strictly(data, encoding, name)
    if b"\0" not in data:  # no text in UTF-8 has it, Latin letters in UTF-16 do
        with contextlib.suppress(UnicodeDecodeError):
            return data.decode("utf-8")
    encoding_found = _legacy_encoding(data)
    if encoding_found is None:
        raise _not_text(name) if b"\0" in data else _undecodable(name)
    return _strictly(data, encoding_found, name)


def decoded(data: bytes, name: str) -> str:
    """The text of a file's bytes: no BOM, every line end a newline.

    Raises InputRefused for bytes that are no text, or in no known encoding.
    """
    text = _decode(data, name).removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    if "\0" in text or len(_CONTROL.findall(text)) > MAX_CONTROL_SHARE * len(text):
        raise _not_text(name)
    return text


def read_text(data: bytes, name: str) -> Extract:
    """Plain text and Markdown, raw. Raises InputRefused as `decoded` does, and for a text without words."""
    text = decoded(data, name)
    if not re.search(WORD, text):
        raise wordless(name)
    return Extract(text, "text/markdown" if PurePath(name).suffix.lower() in MARKDOWN_SUFFIXES else "text/plain")
