"""What the judge is worth beside the untrained score: `python -m tests.training.evaluate DATA --work FOLDER`.

On the held-out questions of cmrc2018 and DRCD, on those made from held-out documents, and on the dev sets of
DATA/gold and DATA/gold2 (their documents are added to a library in the work folder).
"""

import argparse
import random
import re
import time
import unicodedata
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import torch

from assistant import Settings, build
from assistant.judge import WEIGHTS
from assistant.question import understand
from assistant.ranking import above, rank
from assistant.types import Turn
from index import Judge, Reading, load_embedder, load_judge
from tests.training import gov
from tests.training.examples import governmental, late_scores
from tests.training.reading import SETS, lines, readings
from tests.training.store import Store
from tests.training.train import SEED, area, best_span, chosen, measured_text

ROOT = Path(__file__).parents[2]
FIRST = 8  # candidates that the judge reorders
MIX = 0.005  # what a unit of log-odds adds to a late-interaction score, as a first mixture


def say(*parts: object) -> None:
    print(*parts, flush=True)  # noqa: T201


def odds(answers: float) -> float:
    """Log-odds."""
    return float(np.log(answers + 1e-6) - np.log1p(1e-6 - answers))


def plain(text: str) -> str:
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", text).lower())


def overlap(found: str, right: str) -> float:
    """F1 over characters."""
    a, b = Counter(plain(found)), Counter(plain(right))
    both = sum((a & b).values())
    return 2 * both / (sum(a.values()) + sum(b.values())) if both else 0.0


def encyclopedia(data: Path, name: str, judge: Judge, store: Store, most: int) -> None:
    """Within the passage: the sentence with the answer first, the short answer, and whether a sentence answers."""
    first: Counter[str] = Counter()
    exact: list[bool] = []
    shared: list[float] = []
    scores: list[tuple[float, float, bool]] = []
    held = readings(data / name, held_out=True)[:most]
    store.fill("query", [unicodedata.normalize("NFKC", r.question).lower() for r in held])
    store.fill("passage", [s for r in held for s in r.sentences])
    for r in held:
        late = late_scores(r.question, r.sentences, store)
        order = [int(i) for i in np.argsort(-late)[:FIRST]]
        kept = [store.get("passage", s) for s in r.sentences]
        read = judge.read(r.question, r.sentences, [r.title] * len(r.sentences), [(k.tokens, k.offsets) for k in kept])
        answers = np.array([one.answers for one in read])
        right = {i for i, s in enumerate(r.sentences) if any(r.sentences[r.right][a:b] in s for a, b in r.answers)}
        first["late interaction"] += order[0] in right
        first["judge"] += int(answers.argmax()) in right
        first[f"judge over the first {FIRST}"] += max(order, key=lambda i: answers[i]) in right
        first["sum"] += int((late + MIX * np.array([odds(a) for a in answers])).argmax()) in right
        texts = [r.sentences[r.right][a:b] for a, b in r.answers]
        found = _likeliest(read[r.right], r.sentences[r.right], kept[r.right].offsets)
        exact.append(any(plain(found) == plain(t) for t in texts))
        shared.append(max(overlap(found, t) for t in texts))
        scores += [(late[i], answers[i], i == r.right) for i in range(len(late)) if i == r.right or i not in right]
    say(f"{name}, {len(held)} questions: right sentence first", {k: round(v / len(held), 3) for k, v in first.items()})
    say(f"  span in the right sentence: exact {np.mean(exact):.3f}, F1 {np.mean(shared):.3f}")
    late_all, judged, labels = (np.array(column) for column in zip(*scores, strict=True))
    say(f"  area answering or not: late interaction {area(late_all, labels):.3f}, judge {area(judged, labels):.3f}")


def made(data: Path, judge: Judge, store: Store, most: int) -> None:
    """The questions made from held-out documents, by kind of negative."""
    every = [s for s in gov.read_sentences(data, measured_text(data)) if chosen(s) and gov.held_out(s.document)]
    asked = gov.make(SEED + 1, every, most)
    store.fill("passage", [s.text for s in every])
    store.fill("query", [unicodedata.normalize("NFKC", a.question).lower() for a in asked])
    examples = [e for e in governmental(asked, every, store, SEED + 1) if e.cut is None]
    late = np.array([late_scores(e.question, [e.sentence], store)[0] for e in examples])
    read = []
    for e in examples:
        kept = store.get("passage", e.sentence)
        read += judge.read(e.question, [e.sentence], [e.context], [(kept.tokens, kept.offsets)])
    answers = np.array([r.answers for r in read])
    labels = np.array([e.answers for e in examples])
    kinds = np.array([e.kind for e in examples])
    say(f"made questions, {len(examples)} pairs: area late {area(late, labels):.3f}, judge {area(answers, labels):.3f}")
    for kind, count in Counter(kinds[~labels]).most_common():
        some = labels | (kinds == kind)
        say(
            f"  against {kind} ({count}): {area(late[some], labels[some]):.3f}, {area(answers[some], labels[some]):.3f}"
        )
    for kind in sorted(set(kinds[labels])):
        some = [(r, e) for r, e in zip(read, examples, strict=True) if e.kind == kind and e.answers and e.span]
        if some:
            say(f"  spans exact of {kind}: {np.mean([(r.start, r.end) == e.span for r, e in some]):.3f} ({len(some)})")
    for low in np.arange(0, 1, 0.2):
        inside = (answers >= low) & (answers < low + 0.2)
        if inside.any():
            say(f"  said {answers[inside].mean():.2f}, true {labels[inside].mean():.2f} ({inside.sum()})")


