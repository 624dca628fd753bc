from pathlib import Path
from types import SimpleNamespace
from typing import Any, Literal

import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.testclient import TestClient
from starlette.types import Receive, Scope, Send

from assistant import LibraryUnusable, Readiness
from assistant.web import observed
from assistant.web.guard import Guard
from assistant.web.observed import Observed

Phase = Literal["loading", "indexing", "ready", "failed"]


class Library:
    """Counts how often it is opened."""

    def __init__(self) -> None:
        self.opened, self.broken = 0, False

    @property
    def generation(self) -> int:
        self.opened += 1
        if self.broken:
            raise LibraryUnusable("坏了:/data/机密", "broken: /data/secret")
        return 7


class Assistant:
    def __init__(self, phase: Phase) -> None:
        self.phase, self.library = phase, Library()

    def readiness(self) -> Readiness:
        return Readiness(self.phase, error={"zh": "机密", "en": "secret"})


async def echo(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["path"] == "/fails":
        raise RuntimeError("fault")
    await PlainTextResponse(Request(scope).headers["x-request-id"])(scope, receive, send)


def client(assistant: Any, host: str = "127.0.0.1") -> TestClient:
    return TestClient(Observed(Guard(echo), assistant), base_url=f"http://{host}", raise_server_exceptions=False)


@pytest.mark.parametrize(
    ("phase", "live", "ready"),
    [
        ("loading", (200, "ok"), (503, "starting")),
        ("indexing", (200, "ok"), (503, "starting")),
        ("ready", (200, "ok"), (200, "ok")),
        ("failed", (503, "failed"), (503, "failed")),
    ],
)
def test_it_says_whether_it_lives_and_whether_it_is_ready(
    phase: Phase, live: tuple[int, str], ready: tuple[int, str]
) -> None:
    asked = client(Assistant(phase), host="10.1.2.3")  # load balancers name whatever host
    for path, wanted in (("/healthz", live), ("/readyz", ready)):
        answer = asked.get(path)
        assert (answer.status_code, answer.json()) == (wanted[0], {"status": wanted[1]})
        assert answer.headers["cache-control"] == "no-store"
        assert asked.head(path).status_code == wanted[0]


def test_a_library_that_does_not_open_is_said_without_its_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(observed, "LOOK_SECONDS", 0.0)
    assistant = Assistant("ready")
    assistant.library.broken = True
    answer = client(assistant).get("/healthz")
    assert (answer.status_code, answer.text) == (503, '{"status":"failed"}')
    assistant.library.broken = False
    assert client(assistant).get("/healthz").status_code == 200


def test_whoever_asks_often_does_not_open_the_library_as_often() -> None:
    assistant = Assistant("ready")
    asked = client(assistant)
    for _ in range(20):
        asked.get("/healthz")
    assert assistant.library.opened <= 2


@pytest.mark.parametrize("path", ["/healthz/", "/healthz/x", "/", "/readyz/.."])
def test_nothing_else_passes_the_guard_for_it(path: str) -> None:
    assert client(Assistant("ready"), host="evil.example").get(path).status_code == 403


def test_no_other_method_is_answered_there() -> None:
    assert client(Assistant("ready"), host="evil.example").post("/healthz").status_code == 403


def test_each_request_has_a_name_of_its_own_that_the_answer_and_the_handlers_have() -> None:
    asked = client(Assistant("ready"))
    names = {(answer := asked.get("/")).text for _ in range(5)}
    assert len(names) == 5 and answer.headers["x-request-id"] == answer.text
    refused = client(Assistant("ready"), host="evil.example").get("/")
    assert refused.status_code == 403 and refused.headers["x-request-id"]


@pytest.mark.parametrize("given", ["abc-1.2_3", "x" * 64])
def test_a_proxy_s_name_for_a_request_is_kept(given: str) -> None:
    assert client(Assistant("ready")).get("/", headers={"x-request-id": given}).text == given


@pytest.mark.parametrize("given", ["", "x" * 65, "a b", 'a"b', "a,b"])
def test_what_is_no_name_is_replaced(given: str) -> None:
    name = client(Assistant("ready")).get("/", headers={"x-request-id": given}).text
    assert name != given and len(name) == 16


def told(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, dict[str, Any]]]:
    lines: list[tuple[str, dict[str, Any]]] = []
    monkeypatch.setattr(observed, "tell", lambda event, level="info", **facts: lines.append((level, facts)))
    return lines


def test_refused_and_failed_requests_are_told_others_only_to_who_wants_all(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = told(monkeypatch)
    client(Assistant("ready")).get("/x?question=机密")
    client(Assistant("loading")).get("/readyz")
    client(Assistant("ready"), host="evil.example").get("/y" * 300)
    client(Assistant("ready")).get("/fails")
    assert [(level, facts["status"]) for level, facts in lines] == [
        ("debug", 200), ("debug", 503), ("info", 403), ("info", 500)
    ]  # fmt: skip
    assert lines[0][1]["path"] == "/x" and len(lines[2][1]["path"]) == 200
    assert SimpleNamespace(**lines[0][1]).ms > 0


def test_it_is_measured_over_a_real_library(report_assistant: Any, tmp_path: Path) -> None:
    report_assistant.prepare()
    assert client(report_assistant).get("/readyz").json() == {"status": "ok"}
