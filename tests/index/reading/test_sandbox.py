import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from index.errors import InputRefused
from index.reading import Bounds, Extract
from index.reading.sandbox import ROOT, parse_apart
from index.reading.worker import as_json, from_json

PREFIX = "import os, time, sys; from index.reading import worker; from index.reading.types import Extract\n"


def command(parse: str) -> tuple[str, ...]:
    """A worker whose parser is the given function body."""
    body = "".join(f"    {line}\n" for line in parse.split("\n"))
    return (sys.executable, "-c", f"{PREFIX}def parse(kind, data, name, bounds):\n{body}worker.main(parse)")


def parse(body: str, bounds: Bounds | None = None) -> Extract:
    return parse_apart("docx", b"data", "文件.docx", bounds or Bounds(seconds=30), command(body))


def test_an_extract_crosses_the_border_of_processes_unchanged() -> None:
    extract = Extract("一\n二 \U0002b363", "text/html", 2, (0, 2), {0: 1}, {2: (0, 1)})
    assert from_json(as_json(extract)) == extract
    found = parse('return Extract(data.decode() + name + "\\u2b36", kind, 1, (0,), {0: 1}, {3: (0, 2)})')
    assert found == Extract("data文件.docx\u2b36", "docx", 1, (0,), {0: 1}, {3: (0, 2)})


@pytest.mark.parametrize("body", ["while True: pass", "time.sleep(60)"])
def test_a_parser_that_hangs_is_killed_in_time(body: str) -> None:
    begun = time.monotonic()
    with pytest.raises(InputRefused, match=r"within 2 s.*XIETONG_MAX_SECONDS"):
        parse(body, Bounds(seconds=2))
    assert time.monotonic() - begun < 4


@pytest.mark.skipif(sys.platform != "linux", reason="RLIMIT_AS")
def test_a_parser_that_eats_memory_is_stopped() -> None:
    with pytest.raises(InputRefused, match="more than 300 MB of memory"):
        parse("return [bytearray(2**20) for _ in range(4000)]", Bounds(seconds=30, memory_mb=300))


@pytest.mark.parametrize(
    "body",
    [
        "os.abort()",
        "os._exit(3)",
        "os.kill(os.getpid(), 9)",
        "raise ValueError('torn')",
        "return parse(kind, 0, name, 0)",
    ],
)
def test_a_parser_that_fails_is_a_refusal_in_words(body: str) -> None:
    with pytest.raises(InputRefused, match=r"“文件.docx”不是完好的 docx 文件.*no sound docx file"):
        parse(body)


def test_what_a_parser_prints_does_not_spoil_its_answer() -> None:
    found = parse(
        "print('noise', flush=True); os.system('echo noise'); sys.stderr.write('x' * 10**6)\nreturn Extract('字', 't')"
    )
    assert found.text == "字"


def test_a_missing_package_is_named() -> None:
    with pytest.raises(InputRefused, match="needs the package no_such_package"):
        parse("import no_such_package")


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_a_parser_dies_with_its_parent(tmp_path: Path) -> None:
    mark = tmp_path / "pid"
    body = f"open({str(mark)!r}, 'w').write(str(os.getpid()))\ntime.sleep(60)"
    script = "from index.reading.sandbox import parse_apart; from index.reading import Bounds\n"
    script += f"parse_apart('docx', b'', 'a', Bounds(), {command(body)!r})"
    parent = subprocess.Popen([sys.executable, "-c", script], cwd=ROOT)
    while not (mark.exists() and mark.read_text()):
        time.sleep(0.05)
    child = int(mark.read_text())
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    for _ in range(40):
        if not _runs(child):
            return
        time.sleep(0.1)
    os.kill(child, signal.SIGKILL)
    pytest.fail("the child outlived its parent")


def _runs(process: int) -> bool:
    try:
        state = Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except OSError:
        return False
    return state != "Z"
