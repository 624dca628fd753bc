"""The answer object, on the bundled report and the bundled model."""

import re
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from assistant import Answer, Assistant, Citation, Library, Turn, UnknownDocument
from assistant import assistant as module
from assistant.answering import compose
from index import Embedder
from index.threads import cores

TITLE = "天津市推进京津冀协同发展情况报告"
QUESTION = "2021年天津港集装箱吞吐量是多少?"
ENGLISH = "How many municipal powers were handed down to Binhai New Area?"
# A value, a list, both sections, an open one, what is next, a name, English, traditional, half known, nonsense.
QUESTIONS = (
    QUESTION, "滨海中关村科技园的企业增长了多少", "1+4里头具体是哪几家港企", "码头这块已经干成了啥、往后还要干啥",
    "帮雄安目前到哪步了,后面靠什么继续帮", "港口营商环境怎么样", "东疆要打造成什么", "参加混改的北京企业是谁", ENGLISH,
    "天津與河北各有幾所職校結對?", "2022年天津港集装箱吞吐量是多少?", "明天出门要带伞吗",
    "津潍铁路总投资多少?", "。。。???",
)  # fmt: skip


@pytest.fixture(scope="module")
def answers(report_assistant: Assistant) -> list[Answer]:
    return [report_assistant.ask(question) for question in QUESTIONS]


@pytest.fixture(scope="module")
def answered(answers: list[Answer]) -> list[Answer]:
    found = [answer for answer in answers if answer.status == "answered"]
    assert len(found) >= 8
    return found


@pytest.fixture(scope="module")
def not_found(answers: list[Answer]) -> list[Answer]:
    found = [answer for answer in answers if answer.status == "not_found"]
    assert len(found) >= 3
    return found


# What every answer keeps


def test_every_quote_is_read_back_from_the_stored_text(answers: list[Answer], report: str) -> None:
    for answer in answers:
        for c in (*answer.citations, *answer.nearest):
            assert report[c.start : c.end] == c.quote == c.quote.strip() != ""
            assert report[c.text_start : c.text_end] == c.text
            assert c.text_start <= c.start < c.end <= c.text_end
        for r in answer.retrieved:
            assert report[r.text_start : r.text_end] == r.text


def test_a_citation_s_paragraph_is_its_line_and_its_headings_stand_above_it(answers: list[Answer], report: str) -> None:
    for answer in answers:
        for c in (*answer.citations, *answer.nearest):
            assert c.paragraph == report.count("\n", 0, c.start) + 1
            at = [report.index(heading) for heading in c.heading_path]
            assert at == sorted(at) and all(place <= c.start for place in at)
            assert (c.document_title, c.file_name, c.page) == (TITLE, "report.txt", None)


def test_marks_number_the_citations_in_the_order_of_their_use(answered: list[Answer]) -> None:
    for answer in answered:
        numbers = [c.number for c in answer.citations]
        assert numbers == list(range(1, len(numbers) + 1))
        marks = [int(n) for n in re.findall(r"\[(\d+)\]", answer.answer)]
        assert list(dict.fromkeys(marks)) == numbers
        assert [n for s in answer.sentences for n in s.citations] == marks


def test_every_sentence_is_its_quotes_and_stands_in_the_answer(answered: list[Answer]) -> None:
    for answer in answered:
        quotes = {c.number: c.quote for c in answer.citations}
        for sentence in answer.sentences:
            assert sentence.citations and "[" not in re.sub(r"\[\d+\]$", "", sentence.text)[-3:]
            for part in re.split("…", sentence.text.removesuffix("。")):
                assert any(part in quotes[number] for number in sentence.citations)
            assert sentence.text in re.sub(r"\[\d+\]", "", answer.answer)


def test_passages_are_in_order_at_most_ten_and_each_once(answers: list[Answer]) -> None:
    for answer in answers:
        ids = [r.passage_id for r in answer.retrieved]
        assert len(ids) == len(set(ids)) <= 10
        assert [r.score for r in answer.retrieved] == sorted((r.score for r in answer.retrieved), reverse=True)
        assert len(ids) == 10 or not re.search(r"\w", answer.question)


def test_times_and_model_are_told(answers: list[Answer], report_library: Library) -> None:
    for answer in answers:
        times = answer.timings_ms
        stages = (times.embed, times.search, times.rerank, times.answer)
        assert all(isinstance(ms, float) and ms >= 0 for ms in (*stages, times.total))
        assert sum(stages) <= times.total + 1
        assert (answer.model, answer.mode) == (report_library.model, "extractive")
        assert 0 <= answer.confidence <= 1
        if answer.status == "answered":
            assert times.embed > 0 and times.search > 0 and times.rerank > 0


