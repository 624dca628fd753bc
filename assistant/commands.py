"""What each command does. Each takes the assistant and the arguments and returns the exit code."""

import argparse
import contextlib
import json
import math
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, TextIO

from assistant.assistant import Assistant
from assistant.conversations import CONVERSATIONS, Conversations
from assistant.figures import csv_text, figure_row
from assistant.progress import Bar, clear_line
from assistant.reporting import CLOSE as CLOSE_REPORT
from assistant.settings import Settings
from assistant.types import Answer, PlanRow, Turn
from index import OCR_COMMAND, Addition, Document, InputRefused, UnknownDocument, back_up, files_below
from index import restore as put_back

NAMED = 5  # files that a message names


def _json(value: Any) -> None:
    sys.stdout.write(json.dumps(value, ensure_ascii=False) + "\n")
    sys.stdout.flush()


def _line(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def _complain(text: str) -> None:
    sys.stderr.write(f"xietong: {text}\n")


def tell_waiting() -> None:
    """Says that another process has the writer's turn; the work goes on by itself."""
    clear_line()
    _complain("另一个进程正在写入,等待中…… / another process is writing; waiting for it to finish, then this goes on …")


def _prepare(assistant: Assistant) -> None:
    with Bar() as bar:
        assistant.prepare(bar.callback)


def wrong_usage(args: argparse.Namespace) -> str | None:
    """What the parser alone cannot see."""
    if args.command == "remove" and args.replaced_by in args.ids:
        return "--replaced-by 不能是要删除的文档 / --replaced-by cannot be one of those to be removed"
    if args.command == "add" and args.title and (len(args.paths) > 1 or args.paths[0].is_dir()):
        return "--title 只能用于一个文件 / --title goes with one file"
    return None


# Asking


def _history(path: Path | None) -> list[Turn]:
    if path is None:
        return []
    try:
        rows = json.loads(path.read_text(encoding="utf-8-sig"))
        return _turns(rows)
    except (OSError, ValueError, RecursionError) as error:
        raise _unreadable(
            path, error, 'JSON 列表 [{"question", "answer"}]', 'a JSON list of {"question", "answer"}'
        ) from None


def _unreadable(path: Path, error: Exception, zh: str, en: str) -> InputRefused:
    said = (error.strerror if isinstance(error, OSError) else None) or str(error)
    return InputRefused(
        f"“{path}”用不了({said}):它须是 UTF-8 编码的{zh};请检查后再试。",
        f'"{path}" cannot be used ({said}): it must be {en} in UTF-8; mend it and try again.',
    )


def _turns(rows: Any) -> list[Turn]:
    """Raises ValueError for anything but a list of objects with two strings."""
    if rows is None:
        return []
    if not isinstance(rows, list):
        raise ValueError("history is not a list")
    turns = []
    for row in rows:
        if not isinstance(row, dict) or not isinstance(row.get("question"), str):
            raise ValueError('a turn lacks the string "question"')
        answer = row.get("answer")
        turns.append(Turn(row["question"], answer if isinstance(answer, str) else ""))
    return turns


def _shown(answer: Answer) -> str:
    """An answer for the terminal: the short answer, the text with its marks, the sources below."""
    lines = [answer.short_answer] if answer.short_answer else []
    lines.append(answer.answer)
    for c in answer.citations or answer.nearest:
        mark = f"[{c.number}]" if c.number else "·"
        lines.append(f"{mark} 《{c.document_title}》 第{c.paragraph}段 {' › '.join(c.heading_path)}\n    {c.quote}")
    return "\n".join(lines)


def ask(assistant: Assistant, args: argparse.Namespace) -> int:
    history = _history(args.history)
    if args.question.strip():
        _prepare(assistant)
    answer = assistant.ask(args.question, history, args.document)
    if args.json:
        _json(answer.to_json())
    if answer.status == "invalid":
        _complain(answer.answer)
        return 1
    if not args.json:
        _line(_shown(answer))
    return 0


def _rows(path: Path) -> Iterator[tuple[int, str]]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, ValueError) as error:
        raise _unreadable(path, error, " JSON 行(每行一个问题)", "JSON lines, a question each") from None
    yield from ((number, line) for number, line in enumerate(text.split("\n"), 1) if line.strip())


