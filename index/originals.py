"""The files as they were added, each under the SHA-256 of its content in one folder."""

import os
from collections.abc import Iterable
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

from index.errors import LibraryUnusable
from index.swap import sync
from index.types import Document


def keep(folder: Path, content: str, data: bytes) -> None:
    """Stores a file whose SHA-256 is `content`, wholly or not at all. Raises LibraryUnusable.

    To be called inside the writer's turn, so that no sweep takes it for a leftover.
    """
    beside = folder / f"{content}.{os.getpid()}.tmp"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with beside.open("wb") as out:
            out.write(data)
            out.flush()
            os.fsync(out.fileno())
        beside.replace(folder / content)
        sync(folder)
    except OSError as error:
        with suppress(OSError):  # half of it would only take the space that is lacking
            beside.unlink(missing_ok=True)
        raise LibraryUnusable(
            f"原件无法存入“{folder}”({error.strerror}):数据文件夹须可写且有余量,请检查后再添加。",
            f'the original cannot be kept in "{folder}" ({error.strerror}): the data folder must be '
            "writable with space left; check it and add the file again.",
        ) from error


def kept(folder: Path, document: Document) -> bytes:
    """A document's file. Raises LibraryUnusable where it is missing or no longer what it was."""
    try:
        data = (folder / document.sha256).read_bytes()
    except OSError as error:
        raise _missing(document, str(error.strerror)) from error
    if sha256(data).hexdigest() != document.sha256:
        raise _missing(document, "SHA-256")
    return data


def sizes(folder: Path, documents: Iterable[Document]) -> dict[str, int]:
    """How large each document's file is, in bytes, by the document's id; none for one that is lacking."""
    found = {}
    for document in documents:
        with suppress(OSError):
            found[document.id] = (folder / document.sha256).stat().st_size
    return found


def _missing(document: Document, said: str) -> LibraryUnusable:
    return LibraryUnusable(
        f"《{document.title}》的原件缺失或已损坏({said}):原件须按内容存在 files 文件夹中;请从备份恢复,或重新添加。",
        f'the original of "{document.title}" is missing or damaged ({said}): it must lie in the folder `files` by its '
        "content; put a backup back, or add the file again.",
    )
