"""The libraries that the sets are asked over, kept in a folder: embedding a thousand passages takes long."""

import sys
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from assistant import Assistant, Settings, build
from tests.evaluation.sets import Row, rows

ROOT = Path(__file__).parents[2]
TOLD_EVERY = 100  # passages


def assistant_over(folder: Path, documents: Iterable[Path], bundled: bool = True) -> Assistant:
    """An assistant over the bundled documents (or none) and the given ones, in a data folder that may have them."""
    settings = replace(Settings.load(ROOT, {}), data=folder)
    if not bundled:
        settings = replace(settings, sources=folder / "no sources")
    assistant = build(settings)
    assistant.prepare()
    for outcome in assistant.library.add_all(documents):
        if outcome.status == "refused":
            raise SystemExit(outcome.reason)
    return assistant


def assistant_over_passages(folder: Path, data: Path) -> Assistant:
    """An assistant over the passages of a large set, each a document of its own with its title, named <id>.txt.

    Goes on where it was broken off.
    """
    assistant = assistant_over(folder, (), bundled=False)
    held = {document.file_name for document in assistant.library.documents()}
    passages = [row for row in rows(data / "passages.jsonl") if f"{row['id']}.txt" not in held]
    written = folder / "passages"
    written.mkdir(exist_ok=True)
    for done, row in enumerate(passages, 1):
        _add(assistant, written / f"{row['id']}.txt", row)
        if done % TOLD_EVERY == 0:
            sys.stderr.write(f"{data.name}: {done} of {len(passages)} passages\n")
    return assistant


def _add(assistant: Assistant, path: Path, row: Row) -> None:
    path.write_text(row["text"], "utf-8")
    outcome = assistant.library.add(path, title=row["title"])
    path.unlink()
    if outcome.status == "refused":
        raise SystemExit(outcome.reason)
