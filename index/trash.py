"""What was removed a moment ago, kept aside so that it can be taken back. Never searched, never listed."""

import json
import shutil
import time
from dataclasses import asdict
from pathlib import Path

from index.types import Document, Removed

DEFAULT_UNDO_SECONDS = 600


def keep(folder: Path, document: Document, original: Path) -> None:
    """Puts a document's original and what is known of it aside, if it can: a full disk must not stop a removal."""
    place = folder / document.id
    drop(folder, document.id)
    try:
        place.mkdir(parents=True)
        shutil.copyfile(original, place / "original")
        (place / "document.json").write_text(json.dumps(asdict(document), ensure_ascii=False), encoding="utf-8")
    except OSError:
        drop(folder, document.id)


def kept(folder: Path, document_id: str) -> tuple[Document, Path] | None:
    """A removed document with its original; None where it was never kept or is gone, and for what is no id."""
    if not document_id.isalnum():
        return None
    place = folder / document_id
    try:
        known = json.loads((place / "document.json").read_text(encoding="utf-8"))
        document = Document(**known)
    except (OSError, ValueError, TypeError):
        return None
    return (document, place / "original") if (place / "original").is_file() else None


def held(folder: Path, seconds: float) -> list[Removed]:
    """What can still be taken back, the latest removal first. Deletes nothing."""
    found = []
    for place in folder.glob("*"):
        known, removed_at = kept(folder, place.name), time.time() - _age(place)
        if known and time.time() < removed_at + seconds:
            found.append(Removed(known[0], removed_at, removed_at + seconds))
    return sorted(found, key=lambda removed: -removed.removed_at)


def drop(folder: Path, document_id: str) -> None:
    """Deletes one removed document for good."""
    shutil.rmtree(folder / document_id, ignore_errors=True)


def _age(path: Path) -> float:
    """Seconds; none where another process deleted it meanwhile."""
    try:
        return time.time() - path.stat().st_mtime
    except OSError:
        return 0.0


def expire(folder: Path, seconds: float) -> list[str]:
    """Deletes what was removed longer ago; returns the ids."""
    old = [p.name for p in folder.glob("*") if _age(p) >= seconds]
    for name in old:
        drop(folder, name)
    return old
