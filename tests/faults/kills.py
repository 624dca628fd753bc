"""Killing a writer at random moments, again and again: `python -m tests.faults.kills --kills 200`.

Half of the kills come from outside after a random time, half at a random file operation (while an original is
kept or an index saved). After each a fresh library is held against what the writer had acknowledged.
"""

import argparse
import json
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tests.faults.oracle import check
from tests.faults.work import Operation, State

ROOT = Path(__file__).parents[2]
LONGEST_SECONDS = 1.0  # of work before a kill: some tens of operations
MOST_STEPS = 40  # file operations before a kill: some ten operations
REMEMBERED = 12  # of what is gone, how many are searched after each kill


@dataclass(slots=True)
class Tally:
    """What has been killed and what was going on then."""

    kills: int = 0
    acknowledged: int = 0
    during: Counter[str] = field(default_factory=Counter)


def killed_once(folder: Path, seed: str, chance: random.Random) -> list[dict[str, str]]:
    """Lets a writer work, kills it, and returns the lines it said."""
    step = chance.randint(1, MOST_STEPS) if chance.random() < 0.5 else 0
    command = [sys.executable, "-m", "tests.faults.work", str(folder), seed, str(step)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None and writer.stderr is not None
        first = writer.stdout.readline()
        if first and not step:
            time.sleep(chance.uniform(0, LONGEST_SECONDS))
            writer.kill()
        out, err = writer.stdout.read(), writer.stderr.read()  # communicate() would miss what readline() took ahead
    assert first and not err, f"the writer failed by itself: {err}"
    return [json.loads(line) for line in out.splitlines() if line.endswith("}")]


def outcomes(state: State, lines: list[dict[str, str]]) -> tuple[State, Operation | None, list[Operation]]:
    """The acknowledged state, the operation that was going on, and all that were acknowledged."""
    done: list[Operation] = []
    pending = None
    for line in lines:
        if "do" in line:
            pending = Operation(**line)
        elif pending:
            state = pending.applied(state)
            done.append(pending)
            pending = None
    return state, pending, done


def run(kills: int, folder: Path, seed: int) -> Iterator[Tally]:
    """Kills and checks; a tally after each. Raises AssertionError at the first thing lost or half there."""
    chance, state, tally = random.Random(seed), State(), Tally()
    gone: list[tuple[str, str]] = []
    for number in range(kills):
        before = state
        lines = killed_once(folder, f"{seed}.{number}", chance)
        acknowledged, pending, done = outcomes(before, lines)
        allowed = [acknowledged, *([pending.applied(acknowledged)] if pending else [])]
        versions = {*before.items(), *((o.name, o.version) for o in done if o.version)}
        if folder.exists():
            state = check(folder, allowed, gone)
        gone = [*gone, *sorted(versions - set(state.items()))][-REMEMBERED:]
        tally.kills += 1
        tally.acknowledged += len(done)
        tally.during[pending.do if pending else "between"] += 1
        yield tally


def main() -> None:
    """The long run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    args = parser.parse_args()
    begun = time.monotonic()
    with tempfile.TemporaryDirectory() as place:
        for tally in run(args.kills, Path(place) / "data", args.seed):
            if tally.kills % 20 == 0 or tally.kills == args.kills:
                print(f"seed {args.seed}: {tally} in {time.monotonic() - begun:.0f} s", flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
