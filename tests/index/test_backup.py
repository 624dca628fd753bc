import hashlib
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import pytest

from assistant.cli import main
from index import InputRefused, Library, LibraryTooNew, LibraryUnusable, back_up, restore
from index.lock import LOCK_FILE, hold

Make = Callable[..., Library]
Write = Callable[..., Path]
ROOT = Path(__file__).parents[2]
PORT = "天津港集装箱吞吐量完成超2000万标准箱。"
LAKE = "七里海湿地得到保护。"


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "kept" / "library.zip"


@pytest.fixture(autouse=True)
def _folder_of_targets(target: Path) -> None:
    target.parent.mkdir()


@pytest.fixture
def two(library: Library, write: Write) -> Library:
    library.add(write("port.txt", PORT))
    library.add(write("lake.txt", LAKE.encode("gb18030")))
    library.search("湿地")
    return library


def texts(library: Library) -> dict[str, str]:
    return {d.file_name: library.text(d.id) for d in library.documents()}


def sound(library: Library) -> bool:
    return all(check.ok for check in library.doctor())


def listing(folder: Path) -> dict[str, bytes]:
    """Every file below a folder with its content, but for the lock."""
    return {
        str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file() and p.name != LOCK_FILE
    }


# Backing up


def test_a_backup_restored_elsewhere_is_the_same_library(
    two: Library, target: Path, tmp_path: Path, make_library: Make, found_in: Callable[[Library, str], list[str]]
) -> None:
    assert back_up(two.folder, target) == 2
    assert restore(tmp_path / "other", target) == 2
    other = make_library(folder=tmp_path / "other")
    assert other.documents() == two.documents() and texts(other) == texts(two) and sound(other)
    assert found_in(other, "湿地") == found_in(two, "湿地")
    assert [(other.originals / d.sha256).read_bytes() for d in other.documents()] == [
        PORT.encode(),
        LAKE.encode("gb18030"),
    ]


def test_a_backup_holds_databases_originals_and_their_hashes_and_nothing_else(two: Library, target: Path) -> None:
    (two.folder / "uploads").mkdir()
    (two.folder / "uploads" / "half.docx").write_bytes(b"x")
    (two.folder / "y.tmp").write_bytes(b"y")
    (two.originals / ("0" * 64)).write_bytes(b"a leftover")
    two.remove(two.documents()[1].id, undo=True)
    with sqlite3.connect(two.folder / "conversations.db") as db:
        db.execute("CREATE TABLE turns (text)")
    back_up(two.folder, target)
    with ZipFile(target) as archive:
        names = {f"files/{two.documents()[0].sha256}", "xietong.db", "conversations.db"}
        assert set(archive.namelist()) == names | {"manifest.json"} and archive.namelist()[-1] == "manifest.json"
        manifest = json.loads(archive.read("manifest.json"))
        assert manifest["format"] == 1
        for name in names:
            data = archive.read(name)
            assert manifest["members"][name] == {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}


def test_backing_up_changes_nothing_and_leaves_nothing_beside_the_target(two: Library, target: Path) -> None:
    before = listing(two.folder)
    back_up(two.folder, target)
    assert listing(two.folder) == before and list(target.parent.iterdir()) == [target]


def test_a_target_that_exists_is_refused_and_kept(two: Library, target: Path) -> None:
    target.write_text("mine")
    with pytest.raises(InputRefused, match=r"已存在.*exists") as refusal:
        back_up(two.folder, target)
    assert target.read_text() == "mine" and str(target) in refusal.value.en


def test_a_target_without_a_folder_is_refused(two: Library, target: Path) -> None:
    with pytest.raises(InputRefused, match=r"写不成.*cannot be written"):
        back_up(two.folder, target.parent / "none" / "x.zip")


def test_a_folder_without_a_library_is_refused(library: Library, target: Path) -> None:
    with pytest.raises(InputRefused, match="nothing to back up"):
        back_up(library.folder, target)
    assert not target.exists() and not library.folder.exists()


