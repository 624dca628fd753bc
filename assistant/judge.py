"""A trained judge of question and sentence: does the one answer the other? Its weights lie beside this file.

tests/training makes them; docs/judge.md says with which data and licences, and what they are worth. An assistant
without them is whole.
"""

import math
from pathlib import Path

from index import Judge, Library, PassageHit, Reading, SentenceHit

WEIGHTS = Path(__file__).with_name("judge.safetensors")

SURELY = 1e-4  # it is never taken to be surer than that


def shipped_judge(library: Library) -> Judge | None:
    """The judge; None without its weights, or where the library's model is not the one that it was trained with."""
    return library.judge(WEIGHTS)


def log_odds(reading: Reading) -> float:
    """That the sentence answers; higher is likelier, 0 is even."""
    chance = min(1 - SURELY, max(SURELY, reading.answers))
    return math.log(chance / (1 - chance))


def read_hits(
    judge: Judge,
    question: str,
    hits: list[tuple[PassageHit, SentenceHit]],
    contexts: list[str],
) -> list[Reading]:
    """The reading of each sentence of a passage; nothing that was kept is encoded again.

    contexts: of each the document's title and headings, in one line.
    """
    kept = [(s.tokens, s.offsets) if len(s.tokens) else None for _, s in hits]
    return judge.read(question, [s.text for _, s in hits], contexts, kept, [hit.passage for hit, _ in hits])
