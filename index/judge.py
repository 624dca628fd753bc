"""The judge: does this sentence answer this question, and which of its characters do?

A small trained network (index/joint.py) over the token vectors of the embedding model that it was trained with;
with any other model there is no judge. Weights: one safetensors file, read at the first question.
"""

import json
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from index.normalise import matching_form, simplified
from index.search import TOKEN_SCALE, as_int8
from index.types import Embedder, Offsets, Role, Tokens

if TYPE_CHECKING:
    from index.joint import JointNetwork, Rows

LONGEST_SPAN = 40  # tokens of a short answer
NO_CHANCE = -30.0  # the log-probability of a span that is not among the sentence's tokens
CHARACTERS = 2039  # a prime: characters are told apart by the remainder of their code point
KEPT_TEXTS = 512  # texts whose token vectors are kept between questions

Span = tuple[int, int]
Kept = tuple[Tokens, Offsets]


@dataclass(frozen=True, slots=True)
class Reading:
    """What the judge finds in one sentence.

    answers: the probability that it answers the question. start, end: the likeliest short answer in characters
    from the sentence's start, -1, -1 where none is likelier; span_score: its log-probability.
    """

    answers: float
    start: int
    end: int
    span_score: float


@dataclass(frozen=True, slots=True)
class Text:
    """A text as the network reads it: `surface` in the form in which words are compared, the token vectors
    (n, dim) int8, their spans (n, 2), the surface of each, its first and last characters (n, 2)."""

    surface: str
    tokens: Tokens
    offsets: Offsets
    words: tuple[str, ...]
    characters: NDArray[np.int64]


def text_of(text: str, tokens: Tokens, offsets: Offsets) -> Text:
    """`offsets` count from the text's start; tokens of what stands before it (a table's header) are negative."""
    surface = simplified(text).lower()
    words = tuple(surface[max(a, 0) : max(b, 0)].strip() for a, b in offsets.tolist())
    ends = [(ord(w[0]) % CHARACTERS + 1, ord(w[-1]) % CHARACTERS + 1) if w else (0, 0) for w in words]
    return Text(surface, tokens, offsets, words, np.array(ends, np.int64).reshape(-1, 2))


def rows_of(texts: "Sequence[tuple[Text, Text | None, Text]]") -> "Rows":
    """The network's input for (question, context, sentence) each, padded to the longest."""
    import torch

    from index import joint

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
        for kind, text in ((joint.QUESTION, question), (joint.CONTEXT, context), (joint.SENTENCE, sentence)):
            if text is not None:
                here = np.flatnonzero(of == kind)
                vectors[row, here] = text.tokens[: len(here)] / np.float32(TOKEN_SCALE)
                characters[row, here] = text.characters[: len(here)]
                other = sentence if kind == joint.QUESTION else question
                same[row, here, 0] = _stand_in(text.words[: len(here)], other.surface)
                if kind == joint.QUESTION and context is not None:
                    same[row, here, 1] = _stand_in(text.words[: len(here)], context.surface)
    return joint.Rows(*(torch.from_numpy(a) for a in (vectors, kinds, positions, same, characters)))


def _places(question: Text, context: Text | None, sentence: Text) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Kind and position of each place of a row: the null token, question, context, sentence."""
    from index import joint

    counts = (
        (joint.NULL, 1),
        (joint.QUESTION, min(len(question.tokens), joint.MAX_QUESTION)),
        (joint.CONTEXT, min(len(context.tokens), joint.MAX_CONTEXT) if context else 0),
        (joint.SENTENCE, min(len(sentence.tokens), joint.MAX_SENTENCE)),
    )
    kinds = np.concatenate([np.full(n, kind, np.int64) for kind, n in counts])
    positions = np.concatenate([np.arange(n) for _, n in counts])
    return kinds, positions


def _stand_in(words: Sequence[str], text: str) -> list[bool]:
    return [bool(word) and word in text for word in words]


def _tokens_before(question: Text, context: Text | None) -> int:
    from index import joint

    above = min(len(context.tokens), joint.MAX_CONTEXT) if context else 0
    return 1 + min(len(question.tokens), joint.MAX_QUESTION) + above


def place_spans(question: Text, context: Text | None, sentence: Text, spans: Sequence[Span]) -> list[Span]:
    """The row's places (first, last) of the tokens of each span of characters; (0, 0) where it has none."""
    before = _tokens_before(question, context)
    found = []
    for start, end in spans:
        inside = np.flatnonzero((sentence.offsets[:, 0] < end) & (sentence.offsets[:, 1] > start))
        inside = inside[inside < _read_tokens(sentence)]
        found.append((before + int(inside[0]), before + int(inside[-1])) if len(inside) else (0, 0))
    return found


def _read_tokens(sentence: Text) -> int:
    from index import joint

    return min(len(sentence.tokens), joint.MAX_SENTENCE)


def best_span(logs: NDArray[np.float32]) -> tuple[int, int, float]:
    """(first, last, log-probability) of the likeliest span of a row, (0, 0, …) for none; logs: (n, 2)."""
    starts, ends = logs[:, 0], logs[:, 1]
    best = (0, 0, float(starts[0] + ends[0]))
    for first in np.argsort(-starts)[:LONGEST_SPAN]:
        if first == 0 or not np.isfinite(starts[first]):
            continue
        window = ends[first : first + LONGEST_SPAN]
        last = int(first) + int(window.argmax())
        score = float(starts[first] + ends[last])
        if score > best[2]:
            best = (int(first), last, score)
    return best


