"""Ours beside what a user would else write: `python -m tests.benchmarks DATA --cache DIR --output FILE`.

DATA: a folder with docs/ (documents of any kind that ours reads) and gold/, gold2/ (dev.jsonl each). Without it
the documents are those of source_docs and the questions those of tests/evaluation/gold: for a try. One run on one
machine: each step in a process of its own, all ways in turn. The large libraries take the model's time for each way
once; --cache keeps them for the next run. Peers: pip install -e '.[peers]'; a row says so of one that is not installed.

Further parts, each alone and with its own text: library, model, formats (python -m tests.benchmarks.NAME --help).
"""

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tests.benchmarks import formats, library, model
from tests.benchmarks.runner import PARTS, QUICK, Plan, Runner
from tests.benchmarks.table import markdown
from tests.benchmarks.ways import NEEDS
from tests.benchmarks.workload import GOLD, REPORT, ROOT, Gold, save_model
from tests.evaluation.sets import rows
from tests.evaluation.suite import evidence_documents

RECORD = Path(__file__).parent / "results.json"
SETS = ("gold", "gold2")
ALONE = ("library", "model", "formats")
NUMBERS = {"documents": int, "sample": int, "runs": int, "questions": int, "people": int, "seconds": float,
           "think": float, "add_pause": float, "rush_seconds": float}  # fmt: skip


def sets(data: Path | None, quick: bool) -> list[Gold]:
    """The sets of gold of a folder; the first alone for a quick run, whose documents are few."""
    if data is None:
        return [Gold("gold", tuple(rows(GOLD / "dev.jsonl")), (REPORT,))]
    there = [name for name in SETS if (data / name / "dev.jsonl").is_file()]
    if not there:
        raise SystemExit(f"{data}: no gold/dev.jsonl there")
    found_sets = []
    for name in there[:1] if quick else there:
        gold = rows(data / name / "dev.jsonl")
        documents = evidence_documents(gold, data / "docs")
        found_sets.append(Gold(name, tuple(gold), (*documents, REPORT)))
    return found_sets


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(
        "python -m tests.benchmarks", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    made.add_argument("data", type=Path, nargs="?", help="a folder with docs/ and gold/")
    made.add_argument("--parts", nargs="+", choices=(*PARTS, *ALONE), default=list(PARTS), metavar="PART")
    made.add_argument("--ways", nargs="+", choices=tuple(NEEDS), default=list(NEEDS), metavar="WAY")
    made.add_argument("--quick", action="store_true", help="small, within minutes; its figures are for a first look")
    made.add_argument("--precision", choices=("float32", "bfloat16"), default="float32", help="of the peers' model")
    made.add_argument("--cache", type=Path, help="where libraries are kept for the next run")
    made.add_argument("--output", type=Path, help=f"where the record goes, such as {RECORD.relative_to(ROOT)}")
    made.add_argument("--table", type=Path, metavar="RECORD", help="only print the table of a record")
    for name, kind in NUMBERS.items():
        made.add_argument(f"--{name.replace('_', '-')}", type=kind, help=f"{getattr(Plan(), name)} where not given")
    return made


def write(path: Path | None, record: dict[str, Any]) -> None:
    """After each part, so that a run that is broken off leaves what it has."""
    if path is not None:
        path.write_text(json.dumps(record, ensure_ascii=False, indent=1) + "\n", "utf-8")


def main(arguments: Sequence[str] | None = None) -> int:
    args = parser().parse_args(arguments)
    if args.table:
        sys.stdout.write(markdown(json.loads(args.table.read_text("utf-8"))))
        return 0
    given = {name: getattr(args, name) for name in NUMBERS if getattr(args, name) is not None}
    plan = replace(QUICK if args.quick else Plan(), **given)
    with TemporaryDirectory() as scratch:
        work, folder = Path(scratch), args.data / "docs" if args.data else REPORT.parent
        cache = args.cache or work / "cache"
        cache.mkdir(parents=True, exist_ok=True)
        gold = sets(args.data, args.quick)
        runner = Runner(plan, folder, gold, work, cache, save_model(cache, args.precision), args.ways)
        if parts := [part for part in args.parts if part in PARTS]:
            sys.stdout.write(markdown(runner.run(parts, partial(write, args.output))))
        if "library" in args.parts:
            library.main([str(folder)])
        if "model" in args.parts:
            model.main([str(args.data / "gold")] if args.data else [])
        if "formats" in args.parts:
            formats.main([str(runner.library_of_gold())])
    return 0


if __name__ == "__main__":
    sys.exit(main())