def _number(text: str) -> float:
    """A number of strict JSON: NaN and what overflows to infinity are none."""
    if not math.isfinite(value := float(text)):
        raise ValueError(f"{text[:20]} is no JSON number / 不是 JSON 数值")
    return value


def _object(line: str) -> dict[str, Any]:
    row = json.loads(line, parse_constant=_number, parse_float=_number)
    if not isinstance(row, dict):
        raise ValueError("the row is not an object / 这一行不是 JSON 对象")
    return row


def _asked(row: dict[str, Any]) -> tuple[str, list[Turn]]:
    if not isinstance(row.get("question"), str):
        raise ValueError('the row lacks the string "question" / 这一行没有字符串 question')
    return row["question"], _turns(row.get("history"))


def _answer_row(assistant: Assistant, number: int, line: str, documents: list[str] | None) -> dict[str, Any]:
    """The answer object of one row; a row that cannot be asked is "invalid" with its number and the reason."""
    row_id = None
    try:
        row = _object(line)
        row_id = row.get("id")
        question, history = _asked(row)
    except (ValueError, RecursionError) as error:
        reason = f"第{number}行用不了:{error} / row {number} cannot be used: mend it and run it again."
        invalid = Answer("", "invalid", reason, assistant.library.model)
        return {**invalid.to_json(row_id), "row": number}
    return assistant.ask(question, history, documents).to_json(row_id)


def _open_output(path: Path, questions: Path) -> TextIO:
    """Open for writing, what it holds still there. Half a surrogate pair in an id is written as it was: escaped."""
    try:
        if path.exists() and path.samefile(questions):
            raise OSError("it is the file of questions / 它就是问题文件")
        return path.open("a", encoding="utf-8", errors="backslashreplace", newline="\n")
    except OSError as error:
        raise _unwritable(path, error) from None


def _unwritable(path: Path, error: OSError) -> InputRefused:
    return _unreadable(path, error, "可写的文件", "a file that can be written")


def batch(assistant: Assistant, args: argparse.Namespace) -> int:
    rows = list(_rows(args.questions))
    out = _open_output(args.output, args.questions)
    try:
        _prepare(assistant)
        for document_id in args.document or ():
            assistant.library.document(document_id)
        if args.output.is_file():
            out.truncate(0)
        with Bar() as bar:
            for done, (number, line) in enumerate(rows, 1):
                answer = _answer_row(assistant, number, line, args.document)
                _write(out, json.dumps(answer, ensure_ascii=False) + "\n", args.output)
                bar.draw(done, len(rows), f"第 {done}/{len(rows)} 题", f"question {done}/{len(rows)}", "")
    finally:
        with contextlib.suppress(OSError):  # told already where a row was written
            out.close()
    return 0


def _write(out: TextIO, line: str, path: Path) -> None:
    try:
        out.write(line)
        out.flush()
    except OSError as error:
        raise _unwritable(path, error) from None


def search(assistant: Assistant, args: argparse.Namespace) -> int:
    if not args.query.strip():
        raise InputRefused(
            "查询是空的:查询须含有文字,请写出要找的内容。",
            "the query is empty: it must have words; type what to look for.",
        )
    _prepare(assistant)
    for found in assistant.search(args.query, args.k, args.document):
        if args.json:
            _json(asdict(found))
        else:
            _line(f"{found.score:.3f} {found.file_name} 第{found.paragraph}段\n    {found.text}")
    return 0


# Tables


