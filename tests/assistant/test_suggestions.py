import pytest

from assistant import Answer, Assistant, suggestions
from assistant.suggestions import topic_of

ASKED = (
    "2021年天津港集装箱吞吐量是多少?",
    "引滦入津水质改善靠什么协议?",
    "《红楼梦》的作者是谁?",
    "What is the plan for Dongjiang?",
)


@pytest.mark.parametrize(
    ("heading", "topic"),
    [
        ("(三)加快建设北方国际航运枢纽,持续开创天津港蓬勃兴盛新局面", "加快建设北方国际航运枢纽"),
        ("一是打造世界一流智慧港口、绿色港口实现重要突破", "打造世界一流智慧港口"),
        ("(二)在推进重点领域深度协同上展现新作为", "推进重点领域深度协同"),
        ("第三章 生态环境", "生态环境"),
        ("（八）实施绿色低碳发展行动，加快建设美丽天津", "实施绿色低碳发展行动"),
        ("2.1 财政收支", "财政收支"),
        ("一、主要进展和成效", None),
        ("二、下一步工作安排", None),
        ("三、", None),
    ],
)
def test_a_topic_is_the_first_clause_of_a_heading_without_its_mark(heading: str, topic: str | None) -> None:
    assert topic_of(heading) == topic


@pytest.mark.parametrize("question", ASKED)
def test_every_suggestion_is_answered_with_something_new(question: str, report_assistant: Assistant) -> None:
    answer = report_assistant.ask(question)
    offered = suggestions(report_assistant, answer, [question])
    assert offered and len(offered) == len(set(offered)) <= 3
    shown = {(c.document_id, c.start) for c in answer.citations}
    for one in offered:
        told = report_assistant.ask(one)
        assert told.status == "answered"
        assert {(c.document_id, c.start) for c in told.citations} - shown


def test_a_figure_beside_the_answer_is_asked_for_in_words_that_find_it(report_assistant: Assistant) -> None:
    answer = report_assistant.ask("天津有多少家医院?")
    asked = [one for one in suggestions(report_assistant, answer) if "多少" in one]
    assert asked
    for one in asked:
        told = report_assistant.ask(one)
        assert told.short_answer and told.short_answer not in (answer.short_answer or "")


def test_what_was_asked_already_is_not_suggested(report_assistant: Assistant) -> None:
    answer = report_assistant.ask(ASKED[0])
    first = suggestions(report_assistant, answer)
    assert not set(first) & set(suggestions(report_assistant, answer, first))


def test_an_answer_without_sources_suggests_nothing(report_assistant: Assistant) -> None:
    assert suggestions(report_assistant, Answer("问", "not_found", "没有", "m")) == []
