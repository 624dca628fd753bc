"""A data folder in one file, and back again: databases as they stand at one moment, and the originals they name."""

import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, nullcontext
from errno import ENOSPC
from pathlib import Path
from uuid import uuid4
from zipfile import ZipFile

from index import store
from index.archive import Member, damaged, opened, pack, read_manifest, unpack, write_manifest
from index.catalogue import Catalogue, unusable
from index.errors import InputRefused, LibraryUnusable
from index.lock import hold
from index.sqlite import faults, trouble
from index.store import refuse_newer
from index.swap import contents, in_use, settle, staging, swap, sync
from index.types import Document

DATABASE = "xietong.db"
TRIES = 3  # without keeping writers waiting; they are kept waiting for one more


class _Changed(Exception):
    """A document was removed while the originals were being copied."""


# Backing up


def back_up(folder: Path, target: Path) -> int:
    """Writes the library of a data folder into a new file; returns how many documents it holds.

    Consistent while others write. Raises InputRefused for a target that exists or cannot be written and for a folder
    without a library, LibraryUnusable where the library is damaged. Nothing half-written is left.
    """
    catalogue = Catalogue(folder / DATABASE)
    _refuse_existing(target)
    if not catalogue.exists():
        raise InputRefused(
            f"数据文件夹“{folder}”中没有文档库:没有可备份的内容;请检查 XIETONG_DATA。",
            f'data folder "{folder}" has no library: there is nothing to back up; check XIETONG_DATA.',
        )
    with in_use(folder), _beside(target) as place:
        count = _archived(catalogue, place, target)
        _refuse_existing(target)
        with _writing(target):
            (place / "archive").replace(target)
            sync(target.parent)
    return count


def _refuse_existing(target: Path) -> None:
    if os.path.lexists(target):
        raise InputRefused(
            f"备份文件“{target}”已存在:备份不覆盖已有的文件;请换一个名字,或先移开它。",
            f'the backup file "{target}" exists: a backup never overwrites one; take another name or move it away.',
        )


@contextmanager
def _beside(target: Path) -> Iterator[Path]:
    """A folder of its own beside the target, gone when the block ends."""
    with _writing(target):
        place = Path(tempfile.mkdtemp(".tmp", f".{target.name}.", target.parent))
    try:
        yield place
    finally:
        shutil.rmtree(place, ignore_errors=True)


