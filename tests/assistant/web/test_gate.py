"""The gate with its log-in page, in front of an application that says what reached it."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.testclient import TestClient
from starlette.types import Receive, Scope, Send

from assistant import Person, Users, UsersUnusable, folded, token_digest
from assistant.passwords import hashed, new_token
from assistant.web.access import Access
from assistant.web.gate import Gate
from assistant.web.guard import Guard
from assistant.web.login import FREE_PER_ADDRESS, FREE_PER_NAME, LARGEST_FORM, own_path

BOUND = 1000  # bytes of an upload
TOKEN = new_token()
URL = "https://qa.example.cn"
HTML = {"accept": "text/html", "accept-language": "en"}


async def echo(scope: Scope, receive: Receive, send: Send) -> None:
    """Answers with what reached it: who, and how much."""
    try:
        body = await Request(scope, receive).body()
    except Exception as error:  # what Starlette raises where a request breaks off
        body = type(error).__name__.encode()
    user = scope.get("xietong.user")
    await PlainTextResponse(f"{user.name if user else None} {len(body)}")(scope, receive, send)


@pytest.fixture(scope="module")
def people() -> list[Person]:
    return [
        Person("张三", hashed("editor's own"), "editor"),
        Person("li", hashed("reader's own"), "reader", (token_digest(TOKEN),)),
    ]


@pytest.fixture
def users(tmp_path: Path, people: list[Person]) -> Users:
    held = Users(tmp_path / "users.jsonl")
    held.change(lambda all_: all_.update({folded(person.name): person for person in people}))
    return held


@pytest.fixture
def app(users: Users) -> Guard:
    return Guard(Gate(echo, Access(users), BOUND), ("", "/en"), [URL])


@pytest.fixture
def client(app: Guard) -> TestClient:
    return TestClient(app, base_url="http://127.0.0.1:7860", follow_redirects=False)


def sign_in(client: TestClient, name: str = "张三", password: str = "editor's own", next_: str = "/") -> int:
    form = {"name": name, "password": password}
    return client.post("/login", params={"next": next_}, data=form, headers=HTML).status_code


@pytest.mark.parametrize("path", ["/", "/en", "/en/", "/?lang=en&place=d1:3:9"])
def test_a_page_leads_whoever_is_not_signed_in_to_the_log_in_page_and_back(client: TestClient, path: str) -> None:
    turned = client.get(path, headers=HTML)
    assert turned.status_code == 303 and turned.headers["cache-control"] == "no-store"
    form = client.get(turned.headers["location"], headers=HTML)
    action = re.search(r'action="([^"]+)"', form.text)
    assert form.status_code == 200 and action
    data = {"name": "li", "password": "reader's own"}
    welcome = client.post(action[1].replace("&amp;", "&"), data=data)
    assert (welcome.status_code, welcome.headers["location"]) == (303, path)
    assert client.get(path).text.startswith("li ")


@pytest.mark.parametrize(
    "path",
    [
        "/config", "/theme.css", "/assets/index.js", "/static/a.svg", "/gradio_api/info", "/gradio_api/queue/data",
        "/en/gradio_api/heartbeat/abc", "/xietong/page.js", "/xietong/read/d1", "/xietong/export/1.docx",
        "/xietong/figures.csv", "/robots.txt", "/anything", "/xietong/style.css/../page.js", "/LOGIN", "/login/",
    ],
)  # fmt: skip
def test_everything_else_is_refused_in_both_languages(client: TestClient, path: str) -> None:
    for method in ("GET", "POST", "PUT", "DELETE"):
        answer = client.request(method, path)
        assert answer.status_code == 401, method
        assert set(answer.json()["error"]) == {"zh", "en"} and answer.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize("path", ["/xietong/style.css", "/xietong/access.css"])
def test_what_the_log_in_page_is_made_of_is_open(client: TestClient, path: str) -> None:
    assert client.get(path).text == "None 0"


def test_a_web_socket_is_closed(client: TestClient) -> None:
    with pytest.raises(Exception, match=r"^$|1008|403"), client.websocket_connect("/gradio_api/queue/data"):
        pass


def test_the_cookie_is_for_this_site_and_no_script(client: TestClient, app: Guard) -> None:
    answer = client.post("/login", data={"name": "li", "password": "reader's own"})
    cookie = answer.headers["set-cookie"]
    assert re.match(r"xietong_[0-9a-f]{8}=", cookie) and "HttpOnly" in cookie and "SameSite=strict" in cookie
    assert "Path=/" in cookie and "Secure" not in cookie and "Domain" not in cookie
    behind = TestClient(app, base_url="http://qa.example.cn", follow_redirects=False)  # a proxy speaks http to us
    cookie = behind.post("/login", data={"name": "li", "password": "reader's own"}).headers["set-cookie"]
    assert re.match(r"__Host-xietong_[0-9a-f]{8}=", cookie) and "Secure" in cookie and "Path=/" in cookie


def test_each_log_in_gives_a_new_session_and_ends_the_one_before(client: TestClient) -> None:
    sign_in(client)
    ((name, first),) = client.cookies.items()
    sign_in(client)
    assert client.cookies[name] != first
    assert client.get("/config", headers={"cookie": f"{name}={first}"}).status_code == 401


def test_signing_in_and_out_say_so_where_the_sign_ins_cannot_be_kept(
    client: TestClient, app: Guard, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise UsersUnusable("磁盘满", "the disk is full")

    sign_in(client)
    sessions = app.app.access.sessions  # type: ignore[attr-defined]
    monkeypatch.setattr(sessions, "end", full)
    out = client.post("/logout", headers={"origin": "http://127.0.0.1:7860"})
    assert out.status_code == 503 and "disk is full" in out.text and "set-cookie" not in out.headers
    monkeypatch.setattr(sessions, "begin", full)
    assert sign_in(client, "li", "reader's own") == 503


def test_an_unknown_name_and_a_wrong_password_are_told_apart_by_nothing(client: TestClient) -> None:
    wrong = client.post("/login", data={"name": "li", "password": "wrong"}, headers=HTML)
    unknown = client.post("/login", data={"name": "lo", "password": "wrong"}, headers=HTML)
    assert wrong.status_code == unknown.status_code == 401
    assert wrong.text.replace('value="li"', "") == unknown.text.replace('value="lo"', "")
    assert "set-cookie" not in wrong.headers and 'role="alert"' in wrong.text


def test_after_some_failures_one_must_wait_even_with_the_right_password(client: TestClient) -> None:
    for _ in range(FREE_PER_NAME):
        assert sign_in(client, "li", "wrong") == 401
    waiting = client.post("/login", data={"name": "ＬＩ", "password": "reader's own"}, headers=HTML)
    assert waiting.status_code == 429 and int(waiting.headers["retry-after"]) >= 1
    assert f"{waiting.headers['retry-after']} seconds" in waiting.text
    assert sign_in(client, "nobody", "wrong") == 401 and sign_in(client) == 303


def test_one_address_that_guesses_many_names_must_wait_but_not_a_proxy_on_this_machine(app: Guard) -> None:
    for address, last in (("10.9.8.7", 429), ("127.0.0.1", 401)):
        client = TestClient(app, base_url="http://127.0.0.1:7860", client=(address, 5000), follow_redirects=False)
        answers = [sign_in(client, f"{address}-{number}", "wrong") for number in range(FREE_PER_ADDRESS + 1)]
        assert answers == [401] * FREE_PER_ADDRESS + [last]


def test_signing_out_ends_the_session_on_the_server(client: TestClient) -> None:
    sign_in(client)
    ((name, token),) = client.cookies.items()
    assert client.get("/logout").status_code == 303 and client.get("/config").status_code == 200
    out = client.post("/logout", headers={"origin": "http://127.0.0.1:7860"})
    assert out.headers["location"] == "/login" and name not in client.cookies
    assert client.get("/config", headers={"cookie": f"{name}={token}"}).status_code == 401


@pytest.mark.parametrize("headers", [{"origin": "http://evil.example"}, {"sec-fetch-site": "cross-site"}])
@pytest.mark.parametrize("path", ["/login", "/logout"])
def test_another_site_can_sign_nobody_in_or_out(client: TestClient, headers: dict[str, str], path: str) -> None:
    sign_in(client)
    data = {"name": "li", "password": "reader's own"}
    assert client.post(path, data=data, headers=headers).status_code == 403
    assert client.get("/config").text.startswith("张三 ")


def test_only_editors_may_upload_and_only_so_much(client: TestClient) -> None:
    assert client.post("/gradio_api/upload", content=b"x").status_code == 401
    sign_in(client, "li", "reader's own")
    refused = client.post("/en/gradio_api/upload", content=b"x", headers={"accept-language": "en"})
    assert refused.status_code == 403 and "editor" in refused.json()["error"]["en"]
    sign_in(client)
    assert client.post("/gradio_api/upload", content=b"x" * BOUND).text == f"张三 {BOUND}"
    assert client.post("/gradio_api/upload", content=b"x" * (BOUND + 1)).status_code == 413
    without_length = client.post("/gradio_api/upload", content=iter([b"x" * BOUND, b"x"]))
    assert without_length.text == f"张三 {len('ClientDisconnect')}"


def test_a_token_reads(client: TestClient) -> None:
    bearer = {"authorization": f"Bearer {TOKEN}"}
    assert client.get("/gradio_api/info", headers=bearer).text == "li 0"
    assert client.post("/gradio_api/upload", content=b"x", headers=bearer).status_code == 403
    assert client.get("/gradio_api/info", headers={"authorization": "Bearer x"}).status_code == 401


def test_what_was_typed_is_escaped(client: TestClient) -> None:
    evil = '"><img src=x onerror=alert(1)>'
    for answer in (
        client.post("/login", data={"name": evil, "password": evil}),
        client.get("/login", params={"next": f"/{evil}", "lang": evil}),
    ):
        assert "<img" not in answer.text and evil not in answer.text
        assert "default-src 'none'" in answer.headers["content-security-policy"]


def test_the_log_in_page_speaks_both_languages_and_runs_no_script(client: TestClient) -> None:
    chinese, english = client.get("/login?lang=zh").text, client.get("/login", headers=HTML).text
    assert 'lang="zh-CN"' in chinese and "口令" in chinese and 'lang="en"' in english and "Password" in english
    for page in (chinese, english):
        assert "<script" not in page and "http://" not in page.replace("http://www.w3.org/2000/svg", "")
        assert page.count("<label for=") == 2 and 'autocomplete="current-password"' in page


@pytest.mark.parametrize(
    "content", [b"x" * (LARGEST_FORM + 1), b"name=%ff", b"\xff\xfe", b"&".join(b"a=1" for _ in range(50))]
)
def test_a_form_that_cannot_be_read_is_refused(client: TestClient, content: bytes) -> None:
    headers = {"content-type": "application/x-www-form-urlencoded"}
    assert client.post("/login", content=content, headers=headers).status_code == 413


def test_a_broken_file_of_users_says_that_nobody_can_sign_in(client: TestClient, users: Users) -> None:
    users.path.write_text("{", "utf-8")
    answer = client.post("/login", data={"name": "li", "password": "reader's own"}, headers=HTML)
    assert answer.status_code == 503 and "cannot be read" in answer.text and str(users.path) not in answer.text


@pytest.mark.parametrize(
    "text",
    ["//evil.example", "/\\evil.example", "https://evil.example", "", "javascript:x", "/a\nb", "/a b", "\\", "/a\\b"],
)
def test_after_logging_in_one_goes_nowhere_else(text: str) -> None:
    assert own_path(text) == "/"


def test_a_path_on_this_site_is_gone_to() -> None:
    assert own_path("/en/?place=d1:3:9&x=%E4") == "/en/?place=d1:3:9&x=%E4"


@pytest.fixture
def alone() -> Iterator[TestClient]:
    """Without users."""
    yield TestClient(Gate(echo, Access(), BOUND), base_url="http://127.0.0.1", follow_redirects=False)


def test_without_users_nothing_is_asked(alone: TestClient) -> None:
    assert alone.get("/config").text == "None 0"
    assert alone.post("/gradio_api/upload", content=b"x").text == "None 1"
    assert alone.get("/login?next=/en/").headers["location"] == "/en/"
    assert alone.post("/login", data={"name": "a", "password": "b"}).headers["location"] == "/"
