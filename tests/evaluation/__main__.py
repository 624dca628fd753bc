"""How good are the answers? Asks whole sets of questions and prints the figures beside those last recorded.

    python -m tests.evaluation tests/evaluation/gold         # the bundled report's questions
    python -m tests.evaluation FOLDER --questions FILE.jsonl --add DOCUMENTS --misses
    python -m tests.evaluation DATA --cache DIR              # all sets: gold/, gold2/ (+ docs/), gov_passages.jsonl, …
    python -m tests.evaluation DATA --sets gold2 --without bm25 --without checks

A library is a fresh one over the bundled documents, those given with --add or named by the evidence; for the large
sets, over all passages of the set, each a document. --cache keeps libraries between runs.
"""

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.evaluation.scoring import FIGURES, Figures, judge, score
from tests.evaluation.sets import HELD_OUT
from tests.evaluation.suite import PARTS, SETS, Outcome, ask_gold, is_there, run, without

RECORDED = Path(__file__).with_name("results.json")
COMPARED = ("ALL",)  # rows of the table that are held against the recorded ones

Table = dict[str, Figures]


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tests.evaluation", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path, help="folder of a file of questions, or of all sets")
    parser.add_argument("--questions", default="dev.jsonl", help="the file of questions (dev.jsonl)")
    parser.add_argument("--add", type=Path, action="append", default=[], help="documents to add first")
    parser.add_argument("--sets", action="append", choices=SETS, help="of all sets only these")
    parser.add_argument("--cache", type=Path, help="folder where the libraries of the sets are kept")
    parser.add_argument("--limit", type=int, default=HELD_OUT, help=f"questions of a large set ({HELD_OUT})")
    parser.add_argument("--without", action="append", choices=sorted(PARTS), default=[], help="take a part away")
    parser.add_argument("--misses", action="store_true", help="print each question that was not answered rightly")
    parser.add_argument("--record", action="store_true", help="keep these figures in results.json")
    return parser.parse_args()


def _table(figures: Table, before: Table) -> str:
    names = [name for name in FIGURES if any(name in row for row in figures.values())]
    lines = [f"{'':14}{'n':>5}" + "".join(f"{name:>14}" for name in names)]
    for kind, row in figures.items():
        lines.append(f"{kind:14}{row['n']:5.0f}" + _cells(row, names, "14.3f"))
    for kind in COMPARED if before else ():
        was, now = before[kind], figures[kind]
        lines.append(f"{'recorded':14}{was['n']:5.0f}" + _cells(was, names, "14.3f"))
        change = {name: now[name] - was[name] for name in names if name in now and name in was}
        lines.append(f"{'difference':19}" + _cells(change, names, "+14.3f"))
    return "\n".join(lines)


def _cells(row: Figures, names: list[str], form: str) -> str:
    return "".join(f"{row[name]:{form}}" if name in row else f"{'-':>14}" for name in names)


def _times(outcome: Outcome) -> str:
    times = sorted(answer.timings_ms.total for answer in outcome.answers)
    p50, p95 = (times[min(len(times) - 1, int(share * len(times)))] for share in (0.5, 0.95))
    return f"p50 {p50:.0f} ms, p95 {p95:.0f} ms a question"


def _misses(outcome: Outcome) -> Iterator[str]:
    for row, answer in zip(outcome.gold, outcome.answers, strict=True):
        wrong = [name for name, value in judge(row, answer).items() if (value > 0) == (name == "false_refusal")]
        if wrong:
            said = f"{answer.status} {answer.answer} ({answer.short_answer})"
            yield f"{row['id']} {row['question']} {row['answers']} → {said} [{', '.join(wrong)}]"


def _tell(outcome: Outcome, recorded: dict[str, Table], args: argparse.Namespace) -> None:
    """Prints an outcome beside what was recorded, and puts it in that place."""
    figures = score(outcome.gold, outcome.answers)
    figures["ALL"].update(outcome.alone)
    taken = "".join(f", without {part}" for part in args.without)
    lines = [f"\n{outcome.name}{taken}", _table(figures, recorded.get(outcome.name, {}))]
    lines += [f"{name}: retrieved@1 {value:.3f}" for name, value in outcome.alone.items()]
    lines.append(f"integrity: {dict(outcome.faults) or 'nothing bad'}; {_times(outcome)}")
    lines += _misses(outcome) if args.misses else ()
    sys.stdout.write("\n".join(lines) + "\n")
    recorded[outcome.name] = figures


def _outcomes(args: argparse.Namespace) -> Iterator[Outcome]:
    if (args.folder / args.questions).is_file():
        with TemporaryDirectory() as data:
            yield ask_gold(args.folder / args.questions, Path(data), args.add)
        return
    there = [name for name in SETS if is_there(name, args.folder)]
    if not there:
        raise SystemExit(f'"{args.folder}": there is neither {args.questions} nor a folder of questions in it')
    if lacking := set(args.sets or there) - set(there):
        raise SystemExit(f'"{args.folder}": lacks what the set {min(lacking)} is asked over')
    for name in args.sets or there:
        yield run(name, args.folder, args.cache, args.limit)


def main() -> int:
    """Exit code 1 where an answer says what its sources do not."""
    args = _arguments()
    if args.record and (args.without or args.limit != HELD_OUT):
        raise SystemExit("--record keeps the figures of the whole program over whole sets")
    recorded = json.loads(RECORDED.read_text("utf-8")) if RECORDED.exists() else {}
    sound = True
    with without(args.without):
        for outcome in _outcomes(args):
            _tell(outcome, recorded, args)
            sound = sound and not outcome.faults
            if args.record:
                RECORDED.write_text(json.dumps(recorded, ensure_ascii=False, indent=1, sort_keys=True) + "\n", "utf-8")
    return 0 if sound else 1


if __name__ == "__main__":
    sys.exit(main())
