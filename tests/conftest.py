"""What tests share: an embedder with meaning, libraries over it; the real model and the bundled report, each once."""

import hashlib
import os
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import cache
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pytest

from assistant import Assistant, Settings
from assistant.settings import TABLE
from index import Embedder, Encoding, Library, load_embedder, matching_form, model_name
from index.types import Vectors
from tests.milvus_standalone import Standalone

ROOT = Path(__file__).parents[1]
REPORT = ROOT / "source_docs" / "report.txt"


@cache
def _direction(feature: str, dimension: int) -> Vectors:
    """A feature's own direction: nearly at right angles to that of any other."""
    seed = int.from_bytes(hashlib.blake2b(feature.encode(), digest_size=8).digest(), "big")
    direction = np.random.default_rng(seed).standard_normal(dimension)
    return (direction / np.linalg.norm(direction)).astype(np.float32)


def _unit(vector: Vectors) -> Vectors:
    length = float(np.linalg.norm(vector))
    return vector / length if length else vector


class BigramEmbedder:
    """An embedder whose cosine grows with the share of character bigrams that two texts have in common.

    A token is a character that is not blank; its vector mixes the character and the bigram that begins with
    it. A text's vector is the mean of its tokens'. `encoded` holds every text that was ever encoded.
    """

    def __init__(self, name: str = "bigrams", revision: str = "1", dimension: int = 64, max_tokens: int = 512) -> None:
        self.name = name
        self.revision = revision
        self.dimension = dimension
        self.max_tokens = max_tokens
        self.encoded: list[str] = []

    def encode(
        self, texts: list[str], role: Literal["query", "passage"], progress: Callable[[int], None] | None = None
    ) -> list[Encoding]:
        found = []
        for done, text in enumerate(texts, 1):
            self.encoded.append(text)
            found.append(self._encode(text))
            if progress:
                progress(done)
        return found

    def count_tokens(self, text: str) -> int:
        return len(text) + 2

    def _encode(self, text: str) -> Encoding:
        places = [at for at, character in enumerate(text) if not character.isspace()][: self.max_tokens]
        forms = [matching_form(text[at]) for at in places]
        rows = [
            _unit(_direction(form, self.dimension) + _direction(form + after, self.dimension))
            for form, after in zip(forms, [*forms[1:], ""], strict=True)
        ]
        tokens = np.array(rows, np.float32).reshape(-1, self.dimension)
        whole = tokens.mean(axis=0) if len(tokens) else _direction("nothing", self.dimension)
        offsets = np.array([(at, at + 1) for at in places], np.int32).reshape(-1, 2)
        return Encoding(_unit(whole), tokens, offsets)


@pytest.fixture(autouse=True)
def default_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No test sees the settings of the machine it runs on, nor writes into the checkout's data folder."""
    for name, default, _, _ in TABLE:
        monkeypatch.setenv(name, default)
    monkeypatch.setenv("XIETONG_DATA", str(tmp_path / "data"))


@pytest.fixture
def make_embedder() -> type[BigramEmbedder]:
    return BigramEmbedder


@pytest.fixture
def embedder() -> BigramEmbedder:
    return BigramEmbedder()


@pytest.fixture
def make_library(tmp_path: Path, embedder: BigramEmbedder) -> Callable[..., Library]:
    """A library on one data folder, a further object at each call; `by` embeds instead of the shared embedder."""

    def make(by: Embedder = embedder, folder: Path = tmp_path / "data", **bounds: Any) -> Library:
        return Library(folder, by.name, lambda: by, **bounds)

    return make


@pytest.fixture
def library(make_library: Callable[..., Library]) -> Library:
    return make_library()


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """Writes a file below a folder of its own and returns its path."""

    def put(name: str, content: str | bytes) -> Path:
        path = tmp_path / "given" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return put


@pytest.fixture
def found_in() -> Callable[[Library, str], list[str]]:
    """The texts of the passages that a library finds, best first."""
    return lambda library, query: [hit.passage.text for hit in library.search(query).hits]


@pytest.fixture(scope="session")
def report() -> str:
    """The bundled report's text, as its file has it."""
    return REPORT.read_bytes().decode("utf-8")


@pytest.fixture(scope="session")
def model() -> Embedder:
    """The bundled model, loaded once."""
    return load_embedder("bundled")


@pytest.fixture(scope="session")
def report_library(model: Embedder, tmp_path_factory: pytest.TempPathFactory) -> Library:
    """The bundled report, embedded with the bundled model. Tests leave it as they found it."""
    library = Library(tmp_path_factory.mktemp("report") / "data", model_name("bundled"), lambda: model)
    library.seed(REPORT.parent)
    return library


@pytest.fixture(scope="session")
def report_assistant(report_library: Library) -> Assistant:
    settings = Settings.load(ROOT, {name: default for name, default, _, _ in TABLE})
    return Assistant(report_library, settings.sources, settings.max_question_chars, settings.min_confidence)


@pytest.fixture(scope="session")
def milvus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Standalone]:
    """A real Milvus on loopback, started once. Skipped only where its package is not installed, and never in CI."""
    if not os.environ.get("CI"):
        for package in ("milvus", "pymilvus"):
            pytest.importorskip(package, reason=f"needs {package}: pip install -e '.[dev]' (Linux, x86-64)")
    with closing(Standalone(tmp_path_factory.mktemp("milvus"))) as standalone:
        standalone.start()
        yield standalone
