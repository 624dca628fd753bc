"""Which ways are compared, and what each needs to be installed."""

from importlib.util import find_spec
from pathlib import Path

from tests.benchmarks.recipes.types import Recipe

OURS, FLOOR = "ours", "model + FAISS"
NEEDS = {
    OURS: (),
    "LangChain": ("langchain_community", "langchain_huggingface"),
    "LlamaIndex": ("llama_index.core", "llama_index.embeddings.huggingface", "llama_index.vector_stores.faiss"),
    "Haystack": ("haystack", "haystack_integrations.components.embedders.sentence_transformers"),
    "txtai": ("txtai",),
    FLOOR: (),
}  # fmt: skip
PEERS = tuple(name for name in NEEDS if name not in (OURS, FLOOR))
INSTALL = "not installed: pip install -e '.[peers]'"


def is_installed(name: str) -> bool:
    """Nothing of it is imported but the packages above its modules."""
    try:
        return all(find_spec(module) for module in NEEDS[name])
    except ModuleNotFoundError:
        return False


def recipe(name: str, folder: Path, model: Path) -> Recipe:
    """The way of a name over its folder. Only its own file is imported: a start is measured, too."""
    folder.mkdir(parents=True, exist_ok=True)
    match name:
        case "ours":
            from tests.benchmarks.recipes.ours import Ours

            return Ours(folder, model)
        case "LangChain":
            from tests.benchmarks.recipes.langchain import LangChain

            return LangChain(folder, model)
        case "LlamaIndex":
            from tests.benchmarks.recipes.llamaindex import LlamaIndex

            return LlamaIndex(folder, model)
        case "Haystack":
            from tests.benchmarks.recipes.haystack import Haystack

            return Haystack(folder, model)
        case "txtai":
            from tests.benchmarks.recipes.txtai import Txtai

            return Txtai(folder, model)
        case "model + FAISS":
            from tests.benchmarks.recipes.floor import Floor

            return Floor(folder, model)
    raise ValueError(f"{name}: one of {', '.join(NEEDS)} is needed")
