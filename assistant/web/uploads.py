"""Uploaded files, how far each has come, and what of them is kept on disk until somebody has seen it."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Any, Literal

from assistant import Addition, Progress

Stage = Literal["waiting", "not_ready", "running", "done", "foreign", "broken_off", "fault", "error"]
Decision = Literal["", "replaced", "kept"]
UNDER_WAY = ("waiting", "not_ready", "running")
MAX_TRIES = 3  # a file during whose adding the server ended so often is not tried again: it may be what ends it
ORIGINAL, RECORD = "original", "record.json"


@dataclass(frozen=True, slots=True)
class Upload:
    """One uploaded file. Ids rise in the order of arrival; each names the folder that keeps the file.

    tries: how often its adding has begun. error: Chinese and English. decision: what became of the offer to
    replace a document that is nearly the same. replaces: the document that was chosen to be replaced by this file.
    """

    id: str
    name: str
    stage: Stage = "waiting"
    tries: int = 0
    progress: Progress | None = None
    addition: Addition | None = None
    error: tuple[str, str] | None = None
    decision: Decision = ""
    replaces: str = ""

    @property
    def finished(self) -> bool:
        return self.stage not in UNDER_WAY


def uploaded(payload: Sequence[Mapping[str, Any]] | Mapping[str, Any] | None) -> list[tuple[Path, str]]:
    """The files of Gradio's message: where each lies, and the name that it had on the user's disk."""
    items = [payload] if isinstance(payload, Mapping) else payload or []
    return [(Path(str(item["path"])), _base_name(item)) for item in items]


def is_inside(path: Path, folder: Path) -> bool:
    """Whether `path`, links resolved, is a file under `folder`."""
    real = path.resolve()
    return real.is_file() and real.is_relative_to(folder.resolve())


def save(place: Path, upload: Upload) -> None:
    """Keeps an upload's record in its folder; an OSError leaves the earlier record whole."""
    place.mkdir(parents=True, exist_ok=True)
    beside = place / f"{RECORD}.tmp"
    beside.write_text(json.dumps(asdict(replace(upload, progress=None)), ensure_ascii=False), encoding="utf-8")
    beside.replace(place / RECORD)


def load(place: Path) -> Upload:
    """The upload that a folder keeps, as it stands after a restart."""
    try:
        known = json.loads((place / RECORD).read_text(encoding="utf-8"))
        addition, error = known.pop("addition"), known.pop("error")
        upload = Upload(
            **known,
            addition=Addition(**{key: _frozen(value) for key, value in addition.items()}) if addition else None,
            error=_frozen(error),
        )
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return Upload(place.name, place.name, "broken_off")
    upload = replace(upload, id=place.name)
    if upload.finished:
        return upload
    lost = upload.tries >= MAX_TRIES or not (place / ORIGINAL).is_file()
    return replace(upload, stage="broken_off" if lost else "waiting")


def _frozen(value: Any) -> Any:
    """JSON knows no tuples."""
    return tuple(value) if isinstance(value, list) else value


def _base_name(item: Mapping[str, Any]) -> str:
    """The last component of the file's own name, whichever separator its system uses."""
    name = str(item.get("orig_name") or Path(str(item["path"])).name)
    return PurePosixPath(name.replace("\\", "/")).name or "file"
