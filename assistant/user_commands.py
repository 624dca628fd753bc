"""`xietong users`: the file of users from the command line. A password is asked for, never an argument."""

import argparse
import getpass
import json
import sys
from dataclasses import replace
from pathlib import Path

from assistant.passwords import hashed, new_token, token_digest
from assistant.settings import Settings
from assistant.users import LONGEST, SHORTEST, Person, Users, checked_name, checked_password, folded
from index import InputRefused


def users(settings: Settings, args: argparse.Namespace) -> int:
    """Runs one of add, remove, list and token. Raises InputRefused and UsersUnusable."""
    if settings.users is None:
        raise InputRefused(
            "没有设置 XIETONG_USERS:多用户须有一个用户文件;请设成一个路径,如 XIETONG_USERS=users.jsonl,再运行本命令。",
            "XIETONG_USERS is not set: users are kept in a file; set it to a path, such as XIETONG_USERS=users.jsonl, "
            "and run this again.",
        )
    held = Users(settings.users)
    actions = {"add": _add, "remove": _remove, "list": _list, "token": _token}
    actions[args.action](held, args)
    return 0


def _add(held: Users, args: argparse.Namespace) -> None:
    """A new person, or a new password (and role, where one is given) for one who is there."""
    name = checked_name(args.name)
    kept = hashed(checked_password(_password(), name))

    def edit(people: dict[str, Person]) -> None:
        before = people.get(folded(name))
        role = args.role or (before.role if before else "reader")
        people[folded(name)] = replace(before, scrypt=kept, role=role) if before else Person(name, kept, role)

    held.change(edit)


def _remove(held: Users, args: argparse.Namespace) -> None:
    def edit(people: dict[str, Person]) -> None:
        del people[_known(people, args.name, held.path)]

    held.change(edit)


def _list(held: Users, args: argparse.Namespace) -> None:
    for person in held.people():
        row = {"name": person.name, "role": person.role, "tokens": len(person.tokens)}
        shown = json.dumps(row, ensure_ascii=False) if args.json else f"{person.role}\t{person.name}"
        sys.stdout.write(shown + "\n")


def _token(held: Users, args: argparse.Namespace) -> None:
    """A token for programs, printed once; with --revoke all that the person had are void."""
    token = new_token()

    def edit(people: dict[str, Person]) -> None:
        key = _known(people, args.name, held.path)
        tokens = () if args.revoke else (*people[key].tokens, token_digest(token))
        people[key] = replace(people[key], tokens=tokens)

    held.change(edit)
    if not args.revoke:
        sys.stdout.write(token + "\n")


def _known(people: dict[str, Person], name: str, path: Path) -> str:
    if folded(name) not in people:
        raise InputRefused(
            f"没有用户“{name[:70]}”:名字须是“{path}”里有的;请用 xietong users list 查看。",
            f'there is no user "{name[:70]}": the name must be in "{path}"; see `xietong users list`.',
        )
    return folded(name)


def _password() -> str:
    """Typed twice at a terminal without being shown; else the first line of stdin (a second must be the same)."""
    if sys.stdin.isatty():
        asked = f"口令({SHORTEST} 到 {LONGEST} 个字符)/ password ({SHORTEST} to {LONGEST} characters): "
        first, second = getpass.getpass(asked), getpass.getpass("再输一次 / again: ")
    else:
        lines = sys.stdin.read(4 * LONGEST).splitlines()
        first = lines[0] if lines else ""
        second = lines[1] if len(lines) > 1 and lines[1] else first
    if first != second:
        raise InputRefused(
            "两次输入的口令不同:两次须一样;没有改动,请再运行一次。",
            "the two passwords differ: both must be the same; nothing was changed, run it again.",
        )
    return first
