import subprocess
import sys
from pathlib import Path

from assistant.web.own_folder import OwnFolder

ROOT = Path(__file__).parents[3]
# A server that opens a folder, puts a file into it, says where and waits.
HOLDER = """
import sys
from pathlib import Path
from assistant.web.own_folder import OwnFolder
own = OwnFolder(Path(sys.argv[1]))
(own.open() / "kept.txt").write_text("x")
print(own.path, flush=True)
sys.stdin.read()
"""


def holder(parent: Path) -> tuple[subprocess.Popen[str], Path]:
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(parent)], cwd=ROOT, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert process.stdout
    return process, Path(process.stdout.readline().strip())


def inherited(own: OwnFolder) -> list[str]:
    """The files that are left to a server, each once."""
    found: list[str] = []
    own.inherit(lambda other: found.extend(path.name for path in other.glob("*.txt")))
    return found


def test_a_folder_is_left_once_its_process_has_been_killed_and_not_before(tmp_path: Path) -> None:
    process, path = holder(tmp_path)
    own = OwnFolder(tmp_path)
    assert inherited(own) == [] and (path / "kept.txt").is_file()
    process.kill()
    process.wait(30)
    assert inherited(own) == ["kept.txt"] and not path.exists()
    assert inherited(own) == [] and own.path.is_dir()


def test_two_servers_leave_each_other_s_folder_alone(tmp_path: Path) -> None:
    one, other = OwnFolder(tmp_path), OwnFolder(tmp_path)
    for own in (one, other):
        (own.open() / "a.txt").write_text("x", "utf-8")
    assert inherited(one) == inherited(other) == []
    one.close()
    assert inherited(other) == ["a.txt"]


def test_nothing_is_made_where_nothing_is_left(tmp_path: Path) -> None:
    assert inherited(OwnFolder(tmp_path / "none")) == []
    assert list(tmp_path.iterdir()) == []
