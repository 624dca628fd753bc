"""How a library of many passages answers, grows and opens.

    python -m tests.benchmarks.scale --passages 1000000 --folder DOCS --library KEPT [--json OUT]

Makes a synthetic library (see synthetic.py; goes on where it was broken off; 10^6 passages take half an hour and
27 GB), trains its vectors, then measures in a process of its own: opening, searching by stage, recall against comparing
everything, adding a document of 20 passages, removing it, memory and bytes. What the model would cost is left out: a
stand-in gives the vectors. With --json the figures are added to a file, which growth.py draws.
"""

import argparse
import json
import multiprocessing
import resource
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from index import Library, terms
from index import fulltext as words
from index.catalogue import Catalogue
from index.changes import TABLES
from index.filling import every
from index.search import FULLTEXT_CANDIDATES, PASSAGE_CANDIDATES, SENTENCE_CANDIDATES
from index.types import Vectors
from tests.benchmarks.synthetic import BLOCK, DIMENSION, MODEL, PASSAGES, SHARES, Chains, Space, Standin, block, make

BLOCKS_ASKED = 20  # the queries come from so many parts of the library
ASKED = 15  # letters of a sentence that a query repeats
ADDED = 5  # documents added and removed
WHOLE = 20  # queries whose every term is looked up, for comparison: seconds each at 10^6
TOKENS = 12  # token vectors of a sentence; real ones have about 35, for which 10^6 passages would take 50 GB
Figures = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Asked:
    """A query: its words, its vector, and the row of the passage that it is about."""

    text: str
    vector: Vectors
    passage: int