def _plan_lines(row: PlanRow) -> str:
    """A clause for the terminal, what is reported of it below."""
    lines = [f"{row.topic}\t{row.plan.quote}\t{row.plan.file_name} 第{row.plan.paragraph}段"]
    for place, score in zip(row.progress, row.scores, strict=True):
        near = "" if score >= CLOSE_REPORT else "(相近,请核对 / related, please check) "
        lines.append(f"    {near}{place.file_name} 第{place.paragraph}段: {place.quote}")
    return "\n".join(lines if row.progress else [*lines, "    (文件没有报告进展 / no progress reported)"])


def plans(assistant: Assistant, args: argparse.Namespace) -> int:
    _prepare(assistant)
    with Bar() as bar:
        rows = assistant.plans.rows(bar.callback)
    for row in rows:
        if args.json:
            _json(asdict(row))
        else:
            _line(_plan_lines(row))
    return 0


def figures(assistant: Assistant, args: argparse.Namespace) -> int:
    _prepare(assistant)
    found = assistant.library.figures(args.document)
    held = {d.id: d for d in assistant.library.documents()}
    rows = [figure_row(f, held[f.document_id]) for f in found if f.document_id in held]
    if args.csv:
        sys.stdout.write(csv_text(rows))
        return 0
    for row in rows:
        if args.json:
            _json(row)
        else:
            about = " ".join(filter(None, (row["entity"], row["indicator"], row["period"])))
            _line(f"{row['raw']}\t{about}\t{row['kind']}\t{row['file_name']} 第{row['paragraph']}段\t{row['quote']}")
    return 0


# Documents


def add(assistant: Assistant, args: argparse.Namespace) -> int:
    outcomes: list[Addition] = []
    try:
        _prepare(assistant)
        with assistant.library.hold(), Bar() as bar:
            said = {"title": args.title, "date": args.date, "period": args.period}
            for outcome in assistant.library.add_all(
                args.paths, keep_both=args.keep_both, progress=bar.callback, **said
            ):
                outcomes.append(outcome)
                bar.clear()
                _tell(assistant, outcome, args.json)
    except KeyboardInterrupt:
        _complain(_interrupted(assistant, outcomes, list(files_below(args.paths))))
        return 1
    if not outcomes:
        raise InputRefused(
            f"“{args.paths[0]}”里没有文件:要添加的文件夹须含有文件;请检查路径。",
            f'"{args.paths[0]}" holds no files: a folder to be added must have some; check the path.',
        )
    return 1 if any(outcome.status == "refused" for outcome in outcomes) else 0


def _tell(assistant: Assistant, outcome: Addition, as_json: bool) -> None:
    if as_json:
        _json(asdict(outcome))
    if outcome.status == "refused":
        _complain(outcome.reason or outcome.file_name)
    elif not as_json:
        _line(f"{outcome.status}\t{outcome.id}\t{outcome.file_name}")
        if outcome.unread_pages:
            _complain(_left_out(outcome))
        with contextlib.suppress(UnknownDocument):  # removed meanwhile
            _tell_similar(assistant, outcome)


def _tell_similar(assistant: Assistant, outcome: Addition) -> None:
    """A notice, no failure: which document is nearly the same, and the command that would replace it."""
    if not outcome.similar_to or not outcome.id:
        return
    old = assistant.library.document(outcome.similar_to)
    count = len(assistant.library.differences(old.id, outcome.id))
    about = ", ".join(filter(None, (old.file_name, old.date or old.period)))
    _complain(
        f"“{outcome.file_name}”与《{old.title}》({about})几乎相同,{count} 句不同;若它是新版,可移除旧版:"
        f'xietong remove {old.id} / "{outcome.file_name}" is nearly the same as "{old.title}" ({about}), {count} '
        f"sentences differ; if it is the new version, remove the old one: xietong remove {old.id} "
        f"--replaced-by {outcome.id}"
    )


def _left_out(outcome: Addition) -> str:
    """A notice, no failure: which pages were pictures and could not be read."""
    pages = "、".join(map(str, outcome.unread_pages)), ", ".join(map(str, outcome.unread_pages))
    return (
        f"“{outcome.file_name}”第 {pages[0]} 页是图片,没有文字层,未收入;请运行 {OCR_COMMAND} 安装文字识别,"
        f'移除该文档后重新添加 / pages {pages[1]} of "{outcome.file_name}" are pictures without a text layer and were '
        f"left out; install character recognition with {OCR_COMMAND}, remove the document and add it again"
    )


