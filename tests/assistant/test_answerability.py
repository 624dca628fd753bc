"""The chance that a passage speaks of what was asked."""

from dataclasses import replace

import pytest

from assistant.answerability import ALONE, JUDGED, LEAST_CHANCE, chance, content_terms, features
from assistant.answering import ELSEWHERE, UNSURE, Part, compose
from assistant.question import Question, understand
from assistant.ranking import rank
from index import Reading, SearchResult, terms
from tests.assistant.hits import document, found, offsets_of

ASKED = "平鲉的俗名是什么?"
TEXT = "雀鲷的体长可达76公分。"
SCORE = 0.86


def part(asked: str, text: str, known: str, score: float = SCORE) -> Part:
    """A question with the one passage that was found, and the words that the library has."""
    question = understand(asked)
    hits = (found(question, text, sentences={text: score}),)
    result = SearchResult(hits, offsets_of(question), 1, 0.0, 0.0, 0.0, frozenset(terms(known)))
    return Part(question, result, rank(question, hits, {"d": document()}))


def of(one: Part) -> tuple[float, ...]:
    return features(one.question, one.result, one.ranked, one.ranked[0], document(), one.result.mentioned or ())


def status(one: Part) -> tuple[str, str | None]:
    answer = compose(one.question, [one], {"d": document()}, lambda _: TEXT, "m")
    return answer.status, answer.missing


def test_the_terms_of_content_leave_the_words_of_asking_out() -> None:
    assert content_terms(understand("2021年天津港吞吐量是多少?")) == ("港吞", "吞吐", "吐量")
    assert content_terms(understand("是多少?")) == ()


def test_only_words_that_stand_elsewhere_and_not_here_count() -> None:
    assert of(part(ASKED, TEXT, ""))[0] == 0.0  # in no passage: it may be another word for the same
    assert of(part(ASKED, TEXT, "平鲉 俗名"))[0] > of(part(ASKED, TEXT, "俗名"))[0] > 0.0
    assert of(part(ASKED, "平鲉的俗名是石虎。", "平鲉 俗名"))[0] == 0.0


def test_the_more_stands_elsewhere_and_the_lower_the_score_the_less_likely() -> None:
    chances = [chance(of(part(ASKED, TEXT, known))) for known in ("", "俗名", "平鲉 俗名")]
    assert chances == sorted(chances, reverse=True) and chances[0] > chances[-1]
    chances = [chance(of(part(ASKED, TEXT, "平鲉", score))) for score in (0.80, 0.85, 0.90)]
    assert chances == sorted(chances) and 0 < chances[0] < chances[-1] < 1
    assert len(ALONE) == len(of(part(ASKED, TEXT, ""))) + 1


@pytest.mark.parametrize(("answers", "outcome"), [(0.9, ("answered", None)), (0.001, ("not_found", UNSURE.zh))])
def test_where_the_judge_finds_no_answer_there_is_none(answers: float, outcome: tuple[str, str | None]) -> None:
    one = part(ASKED, TEXT, "", 0.92)
    assert status(one) == ("answered", None)
    read = replace(one, ranked=[replace(one.ranked[0], reading=Reading(answers)), *one.ranked[1:]])
    assert len(JUDGED) == len(of(read)) + 1
    assert status(read) == outcome


def test_what_is_said_elsewhere_only_is_refused_and_what_is_said_nowhere_is_not() -> None:
    assert chance(of(part(ASKED, TEXT, "平鲉 俗名", 0.80))) < LEAST_CHANCE
    assert status(part(ASKED, TEXT, "平鲉 俗名", 0.80)) == ("not_found", ELSEWHERE.zh)
    assert status(part(ASKED, TEXT, "", 0.92))[0] == "answered"
    not_told = part(ASKED, TEXT, "平鲉 俗名", 0.80)
    assert status(replace(not_told, result=replace(not_told.result, mentioned=None)))[0] == "answered"


@pytest.mark.parametrize("asked", ["?", "1", "the", "什么?"])
def test_a_question_without_content_has_features_too(asked: str) -> None:
    question: Question = understand(asked)
    assert 0 < chance(of(part(question.text, TEXT, ""))) < 1
