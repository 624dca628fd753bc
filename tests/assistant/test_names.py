"""The names of a sentence, and the one that a question asks for."""

import random
from dataclasses import replace

import numpy as np
import pytest

from assistant.names import candidates, choose_name, choose_run, official_in
from assistant.question import understand
from index import Reading
from tests.assistant.hits import offsets_of, sentence


def chosen(asked: str, text: str, *pairs: tuple[str, str]) -> str | None:
    question = understand(asked)
    return choose_name(question, sentence(question, text, *pairs), offsets_of(question))


def texts(text: str) -> list[str]:
    return [name.text for name in candidates(text)]


# Candidates


def test_terms_in_marks_and_the_stretches_between_verbs_are_candidates() -> None:
    assert texts("县卫生局印发《慢病防治办法》,推进“健康小屋”建设。") == ["《慢病防治办法》", "“健康小屋”", "县卫生局"]
    assert texts("推行“同城化”机制。") == ["“同城化”", "“同城化”机制"]  # 同 joins nothing within marks


@pytest.mark.parametrize("text", ["", "3家", "了", "的", "20%、30%。"])
def test_what_has_no_word_gives_no_candidate(text: str) -> None:
    assert candidates(text) == []


def test_candidates_of_random_sentences_are_verbatim_and_unmarked_ones_hold_no_marked_one_twice() -> None:
    made = random.Random(9)
    pieces = [
        "县医院",
        "建设",
        "《办法》",
        "“小屋”",
        "由",
        "与",
        "、",
        ",",
        "的",
        "3家",
        "(试点)",
        "农业局",
        "推进",
        "|",
        "学校",
        "",
    ]
    for _ in range(400):
        text = "".join(made.choices(pieces, k=made.randrange(1, 10)))
        found = candidates(text)
        assert all(text[n.start : n.end] == n.text == n.text.strip() for n in found)
        marked = [(n.start, n.end) for n in found if n.marked]
        assert not any(a <= n.start and n.end <= b for n in found if not n.marked for a, b in marked)


# The name that is asked for


@pytest.mark.parametrize(
    ("asked", "name"),
    [
        ("慢病防治的文件叫什么?", "《慢性病综合防治办法》"),
        ("农产品公用品牌叫什么名字?", "“沃野良仓”"),
    ],
)  # fmt: skip
def test_a_name_that_is_called_so_is_the_marked_one_near_its_description(asked: str, name: str) -> None:
    text = "县里出台《慢性病综合防治办法》加强慢病防治,把区域农产品公用品牌“沃野良仓”做强,守护农民的身体。"
    assert chosen(asked, text) == name


@pytest.mark.parametrize(
    ("asked", "party"),
    [("谁承建县医院新院区?", "华泰建工集团"), ("哪家单位承建县医院新院区?", "华泰建工集团")],
)
def test_a_party_that_the_question_does_not_name_is_told(asked: str, party: str) -> None:
    assert chosen(asked, "县医院新院区由华泰建工集团承建,明年投入使用。") == party


def test_a_party_named_in_the_question_is_no_answer() -> None:
    assert chosen("县教育局与谁合作培训教师?", "县教育局与省师范大学联合培训教师。") == "省师范大学"
    assert chosen("省师范大学与谁合作培训教师?", "县教育局与省师范大学联合培训教师。") == "县教育局"


def test_who_is_answered_by_no_document_and_no_project() -> None:
    assert chosen("谁负责学校食堂安全?", "按《校园食品安全守则》加强“明厨亮灶”工程。") is None


def test_which_one_is_answered_by_a_name_that_ends_as_the_noun_asked_with() -> None:
    text = "把青河水库纳入除险加固,把东湾泵站纳入技术改造。"
    assert chosen("纳入除险加固的是哪座水库?", text) == "青河水库"
    assert chosen("纳入技术改造的是哪座泵站?", text) == "东湾泵站"
    assert chosen("纳入技术改造的是哪座桥梁?", text) is None


def test_the_verb_behind_the_noun_asked_with_is_no_part_of_it() -> None:
    assert chosen("哪条公路纳入国家规划?", "把青石公路纳入国家规划,农民日报与国家广播电台宣传。") == "青石公路"