class Judge:
    """Judges sentences for questions. Safe to use from several threads; loads itself at the first question."""

    def __init__(self, path: Path, embedder: Embedder, settings: dict[str, Any]) -> None:
        self._path = path
        self._embedder = embedder
        self._settings = settings
        self._lock = Lock()
        self._network: JointNetwork | None = None
        self._texts: OrderedDict[tuple[str, str], Text] = OrderedDict()

    def warm(self) -> None:
        """Loads the network, so that the first question need not wait for it."""
        self._loaded()

    def read(
        self, question: str, sentences: Sequence[str], contexts: Sequence[str] = (), kept: Sequence[Kept | None] = ()
    ) -> list[Reading]:
        """A reading for each sentence. `contexts`: for each its document's title and headings, in one line.

        `kept`: a sentence's token vectors and their spans, where the catalogue has them; the rest is encoded.
        """
        return [reading for reading, _ in self.read_spans(question, sentences, [()] * len(sentences), contexts, kept)]

    def span_scores(
        self, question: str, sentences: Sequence[str], spans: Sequence[Sequence[Span]], contexts: Sequence[str] = ()
    ) -> list[list[float]]:
        """For each sentence the log-probability of each given span of it."""
        return [scores for _, scores in self.read_spans(question, sentences, spans, contexts)]

    def read_spans(
        self,
        question: str,
        sentences: Sequence[str],
        spans: Sequence[Sequence[Span]],
        contexts: Sequence[str] = (),
        kept: Sequence[Kept | None] = (),
    ) -> list[tuple[Reading, list[float]]]:
        """`read` and `span_scores` in one pass."""
        import torch

        if not sentences:
            return []
        network = self._loaded()
        asked = self._encoded("query", [matching_form(question)])[0]
        given = kept or [None] * len(sentences)
        new = iter(self._encoded("passage", [s for s, k in zip(sentences, given, strict=True) if k is None]))
        said = [next(new) if k is None else text_of(s, *k) for s, k in zip(sentences, given, strict=True)]
        titles = iter(self._encoded("passage", [c for c in contexts if c]))
        above = [next(titles) if c else None for c in contexts or [""] * len(sentences)]
        rows = rows_of([(asked, c, s) for c, s in zip(above, said, strict=True)])
        with torch.inference_mode():
            logits, logs = (t.numpy() for t in network(rows))
        found = []
        for row, (context, sentence) in enumerate(zip(above, said, strict=True)):
            reading = self._reading(float(logits[row]), logs[row], asked, context, sentence)
            places = place_spans(asked, context, sentence, spans[row])
            found.append((reading, [_log(logs[row], first, last) for first, last in places]))
        return found

    def _reading(
        self, logit: float, logs: NDArray[np.float32], question: Text, context: Text | None, sentence: Text
    ) -> Reading:
        answers = 1 / (1 + np.exp(-(self._settings["slope"] * logit + self._settings["shift"])))
        first, last, score = best_span(logs)
        if first == 0:
            return Reading(float(answers), -1, -1, score)
        before = _tokens_before(question, context)
        start, end = sentence.offsets[first - before, 0], sentence.offsets[last - before, 1]
        return Reading(float(answers), max(0, int(start)), max(0, int(end)), score)

    def _encoded(self, role: Role, texts: Sequence[str]) -> list[Text]:
        """The texts as the network reads them, those met lately out of memory."""
        with self._lock:
            known = {t: self._texts.pop((role, t)) for t in dict.fromkeys(texts) if (role, t) in self._texts}
        missing = [t for t in dict.fromkeys(texts) if t not in known]
        for text, encoding in zip(missing, self._embedder.encode(missing, role) if missing else [], strict=True):
            known[text] = text_of(text, as_int8(encoding.tokens), encoding.offsets)
        with self._lock:
            self._texts.update(((role, t), text) for t, text in known.items())
            while len(self._texts) > KEPT_TEXTS:
                self._texts.popitem(last=False)
        return [known[t] for t in texts]

    def _loaded(self) -> "JointNetwork":
        with self._lock:
            if self._network is None:
                self._network = _network(self._path, self._settings)
            return self._network


def _log(logs: NDArray[np.float32], first: int, last: int) -> float:
    return float(max(NO_CHANCE, logs[first, 0] + logs[last, 1])) if first else NO_CHANCE


def _network(path: Path, settings: dict[str, Any]) -> "JointNetwork":
    from safetensors.numpy import load_file

    from index.joint import JointNetwork, unpacked

    network = JointNetwork(**{name: settings[name] for name in ("dim", "width", "layers", "heads")})
    network.load_state_dict(unpacked(load_file(path)))
    network.requires_grad_(False).eval()
    return network


def load_judge(path: Path, embedder: Embedder) -> Judge | None:
    """The judge of a file; None where there is none, or where it was trained with another model than the embedder."""
    settings = _settings(path)
    if settings is None or settings.get("base") != f"{embedder.name} {embedder.revision}":
        return None
    return Judge(path, embedder, settings)


def _settings(path: Path) -> dict[str, Any] | None:
    """What the file says of its network; None where there is no such file."""
    if not path.is_file():
        return None
    with path.open("rb") as file:
        size = int.from_bytes(file.read(8), "little")
        header = json.loads(file.read(size))
    found: dict[str, Any] = json.loads(header["__metadata__"]["judge"])
    return found