def asked(passages: int, space: Space, chains: Chains, count: int) -> list[Asked]:
    """Each repeats some words of a stored sentence, and lies where another sentence of its passage would."""
    chance = np.random.default_rng(11)
    documents, found = passages // PASSAGES, []
    blocks = -(-documents // BLOCK)
    for number in chance.choice(blocks, min(blocks, BLOCKS_ASKED), replace=False).tolist():
        made = block(number, space, chains, min(BLOCK, documents - number * BLOCK))
        for at in chance.integers(0, len(made.texts), count // min(blocks, BLOCKS_ASKED)).tolist():
            sentence = made.texts[at][int(chance.integers(len(made.texts[at])))]
            begin = int(chance.integers(0, len(sentence) - ASKED))
            vector = space.unit(made.middles[at] + space.noise(chance, 1, SHARES[3])[0])
            found.append(Asked(f"{sentence[begin : begin + ASKED]}是多少?", vector, number * BLOCK * PASSAGES + at + 1))
    return found


def spread(milliseconds: Sequence[float]) -> Figures:
    p50, p95, p99 = np.percentile(milliseconds, [50, 95, 99]).round(2).tolist()
    return {"p50": p50, "p95": p95, "p99": p99}


def timed(work: Callable[..., Any], *arguments: Any) -> tuple[float, Any]:
    """Seconds, and what it gave."""
    begun = time.perf_counter()
    result = work(*arguments)
    return time.perf_counter() - begun, result


def opened(folder: Path, standin: Standin) -> Library:
    return Library(folder, MODEL, lambda: standin)


def train(folder: Path) -> Figures:
    """Makes the caches that are lacking, as a library does whose cache was lost."""
    library = opened(folder, Standin(Space()))
    seconds, _ = timed(library.warm)
    while library._indexes and getattr(library._indexes._engine, "growing", False):
        time.sleep(1)
    trained, _ = timed(library.warm)
    return {"train_s": round(seconds + trained, 1)}


def measure(folder: Path, passages: int, docs: Path, count: int) -> Figures:
    """Each figure is also told on stderr as soon as it is there."""
    space = Space()
    chains, standin = Chains(docs), Standin(space)
    queries = asked(passages, space, chains, count)
    standin.known.update((q.text, q.vector) for q in queries)
    library = opened(folder, standin)
    found: Figures = {}

    def put(**more: Any) -> None:
        found.update(more)
        sys.stderr.write(f"{more}\n")

    put(passages=passages, queries=len(queries), open_s=round(timed(library.warm)[0], 3))
    seconds, held = timed(library.documents)
    put(
        documents=len(held),
        list_s=round(seconds, 3),
        first_search_s=round(timed(library.search, queries[0].text)[0], 3),
    )
    put(search_first_time_ms=searches(library, queries)["search_ms"])  # what they read comes from the disk
    put(**searches(library, queries))
    put(rss_gb=round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20, 2))
    put(**changes(library, standin, chains, folder.parent))
    put(**words_recall(library, queries[:WHOLE]))
    put(**recalls(library, queries))
    put(bytes={p.name: p.stat().st_size for p in sorted(folder.glob("*")) if p.is_file()})
    return found


def searches(library: Library, queries: Sequence[Asked]) -> Figures:
    """Milliseconds of a search beyond embedding, whole and by stage; `found`: less its late interaction."""
    whole, rerank, hits, processor, found_in = [], [], [], [], []
    for query in queries:
        begun = time.process_time()
        seconds, result = timed(library.search, query.text, 30)
        whole.append(seconds * 1000 - result.embed_ms)
        found_in.append(whole[-1] - result.rerank_ms)
        processor.append((time.process_time() - begun) * 1000 - result.embed_ms)
        rerank.append(result.rerank_ms)
        hits.append([hit.passage.id for hit in result.hits])
    indexes = library._indexes
    assert indexes is not None
    stages: dict[str, list[float]] = {"fulltext": [], "passages": [], "sentences": []}
    first = ten = 0
    with library.catalogue.read() as db:
        for query, own in zip(queries, hits, strict=True):
            vector = query.vector
            stages["fulltext"].append(timed(words.fulltext, db, query.text, FULLTEXT_CANDIDATES, None)[0] * 1000)
            stages["passages"].append(timed(indexes.passages.search, vector, PASSAGE_CANDIDATES)[0] * 1000)
            stages["sentences"].append(timed(indexes.sentences.search, vector, SENTENCE_CANDIDATES)[0] * 1000)
            target = db.execute("SELECT id FROM passages WHERE row = ?", (query.passage,)).fetchone()[0]
            first += target in own[:1]
            ten += target in own[:10]
        document = library.documents()[0].id
    within = [timed(library.search, q.text, 30, [document])[0] * 1000 for q in queries]
    named = {"search": whole, "found": found_in, "search_processor": processor, "rerank": rerank} | stages
    named["within_a_document"] = within
    found = {f"{name}_ms": spread(times) for name, times in named.items()}
    return found | {"hit_1": first / len(queries), "hit_10": ten / len(queries)}


def recalls(library: Library, queries: Sequence[Asked]) -> Figures:
    """What the indexes find of the truly nearest, by comparing with every stored vector."""
    asked_for = np.stack([q.vector for q in queries])
    found: Figures = {}
    for table, most in zip(TABLES, (PASSAGE_CANDIDATES, SENTENCE_CANDIDATES), strict=True):
        best = np.full((len(queries), most), -2.0, np.float32)
        rows = np.zeros((len(queries), most), np.int64)
        with library.catalogue.read() as db:
            for ids, vectors in every(db, table, DIMENSION):
                scores = np.hstack([best, asked_for @ vectors.T])
                chosen = np.argpartition(-scores, most - 1, axis=1)[:, :most]
                held = np.hstack([rows, np.tile(ids, (len(queries), 1))])
                best, rows = np.take_along_axis(scores, chosen, 1), np.take_along_axis(held, chosen, 1)
        order = np.argsort(-best, axis=1)
        rows = np.take_along_axis(rows, order, 1)
        index = getattr(library._indexes, table)
        own = [[row for row, _ in index.search(q.vector, most)] for q in queries]
        for k in (10, most):
            shared = [len({*truth[:k].tolist()} & {*mine[:k]}) / k for truth, mine in zip(rows, own, strict=True)]
            found[f"{table}_recall_{k}"] = round(statistics.mean(shared), 4)
        drawn = [len({*truth[:10].tolist()} & {*mine}) / 10 for truth, mine in zip(rows, own, strict=True)]
        found[f"{table}_nearest_10_drawn"] = round(statistics.mean(drawn), 4)
    return found


def words_recall(library: Library, queries: Sequence[Asked]) -> Figures:
    """Of the 20 and of the 5 best passages by all terms, how many the bounded search finds; what the whole costs."""
    shares: dict[int, list[float]] = {5: [], FULLTEXT_CANDIDATES: []}
    times = []
    with library.catalogue.read() as db:
        for query in queries:
            asked_for = list(dict.fromkeys(terms(query.text)))
            seconds, truth = timed(words._ranked, db, asked_for, FULLTEXT_CANDIDATES, None)
            mine = list(words.fulltext(db, query.text, FULLTEXT_CANDIDATES, None))
            times.append(seconds * 1000)
            for k, own in shares.items():
                best = {row for row, _ in truth[:k]}
                own.append(len(best & {*mine[:k]}) / max(len(best), 1))
    return {"all_terms_ms": spread(times)} | {f"fulltext_recall_{k}": statistics.mean(own) for k, own in shares.items()}


def changes(library: Library, standin: Standin, chains: Chains, folder: Path) -> Figures:
    """Seconds to add a document of 20 passages and to remove it, each with the first search after it."""
    chance = np.random.default_rng(int(time.time()))
    seconds: dict[str, list[float]] = {"add": [], "search_after_add": [], "remove": [], "search_after_remove": []}
    sizes = []
    for number in range(ADDED):
        path = folder / f"added{number}.txt"
        path.write_text("\n".join(_paragraph(chains, chance) for _ in range(PASSAGES)), encoding="utf-8")
        embedding = standin.seconds
        taken, outcome = timed(library.add, path)
        seconds["add"].append(taken - (standin.seconds - embedding))
        query = path.read_text("utf-8")[:ASKED]
        seconds["search_after_add"].append(timed(library.search, query)[0])
        with library.catalogue.read() as db:
            count = "SELECT count(*) FROM passages WHERE document_id = ?"
            sizes.append(db.execute(count, (outcome.id,)).fetchone()[0])
        seconds["remove"].append(timed(library.remove, outcome.id or "")[0])
        seconds["search_after_remove"].append(timed(library.search, query)[0])
        path.unlink()
    medians = {f"{name}_s": round(statistics.median(times), 4) for name, times in seconds.items()}
    return medians | {"add_worst_s": round(max(seconds["add"]), 4), "added_passages": statistics.mean(sizes)}


def _paragraph(chains: Chains, chance: np.random.Generator) -> str:
    return "".join(chains.text(row) + "。" for row in chains.chains(chance, 3, 45))


def alone(work: Callable[..., Figures], *arguments: Any) -> Figures:
    """In a process of its own, whose memory nothing else has used."""
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        return pool.submit(work, *arguments).result()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--passages", type=int, required=True)
    parser.add_argument("--folder", type=Path, required=True, help="Chinese documents, for how often letters follow")
    parser.add_argument("--library", type=Path, required=True, help="where the libraries are kept, one a size")
    parser.add_argument("--json", type=Path, help="a file of figures by size, to which these are added")
    parser.add_argument("--tokens", type=int, default=TOKENS)
    parser.add_argument("--queries", type=int, default=200)
    args = parser.parse_args()
    if not args.folder.is_dir():
        sys.stdout.write(f"{args.folder}: no such folder; nothing measured\n")
        return 0
    folder = args.library / str(args.passages)
    if _held(folder) < args.passages // PASSAGES:
        make(folder, args.passages, Space(), Chains(args.folder), args.tokens, _tell)
    found = alone(train, folder) | alone(measure, folder, args.passages, args.folder, args.queries)
    found["tokens_a_sentence"] = args.tokens
    sys.stdout.write("".join(f"{name:<24}{value}\n" for name, value in found.items()))
    if args.json:
        kept = json.loads(args.json.read_text("utf-8")) if args.json.exists() else {}
        kept[str(args.passages)] = found
        args.json.write_text(json.dumps(kept, indent=1, sort_keys=True) + "\n", "utf-8")
    return 0


def _held(folder: Path) -> int:
    catalogue = Catalogue(folder / "xietong.db")
    if not catalogue.exists():
        return 0
    with catalogue.read() as db:
        return int(db.execute("SELECT count(*) FROM documents").fetchone()[0])


def _tell(documents: int) -> None:
    sys.stderr.write(f"\r{documents} documents")


if __name__ == "__main__":
    sys.exit(main())
