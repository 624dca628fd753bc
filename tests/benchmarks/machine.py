"""The machine, the versions of what is compared, and how much memory a process has taken."""

import os
import platform
from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

PACKAGES = (
    "torch", "transformers", "sentence-transformers", "faiss-cpu", "gradio", "langchain-text-splitters",
    "langchain-community", "langchain-huggingface", "llama-index-core", "llama-index-embeddings-huggingface",
    "llama-index-vector-stores-faiss", "haystack-ai", "sentence-transformers-haystack", "txtai",
)  # fmt: skip


def machine() -> dict[str, str | int]:
    """Processor, the cores that this process may use, memory."""
    return {
        "cpu": _line("/proc/cpuinfo", "model name") or platform.processor(),
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 0,
        "memory_mb": int((_line("/proc/meminfo", "MemTotal") or "0").split()[0]) // 1024,
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
    }


def versions(packages: Iterable[str] = PACKAGES) -> dict[str, str | None]:
    """Of each package; None where it is not installed."""
    return {name: _version(name) for name in packages}


def memory_mb(pid: int | str = "self") -> dict[str, float | None]:
    """The memory that a process holds and the most that it ever held, MiB; None where the system does not tell."""
    names = {"rss_mb": "VmRSS", "peak_mb": "VmHWM"}
    lines = {key: _line(f"/proc/{pid}/status", name) for key, name in names.items()}
    return {key: int(line.split()[0]) / 1024 if line else None for key, line in lines.items()}


def folder_bytes(folder: Path) -> int:
    """Of all files below a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _line(path: str, name: str) -> str | None:
    """What a file of /proc says of a name."""
    try:
        with Path(path).open(encoding="utf-8") as lines:
            return next((line.partition(":")[2].strip() for line in lines if line.startswith(name)), None)
    except OSError:
        return None
