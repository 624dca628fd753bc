"""Mutated files over every reader: `nice python -m tests.faults.fuzz --files 1000 --folder DIR`.

A file is read, and cut into passages, or refused in one line; anything else (another exception, a hang, memory
that grows) is a finding. Without a folder, small files of every format are made. Archives are mutated inside, too,
and packed again, so that their checksums hold.
"""

import argparse
import io
import random
import re
import sys
import time
import traceback
import zipfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import count
from pathlib import Path

from index import DEFAULT_BOUNDS, InputRefused
from index.ingest import describe, layout_of
from index.passages import passages, sentences_of
from index.reading import Extract, read

SECONDS = 20  # for one file; the reader ends itself by then
GRACE_SECONDS = 10  # to start the reader's process and to end it, on a busy machine
BOUNDS = replace(DEFAULT_BOUNDS, seconds=SECONDS, scan_seconds=SECONDS, memory_mb=1_024)
COUNTS = (1, 1, 1, 2, 3, 5, 12)  # of changes: few leave most of a file as it was, so that readers get far into it
LONGEST_PIECE = 400
PASSAGE_LENGTH = 512  # characters, where a model would count tokens
GROWTH_MB = 100  # of this process over a run; what readers take they give back when they end
TEXTS = {".txt", ".md", ".csv", ".html"}
KEPT_FROM = 20  # files after which memory counts: by then everything is imported
TEXT = "一、工作进展\n2021年,天津港集装箱吞吐量完成超2000万标准箱,比上年增长10.4%。\n(一)七里海湿地得到保护。\n"
ROWS = "<tr><th>年</th><th>值</th></tr><tr><td>2021</td><td>2000</td></tr>"
HTML = f"<html><head><title>工作报告</title></head><body><h1>进展</h1><p>{TEXT}</p><table>{ROWS}</table></body></html>"
CSV = "指标,2020年,2021年\n吞吐量(万箱),1835,2027\n增长(%),6.1,10.4\n"
SPECIAL = (b"\x00", b"\xff" * 8, b"<", b">", b"&a;", b'"', b"\x7f" * 4, b"99999999999", b"-1", b"%PDF-1.7", b"PK")
ELEMENT = re.compile(rb"<([\w:]+)\b[^<>]*(?:/>|>[^<]*</\1>)")
NUMBER = re.compile(rb"(?<==\")\d+(?=\")")
ODD_NUMBERS = (b"0", b"-1", b"7", b"99", b"1048577", b"99999999999", b"1e9", b"")
ODD = '\x00\x0b\x1c\u2028\ufeff\u202e\u0301\U0001f600\ud7ff,|<&"\t第一二(:。\n'


@dataclass(slots=True)
class Findings:
    """What a run found. seconds: of the slowest file; grown: MB of this process's memory since the 20th."""

    files: int = 0
    read: int = 0
    refused: int = 0
    seconds: float = 0.0
    slowest: str = ""
    grown: float = 0.0
    wrong: list[str] = field(default_factory=list)
    kinds: Counter[str] = field(default_factory=Counter)


# Files


def samples() -> dict[str, bytes]:
    """A small file of each format."""
    return {
        "a.txt": TEXT.encode(),
        "b.txt": TEXT.encode("gb18030"),
        "c.md": f"# 报告\n\n{TEXT}\n| 年 | 值 |\n|---|---|\n| 2021 | 2000 |\n".encode(),
        "d.html": HTML.encode(),
        "e.csv": CSV.encode(),
        "f.docx": _docx(),
        "g.xlsx": _xlsx(),
        "h.pptx": _pptx(),
        "i.pdf": _pdf(),
    }


def _docx() -> bytes:
    import docx

    document, out = docx.Document(), io.BytesIO()
    document.add_heading("工作进展", 1)
    document.add_paragraph(TEXT)
    table = document.add_table(2, 2)
    for cell, text in zip((c for row in table.rows for c in row.cells), ("年", "值", "2021", "2000"), strict=True):
        cell.text = text
    document.save(out)
    return out.getvalue()


def _xlsx() -> bytes:
    import openpyxl

    book, out = openpyxl.Workbook(), io.BytesIO()
    sheet = book.worksheets[0]
    for line in CSV.splitlines():
        sheet.append(line.split(","))
    sheet.merge_cells("A4:C4")
    book.save(out)
    return out.getvalue()


