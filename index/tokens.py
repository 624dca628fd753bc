"""A text as a model's tokenizer cuts it: its tokens, which of them stand for characters, and where.

Also how texts of like lengths are put together for one pass.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.types import Encoding, Vectors

BATCH_TOKENS = 256  # in one pass: more are no quicker, and a question waits for the pass before it
BATCH_TEXTS = 32  # at most so many texts in one pass, so that progress is told and other threads get their turn
WORD_MARK = "▁"  # SentencePiece's mark of a word's beginning: alone, it stands for no character


@dataclass(frozen=True, slots=True)
class Tokenized:
    """The tokens of one prompted text.

    ids: all of them, special ones too; () where the tokenizer tells no spans. rows: those that stand for characters
    of the text, offsets (n, 2): their spans in it.
    """

    count: int
    ids: Sequence[int]
    rows: NDArray[np.intp]
    offsets: NDArray[np.int32]


class Cutter:
    """Cuts texts by a tokenizer, at most `longest` tokens each. Safe to use from several threads."""

    def __init__(self, tokenizer: Any, longest: int) -> None:
        self.lock = Lock()  # a tokenizer keeps the padding and truncation of the call in hand
        self._tokenizer = tokenizer
        self._longest = longest
        # A static model has a bare Tokenizer, a few models one written in Python: these tell no spans.
        self._is_fast = bool(getattr(tokenizer, "is_fast", False))
        self._mark = tokenizer.convert_tokens_to_ids(WORD_MARK) if self._is_fast else None

    def count(self, prompted: str) -> int:
        """Length in tokens, special ones included, not truncated."""
        with self.lock:
            if self._is_fast:
                return len(self._tokenizer(prompted, truncation=False, verbose=False)["input_ids"])
            return _count(self._tokenizer, prompted)

    def cut(self, texts: Sequence[str], prompt: str) -> list[Tokenized]:
        """Each text's tokens, with the prompt before it."""
        if not texts:
            return []
        with self.lock:
            if not self._is_fast:
                counts = [min(_count(self._tokenizer, prompt + text), self._longest) for text in texts]
                return [without_spans(count) for count in counts]
            found = self._tokenizer(
                [prompt + text for text in texts],
                truncation=True,
                max_length=self._longest,
                return_offsets_mapping=True,
                return_special_tokens_mask=True,
            )
        rows = zip(found["input_ids"], found["special_tokens_mask"], found["offset_mapping"], strict=True)
        return [
            _spans(text, len(prompt), ids, np.array(special), np.array(offsets), self._mark)
            for text, (ids, special, offsets) in zip(texts, rows, strict=True)
        ]


def valid(text: str) -> str:
    """The text with "?" for each half of a surrogate pair, which no tokenizer takes; the length stays."""
    return text.encode("utf-8", "replace").decode()


def _count(tokenizer: Any, prompted: str) -> int:
    if hasattr(tokenizer, "encode_batch"):
        return len(tokenizer.encode(prompted, add_special_tokens=False).ids)
    return len(tokenizer(prompted)["input_ids"])


def without_spans(count: int) -> Tokenized:
    """So many tokens of which nothing is known."""
    return Tokenized(count, (), np.empty(0, np.intp), np.empty((0, 2), np.int32))


def _spans(
    text: str, prompt: int, ids: list[int], special: NDArray[Any], offsets: NDArray[Any], mark: int | None
) -> Tokenized:
    """`offsets` count from the beginning of the prompt, whose length is `prompt`; those kept, from the text's."""
    spans = np.clip(offsets - prompt, 0, None)
    spans[:, 0] += (spans[:, 1] - spans[:, 0] > 0) & _begins_with_space(text, spans[:, 0])
    rows = np.flatnonzero((special == 0) & (spans[:, 1] > spans[:, 0]) & (np.array(ids) != mark))
    return Tokenized(len(ids), ids, rows, spans[rows].astype(np.int32))


def _begins_with_space(text: str, starts: NDArray[Any]) -> NDArray[np.bool_]:
    """Whether a blank stands at each start: many tokenizers count it to the word that follows."""
    blank = np.array([character.isspace() for character in text] + [False])
    begins: NDArray[np.bool_] = blank[np.minimum(starts, len(text))]
    return begins


def encoding(vector: Vectors, states: Vectors, tokens: Tokenized) -> Encoding:
    """`states`: (count, dim), the model's; where it saw other tokens than the tokenizer told, none are given."""
    if len(states) != tokens.count:
        tokens = without_spans(0)
    return Encoding(vector, unit_rows(states[tokens.rows]), tokens.offsets)


def batches(counts: Sequence[int], padded: bool = True) -> Iterator[list[int]]:
    """The indices of texts of `counts` tokens, in batches of like lengths, the longest first.

    A batch holds at most BATCH_TEXTS texts and BATCH_TOKENS tokens (one text at least). `padded`: each text counts as
    many tokens as the longest of its batch.
    """
    batch: list[int] = []
    total = 0
    for i in sorted(range(len(counts)), key=lambda i: -counts[i]):
        more = counts[batch[0]] if batch and padded else counts[i]
        if batch and (len(batch) == BATCH_TEXTS or total + more > BATCH_TOKENS):
            yield batch
            batch, total, more = [], 0, counts[i]
        batch.append(i)
        total += more
    if batch:
        yield batch


def unit_rows(rows: Vectors) -> Vectors:
    """The rows, (n, dim), at unit length; a row of zeros stays."""
    lengths = np.linalg.norm(rows, axis=-1, keepdims=True)
    return (rows / np.where(lengths > 0, lengths, 1)).astype(np.float32, copy=False)
