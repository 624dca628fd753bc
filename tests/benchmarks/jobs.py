"""What one process measures of one way, by name."""

import json
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from functools import cache, partial
from importlib import import_module
from itertools import islice
from multiprocessing import get_context
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

from tests.benchmarks.machine import folder_bytes, memory_mb
from tests.benchmarks.recipes.types import Recipe
from tests.benchmarks.timing import quantiles
from tests.benchmarks.ways import recipe

if TYPE_CHECKING:
    from index import Embedder

Figures = dict[str, Any]

PLACES = 5  # passages that a peer is asked for
WARM_UP = ("今年的主要目标是什么?", "有哪些重点任务?", "完成了多少?")  # asked before the clock runs
ALONE_QUESTIONS = 30  # one after the other, before many ask at once
ALONE_TEXTS = 300  # of those embedded, evenly taken, that the model alone is timed on
# What `xietong ask` and the pages import, for a process that does nothing else with it.
LIBRARIES = ("numpy", "faiss", "sentence_transformers", "opencc", "langchain_text_splitters")
PAGE_LIBRARIES = (*LIBRARIES, "gradio", "mcp", "docx", "openpyxl", "uvicorn")


@dataclass(frozen=True, slots=True)
class Job:
    """`task`: a name of TASKS; `way`: of tests.benchmarks.ways; the rest as the task needs it."""

    task: str
    way: str
    folder: str
    model: str
    documents: tuple[str, ...] = ()
    questions: tuple[str, ...] = ()
    gold: tuple[str, ...] = ()
    written: str = ""
    alone: bool = False
    people: int = 0
    seconds: float = 0.0
    think: float = 0.0
    add_pause: float = 0.0
    rush_seconds: float = 0.0
    over_http: bool = False

    @classmethod
    def from_json(cls, text: str) -> "Job":
        given: dict[str, Any] = json.loads(text)
        for key in ("documents", "questions", "gold"):
            given[key] = tuple(given[key])
        return cls(**given)

    def to_json(self) -> str:
        return json.dumps(asdict(self), ensure_ascii=False)

    def recipe(self) -> Recipe:
        return recipe(self.way, Path(self.folder), Path(self.model))

    def paths(self) -> list[Path]:
        return [Path(one) for one in self.documents]


def run(job: Job) -> Figures:
    return TASKS[job.task](job)


def build(job: Job) -> Figures:
    """Indexes the documents; where `alone`, the model alone on the same texts beside it."""
    way = job.recipe()
    way.load()
    seconds, texts = _timed(lambda: way.build(job.paths()))
    tokens = _tokens(texts)
    figures: Figures = {
        "seconds": seconds,
        "documents": len(job.documents),
        "documents_per_s": len(job.documents) / seconds,
        "texts": len(texts),
        "tokens": tokens,
        "tokens_per_s": tokens / seconds,
        "bytes": folder_bytes(Path(job.folder)),
    }
    if job.alone:
        figures["alone_tokens_per_s"] = _alone(texts, Path(job.model))
    return figures


def first(job: Job) -> Figures:
    """A process's first answer on an index that is there: timed from outside."""
    way = job.recipe()
    way.load()
    way.open()
    return {"found": len(way.find(job.questions[0], PLACES).found)}


def serve(job: Job) -> Figures:
    """Memory after one question; questions one after the other; documents added one after the other."""
    way = _ready(job)
    way.find(job.questions[0], PLACES)
    figures: Figures = dict(memory_mb())
    for question in WARM_UP:
        way.find(question, PLACES)
    asked = [_timed(partial(way.find, question, PLACES)) for question in job.questions[1:]]
    stages = [dict(reply.stages) for _, reply in asked]
    figures |= {f"{name}_ms": value * 1000 for name, value in quantiles([taken for taken, _ in asked]).items()}
    figures["stages_ms"] = {name: median(one[name] for one in stages) for name in stages[0]}
    if "rerank" in stages[0]:
        figures["without_rerank_ms"] = quantiles([one["total"] - one["rerank"] for one in stages])
    seconds = [_timed(partial(way.add, path))[0] for path in job.paths()]
    figures["add_s"] = median(seconds) if seconds else None
    return figures


def judged(job: Job) -> Figures:
    """recall@5 and MRR@10 on each file of gold, by the file's name."""
    from tests.benchmarks.quality import quality
    from tests.evaluation.sets import rows

    way = _ready(job)
    return {
        Path(gold).stem: quality(lambda question, k: way.find(question, k).found, rows(Path(gold))) for gold in job.gold
    }


