"""Attempts on the server by those who may not, and their answers: `python -m tests.browser.attempts` prints the table.

A real server with two people and the bundled report; every request goes over HTTP, past whatever the pages show.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from tests.browser.conftest import ROOT, Server, start

EDITOR, READER, OTHER = ("bianji", "editor's own"), ("duzhe", "reader's own"), ("duzhe2", "other's own")
EVIL = "<img src=x onerror=alert(1)>"
EVIL_FILE = "<img src=x onerror=alert(1)>.txt"
QUESTION = "2021年天津港集装箱吞吐量是多少?"
MCP = {"accept": "application/json, text/event-stream"}
LIST_TOOLS = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "documents", "arguments": {}}}
SECONDS = 180.0  # the first answer waits for the model


@dataclass(frozen=True, slots=True)
class Attempt:
    """Who tried what, what should be answered, and what was."""

    who: str
    what: str
    wanted: str
    answer: str


@dataclass(frozen=True, slots=True)
class World:
    """The server, a client for each person, a token, and where the handlers of the pages are."""

    server: Server
    users: Path
    nobody: httpx.Client
    reader: httpx.Client
    other: httpx.Client
    editor: httpx.Client
    token: str
    handlers: dict[str, dict[str, Any]]

    def join(self, client: httpx.Client, handler: str, data: list[Any], page: str, **event: Any) -> httpx.Response:
        """Joins the queue with a handler of the pages, as the page does."""
        one = self.handlers[handler]
        body = {"data": data, "fn_index": one["id"], "session_hash": page, "event_data": event or None}
        body["trigger_id"] = one["targets"][0][0] if one["targets"] else None
        return client.post("/gradio_api/queue/join", json=body)

    def outcome(self, client: httpx.Client, handler: str, data: list[Any], page: str, **event: Any) -> str:
        """Joins the queue and reads the stream to its end: "403", "done", or the words of the refusal."""
        joined = self.join(client, handler, data, page, **event)
        if joined.status_code != 200:
            return str(joined.status_code)
        text = client.get("/gradio_api/queue/data", params={"session_hash": page}, timeout=SECONDS).text
        messages = [json.loads(line.removeprefix("data:")) for line in text.splitlines() if line.startswith("data:")]
        last = next(message for message in messages if message["msg"] == "process_completed")
        return "done" if last["success"] else f"refused: {last['output']['error']}"


def command(users: Path, *arguments: str, typed: str = "") -> str:
    """Runs `xietong users` on the server's file."""
    done = subprocess.run(
        [sys.executable, "-m", "assistant", "users", *arguments], cwd=ROOT, input=typed, text=True, check=True,
        env={**os.environ, "XIETONG_USERS": str(users), "PYTHONPATH": str(ROOT)}, stdout=subprocess.PIPE,
    )  # fmt: skip
    return done.stdout.strip()


def sign_in(client: httpx.Client, person: tuple[str, str], **headers: str) -> httpx.Response:
    return client.post("/login", data={"name": person[0], "password": person[1]}, headers=headers)


@contextmanager
def world(folder: Path) -> Iterator[World]:
    """A server with an editor and two readers, all signed in."""
    users = folder / "users.jsonl"
    for person, role in ((EDITOR, "editor"), (READER, "reader"), (OTHER, "reader")):
        command(users, "add", person[0], "--role", role, typed=person[1] + "\n")
    token = command(users, "token", READER[0])
    server = start(folder / "data", XIETONG_USERS=str(users))
    clients = [httpx.Client(base_url=server.url, timeout=30) for _ in range(4)]
    try:
        nobody, reader, other, editor = clients
        for client, person in ((reader, READER), (other, OTHER), (editor, EDITOR)):
            assert sign_in(client, person).status_code == 303
        config = editor.get("/config").json()
        handlers = {one["api_name"]: one for one in config["dependencies"]}
        yield World(server, users, nobody, reader, other, editor, token, handlers)
    finally:
        for client in clients:
            client.close()
        server.end()


def cookie_of(client: httpx.Client) -> str:
    """The name of the cookie by which the server knows who is signed in."""
    return next(name for name in client.cookies if name.startswith("xietong_"))


def status(response: httpx.Response) -> str:
    """The status, and where it leads."""
    leads = response.headers.get("location", "")
    return f"{response.status_code} → {leads}" if leads else str(response.status_code)


