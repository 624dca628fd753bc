"""A question of several parts, each with its own words and the others' held back."""

import random

import pytest

from assistant import Turn
from assistant.parts import MASKED_WEIGHT, MAX_PARTS, TOPIC_WEIGHT, parts_of
from assistant.question import Question, understand


def weight_of(part: Question, word: str) -> float:
    """The lowest weight that the part gives to a word of the query."""
    at = part.query.text.index(word)
    return min((w for a, b, w in part.query.weights if a <= at and at + len(word) <= b), default=1.0)


@pytest.mark.parametrize(
    ("asked", "items"),
    [
        ("小学、初中、高中各有多少所?", ["小学", "初中", "高中"]),
        ("小学和初中各有多少名学生?", ["小学", "初中"]),
        ("水稻、玉米、大豆分别种了多少亩?", ["水稻", "玉米", "大豆"]),
        ("甲县跟乙县谁的粮食产量高?", ["甲县", "乙县"]),
        ("城镇与农村收入哪个更高?", ["城镇", "农村"]),
        ("甲医院、乙医院的床位各几张?", ["甲医院", "乙医院"]),
        ("比较2020年粮食产量和2021年棉花产量", ["2020年粮食产量", "2021年棉花产量"]),
        ("对比一下东湾镇与西岭镇的教师", ["东湾镇", "西岭镇"]),
    ],
)
def test_coordinated_items_are_asked_about_one_by_one(asked: str, items: list[str]) -> None:
    parts = parts_of(understand(asked))
    assert len(parts) == len(items)
    for own, part in zip(items, parts, strict=True):
        assert weight_of(part, own) == 1.0 and own in part.stated
        words = [part.query.text[a:b] for a, b in part.content]
        assert any(own in word for word in words) and not set(words) & (set(items) - {own})
        for other in set(items) - {own}:
            assert weight_of(part, other) == MASKED_WEIGHT and other not in part.stated


@pytest.mark.parametrize(
    "asked",
    [
        "小学、初中有多少所?", "在全县范围内,新建了多少所学校?", "为了帮助贫困户,政府做了什么?", "医院有多少家?",
        "小学、初中、高中、职校、大学各有多少?", "谁负责,多少?",
    ],
)  # fmt: skip
def test_a_question_with_one_thing_to_answer_stays_whole(asked: str) -> None:
    question = understand(asked)
    assert parts_of(question) == (question,)


def test_each_of_two_years_is_a_part_of_its_own_year() -> None:
    parts = parts_of(understand("2019年和2020年的财政收入分别是多少?"))
    assert [part.years for part in parts] == [{"2019"}, {"2020"}]
    parts = parts_of(understand("税收收入2020年多少,2021年多少?"))
    assert [part.years for part in parts] == [{"2020"}, {"2021"}]


def test_a_year_said_once_counts_for_every_item() -> None:
    parts = parts_of(understand("2021年小学、初中各有多少所?"))
    assert [part.years for part in parts] == [{"2021"}, {"2021"}]


def test_of_two_asking_clauses_the_first_names_the_topic_of_the_second() -> None:
    first, second = parts_of(understand("全县医院有多少家,学校有多少所?"))
    assert "学校" not in first.stated and weight_of(first, "学校") == MASKED_WEIGHT
    assert "全县医院" in second.stated and weight_of(second, "全县医院有多少家") == TOPIC_WEIGHT
    assert weight_of(second, "学校") == 1.0


@pytest.mark.parametrize(
    ("asked", "classes", "units"),
    [
        ("农村公路修了多少公里,投资多少钱?", ["length", "money"], ["公里", None]),
        ("参保率是多少,报销了多少人次?", ["percent", "count"], [None, None]),
        ("新医院投资多少钱,由谁负责建设?", ["money", None], [None, None]),
    ],
)
def test_each_clause_asks_for_its_own_kind_of_value(
    asked: str, classes: list[str | None], units: list[str | None]
) -> None:
    parts = parts_of(understand(asked))
    assert [part.value_class for part in parts] == classes
    assert [part.unit for part in parts] == units
    assert [part.kind for part in parts] == ["value" if c else "name" for c in classes]


def test_progress_and_plan_are_looked_for_in_their_sections_without_the_words_that_say_so() -> None:
    parts = parts_of(understand("垃圾分类目前进展怎样,下一步打算怎么办?"))
    assert [part.section for part in parts] == ["progress", "plan"]
    for part in parts:
        assert weight_of(part, "目前") == weight_of(part, "下一步") == MASKED_WEIGHT
        assert weight_of(part, "垃圾") == 1.0 and "垃圾分类" in part.stated


def test_beside_a_clause_about_plans_the_other_asks_what_was_done() -> None:
    parts = parts_of(understand("养老院建成啥样了,以后咋弄?"))
    assert [part.section for part in parts] == ["progress", "plan"]


def test_the_topic_says_what_its_clauses_ask_for() -> None:
    parts = parts_of(understand("污水处理率,东山县多少、西山县多少?"))
    assert [part.value_class for part in parts] == ["percent", "percent"]


def test_four_clauses_are_four_parts_and_a_fifth_is_too_many() -> None:
    clauses = ["医院有多少家", "学校有多少所", "教师有多少名", "病床有多少张", "粮库有多少个"]
    assert [len(parts_of(understand(",".join(clauses[:n])))) for n in (1, 2, 4, 5)] == [1, 2, 4, 1]


def test_a_follow_up_is_never_taken_apart() -> None:
    question = understand("它的小学、初中各有多少所?", [Turn("甲县怎么样?", "")])
    assert question.standalone and parts_of(question) == (question,)


def test_parts_of_random_questions_are_few_and_hold_back_words_without_moving_any() -> None:
    chosen = random.Random(11)
    words = [
        "小学",
        "初中",
        "医院",
        "财政收入",
        "、",
        "和",
        "跟",
        "各",
        "分别",
        "谁",
        "有多少所",
        "是多少",
        "?",
        ",",
        "2020年",
        "2021年",
        "目前",
        "下一步",
        "怎么办",
        "the",
        "how",
        "many",
    ]
    several = 0
    for _ in range(400):
        question = understand("".join(chosen.choices(words, k=chosen.randrange(1, 10))))
        parts = parts_of(question)
        several += len(parts) > 1
        assert 1 <= len(parts) <= MAX_PARTS
        for part in parts:
            assert (part.text, part.query.text) == (question.text, question.query.text)
            assert len(part.stated) == len(part.query.text)
            assert all(said in (" ", c) for said, c in zip(part.stated, part.query.text, strict=True))
            assert set(part.content) <= set(question.content)
    assert several > 20