@pytest.mark.parametrize("asked", ["农博会在哪里举办?", "农博会在哪儿举办?", "农博会在哪举行?"])
def test_where_is_answered_by_a_place_and_by_no_slogan(asked: str) -> None:
    assert chosen(asked, "以“稻香”为主题的农博会在会展中心举办。") == "会展中心"
    assert chosen(asked, "以“稻香”为主题的农博会顺利举办。") is None


def test_in_english_a_party_that_the_question_names_is_no_answer_though_no_word_is_met_literally() -> None:
    pairs = (("hospital", "县医院"), ("builds", "承建"))
    assert chosen("Who builds the hospital?", "县医院由华泰集团承建。", *pairs) == "华泰集团"


def test_between_two_that_fit_alike_none_is_named() -> None:
    assert chosen("谁帮扶山区小学?", "甲州大学、乙州大学帮扶山区小学。") is None
    assert chosen("谁帮扶山区小学?", "甲州大学帮扶山区小学。") == "甲州大学"


@pytest.mark.parametrize("asked", ["哪两所大学帮扶山区小学?", "哪几家单位帮扶山区小学?", "哪些单位帮扶山区小学?"])
def test_where_several_are_asked_for_none_is_named(asked: str) -> None:
    assert chosen(asked, "甲州大学帮扶山区小学。") is None


def test_without_token_vectors_no_name_is_told() -> None:
    question = understand("谁承建县医院?")
    hit = sentence(question, "华泰集团承建县医院。")
    bare = replace(hit, similarity=np.zeros((0, 0), np.float32))
    assert choose_name(question, hit, offsets_of(question)) == "华泰集团"
    assert choose_name(question, bare, offsets_of(question)) is None


def test_a_chosen_name_stands_in_its_sentence_and_not_in_the_question() -> None:
    made = random.Random(13)
    parties = ["华泰集团", "县卫生局", "省农业大学", "市供销公司", "镇中心学校"]
    deeds = ["承建粮库", "培训农民", "采购疫苗", "管理食堂"]
    named = 0
    for _ in range(100):
        first, second = made.sample(parties, 2)
        deed, other = made.sample(deeds, 2)
        text = f"由{first}{deed},与{second}联合{other}。"
        name = chosen(f"谁{deed}?", text)
        named += name is not None
        assert name is None or name in text
        assert chosen(f"{first}与谁联合{other}?", text) != first
    assert named > 30


# The judge


def reading_of(text: str, *said: tuple[str, float]) -> Reading:
    """A reading that gives stretches of a sentence, a token a character, their probabilities."""
    starts, ends = (np.full(len(text.replace(" ", "")), -15.0, np.float32) for _ in range(2))
    for stretch, chance in said:
        at = text.index(stretch)
        starts[at] = ends[at + len(stretch) - 1] = np.log(chance) / 2
    return Reading(0.9, starts, ends)


def read(asked: str, text: str, *said: tuple[str, float]) -> str | None:
    question = understand(asked)
    return choose_name(question, sentence(question, text), offsets_of(question), reading_of(text, *said))


def test_the_judge_names_what_the_rules_do_not() -> None:
    asked, text = "县医院的食堂交给谁了?", "县医院食堂由老张饭馆经营。"
    assert chosen(asked, text) is None
    assert read(asked, text, ("老张饭馆", 0.9)) == "老张饭馆"


def test_between_two_that_are_alike_else_the_judge_decides() -> None:
    asked, text = "接收老人的是哪家医院?", "东山医院接收病人,西山医院接收老人。"
    assert read(asked, text, ("西山医院", 0.9)) == "西山医院"
    text = "农业银行数据中心、建设银行培训中心落地。"
    assert read("哪个中心落了地?", text, ("农业银行数据中心", 0.9), ("建设银行培训中心", 0.01)) == "农业银行数据中心"
    assert read("哪个中心落了地?", text, ("农业银行数据中心", 0.01), ("建设银行培训中心", 0.9)) == "建设银行培训中心"


def test_a_name_crosses_no_mark_and_keeps_its_quotes_whatever_the_judge_finds() -> None:
    text = "出台“一老一小”照护办法,县养老院、县托育园开放。"
    for said in ("养老院、县托育园", "办法,县养老院", "老一小”照护办法"):
        name = read("开放的是什么机构?", text, (said, 0.95))
        assert name != said and (name is None or name in text)


