"""The order of sentences for one question, with scores given by hand."""

import random
from collections.abc import Sequence
from typing import cast

import pytest

from assistant import Turn
from assistant.periods import section_of
from assistant.question import Question, understand
from assistant.ranking import JUDGED, Ranked, is_lead, judged, passages_in_order, rank
from index import Document, Judge, PassageHit, Reading
from tests.assistant.hits import document, found, passage, sentence

LEAD = "一是加强乡村医疗。"


def order(question: Question, *hits: PassageHit, documents: dict[str, Document] | None = None) -> list[str]:
    return [r.sentence.text for r in rank(question, hits, documents or {"d": document()})]


# Sections and leads


@pytest.mark.parametrize(
    ("path", "section"),
    [
        (("一、工作进展",), "progress"),
        (("二、下一步打算",), "plan"),
        (("三、2022年重点工作",), "plan"),
        (("一、2021年工作回顾", "(二)明年计划"), "plan"),
        (("二、今后安排", "(一)主要成效"), "progress"),
        (("二、今后安排", "(一)医疗"), "plan"),
        (("一、医疗",), None),
        ((), None),
    ],
)
def test_the_innermost_heading_that_says_so_tells_plan_from_progress(
    path: tuple[str, ...], section: str | None
) -> None:
    assert section_of(found(understand("?"), "建医院。", *path)) == section


def test_a_lead_is_the_title_of_its_own_paragraph() -> None:
    question = understand("乡村医疗?")
    hit = found(question, f"{LEAD}新建卫生室30个。", "一是加强乡村医疗", sentences={LEAD: 0.9, "新建卫生室30个。": 0.8})
    assert [is_lead(hit, s) for s in hit.sentences] == [True, False]
    other = found(question, LEAD, "一、医疗")
    assert not is_lead(other, other.sentences[0])


def test_a_lead_hands_its_score_to_the_best_sentence_below_it_and_stands_just_behind() -> None:
    question = understand("乡村医疗怎么样?")
    scores = {LEAD: 0.95, "培训医生。": 0.7, "新建卫生室。": 0.8}
    hit = found(question, f"{LEAD}培训医生。新建卫生室。", "一是加强乡村医疗", sentences=scores)
    between = found(question, "发展旅游。", sentences={"发展旅游。": 0.9})
    assert order(question, hit, between) == ["新建卫生室。", LEAD, "发展旅游。", "培训医生。"]
    assert rank(question, [hit], {"d": document()})[0].score == pytest.approx(0.95)


def test_a_lead_alone_keeps_its_score() -> None:
    question = understand("乡村医疗怎么样?")
    hit = found(question, LEAD, "一是加强乡村医疗", sentences={LEAD: 0.9})
    assert [r.score for r in rank(question, [hit], {"d": document()})] == pytest.approx([0.9])


# What a question offers besides


@pytest.mark.parametrize(
    ("asked", "better", "worse"),
    [
        ("卫生室有多少个?", "卫生室有30个。", "卫生室不断增多。"),
        ("卫生室投了多少钱?", "卫生室投入3亿元。", "卫生室有30个。"),
        ("卫生室有多少个?", "东湾镇 | 30", "东湾镇 | 无"),
        ("2020年卫生室怎么样?", "2020年卫生室建成。", "2019年卫生室建成。"),
        ("卫生室有哪些设备?", "卫生室有血压计、雾化器和担架。", "卫生室有设备。"),
        ("谁作的报告?", "甲州市市长 李某某", "甲州市作了报告。"),
    ],
)
def test_of_two_alike_the_one_comes_first_that_can_answer(asked: str, better: str, worse: str) -> None:
    question = understand(asked)
    hits = [found(question, text, sentences={text: 0.8}) for text in (worse, better)]
    assert order(question, *hits) == order(question, *reversed(hits)) == [better, worse]


def test_a_small_agreement_does_not_outweigh_a_clearly_better_match() -> None:
    question = understand("2020年卫生室有多少个?")
    hits = [found(question, t, sentences={t: s}) for t, s in (("2020年粮库30个。", 0.7), ("卫生室增多。", 0.9))]
    assert order(question, *hits)[0] == "卫生室增多。"


@pytest.mark.parametrize(
    ("asked", "first"), [("下一步怎么建卫生室?", "将建卫生室。"), ("目前卫生室怎么样?", "建了卫生室。")]
)
def test_the_section_that_is_asked_for_comes_first(asked: str, first: str) -> None:
    question = understand(asked)
    done = found(question, "建了卫生室。", "一、工作进展", sentences={"建了卫生室。": 0.8})
    plan = found(question, "将建卫生室。", "二、下一步打算", sentences={"将建卫生室。": 0.8})
    assert order(question, done, plan)[0] == order(question, plan, done)[0] == first