def _likeliest(reading: Reading, text: str, offsets: np.ndarray) -> str:
    """The stretch of a sentence that the judge finds likeliest to be the short answer."""
    never = [[-np.inf, -np.inf]]  # here the sentence is known to answer
    first, last, _ = best_span(np.vstack([never, np.column_stack([reading.starts, reading.ends])]))
    return text[max(int(offsets[first - 1, 0]), 0) : max(int(offsets[last - 1, 1]), 0)] if first else ""


def gold(data: Path, name: str, judge: Judge, work: Path, documents: Sequence[str]) -> None:
    """A dev set: the first candidates of a library, with and without the judge."""
    assistant = build(Settings.load(ROOT, {"XIETONG_DATA": str((work / f"library-{name}").resolve())}))
    assistant.prepare()
    held = {d.file_name for d in assistant.library.documents()}
    for file in (f for f in (data / "docs").rglob("*") if f.name in set(documents) - held):
        assistant.library.add(file)
    by_id = {d.id: d for d in assistant.library.documents()}
    first: Counter[str] = Counter()
    spans: dict[str, list[bool]] = {"judge": []}
    best: list[tuple[float, float, bool]] = []
    times = []
    for row in lines(data / name / "dev.jsonl"):
        asked = understand(row["question"], [Turn(t["question"], t["answer"]) for t in row.get("history", ())])
        result = assistant.library.search(asked.query, 30)
        ranked = rank(asked, result.hits, by_id)[:FIRST]
        texts = [r.sentence.text for r in ranked]
        begun = time.perf_counter()
        kept = [(r.sentence.tokens, r.sentence.offsets) for r in ranked]
        read = judge.read(asked.query.text, texts, [above(r, by_id) for r in ranked], kept)
        times.append((time.perf_counter() - begun) * 1000)
        best.append((ranked[0].score, max(one.answers for one in read), row["answerable"]))
        if not row["answerable"]:
            continue
        quotes = [plain(e if isinstance(e, str) else e["quote"]) for e in row["evidence"]]
        right = [any(plain(t) in q or q in plain(t) for q in quotes) for t in texts]
        first["questions"] += 1
        first["within"] += any(right)
        first["ranking"] += right[0]
        first["judge"] += right[int(np.argmax([one.answers for one in read]))]
        first["sum"] += right[
            int(np.argmax([r.score + MIX * odds(one.answers) for r, one in zip(ranked, read, strict=True)]))
        ]
        if row["type"] in {"figure", "fact", "english", "traditional", "followup", "plan"} and any(right):
            at = right.index(True)
            exact = _exact(row["answers"])
            spans["judge"].append(exact(_likeliest(read[at], texts[at], ranked[at].sentence.offsets)))
    say(
        f"{name}: {dict(first)}; right sentence given, exact",
        {k: (round(float(np.mean(v)), 3), len(v)) for k, v in spans.items()},
    )
    late, judged, labels = (np.array(column) for column in zip(*best, strict=True))
    say(
        f"  area of the best candidate, answerable or not: ranking {area(late, labels):.3f}, judge {area(judged, labels):.3f}"
    )
    say(f"  {FIRST} candidates, milliseconds: median {np.median(times):.0f}, 95th {np.percentile(times, 95):.0f}")


def _exact(answers: Sequence[str]) -> Callable[[str], bool]:
    right = {plain(a) for a in answers}
    return lambda found: plain(found) in right


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.training.evaluate", description=__doc__.split("\n")[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("--work", type=Path, required=True, help="folder for token vectors and libraries")
    parser.add_argument("--weights", type=Path, default=WEIGHTS)
    parser.add_argument("--most", type=int, default=1000, help="questions of each encyclopedia set")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--only", choices=("encyclopedia", "made", "gold"), action="append")
    given = parser.parse_args()
    torch.set_num_threads(given.threads)
    random.seed(SEED)
    embedder = load_embedder("bundled")
    judge = load_judge(given.weights, embedder)
    if judge is None:
        raise SystemExit(f"no judge for this model in {given.weights}")
    store = Store(given.work / "cache", embedder)
    wanted = given.only or ("gold", "made", "encyclopedia")
    if "gold" in wanted:
        added = sorted({e["document"] for row in lines(given.data / "gold2/dev.jsonl") for e in row["evidence"] or ()})
        gold(given.data, "gold", judge, given.work, ())
        gold(given.data, "gold2", judge, given.work, added)
    if "made" in wanted:
        made(given.data, judge, store, 300)
    if "encyclopedia" in wanted:
        for name in SETS:
            encyclopedia(given.data, name, judge, store, given.most)


if __name__ == "__main__":
    main()