@pytest.mark.parametrize("harm", ["missing", "changed"])
def test_an_original_that_is_not_what_it_was_is_told_with_its_document(two: Library, target: Path, harm: str) -> None:
    document = two.documents()[1]
    path = two.originals / document.sha256
    path.unlink() if harm == "missing" else path.write_bytes(b"other")
    with pytest.raises(LibraryUnusable, match=harm) as error:
        back_up(two.folder, target)
    assert document.id in error.value.zh and "lake.txt" in error.value.en
    assert list(target.parent.iterdir()) == []


def test_a_damaged_database_is_not_backed_up(two: Library, target: Path) -> None:
    with sqlite3.connect(two.catalogue.path) as db:
        db.execute("PRAGMA foreign_keys = OFF")
        db.execute("UPDATE sentences SET passage = 99")
    with pytest.raises(LibraryUnusable, match="damaged"):
        back_up(two.folder, target)
    assert list(target.parent.iterdir()) == []


def test_a_backup_while_another_thread_adds_and_removes_holds_one_state(
    two: Library, write: Write, target: Path, tmp_path: Path, make_library: Make
) -> None:
    stop = threading.Event()

    def churn() -> None:
        writer = make_library()
        for number in range(10_000):
            if stop.is_set():
                return
            added = writer.add(write(f"{number}.txt", f"第{number}号文件记录了各项工作。"))
            writer.remove(str(added.id))

    thread = threading.Thread(target=churn)
    thread.start()
    try:
        for number in range(5):
            back_up(two.folder, target.with_name(f"{number}.zip"))
    finally:
        stop.set()
        thread.join()
    for number in range(5):
        folder = tmp_path / f"restored{number}"
        restore(folder, target.with_name(f"{number}.zip"))
        other = make_library(folder=folder)
        assert sound(other) and {"port.txt", "lake.txt"} <= set(texts(other)) and len(texts(other)) <= 3


def test_another_database_that_is_damaged_is_named_and_nothing_is_left(two: Library, target: Path) -> None:
    (two.folder / "other.db").write_bytes(b"this is no database. " * 500)
    with pytest.raises(LibraryUnusable, match=r"other\.db.*move the file away"):
        back_up(two.folder, target)
    assert list(target.parent.iterdir()) == []
    (two.folder / "other.db").unlink()
    assert back_up(two.folder, target) == 2


# Restoring


@pytest.fixture
def archive(two: Library, target: Path) -> Path:
    back_up(two.folder, target)
    return target


def test_a_folder_that_is_not_empty_is_refused_and_kept(two: Library, archive: Path) -> None:
    before = listing(two.folder)
    with pytest.raises(InputRefused, match=r"--force.*--force"):
        restore(two.folder, archive)
    assert listing(two.folder) == before


def test_with_force_the_old_library_is_replaced_and_other_files_stay(
    two: Library, archive: Path, write: Write, found_in: Callable[[Library, str], list[str]]
) -> None:
    later = "京津城际延伸线开工。"
    two.add(write("rail.txt", later))
    two.remove(two.documents()[0].id, undo=True)
    (two.folder / "users.jsonl").write_text("mine")
    assert restore(two.folder, archive, force=True) == 2
    assert texts(two) == {"port.txt": PORT, "lake.txt": LAKE} and sound(two)
    assert later not in found_in(two, later) and found_in(two, PORT)[0] == PORT
    assert (two.folder / "users.jsonl").read_text() == "mine"
    assert {p.name for p in two.folder.iterdir()} >= {"files", "xietong.db"}
    assert not (two.folder / "trash").exists() and not (two.folder / "restore").exists()
    assert len(list(two.originals.iterdir())) == 2


def test_a_database_that_a_backup_lacks_is_kept_with_force(two: Library, archive: Path) -> None:
    with sqlite3.connect(two.folder / "conversations.db") as db:
        db.execute("CREATE TABLE turns AS SELECT 'asked' AS text")
    assert restore(two.folder, archive, force=True) == 2
    with sqlite3.connect(two.folder / "conversations.db") as db:
        assert db.execute("SELECT text FROM turns").fetchall() == [("asked",)]


