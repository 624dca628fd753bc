import json
import sqlite3
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from assistant import (
    Answer,
    Assistant,
    Citation,
    Conversations,
    InputRefused,
    Library,
    LibraryUnusable,
    Retrieved,
    Sentence,
    Settings,
    UnknownConversation,
    answer_context,
)
from assistant.conversations import MAX_FIRST_TITLE, MAX_NOTE, MAX_TITLE
from assistant.records import KEPT
from assistant.types import Timings
from index import LibraryTooNew, back_up, restore

PORT = "天津港\n2021年,天津港集装箱吞吐量完成超2000万标准箱,比上年增长10.4%。"
QUOTE = "天津港集装箱吞吐量完成超2000万标准箱"
CONTEXT = {"generation": 3, "documents": [{"id": "d1", "sha256": "ab", "added_at": "2024-01-01"}]}
ME, OTHER = "王芳", "李强"


def citation(number: int | None = 1) -> Citation:
    return Citation(
        number, "d1", "报告", "report.txt", "d1-0", ("一、港口",), 2, None, 10, 28, QUOTE, PORT, 0, len(PORT), 0.9
    )  # fmt: skip


def answer(question: str = "吞吐量多少?", said: str = QUOTE) -> Answer:
    return Answer(
        question,
        "answered",
        f"{said}。[1]",
        "fake",
        short_answer="超2000万标准箱",
        sentences=(Sentence(f"{said}。", (1,)),),
        citations=(citation(),),
        retrieved=(Retrieved("d1", "report.txt", "d1-0", 2, None, PORT, 0, len(PORT), 0.9),),
        nearest=(citation(None),),
        confidence=0.75,
        timings_ms=Timings(12.5, 1.0),
    )


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "数据" / "conversations.db"


@pytest.fixture
def kept(path: Path) -> Conversations:
    return Conversations(path)


def asked(kept: Conversations, *questions: str, owner: str = ME) -> str:
    """A conversation of these questions; its id."""
    talk = kept.begin(owner, questions[0])
    for question in questions:
        kept.save_turn(owner, talk.id, question, answer(question), CONTEXT)
    return talk.id


def titles(kept: Conversations, search: str = "", owner: str = ME) -> list[str]:
    return [talk.title for talk in kept.list(owner, search)]


# The answer object and its inverse


def test_an_answer_comes_back_from_json_as_it_was() -> None:
    for one in (answer(), Answer("?", "invalid", "问题为空", "fake"), replace(answer(), status="not_found")):
        assert Answer.from_json(json.loads(json.dumps(one.to_json("q1")))) == one


@pytest.mark.parametrize(
    "harm", [{"status": "perhaps"}, {"answer": None}, {"citations": [{}]}, {"sentences": "x"}, {"confidence": "high"}]
)
def test_what_is_no_answer_object_is_refused(harm: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=next(iter(harm))):
        Answer.from_json({**json.loads(json.dumps(answer().to_json())), **harm})


# Saving and reading


def test_nothing_is_written_until_something_is_saved(kept: Conversations, path: Path) -> None:
    assert kept.list(ME) == () and list(kept.records()) == []
    kept.expire()
    with pytest.raises(UnknownConversation):
        kept.turns(ME, "x")
    assert not path.parent.exists()
    kept.begin(ME, "天津港?")
    assert path.is_file()


def test_turns_come_back_whole_and_in_order_from_another_object(kept: Conversations, path: Path) -> None:
    talk = kept.begin(ME, "吞吐量多少?")
    assert kept.save_turn(ME, talk.id, "吞吐量多少?", answer(), CONTEXT) == 1
    assert kept.save_turn(ME, talk.id, "后来呢?", None, {}) == 2
    first, second = Conversations(path).turns(ME, talk.id)
    assert (first.number, first.question, first.answer, first.feedback) == (
        1,
        "吞吐量多少?",
        answer(),
        None,
    ) and first.context == CONTEXT
    assert (second.number, second.question, second.answer) == (2, "后来呢?", None)
    assert talk.created_at <= first.asked_at <= second.asked_at
    (listed,) = Conversations(path).list(ME)
    assert (listed.id, listed.owner, listed.turns, listed.changed_at) == (talk.id, ME, 2, second.asked_at)
    assert Conversations(path).talk(ME, talk.id) == listed


def test_the_title_is_the_first_question_on_one_line_and_not_too_long(kept: Conversations) -> None:
    assert kept.begin(ME, "  天津港\n 怎样? ").title == "天津港 怎样?"
    long = kept.begin(ME, "港" * 200).title
    assert len(long) == MAX_FIRST_TITLE and long.endswith("…")
    assert kept.begin(ME, " \n").title == "…"


