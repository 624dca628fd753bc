import json
import stat
from pathlib import Path
from typing import Any

import pytest

from assistant import Person, Users, UsersUnusable, folded
from assistant.passwords import hashed, new_token, token_digest
from assistant.users import checked_name, checked_password
from index import InputRefused

KEPT = hashed("correct horse")


def put(path: Path, *people: Person) -> Users:
    users = Users(path)
    users.change(lambda held: held.update({folded(person.name): person for person in people}))
    return users


def line(**changes: Any) -> str:
    return json.dumps({"name": "王五", "scrypt": KEPT, "role": "reader", **changes}, ensure_ascii=False)


def test_people_are_kept_one_a_line_in_a_file_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "new" / "users.jsonl"
    put(path, Person("张三", KEPT, "editor"), Person("li.si", KEPT, "reader", (token_digest("t"),)))
    rows = [json.loads(row) for row in path.read_text("utf-8").splitlines()]
    assert rows[0] == {"name": "张三", "scrypt": KEPT, "role": "editor"}
    assert rows[1]["tokens"] == [token_digest("t")]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [each.name for each in path.parent.iterdir()] == ["users.jsonl"]


def test_the_right_password_signs_in_and_nothing_else_does(tmp_path: Path) -> None:
    users = put(tmp_path / "u", Person("Zhang", KEPT, "editor"))
    assert users.signing_in("ｚhang ", "correct horse") == Person("Zhang", KEPT, "editor")
    assert users.signing_in("Zhang", "correct horsE") is None
    assert users.signing_in("nobody", "correct horse") is None
    assert users.signing_in("Zhang", "") is None


def test_a_token_names_its_person(tmp_path: Path) -> None:
    token = new_token()
    users = put(tmp_path / "u", Person("a", KEPT, "editor"), Person("b", KEPT, "reader", (token_digest(token),)))
    found = users.of_token(token)
    assert found is not None and found.name == "b"
    assert users.of_token(token + "x") is None and users.of_token("") is None


def test_a_change_by_another_process_is_seen_at_once(tmp_path: Path) -> None:
    path = tmp_path / "u"
    users = put(path, Person("a", KEPT, "editor"))
    assert users.find("a") is not None
    Users(path).change(lambda held: held.clear())
    assert users.find("a") is None and users.people() == []


def test_a_file_that_breaks_or_goes_leaves_nobody_signed_in(tmp_path: Path) -> None:
    path = tmp_path / "u"
    users = put(path, Person("a", KEPT, "editor"))
    assert users.find("a")
    path.write_text("{", "utf-8")
    for _ in range(2):
        with pytest.raises(UsersUnusable):
            users.find("a")
    path.unlink()
    with pytest.raises(UsersUnusable, match="xietong users add"):
        users.find("a")


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ("[]", "JSON"),
        ("not json", "JSON"),
        (line(role="admin"), "reader or editor"),
        (line(rolle="editor"), "JSON"),
        (line(scrypt="hunter2"), r"\$scrypt\$"),
        (line(name="a b"), "letters, digits"),
        (line(name="Local"), "letters, digits"),
        (line(tokens=["x"]), "SHA-256"),
        (line(name="A"), "one line a person"),
    ],
)
def test_a_wrong_line_is_named_with_its_number_the_rule_and_the_repair(tmp_path: Path, wrong: str, said: str) -> None:
    path = tmp_path / "u"
    path.write_text(line(name="a") + "\n\n" + wrong + "\n", "utf-8")
    with pytest.raises(UsersUnusable, match=said) as refusal:
        Users(path).people()
    assert "第3行" in refusal.value.zh and "line 3" in refusal.value.en and "xietong users add" in refusal.value.en


def test_a_broken_file_is_not_written_over(tmp_path: Path) -> None:
    path = tmp_path / "u"
    path.write_text("{", "utf-8")
    with pytest.raises(UsersUnusable):
        Users(path).change(lambda held: held.clear())
    assert path.read_text("utf-8") == "{"


def test_two_who_edit_at_once_both_keep_their_change(tmp_path: Path) -> None:
    path = tmp_path / "u"
    users, other = put(path), Users(path)
    tries: list[int] = []

    def edit(held: dict[str, Person]) -> None:
        if not tries:
            other.change(lambda theirs: theirs.update(b=Person("b", KEPT, "reader")))
        tries.append(1)
        held["a"] = Person("a", KEPT, "editor")

    users.change(edit)
    assert sorted(person.name for person in Users(path).people()) == ["a", "b"] and len(tries) == 2


def test_a_folder_that_cannot_be_written_is_refused_with_the_repair(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(InputRefused, match="permissions"):
        Users(tmp_path / "file" / "users").change(lambda held: held.clear())


@pytest.mark.parametrize("name", ["", "a b", "local", "LOCAL", "a" * 65, "<img>", "a\nb", "a/b"])
def test_a_name_that_breaks_the_rule_is_refused(name: str) -> None:
    with pytest.raises(InputRefused, match="1 to 64"):
        checked_name(name)


def test_names_are_kept_in_one_width() -> None:
    assert checked_name(" ｚhang.san@天津 ") == "zhang.san@天津"


@pytest.mark.parametrize("password", ["", "1234567", "x" * 257, "Zhangsan1"])
def test_a_password_too_short_too_long_or_like_the_name_is_refused(password: str) -> None:
    with pytest.raises(InputRefused, match="8 to 256") as refusal:
        checked_password(password, "zhangsan1")
    assert not password or password not in str(refusal.value)
