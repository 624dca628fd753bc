"""A trained judge of question and sentence, where its weights lie beside this file; none come with the project.

tests/training makes them, and says with which data and licences; an assistant without them is whole.
"""

from pathlib import Path

from index import Embedder, Judge, Reading, SentenceHit, load_judge

WEIGHTS = Path(__file__).with_name("judge.safetensors")

Span = tuple[int, int]


def shipped_judge(embedder: Embedder) -> Judge | None:
    """The judge; None without its weights, or where the embedder is not the model that it was trained with."""
    return load_judge(WEIGHTS, embedder)


def read_hits(
    judge: Judge,
    question: str,
    hits: list[SentenceHit],
    contexts: list[str],
    spans: list[list[Span]] | None = None,
) -> list[tuple[Reading, list[float]]]:
    """Each hit's reading and the log-probabilities of its given spans; nothing that was kept is encoded again.

    contexts: each hit's document title and headings, in one line.
    """
    kept = [(h.tokens, h.offsets) if len(h.tokens) else None for h in hits]
    return judge.read_spans(question, [h.text for h in hits], spans or [[]] * len(hits), contexts, kept)
