from pathlib import Path
from typing import Any

import pytest
from starlette.requests import Request

from assistant import Person, Users, UsersUnusable, folded, token_digest
from assistant.passwords import hashed, new_token
from assistant.web.access import LOCAL, Access, AccessRefused, User
from assistant.web.sessions import Sessions

KEPT, OTHER = hashed("long enough"), hashed("another one")


def request(path: str = "/", **headers: str) -> Request:
    raw = [(name.encode(), value.encode()) for name, value in headers.items()]
    return Request({"type": "http", "method": "GET", "path": path, "headers": raw, "query_string": b""})


def put(users: Users, *people: Person) -> None:
    def edit(held: dict[str, Person]) -> None:
        held.clear()
        held.update({folded(person.name): person for person in people})

    users.change(edit)


@pytest.fixture
def users(tmp_path: Path) -> Users:
    held = Users(tmp_path / "users.jsonl")
    put(held, Person("张三", KEPT, "editor"), Person("li", KEPT, "reader"))
    return held


@pytest.fixture
def access(users: Users) -> Access:
    return Access(users)


def signed_in(access: Access, name: str, path: str = "/") -> Request:
    person = access.users.find(name) if access.users else None
    assert person is not None
    return request(path, cookie=f"{access.cookies[1]}={access.sessions.begin(person)}")


def refusal(call: Any, asked: Any) -> AccessRefused:
    with pytest.raises(AccessRefused) as refused:
        call(asked)
    return refused.value


def test_without_users_whoever_sits_at_the_machine_may_do_all() -> None:
    assert Access().reader(None) == Access().editor(request()) == LOCAL


def test_roles_allow_what_they_say(access: Access) -> None:
    assert access.editor(signed_in(access, "张三")) == User("张三", "editor")
    assert access.reader(signed_in(access, "li")) == User("li", "reader")
    assert refusal(access.editor, signed_in(access, "li")).status == 403


@pytest.mark.parametrize("cookie", ["", "{}=", "{}=guess", "xietong_1=x; a=b", "=;=;"])
def test_nobody_is_refused(access: Access, cookie: str) -> None:
    for call in (access.reader, access.watcher, access.editor):
        assert refusal(call, request(cookie=cookie.format(access.cookies[1]))).status == 401
    assert refusal(access.reader, None).status == 401


def test_a_refusal_is_in_the_language_of_the_page(access: Access) -> None:
    chinese, english = (
        refusal(access.reader, request("/")),
        refusal(access.reader, request("/en/gradio_api/queue/join")),
    )
    assert "登录" in chinese.message and "Sign in" not in chinese.message
    assert english.message.startswith("Nobody is signed in") and english.title == "Not done"
    assert str(english) == f"{english.zh} / {english.en}" and not english.print_exception


@pytest.mark.parametrize(
    "after",
    [
        [Person("li", KEPT, "reader")],
        [Person("张三", OTHER, "editor"), Person("li", KEPT, "reader")],
        [Person("张三", KEPT, "reader"), Person("li", KEPT, "reader")],
    ],
    ids=["removed", "password", "role"],
)
def test_a_session_ends_at_once_when_its_person_changes(access: Access, users: Users, after: list[Person]) -> None:
    zhang, li = signed_in(access, "张三"), signed_in(access, "li")
    assert access.reader(zhang)
    before = users.people()
    put(users, *after)
    assert refusal(access.reader, zhang).status == 401
    assert access.reader(li) == User("li", "reader")
    put(users, *before)
    assert refusal(access.reader, zhang).status == 401  # and stays ended


def test_a_token_reads_only_even_for_an_editor(access: Access, users: Users) -> None:
    token = new_token()
    put(users, Person("张三", KEPT, "editor", (token_digest(token),)))
    asked = request(authorization=f"Bearer {token}")
    assert access.reader(asked) == User("张三", "reader")
    assert refusal(access.editor, asked).status == 403
    assert refusal(access.reader, request(authorization=f"Bearer {token}x")).status == 401
    assert refusal(access.reader, request(authorization=f"Basic {token}")).status == 401


def test_a_wrong_token_is_not_saved_by_a_cookie(access: Access) -> None:
    cookie = signed_in(access, "张三").headers["cookie"]
    assert refusal(access.reader, request(cookie=cookie, authorization="Bearer wrong")).status == 401


def test_a_broken_file_of_users_lets_nobody_in_and_is_told_once(
    access: Access, users: Users, caplog: pytest.LogCaptureFixture
) -> None:
    zhang = signed_in(access, "张三")
    users.path.write_text("{", "utf-8")
    for _ in range(3):
        assert refusal(access.reader, zhang).status == 401
    assert [record.levelname for record in caplog.records] == ["ERROR"] and "line 1" in caplog.text


def test_only_what_a_person_does_keeps_the_session(access: Access, monkeypatch: pytest.MonkeyPatch) -> None:
    touched: list[str] = []
    monkeypatch.setattr(access.sessions, "touch", touched.append)
    asked = signed_in(access, "li")
    access.watcher(asked)
    assert touched == []
    access.reader(asked)
    assert touched == [access.session_token(asked)]


def test_the_cookie_of_another_library_is_another_server_s(access: Access, users: Users) -> None:
    token = access.session_token(signed_in(access, "li"))
    other = Access(users).cookies[1]
    assert other != access.cookies[1]
    assert refusal(access.reader, request(cookie=f"{other}={token}")).status == 401
    assert access.reader(request(cookie=f"{access.cookies[0]}={token}"))


def test_two_servers_of_one_library_know_the_same_sessions(users: Users, tmp_path: Path) -> None:
    one, other = (Access(users, Sessions(tmp_path / "sessions.sqlite")) for _ in range(2))
    asked = signed_in(one, "li")
    assert other.reader(asked) == User("li", "reader")
    other.sessions.end(other.session_token(asked))
    assert refusal(one.reader, asked).status == 401


def test_who_is_signed_in_stays_so_where_it_cannot_be_noted_that_they_did_something(
    access: Access, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def full(token: str) -> None:
        raise UsersUnusable("满", "full")

    asked = signed_in(access, "li")
    monkeypatch.setattr(access.sessions, "touch", full)
    assert access.reader(asked) == access.reader(asked) == User("li", "reader")
    assert [record.levelname for record in caplog.records] == ["ERROR"]
