"""txtai: Embeddings with content, over chunks that LangChain's splitter makes (its own needs a download)."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.benchmarks.recipes.floor import chunks_of
from tests.benchmarks.recipes.types import Found, Reply
from tests.benchmarks.timing import Stages, Turns

MARK = "#"  # between a chunk's file and its number in it, in its id


class Txtai:
    """The guide's recipe. The model's own prompts are used: txtai reads them from its folder."""

    def __init__(self, folder: Path, model: Path) -> None:
        self._folder, self._path = folder, model
        self._turns = Turns()

    def load(self) -> None:
        from txtai import Embeddings

        self._embeddings: Any = Embeddings(path=str(self._path), content=True, gpu=False)

    def build(self, documents: Sequence[Path]) -> list[str]:
        rows = self._rows(documents)
        self._embeddings.index(rows)
        self._embeddings.save(str(self._folder))
        return [text for _, text, _ in rows]

    def open(self) -> None:
        self._embeddings.load(str(self._folder))

    def find(self, question: str, k: int) -> Reply:
        stages = Stages()
        with self._turns.store, stages("total"):
            hits = self._embeddings.search(question, k)
        return Reply(tuple(Found(hit["id"].rpartition(MARK)[0], hit["text"]) for hit in hits), stages.milliseconds)

    def add(self, document: Path) -> None:
        rows = self._rows([document])
        with self._turns.store:
            self._embeddings.upsert(rows)
            self._embeddings.save(str(self._folder))

    def _rows(self, documents: Sequence[Path]) -> list[tuple[str, str, None]]:
        chunks = chunks_of(documents)
        return [(f"{chunk.file_name}{MARK}{number}", chunk.text, None) for number, chunk in enumerate(chunks)]
