"""How good are the answers? Asks every question of a folder and prints the figures beside those last recorded.

    python -m tests.evaluation tests/evaluation/gold
    python -m tests.evaluation FOLDER --questions FILE.jsonl --add DOCUMENTS --misses

The library is a fresh one: the bundled documents, and those given with --add.
"""

import argparse
import json
import sys
import tempfile
from collections import Counter
from dataclasses import replace
from pathlib import Path

from assistant import Assistant, Settings, build
from tests.evaluation.scoring import FIGURES, Figures, ask_all, faults, judge, read_gold, score

ROOT = Path(__file__).parents[2]
RECORDED = Path(__file__).with_name("results.json")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.evaluation", description=__doc__.split("\n")[0])
    parser.add_argument("folder", type=Path, help="folder of the questions")
    parser.add_argument("--questions", default="dev.jsonl", help="its file (dev.jsonl)")
    parser.add_argument("--add", type=Path, action="append", default=[], help="documents to add first")
    parser.add_argument("--misses", action="store_true", help="print each question that was not answered rightly")
    parser.add_argument("--record", action="store_true", help="keep these figures in results.json")
    return parser.parse_args()


def _assistant(folder: Path, documents: list[Path]) -> Assistant:
    assistant = build(replace(Settings.load(ROOT, {}), data=folder))
    assistant.prepare()
    for outcome in assistant.library.add_all(documents):
        if outcome.status == "refused":
            raise SystemExit(outcome.reason)
    return assistant


def _table(figures: dict[str, Figures], before: dict[str, Figures]) -> str:
    lines = [f"{'':14}{'n':>5}" + "".join(f"{name:>15}" for name in FIGURES)]
    for kind, row in figures.items():
        cells = [f"{row[name]:15.3f}" if name in row else f"{'-':>15}" for name in FIGURES]
        lines.append(f"{kind:14}{row['n']:5.0f}" + "".join(cells))
    if before:
        was, now = before["ALL"], figures["ALL"]
        lines.append(f"{'recorded':19}" + "".join(f"{was[name]:15.3f}" for name in FIGURES))
        lines.append(f"{'difference':19}" + "".join(f"{now[name] - was[name]:+15.3f}" for name in FIGURES))
    return "\n".join(lines)


def main() -> int:
    """Exit code 1 where an answer says what its sources do not."""
    args = _arguments()
    gold = read_gold(args.folder / args.questions)
    with tempfile.TemporaryDirectory() as data:
        assistant = _assistant(Path(data), args.add)
        answers = ask_all(assistant, gold)
        bad = Counter(fault for answer in answers for fault in faults(answer, assistant.library.text))
    figures = score(gold, answers)
    name = f"{args.folder.resolve().name}/{args.questions}"
    recorded = json.loads(RECORDED.read_text("utf-8")) if RECORDED.exists() else {}
    times = sorted(answer.timings_ms.total for answer in answers)
    sys.stdout.write(_table(figures, recorded.get(name, {})) + "\n")
    sys.stdout.write(f"integrity: {dict(bad) or 'nothing bad'}; median {times[len(times) // 2]:.0f} ms\n")
    if args.misses:
        for row, answer in zip(gold, answers, strict=True):
            if any(value < 1 for figure, value in judge(row, answer).items() if figure != "false_refusal"):
                sys.stdout.write(f"{row['id']} {row['question']} {row['answers']} → {answer.status} {answer.answer}\n")
    if args.record:
        recorded[name] = figures
        RECORDED.write_text(json.dumps(recorded, ensure_ascii=False, indent=1, sort_keys=True) + "\n", "utf-8")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