def by_nobody(w: World) -> Iterator[Attempt]:
    """Without a session every path is refused but those that the log-in page is made of."""
    page = {"accept": "text/html"}
    gets = {
        "/": "303 → /login?next=/", "/en/?lang=en": "303 → /login?next=/en/%3Flang%3Den", "/login": "200",
        "/xietong/style.css": "200", "/xietong/page.js": "401", "/config": "401", "/theme.css": "401",
        "/gradio_api/info": "401", "/gradio_api/heartbeat/p": "401", "/gradio_api/queue/data?session_hash=p": "401",
        "/gradio_api/queue/status": "401", "/gradio_api/upload_progress?upload_id=1": "401",
        "/gradio_api/call/ask/x": "401", "/xietong/read/x": "401", "/xietong/export/1.docx": "401",
        "/xietong/figures.csv": "401", "/gradio_api/file=/etc/passwd": "404", "/en/gradio_api/file=/etc/passwd": "404",
        "/gradio_api/proxy=http://example.com": "404", "/gradio_api/mcp/": "405", "/gradio_api/mcp/sse": "404",
    }  # fmt: skip
    for path, wanted in gets.items():
        yield Attempt("nobody", f"GET {path}", wanted, status(w.nobody.get(path, headers=page)))
    for handler in sorted(w.handlers):
        yield Attempt("nobody", f"handler `{handler}`", "401", status(w.join(w.nobody, handler, [], "p")))
    posts: dict[str, Callable[[], httpx.Response]] = {
        "upload a file": lambda: w.nobody.post("/gradio_api/upload", files={"files": ("a.txt", b"x")}),
        "API `ask`": lambda: w.nobody.post("/gradio_api/run/ask", json={"data": [QUESTION, None, None]}),
        "MCP": lambda: w.nobody.post("/gradio_api/mcp/", json=LIST_TOOLS, headers=MCP),
        "API with a wrong token": lambda: w.nobody.post(
            "/gradio_api/run/documents", json={"data": []}, headers={"authorization": "Bearer xietong_guess"}
        ),
        "a wrong password": lambda: sign_in(w.nobody, (READER[0], "wrong")),
        "an unknown name": lambda: sign_in(w.nobody, ("nobody", "wrong")),
        "/login with no session, a guessed cookie": lambda: w.nobody.get(
            "/config", headers={"cookie": f"{cookie_of(w.reader)}=guess"}
        ),
    }
    for what, send in posts.items():
        yield Attempt("nobody", what, "401", status(send()))


def by_a_reader(w: World) -> Iterator[Attempt]:
    """A reader asks, and changes nothing, whichever way they try."""
    listed = w.editor.post("/gradio_api/run/documents", json={"data": []}, timeout=SECONDS)  # waits for the model
    document = listed.json()["data"][0][0]["id"]
    uploaded = w.editor.post("/gradio_api/upload", files={"files": ("notes.txt", b"x")}).json()[0]
    stored = {"path": uploaded, "orig_name": "notes.txt", "meta": {"_type": "gradio.FileData"}}
    no = "refused: 您的角色是只读:添加、替换、移除文档须有编辑权限;请找管理员把角色改为 editor。"
    yield Attempt(
        "reader", "handler `ask` (a question)", "done", w.outcome(w.reader, "ask", [QUESTION, None, None], "r1")
    )
    yield Attempt(
        "reader", "handler `add` (an editor's upload)", no, w.outcome(w.reader, "add", [[stored], None, None], "r2")
    )
    for action in ("ask", "confirm", "replace", "undo", "clear", "keep"):
        said = w.outcome(w.reader, "change", [None, None], f"r-{action}", action=action, document=document)
        yield Attempt("reader", f"handler `change` ({action})", no, said)
    body = {"data": [[stored], None, None], "fn_index": w.handlers["add"]["id"], "session_hash": "r3"}
    direct = w.reader.post("/gradio_api/run/predict", json=body)
    yield Attempt("reader", "handler `add` past the queue", "404", status(direct))
    for path in ("/gradio_api/upload", "/en/gradio_api/upload"):
        answer = w.reader.post(path, files={"files": ("a.txt", b"x")})
        yield Attempt("reader", f"POST {path}", "403", status(answer))
    for path in (f"/gradio_api/file={uploaded}", f"/gradio_api/file={w.users}", "/gradio_api/file=http://example.com"):
        shown = path.replace(str(w.server.data.parent), "…")
        yield Attempt("reader", f"GET {shown}", "404", status(w.reader.get(path)))
    still = w.reader.post("/gradio_api/run/documents", json={"data": []}).json()["data"][0]
    yield Attempt("reader", "the library afterwards", "report.txt", ", ".join(one["file_name"] for one in still))
    mark = "editor" if 'data-role="editor"' in w.reader.get("/?lang=zh").text else "reader"
    yield Attempt("reader", "the page is made for", "reader", mark)


