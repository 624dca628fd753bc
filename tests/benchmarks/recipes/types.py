"""What is measured: a way to index documents and to find passages of them, ours or the one a user would else write."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

CHUNK, OVERLAP = 500, 50  # characters: what the peers' own guides take for retrieval
QUERY_PROMPT, PASSAGE_PROMPT = "query: ", "passage: "  # the model's card asks for them


@dataclass(frozen=True, slots=True)
class Found:
    """A passage or chunk that was found."""

    file_name: str
    text: str


@dataclass(frozen=True, slots=True)
class Reply:
    """What was found, best first, and the milliseconds of each stage."""

    found: tuple[Found, ...]
    stages: Mapping[str, float]


class Recipe(Protocol):
    """One way, over a folder of its own. `load` comes first, then `build` or `open`. Safe to use from threads."""

    def load(self) -> None:
        """Imports the libraries and loads the model."""
        ...

    def build(self, documents: Sequence[Path]) -> list[str]:
        """Indexes documents, keeps the index in the folder, and returns every text that the model was given."""
        ...

    def open(self) -> None:
        """Takes up the index that is kept in the folder."""
        ...

    def find(self, question: str, k: int) -> Reply:
        """The k best for a question, from the words to the texts."""
        ...

    def add(self, document: Path) -> None:
        """One document more: searchable and kept in the folder when this returns."""
        ...
