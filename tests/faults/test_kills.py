"""A few kills; FAULT_KILLS=200 makes them as many as the long run."""

import os
import sys
from pathlib import Path

import pytest

from tests.faults import talks
from tests.faults.kills import run

KILLS = int(os.environ.get("FAULT_KILLS", "20"))
SEED = 20


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL is what is tested")
def test_a_writer_killed_at_any_moment_loses_nothing_it_acknowledged_and_leaves_nothing_half_there(
    tmp_path: Path,
) -> None:
    *_, last = run(KILLS, tmp_path / "data", SEED)
    assert last.kills == KILLS and last.acknowledged > 0


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL is what is tested")
def test_a_process_killed_while_it_saves_turns_loses_none_that_it_acknowledged(tmp_path: Path) -> None:
    *_, acknowledged = talks.run(KILLS, tmp_path / "data", SEED)
    assert acknowledged > KILLS
