import json
from typing import Any

import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.testclient import TestClient
from starlette.types import Receive, Scope, Send

from assistant.web import owners
from assistant.web.access import User
from assistant.web.owners import OwnPagesOnly, names_in


async def echo(scope: Scope, receive: Receive, send: Send) -> None:
    await PlainTextResponse(await Request(scope, receive).body())(scope, receive, send)


class As:
    """Puts the person named in a header into the scope, as the gate does."""

    def __init__(self, app: OwnPagesOnly) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        name = Request(scope).headers["as"]
        await self.app({**scope, "xietong.user": User(name, "editor") if name else None}, receive, send)


@pytest.fixture
def client() -> TestClient:
    return TestClient(As(OwnPagesOnly(echo)))


def asked(client: TestClient, who: str, path: str, body: Any = None) -> int:
    headers = {"as": who}
    answer = client.post(path, json=body, headers=headers) if body is not None else client.get(path, headers=headers)
    return answer.status_code


PATHS = [
    ("/gradio_api/queue/data?session_hash=abc", None),
    ("/en/gradio_api/queue/data?session_hash=own&session_hash=abc", None),
    ("/gradio_api/heartbeat/abc", None),
    ("/gradio_api/call/ask/abc", None),
    ("/gradio_api/call/v2/ask/abc", None),
    ("/gradio_api/queue/join", {"session_hash": "abc", "fn_index": 1}),
    ("/gradio_api/run/predict", {"data": [], "session_hash": "abc"}),
    ("/gradio_api/cancel", {"session_hash": "abc", "fn_index": 1, "event_id": "e"}),
    ("/gradio_api/reset", {"x": [{"session_hash": "abc"}]}),
]


@pytest.mark.parametrize(("path", "body"), PATHS)
def test_a_page_is_its_first_visitor_s_wherever_it_is_named(client: TestClient, path: str, body: Any) -> None:
    assert asked(client, "li", "/gradio_api/queue/join", {"session_hash": "abc"}) == 200
    assert asked(client, "zhang", path, body) == 403
    assert asked(client, "li", path, body) == 200
    mine = path.replace("abc", "mine").replace("=own", "=too")
    assert asked(client, "zhang", mine, json.loads(json.dumps(body).replace("abc", "mine"))) == 200


def test_the_body_passes_unchanged(client: TestClient) -> None:
    body = b'{"session_hash": "abc", "data": ["\xe6\xb8\xaf"]}'
    assert client.post("/gradio_api/queue/join", content=body, headers={"as": "li"}).content == body


@pytest.mark.parametrize("name", [5, ["abc"], {"a": 1}, "", "a/b", "x" * 101, "a b"])
def test_what_is_no_name_is_refused(client: TestClient, name: Any) -> None:
    assert asked(client, "li", "/gradio_api/queue/join", {"session_hash": name}) == 403


def test_no_name_at_all_passes(client: TestClient) -> None:
    assert asked(client, "li", "/gradio_api/run/ask", {"data": [], "session_hash": None}) == 200
    assert asked(client, "li", "/config") == 200


def test_a_name_given_twice_counts_twice() -> None:
    assert names_in(b'{"session_hash": "a", "session_hash": "b", "x": {"session_hash": 1}}') == [1, "a", "b"]
    assert names_in(b" ") == []


def test_without_users_nothing_is_asked(client: TestClient) -> None:
    assert asked(client, "li", "/gradio_api/heartbeat/abc") == 200
    assert asked(client, "", "/gradio_api/heartbeat/abc") == 200


def test_one_person_s_many_pages_push_out_only_their_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(owners, "PER_PERSON", 3)
    pages = OwnPagesOnly(echo)
    assert pages.owns("li", ["li-1"])
    assert all(pages.owns("zhang", [f"z-{number}"]) for number in range(10))
    assert not pages.owns("zhang", ["new", "li-1"]) and not pages.owns("li", ["z-9"]) and pages.owns("li", ["new"])
    assert len(pages._owners) == 5
