"""LangChain: RecursiveCharacterTextSplitter, HuggingFaceEmbeddings, the FAISS vector store."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.benchmarks.recipes.types import CHUNK, OVERLAP, Found, Reply
from tests.benchmarks.timing import Stages, Turns


class LangChain:
    """The guide's recipe; the store's turn is its whole change, with the save that makes it last."""

    def __init__(self, folder: Path, model: Path) -> None:
        self._folder, self._path = folder, model
        self._turns = Turns()

    def load(self) -> None:
        from langchain_community.vectorstores import FAISS
        from langchain_huggingface import HuggingFaceEmbeddings
        from langchain_text_splitters import RecursiveCharacterTextSplitter

        self._splitter = RecursiveCharacterTextSplitter(chunk_size=CHUNK, chunk_overlap=OVERLAP)
        self._faiss: Any = FAISS
        self._model: Any = HuggingFaceEmbeddings(
            model_name=str(self._path),
            model_kwargs={"device": "cpu"},
            encode_kwargs={"normalize_embeddings": True, "prompt_name": "passage"},
            query_encode_kwargs={"normalize_embeddings": True, "prompt_name": "query"},
        )

    def build(self, documents: Sequence[Path]) -> list[str]:
        chunks = self._chunks(documents)
        self._store = self._faiss.from_documents(chunks, self._model)
        self._store.save_local(str(self._folder))
        return [chunk.page_content for chunk in chunks]

    def open(self) -> None:
        self._store = self._faiss.load_local(str(self._folder), self._model, allow_dangerous_deserialization=True)

    def find(self, question: str, k: int) -> Reply:
        stages = Stages()
        with self._turns.model, stages("embed"):
            vector = self._model.embed_query(question)
        with self._turns.store, stages("search"):
            chunks = self._store.similarity_search_by_vector(vector, k=k)
        return Reply(tuple(Found(c.metadata["file_name"], c.page_content) for c in chunks), stages.milliseconds)

    def add(self, document: Path) -> None:
        chunks = self._chunks([document])
        texts = [chunk.page_content for chunk in chunks]
        with self._turns.model:
            vectors = self._model.embed_documents(texts)
        with self._turns.store:
            pairs = zip(texts, vectors, strict=True)
            self._store.add_embeddings(pairs, metadatas=[chunk.metadata for chunk in chunks])
            self._store.save_local(str(self._folder))

    def _chunks(self, documents: Sequence[Path]) -> list[Any]:
        return self._splitter.create_documents(
            [path.read_text("utf-8") for path in documents], [{"file_name": path.name} for path in documents]
        )
