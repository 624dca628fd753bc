"""The calls of programs, over Gradio's own HTTP routes and MCP, on the bundled report."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from assistant import Assistant, Settings
from assistant.settings import TABLE
from assistant.web.api import LONGEST_PASSAGE
from assistant.web.page import application
from index import Library

ROOT = Path(__file__).parents[3]
QUESTION = "2021年天津港集装箱吞吐量是多少?"
MCP = {"accept": "application/json, text/event-stream"}


@pytest.fixture(scope="module")
def client(report_assistant: Assistant, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    values = {name: default for name, default, _, _ in TABLE}
    folder = tmp_path_factory.mktemp("api")
    settings = Settings.load(ROOT, {**values, "XIETONG_DATA": str(folder)})
    report_assistant.prepare()
    with TestClient(application(report_assistant, settings, folder / "uploads"), base_url="http://127.0.0.1") as made:
        yield made


def call(client: TestClient, name: str, *arguments: Any) -> tuple[int, Any]:
    answer = client.post(f"/gradio_api/run/{name}", json={"data": list(arguments)})
    return answer.status_code, answer.json()["data"][0] if answer.status_code == 200 else answer.json()["error"]


def tool(client: TestClient, method: str, **parameters: Any) -> Any:
    """One MCP request in a session of its own."""
    body = {"jsonrpc": "2.0", "id": 1, "method": method, "params": parameters}
    answer = client.post("/gradio_api/mcp/", json=body, headers=MCP)
    assert answer.status_code == 200, answer.text
    data = next(line for line in answer.text.splitlines() if line.startswith("data:"))
    return json.loads(data.removeprefix("data:"))["result"]


def test_ask_gives_the_answer_object(client: TestClient, report_assistant: Assistant) -> None:
    status, answer = call(client, "ask", QUESTION, None, None)
    direct = json.loads(json.dumps(report_assistant.ask(QUESTION).to_json()))
    assert status == 200 and answer["status"] == "answered"
    assert {**answer, "timings_ms": None} == {**direct, "timings_ms": None}


def test_history_and_documents_are_heeded(client: TestClient) -> None:
    history = [{"question": QUESTION, "answer": "超2000万标准箱"}]
    _, answer = call(client, "ask", "比上年增长多少?", history, None)
    assert answer["standalone_question"] and "天津港" in answer["standalone_question"]
    status, said = call(client, "ask", QUESTION, None, ["none"])
    assert status == 500 and "none" in said and "xietong list" in said


def test_documents_search_and_passage_fit_together(client: TestClient, report: str) -> None:
    _, documents = call(client, "documents")
    assert [document["file_name"] for document in documents] == ["report.txt"]
    _, found = call(client, "search", "港口 集装箱", 3)
    assert len(found) == 3 and found[0]["text"] == report[found[0]["text_start"] : found[0]["text_end"]]
    start = report.index("天津港集装箱吞吐量")
    _, passage = call(client, "passage", documents[0]["id"], start, start + 9)
    assert passage["quote"] == "天津港集装箱吞吐量" and passage["quote"] in passage["text"]
    assert passage["text"] == report[passage["text_start"] : passage["text_end"]] == report.split("\n")[11]
    assert passage["paragraph"] == 12


@pytest.mark.parametrize(
    ("name", "arguments", "said"),
    [
        ("ask", (5, None, None), "question must be text"),
        ("ask", ("a", "x", None), "history must be"),
        ("ask", ("a", [{"answer": "x"}], None), "question must be text"),
        ("ask", ("a", None, "d1"), "documents must be"),
        ("search", (" ", 3), "1 to 1000 characters"),
        ("search", ("港" * 1001, 3), "1 to 1000 characters"),
        ("search", ("港", 11), "from 1 to 10"),
        ("search", ("港", True), "from 1 to 10"),
        ("passage", ("none", 0, 5), "xietong list"),
    ],
)
def test_what_is_wrong_is_said_in_both_languages(
    client: TestClient, name: str, arguments: tuple[Any, ...], said: str
) -> None:
    status, words = call(client, name, *arguments)
    assert status == 500 and said in words and " / " in words


@pytest.mark.parametrize("place", [(-1, 5), (5, 5), (0, 10**9), ("0", 5), (0.5, 5)])
def test_a_place_outside_the_text_is_refused(client: TestClient, place: tuple[Any, Any]) -> None:
    document = call(client, "documents")[1][0]["id"]
    status, words = call(client, "passage", document, *place)
    assert status == 500 and f"at most {LONGEST_PASSAGE}" in words


def test_mcp_lists_four_tools_and_answers_json(client: TestClient) -> None:
    tools = {each["name"]: each for each in tool(client, "tools/list")["tools"]}
    assert set(tools) == {"ask", "search", "passage", "documents"}
    assert tools["ask"]["inputSchema"]["required"] == ["question"] and "verbatim" in tools["ask"]["description"]
    result = tool(client, "tools/call", name="ask", arguments={"question": QUESTION})
    assert not result["isError"]
    assert json.loads(result["content"][0]["text"])["short_answer"] == "超2000万标准箱"
    found = tool(client, "tools/call", name="search", arguments={"query": "港口", "k": 2})
    assert len(json.loads(found["content"][0]["text"])) == 2


def test_mcp_says_what_is_wrong(client: TestClient) -> None:
    result = tool(client, "tools/call", name="passage", arguments={"document": "none", "start": 0, "end": 1})
    assert result["isError"] and "xietong list" in result["content"][0]["text"]


def test_mcp_names_no_handler_of_the_pages(client: TestClient) -> None:
    for name in ("add", "act", "ask_example", "upload_file_to_gradio"):
        assert tool(client, "tools/call", name=name, arguments={})["isError"]


def test_the_description_names_the_calls_and_nothing_else(client: TestClient) -> None:
    info = client.get("/gradio_api/info").json()
    assert set(info["named_endpoints"]) == {"/ask", "/search", "/passage", "/documents"}
    assert info["unnamed_endpoints"] == {}


def test_handlers_of_the_pages_cannot_be_called_past_their_queue(client: TestClient) -> None:
    handlers = {one["api_name"]: one["id"] for one in client.get("/config").json()["dependencies"]}
    for name in ("add", "act"):
        body = {"data": [None, None], "fn_index": handlers[name], "session_hash": "s1"}
        assert client.post("/gradio_api/run/predict", json=body).status_code == 404


def test_a_library_without_documents_lists_none(make_library: Callable[..., Library], tmp_path: Path) -> None:
    assistant = Assistant(make_library(), tmp_path / "none", 100)
    settings = Settings.load(ROOT, {"XIETONG_DATA": str(tmp_path / "data"), "XIETONG_SOURCES": str(tmp_path)})
    assistant.prepare()
    with TestClient(application(assistant, settings, tmp_path / "up"), base_url="http://127.0.0.1") as client:
        assert call(client, "documents") == (200, [])
