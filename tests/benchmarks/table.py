"""A record as Markdown: the figures of each way side by side, then the bounds and whether each is met."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tests.benchmarks.startup import ANSWER_TIMES, PAGE_SECONDS, PAGE_TIMES
from tests.benchmarks.ways import FLOOR, OURS, PEERS

Figures = Mapping[str, Any]
Record = Mapping[str, Any]

NONE = "–"
MEBIBYTE = 2**20
# The bounds, of ratios within one run.
SEARCH_TIMES = 1.5  # p50 of total less reranking, of embedding
TOTAL_MS = 400.0
CROWD_TIMES = 4.0  # p95 of many at once, of the p50 alone
MODEL_SHARE = 0.9  # of the model's own best tokens a second
TOKEN_TIMES = 1.5  # tokens a second, of the fastest peer's
MEMORY_TIMES = 1.25


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the table: what is shown, of which figure, as how many units with how many decimals."""

    shown: str
    path: str
    unit: float = 1.0
    decimals: int = 2


@dataclass(frozen=True, slots=True)
class Bound:
    """What is promised. `value` is to be at most `most`, or at least where `least`; None where it was not measured."""

    shown: str
    value: float | None
    bound: float | None
    least: bool = False

    @property
    def met(self) -> bool | None:
        if self.value is None or self.bound is None:
            return None
        return self.value >= self.bound if self.least else self.value <= self.bound


LINES = (
    Line("import gradio, s", "gradio_s"),
    Line("page served, s", "page_s"),
    Line("import sentence_transformers + load the model, s", "import_load_s"),
    Line("first answer of a fresh process, s", "first_answer_s"),
    Line("`xietong list`, s", "list_s"),
    Line("index the report, s", "report.seconds"),
    Line("index a sample: documents/s", "index.documents_per_s"),
    Line("index a sample: tokens embedded/s", "index.tokens_per_s", decimals=0),
    Line("the model alone on the same texts, its best: tokens/s", "index.alone_tokens_per_s", decimals=0),
    Line("tokens embedded per document", "index.tokens_per_document", decimals=0),
    Line("index the large library, s", "large.seconds", decimals=0),
    Line("bytes on disk, MiB", "large.bytes", MEBIBYTE, 1),
    Line("add one document to it, s", "questions.add_s"),
    Line("one question p50, ms", "questions.p50_ms", decimals=1),
    Line("one question p95, ms", "questions.p95_ms", decimals=1),
    Line("one question p99, ms", "questions.p99_ms", decimals=1),
    Line("… without reranking p50, ms", "questions.without_rerank_ms.p50", decimals=1),
    Line("… embedding, ms", "questions.stages_ms.embed", decimals=1),
    Line("… search, ms", "questions.stages_ms.search", decimals=1),
    Line("… reranking, ms", "questions.stages_ms.rerank", decimals=1),
    Line("… answering (search and ranking done), ms", "questions.stages_ms.answer", decimals=1),
    Line("memory after one question, MiB", "questions.rss_mb", decimals=0),
    Line("most memory, MiB", "questions.peak_mb", decimals=0),
    Line("only the imports, the model and one query: most memory, MiB", "libraries.peak_mb", decimals=0),
    Line("page server after one question: most memory, MiB", "page.peak_mb", decimals=0),
    Line("only its imports, the model and one query: most memory, MiB", "page_libraries.peak_mb", decimals=0),
    *(
        line
        for key, shown in (("load", "many at once"), ("page_load", "many at once, through the page server"))
        for line in (
            Line(f"{shown}: p50 alone before, ms", f"{key}.alone.p50_ms", decimals=0),
            Line(f"{shown}: p50, ms", f"{key}.thinking.p50_ms", decimals=0),
            Line(f"{shown}: p95, ms", f"{key}.thinking.p95_ms", decimals=0),
            Line(f"{shown}: p99, ms", f"{key}.thinking.p99_ms", decimals=0),
            Line(f"{shown}: answers", f"{key}.thinking.answers", decimals=0),
            Line(f"{shown}: errors", f"{key}.thinking.errors", decimals=0),
            Line(f"{shown}: documents added meanwhile", f"{key}.thinking.added", decimals=0),
            Line(f"{shown}, without thinking: answers/s", f"{key}.rush.answers_per_s"),
            Line(f"{shown}, without thinking: p95, ms", f"{key}.rush.p95_ms", decimals=0),
            Line(f"{shown}, without thinking: errors", f"{key}.rush.errors", decimals=0),
        )
    ),
    *(
        Line(f"{gold}: {figure}", f"quality.{gold}.{figure}", decimals=3)
        for gold in ("gold", "gold2")
        for figure in ("recall@5", "mrr@10")
    ),
)


def at(figures: Figures, path: str) -> float | None:
    """The figure of a path of names, None where there is none."""
    found: Any = figures
    for name in path.split("."):
        found = found.get(name) if isinstance(found, Mapping) else None
    return float(found) if isinstance(found, int | float) else None


def markdown(record: Record) -> str:
    """The whole record: where and when, the table, the bounds."""
    figures: Mapping[str, Figures] = record["figures"]
    present = [name for name, own in figures.items() if "missing" not in own]
    absent = [f"{name}: {own['missing']}" for name, own in figures.items() if "missing" in own]
    blocks = [_heading(record), _table(figures, present)]
    blocks += ["\n".join(absent)] if absent else []
    blocks += [_bounds(bounds(figures))]
    return "\n\n".join(blocks) + "\n"