def test_vectors_of_the_replaced_library_are_not_taken_for_those_of_the_restored_one(
    two: Library, archive: Path, write: Write, found_in: Callable[[Library, str], list[str]]
) -> None:
    """The object that searched before and after; rows and generations are the same in both lines of history."""
    two.add(write("a.txt", "京津城际延伸线开工。"))
    found_in(two, "城际")
    restore(two.folder, archive, force=True)
    two.add(write("b.txt", "大运河通航。"))
    assert found_in(two, "大运河通航")[0] == "大运河通航。"
    with two.catalogue.read() as db:
        vectors = dict(db.execute("SELECT row, vector FROM passages").fetchall())
    import numpy as np

    assert two._indexes is not None
    for row, blob in vectors.items():
        ((found, cosine),) = two._indexes.passages.search(np.frombuffer(blob, np.float32), 1)
        assert found == row and cosine == pytest.approx(1, abs=1e-5)


def remade(archive: Path, change: Callable[[dict[str, bytes], dict[str, Any]], None], **options: Any) -> Path:
    """A backup with other contents, whose manifest fits them unless `change` sees to it."""
    with ZipFile(archive) as old:
        data = {name: old.read(name) for name in old.namelist()}
    manifest = json.loads(data.pop("manifest.json"))
    change(data, manifest)
    path = archive.with_name("remade.zip")
    with ZipFile(path, "w", **options) as new:
        for name, content in data.items():
            new.writestr(name, content)
        new.writestr("manifest.json", json.dumps(manifest))
    return path


def entry(content: bytes) -> dict[str, Any]:
    return {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}


def put(data: dict[str, bytes], manifest: dict[str, Any], name: str, content: bytes) -> None:
    data[name] = content
    manifest["members"][name] = entry(content)


def lose_original(data: dict[str, bytes], manifest: dict[str, Any]) -> None:
    name = next(name for name in data if name.startswith("files/"))
    del data[name], manifest["members"][name]


def lose_database(data: dict[str, bytes], manifest: dict[str, Any]) -> None:
    del data["xietong.db"], manifest["members"]["xietong.db"]