def test_an_answer_in_json_has_plain_values_and_its_id_first(answers: list[Answer]) -> None:
    for answer in answers:
        row = answer.to_json("q1")
        assert next(iter(row.items())) == ("id", "q1")
        assert row["timings_ms"].keys() == {"total", "embed", "search", "rerank", "answer"}
        for c in (*row["citations"], *row["nearest"]):
            assert c.keys() == set(Citation.__dataclass_fields__)


def test_a_short_answer_stands_in_a_quote(answered: list[Answer]) -> None:
    shorts = [answer for answer in answered if answer.short_answer is not None]
    assert len(shorts) >= 3
    for answer in shorts:
        assert any(answer.short_answer in c.quote for c in answer.citations if answer.short_answer)


def test_the_same_question_has_the_same_answer(report_assistant: Assistant, answers: list[Answer]) -> None:
    again = report_assistant.ask(QUESTIONS[1])
    assert replace(again, timings_ms=answers[1].timings_ms) == answers[1]


# One question in full


def test_a_figure_is_answered_with_its_sentence_its_place_and_its_value(answers: list[Answer], report: str) -> None:
    answer = answers[QUESTIONS.index(QUESTION)]
    quote = "2021年,天津港集装箱吞吐量完成超2000万标准箱,比上年增长10.4%"
    assert (answer.status, answer.answer) == ("answered", f"{quote}。[1]")
    assert (answer.short_answer, answer.missing, answer.nearest) == ("超2000万标准箱", None, ())
    assert answer.question == QUESTION and answer.standalone_question is None
    (citation,) = answer.citations
    start = report.index(quote)
    assert (citation.quote, citation.start, citation.paragraph) == (quote, start, 12)
    assert citation.heading_path == (
        "一、主要进展和成效",
        "(三)加快建设北方国际航运枢纽,持续开创天津港蓬勃兴盛新局面",
        "一是打造世界一流智慧港口、绿色港口实现重要突破",
    )
    assert citation.text == report.split("\n")[11].strip()
    assert answer.retrieved[0].passage_id == citation.passage_id


@pytest.mark.parametrize(
    "asked",
    [
        "2021年天津港集裝箱吞吐量是多少?",
        "２０２１年天津港集装箱吞吐量是多少？",
        " 2021年天津港集装箱吞吐量是多少 ?\n",
    ],
)
def test_traditional_characters_and_full_width_signs_ask_the_same(report_assistant: Assistant, asked: str) -> None:
    answer = report_assistant.ask(asked)
    assert (answer.short_answer, answer.question) == ("超2000万标准箱", asked)
    assert [c.quote for c in answer.citations] == ["2021年,天津港集装箱吞吐量完成超2000万标准箱,比上年增长10.4%"]


def test_an_english_question_is_answered_in_the_document_s_words(answers: list[Answer]) -> None:
    answer = answers[QUESTIONS.index(ENGLISH)]
    assert answer.status == "answered" and "622项" in answer.answer
    assert answer.short_answer is not None and "622" in answer.short_answer


def test_a_question_about_progress_and_plan_is_answered_from_both_parts(answers: list[Answer]) -> None:
    answer = answers[3]
    assert {c.heading_path[0] for c in answer.citations} == {"一、主要进展和成效", "二、下一步工作考虑"}


# Not found


def test_what_is_missing_is_said_and_the_nearest_passages_stand_by_without_a_number(not_found: list[Answer]) -> None:
    for answer in not_found:
        assert answer.missing and answer.missing in answer.answer
        assert (answer.citations, answer.sentences, answer.short_answer) == ((), (), None)
        assert all(c.number is None for c in answer.nearest)
        if re.search(r"\w", answer.question):
            assert 1 <= len(answer.nearest) <= 10 and answer.retrieved
            assert len({c.passage_id for c in answer.nearest}) == len(answer.nearest)


def test_another_year_than_the_document_s_is_not_found(report_assistant: Assistant) -> None:
    answer = report_assistant.ask("2022年天津港集装箱吞吐量是多少?")
    assert answer.status == "not_found" and "2022年" in (answer.missing or "")
    assert answer.nearest[0].paragraph == 12


def test_a_false_premise_is_not_found_with_the_sentence_that_denies_it_first(report_assistant: Assistant) -> None:
    answer = report_assistant.ask("为什么PM2.5上升了?")
    assert answer.status == "not_found" and "下降20.4%" in answer.answer and "下降20.4%" in (answer.missing or "")
    assert "比上年下降20.4%" in answer.nearest[0].quote


