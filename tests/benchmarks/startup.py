"""How long a person waits: `python -m tests.benchmarks.startup`.

Prints, from one run on one machine: importing gradio; the page served, from the start of the process;
importing sentence_transformers and loading the model; the first answer of a process on a library that
is there already; `xietong list`. Each is the median of a few processes, in turn, so that a machine whose
speed drifts treats all alike.
"""

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from tests.benchmarks.pages import environ, served
from tests.benchmarks.workload import ROOT

QUESTION = "2021年天津港集装箱吞吐量是多少?"
LOAD = "import sentence_transformers; from index import load_embedder; load_embedder('bundled')"
PAGE_TIMES, PAGE_SECONDS, ANSWER_TIMES = 1.3, 0.5, 1.3  # the bounds: of gradio's import, of import and load

Way = Callable[[], float]  # seconds that it took


def command(words: tuple[str, ...], data: Path, given: str = "") -> Way:
    """Runs Python with these words over a data folder, from the start of the process to its end."""

    def run() -> float:
        begun = time.perf_counter()
        subprocess.run(
            [sys.executable, *words],
            cwd=ROOT,
            env=environ(data),
            input=given,
            text=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            check=True,
        )
        return time.perf_counter() - begun

    return run


def ways(data: Path) -> dict[str, Way]:
    """Ours and the floor, by name. The library of the data folder is to be there already."""

    def page() -> float:
        with served(data) as server:
            return server.served

    return {
        "import gradio": command(("-c", "import gradio"), data),
        "page served": page,
        "import sentence_transformers + load the model": command(("-c", LOAD), data),
        "first answer (xietong ask)": command(("-m", "assistant", "ask", QUESTION), data),
        "xietong list": command(("-m", "assistant", "list"), data),
    }


def measure(
    found: Mapping[str, Way], runs: int, tell: Callable[[str], None] = lambda name: None
) -> dict[str, list[float]]:
    """The seconds of each way, `runs` times, in turn."""
    seconds: dict[str, list[float]] = {name: [] for name in found}
    for _ in range(runs):
        for name, way in found.items():
            tell(name)
            seconds[name].append(way())
    return seconds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=3)
    runs = parser.parse_args().runs
    with tempfile.TemporaryDirectory() as folder:
        found = ways(Path(folder))
        found["first answer (xietong ask)"]()  # makes the library
        seconds = measure(found, runs)
    medians = {name: statistics.median(times) for name, times in seconds.items()}
    for name, median in medians.items():
        sys.stdout.write(f"{name:<48}{median:7.2f} s  ({min(seconds[name]):.2f}-{max(seconds[name]):.2f})\n")
    gradio, page, load, answer, _ = medians.values()
    bound = PAGE_TIMES * gradio + PAGE_SECONDS
    sys.stdout.write(f"page served: {page / gradio:.2f} x gradio; bound {PAGE_TIMES} x + 0.5 s = {bound:.2f} s\n")
    sys.stdout.write(f"first answer / (import + load): {answer / load:.2f}; bound {ANSWER_TIMES}\n")


if __name__ == "__main__":
    main()
