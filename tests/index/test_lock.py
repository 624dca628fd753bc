import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from index import InputRefused
from index.lock import hold, turn

ROOT = Path(__file__).parents[2]
HOLDER = """
import sys
from contextlib import nullcontext
from pathlib import Path
from index.lock import turn
with turn(Path(sys.argv[1]), nullcontext()):
    print("held", flush=True)
    sys.stdin.read()
"""


class Waiting:
    """Counts who waits now, and who ever has."""

    def __init__(self) -> None:
        self.now, self.ever = 0, 0

    @contextmanager
    def __call__(self) -> Iterator[None]:
        self.now, self.ever = self.now + 1, self.ever + 1
        yield
        self.now -= 1


def test_one_waits_for_the_turn_of_another_process_until_that_is_killed(tmp_path: Path) -> None:
    path, waiting, had = tmp_path / "a.lock", Waiting(), threading.Event()
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(path)], cwd=ROOT, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert process.stdout and process.stdout.readline() == "held\n"

    def work() -> None:
        with turn(path, waiting()):
            had.set()

    threading.Thread(target=work, daemon=True).start()
    assert not had.wait(0.3) and waiting.now == 1
    process.kill()
    process.wait(30)
    assert had.wait(10) and (waiting.now, waiting.ever) == (0, 1)


def test_whose_turn_it_is_does_not_wait(tmp_path: Path) -> None:
    waiting = Waiting()
    for _ in range(2):
        with turn(tmp_path / "a.lock", waiting()):
            pass
    assert waiting.ever == 0


def test_how_long_a_folder_is_waited_for_can_be_said(tmp_path: Path) -> None:
    with hold(tmp_path):
        begun = time.monotonic()
        with pytest.raises(InputRefused, match="in use"), hold(tmp_path, alone=True, seconds=0):
            pass
    assert time.monotonic() - begun < 1
