"""Why a sentence does not answer: each check by itself."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from assistant.checks import (
    CHECKS,
    check_code,
    check_district,
    check_edition,
    check_enumeration,
    check_indicator,
    check_month,
    check_office,
    check_place,
    check_post,
    check_quoted,
    check_sibling,
    check_value,
    check_year,
    first_sound,
    named_segment,
    objection,
)
from assistant.evidence import Evidence, Objection, common_stretches
from assistant.premises import check_direction
from assistant.question import Question, understand
from assistant.types import Turn
from index import Document
from tests.assistant.hits import document, evidence

Check = Callable[[Question, Evidence], Objection | None]


def passes(check: Check, asked: str, text: str, *headings: str, **more: str | Document) -> bool:
    question = understand(asked)
    whole, of = more.get("whole"), more.get("of")
    assert (whole is None or isinstance(whole, str)) and (of is None or isinstance(of, Document))
    return check(question, evidence(question, text, *headings, whole=whole, of=of)) is None


# Year


@pytest.mark.parametrize(
    ("asked", "text", "sound"),
    [
        ("2020年有多少所学校?", "2020年,学校有30所。", True),
        ("20年有多少所学校?", "2020年,学校有30所。", True),
        ("2021年有多少所学校?", "2020年,学校有30所。", False),
        ("2021年有多少所学校?", "学校有30所。", True),
        ("有多少所学校?", "2020年,学校有30所。", True),
        ("2018年投入多少?", "2016—2020年累计投入12亿元。", False),
        ("2016年投入多少?", "2016—2020年累计投入12亿元。", False),
        ("2020年投入多少?", "2016—2020年累计投入12亿元。", False),
        ("截至2020年累计投入多少?", "2016—2020年累计投入12亿元。", True),
        ("2016—2020年投入多少?", "2016年至2020年累计投入12亿元。", True),
        ("2016年到2021年投入多少?", "2016—2020年累计投入12亿元。", False),
        ("2021年比2020年增长多少?", "2021年比上年增长5%。", True),
        ("2021年比2020年增长多少?", "2020年增长5%。", False),
        ("21年比20年增长多少?", "2020年增长5%。", False),
        ("与2020年相比,2021年增长多少?", "2020年增长5%。", False),
        ("与2020年相比,2021年增长多少?", "2021年增长5%。", True),
        ("By how much did 2021 exceed, compared with 2020, the sum?", "2020年增长5%。", False),
        ("2020年的学校哪年建成?", "2019年建成。", True),
    ],
)
def test_the_year_asked_for_is_the_sentence_s_and_a_range_is_none_of_its_years(
    asked: str, text: str, sound: bool
) -> None:
    assert passes(check_year, asked, text) is sound


@pytest.mark.parametrize(("year", "sound"), [("2019", True), ("2020", True), ("2021", False), ("2018", False)])
def test_a_sentence_without_a_year_speaks_of_its_document_s(year: str, sound: bool) -> None:
    of = document("教育公报", period="2019–2020")
    assert passes(check_year, f"{year}年有多少所学校?", "学校有30所。", of=of) is sound


def test_the_missing_year_is_said_in_both_languages() -> None:
    question = understand("2021年有多少所学校?")
    found = check_year(question, evidence(question, "2020年,学校有30所。"))
    assert found and "2021年" in found.zh and "2021" in found.en and not found.correction


# Edition, place, quoted name, code


@pytest.mark.parametrize(
    ("text", "heading", "sound"),
    [
        ("第六届农博会签约30亿元。", "", True),
        ("第五届农博会签约30亿元。", "", False),
        ("农博会签约30亿元。", "第六届农博会", True),
        ("农博会签约30亿元。", "第五届农博会", False),
        ("农博会签约30亿元。", "", True),
        ("第五批学校开工。", "", True),
    ],
)
def test_another_edition_is_no_answer(text: str, heading: str, sound: bool) -> None:
    assert passes(check_edition, "第六届农博会签约多少?", text, *([heading] if heading else [])) is sound


@pytest.mark.parametrize(
    ("asked", "sound"),
    [("广东有多少所学校?", False), ("湖南有多少所学校?", True), ("湖北有多少所学校?", True), ("有多少所学校?", True)],
)
def test_a_place_is_named_in_the_passage_its_headings_or_the_title(asked: str, sound: bool) -> None:
    of = document("湖南省教育公报")
    assert passes(check_place, asked, "学校有30所。", "二、湖北来湘帮扶", of=of) is sound
    assert not passes(check_place, "广东有多少所学校?", "学校有30所。")
    assert passes(check_place, "广东有多少所学校?", "学校有30所。", whole="援建的是广东企业。学校有30所。")


@pytest.mark.parametrize(
    ("asked", "sound"),
    [
        ("“健康小屋”有多少个?", True),
        ("“健康驿站”有多少个?", False),
        ('"健康小屋"有多少个?', True),
        ("「健康小屋」有多少個?", True),
        ("《健康·小屋》有多少个?", True),
        ("健康驿站有多少个?", True),
    ],
)
def test_a_name_in_quotation_marks_stands_in_the_passage(asked: str, sound: bool) -> None:
    assert passes(check_quoted, asked, "新建健康小屋30个。") is sound


def test_a_code_stands_in_the_sentence() -> None:
    for asked, sound in (
        ("“2+3”体系是什么?", True),
        ("2+3体系是什么?", True),
        ("2+4体系是什么?", False),
        ("12+3呢?", False),
    ):
        assert passes(check_code, asked, "构建“２+3”诊疗体系。") is sound


# Direction


@pytest.mark.parametrize(
    ("asked", "text", "sound"),
    [
        ("为什么学生人数减少了?", "学生人数比上年增加5%。", False),
        ("为什么学生人数增加了?", "学生人数比上年增加5%。", True),
        ("失业率是不是上升了?", "失业率下降至4.8%。", False),
        ("失业率下降了多少?", "失业率上升0.2个百分点。", False),
        ("失业率下降了多少?", "失业率由5%降至4.8%。", True),
        ("失业率下降了多少?", "就业人数增加3万人,失业率下降0.2个百分点。", True),
        ("就业人数增加了多少?", "失业率下降0.2个百分点,就业人数增加3万人。", True),
        ("为什么学生人数减少了?", "新建学校30所。", True),
        ("减少的学生去了哪些学校?", "学生人数比上年增加5%。", True),
        ("Why did GDP fall?", "全县GDP增长5%。", False),
    ],
)
def test_a_rise_is_not_explained_by_a_fall(asked: str, text: str, sound: bool) -> None:
    assert passes(check_direction, asked, text) is sound


def test_a_false_premise_is_corrected_in_the_document_s_words() -> None:
    question = understand("为什么学生人数减少了?")
    found = check_direction(question, evidence(question, "学生人数比上年增加5%,教师增加20名。"))
    assert found and found.correction and "“增加5%”" in found.zh and '"增加5%"' in found.en


# Kind of value


@pytest.mark.parametrize(
    ("asked", "text", "sound"),
    [
        ("学校有多少所?", "学校有30所。", True),
        ("学校有多少所?", "学校建设顺利。", False),
        ("学校有多少所?", "2016—2020年,学校建设顺利。", False),
        ("学校有多少所?", "学校覆盖率达98%。", False),
        ("学校花了多少钱?", "学校有30所。", False),
        ("学校花了多少钱?", "学校投入3亿元。", True),
        ("有多少名教师?", "教师有30名。", True),
        ("贫困人口减少了多少?", "贫困人口减少3万人。", True),
        ("贫困人口减少了多少?", "贫困人口3万人。", False),
        ("学校建设怎么样?", "学校建设顺利。", True),
        ("学校有多少所?", "东湾镇 | 30", True),
        ("学校有多少所?", "东湾镇 | 无", False),
        ("修了多少公里?", "修路153千米。", True),
        ("修了多少公里?", "修路153个。", False),
    ],
)
def test_where_a_value_is_asked_for_the_sentence_has_one_of_that_kind(asked: str, text: str, sound: bool) -> None:
    assert passes(check_value, asked, text) is sound


def test_what_is_said_of_another_name_does_not_count() -> None:
    text = "第一人民医院有床位500张;第二人民医院正在扩建。"
    assert passes(check_value, "第一人民医院有多少张床位?", text)
    assert not passes(check_value, "第二人民医院有多少张床位?", text)


def test_the_kind_that_is_missing_is_said() -> None:
    for asked, zh, en in (
        ("学校花了多少钱?", "金额", "money"), ("学校占多少?", "百分比", "percentage"), ("学校增加了多少?", "增减", "change"),
    ):  # fmt: skip
        question = understand(asked)
        found = check_value(question, evidence(question, "学校建设顺利。"))
        assert found and zh in found.zh and en in found.en


@pytest.mark.parametrize(
    ("asked", "segment"),
    [
        ("第一人民医院怎么样?", "第一人民医院500张;"),
        ("第二人民医院怎么样?", "第二人民医院300张;"),
        ("人民医院怎么样?", None),
        ("学校怎么样?", None),
    ],
)
def test_the_named_statement_is_the_one_between_semicolons_that_alone_has_the_name(
    asked: str, segment: str | None
) -> None:
    text = "第一人民医院500张;第二人民医院300张;其他100张。"
    start, end = named_segment(understand(asked), text)
    assert text[start:end] == (segment or text)


def test_common_stretches_are_as_long_as_they_can_be() -> None:
    assert common_stretches("县医院在哪", "建设县医院,县在") == [(2, 5), (6, 7), (7, 8)]
    assert common_stretches("abc12", "abc12") == []


# Districts and offices


@pytest.mark.parametrize(
    ("asked", "text", "sound"),
    [
        ("保定有多少所学校?", "保定有学校30所。", True),
        ("保定有多少所学校?", "全省有学校30所。", False),
        ("保定有多少所学校?", "保定建设加快,全省有学校30所。", False),
        ("保定有多少所学校?", "全省有学校30所,其中保定有5所。", True),
        ("保定建了什么?", "保定建设加快,全省有学校30所。", True),
        ("保定市有多少所学校?", "学校有30所,保定市也在建设。", True),
        ("全省有多少所学校?", "保定有学校30所。", True),
    ],
)
def test_a_value_of_a_district_is_said_of_that_district(asked: str, text: str, sound: bool) -> None:
    assert passes(check_district, asked, text) == sound


def test_a_district_may_be_named_by_the_heading_or_the_title() -> None:
    assert passes(check_district, "保定有多少所学校?", "学校有30所。", "二、保定市")
    assert passes(check_district, "保定有多少所学校?", "学校有30所。", of=document("保定市教育公报"))


@pytest.mark.parametrize(
    ("asked", "text", "sound"),
    [
        ("教育局的经费有多少?", "教育局经费30万元。", True),
        ("财政局的经费有多少?", "教育局经费30万元。", False),
        ("医院布局怎么样?", "医院建设加快。", True),
        ("哪个局的经费最多?", "教育局经费30万元。", True),
        ("东山机场运了多少人?", "港口运了30万人。", False),
        ("住建局的经费有多少?", "住建局经费30万元。", True),
        ("住建局的经费有多少?", "住房和城乡建设局经费30万元。", True),
        ("天津机场有多少旅客?", "滨海国际机场旅客1400万人次。", True),
        ("哪两所大学搬到新校区?", "南开和师大迁入新校区。", True),
        ("设了哪俩专门法院?", "互联网法院、金融法院成立。", True),
        ("天津市法院一年审多少案子?", "天津法院审结30万件。", True),
        ("帮扶大学生就业多少人?", "帮助毕业生就业3000人。", True),
        ("本市机场旅客多少?", "机场旅客1500万人次。", True),
        ("天津大学有多少学生?", "南开大学有学生3万人。", False),
        ("南开大学有多少学生?", "南开大学有学生3万人。", True),
    ],
)
def test_an_office_that_the_question_names_stands_in_the_passage(asked: str, text: str, sound: bool) -> None:
    assert passes(check_office, asked, text) == sound


@pytest.mark.parametrize(
    ("text", "whole", "sound"),
    [
        ("保定有学校30所。", None, True),
        ("学校有30所。", "保定建设加快。学校有30所。", True),
        ("学校有30所。", "保定建设加快,唐山随后。学校有30所。", False),
        ("学校有30所。", "建设加快。学校有30所。保定随后。", False),
    ],
)
def test_a_district_named_last_before_the_sentence_is_the_one_it_speaks_of(
    text: str, whole: str | None, sound: bool
) -> None:
    question = understand("保定有多少所学校?")
    found = evidence(question, text, whole=whole)
    sentence = replace(found.sentence, start=(whole or text).index(text))
    assert (check_district(question, replace(found, sentence=sentence)) is None) == sound


@pytest.mark.parametrize(
    ("text", "sound"),
    [("全省学校有30所。", False), ("湖南学校有20所,本省30所。", True), ("与湖南共建学校30所。", True)],
)
def test_in_a_document_about_another_place_the_sentence_names_the_place_asked_for(text: str, sound: bool) -> None:
    assert passes(check_place, "湖南有多少所学校?", text, of=document("湖北省教育公报")) == sound
    assert passes(check_place, "湖北有多少所学校?", text, of=document("湖北省教育公报"))


@pytest.mark.parametrize(
    ("text", "sound"), [("学校有30所。", False), ("全国学校有30所。", True), ("我国学校有30所。", True)]
)
def test_in_a_document_about_a_place_the_sentence_speaks_of_the_whole_country_that_is_asked_about(
    text: str, sound: bool
) -> None:
    assert passes(check_place, "全国有多少所学校?", text, of=document("湖北省教育公报")) == sound
    assert passes(check_place, "全国首个学校在哪?", text, of=document("湖北省教育公报"))
    assert passes(check_place, "全国有多少所学校?", text, of=document("教育公报"))


@pytest.mark.parametrize(
    ("asked", "text", "sound"),
    [
        ("互认的43项是哪些?", "互认项目增至43项。", False),
        ("互认的43项都叫什么?", "互认项目增至43项。", False),
        ("互认的3项是哪些?", "互认血型、血糖、血脂3项。", True),
        ("互认的43项是哪些?", "互认项目有血型、血糖等。", True),
        ("互认的有哪些?", "互认项目增至43项。", True),
        ("互认的43项用了多少钱?", "互认项目43项,用了30万元。", True),
        ("今年开通的3段新线分别是哪几条?", "以轨道交通为主,年内开通3段新线,里程达到630公里。", False),
        ("8个通高铁的市是哪几个?", "京广、张唐等铁路建成,8个市实现通高铁。", False),
        ("十大集团是哪十家?", "改革取得进展,重组十大集团,清理一批企业。", False),
        ("3段新线是哪几条?", "年内开通北线、南线等3段新线。", True),
        ("3段新线是哪几条?", "年内开通北线、南线,共3段新线。", True),
        ("3段新线是哪几条?", "年内开通3段新线,分别为北线和南线。", True),
        ("谁一共拿了3枚金牌?", "张三夺得3枚金牌。", True),
        ("哪个区建成了两座厂?", "西青区建成两座厂。", True),
        ("三大攻坚战是哪些?", "打好三大攻坚战,防范风险、精准脱贫、污染防治。", True),
        ("五大任务是什么?", "落实五大任务,一是去产能,二是去库存。", True),
    ],
)
def test_a_number_of_things_is_not_their_list(asked: str, text: str, sound: bool) -> None:
    assert passes(check_enumeration, asked, text) == sound


@pytest.mark.parametrize(
    ("asked", "text", "sound"),
    [
        ("2021年GDP是多少亿元?", "2021年地区生产总值30亿元。", True),
        ("2021年GDP是多少亿元?", "2021年农业产值30亿元。", False),
        ("固投增长了多少?", "固定资产投资增长5%。", True),
        ("固投增长了多少?", "投资增长5%。", False),
        ("农业产值是多少亿元?", "2021年农业产值30亿元。", True),
        ("2021年GDP是多少亿元?", "2021年GDP为30亿元。", True),
        ("财政收入是多少亿元?", "全年财政收入30亿元。", True),
        ("人均收入是多少元?", "农民人均收入3000元。", True),
    ],
)
def test_an_indicator_of_the_official_list_is_named(asked: str, text: str, sound: bool) -> None:
    assert passes(check_indicator, asked, text) == sound


@pytest.mark.parametrize(
    ("asked", "text", "sound"),
    [
        ("7月份物价涨了多少?", "全年居民消费价格上涨0.9%。", False),
        ("7月份物价涨了多少?", "7月份居民消费价格上涨0.9%。", True),
        ("7月份物价涨了多少?", "17月份居民消费价格上涨0.9%。", False),
        ("12月底有多少所学校?", "年末有学校30所。", True),
        ("上半年增长多少?", "全年增长5%。", False),
        ("3月15日召开的是什么会?", "召开动员会。", True),
        ("一季度有多少所?", "一季度有学校30所。", True),
        ("1至6月增长多少?", "上半年增长5%。", True),
        ("上半年增长多少?", "1—6月增长5%。", True),
        ("6月增长多少?", "2021年06月增长5%。", True),
        ("6月增长多少?", "6 月增长5%。", True),
        ("2023年1月的政府工作报告里目标是多少?", "目标是增长5%。", True),
    ],
)
def test_a_month_that_the_question_names_is_the_sentence_s(asked: str, text: str, sound: bool) -> None:
    assert passes(check_month, asked, text) == sound


def test_a_follow_up_asks_for_its_own_month_and_place() -> None:
    before = [Turn("7月深圳的游客有多少?", "")]
    question = understand("那8月杭州呢?", before)
    assert check_month(question, evidence(question, "8月杭州接待游客30万人次。")) is None
    assert check_month(question, evidence(question, "7月深圳接待游客30万人次。")) is not None
    assert check_place(question, evidence(question, "8月杭州接待游客30万人次。")) is None


def test_a_month_may_stand_in_a_heading() -> None:
    assert passes(check_month, "7月份有多少所学校?", "有学校30所。", "7月份情况")


@pytest.mark.parametrize(
    ("asked", "text", "sound"),
    [
        ("市委书记是谁?", "在市委的坚强领导下奋勇前进。", False),
        ("市委书记是谁?", "市委书记 李明出席。", True),
        ("省长叫什么名字?", "保护长城和名镇名村。", False),
        ("这项工程由谁建设?", "由集团建设。", True),
        ("北京市长城公园在哪里?", "长城公园位于延庆。", True),
        ("市长提出的三新是什么?", "坚持三新发展。", True),
    ],
)
def test_who_holds_an_office_is_told_where_the_office_is_named(asked: str, text: str, sound: bool) -> None:
    assert passes(check_post, asked, text) == sound


@pytest.mark.parametrize(
    ("asked", "text", "sound"),
    [
        ("深圳绿色出行比例是多少?", "中心城绿色出行比例提高到73%。", False),
        ("深圳绿色出行比例是多少?", "深圳绿色出行比例提高到73%。", True),
        ("美国经济增长多少?", "国内生产总值增长5%。", False),
        ("和美国谈了几轮?", "中美谈判5轮。", True),
        ("假日本市接待多少人?", "假期接待120万人。", True),
        ("河西安置房建了多少套?", "安置房建成1000套。", True),
        ("出海口治理了多少公里?", "治理3公里。", True),
    ],
)
def test_a_city_or_country_far_off_is_named_too(asked: str, text: str, sound: bool) -> None:
    assert passes(check_place, asked, text, of=document("天津报告")) == sound


@pytest.mark.parametrize(
    ("asked", "text", "sound"),
    [
        ("工商银行在县里设了什么?", "农业银行数据中心落地。", False),
        ("工商银行在县里设了什么?", "农业银行、工商银行的中心落地。", True),
        ("工商银行在县里设了什么?", "数据中心落地。", True),  # no other's: the judge may tell
        ("青白高铁修到哪了?", "青石铁路加快建设。", False),
        ("城际铁路修到哪了?", "青石铁路加快建设。", True),
        ("哪家公立医院扩建?", "县人民医院扩建。", True),
    ],
)
def test_what_is_said_of_another_of_the_kind_is_no_answer(asked: str, text: str, sound: bool) -> None:
    assert passes(check_sibling, asked, text) == sound


def test_where_the_best_speaks_of_a_sibling_another_that_names_neither_does_not_answer() -> None:
    question = understand("工商银行在县里设了什么中心?")
    sibling, neither, own = (
        evidence(question, text) for text in ("农业银行培训中心落地。", "数据中心落地。", "工商银行研发中心落地。")
    )
    assert first_sound(question, [sibling, neither])[0] is None
    assert first_sound(question, [sibling, neither, own])[0] is own
    assert first_sound(question, [neither])[0] is neither


# All checks


def test_every_kind_of_value_that_can_be_asked_for_has_words() -> None:
    for asked in ("几加几?", "占几成?", "增长了多少?", "提高到多少?", "排名第几?", "花了多少钱?", "面积多大?",
                  "要多久?", "里程多少?", "哪年?", "浓度多少?", "多少?"):  # fmt: skip
        question = understand(asked)
        found = check_value(question, evidence(question, "学校建设顺利。"))
        assert question.kind == "value" and found and found.zh and found.en


def test_the_first_check_that_fails_gives_the_reason() -> None:
    question = understand("2021年广东第六届农博会签约多少亿元?")
    of = document("湖南农业公报")
    texts = (
        "2020年第五届农博会顺利。",
        "2020年第六届农博会顺利。",
        "2020年广东第六届农博会顺利。",
        "2021年广东第六届农博会顺利。",
    )
    reasons = [objection(question, evidence(question, text, of=of)) for text in texts]
    assert [next(w for w in ("届", "广东", "2021", "金额") if r and w in r.zh) for r in reasons] == [
        "届", "广东", "2021", "金额",
    ]  # fmt: skip
    assert objection(question, evidence(question, "2021年广东第六届农博会签约30亿元。", of=of)) is None
    assert len(CHECKS) == 15


def test_the_next_sentence_answers_where_the_first_does_not() -> None:
    question = understand("2021年学校有多少所?")
    first, second = (evidence(question, t) for t in ("2020年学校有30所。", "2021年学校有31所。"))
    assert first_sound(question, [first, second])[0] is second
    reason = first_sound(question, [first, second])[1]
    assert reason and "2021年" in reason.zh
    assert first_sound(question, [second, first]) == (second, None)
    assert first_sound(question, []) == (None, None)


def test_no_other_subject_answers_for_the_one_that_was_asked_about() -> None:
    question = understand("第一人民医院有多少张床位?")
    texts = ("第一人民医院正在扩建。", "康复中心有床位300张。", "第一人民医院有床位500张。")
    first, other, same = (evidence(question, text) for text in texts)
    assert first_sound(question, [first, other])[0] is None
    assert first_sound(question, [first, other, same])[0] is same
