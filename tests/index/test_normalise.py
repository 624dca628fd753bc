import unicodedata

import pytest

from index import matching_form, normalise, simplified, terms, traditional


@pytest.mark.parametrize(
    ("written", "form"),
    [
        ("２０２１年，天津港", "2021年,天津港"),
        ("ＰＭ２．５", "pm2.5"),
        ("天津與河北職校結對", "天津与河北职校结对"),
        ("京津冀", "京津冀"),
        ("①㎡", "1m2"),
        ("", ""),
    ],
)
def test_forms_that_a_reader_takes_for_the_same_become_the_same(written: str, form: str) -> None:
    assert matching_form(written) == form


@pytest.mark.parametrize("text", ["後臺乾燥機裏面", "頭髮發展", "Ａ與Ｂ", "𠮷野家", "e\u0301與", "只有简体", ""])
def test_simplified_keeps_every_offset(text: str) -> None:
    assert len(simplified(text)) == len(text)


def test_a_phrase_that_would_become_shorter_is_converted_character_by_character(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Phrases:
        """貨櫃 is one character to it, 貨 alone another, and 與 two."""

        def convert(self, text: str) -> str:
            return text.replace("貨櫃", "箱").replace("貨", "货").replace("與", "以及")

    monkeypatch.setattr(normalise, "_converter", Phrases)
    assert simplified("貨櫃和貨") == "货櫃和货"
    assert simplified("與貨") == "與货"


def test_simplified_changes_characters_only() -> None:
    assert simplified("貨櫃,２０２１年 A") == "货柜,２０２１年 A"


def test_traditional_writes_the_program_s_words_for_a_traditional_reader() -> None:
    assert traditional("文档中没有找到答案") == "文檔中沒有找到答案"


def test_the_whole_report_keeps_its_form_under_folding(report: str) -> None:
    """Folded once it is folded for good, and folding finds no more characters than NFKC does."""
    form = matching_form(report)
    assert matching_form(form) == form
    assert len(form) == len(unicodedata.normalize("NFKC", report))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("天津港", ["天津", "津港"]),
        ("港", ["港"]),
        ("天津,港口", ["天津", "港口"]),
        ("超2000万标准箱", ["超", "2000", "万标", "标准", "准箱"]),
        ("增长10.4%", ["增长", "10.4"]),
        ("PM2.5平均", ["pm2.5", "平均"]),
        ("１０．４％", ["10.4"]),
        ("貨櫃", ["货柜"]),
        ("New Area_2", ["new", "area", "2"]),
        ("3.", ["3"]),
        ("“”、。", []),
        ("", []),
    ],
)
def test_terms_are_character_bigrams_and_whole_words(text: str, expected: list[str]) -> None:
    assert terms(text) == expected


def test_a_quotation_mark_never_gets_into_a_search_term() -> None:
    assert not any('"' in term for term in terms('说"你好"AND(NOT x*) OR "y'))
