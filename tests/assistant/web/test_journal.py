import io
import json
import logging
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import gradio.queueing
import pytest

from assistant import Answer, InputRefused, Settings
from assistant.web import journal
from assistant.web.access import LOCAL, User
from assistant.web.journal import by, pseudonym, tell, tell_answer

ROOT = Path(__file__).parents[3]
SECRET = "天津港集装箱吞吐量是多少?"
ODD = ["两\n行", 'tab\tand "quotes"', "half \ud83d pair", "line\u2028separator", "\x00\x1b[31m", "", "a=b c"]
Lines = Callable[[], list[Any]]


@pytest.fixture(autouse=True)
def as_before(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """What a log changes in the process is put back."""
    root, ours = logging.getLogger(), logging.getLogger("xietong")
    handlers, level = root.handlers, ours.level
    monkeypatch.setattr(gradio.queueing, "traceback", gradio.queueing.traceback)  # type: ignore[attr-defined]
    yield
    logging.captureWarnings(False)
    root.handlers = handlers
    ours.setLevel(level)
    journal.EVENTS.setLevel(journal.SILENT)


@pytest.fixture
def log(tmp_path: Path) -> Callable[..., Callable[[], list[str]]]:
    """Sets a log up; what it returns gives the lines so far."""

    def start(**settings: str) -> Callable[[], list[str]]:
        stream = io.StringIO()
        given = {f"XIETONG_LOG{name}": value for name, value in settings.items()}
        journal.begin(Settings.load(tmp_path, given), stream)
        return lambda: stream.getvalue().split("\n")[:-1]

    return start


def objects(lines: list[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in lines]


def test_nothing_is_told_unless_it_is_asked_for() -> None:
    """In a process of its own: where no handler is set up, Python itself prints warnings."""
    code = (
        "import logging, os\nfrom pathlib import Path\n"
        "from assistant import Settings\nfrom assistant.web import journal\n"
        "journal.begin(Settings.load(Path('.'), os.environ))\n"
        "journal.tell('sign_in', 'warning', outcome='wrong'); journal.tell('not_ready', 'error')\n"
        "logging.getLogger('xietong').error('as ever')\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("", "as ever\n")


def test_a_question_is_one_line_without_its_words(log: Any, answered: Answer) -> None:
    lines = log(**{"": "json"})
    tell_answer(replace(answered, question=SECRET), ["d1"], "page", user="u", request="r")
    (said,) = objects(lines())
    assert said["event"] == "question" and said["level"] == "info" and said["time"].endswith("+00:00")
    told = {name: said[name] for name in ("status", "citations", "scope", "characters", "user", "request", "surface")}
    assert told == {
        "status": "answered", "citations": 3, "scope": 1, "characters": len(SECRET), "user": "u", "request": "r",
        "surface": "page",
    }  # fmt: skip
    assert {"total_ms", "embed_ms", "search_ms", "rerank_ms", "answer_ms"} <= set(said)
    (line,) = lines()
    assert SECRET not in line and answered.citations[0].quote not in line and answered.answer not in line


def test_words_are_logged_only_where_that_is_asked_for(log: Any, answered: Answer) -> None:
    lines = log(**{"": "json", "_QUESTIONS": "1"})
    tell_answer(replace(answered, question=SECRET), None, "page")
    assert objects(lines())[0]["question"] == SECRET


def test_the_reason_of_a_refusal_is_a_kind_not_its_words(log: Any, not_found: Answer) -> None:
    lines = log(**{"": "json"})
    tell_answer(not_found, None, "api")
    assert objects(lines())[0]["reason"] == "unsaid" and "月球" not in lines()[0]


@pytest.mark.parametrize("form", ["json", "text"])
@pytest.mark.parametrize("odd", ODD)
def test_whatever_a_value_holds_it_stays_in_its_line(log: Any, form: str, odd: str) -> None:
    lines = log(**{"": form})
    tell("odd", value=odd, number=float("nan"), nothing=None)
    (line,) = lines()
    line.encode("utf-8")
    if form == "json":
        assert objects([line])[0]["value"] == odd.replace("\ud83d", "?")
    else:
        assert line.isprintable() and " odd " in line and "value=" in line


def test_the_level_is_kept(log: Any) -> None:
    lines = log(**{"": "json", "_LEVEL": "warning"})
    tell("question")
    tell("sign_in", "warning", outcome="wrong")
    logging.getLogger("xietong").error("一个错误")
    assert [(said["event"], said["level"]) for said in objects(lines())] == [("sign_in", "warning"), ("log", "error")]


class Odd(Exception):
    pass


def failing(error: Exception) -> None:
    try:
        raise ValueError(SECRET)
    except ValueError:
        raise error  # noqa: B904 — what came first is told by the context alone


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (Odd(SECRET), ""),
        (InputRefused(SECRET, SECRET), ""),
        (OSError(28, "No space left on device", f"/data/{SECRET}"), "No space left on device"),
        (sqlite3.OperationalError("disk I/O error"), "disk I/O error"),
    ],
)
def test_an_error_is_one_line_that_says_where_and_nothing_of_the_data(log: Any, error: Exception, words: str) -> None:
    lines = log(**{"": "json"})
    try:
        failing(error)
    except Exception:
        logging.getLogger("uvicorn.error").exception("Exception in ASGI application\n")
    (said,) = objects(lines())
    assert said["error"] == type(error).__name__ and " failing" in said["traceback"]
    assert said["traceback"].endswith(f"{type(error).__name__}: {words}" if words else type(error).__name__)
    assert SECRET not in lines()[0]


def test_where_words_are_asked_for_an_error_has_its_own_and_those_of_its_cause(log: Any) -> None:
    lines = log(**{"": "json", "_QUESTIONS": "1"})
    try:
        failing(Odd("第二"))
    except Odd:
        logging.getLogger("x").exception("failed")
    trace = objects(lines())[0]["traceback"]
    assert trace.index(f"ValueError: {SECRET}") < trace.index("Odd: 第二")


def test_a_message_with_a_file_s_name_has_a_nameless_form(log: Any) -> None:
    lines = log(**{"": "json"})
    logging.getLogger("xietong").warning("%s", "机密.docx", extra={"nameless": "a file was refused"})
    assert objects(lines())[0]["message"] == "a file was refused"


def test_a_handler_s_error_that_gradio_prints_is_a_record(log: Any, capsys: pytest.CaptureFixture[str]) -> None:
    lines = log(**{"": "json"})
    try:
        raise Odd(SECRET)
    except Odd:
        gradio.queueing.traceback.print_exc()  # type: ignore[attr-defined]
    assert objects(lines())[0]["error"] == "Odd" and capsys.readouterr().err == ""


def test_a_person_is_the_same_number_in_every_line_and_case() -> None:
    assert pseudonym("Li") == pseudonym("ｌｉ") != pseudonym("张三")
    assert len(pseudonym("Li")) == 12 and pseudonym(LOCAL.name) == "local"
    request = SimpleNamespace(headers={"x-request-id": "r1"})
    assert by(request, User("li", "reader")) == {"user": pseudonym("li"), "request": "r1"}
    assert by(None, LOCAL) == {"user": "local", "request": ""}
