"""The command `xietong`: arguments in, one line or one JSON object a result out.

Exit codes: 0 done; 1 the input was refused or an item failed; 2 wrong usage. Errors are one line on stderr.
"""

import argparse
import io
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NoReturn

from assistant import commands
from assistant.assistant import Assistant, build
from assistant.settings import TABLE, Settings
from assistant.user_commands import users
from assistant.users import ROLES
from assistant.version import program_version
from index import XietongError, settle_threads, stand_back

ROOT = Path(__file__).resolve().parent.parent
LONG_WORK = ("add", "reindex")  # that a server beside it goes before
Command = Callable[[Assistant, argparse.Namespace], int]


class Parser(argparse.ArgumentParser):
    """Says what is wrong in one line."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message}; 用法见 / see `{self.prog} --help`\n")


def _settings_table() -> str:
    lines = ["设置(环境变量或 app.py 旁的 .env) / settings (environment, or .env beside app.py):"]
    return "\n".join(lines + [f"  {name}={default}\n      {zh} / {en}" for name, default, zh, en in TABLE])


def _parser() -> argparse.ArgumentParser:
    parser = Parser(
        prog="xietong",
        description="协同问答:回答有出处 / cited answers about official documents",
        epilog=_settings_table(),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"xietong {program_version()}")
    within = Parser(add_help=False)
    within.add_argument(
        "--document", action="append", metavar="ID", help="只在此文档中找(可重复) / search this document only"
    )
    as_json = Parser(add_help=False)
    as_json.add_argument("--json", action="store_true", help="输出 JSON / print JSON")
    sub = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    def command(name: str, run: Command, help_text: str, *parents: Parser) -> Parser:
        made = sub.add_parser(name, help=help_text, description=help_text, parents=list(parents))
        made.set_defaults(run=run)
        return made

    ask = command("ask", commands.ask, "回答一个问题 / answer one question", as_json, within)
    ask.add_argument("question", metavar="QUESTION")
    ask.add_argument("--history", type=Path, metavar="FILE", help="之前的问答(JSON) / earlier turns (JSON)")
    batch = command("batch", commands.batch, "回答一批问题 / answer a file of questions", within)
    batch.add_argument("questions", type=Path, metavar="QUESTIONS.jsonl")
    batch.add_argument("--output", type=Path, required=True, metavar="ANSWERS.jsonl")
    search = command("search", commands.search, "只找段落 / find passages, no answer", as_json, within)
    search.add_argument("query", metavar="QUERY")
    search.add_argument("--k", type=_positive, default=10, help="几段 / how many (10)")
    command("plans", commands.plans, "计划与进展对照 / plans beside their progress", as_json)
    figures = command("figures", commands.figures, "所有数据及其出处 / every figure with its source", within)
    form = figures.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="输出 JSON / print JSON")
    form.add_argument("--csv", action="store_true", help="输出 CSV / print CSV")
    add = command("add", commands.add, "添加文件或文件夹 / add files or folders", as_json)
    add.add_argument("paths", nargs="+", type=Path, metavar="PATH")
    for name, meaning in (("title", "标题 / title"), ("date", "日期 / date"), ("period", "所述时期 / period")):
        add.add_argument(f"--{name}", help=meaning)
    add.add_argument("--keep-both", action="store_true", help="同名文件并存 / keep files of one name side by side")
    command("list", commands.list_documents, "列出文档 / list the documents", as_json)
    show = command("show", commands.show, "一份文档 / one document", as_json)
    show.add_argument("id", metavar="ID")
    show.add_argument("--text", action="store_true", help="原样输出全文 / print the stored text exactly")
    remove = command("remove", commands.remove, "删除文档 / remove documents")
    remove.add_argument("ids", nargs="+", metavar="ID")
    remove.add_argument("--replaced-by", metavar="ID", help="由哪份文档替换 / the document that takes their place")
    doctor = command("doctor", commands.doctor, "检查文档库 / check the library", as_json)
    doctor.add_argument("--repair", action="store_true", help="修复能推导的部分 / mend what can be derived")
    doctor.add_argument("--full", action="store_true", help="重读每份原件并核对文本 / read each original again")
    feedback = "对回答的评价,每行一个 JSON / what readers said of answers, JSON lines"
    command("feedback", commands.feedback, feedback, as_json)
    command("reindex", commands.reindex, "用现在的模型重新编入 / embed again with the present model")
    backup = command("backup", commands.backup, "把整个文档库备份成一个文件 / the whole library in one file")
    backup.add_argument("file", type=Path, metavar="FILE")
    restore = command("restore", commands.restore, "从备份恢复文档库 / put a backup back")
    restore.add_argument("file", type=Path, metavar="FILE")
    restore.add_argument("--force", action="store_true", help="替换已有的文档库 / replace the library that is there")
    _users_parser(sub.add_parser("users", help="用户文件 / the file of users"), as_json)
    serve = sub.add_parser("serve", help="打开网页问答 / serve the web chat")
    serve.add_argument("--host", type=_host, default="127.0.0.1")
    serve.add_argument("--port", type=_port, default=7860)
    return parser


def _users_parser(parser: Parser, as_json: Parser) -> None:
    """`users add NAME --role …`, `users remove NAME`, `users list`, `users token NAME`."""
    sub = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    add = sub.add_parser("add", help="添加用户,或改口令 / add a user, or change the password")
    add.add_argument("name", metavar="NAME")
    add.add_argument(
        "--role",
        choices=ROLES,
        help="reader 只读(新用户的默认),editor 可增删文档 / reader (default of a new user), editor changes the library",
    )
    sub.add_parser("remove", help="删除用户 / remove a user").add_argument("name", metavar="NAME")
    sub.add_parser("list", help="列出用户 / list the users", parents=[as_json])
    token = sub.add_parser("token", help="给程序用的令牌,只显示一次 / a token for programs, shown once")
    token.add_argument("name", metavar="NAME")
    token.add_argument("--revoke", action="store_true", help="作废此人的全部令牌 / make all the person's tokens void")


def _positive(text: str) -> int:
    if not text.isdigit() or not 0 < int(text) <= 1000:
        raise argparse.ArgumentTypeError(f"“{text}”须是 1 到 1000 的整数 / must be a whole number from 1 to 1000")
    return int(text)


def _host(text: str) -> str:
    from assistant.web import host_option

    return host_option(text)


def _port(text: str) -> int:
    from assistant.web import port_option

    return port_option(text)


def _use_utf8() -> None:
    """UTF-8 in arguments and file names too: begins again in Python's UTF-8 mode where the locale is of another."""
    if sys.getfilesystemencoding() != "utf-8":
        os.execv(sys.executable, [sys.executable, "-X", "utf8", *sys.orig_argv[1:]])


