import pytest

from index.figure_names import Named, named, place_of
from index.quantities import mentions


def of(sentence: str, place: str = "") -> list[Named]:
    return named(sentence, mentions(sentence), place)


def indicators(sentence: str) -> list[str]:
    return [n.indicator for n in of(sentence)]


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("集装箱吞吐量完成超2000万标准箱,比上年增长10.4%", ["集装箱吞吐量", "集装箱吞吐量增长"]),
        ("29个泊位实现岸基供电全覆盖", ["泊位"]),
        (
            "引进投资项目4149个,投资到位额6056亿元,占全市引进内资的42%",
            ["引进投资项目", "投资到位额", "占全市引进内资的比重"],
        ),
        ("有序推进736平方千米绿色生态屏障建设", ["绿色生态屏障建设"]),
        ("企业数、机构数比上年分别增长188%、281%", ["企业数增长", "机构数增长"]),
        ("6方面24条133项具体任务得到落实", ["", "", "具体任务"]),
        ("出台《改革工作方案》,4方面16项举措加快落地", ["改革工作方案", "举措"]),
        ("首届未来之城场景汇", ["未来之城场景汇"]),
        ("第五届世界智能大会开幕", ["世界智能大会开幕"]),
        ("三类海水占14.1%,上升8.1个百分点", ["三类海水占比", "三类海水占比上升"]),
        ("国内生产总值[2]397983亿元", ["国内生产总值"]),
        ("其中,食品价格上涨7.2%", ["食品价格上涨"]),
        ("新增15家备案博物馆", ["备案博物馆"]),
        ("2019年视察天津", ["视察天津"]),
        ("有效专利119.3万件,占78.5%", ["有效专利", "有效专利占比"]),
        ("推进柳林公园二期建设", ["推进柳林公园建设"]),
    ],
)
def test_the_indicator_stands_before_an_amount_and_behind_a_count(sentence: str, expected: list[str]) -> None:
    assert indicators(sentence) == expected


def test_a_figure_has_the_change_that_is_told_of_it() -> None:
    changes = [n.change for n in of("吞吐量2000万箱,比上年增长10.4%;排名由全球第24位上升至第20位;占比提升到63.9%")]
    assert changes == ["比上年增长10.4%", "比上年增长10.4%", "", "由全球第24位上升至第20位", "提升到63.9%"]


def test_what_is_done_to_things_that_are_counted_is_no_change() -> None:
    assert [n.change for n in of("优化提升12个主导产业")] == [""]


@pytest.mark.parametrize(
    ("sentence", "entity"),
    [
        ("2021年天津口岸通关时间降至36小时", "天津口岸"),
        ("河北省19所院校参加", "河北省"),
        ("向滨海新区下放622项权力", "滨海新区"),
        ("全市地区生产总值增长4.3%", "天津市"),
        ("全国有19%的地区", "全国"),
        ("签署市企合作协议31个", "天津市"),
        ("力争全国重点实验室突破20家", "天津市"),
        ("大兴机场验收;8家企业落户", "天津市"),
        ("示范区收入增长10%", "天津市"),
        ("老旧小区改造3057个", "天津市"),
        ("深化城市更新,完成3项", "天津市"),
    ],
)
def test_the_entity_is_the_organisation_or_place_named_last_else_the_documents(sentence: str, entity: str) -> None:
    assert of(sentence, "天津市")[-1].entity == entity


def test_the_place_of_a_document_is_in_its_title_file_name_or_publisher() -> None:
    assert place_of("政府工作报告(2023年1月11日在天津市第十八届人民代表大会上)", "a.txt", None) == "天津市"
    assert place_of("2025年北京市政府工作报告", "b.docx", None) == "北京市"
    assert place_of("预算", "c.pdf", "上海市普陀区司法局") == "上海市普陀区"
    assert place_of("中华人民共和国2010年统计公报", "d.md", None) == "全国"
    assert place_of("会议纪要", "e.txt", None) == ""
