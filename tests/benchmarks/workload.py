"""What every way is given: documents cut from a folder, questions, and the model as a folder that peers load."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count, islice
from pathlib import Path
from typing import Any

from index import InputRefused, files_below
from index.reading import read

ROOT = Path(__file__).resolve().parents[2]
REPORT = ROOT / "source_docs" / "report.txt"
GOLD = ROOT / "tests" / "evaluation" / "gold"
LENGTH = 800  # characters of a document, about
LAPS = 8  # times that a folder is cut, each at other places; more documents than that need a larger folder
# People do not word a question twice alike; so that no cache of questions answers for the model.
OPENINGS = ("", "请问", "想知道", "麻烦查一下", "帮我看看", "文件里说", "请告诉我", "查一查")

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Gold:
    """A set: rows of gold (tests/evaluation/scoring.py says their form) and the files that answer them."""

    name: str
    rows: tuple[Row, ...]
    documents: tuple[Path, ...]


def _texts(folder: Path) -> list[str]:
    """Of each readable file of a folder."""
    found = []
    for path in files_below([folder]):
        try:
            found.append(read(path.read_bytes(), path.name).text)
        except InputRefused:
            continue
    return found


def _cut(text: str, first: int) -> Iterator[str]:
    """A text cut between its lines into pieces of LENGTH characters or a line more; the first of `first`."""
    piece, wanted = "", first
    for line in filter(str.strip, text.split("\n")):
        piece += f"{line}\n"
        if len(piece) >= wanted:
            yield piece
            piece, wanted = "", LENGTH


def pieces(folder: Path) -> Iterator[str]:
    """The texts of a folder as documents of about LENGTH characters; then the same cut at other places."""
    texts = _texts(folder)
    for lap in range(LAPS):
        for text in texts:
            yield from _cut(text, LENGTH - lap * LENGTH // LAPS)


def made(folder: Path, texts: Sequence[str], prefix: str) -> list[Path]:
    """The texts as files, different ones even where two are alike."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for number, text in enumerate(texts):
        path = folder / f"{prefix}{number:03}.txt"
        path.write_text(f"第{number + 1}号材料\n{text}", encoding="utf-8")
        paths.append(path)
    return paths


def cut(folder: Path, n: int) -> list[str]:
    """The first n pieces of a folder. Exits with a word where it has fewer."""
    found = list(islice(pieces(folder), n))
    if len(found) < n:
        raise SystemExit(f"{folder}: {len(found)} pieces, {n} are needed; name a larger folder")
    return found


def wordings(rows: Sequence[Row]) -> Iterator[str]:
    """Questions without end, none worded twice alike: all in turn, then all with another opening."""
    for lap in count():
        opening = OPENINGS[lap % len(OPENINGS)]
        for row in rows:
            yield f"{opening}{row['question']}" + "?" * (lap // len(OPENINGS))


def save_model(folder: Path, precision: str) -> Path:
    """The bundled model as a folder that SentenceTransformer loads, once; its weights in `precision`."""
    path = folder / f"model-{precision}"
    if not (path / "modules.json").is_file():
        import torch

        from index import load_bundled_sentence_transformer

        load_bundled_sentence_transformer().to(getattr(torch, precision)).save(str(path))
    return path
