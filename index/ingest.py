"""From a file to what is stored: its bytes, its text, what it says of itself, its passages and their vectors."""

import hashlib
import tomllib
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from errno import ENODEV
from os import strerror
from pathlib import Path
from typing import Any

import numpy as np

from index.errors import InputRefused, LibraryUnusable
from index.normalise import fingerprint, terms
from index.outline import header_of, paragraphs
from index.pace import Pace
from index.passages import Span, line_above, passage_prefix, passages, sentences_of
from index.reading import Extract
from index.search import as_int8
from index.store import TITLE, PassageRow, SentenceRow
from index.types import (
    Document,
    Embedder,
    Encoding,
    Figure,
    Layout,
    Offsets,
    Passage,
    Progress,
    ProgressCallback,
    Tokens,
)

ID_LENGTH = 16  # hex digits of the content's SHA-256: 64 bits, no clash among millions of documents
BLOCK = 256  # texts encoded at a time, so that a long document's token vectors never stand in memory at once
SOURCES_FILE = "SOURCES.toml"
SAID_KEYS = ("title", "publisher", "date", "period")


@dataclass(frozen=True, slots=True)
class Made:
    """What is stored of a file: the document, what was read, the bytes of the original, and what was made of them."""

    path: Path
    document: Document
    extract: Extract
    data: bytes
    rows: list[PassageRow]
    figures: list[Figure]


def clean_name(name: str) -> str:
    """The last component of a file's name, NFC, without control characters."""
    last = unicodedata.normalize("NFC", name).replace("\\", "/").rstrip("/").rsplit("/", 1)[-1]
    return "".join(c for c in last if c.isprintable()) or "未命名.txt"


def files_below(paths: Iterable[Path]) -> Iterator[Path]:
    """The files given, and those in the folders given, in order of their names; no hidden ones, no SOURCES.toml."""
    for path in paths:
        if _is_folder(path):
            below = (p for p in sorted(path.rglob("*")) if p.is_file() and p.name != SOURCES_FILE)
            yield from (p for p in below if not any(part.startswith(".") for part in p.relative_to(path).parts))
        else:
            yield path


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError:  # a name too long, for one: reading the file will tell
        return False


def digest(path: Path) -> str | None:
    """SHA-256 of a file's content; None where it cannot be read."""
    try:
        if not path.is_file():
            return None
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return None


def other_of_same_name(paths: Iterable[Path]) -> set[Path]:
    """Those that have the name of one before them, but other content; only files that share a name are read."""
    named: dict[str, list[Path]] = {}
    for path in paths:
        named.setdefault(clean_name(path.name), []).append(path)
    found: set[Path] = set()
    for alike in named.values():
        contents = [(path, content) for path in alike if len(alike) > 1 and (content := digest(path))]
        found |= {path for path, content in contents if content != contents[0][1]}
    return found


def read_bytes(path: Path, name: str, max_bytes: int) -> bytes:
    """Raises InputRefused for a file that cannot be read or is over the bound."""
    try:
        if path.exists() and not path.is_file():
            raise OSError(ENODEV, strerror(ENODEV))  # a device or a pipe may never end
        size = path.stat().st_size
        if size > max_bytes:
            raise too_large(name, f"{size / 2**20:.1f} MB", f"{max_bytes / 2**20:g} MB", "XIETONG_MAX_FILE_MB")
        return path.read_bytes()
    except OSError as error:
        raise InputRefused(
            f"“{name}”读不出来({error.strerror}):须是可读的文件,请检查路径和权限。",
            f'"{name}" cannot be read ({error.strerror}): it must be a readable file; check the path and permissions.',
        ) from error


def refuse_too_long(text: str, name: str, bound: int) -> None:
    """Raises InputRefused for a text over the bound of characters."""
    if len(text) > bound:
        raise too_large(name, f"{len(text)} 字", f"{bound} 字", "XIETONG_MAX_CHARACTERS")


def too_large(name: str, size: str, bound: str, setting: str) -> InputRefused:
    return InputRefused(
        f"“{name}”有 {size},超过上限 {bound}:请拆分文件,或调高设置 {setting}。",
        f'"{name}" has {size}, over the bound of {bound}: split it, or raise the setting {setting}.',
    )


def describe(data: bytes, extract: Extract, name: str, said: Mapping[str, str | None]) -> Document:
    """The document as it will be listed; what was `said` of it goes before what its first lines say."""
    sha256 = hashlib.sha256(data).hexdigest()
    sheets = "spreadsheet" in extract.media_type  # whose first heading is the name of a sheet
    header = header_of(extract.text, name, {} if sheets else extract.headings)
    return Document(
        id=sha256[:ID_LENGTH],
        title=said.get("title") or header.title,
        file_name=name,
        sha256=sha256,
        media_type=extract.media_type,
        pages=extract.pages,
        paragraphs=len(paragraphs(extract.text)),
        characters=len(extract.text),
        added_at=now(),
        publisher=said.get("publisher") or header.publisher,
        date=said.get("date") or header.date,
        period=said.get("period") or header.period,
    )


def now() -> str:
    """The time, as the list of documents keeps it."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def layout_of(extract: Extract) -> Layout:
    """What is kept of a reader's result besides the text."""
    return Layout(extract.page_starts, extract.headings, extract.table_headers)