@pytest.mark.parametrize(
    ("asked", "words"),
    [("How tall is Mount Everest?", "The documents do not say"), ("第六届世界智能大會簽了多少億", "文檔中沒有找到")],
)
def test_the_program_s_own_words_follow_the_question_s_language(
    report_assistant: Assistant, asked: str, words: str
) -> None:
    answer = report_assistant.ask(asked)
    assert answer.status == "not_found" and answer.answer.startswith(words)


@pytest.mark.parametrize("asked", ["。。。???", "___", "🙂", "?\ud800"])
def test_a_question_without_a_letter_or_digit_is_not_found(report_assistant: Assistant, asked: str) -> None:
    answer = report_assistant.ask(asked)
    assert answer.status == "not_found" and answer.missing


@pytest.mark.parametrize("forged", ["10.5%", "10%", "110.4%"])
def test_an_answer_that_says_another_number_than_its_source_is_not_shown(
    report_assistant: Assistant, monkeypatch: pytest.MonkeyPatch, forged: str
) -> None:
    def forge(*arguments: Any) -> Answer:
        made = compose(*arguments)
        first = replace(made.sentences[0], text=made.sentences[0].text.replace("10.4%", forged))
        return replace(made, answer=made.answer.replace("10.4%", forged), sentences=(first,))

    monkeypatch.setattr(module, "compose", forge)
    answer = report_assistant.ask(QUESTION)
    assert (answer.status, answer.sentences, answer.citations, answer.short_answer) == ("not_found", (), (), None)
    assert forged not in answer.answer and answer.missing
    assert [c.number for c in answer.nearest] == [None]


# Invalid


@pytest.mark.parametrize("asked", ["", " \n\u3000", "津" * 1001, "a" * 100_000])
def test_an_empty_or_over_long_question_is_invalid(report_assistant: Assistant, asked: str) -> None:
    answer = report_assistant.ask(asked)
    assert (answer.status, answer.citations, answer.sentences, answer.retrieved) == ("invalid", (), (), ())
    assert answer.answer and len(answer.question) <= 1000


def test_a_question_at_the_bound_is_answered(report_assistant: Assistant) -> None:
    assert report_assistant.ask(QUESTION.ljust(1000, "?")).status == "answered"


# History


def test_a_follow_up_takes_its_subject_from_the_question_before(report_assistant: Assistant) -> None:
    answer = report_assistant.ask("它的注册资金是多少?", [Turn("滨海中关村科技园登记了几家公司?", "超3000家")])
    assert (answer.status, answer.short_answer) == ("answered", "1400亿元")
    assert answer.question == "它的注册资金是多少?" and "滨海中关村科技园" in (answer.standalone_question or "")


def test_a_follow_up_about_another_year_is_checked_for_that_year(report_assistant: Assistant) -> None:
    answer = report_assistant.ask("那2021年呢?", [Turn("2020年PM2.5是多少", "39微克/立方米")])
    assert answer.status == "not_found" and "2021年" in (answer.missing or "")


def test_a_question_that_stands_alone_takes_nothing_from_history(
    report_assistant: Assistant, answers: list[Answer]
) -> None:
    answer = report_assistant.ask(QUESTION, [Turn("湿地保护修复了多大面积?", "875平方千米")])
    assert answer.standalone_question is None
    assert answer.citations == answers[0].citations and answer.short_answer == answers[0].short_answer


# Documents


@pytest.fixture
def two(model: Embedder, tmp_path: Path, write: Callable[..., Path], report: str) -> Assistant:
    """An assistant over two towns' reports that say the same of different places."""
    library = Library(tmp_path / "towns", "multilingual-e5-small", lambda: model)
    for name, count in (("武清", 300), ("宝坻", 200)):
        text = f"{name}区2021年工作报告\n去年工作顺利。\n2021年,{name}区新增企业{count}家,比上年增长5%。"
        library.add(write(f"{name}.txt", text))
    return Assistant(library, tmp_path, 1000)


def test_only_the_given_documents_are_asked(two: Assistant) -> None:
    ids = {d.file_name: d.id for d in two.library.documents()}
    for name, short in (("武清.txt", "300家"), ("宝坻.txt", "200家")):
        answer = two.ask("2021年新增企业多少家?", documents=[ids[name]])
        assert answer.short_answer == short
        assert {r.file_name for r in answer.retrieved} == {name} == {c.file_name for c in answer.citations}
        assert {r.file_name for r in two.search("新增企业", documents=[ids[name]])} == {name}


