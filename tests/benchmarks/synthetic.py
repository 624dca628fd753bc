"""A library of any size whose vectors and words are spread as real ones are, made without a model.

Vectors: a common direction, a topic (their sizes follow a power law), a document, a passage and a sentence, on a
spectrum fitted to that of the bundled model over real Chinese documents (mean cosine .84, about 130 effective
dimensions). Words: chains of the bigrams of a folder's documents with their frequencies (Zipf), and words of the topic.
No text of the folder is kept: only how often one character follows another.
"""

import hashlib
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index import Document, Encoding, InputRefused, Passage, matching_form, store, terms
from index.catalogue import Catalogue
from index.ingest import ID_LENGTH, files_below
from index.passages import passage_prefix
from index.reading import read
from index.search import as_int8
from index.store import TITLE, PassageRow, SentenceRow
from index.types import Vectors

DIMENSION = 384  # of the bundled model
MEAN, VARIANCE = 0.915, 0.164  # length of the mean vector, and the variance about it, of the bundled model's sentences
TOPICS, TOPIC_POWER = 2000, 0.7
SHARES = (0.32, 0.18, 0.15, 0.35)  # of the variance: between topics, documents, passages, sentences
PASSAGE_NOISE = 0.05  # share of the variance by which a passage's own vector differs from the middle of its sentences
PASSAGES = 20  # of a document
SENTENCES = (2, 3)  # of a passage, in turn: 2.5, as real documents have
LETTERS = (30, 76)  # of a sentence
WORDS, WORD = 30, 4  # of a topic, and the letters of one
BLOCK = 250  # documents made and stored at a time
POOL = 8192  # token vectors that letters share
MODEL = "synthetic"
Letters = NDArray[np.int32]


class Space:
    """Where vectors lie. Everything follows from seeds."""

    def __init__(self, seed: int = 0) -> None:
        chance = np.random.default_rng(seed)
        spread = (np.arange(DIMENSION) + 4.0) ** -0.85
        turned, _ = np.linalg.qr(chance.standard_normal((DIMENSION, DIMENSION)))
        self._basis = (np.sqrt(spread / spread.sum() * VARIANCE)[:, None] * turned).astype(np.float32)
        direction = chance.standard_normal(DIMENSION)
        self._mean = (MEAN * direction / np.linalg.norm(direction)).astype(np.float32)
        self.topics = self.noise(chance, TOPICS, SHARES[0])
        sizes = np.arange(1, TOPICS + 1) ** -TOPIC_POWER
        self.sizes = sizes / sizes.sum()

    def noise(self, chance: np.random.Generator, count: int, share: float) -> Vectors:
        """(count, dim) offsets that make up a share of the variance."""
        made: Vectors = np.sqrt(share, dtype=np.float32) * chance.standard_normal((count, DIMENSION), np.float32)
        turned: Vectors = made @ self._basis
        return turned

    def unit(self, offsets: Vectors) -> Vectors:
        whole = offsets + self._mean
        rows: Vectors = (whole / np.linalg.norm(whole, axis=-1, keepdims=True)).astype(np.float32)
        return rows