def _pptx() -> bytes:
    import pptx

    deck, out = pptx.Presentation(), io.BytesIO()
    slide = deck.slides.add_slide(deck.slide_layouts[1])
    for shape in slide.placeholders:
        shape.text_frame.text = TEXT
    deck.save(out)
    return out.getvalue()


def _pdf() -> bytes:
    from reportlab.pdfbase.cidfonts import UnicodeCIDFont
    from reportlab.pdfbase.pdfmetrics import registerFont
    from reportlab.pdfgen.canvas import Canvas

    out = io.BytesIO()
    registerFont(UnicodeCIDFont("STSong-Light"))
    canvas = Canvas(out)
    canvas.setFont("STSong-Light", 12)
    for number, line in enumerate(TEXT.splitlines()):
        canvas.drawString(60, 700 - 20 * number, line)
    canvas.save()
    return out.getvalue()


# Mutations


def _flipped(data: bytearray, chance: random.Random) -> None:
    data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)


def _overwritten(data: bytearray, chance: random.Random) -> None:
    at = chance.randrange(len(data))
    data[at : at + chance.randint(1, 8)] = chance.choice(SPECIAL)


def _cut(data: bytearray, chance: random.Random) -> None:
    at = chance.randrange(len(data))
    del data[at : at + chance.randint(1, LONGEST_PIECE)]


def _doubled(data: bytearray, chance: random.Random) -> None:
    at = chance.randrange(len(data))
    piece = data[at : at + chance.randint(1, LONGEST_PIECE)]
    data[at:at] = piece * chance.choice((1, 2, 50))


def _moved(data: bytearray, chance: random.Random) -> None:
    at, to = chance.randrange(len(data)), chance.randrange(len(data))
    data[to:to] = data[at : at + chance.randint(1, LONGEST_PIECE)]


def _truncated(data: bytearray, chance: random.Random) -> None:
    del data[chance.randrange(len(data)) :]


CHANGES = (*(_flipped, _overwritten) * 5, _cut, _cut, _doubled, _doubled, _moved, _moved, _truncated)


def changed(data: bytes, chance: random.Random) -> bytes:
    """A few changes anywhere."""
    made = bytearray(data)
    for _ in range(chance.choice(COUNTS)):
        if made:
            chance.choice(CHANGES)(made, chance)
    return bytes(made)


def _rewritten(data: bytes, chance: random.Random) -> bytes:
    """A text with odd characters, lines moved and doubled, in its own encoding."""
    try:
        text, encoding = data.decode(), "utf-8"
    except UnicodeDecodeError:
        text, encoding = data.decode("gb18030", "replace"), "gb18030"
    lines = text.split("\n")
    for _ in range(chance.choice(COUNTS)):
        at, to = chance.randrange(len(lines)), chance.randrange(len(lines))
        lines.insert(to, lines[at][: chance.randint(0, LONGEST_PIECE)] * chance.choice((1, 1, 1, 300)))
        cut = chance.randint(0, len(lines[at]))
        lines[at] = lines[at][:cut] + chance.choice(ODD) * chance.choice((1, 1, 40)) + lines[at][cut:]
    return "\n".join(lines).encode(encoding)


def _rearranged(data: bytes, chance: random.Random) -> bytes:
    """XML that stays well-formed: elements moved, doubled and taken out, numbers in attributes made odd."""
    for _ in range(chance.choice(COUNTS)):
        found = list(ELEMENT.finditer(data))
        if not found:
            return data
        piece, place = chance.choice(found), chance.choice(found).start()
        what = chance.choice(("out", "again", "number"))
        if what == "out":
            data = data[: piece.start()] + data[piece.end() :]
        elif what == "again":
            data = data[:place] + piece.group() * chance.choice((1, 1, 1, 300)) + data[place:]
        elif numbers := list(NUMBER.finditer(data)):
            number = chance.choice(numbers)
            data = data[: number.start()] + chance.choice(ODD_NUMBERS) + data[number.end() :]
    return data


def mutated(name: str, data: bytes, chance: random.Random) -> bytes:
    """The file changed; mostly inside the members of an archive, and in the characters of a text."""
    inside = chance.random() < 0.75
    if data.startswith(b"PK") and inside:
        return _repacked(data, chance)
    if Path(name).suffix in TEXTS and inside:
        return _rewritten(data, chance)
    return changed(data, chance)


