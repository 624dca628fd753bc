"""Token vectors of many texts, kept on disk as the catalogue keeps them: made once, resumed where they stopped."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from index.search import as_int8
from index.types import Embedder

Role = Literal["query", "passage"]
SHARD = 2000  # texts in one file


@dataclass(frozen=True, slots=True)
class Kept:
    """A text's token vectors, (n, dim) int8 (×127), and the tokens' spans, (n, 2)."""

    tokens: NDArray[np.int8]
    offsets: NDArray[np.int32]


def _key(role: Role, text: str) -> bytes:
    return hashlib.blake2b(f"{role}\0{text}".encode(), digest_size=16).digest()


class Store:
    """Texts to their token vectors. `fill` encodes what is missing; `get` reads."""

    def __init__(self, folder: Path, embedder: Embedder | None) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._embedder = embedder
        self._found: dict[bytes, Kept] = {}
        for path in sorted(folder.glob("*.npz")):
            self._load(path)

    def _load(self, path: Path) -> None:
        with np.load(path) as parts:
            ends = np.cumsum(parts["counts"])
            tokens, offsets = parts["tokens"], parts["offsets"]
            for key, start, end in zip(parts["keys"], ends - parts["counts"], ends, strict=True):
                self._found[key.tobytes()] = Kept(tokens[start:end], offsets[start:end])

    def get(self, role: Role, text: str) -> Kept:
        return self._found[_key(role, text)]

    def has(self, role: Role, text: str) -> bool:
        return _key(role, text) in self._found

    def fill(self, role: Role, texts: Iterable[str]) -> None:
        """Encodes the texts that are not there yet, a shard at a time."""
        missing = [t for t in dict.fromkeys(texts) if not self.has(role, t)]
        for at in range(0, len(missing), SHARD):
            self._encode(role, missing[at : at + SHARD])
            print(f"encoded {min(at + SHARD, len(missing))} of {len(missing)} ({role})", flush=True)  # noqa: T201

    def _encode(self, role: Role, texts: Sequence[str]) -> None:
        if self._embedder is None:
            raise ValueError("texts are missing and there is no model to encode them")
        found = self._embedder.encode(list(texts), role)
        keys = np.stack([np.frombuffer(_key(role, text), np.uint8) for text in texts])
        tokens = np.concatenate([as_int8(e.tokens) for e in found])
        offsets = np.concatenate([e.offsets for e in found])
        counts = np.array([len(e.tokens) for e in found])
        path = self._folder / f"{hashlib.blake2b(keys.tobytes(), digest_size=8).hexdigest()}.npz"
        partial = path.with_suffix(".part")
        with partial.open("wb") as file:
            np.savez(file, keys=keys, tokens=tokens, offsets=offsets, counts=counts)
        partial.rename(path)
        self._load(path)
