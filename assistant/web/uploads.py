"""Adding uploaded files to the library, with what to show of each on the way."""

import queue
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Any, Literal

from assistant import Addition, Assistant, Progress, XietongError

POLL_SECONDS = 0.3  # how often the progress of a file is looked at
Stage = Literal["waiting", "not_ready", "running", "done", "foreign", "fault", "error"]


@dataclass(frozen=True, slots=True)
class Upload:
    """One uploaded file: where Gradio stored it, its own name, and how far it has come."""

    path: Path
    name: str
    stage: Stage = "waiting"
    progress: Progress | None = None
    addition: Addition | None = None
    error: XietongError | None = None


def uploaded(payload: Sequence[Mapping[str, Any]] | Mapping[str, Any] | None) -> list[Upload]:
    """The files of Gradio's message, under the names they had on the user's disk."""
    items = [payload] if isinstance(payload, Mapping) else payload or []
    return [Upload(Path(str(item["path"])), _base_name(item)) for item in items]


def add_all(assistant: Assistant, uploads: list[Upload], folder: Path) -> Iterator[list[Upload]]:
    """Adds the files one after another; yields all of them at each step.

    A file outside `folder`, where Gradio stores uploads, is not opened. A stored upload is deleted
    once it has been added or refused: the library keeps its own copy.
    """
    rows = list(uploads)
    for place, upload in enumerate(uploads):
        for rows[place] in _add_one(assistant, upload, folder):
            yield list(rows)


def is_inside(path: Path, folder: Path) -> bool:
    """Whether `path`, links resolved, is a file under `folder`."""
    real = path.resolve()
    return real.is_file() and real.is_relative_to(folder.resolve())


def _add_one(assistant: Assistant, upload: Upload, folder: Path) -> Iterator[Upload]:
    if not is_inside(upload.path, folder):
        yield replace(upload, stage="foreign")
        return
    try:
        while assistant.readiness().phase in ("loading", "indexing"):
            yield replace(upload, stage="not_ready")
            time.sleep(POLL_SECONDS)
        yield from _running(assistant, upload)
    finally:
        upload.path.unlink(missing_ok=True)


def _running(assistant: Assistant, upload: Upload) -> Iterator[Upload]:
    """Adds the file in a thread of its own and yields its progress, at last its outcome."""
    news: queue.SimpleQueue[Progress] = queue.SimpleQueue()
    outcome: list[Upload] = []
    worker = threading.Thread(
        target=lambda: outcome.append(_outcome(assistant, upload, news.put)), name="upload", daemon=True
    )
    worker.start()
    yield replace(upload, stage="running")
    while worker.is_alive():
        worker.join(POLL_SECONDS)
        latest = None
        while not news.empty():
            latest = news.get()
        if latest is not None:
            yield replace(upload, stage="running", progress=latest)
    yield outcome[0] if outcome else replace(upload, stage="fault")


def _outcome(assistant: Assistant, upload: Upload, progress: Callable[[Progress], None]) -> Upload:
    """What became of the file. A fault of the program ends the thread: its traceback goes to the terminal."""
    try:
        assistant.wait_ready()
        addition = assistant.library.add(upload.path, file_name=upload.name, progress=progress)
        return replace(upload, stage="done", addition=addition)
    except XietongError as error:
        return replace(upload, stage="error", error=error)


def _base_name(item: Mapping[str, Any]) -> str:
    """The last component of the file's own name, whichever separator its system uses."""
    name = str(item.get("orig_name") or Path(str(item["path"])).name)
    return PurePosixPath(name.replace("\\", "/")).name or "file"
