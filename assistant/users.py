"""The file of users: one JSON object a line, `{"name", "scrypt", "role", "tokens"}`, read again when it changes."""

import json
import os
import re
import secrets
import stat
import threading
import unicodedata
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

from assistant.passwords import matches, token_digest, well_formed
from index import InputRefused, XietongError

Role = Literal["reader", "editor"]
ROLES: tuple[Role, ...] = get_args(Role)
LOCAL_NAME = "local"  # whoever sits at the machine where no users are set up
SHORTEST, LONGEST = 8, 256  # characters of a password: NIST SP 800-63B; the bound keeps a request small
NAME_RULE = ("1 到 64 个字母、数字、汉字或 . _ - @", "1 to 64 letters, digits, Chinese characters or . _ - @")
PRIVATE = stat.S_IRUSR | stat.S_IWUSR  # 0600
KEYS = {"name", "scrypt", "role", "tokens"}
TRIES = 5  # at an edit while others edit the same file
_NAME = re.compile(r"[\w.@-]{1,64}")
_DIGEST = re.compile(r"[0-9a-f]{64}")


class UsersUnusable(XietongError):
    """The file of users is missing or broken; until it is mended nobody can sign in."""


@dataclass(frozen=True, slots=True)
class Person:
    """A line of the file. scrypt: the password as passwords.hashed keeps it; tokens: SHA-256 of each, hexadecimal."""

    name: str
    scrypt: str
    role: Role
    tokens: tuple[str, ...] = ()


class Users:
    """The people who may sign in. Safe to use from several threads; another process may edit the file."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.Lock()
        self._stamp: tuple[int, ...] | None = None
        self._people: Mapping[str, Person] = {}

    def people(self) -> list[Person]:
        """All of them, in the file's order. Raises UsersUnusable where the file is missing or broken."""
        return list(self._current().values())

    def find(self, name: str) -> Person | None:
        """The person of this name, written in whatever case or width. Raises UsersUnusable."""
        return self._current().get(folded(name))

    def signing_in(self, name: str, password: str) -> Person | None:
        """The person, if the password is theirs; an unknown name takes as long as a wrong password."""
        person = self.find(name)
        right = matches(password[: LONGEST + 1], person.scrypt if person else None)
        return person if right else None

    def of_token(self, token: str) -> Person | None:
        """The person for whom this token was made. Raises UsersUnusable."""
        digest = token_digest(token)
        return next((person for person in self._current().values() if digest in person.tokens), None)

    def change(self, edit: Callable[[dict[str, Person]], None]) -> None:
        """Edits the people (by folded name) and writes the file, whole or not at all; a missing one is made.

        Raises InputRefused where the folder cannot be written, UsersUnusable for a broken file.
        """
        for _ in range(TRIES):
            stamp = _stamp(self.path)
            people = dict(_read(self.path)) if stamp else {}
            edit(people)
            if self._written(people, stamp):
                return
        raise InputRefused(
            f"“{self.path}”正被别人修改:一次只能有一处修改;请稍后再试。",
            f'"{self.path}" is being changed by others: one change at a time; try again in a moment.',
        )

    def _current(self) -> Mapping[str, Person]:
        with self._lock:
            stamp = _stamp(self.path)
            if stamp is None or stamp != self._stamp:
                self._stamp, self._people = None, {}  # a broken file leaves nobody, not those of before
                self._people = _read(self.path)
                self._stamp = stamp
            return self._people

    def _written(self, people: Mapping[str, Person], stamp: tuple[int, ...] | None) -> bool:
        """False where somebody else has changed the file since `stamp`."""
        beside = self.path.with_name(f".{self.path.name}.{secrets.token_hex(6)}")
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            file = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE)
            with os.fdopen(file, "w", encoding="utf-8") as lines:
                lines.writelines(json.dumps(_row(person), ensure_ascii=False) + "\n" for person in people.values())
                lines.flush()
                os.fsync(lines.fileno())
            if _stamp(self.path) != stamp:
                return False
            beside.replace(self.path)
        except OSError as error:
            raise InputRefused(
                f"“{self.path}”写不进去({error.strerror}):用户文件所在的文件夹须可写;请检查权限和空间。",
                f'"{self.path}" cannot be written ({error.strerror}): the folder of the file of users must be '
                "writable; check its permissions and space.",
            ) from None
        finally:
            with suppress(OSError):
                beside.unlink()
        return True


