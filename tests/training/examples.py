"""Rows to train and to measure with: a question, a sentence, what it answers; and their tensors."""

import random
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import torch

from index.judge import MAX_CONTEXT, MAX_QUESTION, MAX_SENTENCE, Text, text_of
from index.normalise import matching_form
from index.products import TOKEN_SCALE
from tests.training.gov import Asked, Sentence
from tests.training.network import Rows, rows_of
from tests.training.reading import Reading
from tests.training.store import Kept, Role, Store

LOOKED_AT = 70  # sentences of a document
RETRIEVED = 10  # of them, those that late interaction ranks first, among which the hard ones are drawn
HARD = 2  # of them for each question
OTHERS = 3  # other sentences of an encyclopedia passage for each question
STRANGER = "stranger"  # the kind of row with a sentence of another encyclopedia passage
STRANGERS = 2  # of the sentences of all other passages, those that late interaction ranks first
TITLED = 0.8  # share of questions whose sentences come with titles; a library's always do
LIKELY = 40  # of all sentences, by their mean vectors, among which those are looked for


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


def _mean(store: Store, role: Role, text: str) -> np.ndarray:
    """(dim,): of the token vectors, of length 1."""
    mean: np.ndarray = store.get(role, text).tokens.mean(axis=0, dtype=np.float32)
    mean /= max(float(np.linalg.norm(mean)), 1e-6)
    return mean


def context_of(sentence: Sentence, rng: random.Random) -> str:
    """Title and heading, as the library gives them; the heading is not always there."""
    return f"{sentence.context} {sentence.lead}" if sentence.lead and rng.random() < 0.7 else sentence.context


def encyclopedia(readings: Sequence[Reading], name: str, store: Store, seed: int) -> list[Example]:
    """Each question with its sentence, hard and random others of its passage, and the nearest of all other passages.

    Those come with their own title: it is what a library shows that does not have the passage.
    """
    rng = random.Random(seed)
    by_title: dict[str, list[str]] = defaultdict(list)
    for r in readings:
        by_title[r.title] += [s for s in r.sentences if s not in by_title[r.title]]
    everything = sorted({s: r.title for r in readings for s in r.sentences}.items())
    means = np.stack([_mean(store, "passage", s) for s, _ in everything]) if everything else np.empty((0, 0))
    found = []
    for r in readings:
        answers = {r.sentences[r.right][a:b] for a, b in r.answers}
        others = [s for s in by_title[r.title] if not any(a in s for a in answers)]
        ranked = _nearest(r.question, others, store)
        chosen = ranked[:OTHERS] + rng.sample(ranked[OTHERS:], min(1, len(ranked[OTHERS:])))
        likely = np.argsort(-(means @ _mean(store, "query", matching_form(r.question))))[: LIKELY + len(others)]
        titles = {s: t for s, t in (everything[i] for i in likely) if t != r.title and not any(a in s for a in answers)}
        context = r.title if rng.random() < TITLED else ""
        found.append(Example(r.question, r.sentences[r.right], context, True, r.answers[0], name, r.id))
        found += [Example(r.question, s, context, False, None, name, r.id) for s in chosen]
        for stranger in _nearest(r.question, list(titles), store)[:STRANGERS]:
            shown = titles[stranger] if context else ""
            found.append(Example(r.question, stranger, shown, False, None, STRANGER, r.id))
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
    scores: np.ndarray = nearest.mean(axis=0) / TOKEN_SCALE**2
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


_texts: dict[tuple[int, str], Text] = {}  # each is met in many rows


def _read(store: Store, most: int, text: str) -> Text:
    """A question, a context or a sentence, told apart by how many of its tokens are read."""
    if (most, text) not in _texts:
        kept: Kept = store.get("query" if most == MAX_QUESTION else "passage", text)
        _texts[most, text] = text_of(text, kept.tokens, kept.offsets, most)
    return _texts[most, text]


def _cut(text: Text, cut: tuple[int, int]) -> Text:
    left = (text.offsets[:, 0] < cut[0]) | (text.offsets[:, 1] > cut[1] + 1)
    surface = text.surface[: cut[0]] + text.surface[cut[1] + 1 :]
    words = tuple(word for word, keep in zip(text.words, left, strict=True) if keep)
    return Text(surface, text.tokens[left], text.offsets[left], words, text.characters[left]) if left.any() else text


def batch_of(examples: Sequence[Example], store: Store, weight: Callable[[Example], float] = lambda _: 1.0) -> Batch:
    """The tensors of some examples, padded together."""
    triples = []
    for e in examples:
        sentence = _read(store, MAX_SENTENCE, e.sentence)
        sentence = _cut(sentence, e.cut) if e.cut else sentence
        context = _read(store, MAX_CONTEXT, e.context) if e.context else None
        triples.append((_read(store, MAX_QUESTION, matching_form(e.question)), context, sentence))
    rows = rows_of(triples)
    spans = torch.zeros(len(examples), 2, dtype=torch.long)
    for number, (e, (question, context, sentence)) in enumerate(zip(examples, triples, strict=True)):
        if e.span is not None:
            spans[number] = torch.tensor(_place_of(e.span, question, context, sentence))
        elif e.answers:
            spans[number] = -1
    answers = torch.tensor([float(e.answers) for e in examples])
    return Batch(rows, answers, spans, torch.tensor([weight(e) for e in examples]))


def _place_of(span: tuple[int, int], question: Text, context: Text | None, sentence: Text) -> tuple[int, int]:
    """The row's places (first, last) of the tokens of a span of the sentence's characters; (0, 0) where it has none.

    Of one that goes on behind the tokens that are read, those that are.
    """
    before = 1 + len(question.tokens) + (len(context.tokens) if context else 0)
    inside = np.flatnonzero((sentence.offsets[:, 0] < span[1]) & (sentence.offsets[:, 1] > span[0]))
    return (before + int(inside[0]), before + int(inside[-1])) if len(inside) else (0, 0)


def lengths(examples: Sequence[Example], store: Store) -> np.ndarray:
    """(n,): positions of each row."""
    found = []
    for e in examples:
        context = min(MAX_CONTEXT, len(store.get("passage", e.context).tokens)) if e.context else 0
        sentence = min(MAX_SENTENCE, len(store.get("passage", e.sentence).tokens))
        found.append(
            1 + context + sentence + min(MAX_QUESTION, len(store.get("query", matching_form(e.question)).tokens))
        )
    return np.array(found)
