import json
from pathlib import Path
from typing import Any

import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.testclient import TestClient
from starlette.types import Receive, Scope, Send

from assistant.web.payloads import LARGEST_BODY, OwnFilesOnly, names_foreign_file


async def echo(scope: Scope, receive: Receive, send: Send) -> None:
    """Answers with the body that reached it."""
    await PlainTextResponse(await Request(scope, receive).body())(scope, receive, send)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "uploads").mkdir()
    (tmp_path / "uploads" / "a.txt").write_text("x", "utf-8")
    (tmp_path / "secret.txt").write_text("x", "utf-8")
    return tmp_path / "uploads"


def join(path: Any) -> dict[str, Any]:
    """What Gradio's page sends after an upload."""
    return {"data": [[{"path": path, "orig_name": "a.txt", "meta": {"_type": "gradio.FileData"}}]], "fn_index": 3}


def test_a_stored_upload_and_a_plain_question_pass_unchanged(folder: Path) -> None:
    client = TestClient(OwnFilesOnly(echo, folder))
    for body in (join(str(folder / "a.txt")), {"data": ["天津港?"], "fn_index": 0}):
        assert client.post("/gradio_api/queue/join", json=body).json() == body


@pytest.mark.parametrize("path", ["/etc/passwd", "../secret.txt", "http://example.com/a.txt", "", "a\0b", 5, ["x"]])
def test_any_other_file_is_refused(folder: Path, path: Any) -> None:
    client = TestClient(OwnFilesOnly(echo, folder))
    assert client.post("/gradio_api/queue/join", json=join(path)).status_code == 403
    assert client.post("/en/gradio_api/run/predict", json={"data": [{"x": join(path)}]}).status_code == 403


def test_a_path_that_leads_out_of_the_folder_is_refused(folder: Path) -> None:
    assert names_foreign_file(json.dumps(join(str(folder / "../secret.txt"))).encode(), folder)
    assert names_foreign_file(b"no json", folder)
    assert not names_foreign_file(b"", folder)


def test_a_body_without_end_is_refused(folder: Path) -> None:
    client = TestClient(OwnFilesOnly(echo, folder))
    assert client.post("/gradio_api/queue/join", content=b" " * (LARGEST_BODY + 1)).status_code == 413


def test_uploads_themselves_pass(folder: Path) -> None:
    client = TestClient(OwnFilesOnly(echo, folder))
    assert client.post("/gradio_api/upload", content=b"x" * (LARGEST_BODY + 1)).status_code == 200
