"""Rows to train and to measure with: a question, a sentence, what it answers; and their tensors."""

import random
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import torch

from index.joint import LEVELS, MAX_QUESTION, MAX_SENTENCE, Rows
from index.judge import Text, place_spans, rows_of, text_of
from index.normalise import matching_form
from tests.training.gov import Asked, Sentence
from tests.training.reading import Reading
from tests.training.store import Kept, Store

LOOKED_AT = 70  # sentences of a document
RETRIEVED = 10  # of them, those that late interaction ranks first, among which the hard ones are drawn
HARD = 2  # of them for each question
OTHERS = 3  # other sentences of an encyclopedia passage for each question


@dataclass(frozen=True, slots=True)
class Example:
    """One row. `span` is None where the sentence answers no span of its own, or does not answer."""

    question: str
    sentence: str
    context: str
    answers: bool
    span: tuple[int, int] | None
    kind: str
    group: str  # rows of one question share it
    cut: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Batch:
    rows: Rows
    answers: torch.Tensor  # (b,) 0 or 1
    spans: torch.Tensor  # (b, 2) places of start and end in the row, 0 for none, -1 for not to be learnt
    weights: torch.Tensor  # (b,)


def context_of(sentence: Sentence, rng: random.Random) -> str:
    """Title and heading, as the library gives them; the heading is not always there."""
    return f"{sentence.context} {sentence.lead}" if sentence.lead and rng.random() < 0.7 else sentence.context


def encyclopedia(readings: Sequence[Reading], name: str, store: Store, seed: int) -> list[Example]:
    """Each question with its sentence, hard and random others of its passage, and those of passages near it."""
    rng = random.Random(seed)
    by_title: dict[str, list[str]] = defaultdict(list)
    for r in readings:
        by_title[r.title] += [s for s in r.sentences if s not in by_title[r.title]]
    everything = sorted({s for r in readings for s in r.sentences})
    found = []
    for r in readings:
        answers = {r.sentences[r.right][a:b] for a, b in r.answers}
        others = [s for s in by_title[r.title] if not any(a in s for a in answers)]
        ranked = _nearest(r.question, others, store)
        chosen = ranked[:OTHERS] + rng.sample(ranked[OTHERS:], min(1, len(ranked[OTHERS:])))
        elsewhere = rng.sample(everything, 60)
        chosen += [s for s in _nearest(r.question, elsewhere, store)[:1] if not any(a in s for a in answers)]
        context = r.title if rng.random() < 0.5 else ""
        found.append(Example(r.question, r.sentences[r.right], context, True, r.answers[0], name, r.id))
        found += [Example(r.question, s, context, False, None, name, r.id) for s in chosen]
    return found


def governmental(asked: Sequence[Asked], every: Sequence[Sentence], store: Store, seed: int) -> list[Example]:
    """The made questions, and for each answerable one what late interaction would bring from its document."""
    rng = random.Random(seed)
    by_document: dict[str, list[Sentence]] = defaultdict(list)
    for sentence in every:
        by_document[sentence.document].append(sentence)
    found = []
    for number, one in enumerate(asked):
        context = context_of(one.sentence, rng) if one.bare or rng.random() < 0.55 else ""
        group = f"gov{seed}-{number}"
        found.append(Example(one.question, one.sentence.text, context, one.answers, one.span, one.kind, group, one.cut))
        if not one.answers or one.kind in {"open", "list"}:
            continue
        answer = one.sentence.text[slice(*one.span)] if one.span else ""
        document = by_document[one.sentence.document]
        some = rng.sample(document, min(LOOKED_AT, len(document)))
        texts = {s.text: s for s in some if s.text != one.sentence.text}
        near = [t for t in _nearest(one.question, list(texts), store)[:RETRIEVED] if answer not in t]
        near = [t for t in near if not _alike(t, one.sentence.text)]
        for text in rng.sample(near[:5], min(HARD, len(near[:5]))):
            shown = context_of(texts[text], rng) if context else ""
            found.append(Example(one.question, text, shown, False, None, "retrieved", group))
    return found


def _alike(one: str, other: str) -> bool:
    a, b = ({t[i : i + 2] for i in range(len(t) - 1)} for t in (one, other))
    return len(a & b) > 0.4 * min(len(a), len(b))


def late_scores(question: str, sentences: Sequence[str], store: Store) -> np.ndarray:
    """(s,): the untrained score of each sentence, all of the question's tokens alike."""
    asked = store.get("query", matching_form(question)).tokens.astype(np.float32)
    kept = [store.get("passage", s).tokens for s in sentences]
    starts = np.cumsum([0, *(len(k) for k in kept)])[:-1]
    nearest = np.maximum.reduceat(asked @ np.concatenate(kept).astype(np.float32).T, starts, axis=1)
    scores: np.ndarray = nearest.mean(axis=0) / LEVELS**2
    return scores


def _nearest(question: str, sentences: Sequence[str], store: Store) -> list[str]:
    if not sentences:
        return []
    return [sentences[i] for i in np.argsort(-late_scores(question, sentences, store))]


def texts_of(examples: Iterable[Example]) -> tuple[list[str], list[str]]:
    """(questions, passages) that must be encoded."""
    questions, passages = [], []
    for e in examples:
        questions.append(matching_form(e.question))
        passages += [e.sentence, e.context] if e.context else [e.sentence]
    return list(dict.fromkeys(questions)), list(dict.fromkeys(passages))


_texts: dict[tuple[str, str], Text] = {}  # each is met in many rows


def _read(store: Store, role: str, text: str) -> Text:
    if (role, text) not in _texts:
        kept: Kept = store.get("query" if role == "query" else "passage", text)
        _texts[role, text] = text_of(text, kept.tokens, kept.offsets)
    return _texts[role, text]


def _cut(text: Text, cut: tuple[int, int]) -> Text:
    left = (text.offsets[:, 0] < cut[0]) | (text.offsets[:, 1] > cut[1] + 1)
    surface = text.surface[: cut[0]] + text.surface[cut[1] + 1 :]
    words = tuple(word for word, keep in zip(text.words, left, strict=True) if keep)
    return Text(surface, text.tokens[left], text.offsets[left], words, text.characters[left]) if left.any() else text


def batch_of(examples: Sequence[Example], store: Store, weight: Callable[[Example], float] = lambda _: 1.0) -> Batch:
    """The tensors of some examples, padded together."""
    triples = []
    for e in examples:
        sentence = _read(store, "passage", e.sentence)
        sentence = _cut(sentence, e.cut) if e.cut else sentence
        context = _read(store, "passage", e.context) if e.context else None
        triples.append((_read(store, "query", matching_form(e.question)), context, sentence))
    rows = rows_of(triples)
    spans = torch.zeros(len(examples), 2, dtype=torch.long)
    for number, (e, (question, context, sentence)) in enumerate(zip(examples, triples, strict=True)):
        if e.span is not None:
            spans[number] = torch.tensor(place_spans(question, context, sentence, [e.span])[0])
        elif e.answers:
            spans[number] = -1
    answers = torch.tensor([float(e.answers) for e in examples])
    return Batch(rows, answers, spans, torch.tensor([weight(e) for e in examples]))


def lengths(examples: Sequence[Example], store: Store) -> np.ndarray:
    """(n,): positions of each row."""
    found = []
    for e in examples:
        context = min(40, len(store.get("passage", e.context).tokens)) if e.context else 0
        sentence = min(MAX_SENTENCE, len(store.get("passage", e.sentence).tokens))
        found.append(
            1 + context + sentence + min(MAX_QUESTION, len(store.get("query", matching_form(e.question)).tokens))
        )
    return np.array(found)
