"""The values of a sentence, and the one that a question asks for."""

import itertools
import random
import re

import pytest

from assistant.question import understand
from assistant.types import Turn
from assistant.values import accepts, choose_value, figure_spans, values_in
from tests.assistant.hits import offsets_of, sentence


def told(text: str) -> list[tuple[str, str]]:
    return [(value.text, value.value_class) for value in values_in(text)]


def chosen(asked: str, text: str, *pairs: tuple[str, str]) -> str | None:
    question = understand(asked)
    found = choose_value(question, sentence(question, text, *pairs), offsets_of(question), (0, len(text)))
    return found[0].text if found else None


# The values of a sentence


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("产量超650亿斤", [("超650亿斤", "count")]),
        ("投入近3.5亿元,惠及约1200余户", [("近3.5亿元", "money"), ("约1200余户", "count")]),
        ("接种1,234,567人次", [("1,234,567人次", "count")]),
        ("报销75％左右", [("75％左右", "percent")]),
        ("降至38微克／立方米以下", [("38微克／立方米以下", "concentration")]),
        ("覆盖98.6%以上,提高3个百分点", [("98.6%以上", "percent"), ("3个百分点", "percent")]),
        ("电梯418部,种树3万棵", [("418部", "count"), ("3万棵", "count")]),
        ("13部门联合发文", [("13", "count")]),
        ("保费收入[55]51247亿元", [("51247亿元", "money")]),
        ("列第3位,居前10名", [("第3位", "rank"), ("前10名", "rank")]),
        ("第3批共5件", [("第3批", "count"), ("5件", "count")]),
        ("病床1000多张", [("1000多张", "count")]),
        ("造林20余万亩,治沙2.5公顷", [("20余万亩", "area"), ("2.5公顷", "area")]),
        ("不少于2小时,不超过30天", [("不少于2小时", "time"), ("不超过30天", "time")]),
        ("臭氧35微克/立方米", [("35微克/立方米", "concentration")]),
        ("岸线153千米,管线12.5km", [("153千米", "length"), ("12.5km", "length")]),
        ("用电1.2亿千瓦时,装机200MW", [("1.2亿千瓦时", "count"), ("200MW", "count")]),
        ("重5千克,共3千多人", [("5千克", "count"), ("3千多人", "count")]),
        ("下降-3.2%", [("-3.2%", "percent")]),
        ("推进“1+3+4”体系", [("“1+3+4”", "code")]),
        ("2+26城市共28个", [("2+26", "code"), ("28个", "count")]),
        ("“8·12”事故后投入3亿元", [("3亿元", "money")]),
        ("学制3年,2021年招生", [("3年", "time"), ("2021年", "date")]),
    ],
)
def test_a_value_has_its_qualifier_scale_unit_and_bound_and_a_class(text: str, values: list[tuple[str, str]]) -> None:
    assert told(text) == values


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("于2021年3月15日启用", "2021年3月15日"),
        ("于3月15日启用", "3月15日"),
        ("2021年6月启用", "2021年6月"),
        ("2021年底前启用", "2021年底"),
        ("2021-03-15启用", "2021-03-15"),
        ("2021年启用", "2021年"),
        ("2016—2020年建设", "2016—2020年"),
    ],
)
def test_a_date_is_one_value_however_exact(text: str, date: str) -> None:
    assert told(text) == [(date, "date")]


@pytest.mark.parametrize("text", ["10—15天", "5%—8%", "100~200元", "第3—5名"])
def test_a_range_is_one_value(text: str) -> None:
    assert [value.text for value in values_in(f"为{text}。")] == [text]


@pytest.mark.parametrize(
    "text", ["PM2.5", "H7N9", "COVID-19", "G20峰会", "K12教育", "5G网络", "3S店", "5A级景区", "一二三"]
)
def test_a_digit_in_a_name_is_no_value(text: str) -> None:
    assert values_in(f"关于{text}的工作") == []


def test_values_of_random_sentences_are_verbatim_in_order_apart_and_hold_every_bare_number() -> None:
    made = random.Random(3)
    pieces = [
        "约",
        "超",
        "第",
        "12",
        "3.5",
        "1,200",
        "2021",
        "万",
        "亿",
        "余",
        "%",
        "％",
        "家",
        "元",
        "年",
        "月",
        "日",
        "个百分点",
        "以上",
        "、",
        ",",
        "医院",
        "增长",
        "+",
        "-",
        "—",
        "PM2.5",
        "千瓦时",
    ]
    for _ in range(600):
        text = "".join(made.choices(pieces, k=made.randrange(1, 12)))
        values = values_in(text)
        assert all(text[v.start : v.end] == v.text and v.unit in v.text for v in values)
        assert all(a.end <= b.start for a, b in itertools.pairwise(values))
        spans = [(v.start, v.end) for v in values]
        for number in re.finditer(r"(?<![\d.,A-Za-z\-—+])\d+(?:\.\d+)?(?![\d.,A-Za-z\-—+])", text):
            assert any(a <= number.start() and number.end() <= b for a, b in spans), (text, number)


