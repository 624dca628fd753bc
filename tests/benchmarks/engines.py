"""Both engines over ready libraries: recall, scores and time of a search.

python -m tests.benchmarks.engines FOLDER… [--hnsw]: data folders with a xietong.db; they are copied. Needs the packages
`milvus` and `pymilvus`. With --hnsw also with that index, which a library gets that outgrows comparing all: before and
after Milvus has made it.
"""

import argparse
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import closing
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from index import VectorServer
from index.catalogue import Catalogue
from index.changes import TABLES
from index.indexes import Indexes, Table
from index.milvus import FLAT_ROWS, MilvusTables
from index.store import meta
from index.types import Vectors
from tests.milvus_standalone import Standalone

QUERIES = 150
NOISE = 0.05  # each number of a stored vector is moved by about so much: a question is near its sentence, not on it
HITS = 61  # as a search of the library asks
MADE_SECONDS = 180.0  # Milvus makes an index of 20 000 vectors in half of that on two cores
HANDED_OVER_SECONDS = 15.0  # after which the made index serves


def queries(vectors: Vectors) -> Vectors:
    """(QUERIES, dim) float32 unit rows near stored ones."""
    chance = np.random.default_rng(0)
    near = vectors[chance.choice(len(vectors), QUERIES)]
    moved = near + NOISE * chance.standard_normal(near.shape)
    unit: Vectors = (moved / np.linalg.norm(moved, axis=1, keepdims=True)).astype(np.float32)
    return unit


def timed(table: Table, query: Vectors) -> tuple[list[tuple[int, float]], float]:
    began = time.perf_counter()
    found = table.search(query, HITS)
    return found, (time.perf_counter() - began) * 1000


def compare(label: str, exact: Table, other: Table, asked: Vectors) -> str:
    """One line of the table."""
    recalls, differences, ours, theirs = [], [0.0], [], []
    for query in asked:
        (true, our), (found, their) = timed(exact, query), timed(other, query)
        best = {row for row, _ in true[:10]}
        recalls.append(len(best & {row for row, _ in found[:10]}) / max(len(best), 1))
        score = dict(true)
        differences += [abs(score[row] - cosine) for row, cosine in found if row in score]
        ours.append(our)
        theirs.append(their)
    late = float(np.percentile(theirs, 95))
    return (
        f"{label:34} {statistics.mean(recalls):6.3f} {max(differences):9.1e} "
        f"{statistics.median(ours):8.2f} {statistics.median(theirs):8.2f} {late:8.2f}"
    )


def made(engine: MilvusTables) -> None:
    """Returns when Milvus has the index of all rows, and serves from it."""
    for table in engine.tables.values():
        engine._connection.call("flush", table.name, seconds=60.0)
    until = time.monotonic() + MADE_SECONDS
    while time.monotonic() < until:
        states = [engine._connection.call("describe_index", t.name, "vector") for t in engine.tables.values()]
        if all(state["pending_index_rows"] == 0 for state in states):
            break
        time.sleep(1)
    time.sleep(HANDED_OVER_SECONDS)


def over(name: str, folder: Path, server: VectorServer, flat_rows: int) -> list[str]:
    """Lines of one library with one kind of index."""
    catalogue, lines = Catalogue(folder / "xietong.db"), []
    with catalogue.write():
        pass  # brings an older library up to date
    with catalogue.read() as db:
        dimension = int(meta(db, "dimension") or 0)
        exact, other = Indexes(folder, dimension), Indexes(folder, dimension)
        other._engine = engine = MilvusTables(server, folder, dimension, flat_rows)
        exact.bring_to(db)
        began = time.perf_counter()
        other.bring_to(db)
        lines.append(f"{name}: put in within {time.perf_counter() - began:.1f} s")
        for stage in ("FLAT",) if flat_rows else ("HNSW before", "HNSW made"):
            if stage == "HNSW made":
                made(engine)
            for table in TABLES:
                rows = [np.frombuffer(v, np.float32) for (v,) in db.execute(f"SELECT vector FROM {table}")]
                label = f"{name} {table} {len(rows)} {stage}"
                exact_table, other_table = exact._engine.tables[table], engine.tables[table]
                lines.append(compare(label, exact_table, other_table, queries(np.stack(rows))))
    return lines


def main(folders: Sequence[Path], hnsw: bool) -> None:
    say = sys.stdout.write
    if not (find_spec("milvus") and find_spec("pymilvus")):
        say("skipped: the packages milvus and pymilvus are not installed\n")
        return
    say(f"{'library, table, rows, index':34} recall  max diff  FAISS ms  Milvus ms (median, 95 of 100)\n")
    with tempfile.TemporaryDirectory() as work, closing(Standalone(Path(work) / "milvus")) as standalone:
        standalone.folder.mkdir()
        standalone.start()
        for folder in folders:
            if not (folder / "xietong.db").is_file():
                say(f"{folder}: skipped, no xietong.db\n")
                continue
            copy = Path(shutil.copytree(folder, Path(work) / folder.name))
            for flat_rows in (FLAT_ROWS, 0) if hnsw else (FLAT_ROWS,):
                for line in over(folder.name, copy, standalone.server, flat_rows):
                    say(line + "\n")
                    sys.stdout.flush()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--hnsw", action="store_true")
    arguments = parser.parse_args()
    main(arguments.folders, arguments.hnsw)
