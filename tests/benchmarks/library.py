"""What the library costs besides the model: `python -m tests.benchmarks.library DOCS_FOLDER`.

Makes a library of 300 small documents from the texts of a folder (kept where --library names a folder for it),
then, in one process with the model loaded, adds further ones, embeds the same texts alone, searches and removes,
in turn. Prints the median of each; exits 1 where a bound is missed.
"""

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from index import Embedder, Library, load_embedder, model_name
from tests.benchmarks.recipes.ours import Recorder
from tests.benchmarks.workload import cut, made

DOCUMENTS = 300
TIMES, EXTRA_SECONDS, REMOVE_SECONDS = 1.2, 0.3, 0.5  # the bounds: add <= 1.2 x embedding + 0.3 s, remove < 0.5 s
QUERY = "全年完成了多少?"


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    begun = time.perf_counter()
    result = work()
    return time.perf_counter() - begun, result


def build(library: Library, paths: list[Path]) -> None:
    for number, path in enumerate(paths, 1):
        outcome = library.add(path)
        if outcome.status == "refused":
            raise SystemExit(str(outcome.reason))
        if sys.stderr.isatty():
            sys.stderr.write(f"\r{number}/{len(paths)}")


def measure(library: Library, recorder: Recorder, paths: list[Path]) -> dict[str, list[float]]:
    seconds: dict[str, list[float]] = {"add": [], "embed alone": [], "next search": [], "search": [], "remove": []}
    for path in paths:
        recorder.given.clear()
        taken, outcome = timed(partial(library.add, path))
        seconds["add"].append(taken)
        seconds["embed alone"].append(timed(partial(embed, recorder.embedder, list(recorder.given)))[0])
        seconds["next search"].append(timed(partial(library.search, QUERY))[0])
        seconds["search"].append(timed(partial(library.search, QUERY))[0])
        seconds["remove"].append(timed(partial(library.remove, outcome.id))[0])
    return seconds


def embed(embedder: Embedder, given: list[list[str]]) -> None:
    """Passages, sentences and their token vectors, and nothing else."""
    for texts in given:
        embedder.encode(texts, "passage")


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="a folder of documents")
    parser.add_argument("--library", type=Path, help="where the library of 300 is kept for the next time")
    parser.add_argument("--repeats", type=int, default=9)
    args = parser.parse_args(arguments)
    texts = cut(args.folder, DOCUMENTS + args.repeats)
    with tempfile.TemporaryDirectory() as temporary:
        kept = args.library or Path(temporary) / "library"
        recorder = Recorder(load_embedder("bundled"))
        library = Library(kept, model_name("bundled"), lambda: recorder)
        build(library, made(Path(temporary) / "texts", texts[:DOCUMENTS], "a"))
        library.search(QUERY)
        further = made(Path(temporary) / "further", texts[DOCUMENTS : DOCUMENTS + args.repeats], "b")
        seconds = measure(library, recorder, further)
    return told(library, {name: statistics.median(times) for name, times in seconds.items()}, seconds)


def told(library: Library, median: dict[str, float], seconds: dict[str, list[float]]) -> int:
    count = len(library.documents())
    sys.stdout.write(f"{count} documents; medians of {len(seconds['add'])} (fastest–slowest)\n")
    for name, value in median.items():
        sys.stdout.write(f"{name:<16}{value:8.3f} s  ({min(seconds[name]):.3f}–{max(seconds[name]):.3f})\n")
    bound = TIMES * median["embed alone"] + EXTRA_SECONDS
    ratio = median["add"] / median["embed alone"]
    sys.stdout.write(f"add / embed alone: {ratio:.2f}; add {median['add']:.3f} s, bound {bound:.3f} s\n")
    sys.stdout.write(f"remove {median['remove']:.3f} s, bound {REMOVE_SECONDS} s\n")
    return int(median["add"] > bound or median["remove"] >= REMOVE_SECONDS)


if __name__ == "__main__":
    sys.exit(main())