def _utf8(stream: object) -> None:
    """UTF-8 whatever the locale; what cannot be encoded is shown escaped rather than ending the program."""
    if isinstance(stream, io.TextIOWrapper):
        stream.reconfigure(encoding="utf-8", errors="backslashreplace")


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command and returns its exit code."""
    if arguments is None:
        _use_utf8()
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        _utf8(stream)
    parser = _parser()
    args = parser.parse_args(arguments)
    wrong = commands.wrong_usage(args)
    if wrong:
        parser.error(wrong)
    settle_threads(os.environ)
    if arguments is None and args.command in LONG_WORK:  # a process of its own
        stand_back()
    try:
        serving = {"host": args.host, "port": args.port} if args.command == "serve" else {}
        settings = Settings.load(ROOT, os.environ, **serving)
        if args.command == "serve":
            return commands.serve(settings)
        if args.command == "users":
            return users(settings, args)
        return int(args.run(build(settings, commands.tell_waiting), args))
    except XietongError as error:
        sys.stderr.write(f"xietong: {error}\n")
        return 1
    except KeyboardInterrupt:
        sys.stderr.write("xietong: 已中断,已完成的部分都已保存 / interrupted; what was done is kept\n")
        return 1
    except BrokenPipeError:
        _drop_output()
        return 1
    except OSError as error:
        _drop_output()
        sys.stderr.write(f"xietong: 读写失败,请检查磁盘空间与权限 / check disk space and permissions: {error}\n")
        return 1


def _drop_output() -> None:
    """What could not be written is not tried again when the program ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
