"""Short forms of official terms."""

import pytest

from assistant.glossary import official
from assistant.question import understand


@pytest.mark.parametrize(
    ("said", "spelt_out"),
    [
        ("gdp是多少", "生产总值是多少"),
        ("高企有几家", "高新技术企业有几家"),
        ("高企业绩好吗", "高企业绩好吗"),
        ("政府办公室", "政府办公室"),
        ("固投和社零", "固定资产投资和社会消费品零售总额"),
        ("京津冀各有几所", "京津冀各有几所"),
        ("学校有几所", "学校有几所"),
        ("给娃娃们的学位", "给儿童们的学位"),
        ("动车几条、动车组几列", "高铁几条、动车组几列"),
        ("首都机场", "首都机场"),
        ("多少箱子", "多少集装箱"),
        ("集装箱子公司", "集装箱子公司"),
        ("头一家实验室", "首家实验室"),
        ("生了多少个宝宝", "出生人口"),
        ("搞科研的钱占多少", "研发经费占多少"),
        ("城里人", "城镇人"),
        ("城里的学校", "城里的学校"),
    ],
)
def test_short_forms_are_spelt_out_and_other_words_left(said: str, spelt_out: str) -> None:
    assert official(said) == spelt_out == official(official(said))


def test_what_was_typed_stays_what_is_shown() -> None:
    question = understand("2021年GDP是多少?")
    assert question.text == "2021年GDP是多少?" and "生产总值" in question.query.text