def _repacked(data: bytes, chance: random.Random) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        names = old.namelist()
        chosen = set(chance.sample(names, min(len(names), chance.randint(1, 3))))
        for name in names:
            if name not in chosen or chance.random() < 0.9:  # else the member is missing
                change = chance.choice((changed, _rearranged, _rearranged)) if name in chosen else _as_it_is
                new.writestr(name, change(old.read(name), chance))
    return out.getvalue()


def _as_it_is(data: bytes, chance: random.Random) -> bytes:
    return data


# Running


def _memory_mb() -> float:
    """This process's resident memory, where the system says it."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
    except OSError:
        return 0.0
    return pages * 4096 / 2**20


def run(files: Sequence[tuple[str, bytes]], number_of: int, seed: int, keep: Path | None = None) -> Iterator[Findings]:
    """Reads `number_of` mutations of the files in turn; the findings so far after each. What went wrong is kept."""
    findings, start, turns = Findings(), 0.0, _by_format(files)
    for number in range(number_of):
        name, data = next(turns)
        chance = random.Random(f"{seed}/{number}")
        mutation = mutated(name, data, chance)
        wrong = _once(name, mutation, number, findings)
        if wrong:
            findings.wrong.append(wrong)
            if keep:
                (keep / f"{seed}-{number}-{name}").write_bytes(mutation)
        start = _memory_mb() if number <= KEPT_FROM else start
        findings.grown = _memory_mb() - start
        yield findings


def _by_format(files: Sequence[tuple[str, bytes]]) -> Iterator[tuple[str, bytes]]:
    """The files without end, every format as often as another."""
    formats: dict[str, list[tuple[str, bytes]]] = {}
    for name, data in files:
        formats.setdefault(Path(name).suffix, []).append((name, data))
    for turn in count():
        yield from (group[turn % len(group)] for group in formats.values())


def cut(data: bytes, name: str, extract: Extract) -> None:
    """Title, outline, passages and sentences, as when the file is added: each inside the other, none empty."""
    text, document = extract.text, describe(data, extract, name, {})
    for passage in passages(text, document.id, document.title, len, PASSAGE_LENGTH, layout_of(extract)):
        spans = sentences_of(text, passage)
        assert spans and passage.text == text[passage.start : passage.end], passage
        assert all(passage.start <= s.start < s.end <= passage.end for s in spans), (passage, spans)


def _once(name: str, data: bytes, number: int, findings: Findings) -> str:
    """What is wrong with reading one file; empty where nothing is."""
    begun, wrong = time.monotonic(), ""
    try:
        cut(data, name, read(data, name, BOUNDS))
        findings.read += 1
    except InputRefused as refusal:
        findings.refused += 1
        if "\n" in str(refusal) or not refusal.zh or not refusal.en:
            wrong = f"{number} {name}: not one line: {refusal}"
    except Exception:
        wrong = f"{number} {name}: {traceback.format_exc()}"
    taken = time.monotonic() - begun
    findings.files += 1
    findings.kinds[Path(name).suffix] += 1
    if taken > findings.seconds:
        findings.seconds, findings.slowest = taken, f"{number} {name}"
    if taken > SECONDS + GRACE_SECONDS:
        wrong = f"{number} {name}: {taken:.1f} s"
    return wrong


def files_of(folder: Path, largest: int) -> list[tuple[str, bytes]]:
    """The files below a folder, but for those over a size."""
    paths = sorted(p for p in folder.rglob("*") if p.is_file() and p.stat().st_size <= largest)
    return [(path.name, path.read_bytes()) for path in paths]


def main() -> int:
    """The long run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=1000)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--leave-out", default="", help="files whose names contain this")
    parser.add_argument("--largest", type=int, default=2**20, help="bytes of a file that is mutated")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--keep", type=Path, help="folder for files that went wrong")
    args = parser.parse_args()
    files = files_of(args.folder, args.largest) if args.folder else list(samples().items())
    if args.leave_out:
        files = [(name, data) for name, data in files if args.leave_out not in name]
    begun = time.monotonic()
    findings = Findings()
    for findings in run(files, args.files, args.seed, args.keep):
        spent = time.monotonic() - begun
        if findings.files % 50 == 0 or findings.files == args.files or spent > args.minutes * 60:
            print(f"{spent:.0f} s: {replace(findings, wrong=[])}, {len(findings.wrong)} wrong", flush=True)  # noqa: T201
        if spent > args.minutes * 60:
            break
    print("\n".join(findings.wrong))  # noqa: T201
    return 1 if findings.wrong or findings.grown > GROWTH_MB else 0


if __name__ == "__main__":
    sys.exit(main())
