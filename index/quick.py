"""The bundled model without SentenceTransformer, for a machine without an accelerator: see index/encoder.py.

Nothing of sentence_transformers is imported, which takes longer than all else that a first answer needs.
"""

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor

import numpy as np

from index.bundled import Packed, build_tokenizer
from index.encoder import Encoder, available_threads
from index.tokens import Cutter, Tokenized, batches, encoding, unit_rows, valid
from index.turns import Turns
from index.types import Encoding, Role

SHORT_PASS = 128  # tokens; a question may wait for one so short, of headings: it goes with the queries
PASS_THREADS = 1  # passes side by side, each on its own thread, wait for nobody: the layers' products are small
ROLES: tuple[Role, ...] = ("query", "passage")
# What the model reads when it is built: words, figures and marks of official papers, so that each channel is moved.
SAMPLE = (
    "2023年,全市地区生产总值1.67万亿元,比上年增长4.3%,其中第三产业增加值10486亿元。",
    "(一)加快建设综合交通运输体系,推动生态环境联防联控联治;二是深化改革开放,提升公共服务水平。",
    "哪个部门负责?什么时候完成?",
    "The port handled 22.19 million TEU in 2023, an increase of 5.5%.",
    "单位 | 预算数(万元) | 决算数 | 备注",
)


class QuickEmbedder:
    """An Embedder on the bundled model: mean of the last layer's states, and the states as token vectors.

    Safe to use from several threads: passes take turns, as many at a time as PyTorch has threads, and a long one
    gives way to queries before each layer.
    """

    def __init__(self, packed: Packed, name: str, revision: str, prompts: Mapping[str, str]) -> None:
        self.name = name
        self.revision = revision
        self.dimension = packed.config.hidden_size
        self.max_tokens = packed.config.max_position_embeddings
        self._prompts = prompts
        self._cutter = Cutter(build_tokenizer(packed), self.max_tokens)
        sample = [one.ids for role in ROLES for one in self._cutter.cut(SAMPLE, prompts[role])]
        self._model = Encoder(packed, sample)
        self.threads = available_threads()
        self._turns = Turns(self.threads)
        self._beside = ThreadPoolExecutor(self.threads, "encoding")

    def count_tokens(self, text: str) -> int:
        """Length of a text in the model's tokens, special tokens and prefix included, not truncated."""
        return self._cutter.count(self._prompts["passage"] + valid(text))

    def encode(self, texts: list[str], role: Role, progress: Callable[[int], None] | None = None) -> list[Encoding]:
        """Encodings in the order of the texts; `progress` is told how many texts are done so far."""
        tokens = self._cutter.cut([valid(text) for text in texts], self._prompts[role])
        encodings: dict[int, Encoding] = {}
        for batch, found in self._passes(tokens, role):
            encodings.update(zip(batch, found, strict=True))
            if progress:
                progress(len(encodings))
        return [encodings[i] for i in range(len(texts))]

    def _passes(self, tokens: list[Tokenized], role: Role) -> Iterator[tuple[list[int], list[Encoding]]]:
        """Batches of texts, by index, with their encodings; as many are on the way as can be at work."""
        begun: deque[tuple[list[int], Future[list[Encoding]]]] = deque()
        for batch in batches([one.count for one in tokens], padded=False):
            texts = [tokens[i] for i in batch]
            if role == "query":
                yield batch, self._pass(texts, role)
                continue
            begun.append((batch, self._beside.submit(self._pass, texts, role)))
            if len(begun) == self.threads:
                batch, found = begun.popleft()
                yield batch, found.result()
        for batch, found in begun:
            yield batch, found.result()

    def _pass(self, tokens: list[Tokenized], role: Role) -> list[Encoding]:
        import torch

        ids = [one.ids for one in tokens]
        soon = role == "query" or sum(map(len, ids)) <= SHORT_PASS
        with self._turns.take("query" if soon else "passage"), torch.inference_mode():
            torch.set_num_threads(PASS_THREADS)  # this thread's, from now on
            between = None if soon else self._turns.give_way
            states = [one.numpy() for one in self._model.states(ids, between)]
        vectors = unit_rows(np.stack([one.mean(axis=0) for one in states]))
        return [encoding(*each) for each in zip(vectors, states, tokens, strict=True)]