def test_the_new_subject_of_a_follow_up_comes_before_what_matches_the_question_before() -> None:
    question = understand("敬老院呢?", [Turn("卫生室有多少个?", "30个")])
    hits = [found(question, t, sentences={t: s}) for t, s in (("卫生室有30个。", 0.84), ("敬老院有20个。", 0.8))]
    assert question.focus == "敬老院" and order(question, *hits)[0] == "敬老院有20个。"


def test_the_document_about_the_place_and_year_comes_first_and_one_about_another_last() -> None:
    question = understand("湖南2020年有多少卫生室?")
    documents = {
        "other": document("广东省卫生公报", "other", period="2018"),
        "neither": document("卫生公报", "neither"),
        "own": document("湖南省卫生公报", "own", period="2020"),
    }
    hits = []
    for name in documents:
        text = f"卫生室有30个{name}。"
        held = passage(text, name=name)
        hits.append(PassageHit(held, 0.8, (sentence(question, text, score=0.8, passage_id=held.id, document_id=name),)))
    assert order(question, *hits, documents=documents) == [f"卫生室有30个{n}。" for n in ("own", "neither", "other")]


def test_a_document_about_a_place_stands_behind_where_the_whole_country_is_asked_about() -> None:
    question = understand("全国有多少卫生室?")
    documents = {"part": document("广东省卫生公报", "part"), "whole": document("卫生公报", "whole")}
    hits = []
    for name in documents:
        text = f"卫生室有30个{name}。"
        held = passage(text, name=name)
        hits.append(PassageHit(held, 0.8, (sentence(question, text, score=0.8, passage_id=held.id, document_id=name),)))
    assert order(question, *hits, documents=documents) == ["卫生室有30个whole。", "卫生室有30个part。"]


# Passages


def test_passages_come_once_by_their_best_sentence_and_their_own_score() -> None:
    question = understand("卫生室怎么样?")
    first = found(question, "甲。乙。", sentences={"甲。": 0.8, "乙。": 0.79})
    second = found(question, "丙。", sentences={"丙。": 0.78})
    lifted = PassageHit(second.passage, second.score + 0.05, second.sentences)
    ranked = rank(question, [first, lifted], {"d": document()})
    assert [r.sentence.text for r in ranked] == ["甲。", "乙。", "丙。"]
    assert [hit.passage.text for hit, _ in passages_in_order(ranked)] == ["丙。", "甲。乙。"]
    assert [score for _, score in passages_in_order(ranked)] == pytest.approx([0.83, 0.8])


def test_random_hits_are_all_ranked_once_and_in_falling_order() -> None:
    made = random.Random(8)
    words = ["卫生室有30个。", LEAD, "投入3亿元。", "2020年完成。", "建血压站、雾化室和药房。", "将建学校。"]
    for asked in ("2020年卫生室有多少个?", "下一步怎么办?", "有哪些设备?", "为什么?", "投了多少钱?"):
        question = understand(asked)
        for _ in range(30):
            hits = []
            for _ in range(made.randrange(1, 6)):
                said = made.sample(words, made.randrange(1, 4))
                path = made.choice([(), ("一是加强乡村医疗",), ("二、下一步打算",)])
                hits.append(found(question, "".join(said), *path, sentences={t: made.uniform(0.5, 1.0) for t in said}))
            ranked = rank(question, hits, {"d": document()})
            scores = [r.score for r in ranked]
            assert scores == sorted(scores, reverse=True)
            expected = sorted((h.passage.id, s.start) for h in hits for s in h.sentences)
            assert sorted((r.passage.passage.id, r.sentence.start) for r in ranked) == expected
            ids = [hit.passage.id for hit, _ in passages_in_order(ranked)]
            assert sorted(ids) == sorted(h.passage.id for h in hits)


def test_a_line_of_the_document_s_title_stands_behind() -> None:
    question = understand("乡村医疗报告的卫生室?")
    texts = {"乡村医疗报告": 0.95, "卫生室建成。": 0.92}
    hit = found(question, "乡村医疗报告\n卫生室建成。", sentences=texts)
    assert order(question, hit, documents={"d": document("2020年乡村医疗报告")})[0] == "卫生室建成。"
    assert order(question, hit, documents={"d": document("渔业公报")})[0] == "乡村医疗报告"


# The judge


class FakeJudge:
    """Finds that a sentence with the given word answers."""

    def __init__(self, word: str) -> None:
        self.word = word
        self.asked: list[tuple[str, list[str], list[str]]] = []

    def read(self, question: str, sentences: list[str], contexts: list[str], *kept: list[object]) -> list[Reading]:
        self.asked.append((question, sentences, contexts))
        return [Reading(0.9 if self.word in text else 0.1) for text in sentences]


def judge_of(word: str) -> Judge:
    return cast(Judge, FakeJudge(word))


