"""The judge: does this sentence answer this question, and which of its characters do?

A small trained network (index/joint.py) over the token vectors of the embedding model that it was trained with;
with any other model there is no judge. Weights: one safetensors file. torch is imported when one is loaded.
"""

import json
import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from index.lately import Lately
from index.normalise import matching_form, simplified
from index.products import TOKEN_SCALE
from index.search import as_int8
from index.types import Embedder, Offsets, Role, Tokens

if TYPE_CHECKING:
    from index.joint import JointNetwork, Rows

LOG = logging.getLogger("xietong")
PAD, NULL, QUESTION, CONTEXT, SENTENCE = range(5)  # what a place of a row is
MAX_QUESTION, MAX_CONTEXT, MAX_SENTENCE = 64, 40, 224  # tokens that are read
CHARACTERS = 2039  # a prime: characters are told apart by the remainder of their code point
KEPT_CONTEXTS = 512  # titles with headings whose token vectors are kept between questions: 8 MB
THREADS = 1  # several questions share the cores
BATCH = 3  # sentences of like lengths that are read together: more are padded too far
EVEN = 0.5  # the probability that is told where there is nothing to read

Span = tuple[int, int]
Kept = tuple[Tokens, Offsets]


def _no_tokens() -> NDArray[np.float32]:
    return np.zeros(0, np.float32)


@dataclass(frozen=True, slots=True)
class Reading:
    """What the judge finds in one sentence.

    answers: the probability that it answers the question. starts, ends: (m,), the log-probabilities that the short
    answer begins, or ends, with each of the sentence's tokens (of a long one's, the first).
    """

    answers: float
    starts: NDArray[np.float32] = field(default_factory=_no_tokens, compare=False)
    ends: NDArray[np.float32] = field(default_factory=_no_tokens, compare=False)


@dataclass(frozen=True, slots=True)
class Text:
    """A text as the network reads it: `surface` in the form in which words are compared, the token vectors
    (n, dim) int8, their spans (n, 2), the surface of each, its first and last characters (n, 2)."""

    surface: str
    tokens: Tokens
    offsets: Offsets
    words: tuple[str, ...]
    characters: NDArray[np.int64]


NOTHING = Reading(EVEN)


def text_of(text: str, tokens: Tokens, offsets: Offsets, most: int) -> Text:
    """Its first `most` tokens. `offsets` count from the text's start; what stands before it (a header) is negative."""
    tokens, offsets = tokens[:most], offsets[:most]
    surface = simplified(text).lower()
    words = tuple(surface[max(a, 0) : max(b, 0)].strip() for a, b in offsets.tolist())
    ends = [(ord(w[0]) % CHARACTERS + 1, ord(w[-1]) % CHARACTERS + 1) if w else (0, 0) for w in words]
    return Text(surface, tokens, offsets, words, np.array(ends, np.int64).reshape(-1, 2))


def rows_of(texts: "Sequence[tuple[Text, Text | None, Text]]") -> "Rows":
    """The network's input for (question, context, sentence) each, padded to the longest."""
    import torch

    from index.joint import Rows

    parts = [_places(question, context, sentence) for question, context, sentence in texts]
    length = max(len(kinds) for kinds, _ in parts)
    dim = texts[0][0].tokens.shape[1]
    vectors = np.zeros((len(texts), length, dim), np.float32)
    kinds = np.zeros((len(texts), length), np.int64)
    positions = np.zeros((len(texts), length), np.int64)
    same = np.zeros((len(texts), length, 2), np.float32)
    characters = np.zeros((len(texts), length, 2), np.int64)
    for row, ((question, context, sentence), (of, at)) in enumerate(zip(texts, parts, strict=True)):
        kinds[row, : len(of)], positions[row, : len(of)] = of, at
        for kind, text in ((QUESTION, question), (CONTEXT, context), (SENTENCE, sentence)):
            if text is not None:
                here = np.flatnonzero(of == kind)
                vectors[row, here] = text.tokens / np.float32(TOKEN_SCALE)
                characters[row, here] = text.characters
                same[row, here, 0] = _stand_in(text.words, (sentence if kind == QUESTION else question).surface)
                if kind == QUESTION and context is not None:
                    same[row, here, 1] = _stand_in(text.words, context.surface)
    return Rows(*(torch.from_numpy(a) for a in (vectors, kinds, positions, same, characters)))


