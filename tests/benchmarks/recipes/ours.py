"""Ours: the library and the assistant as the pages use them; a question gets a whole cited answer."""

import os
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from assistant import Assistant, Settings, build
from index import Embedder, Encoding, Library, model_name, settle_threads
from tests.benchmarks.recipes.types import Found, Reply

ROOT = Path(__file__).resolve().parents[3]


class Recorder:
    """An embedder that keeps what it was given, so that the same can be embedded alone."""

    def __init__(self, embedder: Embedder) -> None:
        self.embedder = embedder
        self.given: list[list[str]] = []
        self.name, self.revision = embedder.name, embedder.revision
        self.dimension, self.max_tokens = embedder.dimension, embedder.max_tokens

    def encode(self, texts: list[str], role: Any, progress: Callable[[int], None] | None = None) -> list[Encoding]:
        self.given.append(texts)
        return self.embedder.encode(texts, role, progress)

    def count_tokens(self, text: str) -> int:
        return self.embedder.count_tokens(text)


class Ours:
    """`model` is not looked at: the program brings its own, the same."""

    def __init__(self, folder: Path, model: Path) -> None:
        settle_threads(os.environ)  # as the program's commands do
        none = folder / "no sources"
        settings = replace(Settings.load(ROOT, {}), data=folder, sources=none)
        self._folder = folder
        self._assistant: Assistant = build(settings)

    def load(self) -> None:
        self._assistant.library.embedder()

    def build(self, documents: Sequence[Path]) -> list[str]:
        recorder = Recorder(self._assistant.library.embedder())
        library = Library(self._folder, model_name("bundled"), lambda: recorder)
        for outcome in library.add_all(documents):
            if outcome.status == "refused":
                raise SystemExit(str(outcome.reason))
        return [text for texts in recorder.given for text in texts]

    def open(self) -> None:
        self._assistant.start()  # as the server does
        self._assistant.wait_ready()

    def find(self, question: str, k: int) -> Reply:
        answer = self._assistant.ask(question)
        found = tuple(Found(one.file_name, one.text) for one in answer.retrieved[:k])
        return Reply(found, asdict(answer.timings_ms))

    def add(self, document: Path) -> None:
        outcome = self._assistant.library.add(document)
        if outcome.status != "added":
            raise RuntimeError(f"{document}: {outcome.status} {outcome.reason}")

    def texts(self) -> dict[str, str]:
        """The text of each document by its file name, as it was read."""
        library = self._assistant.library
        return {document.file_name: library.text(document.id) for document in library.documents()}
