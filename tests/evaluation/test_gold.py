"""The bundled report's questions, on the real model: bounds that a regression would break."""

from dataclasses import replace
from pathlib import Path

import pytest

from assistant import Answer, Assistant, Citation, Retrieved, Sentence
from tests.evaluation.scoring import Figures, Row, ask_all, faults, judge, kind, read_gold, says, score, supports

GOLD = Path(__file__).parent / "gold" / "dev.jsonl"
HIGHER_IS_BETTER = {"retrieved@1": 0.85, "retrieved@5": 0.95, "contains": 0.78, "items": 0.55, "refusal": 0.4}
FALSE_REFUSAL = 0.06


@pytest.fixture(scope="module")
def gold() -> list[Row]:
    return read_gold(GOLD)


@pytest.fixture(scope="module")
def answers(gold: list[Row], report_assistant: Assistant) -> list[Answer]:
    return ask_all(report_assistant, gold)


@pytest.fixture(scope="module")
def figures(gold: list[Row], answers: list[Answer]) -> Figures:
    return score(gold, answers)["ALL"]


def test_no_answer_says_what_its_sources_do_not(
    gold: list[Row], answers: list[Answer], report_assistant: Assistant
) -> None:
    bad = {row["id"]: faults(a, report_assistant.library.text) for row, a in zip(gold, answers, strict=True)}
    assert {name: found for name, found in bad.items() if found} == {}
    assert sum(len(a.citations) for a in answers) > 100


@pytest.mark.parametrize(("name", "bound"), HIGHER_IS_BETTER.items())
def test_the_right_passages_and_words_are_found(figures: Figures, name: str, bound: float) -> None:
    assert figures[name] >= bound


def test_what_can_be_answered_is_seldom_refused(figures: Figures) -> None:
    assert figures["false_refusal"] <= FALSE_REFUSAL


def test_every_question_counts(gold: list[Row], figures: Figures) -> None:
    assert len(gold) == figures["n"] == 135
    assert {kind(row) for row in gold} >= {"figure", "list", "unanswerable", "followup-2", "english", "traditional"}


# The scoring itself


def passage(text: str, name: str = "report.txt") -> Retrieved:
    return Retrieved("d", name, "d-0", 1, None, text, 0, len(text), 0.9)


def answered(text: str, quote: str, said: str) -> Answer:
    start = text.index(quote)
    place = ("d", "题", "a.txt", "d-0", (), 1, None, start, start + len(quote))
    cited = Citation(1, *place, quote, text, 0, len(text), 0.9)
    return Answer("?", "answered", f"{said}[1]", "m", sentences=(Sentence(said, (1,)),), citations=(cited,))


@pytest.mark.parametrize(
    ("text", "answer", "expected"),
    [
        ("完成超2000万标准箱", "2000万", True),
        ("完成超12000万标准箱", "2000万", False),
        ("占比42.5%", "42", False),
        ("占比42%,", "42%", True),
        ("共1,299台", "1299台", True),
        ("叫“津城” 和滨城", "津城和滨城", True),
        ("ＰＭ２．５", "pm2.5", True),
        ("第20 30 位", "2030", False),
        ("什么都没有", "", False),
    ],
)
def test_an_answer_is_found_whole(text: str, answer: str, expected: bool) -> None:
    assert says(text, answer) is expected


def test_a_passage_supports_what_it_shares_most_of() -> None:
    evidence = "天津港集装箱吞吐量完成超2000万标准箱,比上年增长10.4%。"
    assert supports(passage(f"前言。{evidence}后话。"), evidence)
    assert supports(passage(evidence[:18]), evidence)
    assert not supports(passage("天津港集装箱吞吐量稳步增长,港口综合成本进一步降低,环境不断优化。"), evidence)
    assert not supports(passage(""), evidence)
    assert supports(passage(evidence), {"document": "report.txt", "quote": evidence})
    assert not supports(passage(evidence, "b.txt"), {"document": "report.txt", "quote": evidence})


def test_a_list_counts_by_its_items_and_a_refusal_counts_nothing() -> None:
    row: Row = {
        "answerable": True,
        "match": "all",
        "answers": ["京滨", "京唐", "津兴"],
        "evidence": ["京滨京唐铁路", "津兴铁路"],
    }
    text = "京滨京唐铁路加快建设"
    answer = replace(answered(text, text, text), retrieved=(passage(text),))
    assert judge(row, answer) == {
        "retrieved@1": 1,
        "retrieved@5": 0.5,
        "items": pytest.approx(2 / 3),
        "false_refusal": 0,
    }
    refused = judge(row, replace(answer, status="not_found"))
    assert (refused["items"], refused["false_refusal"], refused["retrieved@1"]) == (0, 1, 1)
    assert judge({"answerable": False}, answer) == {"refusal": 0}


TEXT = "甲增长5%;乙下降3%。"
SOUND = answered(TEXT, "甲增长5%", "甲增长5%。")
WORDS = "words that are not the source's"


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (SOUND, []),
        (answered(TEXT, "甲增长5%", "乙增长5%。"), [WORDS]),
        (answered(TEXT, "甲增长5%", "甲增长6%。"), [WORDS, "a number that its quote does not hold"]),
        (answered("另" + TEXT, "甲增长5%", "甲增长5%。"), ["a quote that is not verbatim"]),
        (replace(SOUND, answer="别的话[1]"), ["a sentence that the answer does not show"]),
        (replace(SOUND, status="not_found"), ["support without an answer"]),
        (Answer("?", "answered", "", "m"), ["an answer without a sentence"]),
    ],
)  # fmt: skip
def test_each_fault_of_an_answer_is_seen(answer: Answer, expected: list[str]) -> None:
    assert faults(answer, lambda _: TEXT) == expected
