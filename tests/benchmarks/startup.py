"""How long a person waits: `python -m tests.benchmarks.startup`.

Prints, from one run on one machine: importing gradio; the page served, from the start of the process;
importing sentence_transformers and loading the model; the first answer of a process on a library that
is there already; `xietong list`. Each is the median of a few processes, in turn, so that a machine whose
speed drifts treats all alike.
"""

import argparse
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
QUESTION = "2021年天津港集装箱吞吐量是多少?"
LOAD = "import sentence_transformers; from index import load_embedder; load_embedder('bundled')"


def _command(*words: str) -> Callable[[Path], float]:
    def run(data: Path) -> float:
        begun = time.perf_counter()
        subprocess.run(
            [sys.executable, *words], cwd=ROOT, env=_environment(data), stdout=subprocess.DEVNULL, check=True
        )
        return time.perf_counter() - begun

    return run


def _environment(data: Path) -> dict[str, str]:
    return os.environ | {"XIETONG_DATA": str(data)}


def _page(data: Path) -> float:
    """From the start of `python app.py` to the whole page in hand."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    begun = time.perf_counter()
    server = subprocess.Popen(
        [sys.executable, "app.py", "--port", str(port)], cwd=ROOT, env=_environment(data), stdout=subprocess.DEVNULL
    )
    try:
        while True:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=30) as page:
                    page.read()
                return time.perf_counter() - begun
            except OSError:
                time.sleep(0.02)
    finally:
        server.terminate()
        server.wait(10)


WAYS: tuple[tuple[str, Callable[[Path], float]], ...] = (
    ("import gradio", _command("-c", "import gradio")),
    ("page served", _page),
    ("import sentence_transformers + load the model", _command("-c", LOAD)),
    ("first answer (xietong ask)", _command("-m", "assistant", "ask", QUESTION)),
    ("xietong list", _command("-m", "assistant", "list")),
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=3)
    runs = parser.parse_args().runs
    seconds: dict[str, list[float]] = {name: [] for name, _ in WAYS}
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder)
        _command("-m", "assistant", "ask", QUESTION)(data)
        for _ in range(runs):
            for name, way in WAYS:
                seconds[name].append(way(data))
    medians = {name: statistics.median(times) for name, times in seconds.items()}
    for name, median in medians.items():
        sys.stdout.write(f"{name:<48}{median:7.2f} s  ({min(seconds[name]):.2f}-{max(seconds[name]):.2f})\n")
    gradio, page, load, answer = (medians[name] for name, _ in WAYS[:4])
    sys.stdout.write(f"page served: {page / gradio:.2f} x gradio; bound 1.3 x + 1 s = {1.3 * gradio + 1:.2f} s\n")
    sys.stdout.write(f"first answer / (import + load): {answer / load:.2f}; bound 2\n")


if __name__ == "__main__":
    main()
