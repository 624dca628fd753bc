import re
from dataclasses import replace
from io import BytesIO
from zipfile import ZipFile

import pytest
from docx import Document
from docx.oxml.ns import qn
from lxml import etree

from assistant import Answer, Fate, SavedTurn, Talk
from assistant.web.exporting import export
from assistant.web.texts import Words
from assistant.web.word import word

ZH = Words("zh")
TALK = Talk("t1", "王芳", "天津港", "2024-05-06T00:00:00.000+00:00", "2024-05-06T12:00:00.000+00:00", 1)
GONE = {"d1": Fate("replaced", "2026-11-20T12:00:00.000+00:00", "d2")}
W = {"w": "http://schemas.openxmlformats.org/wordprocessingml/2006/main"}


def made(answer: Answer | None, title: str = "天津港", fates: dict[str, Fate] | None = None) -> bytes:
    turn = SavedTurn(1, "天津港怎样?", answer, TALK.created_at)
    return word(export(replace(TALK, title=title), [turn], fates or {}, ZH), ZH)


def part(data: bytes, name: str) -> etree._Element:
    with ZipFile(BytesIO(data)) as archive:
        return etree.fromstring(archive.read(name))


def text(element: etree._Element) -> str:
    return "".join(str(t.text) for t in element.iterfind(".//w:t", W))


def test_each_sentence_refers_to_footnotes_of_their_own_that_hold_source_and_quote(answered: Answer) -> None:
    data = made(answered, fates=GONE)
    body, notes = part(data, "word/document.xml"), part(data, "word/footnotes.xml")
    by_id = {note.get(qn("w:id")): text(note) for note in notes.iterfind("w:footnote", W)}
    followed: list[str] = []
    for paragraph in body.iterfind(".//w:p", W):
        ids = [one.get(qn("w:id")) for one in paragraph.iterfind(".//w:footnoteReference", W)]
        if ids:
            followed.append(text(paragraph))
            for number in ids:
                citation = answered.citations[int(number or 0) - 1]
                assert by_id[number] == (
                    f" 《{citation.document_title}》,第{citation.paragraph}段:“{citation.quote}” 已替换(2026-11-20)"
                )
    assert followed == [
        "吞吐量:2021年,天津港集装箱吞吐量完成超2000万标准箱。",
        "合作:29个泊位实现岸基供电全覆盖…津冀港口群合作持续深化。",
    ]
    assert set(by_id) == {"-1", "0", "1", "2", "3"}


def test_the_parts_are_tied_together_as_word_wants_them(answered: Answer) -> None:
    data = made(answered)
    with ZipFile(BytesIO(data)) as archive:
        types, relations = archive.read("[Content_Types].xml").decode(), archive.read("word/_rels/document.xml.rels")
    assert 'PartName="/word/footnotes.xml"' in types and b'relationships/footnotes" Target="footnotes.xml"' in relations
    kinds = [note.get(qn("w:type")) for note in part(data, "word/footnotes.xml").iterfind("w:footnote", W)]
    assert kinds == ["separator", "continuationSeparator", None, None, None]
    settings = [child.tag for child in part(data, "word/settings.xml")]
    named = part(data, "word/settings.xml").findall("w:footnotePr/w:footnote", W)
    assert [one.get(qn("w:id")) for one in named] == ["-1", "0"]
    assert settings.index(qn("w:footnotePr")) < settings.index(qn("w:compat"))
    styles = {one.get(qn("w:val")) for one in part(data, "word/styles.xml").iterfind("w:style/w:name", W)}
    assert {"footnote text", "footnote reference"} <= styles


def test_questions_are_headings_short_answers_bold_and_the_font_chinese(answered: Answer) -> None:
    document = Document(BytesIO(made(answered)))
    styled = [(p.style.name if p.style else "", p.text) for p in document.paragraphs]
    assert styled[0] == ("Title", "天津港") and ("Heading 1", "天津港怎样?") in styled
    (short,) = [p for p in document.paragraphs if p.text == "超2000万标准箱"]
    assert short.runs[0].bold
    at = styled.index(("Heading 1", "出处"))
    assert styled[at + 1 :] == [("List Number", "《天津市推进京津冀协同发展情况报告》,report.txt")]
    fonts = part(made(answered), "word/styles.xml").find("w:style[@w:styleId='Normal']/w:rPr/w:rFonts", W)
    assert fonts is not None and fonts.get(qn("w:eastAsia")) == "宋体"
    assert document.core_properties.title == "天津港" and document.core_properties.author == "协同问答"


def test_a_note_that_two_sentences_use_is_a_footnote_for_each(answered: Answer) -> None:
    first, second = answered.sentences
    both = replace(answered, sentences=(first, replace(second, citations=(1,))))
    data = made(both)
    ids = [one.get(qn("w:id")) for one in part(data, "word/document.xml").iterfind(".//w:footnoteReference", W)]
    notes = [text(n) for n in part(data, "word/footnotes.xml").iterfind("w:footnote", W)][2:]
    assert ids == ["1", "2"] and notes[0] == notes[1]


@pytest.mark.parametrize(
    "evil", ["<w:b/>&amp;<img onerror=x>", "a\x00\x0b\x1f\ufffeb", "多\n行\t文\u2028字", "\ud800港"]
)
def test_nothing_of_a_text_becomes_markup_or_breaks_the_file(answered: Answer, evil: str) -> None:
    quotes = tuple(replace(c, quote=evil, document_title=evil) for c in answered.citations)
    data = made(replace(answered, citations=quotes, short_answer=evil, missing=evil), title=evil)
    shown = re.sub(r"[\x00\x1f\ufffe\ud800]", "", re.sub(r"[\n\t\x0b\u2028]+", " ", evil))
    assert Document(BytesIO(data)).paragraphs[0].text == shown
    notes = [text(note) for note in part(data, "word/footnotes.xml").iterfind("w:footnote", W)]
    assert all(f"“{shown}”" in note for note in notes[2:])


def test_what_was_not_found_and_what_was_not_answered_are_written(not_found: Answer) -> None:
    document = Document(BytesIO(made(not_found)))
    near = [p for p in document.paragraphs if p.style and p.style.name == "List Bullet"]
    assert not_found.answer in [p.text for p in document.paragraphs] and len(near) == 2
    assert "(未作答)" in [p.text for p in Document(BytesIO(made(None))).paragraphs]
