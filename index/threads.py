"""How many threads the libraries of numbers take, and that they soon sleep when they have nothing to do.

Two busy processes on two cores whose threads spin while they wait take turns at doing nothing: a question then takes
many times as long.
"""

import os
from collections.abc import MutableMapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

# Read by the OpenMP of PyTorch and FAISS when it is loaded: GNU's, and that of LLVM and Intel. So many turns of
# waiting, some microseconds, reach from one product of a pass to the next: without them each wakes the threads anew.
SLEEP_SOON = {"GOMP_SPINCOUNT": "2000", "KMP_BLOCKTIME": "0"}
NICENESS = 10  # of 19: work that nobody waits for at a page
SAID_BY_USER = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS")
# What one question has done on another core, in small pieces none of which waits for another; its threads begin with
# the first of them.
BESIDE = ThreadPoolExecutor(thread_name_prefix="xietong-beside")


def settle_threads(environ: MutableMapping[str, str]) -> None:
    """Sets what the environment does not say already. To be called before a model is loaded.

    NumPy multiplies with one thread: its products here are small, and several questions share the cores.
    """
    for name, value in SLEEP_SOON.items():
        environ.setdefault(name, value)
    if not any(name in environ for name in SAID_BY_USER):
        from threadpoolctl import threadpool_limits

        threadpool_limits(limits=1, user_api="blas")


def cores() -> int:
    """How many of the processor's cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def stand_back() -> None:
    """This thread, and those it begins from now on, leave the processor to a server that answers beside them.

    Alone they are as fast as before. Nothing where the system knows no such thing.
    """
    with suppress(AttributeError, OSError):
        os.setpriority(os.PRIO_PROCESS, 0, max(NICENESS, os.getpriority(os.PRIO_PROCESS, 0)))
