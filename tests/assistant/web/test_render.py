from collections.abc import Callable
from dataclasses import replace
from typing import Any

from assistant import Answer, InputRefused, Progress, Readiness
from assistant.web.conversation import Chat, Exchange
from assistant.web.render import transcript, turn
from assistant.web.texts import Words

ZH, EN = Words("zh"), Words("en")


def done(answer: Answer, number: int = 1) -> Exchange:
    return Exchange(number, answer.question, "done", answer, len(answer.sentences))


def test_each_sentence_carries_the_marks_of_its_citations(answered: Answer, read: Callable[[str], Any]) -> None:
    seen = read(turn(done(answered, 4), {}, ZH).partition('<div hidden class="source"')[0])
    marks = seen.having("data-place")
    assert [mark["data-place"] for mark in marks] == [f"d1:{c.start}:{c.end}" for c in answered.citations]
    assert marks[0]["aria-label"] == "出处1:《天津市推进京津冀协同发展情况报告》,第12段"
    assert answered.answer in seen.text


def test_every_mark_has_its_quote_in_the_page(answered: Answer, not_found: Answer, read: Callable[[str], Any]) -> None:
    seen = read(transcript(Chat((done(answered, 1), done(not_found, 2))), {}, ZH))
    kept = [attributes["data-for"] for attributes in seen.having("data-for")]
    assert [attributes["data-place"] for attributes in seen.having("data-place")] == kept and len(kept) == 5
    assert len(seen.having("id")) == len({attributes["id"] for attributes in seen.having("id")})


def test_a_turn_names_the_places_of_all_its_citations_in_order(answered: Answer, read: Callable[[str], Any]) -> None:
    seen = read(turn(done(answered), {}, ZH))
    marks = [attributes["data-place"] for attributes in seen.having("data-place")]
    assert seen.having("data-cites")[0]["data-cites"].split(",") == marks


def test_the_short_answer_stands_apart_with_its_unit(answered: Answer, read: Callable[[str], Any]) -> None:
    html = turn(done(replace(answered, short_answer="43", short_unit="项")), {}, ZH)
    assert '<p class="short">43 <span class="unit">项</span></p>' in html
    assert 'class="short"' not in turn(done(replace(answered, short_answer=None)), {}, ZH)


def test_only_the_sentences_that_have_come_are_shown(answered: Answer, read: Callable[[str], Any]) -> None:
    html = turn(replace(done(answered), stage="showing", shown=1), {}, ZH).partition('<div hidden class="source"')[0]
    assert answered.sentences[0].text in html
    assert answered.sentences[1].text not in html
    assert 'class="copy"' not in html


def test_not_found_says_so_and_offers_the_nearest_passages(not_found: Answer, read: Callable[[str], Any]) -> None:
    seen = read(turn(done(not_found), {}, ZH))
    assert not_found.answer in seen.text
    assert "相近1" in seen.text and "相近2" in seen.text
    places = [f"d1:{c.start}:{c.end}" for c in not_found.nearest]
    assert [a["data-place"] for a in seen.having("aria-label") if "data-place" in a] == places
    assert [(a["data-open"], a["data-cites"]) for a in seen.having("data-open")] == [("none", ",".join(places))]


def test_the_first_source_is_the_one_to_open(answered: Answer, read: Callable[[str], Any]) -> None:
    assert read(turn(done(answered), {}, ZH)).having("data-open")[0]["data-open"] == (
        f"d1:{answered.citations[0].start}:{answered.citations[0].end}"
    )


def test_an_invalid_question_gets_its_message_and_no_sources(read: Callable[[str], Any]) -> None:
    seen = read(turn(done(Answer(" ", "invalid", "问题是空的。", "fake")), {}, ZH))
    assert "问题是空的。" in seen.text and "(空白)" in seen.text
    assert seen.having("data-place") == []


def test_what_a_part_of_the_question_misses_is_named(answered: Answer) -> None:
    assert "文件中没有:2022年的数" in turn(done(replace(answered, missing="2022年的数")), {}, ZH)


def test_a_follow_up_shows_how_it_was_understood(answered: Answer) -> None:
    assert "按此理解:天津港吞吐量怎样?" in turn(
        done(replace(answered, standalone_question="天津港吞吐量怎样?")), {}, ZH
    )
    assert "按此理解" not in turn(done(replace(answered, standalone_question=answered.question)), {}, ZH)


def test_question_answer_and_copy_are_escaped(answered: Answer, evil: str, read: Callable[[str], Any]) -> None:
    sentence = replace(answered.sentences[0], text=evil)
    answer = replace(
        answered, question=evil, answer=f"{evil}[1]", sentences=(sentence,), short_answer=evil, short_unit=evil,
        missing=evil, standalone_question=evil + "?",
    )  # fmt: skip
    seen = read(turn(done(answer), {}, ZH))
    assert "img" not in [tag for tag, _ in seen.tags]
    assert seen.text.count(evil) == 6
    assert seen.having("data-copy")[0]["data-copy"].startswith(evil)


def test_a_waiting_question_shows_how_far_the_start_is() -> None:
    waiting = Exchange(1, "问", "waiting", readiness=Readiness("indexing", Progress("report.txt", 2, 5)))
    assert ZH("waiting") + " 段落 2/5" in turn(waiting, {}, ZH)


def test_an_error_is_shown_in_the_language_of_the_page() -> None:
    failed = Exchange(1, "问", "failed", error=InputRefused("坏了<b>", "broken<b>"))
    assert "坏了&lt;b&gt;" in turn(failed, {}, ZH)
    assert "broken&lt;b&gt;" in turn(failed, {}, EN)
    assert ZH("fault") in turn(Exchange(1, "问", "failed"), {}, ZH)


def test_an_empty_conversation_offers_examples(read: Callable[[str], Any]) -> None:
    examples = [attributes["data-ask"] for attributes in read(transcript(Chat(), {}, EN)).having("data-ask")]
    assert "What is the plan for Dongjiang?" in examples and len(examples) == 4