@pytest.mark.parametrize("chosen", [False, True])
def test_a_word_that_only_a_document_not_named_has_is_said_elsewhere(
    two: Assistant, write: Callable[..., Path], monkeypatch: pytest.MonkeyPatch, chosen: bool
) -> None:
    two.library.add(write("种植.txt", "全市种植水稻三百亩。"))
    known: list[frozenset[str] | None] = []
    search = two.library.search

    def searched(*given: Any) -> Any:
        found = search(*given)
        known.append(found.mentioned)
        assert {hit.passage.document_id for hit in found.hits} == {town.id}  # it alone is searched
        return found

    monkeypatch.setattr(two.library, "search", searched)
    town = next(d for d in two.library.documents() if d.file_name == "武清.txt")
    two.ask("《武清区2021年工作报告》里水稻企业多少家?", documents=[town.id] if chosen else None)
    (terms,) = known
    assert terms is not None and ("水稻" in terms) is not chosen


def test_what_a_document_names_is_taken_from_it_and_not_from_its_neighbour(two: Assistant) -> None:
    for name, short in (("武清", "300家"), ("宝坻", "200家")):
        answer = two.ask(f"{name}区2021年新增企业多少家?")
        assert (answer.short_answer, answer.citations[0].file_name) == (short, f"{name}.txt")


def test_an_unknown_document_is_told(two: Assistant) -> None:
    with pytest.raises(UnknownDocument):
        two.ask(QUESTION, documents=["0123456789abcdef"])


def test_a_removed_document_is_cited_no_more(two: Assistant) -> None:
    asked = "2021年武清区新增企业多少家?"
    assert two.ask(asked).status == "answered"
    two.library.remove(next(d.id for d in two.library.documents() if d.file_name == "武清.txt"))
    answer = two.ask(asked)
    names = [r.file_name for r in answer.retrieved] + [c.file_name for c in (*answer.citations, *answer.nearest)]
    assert set(names) == {"宝坻.txt"}


def test_an_empty_library_answers_that_it_is_empty(two: Assistant) -> None:
    for document in two.library.documents():
        two.library.remove(document.id)
    answer = two.ask(QUESTION)
    assert (answer.status, answer.nearest, answer.retrieved) == ("not_found", (), ())
    assert answer.missing


def test_a_document_that_the_question_names_is_asked_alone(two: Assistant) -> None:
    answer = two.ask("宝坻区工作报告里2021年新增企业多少家?")
    assert answer.short_answer == "200家" and {r.file_name for r in answer.retrieved} == {"宝坻.txt"}


def test_of_no_documents_none_is_asked_whatever_the_question_names(two: Assistant) -> None:
    answer = two.ask("宝坻区工作报告里2021年新增企业多少家?", documents=[])
    assert (answer.status, answer.retrieved) == ("not_found", ())


def test_a_named_document_that_is_removed_meanwhile_does_not_fail_the_question(
    two: Assistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    named = next(d for d in two.library.documents() if d.file_name == "宝坻.txt")
    search = two.library.search

    def late(query: Any, k: int = 10, documents: Any = None) -> Any:
        if documents == [named.id]:
            two.library.remove(named.id)
        return search(query, k, documents)

    monkeypatch.setattr(two.library, "search", late)
    answer = two.ask("宝坻区工作报告里2021年新增企业多少家?")
    assert all(r.file_name == "武清.txt" for r in answer.retrieved)
    assert answer.status == "not_found"


def test_the_report_of_a_place_that_is_not_here_is_not_answered_from_another_s(two: Assistant) -> None:
    for missing in ("静海区2021年工作报告里新增企业多少家?", "武清区财政局2021年工作报告里新增企业多少家?"):
        answer = two.ask(missing)
        assert (answer.status, answer.short_answer) == ("not_found", None), missing


def test_waiting_for_others_is_part_of_the_time_that_is_told(report_assistant: Assistant) -> None:
    turns, held = report_assistant.library._answering, 0.3
    with ExitStack() as all_places, ThreadPoolExecutor(1) as beside:
        for _ in range(cores()):
            all_places.enter_context(turns.take("query"))
        found = beside.submit(report_assistant.ask, QUESTION)
        while not turns.waiting:
            time.sleep(0.01)
        time.sleep(held)
        all_places.close()
        times = found.result().timings_ms
    assert times.total > held * 1000
    assert times.embed + times.search + times.rerank + times.answer < times.total - held * 1000 + 1