def by_another(w: World) -> Iterator[Attempt]:
    """One person cannot touch the pages of another: neither read their stream nor stop their question."""
    w.outcome(w.reader, "ask", [QUESTION, None, None], "mine")
    sends: dict[str, Callable[[], httpx.Response]] = {
        "read the stream of another's page": lambda: w.other.get("/gradio_api/queue/data?session_hash=mine"),
        "the same as an event's name": lambda: w.other.get("/gradio_api/call/ask/mine"),
        "the same in the other language": lambda: w.other.get("/en/gradio_api/queue/data?session_hash=mine"),
        "end another's page": lambda: w.other.get("/gradio_api/heartbeat/mine"),
        "ask on another's page": lambda: w.join(w.other, "ask", [QUESTION, None, None], "mine"),
        "stop another's question": lambda: w.other.post(
            "/gradio_api/cancel", json={"session_hash": "mine", "fn_index": 1, "event_id": "x"}
        ),
        "the same with the name hidden deeper": lambda: w.other.post(
            "/gradio_api/reset", json={"event_id": "x", "y": [{"session_hash": "mine"}]}
        ),
    }
    for what, send in sends.items():
        yield Attempt("another reader", what, "403", status(send()))


def forged(w: World) -> Iterator[Attempt]:
    """A signed-in browser that another site, or another name for this machine, makes send requests."""
    host = f"127.0.0.1:{w.server.port}"
    headers = {
        "Host: evil.example (DNS rebinding)": {"host": f"evil.example:{w.server.port}"},
        "Host: 192.168.0.9": {"host": "192.168.0.9"},
        "Origin: http://evil.example": {"origin": "http://evil.example"},
        "Origin: null": {"origin": "null"},
        "Origin: another port": {"origin": "http://127.0.0.1:1"},
        "Sec-Fetch-Site: cross-site": {"sec-fetch-site": "cross-site"},
    }
    for what, sent in headers.items():
        for path, json_ in (("/gradio_api/run/documents", {"data": []}), ("/gradio_api/mcp/", LIST_TOOLS)):
            answer = w.editor.post(path, json=json_, headers={**MCP, **sent})
            yield Attempt("another site", f"{what}, POST {path}", "403", status(answer))
    for path in ("/login", "/logout"):
        answer = w.editor.post(path, data={"name": "a", "password": "b"}, headers={"origin": "http://evil.example"})
        yield Attempt("another site", f"POST {path}", "403", status(answer))
    answer = w.editor.get("/config", headers={"x-forwarded-host": "evil.example", "x-forwarded-proto": "https"})
    leads = json.loads(answer.text)["root"]
    yield Attempt("another site", "X-Forwarded-Host: evil.example", f"http://{host}", leads)


def by_an_editor(w: World) -> Iterator[Attempt]:
    """An editor adds documents, but no file of the server's machine and no address; names are shown escaped."""
    for path in ("/etc/passwd", str(w.users), "http://example.com/a.txt", "../users.jsonl", ""):
        named = {"path": path, "orig_name": "a.txt", "meta": {"_type": "gradio.FileData"}}
        shown = path.replace(str(w.server.data.parent), "…")
        yield Attempt(
            "editor", f"add the file `{shown}`", "403", w.outcome(w.editor, "add", [[named], None, None], "e1")
        )
    text = f"{EVIL}通报\n2023年,海河游船{EVIL}航线共开通7条。\n".encode()
    uploaded = w.editor.post("/gradio_api/upload", files={"files": (EVIL_FILE, text)}).json()[0]
    stored = {"path": uploaded, "orig_name": EVIL_FILE, "meta": {"_type": "gradio.FileData"}}
    yield Attempt(
        "editor", f"add a file named `{EVIL_FILE}`", "done", w.outcome(w.editor, "add", [[stored], None, None], "e2")
    )
    yield Attempt("editor", "that name and title on the page", "escaped", _listed(w))


def _listed(w: World) -> str:
    """What the documents page shows once the file with the evil name is in the library."""
    for attempt in range(60):
        page = f"e-list-{attempt}"
        names = w.editor.post("/gradio_api/run/documents", json={"data": []}).json()["data"][0]
        if any(one["file_name"] == EVIL_FILE for one in names):
            w.join(w.editor, "opened", [], page)
            return _safe(w.editor.get("/gradio_api/queue/data", params={"session_hash": page}).text)
        time.sleep(1)
    return "never added"


def _safe(stream: str) -> str:
    """Whether the HTML in a stream holds the evil text, and only escaped."""
    shown = json.dumps([json.loads(line[5:]) for line in stream.splitlines() if line.startswith("data:")])
    if "onerror" not in shown:
        return "not shown"
    return "raw" if "<img" in shown else "escaped"