def checked_name(name: str) -> str:
    """The name as it is kept (NFKC). Raises InputRefused for one that breaks the rule."""
    kept = unicodedata.normalize("NFKC", name).strip()
    if not _NAME.fullmatch(kept) or folded(kept) == LOCAL_NAME:
        zh, en = NAME_RULE
        raise InputRefused(
            f"用户名“{name[:70]}”不行:须是{zh},且不能是 {LOCAL_NAME};请换一个。",
            f'user name "{name[:70]}" will not do: it must be {en}, and not {LOCAL_NAME}; choose another.',
        )
    return kept


def checked_password(password: str, name: str) -> str:
    """The password. Raises InputRefused for one too short, too long or equal to the name."""
    if not SHORTEST <= len(password) <= LONGEST or folded(password) == folded(name):
        raise InputRefused(
            f"口令不行({len(password)}个字符):须有 {SHORTEST} 到 {LONGEST} 个字符,且不同于用户名;请换一个。",
            f"this password ({len(password)} characters) will not do: it must have {SHORTEST} to {LONGEST} characters "
            "and differ from the name; choose another.",
        )
    return password


def folded(name: str) -> str:
    """The key of a name in `Users.change`: one for all its cases and widths."""
    return unicodedata.normalize("NFKC", name).strip().casefold()


def _stamp(path: Path) -> tuple[int, ...] | None:
    """What changes whenever the file does; None where there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino


def _read(path: Path) -> dict[str, Person]:
    try:
        lines = path.read_text(encoding="utf-8-sig").split("\n")
    except FileNotFoundError:
        raise UsersUnusable(
            f"用户文件“{path}”不存在:XIETONG_USERS 须指向已有的文件;请先运行 xietong users add 名字 --role editor。",
            f'the file of users "{path}" is not there: XIETONG_USERS must name one; run '
            "`xietong users add NAME --role editor` first.",
        ) from None
    except (OSError, ValueError) as error:
        raise UsersUnusable(
            f"用户文件“{path}”读不出来({error}):须是可读的 UTF-8 文本;请检查权限和内容。",
            f'the file of users "{path}" cannot be read ({error}): it must be readable UTF-8 text; check it.',
        ) from None
    people: dict[str, Person] = {}
    for number, line in enumerate(lines, 1):
        if line.strip():
            person = _person(path, number, line, people)
            people[folded(person.name)] = person
    return people


def _person(path: Path, number: int, line: str, before: Mapping[str, Person]) -> Person:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError):
        row = None
    if wrong := _wrong(row, before):
        zh, en = wrong
        raise UsersUnusable(
            f"用户文件“{path}”第{number}行不对:{zh};请改正或删去这一行,或用 xietong users add 重写它。",
            f'line {number} of the file of users "{path}" is wrong: {en}; mend or delete the line, or write it again '
            "with `xietong users add`.",
        )
    return Person(row["name"], row["scrypt"], row["role"], tuple(row.get("tokens", ())))


def _wrong(row: Any, before: Mapping[str, Person]) -> tuple[str, str] | None:
    """The rule that a line breaks, in both languages."""
    if not isinstance(row, dict) or not set(row) <= KEYS:
        return '须是 JSON 对象 {"name", "scrypt", "role", "tokens"}', 'it must be a JSON object {"name", "scrypt", …}'
    name, kept, tokens = row.get("name"), row.get("scrypt"), row.get("tokens", [])
    if not isinstance(name, str) or not _NAME.fullmatch(name) or folded(name) == LOCAL_NAME:
        return f"name 须是{NAME_RULE[0]}", f"name must be {NAME_RULE[1]}"
    if folded(name) in before:
        return f"“{name}”已在前面出现过,一人只能一行", f'"{name}" stands on a line before, one line a person'
    if row.get("role") not in ROLES:
        return "role 须是 reader 或 editor", "role must be reader or editor"
    if not isinstance(kept, str) or not well_formed(kept):
        return "scrypt 须形如 $scrypt$ln=15,r=8,p=3$…$…", "scrypt must look like $scrypt$ln=15,r=8,p=3$…$…"
    if not isinstance(tokens, list) or not all(isinstance(one, str) and _DIGEST.fullmatch(one) for one in tokens):
        return "tokens 须是 SHA-256 的列表", "tokens must be a list of SHA-256 digests"
    return None


def _row(person: Person) -> dict[str, Any]:
    row: dict[str, Any] = {"name": person.name, "scrypt": person.scrypt, "role": person.role}
    return row | ({"tokens": list(person.tokens)} if person.tokens else {})
