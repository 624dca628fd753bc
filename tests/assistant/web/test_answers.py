from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from assistant import Answer, Fate
from assistant.web.answers import answer_html, next_questions, tools
from assistant.web.texts import Words

ZH, EN = Words("zh"), Words("en")


def test_a_sentence_is_copied_with_its_own_sources(answered: Answer, read: Callable[[str], Any]) -> None:
    seen = read(answer_html(answered, 2, True, {}, ZH))
    short, *copied = [one["data-copy"] for one in seen.having("data-copy")]
    assert short == "超2000万标准箱[《天津市推进京津冀协同发展情况报告》,第12段]"
    assert copied[0] == f"{answered.sentences[0].text}[《天津市推进京津冀协同发展情况报告》,第12段]"
    assert len(copied) == len(answered.sentences)


def test_of_several_documents_each_sentence_names_its_own(answered: Answer, read: Callable[[str], Any]) -> None:
    first, *others = answered.citations
    several = replace(answered, citations=(replace(first, document_id="d2", document_title="另一份报告"), *others))
    named = [
        one["title"]
        for one in read(answer_html(several, 2, True, {}, ZH)).having("title")
        if one.get("class") == "from"
    ]
    assert named == ["《另一份报告》", "《天津市推进京津冀协同发展情况报告》"]
    assert 'class="from"' not in answer_html(answered, 2, True, {}, ZH)


def test_a_mark_carries_its_quote_and_its_source(answered: Answer, read: Callable[[str], Any]) -> None:
    marks = read(answer_html(answered, 2, True, {}, ZH)).having("data-quote")
    assert [one["data-quote"] for one in marks] == [c.quote for c in answered.citations]
    assert marks[0]["data-from"] == "《天津市推进京津冀协同发展情况报告》,第12段"


def test_the_words_around_the_quotes_are_in_the_language_of_the_question(answered: Answer) -> None:
    english = replace(answered, question="How is the port?", missing="the year 2030")
    assert "Not in the documents: the year 2030" in answer_html(english, 2, True, {}, ZH)
    assert "文件中没有:" in answer_html(replace(answered, missing="2030年"), 2, True, {}, EN)


@pytest.mark.parametrize(("state", "said"), [("replaced", "已替换(2026-03-04)"), ("removed", "已撤回(2026-03-04)")])
def test_a_source_that_has_gone_is_marked_with_the_date(answered: Answer, state: Any, said: str) -> None:
    html = answer_html(answered, 2, True, {"d1": Fate(state, "2026-03-04T05:06:07.000+00:00")}, ZH)
    assert f"《天津市推进京津冀协同发展情况报告》{said}" in html
    assert html.count("departed") == 1 and answered.sentences[0].text in html


def test_a_source_that_is_there_is_not_marked(answered: Answer) -> None:
    assert "departed" not in answer_html(answered, 2, True, {"d1": Fate("present"), "other": Fate("removed")}, ZH)


def test_the_word_that_was_said_is_pressed_and_asks_what_is_wrong(answered: Answer, read: Callable[[str], Any]) -> None:
    seen = read(tools(answered, "wrong_number", 3, ZH))
    assert [one["data-kind"] for one in seen.having("aria-pressed") if one["aria-pressed"] == "true"] == [
        "wrong_number"
    ]
    assert {one["data-turn"] for one in seen.having("data-turn")} == {"3"}
    assert "input" in [tag for tag, _ in seen.tags]
    assert "<input" not in tools(answered, "helpful", 3, ZH) and "<input" not in tools(answered, "", 3, ZH)


def test_only_what_was_not_found_can_be_said_to_be_there(answered: Answer, not_found: Answer) -> None:
    assert "should_have_been_found" in tools(not_found, "", 1, ZH)
    assert "should_have_been_found" not in tools(answered, "", 1, ZH)


def test_further_questions_are_escaped_and_asked_by_a_click(evil: str, read: Callable[[str], Any]) -> None:
    seen = read(next_questions((evil, "二?"), True, ZH))
    assert [(one["data-act"], one["data-ask"]) for one in seen.having("data-ask")] == [("ask", evil), ("ask", "二?")]
    assert "img" not in [tag for tag, _ in seen.tags]
    assert next_questions((), True, ZH) == ""
    assert ZH("reworded_questions") in next_questions(("一?",), False, ZH)
