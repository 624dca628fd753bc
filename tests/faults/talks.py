"""A process that saves turns of a conversation without end, to be killed: `python -m tests.faults.talks FOLDER SEED`.

One JSON line before each change and one after it, flushed: what stands after a change is acknowledged.
"""

import json
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from assistant import Answer, Conversations

ROOT = Path(__file__).parents[2]
OWNER = "王芳"
LONGEST_SECONDS = 0.5  # of work before a kill: some tens of changes
MOST = 12  # turns at which a conversation is cut
Turns = list[str]


def answer_to(question: str) -> Answer:
    """An answer that only this question has, long enough for several pages of the database."""
    return Answer(question, "answered", f"{question}的回答。" * random.Random(question).randint(1, 800), "fake")


def changed(turns: Turns, change: dict[str, Any]) -> Turns:
    """The questions after a change."""
    return [*turns, change["question"]] if change["do"] == "save" else turns[: change["from"] - 1]


def killed_once(folder: Path, seed: str, seconds: float) -> list[dict[str, Any]]:
    """Lets a process save, kills it, and returns the lines it said."""
    command = [sys.executable, "-m", "tests.faults.talks", str(folder), seed]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None and writer.stderr is not None
        first = writer.stdout.readline()
        time.sleep(seconds)
        writer.send_signal(signal.SIGKILL)
        out, err = writer.stdout.read(), writer.stderr.read()
    assert first and not err, f"the writer failed by itself: {err}"
    return [json.loads(line) for line in out.splitlines() if line.endswith("}")]


def held(folder: Path) -> Turns:
    """The questions that the file holds, each with its whole answer; the file itself is sound."""
    kept = Conversations(folder / "conversations.db")
    talks = kept.list(OWNER)
    turns = kept.turns(OWNER, talks[0].id) if talks else ()
    assert all(turn.answer == answer_to(turn.question) for turn in turns)
    assert [turn.number for turn in turns] == list(range(1, len(turns) + 1))
    with sqlite3.connect(folder / "conversations.db") as db:
        assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    return [turn.question for turn in turns]


def run(kills: int, folder: Path, seed: int) -> Iterator[int]:
    """Kills and checks; how many changes were acknowledged so far, after each.

    Raises AssertionError at the first thing lost or half there.
    """
    chance, state, acknowledged = random.Random(seed), Turns(), 0
    for number in range(kills):
        pending = None
        for line in killed_once(folder, f"{seed}.{number}", chance.uniform(0, LONGEST_SECONDS)):
            if "do" in line:
                pending = line
            elif pending:
                state, pending, acknowledged = changed(state, pending), None, acknowledged + 1
        allowed = [state, *([changed(state, pending)] if pending else [])]
        if (folder / "conversations.db").exists():
            state = held(folder)
        assert state in allowed, f"kill {number}: {state[-3:]} is none of {[one[-3:] for one in allowed]}"
        yield acknowledged


def _say(line: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


def main(folder: Path, seed: str) -> None:
    """Saves until it is killed."""
    kept = Conversations(folder / "conversations.db")
    talk = next(iter(kept.list(OWNER)), None) or kept.begin(OWNER, "第一问")
    count, number = len(kept.turns(OWNER, talk.id)), 0
    _say({"ready": seed})
    while True:
        number += 1
        if count >= MOST:
            count = random.Random(f"{seed}-{number}").randrange(MOST)
            _say({"do": "cut", "from": count + 1})
            kept.cut(OWNER, talk.id, count + 1)
        else:
            question = f"第{seed}-{number}问"
            _say({"do": "save", "question": question})
            count = kept.save_turn(OWNER, talk.id, question, answer_to(question), {"generation": number})
        _say({"done": number})


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