# What can answer


@pytest.mark.parametrize(
    ("asked", "value", "fits"),
    [
        ("多少公里?", "153千米", True),
        ("多少千米?", "153公里", True),
        ("多少公里?", "153米", False),
        ("多少万吨?", "5亿吨", True),
        ("多少吨?", "5箱", False),
        ("有多少家?", "5户", True),
        ("有多少家?", "5%", False),
        ("占比是多少?", "5%", True),
        ("占比是多少?", "5个", False),
        ("花了多少钱?", "5亿元", True),
        ("花了多少钱?", "5亿人", False),
        ("排名第几?", "第5位", True),
        ("排名第几?", "5位", False),
        ("哪年?", "2021年", True),
        ("有多少?", "2021年", False),
        ("几加几?", "“1+4”", True),
        ("提高到多少?", "5元", True),
        ("提高到多少?", "5%", True),
    ],
)
def test_a_value_fits_by_its_class_and_by_the_unit_asked_for(asked: str, value: str, fits: bool) -> None:
    (only,) = values_in(value)
    assert accepts(understand(asked), only) is fits


@pytest.mark.parametrize(
    ("text", "change"), [("增加5.2%", True), ("减少了3万人", True), ("增加5亿元", True), ("有3万人", False)]
)
def test_a_change_is_a_percentage_or_what_stands_behind_a_verb_of_change(text: str, change: bool) -> None:
    assert accepts(understand("贫困人口减少了多少?"), values_in(text)[0]) is change


# The value that is asked for


def test_the_value_nearest_to_its_name_is_chosen() -> None:
    text = "新建医院3家,改造学校20所,培训教师500名。"
    assert chosen("新建了多少医院?", text) == "3家"
    assert chosen("改造了多少学校?", text) == "20所"
    assert chosen("培训了多少教师?", text) == "500名"


def test_a_name_that_the_question_says_otherwise_leads_to_its_value_too() -> None:
    text = "新建医院3家,改造学校20所,培训教师500名。"
    assert chosen("老师有多少?", text, ("老师", "教师")) == "500名"
    assert chosen("看病的地方有多少?", text, ("看病的地方", "医院")) == "3家"


def test_the_class_asked_for_is_taken_before_what_stands_nearer() -> None:
    text = "小学招生1200人,占全县45%,投入3亿元。"
    assert chosen("小学占百分之几?", text) == "45%"
    assert chosen("小学投入多少钱?", text) == "3亿元"
    assert chosen("小学招生多少人?", text) == "1200人"
    assert chosen("小学排名第几?", text) is None


def test_the_measure_word_asked_with_decides_between_neighbours() -> None:
    text = "乡村诊所共15个86名。"
    assert chosen("乡村诊所有多少名?", text) == "86名"
    assert chosen("乡村诊所有多少个?", text) == "15个"


@pytest.mark.parametrize(
    ("asked", "value"),
    [
        ("与河北结对的天津院校有几所", "10所"),
        ("和天津结对的河北院校有几所", "19所"),
        ("天津几所院校跟河北结了对", "10所"),
    ],
)
def test_a_value_of_the_other_side_is_not_taken_for_one_s_own(asked: str, value: str) -> None:
    assert chosen(asked, "天津10所院校与河北省19所院校结对。") == value


@pytest.mark.parametrize(
    ("asked", "value"), [("进口通关时间多少小时", "36.63小时"), ("出口通关时间多少小时", "0.47小时")]
)
def test_of_two_opposites_in_one_word_each_has_its_own_value(asked: str, value: str) -> None:
    assert chosen(asked, "口岸进、出整体通关时间降至36.63小时、0.47小时。") == value


@pytest.mark.parametrize(
    ("asked", "value"),
    [("小学在校生增长了多少?", "8%"), ("初中在校生增长了多少?", "5%"), ("高中在校生增长了多少?", "2%")],
)
def test_of_coordinated_values_the_one_is_chosen_that_stands_where_its_name_does(asked: str, value: str) -> None:
    assert chosen(asked, "小学、初中、高中在校生分别增长8%、5%、2%。") == value


def test_from_one_value_to_another_the_result_is_told_unless_the_start_is_asked_for() -> None:
    text = "报销比例由50%提高至70%。"
    assert chosen("报销比例是多少?", text) == "70%"
    assert chosen("报销比例原先是多少?", text) == "50%"
    assert chosen("办理时限是几天?", "办理时限从20天压减到5天,惠及企业300家。") == "5天"


def test_a_date_is_told_whole() -> None:
    assert chosen("新医院什么时候启用?", "新医院于2021年3月15日启用,设床位500张。") == "2021年3月15日"