def bounds(figures: Mapping[str, Figures]) -> list[Bound]:
    """What ours promises, as ratios within the record."""
    own = figures.get(OURS, {})
    peers = {name: figures[name] for name in PEERS if name in figures}

    def mine(path: str) -> float | None:
        return at(own, path)

    def best(path: str, choose: Callable[[Sequence[float]], float]) -> float | None:
        values = [value for one in peers.values() if (value := at(one, path)) is not None]
        return choose(values) if values else None

    alone = mine("questions.p50_ms")
    page, gradio = mine("page_s"), mine("gradio_s")
    page_bound = None if gradio is None else PAGE_TIMES * gradio + PAGE_SECONDS
    return [
        Bound(f"page served, s: at most {PAGE_TIMES} × `import gradio` + {PAGE_SECONDS} s", page, page_bound),
        Bound(
            f"first answer, of import + load: at most {ANSWER_TIMES}",
            _ratio(mine("first_answer_s"), mine("import_load_s")),
            ANSWER_TIMES,
        ),
        Bound(
            f"indexing, of the model's own best tokens/s: at least {MODEL_SHARE}",
            _ratio(mine("index.tokens_per_s"), mine("index.alone_tokens_per_s")),
            MODEL_SHARE,
            least=True,
        ),
        Bound(
            f"indexing, tokens/s of the fastest peer's: at least {TOKEN_TIMES}",
            _ratio(mine("index.tokens_per_s"), best("index.tokens_per_s", max)),
            TOKEN_TIMES,
            least=True,
        ),
        Bound(
            "indexing, documents/s of the fastest peer's: at least 1",
            _ratio(mine("index.documents_per_s"), best("index.documents_per_s", max)),
            1.0,
            least=True,
        ),
        Bound(
            f"one question without reranking, p50 of embedding's: at most {SEARCH_TIMES}",
            _ratio(mine("questions.without_rerank_ms.p50"), mine("questions.stages_ms.embed")),
            SEARCH_TIMES,
        ),
        Bound(f"one question, p50 in ms: at most {TOTAL_MS:g}", alone, TOTAL_MS),
        Bound(
            "one question without reranking, p50 of the fastest peer's: at most 1",
            _ratio(mine("questions.without_rerank_ms.p50"), best("questions.p50_ms", min)),
            1.0,
        ),
        *(
            bound
            for key, shown in (("load", "many at once"), ("page_load", "many at once, through the page server"))
            for bound in (
                Bound(
                    f"{shown}, p95 of the p50 alone: at most {CROWD_TIMES:g}",
                    _ratio(mine(f"{key}.thinking.p95_ms"), mine(f"{key}.alone.p50_ms")),
                    CROWD_TIMES,
                ),
                Bound(f"{shown}, errors: none", mine(f"{key}.thinking.errors"), 0.0),
            )
        ),
        *(
            Bound(
                f"{shown}, most memory of the imports': at most {MEMORY_TIMES}",
                _ratio(mine(f"{key}.peak_mb"), mine(f"{floor}.peak_mb")),
                MEMORY_TIMES,
            )
            for key, floor, shown in (
                ("questions", "libraries", "one process"),
                ("page", "page_libraries", "page server"),
            )
        ),
        *(
            Bound(
                f"{gold}: {figure} beside the best peer's: at least as good",
                mine(f"quality.{gold}.{figure}"),
                best(f"quality.{gold}.{figure}", max),
                least=True,
            )
            for gold in ("gold", "gold2")
            for figure in ("recall@5", "mrr@10")
        ),
    ]


def _ratio(value: float | None, of: float | None) -> float | None:
    return None if value is None or not of else value / of


def _heading(record: Record) -> str:
    machine, plan = record["machine"], record["plan"]
    versions = ", ".join(f"{name} {version}" for name, version in record["versions"].items() if version)
    return (
        f"{record['date']}; {machine['cpu']}, {machine['cores']} cores, {machine['memory_mb']} MiB; "
        f"{plan['documents']} documents of about 800 characters, {plan['people']} people who think "
        f"{plan['think']:g} s ± half of it between questions for {plan['seconds']:g} s, a document added and "
        f"{plan['add_pause']:g} s later the next; peers' model: {record['model']}.\n\n{versions}"
    )


def _table(figures: Mapping[str, Figures], names: Sequence[str]) -> str:
    rows = []
    for line in LINES:
        values = [_value(figures[name], line) for name in names]
        if any(value is not None for value in values):
            cells = (NONE if value is None else f"{value / line.unit:,.{line.decimals}f}" for value in values)
            rows.append(f"| {line.shown} | {' | '.join(cells)} |")
    shown = " | ".join(f"{name} (floor)" if name == FLOOR else name for name in names)
    return "\n".join((f"| | {shown} |", "|---|" + "---:|" * len(names), *rows))


def _value(figures: Figures, line: Line) -> float | None:
    if line.path == "index.tokens_per_document":
        return _ratio(at(figures, "index.tokens"), at(figures, "index.documents"))
    return at(figures, line.path)


def _bounds(found: Sequence[Bound]) -> str:
    rows = ["| bound | measured | met |", "|---|---:|---|"]
    for bound in found:
        if bound.met is not None:
            assert bound.value is not None and bound.bound is not None
            shown = f"{bound.value:.2f} ({bound.bound:.2f})"
            rows.append(f"| {bound.shown} | {shown} | {'yes' if bound.met else '**no**'} |")
    return "\n".join(rows)
