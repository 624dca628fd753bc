"""The floor: the model alone and FAISS alone, with nothing around them but a list of the chunks."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.benchmarks.recipes.types import CHUNK, OVERLAP, Found, Reply
from tests.benchmarks.timing import Stages, Turns

INDEX, CHUNKS = "index.faiss", "chunks.json"


def chunks_of(documents: Sequence[Path]) -> list[Found]:
    """Documents cut by LangChain's splitter, as most guides do: chunks of CHUNK characters."""
    from langchain_text_splitters import RecursiveCharacterTextSplitter

    splitter = RecursiveCharacterTextSplitter(chunk_size=CHUNK, chunk_overlap=OVERLAP)
    return [Found(path.name, piece) for path in documents for piece in splitter.split_text(path.read_text("utf-8"))]


class Floor:
    """SentenceTransformer.encode, a flat FAISS index, and a file of the chunks."""

    def __init__(self, folder: Path, model: Path) -> None:
        self._folder, self._path = folder, model
        self._turns = Turns()
        self._chunks: list[Found] = []

    def load(self) -> None:
        import faiss
        from sentence_transformers import SentenceTransformer

        self._faiss: Any = faiss
        self._model: Any = SentenceTransformer(str(self._path), device="cpu", local_files_only=True)

    def build(self, documents: Sequence[Path]) -> list[str]:
        self._index = self._faiss.IndexFlatIP(self._model.get_embedding_dimension())
        self._extend(documents)
        return [chunk.text for chunk in self._chunks]

    def open(self) -> None:
        self._index = self._faiss.read_index(str(self._folder / INDEX))
        self._chunks = [Found(*row) for row in json.loads((self._folder / CHUNKS).read_text("utf-8"))]

    def find(self, question: str, k: int) -> Reply:
        stages = Stages()
        with self._turns.model, stages("embed"):
            vector = self._model.encode([question], prompt_name="query", normalize_embeddings=True)
        with self._turns.store, stages("search"):
            _, rows = self._index.search(vector, k)
            found = tuple(self._chunks[row] for row in rows[0] if row >= 0)
        return Reply(found, stages.milliseconds)

    def add(self, document: Path) -> None:
        self._extend([document])

    def _extend(self, documents: Sequence[Path]) -> None:
        chunks = chunks_of(documents)
        with self._turns.model:
            vectors = self._model.encode(
                [chunk.text for chunk in chunks], prompt_name="passage", normalize_embeddings=True
            )
        with self._turns.store:
            self._index.add(vectors)
            self._chunks += chunks
            self._faiss.write_index(self._index, str(self._folder / INDEX))
            rows = [(chunk.file_name, chunk.text) for chunk in self._chunks]
            (self._folder / CHUNKS).write_text(json.dumps(rows, ensure_ascii=False), "utf-8")
