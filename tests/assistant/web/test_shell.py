import re

import pytest
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.testclient import TestClient
from starlette.types import Receive, Scope, Send

from assistant.web.shell import Shell, rewritten

PAGE = """<!doctype html><html
 lang="en"><head><meta property="og:image"
 content="https://elsewhere.example/a.jpg" /><meta name="twitter:creator" content="@Gradio" />
<script>window.a = 1;</script><link rel="manifest" href="/manifest.json" />
<script type="module" crossorigin src="./assets/index.js"></script></head><body></body></html>"""


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    """Says which path it was asked for."""
    page = PAGE.replace("<body>", f"<body>{Request(scope).url.path}")
    await HTMLResponse(page)(scope, receive, send)


client = TestClient(Shell(application), base_url="http://127.0.0.1")


def test_the_page_names_no_other_host() -> None:
    assert "https://" not in rewritten(PAGE, "zh", "n")
    assert "manifest" not in rewritten(PAGE, "zh", "n")


def test_the_page_carries_its_language_title_style_and_script() -> None:
    page = rewritten(PAGE, "zh", "n")
    assert 'lang="zh-CN"' in page and "<title>协同问答</title>" in page
    assert "/xietong/style.css" in page and "/xietong/page.js" in page


def test_scripts_run_only_with_the_nonce_of_the_response() -> None:
    response = client.get("/")
    nonce = re.search(r"'nonce-([^']+)'", response.headers["content-security-policy"])
    assert nonce and set(re.findall(r"<script nonce=\"([^\"]+)\"", response.text)) == {nonce[1]}
    assert "<script>" not in response.text
    assert client.get("/").headers["content-security-policy"] != response.headers["content-security-policy"]


def test_only_this_host_may_be_asked_for_anything() -> None:
    policy = client.get("/").headers["content-security-policy"]
    assert "default-src 'self'" in policy and "connect-src 'self'" in policy and "http" not in policy


@pytest.mark.parametrize(
    ("path", "accept", "served"),
    [
        ("/", "zh-CN", "/"),
        ("/", "en-GB", "/en/"),
        ("/?lang=zh", "en", "/"),
        ("/?lang=en", "zh", "/en/"),
        ("/en", "zh", "/en/"),
    ],
)
def test_the_page_comes_in_the_language_asked_for(path: str, accept: str, served: str) -> None:
    response = client.get(path, headers={"accept-language": accept})
    assert f"<body>{served}</body>" in response.text
    assert response.headers["content-length"] == str(len(response.content))


def test_everything_else_passes_untouched() -> None:
    assert 'lang="en"' in client.get("/assets/index.js").text
