"""Two real servers over one data folder, each asked at its own port, as a proxy with sticky sessions does."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.browser.attempts import EDITOR, command, cookie_of, sign_in
from tests.browser.conftest import ROOT, Server, start

QUESTION = "2021年天津港集装箱吞吐量是多少?"
NEW_QUESTION = "2023年海河游船航线共开通几条?"
NEW = "海河旅游通报\n2023年,海河游船航线共开通17条。\n"
TOKEN = "a-token-for-metrics"
SOON_SECONDS = 2.0  # within which a server answers with what another has added
PATIENCE = 240.0  # for the model, and for the processor
STEP = 0.05


@dataclass
class Desk:
    """A server, the file of its log, and somebody who works at it."""

    server: Server
    log: Path
    client: httpx.Client
    handlers: dict[str, Any] = field(default_factory=dict)
    pages: int = 0

    def learn(self) -> None:
        """Where the handlers of the pages are."""
        self.handlers = {one["api_name"]: one for one in self.client.get("/config").json()["dependencies"]}

    def do(self, handler: str, data: list[Any], **event: Any) -> str:
        """Calls a handler as the page does, on a page of its own; what it was sent, JSON and HTML."""
        self.pages += 1
        one, page = self.handlers[handler], f"p{self.pages}-{self.server.port}"
        body = {"data": data, "fn_index": one["id"], "session_hash": page, "event_data": event or None}
        body["trigger_id"] = one["targets"][0][0] if one["targets"] else None
        assert self.client.post("/gradio_api/queue/join", json=body).status_code == 200
        return self.client.get("/gradio_api/queue/data", params={"session_hash": page}, timeout=PATIENCE).text

    def call(self, name: str, *values: Any) -> Any:
        answer = self.client.post(f"/gradio_api/run/{name}", json={"data": list(values)}, timeout=PATIENCE)
        assert answer.status_code == 200, answer.text
        return answer.json()["data"][0]

    def names(self) -> list[str]:
        return [one["file_name"] for one in self.call("documents")]

    def ask(self, question: str) -> Any:
        return self.call("ask", question, None, None)

    def upload(self, name: str, text: str) -> None:
        """Sends a file as the documents page does."""
        stored = self.client.post("/gradio_api/upload", files={"files": (name, text.encode())}).json()[0]
        self.do("add", [[{"path": stored, "orig_name": name, "meta": {"_type": "gradio.FileData"}}], None, None])

    def has_added(self, files: int) -> bool:
        """Whether so many uploads have come to their end."""
        return len(self.told("addition")) >= files

    def told(self, event: str) -> list[dict[str, Any]]:
        """The lines of the log of an event; every line of it must be JSON."""
        return [one for line in self.log.read_text("utf-8").splitlines() if (one := json.loads(line))["event"] == event]


def ready(desk: Desk) -> bool:
    """Whether it answers questions; while a model is loaded, a connection that was kept open may be cut."""
    with suppress(httpx.TransportError):
        return desk.client.get("/readyz").status_code == 200
    return False


def until(holds: Callable[[], Any], seconds: float = PATIENCE) -> float:
    """The seconds until it holds."""
    begun = time.monotonic()
    while not holds():
        assert time.monotonic() - begun < seconds, "it never came about"
        time.sleep(STEP)
    return time.monotonic() - begun


@pytest.fixture(scope="module")
def desks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Desk, Desk]]:
    """Two servers that make their first start on one empty folder at once; an editor is signed in at the first."""
    folder = tmp_path_factory.mktemp("pair")
    command(folder / "users.jsonl", "add", EDITOR[0], "--role", "editor", typed=EDITOR[1] + "\n")
    logs = [folder / "a.log", folder / "b.log"]
    given = {"XIETONG_USERS": str(folder / "users.jsonl"), "XIETONG_LOG": "json", "XIETONG_METRICS": TOKEN}
    with ThreadPoolExecutor(2) as pool:
        servers = list(pool.map(lambda log: start(folder / "data", log, **given), logs))
    one, two = (
        Desk(server, log, httpx.Client(base_url=server.url, timeout=PATIENCE))
        for server, log in zip(servers, logs, strict=True)
    )
    try:
        for desk in (one, two):
            until(partial(ready, desk))
        sign_in(one.client, EDITOR)
        two.client.cookies.set(cookie_of(one.client), one.client.cookies[cookie_of(one.client)], "127.0.0.1")
        for desk in (one, two):
            desk.learn()
        yield one, two
    finally:
        for desk in (one, two):
            desk.client.close()
            if desk.server.process.poll() is None:
                desk.server.process.kill()
                desk.server.process.wait(30)


Desks = tuple[Desk, Desk]


def test_of_two_first_starts_one_library_comes_with_each_source_once(desks: Desks) -> None:
    for desk in desks:
        assert desk.names() == ["report.txt"]
        (ready,) = desk.told("ready")
        assert ready["documents"] == 1


def test_who_has_signed_in_at_one_is_known_at_the_other_and_signs_out_at_both(desks: Desks) -> None:
    one, two = desks
    with httpx.Client(base_url=two.server.url) as other:
        assert sign_in(other, EDITOR).status_code == 303
        cookie = {"cookie": f"{cookie_of(other)}={other.cookies[cookie_of(other)]}"}
        assert httpx.get(f"{one.server.url}config", headers=cookie).status_code == 200
        assert other.post("/logout").status_code == 303
    assert httpx.get(f"{one.server.url}config", headers=cookie).status_code == 401
    assert one.client.get("/config").status_code == 200, "the editor's own session goes on"
    assert [said["outcome"] for said in two.told("sign_in")] == ["done"] and len(two.told("sign_out")) == 1


def test_a_conversation_at_one_is_listed_at_the_other(desks: Desks) -> None:
    one, two = desks
    stream = one.do("ask_1", [QUESTION, None, [], "", None])
    key = re.findall(r'data-talk=\\+"([\w-]{16,})', stream)[-1]
    assert key in two.do("arrive", [])
    assert QUESTION in two.client.get(f"/xietong/export/{key}.md").text
    (said,) = one.told("question")
    assert (said["status"], said["surface"], said["citations"]) == ("answered", "page", 1)


def test_what_is_added_at_one_is_answered_at_the_other_and_what_is_removed_there_is_gone_at_the_first(
    desks: Desks,
) -> None:
    one, two = desks
    assert one.ask(NEW_QUESTION)["status"] != "answered"
    one.upload("海河.txt", NEW)
    until(lambda: one.told("addition"))
    took = until(lambda: two.ask(NEW_QUESTION)["short_answer"] is not None)
    assert took < SOON_SECONDS
    assert two.ask(NEW_QUESTION)["short_answer"] == "17条"
    (key,) = (row["id"] for row in two.call("documents") if row["file_name"] == "海河.txt")
    two.do("change", [None, None], action="confirm", document=key)
    gone = one.ask(NEW_QUESTION)
    assert key not in {citation["document_id"] for citation in (*gone["citations"], *gone["nearest"])}
    one.do("change", [None, None], action="undo", document=key)
    assert two.ask(NEW_QUESTION)["short_answer"] == "17条"
    two.do("change", [None, None], action="confirm", document=key)
    assert one.names() == two.names() == ["report.txt"]
    assert [said["kind"] for desk in desks for said in desk.told("removal")] == ["taken_back", "removed", "removed"]


def test_two_that_receive_the_same_file_at_once_keep_one_document(desks: Desks) -> None:
    before = [len(desk.told("addition")) for desk in desks]
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda desk: desk.upload("同一份.txt", "2024年,同一份文件说到9件事。\n"), desks))
    for desk, count in zip(desks, before, strict=True):
        until(partial(desk.has_added, count + 1))
    assert sorted(desk.told("addition")[-1]["outcome"] for desk in desks) == ["added", "unchanged"]
    assert sorted(desks[0].names()) == ["report.txt", "同一份.txt"]


def test_the_numbers_of_both_are_read_by_token_alone(desks: Desks) -> None:
    for desk in desks:
        assert httpx.get(f"{desk.server.url}metrics").status_code == 401
        text = httpx.get(f"{desk.server.url}metrics", headers={"authorization": f"Bearer {TOKEN}"}).text
        held = {
            (sample.name, *sample.labels.values()): sample.value
            for family in text_string_to_metric_families(text)
            for sample in family.samples
        }
        answers = desk.told("question")
        assert sum(value for name, value in held.items() if name[0] == "xietong_questions_total") == len(answers)
        seconds = sum(said["total_ms"] for said in answers) / 1000
        assert held["xietong_question_seconds_sum", "total"] == pytest.approx(seconds, abs=0.01)
        assert held["xietong_library_documents",] == len(desk.names())
        added = sum(value for name, value in held.items() if name[0] == "xietong_additions_total")
        assert added == len(desk.told("addition")) > 0
        assert held["xietong_sessions",] == 1


def test_no_log_holds_what_was_asked_or_how_a_file_is_called(desks: Desks) -> None:
    for desk in desks:
        text = desk.log.read_text("utf-8")
        assert desk.told("start") and desk.told("question")
        assert not [word for word in ("天津港", "海河", "同一份", EDITOR[0], EDITOR[1], "report.txt") if word in text]


def test_the_library_is_not_restored_while_any_of_them_runs(desks: Desks, tmp_path: Path) -> None:
    data = desks[0].server.data
    environment = {**os.environ, "XIETONG_DATA": str(data)}

    def xietong(*arguments: str) -> subprocess.CompletedProcess[str]:
        whole = [sys.executable, "-m", "assistant", *arguments]
        return subprocess.run(whole, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=PATIENCE)

    assert xietong("backup", str(tmp_path / "b.zip")).returncode == 0
    refused = xietong("restore", str(tmp_path / "b.zip"), "--force")
    assert refused.returncode == 1 and "in use" in refused.stderr


def test_one_that_is_killed_while_it_adds_leaves_the_rest_to_the_other_which_stops_in_time(desks: Desks) -> None:
    one, two = desks
    lines = "\n".join(f"第{n}项措施投入{n}万元,由第{n}办公室于2021年落实,成效良好。" for n in range(240))
    one.upload("长.txt", lines)
    time.sleep(0.5)
    one.server.end(signal.SIGKILL)
    assert "长.txt" not in two.names()
    assert two.ask(QUESTION)["short_answer"] == "超2000万标准箱"
    until(lambda: "长.txt" in two.names())
    until(lambda: not list((two.server.data / "incoming").rglob("original")))  # deleted a moment after it is stored
    code, seconds = two.server.end(signal.SIGTERM)
    assert code == 0 and seconds < 5
    assert two.told("stop") and not two.told("log")
