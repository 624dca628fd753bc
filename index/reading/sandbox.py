"""Parsing where it cannot take the server down: a process of its own, with bounds on time and memory."""

import json
import os
import subprocess
import sys
from base64 import b64decode
from dataclasses import replace
from pathlib import Path
from typing import Any

from index.errors import InputRefused
from index.reading.refusals import broken
from index.reading.types import Bounds, Extract, PageImage, PageRequest
from index.reading.worker import from_json, request

WORKER = (sys.executable, "-m", "index.reading.worker")
ROOT = Path(__file__).resolve().parents[2]  # the folder that holds the package
RECOGNISED = ("scan", "image")
DRAW_SECONDS = 20  # a person waits for a page; an ordinary one takes half a second
# One thread: the numeric libraries set aside address space for each, and the bound counts it.
QUIET = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")


def _over_time(name: str, seconds: int, setting: str) -> InputRefused:
    return InputRefused(
        f"“{name}”在 {seconds} 秒内没有读完:请拆分文件,或调高设置 {setting}。",
        f'"{name}" could not be read within {seconds} s: split it, or raise the setting {setting}.',
    )


def _over_memory(name: str, bounds: Bounds) -> InputRefused:
    return InputRefused(
        f"“{name}”读取时所需内存超过 {bounds.memory_mb} MB:请拆分文件,或调高设置 XIETONG_MAX_READER_MB。",
        f'"{name}" needs more than {bounds.memory_mb} MB of memory to be read: split it, or raise the setting '
        "XIETONG_MAX_READER_MB.",
    )


def _not_installed(name: str, package: str) -> InputRefused:
    return InputRefused(
        f"“{name}”需要的软件包 {package} 没有装好:请运行 pip install -e . 后再添加。",
        f'"{name}" needs the package {package}, which is not installed: run pip install -e . and add it again.',
    )


def parse_apart(kind: str, data: bytes, name: str, bounds: Bounds, command: tuple[str, ...] = WORKER) -> Extract:
    """Reads a file in a process of its own. Raises InputRefused, also where that process fails or is ended."""
    recognised = kind in RECOGNISED
    seconds = bounds.scan_seconds if recognised else bounds.seconds
    setting = "XIETONG_MAX_SCAN_SECONDS" if recognised else "XIETONG_MAX_SECONDS"
    try:
        answer = _run(command, request(kind, name, replace(bounds, seconds=seconds)) + data, seconds)
    except subprocess.TimeoutExpired:
        raise _over_time(name, seconds, setting) from None
    found = _parsed(answer)
    if found.get("scan"):
        return parse_apart("scan", data, name, bounds, command)
    return _outcome(found, kind, name, bounds)


def draw_apart(data: bytes, name: str, page: PageRequest, bounds: Bounds) -> PageImage:
    """Draws a page of a PDF in a process of its own. Raises InputRefused, also where that process fails."""
    seconds = min(DRAW_SECONDS, bounds.seconds)
    try:
        answer = _run(WORKER, request("pdf", name, replace(bounds, seconds=seconds), page) + data, seconds)
    except subprocess.TimeoutExpired:
        raise _over_time(name, seconds, "XIETONG_MAX_SECONDS") from None
    found = _parsed(answer)
    try:
        _refuse_failure(found, name, bounds)
        boxes = tuple((int(a), int(b), int(c), int(d)) for a, b, c, d in found["boxes"])
        return PageImage(b64decode(found["png"]), int(found["width"]), int(found["height"]), boxes)
    except (ValueError, KeyError, TypeError):
        raise broken(name, "pdf", str(found.get("failed", ""))) from None


def _run(command: tuple[str, ...], stdin: bytes, seconds: int) -> bytes:
    path = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))
    done = subprocess.run(
        command,
        input=stdin,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        timeout=seconds,
        env=os.environ | QUIET | {"PYTHONPATH": path, "PYTHONUTF8": "1"},
        check=False,
    )
    return done.stdout


def _parsed(answer: bytes) -> dict[str, Any]:
    """The answer as an object; empty where the process crashed or was killed."""
    try:
        found = json.loads(answer)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _refuse_failure(found: dict[str, Any], name: str, bounds: Bounds) -> None:
    if "refused" in found:
        raise InputRefused(*map(str, found["refused"]))
    if "missing" in found:
        raise _not_installed(name, str(found["missing"]))
    if found.get("failed") == "memory":
        raise _over_memory(name, bounds)


def _outcome(found: dict[str, Any], kind: str, name: str, bounds: Bounds) -> Extract:
    try:
        _refuse_failure(found, name, bounds)
        return from_json(found)
    except (ValueError, KeyError, TypeError):
        raise broken(name, kind, str(found.get("failed", ""))) from None
