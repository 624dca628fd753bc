import json
import logging
import math
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families
from starlette.responses import PlainTextResponse
from starlette.testclient import TestClient
from starlette.types import Receive, Scope, Send

from assistant import Answer, Assistant, Conversations, Library, Person, Settings, Timings, Users, token_digest
from assistant.passwords import hashed, new_token
from assistant.web.access import Access
from assistant.web.gate import Gate
from assistant.web.guard import Guard
from assistant.web.incoming import Incoming
from assistant.web.journal import tell, tell_answer
from assistant.web.metrics import Metrics, MetricsPath
from assistant.web.services import Services

OWN, TOKEN = "a-token-of-its-own", new_token()
ROOT = Path(__file__).parents[3]


@pytest.fixture
def services(library: Library, tmp_path: Path) -> Callable[..., Services]:
    def make(metrics: str = "1", with_users: bool = False) -> Services:
        users = None
        if with_users:
            users = Users(tmp_path / "users.jsonl")
            person = Person("li", hashed("reader's own"), "reader", (token_digest(TOKEN),))
            users.change(lambda held: held.update(li=person))
        assistant = Assistant(library, tmp_path / "none", 100)
        incoming = Incoming(assistant, tmp_path / "incoming", tmp_path / "uploads")
        settings = Settings.load(tmp_path, {"XIETONG_METRICS": metrics})
        return Services(assistant, incoming, Access(users), Conversations(tmp_path / "c.db"), settings)

    return make


@pytest.fixture
def listening() -> Iterator[Callable[[Services], Metrics]]:
    """Metrics that count until the test is over."""
    made: list[Metrics] = []

    def begin(services: Services) -> Metrics:
        made.append(Metrics(services))
        made[-1].listen()
        return made[-1]

    yield begin
    for one in made:
        one.close()


async def echo(scope: Scope, receive: Receive, send: Send) -> None:
    await PlainTextResponse("inside")(scope, receive, send)


def client(services: Services, host: str = "127.0.0.1") -> TestClient:
    metrics = Metrics(services) if services.settings.metrics else None
    app = Guard(MetricsPath(Gate(echo, services.access, 1000), metrics, services))
    return TestClient(app, base_url=f"http://{host}", follow_redirects=False)


def values(metrics: Metrics, name: str) -> dict[str, float]:
    """The samples of a name, by their labels' values."""
    families = text_string_to_metric_families(metrics.text().decode())
    found = [sample for family in families for sample in family.samples if sample.name == name]
    return {",".join(value for _, value in sorted(sample.labels.items())): sample.value for sample in found}


# Who may read them


@pytest.mark.parametrize("with_users", [False, True])
def test_they_are_off_unless_they_are_asked_for(services: Callable[..., Services], with_users: bool) -> None:
    for headers in ({}, {"authorization": f"Bearer {TOKEN}"}):
        assert client(services("", with_users)).get("/metrics", headers=headers).status_code == 404


def test_on_one_s_own_machine_they_are_open(services: Callable[..., Services]) -> None:
    answer = client(services()).get("/metrics")
    assert answer.status_code == 200 and answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    assert "xietong_build_info" in answer.text and answer.headers["cache-control"] == "no-store"
    assert client(services(), host="evil.example").get("/metrics").status_code == 403
    assert client(services()).post("/metrics").status_code == 405
    assert client(services()).get("/other").text == "inside"


@pytest.mark.parametrize(
    ("metrics", "with_users", "token", "status"),
    [
        (OWN, False, "", 401),
        (OWN, False, OWN + "x", 401),
        (OWN, False, OWN, 200),
        ("1", True, "", 401),
        ("1", True, "1", 401),
        ("1", True, TOKEN, 200),
        (OWN, True, OWN, 200),
        (OWN, True, TOKEN, 200),
        (OWN, True, TOKEN + "x", 401),
    ],
)
def test_where_there_is_a_token_it_is_needed(
    services: Callable[..., Services], metrics: str, with_users: bool, token: str, status: int
) -> None:
    headers = {"authorization": f"Bearer {token}"} if token else {}
    answer = client(services(metrics, with_users)).get("/metrics", headers=headers)
    assert answer.status_code == status
    assert ("xietong" in answer.text) == (status == 200)
    assert ("www-authenticate" in answer.headers) == (status == 401)


def test_a_browser_s_session_is_no_token(services: Callable[..., Services]) -> None:
    asked = client(services("1", with_users=True))
    assert asked.post("/login", data={"name": "li", "password": "reader's own"}).status_code == 303
    assert asked.get("/").text == "inside" and asked.get("/metrics").status_code == 401


# What they count


