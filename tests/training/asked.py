"""Questions asked the way people ask, by language models that had read the documents: tests/training/asked.jsonl.

Each says over which documents of gov_passages.jsonl it is asked (`library`, paths), and where its answer stands (`at`,
the id of a paragraph; `spans`, characters of it); `answerable` is false where no document of its library says it.
The questions are this project's own; of the documents there is no text here.

    python -m tests.training.asked DATA --from QUESTIONS.jsonl --library PATH --library PATH   # adds such questions
"""

import argparse
import json
import re
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from assistant import Assistant
from assistant.question import understand
from assistant.ranking import JUDGED, Ranked, above, rank
from tests.evaluation.libraries import assistant_over
from tests.training.examples import Example
from tests.training.gov import document_title
from tests.training.reading import lines

QUESTIONS = Path(__file__).with_name("asked.jsonl")
KIND = "asked"
HELD_OUT_LIBRARIES = (2, 3, 23)  # in the order of the file
PASSAGES = 30  # that are ranked, as for an answer

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Asked:
    """A question over a library; `at`: (path, paragraph's text, spans of the answers in it), None without an answer.

    kind: what is asked for (figure, fact, list …), or in what the question misses (year, entity, premise …).
    """

    question: str
    kind: str
    library: tuple[str, ...]
    at: tuple[str, str, tuple[Span, ...]] | None


@cache
def _paragraphs(data: Path) -> dict[str, dict[str, Any]]:
    return {row["id"]: row for row in lines(data / "gov_passages.jsonl")}


def asked(data: Path, questions: Path = QUESTIONS) -> list[Asked]:
    """All of them, in the file's order."""
    found = []
    for row in lines(questions):
        paragraph = _paragraphs(data)[row["at"]] if row["answerable"] else None
        at = None if paragraph is None else (paragraph["path"], paragraph["text"], tuple(map(tuple, row["spans"])))
        found.append(Asked(row["question"], row["kind"], tuple(row["library"]), at))
    return found


def by_library(data: Path) -> dict[tuple[str, ...], list[Asked]]:
    """The questions asked over each library."""
    found: dict[tuple[str, ...], list[Asked]] = defaultdict(list)
    for one in asked(data):
        found[one.library].append(one)
    return found


def file_name(path: str) -> str:
    """Of the document with this path, in a library."""
    return path.replace("/", "_").removesuffix(".md") + ".txt"


def library_over(data: Path, folder: Path, library: Sequence[str]) -> Assistant:
    """An assistant over the documents with these paths, kept in the folder."""
    texts: dict[str, list[str]] = defaultdict(list)
    for row in _paragraphs(data).values():
        texts[row["path"]].append(row["text"])
    assistant = assistant_over(folder, (), bundled=False)
    held = {d.file_name for d in assistant.library.documents()}
    for path in library:
        name = file_name(path)
        if name not in held:
            title, year = document_title(path)
            file = folder / name
            file.write_text("\n".join(texts[path]) + "\n", "utf-8")
            assistant.library.add(file, title=title, date=str(year))
            file.unlink()
    return assistant


def candidates(assistant: Assistant, question: str) -> list[tuple[Ranked, str]]:
    """What a judge would read: the first sentences of the ranking, each with its document's title and headings."""
    held = assistant.library.held()
    part = understand(question)
    hits = assistant.library.search(part.query, PASSAGES).hits
    found = rank(part, hits, held)[:JUDGED]
    return [(r, above(r, held)) for r in found]


def examples(data: Path, work: Path) -> list[Example]:
    """Rows for training: what the ranking brings for each question, the sentence with the answer marked."""
    found: list[Example] = []
    for number, (library, some) in enumerate(by_library(data).items()):
        assistant = library_over(data, work / f"asked-{number}", library)
        for at, one in enumerate(some):
            found += _rows(assistant, one, f"{KIND}{number}-{at}")
    return found


def held_out(group: str) -> bool:
    """Is the row one of a library that is only measured with?"""
    return any(group.startswith(f"{KIND}{number}-") for number in HELD_OUT_LIBRARIES)


def _rows(assistant: Assistant, one: Asked, group: str) -> Iterator[Example]:
    for ranked, context in candidates(assistant, one.question):
        span = _answer_in(ranked, one)
        if span is None and one.at is not None and _says_it_too(ranked.sentence.text, one):
            continue  # the same fact said elsewhere: neither an answer for certain, nor none
        text = ranked.sentence.text
        yield Example(one.question, text, context, span is not None, span or None, KIND, group)


def _answer_in(ranked: Ranked, one: Asked) -> Span | tuple[()] | None:
    """Where in the sentence the answer stands; () where it is more than one stretch; None where it is not there."""
    if one.at is None:
        return None
    _, paragraph, spans = one.at
    text = ranked.sentence.text
    begin = paragraph.find(text)
    inside = [(a - begin, b - begin) for a, b in spans if begin >= 0 and begin <= a and b <= begin + len(text)]
    if not inside:
        return None
    return inside[0] if len(spans) == 1 else ()


def _says_it_too(text: str, one: Asked) -> bool:
    assert one.at is not None
    _, paragraph, spans = one.at
    return any(re.sub(r"\s", "", paragraph[a:b]) in re.sub(r"\s", "", text) for a, b in spans)


def converted(data: Path, rows: Iterable[dict[str, Any]], library: Sequence[str]) -> Iterator[dict[str, Any]]:
    """Rows with `document`, `evidence` and `answers` in words, as rows that only say where those stand."""
    texts: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for paragraph in _paragraphs(data).values():
        texts[paragraph["path"]].append(paragraph)
    for row in rows:
        made = {"question": row["question"], "library": list(library), "answerable": row["answerable"]}
        if row["answerable"]:
            place = _place(row, [p for path in library for p in texts[path]])
            if place is None:
                sys.stderr.write(f"not found: {row['question']} {row['evidence'][:40]}\n")
                continue
            made |= {"at": place[0], "spans": place[1]}
        yield made | {"kind": row["kind"]}


def _place(row: dict[str, Any], paragraphs: Sequence[dict[str, Any]]) -> tuple[str, list[Span]] | None:
    for paragraph in paragraphs:
        begin = paragraph["text"].find(row["evidence"])
        if begin < 0:
            continue
        spans = []
        for answer in row["answers"] if row["match"] == "all" else row["answers"][:1]:
            at = row["evidence"].find(answer)
            spans += [(begin + at, begin + at + len(answer))] if at >= 0 else []
        return (paragraph["id"], spans) if spans else None
    return None


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.training.asked", description=__doc__.split("\n")[0])
    parser.add_argument("data", type=Path, help="folder with gov_passages.jsonl")
    parser.add_argument("--from", dest="source", type=Path, required=True, help="questions with answers in words")
    parser.add_argument("--library", action="append", required=True, help="path of a document that they are asked over")
    given = parser.parse_args()
    with QUESTIONS.open("a", encoding="utf-8") as out:
        for row in converted(given.data, lines(given.source), given.library):
            out.write(json.dumps(row, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