def test_what_the_question_says_itself_and_one_of_several_is_no_answer_whatever_the_judge_finds() -> None:
    text = "华泰集团承建县医院。"
    assert read("谁承建县医院?", text, ("县医院", 0.9), ("华泰集团", 0.05)) == "华泰集团"
    assert read("哪些单位承建县医院?", text, ("华泰集团", 0.95)) is None


# So many of them


@pytest.mark.parametrize(
    ("asked", "text", "run"),
    [
        ("哪两个县建了医院?", "东山县、西山县建设医院。", "东山县、西山县"),
        ("哪俩县建了医院?", "东山县和西山县完成医院建设,南山县、北山县、中山县开展培训。", "东山县和西山县"),
        ("哪三个县建了医院?", "东山县、西山县建设医院。", None),
        ("哪三样要一起治?", "强化大气、水、土壤治理。", "大气、水、土壤治理"),
        ("哪些县建了医院?", "东山县、西山县建设医院。", None),
    ],
)
def test_a_run_of_just_so_many_things_is_the_short_answer(asked: str, text: str, run: str | None) -> None:
    question = understand(asked)
    assert choose_run(question, sentence(question, text), offsets_of(question)) == run


@pytest.mark.parametrize(
    ("asked", "text", "means"),
    [
        ("靠什么帮山区?", "依托乡村医生、流动诊室服务山区。", "乡村医生、流动诊室"),
        ("拿啥帮山区?", "通过网络课堂帮扶山区。", "网络课堂"),
        ("靠什么帮山区?", "帮扶山区。", None),
    ],
)
def test_what_something_is_done_with_stands_behind_the_word_for_with(asked: str, text: str, means: str | None) -> None:
    assert chosen(asked, text) == means


def test_a_place_that_ends_in_one_the_question_names_is_named_by_it() -> None:
    assert chosen("跟谁签了支持雄安的协议?", "与华泰集团签署支持河北雄安新区的协议。") == "华泰集团"


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("甲州市市长 李某某", "李某某"),
        ("甲州省人民政府代省长　王某", "王某"),
        ("2020年1月在会议上甲州市市长 张某同志作报告。", "张某"),
        ("县委书记 赵某某", "赵某某"),
        ("经济增长快速。", None),
        ("建立河长制,市长热线开通。", None),
    ],
)
def test_who_is_answered_by_the_name_behind_an_office(text: str, name: str | None) -> None:
    assert official_in(text) == name
    if name:
        assert chosen("谁作的报告?", text) == name


# Kinds, descriptions, marks


@pytest.mark.parametrize(
    ("asked", "text", "pairs", "name"),
    [
        (
            "去山里的火车线叫什么?",
            "青山城际铁路纳入规划,县一中山里校区建设推进。",
            (("山里", "青山"), ("火车", "铁路")),
            "青山城际铁路",
        ),
        (
            "Which railway is built next?",
            "持续打造“路上的青石”,加快推进青白铁路等项目建设。",
            (("railway", "铁路"), ("built", "建设")),
            "青白铁路",
        ),
        ("哪家厂子评上了灯塔工厂?", "青石轴承厂入选世界“灯塔工厂”。", (("灯塔工厂", "灯塔工厂"),), "青石轴承厂"),
        (
            "头一家县级实验室叫什么?",
            "首家县实验室——白杨钢铁实验室挂牌成立。",
            (("县级", "县"), ("头一家", "首家")),
            "白杨钢铁实验室",
        ),
        ("那个智能体叫什么?", "发布首个通用智能体“通通”。", (("智能体", "智能体"),), "“通通”"),
        (
            "Who did Tianjin Port sign the agreement with?",
            "天津港集团与河北盐业集团签署《协议》,渤海港口公司实现增长。",
            (("agreement", "《协议》"), ("sign", "签署"), ("Port", "港")),
            "河北盐业集团",
        ),
        ("谁给农户上课?", "县职业学院等一批院校为农户提供培训。", (("上课", "培训"), ("农户", "农户")), "县职业学院"),
    ],
)
def test_a_kind_a_description_or_a_mark_tells_the_name(
    asked: str, text: str, pairs: tuple[tuple[str, str], ...], name: str
) -> None:
    assert chosen(asked, text, *pairs) == name


def test_a_mark_keeps_its_partner() -> None:
    assert "世界“灯塔工厂”" in texts("轴承厂入选世界“灯塔工厂”。")