def test_questions_are_counted_by_status_and_refusals_by_kind(
    services: Callable[..., Services], listening: Callable[[Services], Metrics], answered: Answer, not_found: Answer
) -> None:
    metrics = listening(services())
    for answer in (answered, answered, not_found, Answer(" ", "invalid", "", "m")):
        tell_answer(answer, None, "page")
    tell_answer(answered, None, "api")
    tell("question_failed", "warning", surface="api", error="X")
    assert values(metrics, "xietong_questions_total") == {
        "extractive,answered,page": 2, "extractive,not_found,page": 1, "extractive,invalid,page": 1,
        "extractive,answered,api": 1,
    }  # fmt: skip
    assert values(metrics, "xietong_refusals_total") == {"unsaid": 1, "empty_question": 1}
    assert values(metrics, "xietong_question_failures_total") == {"api": 1}
    assert values(metrics, "xietong_question_seconds_count")["total"] == 4, "invalid ones are not measured"


def test_the_seconds_of_a_stage_add_up_and_stand_in_their_buckets(
    services: Callable[..., Services], listening: Callable[[Services], Metrics], answered: Answer
) -> None:
    metrics = listening(services())
    spent = [(8.0, 1.0), (60.0, 2.0), (3000.0, 2000.0)]  # total, search: milliseconds
    for total, search in spent:
        tell_answer(replace(answered, timings_ms=Timings(total=total, search=search)), None, "page")
    sums = values(metrics, "xietong_question_seconds_sum")
    assert math.isclose(sums["total"], 3.068) and math.isclose(sums["search"], 2.003)
    buckets = values(metrics, "xietong_question_seconds_bucket")
    assert [buckets[f"{bound},total"] for bound in ("0.005", "0.01", "0.1", "2.5", "5.0", "+Inf")] == [0, 1, 2, 2, 3, 3]


def test_additions_removals_sign_ins_requests_and_errors_are_counted(
    services: Callable[..., Services], listening: Callable[[Services], Metrics]
) -> None:
    metrics = listening(services())
    for outcome in ("added", "added", "refused"):
        tell("addition", outcome=outcome, seconds=2.0)
    for kind in ("removed", "taken_back"):
        tell("removal", kind=kind, document="d")
    tell("sign_in", "warning", outcome="wrong")
    for status in (200, 204, 404, 500):
        tell("request", "debug", status=status)
    logging.getLogger("uvicorn.error").error("x")
    logging.getLogger("uvicorn.error").warning("x")
    assert values(metrics, "xietong_additions_total") == {"added": 2, "refused": 1}
    assert values(metrics, "xietong_addition_seconds_sum") == {"": 6.0}
    assert values(metrics, "xietong_removals_total") == {"removed": 1, "taken_back": 1}
    assert values(metrics, "xietong_sign_ins_total") == {"wrong": 1}
    assert values(metrics, "xietong_http_requests_total") == {"2xx": 2, "4xx": 1, "5xx": 1}
    assert values(metrics, "xietong_errors_total") == {"uvicorn": 1}


def test_the_library_s_size_is_looked_at_when_it_is_read(
    services: Callable[..., Services], library: Library, write: Callable[..., Path]
) -> None:
    given = services("1", with_users=True)
    metrics = Metrics(given)
    assert values(metrics, "xietong_library_documents") == {"": 0}
    library.add(write("机密.txt", "港口很大。桥很长。\n湖很深。\n"))
    stock = library.stock()
    assert values(metrics, "xietong_library_sentences") == {"": 3}
    assert values(metrics, "xietong_library_bytes") == {
        "database": stock.database_bytes,
        "originals": stock.original_bytes,
    }
    assert values(metrics, "xietong_ready") == {"": 0} and values(metrics, "xietong_sessions") == {"": 0}
    given.assistant.prepare()
    assert given.access.users is not None
    given.access.sessions.begin(given.access.users.people()[0])
    assert values(metrics, "xietong_ready") == {"": 1} and values(metrics, "xietong_sessions") == {"": 1}
    assert 10e6 < values(metrics, "process_resident_memory_bytes")[""] < 100e9
    assert "机密" not in metrics.text().decode() and "li" not in values(metrics, "xietong_build_info")


def test_a_library_that_cannot_be_read_is_a_number_too(services: Callable[..., Services], library: Library) -> None:
    library.folder.mkdir()
    (library.folder / "xietong.db").write_bytes(b"no database at all" * 500)
    metrics = Metrics(services())
    assert values(metrics, "xietong_library_usable") == {"": 0}
    assert values(metrics, "xietong_library_documents") == {}


def test_their_library_is_not_imported_where_they_are_off() -> None:
    code = "import sys, json, assistant.web.page; print(json.dumps('prometheus_client' in sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout.splitlines()[-1]) is False


def test_what_the_example_rules_ask_for_is_there(
    services: Callable[..., Services], listening: Callable[[Services], Metrics], answered: Answer
) -> None:
    metrics: Any = listening(services("1", with_users=True))
    tell_answer(answered, None, "page")
    held = metrics.text().decode()
    asked = set(re.findall(r"\bxietong_(?!server\b)[a-z_]+[a-z]", (ROOT / "docs" / "serving.md").read_text("utf-8")))
    assert len(asked) > 5
    assert [name for name in asked if name not in held] == []