def test_ids_are_long_random_and_safe_in_an_address(kept: Conversations) -> None:
    ids = {kept.begin(ME, "同一个问题").id for _ in range(20)}
    assert len(ids) == 20 and all(len(one) >= 20 and set(one) <= ID_LETTERS for one in ids)


ID_LETTERS = set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_")


def test_the_conversation_that_went_on_last_comes_first(kept: Conversations) -> None:
    first, second = asked(kept, "一"), asked(kept, "二")
    assert titles(kept) == ["二", "一"]
    kept.save_turn(ME, first, "三", answer(), {})
    assert titles(kept) == ["一", "二"]
    kept.rename(ME, second, "改名")
    assert titles(kept) == ["一", "改名"], "a new name is no new turn"


def test_half_a_surrogate_pair_is_stored_as_a_question_mark(kept: Conversations) -> None:
    talk = asked(kept, "天津\ud800港")
    assert kept.turns(ME, talk)[0].question == "天津?港"
    assert titles(kept, "\ud800") == ["天津?港"]
    with pytest.raises(UnknownConversation):
        kept.turns(ME, "\ud800")


def test_of_very_many_turns_the_latest_are_loaded(kept: Conversations, monkeypatch: pytest.MonkeyPatch) -> None:
    talk = asked(kept, *map(str, range(1, 8)))
    monkeypatch.setattr("assistant.conversations.MAX_TURNS", 3)
    assert [turn.number for turn in kept.turns(ME, talk)] == [5, 6, 7] and kept.list(ME)[0].turns == 7


# Changing


def test_an_edited_question_drops_what_followed(kept: Conversations) -> None:
    talk = asked(kept, "一", "二", "三")
    kept.cut(ME, talk, 2)
    assert [turn.question for turn in kept.turns(ME, talk)] == ["一"]
    assert kept.save_turn(ME, talk, "二改", answer(), {}) == 2
    assert [turn.question for turn in kept.turns(ME, talk)] == ["一", "二改"]
    assert titles(kept, "三") == []


def test_a_name_has_bounds(kept: Conversations) -> None:
    talk = asked(kept, "一")
    assert kept.rename(ME, talk, " 港口\n问答 ").title == "港口 问答"
    for bad in ("", " \n", "长" * (MAX_TITLE + 1)):
        with pytest.raises(InputRefused, match=str(MAX_TITLE)):
            kept.rename(ME, talk, bad)
    assert titles(kept) == ["港口 问答"]


def test_a_deleted_conversation_is_gone_and_can_be_taken_back(kept: Conversations) -> None:
    talk = asked(kept, "一", "二")
    kept.feedback(ME, talk, 1, "helpful")
    assert kept.delete(ME, talk).title == "一"
    assert titles(kept) == [] and titles(kept, "二") == [] and list(kept.records()) == []
    for use in (kept.turns, kept.delete, kept.talk):
        with pytest.raises(UnknownConversation):
            use(ME, talk)
    with pytest.raises(UnknownConversation):
        kept.take_back(OTHER, talk)
    assert kept.take_back(ME, talk).turns == 2 and len(list(kept.records())) == 1


def test_after_its_time_a_deleted_conversation_is_nowhere_in_the_file(path: Path) -> None:
    kept = Conversations(path, undo_seconds=-1)
    talk = asked(kept, "海底隧道预算保密")
    kept.feedback(ME, talk, 1, "wrong_number", "备注")
    kept.delete(ME, talk)
    with pytest.raises(UnknownConversation):
        kept.take_back(ME, talk)
    with sqlite3.connect(path) as db:
        assert [db.execute(f"SELECT count(*) FROM {t}").fetchone() for t in ("talks", "turns", "feedback")] == [
            (0,)
        ] * 3
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    assert "海底隧道预算保密".encode() not in path.read_bytes()


def test_expiry_deletes_what_is_old_and_writes_nothing_where_nothing_is(path: Path) -> None:
    talk = asked(Conversations(path), "一")
    Conversations(path).delete(ME, talk)
    Conversations(path).expire()
    assert Conversations(path).take_back(ME, talk).id == talk
    Conversations(path).delete(ME, talk)
    Conversations(path, undo_seconds=-1).expire()
    with pytest.raises(UnknownConversation):
        Conversations(path).take_back(ME, talk)


# Whose it is


def test_another_s_conversation_is_as_unknown_as_none(kept: Conversations) -> None:
    mine = asked(kept, "我的问题")
    tries: list[Callable[[str], object]] = [
        lambda talk: kept.turns(OTHER, talk),
        lambda talk: kept.talk(OTHER, talk),
        lambda talk: kept.save_turn(OTHER, talk, "问", answer(), {}),
        lambda talk: kept.cut(OTHER, talk, 1),
        lambda talk: kept.rename(OTHER, talk, "名"),
        lambda talk: kept.delete(OTHER, talk),
        lambda talk: kept.take_back(OTHER, talk),
        lambda talk: kept.feedback(OTHER, talk, 1, "helpful"),
    ]
    said = set()
    for use in tries:
        for talk in (mine, "no-such-talk", "", "' OR 1=1 --"):
            with pytest.raises(UnknownConversation) as refusal:
                use(talk)
            said.add(str(refusal.value))
    assert len(said) == 1, "nobody learns which ids there are"
    assert titles(kept, owner=OTHER) == [] and titles(kept, "我的", owner=OTHER) == []
    assert [turn.question for turn in kept.turns(ME, mine)] == ["我的问题"] and list(kept.records(OTHER)) == []


