"""What a question takes for granted, where the sentence says otherwise."""

import pytest

from assistant.premises import check_denied
from assistant.question import understand
from tests.assistant.hits import evidence


@pytest.mark.parametrize(
    ("asked", "text", "said"),
    [
        ("县医院扩建为什么没批下来?", "县医院扩建获省里批准,明年动工。", "县医院扩建获省里批准"),
        ("环城路怎么到现在还没通车?", "环城路全线建成通车。", "环城路全线建成通车"),
        ("年度任务里没完成的有几项?", "全县年度任务全部完成。", "全县年度任务全部完成"),
        ("农村班车为啥取消了?", "农村班车覆盖全部乡镇。", "农村班车覆盖全部乡镇"),
        ("灌区工程黄了是啥原因?", "灌区工程顺利建成。", "灌区工程顺利建成"),
        ("赶集日为何推迟?", "赶集日如期举行。", "赶集日如期举行"),
        ("水库水质咋越来越差?", "水库水质明显改善。", "水库水质明显改善"),
    ],
)
def test_what_did_not_happen_or_came_to_an_end_is_corrected_by_a_sentence_that_says_it_did(
    asked: str, text: str, said: str
) -> None:
    question = understand(asked)
    found = check_denied(question, evidence(question, text))
    assert found and found.correction and found.zh == f"文档说的是“{said}”"
    assert said in found.en


@pytest.mark.parametrize(
    ("asked", "text"),
    [
        ("为什么粮食产量没达到目标?", "受干旱影响,粮食产量没有达到预期目标。"),
        ("外贸为啥没完成任务?", "进出口总额下降,目标未能实现。"),
        ("没完成的指标是哪几项?", "2项指标未完成。"),
        ("哪项收费取消了?", "停征农机检验费。"),
        ("农村班车是否取消了?", "农村班车覆盖全部乡镇。"),  # asked, not taken for granted
        ("有没有建成养老院?", "建成养老院2所。"),
        ("工程为什么推迟?", "受汛期影响,工程延期半年。"),
        ("养老院为什么受欢迎?", "养老院离家近。"),
        ("没上市的公司里谁先发债?", "华泰集团发行债券,为全县首家。"),
    ],
)
def test_a_sentence_that_says_so_too_and_a_question_that_takes_nothing_for_granted_pass(asked: str, text: str) -> None:
    question = understand(asked)
    assert check_denied(question, evidence(question, text)) is None


def test_a_sentence_about_something_else_is_no_correction() -> None:
    question = understand("马拉松项目为什么取消了?")
    for text in ("粮食产量增长。", "引进项目41个。"):
        found = check_denied(question, evidence(question, text))
        assert found and not found.correction
