"""A library of documents: reading, outline, passages, vectors, full text. Data flows index → assistant → app."""

from index.backup import back_up, restore
from index.cells import Cell, cells, columns, is_piped, typed_columns
from index.columns import typed_cells
from index.embedding import load_bundled_sentence_transformer, load_embedder, model_name
from index.encoded import EncodedDocument, EncodedSentence
from index.errors import (
    InputRefused,
    LibraryTooNew,
    LibraryUnusable,
    ModelMismatch,
    ModelUnavailable,
    UnknownDocument,
    VectorsUnavailable,
    XietongError,
)
from index.finding import occurrences
from index.ingest import files_below
from index.judge import Judge, Reading, load_judge
from index.lately import Lately
from index.library import DEFAULT_MAX_BYTES, Library
from index.lock import hold as hold_folder
from index.normalise import matching_form, simplified, terms, traditional
from index.passages import line_above
from index.reading import DEFAULT_BOUNDS, OCR_COMMAND, Bounds, PageImage
from index.search import Query
from index.sqlite import BUSY_SECONDS, connected, trouble
from index.swap import in_use as folder_in_use
from index.threads import settle_threads, stand_back
from index.trash import DEFAULT_UNDO_SECONDS
from index.types import (
    Addition,
    Check,
    Difference,
    Document,
    Embedder,
    Encoding,
    Fate,
    Figure,
    FigureKind,
    Opened,
    Paragraph,
    Passage,
    PassageHit,
    Progress,
    ProgressCallback,
    Removed,
    SearchResult,
    SentenceHit,
    Stock,
    VectorServer,
)

__all__ = [
    "BUSY_SECONDS",
    "DEFAULT_BOUNDS",
    "DEFAULT_MAX_BYTES",
    "DEFAULT_UNDO_SECONDS",
    "OCR_COMMAND",
    "Addition",
    "Bounds",
    "Cell",
    "Check",
    "Difference",
    "Document",
    "Embedder",
    "EncodedDocument",
    "EncodedSentence",
    "Encoding",
    "Fate",
    "Figure",
    "FigureKind",
    "InputRefused",
    "Judge",
    "Lately",
    "Library",
    "LibraryTooNew",
    "LibraryUnusable",
    "ModelMismatch",
    "ModelUnavailable",
    "Opened",
    "PageImage",
    "Paragraph",
    "Passage",
    "PassageHit",
    "Progress",
    "ProgressCallback",
    "Query",
    "Reading",
    "Removed",
    "SearchResult",
    "SentenceHit",
    "Stock",
    "UnknownDocument",
    "VectorServer",
    "VectorsUnavailable",
    "XietongError",
    "back_up",
    "cells",
    "columns",
    "connected",
    "files_below",
    "folder_in_use",
    "hold_folder",
    "is_piped",
    "line_above",
    "load_bundled_sentence_transformer",
    "load_embedder",
    "load_judge",
    "matching_form",
    "model_name",
    "occurrences",
    "restore",
    "settle_threads",
    "simplified",
    "stand_back",
    "terms",
    "traditional",
    "trouble",
    "typed_cells",
    "typed_columns",
]