def crowded(job: Job) -> Figures:
    """Many asking at once while documents are added; over HTTP, by a process beside the server, as `xietong add` is."""
    if not job.over_http:
        way = _ready(job)
        return _crowds(job, way.add, lambda question: way.find(question, PLACES))
    from tests.benchmarks.pages import served

    beside = ProcessPoolExecutor(1, get_context("spawn"), _begin_adding, (job,))
    with beside, served(Path(job.folder), Path(job.folder) / "no sources") as server:
        beside.submit(_add_beside).result()  # once the model is loaded there
        return _crowds(job, lambda path: beside.submit(_add_beside, path).result(), server.ask)


_beside: list[Recipe] = []  # what the adding process has loaded


def _begin_adding(job: Job) -> None:
    from index import stand_back

    stand_back()
    _beside.append(_ready(job))


def _add_beside(path: Path | None = None) -> None:
    if path is not None:
        _beside[0].add(path)


def _crowds(job: Job, add: Callable[[Path], object], ask: Callable[[str], object]) -> Figures:
    """One after the other; many with time to think between questions; then `rush_seconds` without."""
    from tests.benchmarks.load import Crowd, crowd

    documents, questions = iter(job.paths()), _cycle(job.questions)
    for question in (*WARM_UP, *islice(questions, ALONE_QUESTIONS // 2)):
        ask(question)
    alone = quantiles([_timed(partial(ask, question))[0] for question in islice(questions, ALONE_QUESTIONS)])
    thinking = crowd(ask, add, questions, documents, Crowd(job.people, job.seconds, job.think, job.add_pause)).summary()
    rush = crowd(ask, add, questions, documents, Crowd(job.people, job.rush_seconds, 0.0, job.add_pause)).summary()
    return {"alone": {f"{name}_ms": value * 1000 for name, value in alone.items()}, "thinking": thinking, "rush": rush}


def imports(job: Job) -> Figures:
    """Memory of a process that imports what the program (`way` ours) or its pages import, after one query."""
    for library in PAGE_LIBRARIES if job.over_http else LIBRARIES:
        import_module(library)
    _model().encode([job.questions[0]], "query")
    return dict(memory_mb())


def page(job: Job) -> Figures:
    """Memory of the server after one question over HTTP."""
    from tests.benchmarks.pages import served

    with served(Path(job.folder), Path(job.folder) / "no sources") as server:
        server.ask(job.questions[0])
        return dict(memory_mb(server.pid))


def texts(job: Job) -> Figures:
    """The texts of ours, written into the folder `written` for those that read none but plain text."""
    from tests.benchmarks.recipes.ours import Ours

    written = Path(job.written)
    written.mkdir(parents=True, exist_ok=True)
    for name, text in Ours(Path(job.folder), Path(job.model)).texts().items():
        (written / name).write_text(text, "utf-8")
    return {"documents": [str(path) for path in sorted(written.iterdir())]}


TASKS: dict[str, Callable[[Job], Figures]] = {
    "build": build,
    "first": first,
    "serve": serve,
    "judged": judged,
    "crowded": crowded,
    "imports": imports,
    "page": page,
    "texts": texts,
}


def _ready(job: Job) -> Recipe:
    way = job.recipe()
    way.load()
    way.open()
    return way


def _timed(work: Callable[[], Any]) -> tuple[float, Any]:
    begun = time.perf_counter()
    result = work()
    return time.perf_counter() - begun, result


def _cycle(questions: Sequence[str]) -> Iterator[str]:
    from tests.benchmarks.workload import wordings

    return wordings([{"question": question} for question in questions])


def _tokens(texts: Sequence[str]) -> int:
    """How many tokens of the texts the model saw, prompt and special tokens included."""
    model = _model()
    return sum(min(model.count_tokens(text), model.max_tokens) for text in texts)


@cache
def _model() -> "Embedder":
    """The program's own, loaded once; imported here, so that a peer's start has no part of ours."""
    from index import load_embedder

    return load_embedder("bundled")


def _alone(texts: Sequence[str], model: Path) -> float:
    """Tokens a second of the model with nothing around it, the best of three ways to run it."""
    few = list(islice(texts, 0, None, max(1, len(texts) // ALONE_TEXTS)))
    tokens = _tokens(few)
    return max(tokens / _timed(partial(run, few))[0] for run in _runs(model))


def _runs(model: Path) -> Iterator[Callable[[list[str]], object]]:
    """The library's own encode with the peers' weights, the same in bfloat16, and ours."""
    import torch
    from sentence_transformers import SentenceTransformer

    alone: Any = SentenceTransformer(str(model), device="cpu", local_files_only=True)
    encode = partial(alone.encode, prompt_name="passage", normalize_embeddings=True)
    yield encode
    alone.to(torch.bfloat16)
    yield encode
    yield lambda few: _model().encode(few, "passage")