@pytest.mark.parametrize(
    ("asked", "text", "value"),
    [
        ("580座公厕里东城改几座?", "完成580座公厕改造。", None),
        ("580座公厕里东城改几座?", "完成580座公厕改造,东城60座。", "60座"),
        ("发行1.3万亿元国债分几次?", "发行国债1.3万亿元。", None),
        ("20项工程投资多少亿元?", "20项工程投资20亿元。", "20亿元"),
        ("5条线有多少个站?", "5条线有15个站。", "15个"),
    ],
)
def test_what_the_question_says_itself_is_no_answer(asked: str, text: str, value: str | None) -> None:
    assert chosen(asked, text) == value


def test_what_the_question_before_said_may_be_the_answer() -> None:
    question = understand("那一共多少座?", [Turn("580座公厕改了几座?", "")])
    value = next(v for v in values_in("全区共有公厕580座。") if v.text == "580座")
    assert accepts(question, value)


def test_a_date_that_another_is_compared_with_is_no_answer() -> None:
    assert chosen("这条路哪年通车?", "高速开工建设,里程比2010年增加2000公里。") is None
    assert chosen("这条路哪年通车?", "2015年通车,里程比2010年增加2000公里。") == "2015年"


def test_a_value_outside_the_window_is_never_chosen() -> None:
    question, text = understand("学校有多少所?"), "医院3家;学校20所。"
    hit = sentence(question, text)
    for window, value in (((0, 6), "3家"), ((6, len(text)), "20所"), ((0, 2), None)):
        found = choose_value(question, hit, offsets_of(question), window)
        assert (found[0].text if found else None) == value


def test_random_lists_of_things_give_each_thing_its_own_number() -> None:
    made = random.Random(5)
    things = ["幼儿园", "卫生室", "图书馆", "蔬菜大棚", "污水站", "敬老院", "粮库", "体育馆"]
    for _ in range(60):
        named = made.sample(things, 4)
        counts = [str(n) for n in made.sample(range(2, 900), 4)]
        text = ",".join(f"建成{thing}{n}个" for thing, n in zip(named, counts, strict=True)) + "。"
        for thing, n in zip(named, counts, strict=True):
            assert chosen(f"{thing}有多少个?", text) == f"{n}个", text


# Ranks in words, strict measures, parts of a whole


@pytest.mark.parametrize(
    ("text", "ranks"),
    [
        ("成为全国第二大粮仓。", ["第二"]),
        ("夺得冠军。", ["冠军"]),
        ("排名第3位,居首位。", ["第3位", "首位"]),
        ("第二期工程,第三产业,第一批学校,第十二届农博会。", []),
    ],
)
def test_ranks_are_told_in_words_too(text: str, ranks: list[str]) -> None:
    assert [v.text for v in values_in(text) if v.value_class == "rank"] == ranks


@pytest.mark.parametrize(
    ("asked", "text", "value"),
    [
        ("结婚的有多少对?", "登记结婚30对,新生儿50名。", "30对"),
        ("结婚的有多少对?", "新生儿50名。", None),
        ("来了多少人次?", "演出50场次,游客30万人次。", "30万人次"),
        ("上网的有多少人?", "上网人数38万人,其中宽带上网人数35万人。", "38万人"),
        ("采购花了多少钱?", "采购金额21万元,其中:货物采购金额21.5万元。", "21万元"),
    ],
)
def test_the_measure_asked_with_and_the_whole_go_before(asked: str, text: str, value: str | None) -> None:
    assert chosen(asked, text) == value


@pytest.mark.parametrize(
    ("asked", "text", "value"),
    [
        ("方案分几个方面?", "方案有6方面24条任务。", "6方面"),
        ("拨款分几拨发的?", "分3批拨付项目款200万元。", "3批"),
        ("养老院扩建到第几期了?", "养老院三期扩建,投资2亿元。", "三期"),
        ("行动计划管几年?", "制定教育三年行动计划。", "三年"),
        ("评上的是几级医院?", "一批三级医院派出团队20人。", "三级"),
        ("来了几个专家?", "一个团队的专家5名。", "5名"),
        ("全县一共多少个公园?", "新增公园35个、全县公园总数达1100个。", "1100个"),
        ("全县新增多少个公园?", "新增公园35个、全县公园总数达1100个。", "35个"),
        ("拉来多少个投资项目?", "引进投资项目41个,到位6亿元。", "41个"),
        ("报价多少钱?", "报价共12项,合计 ￥125000。", "￥125000"),
        ("企业数蹿了多少?", "企业3000家,企业数增长18%。", "18%"),
    ],
)
def test_the_measure_word_the_whole_and_a_change_decide(asked: str, text: str, value: str) -> None:
    assert chosen(asked, text) == value


def test_figures_are_values_but_for_dates_and_names_of_numbers() -> None:
    text = "2021年起草“1+4”协议,吞吐量超2000万标准箱,由第24位升至第20位。"
    assert [text[a:b] for a, b in figure_spans(text)] == ["超2000万标准箱", "第24位", "第20位"]