@contextmanager
def _writing(target: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise _unwritable(target, error.strerror or str(error)) from error


def _unwritable(target: Path, said: str) -> InputRefused:
    return InputRefused(
        f"备份“{target}”写不成({said}):所在文件夹须存在、可写且有余量(约为文档库的两倍);请检查,或换一个位置。",
        f'the backup "{target}" cannot be written ({said}): its folder must exist and be writable, with space left '
        "for about twice the library; check it or take another place.",
    )


def _archived(catalogue: Catalogue, place: Path, target: Path) -> int:
    for keep_waiting in [False] * TRIES + [True]:
        with catalogue.pause() if keep_waiting else nullcontext():
            try:
                return _archive(catalogue, place, target)
            except _Changed:
                continue
    raise AssertionError("nobody removes a document while writers wait")


def _archive(catalogue: Catalogue, place: Path, target: Path) -> int:
    folder = catalogue.path.parent
    databases = sorted(path for path in folder.glob("*.db") if path.is_file())
    for path in databases:
        _copy(path, place / path.name, target)
    documents = _documents(place / DATABASE)
    with _writing(target), (place / "archive").open("wb") as file:
        with ZipFile(file, "w") as archive:
            members = {path.name: pack(archive, path.name, place / path.name) for path in databases}
            members.update(_originals(archive, catalogue, documents))
            write_manifest(archive, members)
        file.flush()
        os.fsync(file.fileno())
    return len(documents)


def _copy(source: Path, target: Path, backup: Path) -> None:
    """The state of a database at one moment, as one file, by SQLite's online backup. A torn one is refused."""
    target.unlink(missing_ok=True)
    try:
        with closing(sqlite3.connect(source)) as live, closing(sqlite3.connect(target)) as copy:
            live.backup(copy)
            copy.execute("PRAGMA journal_mode = DELETE")
            wrong = faults(copy)
    except sqlite3.Error as error:
        if _unwritten(error):
            raise _unwritable(backup, str(error)) from error
        raise _unsound(error, source) from error
    if wrong:
        raise _unsound(sqlite3.DatabaseError(wrong), source)


def _unsound(error: sqlite3.Error, source: Path) -> LibraryUnusable:
    """The error for a database that cannot be copied; not every one is the library."""
    if source.name == DATABASE:
        return unusable(error, source)
    return LibraryUnusable(
        f"数据库“{source}”无法备份({error}):它须完好且可读;请从备份恢复它,或移开该文件后再备份。",
        f'the database "{source}" cannot be backed up ({error}): it must be sound and readable; put a backup of it '
        "back, or move the file away and back up again.",
    )


def _unwritten(error: sqlite3.Error) -> bool:
    """Does SQLite complain of the disk, not of what is on it?"""
    return trouble(error) == "unwritable"


def _documents(path: Path) -> list[Document]:
    with closing(sqlite3.connect(path)) as db:
        return store.documents(db)


def _originals(archive: ZipFile, catalogue: Catalogue, documents: Sequence[Document]) -> Iterator[tuple[str, Member]]:
    for document in documents:
        name = f"files/{document.sha256}"
        path = catalogue.path.parent / name
        if not path.is_file():
            raise _missing(catalogue, document, "原件不见了", "its original is missing")
        member = pack(archive, name, path)
        if member.sha256 != document.sha256:
            raise _missing(catalogue, document, "原件被改动", "its original was changed")
        yield name, member


def _missing(catalogue: Catalogue, document: Document, zh: str, en: str) -> Exception:
    """An original may go only with its document."""
    with catalogue.read() as db:
        if not store.documents(db, "sha256 = ?", document.sha256):
            return _Changed()
    return LibraryUnusable(
        f"文档“{document.title}”({document.id},{document.file_name}){zh}:备份中的原件须与其 SHA-256 一致;"
        "请运行 xietong doctor --repair,或移除后重新添加它,再备份。",
        f'document "{document.title}" ({document.id}, {document.file_name}): {en}; a backup holds originals with their '
        "SHA-256 only: run `xietong doctor --repair`, or remove it and add it again, then back up.",
    )


# Restoring


def restore(folder: Path, path: Path, force: bool = False) -> int:
    """Puts a backup's library into a data folder; returns how many documents it holds. A database it lacks stays.

    The backup is checked whole before the folder's contents are touched. Raises InputRefused for what is no sound
    backup, for a folder that is not empty unless `force`, and for one in use; LibraryTooNew; LibraryUnusable.
    """
    with opened(path) as archive:
        members = read_manifest(archive, path)
        if DATABASE not in members:
            raise damaged(path, f"no {DATABASE}")
        Catalogue(folder / DATABASE).make_folder()
        settle(folder)
        with hold(folder, alone=True):
            _refuse_full(folder, force)
            with _staged(folder):
                _refuse_large(folder, members)
                unpack(archive, members, staging(folder), path)
                count = _checked(staging(folder), members, path)
                _keep_others(folder, members)
            _swapped(folder)
    return count


def _keep_others(folder: Path, members: Mapping[str, Member]) -> None:
    """A database that the backup lacks, as conversations in an older one, is no part of what it replaces."""
    for database in sorted(folder.glob("*.db")):
        if database.name not in members:
            _copy(database, staging(folder) / database.name, database)


def _refuse_full(folder: Path, force: bool) -> None:
    if contents(folder) and not force:
        raise InputRefused(
            f"数据文件夹“{folder}”不是空的:恢复会替换其中的文档库和对话;确要替换请加 --force,或另设 XIETONG_DATA。",
            f'data folder "{folder}" is not empty: a restore replaces the library and the conversations in it; add '
            "--force if you mean it, or set XIETONG_DATA to another folder.",
        )


@contextmanager
def _staged(folder: Path) -> Iterator[None]:
    """What is unpacked goes again if it proves no good."""
    try:
        yield
    except BaseException as error:
        shutil.rmtree(staging(folder).parent, ignore_errors=True)
        if isinstance(error, OSError):
            raise _unrestored(folder, error.strerror or str(error)) from error
        raise


def _refuse_large(folder: Path, members: Mapping[str, Member]) -> None:
    needed, free = sum(m.bytes for m in members.values()), shutil.disk_usage(folder).free
    if needed > free:
        raise OSError(ENOSPC, f"{needed / 2**20:.1f} MB > {free / 2**20:.1f} MB")


def _unrestored(folder: Path, said: str) -> LibraryUnusable:
    return LibraryUnusable(
        f"备份无法恢复到“{folder}”({said}):它须可写且装得下备份;原有内容未动,请检查权限和空间后再试。",
        f'the backup cannot be restored to "{folder}" ({said}): it must be writable and have space for it; what was '
        "there is untouched; check permissions and space and try again.",
    )


def _checked(folder: Path, members: Mapping[str, Member], path: Path) -> int:
    """Are the databases sound, of a version that is known, and with all originals? Returns how many documents."""
    try:
        for database in sorted(folder.glob("*.db")):
            with closing(sqlite3.connect(database)) as db:
                if wrong := faults(db):
                    raise damaged(path, f"{database.name}: {wrong}")
        return _renamed(folder / DATABASE, members, path)
    except sqlite3.Error as error:
        if _unwritten(error):
            raise OSError(ENOSPC, str(error)) from error
        raise damaged(path, str(error)) from error


def _renamed(database: Path, members: Mapping[str, Member], path: Path) -> int:
    """Gives the library a new identity: vectors that anyone holds of the old one are of other rows."""
    with closing(sqlite3.connect(database)) as db:
        refuse_newer(db, path)
        documents = store.documents(db)
        lost = [d.file_name for d in documents if f"files/{d.sha256}" not in members]
        if lost:
            raise damaged(path, f"no original of {lost[0]}")
        store.set_meta(db, "library", uuid4().hex)
        db.commit()
        db.execute("PRAGMA journal_mode = DELETE")  # one file again
    return len(documents)


def _swapped(folder: Path) -> None:
    try:
        swap(folder)
    except OSError as error:
        raise _unrestored(folder, error.strerror or str(error)) from error