# Searching


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("港", {"港口", "铁路"}),  # one character, in a title and in an answer
        ("湿地", {"湿地"}),
        ("濕地", {"湿地"}),  # traditional
        ("２０２１", {"港口"}),  # full width
        ("pdf", {"湿地"}),
        ("PDF 面积", {"湿地"}),  # all words, wherever they stand
        ("PDF 港", set()),
        ("100%", {"铁路"}),
        ("%", {"铁路"}),
        ("_", set()),
        ("answered", set()),  # a key or value of the record is no word of the conversation
        ("", {"港口", "湿地", "铁路"}),
    ],
)
def test_titles_questions_and_answers_are_searched(kept: Conversations, search: str, found: set[str]) -> None:
    for title, question, said in (
        ("港口", "2021年怎样?", "增长"),
        ("湿地", "七里海湿地的面积?", "见 PDF 附件"),
        ("铁路", "京滨铁路?", "通往天津港,完成100%"),
    ):
        talk = kept.begin(ME, title)
        kept.save_turn(ME, talk.id, question, answer(question, said), {})
    assert set(titles(kept, search)) == found


# Feedback


def test_feedback_stays_with_its_turn_is_changed_and_taken_back(kept: Conversations) -> None:
    talk = asked(kept, "一", "二")
    kept.feedback(ME, talk, 2, "wrong_number", " 应为 2100 万 ")
    first, second = kept.turns(ME, talk)
    assert first.feedback is None and second.feedback
    assert (second.feedback.kind, second.feedback.note) == ("wrong_number", "应为 2100 万")
    kept.feedback(ME, talk, 2, "helpful")
    again = kept.turns(ME, talk)[1].feedback
    assert again and (again.kind, again.note) == ("helpful", "")
    kept.feedback(ME, talk, 2, None)
    assert kept.turns(ME, talk)[1].feedback is None and list(kept.records()) == []


def test_feedback_is_refused_for_no_turn_and_for_a_note_without_end(kept: Conversations) -> None:
    talk = asked(kept, "一")
    with pytest.raises(UnknownConversation):
        kept.feedback(ME, talk, 2, "helpful")
    with pytest.raises(InputRefused, match=str(MAX_NOTE)):
        kept.feedback(ME, talk, 1, "helpful", "长" * (MAX_NOTE + 1))
    assert list(kept.records()) == []


def test_a_record_says_what_was_asked_answered_and_held_then(kept: Conversations) -> None:
    talk = asked(kept, "一", "二")
    other = asked(kept, "别人的问题", owner=OTHER)
    kept.feedback(ME, talk, 2, "wrong_source", "应引第3段")
    kept.feedback(OTHER, other, 1, "helpful")
    first, second = kept.records()
    assert first == next(kept.records(ME)) and second["question"] == "别人的问题"
    assert (first["question"], first["status"], first["answer"]) == ("二", "answered", f"{QUOTE}。[1]")
    assert first["history"] == [{"question": "一", "answer": f"{QUOTE}。[1]"}]
    assert {name: first["spans"][0][name] for name in ("document_id", "sha256", "start", "end", "quote")} == {
        "document_id": "d1", "sha256": "ab", "start": 10, "end": 28, "quote": QUOTE,
    }  # fmt: skip
    assert first["generation"] == 3 and first["nearest"][0]["quote"] == QUOTE
    assert (first["feedback"]["kind"], first["feedback"]["note"]) == ("wrong_source", "应引第3段")
    assert first["feedback"]["at"] >= first["asked_at"] and first["id"] != second["id"]
    assert ME not in json.dumps([first, second], ensure_ascii=False)


def test_what_was_said_of_an_answer_outlasts_the_answer_s_replacement(kept: Conversations) -> None:
    talk = asked(kept, "一", "二")
    kept.feedback(ME, talk, 2, "wrong_number")
    kept.cut(ME, talk, 2)
    kept.save_turn(ME, talk, "二改", answer(), CONTEXT)
    kept.feedback(ME, talk, 2, "helpful")
    assert [(r["question"], r["feedback"]["kind"]) for r in kept.records()] == [
        ("二", "wrong_number"),
        ("二改", "helpful"),
    ]
    assert len({r["id"] for r in kept.records()}) == 2


