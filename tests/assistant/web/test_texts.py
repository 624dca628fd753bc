import re
from pathlib import Path
from string import Formatter

import pytest

from assistant.web.texts import PAIRS, Words, choose_language

WEB = Path(__file__).parents[3] / "assistant" / "web"


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def test_both_languages_say_everything_with_the_same_values() -> None:
    for key, (chinese, english) in PAIRS.items():
        assert chinese.strip() and english.strip(), key
        assert fields(chinese) == fields(english), key


def test_no_english_text_is_left_in_chinese() -> None:
    alike = {"title", "other_language", "example_1", "example_2", "example_3"}
    chinese = re.compile(r"[\u4e00-\u9fff]")
    assert [key for key, (_, english) in PAIRS.items() if chinese.search(english) and key not in alike] == []


def test_the_pages_say_nothing_that_is_not_in_the_texts() -> None:
    for path in WEB.glob("*.py"):
        if path.name not in ("texts.py", "address.py"):  # messages on the terminal carry both languages
            code = re.sub(r'"""(.|\n)*?"""|#.*', "", path.read_text("utf-8")).replace("协同问答", "")
            assert not re.search(r"[\u4e00-\u9fff]", code), path.name


def test_values_are_filled_in() -> None:
    assert Words("zh")("removed", title="甲{乙}") == "已移除《甲{乙}》。"
    assert Words("en").of({"zh": "坏", "en": "bad"}) == "bad"


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", "zh"),
        ("en-US,en;q=0.9", "en"),
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh"),
        ("fr-FR,fr;q=0.9,en;q=0.5", "en"),
        ("fr", "zh"),
        ("zh;q=0.3,en;q=0.7", "en"),
        ("en;q=broken", "en"),
    ],
)
def test_the_language_follows_the_browser(header: str, language: str) -> None:
    assert choose_language(header) == language
