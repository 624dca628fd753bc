from dataclasses import replace

import pytest

from assistant import Answer, Fate, SavedTurn, Talk
from assistant.web.exporting import MAX_NAME, Note, cited, export, fate_mark, file_name
from assistant.web.texts import Words

ZH, EN = Words("zh"), Words("en")
TALK = Talk("t1", "王芳", "天津港", "2024-05-06T00:00:00.000+00:00", "2024-05-06T12:00:00.000+00:00", 1)
FACTS = {"documents": [{"id": "d1", "sha256": "0", "date": "2022-01-25", "period": "2021", "publisher": "市政府"}]}
TITLE = "《天津市推进京津冀协同发展情况报告》"
REPLACED = {"d1": Fate("replaced", "2026-11-20T12:00:00.000+00:00", "d2")}
REMOVED = {"d1": Fate("removed", "2026-11-20T12:00:00.000+00:00")}


def turn(answer: Answer | None, number: int = 1, context: dict[str, object] | None = None) -> SavedTurn:
    return SavedTurn(number, "天津港怎样?", answer, TALK.created_at, None, FACTS if context is None else context)


def test_each_sentence_is_followed_by_its_notes_and_each_document_stands_once_in_the_list(answered: Answer) -> None:
    made = export(TALK, [turn(answered)], {}, ZH)
    (section,) = made.sections
    assert (section.question, section.short) == ("天津港怎样?", "超2000万标准箱")
    assert [(piece.text, piece.notes) for piece in section.pieces] == [
        ("2021年,天津港集装箱吞吐量完成超2000万标准箱。", (1,)),
        ("29个泊位实现岸基供电全覆盖…津冀港口群合作持续深化。", (2, 3)),
    ]
    assert [note.quote for note in made.notes] == [citation.quote for citation in answered.citations]
    paragraph = answered.citations[0].paragraph
    assert made.notes[0] == Note(f"{TITLE},2022-01-25,第{paragraph}段", answered.citations[0].quote, "")
    assert made.sources == (f"{TITLE},市政府,2022-01-25,report.txt",)


def test_the_layout_of_an_answer_stays_between_its_sentences(answered: Answer) -> None:
    pieces = export(TALK, [turn(answered)], {}, ZH).sections[0].pieces
    assert [piece.before for piece in pieces] == ["吞吐量:", "\n合作:"]


def test_a_quote_that_several_turns_use_is_one_note(answered: Answer) -> None:
    made = export(TALK, [turn(answered), turn(answered, 2)], {}, ZH)
    assert len(made.notes) == 3
    assert [p.notes for p in made.sections[0].pieces] == [p.notes for p in made.sections[1].pieces]


def test_the_page_and_what_is_known_of_the_document_are_named(answered: Answer) -> None:
    on_page = replace(answered, citations=tuple(replace(c, page=3) for c in answered.citations))
    paragraph = answered.citations[0].paragraph
    (note, *_) = export(TALK, [turn(on_page, context={})], {}, EN).notes
    assert note.source == f"天津市推进京津冀协同发展情况报告, para. {paragraph}, p. 3"


@pytest.mark.parametrize(
    ("fates", "zh", "en"), [(REPLACED, "已替换", "replaced on"), (REMOVED, "已撤回", "withdrawn on")]
)
def test_what_became_of_a_document_stands_with_the_day_in_notes_and_sources(
    answered: Answer, fates: dict[str, Fate], zh: str, en: str
) -> None:
    made = export(TALK, [turn(answered)], fates, ZH)
    assert all(note.mark == f"{zh}(2026-11-20)" for note in made.notes) and made.sources[0].endswith(made.notes[0].mark)
    assert fate_mark(fates["d1"], EN) == f"{en} 2026-11-20"


def test_a_document_that_left_nobody_knows_when_is_marked_without_a_day() -> None:
    assert fate_mark(Fate("unknown"), ZH) == "已不在库中"


@pytest.mark.parametrize("fate", [None, Fate("present")])
def test_nothing_is_said_of_a_document_that_is_there(answered: Answer, fate: Fate | None) -> None:
    fates = {"d1": fate} if fate else {}
    assert all(note.mark == "" for note in export(TALK, [turn(answered)], fates, ZH).notes)


def test_what_was_not_found_keeps_its_nearest_passages(not_found: Answer) -> None:
    made = export(TALK, [turn(not_found)], {}, ZH)
    (section,) = made.sections
    assert [piece.text for piece in section.pieces] == [not_found.answer] and section.short == ""
    assert [near.notes for near in section.nearest] == [(1,), (2,)]
    assert [note.quote for note in made.notes] == [citation.quote for citation in not_found.nearest]


def test_a_question_without_an_answer_says_so() -> None:
    (section,) = export(TALK, [turn(None)], {}, ZH).sections
    assert section.remarks == ("(未作答)",) and section.pieces == ()


def test_what_is_missing_and_how_a_question_was_understood_are_said(answered: Answer) -> None:
    one = replace(answered, standalone_question="天津港2021年怎样?", missing="利润", short_unit="(TEU)")
    (section,) = export(TALK, [turn(one)], {}, ZH).sections
    assert section.about == "按此理解:天津港2021年怎样?" and section.remarks == ("文件中没有:利润",)
    assert section.short == "超2000万标准箱 (TEU)"


def test_all_documents_whose_fate_matters_are_asked_for(answered: Answer, not_found: Answer) -> None:
    other = replace(not_found, nearest=(replace(not_found.nearest[0], document_id="d9"),))
    assert cited([turn(answered), turn(None), turn(other)]) == ["d1", "d9"]


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("天津港吞吐量?", "天津港吞吐量.md"),
        ("../../etc/passwd", "etc passwd.md"),
        ('a\r\nb: "c" <d>|e?', "a b c d e.md"),
        ("\u202egnp.exe", "gnp.exe.md"),
        ("...", "xietong.md"),
        ("", "xietong.md"),
    ],
)
def test_a_file_s_name_is_a_name_only(title: str, name: str) -> None:
    assert file_name(replace(TALK, title=title), "md") == name


def test_a_file_s_name_has_a_bound() -> None:
    assert file_name(replace(TALK, title="港" * 300), "docx") == "港" * MAX_NAME + ".docx"