def test_the_context_of_an_answer_names_documents_library_program_and_settings(
    library: Library, write: Callable[..., Path], tmp_path: Path
) -> None:
    document = library.document(library.add(write("port.txt", PORT)).id or "")
    library.add(write("lake.txt", "七里海湿地得到保护。"))
    settings = Settings.load(tmp_path, {})
    found = Assistant(library, tmp_path, 100).ask("天津港集装箱吞吐量完成多少", documents=[document.id])
    context = json.loads(json.dumps(answer_context(library, settings, found, [document.id])))
    (held,) = context["documents"]
    assert held == {name: getattr(document, name) for name in KEPT} and held["sha256"] == document.sha256
    assert context["generation"] == library.generation and context["within"] == [document.id]
    assert context["model"] == library.model and context["settings"]["min_confidence"] == settings.min_confidence
    assert context["program"]


# Several at once, damage, backup


def test_threads_and_objects_save_side_by_side_and_lose_nothing(path: Path) -> None:
    talk = Conversations(path).begin(ME, "一").id
    numbers: list[int] = []

    def work() -> None:
        kept = Conversations(path)
        numbers.extend(kept.save_turn(ME, talk, "问", answer(), {}) for _ in range(10))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(numbers) == list(range(1, 41)) == [turn.number for turn in Conversations(path).turns(ME, talk)]


def test_a_newer_file_is_refused_and_left_as_it_is(kept: Conversations, path: Path) -> None:
    talk = asked(kept, "一")
    with sqlite3.connect(path) as db:
        db.execute("PRAGMA user_version = 9")
    for use in (lambda: kept.list(ME), lambda: kept.save_turn(ME, talk, "二", answer(), {})):
        with pytest.raises(LibraryTooNew, match=r"format 9.*upgrade") as refusal:
            use()
        assert "9" in refusal.value.zh
    with sqlite3.connect(path) as db:
        assert db.execute("SELECT count(*) FROM turns").fetchone() == (1,)


def test_a_file_that_is_no_database_is_damaged_and_left_as_it_is(kept: Conversations, path: Path) -> None:
    path.parent.mkdir()
    path.write_bytes(b"this is no database. " * 500)
    for use in (lambda: kept.list(ME), lambda: kept.begin(ME, "一")):
        with pytest.raises(LibraryUnusable, match=r"are damaged.*backup") as refusal:
            use()
        assert "已损坏" in refusal.value.zh and str(path) in refusal.value.zh
    assert path.read_bytes() == b"this is no database. " * 500


def test_an_answer_that_cannot_have_been_stored_is_damage(kept: Conversations, path: Path) -> None:
    talk = asked(kept, "一")
    for stored in ("{", '{"question": 1}', "[" * 10_000):
        with sqlite3.connect(path) as db:
            db.execute("UPDATE turns SET answer = ?", (stored,))
        with pytest.raises(LibraryUnusable, match="are damaged"):
            kept.turns(ME, talk)


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("天津")
    kept = Conversations(tmp_path / "file" / "conversations.db")
    assert kept.list(ME) == ()
    with pytest.raises(LibraryUnusable, match="cannot be written"):
        kept.begin(ME, "一")


def test_a_change_that_fails_half_way_leaves_all_as_it_was(kept: Conversations) -> None:
    talk = asked(kept, "一")
    with pytest.raises(TypeError):
        kept.save_turn(ME, talk, "二", answer(), {"no": object()})
    assert [turn.question for turn in kept.turns(ME, talk)] == ["一"]
    with pytest.raises(KeyboardInterrupt), kept._database.write() as db:
        db.execute("DELETE FROM talks")
        raise KeyboardInterrupt
    assert titles(kept) == ["一"]


def test_a_backup_carries_conversations_and_a_restore_brings_them_back(
    library: Library, write: Callable[..., Path], tmp_path: Path
) -> None:
    library.add(write("port.txt", PORT))
    kept = Conversations(library.folder / "conversations.db")
    talk = asked(kept, "一", "二")
    kept.feedback(ME, talk, 1, "helpful", "好")
    archive = tmp_path / "library.zip"
    back_up(library.folder, archive)
    before = kept.turns(ME, talk)
    kept.delete(ME, talk)
    asked(kept, "之后")
    restore(library.folder, archive, force=True)
    assert titles(kept) == ["一"] and kept.turns(ME, talk) == before
    assert all(check.ok for check in library.doctor())


def test_a_library_that_is_emptied_keeps_conversations(library: Library, write: Callable[..., Path]) -> None:
    document_id = library.add(write("port.txt", PORT)).id or ""
    kept = Conversations(library.folder / "conversations.db")
    talk = asked(kept, "一")
    library.remove(document_id)
    library.sweep()
    assert len(kept.turns(ME, talk)) == 1 and all(check.ok for check in library.doctor())
