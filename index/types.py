"""The nouns of the library. Offsets are code points of a document's text, spans are [start, end)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]
Offsets = NDArray[np.int32]
Tokens = NDArray[np.int8]  # token vectors as they are kept: unit rows, ×127
Role = Literal["query", "passage"]  # what a text is embedded as
NONE_HELD = -1  # the generation of an engine that holds nothing for certain
AddStatus = Literal["added", "unchanged", "replaced", "refused"]
FigureKind = Literal["count", "amount", "percent", "rank", "ordinal", "date", "code"]


@dataclass(frozen=True, slots=True)
class Document:
    """One document of the library, as `xietong list` shows it.

    `id` follows from the content alone, so that it survives removal, adding again and rebuilding.
    `pages` is None where the format has none; `publisher`, `date` and `period` are None if unknown.
    """

    id: str
    title: str
    file_name: str
    sha256: str
    media_type: str
    pages: int | None
    paragraphs: int
    characters: int
    added_at: str
    publisher: str | None
    date: str | None
    period: str | None


@dataclass(frozen=True, slots=True)
class Layout:
    """What a document's format says of its text besides the words; offsets are the text's.

    page_starts: where each page, slide or sheet begins, ascending. headings: start of a line that a
    style makes a heading → its level, 1 outermost. table_headers: start of a table row's line → the
    span of the lines that name its columns.
    """

    page_starts: tuple[int, ...] = ()
    headings: Mapping[int, int] = field(default_factory=dict)
    table_headers: Mapping[int, tuple[int, int]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A line that is not blank, counted from 1 (headings included), with the headings above it.

    `heading_level` is 0 for body text, else 1 for the outermost heading. The path ends with the
    paragraph's own lead ("一是……") where it has one. `header` is the span of the lines that name a table
    row's columns, `context` their text; None and "" elsewhere. `page` counts from 1, None without pages.
    `in_contents`: a line of a table of contents.
    """

    number: int
    start: int
    end: int
    heading_level: int
    heading_path: tuple[str, ...]
    context: str = ""
    header: tuple[int, int] | None = None
    page: int | None = None
    in_contents: bool = False


@dataclass(frozen=True, slots=True)
class Opened:
    """A document to be read: its text, its paragraphs in order, and where each page begins in the text.

    page_starts is () where the format has no pages; a paragraph may run over one.
    """

    document: Document
    text: str
    paragraphs: tuple[Paragraph, ...]
    page_starts: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Passage:
    """A contiguous slice of a document's text: what is retrieved and shown whole.

    `id` is "<document id>-<number from 0>"; `paragraph` and `page` are those of its first character.
    `header`: the span of a table row's header, `context` its text.
    """

    id: str
    document_id: str
    start: int
    end: int
    paragraph: int
    page: int | None
    heading_path: tuple[str, ...]
    context: str
    text: str
    header: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Encoding:
    """One text as the model sees it.

    vector: (dim,) float32, unit length. tokens: (n, dim) float32, unit rows, without the prefix and
    the special tokens; n is 0 where a model gives none. offsets: (n, 2) int32, each token's span in
    the text.
    """

    vector: Vectors
    tokens: Vectors
    offsets: Offsets


class Embedder(Protocol):
    """Turns texts into vectors. `name` and `revision` are stored with the vectors they made."""

    name: str
    revision: str
    dimension: int
    max_tokens: int

    def encode(self, texts: list[str], role: Role, progress: Callable[[int], None] | None = None) -> list[Encoding]:
        """Encodings in the order of the texts; `progress` is told how many texts are done so far."""
        ...

    def count_tokens(self, text: str) -> int:
        """Length of a text in the model's tokens, special tokens and prefix included."""
        ...


