"""A process that changes a library without end, to be killed: `python -m tests.faults.work FOLDER SEED [STEP]`.

One JSON line before each operation and one after it, flushed: what stands after an operation is acknowledged.
With STEP the process kills itself at its STEPth call that makes a file durable, moves it or deletes it.
"""

import hashlib
import json
import os
import random
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from index import Library
from index.ingest import ID_LENGTH
from tests.conftest import BigramEmbedder

State = dict[str, str]  # a document's name → which version of it
FEWEST, MOST = 3, 9  # documents between which the library is kept
WORDS = (
    *("天津", "北京", "河北", "港口", "铁路", "湿地", "人才", "产业", "协同", "发展"),
    *("建设", "项目", "开工", "投产", "增长", "下降", "亿元", "公里", "万人", "完成"),
)
FIRST_HAN, LAST_HAN = 0x4E00, 0x9FA5


def code_word(name: str, version: str) -> str:
    """Five characters that no other version of any document has together."""
    chance = random.Random(f"{name}/{version}")
    return "".join(chr(chance.randint(FIRST_HAN, LAST_HAN)) for _ in range(5))


def content(name: str, version: str) -> str:
    """The text of one version of a document: headings and sentences, its code word in the second one."""
    chance = random.Random(f"{version}\\{name}")
    lines = [f"{name}第{version}稿", f"本稿的暗号是{code_word(name, version)}。"]
    for number in range(chance.randint(2, 25)):
        words = "".join(chance.choices(WORDS, k=chance.randint(3, 12)))
        lines.append(
            f"一、第{number}节" if chance.random() < 0.1 else f"{words}{chance.randint(1, 9999)}项。{words[:6]}。"
        )
    return "\n".join(lines)


@dataclass(frozen=True, slots=True)
class Operation:
    """One change of the library, or a search, which saves the index."""

    do: str  # add, replace, remove, withdraw (to be taken back), take_back, reindex, search
    name: str = ""
    version: str = ""

    def applied(self, state: State) -> State:
        """The state after the operation."""
        if self.do in ("add", "replace", "take_back"):
            return {**state, self.name: self.version}
        return {name: version for name, version in state.items() if name != self.name}


def open_library(folder: Path) -> Library:
    """A library object as a new process would have it."""
    return Library(folder, "bigrams", BigramEmbedder)


def given(folder: Path, name: str, version: str) -> Path:
    """The file that a user would add."""
    path = folder.with_name("given") / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(content(name, version), encoding="utf-8")
    return path


def perform(library: Library, operation: Operation) -> None:
    """Does one operation; any failure of it is one of the program."""
    if operation.do in ("add", "replace"):
        status = library.add(given(library.folder, operation.name, operation.version)).status
        assert status == ("added" if operation.do == "add" else "replaced"), (operation, status)
    elif operation.do in ("remove", "withdraw"):
        document_id = next(d.id for d in library.documents() if d.file_name == operation.name)
        library.remove(document_id, undo=operation.do == "withdraw")
    elif operation.do == "take_back":
        data = content(operation.name, operation.version).encode()
        assert library.take_back(hashlib.sha256(data).hexdigest()[:ID_LENGTH]).status == "added"
    elif operation.do == "reindex":
        library.reindex()
    else:
        library.search("港口建设")


def state_of(library: Library) -> State:
    """Names and versions as they are listed; a text that is no version of its name is told."""
    state = State()
    for document in library.documents():
        text = library.text(document.id)
        version = text.split("\n", 1)[0].removeprefix(f"{document.file_name}第").removesuffix("稿")
        assert text == content(document.file_name, version), f"{document.file_name}: another text"
        assert document.file_name not in state, f"{document.file_name} twice"
        state[document.file_name] = version
    return state


def chosen(chance: random.Random, state: State, last: Operation | None, version: str) -> Operation:
    """Any operation, so that the library stays of about one size."""
    if last and last.do == "withdraw" and chance.random() < 0.5:
        return Operation("take_back", last.name, last.version)
    if len(state) < FEWEST:
        return Operation("add", f"n{version}.txt", version)
    kinds, weights = ("add", "replace", "remove", "withdraw", "reindex", "search"), (3, 3, 2, 2, 1, 4)
    do = chance.choices(kinds, weights)[0]
    if do == "add" and len(state) >= MOST:
        do = "remove"
    if do in ("reindex", "search"):
        return Operation(do)
    name = f"n{version}.txt" if do == "add" else chance.choice(list(state))
    return Operation(do, name, version if do in ("add", "replace") else state[name])


def _die_at(step: int) -> None:
    """The STEPth call that changes what the disk holds is the last."""
    left = step

    def ending(work: Callable[..., Any]) -> Callable[..., Any]:
        def run(*arguments: Any, **options: Any) -> Any:
            nonlocal left
            left -= 1
            if left <= 0:
                os.kill(os.getpid(), signal.SIGKILL)
            return work(*arguments, **options)

        return run

    os.fsync = ending(os.fsync)
    for name in ("replace", "unlink", "rename"):
        setattr(Path, name, ending(getattr(Path, name)))


def _say(line: dict[str, str]) -> None:
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


def main(folder: Path, seed: str, step: int) -> None:
    """Works until it is killed."""
    library, chance, number = open_library(folder), random.Random(seed), 0
    library.embedder()
    library.sweep()
    _say({"ready": seed})
    if step:
        _die_at(step)
    operation = None
    while True:
        number += 1
        operation = chosen(chance, state_of(library), operation, f"{seed}-{number}")
        _say({"do": operation.do, "name": operation.name, "version": operation.version})
        perform(library, operation)
        _say({"done": operation.do})


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]) if len(sys.argv) > 3 else 0)