def _places(question: Text, context: Text | None, sentence: Text) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Kind and position of each place of a row: the null token, question, context, sentence."""
    above = len(context.tokens) if context else 0
    counts = ((NULL, 1), (QUESTION, len(question.tokens)), (CONTEXT, above), (SENTENCE, len(sentence.tokens)))
    kinds = np.concatenate([np.full(n, kind, np.int64) for kind, n in counts])
    positions = np.concatenate([np.arange(n) for _, n in counts])
    return kinds, positions


def _stand_in(words: Sequence[str], text: str) -> list[bool]:
    return [bool(word) and word in text for word in words]


def _tokens_before(question: Text, context: Text | None) -> int:
    return 1 + len(question.tokens) + (len(context.tokens) if context else 0)


def place_spans(question: Text, context: Text | None, sentence: Text, spans: Sequence[Span]) -> list[Span]:
    """The row's places (first, last) of the tokens of each span of characters; (0, 0) where it has none.

    Of a span that goes on behind the tokens that are read, those that are.
    """
    before = _tokens_before(question, context)
    found = []
    for start, end in spans:
        inside = np.flatnonzero((sentence.offsets[:, 0] < end) & (sentence.offsets[:, 1] > start))
        found.append((before + int(inside[0]), before + int(inside[-1])) if len(inside) else (0, 0))
    return found


class Judge:
    """Judges sentences for questions. Safe to use from several threads."""

    def __init__(self, network: "JointNetwork", embedder: Embedder, slope: float, shift: float) -> None:
        self._network = network
        self._embedder = embedder
        self._slope, self._shift = slope, shift  # of Platt's scaling
        self._contexts: Lately[str, Text] = Lately(KEPT_CONTEXTS)

    def read(
        self, question: str, sentences: Sequence[str], contexts: Sequence[str] = (), kept: Sequence[Kept | None] = ()
    ) -> list[Reading]:
        """A reading for each sentence. `contexts`: for each its document's title and headings, in one line.

        `kept`: a sentence's token vectors and their spans, where the catalogue has them; the rest is encoded.
        """
        import torch

        asked = self._encoded("query", [matching_form(question)], MAX_QUESTION)[0]
        given = list(zip(sentences, kept or [None] * len(sentences), strict=True))
        fresh = iter(self._encoded("passage", [s for s, k in given if k is None], MAX_SENTENCE))
        said = [text_of(s, *k, MAX_SENTENCE) if k else next(fresh) for s, k in given]
        above = self._above(contexts or [""] * len(sentences))
        found = [NOTHING] * len(said)
        there = [row for row, one in enumerate(said) if len(one.tokens) and len(asked.tokens)]
        there.sort(key=lambda row: _tokens_before(asked, above[row]) + len(said[row].tokens))
        torch.set_num_threads(THREADS)  # this thread's, from now on
        for some in (there[at : at + BATCH] for at in range(0, len(there), BATCH)):
            with torch.inference_mode():
                logits, logs = (t.numpy() for t in self._network(rows_of([(asked, above[r], said[r]) for r in some])))
            for at, row in enumerate(some):
                begin = _tokens_before(asked, above[row])
                own = logs[at, begin : begin + len(said[row].tokens)]
                answers = 1 / (1 + np.exp(-(self._slope * float(logits[at]) + self._shift)))
                found[row] = Reading(float(answers), own[:, 0], own[:, 1])
        return found

    def _encoded(self, role: Role, texts: list[str], most: int) -> list[Text]:
        encodings = self._embedder.encode(texts, role) if texts else []
        return [text_of(t, as_int8(e.tokens), e.offsets, most) for t, e in zip(texts, encodings, strict=True)]

    def _above(self, contexts: Sequence[str]) -> list[Text | None]:
        """Titles with headings, those met lately out of memory; None for an empty one."""
        found = {c: self._contexts.get(c) for c in contexts if c}
        new = [c for c, text in found.items() if text is None]
        for context, text in zip(new, self._encoded("passage", new, MAX_CONTEXT), strict=True):
            found[context] = text
            self._contexts.put(context, text)
        return [found.get(c) for c in contexts]


def load_judge(path: Path, embedder: Embedder) -> Judge | None:
    """The judge of a file; None where there is none, or where it was trained with another model than the embedder.

    None too where the file is damaged, which the log tells.
    """
    if not path.is_file():
        return None
    try:
        return _loaded(path, embedder)
    except Exception as error:  # whatever a file of any bytes brings about
        LOG.warning("%s: 判读权重读不出来,暂不使用 · the judge's weights cannot be read: %s", path, error)
        return None


def _loaded(path: Path, embedder: Embedder) -> Judge | None:
    from safetensors import safe_open

    with safe_open(path, "np") as file:
        settings: dict[str, Any] = json.loads(file.metadata()["judge"])
        if settings["base"] != f"{embedder.name} {embedder.revision}":
            return None
        from index.joint import JointNetwork, unpacked

        network = JointNetwork(**{name: settings[name] for name in ("dim", "width", "layers", "heads")})
        network.load_state_dict(unpacked({name: file.get_tensor(name) for name in file.keys()}))  # noqa: SIM118
    if not all(bool(weight.isfinite().all()) for weight in network.state_dict().values()):
        raise ValueError("a weight is not a finite number")
    network.requires_grad_(False).eval()
    return Judge(network, embedder, float(settings["slope"]), float(settings["shift"]))
