import os
import subprocess
import sys
from pathlib import Path
from threading import Thread

import pytest

from index import settle_threads, stand_back

ROOT = Path(__file__).parents[2]
BLAS = """
import os
from index import settle_threads
settle_threads(os.environ)
from threadpoolctl import threadpool_info
print({pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"})
"""


def blas_threads(**said: str) -> str:
    """How many threads NumPy takes in a process of its own after the settling."""
    environ = {name: value for name, value in os.environ.items() if not name.endswith("_NUM_THREADS")} | said
    done = subprocess.run([sys.executable, "-c", BLAS], cwd=ROOT, env=environ, capture_output=True, check=True)
    return done.stdout.decode().strip()


def test_idle_threads_soon_sleep() -> None:
    environ = {"OMP_NUM_THREADS": "4"}
    settle_threads(environ)
    assert environ == {"OMP_NUM_THREADS": "4", "GOMP_SPINCOUNT": "2000", "KMP_BLOCKTIME": "0"}


def test_what_the_user_said_stays() -> None:
    said = {"GOMP_SPINCOUNT": "100", "KMP_BLOCKTIME": "200", "OPENBLAS_NUM_THREADS": "2"}
    environ = dict(said)
    settle_threads(environ)
    assert environ == said


def test_numpy_multiplies_with_one_thread_unless_the_user_says_otherwise() -> None:
    assert blas_threads() == "{1}"


@pytest.mark.skipif((os.cpu_count() or 1) < 2, reason="one core has one thread anyway")
def test_numpy_takes_the_threads_that_the_user_says() -> None:
    assert blas_threads(OPENBLAS_NUM_THREADS="2") == "{2}"


@pytest.mark.skipif(not hasattr(os, "setpriority"), reason="this system knows no such thing")
def test_who_stands_back_comes_after_the_others_and_not_further_back_the_second_time() -> None:
    found = []

    def work() -> None:
        for _ in range(2):
            stand_back()
            found.append(os.getpriority(os.PRIO_PROCESS, 0))

    before = os.getpriority(os.PRIO_PROCESS, 0)
    thread = Thread(target=work)
    thread.start()
    thread.join(10)
    assert found[0] == found[1] >= max(10, before)
    assert os.getpriority(os.PRIO_PROCESS, 0) == before or sys.platform != "linux"
