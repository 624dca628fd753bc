"""The sets: which questions are asked over which library, and what each part of the search finds alone."""

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from importlib import import_module
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unicodedata import normalize

from assistant import Answer, Assistant
from index import matching_form
from index.fulltext import fulltext
from index.indexes import Indexes
from index.passages import sentences
from index.store import passages_by_row
from tests.evaluation.libraries import ROOT, assistant_over, assistant_over_passages
from tests.evaluation.scoring import Figures, ask, faults
from tests.evaluation.sets import Row, held_out, left_out, rows
from tests.training.asked import HELD_OUT_LIBRARIES, Asked, by_library, file_name, library_over

SETS = ("gold", "report", "gold2", "asked", "cmrc2018", "drcd_s", "leave_gold_out")
# The code that decides what a library holds: one kept from before a change of it is not used again.
MAKERS = (
    "passages.py",
    "outline.py",
    "ingest.py",
    "normalise.py",
    "embedding.py",
    "bundled.py",
    "int8.py",
    "quick.py",
    "tokens.py",
    "reading/*.py",
)
# What can be taken away, to see what it is worth: (module, name, what stands in its place).
PARTS: dict[str, tuple[tuple[str, str, Any], ...]] = {
    "judge": (("assistant.assistant", "shipped_judge", lambda library: None),),
    "bm25": (("index.search", "FULLTEXT_WEIGHT", 0.0), ("index.search", "FULLTEXT_CANDIDATES", 0)),
    "passages": (("index.search", "PASSAGE_WEIGHT", 0.0), ("index.search", "PASSAGE_CANDIDATES", 1)),
    "checks": (("assistant.checks", "CHECKS", ()),),
    "null model": (("assistant.assistant", "ON_TOPIC_SCORE", -1.0),),
    "section": (("assistant.ranking", "SECTION_BONUS", 0.0),),
    "value": (("assistant.ranking", "VALUE_BONUS", 0.0),),
    "year": (("assistant.ranking", "YEAR_BONUS", 0.0),),
    "place": (("assistant.ranking", "PLACE_BONUS", 0.0),),
    "title and headings": (("index.search", "TITLE_SHARE", 0.0), ("index.search", "HEADING_SHARE", 0.0)),
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """A set's questions with their answers; `faults`: how often an answer says what its sources do not, by kind."""

    name: str
    gold: list[Row]
    answers: list[Answer]
    faults: Counter[str]
    alone: Figures


@contextmanager
def without(parts: Sequence[str]) -> Iterator[None]:
    """The program with some of its parts taken away."""
    kept = []
    for module, name, value in (change for part in parts for change in PARTS[part]):
        target = import_module(module)
        kept.append((target, name, getattr(target, name)))
        setattr(target, name, value)
    try:
        yield
    finally:
        for target, name, value in kept:
            setattr(target, name, value)


def evidence_documents(gold: Sequence[Row], documents: Path) -> list[Path]:
    """The files below a folder that the evidence of the questions names."""
    named = {normalize("NFC", e["document"]) for row in gold for e in row["evidence"] if not isinstance(e, str)}
    return sorted(p for p in documents.rglob("*") if normalize("NFC", p.name) in named)


def as_gold(question: Row, passages: dict[str, Row]) -> Row:
    """A question of a large set in the form of gold: its passage is the evidence."""
    evidence = {"document": f"{question['passage_id']}.txt", "quote": passages[question["passage_id"]]["text"]}
    return {**question, "type": "passage", "match": "any", "evidence": [evidence]}


def alone(assistant: Assistant, gold: Sequence[Row]) -> Figures:
    """How often the best passage is the right one by bigram BM25 alone, and by the passages' vectors alone."""
    library, found = assistant.library, {"bm25": 0, "dense": 0}
    with library.catalogue.read() as db:
        indexes = Indexes(library.folder, library.embedder().dimension).bring_to(db)
        for row in gold:
            text = matching_form(row["question"])
            vector = library.embedder().encode([text], "query")[0].vector
            best = {"bm25": fulltext(db, text, 1, None), "dense": dict(indexes.passages.search(vector, 1))}
            for name, scores in best.items():
                files = {library.document(p.document_id).file_name for p in passages_by_row(db, list(scores)).values()}
                found[name] += files == {row["evidence"][0]["document"]}
    return {f"{name} alone": count / max(len(gold), 1) for name, count in found.items()}


def _outcome(
    name: str, assistant: Assistant, gold: list[Row], answers: list[Answer], alone: Figures | None = None
) -> Outcome:
    found = Counter(fault for answer in answers for fault in faults(answer, assistant.library.text))
    return Outcome(name, gold, answers, found, alone or {})


def ask_gold(questions: Path, data: Path, documents: Sequence[Path]) -> Outcome:
    """A file of gold over the bundled documents and the given ones, in the data folder `data`."""
    gold = rows(questions)
    assistant = assistant_over(data, documents)
    name = f"{questions.resolve().parent.name}/{questions.name}"
    return _outcome(name, assistant, gold, [ask(assistant, row) for row in gold])


def _passages(folder: Path, data: Path, limit: int) -> Outcome:
    passages = {row["id"]: row for row in rows(folder / "passages.jsonl")}
    gold = [as_gold(row, passages) for row in held_out(folder)[:limit]]
    assistant = assistant_over_passages(data, folder)
    answers = [ask(assistant, row) for row in gold]
    return _outcome(folder.name, assistant, gold, answers, alone(assistant, gold))


def _left_out(folder: Path, data: Path, limit: int) -> Outcome:
    """Each question with the passage taken away that answers it: nothing else does."""
    assistant = assistant_over_passages(data, folder)
    ids = {document.file_name: document.id for document in assistant.library.documents()}
    gold, answers = [], []
    for row in islice(left_out(folder), limit):
        gone = {ids[f"{passage}.txt"] for passage in row["remove_passage_ids"]}
        gold.append({**row, "type": "left out", "match": "none", "answers": [], "evidence": [], "answerable": False})
        answers.append(ask(assistant, gold[-1], [one for one in ids.values() if one not in gone]))
    return _outcome(f"{folder.name}/leave_gold_out", assistant, gold, answers)


def questions_of(name: str, folder: Path) -> Path:
    """The file of a set in the form of gold. "report" is this project's own, asked beside gold over the same report."""
    return (ROOT / "tests" / "evaluation" if name == "report" else folder) / name / "dev.jsonl"


def is_there(name: str, folder: Path) -> bool:
    """Has a folder what a set is asked over?"""
    source = {"leave_gold_out": "cmrc2018", "asked": "gov_passages.jsonl", "report": "gold"}.get(name, name)
    return (folder / source).exists()


def as_row(one: Asked, number: int) -> Row:
    """A question of tests/training/asked.jsonl in the form of gold: the sentence is the evidence."""
    row: Row = {"id": f"a{number}", "question": one.question, "type": one.kind, "answerable": one.at is not None}
    if one.at is None:
        return {**row, "near_miss": one.kind, "answers": [], "match": "none", "evidence": []}
    path, text, spans = one.at
    around = [text[s.start : s.end] for s in sentences(text, 0, len(text)) if s.start <= spans[0][0] < s.end]
    evidence = [{"document": file_name(path), "quote": around[0]}]
    match = "all" if len(spans) > 1 else "any"
    return {**row, "answers": [text[a:b] for a, b in spans], "match": match, "evidence": evidence}


def asked_over(data: Path, cache: Path) -> Iterator[tuple[Assistant, list[Row]]]:
    """Each library that no training uses, with the questions that were asked over it."""
    for number, (library, some) in enumerate(by_library(data).items()):
        if number in HELD_OUT_LIBRARIES:
            assistant = library_over(data, cache / kept_name(f"asked-{number}"), library)
            yield assistant, [as_row(one, 1000 * number + at) for at, one in enumerate(some)]


def _asked(data: Path, cache: Path) -> Outcome:
    gold: list[Row] = []
    answers: list[Answer] = []
    found: Counter[str] = Counter()
    for assistant, questions in asked_over(data, cache):
        outcome = _outcome("asked", assistant, questions, [ask(assistant, row) for row in questions])
        gold, answers, found = gold + questions, answers + outcome.answers, found + outcome.faults
    return Outcome("asked", gold, answers, found, {})


def kept_name(name: str) -> str:
    """The folder of a set's library, named for the code that made it."""
    makers = sorted(path for pattern in MAKERS for path in (ROOT / "index").glob(pattern))
    return f"{name}-{sha256(b''.join(path.read_bytes() for path in makers)).hexdigest()[:8]}"


def run(name: str, folder: Path, cache: Path | None, limit: int) -> Outcome:
    """Asks one set of a folder that has gold/, gold2/, docs/, gov_passages.jsonl, cmrc2018/, drcd_s/.

    cache: where libraries are kept.
    """
    source = "cmrc2018" if name == "leave_gold_out" else name
    with TemporaryDirectory() as scratch:
        data = (cache or Path(scratch)) / kept_name(source)
        if name == "asked":
            return _asked(folder, cache or Path(scratch))
        if name == "leave_gold_out":
            return _left_out(folder / source, data, limit)
        if (folder / source / "passages.jsonl").is_file():
            return _passages(folder / source, data, limit)
        questions = questions_of(name, folder)
        return ask_gold(questions, data, evidence_documents(rows(questions), folder / "docs"))
