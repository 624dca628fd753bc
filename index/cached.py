"""An index of vectors on disk: whole or not at all. The truth is in the catalogue."""

import hashlib
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from index.vectors import VectorIndex, read

MAGIC = b"xietong-faiss 3\n"
PIECE = 2**22  # bytes hashed at a time


@dataclass(frozen=True, slots=True)
class Cached:
    """An index from disk, with the library whose vectors it holds and the generation of that library."""

    index: VectorIndex
    library: str
    generation: int


def save(index: VectorIndex, path: Path, library: str, generation: int) -> None:
    """Written beside its place and moved there whole, with the library's identity and generation and a checksum."""
    beside = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    about: dict[str, str | int] = {
        "library": library,
        "generation": generation,
        "dimension": index.dimension,
        "highest": index.highest(),
    }
    try:
        with beside.open("wb") as out:
            found = hashlib.sha256()
            unknown = _head(about, "0" * len(found.hexdigest()))  # of the same length: known when all is written
            out.write(unknown)

            def put(piece: bytes) -> int:
                found.update(piece)
                return out.write(piece)

            index.write(put)
            out.seek(0)
            out.write(_head(about, found.hexdigest()))
            out.flush()
            os.fsync(out.fileno())
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


def _head(about: dict[str, str | int], sha256: str) -> bytes:
    return MAGIC + json.dumps(about | {"sha256": sha256}).encode() + b"\n"


def load(path: Path, dimension: int) -> Cached | None:
    """The cached index; None where it is missing, torn or of another dimension."""
    try:
        with path.open("rb") as file:
            if file.readline() != MAGIC:
                return None
            head = json.loads(file.readline())
            body = file.tell()
            if head["dimension"] != dimension or head["sha256"] != _sha256(file):
                return None
            file.seek(body)
            index = read(dimension, file.read, int(head["highest"]))
        return Cached(index, str(head["library"]), int(head["generation"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _sha256(file: BinaryIO) -> str:
    """Of what is left of a file."""
    found = hashlib.sha256()
    while piece := file.read(PIECE):
        found.update(piece)
    return found.hexdigest()
