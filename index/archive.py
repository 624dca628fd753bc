"""The file of a backup: a zip of stored members and, last, a manifest with the size and SHA-256 of each.

Members are not compressed: vectors and office files hardly shrink, and what unpacks to no more than the
archive's own size cannot be a bomb. Only the names in MEMBER are known, so none leads out of a folder.
"""

import hashlib
import json
import os
import re
import struct
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any
from zipfile import ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from index.errors import InputRefused

FORMAT = 1
MANIFEST = "manifest.json"
MEMBER = re.compile(r"[A-Za-z0-9_-]{1,64}\.db|files/[0-9a-f]{64}")
MAX_MEMBERS = 1_000_000
MAX_MANIFEST_BYTES = 2**28  # a member takes some 180 bytes of it
BLOCK = 2**20
ENCRYPTED = 0x1  # a flag of zip


@dataclass(frozen=True, slots=True)
class Member:
    """A file of the backup: its size and the SHA-256 of its content."""

    bytes: int
    sha256: str


def pack(archive: ZipFile, name: str, path: Path) -> Member:
    """Copies a file into the archive. Raises OSError."""
    with path.open("rb") as source, archive.open(ZipInfo(name), "w", force_zip64=True) as target:
        return _copied(source, target)


def _copied(source: IO[bytes], target: IO[bytes]) -> Member:
    size, sha256 = 0, hashlib.sha256()
    while block := source.read(BLOCK):
        target.write(block)
        sha256.update(block)
        size += len(block)
    return Member(size, sha256.hexdigest())


def write_manifest(archive: ZipFile, members: Mapping[str, Member]) -> None:
    """Ends an archive. Raises OSError."""
    made = datetime.now(UTC).isoformat(timespec="seconds")
    about = {"format": FORMAT, "made_at": made, "members": {name: asdict(m) for name, m in members.items()}}
    archive.writestr(ZipInfo(MANIFEST), json.dumps(about))


@contextmanager
def opened(path: Path) -> Iterator[ZipFile]:
    """A backup to read from. Raises InputRefused for any other file, also while it is read."""
    try:
        with path.open("rb") as file, ZipFile(file) as archive:
            yield archive
    except OSError as error:
        raise damaged(path, error.strerror or str(error)) from error
    except (BadZipFile, EOFError, NotImplementedError, RuntimeError, ValueError, struct.error) as error:
        raise damaged(path, str(error)) from error


def read_manifest(archive: ZipFile, path: Path) -> dict[str, Member]:
    """What the archive holds, by name. Raises InputRefused where a name, a size or the whole is not in order."""
    _refuse_oversized(archive, path)
    try:
        about = json.loads(archive.read(MANIFEST))
        version, found = int(about["format"]), dict(about["members"])
        members = {str(name): _member(said) for name, said in found.items()}
    except (KeyError, TypeError, AttributeError, RecursionError) as error:
        raise damaged(path, f"{MANIFEST}: {error}") from error
    if version > FORMAT:
        raise InputRefused(
            f"备份“{path}”的格式版本是 {version},本程序只识别到 {FORMAT}:请升级 xietong。",
            f'backup "{path}" has format {version}, this program knows formats up to {FORMAT}: upgrade xietong.',
        )
    _refuse_differing(archive, members, path)
    return members


def _member(said: Mapping[str, Any]) -> Member:
    return Member(int(said["bytes"]), str(said["sha256"]))


def _refuse_oversized(archive: ZipFile, path: Path) -> None:
    """Nothing may be larger than it looks."""
    infos = archive.infolist()
    if len(infos) > MAX_MEMBERS:
        raise damaged(path, f"{len(infos)} > {MAX_MEMBERS} members")
    for info in infos:
        if info.compress_type != ZIP_STORED or info.flag_bits & ENCRYPTED or info.file_size != info.compress_size:
            raise damaged(path, f"{info.filename[:80]}: compressed or encrypted")
        if info.filename == MANIFEST and info.file_size > MAX_MANIFEST_BYTES:
            raise damaged(path, f"{MANIFEST}: {info.file_size} > {MAX_MANIFEST_BYTES} bytes")
    if sum(info.file_size for info in infos) > path.stat().st_size:
        raise damaged(path, "members overlap")


def _refuse_differing(archive: ZipFile, members: Mapping[str, Member], path: Path) -> None:
    """The manifest and the archive name the same members, of the same sizes, each once."""
    sizes = {info.filename: info.file_size for info in archive.infolist() if info.filename != MANIFEST}
    if len(sizes) + 1 != len(archive.infolist()) or sizes != {name: m.bytes for name, m in members.items()}:
        raise damaged(path, f"{MANIFEST} names other members")
    for name, member in members.items():
        if not MEMBER.fullmatch(name):
            raise damaged(path, f"unknown member {name[:80]!r}")
        if name.startswith("files/") and name != f"files/{member.sha256}":
            raise damaged(path, f"{name}: not its own SHA-256")


def unpack(archive: ZipFile, members: Mapping[str, Member], folder: Path, path: Path) -> None:
    """Writes the members below an empty folder, durably. Raises InputRefused for a wrong hash, OSError."""
    (folder / "files").mkdir(parents=True)
    for name, member in members.items():
        with archive.open(name) as source, (folder / name).open("xb") as target:
            found = _copied(source, target)
            target.flush()
            os.fsync(target.fileno())
        if found != member:
            raise damaged(path, f"{name}: wrong SHA-256")


def damaged(path: Path, reason: str) -> InputRefused:
    return InputRefused(
        f"“{path}”不是完好的备份({reason}):它须是 xietong backup 写出的文件,一个字节都未改动;请换另一份备份。",
        f'"{path}" is no sound backup ({reason}): it must be a file that `xietong backup` wrote, unchanged; take '
        "another one.",
    )
