"""What the library keeps of a document's sentences: their token vectors, ready to be compared without the model."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from sqlite3 import Connection

import numpy as np

from index.store import TITLE, batches, contexts, decoding, marks, meta, passages_by_row, token_vectors
from index.types import Offsets, Passage, Tokens


@dataclass(frozen=True, slots=True)
class EncodedSentence:
    """A sentence with its passage and its token vectors.

    [start, end) in the document's text. tokens: (m, dim) int8, unit rows ×127; offsets: (m, 2) int32, the tokens'
    spans from the sentence's start (negative in a table's header). m is 0 where the model gives no token vectors.
    """

    passage: Passage
    start: int
    end: int
    tokens: Tokens = field(compare=False, repr=False)
    offsets: Offsets = field(compare=False, repr=False)

    @property
    def text(self) -> str:
        """The sentence, exactly."""
        return self.passage.text[self.start - self.passage.start : self.end - self.passage.start]


@dataclass(frozen=True, slots=True)
class EncodedDocument:
    """A document's sentences in order, and each heading's token vectors, (m, dim) int8, by its words."""

    sentences: tuple[EncodedSentence, ...]
    headings: Mapping[str, Tokens] = field(compare=False, repr=False)


def encoded(db: Connection, document_id: str) -> EncodedDocument:
    """A document as it was embedded; empty where there is none of this id."""
    rows = [row for (row,) in db.execute("SELECT row FROM passages WHERE document_id = ?", (document_id,))]
    passages = passages_by_row(db, rows)
    found: list[EncodedSentence] = []
    with decoding("向量", "vectors"):
        dimension = int(meta(db, "dimension") or 1)
        for some in batches(rows):
            query = f"SELECT passage, start, end, tokens, offsets FROM sentences WHERE passage IN ({marks(some)})"
            for passage, start, end, tokens, offsets in db.execute(query, tuple(some)):
                matrix, spans = token_vectors(tokens, offsets, dimension)
                found.append(EncodedSentence(passages[passage], start, end, matrix, spans))
        above = list(dict.fromkeys(h for p in passages.values() for h in p.heading_path if h != TITLE))
        headings = {
            text: np.frombuffer(tokens, np.int8).reshape(-1, dimension)
            for (_, text), tokens in contexts(db, [(document_id, text) for text in above]).items()
        }
    return EncodedDocument(tuple(sorted(found, key=lambda s: s.start)), headings)