class Chains:
    """Texts in which one character follows another as often as in the documents of a folder."""

    def __init__(self, folder: Path, seed: int = 0) -> None:
        counts: Counter[str] = Counter()
        for path in files_below([folder]):
            try:
                text = read(path.read_bytes(), path.name).text
            except InputRefused:
                continue
            counts.update(term for term in terms(text) if len(term) == 2 and "\u3400" <= term[0] <= "\u9fff")
        if not counts:
            raise SystemExit(f"{folder}: no Chinese text in it")
        pairs = sorted(counts)
        self.alphabet = sorted({letter for pair in pairs for letter in pair})
        place = {letter: at for at, letter in enumerate(self.alphabet)}
        before = np.array([place[pair[0]] for pair in pairs])
        self._after = np.array([place[pair[1]] for pair in pairs], np.int32)
        self._sums = np.cumsum([counts[pair] for pair in pairs]).astype(np.float64)
        ends = np.searchsorted(before, np.arange(len(self.alphabet)), "right")
        self._high = np.where(ends > 0, self._sums[ends - 1], 0.0)
        self._low = np.concatenate([[0.0], self._high[:-1]])
        self.words = self.chains(np.random.default_rng([seed, 1]), TOPICS * WORDS, WORD).reshape(TOPICS, WORDS, WORD)

    def chains(self, chance: np.random.Generator, count: int, length: int) -> Letters:
        """(count, length) int32: places in the alphabet."""
        made = np.empty((count, length), np.int32)
        made[:, 0] = self._drawn(chance.random(count) * self._sums[-1])
        for at in range(1, length):
            low, high = self._low[made[:, at - 1]], self._high[made[:, at - 1]]
            ended = high <= low  # nothing follows this one: begin anew
            low, high = np.where(ended, 0.0, low), np.where(ended, self._sums[-1], high)
            made[:, at] = self._drawn(low + chance.random(count) * (high - low))
        return made

    def _drawn(self, places: NDArray[np.float64]) -> Letters:
        drawn: Letters = self._after[np.searchsorted(self._sums, places, "right").clip(max=len(self._after) - 1)]
        return drawn

    def text(self, letters: Letters) -> str:
        return "".join(self.alphabet[at] for at in letters.tolist())