def rows_of(
    document: Document,
    text: str,
    layout: Layout,
    embedder: Embedder,
    progress: ProgressCallback | None,
    rest: Callable[[], None] = lambda: None,
) -> list[PassageRow]:
    """Passages and sentences with their vectors: the long part of adding.

    A passage's vector is made with its headings; a sentence is encoded alone (a table row with its header), and so
    are the title and the headings above it, each and in one line. `rest` is called after each batch: there the work may
    be held up.
    """
    cut = passages(text, document.id, document.title, embedder.count_tokens, embedder.max_tokens, layout)
    met = _Met({}, {})
    pace = Pace(len(cut))
    rows: list[PassageRow] = []
    for block in _blocks((p, sentences_of(text, p)) for p in cut):

        def tell(share: float, begun: int = len(rows), size: int = len(block)) -> None:
            rest()
            if progress:
                done = begun + int(share * size)
                progress(Progress(document.file_name, done, len(cut), seconds_left=pace.left()))

        rows += _rows(document, text, block, met, embedder, tell)
        pace.reached(len(rows))
    return rows


@dataclass(frozen=True, slots=True)
class _Met:
    """What of a document's title and headings has been encoded: each, and in one line by the heading path."""

    names: dict[str, Tokens]
    lines: dict[tuple[str, ...], tuple[Tokens, Offsets]]


def _above(passage: Passage) -> tuple[str, ...]:
    return (TITLE, *passage.heading_path)


def _blocks(cut: Iterable[tuple[Passage, list[Span]]]) -> Iterator[list[tuple[Passage, list[Span]]]]:
    """Passages with their sentences, about BLOCK texts together: blocks of like work, for the time left."""
    block: list[tuple[Passage, list[Span]]] = []
    size = 0
    for passage, spans in cut:
        if block and size + 1 + len(spans) > BLOCK:
            yield block
            block, size = [], 0
        block.append((passage, spans))
        size += 1 + len(spans)
    if block:
        yield block


def _rows(
    document: Document,
    text: str,
    block: list[tuple[Passage, list[Span]]],
    met: _Met,
    embedder: Embedder,
    tell: Callable[[float], None],
) -> list[PassageRow]:
    """One block, encoded, with what stands above it: the title, the file's name and the publisher; each heading.

    met: what stands above is encoded once; the new is put there. `tell` gets the share of the block that is done, 0…1.
    """
    names = " ".join(filter(None, (document.title, document.publisher, Path(document.file_name).stem)))
    above = [name for name in dict.fromkeys(n for p, _ in block for n in _above(p)) if name not in met.names]
    paths = [path for path in dict.fromkeys(p.heading_path for p, _ in block) if path not in met.lines]
    lines = [line_above(document.title, path) for path in paths]
    wholes = [f"{passage_prefix(document.title, p)}\n{p.text}" for p, _ in block]
    heads = [f"{p.context}\n" if p.context else "" for p, _ in block]
    singles = [head + text[s.start : s.end] for head, (_, own) in zip(heads, block, strict=True) for s in own]
    texts = [name or names for name in above] + lines + wholes + singles
    distinct = list(dict.fromkeys(texts))  # a heading is a sentence too, and a title without headings a line
    found = embedder.encode(distinct, "passage", lambda done: tell(done / len(distinct)))
    by_text = dict(zip(distinct, found, strict=True))
    encoded = iter(by_text[one] for one in texts)
    met.names.update((name, as_int8(next(encoded).tokens)) for name in above)
    for path in paths:
        line = next(encoded)
        met.lines[path] = as_int8(line.tokens), line.offsets
    vectors = [next(encoded).vector for _ in block]
    return [
        PassageRow(
            p,
            " ".join(terms(whole)),
            vector,
            tuple(_row(s, text, len(head), next(encoded)) for s in own),
            tuple((name, met.names[name]) for name in _above(p) if len(met.names[name])),
            met.lines[p.heading_path] if len(met.lines[p.heading_path][0]) else None,
        )
        for (p, own), whole, vector, head in zip(block, wholes, vectors, heads, strict=True)
    ]


def _row(span: Span, text: str, head: int, encoding: Encoding) -> SentenceRow:
    offsets = (encoding.offsets - head).astype(np.int32)
    words = fingerprint(text[span.start : span.end])
    return SentenceRow(span.start, span.end, encoding.vector, as_int8(encoding.tokens), offsets, words)


def sources(folder: Path) -> dict[str, dict[str, Any]]:
    """What SOURCES.toml says of each file of a folder. Raises LibraryUnusable for a broken one."""
    path = folder / SOURCES_FILE
    try:
        about = tomllib.loads(path.read_text(encoding="utf-8"))
        if bare := [key for key, value in about.items() if not isinstance(value, dict)]:
            raise ValueError(f"{bare[0]} is not a table")
        return about
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise LibraryUnusable(
            f"“{path}”读不懂({error}):它须是 TOML,每个文件一节;请改正后再启动。",
            f'"{path}" cannot be read ({error}): it must be TOML, one table a file; mend it and start again.',
        ) from error
