"""How sure an answer is."""

from dataclasses import replace

from assistant.confidence import confidence
from assistant.question import understand
from assistant.ranking import Ranked, rank
from index import Reading
from tests.assistant.hits import document, found


def ranked(score: float, answers: float | None) -> Ranked:
    question = understand("医院怎么样?")
    first = rank(question, [found(question, "医院建成。", sentences={"医院建成。": score})], {"d": document()})[0]
    return first if answers is None else replace(first, reading=Reading(answers))


def test_a_higher_score_is_surer() -> None:
    found = [confidence(ranked(score, None)) for score in (0.8, 0.85, 0.9, 0.95)]
    assert found == sorted(found) and found[0] < found[-1] and all(0 <= one <= 1 for one in found)


def test_what_the_judge_finds_to_answer_is_surer() -> None:
    found = [confidence(ranked(0.9, answers)) for answers in (0.0, 0.1, 0.5, 0.9, 1.0)]
    assert found == sorted(found) and found[0] < found[-1] and found[0] > 0 and found[-1] < 1
    assert confidence(ranked(0.8, 0.5)) == confidence(ranked(0.9, 0.5))
