from dataclasses import replace

from assistant import Answer
from assistant.web.segments import copy_text, segments
from assistant.web.texts import Words

SOURCE = "《天津市推进京津冀协同发展情况报告》,第12段"


def test_layout_between_sentences_is_kept_and_marks_are_not(answered: Answer) -> None:
    assert [(s.before, s.citations) for s in segments(answered)] == [("吞吐量:", (1,)), ("\n合作:", (2, 3))]
    assert [s.text for s in segments(answered)] == [s.text for s in answered.sentences]


def test_a_mark_in_the_words_of_a_document_stays(answered: Answer) -> None:
    first = replace(answered.sentences[0], text="见附件[1]的说明。")
    answer = replace(answered, answer="见附件[1]的说明。[1]", sentences=(first,))
    assert [(s.before, s.text) for s in segments(answer)] == [("", "见附件[1]的说明。")]


def test_a_sentence_that_the_answer_does_not_hold_is_shown_all_the_same(answered: Answer) -> None:
    answer = replace(answered, answer="别的话")
    assert [s.text for s in segments(answer)] == [s.text for s in answered.sentences]


def test_copied_text_names_title_and_paragraph_after_each_sentence(answered: Answer) -> None:
    lines = copy_text(answered, Words("zh")).split("\n")
    assert lines[0] == f"吞吐量:{answered.sentences[0].text}[{SOURCE}]"
    assert lines[1] == f"合作:{answered.sentences[1].text}[{SOURCE};{SOURCE.replace('12', '13')}]"


def test_copied_text_names_a_source_once_and_its_page(answered: Answer) -> None:
    first, second, _ = answered.citations
    answer = replace(answered, citations=(first, replace(second, page=3), replace(second, page=3, number=3)))
    assert copy_text(answer, Words("zh")).endswith(f"[{SOURCE},第3页]")


def test_copied_text_of_an_answer_without_sentences_is_its_message(not_found: Answer) -> None:
    assert copy_text(not_found, Words("en")) == not_found.answer