HARMS: dict[str, Callable[[dict[str, bytes], dict[str, Any]], None]] = {
    "a path out of the folder": lambda d, m: put(d, m, "../evil.db", b"x"),
    "an absolute path": lambda d, m: put(d, m, "/tmp/evil.db", b"x"),
    "a path out of files": lambda d, m: put(d, m, "files/../../evil.db", b"x"),
    "a name that is none of ours": lambda d, m: put(d, m, "run.sh", b"x"),
    "an original of another hash": lambda d, m: put(d, m, f"files/{'0' * 64}", b"x"),
    "a member that the manifest lacks": lambda d, m: d.update({"more.db": b"x"}),
    "a member that the archive lacks": lambda d, m: m["members"].update({"more.db": entry(b"x")}),
    "another hash": lambda d, m: m["members"]["xietong.db"].update(sha256="0" * 64),
    "another size": lambda d, m: m["members"]["xietong.db"].update(bytes=1),
    "no database": lose_database,
    "a database that is none": lambda d, m: put(d, m, "xietong.db", b"x" * 5000),
    "an empty database": lambda d, m: put(d, m, "xietong.db", b""),
    "a torn database": lambda d, m: put(d, m, "xietong.db", d["xietong.db"][: len(d["xietong.db"]) // 2]),
    "an original lost": lose_original,
    "a manifest without members": lambda d, m: m.pop("members"),
    "a manifest of strings": lambda d, m: m.update(members={"xietong.db": "x"}),
    "a manifest without a format": lambda d, m: m.pop("format"),
    "a newer format": lambda d, m: m.update(format=2),
}


@pytest.mark.parametrize("harm", HARMS.values(), ids=HARMS.keys())
def test_what_is_no_sound_backup_is_refused_and_changes_nothing(
    two: Library, archive: Path, harm: Callable[[dict[str, bytes], dict[str, Any]], None], tmp_path: Path
) -> None:
    path = remade(archive, harm)
    before = listing(tmp_path)
    with pytest.raises(InputRefused) as refusal:
        restore(two.folder, path, force=True)
    assert str(path) in refusal.value.zh and str(path) in refusal.value.en
    assert listing(tmp_path) == before and not (two.folder / "restore").exists()


def test_a_compressed_archive_is_refused_however_small_it_looks(two: Library, archive: Path) -> None:
    path = remade(archive, lambda d, m: put(d, m, "big.db", bytes(10**7)), compression=ZIP_DEFLATED)
    assert path.stat().st_size < 10**6
    with pytest.raises(InputRefused, match="compressed"):
        restore(two.folder, path, force=True)


def test_a_database_of_a_newer_version_is_refused(two: Library, archive: Path, tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "newer.db") as db:
        db.execute("PRAGMA user_version = 99")
    path = remade(archive, lambda d, m: put(d, m, "xietong.db", (tmp_path / "newer.db").read_bytes()))
    with pytest.raises(LibraryTooNew):
        restore(two.folder, path, force=True)
    assert sound(two) and len(two.documents()) == 2


@pytest.mark.parametrize("kept", [0.0, 0.3, 0.9, 0.999])
def test_a_truncated_backup_is_refused(two: Library, archive: Path, kept: float) -> None:
    data = archive.read_bytes()
    archive.write_bytes(data[: int(len(data) * kept)])
    with pytest.raises(InputRefused, match="no sound backup"):
        restore(two.folder, archive, force=True)
    assert sound(two) and len(two.documents()) == 2


def test_no_flipped_bit_of_a_backup_is_restored_as_if_nothing_were(
    archive: Path, tmp_path: Path, make_library: Make, two: Library
) -> None:
    """Flips in what zip itself keeps twice, or not at all, may do no harm: then the library is what it was."""
    import random

    chance, data = random.Random(7), archive.read_bytes()
    refused = 0
    for number in range(60):
        harmed = bytearray(data)
        harmed[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
        path = archive.with_name("flipped.zip")
        path.write_bytes(harmed)
        folder = tmp_path / f"flipped{number}"
        try:
            restore(folder, path)
        except InputRefused:
            refused += 1
            assert [p.name for p in folder.iterdir()] in ([], [LOCK_FILE]) if folder.exists() else True
        else:
            assert texts(make_library(folder=folder)) == texts(two)
    assert refused > 50


@pytest.mark.parametrize("what", ["missing", "folder", "text"])
def test_what_is_no_archive_is_refused_in_words(library: Library, tmp_path: Path, what: str) -> None:
    path = tmp_path / "x"
    if what == "folder":
        path.mkdir()
    elif what == "text":
        path.write_text("天津")
    with pytest.raises(InputRefused, match=r"xietong backup.*xietong backup"):
        restore(library.folder, path)
    assert not library.folder.exists()


def test_a_link_in_an_archive_is_a_file_of_its_name(two: Library, archive: Path) -> None:
    """A zip entry marked as a symbolic link is written as bytes or refused, never followed."""
    info = ZipInfo("link.db")
    info.external_attr = 0o120777 << 16
    with ZipFile(archive, "a") as changed:
        changed.writestr(info, "/etc/passwd")
    with pytest.raises(InputRefused):
        restore(two.folder, archive, force=True)


# While others use the folder


def test_a_folder_that_a_server_holds_is_not_restored(two: Library, archive: Path) -> None:
    before = listing(two.folder)
    with two.hold(), pytest.raises(InputRefused, match="in use"):
        restore(two.folder, archive, force=True)
    assert listing(two.folder) == before
    assert restore(two.folder, archive, force=True) == 2


@pytest.mark.skipif(sys.platform == "win32", reason="flock is what is tested")
def test_a_process_that_holds_a_folder_holds_it_until_it_is_killed(two: Library, archive: Path) -> None:
    program = (
        "import sys, time; from pathlib import Path; from index.lock import hold\n"
        "with hold(Path(sys.argv[1])): print('held', flush=True); time.sleep(60)\n"
    )
    command = [sys.executable, "-c", program, str(two.folder)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None and holder.stdout.readline() == b"held\n"
        with pytest.raises(InputRefused, match="in use"):
            restore(two.folder, archive, force=True)
        holder.kill()
    assert restore(two.folder, archive, force=True) == 2


def test_readers_wait_for_a_restore_and_then_see_what_it_restored(two: Library, archive: Path, write: Write) -> None:
    two.add(write("rail.txt", "京津城际延伸线开工。"))
    seen: list[set[str]] = []
    with hold(two.folder, alone=True):
        reader = threading.Thread(target=lambda: seen.append(set(texts(two))))
        reader.start()
        reader.join(0.3)
        assert reader.is_alive() and not seen
    reader.join()
    assert seen == [{"port.txt", "lake.txt", "rail.txt"}]


# Crashes


class Crash(BaseException):
    """The process ends here."""


STEPS = 9  # four things moved aside, the new declared ready, two moved in, the old deleted, the place deleted


def crash_at(monkeypatch: pytest.MonkeyPatch, step: int) -> None:
    """Path.rename and rmtree end the process instead of doing their `step`th work."""
    count = 0

    def counting(work: Callable[..., Any]) -> Callable[..., Any]:
        def run(*arguments: Any, **options: Any) -> Any:
            nonlocal count
            count += 1
            if count == step:
                raise Crash
            return work(*arguments, **options)

        return run

    monkeypatch.setattr(Path, "rename", counting(Path.rename))
    monkeypatch.setattr(shutil, "rmtree", counting(shutil.rmtree))


@pytest.mark.parametrize("step", range(1, STEPS + 3))
def test_a_restore_that_ends_at_any_moment_leaves_the_old_library_or_the_new_one(
    two: Library, archive: Path, write: Write, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    two.add(write("rail.txt", "京津城际延伸线开工。"))
    with monkeypatch.context() as patch:
        crash_at(patch, step)
        try:
            restore(two.folder, archive, force=True)
            crashed = False
        except Crash:
            crashed = True
    assert crashed == (step <= STEPS), "the steps are fewer or more than were counted"
    assert set(texts(two)) in ({"port.txt", "lake.txt"}, {"port.txt", "lake.txt", "rail.txt"}) and sound(two)
    assert not (two.folder / "restore").exists()
    assert all((two.originals / d.sha256).is_file() for d in two.documents())


def test_a_restore_that_the_system_refuses_half_way_puts_the_old_library_back(
    two: Library, archive: Path, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    two.add(write("rail.txt", "京津城际延伸线开工。"))
    real, calls = Path.rename, 0

    def rename(path: Path, to: Path) -> Path:
        nonlocal calls
        calls += 1
        if calls == 3:
            raise PermissionError(13, "in use")
        return real(path, to)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "rename", rename)
        with pytest.raises(LibraryUnusable, match="untouched"):
            restore(two.folder, archive, force=True)
    assert len(two.documents()) == 3 and sound(two)


def test_a_folder_with_too_little_space_is_told_before_anything_is_unpacked(
    two: Library, archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    full = shutil.disk_usage(two.folder)._replace(free=1000)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: full)
    with pytest.raises(LibraryUnusable, match="space"):
        restore(two.folder, archive, force=True)
    assert sound(two) and not (two.folder / "restore").exists()


# Commands


def test_the_commands_back_up_and_restore(
    two: Library, target: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XIETONG_DATA", str(two.folder))
    assert main(["backup", str(target)]) == 0
    assert capsys.readouterr().out == f"backed up\t2\t{target}\n"
    assert main(["backup", str(target)]) == 1
    assert main(["restore", str(target)]) == 1
    assert capsys.readouterr().err.count("\n") == 2
    two.remove(two.documents()[0].id)
    assert main(["restore", str(target), "--force"]) == 0
    assert capsys.readouterr().out == f"restored\t2\t{two.folder}\n"
    assert len(two.documents()) == 2


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write anywhere")
def test_a_target_that_may_not_be_written_is_told(two: Library, target: Path) -> None:
    target.parent.chmod(0o500)
    with pytest.raises(InputRefused, match="Permission"):
        back_up(two.folder, target)
