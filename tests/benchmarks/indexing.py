"""What adding documents costs beside the usual way: `python -m tests.benchmarks.indexing DOCS_FOLDER [--documents 6]`.

For each document, in turn: the usual way (chunks of 500 characters that share 50, by SentenceTransformer.encode in
float32 with the same model), the texts that this program embeds of it (passages, sentences, headings) by the model
alone, and adding it to a library. Prints tokens a second and seconds a document, and the ratios. Exits 1 where a bound
is missed.
"""

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from index import Embedder, Encoding, InputRefused, Library, load_embedder, model_name, settle_threads
from index.embedding import BUNDLED_PROMPTS, load_bundled_sentence_transformer
from index.ingest import files_below
from index.reading import read
from index.types import Role

CHUNK, OVERLAP = 500, 50  # characters
SHORTEST = 5000  # characters of a document that is timed
BEST_SHARE, PEER_TIMES = 0.9, 1.5  # the bounds: of the model's own throughput; of the usual way's a token


class Recorder:
    """An embedder that keeps what it was given."""

    def __init__(self, embedder: Embedder) -> None:
        self.embedder = embedder
        self.given: list[str] = []
        self.name, self.revision = embedder.name, embedder.revision
        self.dimension, self.max_tokens = embedder.dimension, embedder.max_tokens

    def encode(self, texts: list[str], role: Role, progress: Callable[[int], None] | None = None) -> list[Encoding]:
        self.given += texts
        return self.embedder.encode(texts, role, progress)

    def count_tokens(self, text: str) -> int:
        return self.embedder.count_tokens(text)


@dataclass(frozen=True, slots=True)
class Timed:
    """Seconds and tokens of one way over one document."""

    seconds: float
    tokens: int


def texts_of(folder: Path) -> list[tuple[Path, str]]:
    """The files of a folder that can be read, with their texts."""
    found = []
    for path in files_below([folder]):
        try:
            text = read(path.read_bytes(), path.name).text
        except InputRefused:
            continue
        if len(text) >= SHORTEST:
            found.append((path, text))
    return found


def chunks(text: str) -> list[str]:
    return [text[at : at + CHUNK] for at in range(0, len(text), CHUNK - OVERLAP)]


def timed(work: Callable[[], Any]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def measure(folder: Path, count: int) -> dict[str, list[Timed]]:
    plain, recorder = load_bundled_sentence_transformer(), Recorder(load_embedder("bundled"))
    documents = texts_of(folder)[:count]
    found: dict[str, list[Timed]] = {"usual": [], "model": [], "add": []}
    plain.encode(chunks(documents[0][1])[:2])
    with tempfile.TemporaryDirectory() as data:
        library = Library(Path(data) / "library", model_name("bundled"), lambda: recorder)
        for path, text in documents:
            recorder.given.clear()
            cut, prompt = chunks(text), BUNDLED_PROMPTS["passage"]
            usual = timed(lambda cut=cut, prompt=prompt: plain.encode(cut, prompt=prompt))  # type: ignore[misc]
            added = timed(lambda path=path: library.add(path))  # type: ignore[misc]
            given = list(recorder.given)
            model = timed(lambda given=given: recorder.embedder.encode(given, "passage"))  # type: ignore[misc]
            tokens = sum(map(recorder.count_tokens, given))
            found["usual"].append(Timed(usual, sum(map(recorder.count_tokens, cut))))
            found["model"].append(Timed(model, tokens))
            found["add"].append(Timed(added, tokens))
    return found


def told(found: dict[str, list[Timed]]) -> int:
    rate, seconds = {}, {}
    for name, times in found.items():
        seconds[name] = sum(one.seconds for one in times)
        rate[name] = sum(one.tokens for one in times) / seconds[name]
        each = seconds[name] / len(times)
        sys.stdout.write(f"{name:<8}{rate[name]:8.0f} tokens/s {each:7.2f} s a document\n")
    share, peer, document = rate["add"] / rate["model"], rate["add"] / rate["usual"], seconds["add"] / seconds["usual"]
    sys.stdout.write(f"adding / the model's own throughput {share:.2f}, bound {BEST_SHARE}\n")
    sys.stdout.write(f"adding / the usual way, tokens a second {peer:.2f}, bound {PEER_TIMES}\n")
    sys.stdout.write(f"adding / the usual way, seconds a document {document:.2f}, bound 1\n")
    return int(share < BEST_SHARE or peer < PEER_TIMES or document > 1)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="a folder of documents")
    parser.add_argument("--documents", type=int, default=6)
    given = parser.parse_args()
    settle_threads(os.environ)
    if not given.folder.is_dir() or not texts_of(given.folder):
        raise SystemExit(f"{given.folder}: no documents of {SHORTEST} characters and more; nothing measured")
    return told(measure(given.folder, given.documents))


if __name__ == "__main__":
    sys.exit(main())