@dataclass(frozen=True, slots=True)
class SentenceHit:
    """A sentence that was found. `score`: higher is better, comparable within one search only.

    similarity: (q, m) float32, −1…1, each of the query's q tokens with each of the sentence's m.
    offsets: (m, 2) int32, the tokens' spans from the sentence's start (negative in a table's header).
    tokens: (m, dim) int8, their vectors as they are kept.
    All are empty where the model gives no token vectors.
    """

    passage_id: str
    document_id: str
    paragraph: int
    start: int
    end: int
    text: str
    score: float
    similarity: Vectors = field(compare=False, repr=False)
    offsets: Offsets = field(compare=False, repr=False)
    tokens: Tokens = field(compare=False, repr=False, default_factory=lambda: np.zeros((0, 0), np.int8))


@dataclass(frozen=True, slots=True)
class PassageHit:
    """A passage that was found, with its sentences, best first. `score`: higher is better."""

    passage: Passage
    score: float
    sentences: tuple[SentenceHit, ...]


@dataclass(frozen=True, slots=True)
class SearchResult:
    """Passages in final order, the milliseconds of each stage, and the library's generation.

    query_offsets: (q, 2) int32, the spans of the query's tokens in its text. mentioned: those of the query's `terms`
    that stand in any passage of its `terms_within`; None where it has no terms.
    """

    hits: tuple[PassageHit, ...]
    query_offsets: Offsets = field(compare=False, repr=False)
    generation: int
    embed_ms: float
    search_ms: float
    rerank_ms: float
    mentioned: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class Addition:
    """What became of one file that was to be added. `reason` says why it was refused.

    unread_pages: pages, from 1, that are pictures without a text layer and could not be taken in.
    """

    path: str
    file_name: str
    status: AddStatus
    id: str | None
    reason: str | None
    similar_to: str | None
    unread_pages: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Figure:
    """A number that a document says, with what it is the number of, put together from the document's own words.

    raw: text[start:end], the number with its qualifier and, in a sentence, its unit ("超2000万标准箱"). value: the
    number as written. unit: what follows it; of a cell, what its column or table names. indicator: what is measured
    or counted. period: when ("2021年", "截至2021年底"). change: how it has moved ("比上年增长10.4%"). entity: where or
    whose. Each is "" where the document does not say. quote: its whole sentence, or its row of a table, which begins at
    `quote_start`.
    """

    document_id: str
    start: int
    end: int
    value: str
    unit: str
    raw: str
    kind: FigureKind
    indicator: str
    period: str
    change: str
    entity: str
    paragraph: int
    page: int | None
    quote_start: int
    quote: str


@dataclass(frozen=True, slots=True)
class Difference:
    """A sentence of one version that the other words otherwise; None where the other has none in its place."""

    old: str | None
    new: str | None


@dataclass(frozen=True, slots=True)
class Removed:
    """A removed document that can still be taken back; the times are seconds since the epoch."""

    document: Document
    removed_at: float
    until: float


@dataclass(frozen=True, slots=True)
class Stock:
    """How much a library holds: counts, and bytes of the database and of the originals, at a generation."""

    documents: int
    passages: int
    sentences: int
    database_bytes: int
    original_bytes: int
    generation: int


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of a document.

    at: when it left, UTC ISO 8601; None while it is there or where nothing is known. by: the id of the latest version
    that took its place, which may have been removed since; None where nothing did.
    """

    state: Literal["present", "replaced", "removed", "unknown"]
    at: str | None = None
    by: str | None = None


@dataclass(frozen=True, slots=True)
class VectorServer:
    """A Milvus server that keeps the vectors in place of FAISS: its address and, where it wants one, a token."""

    url: str  # http://host:port or https://host:port
    token: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Check:
    """One invariant of the library. `repaired`: it was false and has been mended."""

    check: str
    ok: bool
    detail: str
    repaired: bool


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a long piece of work has come: `done` of `total` steps of `label`.

    Of a file the steps are its passages (between two blocks of them a share); `total` is 0 while it is being
    read. It is the `file`th of `files`. seconds_left: of this file; None while that is not known.
    """

    label: str
    done: int
    total: int
    file: int = 1
    files: int = 1
    seconds_left: float | None = None


ProgressCallback = Callable[[Progress], None]
