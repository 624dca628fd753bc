from collections.abc import Callable
from typing import Any

from assistant import Document, Retrieved
from assistant.web.finder import found_list, marked
from assistant.web.texts import Words

ZH = Words("zh")


def found(text: str, document_id: str = "d1") -> Retrieved:
    return Retrieved(document_id, "a.txt", f"{document_id}-1", 3, 2, text, 10, 10 + len(text), 0.9)


def test_words_of_the_query_are_marked_where_they_stand(read: Callable[[str], Any]) -> None:
    seen = read(marked("天津港集装箱<b>与gdp增长", "天津港 GDP 的"))
    assert seen.marked == "天津港gdp" and seen.text == "天津港集装箱<b>与gdp增长"
    assert marked("a.b", "...") == "a.b"


def test_a_passage_leads_to_its_place(make_document: Callable[..., Document], read: Callable[[str], Any]) -> None:
    seen = read(found_list("港", [found("天津港")], {"d1": make_document("d1", "报告", "a.txt")}, ZH))
    assert seen.having("data-place")[0]["data-place"] == "d1:10:13"
    assert "《报告》,第3段,第2页" in seen.text


def test_passages_of_a_document_removed_meanwhile_are_left_out(make_document: Callable[..., Document]) -> None:
    html = found_list("港", [found("甲"), found("乙", "d2")], {"d2": make_document("d2", "报告", "a.txt")}, ZH)
    assert "甲" not in html and "乙" in html


def test_nothing_found_is_said(evil: str, read: Callable[[str], Any]) -> None:
    assert ZH("find_nothing") in found_list("x", [], {}, ZH)
    assert "img" not in [tag for tag, _ in read(marked(evil, evil)).tags]
