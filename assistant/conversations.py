"""Conversations that are kept, each its owner's: turns with their whole answers, search, feedback, undo.

Times are UTC, ISO 8601, so that they sort as text.
"""

import json
import secrets
import sqlite3
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from assistant.database import TALK, Database, UnknownConversation, own_talk, sound, turns_before
from assistant.records import answer_record
from assistant.types import Answer, Feedback, FeedbackKind, SavedTurn, Talk
from index import DEFAULT_UNDO_SECONDS, InputRefused, matching_form

CONVERSATIONS = "conversations.db"  # in the data folder
ID_BYTES = 16  # random: nobody guesses a conversation's name, and an owner is asked for all the same
MAX_FIRST_TITLE = 40  # characters of the first question that name a conversation
MAX_TITLE = 100  # characters of a name that a person gives
MAX_NOTE = 2000  # characters of a note
MAX_SEARCH = 200  # characters of a search
MAX_TURNS = 500  # turns that are loaded, the latest; more are no conversation anybody reads
MAX_LISTED = 1000  # conversations that are listed; older ones are found by searching


class Conversations:
    """Saved conversations in one database file; nothing is written until something is saved.

    Everything is its owner's: another's conversation is as unknown as one that never was. Every method may raise
    LibraryUnusable. `undo_seconds`: how long a deleted conversation can be taken back.
    """

    def __init__(self, path: Path, undo_seconds: float = DEFAULT_UNDO_SECONDS) -> None:
        self._database = Database(path)
        self._undo = timedelta(seconds=undo_seconds)

    # Saving

    def begin(self, owner: str, first_question: str) -> Talk:
        """A new conversation without a turn, named after its first question."""
        title = _shortened(sound(first_question))
        talk = Talk(secrets.token_urlsafe(ID_BYTES), owner, title, now := _now(), now, 0)
        with self._database.write() as db:
            db.execute(
                "INSERT INTO talks VALUES (?, ?, ?, ?, ?, ?, NULL)",
                (talk.id, owner, title, matching_form(title), now, now),
            )
        return talk

    def save_turn(
        self, owner: str, talk_id: str, question: str, answer: Answer | None, context: Mapping[str, Any]
    ) -> int:
        """Adds a turn with all that is known of its answer; returns its number, from 1.

        answer: None where none was given (stopped, failed). context: JSON values, as `answer_context` gives them.
        Raises UnknownConversation.
        """
        question, now = sound(question), _now()
        form = matching_form(f"{question}\n{answer.answer if answer else ''}")
        stored = _json(answer.to_json()) if answer else None
        with self._database.write() as db:
            talk = own_talk(db, owner, talk_id)
            number = 1 + int(db.execute("SELECT max(number) FROM turns WHERE talk = ?", (talk.id,)).fetchone()[0] or 0)
            db.execute(
                "INSERT INTO turns (talk, number, question, answer, context, form, asked_at) VALUES (?,?,?,?,?,?,?)",
                (talk.id, number, question, stored, _json(dict(context)), form, now),
            )
            db.execute("UPDATE talks SET changed_at = ? WHERE id = ?", (now, talk.id))
            self._purge(db)
        return number

    def cut(self, owner: str, talk_id: str, from_number: int) -> None:
        """Drops the turns from this number on, for a question that is edited and sent again.

        What was said of a dropped answer stays among the records. Raises UnknownConversation.
        """
        with self._database.write() as db:
            talk = own_talk(db, owner, talk_id)
            db.execute("DELETE FROM turns WHERE talk = ? AND number >= ?", (talk.id, from_number))
            db.execute("UPDATE talks SET changed_at = ? WHERE id = ?", (_now(), talk.id))

    def rename(self, owner: str, talk_id: str, title: str) -> Talk:
        """Raises UnknownConversation, and InputRefused for a name that is empty or too long."""
        title = " ".join(sound(title).split())
        if not 0 < len(title) <= MAX_TITLE:
            raise InputRefused(
                f"名称“{title[:40]}”有 {len(title)} 字:须是 1 到 {MAX_TITLE} 字;请改短或填写。",
                f'the name "{title[:40]}" has {len(title)} characters: it must have 1 to {MAX_TITLE}; change it.',
            )
        with self._database.write() as db:
            talk = own_talk(db, owner, talk_id)
            db.execute("UPDATE talks SET title = ?, form = ? WHERE id = ?", (title, matching_form(title), talk.id))
            return own_talk(db, owner, talk_id)

    # Deleting

    def delete(self, owner: str, talk_id: str) -> Talk:
        """Out of sight at once, and gone for good with all said of it once `take_back` is over.

        Raises UnknownConversation.
        """
        with self._database.write() as db:
            talk = own_talk(db, owner, talk_id)
            db.execute("UPDATE talks SET deleted_at = ? WHERE id = ?", (_now(), talk.id))
            self._purge(db)
        return talk

    def take_back(self, owner: str, talk_id: str) -> Talk:
        """A deleted conversation again, as it was. Raises UnknownConversation once its time is over."""
        with self._database.write() as db:
            self._purge(db)
            db.execute("UPDATE talks SET deleted_at = NULL WHERE id = ? AND owner = ?", (sound(talk_id), owner))
            return own_talk(db, owner, talk_id)

    def expire(self) -> None:
        """Deletes for good what was deleted too long ago to be taken back; writes nothing where there is nothing."""
        with self._database.read() as db:
            old = db and db.execute("SELECT 1 FROM talks WHERE deleted_at < ?", (self._oldest(),)).fetchone()
        if old:
            with self._database.write() as db:
                self._purge(db)

    def _purge(self, db: sqlite3.Connection) -> None:
        db.execute("DELETE FROM talks WHERE deleted_at < ?", (self._oldest(),))

    def _oldest(self) -> str:
        return _text(datetime.now(UTC) - self._undo)

    # Reading

    def list(self, owner: str, search: str = "") -> tuple[Talk, ...]:
        """The owner's conversations, the latest first; with `search` those that hold each of its words.

        Looked for in names, questions and answers, whatever the script, width and case.
        """
        words = matching_form(sound(search)[:MAX_SEARCH]).split()
        has = "(instr(t.form, ?) OR EXISTS (SELECT 1 FROM turns n WHERE n.talk = t.id AND instr(n.form, ?)))"
        wanted = "".join(f" AND {has}" for _ in words)
        query = (
            f"SELECT {TALK} FROM talks t WHERE t.owner = ? AND t.deleted_at IS NULL{wanted} "
            f"ORDER BY t.changed_at DESC, t.rowid DESC LIMIT {MAX_LISTED}"
        )
        with self._database.read() as db:
            values = (owner, *(word for word in words for _ in range(2)))
            return tuple(Talk(*row) for row in db.execute(query, values)) if db else ()

    def talk(self, owner: str, talk_id: str) -> Talk:
        """Raises UnknownConversation."""
        with self._database.read() as db:
            return own_talk(db, owner, talk_id)

    def turns(self, owner: str, talk_id: str) -> tuple[SavedTurn, ...]:
        """The turns in order, of very many the latest. Raises UnknownConversation."""
        with self._database.read() as db:
            talk = own_talk(db, owner, talk_id)
            query = (
                "SELECT n.number, n.question, n.answer, n.asked_at, n.context, f.kind, f.note, f.at FROM turns n "
                f"LEFT JOIN feedback f ON f.turn = n.row WHERE n.talk = ? ORDER BY n.number DESC LIMIT {MAX_TURNS}"
            )
            rows = db.execute(query, (talk.id,)).fetchall() if db else []
        return tuple(
            SavedTurn(
                number,
                question,
                self._answer(answer),
                asked_at,
                Feedback(kind, *said) if kind else None,
                self._loaded(context),
            )
            for number, question, answer, asked_at, context, kind, *said in reversed(rows)
        )

    def _answer(self, stored: str | None) -> Answer | None:
        try:
            return None if stored is None else Answer.from_json(self._loaded(stored))
        except ValueError as error:
            raise self._database.damaged(str(error)) from error

    def _loaded(self, stored: str) -> Any:
        try:
            return json.loads(stored)
        except (ValueError, RecursionError) as error:
            raise self._database.damaged(str(error)) from error

    # Feedback

    def feedback(self, owner: str, talk_id: str, number: int, kind: FeedbackKind | None, note: str = "") -> None:
        """Keeps what a person says of an answer, in place of what they said before; None takes it back.

        The whole record of the answer is kept with it. Raises UnknownConversation, also for a turn that is not
        there, and InputRefused for a note that is too long.
        """
        note = sound(note).strip()
        if len(note) > MAX_NOTE:
            raise InputRefused(
                f"说明有 {len(note)} 字,超过上限 {MAX_NOTE} 字:请改短。",
                f"the note has {len(note)} characters, over the bound of {MAX_NOTE}: shorten it.",
            )
        with self._database.write() as db:
            talk = own_talk(db, owner, talk_id)
            query = "SELECT row, question, answer, asked_at, context FROM turns WHERE talk = ? AND number = ?"
            found = db.execute(query, (talk.id, number)).fetchone()
            if found is None:
                raise UnknownConversation
            db.execute("DELETE FROM feedback WHERE turn = ?", found[:1])
            if kind is not None:
                row, question, answer, asked_at, context = found
                history = turns_before(db, talk.id, number)
                record = answer_record(question, self._answer(answer), asked_at, self._loaded(context), history)
                stored = _json({"id": f"{talk.id}-{row}", **record})
                db.execute("INSERT INTO feedback VALUES (?,?,?,?,?,?)", (row, talk.id, kind, note, _now(), stored))

    def records(self, owner: str | None = None) -> Iterator[dict[str, Any]]:
        """Each answer of which something was said, with its question, history, spans and circumstances, oldest first.

        Of one owner, or of all; names of owners are not among it.
        """
        query = (
            "SELECT f.record, f.kind, f.note, f.at FROM feedback f JOIN talks t ON t.id = f.talk "
            "WHERE t.deleted_at IS NULL AND (?1 IS NULL OR t.owner = ?1) ORDER BY f.at, f.turn"
        )
        with self._database.read() as db:
            for record, kind, note, at in db.execute(query, (owner,)) if db else ():
                yield {**json.loads(record), "feedback": {"kind": kind, "note": note, "at": at}}


def _shortened(question: str) -> str:
    title = " ".join(question.split()) or "…"
    return title if len(title) <= MAX_FIRST_TITLE else title[: MAX_FIRST_TITLE - 1] + "…"


def _json(value: Mapping[str, Any]) -> str:
    return sound(json.dumps(value, ensure_ascii=False))


def _now() -> str:
    return _text(datetime.now(UTC))


def _text(time: datetime) -> str:
    return time.isoformat(timespec="milliseconds")
