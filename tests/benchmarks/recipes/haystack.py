"""Haystack: RecursiveDocumentSplitter, the SentenceTransformers embedders, the in-memory document store."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.benchmarks.recipes.types import CHUNK, OVERLAP, PASSAGE_PROMPT, QUERY_PROMPT, Found, Reply
from tests.benchmarks.timing import Stages, Turns

STORE = "store.json"
SEPARATORS = ["\n\n", "\n", "。", " "]  # the default's "sentence" needs a download and knows no Chinese


class Haystack:
    """Components called in turn, without a pipeline around them; the store is kept by its save_to_disk."""

    def __init__(self, folder: Path, model: Path) -> None:
        self._folder, self._path = folder, str(model)
        self._turns = Turns()

    def load(self) -> None:
        from haystack.components.preprocessors import RecursiveDocumentSplitter
        from haystack.utils import ComponentDevice
        from haystack_integrations.components.embedders.sentence_transformers import (
            SentenceTransformersDocumentEmbedder,
            SentenceTransformersTextEmbedder,
        )

        device = ComponentDevice.from_str("cpu")
        self._splitter = RecursiveDocumentSplitter(
            split_length=CHUNK, split_overlap=OVERLAP, split_unit="char", separators=SEPARATORS
        )
        self._passages: Any = SentenceTransformersDocumentEmbedder(
            model=self._path, device=device, prefix=PASSAGE_PROMPT, normalize_embeddings=True, progress_bar=False
        )
        self._queries: Any = SentenceTransformersTextEmbedder(
            model=self._path, device=device, prefix=QUERY_PROMPT, normalize_embeddings=True, progress_bar=False
        )
        for component in (self._splitter, self._passages, self._queries):
            component.warm_up()

    def build(self, documents: Sequence[Path]) -> list[str]:
        from haystack.document_stores.in_memory import InMemoryDocumentStore

        self._keep(InMemoryDocumentStore(embedding_similarity_function="dot_product"))
        chunks = self._chunks(documents)
        self._write(self._passages.run(chunks)["documents"])
        return [chunk.content for chunk in chunks]

    def open(self) -> None:
        from haystack.document_stores.in_memory import InMemoryDocumentStore

        self._keep(InMemoryDocumentStore.load_from_disk(str(self._folder / STORE)))

    def find(self, question: str, k: int) -> Reply:
        stages = Stages()
        with self._turns.model, stages("embed"):
            vector = self._queries.run(question)["embedding"]
        with self._turns.store, stages("search"):
            hits = self._retriever.run(query_embedding=vector, top_k=k)["documents"]
        return Reply(tuple(Found(hit.meta["file_name"], hit.content) for hit in hits), stages.milliseconds)

    def add(self, document: Path) -> None:
        chunks = self._chunks([document])
        with self._turns.model:
            embedded = self._passages.run(chunks)["documents"]
        with self._turns.store:
            self._write(embedded)

    def _keep(self, store: Any) -> None:
        from haystack.components.retrievers.in_memory import InMemoryEmbeddingRetriever

        self._store, self._retriever = store, InMemoryEmbeddingRetriever(store)

    def _write(self, chunks: list[Any]) -> None:
        self._store.write_documents(chunks)
        self._store.save_to_disk(str(self._folder / STORE))

    def _chunks(self, documents: Sequence[Path]) -> list[Any]:
        from haystack import Document

        given = [Document(content=path.read_text("utf-8"), meta={"file_name": path.name}) for path in documents]
        return list(self._splitter.run(given)["documents"])
