"""Is the right paragraph found? Judged as in tests/evaluation, for whatever finds passages or chunks.

A chunk of another's making counts where it holds most of the evidence (scoring.supports), so that long chunks are at no
disadvantage.
"""

from collections.abc import Callable, Iterable, Sequence
from statistics import fmean

from assistant import Retrieved
from tests.benchmarks.recipes.types import Found
from tests.benchmarks.workload import Row
from tests.evaluation.scoring import supports

DEPTH = 10  # of MRR@10
FIRST = 5  # of recall@5


def recall(row: Row, found: Sequence[Found]) -> float:
    """The share of the pieces of evidence found in the first five; where any one answers, whether one is."""
    covered = [any(_holds(one, evidence) for one in found[:FIRST]) for evidence in row["evidence"]]
    return fmean(covered) if row["match"] == "all" else float(any(covered))


def reciprocal_rank(row: Row, found: Sequence[Found]) -> float:
    """1 / the rank of the first that holds a piece of evidence; 0 where none of the first ten does."""
    for rank, one in enumerate(found[:DEPTH], 1):
        if any(_holds(one, evidence) for evidence in row["evidence"]):
            return 1 / rank
    return 0.0


def quality(find: Callable[[str, int], Sequence[Found]], rows: Iterable[Row]) -> dict[str, float]:
    """Means over the answerable questions that stand alone (one without its history is another question)."""
    asked = [row for row in rows if row["answerable"] and not row.get("history")]
    found = [find(row["question"], DEPTH) for row in asked]
    return {
        "recall@5": fmean(map(recall, asked, found)),
        "mrr@10": fmean(map(reciprocal_rank, asked, found)),
        "questions": len(asked),
    }


def _holds(found: Found, evidence: str | dict[str, str]) -> bool:
    return supports(Retrieved("", found.file_name, "", 0, None, found.text, 0, len(found.text), 0.0), evidence)