def _interrupted(assistant: Assistant, outcomes: Sequence[Addition], files: Sequence[Path]) -> str:
    """What was added before Ctrl-C and what was not; a file may be stored although nothing was told of it yet."""
    left = list(files[len(outcomes) :])
    stored = left.pop(0).name if left and assistant.library.holds(left[0]) else None
    added = sum(outcome.status in ("added", "replaced") for outcome in outcomes) + (stored is not None)
    names, more = [path.name for path in left[:NAMED]], len(left) > NAMED
    zh, en = "、".join(names) + "……" * more, ", ".join(names) + " …" * more
    return (
        f"已中断:已添加并保存 {added} 个文件,未添加 {len(left)} 个{f':{zh}' if zh else ''}。"
        f"再次运行同一命令即可继续 / interrupted: {added} files added and kept, {len(left)} not added"
        f"{f': {en}' if en else ''}; run the same command again to go on"
    )


def _document_line(d: Document) -> str:
    about = " ".join(filter(None, (d.publisher, d.date, d.period)))
    return f"{d.id}\t{d.title}\t{d.file_name}\t{d.paragraphs}段 {d.characters}字\t{about}"


def list_documents(assistant: Assistant, args: argparse.Namespace) -> int:
    for document in assistant.library.documents():
        if args.json:
            _json(asdict(document))
        else:
            _line(_document_line(document))
    return 0


def show(assistant: Assistant, args: argparse.Namespace) -> int:
    document = assistant.library.document(args.id)
    if args.text:
        sys.stdout.flush()
        sys.stdout.buffer.write(assistant.library.text(args.id).encode())
        sys.stdout.flush()
    elif args.json:
        _json(asdict(document))
    else:
        for name, value in asdict(document).items():
            _line(f"{name}: {'' if value is None else value}")
    return 0


def remove(assistant: Assistant, args: argparse.Namespace) -> int:
    failed = False
    for document_id in dict.fromkeys(args.ids):
        try:
            document = assistant.library.remove(document_id, by=args.replaced_by)
            _line(f"removed\t{document.id}\t{document.file_name}")
        except UnknownDocument as error:
            failed = True
            _complain(str(error))
    return 1 if failed else 0


def doctor(assistant: Assistant, args: argparse.Namespace) -> int:
    checks = assistant.library.doctor(args.repair, args.full)
    for check in checks:
        if args.json:
            _json(asdict(check))
        else:
            state = "mended" if check.repaired else "ok" if check.ok else "WRONG"
            _line(f"{state}\t{check.check}\t{check.detail}")
    return 0 if all(check.ok or check.repaired for check in checks) else 1


def feedback(assistant: Assistant, args: argparse.Namespace) -> int:
    """JSON lines with --json and without."""
    for record in Conversations(assistant.library.folder / CONVERSATIONS).records():
        _json(record)
    return 0


def reindex(assistant: Assistant, args: argparse.Namespace) -> int:
    with assistant.library.hold(), Bar() as bar:
        count = assistant.library.reindex(bar.callback)
    _line(f"reindexed\t{count}\t{assistant.library.model}")
    return 0


def backup(assistant: Assistant, args: argparse.Namespace) -> int:
    count = back_up(assistant.library.folder, args.file)
    _line(f"backed up\t{count}\t{args.file}")
    return 0


def restore(assistant: Assistant, args: argparse.Namespace) -> int:
    count = put_back(assistant.library.folder, args.file, args.force)
    _line(f"restored\t{count}\t{assistant.library.folder}")
    return 0


def serve(settings: Settings) -> int:
    """The web chat; nothing of it is imported for any other command."""
    from assistant.web import serve as serve_pages

    return serve_pages(settings)
