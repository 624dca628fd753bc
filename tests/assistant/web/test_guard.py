import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.testclient import TestClient
from starlette.types import Receive, Scope, Send

from assistant.web.guard import Guard


async def echo(scope: Scope, receive: Receive, send: Send) -> None:
    """Answers with the headers that reached it."""
    names = ",".join(sorted(Request(scope).headers))
    await PlainTextResponse(names)(scope, receive, send)


client = TestClient(Guard(echo, ("", "/en")), base_url="http://127.0.0.1:7860")


@pytest.mark.parametrize("host", ["127.0.0.1:7860", "localhost:7860", "localhost", "[::1]:7860"])
def test_this_machine_may_be_asked_by_its_names(host: str) -> None:
    assert client.get("/", headers={"host": host}).status_code == 200


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example:7860", "192.168.0.1", "0.0.0.0", ""])
def test_another_host_is_refused(host: str) -> None:
    assert client.get("/", headers={"host": host}).status_code == 403


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://127.0.0.1:8000", "http://localhost:7860"])
def test_a_page_of_another_origin_may_not_post(origin: str) -> None:
    assert client.post("/gradio_api/queue/join", headers={"origin": origin}).status_code == 403


def test_our_own_page_may_post() -> None:
    assert client.post("/gradio_api/queue/join", headers={"origin": "http://127.0.0.1:7860"}).status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "/en/gradio_api/info",
        "/gradio_api/proxy=http://x",
        "/docs",
        "/gradio_api/file=/etc/passwd",
        "/en/gradio_api/file/etc/passwd",
        "/gradio_api/component_server",
        "/gradio_api/stream/s/1/2/playlist.m3u8",
        "/en/login",
        "/en/gradio_api/mcp/",
        "/gradio_api/mcp/sse",
        "/gradio_api/mcp/schema",
        "/gradio_api/mcp/messages/",
    ],
)
def test_what_the_pages_do_not_use_is_closed(path: str) -> None:
    assert client.get(path).status_code == 404


def test_headers_that_would_change_the_address_are_dropped() -> None:
    seen = client.get("/", headers={"X-Forwarded-Host": "evil.example", "accept": "text/html"}).text
    assert "x-forwarded-host" not in seen and "accept" in seen


served = TestClient(
    Guard(echo, ("",), ["https://qa.example.cn", "http://10.0.0.5:7860"], "0.0.0.0"), base_url="http://10.1.1.1:7860"
)


@pytest.mark.parametrize(
    "host", ["qa.example.cn", "QA.example.cn", "10.0.0.5:7860", "192.168.0.9:7860", "[fe80::1]:7860"]
)
def test_a_server_for_others_knows_its_names_and_bare_addresses(host: str) -> None:
    assert served.get("/", headers={"host": host}).status_code == 200


@pytest.mark.parametrize("host", ["evil.example", "qa.example.cn.evil.example", "10.0.0.5.nip.io", "xqa.example.cn"])
def test_it_answers_to_no_other_name(host: str) -> None:
    assert served.get("/", headers={"host": host}).status_code == 403


async def scheme(scope: Scope, receive: Receive, send: Send) -> None:
    await PlainTextResponse(scope["scheme"])(scope, receive, send)


def test_behind_its_https_name_a_request_counts_as_https_whatever_headers_say() -> None:
    client = TestClient(Guard(scheme, ("",), ["https://qa.example.cn"]), base_url="http://127.0.0.1")
    assert client.get("/", headers={"host": "qa.example.cn"}).text == "https"
    assert client.get("/", headers={"x-forwarded-proto": "https"}).text == "http"


@pytest.mark.parametrize(
    ("site", "status"), [("cross-site", 403), ("same-site", 403), ("same-origin", 200), ("none", 200)]
)
def test_a_browser_that_says_whose_page_posts_is_believed(site: str, status: int) -> None:
    assert client.post("/gradio_api/queue/join", headers={"sec-fetch-site": site}).status_code == status
    assert client.get("/", headers={"sec-fetch-site": site}).status_code == 200


def test_mcp_is_spoken_to_by_post_alone() -> None:
    assert client.post("/gradio_api/mcp/").status_code == client.post("/gradio_api/mcp").status_code == 200
    for method in ("GET", "DELETE", "PUT"):
        assert client.request(method, "/gradio_api/mcp/").status_code == 405


@pytest.mark.parametrize(
    ("peer", "forwarded", "seen"),
    [
        ("10.0.0.2", "203.0.113.9", "203.0.113.9"),
        ("10.0.0.2", "1.2.3.4, 203.0.113.9", "203.0.113.9"),  # the first is the visitor's own invention
        ("10.0.0.2", "203.0.113.9, 10.0.0.3", "203.0.113.9"),
        ("10.0.0.2", "", "10.0.0.2"),
        ("10.0.0.2", "unknown", "10.0.0.2"),
        ("10.0.0.2", "10.0.0.3", "10.0.0.2"),
        ("203.0.113.7", "1.2.3.4", "203.0.113.7"),  # no proxy of ours
    ],
)
def test_only_a_known_proxy_is_believed_about_the_visitor_s_address(peer: str, forwarded: str, seen: str) -> None:
    async def who(scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope)
        await PlainTextResponse(f"{scope['client'][0]} {request.headers.get('x-forwarded-for')}")(scope, receive, send)

    guard = Guard(who, ("",), ["https://qa.example.cn"], proxies=["10.0.0.2", "10.0.0.3"])
    asked = TestClient(guard, base_url="https://qa.example.cn", client=(peer, 5000))
    assert asked.get("/", headers={"x-forwarded-for": forwarded}).text == f"{seen} None"
