import getpass
import io
import json
from pathlib import Path

import pytest

from assistant.cli import main
from assistant.users import Users


@pytest.fixture
def users(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Users:
    """The file that the command edits."""
    monkeypatch.setenv("XIETONG_USERS", str(tmp_path / "users.jsonl"))
    return Users(tmp_path / "users.jsonl")


def run(monkeypatch: pytest.MonkeyPatch, *arguments: str, typed: str = "") -> int:
    monkeypatch.setattr("sys.stdin", io.StringIO(typed))
    return main(["users", *arguments])


def test_a_person_is_added_listed_and_removed(
    users: Users, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, "add", "张三", "--role", "editor", typed="long enough\n") == 0
    assert run(monkeypatch, "add", "li", typed="long enough too\nlong enough too\n") == 0
    assert users.signing_in("张三", "long enough") and not users.signing_in("li", "long enough")
    assert run(monkeypatch, "list", "--json") == 0
    rows = [json.loads(row) for row in capsys.readouterr().out.splitlines()]
    assert rows == [
        {"name": "张三", "role": "editor", "tokens": 0},
        {"name": "li", "role": "reader", "tokens": 0},
    ]
    assert run(monkeypatch, "remove", "张三") == 0
    assert run(monkeypatch, "list") == 0
    assert capsys.readouterr().out == "reader\tli\n"


def test_adding_somebody_again_changes_the_password_and_keeps_role_and_tokens(
    users: Users, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    run(monkeypatch, "add", "li", "--role", "editor", typed="long enough\n")
    run(monkeypatch, "token", "li")
    token = capsys.readouterr().out.strip()
    run(monkeypatch, "add", "LI", typed="another one\n")
    person = users.signing_in("li", "another one")
    assert person and (person.name, person.role) == ("li", "editor") and users.of_token(token) == person
    assert users.signing_in("li", "long enough") is None


def test_a_token_is_shown_once_and_can_be_made_void(
    users: Users, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    run(monkeypatch, "add", "li", typed="long enough\n")
    assert run(monkeypatch, "token", "li") == 0
    token = capsys.readouterr().out.strip()
    assert users.of_token(token) and token not in users.path.read_text("utf-8")
    assert run(monkeypatch, "token", "li", "--revoke") == 0
    assert users.of_token(token) is None and capsys.readouterr().out == ""


def test_at_a_terminal_the_password_is_asked_for_twice_and_must_be_the_same(
    users: Users, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    answers = iter(["long enough", "long enougH", "long enough", "long enough"])
    monkeypatch.setattr(getpass, "getpass", lambda prompt: next(answers))
    monkeypatch.setattr("sys.stdin", Terminal())
    assert main(["users", "add", "li"]) == 1
    assert "differ" in capsys.readouterr().err and not users.path.exists()
    assert main(["users", "add", "li"]) == 0
    assert users.signing_in("li", "long enough")


@pytest.mark.parametrize(
    ("arguments", "typed", "said"),
    [
        (("add", "li"), "short\n", "8 to 256"),
        (("add", "li"), "", "8 to 256"),
        (("add", "li"), "long enough\nlong enougH\n", "differ"),
        (("add", "a b"), "long enough\n", "1 to 64"),
        (("remove", "nobody"), "", 'no user "nobody"'),
        (("token", "nobody"), "", 'no user "nobody"'),
    ],
)
def test_what_is_refused_is_said_in_one_line_and_changes_nothing(
    users: Users, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
    arguments: tuple[str, ...], typed: str, said: str,
) -> None:  # fmt: skip
    run(monkeypatch, "add", "held", typed="long enough\n")
    before = users.path.read_text("utf-8")
    assert run(monkeypatch, *arguments, typed=typed) == 1
    shown = capsys.readouterr().err
    assert said in shown and shown.count("\n") == 1
    assert users.path.read_text("utf-8") == before


def test_without_the_setting_it_is_said_what_to_set(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("XIETONG_USERS", raising=False)
    assert run(monkeypatch, "list") == 1
    assert "XIETONG_USERS=users.jsonl" in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments", [("add", "li", "--password", "x"), ("add", "li", "--role", "admin"), (), ("add",)]
)
def test_a_password_is_never_an_argument_nor_any_other_role_known(
    users: Users, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...]
) -> None:
    with pytest.raises(SystemExit) as ended:
        run(monkeypatch, *arguments)
    assert ended.value.code == 2
