"""The judge: does this sentence answer this question, and which of its characters do?

A small trained network (index/joint.py) over the token vectors of the embedding model that it was trained with;
with any other model there is no judge. Weights: one safetensors file. torch is imported when one is loaded.
"""

import json
import logging
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from index.lately import Lately
from index.normalise import matching_form, simplified
from index.search import as_int8
from index.threads import BESIDE
from index.types import Embedder, Offsets, Passage, Role, Tokens

if TYPE_CHECKING:
    from torch import Tensor

LOG = logging.getLogger("xietong")
PAD, NULL, QUESTION, CONTEXT, SENTENCE = range(5)  # what a token belongs to; PAD where networks are trained
MAX_QUESTION, MAX_CONTEXT, MAX_SENTENCE = 64, 40, 224  # tokens that are read
CHARACTERS = 2039  # a prime: characters are told apart by the remainder of their code point
KEPT_CONTEXTS = 2048  # titles with headings whose token vectors are kept between questions: 16 to 32 MB
THREADS = 1  # of one reading: two are read side by side, and several questions share the cores
EVEN = 0.5  # the probability that is told where there is nothing to read

Kept = tuple[Tokens, Offsets]
Network = Callable[["Text", "Text | None", "Text"], "tuple[Tensor, Tensor]"]  # see index/joint.py


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


def _longest(most: int, dim: int) -> Text:
    """As many tokens as are read, which says of weights of whatever shapes that they can be read with."""
    spans = np.zeros((most, 2), np.int32)
    return Text("", np.zeros((most, dim), np.int8), spans, ("",) * most, np.full((most, 2), CHARACTERS))


class Judge:
    """Judges sentences for questions. Safe to use from several threads.

    spare: whether a core is free, so that two sentences may be read side by side. line: what is kept of the title and
    headings above a passage, in one line.
    """

    def __init__(
        self,
        network: Network,
        embedder: Embedder,
        slope: float,
        shift: float,
        spare: Callable[[], bool] = lambda: True,
        line: Callable[[Passage], Kept | None] = lambda _: None,
    ) -> None:
        self._spare, self._line = spare, line
        self._network = network
        self._embedder = embedder
        self._slope, self._shift = slope, shift  # of Platt's scaling
        self._contexts: Lately[str, Text] = Lately(KEPT_CONTEXTS)

    def read(
        self,
        question: str,
        sentences: Sequence[str],
        contexts: Sequence[str] = (),
        kept: Sequence[Kept | None] = (),
        passages: Sequence[Passage] = (),
    ) -> list[Reading]:
        """A reading for each sentence. `contexts`: for each its document's title and headings, in one line.

        kept: the token vectors of each and their spans, where the catalogue has them; passages: of each its own, under
        which it has the context. The rest is encoded.
        """
        asked = self._encoded("query", [matching_form(question)], MAX_QUESTION)[0]
        given = list(zip(sentences, kept or [None] * len(sentences), strict=True))
        fresh = iter(self._encoded("passage", [s for s, k in given if k is None], MAX_SENTENCE))
        said = [text_of(s, *k, MAX_SENTENCE) if k else next(fresh) for s, k in given]
        above = self._above(contexts or [""] * len(sentences), passages)
        rows = list(zip(above, said, strict=True))
        alone = 1 if self._spare() else len(rows)
        beside = [BESIDE.submit(self._reading, asked, *row) for row in rows[alone:]]
        return [*(self._reading(asked, *row) for row in rows[:alone]), *(reading.result() for reading in beside)]

    def _reading(self, asked: Text, above: Text | None, said: Text) -> Reading:
        import torch

        if not len(asked.tokens) or not len(said.tokens):
            return NOTHING
        torch.set_num_threads(THREADS)  # this thread's, from now on
        with torch.inference_mode():
            logit, logs = (found.numpy() for found in self._network(asked, above, said))
        odds = self._slope * float(logit[0]) + self._shift
        return Reading((1 + math.tanh(odds / 2)) / 2, logs[:, 0], logs[:, 1])

    def _encoded(self, role: Role, texts: list[str], most: int) -> list[Text]:
        encodings = self._embedder.encode(texts, role) if texts else []
        return [text_of(t, as_int8(e.tokens), e.offsets, most) for t, e in zip(texts, encodings, strict=True)]

    def _above(self, contexts: Sequence[str], passages: Sequence[Passage]) -> list[Text | None]:
        """Titles with headings, those met lately out of memory; None for an empty one."""
        below = dict(zip(contexts, passages, strict=False))

        def read(new: list[str]) -> dict[str, Text]:
            kept = {context: own for context in new if context in below and (own := self._line(below[context]))}
            fresh = [context for context in new if context not in kept]
            found = {context: text_of(context, *own, MAX_CONTEXT) for context, own in kept.items()}
            return found | dict(zip(fresh, self._encoded("passage", fresh, MAX_CONTEXT), strict=True))

        found = self._contexts.among(filter(None, contexts), read)
        return [found.get(c) for c in contexts]


def load_judge(
    path: Path,
    embedder: Embedder,
    spare: Callable[[], bool] = lambda: True,
    line: Callable[[Passage], Kept | None] = lambda _: None,
) -> Judge | None:
    """The judge of a file; None where there is none, or where it was trained with another model than the embedder.

    None too where the file is damaged, which the log tells. spare, line: see Judge.
    """
    if not path.is_file():
        return None
    try:
        return _loaded(path, embedder, spare, line)
    except Exception as error:  # whatever a file of any bytes brings about
        LOG.warning("%s: 判读权重读不出来,暂不使用 · the judge's weights cannot be read: %s", path, error)
        return None


def _loaded(
    path: Path, embedder: Embedder, spare: Callable[[], bool], line: Callable[[Passage], Kept | None]
) -> Judge | None:
    from safetensors import safe_open

    with safe_open(path, "np") as file:
        settings: dict[str, Any] = json.loads(file.metadata()["judge"])
        if settings["base"] != f"{embedder.name} {embedder.revision}":
            return None
        weights = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    from index.joint import JointNetwork, row_of, unpacked
    from index.layers import scripted

    state = unpacked(weights)
    if not all(bool(weight.isfinite().all()) for weight in state.values()):
        raise ValueError("a weight is not a finite number")
    network = scripted(JointNetwork(state, settings["layers"], settings["heads"]))

    def read(question: Text, context: Text | None, sentence: Text) -> "tuple[Tensor, Tensor]":
        found: tuple[Tensor, Tensor] = network(*row_of(question, context, sentence))
        return found

    read(*(_longest(most, len(state["mean"])) for most in (MAX_QUESTION, MAX_CONTEXT, MAX_SENTENCE)))
    return Judge(read, embedder, float(settings["slope"]), float(settings["shift"]), spare, line)
