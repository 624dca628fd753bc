from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast
from urllib.parse import unquote

import pytest
from docx import Document
from fastapi import FastAPI
from starlette.testclient import TestClient

from assistant import Answer, Conversations, Library, Settings
from assistant.web.access import AccessRefused, User
from assistant.web.exports import routes
from assistant.web.page import application
from assistant.web.services import Services


class Doors:
    """Lets in whoever the header names."""

    def reader(self, request: Any) -> User:
        name = request.headers.get("x-name")
        if not name:
            raise AccessRefused(401, "not_signed_in", False)
        return User(name, "reader")


@pytest.fixture
def conversations(tmp_path: Path) -> Conversations:
    return Conversations(tmp_path / "conversations.db")


@pytest.fixture
def client(conversations: Conversations, library: Library) -> TestClient:
    services = SimpleNamespace(access=Doors(), conversations=conversations, assistant=SimpleNamespace(library=library))
    app = FastAPI()
    app.include_router(routes(cast(Services, services)))
    return TestClient(app, headers={"x-name": "wang", "accept-language": "zh"})


@pytest.fixture
def talk(conversations: Conversations, answered: Answer, not_found: Answer) -> str:
    begun = conversations.begin("wang", "天津港怎样?")
    conversations.save_turn("wang", begun.id, "天津港怎样?", answered, {})
    conversations.save_turn("wang", begun.id, "月球基地投资多少?", not_found, {})
    return begun.id


def test_the_owner_gets_the_whole_conversation_under_its_name(client: TestClient, talk: str) -> None:
    answer = client.get(f"/xietong/export/{talk}.md")
    assert answer.status_code == 200 and answer.headers["content-type"] == "text/markdown; charset=utf-8"
    kind, plain, name = answer.headers["content-disposition"].split("; ")
    assert (kind, plain) == ("attachment", 'filename="xietong.md"')
    assert unquote(name.removeprefix("filename*=UTF-8''")) == "天津港怎样.md" and name.isascii()
    assert answer.headers["cache-control"] == "no-store"
    assert "## 天津港怎样?" in answer.text and "## 月球基地投资多少?" in answer.text and "## 出处" in answer.text


def test_word_and_one_answer_and_english_can_be_asked_for(client: TestClient, talk: str) -> None:
    document = Document(BytesIO(client.get(f"/xietong/export/{talk}.docx?turn=2&lang=en").content))
    texts = [p.text for p in document.paragraphs]
    assert "月球基地投资多少?" in texts and "Sources" in texts and "天津港怎样?" in texts[0]
    assert texts.count("天津港怎样?") == 1, "its name, and not the other turn"


def test_a_removed_document_is_marked(
    client: TestClient, conversations: Conversations, library: Library, answered: Answer, write: Callable[..., Path]
) -> None:
    document_id = library.add(write("a.txt", "天津港。")).id or ""
    library.remove(document_id)
    moved = Answer.from_json(
        {
            **answered.to_json(),
            "sentences": [{"text": s.text, "citations": list(s.citations)} for s in answered.sentences],
            "citations": [
                {**c, "document_id": document_id, "heading_path": list(c["heading_path"])}
                for c in answered.to_json()["citations"]
            ],
            "retrieved": [],
            "nearest": [],
        }
    )
    begun = conversations.begin("wang", "天津港怎样?")
    conversations.save_turn("wang", begun.id, "天津港怎样?", moved, {})
    assert client.get(f"/xietong/export/{begun.id}.md").text.count("已撤回(") == 4  # three notes, one source


@pytest.mark.parametrize("kind", ["md", "docx"])
def test_nobody_else_gets_it(client: TestClient, talk: str, kind: str) -> None:
    path = f"/xietong/export/{talk}.{kind}"
    assert client.get(path, headers={"x-name": "li"}).status_code == 404
    nobody = client.get(path, headers={"x-name": ""})
    assert nobody.status_code == 401 and "没有登录" in nobody.text
    for unknown in ("no-such-talk", "..%2F..%2Fetc%2Fpasswd", "%00", "' OR 1=1"):
        assert client.get(f"/xietong/export/{unknown}.{kind}").status_code == 404
    assert client.get(f"{path}?turn=9").status_code == 404 and client.get(f"{path}?turn=x").status_code == 422
    assert client.post(path).status_code == 405


def test_a_damaged_file_is_told_in_words(client: TestClient, tmp_path: Path) -> None:
    (tmp_path / "conversations.db").write_bytes(b"this is no database. " * 500)
    answer = client.get("/xietong/export/x.md")
    assert answer.status_code == 503 and "已损坏" in answer.text


@pytest.fixture
def pages(library: Library, tmp_path: Path, assistant_with: Callable[..., Any], answered: Answer) -> TestClient:
    """The whole application, over a data folder of its own."""
    fake = assistant_with(answered)
    fake.library = library
    settings = Settings.load(tmp_path, {"XIETONG_DATA": str(library.folder)})
    return TestClient(application(fake, settings, tmp_path / "uploads"), base_url="http://127.0.0.1:7860")


def test_the_pages_have_the_route_and_their_own_files_beside_it(pages: TestClient, library: Library) -> None:
    kept = Conversations(library.folder / "conversations.db")
    talk = kept.begin("local", "天津港怎样?")
    assert pages.get(f"/xietong/export/{talk.id}.md").text.startswith("# 天津港怎样?")
    assert pages.get("/xietong/export/none.md").status_code == 404
    assert pages.get("/xietong/style.css").status_code == 200
