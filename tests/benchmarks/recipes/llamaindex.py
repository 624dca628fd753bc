"""LlamaIndex: SentenceSplitter, HuggingFaceEmbedding, FaissVectorStore in a VectorStoreIndex."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.benchmarks.recipes.types import CHUNK, OVERLAP, PASSAGE_PROMPT, QUERY_PROMPT, Found, Reply
from tests.benchmarks.timing import Stages, Turns


class LlamaIndex:
    """The guide's recipe. `tokenizer=list`: its splitter counts characters, as the others do."""

    def __init__(self, folder: Path, model: Path) -> None:
        self._folder, self._path = folder, model
        self._turns = Turns()

    def load(self) -> None:
        from llama_index.core.node_parser import SentenceSplitter
        from llama_index.embeddings.huggingface import HuggingFaceEmbedding

        self._splitter = SentenceSplitter(chunk_size=CHUNK, chunk_overlap=OVERLAP, tokenizer=list)
        self._model: Any = HuggingFaceEmbedding(
            str(self._path), device="cpu", query_instruction=QUERY_PROMPT, text_instruction=PASSAGE_PROMPT
        )

    def build(self, documents: Sequence[Path]) -> list[str]:
        import faiss
        from llama_index.core import StorageContext, VectorStoreIndex
        from llama_index.core.schema import MetadataMode
        from llama_index.vector_stores.faiss import FaissVectorStore

        nodes = self._nodes(documents)
        dimension = len(self._model.get_text_embedding("-"))
        context = StorageContext.from_defaults(vector_store=FaissVectorStore(faiss.IndexFlatIP(dimension)))
        self._index: Any = VectorStoreIndex(nodes, storage_context=context, embed_model=self._model)
        context.persist(str(self._folder))
        return [node.get_content(MetadataMode.EMBED) for node in nodes]

    def open(self) -> None:
        from llama_index.core import StorageContext, load_index_from_storage
        from llama_index.vector_stores.faiss import FaissVectorStore

        folder = str(self._folder)
        store = FaissVectorStore.from_persist_dir(folder)
        context = StorageContext.from_defaults(vector_store=store, persist_dir=folder)
        self._index = load_index_from_storage(context, embed_model=self._model)

    def find(self, question: str, k: int) -> Reply:
        from llama_index.core.schema import QueryBundle

        stages = Stages()
        with self._turns.model, stages("embed"):
            vector = self._model.get_query_embedding(question)
        with self._turns.store, stages("search"):
            hits = self._index.as_retriever(similarity_top_k=k).retrieve(QueryBundle(question, embedding=vector))
        return Reply(tuple(Found(hit.metadata["file_name"], hit.text) for hit in hits), stages.milliseconds)

    def add(self, document: Path) -> None:
        from llama_index.core.schema import MetadataMode

        nodes = self._nodes([document])
        with self._turns.model:
            texts = [node.get_content(MetadataMode.EMBED) for node in nodes]
            vectors = self._model.get_text_embedding_batch(texts)
        for node, vector in zip(nodes, vectors, strict=True):
            node.embedding = vector
        with self._turns.store:
            self._index.insert_nodes(nodes)
            self._index.storage_context.persist(str(self._folder))

    def _nodes(self, documents: Sequence[Path]) -> list[Any]:
        from llama_index.core import Document

        given = [Document(text=path.read_text("utf-8"), metadata={"file_name": path.name}) for path in documents]
        return list(self._splitter.get_nodes_from_documents(given))