def by_token(w: World) -> Iterator[Attempt]:
    """A program with a token reads, and no more."""
    bearer = {"authorization": f"Bearer {w.token}"}
    listed = w.nobody.post("/gradio_api/run/documents", json={"data": []}, headers=bearer)
    yield Attempt("token", "API `documents`", "200", status(listed))
    yield Attempt(
        "token", "MCP", "200", status(w.nobody.post("/gradio_api/mcp/", json=LIST_TOOLS, headers=MCP | bearer))
    )
    upload = w.nobody.post("/gradio_api/upload", files={"files": ("a.txt", b"x")}, headers=bearer)
    yield Attempt("token", "upload a file", "403", status(upload))
    command(w.users, "token", READER[0], "--revoke")
    after = w.nobody.post("/gradio_api/run/documents", json={"data": []}, headers=bearer)
    yield Attempt("token", "API after it was made void", "401", status(after))


def after_the_end(w: World) -> Iterator[Attempt]:
    """A session ends at once: when its person signs out, or is changed or removed on the command line."""
    cookie = {"cookie": f"{cookie_of(w.reader)}={w.reader.cookies[cookie_of(w.reader)]}"}
    w.reader.post("/logout")
    yield Attempt("reader", "the cookie after signing out", "401", status(w.nobody.get("/config", headers=cookie)))
    command(w.users, "add", EDITOR[0], typed="a new password\n")
    yield Attempt("editor", "the session after a new password", "401", status(w.editor.get("/config")))
    yield Attempt("editor", "the old password", "401", status(sign_in(w.editor, EDITOR)))
    sign_in(w.editor, (EDITOR[0], "a new password"))
    yield Attempt("editor", "the new password", "200", status(w.editor.get("/config")))
    command(w.users, "add", EDITOR[0], "--role", "reader", typed="a new password\n")
    yield Attempt("editor", "the session after the role became reader", "401", status(w.editor.get("/config")))
    command(w.users, "remove", OTHER[0])
    yield Attempt("another reader", "the session after the removal", "401", status(w.other.get("/config")))
    wrong = [sign_in(w.nobody, (READER[0], f"guess-{number}")).status_code for number in range(8)]
    yield Attempt("nobody", "eight guesses of one password", "401 429", " ".join(map(str, sorted(set(wrong)))))
    right = sign_in(w.nobody, READER)
    yield Attempt("nobody", "then the right password at once", "429", status(right))


def about_a_conversation(w: World) -> Iterator[Attempt]:
    """A conversation is its owner's alone, and what was asked in it is text wherever it is shown."""
    w.join(w.reader, "ask_1", [f"{EVIL}{QUESTION}", None, [], "", None], "talk-1")
    stream = w.reader.get("/gradio_api/queue/data", params={"session_hash": "talk-1"}, timeout=SECONDS).text
    yield Attempt("reader", "a question with markup, its answer on the page", "escaped", _safe(stream))
    found = re.findall(r'data-talk=\\+"([\w-]{16,})', stream)
    key = found[-1] if found else "none"
    for name, client, wanted in (
        ("reader", w.reader, "200"),
        ("another reader", w.other, "404"),
        ("editor", w.editor, "404"),
        ("nobody", w.nobody, "401"),
    ):
        yield Attempt(name, "that conversation as Markdown", wanted, status(client.get(f"/xietong/export/{key}.md")))
    for action in ("open", "rename", "delete", "take_back"):
        w.join(w.other, "manage", [None, ""], f"talk-{action}", act=action, talk=key, title="mine")
        page = {"session_hash": f"talk-{action}"}
        shown = w.other.get("/gradio_api/queue/data", params=page, timeout=SECONDS).text
        said = "shown" if "onerror" in shown else "nothing"  # the question that was asked in it holds that
        yield Attempt("another reader", f"handler `manage` ({action}) of that conversation", "nothing", said)
    left = w.reader.get(f"/xietong/export/{key}.md")
    yield Attempt("reader", "the conversation after that", "200", status(left))


SETS = (by_nobody, by_a_reader, by_another, about_a_conversation, forged, by_an_editor, by_token, after_the_end)


def attempts(w: World) -> list[Attempt]:
    """All of them, in an order in which the earlier leave the later their people."""
    return [attempt for each in SETS for attempt in each(w)]


def table(made: list[Attempt]) -> str:
    """The attempts as Markdown."""
    rows = [f"| {one.who} | {one.what} | {one.answer} |".replace("<", "&lt;") for one in made]
    return "\n".join(["| who | what | answer |", "|---|---|---|", *rows])


def main() -> int:
    """Prints the table; 1 where an answer was not the wanted one."""
    folder = Path(tempfile.mkdtemp())
    try:
        with world(folder) as made:
            found = attempts(made)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    wrong = [one for one in found if one.answer != one.wanted]
    sys.stdout.write(table(found) + f"\n\n{len(found)} attempts, {len(wrong)} with another answer than wanted\n")
    for one in wrong:
        sys.stdout.write(f"WRONG {one}\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
