"""The process in which a file that others made is parsed: bytes on stdin, JSON on stdout.

The first line of stdin is a JSON object: kind, name, parent and bounds, and the page where one is to be
drawn. The answer is one JSON object: an extract or a drawn page, {"refused": [zh, en]}, {"scan": true},
{"missing": package} or {"failed": what}. What libraries print goes nowhere.
"""

import json
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import asdict
from typing import Any, BinaryIO

from index.errors import InputRefused
from index.reading.types import Bounds, Extract, PageRequest

PARENT_CHECK = 1.0  # seconds between two looks whether the parent still lives
GRACE = 5  # seconds of processor time over the bound, so that the parent's clock strikes first
PR_SET_PDEATHSIG = 1
Parse = Callable[[str, bytes, str, Bounds], Extract]


def parse(kind: str, data: bytes, name: str, bounds: Bounds) -> Extract:
    """Reads a file of a known kind; imports what that kind needs and no more."""
    if kind == "docx":
        from index.reading.docx import read_docx as read
    elif kind == "pdf":
        from index.reading.pdf import read_pdf as read
    elif kind == "xlsx":
        from index.reading.xlsx import read_xlsx as read
    elif kind == "pptx":
        from index.reading.pptx import read_pptx as read
    elif kind == "html":
        from index.reading.html import read_html as read
    elif kind == "csv":
        from index.reading.csv import read_csv as read
    elif kind == "scan":
        from index.reading.ocr import read_scan as read
    else:
        from index.reading.ocr import read_image as read
    return read(data, name, bounds)


def _die_with_parent(parent: int) -> None:
    """Ends this process when its parent is gone: at once on Linux, within a second elsewhere."""
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(PARENT_CHECK)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def _limit(bounds: Bounds) -> None:
    """Bounds this process's memory and processor time where the system can."""
    if sys.platform == "win32":
        return
    import resource

    memory = bounds.memory_mb * 2**20
    for limit, value in (
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_CPU, bounds.seconds * (os.cpu_count() or 1) + GRACE),
        (resource.RLIMIT_CORE, 0),
    ):
        _, hard = resource.getrlimit(limit)
        value = value if hard == resource.RLIM_INFINITY else min(value, hard)
        try:
            resource.setrlimit(limit, (value, hard))
        except (ValueError, OSError):  # macOS refuses RLIMIT_AS: the time bound still holds
            continue


def as_json(extract: Extract) -> dict[str, Any]:
    """An extract in JSON's types; maps become lists of pairs, as JSON's keys are strings."""
    plain = {name: getattr(extract, name) for name in ("text", "media_type", "pages", "page_starts", "unread_pages")}
    return plain | {"headings": list(extract.headings.items()), "table_headers": list(extract.table_headers.items())}


def from_json(found: dict[str, Any]) -> Extract:
    """The extract again. Raises KeyError, TypeError or ValueError for anything else."""
    return Extract(
        str(found["text"]),
        str(found["media_type"]),
        None if found["pages"] is None else int(found["pages"]),
        tuple(int(start) for start in found["page_starts"]),
        {int(start): int(level) for start, level in found["headings"]},
        {int(start): (int(a), int(b)) for start, (a, b) in found["table_headers"]},
        tuple(int(page) for page in found["unread_pages"]),
    )


def request(kind: str, name: str, bounds: Bounds, page: PageRequest | None = None) -> bytes:
    """The first line of a worker's stdin; with `page` that page is drawn, else the file is read."""
    asked: dict[str, Any] = {"kind": kind, "name": name, "parent": os.getpid(), "bounds": asdict(bounds)}
    if page is not None:
        asked["page"] = asdict(page)
    return json.dumps(asked).encode() + b"\n"


def _draw(data: bytes, name: str, page: PageRequest) -> dict[str, Any]:
    from index.reading.drawing import draw_page

    return draw_page(data, name, page)


def _answer(stdin: BinaryIO, parse: Parse) -> dict[str, Any]:
    asked = json.loads(stdin.readline())
    bounds = Bounds(**asked["bounds"])
    _die_with_parent(asked["parent"])
    _limit(bounds)
    try:
        if "page" in asked:
            return _draw(stdin.read(), asked["name"], PageRequest(**asked["page"]))
        return as_json(parse(asked["kind"], stdin.read(), asked["name"], bounds))
    except InputRefused as refusal:
        return {"refused": [refusal.zh, refusal.en]}
    except MemoryError:
        return {"failed": "memory"}
    except RecursionError:
        return {"failed": "depth"}
    except ImportError as error:
        return {"missing": str(error.name)}
    except Exception as error:
        return {"scan": True} if type(error).__name__ == "ScanFound" else {"failed": type(error).__name__}


def main(parse: Parse = parse) -> None:
    """Answers one request. `parse` is given by tests."""
    if sys.platform != "win32":
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to handle
    out = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    answer = json.dumps(_answer(sys.stdin.buffer, parse)).encode()
    with out:
        out.write(answer)


if __name__ == "__main__":
    main()