class Standin:
    """An embedder without a model: what it was told of a text, else a place that follows from the text alone."""

    name, revision, dimension, max_tokens = MODEL, "1", DIMENSION, 512

    def __init__(self, space: Space) -> None:
        self.space = space
        self.known: dict[str, Vectors] = {}
        self.seconds = 0.0  # spent here, which a model would spend too
        chance = np.random.default_rng(3)
        self.pool = as_int8(space.unit(space.noise(chance, POOL, 1.0)))

    def encode(self, texts: list[str], role: Any, progress: Callable[[int], None] | None = None) -> list[Encoding]:
        begun = time.perf_counter()
        made = [self._encode(text) for text in texts]
        self.seconds += time.perf_counter() - begun
        return made

    def count_tokens(self, text: str) -> int:
        return len(text) + 2

    def tokens(self, text: str, bound: int) -> tuple[NDArray[np.int8], NDArray[np.int32]]:
        """Token vectors of the first letters, and their offsets."""
        count = min(len(text), bound)
        places = np.arange(count, dtype=np.int32)
        return self.pool[[ord(letter) % POOL for letter in text[:count]]], np.stack([places, places + 1], axis=1)

    def _encode(self, text: str) -> Encoding:
        tokens, offsets = self.tokens(text, self.max_tokens)
        vector = self.known.get(text)
        if vector is None:
            chance = np.random.default_rng(int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big"))
            topic = self.space.topics[int(chance.integers(TOPICS))]
            vector = self.space.unit(topic + self.space.noise(chance, 1, 1 - SHARES[0])[0])
        return Encoding(vector, tokens.astype(np.float32) / 127.0, offsets)


@dataclass(frozen=True, slots=True)
class Block:
    """The documents of a block before they are stored: each passage's sentences and where they lie.

    texts: per passage its sentences. middles: (passages, dim) what the sentences' vectors lie about, not unit rows.
    """

    topics: NDArray[np.int64]
    texts: list[list[str]]
    middles: Vectors


def block(number: int, space: Space, chains: Chains, documents: int = BLOCK) -> Block:
    """The same for the same number."""
    chance = np.random.default_rng([7, number])
    topics = chance.choice(TOPICS, documents, p=space.sizes)
    centres = space.topics[topics] + space.noise(chance, documents, SHARES[1])
    middles = np.repeat(centres, PASSAGES, axis=0) + space.noise(chance, documents * PASSAGES, SHARES[2])
    counts = [SENTENCES[at % len(SENTENCES)] for at in range(documents * PASSAGES)]
    chain = chains.chains(chance, sum(counts), LETTERS[1])
    lengths = chance.integers(*LETTERS, sum(counts))
    own = chains.words[np.repeat(np.repeat(topics, PASSAGES), counts), chance.integers(0, WORDS, sum(counts))]
    sentences = iter(
        [
            chains.text(word) + chains.text(row[: length - WORD - 1]) + "。"
            for word, row, length in zip(own, chain, lengths, strict=True)
        ]
    )
    return Block(topics, [[next(sentences) for _ in range(count)] for count in counts], middles)


def documents(number: int, made: Block, space: Space, standin: Standin, tokens: int) -> Iterator[tuple[Any, ...]]:
    """(document, text, rows) of each document of a block, ready for the catalogue."""
    chance = np.random.default_rng([8, number])
    sentences = sum(map(len, made.texts))
    counts = [len(own) for own in made.texts]
    vectors = iter(space.unit(np.repeat(made.middles, counts, axis=0) + space.noise(chance, sentences, SHARES[3])))
    wholes = space.unit(made.middles + space.noise(chance, len(made.texts), PASSAGE_NOISE))
    for at in range(len(made.topics)):
        title = f"第{number * BLOCK + at + 1}号{made.texts[at * PASSAGES][0][:8]}报告"
        own = slice(at * PASSAGES, (at + 1) * PASSAGES)
        yield _document(title, made.texts[own], wholes[own], vectors, standin, tokens)


def _document(
    title: str, texts: list[list[str]], wholes: Vectors, vectors: Iterator[Vectors], standin: Standin, tokens: int
) -> tuple[Document, str, list[PassageRow]]:
    heading = f"一、{texts[0][1][:10]}"
    text = "\n".join([title, heading, *("".join(own) for own in texts)])
    sha256 = hashlib.sha256(text.encode()).hexdigest()
    place = len(title) + len(heading) + 2
    rows = []
    above = ((TITLE, standin.tokens(title, tokens)[0]), (heading, standin.tokens(heading, tokens)[0]))
    for number, (own, whole) in enumerate(zip(texts, wholes, strict=True)):
        said = "".join(own)
        passage = Passage(
            f"{sha256[:ID_LENGTH]}-{number}", sha256[:ID_LENGTH], place, place + len(said), number + 3, None,
            (heading,), "", said,
        )  # fmt: skip
        starts = [place, *(place + end for end in accumulate(map(len, own)))]
        kept = []
        for sentence, start in zip(own, starts, strict=False):
            vector = next(vectors)
            found, offsets = standin.tokens(sentence, tokens)
            mark = int.from_bytes(hashlib.blake2b(matching_form(sentence).encode(), digest_size=8).digest(), "big")
            kept.append(SentenceRow(start, start + len(sentence), vector, found, offsets, mark - 2**63))
        rows.append(
            PassageRow(passage, " ".join(terms(f"{passage_prefix(title, passage)}\n{said}")), whole, tuple(kept), above)
        )
        place += len(said) + 1
    name = f"{sha256[:12]}.txt"
    about = (sha256[:ID_LENGTH], title, name, sha256, "text/plain", None, len(texts) + 2, len(text))
    return Document(*about, "2026-01-01T00:00:00.000+00:00", None, "2026年", None), text, rows


def make(
    folder: Path, passages: int, space: Space, chains: Chains, tokens: int, tell: Callable[[int], None] = lambda _: None
) -> None:
    """Stores what is still lacking of a library of so many passages; begins where it was broken off."""
    catalogue, standin = Catalogue(folder / "xietong.db"), Standin(space)
    wanted = passages // PASSAGES
    held = 0
    if catalogue.exists():
        with catalogue.read() as db:
            held = int(db.execute("SELECT count(*) FROM documents").fetchone()[0])
    if held >= wanted:
        return
    (folder / "files").mkdir(parents=True, exist_ok=True)
    for number in range(held // BLOCK, -(-wanted // BLOCK)):
        size = min(BLOCK, wanted - number * BLOCK)
        made = block(number, space, chains, size)
        with catalogue.write() as db:
            db.execute("PRAGMA cache_size = -1000000")
            for key, value in (("model", MODEL), ("revision", "1"), ("dimension", str(DIMENSION)), ("seeded", "1")):
                store.set_meta(db, key, value)
            for document, text, rows in documents(number, made, space, standin, tokens):
                (folder / "files" / document.sha256).write_bytes(text.encode())
                store.insert_document(db, document, text, rows)
        tell(number * BLOCK + size)