def first(order: Sequence[Ranked]) -> Ranked:
    """Answered with where every sentence passes the checks."""
    return order[0]


def test_what_the_judge_finds_to_answer_goes_before_a_sentence_that_is_a_little_nearer() -> None:
    question = understand("卫生室有多少个?")
    texts = {"卫生室有30个床位。": 0.9, "卫生室有12个。": 0.89, "卫生室建成。": 0.5}
    ranked = rank(question, [found(question, "".join(texts), sentences=texts)], {"d": document()})
    again = judged(question, ranked, {"d": document("乡村医疗报告")}, judge_of("12个"), first)
    assert [r.sentence.text for r in again][:2] == ["卫生室有12个。", "卫生室有30个床位。"]
    assert again[0].reading and again[0].reading.answers == 0.9


def test_the_judge_reads_the_first_few_with_their_title_and_headings_and_leaves_the_others_behind() -> None:
    question = understand("卫生室建成多少处?")
    texts = {f"卫生室建成{n}处。": 0.9 - n / 1000 for n in range(JUDGED + 3)}
    hit = found(question, "".join(texts), "一、医疗", sentences=texts)
    ranked = rank(question, [hit], {"d": document("乡村报告")})
    judge = FakeJudge("建成99处")
    again = judged(question, ranked, {"d": document("乡村报告")}, cast(Judge, judge), first)
    assert {asked for asked, _, _ in judge.asked} == {"卫生室建成多少处?"}
    assert {context for _, _, contexts in judge.asked for context in contexts} == {"乡村报告 一、医疗"}
    assert [s for _, some, _ in judge.asked for s in some] == [r.sentence.text for r in ranked[:JUDGED]]
    assert again[JUDGED:] == ranked[JUDGED:] and all(r.reading is None for r in again[JUDGED:])


@pytest.mark.parametrize(
    ("question", "third", "read"),
    [
        ("卫生室有多少个?", 0.86, 2),  # 0.9 and what the judge adds: 0.86 cannot pass it, whatever the judge adds
        ("卫生室有多少个?", 0.89, 3),
        ("卫生室怎么样?", 0.89, 2),  # where the judge orders nothing, only what is first is read
    ],
)
def test_the_judge_reads_no_further_than_a_sentence_could_come_first(question: str, third: float, read: int) -> None:
    asked = understand(question)
    texts = {"卫生室有12个。": 0.9, "卫生室有30个床位。": 0.895, "卫生室有3个医生。": third}
    ranked = rank(asked, [found(asked, "".join(texts), sentences=texts)], {"d": document()})
    judge = FakeJudge("医生")  # of the first two it says that they hardly answer
    again = judged(asked, ranked, {"d": document("乡村医疗报告")}, cast(Judge, judge), first)
    assert [s for _, some, _ in judge.asked for s in some] == [r.sentence.text for r in ranked[:read]]
    assert (again[0].sentence.text == "卫生室有3个医生。") == (read == 3)


def test_the_judge_reads_what_is_answered_with_where_the_first_fail_the_checks() -> None:
    question = understand("卫生室怎么样?")
    texts = {"卫生室有12个。": 0.9, "卫生室有30个床位。": 0.895, "卫生室很好。": 0.89, "卫生室有3个医生。": 0.885}
    ranked = rank(question, [found(question, "".join(texts), sentences=texts)], {"d": document()})
    judge = FakeJudge("医生")
    held = {"d": document("乡村医疗报告")}
    again = judged(question, ranked, held, cast(Judge, judge), lambda order: order[3])
    assert [(r.sentence.text, r.reading is None) for r in again[2:]] == [
        ("卫生室很好。", True),
        ("卫生室有3个医生。", False),
    ]
    none = judged(question, ranked, held, judge_of("医生"), lambda _: None)
    assert [r.reading is None for r in none] == [False, False, True, True]


def test_the_judge_leaves_the_order_of_a_list_s_sentences_and_the_rows_of_tables_alone() -> None:
    texts = {"卫生室建成。": 0.9, "卫生室有药房、病房和库房。": 0.86}
    question = understand("卫生室有哪些设施?")
    ranked = rank(question, [found(question, "".join(texts), sentences=texts)], {"d": document()})
    again = judged(question, ranked, {"d": document()}, judge_of("建成"), first)
    assert [r.sentence.text for r in again] == [r.sentence.text for r in ranked]
    assert not any(r.reading for r in again)
    rows = {"| 卫生室 | 12 |": 0.9, "卫生室有12个。": 0.5}
    question = understand("卫生室有多少个?")
    ranked = rank(question, [found(question, "\n".join(rows), sentences=rows)], {"d": document()})
    again = judged(question, ranked, {"d": document()}, judge_of("12"), first)
    assert [(r.sentence.text, r.reading is None) for r in again] == [
        ("| 卫生室 | 12 |", True),
        ("卫生室有12个。", False),
    ]
